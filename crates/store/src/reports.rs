//! The report register: every report keeps its number for ever (30111 7.1.3, INV-11).

use crate::args;
use crate::cases::{LONGEST_PAGE, Page};
use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use crate::select::visible;
use crate::{journal, seal};
use entente_domain::access::{SystemViewer, Viewer};
use entente_domain::ids::{CaseId, ReportId};
use entente_domain::summary::ReportSummary;

crate::statements! {
    INSERT = "INSERT INTO reports (id, number, case_id, reference, receipt, received_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    UPDATE = "UPDATE reports SET number = $2, case_id = $3, reference = $4, received_at = $5, body = $6 WHERE id = $1";
    BY_RECEIPT = "SELECT r.id, r.number, r.case_id, r.reference, r.receipt, r.received_at, r.body, s.wrapped_key FROM reports r JOIN streams s ON s.id = r.case_id WHERE r.receipt = $1";
    BY_ID = "SELECT r.id, r.number, r.case_id, r.reference, r.receipt, r.received_at, r.body, s.wrapped_key FROM reports r JOIN streams s ON s.id = r.case_id WHERE r.id = $1";
    CASE_OF = "SELECT case_id FROM reports WHERE id = $1";
}

/// The lookup hash of a receipt code belongs to them: who could exchange two would read another
/// reporter's thread.
fn clear(r: &ReportSummary, receipt: Val) -> [Val; CLEAR] {
    [
        r.id.into(),
        r.number.into(),
        r.case.into(),
        r.reference.as_str().into(),
        receipt,
        r.received_at.into(),
    ]
}

/// How many columns stand before the body.
const CLEAR: usize = 6;

fn sealed(tx: &mut Tx<'_>, r: &ReportSummary, clear: &[Val]) -> Result<Vec<u8>, StoreError> {
    let key = journal::stream_key(tx, r.case.0)?;
    let body = serde_json::to_vec(r).map_err(|e| StoreError::Database(e.to_string()))?;
    seal::seal_row(&key, "reports", clear, &body, tx.random())
}

/// Registers a report; `receipt` is the lookup hash of its receipt code, where it has one.
pub fn insert(
    tx: &mut Tx<'_>,
    r: &ReportSummary,
    receipt: Option<[u8; 32]>,
) -> Result<(), StoreError> {
    let mut values = clear(r, receipt.map(|h| h.to_vec()).into()).to_vec();
    values.push(sealed(tx, r, &values)?.into());
    tx.execute(INSERT, &values)?;
    Ok(())
}

/// Updates the line of a report. Its receipt code stays.
pub fn update(tx: &mut Tx<'_>, r: &ReportSummary) -> Result<(), StoreError> {
    let before = tx.one(BY_ID, args![r.id])?.ok_or_else(|| {
        StoreError::Damaged(format!("report {} is not in the register", r.number))
    })?;
    // Opened first: to seal a receipt that was exchanged would make it good.
    opened(tx, &before)?;
    let receipt = before.values().get(4).cloned().unwrap_or(Val::Null);
    let clear = clear(r, receipt);
    let body = sealed(tx, r, &clear)?;
    tx.execute(
        UPDATE,
        args![
            r.id,
            r.number,
            r.case,
            r.reference.as_str(),
            r.received_at,
            body
        ],
    )?;
    Ok(())
}

/// The report behind the lookup hash of a receipt code. None leads to an erased case, where
/// nothing is left to read.
pub fn by_receipt(
    tx: &mut Tx<'_>,
    receipt: &[u8; 32],
) -> Result<Option<(ReportId, CaseId)>, StoreError> {
    let row = tx.as_system(SystemViewer::Intake, |tx| {
        tx.one(BY_RECEIPT, args![receipt.to_vec()])
    })?;
    match row.map(|row| opened(tx, &row)).transpose() {
        Ok(found) => Ok(found.map(|r| (r.id, r.case))),
        Err(StoreError::Erased) => Ok(None),
        Err(e) => Err(e),
    }
}

/// The case that a report belongs to now.
pub fn case_of(tx: &mut Tx<'_>, report: ReportId) -> Result<Option<CaseId>, StoreError> {
    tx.as_system(SystemViewer::Intake, |tx| tx.one(CASE_OF, args![report]))?
        .map(|r| Ok(CaseId(r.id(0)?)))
        .transpose()
}

fn opened(tx: &Tx<'_>, row: &Row) -> Result<ReportSummary, StoreError> {
    let case = row.id(2)?;
    let wrapped = row.opt_bytes(CLEAR + 1)?.ok_or(StoreError::Erased)?;
    let key = seal::unwrap_key(tx.keys().wrap(), case.as_bytes(), wrapped)?;
    let clear_values = row.values().get(..CLEAR).unwrap_or_default();
    let body = seal::open_row(&key, "reports", clear_values, row.bytes(CLEAR)?)?;
    serde_json::from_slice(&body).map_err(|e| StoreError::Damaged(format!("a row of reports: {e}")))
}

/// The register, newest first, of the reports whose cases the viewer may see.
pub fn register(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<ReportSummary>, StoreError> {
    let limit = limit.clamp(1, LONGEST_PAGE);
    let columns =
        "r.id, r.number, r.case_id, r.reference, r.receipt, r.received_at, r.body, s.wrapped_key";
    let mut q = visible(tx, viewer, columns, &[("reports r", "r.case_id = c.id")])?;
    if let Some(before) = cursor.and_then(|c| c.parse::<i64>().ok()) {
        q.and("r.number < ?", args![before]);
    }
    q.push(" ORDER BY r.number DESC LIMIT ?", args![limit + 1]);
    let rows = q.all(tx)?;
    let take = usize::try_from(limit).unwrap_or(0);
    let shown = rows.get(..rows.len().min(take)).unwrap_or(&rows);
    let next = match shown.last() {
        Some(last) if rows.len() > take => Some(last.int(1)?.to_string()),
        _ => None,
    };
    let mut items = Vec::new();
    for row in shown {
        match opened(tx, row) {
            Ok(r) => items.push(r),
            Err(StoreError::Erased) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(Page { items, next })
}

/// For the verification: whether a row of the table opens, unless its case was erased.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    let row = journal::with_wrapped_key(tx, row, row.id(2)?)?;
    match opened(tx, &row) {
        Ok(_) | Err(StoreError::Erased) => Ok(()),
        Err(e) => Err(e),
    }
}
