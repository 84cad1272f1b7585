//! What GitHub wants of a repository's advisory, from the description of its interface.

use crate::record::json::Kind::{Filled, List, Object, OrNull, Text, Word};
use crate::record::json::Need::{May, Must};
use crate::record::json::{Field, Kind};

pub(super) static ADVISORY: Kind = Object(&[
    Field("summary", Must, Filled),
    Field("description", Must, OrNull(&Text)),
    Field("cve_id", May, OrNull(&Filled)),
    Field("cwe_ids", May, OrNull(&List(&Text))),
    Field(
        "severity",
        May,
        OrNull(&Word(&["critical", "high", "medium", "low"])),
    ),
    Field("cvss_vector_string", May, OrNull(&Text)),
    Field("vulnerabilities", Must, OrNull(&List(&VULNERABILITY))),
    Field(
        "credits",
        May,
        OrNull(&List(&Object(&[
            Field("login", Must, Filled),
            Field(
                "type",
                Must,
                Word(&[
                    "analyst",
                    "coordinator",
                    "finder",
                    "other",
                    "remediation_developer",
                    "remediation_reviewer",
                    "remediation_verifier",
                    "reporter",
                    "sponsor",
                    "tool",
                ]),
            ),
        ]))),
    ),
]);

static VULNERABILITY: Kind = Object(&[
    Field(
        "package",
        Must,
        Object(&[
            Field("ecosystem", Must, Filled),
            Field("name", May, OrNull(&Text)),
        ]),
    ),
    Field("vulnerable_version_range", May, OrNull(&Text)),
    Field("patched_versions", May, OrNull(&Text)),
    Field("vulnerable_functions", May, OrNull(&List(&Text))),
]);
