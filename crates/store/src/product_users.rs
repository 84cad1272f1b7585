//! Who uses a product: customers, segments, vendors that build it in. A row is a sealed document;
//! the service gives it its form.

use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use crate::select::every;
use crate::{args, counters, seal};
use entente_domain::ids::{ProductId, ProductUserId};

crate::statements! {
    INSERT = "INSERT INTO product_users (id, product, body) VALUES ($1, $2, $3)";
    OF_PRODUCT = "SELECT id, product, body FROM product_users WHERE product = $1 ORDER BY id LIMIT 100000";
    AFTER = "SELECT id, product, body FROM product_users WHERE id > $1 ORDER BY id LIMIT $2";
    DELETE = "DELETE FROM product_users WHERE product = $1 AND id = $2";
}

/// Somebody who uses a product.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProductUser {
    /// Its id.
    pub id: ProductUserId,
    /// The product.
    pub product: ProductId,
    /// Sealed: who it is.
    pub body: Vec<u8>,
}

const PAGE: u32 = 1_000;

fn clear(user: &ProductUser) -> [Val; 2] {
    [user.id.0.into(), user.product.into()]
}

/// Keeps a new one.
pub fn insert(tx: &mut Tx<'_>, user: &ProductUser) -> Result<(), StoreError> {
    let key = *tx.keys().registers();
    let body = seal::seal_row(&key, "product_users", &clear(user), &user.body, tx.random())?;
    tx.execute(INSERT, args![user.id.0, user.product, body])?;
    counters::inventory_changed(tx)
}

fn opened(tx: &Tx<'_>, row: &Row) -> Result<ProductUser, StoreError> {
    let mut user = ProductUser {
        id: ProductUserId(row.id(0)?),
        product: ProductId(row.id(1)?),
        body: Vec::new(),
    };
    let key = tx.keys().registers();
    user.body = seal::open_row(key, "product_users", &clear(&user), row.bytes(2)?)?;
    Ok(user)
}

/// Those of a product, in the order in which they were entered.
pub fn of_product(tx: &mut Tx<'_>, product: ProductId) -> Result<Vec<ProductUser>, StoreError> {
    let rows = tx.all(OF_PRODUCT, args![product])?;
    rows.iter().map(|r| opened(tx, r)).collect()
}

/// All of them, in the order in which they were entered.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<ProductUser>, StoreError> {
    every(PAGE, |last: Option<&ProductUser>| {
        let after = last.map_or(uuid::Uuid::nil(), |u| u.id.0);
        let rows = tx.all(AFTER, args![after, PAGE])?;
        rows.iter().map(|row| opened(tx, row)).collect()
    })
}

/// Removes one of a product's; whether it was there.
pub fn remove(tx: &mut Tx<'_>, product: ProductId, id: ProductUserId) -> Result<bool, StoreError> {
    let removed = tx.execute(DELETE, args![product, id.0])? > 0;
    if removed {
        counters::inventory_changed(tx)?;
    }
    Ok(removed)
}

/// For the verification: whether a row of the table opens.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    opened(tx, row).map(drop)
}
