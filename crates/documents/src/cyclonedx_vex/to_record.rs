//! From CycloneDX to records, one for each vulnerability.

use std::collections::HashMap;

use serde_json::Value;

use super::from_record::label;
use super::{Document, JUSTIFICATIONS, STATES};
use crate::record::json::{list, owned, text};
use crate::record::{
    Credit, CreditKind, Dates, Problem, Product, Publisher, Record, Reference, ReferenceKind,
    Remediation, RemediationKind, Severity, Status, Text, Tlp, add_vers,
};
use crate::{cvss, purl};

/// Entries of one document beyond which no more are read into records.
const MAX_ENTRIES: usize = 50_000;

impl Document {
    /// The records, one for each vulnerability in the order of their first entries, and what they
    /// have no place for.
    #[must_use]
    pub fn records(&self) -> (Vec<Record>, Vec<Problem>) {
        let mut left = Vec::new();
        let mut records: Vec<Record> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut components = HashMap::new();
        collect(list(&self.0, "components"), &mut components);
        let main = self.0.pointer("/metadata/component");
        collect(
            main.map(std::slice::from_ref).unwrap_or_default(),
            &mut components,
        );
        let entries = list(&self.0, "vulnerabilities").iter().take(MAX_ENTRIES);
        for (index, entry) in entries.enumerate() {
            let path = format!("/vulnerabilities/{index}");
            let id = text(entry, "id").unwrap_or_default();
            let at = *known.entry(id).or_insert_with(|| {
                records.push(self.head(entry, &path, &mut left));
                records.len() - 1
            });
            if let Some(record) = records.get_mut(at) {
                products(entry, &path, &components, &mut record.products, &mut left);
            }
        }
        (records, left)
    }

    fn head(&self, entry: &Value, path: &str, left: &mut Vec<Problem>) -> Record {
        let null = Value::Null;
        let source = entry.get("source").unwrap_or(&null);
        let revision = self.0.get("version").and_then(Value::as_u64).unwrap_or(1);
        let tlp = self
            .0
            .pointer("/metadata/distributionConstraints/tlp")
            .and_then(Value::as_str);
        let credits = entry.get("credits").unwrap_or(&null);
        let named = list(credits, "organizations")
            .iter()
            .chain(list(credits, "individuals"));
        let workaround = text(entry, "workaround").map(|workaround| Remediation {
            kind: RemediationKind::Workaround,
            text: Text::en(workaround),
            url: None,
        });
        let cwes = list(entry, "cwes").iter().filter_map(Value::as_u64);
        Record {
            id: owned(entry, "id").unwrap_or_default(),
            aliases: list(entry, "references")
                .iter()
                .filter_map(|r| owned(r, "id"))
                .collect(),
            publisher: Publisher {
                name: owned(source, "name").unwrap_or_default(),
                url: owned(source, "url"),
            },
            revision: u32::try_from(revision).unwrap_or(u32::MAX),
            tlp: Tlp::ALL
                .iter()
                .copied()
                .find(|known| Some(label(*known)) == tlp),
            dates: Dates {
                published: owned(entry, "published"),
                modified: owned(entry, "updated").unwrap_or_default(),
                disclosed: None,
                withdrawn: owned(entry, "rejected"),
            },
            descriptions: text(entry, "description")
                .or_else(|| text(entry, "detail"))
                .map(Text::en)
                .into_iter()
                .collect(),
            severities: severities(entry, path, left),
            cwes: cwes
                .filter_map(|number| u32::try_from(number).ok())
                .collect(),
            remediations: workaround.into_iter().collect(),
            references: list(entry, "advisories").iter().map(reference).collect(),
            credits: named.map(credit).collect(),
            ..Record::default()
        }
    }
}

fn collect<'v>(components: &'v [Value], into: &mut HashMap<&'v str, &'v Value>) {
    // Components may contain components; the parser bounds how deep.
    for component in components {
        if let Some(reference) = text(component, "bom-ref") {
            into.entry(reference).or_insert(component);
        }
        collect(list(component, "components"), into);
    }
}

fn reference(value: &Value) -> Reference {
    Reference {
        url: owned(value, "url").unwrap_or_default(),
        kind: ReferenceKind::Advisory,
        title: owned(value, "title"),
    }
}

fn credit(value: &Value) -> Credit {
    Credit {
        name: owned(value, "name").unwrap_or_default(),
        contacts: Vec::new(),
        kind: CreditKind::Other,
        consent: true,
    }
}

fn severities(entry: &Value, path: &str, left: &mut Vec<Problem>) -> Vec<Severity> {
    let mut all = Vec::new();
    for (index, rating) in list(entry, "ratings").iter().enumerate() {
        let Some(written) = text(rating, "vector") else {
            continue;
        };
        match cvss::parse(written) {
            Ok(vector) => all.push(Severity {
                vector,
                source: rating
                    .get("source")
                    .and_then(|source| owned(source, "name")),
            }),
            Err(error) => left.push(Problem {
                path: format!("{path}/ratings/{index}/vector"),
                message: error.to_string(),
            }),
        }
    }
    all
}

fn products(
    entry: &Value,
    path: &str,
    components: &HashMap<&str, &Value>,
    into: &mut Vec<Product>,
    left: &mut Vec<Problem>,
) {
    let analysis = entry.get("analysis").unwrap_or(&Value::Null);
    let state = text(analysis, "state").unwrap_or("in_triage");
    let status = STATES.iter().find(|(word, _)| *word == state);
    let reason = text(analysis, "justification");
    let justification = JUSTIFICATIONS
        .iter()
        .find(|(word, _)| Some(*word) == reason);
    if reason.is_some() && justification.is_none() {
        left.push(Problem {
            path: format!("{path}/analysis/justification"),
            message: "none of the five justifications of VEX says this".to_owned(),
        });
    }
    let said = Product {
        status: status.map_or(Status::UnderInvestigation, |(_, status)| *status),
        justification: justification.map(|(_, justification)| *justification),
        impact: owned(analysis, "detail"),
        action: owned(entry, "recommendation"),
        ..Product::default()
    };
    for (index, affects) in list(entry, "affects").iter().enumerate() {
        let path = format!("{path}/affects/{index}");
        let mut product = said.clone();
        let reference = text(affects, "ref").unwrap_or_default();
        let component = components.get(reference);
        match component {
            Some(component) => describe(component, &mut product),
            None => reference.clone_into(&mut product.name),
        }
        for (at, version) in list(affects, "versions").iter().enumerate() {
            product.versions.extend(owned(version, "version"));
            if let Some(written) = text(version, "range")
                && let Err(message) = add_vers(written, &mut product.ranges)
            {
                let path = format!("{path}/versions/{at}/range");
                left.push(Problem { path, message });
            }
        }
        // A component of one version is that version, unless the vulnerability names others.
        if list(affects, "versions").is_empty() {
            product
                .versions
                .extend(component.and_then(|component| owned(component, "version")));
        }
        into.push(product);
    }
}

fn describe(component: &Value, product: &mut Product) {
    product.name = owned(component, "name").unwrap_or_default();
    product.vendor = component
        .get("supplier")
        .and_then(|supplier| owned(supplier, "name"));
    product.cpe = owned(component, "cpe");
    let purl = text(component, "purl").and_then(|written| purl::parse_lenient(written).ok());
    product.purl = purl.map(|(purl, _)| purl.without_version());
}
