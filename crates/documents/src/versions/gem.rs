//! RubyGems versions: numbers and letters, where letters make a pre-release.

use std::cmp::Ordering;

use super::Parsed;
use super::num::{Num, digits};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Text(String),
    Number(Num),
}

impl Segment {
    fn is_zero(&self) -> bool {
        matches!(self, Self::Number(number) if number.is_zero())
    }
}

pub(super) fn parse(text: &str) -> Parsed<Key> {
    let text = text.replace('-', ".pre.");
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.') {
        return Err("it has characters that gem versions do not have");
    }
    let mut segments = Vec::new();
    for part in text.split('.') {
        let mut rest = part;
        while !rest.is_empty() {
            let (number, after) = digits(rest);
            if let Some(number) = Num::parse(number) {
                segments.push(Segment::Number(number));
                rest = after;
                continue;
            }
            let end = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (letters, after) = rest.split_at(end);
            segments.push(Segment::Text(letters.to_owned()));
            rest = after;
        }
    }
    // Zeros at the end, and zeros before the first letters, do not count.
    let first_text = segments.iter().position(|s| matches!(s, Segment::Text(_)));
    let mut pre = segments.split_off(first_text.unwrap_or(segments.len()));
    for half in [&mut segments, &mut pre] {
        while half.last().is_some_and(Segment::is_zero) {
            half.pop();
        }
    }
    segments.extend(pre);
    Ok(Key(segments))
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let zero = Segment::Number(Num::ZERO);
        let longest = self.0.len().max(other.0.len());
        (0..longest)
            .map(|at| {
                let of = |key: &'_ Self| key.0.get(at).cloned();
                let (a, b) = (of(self), of(other));
                a.unwrap_or_else(|| zero.clone())
                    .cmp(&b.unwrap_or_else(|| zero.clone()))
            })
            .find(|order| *order != Ordering::Equal)
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
