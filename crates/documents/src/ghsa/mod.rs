//! Advisories of GitHub: reading those of its database, and writing those of a repository.
//!
//! The database publishes in the shape of OSV with words of its own beside ([`record`]). A
//! repository's own advisories have another shape, that of the interface through which they are
//! made ([`Document`]).

mod from_record;
mod shape;
mod to_record;

pub use from_record::write;
pub use to_record::record;

use crate::record::json::document;
use crate::record::losses::{Entry, changed, lost, part, whole};

document!("GitHub repository advisory", &shape::ADVISORY);

/// What becomes of each field of a record in a repository's advisory.
pub static LOSSES: &[Entry] = &[
    (
        "id",
        changed(
            "cve_id",
            "the CVE id among the ids; GitHub gives a GHSA id of its own",
        ),
    ),
    ("aliases", lost("one CVE id only")),
    ("related", lost("name them in the description")),
    ("upstream", lost("name them in the description")),
    ("publisher.name", lost("the repository speaks")),
    ("publisher.url", lost("the repository speaks")),
    ("revision", lost("the interface keeps none")),
    ("tlp", lost("an advisory is a draft or public")),
    ("dates.published", lost("set by GitHub")),
    ("dates.modified", lost("set by GitHub")),
    ("dates.disclosed", lost("set by GitHub")),
    ("dates.withdrawn", lost("set by GitHub")),
    ("titles", part("summary", "languages other than English")),
    (
        "descriptions",
        part("description", "languages other than English"),
    ),
    (
        "severities.vector",
        part(
            "cvss_vector_string",
            "all but one: version 4, else 3.1, else 3.0; never version 2",
        ),
    ),
    ("severities.source", lost("no place for who rated")),
    ("cwes", whole("cwe_ids[]")),
    (
        "products.vendor",
        lost("packages are named by their ecosystem"),
    ),
    (
        "products.name",
        changed("vulnerabilities[].package.name", INTERVALS),
    ),
    (
        "products.ecosystem",
        changed("vulnerabilities[].package.ecosystem", INTERVALS),
    ),
    (
        "products.purl",
        lost("packages are named by their ecosystem"),
    ),
    (
        "products.cpe",
        lost("packages are named by their ecosystem"),
    ),
    (
        "products.versions",
        part("vulnerabilities[].vulnerable_version_range", AFFECTED),
    ),
    (
        "products.ranges",
        part(
            "vulnerabilities[].vulnerable_version_range, .patched_versions",
            "commits, limits, ranges that end more than once or have another order than the \
             ecosystem; and what is not affected",
        ),
    ),
    ("products.ranges.repo", lost("the repository speaks")),
    ("products.status", changed("vulnerabilities[]", INTERVALS)),
    (
        "products.justification",
        lost("only affected products are listed"),
    ),
    ("products.impact", lost("only affected products are listed")),
    ("products.action", lost("say it in the description")),
    ("remediations.kind", lost("say it in the description")),
    ("remediations.text", lost("say it in the description")),
    ("remediations.url", lost("say it in the description")),
    ("references.url", lost("say it in the description")),
    ("references.kind", lost("say it in the description")),
    ("references.title", lost("say it in the description")),
    (
        "credits.name",
        changed("credits[].login", "the name of the account at GitHub"),
    ),
    (
        "credits.contacts",
        part("credits[].login", "all but the account at GitHub"),
    ),
    (
        "credits.kind",
        part("credits[].type", "those without an account at GitHub"),
    ),
    (
        "credits.consent",
        part(
            "credits[]",
            "who did not agree, or has no account at GitHub",
        ),
    ),
    ("notes.kind", lost("say it in the description")),
    ("notes.text", lost("say it in the description")),
];

const AFFECTED: &str = "products that are not affected";
const INTERVALS: &str = "one entry for each interval of versions, affected products only";
