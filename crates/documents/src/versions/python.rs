//! PEP 440, and for what is older the order that setuptools gave to legacy versions: all of them
//! before all others.

use super::Parsed;
use super::num::{Num, digits};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Legacy(Vec<String>),
    Pep440 {
        epoch: Num,
        // Without trailing zeros.
        release: Vec<Num>,
        pre: Pre,
        post: Post,
        dev: Dev,
        local: Vec<Local>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pre {
    // 1.0.dev1 comes before 1.0a1.
    DevOfRelease,
    Alpha(Num),
    Beta(Num),
    Candidate(Num),
    Final,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Post {
    None,
    Number(Num),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dev {
    Number(Num),
    None,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Local {
    Text(String),
    Number(Num),
}

pub(super) fn parse(text: &str) -> Parsed<Key> {
    let lower = text.to_ascii_lowercase();
    if let Some(key) = pep440(&lower) {
        return Ok(key);
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("it is no version of Python packages, of old or of new");
    }
    Ok(Key::Legacy(legacy(&lower)))
}

fn pep440(text: &str) -> Option<Key> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (public, local) = match text.split_once('+') {
        Some((public, local)) => (public, Some(local)),
        None => (text, None),
    };
    let (epoch, mut rest) = match public.split_once('!') {
        Some((epoch, rest)) => (Num::parse(epoch)?, rest),
        None => (Num::ZERO, public),
    };
    let mut release = Vec::new();
    loop {
        let (number, after) = digits(rest);
        release.push(Num::parse(number)?);
        rest = after;
        match after.strip_prefix('.') {
            Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => rest = next,
            _ => break,
        }
    }
    while release.last().is_some_and(Num::is_zero) {
        release.pop();
    }
    type Kind = fn(Num) -> Pre;
    let words: &[(&str, Kind)] = &[
        ("alpha", Pre::Alpha),
        ("beta", Pre::Beta),
        ("preview", Pre::Candidate),
        ("pre", Pre::Candidate),
        ("rc", Pre::Candidate),
        ("a", Pre::Alpha),
        ("b", Pre::Beta),
        ("c", Pre::Candidate),
    ];
    let mut pre = None;
    let word = words
        .iter()
        .find_map(|(word, kind)| Some((segment(rest, &[word])?, kind)));
    if let Some(((number, after), kind)) = word {
        pre = Some(kind(number));
        rest = after;
    }
    let mut post = Post::None;
    if let Some((number, after)) = segment(rest, &["post", "rev", "r"]) {
        post = Post::Number(number);
        rest = after;
    } else if let Some(after) = rest.strip_prefix('-') {
        let (number, after) = digits(after);
        if let Some(number) = Num::parse(number) {
            post = Post::Number(number);
            rest = after;
        }
    }
    let mut dev = Dev::None;
    if let Some((number, after)) = segment(rest, &["dev"]) {
        dev = Dev::Number(number);
        rest = after;
    }
    if !rest.is_empty() {
        return None;
    }
    let pre = pre.unwrap_or(match (&post, &dev) {
        (Post::None, Dev::Number(_)) => Pre::DevOfRelease,
        _ => Pre::Final,
    });
    let part = |part: &str| {
        let known = !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
        known.then(|| match Num::parse(part) {
            Some(number) => Local::Number(number),
            None => Local::Text(part.to_owned()),
        })
    };
    let local = local
        .into_iter()
        .flat_map(|local| local.split(['.', '-', '_']));
    Some(Key::Pep440 {
        epoch,
        release,
        pre,
        post,
        dev,
        local: local.map(part).collect::<Option<_>>()?,
    })
}

// A separator, one of the words, a separator and a number, all but the word optional.
fn segment<'a>(text: &'a str, words: &[&str]) -> Option<(Num, &'a str)> {
    let separators = ['.', '-', '_'];
    let start = text.strip_prefix(separators).unwrap_or(text);
    let after = words.iter().find_map(|word| start.strip_prefix(word))?;
    let (number, rest) = digits(after.strip_prefix(separators).unwrap_or(after));
    match Num::parse(number) {
        Some(number) => Some((number, rest)),
        None => Some((Num::ZERO, after)),
    }
}

// The sort key of setuptools before PEP 440.
fn legacy(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let same = |c: char| match first {
            '0'..='9' => c.is_ascii_digit(),
            'a'..='z' => c.is_ascii_lowercase(),
            '.' | '-' => false,
            _ => !c.is_ascii_digit() && !c.is_ascii_lowercase() && !matches!(c, '.' | '-'),
        };
        let length = rest
            .chars()
            .skip(1)
            .take_while(|c| same(*c))
            .map(char::len_utf8);
        let (part, after) = rest.split_at(first.len_utf8() + length.sum::<usize>());
        rest = after;
        let part = match part {
            "pre" | "preview" | "rc" => "c",
            "-" => "final-",
            "dev" => "@",
            other => other,
        };
        if part == "." {
            continue;
        }
        if part.starts_with(|c: char| c.is_ascii_digit()) {
            // Numbers compare as text of eight digits, as they did.
            parts.push(format!("{part:0>8}"));
            continue;
        }
        let part = format!("*{part}");
        if part.as_str() < "*final" {
            while parts.last().is_some_and(|last| last == "*final-") {
                parts.pop();
            }
        }
        while parts.last().is_some_and(|last| last == "00000000") {
            parts.pop();
        }
        parts.push(part);
    }
    parts.push("*final".to_owned());
    parts
}
