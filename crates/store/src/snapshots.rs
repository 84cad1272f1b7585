//! The cached fold of a stream, sealed; used only if it is not newer than the stream's head
//! (decision 10). Losing it loses nothing.

use crate::args;
use crate::engine::{Tx, Val};
use crate::error::StoreError;
use crate::{journal, seal};
use uuid::Uuid;

crate::statements! {
    GET = "SELECT version, body FROM snapshots WHERE stream = $1";
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
    let key = journal::stream_key(tx, stream)?;
    // A snapshot that does not open is thrown away: the journal is the truth.
    Ok(
        seal::open_row(&key, "snapshots", &context(stream, version), row.bytes(1)?)
            .ok()
            .map(|body| (version, body)),
    )
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
