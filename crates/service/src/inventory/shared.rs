//! Which of our versions contain what a bill of materials contains: for a document of somebody
//! else, or one of our own.

use super::{Document, ways};
use crate::error::ServiceError;
use crate::{App, known, look};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_domain::ids::{ProductId, SbomId};
use entente_store::inventory::{self, PackageVersion};
use std::collections::{BTreeMap, BTreeSet};

/// A version of a product that has some of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SharedBy {
    /// The product.
    pub product: ProductId,
    /// Its name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The document that says so.
    pub sbom: SbomId,
    /// What it has in the same version, as people say it.
    pub same: Vec<String>,
    /// What it has in another version: what the document has, and what it has itself.
    pub other: Vec<(String, Vec<String>)>,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shared {
    /// How many different components the document lists.
    pub components: usize,
    /// How many of them no product has in any version.
    pub unknown: usize,
    /// The versions of products, those that share most first.
    pub by: Vec<SharedBy>,
}

/// Says which versions of products contain what the document contains.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not read the registry of products.
pub async fn shared(
    app: &App,
    viewer: &Viewer,
    document: Document,
) -> Result<Shared, ServiceError> {
    if !may(viewer, Action::Read, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    let a = app.clone();
    look(app, move |tx| {
        let generations = known::generations(tx)?;
        let directory = generations.inventory(&a, tx)?;
        let products = generations.products(&a, tx)?;
        let mut wanted: BTreeMap<&str, BTreeSet<(&str, &str)>> = BTreeMap::new();
        for is in &document.packages {
            let versions = wanted.entry(&is.key).or_default();
            versions.insert((&is.version, &is.scope));
        }
        // What the index calls each version, and whether the document has that very one.
        let mut of: BTreeMap<i64, (PackageVersion, bool)> = BTreeMap::new();
        let mut found = Shared {
            components: document.packages.len(),
            ..Shared::default()
        };
        for (key, versions) in wanted {
            let known = match inventory::package(tx, key)? {
                Some((package, _)) => inventory::versions(tx, package)?,
                None => Vec::new(),
            };
            if known.is_empty() {
                found.unknown += versions.len();
            }
            for (n, version, scope) in known {
                let same = versions.contains(&(version.as_str(), scope.as_str()));
                let is = PackageVersion {
                    key: key.to_owned(),
                    name: String::new(),
                    version,
                    scope,
                };
                of.insert(n, (is, same));
            }
        }
        let numbers: Vec<i64> = of.keys().copied().collect();
        let mut held: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (n, sbom) in inventory::holders(tx, &numbers)? {
            held.entry(sbom).or_default().push(n);
        }
        let mut theirs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for is in &document.packages {
            theirs.entry(&is.key).or_default().insert(&is.version);
        }
        let theirs = |key: &str| {
            let versions: Vec<&str> = theirs.get(key).into_iter().flatten().copied().collect();
            versions.join(", ")
        };
        for (sbom, numbers) in held {
            let Some(head) = directory.get(&sbom) else {
                continue;
            };
            let Some(product) = products.iter().find(|p| p.id == head.product) else {
                continue;
            };
            let parts: Vec<&(PackageVersion, bool)> =
                numbers.iter().filter_map(|n| of.get(n)).collect();
            let mut same: Vec<String> = parts
                .iter()
                .filter(|(_, same)| *same)
                .map(|(is, _)| ways::short(is))
                .collect();
            same.sort();
            let of_same = parts.iter().filter(|(_, same)| *same);
            let of_same: BTreeSet<&str> = of_same.map(|(is, _)| is.key.as_str()).collect();
            let mut other: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for (is, is_same) in &parts {
                if !is_same && !of_same.contains(is.key.as_str()) {
                    let versions = other.entry(&is.key).or_default();
                    versions.push(is.version.clone());
                }
            }
            found.by.push(SharedBy {
                product: product.id,
                name: product.form.name.clone(),
                version: head.facts.product_version.clone(),
                sbom: head.id,
                same,
                other: other
                    .into_iter()
                    .map(|(key, ours)| (format!("{key} {}", theirs(key)), ours))
                    .collect(),
            });
        }
        found.by.sort_by(|a, b| {
            let order = |s: &SharedBy| std::cmp::Reverse((s.same.len(), s.other.len()));
            (order(a), &a.name, &a.version).cmp(&(order(b), &b.name, &b.version))
        });
        Ok(found)
    })
    .await
}
