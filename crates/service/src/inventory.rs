//! What products are made of: documents taken in, one for each version of a product, and the
//! question that they are kept for, "who is affected?" (30111 6.5.3.2, 6.5.3.8; 5895 8.1).
//!
//! The index finds which packages there are and who has them; versions are judged here, in memory,
//! by the order of their ecosystem. What cannot be decided is said, never guessed.

mod affected;
mod export;
pub(crate) mod identity;
mod into_case;
mod read;
mod shared;
mod take;
mod users;
mod ways;

pub use affected::{
    Answer, ComponentHit, PackageSeen, ProductAnswer, Question, Verdict, VersionAnswer, affected,
};
pub use export::{ExportFormat, export};
pub use into_case::into_case;
pub(crate) use into_case::these;
pub use read::{Document, LARGEST, read};
pub use shared::{Shared, SharedBy, shared};
pub use take::{Taken, Target, may_take, remove, take};
pub use users::{ProductUser, ProductUserForm, add_user, remove_user, users};
pub(crate) use users::{Users, everybody};
pub(crate) use ways::ways_to;
pub use ways::{Composition, Line, Listed, composition, draw_ways};

use crate::error::ServiceError;
use crate::products::Product;
use crate::{App, Fault, known, look};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_domain::ids::{ProductId, SbomId, UserId};
use entente_domain::time::Timestamp;
use entente_store::{Tx, inventory};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Something that a document leaves out of what is expected of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// What is missing, for people.
    pub what: String,
    /// Who expects it.
    pub source: String,
    /// In how many components; one for what the document as a whole should say.
    pub times: u64,
}

/// What is known of a document that was taken in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SbomFacts {
    /// The version of the product that it is about.
    pub product_version: String,
    /// Its format, with its serialisation.
    pub format: String,
    /// Version of the format.
    pub spec_version: String,
    /// Its serial number or namespace, if it has one.
    pub serial: Option<String>,
    /// When it says that it was made, as it came.
    pub made: Option<String>,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// The file's name, as it came.
    pub file_name: String,
    /// What it says that it describes: name and version.
    pub describes: Option<(String, String)>,
    /// How many components it lists.
    pub components: u64,
    /// How many of them are different package versions.
    pub distinct: u64,
    /// How many of them have neither a package URL nor a CPE.
    pub unidentified: u64,
    /// How many relations between components it states.
    pub relations: u64,
    /// What it leaves out.
    pub missing: Vec<Missing>,
    /// Who took it in; nobody for the operator's command line.
    pub by: Option<UserId>,
}

/// A document that was taken in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SbomHead {
    /// Its id.
    pub id: SbomId,
    /// The product.
    pub product: ProductId,
    /// When it was taken in.
    pub taken_at: Timestamp,
    /// What is known of it.
    pub facts: SbomFacts,
}

fn head(sbom: &inventory::Sbom) -> Result<SbomHead, Fault> {
    Ok(SbomHead {
        id: sbom.id,
        product: sbom.product,
        taken_at: sbom.taken_at,
        facts: serde_json::from_slice(&sbom.body)
            .map_err(|e| Fault::Service(ServiceError::internal(e)))?,
    })
}

/// Every document by the number that the index knows it by.
pub(crate) type Directory = HashMap<i64, SbomHead>;

pub(crate) fn directory(tx: &mut Tx<'_>) -> Result<Directory, Fault> {
    inventory::all(tx)?
        .iter()
        .map(|s| Ok((s.n, head(s)?)))
        .collect()
}

/// Which versions of products have a document.
#[derive(Default)]
pub(crate) struct Coverage {
    /// Product and version of those that have none.
    pub(crate) without: Arc<Vec<(String, String)>>,
    /// Documents in which components have no identity.
    pub(crate) vague: usize,
    /// The place of each product in the registry's list.
    pub(crate) places: HashMap<ProductId, usize>,
}

impl Coverage {
    pub(crate) fn of(products: &[Product], directory: &Directory) -> Self {
        let covered: HashSet<(ProductId, &str)> = directory
            .values()
            .map(|d| (d.product, d.facts.product_version.as_str()))
            .collect();
        let versions = products
            .iter()
            .flat_map(|p| p.form.versions.iter().map(move |v| (p, v)));
        let without = versions
            .filter(|(p, v)| !covered.contains(&(p.id, v.name.as_str())))
            .map(|(p, v)| (p.form.name.clone(), v.name.clone()));
        Self {
            without: Arc::new(without.collect()),
            vague: directory
                .values()
                .filter(|d| d.facts.unidentified > 0)
                .count(),
            places: products
                .iter()
                .enumerate()
                .map(|(i, p)| (p.id, i))
                .collect(),
        }
    }
}

/// The documents of a product, newest first.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not read the registry of products.
pub async fn of_product(
    app: &App,
    viewer: &Viewer,
    product: ProductId,
) -> Result<Vec<SbomHead>, ServiceError> {
    let mut found = all(app, viewer).await?;
    found.retain(|s| s.product == product);
    Ok(found)
}

/// Every document, newest first.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not read the registry of products.
pub async fn all(app: &App, viewer: &Viewer) -> Result<Vec<SbomHead>, ServiceError> {
    if !may(viewer, Action::Read, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    let a = app.clone();
    let directory = look(app, move |tx| known::generations(tx)?.inventory(&a, tx)).await?;
    let mut found: Vec<SbomHead> = directory.values().cloned().collect();
    found.sort_by_key(|s| std::cmp::Reverse((s.taken_at, s.id)));
    Ok(found)
}
