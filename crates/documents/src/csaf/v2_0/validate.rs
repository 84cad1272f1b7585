//! Runs the schema and the tests of a preset over one document.

use std::sync::OnceLock;

use super::{informative, mandatory, optional};
use crate::csaf::facts::{Facts, Standard};
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::{Findings, NotRun, Preset, Report};
use crate::csaf::schema::{self, Event, Schema, SchemaError};
use crate::csaf::validate::{of_bytes, of_value};

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
        let facts = Facts::gather(Standard::V2_0, root);
        mandatory::run(&facts, &mut findings);
        if preset.recommended() {
            optional::run(&facts, &mut findings);
        }
        if facts.is_exhausted() {
            not_run.extend(GROUPS_TOO_LARGE);
        }
        if preset.informative() {
            informative::run(&facts, &mut findings);
            not_run.extend(NOT_RUN);
        }
    }
    findings.into_report(not_run)
}

/// The schema walk also yields test 6.1.8 (the referenced CVSS schemas) and
/// test 6.2.20 (keys that no schema names).
fn schema_and_properties(
    schema: &Schema,
    root: &Node<'_>,
    preset: Preset,
    findings: &mut Findings,
) {
    schema::check(schema, root, &mut |path, event| match event {
        Event::Violation { message, origin } => {
            if origin != 0 && preset.mandatory() {
                findings.add("6.1.8", path, message.clone());
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
