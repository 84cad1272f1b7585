//! The identity vault: who reported, apart from the case and under a key of its own. The caller
//! journals every reading in the same transaction (INV-5, decision 16).

use crate::args;
use crate::engine::Tx;
use crate::erasures::{self, Erasure};
use crate::error::StoreError;
use crate::seal;
use entente_domain::ids::{CaseId, ReportId};

crate::statements! {
    PUT = "INSERT INTO vault (report, case_id, wrapped_key, body) VALUES ($1, $2, $3, $4)";
    GET = "SELECT wrapped_key, body, case_id FROM vault WHERE report = $1";
    ERASE = "UPDATE vault SET wrapped_key = NULL, body = $2 WHERE report = $1";
    ERASE_OF_CASE = "UPDATE vault SET wrapped_key = NULL, body = $2 WHERE case_id = $1 OR report IN (SELECT id FROM reports WHERE case_id = $1)";
}

/// Keeps an identity.
pub fn put(
    tx: &mut Tx<'_>,
    report: ReportId,
    case: CaseId,
    identity: &[u8],
) -> Result<(), StoreError> {
    let vault = tx.keys().derive("entente identity vault");
    let item = zeroize::Zeroizing::new(tx.random().bytes::<32>());
    let wrapped = seal::wrap_key(&vault, report.0.as_bytes(), &item, tx.random())?;
    let sealed = seal::seal_row(&item, "vault", args![report, case], identity, tx.random())?;
    tx.execute(PUT, args![report, case, wrapped, sealed])?;
    Ok(())
}

/// Opens an identity; `None` if there is none or it was erased.
pub fn open(tx: &mut Tx<'_>, report: ReportId) -> Result<Option<Vec<u8>>, StoreError> {
    tx.needs_viewer()?;
    let Some(row) = tx.one(GET, args![report])? else {
        return Ok(None);
    };
    let Some(wrapped) = row.opt_bytes(0)? else {
        return Ok(None);
    };
    let vault = tx.keys().derive("entente identity vault");
    let item = seal::unwrap_key(&vault, report.0.as_bytes(), wrapped)?;
    let clear = args![report, row.id(2)?];
    seal::open_row(&item, "vault", clear, row.bytes(1)?).map(Some)
}

/// Erases the identities behind all reports of a case, with the case.
pub(crate) fn erase_of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<(), StoreError> {
    tx.execute(ERASE_OF_CASE, args![case, Vec::<u8>::new()])?;
    Ok(())
}

/// Erases an identity; the hashes in the journal stay.
pub fn erase(tx: &mut Tx<'_>, report: ReportId) -> Result<(), StoreError> {
    tx.execute(ERASE, args![report, Vec::<u8>::new()])?;
    erasures::note(tx, Erasure::Identity(report))
}

/// For the verification: whether a row of the table opens, unless it was erased.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &crate::Row) -> Result<(), StoreError> {
    open(tx, ReportId(row.id(0)?)).map(drop)
}
