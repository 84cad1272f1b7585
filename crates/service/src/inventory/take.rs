//! Taking a document in: for a version of a product, whole or not at all, and once.

use super::{Document, SbomFacts, head};
use crate::error::ServiceError;
use crate::products::{self, ProductVersion};
use crate::{App, Fault, transact, watch};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_domain::ids::{ProductId, SbomId};
use entente_store::inventory::{self, Graph, Sbom};
use std::collections::BTreeMap;

/// What a document is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// The product.
    pub product: ProductId,
    /// Its version, by name.
    pub version: String,
    /// Whether a version that the registry does not have is added to it.
    pub add_version: bool,
}

/// What became of a document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Taken {
    /// It is the first about this version of the product.
    New(SbomId),
    /// It took the place of an earlier one about the same version.
    Replaced(SbomId),
    /// The same content is there already; nothing was changed.
    Known(SbomId),
}

impl Taken {
    /// The document's id.
    #[must_use]
    pub fn id(&self) -> SbomId {
        match self {
            Self::New(id) | Self::Replaced(id) | Self::Known(id) => *id,
        }
    }
}

/// Whether a document of this product would be taken from the viewer: to be asked before it is
/// read.
///
/// # Errors
/// [`ServiceError::NotFound`] as for [`take`].
pub async fn may_take(app: &App, viewer: &Viewer, product: ProductId) -> Result<(), ServiceError> {
    if !may(viewer, Action::Write, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    products::get(app, viewer, product).await.map(drop)
}

/// Takes a document in for a version of a product. An earlier document about the same version
/// gives way; the same content twice is once.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not change the registry of products, or where there is
/// no such product; [`ServiceError::Invalid`] where there is no such version.
pub async fn take(
    app: &App,
    viewer: &Viewer,
    target: Target,
    document: Document,
) -> Result<Taken, ServiceError> {
    if !may(viewer, Action::Write, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    let now = app.now();
    let id = SbomId(app.random().id(now));
    let by = viewer.user();
    let a = app.clone();
    transact(app, move |tx| {
        let mut product =
            products::one(tx, target.product)?.ok_or(Fault::Service(ServiceError::NotFound))?;
        let version = target.version.trim();
        if !product.form.versions.iter().any(|v| v.name == version) {
            if !target.add_version || version.is_empty() || version.len() > 200 {
                return Err(Fault::Service(ServiceError::invalid(
                    "version",
                    format!("{} has no version “{version}”.", product.form.name),
                    "Name one of its versions, or add this one to the product first.",
                )));
            }
            product.form.versions.push(ProductVersion {
                name: version.to_owned(),
                ..ProductVersion::default()
            });
            products::put(tx, &product, now)?;
        }
        let mut replaced = false;
        for earlier in inventory::of_product(tx, target.product)? {
            let earlier = head(&earlier)?;
            if earlier.facts.product_version != version {
                continue;
            }
            if earlier.facts.sha256 == document.facts.sha256 {
                return Ok(Taken::Known(earlier.id));
            }
            inventory::remove(tx, earlier.id)?;
            replaced = true;
        }
        let numbers = inventory::intern(tx, &document.packages)?;
        let listed: BTreeMap<i64, _> = numbers
            .iter()
            .copied()
            .zip(document.packages.iter().cloned())
            .collect();
        let graph = graph(&numbers, &document.edges);
        let facts = SbomFacts {
            product_version: version.to_owned(),
            by,
            ..document.facts.clone()
        };
        let sbom = Sbom {
            n: inventory::next_number(tx)?,
            id,
            product: target.product,
            taken_at: now,
            body: serde_json::to_vec(&facts)
                .map_err(|e| Fault::Service(ServiceError::internal(e)))?,
        };
        inventory::insert(tx, &sbom, &listed, &graph)?;
        let aliases: Vec<(String, i64)> = document
            .aliases
            .iter()
            .filter_map(|(alias, place)| Some((alias.clone(), *numbers.get(*place)?)))
            .collect();
        inventory::also_known_as(tx, &aliases)?;
        let (packages, further) = (&document.packages, &document.aliases);
        watch::document_taken(&a, tx, target.product, version, packages, further, now)?;
        Ok(if replaced {
            Taken::Replaced(id)
        } else {
            Taken::New(id)
        })
    })
    .await
}

/// The graph over the numbers that the index gave, from places in the document.
fn graph(numbers: &[i64], edges: &[(usize, usize)]) -> Graph {
    let mut sorted: Vec<i64> = numbers.to_vec();
    sorted.sort_unstable();
    let place = |of: usize| match of.checked_sub(1) {
        None => Some(0),
        Some(i) => {
            let number = numbers.get(i)?;
            sorted.binary_search(number).ok().map(|at| at + 1)
        }
    };
    let pairs: Vec<(usize, usize)> = edges
        .iter()
        .filter_map(|(from, on)| Some((place(*from)?, place(*on)?)))
        .collect();
    Graph::new(sorted, pairs)
}

/// Takes a document out of the inventory.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not change the registry of products, or where there is
/// no such document of this product.
pub async fn remove(
    app: &App,
    viewer: &Viewer,
    product: ProductId,
    id: SbomId,
) -> Result<(), ServiceError> {
    if !may(viewer, Action::Write, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    let (a, now) = (app.clone(), app.now());
    transact(app, move |tx| {
        let of_product = inventory::of_product(tx, product)?;
        let Some(sbom) = of_product.iter().find(|s| s.id == id) else {
            return Err(Fault::Service(ServiceError::NotFound));
        };
        let version = head(sbom)?.facts.product_version;
        inventory::remove(tx, id)?;
        watch::document_gone(&a, tx, product, &version, now)
    })
    .await
}
