//! The record, field by field: the list that the account of losses must cover.
//!
//! Every structure is taken apart whole, so that a new field does not compile until it has a name
//! here, and then not pass until every format says where it goes.

use std::collections::BTreeMap;

use super::{
    Credit, Dates, Event, Note, Product, Publisher, Range, Record, Reference, Remediation,
    Severity, Text,
};

/// Every field of a record by its name, with the values it has in this one, in order. Fields
/// without values are there too, empty.
#[must_use]
pub fn fields(record: &Record) -> BTreeMap<&'static str, Vec<String>> {
    let mut all = Fields::default();
    let Record {
        id,
        aliases,
        related,
        upstream,
        publisher: Publisher { name, url },
        revision,
        tlp,
        dates:
            Dates {
                published,
                modified,
                disclosed,
                withdrawn,
            },
        titles,
        descriptions,
        severities,
        cwes,
        products,
        remediations,
        references,
        credits,
        notes,
    } = record;
    all.put("id", [id]);
    all.put("aliases", aliases);
    all.put("related", related);
    all.put("upstream", upstream);
    all.put("publisher.name", [name]);
    all.put("publisher.url", url);
    all.put("revision", [revision]);
    all.put("tlp", tlp.map(super::Tlp::as_str));
    all.put("dates.published", published);
    all.put("dates.modified", [modified]);
    all.put("dates.disclosed", disclosed);
    all.put("dates.withdrawn", withdrawn);
    all.texts("titles", titles);
    all.texts("descriptions", descriptions);
    all.put("severities.vector", [] as [&str; 0]);
    all.put("severities.source", [] as [&str; 0]);
    for Severity { vector, source } in severities {
        all.put("severities.vector", [vector.canonical()]);
        all.put("severities.source", source);
    }
    all.put("cwes", cwes);
    for name in PRODUCT_FIELDS {
        all.put(name, [] as [&str; 0]);
    }
    for product in products {
        all.product(product);
    }
    all.texts("remediations.text", []);
    all.put("remediations.kind", [] as [&str; 0]);
    all.put("remediations.url", [] as [&str; 0]);
    for Remediation { kind, text, url } in remediations {
        all.put("remediations.kind", [kind.as_str()]);
        all.texts("remediations.text", [text]);
        all.put("remediations.url", url);
    }
    all.put("references.url", references.iter().map(|r| &r.url));
    all.put(
        "references.kind",
        references.iter().map(|r| r.kind.as_str()),
    );
    all.put("references.title", [] as [&str; 0]);
    for Reference {
        url: _,
        kind: _,
        title,
    } in references
    {
        all.put("references.title", title);
    }
    for name in [
        "credits.name",
        "credits.contacts",
        "credits.kind",
        "credits.consent",
    ] {
        all.put(name, [] as [&str; 0]);
    }
    for Credit {
        name,
        contacts,
        kind,
        consent,
    } in credits
    {
        all.put("credits.name", [name]);
        all.put("credits.contacts", contacts);
        all.put("credits.kind", [kind.as_str()]);
        all.put("credits.consent", [consent]);
    }
    all.put("notes.kind", [] as [&str; 0]);
    all.texts("notes.text", []);
    for Note { kind, text } in notes {
        all.put("notes.kind", [kind.as_str()]);
        all.texts("notes.text", [text]);
    }
    all.0
}

const PRODUCT_FIELDS: [&str; 12] = [
    "products.vendor",
    "products.name",
    "products.ecosystem",
    "products.purl",
    "products.cpe",
    "products.versions",
    "products.ranges",
    "products.ranges.repo",
    "products.status",
    "products.justification",
    "products.impact",
    "products.action",
];

#[derive(Default)]
struct Fields(BTreeMap<&'static str, Vec<String>>);

impl Fields {
    fn put<T: ToString>(&mut self, name: &'static str, values: impl IntoIterator<Item = T>) {
        let values = values.into_iter().map(|value| value.to_string());
        self.0.entry(name).or_default().extend(values);
    }

    fn texts<'t>(&mut self, name: &'static str, texts: impl IntoIterator<Item = &'t Text>) {
        let told = |Text { lang, text }: &Text| format!("{lang} {text}");
        self.put(name, texts.into_iter().map(told));
    }

    fn product(&mut self, product: &Product) {
        let Product {
            vendor,
            name,
            ecosystem,
            purl,
            cpe,
            versions,
            ranges,
            status,
            justification,
            impact,
            action,
        } = product;
        self.put("products.vendor", vendor);
        // Code that is no package of any ecosystem may have no name.
        self.put("products.name", Some(name).filter(|name| !name.is_empty()));
        self.put("products.ecosystem", ecosystem);
        self.put("products.purl", purl);
        self.put("products.cpe", cpe);
        self.put("products.versions", versions);
        let mut repos: Vec<&String> = Vec::new();
        for Range {
            order,
            repo,
            events,
        } in ranges
        {
            // How events are grouped into ranges is notation; what they say is not.
            let told = |event: &Event| {
                let (word, version) = match event {
                    Event::Introduced(version) => ("from", version),
                    Event::Fixed(version) => ("before", version),
                    Event::LastAffected(version) => ("to", version),
                    Event::Limit(version) => ("limit", version),
                };
                format!("{} {word} {version}", order.name())
            };
            self.put("products.ranges", events.iter().map(told));
            repos.extend(repo.as_ref());
        }
        repos.dedup();
        self.put("products.ranges.repo", repos);
        self.put("products.status", [status.as_str()]);
        self.put(
            "products.justification",
            justification.map(super::Justification::as_str),
        );
        self.put("products.impact", impact);
        self.put("products.action", action);
    }
}
