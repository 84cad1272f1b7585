//! Maven versions: the order of `ComparableVersion` in Maven 3.8, which the specification's tests
//! and the versions of real artifacts follow (3.9 takes `.x` for `-x`).
//!
//! That order is not transitive in corners where letters follow a dot: 1-rc < 1 < 1.a.0 < 1-rc.

use std::cmp::Ordering;

use super::Parsed;
use super::num::Num;

#[derive(Debug, Clone)]
pub(super) struct Key(Vec<Item>);

#[derive(Debug, Clone)]
enum Item {
    Number(Num),
    Qualifier(Qualifier),
    List(Vec<Self>),
}

// Known qualifiers by rank, unknown ones after all of them by their text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Qualifier {
    Known(u8),
    Unknown(String),
}

const RELEASE: Qualifier = Qualifier::Known(5);

pub(super) fn parse(text: &str) -> Parsed<Key> {
    let lower = text.to_lowercase();
    // Each level is a list that began at a hyphen or between letters and digits.
    let mut levels: Vec<Vec<Item>> = vec![Vec::new()];
    let mut token = String::new();
    let mut is_digit = false;
    let descend = |levels: &mut Vec<Vec<Item>>| levels.push(Vec::new());
    let push = |levels: &mut Vec<Vec<Item>>, item: Item| {
        if let Some(level) = levels.last_mut() {
            level.push(item);
        }
    };
    for c in lower.chars() {
        if c == '.' || c == '-' {
            let item = if token.is_empty() {
                Item::Number(Num::ZERO)
            } else {
                item(is_digit, &token)
            };
            push(&mut levels, item);
            token.clear();
            if c == '-' {
                descend(&mut levels);
            }
        } else if c.is_ascii_digit() {
            if !is_digit && !token.is_empty() {
                push(&mut levels, Item::Qualifier(qualifier(&token, true)));
                token.clear();
                descend(&mut levels);
            }
            is_digit = true;
            token.push(c);
        } else {
            if is_digit && !token.is_empty() {
                push(&mut levels, item(true, &token));
                token.clear();
                descend(&mut levels);
            }
            is_digit = false;
            token.push(c);
        }
    }
    if !token.is_empty() {
        push(&mut levels, item(is_digit, &token));
    }
    // From the innermost list outwards: trailing nothings go.
    let mut inner: Option<Vec<Item>> = None;
    while let Some(mut level) = levels.pop() {
        if let Some(inner) = inner.take() {
            level.push(Item::List(inner));
        }
        normalise(&mut level);
        inner = Some(level);
    }
    Ok(Key(inner.unwrap_or_default()))
}

fn item(is_digit: bool, token: &str) -> Item {
    match Num::parse(token).filter(|_| is_digit) {
        Some(number) => Item::Number(number),
        None => Item::Qualifier(qualifier(token, false)),
    }
}

fn qualifier(token: &str, digit_follows: bool) -> Qualifier {
    let rank = match (token, digit_follows) {
        ("a", true) | ("alpha", _) => 0,
        ("b", true) | ("beta", _) => 1,
        ("m", true) | ("milestone", _) => 2,
        ("rc" | "cr", _) => 3,
        ("snapshot", _) => 4,
        ("" | "ga" | "final" | "release", _) => 5,
        ("sp", _) => 6,
        _ => return Qualifier::Unknown(token.to_owned()),
    };
    Qualifier::Known(rank)
}

fn normalise(level: &mut Vec<Item>) {
    let mut at = level.len();
    while let Some(before) = at.checked_sub(1) {
        at = before;
        let nothing = match level.get(at) {
            Some(Item::Number(number)) => number.is_zero(),
            Some(Item::Qualifier(qualifier)) => *qualifier == RELEASE,
            Some(Item::List(list)) => list.is_empty(),
            None => false,
        };
        if nothing {
            level.remove(at);
        } else if !matches!(level.get(at), Some(Item::List(_))) {
            break;
        }
    }
}

pub(super) fn compare(a: &Key, b: &Key) -> Ordering {
    lists(&a.0, &b.0)
}

fn lists(a: &[Item], b: &[Item]) -> Ordering {
    let longest = a.len().max(b.len());
    (0..longest)
        .map(|at| match (a.get(at), b.get(at)) {
            (Some(a), Some(b)) => items(a, b),
            (Some(a), None) => with_nothing(a),
            (None, Some(b)) => with_nothing(b).reverse(),
            (None, None) => Ordering::Equal,
        })
        .find(|order| *order != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}

fn items(a: &Item, b: &Item) -> Ordering {
    match (a, b) {
        (Item::Number(a), Item::Number(b)) => a.cmp(b),
        (Item::Qualifier(a), Item::Qualifier(b)) => a.cmp(b),
        (Item::List(a), Item::List(b)) => lists(a, b),
        // 1.1 is more than 1-1, which is more than 1-sp.
        (Item::Number(_), _) => Ordering::Greater,
        (_, Item::Number(_)) => Ordering::Less,
        (Item::List(_), Item::Qualifier(_)) => Ordering::Greater,
        (Item::Qualifier(_), Item::List(_)) => Ordering::Less,
    }
}

fn with_nothing(item: &Item) -> Ordering {
    match item {
        Item::Number(number) => number.cmp(&Num::ZERO),
        Item::Qualifier(qualifier) => qualifier.cmp(&RELEASE),
        Item::List(list) => list
            .iter()
            .map(with_nothing)
            .find(|order| *order != Ordering::Equal)
            .unwrap_or(Ordering::Equal),
    }
}
