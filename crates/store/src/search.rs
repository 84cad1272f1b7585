//! The blind index: keyed hashes of words, the same on both databases (decision 15).
//!
//! Whole words, and the beginnings of numbers and product names. Scope is applied in the query,
//! order is by time, so that no foreign frequency shows. A case keeps its own words in one row,
//! where a search finds them at once; the log of words over all cases is [`crate::postings`].

use crate::args;
use crate::cases::{LONGEST_PAGE, Page, by_numbers, words_of_own};
use crate::engine::Tx;
use crate::error::StoreError;
use crate::postings::{self, Token};
use crate::select::Select;
use entente_domain::access::Viewer;
use entente_domain::summary::CaseSummary;
use std::collections::BTreeSet;

/// Words of one search at most.
const LONGEST_QUERY: usize = 8;
/// Words that one case may have in the index.
const MOST_WORDS: usize = 4_000;

crate::statements! {
    WORDS = "SELECT fresh, merged FROM case_words WHERE case_number = $1";
    PUT = "INSERT INTO case_words (case_number, waiting, fresh, merged) VALUES ($1, 1, $2, $3) ON CONFLICT (case_number) DO UPDATE SET waiting = 1, fresh = excluded.fresh";
    FORGET = "DELETE FROM case_words WHERE case_number = $1";
    WAITING = "SELECT case_number, fresh FROM case_words WHERE waiting = 1 AND case_number < $1 ORDER BY case_number";
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
/// a case finds it. They are found at once; [`crate::postings::merge`] takes them up later.
pub fn index(
    tx: &mut Tx<'_>,
    case_number: i64,
    words: &BTreeSet<String>,
) -> Result<(), StoreError> {
    let known = tx.one(WORDS, args![case_number])?;
    let (fresh, merged) = match &known {
        Some(row) => (row.bytes(0)?, row.bytes(1)?),
        None => (&[][..], &[][..]),
    };
    let mut all: BTreeSet<Token> = postings::tokens(fresh).collect();
    let before = all.len();
    let room = MOST_WORDS.saturating_sub(before + merged.len() / 8);
    let new: Vec<Token> = words
        .iter()
        .map(|word| tx.keys().word(word))
        .filter(|t| !all.contains(t) && !postings::has(merged, t))
        .take(room)
        .collect();
    all.extend(new);
    if all.len() > before {
        let fresh: Vec<u8> = all.into_iter().flatten().collect();
        tx.execute(PUT, args![case_number, fresh, Vec::new()])?;
    }
    Ok(())
}

/// Removes a case from the index.
pub fn forget(tx: &mut Tx<'_>, case_number: i64) -> Result<(), StoreError> {
    if let Some(row) = tx.one(WORDS, args![case_number])? {
        // A merge may have taken the fresh ones up without having come to its end.
        let all = postings::union(row.bytes(0)?, row.bytes(1)?);
        postings::forget(tx, case_number, &all)?;
        tx.execute(FORGET, args![case_number])?;
    }
    Ok(())
}

/// The tokens of what somebody searches for.
fn query(tx: &Tx<'_>, text: &str) -> Vec<Token> {
    let mut words: BTreeSet<String> = BTreeSet::new();
    for piece in text.split_whitespace() {
        let whole: String = piece
            .trim_matches(|c: char| !c.is_alphanumeric())
            .chars()
            .flat_map(char::to_lowercase)
            .collect();
        if whole.chars().count() >= 2 {
            words.insert(whole);
        }
    }
    words
        .iter()
        .take(LONGEST_QUERY)
        .map(|w| tx.keys().word(w))
        .collect()
}

/// For several searches at once, the visible cases that each finds first, `limit` in all, each
/// case once, with the place of its search; `except` is left out.
pub fn first_of_each(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    texts: &[&str],
    except: i64,
    limit: usize,
) -> Result<Vec<(usize, CaseSummary)>, StoreError> {
    let queries: Vec<Vec<Token>> = texts.iter().map(|text| query(tx, text)).collect();
    let matches = matches(tx, viewer, &queries, i64::MAX)?;
    let mut shown: Vec<(usize, CaseSummary)> = Vec::new();
    for (n, mut numbers) in matches.into_iter().enumerate() {
        if shown.len() >= limit {
            break;
        }
        numbers.retain(|c| *c != except && shown.iter().all(|(_, known)| known.number != *c));
        // What is hidden is left out before anything is counted: it must not take a place.
        let room = limit - shown.len();
        let visible = by_numbers(tx, viewer, &numbers, room)?;
        shown.extend(visible.into_iter().map(|case| (n, case)));
    }
    Ok(shown)
}

/// The visible cases that have all words of `text`, newest first.
pub fn search(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    text: &str,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<CaseSummary>, StoreError> {
    let tokens = query(tx, text);
    let before = cursor
        .and_then(|c| c.parse::<i64>().ok())
        .unwrap_or(i64::MAX);
    let limit = usize::try_from(limit.clamp(1, LONGEST_PAGE)).unwrap_or(1);
    let numbers = matches(tx, viewer, &[tokens], before)?.concat();
    let mut items = by_numbers(tx, viewer, &numbers, limit + 1)?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|s| s.number.to_string());
    Ok(Page { items, next })
}

/// For each search the numbers of cases below `before` that have all its tokens, newest first; one
/// without tokens finds nothing. Who sees cases by membership is led by the words of those cases;
/// the log of words is for who sees by office.
fn matches(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    queries: &[Vec<Token>],
    before: i64,
) -> Result<Vec<Vec<i64>>, StoreError> {
    let all: BTreeSet<Token> = queries.iter().flatten().copied().collect();
    let all: Vec<Token> = all.into_iter().collect();
    if all.is_empty() {
        return Ok(Vec::new());
    }
    if !viewer.sees_unrestricted_cases() {
        let own = words_of_own(tx, viewer)?;
        let of = |tokens: &Vec<Token>| -> Vec<i64> {
            own.iter()
                .filter(|w| !tokens.is_empty() && w.number < before && w.have(tokens))
                .map(|w| w.number)
                .collect()
        };
        return Ok(queries.iter().map(of).collect());
    }
    let lists = lists(tx, &all, before)?;
    let of = |tokens: &Vec<Token>| -> Vec<i64> {
        let lists: Vec<&Vec<i64>> = tokens
            .iter()
            .filter_map(|t| lists.get(all.binary_search(t).ok()?))
            .collect();
        let Some((first, rest)) = lists.split_first() else {
            return Vec::new();
        };
        first
            .iter()
            .rev()
            .filter(|c| rest.iter().all(|list| list.binary_search(c).is_ok()))
            .copied()
            .collect()
    };
    Ok(queries.iter().map(of).collect())
}

/// For each token the numbers of cases below `before` that have it, oldest first.
fn lists(tx: &mut Tx<'_>, tokens: &[Token], before: i64) -> Result<Vec<Vec<i64>>, StoreError> {
    let mut q =
        Select::new("SELECT token, first_case, cases FROM postings WHERE token IN (".to_owned());
    q.list(tokens.iter().map(|token| token.to_vec().into()))
        .push(
            " AND first_case < ? ORDER BY token, first_case",
            args![before],
        );
    let mut lists: Vec<Vec<i64>> = tokens.iter().map(|_| Vec::new()).collect();
    for row in q.all(tx)? {
        let token = row.bytes(0)?;
        for (of, list) in tokens.iter().zip(&mut lists) {
            if of.as_slice() == token {
                postings::decode(row.int(1)?, row.bytes(2)?, list);
            }
        }
    }
    for row in tx.all(WAITING, args![before])? {
        let fresh = row.bytes(1)?;
        for (token, list) in tokens.iter().zip(&mut lists) {
            if postings::has(fresh, token) {
                list.push(row.int(0)?);
            }
        }
    }
    for list in &mut lists {
        list.retain(|number| *number < before);
        list.sort_unstable();
        list.dedup();
    }
    Ok(lists)
}
