//! Composer versions, compared as PHP's `version_compare` does, without a leading `v`.

use std::cmp::Ordering;

use super::Parsed;
use super::num::Num;

#[derive(Debug, Clone)]
pub(super) struct Key(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Number(Num),
    // Rank among the words PHP knows, and the word.
    Word(i8, String),
}

// Where a number stands among the words.
const NUMBER: i8 = 4;
const UNKNOWN: i8 = -1;

pub(super) fn parse(text: &str) -> Parsed<Key> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("it has blanks");
    }
    // A new part begins at a separator and wherever digits and letters meet.
    let mut parts = Vec::new();
    let mut token = String::new();
    let mut flush = |token: &mut String| {
        if !token.is_empty() {
            parts.push(part(token));
            token.clear();
        }
    };
    let mut last_digit = None;
    for c in text.chars() {
        let digit = c.is_ascii_digit();
        let separator = matches!(c, '.' | '-' | '_' | '+');
        if separator || last_digit.is_some_and(|last| last != digit) {
            flush(&mut token);
        }
        if separator {
            last_digit = None;
        } else {
            token.push(c);
            last_digit = Some(digit);
        }
    }
    flush(&mut token);
    if parts.is_empty() {
        return Err("it has neither numbers nor words");
    }
    Ok(Key(parts))
}

fn part(token: &str) -> Part {
    if let Some(number) = Num::parse(token) {
        return Part::Number(number);
    }
    // PHP looks at the beginning of the word only, so that alpha and a are one.
    let known = [
        ("dev", 0),
        ("a", 1),
        ("b", 2),
        ("RC", 3),
        ("rc", 3),
        ("p", 5),
    ];
    let found = known.iter().find(|(word, _)| token.starts_with(word));
    Part::Word(found.map_or(UNKNOWN, |(_, rank)| *rank), token.to_owned())
}

pub(super) fn compare(a: &Key, b: &Key) -> Result<Ordering, &'static str> {
    let rank = |part: &Part| match part {
        Part::Number(_) => NUMBER,
        Part::Word(rank, _) => *rank,
    };
    // What remains of the longer one: a number makes it more, a word has its rank.
    let remaining = |part: &Part| match part {
        Part::Number(_) => Ordering::Greater,
        Part::Word(rank, _) => rank.cmp(&NUMBER),
    };
    for at in 0..a.0.len().max(b.0.len()) {
        let order = match (a.0.get(at), b.0.get(at)) {
            (Some(Part::Number(a)), Some(Part::Number(b))) => a.cmp(b),
            (Some(Part::Word(UNKNOWN, a)), Some(Part::Word(UNKNOWN, b))) if a != b => {
                return Err("the words of both are unknown to Composer");
            }
            (Some(a), Some(b)) => rank(a).cmp(&rank(b)),
            (Some(a), None) => remaining(a),
            (None, Some(b)) => remaining(b).reverse(),
            (None, None) => Ordering::Equal,
        };
        if order != Ordering::Equal {
            return Ok(order);
        }
    }
    Ok(Ordering::Equal)
}
