//! The job queue: enqueued in the same transaction as the change, run under a lease.

use crate::args;
use crate::engine::{Engine, Tx, Val};
use crate::error::StoreError;
use crate::seal;
use entente_domain::time::Timestamp;
use uuid::Uuid;

/// After so many failures a job is dead and a person has to look.
pub const MOST_ATTEMPTS: i64 = 12;

/// A job to run.
#[derive(Clone, PartialEq, Debug)]
pub struct Job {
    /// Its id; stable over every attempt.
    pub id: Uuid,
    /// What it does.
    pub kind: String,
    /// How often it was begun.
    pub attempts: i64,
    /// Sealed: what it needs.
    pub body: Vec<u8>,
}

crate::statements! {
    ENQUEUE = "INSERT INTO jobs (id, kind, dedupe, state, run_at, lease_until, attempts, body) VALUES ($1, $2, $3, 'queued', $4, 0, 0, $5) ON CONFLICT (dedupe) DO NOTHING";
    DUE = "SELECT id, kind, attempts, body FROM jobs WHERE state = 'queued' AND run_at <= $1 AND lease_until <= $1 ORDER BY run_at, id LIMIT $2";
    DUE_LOCKED = "SELECT id, kind, attempts, body FROM jobs WHERE state = 'queued' AND run_at <= $1 AND lease_until <= $1 ORDER BY run_at, id LIMIT $2 FOR UPDATE SKIP LOCKED";
    LEASE = "UPDATE jobs SET lease_until = $2, attempts = attempts + 1 WHERE id = $1";
    DONE = "UPDATE jobs SET state = 'done', body = $2 WHERE id = $1";
    AGAIN = "UPDATE jobs SET run_at = $2, lease_until = 0 WHERE id = $1";
    BACK = "UPDATE jobs SET lease_until = 0, attempts = attempts - 1 WHERE id = $1";
    DEAD = "UPDATE jobs SET state = 'dead' WHERE id = $1";
    COUNT = "SELECT COUNT(*) FROM jobs WHERE state = $1";
    COUNT_OF = "SELECT COUNT(*) FROM jobs WHERE state = $1 AND kind = $2";
    OLDEST_DUE = "SELECT run_at FROM jobs WHERE state = 'queued' AND run_at <= $1 ORDER BY run_at LIMIT 1";
    SWEEP = "DELETE FROM jobs WHERE state = 'done' AND run_at < $1";
}

fn clear(id: Uuid, kind: &str) -> [Val; 2] {
    [id.into(), kind.into()]
}

/// Enqueues a job; one with the same `dedupe` word is enqueued once for ever.
pub fn enqueue(
    tx: &mut Tx<'_>,
    id: Uuid,
    kind: &str,
    dedupe: Option<&str>,
    run_at: Timestamp,
    body: &[u8],
) -> Result<(), StoreError> {
    let sealed = seal::seal_row(
        tx.keys().registers(),
        "jobs",
        &clear(id, kind),
        body,
        tx.random(),
    )?;
    tx.execute(ENQUEUE, args![id, kind, dedupe, run_at, sealed])?;
    Ok(())
}

/// Takes the next due jobs under a lease, `limit` at most.
pub fn take(
    tx: &mut Tx<'_>,
    now: Timestamp,
    lease_until: Timestamp,
    limit: u32,
) -> Result<Vec<Job>, StoreError> {
    let sql = match tx.engine() {
        Engine::Sqlite => DUE,
        Engine::Postgres => DUE_LOCKED,
    };
    let mut taken = Vec::new();
    for row in tx.all(sql, args![now, limit])? {
        let (id, kind) = (row.id(0)?, row.text(1)?.to_owned());
        tx.execute(LEASE, args![id, lease_until])?;
        let body = seal::open_row(
            tx.keys().registers(),
            "jobs",
            &clear(id, &kind),
            row.bytes(3)?,
        )?;
        taken.push(Job {
            id,
            kind,
            attempts: row.int(2)? + 1,
            body,
        });
    }
    Ok(taken)
}

/// Marks a job as done and empties it.
pub fn done(tx: &mut Tx<'_>, id: Uuid) -> Result<(), StoreError> {
    tx.execute(DONE, args![id, Vec::<u8>::new()])?;
    Ok(())
}

/// Puts a job back for later, or marks it dead after [`MOST_ATTEMPTS`].
pub fn failed(tx: &mut Tx<'_>, job: &Job, retry_at: Timestamp) -> Result<(), StoreError> {
    if job.attempts >= MOST_ATTEMPTS {
        tx.execute(DEAD, args![job.id])?;
    } else {
        tx.execute(AGAIN, args![job.id, retry_at])?;
    }
    Ok(())
}

/// Gives a job back that was taken and never begun, as if nobody had taken it. Only while the
/// lease is still held.
pub fn give_back(tx: &mut Tx<'_>, id: Uuid) -> Result<(), StoreError> {
    tx.execute(BACK, args![id])?;
    Ok(())
}

/// How many jobs are in a state: `queued`, `done` or `dead`. For the metrics.
pub fn count(tx: &mut Tx<'_>, state: &str) -> Result<i64, StoreError> {
    tx.one(COUNT, args![state])?.map_or(Ok(0), |r| r.int(0))
}

/// How many jobs of a kind are in a state.
pub fn count_of(tx: &mut Tx<'_>, state: &str, kind: &str) -> Result<i64, StoreError> {
    tx.one(COUNT_OF, args![state, kind])?
        .map_or(Ok(0), |r| r.int(0))
}

/// When the job was due that has waited longest.
pub fn oldest_due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    tx.one(OLDEST_DUE, args![now])?
        .map(|r| r.time(0))
        .transpose()
}

/// Removes finished jobs that are older than `before`.
pub fn sweep(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(SWEEP, args![before])
}

/// For the verification: whether a row of the table opens. A finished job was emptied.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &crate::Row) -> Result<(), StoreError> {
    let body = row.bytes(7)?;
    if row.text(3)? == "done" && body.is_empty() {
        return Ok(());
    }
    let clear = clear(row.id(0)?, row.text(1)?);
    seal::open_row(tx.keys().registers(), "jobs", &clear, body).map(drop)
}
