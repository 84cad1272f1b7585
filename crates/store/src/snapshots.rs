//! The cached fold of a stream, sealed; used only if it is not newer than the stream's head
//! (decision 10). Losing it loses nothing.

use crate::args;
use crate::engine::{Tx, Val};
use crate::error::StoreError;
use crate::{journal, seal};
use uuid::Uuid;

crate::statements! {
    GET = "SELECT n.version, n.body, s.version, s.wrapped_key FROM snapshots n JOIN streams s ON s.id = n.stream WHERE n.stream = $1";
    FORGET = "DELETE FROM snapshots WHERE stream = $1";
    PUT = "INSERT INTO snapshots (stream, version, body) VALUES ($1, $2, $3) ON CONFLICT (stream) DO UPDATE SET version = excluded.version, body = excluded.body";
}

fn context(stream: Uuid, version: u64) -> [Val; 2] {
    [stream.into(), version.into()]
}

/// The snapshot of a stream, if there is one that opens.
pub fn get(tx: &mut Tx<'_>, stream: Uuid) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
    let Some(row) = tx.one(GET, args![stream])? else {
        return Ok(None);
    };
    let version = row.count(0)?;
    let wrapped = row.opt_bytes(3)?.ok_or(StoreError::Erased)?;
    let key = seal::unwrap_key(tx.keys().wrap(), stream.as_bytes(), wrapped)?;
    // A snapshot that does not open is thrown away: the journal is the truth.
    let opened = seal::open_row(&key, "snapshots", &context(stream, version), row.bytes(1)?).ok();
    if opened.is_some() && version > row.count(2)? {
        return Err(StoreError::Damaged(format!(
            "stream {stream} is shorter than its snapshot"
        )));
    }
    Ok(opened.map(|body| (version, body)))
}

/// Drops the snapshot of a stream, when its content is erased.
pub fn forget(tx: &mut Tx<'_>, stream: Uuid) -> Result<(), StoreError> {
    tx.execute(FORGET, args![stream])?;
    Ok(())
}

/// Keeps a snapshot.
pub fn put(tx: &mut Tx<'_>, stream: Uuid, version: u64, body: &[u8]) -> Result<(), StoreError> {
    let key = journal::stream_key(tx, stream)?;
    let sealed = seal::seal_row(
        &key,
        "snapshots",
        &context(stream, version),
        body,
        tx.random(),
    )?;
    tx.execute(PUT, args![stream, version, sealed])?;
    Ok(())
}

/// For the verification: whether a row opens. The service would only throw it away and fold again,
/// but damage is damage.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &crate::Row) -> Result<(), StoreError> {
    let (stream, version) = (row.id(0)?, row.count(1)?);
    let key = match journal::stream_key(tx, stream) {
        Ok(key) => key,
        Err(StoreError::Erased) => return Ok(()),
        Err(e) => return Err(e),
    };
    seal::open_row(&key, "snapshots", &context(stream, version), row.bytes(2)?).map(drop)
}
