//! Advisories and components by package, so that only what is about one package is compared.

use std::collections::{BTreeMap, HashMap};

use super::advisory::Advisory;
use super::candidate::Candidate;
use super::groups::Groups;
use super::judge::{Verdict, judge};
use super::package::Package;
use super::rule::Rule;
use super::scope::Scope;

/// An advisory that holds for a component, or of which that could not be decided.
#[derive(Debug, Clone)]
pub struct Finding<'a> {
    /// The advisory.
    pub advisory: &'a Advisory,
    /// Affected or undecided.
    pub verdict: Verdict,
}

/// Advisories by package.
#[derive(Debug, Clone, Default)]
pub struct Index {
    by_id: HashMap<String, usize>,
    // A place that was given up is empty.
    advisories: Vec<Option<Advisory>>,
    // Place of the advisory, place of the rule in it.
    by_package: HashMap<Package, Vec<(usize, usize)>>,
}

impl Index {
    /// Takes an advisory. Of two with the same identifier the one changed last stays; of two
    /// changed at the same time, which are the same to OSV, the first.
    pub fn add(&mut self, advisory: Advisory) {
        let known = self.by_id.get(&advisory.id).copied();
        if let Some(known) = known.and_then(|at| self.advisories.get(at)?.as_ref())
            && known.modified >= advisory.modified
        {
            return;
        }
        self.remove(&advisory.id);
        let place = self.advisories.len();
        for (at, rule) in advisory.rules.iter().enumerate() {
            let of_package = self.by_package.entry(rule.package().clone()).or_default();
            of_package.push((place, at));
        }
        self.by_id.insert(advisory.id.clone(), place);
        self.advisories.push(Some(advisory));
    }

    /// Gives up an advisory.
    pub fn remove(&mut self, id: &str) -> Option<Advisory> {
        let place = self.by_id.remove(id)?;
        let advisory = self.advisories.get_mut(place)?.take()?;
        for rule in &advisory.rules {
            if let Some(places) = self.by_package.get_mut(rule.package()) {
                places.retain(|(of, _)| *of != place);
                if places.is_empty() {
                    self.by_package.remove(rule.package());
                }
            }
        }
        Some(advisory)
    }

    /// The advisories, in no order.
    pub fn advisories(&self) -> impl Iterator<Item = &Advisory> {
        self.advisories.iter().flatten()
    }

    /// The advisory of an identifier.
    #[must_use]
    pub fn advisory(&self, id: &str) -> Option<&Advisory> {
        self.advisories.get(*self.by_id.get(id)?)?.as_ref()
    }

    /// The rules about a package.
    pub fn rules(&self, package: &Package) -> impl Iterator<Item = (&Advisory, &Rule)> {
        let places = self.by_package.get(package).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|(place, at)| {
            let advisory = self.advisories.get(*place)?.as_ref()?;
            Some((advisory, advisory.rules.get(*at)?))
        })
    }

    /// What holds for a component, or may: one finding for each advisory, sorted by its identifier.
    /// The candidates are those of one component.
    #[must_use]
    pub fn findings(&self, component: &[Candidate]) -> Vec<Finding<'_>> {
        let mut found: BTreeMap<&str, Finding<'_>> = BTreeMap::new();
        for candidate in component {
            for (advisory, rule) in self.rules(candidate.package()) {
                let verdict = judge(candidate, rule);
                if matches!(verdict, Verdict::NotAffected(_)) {
                    continue;
                }
                let first = Finding { advisory, verdict };
                match found.remove(advisory.id.as_str()) {
                    None => found.insert(&advisory.id, first),
                    Some(known) => {
                        let verdict = known.verdict.or(first.verdict);
                        found.insert(&advisory.id, Finding { advisory, verdict })
                    }
                };
            }
        }
        found.into_values().collect()
    }

    /// Which advisories speak of the same vulnerability.
    #[must_use]
    pub fn groups(&self) -> Groups {
        Groups::of(self.advisories())
    }
}

/// Components by package, each with what the owner calls it by.
#[derive(Debug, Clone)]
pub struct Inventory<T> {
    // Sorted by version and scope.
    by_package: HashMap<Package, Vec<(Candidate, Vec<T>)>>,
}

impl<T> Default for Inventory<T> {
    fn default() -> Self {
        Self {
            by_package: HashMap::new(),
        }
    }
}

impl<T> Inventory<T> {
    /// Takes a version of a package and where it was met. The same one met elsewhere is not judged
    /// again.
    pub fn add(&mut self, candidate: Candidate, met: T) {
        fn key(candidate: &Candidate) -> (Option<&str>, &Scope) {
            (candidate.version(), candidate.scope())
        }
        let of_package = self
            .by_package
            .entry(candidate.package().clone())
            .or_default();
        let at = of_package.binary_search_by(|(known, _)| key(known).cmp(&key(&candidate)));
        match at {
            Ok(at) => {
                if let Some((_, places)) = of_package.get_mut(at) {
                    places.push(met);
                }
            }
            Err(at) => of_package.insert(at, (candidate, vec![met])),
        }
    }

    /// What an advisory holds for, or may: sorted by package, version and scope.
    #[must_use]
    pub fn findings(&self, advisory: &Advisory) -> Vec<(&Candidate, &[T], Verdict)> {
        let mut packages: BTreeMap<&Package, Vec<&Rule>> = BTreeMap::new();
        for rule in &advisory.rules {
            packages.entry(rule.package()).or_default().push(rule);
        }
        let mut found = Vec::new();
        for (package, rules) in packages {
            for (candidate, met) in self.by_package.get(package).into_iter().flatten() {
                let verdicts = rules.iter().map(|rule| judge(candidate, rule));
                match verdicts.reduce(Verdict::or) {
                    None | Some(Verdict::NotAffected(_)) => {}
                    Some(verdict) => found.push((candidate, met.as_slice(), verdict)),
                }
            }
        }
        found
    }

    /// How many versions of packages it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_package.values().map(Vec::len).sum()
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_package.is_empty()
    }
}
