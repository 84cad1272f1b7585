//! From OpenVEX to records, one for each vulnerability.

use std::collections::HashMap;

use serde_json::Value;

use super::{Document, NO_ACTION, NO_IMPACT};
use crate::purl::{self, Purl};
use crate::record::json::{instant, list, owned, text, texts};
use crate::record::{Dates, Justification, Problem, Product, Publisher, Record, Status, Text};

/// Vulnerabilities of one document beyond which no more are read into records.
const MAX_RECORDS: usize = 50_000;

impl Document {
    /// The records, one for each vulnerability in the order of their first statements, and what
    /// they have no place for.
    ///
    /// Statements come in the order of their instants: of several about the same product, the last
    /// one is the newest.
    #[must_use]
    pub fn records(&self) -> (Vec<Record>, Vec<Problem>) {
        let mut left = Vec::new();
        let mut records: Vec<Record> = Vec::new();
        let mut known = HashMap::new();
        let root = &self.0;
        let issued = text(root, "timestamp").and_then(instant);
        let mut statements: Vec<(usize, &Value)> =
            list(root, "statements").iter().enumerate().collect();
        statements.sort_by_key(|(_, statement)| {
            text(statement, "timestamp").and_then(instant).or(issued)
        });
        for (index, statement) in statements {
            let vulnerability = statement.get("vulnerability").unwrap_or(&Value::Null);
            let name = text(vulnerability, "name").unwrap_or_default();
            let at = match known.get(name) {
                Some(at) => *at,
                None if records.len() >= MAX_RECORDS => continue,
                None => {
                    known.insert(name, records.len());
                    records.push(self.head(vulnerability));
                    records.len() - 1
                }
            };
            let Some(record) = records.get_mut(at) else {
                continue;
            };
            let path = format!("/statements/{index}");
            take(statement, &path, &mut record.products, &mut left);
        }
        (records, left)
    }

    fn head(&self, vulnerability: &Value) -> Record {
        let root = &self.0;
        let timestamp = owned(root, "timestamp");
        let updated = owned(root, "last_updated");
        let (published, modified) = match updated {
            Some(updated) => (timestamp, updated),
            None => (None, timestamp.unwrap_or_default()),
        };
        let revision = root.get("version").and_then(Value::as_u64).unwrap_or(1);
        Record {
            id: owned(vulnerability, "name").unwrap_or_default(),
            aliases: texts(vulnerability, "aliases"),
            publisher: Publisher {
                name: owned(root, "author").unwrap_or_default(),
                url: None,
            },
            revision: u32::try_from(revision).unwrap_or(u32::MAX),
            dates: Dates {
                published,
                modified,
                ..Dates::default()
            },
            descriptions: text(vulnerability, "description")
                .map(Text::en)
                .into_iter()
                .collect(),
            ..Record::default()
        }
    }
}

fn take(statement: &Value, path: &str, products: &mut Vec<Product>, left: &mut Vec<Problem>) {
    let status = text(statement, "status")
        .and_then(Status::from_word)
        .unwrap_or_default();
    let said = Product {
        vendor: owned(statement, "supplier"),
        status,
        justification: text(statement, "justification").and_then(Justification::from_word),
        impact: owned(statement, "impact_statement").filter(|impact| impact != NO_IMPACT),
        action: owned(statement, "action_statement").filter(|action| action != NO_ACTION),
        ..Product::default()
    };
    let mut known: HashMap<(Option<Purl>, Option<String>), usize> = HashMap::new();
    for (index, component) in list(statement, "products").iter().enumerate() {
        let path = format!("{path}/products/{index}");
        if !list(component, "subcomponents").is_empty() {
            left.push(Problem {
                path: format!("{path}/subcomponents"),
                message: "parts of a product have no place in the record".to_owned(),
            });
        }
        let identifiers = component.get("identifiers").unwrap_or(&Value::Null);
        let id = text(component, "@id").unwrap_or_default();
        let cpe = owned(identifiers, "cpe23")
            .or_else(|| id.starts_with("cpe:2.3:").then(|| id.to_owned()));
        let written = text(identifiers, "purl").unwrap_or(id);
        let purl = purl::parse_lenient(written).ok().map(|(purl, _)| purl);
        let version = purl.as_ref().and_then(Purl::version).map(str::to_owned);
        let purl = purl.map(|purl| purl.without_version());
        // Versions of one package in one statement are one product.
        if purl.is_some() {
            let at = *known
                .entry((purl.clone(), cpe.clone()))
                .or_insert(products.len());
            if let (Some(same), Some(version)) = (products.get_mut(at), &version) {
                same.versions.push(version.clone());
                continue;
            }
        }
        let name = match (&purl, &cpe) {
            (Some(purl), _) => purl.name(),
            (None, Some(cpe)) => cpe.split(':').nth(4).unwrap_or(cpe),
            (None, None) => id,
        };
        products.push(Product {
            name: name.to_owned(),
            purl,
            cpe,
            versions: version.into_iter().collect(),
            ..said.clone()
        });
    }
}
