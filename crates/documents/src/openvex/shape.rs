//! What OpenVEX 0.2 wants of a document, from its specification and schema.

use crate::record::json::Kind::{Filled, Instant, List, Object, Open, Text, Whole, Word};
use crate::record::json::Need::{May, Must};
use crate::record::json::{Field, Kind};

pub(super) static DOCUMENT: Kind = Object(&[
    Field("@context", Must, Filled),
    Field("@id", Must, Filled),
    Field("author", Must, Text),
    Field("role", May, Text),
    Field("timestamp", Must, Instant),
    Field("last_updated", May, Instant),
    Field("version", Must, Whole),
    Field("tooling", May, Text),
    Field("statements", Must, List(&STATEMENT)),
]);

static STATEMENT: Kind = Object(&[
    Field("@id", May, Text),
    Field("version", May, Whole),
    Field(
        "vulnerability",
        Must,
        Object(&[
            Field("@id", May, Text),
            Field("name", Must, Filled),
            Field("description", May, Text),
            Field("aliases", May, List(&Text)),
        ]),
    ),
    Field("timestamp", May, Instant),
    Field("last_updated", May, Instant),
    Field("products", May, List(&COMPONENT)),
    Field(
        "status",
        Must,
        Word(&["affected", "fixed", "not_affected", "under_investigation"]),
    ),
    Field("supplier", May, Text),
    Field("status_notes", May, Text),
    Field(
        "justification",
        May,
        Word(&[
            "component_not_present",
            "inline_mitigations_already_exist",
            "vulnerable_code_cannot_be_controlled_by_adversary",
            "vulnerable_code_not_in_execute_path",
            "vulnerable_code_not_present",
        ]),
    ),
    Field("impact_statement", May, Text),
    Field("action_statement", May, Text),
    Field("action_statement_timestamp", May, Instant),
]);

static COMPONENT: Kind = Object(&[
    Field("@id", May, Text),
    Field("identifiers", May, IDENTIFIERS),
    Field("hashes", May, Open),
    Field(
        "subcomponents",
        May,
        List(&Object(&[
            Field("@id", May, Text),
            Field("identifiers", May, IDENTIFIERS),
            Field("hashes", May, Open),
        ])),
    ),
]);

const IDENTIFIERS: Kind = Object(&[
    Field("purl", May, Text),
    Field("cpe22", May, Text),
    Field("cpe23", May, Text),
]);
