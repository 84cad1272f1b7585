//! The product registry: versions with support periods, and who speaks for a product (30111
//! 6.5.3.4). No product without a contact; [`orphans`] says where that is broken.

use crate::error::ServiceError;
use crate::{App, Fault, accounts, known, look, transact};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_domain::decide::ProductFact;
use entente_domain::ids::{ProductId, UserId};
use entente_domain::kinds::Unpatchable;
use entente_domain::time::Timestamp;
use entente_store::{Tx, registers};
use serde::{Deserialize, Serialize};

const REGISTER: &str = "product";

/// A version or branch of a product.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProductVersion {
    /// Its name.
    pub name: String,
    /// The branch that it belongs to.
    pub branch: String,
    /// From when it is supported.
    pub supported_from: Option<Timestamp>,
    /// Until when; open where empty.
    pub supported_until: Option<Timestamp>,
    /// Platforms that it is supported on.
    pub platforms: Vec<String>,
}

/// A copy of a component that cannot be replaced in the field.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedCopy {
    /// The component, by its bare name or its package URL without version.
    pub component: String,
    /// The version of the product that has it; empty: all of them.
    #[serde(default)]
    pub version: String,
    /// Why it cannot be replaced.
    pub why: Unpatchable,
}

/// What people say of a product.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductForm {
    /// Its name.
    pub name: String,
    /// The family that it belongs to.
    #[serde(default)]
    pub family: String,
    /// Software, hardware, service or component.
    #[serde(default)]
    pub kind: String,
    /// The division that owns it.
    #[serde(default)]
    pub division: String,
    /// Who speaks for it.
    pub contact: UserId,
    /// Who speaks for it otherwise.
    #[serde(default)]
    pub deputy: Option<UserId>,
    /// Its versions.
    #[serde(default)]
    pub versions: Vec<ProductVersion>,
    /// Copies of components that cannot be replaced in the field.
    #[serde(default)]
    pub fixed_copies: Vec<FixedCopy>,
}

/// A product of the registry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// The version of its entry.
    pub version: u64,
    /// When the entry changed.
    pub updated_at: Timestamp,
    /// What it says.
    pub form: ProductForm,
}

impl Product {
    /// Whether any version is supported at `now`. One without versions counts as supported.
    pub fn supported(&self, now: Timestamp) -> bool {
        self.form.versions.is_empty()
            || self.form.versions.iter().any(|v| {
                v.supported_from.is_none_or(|t| t <= now)
                    && v.supported_until.is_none_or(|t| t > now)
            })
    }
}

fn opened(d: &registers::Document) -> Result<Product, Fault> {
    Ok(Product {
        id: ProductId(d.id),
        version: d.version,
        updated_at: d.updated_at,
        form: serde_json::from_slice(&d.body)
            .map_err(|e| Fault::Service(ServiceError::internal(e)))?,
    })
}

/// The product of that id.
pub(crate) fn one(tx: &mut Tx<'_>, id: ProductId) -> Result<Option<Product>, Fault> {
    let found = registers::get(tx, REGISTER, id.0)?;
    found.as_ref().map(opened).transpose()
}

/// Saves what a product says as the version after the one that was read.
pub(crate) fn put(tx: &mut Tx<'_>, product: &Product, now: Timestamp) -> Result<(), Fault> {
    let body =
        serde_json::to_vec(&product.form).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
    registers::save(
        tx,
        REGISTER,
        &registers::Document {
            id: product.id.0,
            version: product.version + 1,
            updated_at: now,
            body,
        },
    )?;
    Ok(())
}

pub(crate) fn read(tx: &mut Tx<'_>) -> Result<Vec<Product>, Fault> {
    let documents = registers::list(tx, REGISTER)?;
    let mut products = documents
        .iter()
        .map(opened)
        .collect::<Result<Vec<_>, Fault>>()?;
    products.sort_by(|a, b| a.form.name.cmp(&b.form.name));
    Ok(products)
}

pub(crate) fn facts(tx: &mut Tx<'_>) -> Result<Vec<ProductFact>, Fault> {
    Ok(read(tx)?
        .into_iter()
        .map(|p| ProductFact {
            id: p.id,
            supported: !p.form.versions.is_empty(),
            contacts: std::iter::once(p.form.contact)
                .chain(p.form.deputy)
                .collect(),
            name: p.form.name,
        })
        .collect())
}

/// Every product, by name.
pub async fn list(app: &App, viewer: &Viewer) -> Result<Vec<Product>, ServiceError> {
    if !may(viewer, Action::Read, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    look(app, read).await
}

/// One product.
pub async fn get(app: &App, viewer: &Viewer, id: ProductId) -> Result<Product, ServiceError> {
    list(app, viewer)
        .await?
        .into_iter()
        .find(|p| p.id == id)
        .ok_or(ServiceError::NotFound)
}

/// Names of products for the public form: what may be reported on (29147 9.3.5).
pub async fn public_names(app: &App) -> Result<Vec<String>, ServiceError> {
    let a = app.clone();
    look(app, move |tx| {
        let products = known::generations(tx)?.products(&a, tx)?;
        Ok(products.iter().map(|p| p.form.name.clone()).collect())
    })
    .await
}

/// Saves a product: a new one without `id`, otherwise the version that was seen is named.
pub async fn save(
    app: &App,
    viewer: &Viewer,
    id: Option<(ProductId, u64)>,
    form: ProductForm,
) -> Result<ProductId, ServiceError> {
    if !may(viewer, Action::Write, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    if form.name.trim().is_empty()
        || form.name.len() > 200
        || form.name.chars().any(char::is_control)
    {
        return Err(ServiceError::invalid(
            "name",
            "A product needs a name of one line.",
            "Give it a name of at most 200 bytes.",
        ));
    }
    if form.versions.len() > 500 {
        return Err(ServiceError::invalid(
            "versions",
            "More than 500 versions.",
            "Use branches.",
        ));
    }
    let long = |c: &FixedCopy| c.component.trim().is_empty() || c.component.len() > 2_000;
    if form.fixed_copies.len() > 500 || form.fixed_copies.iter().any(long) {
        return Err(ServiceError::invalid(
            "fixed_copies",
            "There are more than 500 copies, or one names no component.",
            "Name each by its component.",
        ));
    }
    for v in &form.versions {
        if v.name.trim().is_empty() {
            return Err(ServiceError::invalid(
                "versions",
                "A version has no name.",
                "Name it or remove the line.",
            ));
        }
        if let (Some(from), Some(until)) = (v.supported_from, v.supported_until)
            && until <= from
        {
            return Err(ServiceError::invalid(
                "versions",
                "Support ends before it begins.",
                "Correct the dates.",
            ));
        }
    }
    let now = app.now();
    let (id, version) = match id {
        Some((id, seen)) => (id, seen + 1),
        None => (ProductId(app.random().id(now)), 1),
    };
    transact(app, move |tx| {
        let active = accounts::active_people(tx)?;
        if !active.iter().any(|p| p.id == form.contact) {
            return Err(Fault::Service(ServiceError::invalid(
                "contact",
                "The contact has no active account.",
                "Choose an active member of staff.",
            )));
        }
        if let Some(deputy) = form.deputy
            && !active.iter().any(|p| p.id == deputy)
        {
            return Err(Fault::Service(ServiceError::invalid(
                "deputy",
                "The deputy has no active account.",
                "Choose an active member of staff.",
            )));
        }
        if read(tx)?
            .iter()
            .any(|p| p.id != id && p.form.name.eq_ignore_ascii_case(form.name.trim()))
        {
            return Err(Fault::Service(ServiceError::invalid(
                "name",
                "Another product has this name.",
                "Choose another name, or edit that product.",
            )));
        }
        let body =
            serde_json::to_vec(&form).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
        registers::save(
            tx,
            REGISTER,
            &registers::Document {
                id: id.0,
                version,
                updated_at: now,
                body,
            },
        )?;
        Ok(id)
    })
    .await
}

/// Products whose contact (and deputy) no longer have an active account: the daily check.
pub async fn orphans(app: &App, viewer: &Viewer) -> Result<Vec<Product>, ServiceError> {
    if !may(viewer, Action::Read, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    look(app, |tx| {
        let active = accounts::active_people(tx)?;
        Ok(read(tx)?
            .into_iter()
            .filter(|p| !active.iter().any(|a| a.id == p.form.contact))
            .collect())
    })
    .await
}
