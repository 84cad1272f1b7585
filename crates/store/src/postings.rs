//! The log of words: which cases have a word, in chunks of sorted numbers, merged in the
//! background from the words that each case brings (see [`crate::search`]).
//!
//! A report has some hundreds of words. Written one row a word, each would touch a page of its own
//! and cost a hundred times its size; so a report writes one row, and a job merges a thousand of
//! them at once. Merging twice changes nothing, so it may break off anywhere.

use crate::args;
use crate::engine::{Db, Tx};
use crate::error::StoreError;
use std::collections::BTreeMap;

/// A keyed word.
pub(crate) type Token = [u8; 8];

/// Cases of one chunk at most; a fuller one is continued in the next.
const CHUNK: usize = 256;
/// Words of one transaction: it holds the writer for some milliseconds.
const WORDS_AT_ONCE: usize = 1_000;
/// Cases of one merge at most, because their words lie in memory.
const CASES_AT_ONCE: u32 = 4_000;

crate::statements! {
    WAITING = "SELECT COUNT(*) FROM case_words WHERE waiting = 1";
    FRESH = "SELECT case_number, fresh, merged FROM case_words WHERE waiting = 1 ORDER BY case_number LIMIT $1";
    TAKEN_UP = "UPDATE case_words SET waiting = 0, fresh = $2, merged = $3 WHERE case_number = $1 AND fresh = $4";
    LAST_CHUNK = "SELECT first_case, cases FROM postings WHERE token = $1 ORDER BY first_case DESC LIMIT 1";
    CHUNK_OF = "SELECT first_case, cases FROM postings WHERE token = $1 AND first_case <= $2 ORDER BY first_case DESC LIMIT 1";
    PUT = "INSERT INTO postings (token, first_case, cases) VALUES ($1, $2, $3) ON CONFLICT (token, first_case) DO UPDATE SET cases = excluded.cases";
    DROP = "DELETE FROM postings WHERE token = $1 AND first_case = $2";
}

/// Sorted numbers as differences to the one before, the first to `first`.
fn encode(first: i64, cases: &[i64]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(cases.len() * 2);
    let mut before = first;
    for case in cases.iter().skip_while(|c| **c == first) {
        let mut rest = u64::try_from(case - before).unwrap_or(0);
        before = *case;
        loop {
            // Seven bits, so that nothing is cut off.
            let low = u8::try_from(rest & 0x7f).unwrap_or(0);
            rest >>= 7;
            if rest == 0 {
                bytes.push(low);
                break;
            }
            bytes.push(low | 0x80);
        }
    }
    bytes
}

/// The numbers of a chunk. One that is damaged may hide cases, never show wrong ones: each row is
/// authenticated when it is opened (decision 18).
pub(crate) fn decode(first: i64, bytes: &[u8], into: &mut Vec<i64>) {
    into.push(first);
    let (mut case, mut value, mut shift) = (first, 0_u64, 0_u32);
    for byte in bytes {
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        shift += 7;
        if byte & 0x80 == 0 {
            case = case.saturating_add(i64::try_from(value).unwrap_or(i64::MAX));
            into.push(case);
            (value, shift) = (0, 0);
        }
    }
}

/// The tokens of a sorted blob.
pub(crate) fn tokens(blob: &[u8]) -> impl Iterator<Item = Token> + '_ {
    blob.chunks_exact(8).filter_map(|t| t.try_into().ok())
}

/// Whether a sorted blob has a token.
pub(crate) fn has(blob: &[u8], token: &Token) -> bool {
    let (mut low, mut high) = (0, blob.len() / 8);
    while low < high {
        let middle = low + (high - low) / 2;
        match blob.get(middle * 8..middle * 8 + 8) {
            Some(t) if t == token => return true,
            Some(t) if t < token.as_slice() => low = middle + 1,
            _ => high = middle,
        }
    }
    false
}

/// How many cases have words that wait.
pub fn waiting(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    tx.one(WAITING, &[])?.map_or(Ok(0), |r| r.count(0))
}

/// Merges the words that wait, if at least `least` cases have some; answers how many cases were
/// merged. Meant for one job at a time; a second one would only repeat the work.
pub async fn merge(db: &Db, least: u64) -> Result<u64, StoreError> {
    let found = db
        .read(move |tx| {
            if waiting(tx)? < least.max(1) {
                return Ok(Vec::new());
            }
            tx.all(FRESH, args![CASES_AT_ONCE])?
                .iter()
                .map(|r| Ok((r.int(0)?, r.bytes(1)?.to_vec(), r.bytes(2)?.to_vec())))
                .collect()
        })
        .await?;
    let mut words: BTreeMap<Token, Vec<i64>> = BTreeMap::new();
    for (case, fresh, _) in &found {
        for token in tokens(fresh) {
            words.entry(token).or_default().push(*case);
        }
    }
    let words: Vec<(Token, Vec<i64>)> = words.into_iter().collect();
    for some in words.chunks(WORDS_AT_ONCE) {
        let some = some.to_vec();
        db.write(move |tx| {
            for (token, cases) in &some {
                add(tx, token, cases)?;
            }
            Ok(())
        })
        .await?;
    }
    let merged = u64::try_from(found.len()).unwrap_or(0);
    // A case that got more words meanwhile is left as it is and merged once more.
    db.write(move |tx| {
        for (case, fresh, merged) in &found {
            let all = union(merged, fresh);
            tx.execute(TAKEN_UP, args![*case, Vec::new(), all, fresh.clone()])?;
        }
        Ok(())
    })
    .await?;
    Ok(merged)
}

/// Two sorted blobs as one.
pub(crate) fn union(a: &[u8], b: &[u8]) -> Vec<u8> {
    let all: std::collections::BTreeSet<Token> = tokens(a).chain(tokens(b)).collect();
    all.into_iter().flatten().collect()
}

/// Adds sorted cases to a word.
fn add(tx: &mut Tx<'_>, token: &Token, cases: &[i64]) -> Result<(), StoreError> {
    let read = |row: Option<crate::Row>| -> Result<Option<(i64, Vec<i64>)>, StoreError> {
        row.map(|r| {
            let mut numbers = Vec::new();
            decode(r.int(0)?, r.bytes(1)?, &mut numbers);
            Ok((r.int(0)?, numbers))
        })
        .transpose()
    };
    let token = token.to_vec();
    let last = read(tx.one(LAST_CHUNK, args![token.clone()])?)?;
    let newest = last.as_ref().map(|(first, _)| *first);
    let (old, new): (Vec<i64>, Vec<i64>) = cases
        .iter()
        .partition(|case| newest.is_some_and(|first| **case < first));
    if !new.is_empty() {
        let mut all = last.map(|(_, numbers)| numbers).unwrap_or_default();
        all.extend(new);
        all.sort_unstable();
        all.dedup();
        for chunk in all.chunks(CHUNK) {
            put(tx, &token, chunk)?;
        }
    }
    for case in old {
        // An old case got a new word: it goes where its number belongs.
        match read(tx.one(CHUNK_OF, args![token.clone(), case])?)? {
            Some((_, mut numbers)) => {
                if let Err(place) = numbers.binary_search(&case) {
                    numbers.insert(place, case);
                    // Twice as full as a fresh one is halved.
                    for chunk in numbers.chunks(if numbers.len() > 2 * CHUNK {
                        CHUNK
                    } else {
                        2 * CHUNK
                    }) {
                        put(tx, &token, chunk)?;
                    }
                }
            }
            None => put(tx, &token, &[case])?,
        }
    }
    Ok(())
}

fn put(tx: &mut Tx<'_>, token: &[u8], chunk: &[i64]) -> Result<(), StoreError> {
    if let Some(first) = chunk.first() {
        let cases = encode(*first, chunk);
        tx.execute(PUT, args![token.to_vec(), *first, cases])?;
    }
    Ok(())
}

/// Takes a case out of the lists of its words.
pub(crate) fn forget(tx: &mut Tx<'_>, case: i64, words: &[u8]) -> Result<(), StoreError> {
    for token in tokens(words) {
        let token = token.to_vec();
        let Some(row) = tx.one(CHUNK_OF, args![token.clone(), case])? else {
            continue;
        };
        let first = row.int(0)?;
        let mut numbers = Vec::new();
        decode(first, row.bytes(1)?, &mut numbers);
        if let Ok(place) = numbers.binary_search(&case) {
            numbers.remove(place);
            if place == 0 {
                tx.execute(DROP, args![token.clone(), first])?;
            }
            put(tx, &token, &numbers)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_chunk_reads_as_it_was_written(numbers in prop::collection::btree_set(1_i64..i64::MAX / 2, 1..300)) {
            let numbers: Vec<i64> = numbers.into_iter().collect();
            let mut back = Vec::new();
            decode(numbers[0], &encode(numbers[0], &numbers), &mut back);
            prop_assert_eq!(back, numbers);
        }

        #[test]
        fn damaged_chunks_decode_to_something(first in any::<i64>(), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut numbers = Vec::new();
            decode(first, &bytes, &mut numbers);
            prop_assert!(!numbers.is_empty());
        }

        #[test]
        fn a_sorted_blob_has_exactly_its_tokens(all in prop::collection::btree_set(any::<Token>(), 0..100), other: Token) {
            let blob: Vec<u8> = all.iter().flatten().copied().collect();
            for token in &all {
                prop_assert!(has(&blob, token));
            }
            prop_assert_eq!(has(&blob, &other), all.contains(&other));
        }
    }
}
