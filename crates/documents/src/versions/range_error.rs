//! Why a text is no version range.

use super::Scheme;

/// Longest range that is read, in bytes.
pub(super) const MAX_RANGE_LENGTH: usize = 1 << 20;
/// Most constraints in a range.
pub const MAX_CONSTRAINTS: usize = 20_000;

/// Why a text is not a range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RangeError {
    /// It does not begin with `vers:` and a type.
    #[error("a range begins with vers:type/ as in vers:npm/>=1.0.0|<2.0.0")]
    NoType,
    /// Too long to be read.
    #[error("the range has more than {MAX_RANGE_LENGTH} bytes or {MAX_CONSTRAINTS} constraints")]
    TooLong,
    /// The type has characters it must not have.
    #[error("range type {ty:?} is wrong: write it in lower case letters, digits, '.' and '-'")]
    Type {
        /// As written.
        ty: String,
    },
    /// No constraint.
    #[error("the range has no constraint: write * for every version")]
    Empty,
    /// White space.
    #[error("the range has white space: remove it")]
    WhiteSpace,
    /// A pipe too many.
    #[error("constraint {position} of the range is empty: remove the extra pipe")]
    ExtraPipe {
        /// Position among the constraints, from 1.
        position: usize,
    },
    /// A comparator without version.
    #[error("constraint {constraint:?} has no version")]
    NoVersion {
        /// As written.
        constraint: String,
    },
    /// `*` beside other constraints, or with a comparator.
    #[error("* means every version and must stand alone")]
    Star,
    /// A version that is not properly percent-encoded.
    #[error("version {version:?} is not properly percent-encoded: write it as {right}")]
    Encoding {
        /// As written.
        version: String,
        /// As it should be.
        right: String,
    },
    /// An equals sign, which canonical ranges leave out.
    #[error("constraint {constraint:?} must be written without =")]
    EqualsSign {
        /// As written.
        constraint: String,
    },
    /// Constraints out of order.
    #[error("the constraints are not sorted by version: {before:?} must come after {after:?}")]
    Unsorted {
        /// The version that comes first.
        before: String,
        /// The version that comes second.
        after: String,
    },
    /// A version in two constraints.
    #[error("version {version:?} is in more than one constraint: keep one")]
    Duplicate {
        /// The version.
        version: String,
    },
    /// Neighbours of which one says nothing that the other does not.
    #[error("constraint {first:?} followed by {second:?} is redundant: remove one of them")]
    Redundant {
        /// The constraint.
        first: String,
        /// The one that follows it, exclusions set aside.
        second: String,
    },
    /// Only `*` makes sense for the types `all` and `none`.
    #[error("a range of type {ty} has no constraints: write vers:{ty}/*")]
    OnlyStar {
        /// The type.
        ty: String,
    },
    /// A version its scheme does not write so.
    #[error("version {version:?} is not in the form its scheme wants: {remedy}")]
    Form {
        /// As written.
        version: String,
        /// How to write it.
        remedy: &'static str,
    },
    /// A native range that cannot be understood.
    #[error("{range:?} is no range of {scheme}: {reason}")]
    Native {
        /// As written.
        range: String,
        /// The scheme.
        scheme: Scheme,
        /// What is wrong.
        reason: &'static str,
    },
}
