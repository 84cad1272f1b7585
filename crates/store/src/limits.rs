//! Token buckets in a table, so that every replica counts the same. Keys are keyed hashes; no
//! address is stored.

use crate::args;
use crate::engine::Tx;
use crate::error::StoreError;
use entente_domain::time::Timestamp;

crate::statements! {
    GET = "SELECT tokens, at FROM limits WHERE key = $1";
    PUT = "INSERT INTO limits (key, tokens, at) VALUES ($1, $2, $3) ON CONFLICT (key) DO UPDATE SET tokens = excluded.tokens, at = excluded.at";
    SWEEP = "DELETE FROM limits WHERE at < $1";
}

/// Takes one token of a bucket that holds `per_hour` and refills evenly. Answers the seconds to
/// wait when it is empty.
pub fn take(
    tx: &mut Tx<'_>,
    key: &[u8; 32],
    per_hour: u32,
    now: Timestamp,
) -> Result<Result<(), u32>, StoreError> {
    // Counted in millionths of a token.
    const ONE: i64 = 1_000_000;
    let full = i64::from(per_hour.max(1)).saturating_mul(ONE);
    let (tokens, at) = match tx.one(GET, args![key.to_vec()])? {
        Some(row) => (row.int(0)?, row.time(1)?),
        None => (full, now),
    };
    let passed_us = now.0.saturating_sub(at.0).max(0);
    let hour_us = entente_domain::time::HOUR_US;
    // 128 bits: a full bucket times a long time does not fit into 64.
    let refill = i128::from(full) * i128::from(passed_us) / i128::from(hour_us);
    let tokens = i64::try_from((i128::from(tokens) + refill).min(i128::from(full))).unwrap_or(full);
    if tokens < ONE {
        let missing = i128::from(ONE - tokens);
        let wait_us = missing * i128::from(hour_us) / i128::from(full);
        let seconds = u32::try_from(wait_us / 1_000_000 + 1).unwrap_or(3_600);
        return Ok(Err(seconds));
    }
    tx.execute(PUT, args![key.to_vec(), tokens - ONE, now])?;
    Ok(Ok(()))
}

/// Removes buckets that were not touched since `before`: they are full again.
pub fn sweep(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(SWEEP, args![before])
}
