//! The document's own properties.

use serde_json::{Map, Value, json};

use super::tree::Labels;
use super::vulnerabilities::bind_notes;
use super::{Choices, Notices, items_mut, text};
use crate::csaf::v2_1;

const SCHEMA: &str = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json";

/// Titles of notes that may be followed by what they speak of.
const TITLES: [(&str, &str); 4] = [
    ("description", "Product Description"),
    ("general", "General Security Recommendations"),
    ("legal_disclaimer", "License"),
    ("summary", "Summary"),
];

pub(super) fn convert(root: &mut Value, choices: Choices, labels: &Labels, notices: &mut Notices) {
    let Value::Object(members) = root else {
        return;
    };
    members.insert("$schema".to_owned(), SCHEMA.into());
    let Some(Value::Object(document)) = members.get_mut("document") else {
        return;
    };
    document.insert("csaf_version".to_owned(), "2.1".into());
    tlp(document, choices, notices);
    license(document, notices);
    bind_notes(document, "/document", &TITLES, labels, notices);
    title(document, notices);
    external(items_mut(document, "references"));
    if let Some(Value::Object(publisher)) = document.get_mut("publisher") {
        if let Some(details) = publisher.remove("contact_details") {
            publisher.insert("contact".to_owned(), json!({ "details": details }));
        }
        if publisher.get("category").and_then(Value::as_str) == Some("other") {
            notices.add(
                "/document/publisher/category",
                "some publishers of category `other` are `multiplier` in 2.1; it stays `other`",
            );
        }
    }
    initial_release(document, notices);
}

/// What 2.0 took for granted is said.
pub(super) fn external(references: &mut [Value]) {
    for reference in references {
        if let Value::Object(reference) = reference {
            reference
                .entry("category")
                .or_insert_with(|| "external".into());
        }
    }
}

fn object<'m>(
    members: &'m mut Map<String, Value>,
    key: &str,
) -> Option<&'m mut Map<String, Value>> {
    members
        .entry(key)
        .or_insert_with(|| json!({}))
        .as_object_mut()
}

fn tlp(document: &mut Map<String, Value>, choices: Choices, notices: &mut Notices) {
    const LABELS: [&str; 5] = ["CLEAR", "GREEN", "AMBER+STRICT", "AMBER", "RED"];
    let Some(distribution) = object(document, "distribution") else {
        return;
    };
    let stated = distribution
        .get("text")
        .and_then(Value::as_str)
        .and_then(|text| text.split_once("TLP v2.0: TLP:"))
        .and_then(|(_, rest)| LABELS.into_iter().find(|label| rest.starts_with(label)));
    let Some(tlp) = object(distribution, "tlp") else {
        return;
    };
    if tlp.get("url").and_then(Value::as_str) == Some("https://www.first.org/tlp/v1/") {
        tlp.remove("url");
    }
    let path = "/document/distribution/tlp/label";
    let converted = match tlp.get("label").and_then(Value::as_str) {
        Some("WHITE") => "CLEAR".to_owned(),
        Some(label) => label.to_owned(),
        None => {
            notices.add(path, "there was no TLP label: `CLEAR` was set");
            "CLEAR".to_owned()
        }
    };
    let label = match stated {
        Some(stated) if stated != converted && choices.tlp_from_text => {
            notices.add(
                path,
                format!("the label `{converted}` became `{stated}`, as the distribution text says"),
            );
            stated.to_owned()
        }
        Some(stated) if stated != converted => {
            notices.add(
                path,
                format!("the label is `{converted}`, but the distribution text says `{stated}`"),
            );
            converted
        }
        _ => converted,
    };
    tlp.insert("label".to_owned(), label.into());
}

/// A license expression in a legal disclaimer.
fn license(document: &mut Map<String, Value>, notices: &mut Notices) {
    let mut found: Vec<(String, usize)> = Vec::new();
    for (index, note) in items_mut(document, "notes").iter().enumerate() {
        if text(note, "/category") != Some("legal_disclaimer") {
            continue;
        }
        let Some(text) = text(note, "/text") else {
            continue;
        };
        let marked = text
            .split("SPDX-License-Identifier:")
            .skip(1)
            .filter_map(|rest| rest.lines().next());
        for candidate in marked.chain([text]) {
            let candidate = candidate.trim();
            if v2_1::is_listed_expression(candidate) {
                found.push((candidate.to_owned(), index));
            }
        }
    }
    match found.as_slice() {
        [] => {}
        [(expression, index)] => {
            notices.add(
                format!("/document/notes/{index}"),
                format!("the note holds the license expression `{expression}`, which became that of the document"),
            );
            document.insert("license_expression".to_owned(), expression.as_str().into());
        }
        several => {
            let list: Vec<_> = several
                .iter()
                .map(|(expression, index)| format!("`{expression}` (/document/notes/{index})"))
                .collect();
            notices.add(
                "/document/notes",
                format!(
                    "several license expressions were found, so none was set: {}",
                    list.join(", ")
                ),
            );
        }
    }
}

/// The tracking id does not belong into the title.
fn title(document: &mut Map<String, Value>, notices: &mut Notices) {
    let id = document
        .get("tracking")
        .and_then(|tracking| text(tracking, "/id"))
        .unwrap_or_default()
        .to_owned();
    let Some(Value::String(title)) = document.get_mut("title") else {
        return;
    };
    if id.is_empty() || !title.contains(&id) {
        return;
    }
    let separates = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ':' | '-'
                    | '–'
                    | '—'
                    | '('
                    | ')'
                    | '['
                    | ']'
                    | '{'
                    | '}'
                    | '|'
                    | ','
                    | ';'
                    | '/'
                    | '_'
            )
    };
    let parts: Vec<_> = title
        .split(&id)
        .map(|part| part.trim_matches(separates))
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() {
        notices.add(
            "/document/title",
            "the title is nothing but the tracking id, so it stays; find a better one",
        );
        return;
    }
    let shorter = parts.join(" ");
    notices.add(
        "/document/title",
        format!("the tracking id was taken out of the title, which is now `{shorter}`"),
    );
    *title = shorter;
}

/// The initial release of a released document is the date of version 1.
fn initial_release(document: &mut Map<String, Value>, notices: &mut Notices) {
    let Some(Value::Object(tracking)) = document.get_mut("tracking") else {
        return;
    };
    if tracking.get("status").and_then(Value::as_str) == Some("draft") {
        return;
    }
    let first: Vec<String> = items_mut(tracking, "revision_history")
        .iter()
        .filter(|item| matches!(text(item, "/number"), Some("1" | "1.0.0")))
        .filter_map(|item| text(item, "/date").map(str::to_owned))
        .collect();
    if let ([date], Some(initial)) = (
        first.as_slice(),
        tracking.get("initial_release_date").and_then(Value::as_str),
    ) && crate::csaf::schema::format::instant(date)
        != crate::csaf::schema::format::instant(initial)
    {
        notices.add(
            "/document/tracking/initial_release_date",
            format!("`{initial}` is not the date of version 1: it became `{date}`"),
        );
        tracking.insert("initial_release_date".to_owned(), date.as_str().into());
    }
}
