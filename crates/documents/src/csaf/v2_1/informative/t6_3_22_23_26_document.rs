//! 6.3.22 nested product path, 6.3.23.1 and 6.3.23.2 what a vulnerability report
//! could hold, 6.3.26.1 to 6.3.26.4 hints on the involvement.

use std::collections::HashSet;

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::recommended::used;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let mut made = HashSet::new();
    facts.each_composed(&mut |id, _, _| made.extend(id));
    facts.each_composed(&mut |_, id, path| {
        if made.contains(id) {
            findings.add(
                "6.3.22",
                path,
                format!("`{id}` is made by a product path itself; one longer path says the same"),
            );
        }
    });
    let root = Path::Root;
    let document = root.key("document");
    if facts.category == "csaf_vulnerability_report" {
        if facts.document.get("involvement").is_none() {
            findings.add(
                "6.3.23.1",
                &document.key("involvement"),
                "a vulnerability report could say who did what so far",
            );
        }
        facts.each_vulnerability(&mut |vulnerability, path| {
            if vulnerability.get("disclosure_date").is_none() {
                findings.add(
                    "6.3.23.2",
                    &path.key("disclosure_date"),
                    "a vulnerability report could say when it will be public",
                );
            }
        });
    }
    if let Some(involvement) = facts.document.get("involvement") {
        involved(facts, involvement, &document.key("involvement"), findings);
    }
}

fn involved<'d>(
    facts: &Facts<'d>,
    involvement: &'d Node<'d>,
    place: &Path<'_>,
    findings: &mut Findings,
) {
    let actions = involvement.list("actions");
    if actions
        .iter()
        .all(|action| action.get("dl_vuln_ids").is_some())
    {
        let covered: HashSet<&str> = actions
            .iter()
            .flat_map(|action| action.list("dl_vuln_ids"))
            .filter_map(Node::as_str)
            .collect();
        facts.each_vulnerability(&mut |vulnerability, path| {
            if !vulnerability
                .text("dl_vuln_id")
                .is_some_and(|id| covered.contains(id))
            {
                findings.add(
                    "6.3.26.1",
                    path,
                    "no action of the involvement speaks of it",
                );
            }
        });
    }
    let used = used(involvement, actions);
    for (index, group) in involvement.list("entity_groups").iter().enumerate() {
        if let Some(id) = group.text("entity_group_id")
            && !used.contains(id)
        {
            findings.add(
                "6.3.26.2",
                &place
                    .key("entity_groups")
                    .index(index)
                    .key("entity_group_id"),
                format!("the entity group `{id}` is never used"),
            );
        }
    }
    for (test, list) in [("6.3.26.3", "entity_groups"), ("6.3.26.4", "entities")] {
        let mut names = HashSet::new();
        for (index, node) in involvement.list(list).iter().enumerate() {
            if let Some(name) = node.text("name")
                && !names.insert(name)
            {
                findings.add(
                    test,
                    &place.key(list).index(index).key("name"),
                    format!("another one has the name `{name}`"),
                );
            }
        }
    }
}
