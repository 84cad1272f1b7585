//! What a reader needs of a CycloneDX document. Older versions of the format have the same shape
//! where it is read, so that they read too.

use crate::record::json::Kind::{Filled, Instant, List, Object, Open, Text, Whole, Word};
use crate::record::json::Need::{May, Must};
use crate::record::json::{Field, Kind};

pub(super) static BOM: Kind = Object(&[
    Field("bomFormat", Must, Word(&["CycloneDX"])),
    Field("specVersion", Must, Filled),
    Field("serialNumber", May, Text),
    Field("version", May, Whole),
    Field("metadata", May, Open),
    Field("components", May, List(&COMPONENT)),
    Field("vulnerabilities", May, List(&VULNERABILITY)),
]);

static COMPONENT: Kind = Object(&[
    Field("bom-ref", May, Text),
    Field("type", Must, Text),
    Field("name", Must, Text),
    Field("version", May, Text),
    Field("supplier", May, Object(&[Field("name", May, Text)])),
    Field("purl", May, Text),
    Field("cpe", May, Text),
    Field("components", May, List(&Open)),
]);

const SOURCE: Kind = Object(&[Field("name", May, Text), Field("url", May, Text)]);

static VULNERABILITY: Kind = Object(&[
    Field("bom-ref", May, Text),
    Field("id", May, Text),
    Field("source", May, SOURCE),
    Field(
        "references",
        May,
        List(&Object(&[
            Field("id", Must, Text),
            Field("source", Must, SOURCE),
        ])),
    ),
    Field(
        "ratings",
        May,
        List(&Object(&[
            Field("source", May, SOURCE),
            Field("vector", May, Text),
            Field("method", May, Text),
            Field("severity", May, Text),
        ])),
    ),
    Field("cwes", May, List(&Whole)),
    Field("description", May, Text),
    Field("detail", May, Text),
    Field("recommendation", May, Text),
    Field("workaround", May, Text),
    Field(
        "advisories",
        May,
        List(&Object(&[
            Field("url", Must, Text),
            Field("title", May, Text),
        ])),
    ),
    Field("published", May, Instant),
    Field("updated", May, Instant),
    Field("rejected", May, Instant),
    Field(
        "credits",
        May,
        Object(&[
            Field(
                "organizations",
                May,
                List(&Object(&[Field("name", May, Text)])),
            ),
            Field(
                "individuals",
                May,
                List(&Object(&[Field("name", May, Text)])),
            ),
        ]),
    ),
    Field(
        "analysis",
        May,
        Object(&[
            Field(
                "state",
                May,
                Word(&[
                    "exploitable",
                    "false_positive",
                    "in_triage",
                    "not_affected",
                    "resolved",
                    "resolved_with_pedigree",
                ]),
            ),
            Field("justification", May, Text),
            Field("response", May, List(&Text)),
            Field("detail", May, Text),
        ]),
    ),
    Field(
        "affects",
        May,
        List(&Object(&[
            Field("ref", Must, Text),
            Field(
                "versions",
                May,
                List(&Object(&[
                    Field("version", May, Text),
                    Field("range", May, Text),
                    Field("status", May, Word(&["affected", "unaffected", "unknown"])),
                ])),
            ),
        ])),
    ),
]);
