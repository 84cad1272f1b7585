//! 6.3.20 use of an unregistered ID system.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::id_systems::registered;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_in_vulnerabilities("ids", &mut |id, path| {
        if let Some(system) = id.text("system_name")
            && registered(system).is_none()
        {
            findings.add(
                "6.3.20",
                &path.key("system_name"),
                format!("`{system}` is no registered vulnerability ID system"),
            );
        }
    });
}
