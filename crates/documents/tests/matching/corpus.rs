//! The public advisories of RustSec and PyPA against real bills of materials.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use entente_documents::matching::System;
use entente_documents::sbom::{self, Component, Sink};
use record_support::data;

const SBOMS: &str = "corpus/sbom/cyclonedx-real-161.tar.xz";
const RUSTSEC: &str = "corpus/osv/rustsec-osv.tar.xz";
const PYPA: &str = "corpus/osv/pypa-osv.tar.xz";

#[derive(Default)]
struct Taken(Vec<Component>);

impl Sink for Taken {
    fn component(&mut self, component: Component) {
        self.0.push(component);
    }
    fn dependency(&mut self, _from: String, _on: Vec<String>) {}
}

// Nanoseconds this thread has been on a processor; printed, never judged.
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = text.split(' ').next().unwrap_or_default();
    first.parse().unwrap_or_default()
}

fn index(archives: &[&str]) -> Option<(Index, usize)> {
    let mut index = Index::default();
    let mut rules = 0;
    for archive in archives {
        for (name, bytes) in archive::unpack(&data(archive)?) {
            let document = Document::read(&bytes).map_err(|e| format!("{name}: {e}"));
            let advisory = Advisory::of_osv(&document.unwrap());
            assert!(advisory.without_package.is_empty(), "{name}");
            rules += advisory.rules.len();
            index.add(advisory);
        }
    }
    Some((index, rules))
}

#[test]
fn public_advisories_against_real_bills_of_materials() {
    let Some((index, rules)) = index(&[RUSTSEC, PYPA]) else {
        return;
    };
    let Some(archive) = data(SBOMS) else { return };
    let mut components = 0;
    let mut nodes = BTreeMap::new();
    let mut inventory = Inventory::default();
    for (name, bytes) in archive::unpack(&archive) {
        let mut taken = Taken::default();
        let read = sbom::read(&bytes[..], &mut taken);
        read.map_err(|error| format!("{name}: {error}")).unwrap();
        components += taken.0.len();
        let system = taken.0.iter().find(|one| one.kind == "operating-system");
        let system = system.map(|one| System {
            name: one.name.clone(),
            version: one.version.clone().unwrap_or_default(),
        });
        for one in &taken.0 {
            let Some((purl, _)) = one
                .purl
                .as_deref()
                .and_then(|p| purl::parse_lenient(p).ok())
            else {
                continue;
            };
            let version = one.version.as_deref();
            for candidate in Candidate::of_component(&purl, version, system.as_ref()) {
                let key = (
                    candidate.package().clone(),
                    candidate.version().map(str::to_owned),
                    candidate.scope().clone(),
                );
                inventory.add(candidate.clone(), name.clone());
                nodes.insert(key, candidate);
            }
        }
    }
    assert_eq!(inventory.len(), nodes.len());

    let begun = cpu();
    let mut pairs = BTreeSet::new();
    let mut undecided: BTreeMap<&str, usize> = BTreeMap::new();
    for candidate in nodes.values() {
        for found in index.findings(std::slice::from_ref(candidate)) {
            match &found.verdict {
                Verdict::Undecided(reason) => *undecided.entry(reason.word()).or_default() += 1,
                _ => {
                    let id = &found.advisory.id;
                    pairs.insert((id.clone(), candidate.package().clone(), candidate.version()));
                }
            }
        }
    }
    let forward = cpu() - begun;
    let begun = cpu();
    let mut backward = BTreeSet::new();
    for advisory in index.advisories() {
        for (candidate, met, verdict) in inventory.findings(advisory) {
            assert!(!met.is_empty());
            if matches!(verdict, Verdict::Affected(_)) {
                let id = advisory.id.clone();
                backward.insert((id, candidate.package().clone(), candidate.version()));
            }
        }
    }
    let back = cpu() - begun;
    assert_eq!(pairs, backward, "both ways give the same pairs");

    let advisories = index.advisories().count();
    let groups = index.groups();
    let vulnerabilities: BTreeSet<String> = pairs
        .iter()
        .filter_map(|(id, ..)| Some(groups.of_id(id)?.name().to_owned()))
        .collect();
    println!(
        "{advisories} advisories, {rules} rules, {components} components, {} versions of packages: \
         {} pairs, {} vulnerabilities, undecided {undecided:?}; {} us of CPU by component, {} us \
         by advisory",
        nodes.len(),
        pairs.len(),
        vulnerabilities.len(),
        forward / 1_000,
        back / 1_000,
    );
    for (id, package, version) in &pairs {
        println!("  {id} {package} {}", version.unwrap_or("-"));
    }
    assert_eq!(advisories, 3_867);
    assert!(components > 30_000 && nodes.len() > 10_000);
    assert!(!pairs.is_empty() && pairs.len() < nodes.len());
    assert!(vulnerabilities.len() <= pairs.len());
    // Advisories of several vulnerabilities are few, and make no group that holds everything.
    let all = groups.all();
    let several = all.iter().filter(|group| group.cves().count() > 1).count();
    println!("{} groups, {several} of several CVE ids", all.len());
    assert!(several > 0 && several * 20 < all.len());
    assert!(all.iter().all(|group| group.ids.len() < 100));
}

// Every advisory must hold for the versions it lists itself, and for what its own ranges name: a
// first affected version is affected, a fixed one is not in that range.
#[test]
fn public_advisories_hold_for_the_versions_they_name() {
    let Some((index, _)) = index(&[RUSTSEC, PYPA]) else {
        return;
    };
    let (mut listed, mut first, mut fixed) = (0, 0, 0);
    let mut undecided = BTreeSet::new();
    let (mut empty, mut both) = (Vec::new(), Vec::new());
    for advisory in index.advisories() {
        for rule in &advisory.rules {
            let said = rule.said();
            let judged = |version: &String| {
                let version = Some(version.clone());
                let one = Candidate::new(said.package.clone(), version, said.scope.clone());
                judge(&one, rule)
            };
            for version in &said.versions {
                let verdict = judged(version);
                assert!(matches!(verdict, Verdict::Affected(_)), "{}", advisory.id);
                listed += 1;
            }
            for event in said
                .ranges
                .iter()
                .filter(|r| r.repo.is_none())
                .flat_map(|r| &r.events)
            {
                let verdict = judged(&event.version().to_owned());
                if matches!(verdict, Verdict::Undecided(_)) {
                    undecided.insert(advisory.id.as_str());
                    continue;
                }
                match (event, verdict) {
                    (Event::Introduced(_) | Event::LastAffected(_), verdict) => {
                        // Introduced and fixed in the same version: RUSTSEC-2022-0012.
                        match verdict {
                            Verdict::Affected(_) => first += 1,
                            _ => empty.push((&advisory.id, event)),
                        }
                    }
                    (_, Verdict::Affected(by)) => both.push((advisory.id.clone(), by)),
                    _ => fixed += 1,
                }
            }
        }
    }
    println!("introduced and not affected: {empty:?}");
    println!(
        "{listed} listed versions, {first} first and {fixed} fixed ones hold; fixed and still \
         affected otherwise: {}",
        both.len()
    );
    for (id, by) in &both {
        println!("  {id} {by:?}");
    }
    // Fixed in 2019-09-12 and in 0.2.0-n653: no versions by PEP 440.
    let expected = BTreeSet::from(["PYSEC-2019-125", "PYSEC-2021-371"]);
    assert_eq!(undecided, expected);
    assert!(listed > 50_000 && first > 3_000 && fixed > 3_000);
}

// No real bill of materials in the corpus has crates; the project's own list of them is one.
#[test]
fn public_advisories_against_the_crates_of_this_project() {
    let Some((index, _)) = index(&[RUSTSEC]) else {
        return;
    };
    let lock = include_str!("../../../../Cargo.lock");
    let value = |line: &str, key: &str| {
        let quoted = line.strip_prefix(key)?.strip_prefix(" = \"")?;
        quoted.strip_suffix('"').map(str::to_owned)
    };
    let mut crates = Vec::new();
    let mut name = String::new();
    for line in lock.lines() {
        if let Some(found) = value(line, "name") {
            name = found;
        } else if let Some(version) = value(line, "version") {
            crates.push(component(&format!("pkg:cargo/{name}@{version}")));
        }
    }
    let (mut rules, mut findings) = (0, Vec::new());
    for one in &crates {
        rules += index.rules(one.package()).count();
        for found in index.findings(std::slice::from_ref(one)) {
            assert!(!matches!(found.verdict, Verdict::Undecided(_)));
            findings.push((found.advisory.id.clone(), one.package().to_string()));
        }
    }
    println!(
        "{} crates, {rules} rules about them, affected: {findings:?}",
        crates.len()
    );
    assert!(crates.len() > 200 && rules > 20);
    // Versions of the past are found: the same crates at their first release.
    let first = |one: &Candidate| {
        Candidate::new(
            one.package().clone(),
            Some("0.0.1".to_owned()),
            Scope::Everywhere,
        )
    };
    let past: usize = crates
        .iter()
        .map(|one| index.findings(&[first(one)]).len())
        .sum();
    assert!(past > 10, "{past}");
}
