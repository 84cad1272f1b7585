//! Sequential numbers for staff: cases, reports, advisories of a year.

use crate::args;
use crate::engine::Tx;
use crate::error::StoreError;

crate::statements! {
    GENERATIONS = "SELECT name, value FROM counters WHERE name IN ('generation of accounts', 'generation of registers')";
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

/// How often accounts and registers were changed so far.
pub fn generations(tx: &mut Tx<'_>) -> Result<[i64; 2], StoreError> {
    let mut found = [0, 0];
    for row in tx.all(GENERATIONS, &[])? {
        match row.text(0)? {
            "generation of accounts" => found[0] = row.int(1)?,
            _ => found[1] = row.int(1)?,
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
