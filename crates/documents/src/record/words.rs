//! The words of the record's vocabularies, and back.
//!
//! Formats that use the same words (VEX states, credit types, reference types) share them here;
//! where a format has other words, its own mapping has them.

use super::{
    CreditKind, Justification, NoteKind, Order, ReferenceKind, RemediationKind, Status, Tlp,
};
use crate::versions::Scheme;

macro_rules! words {
    ($ty:ident, $($variant:ident => $word:literal),+ $(,)?) => {
        impl $ty {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one with this word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word)
            }
        }
    };
}

words!(Status,
    Affected => "affected",
    NotAffected => "not_affected",
    Fixed => "fixed",
    UnderInvestigation => "under_investigation",
);

words!(Justification,
    ComponentNotPresent => "component_not_present",
    VulnerableCodeNotPresent => "vulnerable_code_not_present",
    VulnerableCodeNotInExecutePath => "vulnerable_code_not_in_execute_path",
    VulnerableCodeCannotBeControlledByAdversary =>
        "vulnerable_code_cannot_be_controlled_by_adversary",
    InlineMitigationsAlreadyExist => "inline_mitigations_already_exist",
);

words!(RemediationKind,
    Fix => "fix",
    Workaround => "workaround",
    NoFixPlanned => "no_fix_planned",
);

words!(ReferenceKind,
    Advisory => "ADVISORY",
    Article => "ARTICLE",
    Detection => "DETECTION",
    Discussion => "DISCUSSION",
    Evidence => "EVIDENCE",
    Fix => "FIX",
    Git => "GIT",
    Introduced => "INTRODUCED",
    Package => "PACKAGE",
    Report => "REPORT",
    Web => "WEB",
);

words!(CreditKind,
    Finder => "finder",
    Reporter => "reporter",
    Analyst => "analyst",
    Coordinator => "coordinator",
    RemediationDeveloper => "remediation developer",
    RemediationReviewer => "remediation reviewer",
    RemediationVerifier => "remediation verifier",
    Tool => "tool",
    Sponsor => "sponsor",
    Other => "other",
);

words!(NoteKind,
    Configuration => "configuration",
    Exploitation => "exploitation",
    General => "general",
);

words!(Tlp,
    Clear => "CLEAR",
    Green => "GREEN",
    Amber => "AMBER",
    AmberStrict => "AMBER+STRICT",
    Red => "RED",
);

impl Order {
    /// The name of the order: that of its VERS type, `git`, or its own.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Scheme(scheme) => scheme.name(),
            Self::Git => "git",
            Self::Other(name) => name,
        }
    }

    /// The order of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        if name.eq_ignore_ascii_case("git") {
            return Self::Git;
        }
        match Scheme::from_name(name) {
            Some(scheme) => Self::Scheme(scheme),
            None => Self::Other(name.to_owned()),
        }
    }

    /// The scheme, if it is a known one.
    #[must_use]
    pub fn scheme(&self) -> Option<Scheme> {
        match self {
            Self::Scheme(scheme) => Some(*scheme),
            Self::Git | Self::Other(_) => None,
        }
    }
}
