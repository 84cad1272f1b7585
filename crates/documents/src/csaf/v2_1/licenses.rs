//! Known licences: the SPDX license list and ScanCode's LicenseDB, and which
//! parts of a license expression they know.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::mandatory::{check_expression, expression_words};
use crate::csaf::facts::Facts;

/// One kind a line; the source is named in `assets/README.md`.
static KNOWN: LazyLock<Known> =
    LazyLock::new(|| Known::read(include_str!("../../../assets/csaf/2.1/licenses.txt")));

/// What a list says of an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Current,
    Deprecated,
    /// The list that must have it has it not.
    Missing,
    /// A reference to a list that is not known here.
    Foreign,
}

#[derive(Default)]
struct Known {
    licenses: HashMap<&'static str, Standing>,
    exceptions: HashMap<&'static str, Standing>,
    scancode: HashMap<&'static str, Standing>,
}

impl Known {
    fn read(text: &'static str) -> Self {
        let mut known = Known::default();
        for line in text.lines() {
            let mut words = line.split(' ');
            let (list, standing) = match words.next() {
                Some("spdx") => (&mut known.licenses, Standing::Current),
                Some("spdx-deprecated") => (&mut known.licenses, Standing::Deprecated),
                Some("spdx-exception") => (&mut known.exceptions, Standing::Current),
                Some("spdx-exception-deprecated") => (&mut known.exceptions, Standing::Deprecated),
                Some("scancode") => (&mut known.scancode, Standing::Current),
                Some("scancode-deprecated") => (&mut known.scancode, Standing::Deprecated),
                _ => continue,
            };
            list.extend(words.map(|word| (word, standing)));
        }
        known
    }

    fn license(&self, word: &str) -> Standing {
        match word.strip_prefix("LicenseRef-") {
            Some(reference) => self.reference(reference),
            None => self
                .licenses
                .get(word)
                .or_else(|| self.licenses.get(word.strip_suffix('+')?))
                .copied()
                .unwrap_or(Standing::Missing),
        }
    }

    fn exception(&self, word: &str) -> Standing {
        match word.strip_prefix("AdditionRef-") {
            Some(reference) => self.reference(reference),
            None => self
                .exceptions
                .get(word)
                .copied()
                .unwrap_or(Standing::Missing),
        }
    }

    fn reference(&self, reference: &str) -> Standing {
        match reference.strip_prefix("scancode-") {
            Some(key) => self.scancode.get(key).copied().unwrap_or(Standing::Missing),
            None => Standing::Foreign,
        }
    }
}

/// The licences and exceptions that the document's license expression names;
/// none if there is no expression. Test 6.1.54 speaks of its grammar.
pub(super) fn named<'d>(facts: &Facts<'d>) -> Vec<(&'d str, Standing)> {
    facts
        .document
        .text("license_expression")
        .map_or(Vec::new(), parts)
}

/// Whether a text is a license expression all of whose parts are listed.
pub(in crate::csaf) fn is_listed_expression(text: &str) -> bool {
    check_expression(text).is_ok()
        && parts(text)
            .iter()
            .all(|(_, standing)| matches!(standing, Standing::Current | Standing::Deprecated))
}

fn parts(text: &str) -> Vec<(&str, Standing)> {
    let mut named = Vec::new();
    let mut exception = false;
    for word in expression_words(text).unwrap_or_default() {
        match word {
            "(" | ")" | "AND" | "and" | "OR" | "or" => {}
            "WITH" | "with" => exception = true,
            "NONE" | "NOASSERTION" => {}
            word => {
                let standing = if exception {
                    KNOWN.exception(word)
                } else {
                    KNOWN.license(word)
                };
                exception = false;
                named.push((word, standing));
            }
        }
    }
    named
}

/// Whether the expression names something that neither list has.
pub(super) fn names_unlisted(facts: &Facts<'_>) -> bool {
    named(facts)
        .iter()
        .any(|(_, standing)| matches!(standing, Standing::Missing | Standing::Foreign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_read_whole() {
        for (word, standing) in [
            ("MIT", Standing::Current),
            ("mit", Standing::Missing),
            ("GFDL-1.1", Standing::Deprecated),
            ("Apache-2.0+", Standing::Current),
            ("GPL-2.0+", Standing::Deprecated),
            ("LicenseRef-scancode-aop-pd", Standing::Deprecated),
            ("LicenseRef-scancode-copyheart", Standing::Current),
            ("LicenseRef-scancode-none-such", Standing::Missing),
            ("LicenseRef-example", Standing::Foreign),
        ] {
            assert_eq!(KNOWN.license(word), standing, "{word}");
        }
        assert_eq!(
            KNOWN.exception("Classpath-exception-2.0"),
            Standing::Current
        );
    }
}
