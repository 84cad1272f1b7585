//! The CVE Record Format, version 5.2: containers, records, and the rules the schema cannot say.
//!
//! What a numbering authority sends is a container ([`published`], [`rejected`]); the service
//! makes the [`Document`] around it. [`validate`] judges a document by the official schema and by
//! what it means. No I/O, no clock.

mod from_record;
mod rules;
pub mod services;
mod shape;
mod to_record;
mod validate;

pub use from_record::{Provider, document, published, rejected};
pub use validate::{Finding, Rule, validate};

use crate::record::json::document;
use crate::record::losses::{Entry, changed, lost, part, whole};

document!("CVE record", &shape::RECORD);

/// The version of the format that is written.
pub const DATA_VERSION: &str = "5.2";

/// What becomes of each field of a record in the container of a numbering authority.
pub static LOSSES: &[Entry] = &[
    (
        "id",
        changed("cveMetadata.cveId", "the CVE id among the ids"),
    ),
    ("aliases", lost("name them as references")),
    ("related", lost("name them as references")),
    ("upstream", lost("name them as references")),
    (
        "publisher.name",
        lost("providerMetadata is the account of the numbering authority"),
    ),
    (
        "publisher.url",
        lost("providerMetadata is the account of the numbering authority"),
    ),
    ("revision", lost("the service counts")),
    ("tlp", lost("only public records are sent")),
    ("dates.published", lost("the service sets datePublished")),
    (
        "dates.modified",
        changed("cveMetadata.dateUpdated", "the service sets it"),
    ),
    ("dates.disclosed", whole("datePublic")),
    (
        "dates.withdrawn",
        lost("a withdrawn record is a rejected container"),
    ),
    ("titles", part("title", ENGLISH)),
    ("descriptions", whole("descriptions[]")),
    ("severities.vector", whole("metrics[].cvssV…")),
    (
        "severities.source",
        lost("metrics of the container are its provider's"),
    ),
    ("cwes", whole("problemTypes[].descriptions[].cweId")),
    ("products.vendor", whole("affected[].vendor")),
    ("products.name", whole("affected[].product")),
    (
        "products.ecosystem",
        part(
            "affected[].collectionURL",
            "ecosystems whose collection has no address known here",
        ),
    ),
    ("products.purl", whole("affected[].packageURL")),
    ("products.cpe", whole("affected[].cpes[]")),
    ("products.versions", whole("affected[].versions[].version")),
    (
        "products.ranges",
        part(
            "affected[].versions[].lessThan, .lessThanOrEqual, .changes",
            "ranges that end in a limit, or more than once, but for affected ones in Git",
        ),
    ),
    (
        "products.ranges.repo",
        part(
            "affected[].repo",
            "repositories of a product that has several",
        ),
    ),
    (
        "products.status",
        changed(
            "affected[].versions[].status, .defaultStatus",
            "fixed and not affected are both unaffected; under investigation is unknown",
        ),
    ),
    ("products.justification", lost("say it in the description")),
    ("products.impact", lost("say it in the description")),
    ("products.action", lost("say it as a remediation")),
    (
        "remediations.kind",
        part("solutions, workarounds", "that no fix is planned"),
    ),
    (
        "remediations.text",
        part("solutions[], workarounds[]", "that no fix is planned"),
    ),
    ("remediations.url", lost("name it as a reference")),
    ("references.url", whole("references[].url")),
    (
        "references.kind",
        changed(
            "references[].tags",
            "DETECTION, GIT and INTRODUCED have no tag",
        ),
    ),
    ("references.title", whole("references[].name")),
    ("credits.name", part("credits[].value", CONSENT)),
    ("credits.contacts", lost("names only")),
    ("credits.kind", part("credits[].type", CONSENT)),
    ("credits.consent", part("credits[]", CONSENT)),
    ("notes.kind", part("configurations, exploits", GENERAL)),
    ("notes.text", part("configurations[], exploits[]", GENERAL)),
];

const ENGLISH: &str = "languages other than English";
const CONSENT: &str = "those who did not agree to be named";
const GENERAL: &str = "general notes";
