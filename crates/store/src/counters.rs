//! Sequential numbers for staff: cases, reports, advisories of a year.

use crate::args;
use crate::engine::Tx;
use crate::error::StoreError;

crate::statements! {
    GENERATIONS = "SELECT name, value FROM counters WHERE name IN ('generation of accounts', 'generation of registers', 'generation of inventory', 'generation of watch', 'generation of signals')";
    TAKE = "INSERT INTO counters (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = counters.value + $2 RETURNING value";
    NEXT = "INSERT INTO counters (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value";
}

/// Counts the changes of the accounts, so that what is kept of them in memory is known to be old.
pub(crate) fn accounts_changed(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    next(tx, "generation of accounts").map(drop)
}

/// The same for the registers.
pub(crate) fn registers_changed(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    next(tx, "generation of registers").map(drop)
}

/// The same for what products are made of.
pub(crate) fn inventory_changed(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    next(tx, "generation of inventory").map(drop)
}

/// The same for what the world says of them.
pub(crate) fn watch_changed(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    next(tx, "generation of watch").map(drop)
}

/// The same for the lists of what is exploited.
pub(crate) fn signals_changed(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    next(tx, "generation of signals").map(drop)
}

/// How often accounts, registers, the inventory, findings and lists of signals were changed so far.
pub fn generations(tx: &mut Tx<'_>) -> Result<[i64; 5], StoreError> {
    let mut found = [0; 5];
    for row in tx.all(GENERATIONS, &[])? {
        match row.text(0)? {
            "generation of accounts" => found[0] = row.int(1)?,
            "generation of registers" => found[1] = row.int(1)?,
            "generation of inventory" => found[2] = row.int(1)?,
            "generation of watch" => found[3] = row.int(1)?,
            _ => found[4] = row.int(1)?,
        }
    }
    Ok(found)
}

/// The next number of a counter, from 1.
pub fn next(tx: &mut Tx<'_>, name: &str) -> Result<i64, StoreError> {
    tx.one(NEXT, args![name])?
        .ok_or_else(|| StoreError::Database("the counter gave nothing".to_owned()))?
        .int(0)
}

/// The first of `many` numbers of a counter, which are all taken with it.
pub(crate) fn take(tx: &mut Tx<'_>, name: &str, many: usize) -> Result<i64, StoreError> {
    let Ok(many @ 1..) = i64::try_from(many) else {
        return Ok(0);
    };
    let last = tx
        .one(TAKE, args![name, many])?
        .ok_or_else(|| StoreError::Database("the counter gave nothing".to_owned()))?
        .int(0)?;
    Ok(last - many + 1)
}
