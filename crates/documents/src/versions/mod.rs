//! Version order of the ecosystems, and VERS ranges over it.
//!
//! A version is read once into a [`Version`] and compared by its scheme's own rules. What a scheme
//! does not order is never guessed: it is [`Undecidable`], with the reason.

mod apk;
mod composer;
mod conan;
mod datetime;
mod deb;
mod gem;
mod generic;
mod maven;
mod native;
mod num;
mod python;
mod range_error;
mod range_text;
mod rpm;
mod scheme;
mod semver;
mod vers;
mod words;

pub use native::from_native;
pub use range_error::{MAX_CONSTRAINTS, RangeError};
pub use scheme::Scheme;
pub use vers::{Comparator, Constraint, Containment, Range};

use std::cell::RefCell;
use std::cmp::Ordering;
use std::fmt;

/// Longest version that is read, in bytes.
pub const MAX_VERSION_LENGTH: usize = 512;

/// Why two versions, or a version and a range, could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{version:?} cannot be ordered as {scheme}: {reason}")]
pub struct Undecidable {
    /// The scheme.
    pub scheme: Scheme,
    /// The version at fault.
    pub version: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// The result of comparing two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// The first is older.
    Less,
    /// Both are the same version.
    Equal,
    /// The first is newer.
    Greater,
    /// The scheme gives no answer.
    Undecidable(Undecidable),
}

impl Comparison {
    /// `<`, `=`, `>` or `?`.
    #[must_use]
    pub fn sign(&self) -> char {
        match self {
            Self::Less => '<',
            Self::Equal => '=',
            Self::Greater => '>',
            Self::Undecidable(_) => '?',
        }
    }
}

impl From<Result<Ordering, Undecidable>> for Comparison {
    fn from(result: Result<Ordering, Undecidable>) -> Self {
        match result {
            Ok(Ordering::Less) => Self::Less,
            Ok(Ordering::Equal) => Self::Equal,
            Ok(Ordering::Greater) => Self::Greater,
            Err(reason) => Self::Undecidable(reason),
        }
    }
}

/// A version, read by the rules of its scheme.
#[derive(Debug, Clone)]
pub struct Version {
    scheme: Scheme,
    text: String,
    key: Key,
}

#[derive(Debug, Clone)]
enum Key {
    Apk(apk::Key),
    Composer(composer::Key),
    Conan(conan::Key),
    Datetime(datetime::Key),
    Deb(deb::Key),
    Gem(gem::Key),
    Generic(generic::Key),
    Lexicographic(String),
    Maven(maven::Key),
    Python(python::Key),
    Rpm(rpm::Key),
    Semver(semver::Key),
}

impl Version {
    /// Reads a version.
    ///
    /// # Errors
    /// The text is no version of the scheme.
    pub fn parse(scheme: Scheme, text: &str) -> Result<Self, Undecidable> {
        let undecidable = |reason| Undecidable {
            scheme,
            version: shortened(text),
            reason,
        };
        if text.len() > MAX_VERSION_LENGTH {
            return Err(undecidable("it is longer than any version"));
        }
        if text.trim().is_empty() {
            return Err(undecidable("it is empty"));
        }
        let trimmed = text.trim();
        let key = match scheme {
            Scheme::Semver | Scheme::Npm | Scheme::Cargo | Scheme::Hex | Scheme::Nginx => {
                semver::parse(trimmed).map(Key::Semver)
            }
            Scheme::Golang => semver::parse_go(trimmed).map(Key::Semver),
            Scheme::Pub => semver::parse_pub(trimmed).map(Key::Semver),
            Scheme::Nuget => semver::parse_nuget(trimmed).map(Key::Semver),
            Scheme::Pypi => python::parse(trimmed).map(Key::Python),
            Scheme::Maven => maven::parse(trimmed).map(Key::Maven),
            Scheme::Deb => deb::parse(trimmed).map(Key::Deb),
            Scheme::Rpm => rpm::parse(trimmed).map(Key::Rpm),
            Scheme::Alpm => rpm::parse_alpm(trimmed).map(Key::Rpm),
            Scheme::Apk => apk::parse(trimmed).map(Key::Apk),
            Scheme::Gem => gem::parse(trimmed).map(Key::Gem),
            Scheme::Composer => composer::parse(trimmed).map(Key::Composer),
            Scheme::Conan => conan::parse(trimmed).map(Key::Conan),
            Scheme::Intdot | Scheme::Cran | Scheme::Hackage => {
                generic::parse_numbers(trimmed, scheme).map(Key::Generic)
            }
            Scheme::Datetime => datetime::parse(trimmed).map(Key::Datetime),
            Scheme::Generic => generic::parse(trimmed).map(Key::Generic),
            Scheme::Lexicographic => Ok(Key::Lexicographic(text.to_owned())),
        };
        Ok(Self {
            scheme,
            text: text.to_owned(),
            key: key.map_err(undecidable)?,
        })
    }

    /// The scheme by whose rules it was read.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The version as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is a version only by an order that the scheme has given up: that of Python
    /// before PEP 440, by which nearly every text is one, a requirement such as `1.0,<2.0` too.
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        matches!(self.key, Key::Python(python::Key::Legacy(_)))
    }

    /// Compares with another version of the same scheme.
    ///
    /// Not every ecosystem's order is one (Maven: 1-rc < 1 < 1.a.0 < 1-rc; Arch Linux: 1-1 = 1 =
    /// 1-2), and the library's sorting may panic on such: use [`sorted`].
    ///
    /// # Errors
    /// The schemes differ, or the scheme does not order the two.
    pub fn compare(&self, other: &Self) -> Result<Ordering, Undecidable> {
        let undecidable = |reason| Undecidable {
            scheme: self.scheme,
            version: format!("{} and {}", shortened(&self.text), shortened(&other.text)),
            reason,
        };
        if self.scheme != other.scheme {
            return Err(undecidable("they are versions of different schemes"));
        }
        match (&self.key, &other.key) {
            (Key::Apk(a), Key::Apk(b)) => Ok(a.cmp(b)),
            (Key::Composer(a), Key::Composer(b)) => composer::compare(a, b).map_err(undecidable),
            (Key::Conan(a), Key::Conan(b)) => Ok(a.cmp(b)),
            (Key::Datetime(a), Key::Datetime(b)) => Ok(a.cmp(b)),
            (Key::Deb(a), Key::Deb(b)) => Ok(deb::compare(a, b)),
            (Key::Gem(a), Key::Gem(b)) => Ok(a.cmp(b)),
            (Key::Generic(a), Key::Generic(b)) => generic::compare(a, b).map_err(undecidable),
            (Key::Lexicographic(a), Key::Lexicographic(b)) => Ok(a.cmp(b)),
            (Key::Maven(a), Key::Maven(b)) => Ok(maven::compare(a, b)),
            (Key::Python(a), Key::Python(b)) => Ok(a.cmp(b)),
            (Key::Rpm(a), Key::Rpm(b)) => Ok(rpm::compare(a, b)),
            (Key::Semver(a), Key::Semver(b)) => Ok(a.cmp(b)),
            _ => Err(undecidable("they are versions of different schemes")),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Compares two versions by the rules of a scheme. The same text is the same version even where the
/// scheme cannot read it.
#[must_use]
pub fn compare(scheme: Scheme, a: &str, b: &str) -> Comparison {
    if a == b && !a.trim().is_empty() {
        return Comparison::Equal;
    }
    let versions = Version::parse(scheme, a).and_then(|a| Ok((a, Version::parse(scheme, b)?)));
    versions.and_then(|(a, b)| a.compare(&b)).into()
}

/// Sorts versions of one scheme, oldest first; equal ones keep their order. Never panics.
///
/// # Errors
/// The scheme does not order two of them.
pub fn sorted(versions: &[Version]) -> Result<Vec<Version>, Undecidable> {
    let undecided = RefCell::new(None);
    let order = |a: &Version, b: &Version| match a.compare(b) {
        Ok(order) => Some(order),
        Err(error) => {
            *undecided.borrow_mut() = Some(error);
            None
        }
    };
    let sorted = merged(versions, &order);
    match undecided.into_inner() {
        Some(error) => Err(error),
        None => Ok(sorted.unwrap_or_default()),
    }
}

// A stable merge sort; none as soon as two items have no order.
fn merged<T: Clone>(items: &[T], order: &impl Fn(&T, &T) -> Option<Ordering>) -> Option<Vec<T>> {
    if items.len() < 2 {
        return Some(items.to_vec());
    }
    let (left, right) = items.split_at(items.len() / 2);
    let mut left = merged(left, order)?.into_iter().peekable();
    let mut right = merged(right, order)?.into_iter().peekable();
    let mut all = Vec::with_capacity(items.len());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let from = match order(a, b)? {
            Ordering::Greater => &mut right,
            _ => &mut left,
        };
        all.extend(from.next());
    }
    all.extend(left);
    all.extend(right);
    Some(all)
}

fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}

// Why a text is no version of a scheme.
type Parsed<T> = Result<T, &'static str>;
