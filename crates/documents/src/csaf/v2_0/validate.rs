//! What a validation by CSAF 2.0 is made of.

use std::sync::OnceLock;

use super::{informative, mandatory, optional};
use crate::csaf::facts::{Facts, Standard};
use crate::csaf::report::{Checks, Findings, NotRun, Report};
use crate::csaf::schema::{self, Schema, SchemaError};
use crate::csaf::validate::{Rules, of_bytes, of_value};

/// Tests that need the network or a dictionary; they are never part of a run.
const NOT_RUN: [NotRun; 3] = [
    NotRun {
        test: "6.3.6",
        reason: "asks the network for every external URL",
    },
    NotRun {
        test: "6.3.7",
        reason: "asks the network for every self reference",
    },
    NotRun {
        test: "6.3.8",
        reason: "needs a spelling dictionary for the document's language",
    },
];

pub(in crate::csaf) static RULES: Rules = Rules {
    standard: Standard::V2_0,
    schema: compiled,
    test_of_schema: |_| Some("6.1.8"),
    tests,
    never: &NOT_RUN,
};

/// Validates the bytes of a document; see [`crate::csaf::validate`].
pub fn validate(bytes: &[u8], checks: impl Into<Checks>) -> Report {
    of_bytes(bytes, |_| &RULES, checks.into())
}

/// Validates a document that is already parsed. The order of keys (test
/// 6.2.13) and duplicate keys can only be judged from bytes.
pub fn validate_value(value: &serde_json::Value, checks: impl Into<Checks>) -> Report {
    of_value(value, &RULES, checks.into())
}

fn tests(facts: &Facts<'_>, checks: Checks, findings: &mut Findings) -> Vec<NotRun> {
    mandatory::run(facts, findings);
    if checks.preset.recommended() {
        optional::run(facts, findings);
    }
    if checks.preset.informative() {
        informative::run(facts, findings);
    }
    Vec::new()
}

fn compiled() -> Result<&'static Schema, &'static SchemaError> {
    static SCHEMA: OnceLock<Result<Schema, SchemaError>> = OnceLock::new();
    SCHEMA
        .get_or_init(|| {
            schema::compile(
                include_str!("../../../assets/csaf/2.0/csaf_json_schema.json"),
                &[
                    (
                        "https://www.first.org/cvss/cvss-v2.0.json",
                        include_str!("../../../assets/csaf/2.0/first/cvss-v2.0.json"),
                    ),
                    (
                        "https://www.first.org/cvss/cvss-v3.0.json",
                        include_str!("../../../assets/csaf/2.0/first/cvss-v3.0.json"),
                    ),
                    (
                        "https://www.first.org/cvss/cvss-v3.1.json",
                        include_str!("../../../assets/csaf/2.0/first/cvss-v3.1.json"),
                    ),
                ],
            )
        })
        .as_ref()
}

#[cfg(test)]
mod tests {
    use super::compiled;

    #[test]
    fn the_embedded_schemas_compile() {
        assert!(compiled().is_ok(), "{:?}", compiled().err());
    }
}
