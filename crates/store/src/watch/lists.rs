//! Lists of what is exploited, as they were on a day, and the sources that are watched.

use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use crate::{args, counters, seal};
use entente_domain::ids::WatchSourceId;
use entente_domain::time::Timestamp;

crate::statements! {
    PUT_LIST = "INSERT INTO signal_lists (kind, day, seen_at, body) VALUES ($1, $2, $3, $4) ON CONFLICT (kind, day) DO UPDATE SET seen_at = excluded.seen_at, body = excluded.body";
    NEWEST = "SELECT kind, day, seen_at, body FROM signal_lists WHERE kind = $1 ORDER BY day DESC LIMIT 1";
    PUT_SOURCE = "INSERT INTO watch_sources (id, next_at, body) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET next_at = excluded.next_at, body = excluded.body";
    SOURCE = "SELECT id, next_at, body FROM watch_sources WHERE id = $1";
    SOURCES = "SELECT id, next_at, body FROM watch_sources ORDER BY id LIMIT 1000";
    DUE = "SELECT id, next_at, body FROM watch_sources WHERE next_at <= $1 ORDER BY next_at, id LIMIT 1";
    REMOVE = "DELETE FROM watch_sources WHERE id = $1";
}

/// A list as it was on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignalList {
    /// Which list.
    pub kind: String,
    /// The day that it gives itself, as `2026-11-23`.
    pub day: String,
    /// When it was taken in.
    pub seen_at: Timestamp,
    /// Sealed: its content, in the service's form.
    pub body: Vec<u8>,
}

fn clear(list: &SignalList) -> [Val; 3] {
    [
        list.kind.as_str().into(),
        list.day.as_str().into(),
        list.seen_at.into(),
    ]
}

/// Keeps a list; the same day's takes its place.
pub fn put_list(tx: &mut Tx<'_>, list: &SignalList) -> Result<(), StoreError> {
    let key = *tx.keys().registers();
    let body = seal::seal_row(&key, "signal_lists", &clear(list), &list.body, tx.random())?;
    let mut values = clear(list).to_vec();
    values.push(body.into());
    tx.execute(PUT_LIST, &values)?;
    counters::signals_changed(tx)
}

fn opened(tx: &Tx<'_>, row: &Row) -> Result<SignalList, StoreError> {
    let mut list = SignalList {
        kind: row.text(0)?.to_owned(),
        day: row.text(1)?.to_owned(),
        seen_at: row.time(2)?,
        body: Vec::new(),
    };
    let key = tx.keys().registers();
    list.body = seal::open_row(key, "signal_lists", &clear(&list), row.bytes(3)?)?;
    Ok(list)
}

/// The newest list of a kind.
pub fn newest_list(tx: &mut Tx<'_>, kind: &str) -> Result<Option<SignalList>, StoreError> {
    let row = tx.one(NEWEST, args![kind])?;
    row.map(|row| opened(tx, &row)).transpose()
}

/// For the verification: whether a list opens.
pub(crate) fn check_list(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    opened(tx, row).map(drop)
}

/// Something that is watched, with how it went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WatchSource {
    /// Its id.
    pub id: WatchSourceId,
    /// When it is asked next.
    pub next_at: Timestamp,
    /// Sealed: where it is and how it went, in the service's form.
    pub body: Vec<u8>,
}

fn clear_source(source: &WatchSource) -> [Val; 2] {
    [source.id.0.into(), source.next_at.into()]
}

/// Keeps a source.
pub fn save_source(tx: &mut Tx<'_>, source: &WatchSource) -> Result<(), StoreError> {
    let key = *tx.keys().registers();
    let clear = clear_source(source);
    let body = seal::seal_row(&key, "watch_sources", &clear, &source.body, tx.random())?;
    let mut values = clear.to_vec();
    values.push(body.into());
    tx.execute(PUT_SOURCE, &values)?;
    Ok(())
}

fn opened_source(tx: &Tx<'_>, row: &Row) -> Result<WatchSource, StoreError> {
    let mut source = WatchSource {
        id: WatchSourceId(row.id(0)?),
        next_at: row.time(1)?,
        body: Vec::new(),
    };
    let key = tx.keys().registers();
    source.body = seal::open_row(key, "watch_sources", &clear_source(&source), row.bytes(2)?)?;
    Ok(source)
}

/// One source.
pub fn source(tx: &mut Tx<'_>, id: WatchSourceId) -> Result<Option<WatchSource>, StoreError> {
    let row = tx.one(SOURCE, args![id.0])?;
    row.map(|row| opened_source(tx, &row)).transpose()
}

/// Every source, in the order in which they were added.
pub fn sources(tx: &mut Tx<'_>) -> Result<Vec<WatchSource>, StoreError> {
    let rows = tx.all(SOURCES, &[])?;
    rows.iter().map(|row| opened_source(tx, row)).collect()
}

/// The source that has been due longest, if any is.
pub fn due_source(tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<WatchSource>, StoreError> {
    let row = tx.one(DUE, args![now])?;
    row.map(|row| opened_source(tx, &row)).transpose()
}

/// Removes a source; what came from it stays.
pub fn remove_source(tx: &mut Tx<'_>, id: WatchSourceId) -> Result<bool, StoreError> {
    Ok(tx.execute(REMOVE, args![id.0])? > 0)
}

/// For the verification: whether a source opens.
pub(crate) fn check_source(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    opened_source(tx, row).map(drop)
}
