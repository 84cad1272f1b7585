//! What the world says of vulnerabilities (advisories, with every version of them that was seen),
//! and where that touches our products (findings).
//!
//! An advisory is found by the packages that it is about, a finding by its product or by a name of
//! its vulnerability. Nothing here reads an advisory or judges a version: that is the service's.

mod findings;
mod lists;

pub(crate) use findings::STATEMENTS as FINDING_STATEMENTS;
pub(crate) use findings::check_row as check_finding;
pub use findings::{Finding, all_findings, changed, finding, findings_of_product, named, save};
pub(crate) use lists::{STATEMENTS as LIST_STATEMENTS, check_list, check_source};
pub use lists::{SignalList, WatchSource, due_source, newest_list, put_list};
pub use lists::{remove_source, save_source, source, sources};

use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use crate::select::{insert_rows, rows_in};
use crate::{args, seal};
use entente_domain::time::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

crate::statements! {
    INSERT = "INSERT INTO world_advisories (n, id, seen_at, is_current, body) VALUES ($1, $2, $3, $4, $5)";
    CURRENT = "SELECT n, id, seen_at, is_current, body FROM world_advisories WHERE id = $1 AND is_current = 1";
    SEEN = "SELECT n, id, seen_at, is_current, body FROM world_advisories WHERE id = $1 ORDER BY seen_at, n LIMIT 1000";
    AGE = "UPDATE world_advisories SET is_current = 0, body = $2 WHERE n = $1";
    PACKAGES = "SELECT package FROM world_packages WHERE advisory = $1 ORDER BY package";
    FORGET = "DELETE FROM world_packages WHERE advisory = $1";
    SIZE = "SELECT COUNT(*) FROM world_advisories WHERE is_current = 1";
}

/// An advisory of somebody else, as it was seen at one time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// Its number; the packages know it by this.
    pub n: i64,
    /// Its identifier.
    pub id: String,
    /// When it was seen.
    pub seen_at: Timestamp,
    /// Whether no later version of it was seen.
    pub is_current: bool,
    /// Its content, in the service's form.
    pub body: Vec<u8>,
}

fn clear(seen: &Seen) -> [Val; 4] {
    [
        seen.n.into(),
        seen.id.as_str().into(),
        seen.seen_at.into(),
        i64::from(seen.is_current).into(),
    ]
}

/// Over the packages that an advisory is about, so that a changed list is found.
fn fingerprint<'p>(packages: impl Iterator<Item = &'p str>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for package in packages {
        hash.update(package.as_bytes());
        hash.update(b"\n");
    }
    hash.finalize().into()
}

fn sealed(tx: &mut Tx<'_>, seen: &Seen, print: &[u8; 32]) -> Result<Vec<u8>, StoreError> {
    let mut body = print.to_vec();
    body.extend_from_slice(&seen.body);
    let key = *tx.keys().registers();
    seal::seal_row(&key, "world_advisories", &clear(seen), &body, tx.random())
}

fn opened(tx: &Tx<'_>, row: &Row) -> Result<(Seen, [u8; 32]), StoreError> {
    let mut seen = Seen {
        n: row.int(0)?,
        id: row.text(1)?.to_owned(),
        seen_at: row.time(2)?,
        is_current: row.int(3)? == 1,
        body: Vec::new(),
    };
    let key = tx.keys().registers();
    let body = seal::open_row(key, "world_advisories", &clear(&seen), row.bytes(4)?)?;
    let (print, rest) = body
        .split_first_chunk::<32>()
        .ok_or_else(|| StoreError::Damaged(format!("the advisory {}", seen.id)))?;
    seen.body = rest.to_vec();
    Ok((seen, *print))
}

/// Keeps what was seen of an advisory, in the place of what was seen of it before; that stays as
/// history. `packages` are the keys of those that it is about.
pub fn put(
    tx: &mut Tx<'_>,
    id: &str,
    seen_at: Timestamp,
    body: Vec<u8>,
    packages: &BTreeSet<String>,
) -> Result<i64, StoreError> {
    if let Some(row) = tx.one(CURRENT, args![id])? {
        let (mut before, _) = opened(tx, &row)?;
        before.is_current = false;
        tx.execute(FORGET, args![before.n])?;
        let none = fingerprint(std::iter::empty());
        let body = sealed(tx, &before, &none)?;
        tx.execute(AGE, args![before.n, body])?;
    }
    let seen = Seen {
        n: number(tx),
        id: id.to_owned(),
        seen_at,
        is_current: true,
        body,
    };
    let print = fingerprint(packages.iter().map(String::as_str));
    let body = sealed(tx, &seen, &print)?;
    let mut values = clear(&seen).to_vec();
    values.push(body.into());
    tx.execute(INSERT, &values)?;
    let rows: Vec<_> = packages
        .iter()
        .map(|p| [Val::from(p.as_str()), seen.n.into()])
        .collect();
    insert_rows(tx, "world_packages (package, advisory)", &rows, "")?;
    Ok(seen.n)
}

/// A number that was never given before, not even by a transaction that was rolled back: what is
/// kept in memory by it can never mean something else.
fn number(tx: &Tx<'_>) -> i64 {
    i64::from_be_bytes(tx.random().bytes()) & i64::MAX
}

/// What was last seen of an advisory.
pub fn current(tx: &mut Tx<'_>, id: &str) -> Result<Option<Seen>, StoreError> {
    let row = tx.one(CURRENT, args![id])?;
    row.map(|row| Ok(opened(tx, &row)?.0)).transpose()
}

/// Everything that was seen of an advisory, in the order in which it was.
pub fn history(tx: &mut Tx<'_>, id: &str) -> Result<Vec<Seen>, StoreError> {
    let rows = tx.all(SEEN, args![id])?;
    rows.iter().map(|row| Ok(opened(tx, row)?.0)).collect()
}

/// The current advisories about these packages, by number, each once.
pub fn about(tx: &mut Tx<'_>, packages: &BTreeSet<&str>) -> Result<Vec<i64>, StoreError> {
    let packages: Vec<Val> = packages.iter().map(|p| Val::from(*p)).collect();
    let until = "SELECT advisory FROM world_packages WHERE package IN (";
    let rows = rows_in(tx, until, &packages)?;
    let found = rows.iter().map(|row| row.int(0));
    Ok(found
        .collect::<Result<BTreeSet<_>, _>>()?
        .into_iter()
        .collect())
}

/// Advisories by their numbers.
pub fn by_number(tx: &mut Tx<'_>, numbers: &[i64]) -> Result<Vec<Seen>, StoreError> {
    let numbers: Vec<Val> = numbers.iter().map(|n| Val::from(*n)).collect();
    let until = "SELECT n, id, seen_at, is_current, body FROM world_advisories WHERE n IN (";
    let rows = rows_in(tx, until, &numbers)?;
    rows.iter().map(|row| Ok(opened(tx, row)?.0)).collect()
}

/// How many advisories are kept, each in its current version.
pub fn size(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    match tx.one(SIZE, &[])? {
        Some(row) => row.count(0),
        None => Ok(0),
    }
}

/// For the verification: whether an advisory opens, and whether the packages still are its own.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    let (seen, print) = opened(tx, row)?;
    let rows = tx.all(PACKAGES, args![seen.n])?;
    let packages = rows.iter().map(|row| row.text(0));
    let packages = packages.collect::<Result<Vec<_>, _>>()?;
    if fingerprint(packages.into_iter()) != print {
        return Err(StoreError::Damaged(format!(
            "the packages that the advisory {} is about were changed",
            seen.id
        )));
    }
    Ok(())
}
