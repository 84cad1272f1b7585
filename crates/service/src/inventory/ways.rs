//! By which way a product has a component, and what it is made of: the graph of one document.

use super::{Answer, SbomHead, head};
use crate::error::ServiceError;
use crate::{App, Fault, known, look, watch};
use entente_documents::purl;
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_domain::ids::{ProductId, SbomId};
use entente_store::Tx;
use entente_store::inventory::{self, Graph, PackageVersion};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Draws, for the first documents of an answer, by which way each product has the component.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not read the registry of products.
pub async fn draw_ways(
    app: &App,
    viewer: &Viewer,
    mut answer: Answer,
    documents: usize,
) -> Result<Answer, ServiceError> {
    if !may(viewer, Action::Read, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    let wanted: Vec<(SbomId, Vec<i64>)> = answer
        .products
        .iter()
        .flat_map(|p| &p.versions)
        .take(documents)
        .map(|v| (v.sbom, v.components.iter().map(|c| c.n).collect()))
        .collect();
    let drawn = look(app, move |tx| {
        let mut drawn: HashMap<(SbomId, i64), Vec<i64>> = HashMap::new();
        let mut between = BTreeSet::new();
        for (id, components) in &wanted {
            // A document that was replaced since the answer has no way any more.
            let Some((_, graph)) = inventory::get(tx, *id)? else {
                continue;
            };
            let before = graph.shortest_ways();
            for n in components {
                let way = way(&graph, &before, *n);
                between.extend(way.iter().copied());
                drawn.insert((*id, *n), way);
            }
        }
        let between: Vec<i64> = between.into_iter().collect();
        let names = inventory::what(tx, &between)?;
        Ok(drawn
            .into_iter()
            .map(|(at, way)| {
                let named = way.iter().filter_map(|n| names.get(n)).map(short);
                (at, named.collect())
            })
            .collect::<HashMap<(SbomId, i64), Vec<String>>>())
    })
    .await?;
    for version in answer.products.iter_mut().flat_map(|p| &mut p.versions) {
        for component in &mut version.components {
            if let Some(way) = drawn.get(&(version.sbom, component.n)) {
                component.way.clone_from(way);
                version.drawn = true;
            }
        }
    }
    Ok(answer)
}

/// By which way versions of a product have the components of these lines: the version, then the
/// components from the product's side, itself last. A component that nothing is said to need
/// stands alone.
pub(crate) fn ways_to(
    app: &App,
    tx: &mut Tx<'_>,
    product: ProductId,
    lines: &[watch::Line],
) -> Result<Vec<(String, Vec<String>)>, Fault> {
    let directory = known::generations(tx)?.inventory(app, tx)?;
    let mut wanted: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    for line in lines {
        let Some((package, _)) = inventory::package(tx, &line.package)? else {
            continue;
        };
        for (n, version, scope) in inventory::versions(tx, package)? {
            if version == line.version && scope == line.scope {
                wanted.entry(&line.product_version).or_default().insert(n);
            }
        }
    }
    let mut ways = Vec::new();
    for (version, components) in wanted {
        let of = |d: &&SbomHead| d.product == product && d.facts.product_version == version;
        let Some(head) = directory.values().find(of) else {
            continue;
        };
        let Some((_, graph)) = inventory::get(tx, head.id)? else {
            continue;
        };
        let before = graph.shortest_ways();
        for n in components {
            let way = match way(&graph, &before, n) {
                none if none.is_empty() => vec![n],
                way => way,
            };
            let names = inventory::what(tx, &way)?;
            let named = way.iter().filter_map(|n| names.get(n)).map(short);
            ways.push((version.to_owned(), named.collect()));
        }
    }
    Ok(ways)
}

/// The package versions from the product to this one, itself last; empty where no way leads there.
fn way(graph: &Graph, before: &[Option<usize>], n: i64) -> Vec<i64> {
    let mut way = Vec::new();
    let mut place = graph.place(n);
    while let Some(at) = place
        && at != 0
        && way.len() <= before.len()
    {
        way.extend(graph.node(at));
        place = before.get(at).copied().flatten();
        if place.is_none() {
            return Vec::new();
        }
    }
    way.reverse();
    way
}

/// A package version as people say it: name and version.
pub(super) fn short(is: &PackageVersion) -> String {
    let name = short_name(is);
    if is.version.is_empty() {
        name
    } else {
        format!("{name} {}", is.version)
    }
}

/// Its name with the namespace, as people write it.
pub(super) fn short_name(is: &PackageVersion) -> String {
    match purl::parse_lenient(&is.key) {
        Ok((purl, _)) => match purl.namespace() {
            Some(namespace) => format!("{namespace}/{}", purl.name()),
            None => purl.name().to_owned(),
        },
        Err(_) => is
            .key
            .split_once(':')
            .map_or_else(|| is.key.clone(), |(_, name)| name.to_owned()),
    }
}

/// Whether something stands in a document by a way from the product.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Listed {
    /// So many steps from the product: 1 is a direct component.
    Steps(usize),
    /// The document lists it and does not say what needs it.
    Only,
}

/// A component of a product.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// What it is.
    pub is: PackageVersion,
    /// Name and version as people say them.
    pub name: String,
    /// How the product has it.
    pub listed: Listed,
    /// How many other components of the document need it directly.
    pub needed_by: usize,
}

/// What a version of a product is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Composition {
    /// The document.
    pub head: SbomHead,
    /// Its components, nearest first.
    pub lines: Vec<Line>,
}

/// What the product is made of by one document.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not read the registry of products, or where there is no
/// such document.
pub async fn composition(
    app: &App,
    viewer: &Viewer,
    id: SbomId,
) -> Result<Composition, ServiceError> {
    if !may(viewer, Action::Read, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    look(app, move |tx| {
        let (sbom, graph) =
            inventory::get(tx, id)?.ok_or(Fault::Service(ServiceError::NotFound))?;
        let names: BTreeMap<i64, PackageVersion> = inventory::what(tx, graph.nodes())?;
        let before = graph.shortest_ways();
        let mut needed = vec![0_usize; graph.nodes().len() + 1];
        for place in 0..=graph.nodes().len() {
            for on in graph.on(place) {
                if let Some(count) = needed.get_mut(*on) {
                    *count += 1;
                }
            }
        }
        let mut lines: Vec<Line> = graph
            .nodes()
            .iter()
            .filter_map(|n| {
                let is = names.get(n)?.clone();
                let steps = way(&graph, &before, *n).len();
                let place = graph.place(*n)?;
                Some(Line {
                    name: short(&is),
                    is,
                    listed: if steps == 0 {
                        Listed::Only
                    } else {
                        Listed::Steps(steps)
                    },
                    needed_by: needed.get(place).copied().unwrap_or(0),
                })
            })
            .collect();
        lines.sort_by(|a, b| (a.listed, &a.name).cmp(&(b.listed, &b.name)));
        Ok(Composition {
            head: head(&sbom)?,
            lines,
        })
    })
    .await
}
