//! Published advisories: public, so not sealed, but authenticated. Drafts live in their case.

use crate::args;
use crate::cases::{LONGEST_PAGE, Page};
use crate::engine::{Row, Tx};
use crate::error::StoreError;
use entente_domain::ids::CaseId;
use entente_domain::time::Timestamp;

/// One published revision.
#[derive(Clone, PartialEq, Debug)]
pub struct Published {
    /// Its public id.
    pub public_id: String,
    /// Its revision, from 1.
    pub revision: u32,
    /// Whether it is the newest.
    pub current: bool,
    /// The case that it comes from.
    pub case: CaseId,
    /// The name of its file.
    pub file_name: String,
    /// Whether it was imported.
    pub imported: bool,
    /// When the first revision was released.
    pub first_released_at: Timestamp,
    /// When this one was released.
    pub released_at: Timestamp,
    /// What lists show, as the service wrote it.
    pub listing: Vec<u8>,
    /// The document, byte for byte.
    pub document: Vec<u8>,
    /// Its detached signature, armoured; empty where there is none.
    pub signature: Vec<u8>,
}

crate::statements! {
    RETIRE = "UPDATE advisories SET is_current = 0, mac = $3 WHERE public_id = $1 AND revision = $2";
    INSERT = "INSERT INTO advisories (public_id, revision, is_current, case_id, file_name, imported, first_released_at, released_at, listing, document, signature, mac) VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    CURRENT = "SELECT public_id, revision, is_current, case_id, file_name, imported, first_released_at, released_at, listing, document, signature, mac FROM advisories WHERE public_id = $1 ORDER BY revision DESC LIMIT 1";
    BY_FILE = "SELECT public_id, revision, is_current, case_id, file_name, imported, first_released_at, released_at, listing, document, signature, mac FROM advisories WHERE file_name = $1 ORDER BY revision DESC LIMIT 1";
    PAGE = "SELECT public_id, revision, is_current, case_id, file_name, imported, first_released_at, released_at, listing, document, signature, mac FROM advisories WHERE is_current = 1 AND (released_at, public_id) < ($1, $2) ORDER BY released_at DESC, public_id DESC LIMIT $3";
    INDEX = "SELECT file_name, first_released_at, released_at, imported, public_id, CAST(LENGTH(signature) AS BIGINT) FROM advisories WHERE is_current = 1 ORDER BY released_at DESC, public_id DESC LIMIT 100000";
}

fn mac(tx: &Tx<'_>, p: &Published) -> [u8; 32] {
    let revision = p.revision.to_be_bytes();
    let (first, released) = (
        p.first_released_at.0.to_be_bytes(),
        p.released_at.0.to_be_bytes(),
    );
    tx.keys().public_mac(&[
        p.public_id.as_bytes(),
        &revision,
        &[u8::from(p.current)],
        p.case.0.as_bytes(),
        p.file_name.as_bytes(),
        &[u8::from(p.imported)],
        &first,
        &released,
        &p.listing,
        &p.document,
        &p.signature,
    ])
}

/// Publishes a revision; the one before it is no longer the newest.
pub fn publish(tx: &mut Tx<'_>, p: &Published) -> Result<(), StoreError> {
    if let Some(mut before) = current(tx, &p.public_id)? {
        before.current = false;
        let mac = mac(tx, &before).to_vec();
        tx.execute(RETIRE, args![before.public_id, before.revision, mac])?;
    }
    let p = &Published {
        current: true,
        ..p.clone()
    };
    let mac = mac(tx, p).to_vec();
    tx.execute(
        INSERT,
        args![
            p.public_id.as_str(),
            p.revision,
            p.case,
            p.file_name.as_str(),
            p.imported,
            p.first_released_at,
            p.released_at,
            p.listing.as_slice(),
            p.document.as_slice(),
            p.signature.as_slice(),
            mac
        ],
    )?;
    Ok(())
}

fn opened(tx: &Tx<'_>, row: &Row) -> Result<Published, StoreError> {
    use subtle::ConstantTimeEq;
    let p = Published {
        public_id: row.text(0)?.to_owned(),
        revision: u32::try_from(row.int(1)?).unwrap_or(0),
        current: row.int(2)? != 0,
        case: CaseId(row.id(3)?),
        file_name: row.text(4)?.to_owned(),
        imported: row.int(5)? != 0,
        first_released_at: row.time(6)?,
        released_at: row.time(7)?,
        listing: row.bytes(8)?.to_vec(),
        document: row.bytes(9)?.to_vec(),
        signature: row.bytes(10)?.to_vec(),
    };
    if bool::from(mac(tx, &p)[..].ct_eq(row.bytes(11)?)) {
        Ok(p)
    } else {
        Err(StoreError::Damaged(
            "a row of advisories does not authenticate".to_owned(),
        ))
    }
}

/// The newest revision of an advisory.
pub fn current(tx: &mut Tx<'_>, public_id: &str) -> Result<Option<Published>, StoreError> {
    tx.one(CURRENT, args![public_id])?
        .map(|r| opened(tx, &r))
        .transpose()
}

/// The newest revision behind a file name.
pub fn by_file(tx: &mut Tx<'_>, file_name: &str) -> Result<Option<Published>, StoreError> {
    tx.one(BY_FILE, args![file_name])?
        .map(|r| opened(tx, &r))
        .transpose()
}

/// Published advisories, newest first, one page.
pub fn page(
    tx: &mut Tx<'_>,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<Published>, StoreError> {
    let limit = limit.clamp(1, LONGEST_PAGE);
    let (at, id) = cursor
        .and_then(|c| c.split_once('.'))
        .and_then(|(at, id)| Some((at.parse::<i64>().ok()?, id.to_owned())))
        .unwrap_or((i64::MAX, String::new()));
    let rows = tx.all(PAGE, args![at, id, limit + 1])?;
    let take = usize::try_from(limit).unwrap_or(0);
    let mut items = Vec::new();
    for row in rows.iter().take(take) {
        items.push(opened(tx, row)?);
    }
    let next = match items.last() {
        Some(last) if rows.len() > take => {
            Some(format!("{}.{}", last.released_at.0, last.public_id))
        }
        _ => None,
    };
    Ok(Page { items, next })
}

/// A line of the provider's index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IndexLine {
    /// The name of the file.
    pub file_name: String,
    /// When the first revision was released.
    pub first_released_at: Timestamp,
    /// When the newest one was.
    pub released_at: Timestamp,
    /// Whether it was imported.
    pub imported: bool,
    /// The public id.
    pub public_id: String,
    /// Whether it has a signature.
    pub signed: bool,
}

/// Every published file, newest first.
pub fn index(tx: &mut Tx<'_>) -> Result<Vec<IndexLine>, StoreError> {
    tx.all(INDEX, args![])?
        .iter()
        .map(|r| {
            Ok(IndexLine {
                file_name: r.text(0)?.to_owned(),
                first_released_at: r.time(1)?,
                released_at: r.time(2)?,
                imported: r.int(3)? != 0,
                public_id: r.text(4)?.to_owned(),
                signed: r.int(5)? > 0,
            })
        })
        .collect()
}

/// For the verification: whether a row of the table opens.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    opened(tx, row).map(drop)
}
