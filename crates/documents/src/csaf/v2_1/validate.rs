//! What a validation by CSAF 2.1 is made of.

use std::sync::OnceLock;

use super::overlap::Lazy;
use super::{informative, mandatory, recommended};
use crate::csaf::facts::{Facts, Standard};
use crate::csaf::report::{Checks, Findings, NotRun, Report};
use crate::csaf::schema::{self, Schema, SchemaError};
use crate::csaf::validate::{Rules, of_bytes, of_value};

/// Tests that need the network or a dictionary; they are never part of a run.
pub const NOT_RUN: [NotRun; 6] = [
    NotRun {
        test: "6.2.55",
        reason: "asks the network for the OpenPGP key",
    },
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
    NotRun {
        test: "6.3.16",
        reason: "needs a grammar checker for the document's language",
    },
    NotRun {
        test: "6.3.24",
        reason: "asks the network for the OpenPGP key",
    },
];

/// Tests that compare version ranges with those beside them.
const COMPARE_RANGES: [&str; 8] = [
    "6.2.50.1", "6.2.50.2", "6.2.50.3", "6.3.19.1", "6.3.19.2", "6.3.19.3", "6.3.19.4", "6.3.19.5",
];

pub(in crate::csaf) static RULES: Rules = Rules {
    standard: Standard::V2_1,
    schema: compiled,
    test_of_schema: |number| REFERENCED.get(number).map(|(_, _, test)| *test),
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
    let overlaps = Lazy::new();
    let mut not_run = Vec::new();
    mandatory::run(facts, findings);
    if checks.preset.recommended() {
        recommended::run(facts, &overlaps, findings);
        if facts.now.is_none() {
            not_run.push(NotRun {
                test: "6.2.33",
                reason: "needs to know the time of validation",
            });
        }
    }
    if checks.preset.informative() {
        informative::run(facts, &overlaps, findings);
    }
    if overlaps.is_exhausted() {
        not_run.extend(COMPARE_RANGES.map(|test| NotRun {
            test,
            reason: "too many version ranges stand side by side to compare them all",
        }));
    }
    not_run
}

/// A referenced schema: the name it goes by, its text, and the test that asks
/// for validity by it.
type Referenced = (&'static str, &'static str, &'static str);

const REFERENCED: [Referenced; 7] = [
    (
        "https://www.first.org/cvss/cvss-v2.0.json",
        include_str!("../../../assets/csaf/2.1/referenced/cvss-v2.0_strict.json"),
        "6.1.8",
    ),
    (
        "https://www.first.org/cvss/cvss-v3.0.json",
        include_str!("../../../assets/csaf/2.1/referenced/cvss-v3.0_strict.json"),
        "6.1.8",
    ),
    (
        "https://www.first.org/cvss/cvss-v3.1.json",
        include_str!("../../../assets/csaf/2.1/referenced/cvss-v3.1_strict.json"),
        "6.1.8",
    ),
    (
        "https://www.first.org/cvss/cvss-v4.0.json",
        include_str!("../../../assets/csaf/2.1/referenced/cvss-v4.0.json"),
        "6.1.8",
    ),
    (
        "https://certcc.github.io/SSVC/data/schema/v2/SelectionList_2_0_0.schema.json",
        include_str!("../../../assets/csaf/2.1/referenced/SelectionList_2_0_0.schema.json"),
        "6.1.46",
    ),
    (
        "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/extension-content.json",
        include_str!("../../../assets/csaf/2.1/extension-content.json"),
        "6.1.60.1",
    ),
    (
        "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/extension-metaschema.json",
        include_str!("../../../assets/csaf/2.1/extension-metaschema.json"),
        "6.1.60.1",
    ),
];

fn compiled() -> Result<&'static Schema, &'static SchemaError> {
    static SCHEMA: OnceLock<Result<Schema, SchemaError>> = OnceLock::new();
    SCHEMA
        .get_or_init(|| {
            let others: Vec<_> = REFERENCED
                .iter()
                .map(|(name, text, _)| (*name, *text))
                .collect();
            schema::compile(include_str!("../../../assets/csaf/2.1/csaf.json"), &others)
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
