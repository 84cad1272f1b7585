//! Idempotency: the first answer to a request is kept for a day, sealed under a key derived from
//! the caller's own key, so that a retry gets the same answer (decision 21).
//!
//! Two ways: [`get`] and [`put`] inside the transaction of the change, for what must be exact even
//! through a crash; and a claim before the change with its answer after it, for the API's gate. Each
//! way has scopes of its own.

use crate::args;
use crate::engine::Tx;
use crate::error::StoreError;
use crate::seal;
use entente_domain::time::{SECOND_US, Timestamp};

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
    CLAIM = "INSERT INTO idempotency (key, request, at, body) VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING";
    TAKE_OVER = "UPDATE idempotency SET request = $2, at = $3, body = $4 WHERE key = $1 AND body = $5";
    END = "UPDATE idempotency SET request = $2, at = $3, body = $4 WHERE key = $1";
    ALIVE = "UPDATE idempotency SET at = $2 WHERE key = $1";
    RELEASE = "DELETE FROM idempotency WHERE key = $1";
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

/// What a claim found.
#[derive(Clone, PartialEq, Debug)]
pub enum Claim {
    /// Nobody came with this key: it is the caller's now.
    Ours,
    /// A request with this key is being carried out.
    Running,
    /// A request with this key was begun, and nobody knows how it ended.
    Unknown,
    /// It was answered.
    Answered {
        /// The hash of the request that was answered.
        request: [u8; 32],
        /// The answer.
        answer: Vec<u8>,
    },
}

/// How a claim ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended<'a> {
    /// With this answer to the request with this hash.
    Answered(&'a [u8; 32], &'a [u8]),
    /// Nobody knows.
    Unknown,
    /// Nothing was changed: the key is free again.
    Free,
}

/// Seconds after the last sign of life from which a claim counts as given up by a crash.
const SIGN_OF_LIFE_S: i64 = 120;

const RUNNING: u8 = 0;
const UNKNOWN: u8 = 1;
const ANSWERED: u8 = 2;

fn state(
    tx: &Tx<'_>,
    row_key: &[u8; 32],
    seal_key: &[u8; 32],
    state: u8,
    answer: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let mut body = vec![state];
    body.extend_from_slice(answer);
    let clear = args![row_key.to_vec()];
    seal::seal_row(seal_key, "idempotency", clear, &body, tx.random())
}

/// Claims a key in a scope before the change. With `again` a claim whose end nobody knows is taken
/// over: for changes that are safe to carry out twice.
pub fn claim(
    tx: &mut Tx<'_>,
    key: &str,
    scope: &str,
    again: bool,
    now: Timestamp,
) -> Result<Claim, StoreError> {
    let (row_key, seal_key) = keys(tx, key, scope);
    let ours = state(tx, &row_key, &seal_key, RUNNING, &[])?;
    let nothing = [0_u8; 32].to_vec();
    let Some(row) = tx.one(GET, args![row_key.to_vec()])? else {
        // Of two that come at once the database lets one in.
        let claimed = tx.execute(CLAIM, args![row_key.to_vec(), nothing, now, ours])?;
        return Ok(if claimed == 1 {
            Claim::Ours
        } else {
            Claim::Running
        });
    };
    let (at, sealed) = (row.time(1)?, row.bytes(2)?.to_vec());
    let clear = args![row_key.to_vec()];
    let body = seal::open_row(&seal_key, "idempotency", clear, &sealed)?;
    let silent = now.0.saturating_sub(at.0) > SIGN_OF_LIFE_S * SECOND_US;
    match body.split_first() {
        // An answer is kept for a day, and not by chance until the next sweep.
        Some((&ANSWERED, _)) if at < now.plus_days(-1) => {}
        Some((&ANSWERED, answer)) => {
            return Ok(Claim::Answered {
                request: row.hash(0)?,
                answer: answer.to_vec(),
            });
        }
        Some((&RUNNING, _)) if !silent => return Ok(Claim::Running),
        Some((&UNKNOWN, _)) if at < now.plus_days(-1) => {}
        _ if again => {}
        _ => return Ok(Claim::Unknown),
    }
    let taken = tx.execute(
        TAKE_OVER,
        args![row_key.to_vec(), nothing, now, ours, sealed],
    )?;
    Ok(if taken == 1 {
        Claim::Ours
    } else {
        Claim::Running
    })
}

/// Says that the holder of a claim is alive.
pub fn alive(tx: &mut Tx<'_>, key: &str, scope: &str, now: Timestamp) -> Result<(), StoreError> {
    let (row_key, _) = keys(tx, key, scope);
    tx.execute(ALIVE, args![row_key.to_vec(), now])?;
    Ok(())
}

/// Ends a claim, by whoever holds it.
pub fn end(
    tx: &mut Tx<'_>,
    key: &str,
    scope: &str,
    ended: Ended<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (row_key, seal_key) = keys(tx, key, scope);
    let (request, body) = match ended {
        Ended::Answered(request, answer) => {
            (*request, state(tx, &row_key, &seal_key, ANSWERED, answer)?)
        }
        Ended::Unknown => ([0; 32], state(tx, &row_key, &seal_key, UNKNOWN, &[])?),
        Ended::Free => {
            tx.execute(RELEASE, args![row_key.to_vec()])?;
            return Ok(());
        }
    };
    tx.execute(END, args![row_key.to_vec(), request.to_vec(), now, body])?;
    Ok(())
}

/// Removes answers older than `before`.
pub fn sweep(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(SWEEP, args![before])
}
