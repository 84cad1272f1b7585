//! OpenVEX 0.2: reading, writing, and the id that follows from what is said.
//!
//! A statement names its products one by one, version by version: OpenVEX has no ranges. A record
//! of which only ranges are known says nothing here about those products, because a package URL
//! without version would speak of all of them.

mod canonical;
mod from_record;
mod shape;
mod to_record;

pub use from_record::{NotWritable, write};

use crate::record::json::document;
use crate::record::losses::{Entry, changed, lost, part, whole};

document!("OpenVEX", &shape::DOCUMENT);

/// The context of documents of this version.
pub const CONTEXT: &str = "https://openvex.dev/ns/v0.2.0";

// What is written where the format requires a text and the record has none; a reader takes it for
// none.
const NO_IMPACT: &str = "No reason was given.";
const NO_ACTION: &str = "No action is known yet.";

/// What becomes of each field of a record.
pub static LOSSES: &[Entry] = &[
    ("id", whole("statements[].vulnerability.name")),
    ("aliases", whole("statements[].vulnerability.aliases")),
    ("related", lost("a statement is about one vulnerability")),
    ("upstream", lost("a statement is about one vulnerability")),
    ("publisher.name", whole("author")),
    ("publisher.url", lost("the author is one text")),
    ("revision", whole("version")),
    ("tlp", lost("no place for it")),
    ("dates.published", whole("timestamp")),
    (
        "dates.modified",
        whole("last_updated, or timestamp where nothing was published before"),
    ),
    (
        "dates.disclosed",
        lost("instants are those of the statement"),
    ),
    ("dates.withdrawn", lost("a later document says otherwise")),
    ("titles", lost("the vulnerability is named by its id")),
    (
        "descriptions",
        part(
            "statements[].vulnerability.description",
            "languages other than English",
        ),
    ),
    ("severities.vector", lost("not about severity")),
    ("severities.source", lost("not about severity")),
    ("cwes", lost("not about weaknesses")),
    ("products.vendor", part("statements[].supplier", NAMED)),
    (
        "products.name",
        changed(
            "statements[].products[].@id",
            "as the package URL or CPE names it",
        ),
    ),
    (
        "products.ecosystem",
        lost("the package URL has its own type"),
    ),
    (
        "products.purl",
        part("statements[].products[].@id, .identifiers.purl", NAMED),
    ),
    (
        "products.cpe",
        part("statements[].products[].identifiers.cpe23", NAMED),
    ),
    (
        "products.versions",
        part(
            "statements[].products[].@id",
            "versions of products without package URL",
        ),
    ),
    ("products.ranges", lost("no ranges: name versions")),
    ("products.ranges.repo", lost("no ranges: name versions")),
    ("products.status", part("statements[].status", NAMED)),
    (
        "products.justification",
        part(
            "statements[].justification",
            "justifications of other states than not affected",
        ),
    ),
    (
        "products.impact",
        part(
            "statements[].impact_statement",
            "reasons of other states than not affected",
        ),
    ),
    (
        "products.action",
        changed(
            "statements[].action_statement",
            "of affected products; where there is none, the remediations stand for it",
        ),
    ),
    ("remediations.kind", lost("part of the action statement")),
    (
        "remediations.text",
        lost("part of the action statement of affected products"),
    ),
    ("remediations.url", lost("no references")),
    ("references.url", lost("no references")),
    ("references.kind", lost("no references")),
    ("references.title", lost("no references")),
    ("credits.name", lost("no credits")),
    ("credits.contacts", lost("no credits")),
    ("credits.kind", lost("no credits")),
    ("credits.consent", lost("no credits")),
    ("notes.kind", lost("no notes beside the statement")),
    ("notes.text", lost("no notes beside the statement")),
];

const NAMED: &str = "products with neither package URL nor CPE, or of which only ranges are known";
