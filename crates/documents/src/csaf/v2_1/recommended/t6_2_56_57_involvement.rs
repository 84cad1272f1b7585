//! 6.2.56.1 confirmation before action, 6.2.56.2 and 6.2.56.3 unused entity
//! (group) IDs, 6.2.56.4 explicit reference to all vulnerabilities, 6.2.56.5
//! inconsistent future action date, 6.2.57 unused document-local vulnerability
//! ID.

use std::collections::{HashMap, HashSet};

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::schema::format::{Instant, instant};

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let involvement = facts.document.get("involvement");
    let actions = involvement.map_or(&[][..], |node| node.list("actions"));
    let spoken: HashSet<&str> = actions
        .iter()
        .flat_map(|action| texts(action, "dl_vuln_ids"))
        .collect();
    let mut named = HashSet::new();
    facts.each_vulnerability(&mut |vulnerability, path| {
        if let Some(id) = vulnerability.text("dl_vuln_id") {
            named.insert(id);
            if !spoken.contains(id) {
                findings.add(
                    "6.2.57",
                    &path.key("dl_vuln_id"),
                    format!("the id `{id}` is used nowhere"),
                );
            }
        }
    });
    let Some(involvement) = involvement else {
        return;
    };
    let root = Path::Root;
    let document = root.key("document");
    let place = document.key("involvement");
    dates(facts, actions, &place.key("actions"), findings);
    if named.len() == facts.vulnerabilities.len() && !named.is_empty() {
        for (index, action) in actions.iter().enumerate() {
            // Fewer ids than vulnerabilities cannot be all of them.
            if action.list("dl_vuln_ids").len() < named.len() {
                continue;
            }
            let given: HashSet<&str> = texts(action, "dl_vuln_ids").collect();
            if named.is_subset(&given) {
                findings.add(
                    "6.2.56.4",
                    &place.key("actions").index(index).key("dl_vuln_ids"),
                    "names all vulnerabilities; leave it out to say the same",
                );
            }
        }
    }
    let used = used(involvement, actions);
    let unused = |test, list: &str, key: &str, findings: &mut Findings| {
        for (index, node) in involvement.list(list).iter().enumerate() {
            if let Some(id) = node.text(key)
                && !used.contains(id)
                && (list == "entities" || node.get("summary").is_none())
            {
                findings.add(
                    test,
                    &place.key(list).index(index).key(key),
                    format!("`{id}` is defined but never used"),
                );
            }
        }
    };
    unused("6.2.56.2", "entity_groups", "entity_group_id", findings);
    unused("6.2.56.3", "entities", "entity_id", findings);
}

fn texts<'d>(node: &'d Node<'d>, key: &str) -> impl Iterator<Item = &'d str> {
    node.list(key).iter().filter_map(Node::as_str)
}

/// The entities and groups that actions or groups name.
pub(in crate::csaf::v2_1) fn used<'d>(
    involvement: &'d Node<'d>,
    actions: &'d [Node<'d>],
) -> HashSet<&'d str> {
    let mut used = HashSet::new();
    for action in actions {
        for key in ["acting_entity_refs", "receiving_entity_refs"] {
            used.extend(texts(action, key));
        }
    }
    for group in involvement.list("entity_groups") {
        used.extend(texts(group, "entity_ids"));
    }
    used
}

fn dates(facts: &Facts<'_>, actions: &[Node<'_>], place: &Path<'_>, findings: &mut Findings) {
    let date = |action: &Node<'_>| -> Option<Instant> { action.text("date").and_then(instant) };
    let newest = facts.revisions.iter().filter_map(|r| r.date).max();
    let mut by_id: HashMap<&str, Option<Instant>> = HashMap::new();
    for action in actions {
        if let Some(id) = action.text("action_id") {
            let latest = by_id.entry(id).or_default();
            *latest = (*latest).max(date(action));
        }
    }
    for (index, action) in actions.iter().enumerate() {
        let Some(at) = date(action) else { continue };
        let path = place.index(index);
        if action.text("category") == Some("confirmation")
            && texts(action, "referenced_action_ids")
                .filter_map(|id| by_id.get(id).copied().flatten())
                .any(|other| at < other)
        {
            findings.add(
                "6.2.56.1",
                &path.key("date"),
                "is earlier than what it confirms",
            );
        }
        if matches!(
            action.text("status"),
            Some("attempted" | "completed" | "discontinued")
        ) && newest.is_some_and(|newest| at > newest)
        {
            findings.add(
                "6.2.56.5",
                &path.key("date"),
                "is later than the newest revision, but the action is said to have happened",
            );
        }
    }
}
