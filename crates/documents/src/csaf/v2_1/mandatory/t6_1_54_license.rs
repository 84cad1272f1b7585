//! 6.1.54 license expression, by the grammar of SPDX 3.0.1 annex B.

use crate::csaf::facts::Facts;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;

/// Deeper parentheses are refused.
const DEEPEST: usize = 64;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    if let Some(text) = facts.document.text("license_expression")
        && let Err(fault) = check(text)
    {
        let root = Path::Root;
        findings.add(
            "6.1.54",
            &root.key("document").key("license_expression"),
            format!("is no SPDX license expression: {fault}"),
        );
    }
}

/// Says what is wrong with an expression.
pub(in crate::csaf::v2_1) fn check(text: &str) -> Result<(), String> {
    let words = words(text)?;
    let mut parser = Parser { words: &words };
    parser.compound(0)?;
    match parser.words.first() {
        None => Ok(()),
        Some(word) => Err(format!("`{word}` is not expected there")),
    }
}

/// Words are parted by one space; parentheses are words of their own.
pub(in crate::csaf::v2_1) fn words(text: &str) -> Result<Vec<&str>, String> {
    let mut words = Vec::new();
    for part in text.split(' ') {
        if part.is_empty() {
            return Err("words must be parted by one space".to_owned());
        }
        let mut rest = part;
        while let Some(at) = rest.find(['(', ')']) {
            let (before, from) = rest.split_at(at);
            let (parenthesis, after) = from.split_at(1);
            words.extend(
                [before, parenthesis]
                    .into_iter()
                    .filter(|word| !word.is_empty()),
            );
            rest = after;
        }
        words.extend(Some(rest).filter(|word| !word.is_empty()));
    }
    Ok(words)
}

struct Parser<'w> {
    words: &'w [&'w str],
}

impl<'w> Parser<'w> {
    fn next(&mut self) -> Option<&'w str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn peeks(&self, either: [&str; 2]) -> bool {
        self.words.first().is_some_and(|word| either.contains(word))
    }

    fn compound(&mut self, depth: usize) -> Result<(), String> {
        if depth > DEEPEST {
            return Err("parentheses are nested too deep".to_owned());
        }
        loop {
            self.simple(depth)?;
            if self.peeks(["WITH", "with"]) {
                self.next();
                let exception = self.next().ok_or("an exception must follow WITH")?;
                if !is_exception(exception) {
                    return Err(format!("`{exception}` is no exception"));
                }
            }
            if self.peeks(["AND", "and"]) || self.peeks(["OR", "or"]) {
                self.next();
            } else {
                return Ok(());
            }
        }
    }

    fn simple(&mut self, depth: usize) -> Result<(), String> {
        match self.next() {
            None => Err("it ends where a license must follow".to_owned()),
            Some("(") => {
                self.compound(depth + 1)?;
                match self.next() {
                    Some(")") if !self.peeks(["WITH", "with"]) => Ok(()),
                    Some(")") => Err("WITH must follow a license".to_owned()),
                    _ => Err("a parenthesis is not closed".to_owned()),
                }
            }
            Some(word) if is_license(word) => Ok(()),
            Some(word) => Err(format!("`{word}` is no license identifier")),
        }
    }
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}

fn is_operator(word: &str) -> bool {
    matches!(
        word,
        "AND" | "OR" | "WITH" | "and" | "or" | "with" | "NONE" | "NOASSERTION"
    )
}

/// A prefix of references, in another case than it must have, is no name.
fn is_name(word: &str) -> bool {
    let misspelt = |prefix: &str| {
        word.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    !is_operator(word) && !misspelt("LicenseRef-") && !misspelt("AdditionRef-") && is_id(word)
}

/// A reference into another document is not allowed: the reader has none.
fn is_license(word: &str) -> bool {
    match word.strip_prefix("LicenseRef-") {
        Some(reference) => is_id(reference),
        None => is_name(word.strip_suffix('+').unwrap_or(word)),
    }
}

fn is_exception(word: &str) -> bool {
    match word.strip_prefix("AdditionRef-") {
        Some(reference) => is_id(reference),
        None => is_name(word),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn expressions_are_told_from_texts() {
        for text in [
            "MIT",
            "GPL-2.0-only+ WITH Classpath-exception-2.0",
            "(MIT OR Apache-2.0) AND LicenseRef-a",
            "MIT or ((ISC))",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        for text in [
            "",
            " MIT",
            "MIT  OR ISC",
            "(MIT",
            "MIT)",
            "(MIT) WITH a",
            "MIT OR",
            "MIT ISC",
            "licenseref-a",
            "LicenseRef-a/b",
            "DocumentRef-a:LicenseRef-b",
        ] {
            assert!(check(text).is_err(), "{text}");
        }
        assert!(check(&"(".repeat(100_000)).is_err());
    }
}
