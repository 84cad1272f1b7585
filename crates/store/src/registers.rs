//! Registers of things that are no cases: products, policies, settings. A row is a sealed
//! document with a version; the service gives it its form. Every change is also an entry in the
//! journal of the instance, appended by the service in the same transaction.

use crate::args;
use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use crate::seal;
use crate::select::every;
use entente_domain::time::Timestamp;
use uuid::Uuid;

/// One document of a register.
#[derive(Clone, PartialEq, Debug)]
pub struct Document {
    /// Its id.
    pub id: Uuid,
    /// Its version, from 1.
    pub version: u64,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Sealed: its content.
    pub body: Vec<u8>,
}

crate::statements! {
    INSERT = "INSERT INTO registers (kind, id, version, updated_at, body) VALUES ($1, $2, $3, $4, $5)";
    UPDATE = "UPDATE registers SET version = $3, updated_at = $4, body = $5 WHERE kind = $1 AND id = $2 AND version = $6";
    GET = "SELECT id, version, updated_at, body FROM registers WHERE kind = $1 AND id = $2";
    LIST = "SELECT id, version, updated_at, body FROM registers WHERE kind = $1 AND id > $2 ORDER BY id LIMIT $3";
    DELETE = "DELETE FROM registers WHERE kind = $1 AND id = $2";
}

/// Documents of one statement.
const PAGE: u32 = 1_000;

fn clear(kind: &str, d: &Document) -> [Val; 4] {
    [
        kind.into(),
        d.id.into(),
        d.version.into(),
        d.updated_at.into(),
    ]
}

/// Saves a document: version 1 is new, every other replaces the one before it.
pub fn save(tx: &mut Tx<'_>, kind: &str, d: &Document) -> Result<(), StoreError> {
    let sealed = seal::seal_row(
        tx.keys().registers(),
        "registers",
        &clear(kind, d),
        &d.body,
        tx.random(),
    )?;
    if d.version == 1 {
        tx.execute(INSERT, args![kind, d.id, d.version, d.updated_at, sealed])?;
        return crate::counters::registers_changed(tx);
    }
    let before = d.version - 1;
    if tx.execute(
        UPDATE,
        args![kind, d.id, d.version, d.updated_at, sealed, before],
    )? == 0
    {
        return Err(StoreError::Conflict);
    }
    crate::counters::registers_changed(tx)
}

fn opened(tx: &Tx<'_>, kind: &str, row: &Row) -> Result<Document, StoreError> {
    let mut d = Document {
        id: row.id(0)?,
        version: row.count(1)?,
        updated_at: row.time(2)?,
        body: Vec::new(),
    };
    d.body = seal::open_row(
        tx.keys().registers(),
        "registers",
        &clear(kind, &d),
        row.bytes(3)?,
    )?;
    Ok(d)
}

/// One document.
pub fn get(tx: &mut Tx<'_>, kind: &str, id: Uuid) -> Result<Option<Document>, StoreError> {
    tx.one(GET, args![kind, id])?
        .map(|r| opened(tx, kind, &r))
        .transpose()
}

/// All documents of a register, oldest first (ids sort by time).
pub fn list(tx: &mut Tx<'_>, kind: &str) -> Result<Vec<Document>, StoreError> {
    every(PAGE, |last: Option<&Document>| {
        let after = last.map_or(Uuid::nil(), |d| d.id);
        let rows = tx.all(LIST, args![kind, after, PAGE])?;
        rows.iter().map(|row| opened(tx, kind, row)).collect()
    })
}

/// Removes a document, such as a draft that was given up.
pub fn delete(tx: &mut Tx<'_>, kind: &str, id: Uuid) -> Result<(), StoreError> {
    tx.execute(DELETE, args![kind, id])?;
    crate::counters::registers_changed(tx)
}

/// For the verification: whether a row of the table opens.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    let values = row.values().get(1..).unwrap_or_default().to_vec();
    opened(tx, row.text(0)?, &Row(values)).map(drop)
}
