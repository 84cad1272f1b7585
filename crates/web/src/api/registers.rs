//! Products and policies by the API.

use super::fault::Fault;
use super::gate::Caller;
use super::input::{self, Ids, Json, Paging, answer, page, value};
use super::shape::Kind;
use super::shapes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use entente_domain::ids::{PolicyId, ProductId};
use entente_domain::policy::{Numbers, PolicyKind};
use entente_domain::time::WorkingCalendar;
use entente_service::products::{self, Product, ProductForm};
use entente_service::{App, heads, policies};
use serde::Deserialize;
use serde_json::{Value, json};

fn product_value(product: Product) -> Result<Value, Fault> {
    Ok(json!({
        "id": product.id,
        "version": product.version,
        "updated_at": product.updated_at,
        "form": value(product.form)?,
    }))
}

fn products_page(products: Vec<Product>, paging: &Paging) -> Result<Response, Fault> {
    let (products, next) = paging.cut(products, |p| p.id)?;
    let items = products
        .into_iter()
        .map(product_value)
        .collect::<Result<Vec<Value>, Fault>>()?;
    Ok(page(Kind::Of(&shapes::Product), items, next))
}

/// The registry of products.
pub async fn list_products(
    State(app): State<App>,
    caller: Caller,
    paging: Paging,
) -> Result<Response, Fault> {
    products_page(products::list(&app, &caller.viewer).await?, &paging)
}

/// Products without an active contact.
pub async fn orphans(
    State(app): State<App>,
    caller: Caller,
    paging: Paging,
) -> Result<Response, Fault> {
    products_page(products::orphans(&app, &caller.viewer).await?, &paging)
}

/// One product.
pub async fn product(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(ProductId,)>,
) -> Result<Response, Fault> {
    let product = products::get(&app, &caller.viewer, id).await?;
    Ok(answer(
        StatusCode::OK,
        Kind::Of(&shapes::Product),
        product_value(product)?,
    ))
}

/// Adds a product.
pub async fn add_product(
    State(app): State<App>,
    caller: Caller,
    body: Json,
) -> Result<Response, Fault> {
    let form: ProductForm = body.into(&shapes::ProductForm)?;
    let id = products::save(&app, &caller.viewer, None, form).await?;
    Ok(answer(
        StatusCode::CREATED,
        Kind::Of(&shapes::Made),
        json!({ "id": id }),
    ))
}

/// Changes a product that was seen at a version.
pub async fn save_product(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(ProductId,)>,
    headers: HeaderMap,
    body: Json,
) -> Result<Response, Fault> {
    let form: ProductForm = body.into(&shapes::ProductForm)?;
    let Some(version) = super::cases::expected(&headers)? else {
        return Err(Fault::bad(
            "If-Match",
            "It is not said which version was looked at.",
            "Send the product's `version`.",
        ));
    };
    let id = products::save(&app, &caller.viewer, Some((id, version)), form)
        .await
        .map_err(|error| super::cases::moved_on(error, Some(version)))?;
    Ok(answer(
        StatusCode::OK,
        Kind::Of(&shapes::Made),
        json!({ "id": id }),
    ))
}

/// The signed heads of the journal's log.
pub async fn heads(
    State(app): State<App>,
    caller: Caller,
    paging: Paging,
) -> Result<Response, Fault> {
    let found = heads::list(&app, &caller.viewer, paging.after()?, paging.limit).await?;
    Ok(page(
        Kind::Of(&shapes::Head),
        input::values(found.items)?,
        found.next.map(|size| size.to_string()),
    ))
}

/// Every version of every policy.
pub async fn list_policies(State(app): State<App>, caller: Caller) -> Result<Response, Fault> {
    let items = input::values(policies::list(&app, &caller.viewer).await?)?;
    let contradictions = policies::contradictions(&app, &caller.viewer).await?;
    let value = json!({ "items": items, "contradictions": contradictions });
    Ok(answer(StatusCode::OK, Kind::Of(&shapes::Policies), value))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPolicy {
    kind: PolicyKind,
    sections: Vec<(String, String)>,
    numbers: Numbers,
    #[serde(default)]
    calendar: WorkingCalendar,
}

/// Drafts a policy.
pub async fn draft_policy(
    State(app): State<App>,
    caller: Caller,
    body: Json,
) -> Result<Response, Fault> {
    let new: NewPolicy = body.into(&shapes::NewPolicy)?;
    let id = policies::draft(
        &app,
        &caller.viewer,
        new.kind,
        new.sections,
        new.numbers,
        new.calendar,
    )
    .await?;
    Ok(answer(
        StatusCode::CREATED,
        Kind::Of(&shapes::Made),
        json!({ "id": id }),
    ))
}

/// Approves a draft: from here it is in force.
pub async fn approve_policy(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(PolicyId,)>,
) -> Result<Response, Fault> {
    policies::approve(&app, &caller.viewer, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
