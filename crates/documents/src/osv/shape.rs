//! What OSV 1.7 wants of a document, from its specification.
//!
//! Read leniently where the schema lists names that grow: prefixes of ids, ecosystems and kinds of
//! severity are open here, so that tomorrow's documents read too.

use crate::record::json::Kind::{Filled, Instant, List, Object, Open, OrNull, Text, Word};
use crate::record::json::Need::{May, Must};
use crate::record::json::{Field, Kind};

pub(super) static VULNERABILITY: Kind = Object(&[
    Field("schema_version", May, Text),
    Field("id", Must, Filled),
    Field("modified", Must, Instant),
    Field("published", May, Instant),
    Field("withdrawn", May, Instant),
    Field("aliases", May, OrNull(&List(&Text))),
    Field("related", May, OrNull(&List(&Text))),
    Field("upstream", May, OrNull(&List(&Text))),
    Field("summary", May, Text),
    Field("details", May, Text),
    Field("severity", May, OrNull(&SEVERITY)),
    Field("affected", May, OrNull(&List(&AFFECTED))),
    Field("references", May, OrNull(&List(&REFERENCE))),
    Field("credits", May, OrNull(&List(&CREDIT))),
    Field("database_specific", May, OrNull(&Open)),
]);

static SEVERITY: Kind = List(&Object(&[
    Field("type", Must, Filled),
    Field("score", Must, Filled),
]));

static AFFECTED: Kind = Object(&[
    Field(
        "package",
        May,
        OrNull(&Object(&[
            Field("ecosystem", Must, Text),
            Field("name", Must, Text),
            Field("purl", May, Text),
        ])),
    ),
    Field("severity", May, OrNull(&SEVERITY)),
    Field("ranges", May, OrNull(&List(&RANGE))),
    Field("versions", May, OrNull(&List(&Text))),
    Field("ecosystem_specific", May, OrNull(&Open)),
    Field("database_specific", May, OrNull(&Open)),
]);

static RANGE: Kind = Object(&[
    Field("type", Must, Word(&["GIT", "SEMVER", "ECOSYSTEM"])),
    Field("repo", May, Text),
    Field("events", Must, List(&EVENT)),
    Field("database_specific", May, OrNull(&Open)),
]);

static EVENT: Kind = Object(&[
    Field("introduced", May, Text),
    Field("fixed", May, Text),
    Field("last_affected", May, Text),
    Field("limit", May, Text),
]);

static REFERENCE: Kind = Object(&[
    Field(
        "type",
        Must,
        Word(&[
            "ADVISORY",
            "ARTICLE",
            "DETECTION",
            "DISCUSSION",
            "EVIDENCE",
            "FIX",
            "GIT",
            "INTRODUCED",
            "PACKAGE",
            "REPORT",
            "WEB",
        ]),
    ),
    Field("url", Must, Filled),
]);

static CREDIT: Kind = Object(&[
    Field("name", Must, Text),
    Field("contact", May, OrNull(&List(&Text))),
    Field("type", May, Text),
]);
