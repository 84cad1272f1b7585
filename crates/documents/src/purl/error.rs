//! Why a text is not a purl, or not one its type allows.

use super::MAX_PURL_LENGTH;

/// Why a purl is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PurlError {
    /// Longer than is read.
    #[error("the purl has {length} bytes, more than {MAX_PURL_LENGTH} are not read")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// It does not begin with `pkg:`.
    #[error("a purl begins with pkg: as in pkg:npm/name@1.0.0")]
    NoScheme,
    /// Nothing between scheme and name.
    #[error("the purl has no type: write pkg:type/name, for example pkg:npm/name")]
    NoType,
    /// The type has characters it must not have.
    #[error(
        "type {ty:?} is wrong: it begins with a letter and has letters, digits, '.' and '-' only"
    )]
    Type {
        /// As written.
        ty: String,
    },
    /// No name.
    #[error("the purl has no name: write it after the type, as in pkg:npm/name")]
    NoName,
    /// A percent sign without two hexadecimal digits, or bytes that are not UTF-8.
    #[error("{component} {text:?} is not percent-encoded UTF-8: write a percent sign as %25")]
    Encoding {
        /// Which component.
        component: &'static str,
        /// As written.
        text: String,
    },
    /// A segment that hides a slash, or a dot segment.
    #[error("{component} has the segment {segment:?}, which is no name: remove it")]
    Segment {
        /// Which component.
        component: &'static str,
        /// As written.
        segment: String,
    },
    /// A qualifier key with characters it must not have.
    #[error(
        "qualifier key {key:?} is wrong: it begins with a letter and has letters, digits, '.', '-' and '_' only"
    )]
    Key {
        /// As written.
        key: String,
    },
    /// A qualifier of the type that is not in lower case.
    #[error("qualifier key {key:?} must be in lower case: write {right}")]
    KeyCase {
        /// As written.
        key: String,
        /// As it should be.
        right: String,
    },
    /// A qualifier given twice.
    #[error("qualifier {key:?} is given more than once: keep one")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// The type wants a namespace.
    #[error("type {ty} requires a namespace: write pkg:{ty}/namespace/name")]
    NamespaceRequired {
        /// The type.
        ty: String,
    },
    /// The type has no namespaces.
    #[error("type {ty} has no namespace: remove {namespace:?}")]
    NamespaceProhibited {
        /// The type.
        ty: String,
        /// As written.
        namespace: String,
    },
    /// The type wants a qualifier.
    #[error("type {ty} requires the qualifier {key}: add ?{key}=…")]
    QualifierRequired {
        /// The type.
        ty: String,
        /// The key.
        key: &'static str,
    },
    /// A name or version with characters the type does not permit.
    #[error("{component} {text:?} is not permitted in type {ty}: {remedy}")]
    NotPermitted {
        /// The type.
        ty: String,
        /// Which component.
        component: &'static str,
        /// As written.
        text: String,
        /// What is permitted.
        remedy: &'static str,
    },
}
