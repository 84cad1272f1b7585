//! Updating a record without undoing anybody's work.
//!
//! The service replaces the whole container and knows no condition. So the record is fetched, its
//! date compared with that of the version the author saw, and what the author does not write is
//! taken over from it.

use serde_json::{Map, Value};

use super::request::{Request, replace};
use crate::record::json::text;

/// Members of the container that are written from the record. All others are taken over from what
/// the service has: impacts, timeline, tags, CPE applicability and every extension.
static WRITTEN: &[&str] = &[
    "affected",
    "configurations",
    "credits",
    "datePublic",
    "descriptions",
    "exploits",
    "metrics",
    "problemTypes",
    "providerMetadata",
    "references",
    "solutions",
    "title",
    "workarounds",
];

/// Members of rejected containers: they do not outlive a publication.
static REJECTION: &[&str] = &["rejectedReasons", "replacedBy"];

/// Somebody changed the record since the author saw it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the record was changed at {theirs} by somebody else, after the version of {ours} that this \
     update started from; look at the change and start again from it"
)]
pub struct Conflict {
    /// The date of the version the author saw.
    pub ours: String,
    /// The date of the version the service has.
    pub theirs: String,
}

/// What an update comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// Send this.
    Send(Request),
    /// The service has it already: the last answer was lost, not the request.
    Done,
}

/// Decides on an update from the record as the service has it now.
///
/// # Errors
/// Somebody else changed the record meanwhile.
pub fn merged(
    id: &str,
    current: &Value,
    container: &Value,
    seen: Option<&str>,
) -> Result<Update, Conflict> {
    let cna = current.pointer("/containers/cna").unwrap_or(&Value::Null);
    let theirs = dated(current);
    let merged = merge(cna, container);
    if owned_by_us(&merged) == owned_by_us(cna) {
        return Ok(Update::Done);
    }
    if theirs != seen {
        return Err(Conflict {
            ours: seen.unwrap_or("no record").to_owned(),
            theirs: theirs.unwrap_or("no record").to_owned(),
        });
    }
    Ok(Update::Send(replace(id, &merged)))
}

/// The date of the version of a record: to be kept beside what an author starts from.
#[must_use]
pub fn dated(record: &Value) -> Option<&str> {
    let metadata = record.get("cveMetadata")?;
    text(metadata, "dateUpdated")
}

fn merge(current: &Value, ours: &Value) -> Value {
    let mut merged = Map::new();
    for (name, value) in current.as_object().into_iter().flatten() {
        let kept = !WRITTEN.contains(&name.as_str()) && !REJECTION.contains(&name.as_str());
        if kept {
            merged.insert(name.clone(), value.clone());
        }
    }
    for (name, value) in ours.as_object().into_iter().flatten() {
        merged.insert(name.clone(), value.clone());
    }
    Value::Object(merged)
}

/// A container without what the service sets in it, to compare by.
#[must_use]
pub fn owned_by_us(container: &Value) -> Value {
    let mut container = container.clone();
    if let Some(members) = container.as_object_mut() {
        members.remove("providerMetadata");
    }
    container
}
