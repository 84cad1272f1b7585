//! From bytes to the validator of a version.

use std::str::FromStr;

use super::json::{self, JsonError, Node};
use super::pointer::Path;
use super::report::{Findings, Preset, Report};
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

/// How a version judges a tree.
pub(super) type Judge = fn(&Node<'_>, Preset, Findings) -> Report;

/// Validates the bytes of a document of any version.
///
/// A document that names no version, or one that is not known, is judged by
/// CSAF 2.0, whose schema then says so.
pub fn validate(bytes: &[u8], profile: Profile, preset: Preset) -> Report {
    of_bytes(
        bytes,
        |root| match profile {
            Profile::V2_0 => v2_0::validate::run,
            Profile::V2_1 => v2_1::validate::run,
            Profile::Auto => {
                let version = root.at(&["document", "csaf_version"]);
                match version.and_then(Node::as_str) {
                    Some("2.1") => v2_1::validate::run,
                    _ => v2_0::validate::run,
                }
            }
        },
        preset,
    )
}

/// Reads bytes and has them judged; what is no JSON gives one finding.
pub(super) fn of_bytes(
    bytes: &[u8],
    choose: impl Fn(&Node<'_>) -> Judge,
    preset: Preset,
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
            choose(&parsed.root)(&parsed.root, preset, findings)
        }
        Err(error) => unreadable(&error),
    }
}

/// Has a parsed document judged.
pub(super) fn of_value(value: &serde_json::Value, judge: Judge, preset: Preset) -> Report {
    match json::from_value(value) {
        Ok(root) => judge(&root, preset, Findings::new()),
        Err(error) => unreadable(&error),
    }
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
