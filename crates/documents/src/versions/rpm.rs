//! RPM versions (epoch, version, release) and those of Arch Linux, which descend from them.

use std::cmp::Ordering;

use super::Parsed;
use super::num::{Num, digits};

#[derive(Debug, Clone)]
pub(super) struct Key {
    epoch: String,
    version: String,
    release: Option<String>,
    // Arch Linux ignores a release that only one side has, and knows neither tilde nor caret.
    alpm: bool,
}

pub(super) fn parse(text: &str) -> Parsed<Key> {
    read(text, false)
}

pub(super) fn parse_alpm(text: &str) -> Parsed<Key> {
    read(text, true)
}

fn read(text: &str, alpm: bool) -> Parsed<Key> {
    let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
    let split = if alpm {
        rest.rsplit_once('-')
    } else {
        rest.split_once('-')
    };
    let (version, release) = match split {
        Some((version, release)) => (version, Some(release)),
        None => (rest, None),
    };
    if version.is_empty() {
        return Err("it has no version before the release");
    }
    if text.contains(char::is_whitespace) {
        return Err("it has blanks");
    }
    Ok(Key {
        epoch: if epoch.is_empty() { "0" } else { epoch }.to_owned(),
        version: version.to_owned(),
        release: release.map(str::to_owned),
        alpm,
    })
}

pub(super) fn compare(a: &Key, b: &Key) -> Ordering {
    let alpm = a.alpm;
    part(&a.epoch, &b.epoch, alpm)
        .then_with(|| part(&a.version, &b.version, alpm))
        .then_with(|| match (&a.release, &b.release) {
            (Some(a), Some(b)) => part(a, b, alpm),
            _ if alpm => Ordering::Equal,
            (a, b) => a.is_some().cmp(&b.is_some()),
        })
}

// rpmvercmp: runs of digits or letters between separators.
fn part(mut a: &str, mut b: &str, alpm: bool) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    loop {
        // Arch Linux: separators count as a rest.
        if alpm && (a.is_empty() || b.is_empty()) {
            break;
        }
        let separator = |c: char| !c.is_ascii_alphanumeric() && (alpm || !matches!(c, '~' | '^'));
        let (before_a, before_b) = (a.len(), b.len());
        a = a.trim_start_matches(separator);
        b = b.trim_start_matches(separator);
        if !alpm {
            match (a.strip_prefix('~'), b.strip_prefix('~')) {
                (Some(rest_a), Some(rest_b)) => {
                    (a, b) = (rest_a, rest_b);
                    continue;
                }
                (Some(_), None) => return Ordering::Less,
                (None, Some(_)) => return Ordering::Greater,
                (None, None) => {}
            }
            match (a.strip_prefix('^'), b.strip_prefix('^')) {
                (Some(rest_a), Some(rest_b)) => {
                    (a, b) = (rest_a, rest_b);
                    continue;
                }
                // A caret is more than the end and less than anything else.
                (Some(_), None) if b.is_empty() => return Ordering::Greater,
                (Some(_), None) => return Ordering::Less,
                (None, Some(_)) if a.is_empty() => return Ordering::Less,
                (None, Some(_)) => return Ordering::Greater,
                (None, None) => {}
            }
        }
        if a.is_empty() || b.is_empty() {
            break;
        }
        // Arch Linux: more separators are more.
        let (skipped_a, skipped_b) = (before_a - a.len(), before_b - b.len());
        if alpm && skipped_a != skipped_b {
            return skipped_a.cmp(&skipped_b);
        }
        let (digits_a, digits_b) = (digits(a), digits(b));
        let order = match (Num::parse(digits_a.0), Num::parse(digits_b.0)) {
            (Some(x), Some(y)) => {
                (a, b) = (digits_a.1, digits_b.1);
                x.cmp(&y)
            }
            (Some(_), None) => return Ordering::Greater,
            (None, Some(_)) => return Ordering::Less,
            (None, None) => {
                let (letters_a, rest_a) = letters(a);
                let (letters_b, rest_b) = letters(b);
                (a, b) = (rest_a, rest_b);
                letters_a.cmp(letters_b)
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    match (a.is_empty(), b.is_empty()) {
        (true, true) => Ordering::Equal,
        // Arch Linux: letters that remain make a pre-release, 1.0alpha before 1.0.
        (true, false) if alpm => remaining(b).reverse(),
        (false, true) if alpm => remaining(a),
        (true, false) => Ordering::Less,
        (false, _) => Ordering::Greater,
    }
}

fn remaining(rest: &str) -> Ordering {
    if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        Ordering::Less
    } else {
        Ordering::Greater
    }
}

fn letters(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    text.split_at(end)
}
