//! From GitHub's advisories to the record.

use serde_json::Value;

use super::Document;
use crate::record::json::{list, owned, text};
use crate::record::{
    Credit, CreditKind, Event, Order, Problem, Product, Range, Record, Severity, Text, ecosystems,
};
use crate::{cvss, cwe, osv};

/// The record of an advisory from GitHub's database, which has the shape of OSV.
///
/// Where no fix is known, the database leaves the range open and names the last affected version in
/// words of its own: that is taken too, so that no later version is called affected.
#[must_use]
pub fn record(document: &osv::Document) -> (Record, Vec<Problem>) {
    let (mut record, left) = document.record();
    let affected = list(document.value(), "affected");
    for (product, affected) in record.products.iter_mut().zip(affected) {
        let own = affected.get("database_specific").unwrap_or(&Value::Null);
        let Some(range) = text(own, "last_known_affected_version_range") else {
            continue;
        };
        let last = match range.trim().split_once(' ') {
            Some(("<=", version)) => Event::LastAffected(version.trim().to_owned()),
            Some(("<", version)) => Event::Fixed(version.trim().to_owned()),
            _ => continue,
        };
        let open = product
            .ranges
            .iter_mut()
            .filter(|range| range.order != Order::Git);
        for range in open {
            if matches!(range.events.last(), Some(Event::Introduced(_))) {
                range.events.push(last.clone());
            }
        }
    }
    (record, left)
}

impl Document {
    /// The record, as far as it has a place for what the advisory says, and what it has none for.
    #[must_use]
    pub fn record(&self) -> (Record, Vec<Problem>) {
        let root = &self.0;
        let mut left = Vec::new();
        let mut record = Record {
            id: owned(root, "ghsa_id")
                .or_else(|| owned(root, "cve_id"))
                .unwrap_or_default(),
            titles: text(root, "summary").map(Text::en).into_iter().collect(),
            descriptions: text(root, "description")
                .filter(|description| !description.is_empty())
                .map(Text::en)
                .into_iter()
                .collect(),
            ..Record::default()
        };
        if let Some(id) = owned(root, "cve_id").filter(|id| *id != record.id) {
            record.aliases.push(id);
        }
        for (index, id) in list(root, "cwe_ids").iter().enumerate() {
            match id.as_str().and_then(cwe::number) {
                Some(number) => record.cwes.push(number),
                None => left.push(Problem {
                    path: format!("/cwe_ids/{index}"),
                    message: "this is no id like CWE-79".to_owned(),
                }),
            }
        }
        if let Some(written) = text(root, "cvss_vector_string") {
            match cvss::parse(written) {
                Ok(vector) => record.severities.push(Severity {
                    vector,
                    source: None,
                }),
                Err(error) => left.push(Problem {
                    path: "/cvss_vector_string".to_owned(),
                    message: error.to_string(),
                }),
            }
        }
        for (index, entry) in list(root, "vulnerabilities").iter().enumerate() {
            let path = format!("/vulnerabilities/{index}/vulnerable_version_range");
            let (product, message) = product(entry);
            record.products.push(product);
            left.extend(message.map(|message| Problem { path, message }));
        }
        for credit in list(root, "credits") {
            let login = text(credit, "login").unwrap_or_default();
            let word = text(credit, "type").unwrap_or_default().replace('_', " ");
            record.credits.push(Credit {
                name: login.to_owned(),
                contacts: vec![format!("https://github.com/{login}")],
                kind: CreditKind::from_word(&word).unwrap_or(CreditKind::Other),
                consent: true,
            });
        }
        (record, left)
    }
}

fn product(entry: &Value) -> (Product, Option<String>) {
    let package = entry.get("package").unwrap_or(&Value::Null);
    let known = text(package, "ecosystem").and_then(ecosystems::of_github);
    let mut product = Product {
        name: owned(package, "name").unwrap_or_default(),
        ecosystem: known.map(|known| known.osv.to_owned()),
        ..Product::default()
    };
    let Some(range) = text(entry, "vulnerable_version_range") else {
        return (product, None);
    };
    let order = known.map_or_else(
        || Order::Other("other".to_owned()),
        |known| Order::from_name(known.osv),
    );
    let mut events = Vec::new();
    for bound in range
        .split(',')
        .map(str::trim)
        .filter(|bound| !bound.is_empty())
    {
        let (sign, version) = bound.split_once(' ').unwrap_or(("=", bound));
        let version = version.trim().to_owned();
        if matches!(sign, "<" | "<=") && events.is_empty() {
            events.push(Event::Introduced("0".to_owned()));
        }
        match sign {
            "=" => product.versions.push(version),
            ">=" => events.push(Event::Introduced(version)),
            "<" => events.push(Event::Fixed(version)),
            "<=" => events.push(Event::LastAffected(version)),
            _ => {
                let message = format!("{bound:?} has no place among events; it was left out");
                return (product, Some(message));
            }
        }
    }
    if !events.is_empty() {
        product.ranges.push(Range {
            order,
            repo: None,
            events,
        });
    }
    (product, None)
}
