//! Who uses a product, in which versions, and how soon they can have a fix in place (5895 8.1, 8.3).

use crate::error::ServiceError;
use crate::{App, Fault, look, products, transact};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_domain::ids::{PartyId, ProductId, ProductUserId};
use entente_domain::kinds::UseKind;
use entente_store::{Tx, product_users};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// The longest time that a fix may be said to take, in days.
const LONGEST_DAYS: u32 = 3_650;

/// Who uses a product.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductUserForm {
    /// In what way.
    pub kind: UseKind,
    /// Their name.
    pub name: String,
    /// The party of the register that it is, if it is one.
    #[serde(default)]
    pub party: Option<PartyId>,
    /// The versions that they use; empty: all of them.
    #[serde(default)]
    pub versions: Vec<String>,
    /// How they are reached, where they are no party of the register.
    #[serde(default)]
    pub contact: String,
    /// How many days they need to have a fix in place.
    #[serde(default)]
    pub days_to_deploy: Option<u32>,
}

/// Somebody who uses a product.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProductUser {
    /// Their id.
    pub id: ProductUserId,
    /// What is said of them.
    pub form: ProductUserForm,
}

impl ProductUser {
    /// Whether they use one of these versions.
    pub(super) fn uses<'v>(&self, mut versions: impl Iterator<Item = &'v str>) -> bool {
        self.form.versions.is_empty() || versions.any(|v| self.form.versions.iter().any(|u| u == v))
    }
}

fn opened(user: &product_users::ProductUser) -> Result<ProductUser, Fault> {
    Ok(ProductUser {
        id: user.id,
        form: serde_json::from_slice(&user.body)
            .map_err(|e| Fault::Service(ServiceError::internal(e)))?,
    })
}

/// Everybody, by product.
pub(crate) type Users = HashMap<ProductId, Vec<Arc<ProductUser>>>;

pub(crate) fn everybody(tx: &mut Tx<'_>) -> Result<Users, Fault> {
    let mut users = Users::new();
    for user in product_users::all(tx)? {
        let of = users.entry(user.product).or_default();
        of.push(Arc::new(opened(&user)?));
    }
    Ok(users)
}

/// Who uses a product, by name.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not read the registry of products.
pub async fn users(
    app: &App,
    viewer: &Viewer,
    product: ProductId,
) -> Result<Vec<ProductUser>, ServiceError> {
    if !may(viewer, Action::Read, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    look(app, move |tx| {
        let found = product_users::of_product(tx, product)?;
        let mut users = found
            .iter()
            .map(opened)
            .collect::<Result<Vec<_>, Fault>>()?;
        users.sort_by_cached_key(|u| (u.form.kind, u.form.name.to_lowercase()));
        Ok(users)
    })
    .await
}

/// Enters somebody who uses a product.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not change the registry of products, or where there is
/// no such product; [`ServiceError::Invalid`] by its field.
pub async fn add_user(
    app: &App,
    viewer: &Viewer,
    product: ProductId,
    form: ProductUserForm,
) -> Result<ProductUserId, ServiceError> {
    if !may(viewer, Action::Write, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    check(&form)?;
    let id = ProductUserId(app.random().id(app.now()));
    transact(app, move |tx| {
        let of = products::one(tx, product)?.ok_or(Fault::Service(ServiceError::NotFound))?;
        let known = |v: &String| of.form.versions.iter().any(|known| known.name == *v);
        if let Some(unknown) = form.versions.iter().find(|v| !known(v)) {
            return Err(Fault::Service(ServiceError::invalid(
                "versions",
                format!("{} has no version “{unknown}”.", of.form.name),
                "Name versions of the registry, or none for all of them.",
            )));
        }
        let body =
            serde_json::to_vec(&form).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
        product_users::insert(tx, &product_users::ProductUser { id, product, body })?;
        Ok(id)
    })
    .await
}

fn check(form: &ProductUserForm) -> Result<(), ServiceError> {
    for (field, text) in [("name", &form.name), ("contact", &form.contact)] {
        if text.len() > 400 || text.chars().any(char::is_control) {
            return Err(ServiceError::invalid(
                field,
                "This is longer than a line.",
                "Shorten it to 400 bytes without line breaks.",
            ));
        }
    }
    if form.name.trim().is_empty() {
        return Err(ServiceError::invalid(
            "name",
            "It is not said who it is.",
            "Give a name.",
        ));
    }
    if form.days_to_deploy.is_some_and(|days| days > LONGEST_DAYS) {
        return Err(ServiceError::invalid(
            "days_to_deploy",
            "This is more than ten years.",
            "Give a number of days up to 3,650.",
        ));
    }
    Ok(())
}

/// Removes somebody who uses a product no more.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not change the registry of products, or where there is
/// nobody of that id.
pub async fn remove_user(
    app: &App,
    viewer: &Viewer,
    product: ProductId,
    id: ProductUserId,
) -> Result<(), ServiceError> {
    if !may(viewer, Action::Write, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    transact(app, move |tx| {
        match product_users::remove(tx, product, id)? {
            true => Ok(()),
            false => Err(Fault::Service(ServiceError::NotFound)),
        }
    })
    .await
}
