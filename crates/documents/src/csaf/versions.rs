//! Document versions: integers or semantic versions, and how they compare.

use std::cmp::Ordering;

/// A version of a document or of a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version<'d> {
    /// As written.
    pub(crate) text: &'d str,
    /// Semantic versioning, not integer versioning.
    pub(crate) semantic: bool,
    core: [&'d str; 3],
    /// Empty if there is none.
    pub(crate) pre_release: &'d str,
    /// Empty if there is none.
    pub(crate) build: &'d str,
}

impl<'d> Version<'d> {
    /// Reads what the schema calls a version; `None` for anything else.
    pub(crate) fn read(text: &'d str) -> Option<Self> {
        if is_number(text) {
            return Some(Version {
                text,
                semantic: false,
                core: [text, "0", "0"],
                pre_release: "",
                build: "",
            });
        }
        let (rest, build) = match text.split_once('+') {
            Some((_, "")) => return None,
            Some((rest, build)) => (rest, build),
            None => (text, ""),
        };
        let (core, pre_release) = match rest.split_once('-') {
            Some((_, "")) => return None,
            Some((core, pre_release)) => (core, pre_release),
            None => (rest, ""),
        };
        let mut parts = core.split('.');
        let core = [parts.next()?, parts.next()?, parts.next()?];
        (parts.next().is_none() && core.iter().all(|part| is_number(part))).then_some(Version {
            text,
            semantic: true,
            core,
            pre_release,
            build,
        })
    }

    /// The integer, or the major part of a semantic version, as digits.
    pub(crate) fn major(&self) -> &'d str {
        self.core[0]
    }

    /// Major, minor and patch, as digits; zeros for an integer's minor and patch.
    pub(crate) fn core(&self) -> [&'d str; 3] {
        self.core
    }

    /// `0` or `0.y.z`.
    pub(crate) fn is_zero(&self) -> bool {
        self.major() == "0"
    }

    /// Order by precedence; build metadata does not count.
    pub(crate) fn precedence(&self, other: &Self) -> Ordering {
        self.core_order(other)
            .then_with(|| match (self.pre_release, other.pre_release) {
                ("", "") => Ordering::Equal,
                ("", _) => Ordering::Greater,
                (_, "") => Ordering::Less,
                (a, b) => pre_release_order(a, b),
            })
    }

    /// Order by the three numbers alone.
    pub(crate) fn core_order(&self, other: &Self) -> Ordering {
        self.core
            .iter()
            .zip(other.core.iter())
            .map(|(a, b)| number_order(a, b))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'))
}

/// Numbers of any length, without leading zeros.
pub(crate) fn number_order(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn pre_release_order(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => {
                let order = match (is_number(a), is_number(b)) {
                    (true, true) => number_order(a, b),
                    (true, false) => Ordering::Less,
                    (false, true) => Ordering::Greater,
                    (false, false) => a.cmp(b),
                };
                if order.is_ne() {
                    return order;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precedence_is_that_of_semantic_versioning() -> Result<(), &'static str> {
        let ascending = [
            "0",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0",
            "1.9.0",
            "1.10.0",
            "2",
            "10",
            "99999999999999999999999999",
        ];
        for pair in ascending.windows(2) {
            let [a, b] = pair else { continue };
            let (a, b) = (
                Version::read(a).ok_or("a version")?,
                Version::read(b).ok_or("a version")?,
            );
            assert_eq!(a.precedence(&b), Ordering::Less, "{a:?} {b:?}");
        }
        Ok(())
    }

    #[test]
    fn other_texts_are_no_versions() {
        for text in [
            "", "01", "1.0", "1.0.0.0", "v1", "1.0.0-", "1.0.0+", "-1", "1.01.0",
        ] {
            assert_eq!(Version::read(text), None, "{text}");
        }
    }
}
