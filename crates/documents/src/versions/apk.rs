//! Alpine versions, compared as apk-tools 2 does.

use std::cmp::Ordering;

use super::Parsed;
use super::num::{Num, digits};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key(Vec<Token>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Number(Num),
    // A number after a dot that begins with zeros counts as a fraction: more zeros are less.
    Zeros(usize),
    Letter(u8),
    // Below zero before the release, above it after.
    Suffix(i8),
    SuffixNumber(Num),
    Hash(String),
    Revision(Num),
}

impl Token {
    // The kinds of tokens in the order in which a version may have them.
    fn kind(&self) -> u8 {
        match self {
            Self::Number(_) | Self::Zeros(_) => 1,
            Self::Letter(_) => 2,
            Self::Suffix(_) => 3,
            Self::SuffixNumber(_) => 4,
            Self::Hash(_) => 5,
            Self::Revision(_) => 6,
        }
    }
}

const END: u8 = 7;

pub(super) fn parse(text: &str) -> Parsed<Key> {
    // A name that begins with another one comes before it.
    const SUFFIXES: [(&str, i8); 9] = [
        ("alpha", -4),
        ("beta", -3),
        ("pre", -2),
        ("rc", -1),
        ("cvs", 0),
        ("svn", 1),
        ("git", 2),
        ("hg", 3),
        ("p", 4),
    ];
    const WRONG: &str = "it is not numbers, a letter, suffixes and a revision in that order";
    let mut tokens = Vec::new();
    let (first, mut rest) = digits(text);
    tokens.push(Token::Number(Num::parse(first).ok_or(WRONG)?));
    while let Some(c) = rest.chars().next() {
        let last = tokens.last().map_or(0, Token::kind);
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '.' if last == 1 => {
                let zeros = after.bytes().take_while(|b| *b == b'0').count();
                let (number, next) = digits(after);
                let number = Num::parse(number).ok_or(WRONG)?;
                // apk counts a lone zero and leading zeros alike.
                if zeros > 0 {
                    tokens.push(Token::Zeros(zeros));
                    if let Some(tail) = digits(after).0.get(zeros..).and_then(Num::parse) {
                        tokens.push(Token::Number(tail));
                    }
                } else {
                    tokens.push(Token::Number(number));
                }
                rest = next;
            }
            'a'..='z' if last == 1 => {
                tokens.push(Token::Letter(u8::try_from(c).map_err(|_| WRONG)?));
                rest = after;
            }
            '_' if last <= 4 => {
                let found = SUFFIXES
                    .iter()
                    .find_map(|(name, rank)| Some((after.strip_prefix(name)?, *rank)));
                let (next, rank) = found.ok_or(WRONG)?;
                tokens.push(Token::Suffix(rank));
                rest = next;
            }
            // 5.1p1: numbers may go on after a letter.
            '0'..='9' if last == 2 => {
                let (number, next) = digits(rest);
                tokens.push(Token::Number(Num::parse(number).ok_or(WRONG)?));
                rest = next;
            }
            '0'..='9' if last == 3 => {
                let (number, next) = digits(rest);
                tokens.push(Token::SuffixNumber(Num::parse(number).ok_or(WRONG)?));
                rest = next;
            }
            '~' if last <= 4 => {
                let end = after.bytes().take_while(u8::is_ascii_hexdigit).count();
                let (hash, next) = after.split_at(end);
                if hash.is_empty() {
                    return Err(WRONG);
                }
                tokens.push(Token::Hash(hash.to_ascii_lowercase()));
                rest = next;
            }
            '-' if last <= 5 => {
                let (number, next) = digits(after.strip_prefix('r').ok_or(WRONG)?);
                // -r alone is -r0.
                tokens.push(Token::Revision(Num::parse(number).unwrap_or(Num::ZERO)));
                rest = next;
            }
            _ => return Err(WRONG),
        }
    }
    Ok(Key(tokens))
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let mut at = 0;
        loop {
            let (a, b) = (self.0.get(at), other.0.get(at));
            if a.is_none() && b.is_none() {
                return Ordering::Equal;
            }
            let order = token(a, b);
            if order != Ordering::Equal {
                return order;
            }
            at += 1;
        }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn token(a: Option<&Token>, b: Option<&Token>) -> Ordering {
    match (a, b) {
        (Some(Token::Number(a)), Some(Token::Number(b)))
        | (Some(Token::SuffixNumber(a)), Some(Token::SuffixNumber(b)))
        | (Some(Token::Revision(a)), Some(Token::Revision(b))) => a.cmp(b),
        (Some(Token::Zeros(a)), Some(Token::Zeros(b))) => b.cmp(a),
        (Some(Token::Zeros(_)), Some(Token::Number(_))) => Ordering::Less,
        (Some(Token::Number(_)), Some(Token::Zeros(_))) => Ordering::Greater,
        (Some(Token::Letter(a)), Some(Token::Letter(b))) => a.cmp(b),
        (Some(Token::Suffix(a)), Some(Token::Suffix(b))) => a.cmp(b),
        (Some(Token::Hash(a)), Some(Token::Hash(b))) => a.cmp(b),
        // Different kinds: a suffix before the release is least, else what goes on longer is more.
        (Some(Token::Suffix(rank)), _) if *rank < 0 => Ordering::Less,
        (_, Some(Token::Suffix(rank))) if *rank < 0 => Ordering::Greater,
        (a, b) => {
            let kind = |token: Option<&Token>| token.map_or(END, Token::kind);
            kind(b).cmp(&kind(a))
        }
    }
}
