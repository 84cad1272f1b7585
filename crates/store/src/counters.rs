//! Sequential numbers for staff: cases, reports, advisories of a year.

use crate::args;
use crate::engine::Tx;
use crate::error::StoreError;

crate::statements! {
    NEXT = "INSERT INTO counters (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value";
}

/// The next number of a counter, from 1.
pub fn next(tx: &mut Tx<'_>, name: &str) -> Result<i64, StoreError> {
    tx.one(NEXT, args![name])?
        .ok_or_else(|| StoreError::Database("the counter gave nothing".to_owned()))?
        .int(0)
}
