//! From the record to the containers of a CVE record.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{DATA_VERSION, Document};
use crate::cvss::{Severity as Rating, Vector, Version};
use crate::cwe;
use crate::record::json::{Builder, unique};
use crate::record::{
    Event, NoteKind, Order, Product, Range, Record, Reference, ReferenceKind, RemediationKind,
    Severity, Status, Text, ecosystems, english,
};
use crate::versions::Scheme;

/// The account at CVE Services in whose name a container is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The organisation's UUID.
    pub org_id: String,
    /// The organisation's short name.
    pub short_name: Option<String>,
}

/// The container of a numbering authority that publishes the record.
#[must_use]
pub fn published(record: &Record, provider: &Provider) -> Value {
    let mut container = Builder::default();
    container.put("providerMetadata", metadata(provider));
    container.maybe("title", english(&record.titles));
    container.maybe("datePublic", record.dates.disclosed.as_deref());
    container.list("descriptions", record.descriptions.iter().map(prose));
    container.list("affected", unique(affected(record)));
    let problems = record.cwes.iter().map(|number| {
        let name = cwe::weakness(*number).map_or("", |weakness| weakness.name);
        let description = format!("CWE-{number} {name}");
        json!({"descriptions": [{
            "lang": "en",
            "cweId": format!("CWE-{number}"),
            "description": description.trim_end(),
            "type": "CWE",
        }]})
    });
    container.list("problemTypes", problems);
    container.list("metrics", unique(record.severities.iter().map(metric)));
    let remedies = |kind| {
        let of_kind = record
            .remediations
            .iter()
            .filter(move |remedy| remedy.kind == kind);
        unique(of_kind.map(|remedy| prose(&remedy.text)))
    };
    container.list("solutions", remedies(RemediationKind::Fix));
    container.list("workarounds", remedies(RemediationKind::Workaround));
    let notes = |kind| {
        let of_kind = record.notes.iter().filter(move |note| note.kind == kind);
        unique(of_kind.map(|note| prose(&note.text)))
    };
    container.list("configurations", notes(NoteKind::Configuration));
    container.list("exploits", notes(NoteKind::Exploitation));
    let credits = record
        .named_credits()
        .map(|credit| json!({"lang": "en", "value": credit.name, "type": credit.kind.as_str()}));
    container.list("credits", unique(credits));
    container.list(
        "references",
        unique(record.references.iter().map(reference)),
    );
    container.done()
}

/// The container of a numbering authority that rejects an id.
#[must_use]
pub fn rejected(reasons: &[Text], replaced_by: &[String], provider: &Provider) -> Value {
    let mut container = Builder::default();
    container.put("providerMetadata", metadata(provider));
    container.list("rejectedReasons", reasons.iter().map(prose));
    container.list("replacedBy", replaced_by.iter().map(String::as_str));
    container.done()
}

/// The record the service would make of a container: what a numbering authority may show before
/// it sends, and keep as its own copy.
#[must_use]
pub fn document(record: &Record, container: Value, provider: &Provider) -> Document {
    let is_rejected = container.get("rejectedReasons").is_some();
    let mut metadata = Builder::default();
    metadata.put("cveId", record.cve().unwrap_or(&record.id));
    metadata.put("assignerOrgId", provider.org_id.as_str());
    metadata.maybe("assignerShortName", provider.short_name.as_deref());
    metadata.put("state", if is_rejected { "REJECTED" } else { "PUBLISHED" });
    if !record.dates.modified.is_empty() {
        metadata.put("dateUpdated", record.dates.modified.as_str());
    }
    Document(json!({
        "dataType": "CVE_RECORD",
        "dataVersion": DATA_VERSION,
        "cveMetadata": metadata.done(),
        "containers": {"cna": container},
    }))
}

fn metadata(provider: &Provider) -> Value {
    let mut metadata = Builder::default();
    metadata.put("orgId", provider.org_id.as_str());
    metadata.maybe("shortName", provider.short_name.as_deref());
    metadata.done()
}

fn prose(text: &Text) -> Value {
    json!({"lang": text.lang, "value": text.text})
}

fn reference(reference: &Reference) -> Value {
    let mut entry = Builder::default();
    entry.put("url", reference.url.as_str());
    entry.maybe("name", reference.title.as_deref());
    entry.list("tags", tag(reference.kind));
    entry.done()
}

/// The tag of CVE for a kind of reference.
pub(super) fn tag(kind: ReferenceKind) -> Option<&'static str> {
    match kind {
        ReferenceKind::Advisory => Some("vendor-advisory"),
        ReferenceKind::Article => Some("technical-description"),
        ReferenceKind::Discussion => Some("mailing-list"),
        ReferenceKind::Evidence => Some("exploit"),
        ReferenceKind::Fix => Some("patch"),
        ReferenceKind::Package => Some("product"),
        ReferenceKind::Report => Some("issue-tracking"),
        ReferenceKind::Detection
        | ReferenceKind::Git
        | ReferenceKind::Introduced
        | ReferenceKind::Web => None,
    }
}

fn metric(severity: &Severity) -> Value {
    let (key, score) = score(&severity.vector);
    json!({"format": "CVSS", key: score})
}

/// The object of a vector, with everything that follows from it, and the member it belongs to.
pub(super) fn score(vector: &Vector) -> (&'static str, Value) {
    let version = vector.version();
    let key = match version {
        Version::V2 => "cvssV2_0",
        Version::V3_0 => "cvssV3_0",
        Version::V3_1 => "cvssV3_1",
        Version::V4_0 => "cvssV4_0",
    };
    let scores = vector.scores();
    // In version 4 there is one score, of whatever the vector defines.
    let base = if version == Version::V4_0 {
        scores.overall
    } else {
        scores.base
    };
    let mut entry = Builder::default();
    entry.put("version", version.as_str());
    entry.put("vectorString", vector.canonical());
    entry.put("baseScore", base.as_f64());
    if version != Version::V2 {
        entry.put("baseSeverity", Rating::of(version, base).json());
    }
    (key, entry.done())
}

/// The word of CVE for a state.
fn status(status: Status) -> &'static str {
    match status {
        Status::Affected => "affected",
        Status::NotAffected | Status::Fixed => "unaffected",
        Status::UnderInvestigation => "unknown",
    }
}

fn affected(record: &Record) -> Vec<Value> {
    let mut listed: HashMap<(Option<&str>, &str), usize> = HashMap::new();
    for product in &record.products {
        *listed.entry(named(product)).or_default() += 1;
    }
    let alone = |product: &Product| listed.get(&named(product)) == Some(&1);
    let products = record.products.iter();
    products.map(|known| product(known, alone(known))).collect()
}

fn named(product: &Product) -> (Option<&str>, &str) {
    (product.vendor.as_deref(), &product.name)
}

fn product(product: &Product, alone: bool) -> Value {
    let mut entry = Builder::default();
    entry.put("vendor", product.vendor.as_deref().unwrap_or("n/a"));
    entry.put("product", product.name.as_str());
    let collection = product.ecosystem.as_deref().and_then(ecosystems::of_osv);
    if let Some(known) = collection {
        entry.put("collectionURL", known.collection);
        entry.put("packageName", product.name.as_str());
    }
    entry.maybe(
        "packageURL",
        product
            .purl
            .as_ref()
            .map(|purl| purl.without_version().canonical()),
    );
    entry.list("cpes", product.cpe.as_deref());
    let mut repos = product
        .ranges
        .iter()
        .filter_map(|range| range.repo.as_deref());
    if let Some(repo) = repos.next()
        && repos.all(|other| other == repo)
    {
        entry.put("repo", repo);
    }
    let status = status(product.status);
    let single = product.versions.iter();
    let single = single.map(|version| json!({"version": version, "status": status}));
    let ranges = product
        .ranges
        .iter()
        .flat_map(|range| pieces(range, product.status));
    let versions = unique(single.chain(ranges));
    let default = match (versions.is_empty(), product.status) {
        (true, _) if product.ranges.is_empty() => status,
        // A range was known, but cannot be said: nothing is said of any version.
        (true, _) => "unknown",
        // Whoever lists what is affected, and lists the product once, has listed all of it.
        (false, Status::Affected) if alone => "unaffected",
        (false, _) => "unknown",
    };
    entry.put("defaultStatus", default);
    entry.list("versions", versions);
    entry.done()
}

/// The version type of CVE for an order of versions.
fn version_type(order: &Order) -> &str {
    match order {
        Order::Scheme(Scheme::Generic) => "custom",
        Order::Scheme(Scheme::Pypi) => "python",
        order => order.name(),
    }
}

fn pieces(range: &Range, said: Status) -> Vec<Value> {
    let status = status(said);
    let kind = version_type(&range.order);
    let mut all = Vec::new();
    for (from, ends) in range.pieces() {
        let mut entry = Builder::default();
        entry.put("version", from);
        entry.put("status", status);
        entry.put("versionType", kind);
        match ends.as_slice() {
            [] => entry.put("lessThan", "*"),
            [Event::Fixed(version)] => entry.put("lessThan", version.as_str()),
            [Event::LastAffected(version)] => entry.put("lessThanOrEqual", version.as_str()),
            // Only branches of a repository can be fixed one after the other.
            several if said == Status::Affected && range.order == Order::Git => {
                let fixed: Option<Vec<Value>> = several
                    .iter()
                    .map(|end| match end {
                        Event::Fixed(at) => Some(json!({"at": at, "status": "unaffected"})),
                        _ => None,
                    })
                    .collect();
                let Some(changes) = fixed else { continue };
                entry.put("lessThan", "*");
                entry.list("changes", changes);
            }
            _ => continue,
        }
        all.push(entry.done());
    }
    all
}
