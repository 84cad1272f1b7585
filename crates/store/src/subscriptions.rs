//! Subscriptions to published advisories by mail, with opt-in. Addresses are sealed.

use crate::args;
use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use crate::seal;
use entente_domain::time::Timestamp;
use uuid::Uuid;

/// A subscription.
#[derive(Clone, PartialEq, Debug)]
pub struct Subscription {
    /// Its id.
    pub id: Uuid,
    /// Keyed hash of the address.
    pub address: [u8; 32],
    /// When it was confirmed; before that nothing is sent.
    pub confirmed_at: Option<Timestamp>,
    /// Hash of the token that confirms and ends it.
    pub token: [u8; 32],
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Sealed: the address.
    pub body: Vec<u8>,
}

crate::statements! {
    INSERT = "INSERT INTO subscriptions (id, address, confirmed_at, token, created_at, body) VALUES ($1, $2, NULL, $3, $4, $5)";
    CONFIRM = "UPDATE subscriptions SET confirmed_at = $2, body = $3 WHERE token = $1 AND confirmed_at IS NULL";
    END = "DELETE FROM subscriptions WHERE token = $1";
    BY_TOKEN = "SELECT id, address, confirmed_at, token, created_at, body FROM subscriptions WHERE token = $1";
    BY_ADDRESS = "SELECT id, address, confirmed_at, token, created_at, body FROM subscriptions WHERE address = $1";
    CONFIRMED = "SELECT id, address, confirmed_at, token, created_at, body FROM subscriptions WHERE confirmed_at IS NOT NULL AND id > $1 ORDER BY id LIMIT $2";
    SWEEP = "DELETE FROM subscriptions WHERE confirmed_at IS NULL AND created_at < $1";
}

fn clear(s: &Subscription) -> [Val; 5] {
    [
        s.id.into(),
        s.address.to_vec().into(),
        s.confirmed_at.into(),
        s.token.to_vec().into(),
        s.created_at.into(),
    ]
}

fn sealed(tx: &Tx<'_>, s: &Subscription) -> Result<Vec<u8>, StoreError> {
    seal::seal_row(
        tx.keys().registers(),
        "subscriptions",
        &clear(s),
        &s.body,
        tx.random(),
    )
}

/// Keeps a subscription that waits for its confirmation, whatever it says of one.
pub fn insert(tx: &mut Tx<'_>, s: &Subscription) -> Result<(), StoreError> {
    let s = &Subscription {
        confirmed_at: None,
        ..s.clone()
    };
    let sealed = sealed(tx, s)?;
    tx.execute(
        INSERT,
        args![
            s.id,
            s.address.to_vec(),
            s.token.to_vec(),
            s.created_at,
            sealed
        ],
    )?;
    Ok(())
}

fn opened(tx: &Tx<'_>, row: &Row) -> Result<Subscription, StoreError> {
    let mut s = Subscription {
        id: row.id(0)?,
        address: row.hash(1)?,
        confirmed_at: row.opt_time(2)?,
        token: row.hash(3)?,
        created_at: row.time(4)?,
        body: Vec::new(),
    };
    s.body = seal::open_row(
        tx.keys().registers(),
        "subscriptions",
        &clear(&s),
        row.bytes(5)?,
    )?;
    Ok(s)
}

/// Confirms a subscription; `false` if there is none, or it was confirmed before.
pub fn confirm(tx: &mut Tx<'_>, token: &[u8; 32], now: Timestamp) -> Result<bool, StoreError> {
    let Some(row) = tx.one(BY_TOKEN, args![token.to_vec()])? else {
        return Ok(false);
    };
    let mut s = opened(tx, &row)?;
    if s.confirmed_at.is_some() {
        return Ok(false);
    }
    s.confirmed_at = Some(now);
    let body = sealed(tx, &s)?;
    Ok(tx.execute(CONFIRM, args![token.to_vec(), now, body])? > 0)
}

/// Ends a subscription.
pub fn end(tx: &mut Tx<'_>, token: &[u8; 32]) -> Result<bool, StoreError> {
    Ok(tx.execute(END, args![token.to_vec()])? > 0)
}

/// The subscription of an address.
pub fn by_address(tx: &mut Tx<'_>, address: &[u8; 32]) -> Result<Option<Subscription>, StoreError> {
    tx.one(BY_ADDRESS, args![address.to_vec()])?
        .map(|r| opened(tx, &r))
        .transpose()
}

/// Confirmed subscriptions in the order of their ids, after `after`.
pub fn confirmed(
    tx: &mut Tx<'_>,
    after: Uuid,
    limit: u32,
) -> Result<Vec<Subscription>, StoreError> {
    let rows = tx.all(CONFIRMED, args![after, limit])?;
    rows.iter().map(|r| opened(tx, r)).collect()
}

/// Removes what was never confirmed.
pub fn sweep(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(SWEEP, args![before])
}

/// For the verification: whether a row of the table opens.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    opened(tx, row).map(drop)
}
