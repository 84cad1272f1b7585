//! Idempotency: the first answer to a request is kept for a day, sealed under a key derived from
//! the caller's own key, so that a retry gets the same answer (decision 21).

use crate::args;
use crate::engine::Tx;
use crate::error::StoreError;
use crate::seal;
use entente_domain::time::Timestamp;

/// What is known of a request.
#[derive(Clone, PartialEq, Debug)]
pub enum Known {
    /// Nothing: do it.
    Nothing,
    /// It was answered like this.
    Answered(Vec<u8>),
    /// The same key came with another request.
    Other,
}

crate::statements! {
    GET = "SELECT request, at, body FROM idempotency WHERE key = $1";
    PUT = "INSERT INTO idempotency (key, request, at, body) VALUES ($1, $2, $3, $4)";
    SWEEP = "DELETE FROM idempotency WHERE at < $1";
}

fn keys(tx: &Tx<'_>, key: &str, scope: &str) -> ([u8; 32], [u8; 32]) {
    let parts = format!("{scope}\0{key}");
    (
        tx.keys().lookup("idempotency row", parts.as_bytes()),
        tx.keys().lookup("idempotency seal", parts.as_bytes()),
    )
}

/// What is known of a request with this key in this scope (actor and route).
pub fn get(
    tx: &mut Tx<'_>,
    key: &str,
    scope: &str,
    request: &[u8; 32],
) -> Result<Known, StoreError> {
    let (row_key, seal_key) = keys(tx, key, scope);
    let Some(row) = tx.one(GET, args![row_key.to_vec()])? else {
        return Ok(Known::Nothing);
    };
    if row.hash(0)? != *request {
        return Ok(Known::Other);
    }
    seal::open_row(
        &seal_key,
        "idempotency",
        args![row_key.to_vec()],
        row.bytes(2)?,
    )
    .map(Known::Answered)
}

/// Keeps the answer, in the same transaction as the change.
pub fn put(
    tx: &mut Tx<'_>,
    key: &str,
    scope: &str,
    request: &[u8; 32],
    answer: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    let (row_key, seal_key) = keys(tx, key, scope);
    let sealed = seal::seal_row(
        &seal_key,
        "idempotency",
        args![row_key.to_vec()],
        answer,
        tx.random(),
    )?;
    tx.execute(PUT, args![row_key.to_vec(), request.to_vec(), now, sealed])?;
    Ok(())
}

/// Removes answers older than `before`.
pub fn sweep(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(SWEEP, args![before])
}
