//! Judging CVE records: the official schema, then what it cannot say.

use std::sync::LazyLock;

use serde_json::Value;

use super::rules;
use crate::record::ReadError;
use crate::record::json::parse;

static SCHEMA: LazyLock<Option<jsonschema::Validator>> = LazyLock::new(|| {
    let text = include_str!("../../assets/cve/CVE_JSON_bundled_5.2.0.json");
    let schema: Value = serde_json::from_str(text).ok()?;
    let mut options = jsonschema::options();
    options = options.should_validate_formats(true);
    options.build(&schema).ok()
});

/// More findings than anyone reads.
const MAX_FINDINGS: usize = 1_000;

/// The rules by which a record is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// The JSON schema of the CVE Record Format.
    Schema,
    /// Vectors are whole and of the version their member names.
    Vector,
    /// Scores, severities and metrics follow from the vector.
    Score,
    /// Dates are in the order in which things can have happened.
    Dates,
    /// Ranges begin before they end, changes lie within and rise, nothing is said twice.
    Range,
    /// A product that is listed is affected in some version, or may be.
    Affected,
    /// Package URLs are well-formed and without version.
    PackageUrl,
    /// CWE ids name weaknesses that exist and are meant to be mapped to.
    Weakness,
    /// There is one English description, and none is empty.
    Description,
    /// A rejected id is not replaced by itself.
    Replacement,
    /// No address is listed twice.
    Reference,
}

impl Rule {
    /// The name of the rule in findings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Schema => "cve.schema",
            Self::Vector => "cve.vector",
            Self::Score => "cve.score",
            Self::Dates => "cve.dates",
            Self::Range => "cve.range",
            Self::Affected => "cve.affected",
            Self::PackageUrl => "cve.package-url",
            Self::Weakness => "cve.weakness",
            Self::Description => "cve.description",
            Self::Replacement => "cve.replacement",
            Self::Reference => "cve.reference",
        }
    }
}

/// What is wrong with a record at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// The place, as a JSON pointer.
    pub path: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// Judges a record. All findings are given at once: what the schema finds hides nothing that can
/// still be judged.
///
/// # Errors
/// The bytes are no JSON.
pub fn validate(bytes: &[u8]) -> Result<Vec<Finding>, ReadError> {
    Ok(validate_value(&parse(bytes)?))
}

fn validate_value(value: &Value) -> Vec<Finding> {
    let mut findings = schema(value);
    rules::judge(value, &mut findings);
    findings.truncate(MAX_FINDINGS);
    findings
}

fn schema(value: &Value) -> Vec<Finding> {
    let wrong = |path: String, message: String| Finding {
        rule: Rule::Schema,
        path,
        message,
    };
    let Some(validator) = SCHEMA.as_ref() else {
        let message = "the schema of this program could not be read".to_owned();
        return vec![wrong(String::new(), message)];
    };
    // The schema is a choice between published and rejected records, so that its own words for a
    // failure name neither: the branch that the state asks for is judged alone.
    let mut findings = Vec::new();
    for error in validator.iter_errors(value).take(MAX_FINDINGS) {
        let branches = match error.kind() {
            jsonschema::error::ValidationErrorKind::OneOfNotValid { context } => context.as_slice(),
            _ => &[],
        };
        let branch = branches.get(usize::from(is_rejected(value)));
        match branch {
            Some(errors) => findings.extend(errors.iter().map(|error| {
                wrong(
                    error.instance_path().to_string(),
                    shortened(&error.to_string()),
                )
            })),
            None => {
                let path = error.instance_path().to_string();
                findings.push(wrong(path, shortened(&error.to_string())));
            }
        }
    }
    findings
}

fn is_rejected(value: &Value) -> bool {
    let state = value.pointer("/cveMetadata/state").and_then(Value::as_str);
    state == Some("REJECTED")
}

// The library's messages repeat the instance, which may be the whole document.
fn shortened(message: &str) -> String {
    let length = message.chars().count();
    if length <= 300 {
        return message.to_owned();
    }
    let first: String = message.chars().take(120).collect();
    let last: String = message.chars().skip(length - 160).collect();
    format!("{first} … {last}")
}
