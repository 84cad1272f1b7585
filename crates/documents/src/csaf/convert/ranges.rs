//! Names of version ranges, which 2.0 left free and 2.1 does not.

use crate::versions::{Comparator, Range};

/// What becomes of the name of a `product_version_range`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// It stays.
    Kept,
    /// A range that says the same; how it came about.
    Range(String, &'static str),
    /// One version, which is no range.
    Version(String, &'static str),
    /// Nothing that could be read as a range.
    Unreadable,
}

pub(super) fn convert(name: &str) -> Name {
    if let Some(rest) = name.strip_prefix("vers:") {
        return vers(name, rest);
    }
    if let Some(kept) = listed(name) {
        return kept;
    }
    guessed(name)
}

/// A version range specifier.
fn vers(name: &str, rest: &str) -> Name {
    // `all` has no versions of its own: what is said of them is a plain list.
    if let Some(constraints) = rest.strip_prefix("all/")
        && constraints != "*"
    {
        return guessed(constraints);
    }
    let Ok(range) = Range::parse_lenient(name) else {
        return Name::Unreadable;
    };
    if let [only] = range.constraints() {
        match only.comparator {
            Comparator::Equal => {
                return Name::Version(only.version.clone(), SINGLE);
            }
            Comparator::Greater | Comparator::GreaterOrEqual => {
                return Name::Version(only.version.clone(), OPEN);
            }
            _ => {}
        }
    }
    let canonical = range.canonical();
    let (head, constraints) = canonical
        .split_once('/')
        .unwrap_or((canonical.as_str(), rest));
    match closed(constraints) {
        Some(closed) => Name::Range(format!("{head}/{closed}"), OPEN),
        None if canonical == name => Name::Kept,
        None => Name::Range(canonical, "it is now in canonical form"),
    }
}

const SINGLE: &str = "it is one version, not a range";
const OPEN: &str =
    "a range without upper end speaks of versions to come: it ends with the last version it named";
const GUESSED: &str = "it was read as a range; check whether that is what was meant";

/// Constraints of which the last, `>=`, can end with its version.
fn closed(constraints: &str) -> Option<String> {
    let (before, last) = constraints.rsplit_once('|')?;
    let version = last.strip_prefix(">=")?;
    // `>1|>=2` is the same as `>1`, which has no end in 2.
    let before_last = before.rsplit('|').next().unwrap_or_default();
    if before_last.starts_with('>') {
        return None;
    }
    Some(format!("{before}|{version}"))
}

/// A list of constraints without scheme and type, as 2.1 wants it.
fn listed(name: &str) -> Option<Name> {
    if name.is_empty() || name.contains(char::is_whitespace) {
        return None;
    }
    let constraints: Vec<_> = name.split('|').map(split).collect();
    if constraints.iter().any(|(_, version)| {
        version.is_empty() || version.contains(['<', '>', '=', '!', ',', '*', '≤', '≥'])
    }) {
        return None;
    }
    Some(match constraints.as_slice() {
        [("" | "=", version)] => Name::Version((*version).to_owned(), SINGLE),
        [(">" | ">=", version)] => Name::Version((*version).to_owned(), OPEN),
        _ => closed(name).map_or(Name::Kept, |closed| Name::Range(closed, OPEN)),
    })
}

/// The comparator and the version of a constraint.
fn split(constraint: &str) -> (&str, &str) {
    let end = constraint
        .find(|c| !matches!(c, '<' | '>' | '=' | '!'))
        .unwrap_or(constraint.len());
    constraint.split_at(end)
}

/// Words around versions, read as what they usually mean.
fn guessed(name: &str) -> Name {
    let plain = name.trim().replace('≤', "<=").replace('≥', ">=");
    let lower = plain.to_ascii_lowercase();
    if matches!(
        lower.as_str(),
        "*" | "all" | "all versions" | "all version" | "any" | "any version" | "vers:all/*"
    ) {
        return Name::Range("vers:all/*".to_owned(), GUESSED);
    }
    if let Some(start) = plain.find(['<', '>']) {
        let (before, constraints) = plain.split_at(start);
        let before = before.trim();
        // What stands before is a word for all versions, or a name of the line.
        if before.is_empty()
            || before.ends_with(':')
            || ["all versions", "versions", "version"]
                .contains(&before.to_ascii_lowercase().as_str())
        {
            return compared(constraints);
        }
        return Name::Unreadable;
    }
    let same_length = lower.len() == plain.len();
    let cut = |from: usize, to: usize| plain.get(from..to).map(str::trim).unwrap_or_default();
    if same_length {
        for word in [
            "versions prior to ",
            "version prior to ",
            "prior to ",
            "versions before ",
            "before ",
            "all versions before ",
            "all versions prior to ",
        ] {
            if lower.starts_with(word) {
                return range(&[("<", cut(word.len(), plain.len()))]);
            }
        }
        for (word, sign) in [
            (" and prior", "<="),
            (" and earlier", "<="),
            (" and before", "<="),
            (" and below", "<="),
            (" or prior", "<="),
            (" or earlier", "<="),
            (" and prior versions", "<="),
            (" and earlier versions", "<="),
        ] {
            if lower.ends_with(word) {
                return range(&[(sign, cut(0, plain.len() - word.len()))]);
            }
        }
    }
    let words = [
        "after", "all", "before", "earlier", "later", "prior", "versions",
    ];
    let is_range = lower
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| words.contains(&word))
        || plain.contains(['*', ',', '|']);
    if plain.is_empty() || is_range {
        Name::Unreadable
    } else {
        Name::Version(plain, SINGLE)
    }
}

/// Constraints that are parted by bars, white space, commas or words.
fn compared(text: &str) -> Name {
    let mut constraints: Vec<(&str, &str)> = Vec::new();
    for part in text.split('|') {
        let mut rest = part.trim();
        loop {
            let (sign, after) = split(rest);
            let end = after.find(['<', '>', '!']).unwrap_or(after.len());
            let (version, next) = after.split_at(end);
            let version = version.trim().trim_matches([' ', ',', ';', '&']);
            let version = version
                .strip_suffix(" and")
                .or_else(|| version.strip_suffix(" or"))
                .unwrap_or(version)
                .trim_matches([' ', ',', ';']);
            let sign = match sign {
                "=" | "==" => "",
                sign => sign,
            };
            if !matches!(sign, "" | "<" | "<=" | ">" | ">=" | "!=") {
                return Name::Unreadable;
            }
            constraints.push((sign, version));
            rest = next;
            if rest.is_empty() {
                break;
            }
        }
    }
    range(&constraints)
}

fn range(constraints: &[(&str, &str)]) -> Name {
    let mut parts = Vec::new();
    for (sign, version) in constraints {
        if version.is_empty() || version.contains(['<', '>', '=', '!', '|', ',', '*']) {
            return Name::Unreadable;
        }
        let version: Vec<_> = version.split_whitespace().collect();
        parts.push(format!("{sign}{}", version.join("%20")));
    }
    if let [(">" | ">=", version)] = constraints {
        return Name::Version((*version).to_owned(), OPEN);
    }
    let list = parts.join("|");
    Name::Range(closed(&list).unwrap_or(list), GUESSED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_ranges_or_versions() {
        let said = |name: &str| match convert(name) {
            Name::Kept => "=".to_owned(),
            Name::Range(range, _) => format!("r {range}"),
            Name::Version(version, _) => format!("v {version}"),
            Name::Unreadable => "?".to_owned(),
        };
        for (name, expected) in [
            ("vers:npm/>=1.0.0|<1.4.2", "="),
            ("vers:npm/<1.4.2|>=1.0.0", "r vers:npm/>=1.0.0|<1.4.2"),
            ("vers:intdot/1.0", "v 1.0"),
            ("vers:intdot/>=1.0", "v 1.0"),
            ("vers:all/*", "="),
            ("<1.2", "="),
            (">=1.0|<2.0", "="),
            ("1.2", "v 1.2"),
            (">=1.2", "v 1.2"),
            (">=1|<2|>=3", "r >=1|<2|3"),
            ("< V4.7 HF27", "r <V4.7%20HF27"),
            (">= 1.0, < 2.0", "r >=1.0|<2.0"),
            (">=1.0 and <2.0", "r >=1.0|<2.0"),
            ("All Versions < V7.0.6", "r <V7.0.6"),
            ("all versions", "r vers:all/*"),
            ("vers:all/<V7.0.3", "r <V7.0.3"),
            ("< 1.99 | 2.20 | 2.40", "r <1.99|2.20|2.40"),
            ("V4.7: < V4.7 HF27", "r <V4.7%20HF27"),
            ("A.01 <= C.0x", "?"),
            ("Versions prior to 3.0", "r <3.0"),
            ("3.0 and earlier", "r <=3.0"),
            ("V1 SP1", "v V1 SP1"),
            ("some of the later ones", "?"),
            ("", "?"),
            ("<", "?"),
        ] {
            assert_eq!(said(name), expected, "{name}");
        }
    }
}
