//! 6.2.53 matching text for a registered ID system.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::id_systems::registered;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_in_vulnerabilities("ids", &mut |id, path| {
        if let (Some(system), Some(text)) = (id.text("system_name"), id.text("text"))
            && let Some(system) = registered(system)
            && !system.pattern.is_match(text)
        {
            findings.add(
                "6.2.53",
                &path.key("text"),
                format!(
                    "`{text}` does not look like an id of this system: {}",
                    system.pattern
                ),
            );
        }
    });
}
