//! OSV, the Open Source Vulnerability format, version 1.7: reading and writing.
//!
//! A [`Document`] keeps what was read, member by member. To the record goes what the record has a
//! place for, and what it has none for is named. Advisories of GitHub's database have this shape.

mod from_record;
mod shape;
mod to_record;

pub use from_record::write;

use crate::record::json::document;
use crate::record::losses::{Entry, changed, lost, part, whole};

document!("OSV", &shape::VULNERABILITY);

/// The version of the format that is written.
pub const SCHEMA_VERSION: &str = "1.7.5";

/// What becomes of each field of a record.
pub static LOSSES: &[Entry] = &[
    (
        "id",
        changed(
            "id",
            "x_ comes before an id whose prefix is not registered with OSV",
        ),
    ),
    ("aliases", whole("aliases")),
    ("related", whole("related")),
    ("upstream", whole("upstream")),
    (
        "publisher.name",
        lost("the database that serves the document speaks for itself"),
    ),
    (
        "publisher.url",
        lost("the database that serves the document speaks for itself"),
    ),
    ("revision", lost("documents are told apart by modified")),
    ("tlp", lost("only public documents are written")),
    ("dates.published", whole("published")),
    ("dates.modified", whole("modified")),
    (
        "dates.disclosed",
        lost("published is the date of the document"),
    ),
    ("dates.withdrawn", whole("withdrawn")),
    ("titles", part("summary", "languages other than English")),
    (
        "descriptions",
        part("details", "languages other than English"),
    ),
    ("severities.vector", whole("severity[].score")),
    ("severities.source", lost("no place for who rated")),
    ("cwes", whole("database_specific.cwe_ids")),
    (
        "products.vendor",
        lost("packages are named by their ecosystem"),
    ),
    ("products.name", part("affected[].package.name", AFFECTED)),
    (
        "products.ecosystem",
        part("affected[].package.ecosystem", AFFECTED),
    ),
    ("products.purl", part("affected[].package.purl", AFFECTED)),
    (
        "products.cpe",
        lost("packages are named by their ecosystem"),
    ),
    ("products.versions", part("affected[].versions", AFFECTED)),
    (
        "products.ranges",
        part(
            "affected[].ranges[].events",
            "ranges in an order that is neither SemVer, Git nor that of the ecosystem",
        ),
    ),
    (
        "products.ranges.repo",
        part("affected[].ranges[].repo", AFFECTED),
    ),
    (
        "products.status",
        part(
            "affected[]",
            "products that are not affected, fixed or under investigation",
        ),
    ),
    (
        "products.justification",
        lost("only affected products are listed"),
    ),
    ("products.impact", lost("only affected products are listed")),
    ("products.action", lost("no place beside details")),
    ("remediations.kind", lost("no place beside details")),
    ("remediations.text", lost("no place beside details")),
    (
        "remediations.url",
        lost("name it as a reference of kind FIX too"),
    ),
    ("references.url", whole("references[].url")),
    ("references.kind", whole("references[].type")),
    ("references.title", lost("references are addresses")),
    ("credits.name", part("credits[].name", CONSENT)),
    ("credits.contacts", part("credits[].contact", CONSENT)),
    ("credits.kind", part("credits[].type", CONSENT)),
    ("credits.consent", part("credits[]", CONSENT)),
    ("notes.kind", lost("no place beside details")),
    ("notes.text", lost("no place beside details")),
];

const AFFECTED: &str = "products that are not affected, or neither in an ecosystem nor in Git";
const CONSENT: &str = "those who did not agree to be named";
