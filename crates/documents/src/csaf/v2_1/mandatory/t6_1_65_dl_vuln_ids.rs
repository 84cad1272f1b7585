//! 6.1.65.1 missing and 6.1.65.2 multiple definition of a document-local
//! vulnerability ID.

use std::collections::HashSet;

use crate::csaf::facts::{Facts, each_text};
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let mut defined = HashSet::new();
    facts.each_vulnerability(&mut |vulnerability, path| {
        if let Some(id) = vulnerability.text("dl_vuln_id")
            && !defined.insert(id)
        {
            findings.add(
                "6.1.65.2",
                &path.key("dl_vuln_id"),
                format!("`{id}` is defined already; give each vulnerability its own"),
            );
        }
    });
    let Some(involvement) = facts.document.get("involvement") else {
        return;
    };
    let root = Path::Root;
    let document = root.key("document");
    let actions = document.key("involvement");
    let actions = actions.key("actions");
    for (index, action) in involvement.list("actions").iter().enumerate() {
        each_text(
            action,
            "dl_vuln_ids",
            &actions.index(index),
            &mut |id, path| {
                if !defined.contains(id) {
                    findings.add(
                        "6.1.65.1",
                        path,
                        format!("no vulnerability has the id `{id}`; define or remove it"),
                    );
                }
            },
        );
    }
}
