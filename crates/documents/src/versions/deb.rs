//! Debian versions: epoch, upstream version, revision, compared as dpkg does.

use std::cmp::Ordering;

use super::Parsed;
use super::num::{Num, digits};

#[derive(Debug, Clone)]
pub(super) struct Key {
    epoch: Num,
    upstream: String,
    revision: String,
}

pub(super) fn parse(text: &str) -> Parsed<Key> {
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) => (Num::parse(epoch).ok_or("its epoch is not a number")?, rest),
        None => (Num::ZERO, text),
    };
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._+~-:".contains(c);
    if upstream.is_empty() {
        return Err("it has no upstream version");
    }
    if !rest.chars().all(allowed) {
        return Err("it has characters that Debian versions do not have");
    }
    Ok(Key {
        epoch,
        upstream: upstream.to_owned(),
        revision: revision.to_owned(),
    })
}

pub(super) fn compare(a: &Key, b: &Key) -> Ordering {
    a.epoch
        .cmp(&b.epoch)
        .then_with(|| part(&a.upstream, &b.upstream))
        .then_with(|| part(&a.revision, &b.revision))
}

// Alternately what is no digit, letter by letter, and numbers.
fn part(mut a: &str, mut b: &str) -> Ordering {
    while !(a.is_empty() && b.is_empty()) {
        let (text_a, rest_a) = text(a);
        let (text_b, rest_b) = text(b);
        let order = weights(text_a).cmp(weights(text_b));
        let (digits_a, rest_a) = digits(rest_a);
        let (digits_b, rest_b) = digits(rest_b);
        let number = |digits| Num::parse(digits).unwrap_or(Num::ZERO);
        let order = order.then_with(|| number(digits_a).cmp(&number(digits_b)));
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

fn text(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(|b| !b.is_ascii_digit()).count();
    text.split_at(end)
}

fn weights(text: &str) -> impl Iterator<Item = i32> {
    text.bytes().map(weight).chain([0])
}

// A tilde comes before the end, letters before the rest.
fn weight(byte: u8) -> i32 {
    match byte {
        b'~' => -1,
        letter if letter.is_ascii_alphabetic() => i32::from(letter),
        other => i32::from(other) + 256,
    }
}
