//! CycloneDX 1.7, its vulnerabilities: reading and writing VEX.
//!
//! The document is a bill of materials that lists the products as components and says of them what
//! is known. The rest of a bill of materials is kept when one is read, and is nobody's business here.

mod from_record;
mod shape;
mod to_record;

pub use from_record::write;

use crate::record::json::document;
use crate::record::losses::{Entry, changed, lost, part, whole};
use crate::record::{Justification, Status};

document!("CycloneDX", &shape::BOM);

/// The version of the format that is written.
pub const SPEC_VERSION: &str = "1.7";

/// What becomes of each field of a record.
pub static LOSSES: &[Entry] = &[
    ("id", whole("vulnerabilities[].id")),
    ("aliases", whole("vulnerabilities[].references[].id")),
    (
        "related",
        lost("references are other names of the same vulnerability"),
    ),
    (
        "upstream",
        lost("references are other names of the same vulnerability"),
    ),
    ("publisher.name", whole("vulnerabilities[].source.name")),
    ("publisher.url", whole("vulnerabilities[].source.url")),
    ("revision", whole("version")),
    ("tlp", whole("metadata.distributionConstraints.tlp")),
    ("dates.published", whole("vulnerabilities[].published")),
    ("dates.modified", whole("vulnerabilities[].updated")),
    (
        "dates.disclosed",
        lost("published is the date of the record"),
    ),
    ("dates.withdrawn", whole("vulnerabilities[].rejected")),
    ("titles", lost("a vulnerability has no title")),
    (
        "descriptions",
        part(
            "vulnerabilities[].description",
            "languages other than English",
        ),
    ),
    (
        "severities.vector",
        whole("vulnerabilities[].ratings[].vector"),
    ),
    (
        "severities.source",
        whole("vulnerabilities[].ratings[].source.name"),
    ),
    ("cwes", whole("vulnerabilities[].cwes[]")),
    (
        "products.vendor",
        part("components[].supplier.name", SAYABLE),
    ),
    ("products.name", part("components[].name", SAYABLE)),
    (
        "products.ecosystem",
        lost("the package URL has its own type"),
    ),
    ("products.purl", part("components[].purl", SAYABLE)),
    ("products.cpe", part("components[].cpe", SAYABLE)),
    (
        "products.versions",
        part("vulnerabilities[].affects[].versions[].version", SAYABLE),
    ),
    (
        "products.ranges",
        part(
            "vulnerabilities[].affects[].versions[].range",
            "commits, orders that have no VERS type, limits, and ranges that end more than once",
        ),
    ),
    ("products.ranges.repo", lost("VERS has no commits")),
    (
        "products.status",
        part("vulnerabilities[].analysis.state", SAYABLE),
    ),
    (
        "products.justification",
        changed(
            "vulnerabilities[].analysis.justification",
            "in the words of CycloneDX, which has no word for code an adversary cannot control",
        ),
    ),
    (
        "products.impact",
        part("vulnerabilities[].analysis.detail", SAYABLE),
    ),
    (
        "products.action",
        part("vulnerabilities[].recommendation", SAYABLE),
    ),
    (
        "remediations.kind",
        part(
            "vulnerabilities[].workaround",
            "all but the first workaround in English",
        ),
    ),
    (
        "remediations.text",
        part(
            "vulnerabilities[].workaround",
            "all but the first workaround in English",
        ),
    ),
    ("remediations.url", lost("name it as a reference")),
    (
        "references.url",
        whole("vulnerabilities[].advisories[].url"),
    ),
    (
        "references.kind",
        changed("vulnerabilities[].advisories[]", "all are advisories"),
    ),
    (
        "references.title",
        whole("vulnerabilities[].advisories[].title"),
    ),
    (
        "credits.name",
        part("vulnerabilities[].credits.individuals[].name", CONSENT),
    ),
    (
        "credits.contacts",
        lost("mail addresses only, which the record does not publish"),
    ),
    (
        "credits.kind",
        changed("vulnerabilities[].credits", "what somebody did is not said"),
    ),
    (
        "credits.consent",
        part("vulnerabilities[].credits", CONSENT),
    ),
    ("notes.kind", lost("no notes")),
    ("notes.text", lost("no notes")),
];

const SAYABLE: &str = "products of which only ranges are known that VERS cannot express";
const CONSENT: &str = "those who did not agree to be named";

/// The states of CycloneDX for the states of VEX. The first of each is written.
static STATES: &[(&str, Status)] = &[
    ("exploitable", Status::Affected),
    ("not_affected", Status::NotAffected),
    ("resolved", Status::Fixed),
    ("in_triage", Status::UnderInvestigation),
    ("resolved_with_pedigree", Status::Fixed),
    ("false_positive", Status::NotAffected),
];

/// The justifications of CycloneDX for those of VEX. The first of each is written; what protects
/// from outside of the product, or hangs on its configuration, has none of the five words.
static JUSTIFICATIONS: &[(&str, Justification)] = &[
    ("code_not_present", Justification::VulnerableCodeNotPresent),
    ("code_not_present", Justification::ComponentNotPresent),
    (
        "code_not_reachable",
        Justification::VulnerableCodeNotInExecutePath,
    ),
    (
        "protected_by_mitigating_control",
        Justification::InlineMitigationsAlreadyExist,
    ),
    (
        "protected_by_compiler",
        Justification::InlineMitigationsAlreadyExist,
    ),
    (
        "protected_at_runtime",
        Justification::InlineMitigationsAlreadyExist,
    ),
];
