//! Conversion of CSAF 2.0 documents to CSAF 2.1, by the standard's conformance
//! clause for such converters.
//!
//! What is lost or guessed is told as a notice with its place in the original.
//! The result is judged by the mandatory tests of 2.1; a document that cannot be
//! made valid is given with its findings. Of the standard's advice one thing is
//! left out: for an affected range that ends before a version no new product of
//! that version is made up.

mod document;
mod ranges;
mod remediations;
mod tree;
mod vulnerabilities;

use serde_json::{Map, Value};

use super::json::{self, JsonError};
use super::report::{Checks, Preset, Report};
use super::schema::format::{Instant, instant};
use super::schema::{self, Event};
use super::{v2_0, v2_1};

/// What a conversion may decide otherwise than by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Choices {
    /// Take a TLP 2.0 label that the distribution text names (`TLP v2.0: TLP:…`)
    /// over the converted one.
    pub tlp_from_text: bool,
    /// Where a product has another remediation, remove the word that none is
    /// available, which 2.1 does not allow beside it. The standard preserves it,
    /// and the result is not valid.
    pub drop_none_available: bool,
    /// The time of conversion, in seconds since 1970.
    pub now: i64,
}

impl Choices {
    fn now(self) -> Instant {
        Instant {
            seconds: self.now,
            nanos: 0,
        }
    }
}

/// Something that was lost, changed in meaning, or guessed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Notice {
    /// Where in the original, as a JSON pointer.
    pub path: String,
    /// What was done and why.
    pub message: String,
}

/// A converted document.
#[derive(Debug, Clone)]
pub struct Converted {
    /// The document, its keys sorted.
    pub document: Value,
    /// What to look at.
    pub notices: Vec<Notice>,
    /// What the mandatory tests of 2.1 say.
    pub report: Report,
}

/// Why there is nothing to convert.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The bytes are no JSON.
    #[error("{0}")]
    NotJson(String),
    /// A key is given twice: whichever is taken, the other is lost.
    #[error("an object gives a key twice, at {0}; remove one")]
    DuplicateKey(String),
    /// The document is of another version, or none.
    #[error(
        "the document is no CSAF 2.0 (`document/csaf_version` is {0}); only such are converted"
    )]
    NotCsaf20(String),
}

impl From<JsonError> for ConvertError {
    fn from(error: JsonError) -> Self {
        ConvertError::NotJson(error.to_string())
    }
}

/// Notices while a conversion goes on.
struct Notices(Vec<Notice>);

impl Notices {
    fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Notice {
            path: path.into(),
            message: message.into(),
        });
    }
}

/// Refuses a document that gives a key twice, with the first place.
pub(super) fn each_key_once(parsed: &json::Parsed<'_>) -> Result<(), ConvertError> {
    if !parsed.has_duplicate_keys {
        return Ok(());
    }
    let mut place = String::new();
    json::each_duplicate_key(&parsed.root, &super::pointer::Path::Root, &mut |path| {
        if place.is_empty() {
            place = path.to_string();
        }
    });
    Err(ConvertError::DuplicateKey(place))
}

/// Converts a document.
///
/// # Errors
/// The bytes are no JSON without duplicate keys, or no CSAF 2.0.
pub fn convert(bytes: &[u8], choices: Choices) -> Result<Converted, ConvertError> {
    let parsed = json::parse(bytes)?;
    each_key_once(&parsed)?;
    let version = parsed.root.at(&["document", "csaf_version"]);
    if version.and_then(json::Node::as_str) != Some("2.0") {
        let found = version.map_or("absent".to_owned(), |node| {
            node.as_str()
                .map_or(node.kind().to_owned(), |text| format!("`{text}`"))
        });
        return Err(ConvertError::NotCsaf20(found));
    }
    let mut root: Value =
        serde_json::from_slice(bytes).map_err(|error| ConvertError::NotJson(error.to_string()))?;
    let mut notices = Notices(Vec::new());
    additional(&parsed.root, &mut root, &mut notices);
    leap_seconds(&mut root, &mut String::new(), &mut notices);
    let labels = tree::labels(&root);
    let groups = tree::groups(&root);
    tree::convert(&mut root, &mut notices);
    vulnerabilities::convert(&mut root, choices, &labels, &groups, &mut notices);
    document::convert(&mut root, choices, &labels, &mut notices);
    let report = settle_category(&mut root, &mut notices);
    Ok(Converted {
        document: root,
        notices: notices.0,
        report,
    })
}

fn judge(root: &Value) -> Report {
    v2_1::validate_value(root, Checks::from(Preset::Basic))
}

fn fails_profile(report: &Report) -> bool {
    report
        .findings
        .iter()
        .any(|f| f.test.starts_with("6.1.27."))
}

fn category(root: &Value) -> &str {
    text(root, "/document/category").unwrap_or_default()
}

fn set_category(root: &mut Value, category: &str) {
    if let Some(Value::Object(document)) = root.get_mut("document") {
        document.insert("category".to_owned(), category.into());
    }
}

/// Finds the profile that the converted document is valid in.
fn settle_category(root: &mut Value, notices: &mut Notices) -> Report {
    let original = category(root).to_owned();
    let starts = |word: &str| {
        let title = text(root, "/document/title").unwrap_or_default();
        title.starts_with(word) || original.eq_ignore_ascii_case(word)
    };
    let english = text(root, "/document/lang")
        .is_none_or(|lang| lang.to_ascii_lowercase().split('-').next() == Some("en"));
    let ended = [
        ("Superseded", "csaf_superseded"),
        ("Withdrawn", "csaf_withdrawn"),
    ]
    .into_iter()
    .find(|(word, _)| english && starts(word));
    if let Some((word, profile)) = ended {
        set_category(root, profile);
        let report = judge(root);
        if report.valid {
            notices.add(
                "/document/category",
                format!("the document says it is {word}: it is now of category `{profile}`"),
            );
            return report;
        }
        set_category(root, &original);
        notices.add(
            "/document/category",
            format!(
                "the document may be {}, but would not be valid as `{profile}`; its category stays `{original}`",
                word.to_lowercase()
            ),
        );
    }
    let report = judge(root);
    if original == "csaf_security_advisory" && fails_profile(&report) {
        const DEPRECATED: &str = "csaf_deprecated_security_advisory";
        set_category(root, DEPRECATED);
        notices.add(
            "/document/category",
            format!("what 2.1 asks of a security advisory is not there: it is now of category `{DEPRECATED}`"),
        );
        return judge(root);
    }
    report
}

/// Removes what the schema of 2.0 does not name.
fn additional(node: &json::Node<'_>, root: &mut Value, notices: &mut Notices) {
    let Ok(schema) = (v2_0::validate::RULES.schema)() else {
        return;
    };
    let mut found = Vec::new();
    schema::check(schema, node, &mut |path, event| {
        if matches!(event, Event::Additional) {
            found.push(path.to_string());
        }
    });
    // A schema may name several ways to a value, each of which finds the same.
    found.sort_unstable();
    found.dedup();
    for path in found {
        let Some((above, key)) = path.rsplit_once('/') else {
            continue;
        };
        let key = key.replace("~1", "/").replace("~0", "~");
        if let Some(Value::Object(members)) = root.pointer_mut(above)
            && let Some(value) = members.remove(&key)
        {
            notices.add(
                path,
                format!(
                    "an additional property was not converted: {}",
                    quoted(&value)
                ),
            );
        }
    }
}

/// The beginning of a value, for a notice.
fn quoted(value: &Value) -> String {
    const LONGEST: usize = 200;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Leap seconds are no longer allowed.
fn leap_seconds(value: &mut Value, path: &mut String, notices: &mut Notices) {
    const DATES: [&str; 5] = [
        "date",
        "current_release_date",
        "initial_release_date",
        "discovery_date",
        "release_date",
    ];
    let length = path.len();
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                *path += "/";
                *path += &key.replace('~', "~0").replace('/', "~1");
                if let Value::String(text) = value
                    && DATES.contains(&key.as_str())
                    && text.get(16..19) == Some(":60")
                    && let Some(date) = instant(text)
                {
                    let zone = text
                        .get(19..)
                        .unwrap_or_default()
                        .trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
                    let replaced = format!("{}59.999999{zone}", text.get(..17).unwrap_or_default());
                    // Leap seconds are inserted at the end of a day.
                    let may_be = date.seconds.rem_euclid(86_400) == 0;
                    notices.add(
                        path.clone(),
                        format!(
                            "leap seconds are not allowed any more; `{text}`, which {} one, became `{replaced}`",
                            if may_be { "may be" } else { "is not" }
                        ),
                    );
                    *text = replaced;
                } else {
                    leap_seconds(value, path, notices);
                }
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                *path += &format!("/{index}");
                leap_seconds(item, path, notices);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

/// The text at a pointer.
fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// The items of an array member, to be changed.
fn items_mut<'v>(members: &'v mut Map<String, Value>, key: &str) -> &'v mut [Value] {
    match members.get_mut(key) {
        Some(Value::Array(items)) => items,
        _ => &mut [],
    }
}

/// The texts of an array member.
fn texts<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// Keeps the first of equal items.
fn unique(items: &mut Vec<Value>) {
    let mut seen = std::collections::HashSet::new();
    items.retain(|item| seen.insert(item.to_string()));
}
