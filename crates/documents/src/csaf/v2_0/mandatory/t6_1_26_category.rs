//! 6.1.26 prohibited document category name.

use crate::csaf::facts::{Facts, Standard};
use crate::csaf::plain_text::plain;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;

/// The value of the base, and what all profiles begin with.
const BASE: &str = "csaf_base";
const PREFIX: &str = "csaf_";

/// The values that choose a profile beyond the base.
fn profiles(standard: Standard) -> &'static [&'static str] {
    match standard {
        Standard::V2_0 => &[
            "csaf_security_incident_response",
            "csaf_informational_advisory",
            "csaf_security_advisory",
            "csaf_vex",
        ],
        Standard::V2_1 => &[
            "csaf_deprecated_security_advisory",
            "csaf_informational_advisory",
            "csaf_security_advisory",
            "csaf_security_incident_response",
            "csaf_superseded",
            "csaf_vex",
            "csaf_vulnerability_report",
            "csaf_withdrawn",
        ],
    }
}

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let category = facts.category;
    let profiles = profiles(facts.standard);
    if category == BASE || profiles.contains(&category) {
        return;
    }
    let given = plain(category);
    let resembles = profiles.iter().any(|profile| {
        given == plain(profile)
            || profile
                .strip_prefix(PREFIX)
                .is_some_and(|name| given == plain(name))
    });
    let message = if resembles {
        format!(
            "`{category}` resembles the name of a profile; use the profile's value or another word"
        )
    } else if category
        .get(..PREFIX.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
    {
        format!("`{category}` uses the reserved prefix `{PREFIX}`; use another word")
    } else {
        return;
    };
    let root = Path::Root;
    findings.add("6.1.26", &root.key("document").key("category"), message);
}
