//! From bytes to a report: reading, the schema walk, and the tests that the
//! rules of a version bring.

use std::str::FromStr;

use super::facts::{Facts, Standard};
use super::json::{self, JsonError, Node};
use super::pointer::Path;
use super::report::{Checks, Findings, NotRun, Preset, Report};
use super::schema::{self, Event, Schema, SchemaError};
use super::{v2_0, v2_1};

/// Which version of the standard a document is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// The one that the document names.
    #[default]
    Auto,
    /// CSAF 2.0.
    V2_0,
    /// CSAF 2.1.
    V2_1,
}

/// A profile name that does not exist.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no profile `{0}`; use auto, 2.0 or 2.1")]
pub struct UnknownProfile(String);

impl FromStr for Profile {
    type Err = UnknownProfile;
    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        match name {
            "auto" => Ok(Profile::Auto),
            "2.0" => Ok(Profile::V2_0),
            "2.1" => Ok(Profile::V2_1),
            _ => Err(UnknownProfile(name.to_owned())),
        }
    }
}

/// A version of the standard, as a validation needs it.
pub(super) struct Rules {
    pub(super) standard: Standard,
    pub(super) schema: fn() -> Result<&'static Schema, &'static SchemaError>,
    /// The test that asks for validity by a referenced schema, by its number
    /// among those given to the compiler, from 0.
    pub(super) test_of_schema: fn(usize) -> Option<&'static str>,
    /// Runs the tests of a preset; returns those that it had to leave out.
    pub(super) tests: fn(&Facts<'_>, Checks, &mut Findings) -> Vec<NotRun>,
    /// Tests that need the network or a dictionary; they are never run.
    pub(super) never: &'static [NotRun],
}

/// Tests that look into product groups.
const LOOK_INTO_GROUPS: [&str; 4] = ["6.1.27.9", "6.1.27.10", "6.1.33", "6.2.2"];

/// Validates the bytes of a document of any version.
///
/// Everything that can be judged is judged: a violated schema hides no test.
/// Bytes that are no JSON give a report with the one finding `json`, and so does
/// a document whose values would take more than 768 MiB of memory: one of many
/// tiny values, or an advisory of more than about 200 MB. A document
/// that names no version, or one that is not known, is judged by CSAF 2.0,
/// whose schema then says so.
pub fn validate(bytes: &[u8], profile: Profile, checks: impl Into<Checks>) -> Report {
    of_bytes(
        bytes,
        |root| match profile {
            Profile::V2_0 => &v2_0::validate::RULES,
            Profile::V2_1 => &v2_1::validate::RULES,
            Profile::Auto => {
                let version = root.at(&["document", "csaf_version"]);
                match version.and_then(Node::as_str) {
                    Some("2.1") => &v2_1::validate::RULES,
                    _ => &v2_0::validate::RULES,
                }
            }
        },
        checks.into(),
    )
}

/// Reads bytes and has them judged; what is no JSON gives one finding.
pub(super) fn of_bytes(
    bytes: &[u8],
    choose: impl Fn(&Node<'_>) -> &'static Rules,
    checks: Checks,
) -> Report {
    match json::parse(bytes) {
        Ok(parsed) => {
            let mut findings = Findings::new();
            if parsed.has_duplicate_keys {
                json::each_duplicate_key(&parsed.root, &Path::Root, &mut |path| {
                    findings.add(
                        "json",
                        path,
                        "the key is given twice, and readers disagree which one counts; remove one",
                    );
                });
            }
            judge(choose(&parsed.root), &parsed.root, checks, findings)
        }
        Err(error) => unreadable(&error),
    }
}

/// Has a parsed document judged.
pub(super) fn of_value(value: &serde_json::Value, rules: &'static Rules, checks: Checks) -> Report {
    match json::from_value(value) {
        Ok(root) => judge(rules, &root, checks, Findings::new()),
        Err(error) => unreadable(&error),
    }
}

fn judge(rules: &'static Rules, root: &Node<'_>, checks: Checks, mut findings: Findings) -> Report {
    let preset = checks.preset;
    match (rules.schema)() {
        Ok(schema) => schema_and_properties(rules, schema, root, preset, &mut findings),
        Err(error) => findings.add("schema", &Path::Root, error.to_string()),
    }
    let mut not_run = Vec::new();
    if preset.mandatory() {
        let facts = Facts::gather(rules.standard, root, checks.now);
        not_run = (rules.tests)(&facts, checks, &mut findings);
        if facts.is_exhausted() {
            not_run.extend(LOOK_INTO_GROUPS.map(|test| NotRun {
                test,
                reason: "product groups are referenced too often to look into all of them",
            }));
        }
        not_run.extend(rules.never);
        not_run.retain(|entry| preset.has(entry.test));
    }
    findings.into_report(not_run)
}

/// The schema walk also yields the tests that ask for validity by a referenced
/// schema, and test 6.2.20 (keys that no schema names).
fn schema_and_properties(
    rules: &'static Rules,
    schema: &Schema,
    root: &Node<'_>,
    preset: Preset,
    findings: &mut Findings,
) {
    schema::check(schema, root, &mut |path, event| match event {
        Event::Violation { message, origin } => {
            if preset.mandatory()
                && let Some(test) = origin.checked_sub(1).and_then(rules.test_of_schema)
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

fn unreadable(error: &JsonError) -> Report {
    let mut findings = Findings::new();
    findings.add("json", &Path::Root, error.to_string());
    findings.into_report(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_its_version() {
        let findings = |bytes: &[u8], profile| {
            validate(bytes, profile, Preset::Schema)
                .findings
                .into_iter()
                .map(|finding| finding.message)
                .collect::<Vec<_>>()
        };
        let document = br#"{"document":{"csaf_version":"2.1"}}"#;
        assert_eq!(
            findings(document, Profile::Auto),
            findings(document, Profile::V2_1)
        );
        assert_ne!(
            findings(document, Profile::Auto),
            findings(document, Profile::V2_0)
        );
        assert_eq!(
            findings(b"{}", Profile::Auto),
            findings(b"{}", Profile::V2_0)
        );
        assert_eq!("2.1".parse(), Ok(Profile::V2_1));
        assert!("2".parse::<Profile>().is_err());
    }
}
