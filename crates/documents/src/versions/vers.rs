//! VERS version ranges: `vers:npm/>=1.0.0|<2.0.0`.
//!
//! [`Range::parse`] accepts canonical ranges only; [`Range::parse_lenient`] also what can be
//! brought into canonical form. Containment is the specification's, and says when it cannot decide.

use std::cmp::Ordering;
use std::fmt;

use super::range_error::{MAX_CONSTRAINTS, MAX_RANGE_LENGTH, RangeError};
use super::range_text::{decoded, encoded};
use super::{Scheme, Undecidable, Version};

/// How a version of a constraint bounds the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparator {
    /// Exactly this version.
    Equal,
    /// All but this version.
    NotEqual,
    /// Older.
    Less,
    /// This or older.
    LessOrEqual,
    /// Newer.
    Greater,
    /// This or newer.
    GreaterOrEqual,
}

impl Comparator {
    /// The sign: `=`, `!=`, `<`, `<=`, `>`, `>=`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    fn is_upper(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual)
    }

    fn is_lower(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual)
    }
}

/// One constraint of a range.
#[derive(Debug, Clone)]
pub struct Constraint {
    /// The comparator.
    pub comparator: Comparator,
    /// The version, decoded.
    pub version: String,
    // Absent when the range's type has no known scheme.
    read: Option<Result<Version, Undecidable>>,
}

impl Constraint {
    pub(super) fn new(scheme: Option<Scheme>, comparator: Comparator, version: String) -> Self {
        let read = scheme.map(|scheme| Version::parse(scheme, &version));
        Self {
            comparator,
            version,
            read,
        }
    }

    /// The version as its scheme reads it.
    ///
    /// # Errors
    /// It is no version of the scheme; none at all when the range's type is unknown.
    #[must_use]
    pub fn read(&self) -> Option<Result<&Version, &Undecidable>> {
        self.read.as_ref().map(Result::as_ref)
    }
}

/// A range of versions.
#[derive(Debug, Clone)]
pub struct Range {
    ty: String,
    scheme: Option<Scheme>,
    // None: every version (`*`).
    constraints: Option<Vec<Constraint>>,
}

/// Whether a version is in a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Containment {
    /// It is in.
    In,
    /// It is not.
    Out,
    /// The scheme gives no answer.
    Undecidable {
        /// Why not.
        reason: String,
    },
}

impl Range {
    /// Reads a canonical range.
    ///
    /// # Errors
    /// Says what is wrong or not canonical, and where.
    pub fn parse(text: &str) -> Result<Self, RangeError> {
        read(text, true)
    }

    /// Reads a range and brings it into canonical form: white space and extra pipes go,
    /// constraints are sorted.
    ///
    /// # Errors
    /// Says what is wrong, and where.
    pub fn parse_lenient(text: &str) -> Result<Self, RangeError> {
        read(text, false)
    }

    /// A range of these constraints, sorted.
    #[must_use]
    pub fn new(ty: &str, constraints: Vec<(Comparator, String)>) -> Self {
        let scheme = Scheme::from_name(ty);
        let constraint = |(comparator, version)| Constraint::new(scheme, comparator, version);
        let mut range = Self {
            ty: ty.to_owned(),
            scheme,
            constraints: Some(constraints.into_iter().map(constraint).collect()),
        };
        range.sort();
        range
    }

    /// The range of every version.
    #[must_use]
    pub fn any(ty: &str) -> Self {
        Self {
            ty: ty.to_owned(),
            scheme: Scheme::from_name(ty),
            constraints: None,
        }
    }

    /// The VERS type as written, for example `npm`.
    #[must_use]
    pub fn ty(&self) -> &str {
        &self.ty
    }

    /// The versioning scheme; none when the type is not known.
    #[must_use]
    pub fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    /// Whether the range is `*`.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.constraints.is_none()
    }

    /// The constraints, sorted by version; none for `*`.
    #[must_use]
    pub fn constraints(&self) -> &[Constraint] {
        self.constraints.as_deref().unwrap_or_default()
    }

    /// The canonical string.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.to_string()
    }

    /// Where the constraints are not what a canonical range has: sorted, each version once, no
    /// constraint that another one makes needless.
    #[must_use]
    pub fn problems(&self) -> Vec<RangeError> {
        let mut problems = Vec::new();
        let constraints = self.constraints();
        if matches!(self.ty.as_str(), "all" | "none") && !self.is_any() {
            problems.push(RangeError::OnlyStar {
                ty: self.ty.clone(),
            });
        }
        for (a, b) in constraints.iter().zip(constraints.iter().skip(1)) {
            let order = order(a, b);
            if order == Some(Ordering::Greater) {
                problems.push(RangeError::Unsorted {
                    before: a.version.clone(),
                    after: b.version.clone(),
                });
            } else if order == Some(Ordering::Equal) || a.version == b.version {
                problems.push(RangeError::Duplicate {
                    version: b.version.clone(),
                });
            }
        }
        let bounding = constraints
            .iter()
            .filter(|constraint| constraint.comparator != Comparator::NotEqual);
        for (a, b) in bounding.clone().zip(bounding.skip(1)) {
            let needless = match (a.comparator, b.comparator) {
                (first, second) if first.is_lower() => !second.is_upper(),
                (_, second) => second.is_upper(),
            };
            if needless {
                problems.push(RangeError::Redundant {
                    first: a.to_string(),
                    second: b.to_string(),
                });
            }
        }
        problems
    }

    /// Whether a version is in the range.
    #[must_use]
    pub fn contains(&self, version: &str) -> Containment {
        let Some(scheme) = self.scheme else {
            if self.ty == "none" {
                return Containment::Out;
            }
            return match self.is_any() {
                true => Containment::In,
                false => Containment::Undecidable {
                    reason: format!("versioning scheme {:?} is not known", self.ty),
                },
            };
        };
        match Version::parse(scheme, version) {
            Ok(version) => self.contains_version(&version),
            Err(_) if self.is_any() => Containment::In,
            Err(error) => self.as_text(version, &error),
        }
    }

    /// Whether a version that was already read is in the range.
    #[must_use]
    pub fn contains_version(&self, version: &Version) -> Containment {
        match self.decide(version) {
            Ok(true) => Containment::In,
            Ok(false) => Containment::Out,
            Err(error) => self.as_text(version.text(), &error),
        }
    }

    // A version its scheme cannot order may still be named in the range, letter by letter.
    fn as_text(&self, version: &str, error: &Undecidable) -> Containment {
        let named = self.constraints().iter().find(|c| c.version == version);
        match named.map(|constraint| constraint.comparator) {
            Some(Comparator::Equal | Comparator::LessOrEqual | Comparator::GreaterOrEqual) => {
                Containment::In
            }
            Some(Comparator::NotEqual) => Containment::Out,
            _ => Containment::Undecidable {
                reason: error.to_string(),
            },
        }
    }

    fn decide(&self, version: &Version) -> Result<bool, Undecidable> {
        let Some(constraints) = &self.constraints else {
            return Ok(true);
        };
        let mut bounds: Vec<(Comparator, Ordering)> = Vec::new();
        let mut excluded = false;
        let mut only_exclusions = true;
        for constraint in constraints {
            let order = match &constraint.read {
                Some(Ok(bound)) => version.compare(bound)?,
                Some(Err(error)) => return Err(error.clone()),
                None => return Ok(false),
            };
            match (constraint.comparator, order) {
                (Comparator::NotEqual, Ordering::Equal) => excluded = true,
                (Comparator::NotEqual, _) => {}
                (Comparator::Equal, Ordering::Equal) => return Ok(true),
                (Comparator::Equal, _) => only_exclusions = false,
                (bound, order) => {
                    only_exclusions = false;
                    bounds.push((bound, order));
                }
            }
        }
        if excluded {
            return Ok(false);
        }
        if only_exclusions {
            return Ok(!constraints.is_empty());
        }
        Ok(within(&bounds))
    }

    fn sort(&mut self) {
        let Some(constraints) = &mut self.constraints else {
            return;
        };
        // A version that cannot be ordered leaves the constraints as they were given.
        if let Some(sorted) = super::merged(constraints, &order) {
            *constraints = sorted;
        }
    }
}

fn order(a: &Constraint, b: &Constraint) -> Option<Ordering> {
    let (a, b) = (a.read()?.ok()?, b.read()?.ok()?);
    a.compare(b).ok()
}

// Sorted bounds with the order of the tested version against each. Of neighbouring lower bounds
// the first counts, of neighbouring upper bounds the last.
fn within(bounds: &[(Comparator, Ordering)]) -> bool {
    let satisfied = |(comparator, order): (Comparator, Ordering)| match comparator {
        Comparator::Less => order == Ordering::Less,
        Comparator::LessOrEqual => order != Ordering::Greater,
        Comparator::Greater => order == Ordering::Greater,
        Comparator::GreaterOrEqual => order != Ordering::Less,
        Comparator::Equal | Comparator::NotEqual => false,
    };
    let mut lower: Option<(Comparator, Ordering)> = None;
    let mut rest = bounds.iter().copied().peekable();
    while let Some(bound) = rest.next() {
        if bound.0.is_lower() {
            if lower.is_none() {
                lower = Some(bound);
            }
            continue;
        }
        if rest.peek().is_some_and(|next| next.0.is_upper()) {
            continue;
        }
        if lower.is_none_or(satisfied) && satisfied(bound) {
            return true;
        }
        lower = None;
    }
    lower.is_some_and(satisfied)
}

fn read(text: &str, strict: bool) -> Result<Range, RangeError> {
    if text.len() > MAX_RANGE_LENGTH {
        return Err(RangeError::TooLong);
    }
    let plain: String;
    let text = if !text.contains(|c: char| c.is_whitespace()) {
        text
    } else if strict {
        return Err(RangeError::WhiteSpace);
    } else {
        plain = text.chars().filter(|c| !c.is_whitespace()).collect();
        &plain
    };
    let (ty, body) = text
        .strip_prefix("vers:")
        .and_then(|rest| rest.split_once('/'))
        .ok_or(RangeError::NoType)?;
    let lower = ty.to_ascii_lowercase();
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let letter = ty.starts_with(|c: char| c.is_ascii_alphabetic());
    if !letter || !ty.chars().all(known) || (strict && lower != ty) {
        return Err(RangeError::Type { ty: ty.to_owned() });
    }
    if body == "*" {
        return Ok(Range::any(&lower));
    }
    if body.trim_matches('|').is_empty() {
        return Err(RangeError::Empty);
    }
    let scheme = Scheme::from_name(&lower);
    let mut constraints = Vec::new();
    for (position, piece) in body.split('|').enumerate() {
        if piece.is_empty() {
            if strict {
                let position = position + 1;
                return Err(RangeError::ExtraPipe { position });
            }
            continue;
        }
        constraints.push(constraint(scheme, piece, strict)?);
        if constraints.len() > MAX_CONSTRAINTS {
            return Err(RangeError::TooLong);
        }
    }
    let mut range = Range {
        ty: lower,
        scheme,
        constraints: Some(constraints),
    };
    if strict {
        if let Some(problem) = range.problems().into_iter().next() {
            return Err(problem);
        }
    } else {
        range.sort();
    }
    Ok(range)
}

fn constraint(scheme: Option<Scheme>, text: &str, strict: bool) -> Result<Constraint, RangeError> {
    let signs = [
        (">=", Comparator::GreaterOrEqual),
        ("<=", Comparator::LessOrEqual),
        ("!=", Comparator::NotEqual),
        ("<", Comparator::Less),
        (">", Comparator::Greater),
        ("=", Comparator::Equal),
    ];
    let sign = signs.iter().find(|(sign, _)| text.starts_with(sign));
    let (comparator, written) = match sign {
        Some((sign, comparator)) => (*comparator, text.get(sign.len()..).unwrap_or_default()),
        None => (Comparator::Equal, text),
    };
    if sign.is_some_and(|(sign, _)| *sign == "=") && strict {
        return Err(RangeError::EqualsSign {
            constraint: text.to_owned(),
        });
    }
    if written == "*" {
        return Err(RangeError::Star);
    }
    if written.is_empty() {
        return Err(RangeError::NoVersion {
            constraint: text.to_owned(),
        });
    }
    let version = decoded(written).ok_or_else(|| RangeError::Encoding {
        version: written.to_owned(),
        right: encoded(written),
    })?;
    // What is encoded without need, or in lower case, is not canonical.
    if strict && encoded(&version) != *written {
        return Err(RangeError::Encoding {
            version: written.to_owned(),
            right: encoded(&version),
        });
    }
    let reserved = |c: char| "<>=!*".contains(c);
    if written.contains(reserved) {
        return Err(RangeError::Encoding {
            version: written.to_owned(),
            right: encoded(&version),
        });
    }
    if strict && scheme == Some(Scheme::Datetime) && version.contains(['t', 'z']) {
        return Err(RangeError::Form {
            version,
            remedy: "write T and Z in capitals",
        });
    }
    Ok(Constraint::new(scheme, comparator, version))
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.comparator != Comparator::Equal {
            f.write_str(self.comparator.as_str())?;
        }
        f.write_str(&encoded(&self.version))
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vers:{}/", self.ty)?;
        let Some(constraints) = &self.constraints else {
            return f.write_str("*");
        };
        for (position, constraint) in constraints.iter().enumerate() {
            if position > 0 {
                f.write_str("|")?;
            }
            write!(f, "{constraint}")?;
        }
        Ok(())
    }
}

impl PartialEq for Range {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Range {}
