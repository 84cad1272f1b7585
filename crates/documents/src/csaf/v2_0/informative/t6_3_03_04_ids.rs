//! 6.3.3 missing CVE, 6.3.4 missing CWE.

use crate::csaf::facts::{Facts, Standard};
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        if vulnerability.get("cve").is_none() {
            findings.add(
                "6.3.3",
                &path.key("cve"),
                "has no CVE ID; one helps readers to find more",
            );
        }
        let weakness = match facts.standard {
            Standard::V2_0 => "cwe",
            Standard::V2_1 => "cwes",
        };
        if vulnerability.get(weakness).is_none() {
            findings.add("6.3.4", &path.key(weakness), "names no weakness (CWE)");
        }
    });
}
