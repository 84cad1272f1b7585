//! Semantic Versioning and its relatives: npm, cargo, hex, Go modules, pub, NuGet.
//!
//! Read leniently as these ecosystems do: a leading `v` or `=`, fewer or more than three numbers.
//! Build metadata does not count, except in pub, where it orders.

use std::cmp::Ordering;

use super::Parsed;
use super::num::{Num, digits};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    // Without trailing zeros.
    numbers: Vec<Num>,
    pre: Vec<Identifier>,
    // pub only.
    build: Vec<Identifier>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(Num),
    Text(String),
}

pub(super) fn parse(text: &str) -> Parsed<Key> {
    let text = text.trim_start_matches(['v', 'V', '=', ' ']);
    let (text, _build) = text.split_once('+').unwrap_or((text, ""));
    read(text, Vec::new())
}

pub(super) fn parse_go(text: &str) -> Parsed<Key> {
    parse(text.strip_prefix("go").unwrap_or(text))
}

pub(super) fn parse_pub(text: &str) -> Parsed<Key> {
    let (version, build) = text.split_once('+').unwrap_or((text, ""));
    let build = identifiers(build).unwrap_or_default();
    read(version.trim_start_matches(['v', '=']), build)
}

pub(super) fn parse_nuget(text: &str) -> Parsed<Key> {
    parse(&text.to_lowercase())
}

fn read(text: &str, build: Vec<Identifier>) -> Parsed<Key> {
    let mut numbers = Vec::new();
    let mut rest = text;
    let pre = loop {
        let (number, after) = digits(rest);
        let Some(number) = Num::parse(number) else {
            return Err("it does not begin with numbers separated by dots");
        };
        numbers.push(number);
        match after.strip_prefix('.') {
            Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => rest = next,
            // 1.0.0.beta1 and 1.0.0beta1 are loose ways of writing a pre-release.
            Some(next) => break next,
            None => break after.strip_prefix('-').unwrap_or(after),
        }
    };
    let pre = identifiers(pre).ok_or("its pre-release has characters that are not allowed")?;
    while numbers.last().is_some_and(Num::is_zero) {
        numbers.pop();
    }
    Ok(Key {
        numbers,
        pre,
        build,
    })
}

fn identifiers(text: &str) -> Option<Vec<Identifier>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
    if !text.chars().all(allowed) {
        return None;
    }
    let identifier = |part: &str| match Num::parse(part) {
        Some(number) => Identifier::Number(number),
        None => Identifier::Text(part.to_owned()),
    };
    Some(text.split('.').map(identifier).collect())
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers
            .cmp(&other.numbers)
            // A pre-release comes before its release.
            .then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => self.pre.cmp(&other.pre),
            })
            .then_with(|| self.build.cmp(&other.build))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
