//! One vulnerability under several names: identifiers that advisories call aliases of one another.

use std::collections::{BTreeSet, HashMap};

use super::advisory::Advisory;

/// The names of one vulnerability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Every identifier, sorted.
    pub ids: Vec<String>,
    /// Those of them under which an advisory was taken, sorted.
    pub advisories: Vec<String>,
    /// Which advisory called which identifier an alias, sorted: why these are one.
    pub links: Vec<(String, String)>,
}

impl Group {
    /// The CVE ids. Several mean that some advisory speaks of several vulnerabilities at once: what
    /// is decided about one of them is not decided about the group.
    pub fn cves(&self) -> impl Iterator<Item = &str> {
        let ids = self.ids.iter().map(String::as_str);
        ids.filter(|id| id.starts_with("CVE-"))
    }

    /// The identifier by which to speak of it: the first CVE id, else the first identifier.
    #[must_use]
    pub fn name(&self) -> &str {
        let first = self.ids.first().map(String::as_str);
        self.cves().next().or(first).unwrap_or_default()
    }
}

/// Groups of aliases, as they grow. What was joined is not parted again: to take an advisory
/// back, the groups are made anew from the others.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    known: HashMap<String, usize>,
    ids: Vec<String>,
    // The group each identifier is in; a group that was joined to another is empty.
    group: Vec<usize>,
    members: Vec<Vec<usize>>,
    advisories: BTreeSet<usize>,
    links: BTreeSet<(usize, usize)>,
}

impl Groups {
    /// The groups of some advisories, whatever their order.
    #[must_use]
    pub fn of<'a>(advisories: impl IntoIterator<Item = &'a Advisory>) -> Self {
        let mut groups = Self::default();
        for advisory in advisories.into_iter().filter(|one| !one.withdrawn) {
            groups.add(&advisory.id, &advisory.aliases);
        }
        groups
    }

    /// Takes what an advisory says of its aliases.
    pub fn add(&mut self, advisory: &str, aliases: &[String]) {
        let own = self.number(advisory);
        self.advisories.insert(own);
        for alias in aliases {
            let alias = self.number(alias);
            if alias != own {
                self.links.insert((own, alias));
                self.join(own, alias);
            }
        }
    }

    /// The group an identifier is in.
    #[must_use]
    pub fn of_id(&self, id: &str) -> Option<Group> {
        let group = self.group.get(*self.known.get(id)?)?;
        self.members
            .get(*group)
            .map(|members| self.written(members))
    }

    /// Every group, sorted by its first identifier.
    #[must_use]
    pub fn all(&self) -> Vec<Group> {
        let living = self.members.iter().filter(|members| !members.is_empty());
        let mut all: Vec<Group> = living.map(|members| self.written(members)).collect();
        all.sort_by(|a, b| a.ids.cmp(&b.ids));
        all
    }

    fn number(&mut self, id: &str) -> usize {
        if let Some(number) = self.known.get(id) {
            return *number;
        }
        let number = self.ids.len();
        self.known.insert(id.to_owned(), number);
        self.ids.push(id.to_owned());
        self.group.push(number);
        self.members.push(vec![number]);
        number
    }

    // The smaller group moves, so that many joins stay cheap.
    fn join(&mut self, a: usize, b: usize) {
        let group = |id: usize| self.group.get(id).copied().unwrap_or(id);
        let (a, b) = (group(a), group(b));
        let size = |group: usize| self.members.get(group).map_or(0, Vec::len);
        let (into, from) = if size(a) < size(b) { (b, a) } else { (a, b) };
        if into == from {
            return;
        }
        let moved = self.members.get_mut(from).map(std::mem::take);
        let moved = moved.unwrap_or_default();
        for id in &moved {
            if let Some(group) = self.group.get_mut(*id) {
                *group = into;
            }
        }
        if let Some(members) = self.members.get_mut(into) {
            members.extend(moved);
        }
    }

    fn written(&self, members: &[usize]) -> Group {
        let name = |id: usize| self.ids.get(id).cloned().unwrap_or_default();
        let sorted = |mut ids: Vec<String>| {
            ids.sort();
            ids
        };
        let taken = members.iter().filter(|id| self.advisories.contains(id));
        let mut links: Vec<_> = members
            .iter()
            .flat_map(|id| self.links.range((*id, 0)..=(*id, usize::MAX)))
            .map(|(from, to)| (name(*from), name(*to)))
            .collect();
        links.sort();
        Group {
            ids: sorted(members.iter().map(|id| name(*id)).collect()),
            advisories: sorted(taken.map(|id| name(*id)).collect()),
            links,
        }
    }
}
