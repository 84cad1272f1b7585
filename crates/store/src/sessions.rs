//! Sessions of staff and of reporters. Only the hash of a token is kept.

use crate::accounts::{self, Account};
use crate::args;
use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use crate::seal;
use entente_domain::ids::{ReportId, UserId};
use entente_domain::time::Timestamp;
use uuid::Uuid;

/// A session.
#[derive(Clone, PartialEq, Debug)]
pub struct Session {
    /// Hash of the token.
    pub token: [u8; 32],
    /// Its id, for listing and ending.
    pub id: Uuid,
    /// The account, for staff.
    pub account: Option<UserId>,
    /// The report, for a reporter.
    pub report: Option<ReportId>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used (not authenticated: it only moves).
    pub seen_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Sealed: what the service keeps in it.
    pub body: Vec<u8>,
}

crate::statements! {
    INSERT = "INSERT INTO sessions (token, id, account, report, created_at, seen_at, expires_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    GET = "SELECT token, id, account, report, created_at, seen_at, expires_at, body FROM sessions WHERE token = $1";
    WITH_ACCOUNT = "SELECT s.token, s.id, s.account, s.report, s.created_at, s.seen_at, s.expires_at, s.body, a.id, a.login, a.disabled, a.roles, a.created_at, a.body FROM sessions s JOIN accounts a ON a.id = s.account WHERE s.token = $1";
    SEEN = "UPDATE sessions SET seen_at = $2 WHERE token = $1";
    OF = "SELECT token, id, account, report, created_at, seen_at, expires_at, body FROM sessions WHERE account = $1 ORDER BY created_at DESC, id LIMIT 200";
    END = "DELETE FROM sessions WHERE token = $1";
    END_ONE = "DELETE FROM sessions WHERE account = $1 AND id = $2";
    END_ALL = "DELETE FROM sessions WHERE account = $1";
    SWEEP = "DELETE FROM sessions WHERE expires_at < $1";
}

fn clear(s: &Session) -> [Val; 6] {
    [
        s.token.to_vec().into(),
        s.id.into(),
        s.account.into(),
        s.report.into(),
        s.created_at.into(),
        s.expires_at.into(),
    ]
}

/// Begins a session.
pub fn insert(tx: &mut Tx<'_>, s: &Session) -> Result<(), StoreError> {
    let sealed = seal::seal_row(
        tx.keys().registers(),
        "sessions",
        &clear(s),
        &s.body,
        tx.random(),
    )?;
    tx.execute(
        INSERT,
        args![
            s.token.to_vec(),
            s.id,
            s.account,
            s.report,
            s.created_at,
            s.seen_at,
            s.expires_at,
            sealed
        ],
    )?;
    Ok(())
}

fn opened(tx: &Tx<'_>, row: &Row) -> Result<Session, StoreError> {
    let mut s = Session {
        token: row.hash(0)?,
        id: row.id(1)?,
        account: row.opt_id(2)?.map(UserId),
        report: row.opt_id(3)?.map(ReportId),
        created_at: row.time(4)?,
        seen_at: row.time(5)?,
        expires_at: row.time(6)?,
        body: Vec::new(),
    };
    s.body = seal::open_row(tx.keys().registers(), "sessions", &clear(&s), row.bytes(7)?)?;
    Ok(s)
}

/// The session behind the hash of a token, if it has not ended.
pub fn get(
    tx: &mut Tx<'_>,
    token: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Session>, StoreError> {
    let Some(row) = tx.one(GET, args![token.to_vec()])? else {
        return Ok(None);
    };
    let session = opened(tx, &row)?;
    Ok((session.expires_at > now).then_some(session))
}

/// The session of a member of staff with the account behind it, if it has not ended.
pub fn with_account(
    tx: &mut Tx<'_>,
    token: &[u8; 32],
    now: Timestamp,
) -> Result<Option<(Session, Account)>, StoreError> {
    let Some(row) = tx.one(WITH_ACCOUNT, args![token.to_vec()])? else {
        return Ok(None);
    };
    let session = opened(tx, &row)?;
    if session.expires_at <= now {
        return Ok(None);
    }
    let account = accounts::joined(tx, &row, 8)?;
    Ok(Some((session, account)))
}

/// Notes that a session was used.
pub fn seen(tx: &mut Tx<'_>, token: &[u8; 32], now: Timestamp) -> Result<(), StoreError> {
    tx.execute(SEEN, args![token.to_vec(), now])?;
    Ok(())
}

/// The sessions of an account, newest first.
pub fn of_account(tx: &mut Tx<'_>, account: UserId) -> Result<Vec<Session>, StoreError> {
    let rows = tx.all(OF, args![account])?;
    rows.iter().map(|r| opened(tx, r)).collect()
}

/// Ends the session with this token.
pub fn end(tx: &mut Tx<'_>, token: &[u8; 32]) -> Result<(), StoreError> {
    tx.execute(END, args![token.to_vec()])?;
    Ok(())
}

/// Ends one session of an account.
pub fn end_one(tx: &mut Tx<'_>, account: UserId, id: Uuid) -> Result<bool, StoreError> {
    Ok(tx.execute(END_ONE, args![account, id])? > 0)
}

/// Ends every session of an account.
pub fn end_all(tx: &mut Tx<'_>, account: UserId) -> Result<(), StoreError> {
    tx.execute(END_ALL, args![account])?;
    Ok(())
}

/// Removes sessions that ended.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(SWEEP, args![now])
}

/// For the verification: whether a row of the table opens.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    opened(tx, row).map(drop)
}
