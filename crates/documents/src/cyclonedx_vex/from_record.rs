//! From the record to CycloneDX.

use serde_json::{Value, json};

use super::{Document, JUSTIFICATIONS, SPEC_VERSION, STATES};
use crate::cvss::{Severity as Rating, Version};
use crate::record::json::{Builder, unique};
use crate::record::{
    Event, Product, Range, Record, RemediationKind, Severity, Status, Tlp, english, is_english,
};
use crate::versions::{Comparator, Range as Vers};

/// Writes a record as CycloneDX: products as components, and one vulnerability for each run of
/// products of which the same is said, because a vulnerability there has one analysis.
#[must_use]
pub fn write(record: &Record) -> Document {
    let mut root = Builder::default();
    root.put("bomFormat", "CycloneDX");
    root.put("specVersion", SPEC_VERSION);
    root.put("version", record.revision.max(1));
    let mut metadata = Builder::default();
    metadata.put("timestamp", record.dates.modified.as_str());
    metadata.maybe(
        "distributionConstraints",
        record.tlp.map(|tlp| json!({"tlp": label(tlp)})),
    );
    root.put("metadata", metadata.done());
    let numbered: Vec<(usize, &Product)> = record
        .products
        .iter()
        .filter(|product| can_be_said(product))
        .enumerate()
        .collect();
    root.list(
        "components",
        numbered
            .iter()
            .map(|(index, product)| component(*index, product)),
    );
    let mut vulnerabilities = Vec::new();
    for alike in numbered.chunk_by(|(_, a), (_, b)| said(a) == said(b)) {
        vulnerabilities.push(vulnerability(record, alike));
    }
    if vulnerabilities.is_empty() {
        vulnerabilities.push(vulnerability(record, &[]));
    }
    root.put("vulnerabilities", vulnerabilities);
    Document(root.done())
}

pub(super) fn label(tlp: Tlp) -> &'static str {
    match tlp {
        Tlp::AmberStrict => "AMBER_AND_STRICT",
        other => other.as_str(),
    }
}

// A product of which only ranges are known that VERS cannot express would read as every version.
fn can_be_said(product: &Product) -> bool {
    product.ranges.is_empty() || !versions(product).is_empty()
}

// What an analysis says: products that differ in it cannot share one.
fn said(product: &Product) -> impl PartialEq + '_ {
    let Product {
        status,
        justification,
        impact,
        action,
        ..
    } = product;
    (status, justification, impact, action)
}

fn component(index: usize, product: &Product) -> Value {
    let mut component = Builder::default();
    let kind = if product.purl.is_some() {
        "library"
    } else {
        "application"
    };
    component.put("type", kind);
    component.put("bom-ref", reference(index));
    component.put("name", product.name.as_str());
    component.maybe(
        "supplier",
        product
            .vendor
            .as_ref()
            .map(|vendor| json!({"name": vendor})),
    );
    component.maybe("purl", product.purl.as_ref().map(|purl| purl.canonical()));
    component.maybe("cpe", product.cpe.as_deref());
    component.done()
}

fn reference(index: usize) -> String {
    format!("product-{}", index + 1)
}

fn vulnerability(record: &Record, products: &[(usize, &Product)]) -> Value {
    let mut entry = Builder::default();
    entry.put("id", record.id.as_str());
    let mut source = Builder::default();
    source.put("name", record.publisher.name.as_str());
    source.maybe("url", record.publisher.url.as_deref());
    entry.put("source", source.done());
    entry.list(
        "references",
        record.aliases.iter().map(|id| {
            let system = id.split('-').next().unwrap_or_default();
            json!({"id": id, "source": {"name": system}})
        }),
    );
    entry.list("ratings", record.severities.iter().map(rating));
    entry.list("cwes", record.cwes.iter().copied());
    entry.maybe("description", english(&record.descriptions));
    entry.list(
        "advisories",
        record.references.iter().map(|reference| {
            let mut advisory = Builder::default();
            advisory.maybe("title", reference.title.as_deref());
            advisory.put("url", reference.url.as_str());
            advisory.done()
        }),
    );
    entry.maybe("published", record.dates.published.as_deref());
    entry.put("updated", record.dates.modified.as_str());
    entry.maybe("rejected", record.dates.withdrawn.as_deref());
    let named: Vec<Value> = record
        .named_credits()
        .map(|credit| json!({"name": credit.name}))
        .collect();
    if !named.is_empty() {
        entry.put("credits", json!({"individuals": named}));
    }
    let mut workarounds = record.remediations.iter().filter(|remedy| {
        remedy.kind == RemediationKind::Workaround && is_english(&remedy.text.lang)
    });
    entry.maybe(
        "workaround",
        workarounds.next().map(|remedy| remedy.text.text.as_str()),
    );
    if let Some((_, product)) = products.first() {
        entry.maybe("recommendation", product.action.as_deref());
        entry.put("analysis", analysis(record, product));
    }
    entry.list(
        "affects",
        products.iter().map(|(index, product)| {
            let mut affects = Builder::default();
            affects.put("ref", reference(*index));
            affects.list("versions", versions(product));
            affects.done()
        }),
    );
    entry.done()
}

fn rating(severity: &Severity) -> Value {
    let version = severity.vector.version();
    let score = severity.vector.scores().overall;
    let method = match version {
        Version::V2 => "CVSSv2",
        Version::V3_0 => "CVSSv3",
        Version::V3_1 => "CVSSv31",
        Version::V4_0 => "CVSSv4",
    };
    let mut rating = Builder::default();
    rating.maybe(
        "source",
        severity
            .source
            .as_ref()
            .map(|source| json!({"name": source})),
    );
    rating.put("score", score.as_f64());
    rating.put(
        "severity",
        Rating::of(version, score).as_str().to_ascii_lowercase(),
    );
    rating.put("method", method);
    rating.put("vector", severity.vector.canonical());
    rating.done()
}

fn analysis(record: &Record, product: &Product) -> Value {
    let mut analysis = Builder::default();
    let state = STATES.iter().find(|(_, status)| *status == product.status);
    analysis.maybe("state", state.map(|(word, _)| *word));
    let known = JUSTIFICATIONS
        .iter()
        .find(|(_, known)| Some(*known) == product.justification);
    analysis.maybe("justification", known.map(|(word, _)| *word));
    analysis.maybe("detail", product.impact.as_deref());
    if product.status == Status::Affected {
        let responses = [
            (RemediationKind::Fix, "update"),
            (RemediationKind::Workaround, "workaround_available"),
            (RemediationKind::NoFixPlanned, "will_not_fix"),
        ];
        let given = |kind| record.remediations.iter().any(|remedy| remedy.kind == kind);
        let words = responses
            .iter()
            .filter(|(kind, _)| given(*kind))
            .map(|(_, word)| *word);
        analysis.list("response", words);
    }
    analysis.done()
}

fn versions(product: &Product) -> Vec<Value> {
    let status = match product.status {
        Status::Affected => "affected",
        Status::NotAffected | Status::Fixed => "unaffected",
        Status::UnderInvestigation => "unknown",
    };
    let single = product.versions.iter();
    let single = single.map(|version| json!({"version": version, "status": status}));
    let ranges = product.ranges.iter().flat_map(vers);
    let ranges = ranges.map(|range| json!({"range": range, "status": status}));
    single.chain(unique(ranges)).collect()
}

// One VERS range for each interval.
fn vers(range: &Range) -> Vec<String> {
    let Some(scheme) = range.order.scheme() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (from, ends) in range.pieces() {
        let mut constraints = Vec::new();
        if from != "0" {
            constraints.push((Comparator::GreaterOrEqual, from.to_owned()));
        }
        match ends.as_slice() {
            [] => {}
            [Event::Fixed(version)] => constraints.push((Comparator::Less, version.clone())),
            [Event::LastAffected(version)] => {
                constraints.push((Comparator::LessOrEqual, version.clone()));
            }
            _ => continue,
        }
        let written = if constraints.is_empty() {
            Vers::any(scheme.name())
        } else {
            Vers::new(scheme.name(), constraints)
        };
        all.push(written.canonical());
    }
    all
}
