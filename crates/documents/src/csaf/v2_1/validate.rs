//! Runs the schema and the tests of a preset over one CSAF 2.1 document.

use std::sync::OnceLock;

use super::{informative, mandatory, recommended};
use crate::csaf::facts::{Facts, Standard};
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::{Findings, NotRun, Preset, Report};
use crate::csaf::schema::{self, Event, Schema, SchemaError};
use crate::csaf::validate::{of_bytes, of_value};

/// Tests of CSAF 2.1 that this module does not have yet, or that need the
/// network or a dictionary. A report names those of its preset.
pub const NOT_YET: [NotRun; 34] = [
    missing("6.1.55"),
    missing("6.1.60.2"),
    missing("6.1.60.3"),
    missing("6.2.33"),
    missing("6.2.34"),
    missing("6.2.35"),
    missing("6.2.36"),
    missing("6.2.37"),
    missing("6.2.39.1"),
    missing("6.2.42"),
    missing("6.2.44"),
    missing("6.2.45"),
    missing("6.2.46"),
    missing("6.2.50.1"),
    missing("6.2.50.2"),
    missing("6.2.50.3"),
    missing("6.2.54.1"),
    missing("6.2.54.2"),
    missing("6.2.54.4"),
    missing("6.2.55"),
    missing("6.3.6"),
    missing("6.3.7"),
    missing("6.3.8"),
    missing("6.3.13"),
    missing("6.3.16"),
    missing("6.3.17"),
    missing("6.3.19.1"),
    missing("6.3.19.2"),
    missing("6.3.19.3"),
    missing("6.3.19.4"),
    missing("6.3.19.5"),
    missing("6.3.21.2"),
    missing("6.3.24"),
    missing("6.3.25"),
];

const fn missing(test: &'static str) -> NotRun {
    NotRun {
        test,
        reason: "not part of this validator",
    }
}

/// Tests that look into product groups.
const GROUPS_TOO_LARGE: [NotRun; 4] = {
    const REASON: &str = "product groups are referenced too often to look into all of them";
    [
        NotRun {
            test: "6.1.27.9",
            reason: REASON,
        },
        NotRun {
            test: "6.1.27.10",
            reason: REASON,
        },
        NotRun {
            test: "6.1.33",
            reason: REASON,
        },
        NotRun {
            test: "6.2.2",
            reason: REASON,
        },
    ]
};

/// Validates the bytes of a document.
///
/// Everything that can be judged is judged: a violated schema hides no test.
/// Bytes that are no JSON give a report with the one finding `json`.
pub fn validate(bytes: &[u8], preset: Preset) -> Report {
    of_bytes(bytes, |_| run, preset)
}

/// Validates a document that is already parsed. The order of keys (test
/// 6.2.13) and duplicate keys can only be judged from bytes.
pub fn validate_value(value: &serde_json::Value, preset: Preset) -> Report {
    of_value(value, run, preset)
}

pub(in crate::csaf) fn run(root: &Node<'_>, preset: Preset, mut findings: Findings) -> Report {
    match compiled() {
        Ok(schema) => schema_and_properties(schema, root, preset, &mut findings),
        Err(error) => findings.add("schema", &Path::Root, error.to_string()),
    }
    let mut not_run = Vec::new();
    if preset.mandatory() {
        let facts = Facts::gather(Standard::V2_1, root);
        mandatory::run(&facts, &mut findings);
        if preset.recommended() {
            recommended::run(&facts, &mut findings);
        }
        if facts.is_exhausted() {
            not_run.extend(GROUPS_TOO_LARGE);
        }
        if preset.informative() {
            informative::run(&facts, &mut findings);
        }
        not_run.extend(
            NOT_YET
                .iter()
                .filter(|entry| match entry.test.as_bytes().get(2) {
                    Some(b'1') => true,
                    Some(b'2') => preset.recommended(),
                    _ => preset.informative(),
                })
                .copied(),
        );
    }
    findings.into_report(not_run)
}

/// The schema walk also yields the tests that ask for validity by a referenced
/// schema, and test 6.2.20 (keys that no schema names).
fn schema_and_properties(
    schema: &Schema,
    root: &Node<'_>,
    preset: Preset,
    findings: &mut Findings,
) {
    schema::check(schema, root, &mut |path, event| match event {
        Event::Violation { message, origin } => {
            if let Some((_, _, Some(test))) = REFERENCED.get(origin.wrapping_sub(1))
                && preset.mandatory()
            {
                findings.add(test, path, message.clone());
            }
            findings.add("schema", path, message);
        }
        Event::Additional => {
            if preset.recommended() {
                findings.add(
                    "6.2.20",
                    path,
                    "the schema does not name this property; remove it",
                );
            }
        }
    });
}

/// A referenced schema: the name it goes by, its text, and the test that asks
/// for validity by it.
type Referenced = (&'static str, &'static str, Option<&'static str>);

const REFERENCED: [Referenced; 7] = [
    (
        "https://www.first.org/cvss/cvss-v2.0.json",
        include_str!("../../../assets/csaf/2.1/referenced/cvss-v2.0_strict.json"),
        Some("6.1.8"),
    ),
    (
        "https://www.first.org/cvss/cvss-v3.0.json",
        include_str!("../../../assets/csaf/2.1/referenced/cvss-v3.0_strict.json"),
        Some("6.1.8"),
    ),
    (
        "https://www.first.org/cvss/cvss-v3.1.json",
        include_str!("../../../assets/csaf/2.1/referenced/cvss-v3.1_strict.json"),
        Some("6.1.8"),
    ),
    (
        "https://www.first.org/cvss/cvss-v4.0.json",
        include_str!("../../../assets/csaf/2.1/referenced/cvss-v4.0.json"),
        Some("6.1.8"),
    ),
    (
        "https://certcc.github.io/SSVC/data/schema/v2/SelectionList_2_0_0.schema.json",
        include_str!("../../../assets/csaf/2.1/referenced/SelectionList_2_0_0.schema.json"),
        Some("6.1.46"),
    ),
    (
        "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/extension-content.json",
        include_str!("../../../assets/csaf/2.1/extension-content.json"),
        Some("6.1.60.1"),
    ),
    (
        "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/extension-metaschema.json",
        include_str!("../../../assets/csaf/2.1/extension-metaschema.json"),
        Some("6.1.60.1"),
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
