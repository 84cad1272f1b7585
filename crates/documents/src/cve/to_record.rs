//! From a CVE record to the record.

use std::collections::HashSet;

use serde_json::Value;

use super::Document;
use super::from_record::tag;
use crate::record::json::{list, owned, text};
use crate::record::{
    Credit, CreditKind, Dates, Event, Note, NoteKind, Order, Problem, Product, Range, Record,
    Reference, ReferenceKind, Remediation, RemediationKind, Severity, Status, Text, ecosystems,
    is_english,
};
use crate::{cvss, cwe, purl};

impl Document {
    /// The record, as far as it has a place for what the container of the numbering authority
    /// says, and what it has none for.
    #[must_use]
    pub fn record(&self) -> (Record, Vec<Problem>) {
        let mut left = Vec::new();
        let null = Value::Null;
        let metadata = self.0.get("cveMetadata").unwrap_or(&null);
        let cna = self.0.pointer("/containers/cna").unwrap_or(&null);
        let mut record = Record {
            id: owned(metadata, "cveId").unwrap_or_default(),
            dates: Dates {
                published: owned(metadata, "datePublished"),
                modified: owned(metadata, "dateUpdated").unwrap_or_default(),
                disclosed: owned(cna, "datePublic"),
                withdrawn: owned(metadata, "dateRejected"),
            },
            titles: text(cna, "title").map(Text::en).into_iter().collect(),
            references: list(cna, "references").iter().map(reference).collect(),
            ..Record::default()
        };
        // A rejected record has reasons where others have descriptions.
        record.descriptions = prose(cna, "descriptions");
        record.descriptions.extend(prose(cna, "rejectedReasons"));
        for (kind, key) in [
            (RemediationKind::Fix, "solutions"),
            (RemediationKind::Workaround, "workarounds"),
        ] {
            let told = prose(cna, key).into_iter();
            record.remediations.extend(told.map(|text| Remediation {
                kind,
                text,
                url: None,
            }));
        }
        for (kind, key) in [
            (NoteKind::Configuration, "configurations"),
            (NoteKind::Exploitation, "exploits"),
        ] {
            let told = prose(cna, key).into_iter();
            record.notes.extend(told.map(|text| Note { kind, text }));
        }
        for (index, value) in list(cna, "affected").iter().enumerate() {
            let path = format!("/containers/cna/affected/{index}");
            products(value, &path, &mut record.products, &mut left);
        }
        weaknesses(cna, &mut record, &mut left);
        severities(cna, &mut record, &mut left);
        for credit in list(cna, "credits") {
            let kind = text(credit, "type").unwrap_or("finder");
            record.credits.push(Credit {
                name: owned(credit, "value").unwrap_or_default(),
                contacts: Vec::new(),
                kind: CreditKind::from_word(kind).unwrap_or(CreditKind::Other),
                consent: true,
            });
        }
        (record, left)
    }
}

fn prose(value: &Value, key: &str) -> Vec<Text> {
    let told = |item: &Value| Text {
        lang: owned(item, "lang").unwrap_or_default(),
        text: owned(item, "value").unwrap_or_default(),
    };
    list(value, key).iter().map(told).collect()
}

fn reference(value: &Value) -> Reference {
    let tags: Vec<&str> = list(value, "tags")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let mut kinds = ReferenceKind::ALL.iter().copied();
    let kind = kinds.find(|kind| tag(*kind).is_some_and(|tag| tags.contains(&tag)));
    Reference {
        url: owned(value, "url").unwrap_or_default(),
        kind: kind.unwrap_or(ReferenceKind::Web),
        title: owned(value, "name"),
    }
}

fn weaknesses(cna: &Value, record: &mut Record, left: &mut Vec<Problem>) {
    let mut known = HashSet::new();
    for (index, problem) in list(cna, "problemTypes").iter().enumerate() {
        for (at, description) in list(problem, "descriptions").iter().enumerate() {
            let lang = text(description, "lang").unwrap_or("en");
            match text(description, "cweId").and_then(cwe::number) {
                Some(number) => record.cwes.extend(known.insert(number).then_some(number)),
                None if is_english(lang) => left.push(Problem {
                    path: format!("/containers/cna/problemTypes/{index}/descriptions/{at}"),
                    message: "a problem type without CWE id has no place in the record".to_owned(),
                }),
                None => {}
            }
        }
    }
}

fn severities(cna: &Value, record: &mut Record, left: &mut Vec<Problem>) {
    for (index, metric) in list(cna, "metrics").iter().enumerate() {
        for key in ["cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0"] {
            let Some(vector) = metric
                .get(key)
                .and_then(|score| text(score, "vectorString"))
            else {
                continue;
            };
            match cvss::parse(vector) {
                Ok(vector) => record.severities.push(Severity {
                    vector,
                    source: None,
                }),
                Err(error) => left.push(Problem {
                    path: format!("/containers/cna/metrics/{index}/{key}/vectorString"),
                    message: error.to_string(),
                }),
            }
        }
    }
}

fn products(value: &Value, path: &str, into: &mut Vec<Product>, left: &mut Vec<Problem>) {
    let name = text(value, "packageName").or_else(|| text(value, "product"));
    let mut base = Product {
        vendor: owned(value, "vendor").filter(|vendor| vendor != "n/a"),
        name: name.unwrap_or_default().to_owned(),
        cpe: list(value, "cpes")
            .first()
            .and_then(Value::as_str)
            .map(str::to_owned),
        ..Product::default()
    };
    let collection = text(value, "collectionURL").and_then(ecosystems::of_collection);
    base.ecosystem = collection.map(|known| known.osv.to_owned());
    if let Some(written) = text(value, "packageURL") {
        match purl::parse_lenient(written) {
            Ok((purl, _)) => base.purl = Some(purl.without_version()),
            Err(error) => left.push(Problem {
                path: format!("{path}/packageURL"),
                message: error.to_string(),
            }),
        }
    }
    let repo = owned(value, "repo");
    let default = text(value, "defaultStatus").unwrap_or("unknown");
    let versions = list(value, "versions");
    if versions.is_empty() {
        base.status = status(default);
        into.push(base);
        return;
    }
    if default == "affected" {
        left.push(Problem {
            path: format!("{path}/defaultStatus"),
            message: "that all other versions are affected has no place in the record".to_owned(),
        });
    }
    for word in ["affected", "unaffected", "unknown"] {
        let mut product = Product {
            status: status(word),
            ..base.clone()
        };
        for version in versions
            .iter()
            .filter(|version| text(version, "status") == Some(word))
        {
            take_version(version, word, repo.as_deref(), &mut product);
        }
        if !(product.versions.is_empty() && product.ranges.is_empty()) {
            into.push(product);
        }
    }
}

fn take_version(version: &Value, word: &str, repo: Option<&str>, product: &mut Product) {
    let from = owned(version, "version").unwrap_or_default();
    let (below, to) = (text(version, "lessThan"), text(version, "lessThanOrEqual"));
    let changes = list(version, "changes");
    if below.is_none() && to.is_none() && changes.is_empty() {
        product.versions.push(from);
        return;
    }
    let mut events = vec![Event::Introduced(from)];
    let mut open = true;
    for change in changes {
        let at = owned(change, "at").unwrap_or_default();
        open = text(change, "status") == Some(word);
        events.push(if open {
            Event::Introduced(at)
        } else {
            Event::Fixed(at)
        });
    }
    if open {
        match (below, to) {
            (Some("*"), _) | (None, None | Some("*")) => {}
            (Some(version), _) => events.push(Event::Fixed(version.to_owned())),
            (None, Some(version)) => events.push(Event::LastAffected(version.to_owned())),
        }
    }
    let order = Order::from_name(text(version, "versionType").unwrap_or("custom"));
    let repo = repo.filter(|_| order == Order::Git).map(str::to_owned);
    // Ranges of one order are one list of events: CVE cuts it into intervals.
    if let Some(last) = product.ranges.last_mut().filter(|last| last.order == order) {
        last.events.extend(events);
        return;
    }
    product.ranges.push(Range {
        order,
        repo,
        events,
    });
}

fn status(word: &str) -> Status {
    match word {
        "affected" => Status::Affected,
        "unaffected" => Status::NotAffected,
        _ => Status::UnderInvestigation,
    }
}
