//! Sequential numbers for staff: cases, reports, advisories of a year.

use crate::args;
use crate::engine::Tx;
use crate::error::StoreError;

crate::statements! {
    GENERATIONS = "SELECT name, value FROM counters WHERE name IN ('generation of accounts', 'generation of registers', 'generation of inventory')";
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

/// How often accounts, registers and the inventory were changed so far.
pub fn generations(tx: &mut Tx<'_>) -> Result<[i64; 3], StoreError> {
    let mut found = [0; 3];
    for row in tx.all(GENERATIONS, &[])? {
        match row.text(0)? {
            "generation of accounts" => found[0] = row.int(1)?,
            "generation of registers" => found[1] = row.int(1)?,
            _ => found[2] = row.int(1)?,
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
