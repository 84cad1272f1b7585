//! The blind index: keyed hashes of words, the same on both databases (decision 15).
//!
//! Whole words, and the beginnings of numbers and product names. Scope is applied in the query,
//! order is by time, so that no foreign frequency shows.

use crate::args;
use crate::cases::{Page, by_tokens};
use crate::engine::Tx;
use crate::error::StoreError;
use entente_domain::access::Viewer;
use entente_domain::summary::CaseSummary;
use std::collections::BTreeSet;

/// Words of one search at most.
const LONGEST_QUERY: usize = 8;
/// Words that one case may have in the index.
const MOST_WORDS: usize = 4_000;

crate::statements! {
    ADD = "INSERT INTO postings (token, case_number) VALUES ($1, $2) ON CONFLICT (token, case_number) DO NOTHING";
    FORGET = "DELETE FROM postings WHERE case_number = $1";
}

/// The words of a text, folded: lower case, letters and digits, with the joined forms of things
/// like `CVE-2026-12345` kept whole as well.
pub fn words(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for piece in text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '"' | '<' | '>'))
    {
        let whole: String = piece
            .trim_matches(|c: char| !c.is_alphanumeric())
            .chars()
            .flat_map(char::to_lowercase)
            .collect();
        if (2..=64).contains(&whole.chars().count()) {
            found.insert(whole.clone());
        }
        for part in whole.split(|c: char| !c.is_alphanumeric()) {
            if (2..=64).contains(&part.chars().count()) {
                found.insert(part.to_owned());
            }
        }
    }
    found
}

/// The beginnings of a name, from three letters on, so that one can search as one types.
pub fn beginnings(name: &str) -> BTreeSet<String> {
    words(name)
        .iter()
        .flat_map(|w| {
            let letters: Vec<char> = w.chars().collect();
            (3..=letters.len().min(16)).map(move |n| letters.iter().take(n).collect::<String>())
        })
        .collect()
}

/// Adds words of a case to the index. Words stay until the case is erased: what was once said of
/// a case finds it.
pub fn index(
    tx: &mut Tx<'_>,
    case_number: i64,
    words: &BTreeSet<String>,
) -> Result<(), StoreError> {
    for word in words.iter().take(MOST_WORDS) {
        let token = tx.keys().word(word).to_vec();
        tx.execute(ADD, args![token, case_number])?;
    }
    Ok(())
}

/// Removes a case from the index.
pub fn forget(tx: &mut Tx<'_>, case_number: i64) -> Result<(), StoreError> {
    tx.execute(FORGET, args![case_number])?;
    Ok(())
}

/// The visible cases that have all words of `text`, newest first.
pub fn search(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    text: &str,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<CaseSummary>, StoreError> {
    let mut query: BTreeSet<String> = BTreeSet::new();
    for piece in text.split_whitespace() {
        let whole: String = piece
            .trim_matches(|c: char| !c.is_alphanumeric())
            .chars()
            .flat_map(char::to_lowercase)
            .collect();
        if whole.chars().count() >= 2 {
            query.insert(whole);
        }
    }
    let tokens: Vec<[u8; 8]> = query
        .iter()
        .take(LONGEST_QUERY)
        .map(|w| tx.keys().word(w))
        .collect();
    by_tokens(tx, viewer, &tokens, cursor, limit)
}
