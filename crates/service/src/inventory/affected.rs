//! "Who is affected?": from a component and the versions at fault to the products that have it.
//!
//! The index is asked for the packages, their versions and who has them; each version is judged
//! once, however many products have it.

use super::{ProductUser, identity};
use crate::error::ServiceError;
use crate::products::FixedCopy;
use crate::{App, Fault, known, look};
use entente_documents::purl;
use entente_documents::versions::{Comparator, Containment, Range};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_domain::ids::{ProductId, SbomId, UserId};
use entente_domain::kinds::Unpatchable;
use entente_domain::time::Timestamp;
use entente_store::Tx;
use entente_store::inventory::{self, PackageVersion};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Question {
    /// A package URL, a CPE, a hash in hexadecimal, or a bare name.
    pub component: String,
    /// The versions at fault: a VERS range, or comparisons such as `>=3.0.0, <3.0.8`. Empty: the
    /// version of the package URL, or every version.
    pub versions: String,
}

/// Whether a component is one of those at fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is.
    Affected,
    /// It cannot be decided, and why.
    Undecided(String),
}

/// A component of a product that was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ComponentHit {
    /// Its number in the index.
    pub n: i64,
    /// What it is.
    pub is: Arc<PackageVersion>,
    /// Whether it is at fault.
    pub verdict: Verdict,
    /// Why this copy cannot be replaced in the field, where it cannot.
    pub fixed_copy: Option<Unpatchable>,
    /// By which way the product has it: the components between, from the product's side, itself
    /// last. Empty where the document lists it and does not say what needs it, or before the ways
    /// were drawn.
    pub way: Vec<String>,
}

/// A version of a product that has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VersionAnswer {
    /// The version.
    pub version: String,
    /// Until when it is supported; open where empty.
    pub supported_until: Option<Timestamp>,
    /// Whether it is supported now.
    pub supported: bool,
    /// The document that says so.
    pub sbom: SbomId,
    /// Which components.
    pub components: Vec<ComponentHit>,
    /// Whether their ways were drawn.
    pub drawn: bool,
}

impl VersionAnswer {
    /// Whether any of its components is certainly at fault.
    #[must_use]
    pub fn affected(&self) -> bool {
        self.components
            .iter()
            .any(|c| c.verdict == Verdict::Affected)
    }
}

/// A product that has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProductAnswer {
    /// The product.
    pub id: ProductId,
    /// Its name.
    pub name: String,
    /// The division that owns it.
    pub division: String,
    /// Who speaks for it.
    pub contact: UserId,
    /// Its versions that have it, in the order of the registry.
    pub versions: Vec<VersionAnswer>,
    /// Who uses one of those versions: vendors that build it in, customers, segments.
    pub users: Vec<Arc<ProductUser>>,
}

impl ProductAnswer {
    /// Whether any of its versions is certainly affected.
    #[must_use]
    pub fn affected(&self) -> bool {
        self.versions.iter().any(VersionAnswer::affected)
    }
}

/// A package that the question names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackageSeen {
    /// What identifies it.
    pub key: String,
    /// How many versions of it are known.
    pub versions: usize,
    /// How many of them are at fault.
    pub at_fault: usize,
    /// How many could not be decided.
    pub undecided: usize,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    /// The packages that the question names.
    pub packages: Vec<PackageSeen>,
    /// The products that have one of the versions, certainly affected ones first.
    pub products: Vec<ProductAnswer>,
    /// Versions of products of which it is not known what they are made of.
    pub without_document: Arc<Vec<(String, String)>>,
    /// Documents in which components have no identity; it may be one of those.
    pub vague_documents: usize,
}

/// What the question names.
enum Asked {
    /// One package by its key, with version and distribution where it gives them.
    Package(PackageVersion),
    /// Every package of a bare name.
    Name(String),
    /// A further name.
    Alias(String),
}

fn asked(question: &Question) -> Result<Asked, ServiceError> {
    let text = question.component.trim();
    let invalid = |why: String, remedy: &str| Err(ServiceError::invalid("component", why, remedy));
    if text.is_empty() || text.len() > identity::LONGEST {
        return invalid(
            "It is not said which component.".to_owned(),
            "Give a package URL, a CPE, a hash, or a name of at most 2,000 bytes.",
        );
    }
    if text.starts_with("pkg:") {
        return match (identity::of_purl(text), purl::parse_lenient(text)) {
            (Some(is), _) => Ok(Asked::Package(is)),
            (None, Err(e)) => invalid(
                format!("This is no package URL: {e}."),
                "Write it like pkg:npm/lodash@4.17.20.",
            ),
            (None, Ok(_)) => invalid("This is no package URL.".to_owned(), "Correct it."),
        };
    }
    if text.starts_with("cpe:") {
        return match identity::cpe(text) {
            Some((vendor, product, _)) => Ok(Asked::Alias(format!("cpe:{vendor}:{product}"))),
            None => invalid(
                "This is no CPE with a vendor and a product.".to_owned(),
                "Write it like cpe:2.3:a:openssl:openssl:3.0.7:*:*:*:*:*:*:*.",
            ),
        };
    }
    let is_digest = matches!(text.len(), 40 | 64 | 128);
    if is_digest && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(Asked::Alias(identity::hash_key(text)));
    }
    Ok(Asked::Name(text.to_lowercase()))
}

/// The versioning scheme of a package: its type, or the general rule where it has none.
fn scheme_of(key: &str) -> &str {
    let ty = key
        .strip_prefix("pkg:")
        .and_then(|rest| rest.split_once('/'));
    ty.map_or("generic", |(ty, _)| ty)
}

/// Which versions are at fault.
enum AtFault {
    Every,
    In(Range),
    /// The range is meant for another scheme.
    Other(String),
}

fn at_fault(text: &str, version: &str, scheme: &str) -> Result<AtFault, ServiceError> {
    let text = text.trim();
    if text.is_empty() && version.is_empty() {
        return Ok(AtFault::Every);
    }
    if text.is_empty() {
        let only = vec![(Comparator::Equal, version.to_owned())];
        return Ok(AtFault::In(Range::new(scheme, only)));
    }
    let vers = if text.starts_with("vers:") {
        text.to_owned()
    } else {
        format!("vers:{scheme}/{}", comparisons(text))
    };
    let range = Range::parse_lenient(&vers).map_err(|e| {
        ServiceError::invalid(
            "versions",
            format!("This is no range of versions: {e}."),
            "Write it like >=3.0.0, <3.0.8, or as VERS.",
        )
    })?;
    let same = range.scheme() == entente_documents::versions::Scheme::from_name(scheme);
    Ok(if same || scheme == "generic" {
        AtFault::In(range)
    } else {
        AtFault::Other(range.ty().to_owned())
    })
}

/// Comparisons as people write them, parted by commas, blanks or bars, as VERS parts them.
fn comparisons(text: &str) -> String {
    let mut joined = String::new();
    let mut after_sign = true;
    for part in text.split([',', '|']).flat_map(str::split_whitespace) {
        if !after_sign {
            joined.push('|');
        }
        joined.push_str(part);
        after_sign = part.ends_with(['<', '>', '=']);
    }
    joined
}

fn judge(at_fault: &AtFault, scope: &str, is: &PackageVersion) -> Option<Verdict> {
    let undecided = |why: &str| Some(Verdict::Undecided(why.to_owned()));
    if !scope.is_empty() && scope != is.scope {
        return match is.scope.is_empty() {
            true => undecided("The document does not say for which distribution it was built."),
            false => None,
        };
    }
    let range = match at_fault {
        AtFault::Every => return Some(Verdict::Affected),
        AtFault::Other(ty) => {
            return Some(Verdict::Undecided(format!(
                "The range is one of {ty}, and this package has another order of versions."
            )));
        }
        AtFault::In(range) => range,
    };
    if is.version.is_empty() {
        return undecided("The document gives it no version.");
    }
    match range.contains(&is.version) {
        Containment::In => Some(Verdict::Affected),
        Containment::Out => None,
        Containment::Undecidable { reason } => Some(Verdict::Undecided(reason)),
    }
}

/// Answers the question.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not read the registry of products;
/// [`ServiceError::Invalid`] for a question that cannot be understood, by its field.
pub async fn affected(
    app: &App,
    viewer: &Viewer,
    question: Question,
) -> Result<Answer, ServiceError> {
    if !may(viewer, Action::Read, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    let now = app.now();
    let a = app.clone();
    look(app, move |tx| answer(&a, tx, &question, now)).await
}

/// The versions of the packages that are asked for, by package.
fn candidates(
    tx: &mut Tx<'_>,
    asked: &Asked,
) -> Result<BTreeMap<String, Vec<(i64, PackageVersion)>>, Fault> {
    let mut found: BTreeMap<String, Vec<(i64, PackageVersion)>> = BTreeMap::new();
    let mut alias = None;
    let packages = match asked {
        Asked::Package(is) => {
            alias = Some(&is.key);
            inventory::package(tx, &is.key)?.into_iter().collect()
        }
        Asked::Name(name) => inventory::packages_named(tx, name)?,
        Asked::Alias(name) => {
            alias = Some(name);
            inventory::package(tx, name)?.into_iter().collect()
        }
    };
    for (package, key) in packages {
        let versions = inventory::versions(tx, package)?.into_iter();
        let versions = versions.map(|(n, version, scope)| {
            let is = PackageVersion {
                key: key.clone(),
                name: String::new(),
                version,
                scope,
            };
            (n, is)
        });
        found.insert(key.clone(), versions.collect());
    }
    for (n, is) in alias.map_or(Ok(Vec::new()), |name| inventory::with_alias(tx, name))? {
        let of = found.entry(is.key.clone()).or_default();
        if !of.iter().any(|(known, _)| *known == n) {
            of.push((n, is));
        }
    }
    Ok(found)
}

fn answer(
    app: &App,
    tx: &mut Tx<'_>,
    question: &Question,
    now: Timestamp,
) -> Result<Answer, Fault> {
    let asked = asked(question).map_err(Fault::Service)?;
    let (version, scope) = match &asked {
        Asked::Package(is) => (is.version.as_str(), is.scope.as_str()),
        Asked::Name(_) | Asked::Alias(_) => ("", ""),
    };
    // The range is read once even if no package is there: a wrong one is said at once.
    let own_scheme = match &asked {
        Asked::Package(is) => scheme_of(&is.key),
        Asked::Name(_) | Asked::Alias(_) => "generic",
    };
    at_fault(&question.versions, version, own_scheme).map_err(Fault::Service)?;
    let mut hits: HashMap<i64, (Arc<PackageVersion>, Verdict)> = HashMap::new();
    let mut packages = Vec::new();
    for (key, versions) in candidates(tx, &asked)? {
        let at_fault =
            at_fault(&question.versions, version, scheme_of(&key)).map_err(Fault::Service)?;
        let mut seen = PackageSeen {
            key,
            versions: versions.len(),
            at_fault: 0,
            undecided: 0,
        };
        for (n, is) in versions {
            if let Some(verdict) = judge(&at_fault, scope, &is) {
                match verdict {
                    Verdict::Affected => seen.at_fault += 1,
                    Verdict::Undecided(_) => seen.undecided += 1,
                }
                hits.insert(n, (Arc::new(is), verdict));
            }
        }
        packages.push(seen);
    }
    let mut wanted: Vec<i64> = hits.keys().copied().collect();
    wanted.sort_unstable();
    let mut by_document: HashMap<i64, Vec<i64>> = HashMap::new();
    for (n, sbom) in inventory::holders(tx, &wanted)? {
        by_document.entry(sbom).or_default().push(n);
    }
    let generations = known::generations(tx)?;
    let directory = generations.inventory(app, tx)?;
    let products = generations.products(app, tx)?;
    let users = generations.users(app, tx)?;
    let mut by_product: HashMap<ProductId, Vec<VersionAnswer>> = HashMap::new();
    for (document, mut of) in by_document {
        let Some(head) = directory.get(&document) else {
            continue;
        };
        of.sort_unstable();
        let components = of.iter().filter_map(|n| {
            let (is, verdict) = hits.get(n)?;
            Some(ComponentHit {
                n: *n,
                is: Arc::clone(is),
                verdict: verdict.clone(),
                fixed_copy: None,
                way: Vec::new(),
            })
        });
        let answers = by_product.entry(head.product).or_default();
        answers.push(VersionAnswer {
            version: head.facts.product_version.clone(),
            supported_until: None,
            supported: true,
            sbom: head.id,
            components: components.collect(),
            drawn: false,
        });
    }
    let coverage = generations.coverage(app, tx)?;
    let mut answer = Answer {
        packages,
        products: Vec::with_capacity(by_product.len()),
        without_document: Arc::clone(&coverage.without),
        vague_documents: coverage.vague,
    };
    for (id, mut versions) in by_product {
        let Some(product) = coverage.places.get(&id).and_then(|i| products.get(*i)) else {
            continue;
        };
        let place = |name: &str| product.form.versions.iter().position(|v| v.name == name);
        versions.sort_by_cached_key(|v| (place(&v.version), v.version.clone()));
        for v in &mut versions {
            let of = place(&v.version).and_then(|i| product.form.versions.get(i));
            v.supported_until = of.and_then(|of| of.supported_until);
            v.supported = v.supported_until.is_none_or(|until| until > now);
            for c in &mut v.components {
                c.fixed_copy = fixed_copy(&product.form.fixed_copies, &v.version, &c.is);
            }
        }
        let of = users.get(&product.id).map_or(&[][..], Vec::as_slice);
        let reached = of
            .iter()
            .filter(|u| u.uses(versions.iter().map(|v| v.version.as_str())));
        answer.products.push(ProductAnswer {
            id: product.id,
            name: product.form.name.clone(),
            division: product.form.division.clone(),
            contact: product.form.contact,
            users: reached.cloned().collect(),
            versions,
        });
    }
    let order = |p: &ProductAnswer| (!p.affected(), coverage.places.get(&p.id).copied());
    answer.products.sort_by_cached_key(order);
    Ok(answer)
}

/// Why the copy in this version of the product cannot be replaced, if somebody said so.
fn fixed_copy(copies: &[FixedCopy], version: &str, is: &PackageVersion) -> Option<Unpatchable> {
    let bare = is.key.rsplit(['/', ':']).next().unwrap_or_default();
    let found = copies.iter().find(|c| {
        let named = c.component == is.key || c.component.eq_ignore_ascii_case(bare);
        named && (c.version.is_empty() || c.version == version)
    });
    found.map(|c| c.why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_read_as_people_write_them() {
        for text in [
            ">=3.0.0, <3.0.8",
            ">= 3.0.0 , < 3.0.8",
            ">=3.0.0 <3.0.8",
            ">=3.0.0|<3.0.8",
        ] {
            assert_eq!(comparisons(text), ">=3.0.0|<3.0.8", "{text}");
        }
    }
}
