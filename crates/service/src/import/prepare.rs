//! Reading one document for the import: what its page and its case say of it, or why it cannot be
//! taken in. Pure.

use super::ImportFile;
use crate::advisories::{AdvisoryPage, ProductRow};
use crate::facts;
use entente_documents::csaf::{self, v2_0};
use entente_documents::cwe;
use entente_domain::time::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;

/// Bytes of one document.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of one signature.
const MOST_SIGNATURE_BYTES: usize = 64 * 1024;
/// Rows that a page shows of one kind; the document has them all.
const MOST_ROWS: usize = 500;

/// A document that can be taken in.
pub(super) struct Prepared {
    pub(super) name: String,
    pub(super) public_id: String,
    pub(super) file_name: String,
    pub(super) released_at: Timestamp,
    pub(super) page: AdvisoryPage,
    pub(super) products: Vec<String>,
    pub(super) bytes: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

/// Reads a document; the error is a sentence with its remedy.
pub(super) fn prepare(file: ImportFile) -> Result<Prepared, String> {
    if file.bytes.len() > MOST_BYTES {
        return Err(format!(
            "It is larger than {MOST_BYTES} bytes; that is no advisory."
        ));
    }
    let signature = file.signature.unwrap_or_default();
    if signature.len() > MOST_SIGNATURE_BYTES {
        return Err("Its signature is larger than 64 KiB; export a detached one.".to_owned());
    }
    let read = v2_0::read(&file.bytes).map_err(|e| e.to_string())?;
    let value: Value = serde_json::from_slice(&file.bytes).map_err(|e| e.to_string())?;
    let public_id = read.tracking_id.trim().to_owned();
    if public_id.len() > 200 || public_id.chars().any(char::is_control) {
        return Err(
            "/document/tracking/id is longer than 200 bytes or no single line; shorten it."
                .to_owned(),
        );
    }
    // What is imported is published at once.
    if let Some(label) = read.tlp.as_deref()
        && label != "WHITE"
    {
        return Err(format!(
            "/document/distribution/tlp/label is {label}; only WHITE may be published, so relabel it or leave it out."
        ));
    }
    if read.status.as_deref() == Some("draft") {
        return Err("/document/tracking/status is draft; import it when it is final.".to_owned());
    }
    let initial = instant(read.initial_release_date.as_deref(), "initial_release_date")?;
    let current = instant(read.current_release_date.as_deref(), "current_release_date")?;
    let page = page(&read, &value, &public_id, initial, current);
    Ok(Prepared {
        name: file.name,
        file_name: csaf::file_name(&public_id),
        public_id,
        released_at: current,
        page,
        products: read.products.into_iter().take(MOST_ROWS).collect(),
        bytes: file.bytes,
        signature,
    })
}

fn instant(text: Option<&str>, field: &str) -> Result<Timestamp, String> {
    text.and_then(|t| t.parse::<jiff::Timestamp>().ok())
        .map(|t| Timestamp(t.as_microsecond()))
        .ok_or_else(|| {
            format!(
                "/document/tracking/{field} is no instant such as 2026-01-31T10:00:00Z; fill it in."
            )
        })
}

fn page(
    read: &v2_0::read::Summary,
    value: &Value,
    public_id: &str,
    initial: Timestamp,
    current: Timestamp,
) -> AdvisoryPage {
    let tracking = value.pointer("/document/tracking");
    let history = tracking.and_then(|t| t.get("revision_history"));
    let mut history: Vec<(u32, Timestamp, String)> = list(history)
        .enumerate()
        .map(|(n, r)| {
            let number = u32::try_from(n + 1).unwrap_or(u32::MAX);
            let at = instant(r.get("date").and_then(Value::as_str), "date").unwrap_or(current);
            (number, at, text(r, "summary"))
        })
        .collect();
    history.truncate(MOST_ROWS);
    let vectors: BTreeSet<&String> = read
        .vulnerabilities
        .iter()
        .flat_map(|v| &v.scores)
        .collect();
    let highest = vectors
        .iter()
        .filter_map(|v| facts::score(v).ok())
        .max_by_key(|s| s.tenths);
    let cves: BTreeSet<String> = read
        .vulnerabilities
        .iter()
        .filter_map(|v| v.cve.clone())
        .collect();
    let weakness = read
        .vulnerabilities
        .iter()
        .find_map(|v| v.cwe.clone())
        .map(|id| {
            let name = cwe::number(&id)
                .and_then(cwe::weakness)
                .map(|w| w.name.to_string());
            (id, name.unwrap_or_default())
        });
    AdvisoryPage {
        public_id: public_id.to_owned(),
        title: read.title.clone(),
        revision: u32::try_from(history.len()).unwrap_or(1).max(1),
        initial_release: initial,
        current_release: current,
        summary: note(value.pointer("/document/notes"), &["summary", "general"]),
        description: list(value.get("vulnerabilities"))
            .map(|v| note(v.get("notes"), &["description", "summary"]))
            .find(|t| !t.is_empty())
            .unwrap_or_else(|| {
                note(
                    value.pointer("/document/notes"),
                    &["description", "details"],
                )
            }),
        severity: value
            .pointer("/document/aggregate_severity/text")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .or_else(|| highest.as_ref().map(|s| s.severity.clone()))
            .unwrap_or_default(),
        score: highest.map(|s| format!("{}.{}", s.tenths / 10, s.tenths % 10)),
        vectors: vectors.into_iter().take(MOST_ROWS).cloned().collect(),
        cwe: weakness,
        cves: cves.into_iter().take(MOST_ROWS).collect(),
        products: products(read),
        remediations: remediations(value),
        references: read
            .references
            .iter()
            .take(MOST_ROWS)
            .map(|r| r.url.clone())
            .collect(),
        acknowledgement: list(value.pointer("/document/acknowledgments"))
            .map(acknowledged)
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join("; "),
        history,
        imported: true,
        ..AdvisoryPage::default()
    }
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, key: &str) -> String {
    value
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// The first note of the first category that there is.
fn note(notes: Option<&Value>, categories: &[&str]) -> String {
    categories
        .iter()
        .find_map(|c| list(notes).find(|n| n.get("category").and_then(Value::as_str) == Some(c)))
        .map(|n| text(n, "text"))
        .unwrap_or_default()
}

fn acknowledged(value: &Value) -> String {
    let names: Vec<&str> = list(value.get("names")).filter_map(Value::as_str).collect();
    [
        names.join(", "),
        text(value, "organization"),
        text(value, "summary"),
    ]
    .into_iter()
    .filter(|t| !t.is_empty())
    .collect::<Vec<_>>()
    .join(", ")
}

fn products(read: &v2_0::read::Summary) -> Vec<ProductRow> {
    let mut seen = BTreeSet::new();
    read.vulnerabilities
        .iter()
        .flat_map(|v| &v.products)
        .flat_map(|(status, names)| names.iter().map(move |name| (name, status)))
        .filter(|row| seen.insert(*row))
        .take(MOST_ROWS)
        .map(|(name, status)| ProductRow {
            name: name.clone(),
            versions: String::new(),
            status: status.replace('_', " "),
            fixed_versions: String::new(),
            note: String::new(),
        })
        .collect()
}

fn remediations(value: &Value) -> Vec<(String, String, Option<String>)> {
    let mut seen = BTreeSet::new();
    list(value.get("vulnerabilities"))
        .flat_map(|v| list(v.get("remediations")))
        .map(|r| {
            let url = r.get("url").and_then(Value::as_str).map(str::to_owned);
            (
                text(r, "category").replace('_', " "),
                text(r, "details"),
                url,
            )
        })
        .filter(|row| seen.insert(row.clone()))
        .take(MOST_ROWS)
        .collect()
}
