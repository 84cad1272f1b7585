//! Conan versions: dot-separated items, a pre-release after a hyphen, a build after a plus.
//!
//! Conan compares an item of digits with one of digits and letters as text, which is no order
//! (10 < 1a < 9 < 10). Here their leading numbers come first, which agrees with it wherever it is
//! one.

use std::cmp::Ordering;

use super::Parsed;
use super::num::{Num, digits};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    // Without trailing zeros.
    items: Vec<Item>,
    pre: Option<Vec<Item>>,
    build: Option<Vec<Item>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    // A leading number and what follows it.
    Number(Num, String),
    Text(String),
}

pub(super) fn parse(text: &str) -> Parsed<Key> {
    let (text, build) = match text.rsplit_once('+') {
        Some((text, build)) => (text, Some(items(build))),
        None => (text, None),
    };
    let (text, pre) = match text.rsplit_once('-') {
        Some((text, pre)) if !text.is_empty() => (text, Some(items(pre))),
        _ => (text, None),
    };
    if text.contains(char::is_whitespace) {
        return Err("it has blanks");
    }
    Ok(Key {
        items: items(text),
        pre,
        build,
    })
}

fn items(text: &str) -> Vec<Item> {
    let item = |part: &str| {
        let (number, rest) = digits(part);
        match Num::parse(number) {
            Some(number) => Item::Number(number, rest.to_owned()),
            None => Item::Text(part.to_owned()),
        }
    };
    let mut items = text.split('.').map(item).collect::<Vec<_>>();
    let zero = Item::Number(Num::ZERO, String::new());
    while items.last() == Some(&zero) {
        items.pop();
    }
    items
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.items
            .cmp(&other.items)
            .then_with(|| match (&self.pre, &other.pre) {
                (Some(a), Some(b)) => a.cmp(b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            })
            .then_with(|| self.build.cmp(&other.build))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
