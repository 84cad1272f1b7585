//! From the record to OSV.

use serde_json::{Value, json};

use super::{Document, SCHEMA_VERSION};
use crate::cvss::Version;
use crate::record::json::Builder;
use crate::record::{Event, Order, Product, Range, Record, Status, english};

/// The prefixes of ids that are registered with OSV.
static PREFIXES: &[&str] = &[
    "ALBA-",
    "ALEA-",
    "ALPINE-",
    "ALSA-",
    "ASB-A-",
    "AZL-",
    "BELL-",
    "BIT-",
    "CGA-",
    "CLEANSTART-",
    "CLSA-",
    "CURL-",
    "CVE-",
    "DEBIAN-",
    "DHI-",
    "DLA-",
    "DRUPAL-",
    "DSA-",
    "DTSA-",
    "ECHO-",
    "EEF-",
    "ELA-",
    "FreeBSD-",
    "GHSA-",
    "GO-",
    "GSD-",
    "HSEC-",
    "JLSEC-",
    "KUBE-",
    "LBSEC-",
    "LSN-",
    "MAL-",
    "MGASA-",
    "MINI-",
    "OESA-",
    "OSEC-",
    "OSV-",
    "PHSA-",
    "PSF-",
    "PUB-A-",
    "PYSEC-",
    "RHBA-",
    "RHEA-",
    "RHSA-",
    "RLSA-",
    "ROOT-",
    "RSEC-",
    "RUSTSEC-",
    "RXSA-",
    "SUSE-FU-",
    "SUSE-OU-",
    "SUSE-RU-",
    "SUSE-SU-",
    "UBUNTU-",
    "USN-",
    "V8-",
    "openSUSE-SU-",
    "x_",
];

/// Writes a record as OSV. What has no place in OSV is in the account of losses.
#[must_use]
pub fn write(record: &Record) -> Document {
    let mut document = Builder::default();
    document.put("schema_version", SCHEMA_VERSION);
    let registered = PREFIXES.iter().any(|prefix| record.id.starts_with(prefix));
    let prefix = if registered { "" } else { "x_" };
    document.put("id", format!("{prefix}{}", record.id));
    document.put("modified", record.dates.modified.as_str());
    document.maybe("published", record.dates.published.as_deref());
    document.maybe("withdrawn", record.dates.withdrawn.as_deref());
    document.list("aliases", record.aliases.iter().map(String::as_str));
    document.list("related", record.related.iter().map(String::as_str));
    document.list("upstream", record.upstream.iter().map(String::as_str));
    document.maybe("summary", english(&record.titles));
    document.maybe("details", english(&record.descriptions));
    let severities = record.severities.iter().map(|severity| {
        let kind = match severity.vector.version() {
            Version::V2 => "CVSS_V2",
            Version::V3_0 | Version::V3_1 => "CVSS_V3",
            Version::V4_0 => "CVSS_V4",
        };
        json!({"type": kind, "score": severity.vector.canonical()})
    });
    document.list("severity", severities);
    document.list("affected", record.products.iter().filter_map(affected));
    let references = record.references.iter();
    document.list(
        "references",
        references.map(|reference| json!({"type": reference.kind.as_str(), "url": reference.url})),
    );
    let credits = record.named_credits().map(|credit| {
        let mut entry = Builder::default();
        entry.put("name", credit.name.as_str());
        entry.list("contact", credit.contacts.iter().map(String::as_str));
        let kind = credit.kind.as_str().replace(' ', "_");
        entry.put("type", kind.to_ascii_uppercase());
        entry.done()
    });
    document.list("credits", credits);
    if !record.cwes.is_empty() {
        let ids: Vec<_> = record.cwes.iter().map(|cwe| format!("CWE-{cwe}")).collect();
        document.put("database_specific", json!({"cwe_ids": ids}));
    }
    Document(document.done())
}

fn affected(product: &Product) -> Option<Value> {
    if product.status != Status::Affected {
        return None;
    }
    let mut entry = Builder::default();
    let ranges: Vec<Value> = product
        .ranges
        .iter()
        .flat_map(|range| ranges(range, product.ecosystem.as_deref()))
        .collect();
    if let Some(ecosystem) = &product.ecosystem {
        // A package of which nothing can be said would read as affected in every version.
        if ranges.is_empty() && product.versions.is_empty() && !product.ranges.is_empty() {
            return None;
        }
        let mut package = Builder::default();
        package.put("ecosystem", ecosystem.as_str());
        package.put("name", product.name.as_str());
        package.maybe("purl", product.purl.as_ref().map(|purl| purl.canonical()));
        entry.put("package", package.done());
    } else if !ranges.iter().any(|range| range["type"] == "GIT") {
        return None;
    }
    entry.list("ranges", ranges);
    entry.list("versions", product.versions.iter().map(String::as_str));
    Some(entry.done())
}

fn ranges(range: &Range, ecosystem: Option<&str>) -> Vec<Value> {
    let kind = match &range.order {
        Order::Git => "GIT",
        Order::Scheme(crate::versions::Scheme::Semver) => "SEMVER",
        order => {
            let ecosystem = ecosystem.unwrap_or_default();
            if ecosystem.is_empty() || Order::from_name(ecosystem) != *order {
                return Vec::new();
            }
            "ECOSYSTEM"
        }
    };
    if kind == "GIT" && range.repo.is_none() {
        return Vec::new();
    }
    let repo = range.repo.as_deref().filter(|_| kind == "GIT");
    let made = |events: Vec<Value>| {
        let mut entry = Builder::default();
        entry.put("type", kind);
        entry.maybe("repo", repo);
        entry.put("events", events);
        entry.done()
    };
    let mut pieces = Vec::new();
    for (from, ends) in range.pieces() {
        let mut events = vec![json!({"introduced": from})];
        events.extend(ends.into_iter().map(event));
        pieces.push(events);
    }
    // One range may say where versions are fixed or which one is the last affected, not both.
    let says = |events: &[Value], word: &str| events.iter().any(|event| event.get(word).is_some());
    let both = |events: &[Value]| says(events, "fixed") && says(events, "last_affected");
    let together: Vec<Value> = pieces.iter().flatten().cloned().collect();
    if both(&together) {
        pieces.retain(|events| !both(events));
        pieces.into_iter().map(made).collect()
    } else if together.is_empty() {
        Vec::new()
    } else {
        vec![made(together)]
    }
}

fn event(event: &Event) -> Value {
    match event {
        Event::Introduced(version) => json!({"introduced": version}),
        Event::Fixed(version) => json!({"fixed": version}),
        Event::LastAffected(version) => json!({"last_affected": version}),
        Event::Limit(version) => json!({"limit": version}),
    }
}
