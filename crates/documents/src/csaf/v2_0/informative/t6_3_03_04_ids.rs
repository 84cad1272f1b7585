//! 6.3.3 missing CVE, 6.3.4 missing CWE.

use crate::csaf::report::Findings;
use crate::csaf::v2_0::facts::Facts;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        if vulnerability.get("cve").is_none() {
            findings.add(
                "6.3.3",
                &path.key("cve"),
                "has no CVE ID; one helps readers to find more",
            );
        }
        if vulnerability.get("cwe").is_none() {
            findings.add("6.3.4", &path.key("cwe"), "names no weakness (CWE)");
        }
    });
}
