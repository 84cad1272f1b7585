//! From the record to a repository's advisory.

use serde_json::{Value, json};

use super::Document;
use crate::cvss::Version;
use crate::record::json::Builder;
use crate::record::{Event, Order, Product, Record, Status, ecosystems, english};

/// Writes a record as the advisory of a repository, as its interface takes it.
#[must_use]
pub fn write(record: &Record) -> Document {
    let mut root = Builder::default();
    root.put("summary", english(&record.titles).unwrap_or(&record.id));
    root.put(
        "description",
        english(&record.descriptions).unwrap_or_default(),
    );
    root.maybe("cve_id", record.cve());
    root.list(
        "cwe_ids",
        record.cwes.iter().map(|cwe| format!("CWE-{cwe}")),
    );
    // One vector or one word, not both; the newest version says most.
    let newest = record
        .severities
        .iter()
        .filter(|severity| severity.vector.version() != Version::V2)
        .max_by_key(|severity| severity.vector.version());
    root.maybe(
        "cvss_vector_string",
        newest.map(|severity| severity.vector.canonical()),
    );
    let vulnerabilities: Vec<Value> = record.products.iter().flat_map(entries).collect();
    root.put("vulnerabilities", vulnerabilities);
    let credits = record.named_credits().filter_map(|credit| {
        let mut logins = credit.contacts.iter().filter_map(|contact| login(contact));
        let kind = credit.kind.as_str().replace(' ', "_");
        Some(json!({"login": logins.next()?, "type": kind}))
    });
    root.list("credits", credits);
    Document(root.done())
}

/// The account of an address at GitHub.
fn login(contact: &str) -> Option<&str> {
    let login = contact
        .strip_prefix("https://github.com/")?
        .trim_end_matches('/');
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (!login.is_empty() && login.chars().all(fits)).then_some(login)
}

fn entries(product: &Product) -> Vec<Value> {
    if product.status != Status::Affected {
        return Vec::new();
    }
    let ecosystem = product.ecosystem.as_deref();
    let known = ecosystem
        .and_then(ecosystems::of_osv)
        .filter(|known| !known.github.is_empty());
    let package = json!({
        "ecosystem": known.map_or("other", |known| known.github),
        "name": product.name,
    });
    let entry = |range: Option<String>, patched: Option<&str>| {
        let mut entry = Builder::default();
        entry.put("package", package.clone());
        entry.maybe("vulnerable_version_range", range);
        entry.maybe("patched_versions", patched);
        entry.done()
    };
    if product.versions.is_empty() && product.ranges.is_empty() {
        return vec![entry(None, None)];
    }
    let single = product.versions.iter();
    let mut all: Vec<Value> = single
        .map(|version| entry(Some(format!("= {version}")), None))
        .collect();
    for range in &product.ranges {
        // A range has no name for its order there: it must be the one of the package.
        let own = known.map(|known| Order::from_name(known.osv));
        if own.as_ref() != Some(&range.order) {
            continue;
        }
        for (from, ends) in range.pieces() {
            let (end, patched) = match ends.as_slice() {
                [] => (None, None),
                [Event::Fixed(version)] => (Some(format!("< {version}")), Some(version.as_str())),
                [Event::LastAffected(version)] => (Some(format!("<= {version}")), None),
                _ => continue,
            };
            let start = (from != "0" || end.is_none()).then(|| format!(">= {from}"));
            let bounds: Vec<String> = start.into_iter().chain(end).collect();
            all.push(entry(Some(bounds.join(", ")), patched));
        }
    }
    all
}
