//! What products are made of: documents (sealed, with their graph), the packages that they list,
//! each kept once, and who has which of them.
//!
//! Names of packages stand in clear, because the question "who has this?" is answered from an
//! index; a document knows the fingerprint of the names that it gave, so that the verification
//! finds a changed one. Nothing here orders versions: that is the service's, in memory.

mod graph;

pub use graph::Graph;

use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use crate::select::{AT_ONCE, Select, every, insert_rows, rows_in};
use crate::{args, counters, seal};
use entente_domain::ids::{ProductId, SbomId};
use entente_domain::time::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Documents of one page.
const PAGE: u32 = 1_000;
/// Packages of one name at most; a page of answers holds fewer.
const OF_ONE_NAME: u32 = 200;

crate::statements! {
    INSERT = "INSERT INTO sboms (n, id, product, taken_at, body, graph) VALUES ($1, $2, $3, $4, $5, $6)";
    BY_ID = "SELECT n, id, product, taken_at, body, graph FROM sboms WHERE id = $1";
    OF_PRODUCT = "SELECT n, id, product, taken_at, body FROM sboms WHERE product = $1 ORDER BY n LIMIT 10000";
    AFTER = "SELECT n, id, product, taken_at, body FROM sboms WHERE n > $1 ORDER BY n LIMIT $2";
    DELETE = "DELETE FROM sboms WHERE n = $1";
    BY_KEY = "SELECT n, key FROM packages WHERE key = $1";
    BY_NAME = "SELECT n, key FROM packages WHERE name = $1 ORDER BY key LIMIT $2";
    VERSIONS = "SELECT n, version, scope FROM package_versions WHERE package = $1 ORDER BY version, scope";
    BY_ALIAS = "SELECT v.n, p.key, v.version, v.scope FROM package_aliases a, package_versions v, packages p WHERE a.alias = $1 AND v.n = a.package_version AND p.n = v.package ORDER BY p.key, v.version, v.scope LIMIT 1000";
    BUILT_FROM = "SELECT a.alias, v.n, p.key, v.version, v.scope FROM package_aliases a, package_versions v, packages p WHERE a.alias >= $1 AND a.alias < $2 AND v.n = a.package_version AND p.n = v.package ORDER BY a.alias, v.n LIMIT 100000";
    SIZE = "SELECT (SELECT COUNT(*) FROM sboms), (SELECT COUNT(*) FROM packages), (SELECT COUNT(*) FROM package_versions)";
}

/// A version of a package, as documents name it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct PackageVersion {
    /// What identifies the package without its version: a package URL without version and
    /// qualifiers, `cpe:` with vendor and product, or `name:` with a bare name.
    pub key: String,
    /// The bare name, in small letters, for the question by name.
    pub name: String,
    /// The version as it came; empty where the document gives none.
    pub version: String,
    /// The distribution that it was built for, such as `debian-12`; empty where there is none.
    pub scope: String,
}

/// A document about one version of a product.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sbom {
    /// Its number; the index knows it by this.
    pub n: i64,
    /// Its id.
    pub id: SbomId,
    /// The product.
    pub product: ProductId,
    /// When it was taken in.
    pub taken_at: Timestamp,
    /// Sealed: what it says of itself, in the service's form.
    pub body: Vec<u8>,
}

/// The numbers of these versions, in their order; what is new is added. Both engines answer in a
/// few statements, however many there are.
///
/// # Errors
/// The database, or [`StoreError::Conflict`] if another transaction added the same just now.
pub fn intern(tx: &mut Tx<'_>, wanted: &[PackageVersion]) -> Result<Vec<i64>, StoreError> {
    let packages = packages_of(tx, wanted)?;
    let mut keyed: Vec<(i64, &str, &str)> = Vec::with_capacity(wanted.len());
    for w in wanted {
        let package = packages.get(w.key.as_str()).ok_or_else(|| gone(&w.key))?;
        keyed.push((*package, &w.version, &w.scope));
    }
    let distinct: BTreeSet<(i64, &str, &str)> = keyed.iter().copied().collect();
    let mut known = known_versions(tx, &distinct)?;
    let fresh: Vec<(i64, &str, &str)> = distinct
        .into_iter()
        .filter(|(p, v, s)| !known.contains_key(&(*p, (*v).to_owned(), (*s).to_owned())))
        .collect();
    let first = counters::take(tx, "package versions", fresh.len())?;
    let mut rows = Vec::with_capacity(fresh.len());
    for (next, (package, version, scope)) in (first..).zip(fresh) {
        rows.push([next.into(), package.into(), version.into(), scope.into()]);
        known.insert((package, version.to_owned(), scope.to_owned()), next);
    }
    insert_rows(
        tx,
        "package_versions (n, package, version, scope)",
        &rows,
        "",
    )?;
    keyed
        .into_iter()
        .map(|(p, v, s)| {
            let key = (p, v.to_owned(), s.to_owned());
            known.get(&key).copied().ok_or_else(|| gone(&key.1))
        })
        .collect()
}

fn gone(what: &str) -> StoreError {
    StoreError::Damaged(format!("{what} was added and is not there"))
}

fn packages_of<'w>(
    tx: &mut Tx<'_>,
    wanted: &'w [PackageVersion],
) -> Result<HashMap<&'w str, i64>, StoreError> {
    let names: BTreeMap<&str, &str> = wanted
        .iter()
        .map(|w| (w.key.as_str(), w.name.as_str()))
        .collect();
    let keys: Vec<&str> = names.keys().copied().collect();
    let mut known: HashMap<&str, i64> = HashMap::with_capacity(keys.len());
    let values: Vec<Val> = keys.iter().map(|k| Val::from(*k)).collect();
    for row in rows_in(tx, "SELECT n, key FROM packages WHERE key IN (", &values)? {
        if let Some((key, _)) = names.get_key_value(row.text(1)?) {
            known.insert(key, row.int(0)?);
        }
    }
    let fresh: Vec<&str> = keys
        .into_iter()
        .filter(|k| !known.contains_key(k))
        .collect();
    let first = counters::take(tx, "packages", fresh.len())?;
    let mut rows: Vec<[Val; 3]> = Vec::with_capacity(fresh.len());
    for (next, key) in (first..).zip(fresh) {
        let name = names.get(key).copied().unwrap_or_default();
        rows.push([next.into(), key.into(), name.into()]);
        known.insert(key, next);
    }
    insert_rows(tx, "packages (n, key, name)", &rows, "")?;
    Ok(known)
}

type Version = (i64, String, String);

fn known_versions(
    tx: &mut Tx<'_>,
    distinct: &BTreeSet<(i64, &str, &str)>,
) -> Result<HashMap<Version, i64>, StoreError> {
    let mut known = HashMap::with_capacity(distinct.len());
    let all: Vec<_> = distinct.iter().copied().collect();
    for some in all.chunks(AT_ONCE) {
        let mut q = Select::new(
            "SELECT n, package, version, scope FROM package_versions WHERE ".to_owned(),
        );
        for (i, (package, version, scope)) in some.iter().enumerate() {
            q.push(if i == 0 { "" } else { " OR " }, &[]).push(
                "(package = ? AND version = ? AND scope = ?)",
                args![*package, *version, *scope],
            );
        }
        for row in q.all(tx)? {
            let key = (
                row.int(1)?,
                row.text(2)?.to_owned(),
                row.text(3)?.to_owned(),
            );
            known.insert(key, row.int(0)?);
        }
    }
    Ok(known)
}

/// Keeps further names of package versions: a CPE's vendor and product, a hash.
pub fn also_known_as(tx: &mut Tx<'_>, aliases: &[(String, i64)]) -> Result<(), StoreError> {
    let rows: Vec<[Val; 2]> = aliases
        .iter()
        .map(|(alias, n)| [alias.as_str().into(), (*n).into()])
        .collect();
    let into = "package_aliases (alias, package_version)";
    insert_rows(tx, into, &rows, " ON CONFLICT DO NOTHING")
}

fn clear(sbom: &Sbom) -> [Val; 4] {
    [
        sbom.n.into(),
        sbom.id.0.into(),
        sbom.product.into(),
        sbom.taken_at.into(),
    ]
}

/// The number that the next document gets.
pub fn next_number(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    counters::next(tx, "sboms")
}

/// Keeps a document with its graph, and notes what it lists in the index.
///
/// # Errors
/// `listed` and the graph do not name the same, or the database.
pub fn insert(
    tx: &mut Tx<'_>,
    sbom: &Sbom,
    listed: &BTreeMap<i64, PackageVersion>,
    graph: &Graph,
) -> Result<(), StoreError> {
    if !listed.keys().eq(graph.nodes()) {
        return Err(StoreError::Damaged(
            "a graph names other packages than its document".to_owned(),
        ));
    }
    let key = *tx.keys().registers();
    let body = seal::seal_row(&key, "sboms", &clear(sbom), &sbom.body, tx.random())?;
    let mut sealed = fingerprint(listed.values()).to_vec();
    graph.encode(&mut sealed);
    let sealed = seal::seal_row(&key, GRAPH, &clear(sbom), &sealed, tx.random())?;
    let mut values = clear(sbom).to_vec();
    values.extend([body.into(), sealed.into()]);
    tx.execute(INSERT, &values)?;
    let rows: Vec<[Val; 2]> = graph
        .nodes()
        .iter()
        .map(|n| [(*n).into(), sbom.n.into()])
        .collect();
    insert_rows(tx, "contains (package_version, sbom)", &rows, "")?;
    counters::inventory_changed(tx)
}

/// What the sealed graph of a document is bound to.
const GRAPH: &str = "sboms.graph";

/// Over the names that a document gave, so that a changed name in the index is found.
fn fingerprint<'v>(listed: impl Iterator<Item = &'v PackageVersion>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for v in listed {
        for part in [&v.key, &v.version, &v.scope] {
            hash.update(part.as_bytes());
            // No part has a line break: it ends the part, so that nothing moves over its edge.
            hash.update(b"\n");
        }
    }
    hash.finalize().into()
}

fn opened(tx: &Tx<'_>, row: &Row) -> Result<Sbom, StoreError> {
    let mut sbom = Sbom {
        n: row.int(0)?,
        id: SbomId(row.id(1)?),
        product: ProductId(row.id(2)?),
        taken_at: row.time(3)?,
        body: Vec::new(),
    };
    let key = tx.keys().registers();
    sbom.body = seal::open_row(key, "sboms", &clear(&sbom), row.bytes(4)?)?;
    Ok(sbom)
}

fn opened_graph(tx: &Tx<'_>, sbom: &Sbom, row: &Row) -> Result<([u8; 32], Graph), StoreError> {
    let key = tx.keys().registers();
    let bytes = seal::open_row(key, GRAPH, &clear(sbom), row.bytes(5)?)?;
    let damaged = || StoreError::Damaged(format!("the graph of document {}", sbom.id));
    let (print, graph) = bytes.split_first_chunk::<32>().ok_or_else(damaged)?;
    Ok((*print, Graph::decode(graph).ok_or_else(damaged)?))
}

/// A document with its graph.
pub fn get(tx: &mut Tx<'_>, id: SbomId) -> Result<Option<(Sbom, Graph)>, StoreError> {
    let Some(row) = tx.one(BY_ID, args![id.0])? else {
        return Ok(None);
    };
    let sbom = opened(tx, &row)?;
    let (_, graph) = opened_graph(tx, &sbom, &row)?;
    Ok(Some((sbom, graph)))
}

/// The documents of a product, without their graphs, in the order in which they came.
pub fn of_product(tx: &mut Tx<'_>, product: ProductId) -> Result<Vec<Sbom>, StoreError> {
    let rows = tx.all(OF_PRODUCT, args![product])?;
    rows.iter().map(|r| opened(tx, r)).collect()
}

/// Every document, without its graph, in the order in which they came.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Sbom>, StoreError> {
    every(PAGE, |last: Option<&Sbom>| {
        let after = last.map_or(0, |s| s.n);
        let rows = tx.all(AFTER, args![after, PAGE])?;
        rows.iter().map(|row| opened(tx, row)).collect()
    })
}

/// Removes a document and takes what it lists out of the index. The packages stay: others have
/// them, or will.
pub fn remove(tx: &mut Tx<'_>, id: SbomId) -> Result<(), StoreError> {
    let Some((sbom, graph)) = get(tx, id)? else {
        return Ok(());
    };
    for some in graph.nodes().chunks(AT_ONCE) {
        let mut q = Select::new("DELETE FROM contains WHERE ".to_owned());
        q.push("sbom = ?", args![sbom.n])
            .push(" AND package_version IN (", &[])
            .list(some.iter().map(|n| Val::from(*n)));
        tx.execute(&q.sql, &q.args)?;
    }
    tx.execute(DELETE, args![sbom.n])?;
    counters::inventory_changed(tx)
}

/// A package: its number and its key.
pub type Package = (i64, String);

/// The package with this key.
pub fn package(tx: &mut Tx<'_>, key: &str) -> Result<Option<Package>, StoreError> {
    let row = tx.one(BY_KEY, args![key])?;
    row.map(|r| Ok((r.int(0)?, r.text(1)?.to_owned())))
        .transpose()
}

/// Packages of a bare name, by key; at most 200.
pub fn packages_named(tx: &mut Tx<'_>, name: &str) -> Result<Vec<Package>, StoreError> {
    let rows = tx.all(BY_NAME, args![name.to_lowercase(), OF_ONE_NAME])?;
    rows.iter()
        .map(|r| Ok((r.int(0)?, r.text(1)?.to_owned())))
        .collect()
}

/// The versions of a package that any document ever listed: number, version, scope.
pub fn versions(tx: &mut Tx<'_>, package: i64) -> Result<Vec<(i64, String, String)>, StoreError> {
    let rows = tx.all(VERSIONS, args![package])?;
    rows.iter()
        .map(|r| Ok((r.int(0)?, r.text(1)?.to_owned(), r.text(2)?.to_owned())))
        .collect()
}

/// Package versions with a further name: numbers, and what they are.
pub fn with_alias(tx: &mut Tx<'_>, alias: &str) -> Result<Vec<(i64, PackageVersion)>, StoreError> {
    let rows = tx.all(BY_ALIAS, args![alias])?;
    rows.iter().map(named).collect()
}

/// How the source package is kept that a distribution's binary was built from: a further name of
/// the binary, with the source's own version.
pub fn source_alias(key: &str, version: &str) -> String {
    format!("source:{key}@{version}")
}

/// The source package and its version that a further name means, if it means one.
pub fn of_source_alias(alias: &str) -> Option<(&str, &str)> {
    // A key has an @ of its own only where it is encoded.
    alias.strip_prefix("source:")?.split_once('@')
}

/// Package versions that were built from a source package: its version, their numbers, and what
/// they are.
pub fn built_from(
    tx: &mut Tx<'_>,
    source: &str,
) -> Result<Vec<(String, i64, PackageVersion)>, StoreError> {
    let from = source_alias(source, "");
    // The letter after the one that ends the name.
    let until = format!("source:{source}A");
    let rows = tx.all(BUILT_FROM, args![from.as_str(), until])?;
    let of = |row: &Row| {
        let version = row.text(0)?.strip_prefix(&from).unwrap_or_default();
        let is = PackageVersion {
            key: row.text(2)?.to_owned(),
            name: String::new(),
            version: row.text(3)?.to_owned(),
            scope: row.text(4)?.to_owned(),
        };
        Ok((version.to_owned(), row.int(1)?, is))
    };
    rows.iter().map(of).collect()
}

fn named(row: &Row) -> Result<(i64, PackageVersion), StoreError> {
    Ok((
        row.int(0)?,
        PackageVersion {
            key: row.text(1)?.to_owned(),
            name: String::new(),
            version: row.text(2)?.to_owned(),
            scope: row.text(3)?.to_owned(),
        },
    ))
}

/// Who has these package versions: pairs of version and document, by their numbers.
pub fn holders(tx: &mut Tx<'_>, versions: &[i64]) -> Result<Vec<(i64, i64)>, StoreError> {
    let until = "SELECT package_version, sbom FROM contains WHERE package_version IN (";
    let rows = rows_in(tx, until, &numbers(versions))?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, row.int(1)?)))
        .collect()
}

fn numbers(of: &[i64]) -> Vec<Val> {
    of.iter().map(|n| Val::from(*n)).collect()
}

/// What package versions are, by their numbers. The bare name is left empty.
pub fn what(
    tx: &mut Tx<'_>,
    versions: &[i64],
) -> Result<BTreeMap<i64, PackageVersion>, StoreError> {
    let until = "SELECT v.n, p.key, v.version, v.scope FROM package_versions v, packages p WHERE p.n = v.package AND v.n IN (";
    let rows = rows_in(tx, until, &numbers(versions))?;
    rows.iter().map(named).collect()
}

/// How much there is: documents, packages, package versions.
pub fn size(tx: &mut Tx<'_>) -> Result<[u64; 3], StoreError> {
    match tx.one(SIZE, args![])? {
        Some(row) => Ok([row.count(0)?, row.count(1)?, row.count(2)?]),
        None => Ok([0; 3]),
    }
}

/// For the verification: whether a document opens, and whether the index still says what it said.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    let sbom = opened(tx, row)?;
    let (print, graph) = opened_graph(tx, &sbom, row)?;
    let named = what(tx, graph.nodes())?;
    let held = holders_of_document(tx, sbom.n, graph.nodes())?;
    if fingerprint(named.values()) != print || held != graph.nodes().len() {
        return Err(StoreError::Damaged(format!(
            "the index says something else than document {}",
            sbom.id
        )));
    }
    Ok(())
}

fn holders_of_document(tx: &mut Tx<'_>, sbom: i64, nodes: &[i64]) -> Result<usize, StoreError> {
    let mut held = 0;
    for some in nodes.chunks(AT_ONCE) {
        let mut q = Select::new("SELECT package_version FROM contains WHERE ".to_owned());
        q.push("sbom = ?", args![sbom])
            .push(" AND package_version IN (", &[])
            .list(some.iter().map(|n| Val::from(*n)));
        held += q.all(tx)?.len();
    }
    Ok(held)
}
