//! Where advisories and the inventory meet, both ways, and the findings that come of it.
//!
//! A finding keeps the lines of every document about its vulnerability. What changes (a document
//! of the world, or what a version of a product is made of) takes the place of the lines that came
//! from it, so that doing it twice changes nothing.

use super::document::{CPE, Vulnerability, WorldDocument, denied_key, key_of};
use super::{Content, Denial, Line};
use crate::error::ServiceError;
use crate::{App, Fault, jobs, known};
use entente_documents::matching::{Candidate, Package, Rule, Scope, Verdict, judge};
use entente_documents::purl;
use entente_domain::ids::{FindingId, ProductId};
use entente_domain::kinds::FindingState;
use entente_domain::time::Timestamp;
use entente_store::Tx;
use entente_store::inventory::{self, PackageVersion};
use entente_store::watch::{self as table, Finding};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What lines are given anew.
enum Anew<'a> {
    /// Those of a document of the world.
    Document(&'a str),
    /// Those of a version of the product.
    Version(&'a str),
}

impl Anew<'_> {
    fn is(&self, line: &Line) -> bool {
        match self {
            Self::Document(id) => line.document == *id,
            Self::Version(version) => line.product_version == *version,
        }
    }
}

/// A line, and the vulnerability that it is about.
struct Hit {
    names: BTreeSet<String>,
    title: String,
    line: Line,
}

/// A package version as it is judged; none where it has no package URL.
fn candidate(key: &str, version: &str, scope: &str) -> Option<Candidate> {
    if let Some(name) = key.strip_prefix("cpe:") {
        let (vendor, product) = name.split_once(':')?;
        let package = Package::from_parts(CPE, Some(vendor), product);
        let version = Some(version.to_owned());
        return Some(Candidate::new(package, version, Scope::Everywhere));
    }
    let (bare, _) = purl::parse_lenient(key).ok()?;
    let package = Package::of(&bare);
    let scope = if scope.is_empty() {
        // The release of an RPM may name the distribution.
        Scope::of_component(&package, &bare.with_version(version), None)
    } else {
        Scope::of_distro(&package, scope)
    };
    Some(Candidate::new(package, Some(version.to_owned()), scope))
}

fn line(
    document: &WorldDocument,
    vulnerability: &Vulnerability,
    product_version: &str,
    is: &PackageVersion,
    verdict: Verdict,
    by_cpe: bool,
) -> Option<Line> {
    let (certain, why, fixed_in) = match verdict {
        Verdict::Affected(affected) if by_cpe => {
            let why = format!(
                "by its CPE alone, which may mean something else: {}",
                affected.by
            );
            (false, why, affected.fixed_in)
        }
        Verdict::Affected(affected) => (true, affected.by.to_string(), affected.fixed_in),
        Verdict::Undecided(reason) => (false, reason.to_string(), None),
        Verdict::NotAffected(_) => return None,
    };
    Some(Line {
        product_version: product_version.to_owned(),
        package: is.key.clone(),
        version: is.version.clone(),
        scope: is.scope.clone(),
        document: document.id.clone(),
        certain,
        why,
        score: vulnerability.score,
        fixed_in,
        denied: None,
    })
}

fn overlap(a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    a.iter().any(|name| b.contains(name))
}

/// A document of the world came, for the first time or changed. `before` are the names of its
/// vulnerabilities so far. Answers how many findings it opened.
pub(super) fn published(
    app: &App,
    tx: &mut Tx<'_>,
    document: &WorldDocument,
    before: &BTreeSet<String>,
    now: Timestamp,
) -> Result<usize, Fault> {
    let mut names = document.names();
    names.extend(before.iter().cloned());
    let mut existing: BTreeMap<ProductId, Vec<(Finding, Content)>> = BTreeMap::new();
    for finding in table::named(tx, &names)? {
        let content = content(&finding)?;
        let of_product = existing.entry(finding.product).or_default();
        of_product.push((finding, content));
    }
    let mut hits: BTreeMap<ProductId, Vec<Hit>> = BTreeMap::new();
    for vulnerability in &document.vulnerabilities {
        reach(app, tx, document, vulnerability, &mut hits)?;
    }
    let products: BTreeSet<ProductId> = existing.keys().chain(hits.keys()).copied().collect();
    let mut opened = 0;
    for product in products {
        let known = existing.remove(&product).unwrap_or_default();
        let new = hits.remove(&product).unwrap_or_default();
        let anew = Anew::Document(&document.id);
        opened += settle(app, tx, product, known, &anew, new, now)?;
    }
    Ok(opened)
}

/// Which versions of products have what a vulnerability calls affected.
fn reach(
    app: &App,
    tx: &mut Tx<'_>,
    document: &WorldDocument,
    vulnerability: &Vulnerability,
    hits: &mut BTreeMap<ProductId, Vec<Hit>>,
) -> Result<(), Fault> {
    let mut rules: BTreeMap<String, Vec<&Rule>> = BTreeMap::new();
    for rule in &vulnerability.affects {
        rules.entry(key_of(rule.package())).or_default().push(rule);
    }
    for (key, rules) in rules {
        let mut judged: BTreeMap<i64, (PackageVersion, Verdict)> = BTreeMap::new();
        for (n, is, candidate) in candidates(tx, &key)? {
            let verdict = rules.iter().map(|rule| judge(&candidate, rule));
            match verdict.reduce(Verdict::or) {
                None | Some(Verdict::NotAffected(_)) => {}
                Some(verdict) => {
                    judged.insert(n, (is, verdict));
                }
            }
        }
        if judged.is_empty() {
            continue;
        }
        let by_cpe = key.starts_with("cpe:");
        let numbers: Vec<i64> = judged.keys().copied().collect();
        let directory = known::generations(tx)?.inventory(app, tx)?;
        for (n, sbom) in inventory::holders(tx, &numbers)? {
            let (Some(head), Some((is, verdict))) = (directory.get(&sbom), judged.get(&n)) else {
                continue;
            };
            let version = &head.facts.product_version;
            if let Some(line) = line(
                document,
                vulnerability,
                version,
                is,
                verdict.clone(),
                by_cpe,
            ) {
                hits.entry(head.product).or_default().push(Hit {
                    names: vulnerability.names.clone(),
                    title: vulnerability.title.clone(),
                    line,
                });
            }
        }
    }
    Ok(())
}

/// The versions of a package in the inventory, under its own name, a further one, or as the source
/// that something was built from.
fn candidates(tx: &mut Tx<'_>, key: &str) -> Result<Vec<(i64, PackageVersion, Candidate)>, Fault> {
    let mut found = Vec::new();
    let mut add = |n: i64, is: PackageVersion, version: &str| {
        if let Some(candidate) = candidate(key, version, &is.scope) {
            found.push((n, is, candidate));
        }
    };
    if let Some((package, _)) = inventory::package(tx, key)? {
        for (n, version, scope) in inventory::versions(tx, package)? {
            let is = PackageVersion {
                key: key.to_owned(),
                name: String::new(),
                version: version.clone(),
                scope,
            };
            add(n, is, &version);
        }
    }
    for (n, is) in inventory::with_alias(tx, key)? {
        let version = is.version.clone();
        add(n, is, &version);
    }
    for (version, n, is) in inventory::built_from(tx, key)? {
        add(n, is, &version);
    }
    Ok(found)
}

/// A version of a product has a new document: its package versions with their further names.
pub(crate) fn document_taken(
    app: &App,
    tx: &mut Tx<'_>,
    product: ProductId,
    version: &str,
    packages: &[PackageVersion],
    aliases: &[(String, usize)],
    now: Timestamp,
) -> Result<(), Fault> {
    let mut wanted: HashMap<String, Vec<(usize, Candidate)>> = HashMap::new();
    let mut want = |key: &str, place: usize, version: &str, scope: &str| {
        if let Some(candidate) = candidate(key, version, scope) {
            wanted
                .entry(key.to_owned())
                .or_default()
                .push((place, candidate));
        }
    };
    for (place, is) in packages.iter().enumerate() {
        want(&is.key, place, &is.version, &is.scope);
    }
    for (alias, place) in aliases {
        let Some(is) = packages.get(*place) else {
            continue;
        };
        match alias
            .strip_prefix("source:")
            .and_then(|s| s.split_once('@'))
        {
            // A name may have an @ of its own only where it is encoded.
            Some((source, version)) => want(source, *place, version, &is.scope),
            None => want(alias, *place, &is.version, &is.scope),
        }
    }
    let keys: BTreeSet<&str> = wanted.keys().map(String::as_str).collect();
    let numbers = table::about(tx, &keys)?;
    let mut hits = Vec::new();
    for document in app.world().read(tx, &numbers)? {
        for vulnerability in &document.vulnerabilities {
            // What is known by its package is not asked by its CPE as well.
            let mut judged: BTreeMap<(usize, bool), Verdict> = BTreeMap::new();
            for rule in &vulnerability.affects {
                let by_cpe = rule.package().ty() == CPE;
                let key = key_of(rule.package());
                for (place, candidate) in wanted.get(&key).into_iter().flatten() {
                    let verdict = judge(candidate, rule);
                    let verdict = match judged.remove(&(*place, by_cpe)) {
                        Some(before) => before.or(verdict),
                        None => verdict,
                    };
                    judged.insert((*place, by_cpe), verdict);
                }
            }
            for ((place, by_cpe), verdict) in judged {
                let is = packages.get(place);
                let line =
                    is.and_then(|is| line(&document, vulnerability, version, is, verdict, by_cpe));
                hits.extend(line.map(|line| Hit {
                    names: vulnerability.names.clone(),
                    title: vulnerability.title.clone(),
                    line,
                }));
            }
        }
    }
    whole_product(app, tx, product, version, hits, now)
}

/// A version of a product lost its document.
pub(crate) fn document_gone(
    app: &App,
    tx: &mut Tx<'_>,
    product: ProductId,
    version: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    whole_product(app, tx, product, version, Vec::new(), now)
}

fn whole_product(
    app: &App,
    tx: &mut Tx<'_>,
    product: ProductId,
    version: &str,
    hits: Vec<Hit>,
    now: Timestamp,
) -> Result<(), Fault> {
    let existing = table::findings_of_product(tx, product)?;
    if existing.is_empty() && hits.is_empty() {
        return Ok(());
    }
    let existing = existing.into_iter().map(|finding| {
        let content = content(&finding)?;
        Ok((finding, content))
    });
    let existing = existing.collect::<Result<Vec<_>, Fault>>()?;
    let opened = settle(
        app,
        tx,
        product,
        existing,
        &Anew::Version(version),
        hits,
        now,
    )?;
    if opened > 0 {
        jobs::findings_wait(app, tx, now)?;
    }
    Ok(())
}

pub(super) fn content(finding: &Finding) -> Result<Content, Fault> {
    serde_json::from_slice(&finding.body).map_err(|e| Fault::Service(ServiceError::internal(e)))
}

/// A finding that is being changed.
struct Work {
    id: FindingId,
    found_at: Timestamp,
    before: Option<Content>,
    content: Content,
    absorbed: Vec<FindingId>,
}

/// Gives the lines anew; answers how many findings came to wait for a decision by it.
fn settle(
    app: &App,
    tx: &mut Tx<'_>,
    product: ProductId,
    existing: Vec<(Finding, Content)>,
    anew: &Anew<'_>,
    hits: Vec<Hit>,
    now: Timestamp,
) -> Result<usize, Fault> {
    let mut work: Vec<Work> = existing
        .into_iter()
        .map(|(finding, content)| {
            let before = content.clone();
            let mut content = content;
            content.lines.retain(|line| !anew.is(line));
            Work {
                id: finding.id,
                found_at: finding.found_at,
                before: Some(before),
                content,
                absorbed: Vec::new(),
            }
        })
        .collect();
    for hit in hits {
        let place = place(app, &mut work, &hit.names, now);
        if let Some(of) = place.and_then(|place| work.get_mut(place)) {
            of.content.names.extend(hit.names);
            of.content.title = hit.title;
            if !of.content.lines.contains(&hit.line) {
                of.content.lines.push(hit.line);
            }
        }
    }
    let lines = work.iter().flat_map(|one| &one.content.lines);
    let keys: BTreeSet<String> = lines.map(|line| denied_key(&line.package)).collect();
    let numbers = table::about(tx, &keys.iter().map(String::as_str).collect())?;
    let denying = app.world().read(tx, &numbers)?;
    let (mut opened, mut saved) = (0, false);
    for mut one in work {
        deny(&denying, &mut one.content);
        one.content.lines.sort_by(|a, b| key(a).cmp(&key(b)));
        if one.before.as_ref() == Some(&one.content) && one.absorbed.is_empty() {
            continue;
        }
        let was_open = one
            .before
            .as_ref()
            .is_some_and(|c| c.state() == FindingState::Open);
        opened += usize::from(!was_open && one.content.state() == FindingState::Open);
        save(tx, product, &one, now)?;
        saved = true;
    }
    if saved {
        table::changed(tx)?;
    }
    Ok(opened)
}

fn key(line: &Line) -> [&str; 5] {
    [
        &line.product_version,
        &line.package,
        &line.version,
        &line.scope,
        &line.document,
    ]
}

fn save(tx: &mut Tx<'_>, product: ProductId, one: &Work, now: Timestamp) -> Result<(), Fault> {
    let finding = Finding {
        id: one.id,
        product,
        state: one.content.state().as_str().to_owned(),
        found_at: one.found_at,
        changed_at: now,
        body: serde_json::to_vec(&one.content)
            .map_err(|e| Fault::Service(ServiceError::internal(e)))?,
    };
    let names = &one.content.names;
    let same = |before: &Content| before.names == *names && one.absorbed.is_empty();
    let renamed = !one.before.as_ref().is_some_and(same);
    Ok(table::save(tx, &finding, names, renamed, &one.absorbed)?)
}

/// The place of the finding with one of these names. Several turn out to be one: the others end in
/// the first that people decided about, or else in the first.
fn place(
    app: &App,
    work: &mut Vec<Work>,
    names: &BTreeSet<String>,
    now: Timestamp,
) -> Option<usize> {
    let is_it = |one: &Work| overlap(&one.content.names, names);
    let of: Vec<usize> = (0..work.len())
        .filter(|i| work.get(*i).is_some_and(is_it))
        .collect();
    if of.is_empty() {
        work.push(Work {
            id: FindingId(app.random().id(now)),
            found_at: now,
            before: None,
            content: Content::default(),
            absorbed: Vec::new(),
        });
        return work.len().checked_sub(1);
    }
    let decided = |i: &&usize| {
        work.get(**i)
            .is_some_and(|one| !one.content.steps.is_empty())
    };
    let first = *of.iter().find(decided).or(of.first())?;
    let mut stays = first;
    for i in of.iter().rev().copied().filter(|i| *i != first) {
        let other = work.remove(i);
        if i < stays {
            stays -= 1;
        }
        let one = work.get_mut(stays)?;
        if other.before.is_some() {
            one.absorbed.push(other.id);
        }
        one.absorbed.extend(other.absorbed);
        one.found_at = one.found_at.min(other.found_at);
        one.content.names.extend(other.content.names);
        one.content.lines.extend(other.content.lines);
        one.content.steps.extend(other.content.steps);
        one.content.steps.sort_by_key(|step| step.at);
    }
    Some(stays)
}

/// Notes at each line whether upstream says that the component is not affected.
fn deny(documents: &[Arc<WorldDocument>], content: &mut Content) {
    for line in &mut content.lines {
        line.denied = None;
        if documents.is_empty() {
            continue;
        }
        let Some(candidate) = candidate(&line.package, &line.version, &line.scope) else {
            continue;
        };
        for document in documents {
            for vulnerability in &document.vulnerabilities {
                if !overlap(&vulnerability.names, &content.names) {
                    continue;
                }
                for (rule, why) in &vulnerability.denies {
                    let same = rule.package() == candidate.package();
                    if same && matches!(judge(&candidate, rule), Verdict::Affected(_)) {
                        line.denied = Some(Denial {
                            document: document.id.clone(),
                            why: why.clone(),
                        });
                    }
                }
            }
        }
    }
}
