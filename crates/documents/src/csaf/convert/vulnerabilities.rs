//! Vulnerabilities: weaknesses, metrics, ids, notes, involvements.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::document::external;
use super::remediations::remediations;
use super::tree::{Groups, Labels};
use super::{Choices, Notices, items_mut, quoted, text, texts, unique};
use crate::csaf::plain_text::plain;
use crate::csaf::schema::format::instant;
use crate::csaf::v2_1::registered;
use crate::cvss;
use crate::cwe;

/// Titles of notes that may be followed by what they speak of.
const TITLES: [(&str, &str); 3] = [
    ("description", "CVE Description"),
    ("description", "Preconditions"),
    ("summary", "Vulnerability Summary"),
];

pub(super) fn convert(
    root: &mut Value,
    choices: Choices,
    labels: &Labels,
    groups: &Groups,
    notices: &mut Notices,
) {
    let released = text(root, "/document/tracking/current_release_date")
        .and_then(instant)
        .map(|date| date.day());
    let publisher = text(root, "/document/publisher/name")
        .unwrap_or_default()
        .to_owned();
    let publisher_category = root
        .pointer("/document/publisher/category")
        .cloned()
        .unwrap_or_else(|| "other".into());
    let mut involvement = Involvement::default();
    let Value::Object(members) = &mut *root else {
        return;
    };
    for (index, item) in items_mut(members, "vulnerabilities").iter_mut().enumerate() {
        let Value::Object(item) = item else {
            continue;
        };
        let path = format!("/vulnerabilities/{index}");
        weakness(item, released.as_deref(), &path, notices);
        metrics(item, &path, notices);
        if let Some(date) = item.remove("release_date") {
            item.insert("disclosure_date".to_owned(), date);
        }
        ids(item, &path, notices);
        remediations(item, choices, groups, &path, notices);
        bind_notes(item, &path, &TITLES, labels, notices);
        for (at, note) in items_mut(item, "notes").iter().enumerate() {
            if text(note, "/title") == Some("SSVC") && text(note, "/category") == Some("other") {
                notices.add(
                    format!("{path}/notes/{at}"),
                    "the SSVC data in this note were not converted; the note stays",
                );
            }
        }
        external(items_mut(item, "references"));
        involvement.take(item, index, &publisher, notices);
        if item.is_empty() {
            let id = local_id(index);
            notices.add(
                path,
                format!("nothing of the vulnerability could be converted; it is kept as `{id}`"),
            );
            item.insert("dl_vuln_id".to_owned(), id.into());
        }
    }
    involvement.put(members, publisher, publisher_category);
}

/// The id of a vulnerability within its document.
fn local_id(index: usize) -> String {
    format!("VULN-{:04}", index + 1)
}

/// `cwe` becomes `cwes`, with the catalogue that has it so.
fn weakness(
    item: &mut Map<String, Value>,
    released: Option<&str>,
    path: &str,
    notices: &mut Notices,
) {
    let Some(mut given) = item.remove("cwe") else {
        return;
    };
    let name = text(&given, "/name").unwrap_or_default().trim().to_owned();
    let number = text(&given, "/id").and_then(cwe::number);
    let versions = cwe::versions();
    let known = released
        .and_then(cwe::newest_on)
        .and_then(|newest| versions.iter().position(|version| *version == newest))
        .map_or(0, |position| position + 1);
    let (before, after) = versions.split_at(known.min(versions.len()));
    let version = before.iter().rev().chain(after).find(|version| {
        number
            .and_then(|number| cwe::weakness_in(number, version))
            .is_some_and(|weakness| weakness.name == name)
    });
    if let Value::Object(given) = &mut given {
        given.insert("name".to_owned(), name.into());
        match version {
            Some(version) => {
                given.insert("version".to_owned(), (*version).into());
            }
            None => notices.add(
                format!("{path}/cwe"),
                "no CWE catalogue has this weakness under this name, so its version could not be found",
            ),
        }
    }
    item.insert("cwes".to_owned(), json!([given]));
}

/// `scores` become `metrics`; a link to the CVSS v4.0 calculator becomes one.
fn metrics(item: &mut Map<String, Value>, path: &str, notices: &mut Notices) {
    let mut metrics = Vec::new();
    if let Some(Value::Array(scores)) = item.remove("scores") {
        for score in scores {
            let Value::Object(mut score) = score else {
                continue;
            };
            let products = score.remove("products");
            let mut metric = Map::new();
            metric.insert("content".to_owned(), Value::Object(score));
            if let Some(products) = products {
                metric.insert("products".to_owned(), products);
            }
            metrics.push(Value::Object(metric));
        }
    }
    metrics.extend(calculator(item, path, notices));
    unique(&mut metrics);
    if !metrics.is_empty() {
        item.insert("metrics".to_owned(), Value::Array(metrics));
    }
}

fn calculator(item: &mut Map<String, Value>, path: &str, notices: &mut Notices) -> Option<Value> {
    const CALCULATOR: &str = "https://www.first.org/cvss/calculator/4";
    let (index, vector) = items_mut(item, "references")
        .iter()
        .enumerate()
        .filter(|(_, reference)| text(reference, "/category").unwrap_or("external") == "external")
        .find_map(|(index, reference)| {
            let url = text(reference, "/url")?.strip_prefix(CALCULATOR)?;
            Some((index, url.split_once('#')?.1.to_owned()))
        })?;
    let path = format!("{path}/references/{index}");
    let affected: BTreeSet<String> = affected(item);
    let made = match cvss::parse(&vector) {
        Err(error) => Err(error.to_string()),
        Ok(parsed) if parsed.version() != cvss::Version::V4_0 => {
            Err("it is of another version".to_owned())
        }
        Ok(_) if affected.is_empty() => Err("no product is affected".to_owned()),
        Ok(parsed) => {
            let score = parsed.scores().base;
            Ok(json!({
                "content": {"cvss_v4": {
                    "version": "4.0",
                    "vectorString": parsed.canonical(),
                    "baseScore": score.as_f64(),
                    "baseSeverity": cvss::Severity::of(parsed.version(), score).json(),
                }},
                "products": affected,
            }))
        }
    };
    match made {
        Ok(metric) => {
            notices.add(
                path,
                format!("the vector `{vector}` became a CVSS v4.0 score of all affected products"),
            );
            Some(metric)
        }
        Err(error) => {
            notices.add(
                path,
                format!("the link to the CVSS v4.0 calculator was not converted: {error}"),
            );
            None
        }
    }
}

fn affected(item: &Map<String, Value>) -> BTreeSet<String> {
    item.get("product_status")
        .map(|status| {
            ["first_affected", "known_affected", "last_affected"]
                .iter()
                .flat_map(|key| texts(status, key))
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_default()
}

/// Ids of systems that are registered, or that have a mapping to one.
fn ids(item: &mut Map<String, Value>, path: &str, notices: &mut Notices) {
    for (index, id) in items_mut(item, "ids").iter_mut().enumerate() {
        let path = format!("{path}/ids/{index}");
        let (Some(system), Some(given)) = (
            text(id, "/system_name").map(str::to_owned),
            text(id, "/text").map(str::to_owned),
        ) else {
            continue;
        };
        // The one mapping of the registry as of 2026-02-06.
        const OLD: &str = "OASIS Open CSAF TC GitHub Issues";
        const NEW: &str = "https://github.com/oasis-tcs/csaf";
        if system == OLD || system == NEW {
            if registered(&system).is_some_and(|system| system.pattern.is_match(&given)) {
                continue;
            }
            let number = given
                .trim_start_matches(|c: char| c.is_alphabetic())
                .trim_start()
                .trim_start_matches('#')
                .trim_start_matches('0');
            let converted = format!("#{number}");
            if number.bytes().all(|b| b.is_ascii_digit())
                && registered(NEW).is_some_and(|system| system.pattern.is_match(&converted))
            {
                notices.add(
                    path,
                    format!("`{system}` `{given}` became `{NEW}` `{converted}`"),
                );
                *id = json!({"system_name": NEW, "text": converted});
            } else {
                notices.add(
                    path,
                    format!("`{given}` is no id as `{NEW}` gives them; it stays as it is"),
                );
            }
            continue;
        }
        match registered(&system) {
            Some(known) if known.pattern.is_match(&given) => {}
            Some(known) => notices.add(
                path,
                format!(
                    "`{given}` does not look like an id of `{system}`, which are like `{}`, and no mapping is known",
                    known.pattern
                ),
            ),
            None => notices.add(
                path,
                format!("`{system}` is no registered vulnerability ID system; `{given}` stays as it is"),
            ),
        }
    }
}

/// A title that goes on after one of fixed meaning may name products.
pub(super) fn bind_notes(
    item: &mut Map<String, Value>,
    path: &str,
    titles: &[(&str, &str)],
    labels: &Labels,
    notices: &mut Notices,
) {
    for (index, note) in items_mut(item, "notes").iter_mut().enumerate() {
        let (Some(category), Some(title)) = (text(note, "/category"), text(note, "/title")) else {
            continue;
        };
        let extension = titles.iter().find_map(|(wanted, start)| {
            let rest = title.strip_prefix(start).filter(|_| category == *wanted)?;
            let rest = rest.trim_matches(|c: char| {
                c.is_whitespace() || matches!(c, ':' | '-' | '–' | '(' | ')' | '[' | ']')
            });
            let rest = rest.strip_prefix("for ").unwrap_or(rest);
            (!rest.is_empty()).then(|| rest.to_owned())
        });
        let Some(extension) = extension else {
            continue;
        };
        let path = format!("{path}/notes/{index}");
        match labels.get(&plain(&extension)) {
            Some(ids) if !ids.is_empty() => {
                notices.add(
                    path,
                    format!(
                        "the note `{title}` was bound to the products {}",
                        ids.join(", ")
                    ),
                );
                if let Value::Object(note) = note {
                    note.insert("product_ids".to_owned(), json!(ids));
                }
            }
            _ => notices.add(
                path,
                format!(
                    "the note `{title}` may speak of products, but none is called `{extension}`"
                ),
            ),
        }
    }
}

/// Involvements, which 2.1 keeps for the whole document.
#[derive(Default)]
struct Involvement {
    entities: Vec<Value>,
    actions: Vec<Value>,
}

impl Involvement {
    /// An involvement of 2.0 does not say who the other side was. Only where its
    /// summary names the publisher it is known, and the involvement converted.
    fn take(
        &mut self,
        item: &mut Map<String, Value>,
        vulnerability: usize,
        publisher: &str,
        notices: &mut Notices,
    ) {
        let Some(Value::Array(list)) = item.remove("involvements") else {
            return;
        };
        let vulnerability_id = local_id(vulnerability);
        let mut converted = false;
        for (index, given) in list.into_iter().enumerate() {
            let path = format!("/vulnerabilities/{vulnerability}/involvements/{index}");
            let mapped = match text(&given, "/status") {
                Some("completed") => Some(("completed", "coordination")),
                Some("contact_attempted") => Some(("attempted", "notification")),
                Some("in_progress") => Some(("in_progress", "coordination")),
                Some("not_contacted") => Some(("deferred", "notification")),
                Some("open") => Some(("outstanding", "coordination")),
                // A dispute must say of which action, which 2.0 does not.
                _ => None,
            };
            let summary = text(&given, "/summary").unwrap_or_default();
            let names_publisher =
                !publisher.is_empty() && summary.to_lowercase().contains(&publisher.to_lowercase());
            let (Some((status, category)), Some(date), true) =
                (mapped, text(&given, "/date"), names_publisher)
            else {
                notices.add(
                    path,
                    format!("2.1 asks for date, action and both sides of an involvement, which are not all known here; it was removed: {}", quoted(&given)),
                );
                continue;
            };
            let id = format!("{vulnerability_id}-{:04}", index + 1);
            self.entities.push(json!({
                "category": text(&given, "/party").unwrap_or("other"),
                "entity_id": format!("EID-{id}"),
            }));
            self.actions.push(json!({
                "acting_entity_refs": [format!("EID-{id}")],
                "action_id": format!("ACN-{id}"),
                "category": category,
                "date": date,
                "dl_vuln_ids": [&vulnerability_id],
                "receiving_entity_refs": ["EID-Publisher"],
                "status": status,
                "summary": summary,
            }));
            notices.add(
                path,
                format!("the involvement became the action `ACN-{id}` of the document, received by the publisher"),
            );
            converted = true;
        }
        if converted {
            item.insert("dl_vuln_id".to_owned(), vulnerability_id.into());
        }
    }

    fn put(mut self, root: &mut Map<String, Value>, name: String, category: Value) {
        if self.actions.is_empty() {
            return;
        }
        self.entities
            .push(json!({"category": category, "entity_id": "EID-Publisher", "name": name}));
        if let Some(Value::Object(document)) = root.get_mut("document") {
            document.insert(
                "involvement".to_owned(),
                json!({"actions": self.actions, "entities": self.entities}),
            );
        }
    }
}
