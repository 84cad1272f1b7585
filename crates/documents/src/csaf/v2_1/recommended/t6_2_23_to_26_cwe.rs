//! 6.2.23 deprecated CWE, 6.2.24 non-latest CWE version, 6.2.25 CWE not allowed for vulnerability mapping,
//! 6.2.26 CWE allowed with review.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::cwe::{self, MappingUsage, Status};

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let latest = facts
        .revisions
        .iter()
        .filter_map(|revision| revision.date)
        .max()
        .and_then(|date| cwe::newest_on(&date.day()));
    facts.each_in_vulnerabilities("cwes", &mut |given, path| {
        let (Some(id), Some(version)) = (given.text("id"), given.text("version")) else {
            return;
        };
        if let Some(latest) = latest
            && version != latest
        {
            findings.add(
                "6.2.24",
                &path.key("version"),
                format!("when the document was last changed the newest catalogue was {latest}"),
            );
        }
        // Test 6.1.11 speaks about weaknesses that do not exist.
        let Some(weakness) = cwe::number(id).and_then(|id| cwe::weakness_in(id, version)) else {
            return;
        };
        if weakness.status == Status::Deprecated {
            findings.add(
                "6.2.23",
                path,
                format!("{id} is deprecated in version {version}; use another weakness"),
            );
        }
        let (test, usage) = match weakness.usage {
            Some(MappingUsage::Discouraged) => ("6.2.25", "discouraged"),
            Some(MappingUsage::Prohibited) => ("6.2.25", "prohibited"),
            Some(MappingUsage::AllowedWithReview) => ("6.2.26", "allowed with review"),
            Some(MappingUsage::Allowed) | None => return,
        };
        findings.add(
            test,
            path,
            format!("in version {version} mapping vulnerabilities to {id} is {usage}"),
        );
    });
}
