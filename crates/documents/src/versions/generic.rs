//! Versions of which no scheme is known, and schemes that are plain lists of numbers.
//!
//! Without a scheme only that is decided on which all schemes agree; the rest is said to be
//! undecidable.

use std::cmp::Ordering;

use super::num::{Num, digits};
use super::{Parsed, Scheme};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    parts: Vec<Part>,
    // 1.0 and 1.0.0 differ (R, Haskell), or are the same (unknown schemes).
    exact_length: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Number(Num),
    Letters(String),
}

pub(super) fn parse_numbers(text: &str, scheme: Scheme) -> Parsed<Key> {
    let cran = scheme == Scheme::Cran;
    let intdot = scheme == Scheme::Intdot;
    // Intdot ends at the first sign that is neither a digit nor a dot.
    let end = text.find(|c: char| intdot && !c.is_ascii_digit() && c != '.');
    let text = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
    let text = if intdot {
        text.trim_end_matches('.')
    } else {
        text
    };
    let part = |part: &str| Num::parse(part).map(Part::Number);
    let parts = text.split(|c| c == '.' || (cran && c == '-')).map(part);
    Ok(Key {
        parts: parts
            .collect::<Option<_>>()
            .ok_or("it is not numbers separated by dots")?,
        exact_length: !intdot,
    })
}

pub(super) fn parse(text: &str) -> Parsed<Key> {
    let version = text.strip_prefix(['v', 'V']).unwrap_or(text);
    // What follows a plus is build metadata in some schemes and a later version in others.
    if version.contains(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))) {
        return Err("it has signs whose meaning depends on the scheme");
    }
    let mut parts = Vec::new();
    for piece in version.split(['.', '-', '_']) {
        let mut rest = piece;
        while !rest.is_empty() {
            let (number, after) = digits(rest);
            if let Some(number) = Num::parse(number) {
                parts.push(Part::Number(number));
                rest = after;
                continue;
            }
            let end = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (letters, after) = rest.split_at(end);
            parts.push(Part::Letters(letters.to_ascii_lowercase()));
            rest = after;
        }
    }
    if parts.is_empty() {
        return Err("it has neither numbers nor letters");
    }
    while matches!(parts.last(), Some(Part::Number(number)) if number.is_zero()) {
        parts.pop();
    }
    Ok(Key {
        parts,
        exact_length: false,
    })
}

pub(super) fn compare(a: &Key, b: &Key) -> Result<Ordering, &'static str> {
    for at in 0..a.parts.len().max(b.parts.len()) {
        let order = match (a.parts.get(at), b.parts.get(at)) {
            (Some(Part::Number(a)), Some(Part::Number(b))) => a.cmp(b),
            (Some(Part::Letters(x)), Some(Part::Letters(y))) => letters(x, y)?,
            (Some(Part::Number(_)), None) if a.exact_length => Ordering::Greater,
            (None, Some(Part::Number(_))) if a.exact_length => Ordering::Less,
            (Some(Part::Number(number)), None) => number.cmp(&Num::ZERO),
            (None, Some(Part::Number(number))) => Num::ZERO.cmp(number),
            (Some(Part::Letters(letters)), None) => pre_release(letters)?,
            (None, Some(Part::Letters(letters))) => pre_release(letters)?.reverse(),
            _ => return Err("one has letters where the other has a number"),
        };
        if order != Ordering::Equal {
            return Ok(order);
        }
    }
    Ok(Ordering::Equal)
}

fn rank(letters: &str) -> Option<u8> {
    Some(match letters {
        "dev" | "snapshot" => 0,
        "alpha" => 1,
        "beta" => 2,
        "pre" | "preview" | "rc" => 3,
        _ => return None,
    })
}

// Single letters are releases in alphabetical order (1.0.2a, 1.0.2b); known words have a rank.
fn letters(a: &str, b: &str) -> Result<Ordering, &'static str> {
    match (rank(a), rank(b)) {
        _ if a == b => Ok(Ordering::Equal),
        (Some(a), Some(b)) if a != b && a > 0 && b > 0 => Ok(a.cmp(&b)),
        (None, None) if a.len() == 1 && b.len() == 1 => Ok(a.cmp(b)),
        _ => Err("the order of its words depends on the scheme"),
    }
}

// Letters against nothing.
fn pre_release(letters: &str) -> Result<Ordering, &'static str> {
    match rank(letters) {
        Some(_) => Ok(Ordering::Less),
        None => Err("its letters may mean a version before or after the one without"),
    }
}
