//! From OSV to the record.

use std::collections::HashSet;

use serde_json::Value;

use super::Document;
use crate::record::json::{list, owned, text, texts};
use crate::record::{
    Credit, CreditKind, Dates, Event, Order, Problem, Product, Range, Record, Reference,
    ReferenceKind, Severity, Text,
};
use crate::versions::{Scheme, Version, sorted};
use crate::{cvss, cwe, purl};

/// Events of one range that are brought into order where they are not; real ranges have tens.
const MAX_UNORDERED: usize = 1_000;

impl Document {
    /// The record, as far as it has a place for what the document says, and what it has none for.
    #[must_use]
    pub fn record(&self) -> (Record, Vec<Problem>) {
        let mut left = Vec::new();
        let root = &self.0;
        let mut record = Record {
            id: owned(root, "id").unwrap_or_default(),
            aliases: texts(root, "aliases"),
            related: texts(root, "related"),
            upstream: texts(root, "upstream"),
            dates: Dates {
                published: owned(root, "published"),
                modified: owned(root, "modified").unwrap_or_default(),
                disclosed: None,
                withdrawn: owned(root, "withdrawn"),
            },
            titles: text(root, "summary").map(Text::en).into_iter().collect(),
            descriptions: text(root, "details").map(Text::en).into_iter().collect(),
            references: list(root, "references").iter().map(reference).collect(),
            credits: list(root, "credits").iter().map(credit).collect(),
            ..Record::default()
        };
        let mut known = HashSet::new();
        severities(root, "", &mut known, &mut record.severities, &mut left);
        for (index, affected) in list(root, "affected").iter().enumerate() {
            let path = format!("/affected/{index}");
            severities(
                affected,
                &path,
                &mut known,
                &mut record.severities,
                &mut left,
            );
            record.products.push(product(affected, &path, &mut left));
        }
        let specific = root.get("database_specific").unwrap_or(&Value::Null);
        for (index, id) in list(specific, "cwe_ids").iter().enumerate() {
            match id.as_str().and_then(cwe::number) {
                Some(number) => record.cwes.push(number),
                None => left.push(Problem {
                    path: format!("/database_specific/cwe_ids/{index}"),
                    message: "this is no id like CWE-79".to_owned(),
                }),
            }
        }
        (record, left)
    }
}

fn reference(value: &Value) -> Reference {
    let kind = text(value, "type").and_then(ReferenceKind::from_word);
    Reference {
        url: owned(value, "url").unwrap_or_default(),
        kind: kind.unwrap_or(ReferenceKind::Web),
        title: None,
    }
}

fn credit(value: &Value) -> Credit {
    let word = text(value, "type").unwrap_or_default().replace('_', " ");
    Credit {
        name: owned(value, "name").unwrap_or_default(),
        contacts: texts(value, "contact"),
        kind: CreditKind::from_word(&word.to_ascii_lowercase()).unwrap_or(CreditKind::Other),
        // Who is named in public has been named already.
        consent: true,
    }
}

fn severities(
    value: &Value,
    path: &str,
    known: &mut HashSet<cvss::Vector>,
    into: &mut Vec<Severity>,
    left: &mut Vec<Problem>,
) {
    for (index, severity) in list(value, "severity").iter().enumerate() {
        let score = text(severity, "score").unwrap_or_default();
        match cvss::parse(score) {
            Ok(vector) => into.extend(known.insert(vector).then_some(Severity {
                vector,
                source: None,
            })),
            Err(error) => left.push(Problem {
                path: format!("{path}/severity/{index}/score"),
                message: format!("no severity was taken from this: {error}"),
            }),
        }
    }
}

fn product(affected: &Value, path: &str, left: &mut Vec<Problem>) -> Product {
    let mut product = Product {
        versions: texts(affected, "versions"),
        ..Product::default()
    };
    if let Some(package) = affected.get("package").filter(|package| !package.is_null()) {
        product.name = owned(package, "name").unwrap_or_default();
        product.ecosystem = owned(package, "ecosystem");
        if let Some(written) = text(package, "purl") {
            match purl::parse_lenient(written) {
                Ok((purl, _)) => product.purl = Some(purl.without_version()),
                Err(error) => left.push(Problem {
                    path: format!("{path}/package/purl"),
                    message: error.to_string(),
                }),
            }
        }
    }
    for (index, value) in list(affected, "ranges").iter().enumerate() {
        let ecosystem = product.ecosystem.as_deref().unwrap_or_default();
        match range(value, ecosystem) {
            Ok(range) => product.ranges.push(range),
            Err(message) => left.push(Problem {
                path: format!("{path}/ranges/{index}/events"),
                message,
            }),
        }
    }
    product
}

fn range(value: &Value, ecosystem: &str) -> Result<Range, String> {
    let order = match text(value, "type").unwrap_or_default() {
        "GIT" => Order::Git,
        "SEMVER" => Order::Scheme(Scheme::Semver),
        _ => Order::from_name(ecosystem),
    };
    let mut events = Vec::new();
    for event in list(value, "events") {
        let version = |key| owned(event, key);
        events.extend(version("introduced").map(Event::Introduced));
        events.extend(version("fixed").map(Event::Fixed));
        events.extend(version("last_affected").map(Event::LastAffected));
        events.extend(version("limit").map(Event::Limit));
    }
    if !in_order(&events) {
        events = brought_into_order(&events, &order).ok_or_else(|| {
            "the events are not in order, and the order of their versions is not known".to_owned()
        })?;
    }
    Ok(Range {
        order,
        repo: owned(value, "repo"),
        events,
    })
}

// Whether the events can be read from the first to the last: one introduction, then its ends.
fn in_order(events: &[Event]) -> bool {
    let begins = matches!(events.first(), Some(Event::Introduced(_)));
    let repeats = events
        .windows(2)
        .any(|pair| matches!(pair, [Event::Introduced(_), Event::Introduced(_)]));
    begins && !repeats
}

fn brought_into_order(events: &[Event], order: &Order) -> Option<Vec<Event>> {
    let scheme = match order {
        // The ends of a Git range are ends for every introduction: several of these may precede.
        Order::Git if matches!(events.first(), Some(Event::Introduced(_))) => {
            return Some(events.to_vec());
        }
        order => order.scheme()?,
    };
    let mut ordered = Vec::with_capacity(events.len());
    let mut rest = Vec::new();
    for event in events {
        match event {
            Event::Introduced(version) if version == "0" => ordered.push(event.clone()),
            event => rest.push(event),
        }
    }
    if rest.len() > MAX_UNORDERED {
        return None;
    }
    let read: Result<Vec<_>, _> = rest
        .iter()
        .map(|event| Version::parse(scheme, event.version()))
        .collect();
    for version in sorted(&read.ok()?).ok()? {
        let at = rest
            .iter()
            .position(|event| event.version() == version.text())?;
        ordered.push(rest.remove(at).clone());
    }
    in_order(&ordered).then_some(ordered)
}
