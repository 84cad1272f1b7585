//! 6.1.23 multiple use of the same CVE, 6.1.24 multiple definition in
//! involvements.

use std::collections::HashSet;

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::csaf::schema::format::instant;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let mut cves = HashSet::new();
    facts.each_vulnerability(&mut |vulnerability, path| {
        if let Some(cve) = vulnerability.text("cve")
            && !cves.insert(cve)
        {
            findings.add(
                "6.1.23",
                &path.key("cve"),
                format!("another vulnerability has {cve} already; join them"),
            );
        }
        let mut involved = HashSet::new();
        let list = path.key("involvements");
        for (index, item) in vulnerability.list("involvements").iter().enumerate() {
            let Some(party) = item.text("party") else {
                continue;
            };
            if !involved.insert((party, item.text("date").and_then(instant))) {
                findings.add(
                    "6.1.24",
                    &list.index(index),
                    format!("the party `{party}` is listed for this date already; join the items"),
                );
            }
        }
    });
}
