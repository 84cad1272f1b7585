//! What a reader needs of a CVE record; the whole of it is in the official schema, by which
//! [`super::validate`] judges.

use crate::record::json::Kind::{Filled, List, Number, Object, Open, Text, Whole, Word};
use crate::record::json::Need::{May, Must};
use crate::record::json::{Field, Kind};

pub(super) static RECORD: Kind = Object(&[
    Field("dataType", Must, Word(&["CVE_RECORD"])),
    Field("dataVersion", Must, Filled),
    Field(
        "cveMetadata",
        Must,
        Object(&[
            Field("cveId", Must, Filled),
            Field("assignerOrgId", Must, Filled),
            Field("state", Must, Word(&["PUBLISHED", "REJECTED"])),
            Field("serial", May, Whole),
            Field("dateReserved", May, Text),
            Field("datePublished", May, Text),
            Field("dateUpdated", May, Text),
            Field("dateRejected", May, Text),
        ]),
    ),
    Field(
        "containers",
        Must,
        Object(&[
            Field("cna", Must, CONTAINER),
            Field("adp", May, List(&Open)),
        ]),
    ),
]);

const CONTAINER: Kind = Object(&[
    Field(
        "providerMetadata",
        Must,
        Object(&[Field("orgId", Must, Filled)]),
    ),
    Field("title", May, Text),
    Field("datePublic", May, Text),
    Field("descriptions", May, PROSE),
    Field("rejectedReasons", May, PROSE),
    Field("replacedBy", May, List(&Text)),
    Field("affected", May, List(&PRODUCT)),
    Field(
        "problemTypes",
        May,
        List(&Object(&[Field(
            "descriptions",
            Must,
            List(&Object(&[
                Field("description", Must, Text),
                Field("cweId", May, Text),
            ])),
        )])),
    ),
    Field("metrics", May, List(&METRIC)),
    Field("configurations", May, PROSE),
    Field("workarounds", May, PROSE),
    Field("solutions", May, PROSE),
    Field("exploits", May, PROSE),
    Field(
        "credits",
        May,
        List(&Object(&[
            Field("lang", Must, Text),
            Field("value", Must, Text),
            Field("type", May, Text),
        ])),
    ),
    Field(
        "references",
        May,
        List(&Object(&[
            Field("url", Must, Filled),
            Field("name", May, Text),
            Field("tags", May, List(&Text)),
        ])),
    ),
]);

const PROSE: Kind = List(&Object(&[
    Field("lang", Must, Text),
    Field("value", Must, Text),
]));

static METRIC: Kind = Object(&[
    Field("format", May, Text),
    Field("cvssV2_0", May, SCORE),
    Field("cvssV3_0", May, SCORE),
    Field("cvssV3_1", May, SCORE),
    Field("cvssV4_0", May, SCORE),
]);

const SCORE: Kind = Object(&[
    Field("vectorString", Must, Text),
    Field("baseScore", Must, Number),
]);

static PRODUCT: Kind = Object(&[
    Field("vendor", May, Text),
    Field("product", May, Text),
    Field("collectionURL", May, Text),
    Field("packageName", May, Text),
    Field("packageURL", May, Text),
    Field("repo", May, Text),
    Field("cpes", May, List(&Text)),
    Field("defaultStatus", May, Word(STATUS)),
    Field(
        "versions",
        May,
        List(&Object(&[
            Field("version", Must, Text),
            Field("status", Must, Word(STATUS)),
            Field("versionType", May, Text),
            Field("lessThan", May, Text),
            Field("lessThanOrEqual", May, Text),
            Field(
                "changes",
                May,
                List(&Object(&[
                    Field("at", Must, Text),
                    Field("status", Must, Word(STATUS)),
                ])),
            ),
        ])),
    ),
]);

const STATUS: &[&str] = &["affected", "unaffected", "unknown"];
