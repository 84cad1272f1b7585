//! 6.1.24 multiple definition in actions, 6.1.64.1 to 6.1.64.13: the record of
//! who coordinated what.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::csaf::facts::{Facts, each_text};
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::schema::format::{Instant, instant};

/// What two actions share that are the same but for their ids.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Signature<'d> {
    category: Option<&'d str>,
    date: Option<Instant>,
    acting: BTreeSet<&'d str>,
    receiving: BTreeSet<&'d str>,
    vulnerabilities: BTreeSet<&'d str>,
    products: BTreeSet<&'d str>,
    referenced: BTreeSet<&'d str>,
}

struct Involvement<'d> {
    actions: &'d [Node<'d>],
    entities: &'d [Node<'d>],
    groups: HashMap<&'d str, Vec<&'d str>>,
    group_nodes: &'d [Node<'d>],
    /// How many members of groups may still be looked at.
    budget: Cell<usize>,
}

/// A small document can name the same big group very often; past this many
/// members a group counts as one entity.
const MOST_GROUP_MEMBERS: usize = 2_000_000;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let Some(node) = facts.document.get("involvement") else {
        return;
    };
    let mut groups: HashMap<&str, Vec<&str>> = HashMap::new();
    for group in node.list("entity_groups") {
        if let Some(id) = group.text("entity_group_id") {
            groups
                .entry(id)
                .or_default()
                .extend(texts(group, "entity_ids"));
        }
    }
    let involvement = Involvement {
        actions: node.list("actions"),
        entities: node.list("entities"),
        groups,
        group_nodes: node.list("entity_groups"),
        budget: Cell::new(MOST_GROUP_MEMBERS),
    };
    let root = Path::Root;
    let place = root.key("document");
    let place = place.key("involvement");
    definitions(&involvement, &place, findings);
    let place = place.key("actions");
    each_action(&involvement, &place, findings);
    same(facts, &involvement, &place, findings);
    circles(&involvement, &place, findings);
}

fn texts<'d>(node: &'d Node<'d>, key: &str) -> impl Iterator<Item = &'d str> {
    node.list(key).iter().filter_map(Node::as_str)
}

impl<'d> Involvement<'d> {
    /// The entities of a list of references, groups opened.
    fn entities(&self, action: &'d Node<'d>, key: &str) -> BTreeSet<&'d str> {
        let mut all = BTreeSet::new();
        for id in texts(action, key) {
            let members = self.groups.get(id).and_then(|members| {
                self.budget
                    .set(self.budget.get().checked_sub(members.len())?);
                Some(members)
            });
            match members {
                Some(members) => all.extend(members.iter().copied()),
                None => {
                    all.insert(id);
                }
            }
        }
        all
    }
}

fn each_action(involvement: &Involvement<'_>, place: &Path<'_>, findings: &mut Findings) {
    let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, action) in involvement.actions.iter().enumerate() {
        if let Some(id) = action.text("action_id") {
            // Ids are unique but for test 6.1.64.10; two tell any action another.
            let known = by_id.entry(id).or_default();
            if known.len() < 2 {
                known.push(index);
            }
        }
    }
    for (index, action) in involvement.actions.iter().enumerate() {
        let path = place.index(index);
        let category = action.text("category").unwrap_or_default();
        let received = action.get("receiving_entity_refs").is_some();
        if !received
            && matches!(
                category,
                "confirmation" | "coordination" | "dispute" | "notification"
            )
        {
            findings.add(
                "6.1.64.1",
                &path,
                format!("a {category} needs somebody who receives it; add `receiving_entity_refs`"),
            );
        }
        if !received && action.text("status") == Some("attempted") {
            findings.add(
                "6.1.64.3",
                &path,
                "an attempt needs somebody it was made at; add `receiving_entity_refs`",
            );
        }
        let acting = involvement.entities(action, "acting_entity_refs");
        let receiving = involvement.entities(action, "receiving_entity_refs");
        if let Some(both) = acting.intersection(&receiving).next() {
            findings.add(
                "6.1.64.4",
                &path,
                format!("`{both}` both acts and receives; decide for one"),
            );
        }
        if matches!(category, "confirmation" | "dispute")
            && action.get("referenced_action_ids").is_none()
        {
            findings.add(
                "6.1.64.13",
                &path,
                format!("a {category} must say of what; add `referenced_action_ids`"),
            );
        }
        each_text(action, "referenced_action_ids", &path, &mut |id, place| {
            let Some(targets) = by_id.get(id) else {
                findings.add(
                    "6.1.64.9",
                    place,
                    format!("the action `{id}` is not defined; define or remove it"),
                );
                return;
            };
            if category != "confirmation" {
                return;
            }
            for target in targets.iter().filter(|target| **target != index) {
                let Some(target) = involvement.actions.get(*target) else {
                    continue;
                };
                let mentioned = involvement.entities(target, "receiving_entity_refs");
                if let Some(stranger) = acting.difference(&mentioned).next() {
                    findings.add(
                        "6.1.64.12",
                        &path,
                        format!("`{stranger}` confirms `{id}`, which was not addressed to it"),
                    );
                }
            }
        });
    }
}

fn definitions(involvement: &Involvement<'_>, place: &Path<'_>, findings: &mut Findings) {
    let mut unique = |test, nodes: &[Node<'_>], list: &str, key: &str| {
        let list = place.key(list);
        let mut seen = HashSet::new();
        for (index, node) in nodes.iter().enumerate() {
            if let Some(id) = node.text(key)
                && !seen.insert(id.to_owned())
            {
                findings.add(
                    test,
                    &list.index(index).key(key),
                    format!("`{id}` is defined already; give each its own id"),
                );
            }
        }
    };
    unique("6.1.64.6", involvement.entities, "entities", "entity_id");
    unique(
        "6.1.64.8",
        involvement.group_nodes,
        "entity_groups",
        "entity_group_id",
    );
    unique("6.1.64.10", involvement.actions, "actions", "action_id");

    let defined: HashSet<&str> = involvement
        .entities
        .iter()
        .filter_map(|entity| entity.text("entity_id"))
        .collect();
    let mut check = |id: &str, path: &Path<'_>| {
        let is_group = id.starts_with("EGID-");
        if is_group && !involvement.groups.contains_key(id) {
            findings.add(
                "6.1.64.7",
                path,
                format!("the entity group `{id}` is not defined; define or remove it"),
            );
        } else if !is_group && !defined.contains(id) {
            findings.add(
                "6.1.64.5",
                path,
                format!("the entity `{id}` is not defined; define or remove it"),
            );
        }
    };
    let actions = place.key("actions");
    for (index, action) in involvement.actions.iter().enumerate() {
        for key in ["acting_entity_refs", "receiving_entity_refs"] {
            each_text(action, key, &actions.index(index), &mut check);
        }
    }
    let groups = place.key("entity_groups");
    for (index, group) in involvement.group_nodes.iter().enumerate() {
        each_text(group, "entity_ids", &groups.index(index), &mut check);
    }
}

/// Actions that say the same, or the same with another status.
fn same<'d>(
    facts: &Facts<'d>,
    involvement: &Involvement<'d>,
    place: &Path<'_>,
    findings: &mut Findings,
) {
    let all: BTreeSet<&str> = facts
        .vulnerabilities
        .iter()
        .filter_map(|vulnerability| vulnerability.text("dl_vuln_id"))
        .collect();
    let mut whole = HashSet::new();
    let mut status_of = HashMap::new();
    for (index, action) in involvement.actions.iter().enumerate() {
        let mut vulnerabilities: BTreeSet<&str> = texts(action, "dl_vuln_ids").collect();
        if vulnerabilities == all {
            // Naming all is the same as naming none.
            vulnerabilities.clear();
        }
        let mut products: BTreeSet<&str> = texts(action, "product_ids").collect();
        for group in texts(action, "group_ids") {
            products.extend(facts.group(group).iter().map(|product| facts.id(*product)));
        }
        let signature = Signature {
            category: action.text("category"),
            date: action.text("date").and_then(instant),
            acting: involvement.entities(action, "acting_entity_refs"),
            receiving: involvement.entities(action, "receiving_entity_refs"),
            vulnerabilities,
            products,
            referenced: texts(action, "referenced_action_ids").collect(),
        };
        let status = action.text("status");
        let path = place.index(index);
        if *status_of.entry(signature.clone()).or_insert(status) != status {
            findings.add(
                "6.1.64.2",
                &path.key("status"),
                "another action says the same with another status; correct one of them",
            );
        }
        if !whole.insert((signature, status, action.text("summary"))) {
            findings.add(
                "6.1.24",
                &path,
                "another action differs in nothing but its id; remove one",
            );
        }
    }
}

/// Reports each action from which references lead back to it: those in a
/// strongly connected part of several, or that name themselves.
fn circles(involvement: &Involvement<'_>, place: &Path<'_>, findings: &mut Findings) {
    // One node an id; a repeated id has the references of all its actions.
    let mut node_of: HashMap<&str, usize> = HashMap::new();
    for action in involvement.actions {
        if let Some(id) = action.text("action_id") {
            let next = node_of.len();
            node_of.entry(id).or_insert(next);
        }
    }
    let node = |action: &'_ Node<'_>| {
        action
            .text("action_id")
            .and_then(|id| node_of.get(id).copied())
    };
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); node_of.len()];
    for action in involvement.actions {
        if let Some(targets) = node(action).and_then(|node| next.get_mut(node)) {
            targets.extend(texts(action, "referenced_action_ids").filter_map(|id| node_of.get(id)));
        }
    }
    let parts = connected_parts(&next);
    let mut size: HashMap<usize, usize> = HashMap::new();
    for part in &parts {
        *size.entry(*part).or_insert(0) += 1;
    }
    let in_circle: Vec<bool> = parts
        .iter()
        .enumerate()
        .map(|(index, part)| {
            size.get(part).is_some_and(|size| *size > 1)
                || next.get(index).is_some_and(|next| next.contains(&index))
        })
        .collect();
    for (index, action) in involvement.actions.iter().enumerate() {
        if action.get("referenced_action_ids").is_some()
            && node(action).and_then(|node| in_circle.get(node)) == Some(&true)
        {
            findings.add(
                "6.1.64.11",
                &place.index(index).key("referenced_action_ids"),
                "the references lead back to this action; break the circle",
            );
        }
    }
}

/// The strongly connected part of each node (Tarjan's walk, without recursion).
fn connected_parts(next: &[Vec<usize>]) -> Vec<usize> {
    const NEW: usize = usize::MAX;
    let count = next.len();
    let (mut order, mut low) = (vec![NEW; count], vec![0; count]);
    let (mut part, mut open) = (vec![NEW; count], Vec::new());
    let mut counter = 0;
    for start in 0..count {
        let mut way: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((node, position)) = way.last().copied() {
            if position == 0 {
                if order.get(node).is_none_or(|seen| *seen != NEW) {
                    way.pop();
                    continue;
                }
                set(&mut order, node, counter);
                set(&mut low, node, counter);
                counter += 1;
                open.push(node);
            }
            if let Some(last) = way.last_mut() {
                last.1 = position + 1;
            }
            if position > 0
                && let Some(child) = next.get(node).and_then(|n| n.get(position - 1))
                && get(&part, *child) == NEW
            {
                let lowest = get(&low, node).min(get(&low, *child));
                set(&mut low, node, lowest);
            }
            match next.get(node).and_then(|n| n.get(position)) {
                Some(child) if get(&order, *child) == NEW => way.push((*child, 0)),
                Some(_) => {}
                None => {
                    if get(&low, node) == get(&order, node) {
                        while let Some(member) = open.pop() {
                            set(&mut part, member, node);
                            if member == node {
                                break;
                            }
                        }
                    }
                    way.pop();
                }
            }
        }
    }
    part
}

fn get(list: &[usize], index: usize) -> usize {
    list.get(index).copied().unwrap_or_default()
}

fn set(list: &mut [usize], index: usize, value: usize) {
    if let Some(place) = list.get_mut(index) {
        *place = value;
    }
}

#[cfg(test)]
mod tests {
    use super::connected_parts;

    #[test]
    fn circles_share_a_part_and_tails_do_not() {
        let parts = connected_parts(&[vec![1], vec![2], vec![0, 3], vec![4], vec![], vec![0]]);
        assert_eq!(parts.first(), parts.get(1));
        assert_eq!(parts.first(), parts.get(2));
        let mut rest: Vec<_> = parts.iter().skip(3).collect();
        rest.sort_unstable();
        rest.dedup();
        assert_eq!(rest.len(), 3);
        assert_eq!(connected_parts(&[]), Vec::<usize>::new());
    }
}
