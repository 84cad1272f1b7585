//! 6.1.26 prohibited document category name.

use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::v2_0::facts::Facts;

/// The values that choose a profile.
const PROFILES: [&str; 5] = [
    "csaf_base",
    "csaf_security_incident_response",
    "csaf_informational_advisory",
    "csaf_security_advisory",
    "csaf_vex",
];

/// Names and values of all other profiles than the base, as compared.
const RESERVED: [&str; 8] = [
    "securityincidentresponse",
    "informationaladvisory",
    "securityadvisory",
    "vex",
    "csafsecurityincidentresponse",
    "csafinformationaladvisory",
    "csafsecurityadvisory",
    "csafvex",
];

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let category = facts.category;
    if PROFILES.contains(&category) {
        return;
    }
    let plain: String = category
        .chars()
        .filter(|c| !c.is_whitespace() && !is_dash(*c) && *c != '_')
        .flat_map(char::to_lowercase)
        .collect();
    let message = if RESERVED.contains(&plain.as_str()) {
        format!(
            "`{category}` resembles the name of a profile; use the profile's value or another word"
        )
    } else if category
        .get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("csaf_"))
    {
        format!("`{category}` uses the reserved prefix `csaf_`; use another word")
    } else {
        return;
    };
    let root = Path::Root;
    findings.add("6.1.26", &root.key("document").key("category"), message);
}

fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}
