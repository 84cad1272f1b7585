//! From the record to OpenVEX.

use serde_json::{Value, json};

use super::{CONTEXT, Document, NO_ACTION, NO_IMPACT};
use crate::record::json::{Builder, unique};
use crate::record::{Product, Record, RemediationKind, Status, english};

/// Why a record cannot be written as OpenVEX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotWritable {
    /// No statement could be made.
    #[error(
        "no product can be named in OpenVEX: give one a package URL or a CPE, and name the \
         versions instead of ranges"
    )]
    NoProduct,
    /// The instant of the record is none.
    #[error("the instant of the last change is none: write it like 2026-01-31T12:00:00Z")]
    NoInstant,
}

/// Writes a record as OpenVEX, one statement for each product. The id of the document follows from
/// what it says.
///
/// # Errors
/// The format wants a statement and an instant, and the record gives none.
pub fn write(record: &Record) -> Result<Document, NotWritable> {
    let mut vulnerability = Builder::default();
    vulnerability.put("name", record.id.as_str());
    vulnerability.maybe("description", english(&record.descriptions));
    vulnerability.list("aliases", record.aliases.iter().map(String::as_str));
    let vulnerability = vulnerability.done();
    let products = record.products.iter();
    let statements =
        unique(products.filter_map(|product| statement(record, product, &vulnerability)));
    if statements.is_empty() {
        return Err(NotWritable::NoProduct);
    }
    let mut root = Builder::default();
    root.put("@context", CONTEXT);
    root.put("@id", "");
    root.put("author", record.publisher.name.as_str());
    let dates = &record.dates;
    match &dates.published {
        Some(published) => {
            root.put("timestamp", published.as_str());
            root.put("last_updated", dates.modified.as_str());
        }
        None => root.put("timestamp", dates.modified.as_str()),
    }
    root.put("version", record.revision.max(1));
    root.put("statements", statements);
    let mut document = Document(root.done());
    let id = document.canonical_id().ok_or(NotWritable::NoInstant)?;
    if let Some(root) = document.0.as_object_mut() {
        root.insert("@id".to_owned(), json!(id));
    }
    Ok(document)
}

fn statement(record: &Record, product: &Product, vulnerability: &Value) -> Option<Value> {
    let products = components(product);
    if products.is_empty() {
        return None;
    }
    let mut statement = Builder::default();
    statement.put("vulnerability", vulnerability.clone());
    statement.put("products", products);
    statement.put("status", product.status.as_str());
    statement.maybe("supplier", product.vendor.as_deref());
    match product.status {
        Status::NotAffected => {
            statement.maybe("justification", product.justification.map(|j| j.as_str()));
            let needed = product.justification.is_none().then_some(NO_IMPACT);
            statement.maybe("impact_statement", product.impact.as_deref().or(needed));
        }
        Status::Affected => {
            let action = product.action.clone().or_else(|| remedies(record));
            let action = action.unwrap_or_else(|| NO_ACTION.to_owned());
            statement.put("action_statement", action);
        }
        Status::Fixed | Status::UnderInvestigation => {}
    }
    Some(statement.done())
}

// What users can do, in English, as one text.
fn remedies(record: &Record) -> Option<String> {
    let useful = record.remediations.iter().filter(|remedy| {
        crate::record::is_english(&remedy.text.lang) && remedy.kind != RemediationKind::NoFixPlanned
    });
    let texts: Vec<&str> = useful.map(|remedy| remedy.text.text.as_str()).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn components(product: &Product) -> Vec<Value> {
    let component = |id: String, purl: Option<&str>| {
        let mut identifiers = Builder::default();
        identifiers.maybe("purl", purl);
        identifiers.maybe("cpe23", product.cpe.as_deref());
        json!({"@id": id, "identifiers": identifiers.done()})
    };
    let every = product.versions.is_empty() && product.ranges.is_empty();
    let all: Vec<Value> = match (&product.purl, &product.cpe) {
        (Some(purl), _) if every => {
            let id = purl.canonical();
            vec![component(id.clone(), Some(&id))]
        }
        (Some(purl), _) => {
            let versions = product.versions.iter();
            let ids = versions.map(|version| purl.with_version(version).canonical());
            ids.map(|id| component(id.clone(), Some(&id))).collect()
        }
        (None, Some(cpe)) if every => vec![component(cpe.clone(), None)],
        _ => Vec::new(),
    };
    unique(all)
}
