//! Findings: that something the world published touches one of our products. One for each product
//! and vulnerability, whatever names that has.

use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use crate::select::{every, rows_in};
use crate::{args, counters, seal};
use entente_domain::ids::{FindingId, ProductId};
use entente_domain::time::Timestamp;
use std::collections::BTreeSet;

/// What the names of a vulnerability are looked up by.
const NAMES: &str = "vulnerability of a finding";

crate::statements! {
    INSERT = "INSERT INTO findings (id, product, state, found_at, changed_at, body) VALUES ($1, $2, $3, $4, $5, $6)";
    UPDATE = "UPDATE findings SET product = $2, state = $3, found_at = $4, changed_at = $5, body = $6 WHERE id = $1";
    BY_ID = "SELECT id, product, state, found_at, changed_at, body FROM findings WHERE id = $1";
    OF_PRODUCT = "SELECT id, product, state, found_at, changed_at, body FROM findings WHERE product = $1 ORDER BY id LIMIT 100000";
    AFTER = "SELECT id, product, state, found_at, changed_at, body FROM findings WHERE id > $1 ORDER BY id LIMIT $2";
    NAME = "INSERT INTO finding_names (name, product, finding) VALUES ($1, $2, $3) ON CONFLICT (name, product) DO UPDATE SET finding = excluded.finding";
    NAMES_OF = "SELECT name FROM finding_names WHERE finding = $1 ORDER BY name";
    DELETE = "DELETE FROM findings WHERE id = $1";
    UNNAME = "DELETE FROM finding_names WHERE finding = $1";
}

/// One product, one vulnerability.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Its id.
    pub id: FindingId,
    /// The product.
    pub product: ProductId,
    /// What became of it, in the service's words.
    pub state: String,
    /// When it was found.
    pub found_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Sealed: what it is about, in the service's form.
    pub body: Vec<u8>,
}

const PAGE: u32 = 1_000;

fn clear(finding: &Finding) -> [Val; 5] {
    [
        finding.id.0.into(),
        finding.product.into(),
        finding.state.as_str().into(),
        finding.found_at.into(),
        finding.changed_at.into(),
    ]
}

fn keys<'n>(tx: &Tx<'_>, names: impl Iterator<Item = &'n str>) -> BTreeSet<Vec<u8>> {
    names
        .map(|name| tx.keys().lookup(NAMES, name.as_bytes()).to_vec())
        .collect()
}

/// Keeps a finding under every name of its vulnerability; `renamed` says whether these are others
/// than before. `absorbed` are findings of the same product that turned out to be about the same:
/// they end, and their names lead here. After the last one, [`changed`].
pub fn save(
    tx: &mut Tx<'_>,
    finding: &Finding,
    names: &BTreeSet<String>,
    renamed: bool,
    absorbed: &[FindingId],
) -> Result<(), StoreError> {
    for other in absorbed {
        tx.execute(UNNAME, args![other.0])?;
        tx.execute(DELETE, args![other.0])?;
    }
    let named = keys(tx, names.iter().map(String::as_str));
    let mut body = u32::try_from(named.len())
        .unwrap_or(u32::MAX)
        .to_be_bytes()
        .to_vec();
    body.extend_from_slice(&finding.body);
    let key = *tx.keys().registers();
    let body = seal::seal_row(&key, "findings", &clear(finding), &body, tx.random())?;
    let mut values = clear(finding).to_vec();
    values.push(body.into());
    if tx.execute(UPDATE, &values)? == 0 {
        tx.execute(INSERT, &values)?;
    }
    if renamed {
        tx.execute(UNNAME, args![finding.id.0])?;
        for name in named {
            tx.execute(NAME, args![name, finding.product, finding.id.0])?;
        }
    }
    Ok(())
}

/// Says that findings changed, so that what is kept of them in memory is known to be old.
pub fn changed(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    counters::watch_changed(tx)
}

fn opened(tx: &Tx<'_>, row: &Row) -> Result<(Finding, u32), StoreError> {
    let mut finding = Finding {
        id: FindingId(row.id(0)?),
        product: ProductId(row.id(1)?),
        state: row.text(2)?.to_owned(),
        found_at: row.time(3)?,
        changed_at: row.time(4)?,
        body: Vec::new(),
    };
    let key = tx.keys().registers();
    let body = seal::open_row(key, "findings", &clear(&finding), row.bytes(5)?)?;
    let (names, rest) = body
        .split_first_chunk::<4>()
        .ok_or_else(|| StoreError::Damaged(format!("the finding {}", finding.id)))?;
    finding.body = rest.to_vec();
    Ok((finding, u32::from_be_bytes(*names)))
}

/// One finding.
pub fn finding(tx: &mut Tx<'_>, id: FindingId) -> Result<Option<Finding>, StoreError> {
    let row = tx.one(BY_ID, args![id.0])?;
    row.map(|row| Ok(opened(tx, &row)?.0)).transpose()
}

/// The findings of a product, in the order in which they were found.
pub fn findings_of_product(
    tx: &mut Tx<'_>,
    product: ProductId,
) -> Result<Vec<Finding>, StoreError> {
    let rows = tx.all(OF_PRODUCT, args![product])?;
    rows.iter().map(|row| Ok(opened(tx, row)?.0)).collect()
}

/// Every finding, in the order in which they were found.
pub fn all_findings(tx: &mut Tx<'_>) -> Result<Vec<Finding>, StoreError> {
    every(PAGE, |last: Option<&Finding>| {
        let after = last.map_or(uuid::Uuid::nil(), |f| f.id.0);
        let rows = tx.all(AFTER, args![after, PAGE])?;
        rows.iter().map(|row| Ok(opened(tx, row)?.0)).collect()
    })
}

/// The findings about a vulnerability with one of these names, of every product.
pub fn named(tx: &mut Tx<'_>, names: &BTreeSet<String>) -> Result<Vec<Finding>, StoreError> {
    let keys = keys(tx, names.iter().map(String::as_str));
    let keys: Vec<Val> = keys.into_iter().map(Val::from).collect();
    let until = "SELECT finding FROM finding_names WHERE name IN (";
    let rows = rows_in(tx, until, &keys)?;
    let ids = rows.iter().map(|row| row.id(0));
    let ids = ids.collect::<Result<BTreeSet<_>, _>>()?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(finding(tx, FindingId(id))?);
    }
    Ok(found)
}

/// For the verification: whether a finding opens, and can be found by all of its names.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    let (finding, names) = opened(tx, row)?;
    let listed = tx.all(NAMES_OF, args![finding.id.0])?.len();
    if u32::try_from(listed) != Ok(names) {
        return Err(StoreError::Damaged(format!(
            "the names of the finding {} were changed",
            finding.id
        )));
    }
    Ok(())
}
