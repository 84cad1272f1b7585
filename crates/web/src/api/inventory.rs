//! What products are made of, and who is affected, by the API.

use super::fault::Fault;
use super::gate::Caller;
use super::input::{Asked, Ids, Json, Paging, answer, page, value};
use super::shape::Kind;
use super::shapes;
use crate::reading::Reading;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use entente_domain::access::{Action, Resource, may};
use entente_domain::ids::{ProductId, ProductUserId, SbomId};
use entente_service::inventory::{
    self, Answer, ComponentHit, Document, ExportFormat, Listed, ProductUser, ProductUserForm,
    Question, SbomHead, Taken, Target, Verdict,
};
use entente_service::{App, products};
use http_body_util::BodyExt;
use serde_json::{Value, json};

/// Documents of an answer whose ways are drawn.
const DRAWN: usize = 50;

fn head_value(head: SbomHead) -> Result<Value, Fault> {
    Ok(json!({
        "id": head.id,
        "product": head.product,
        "taken_at": head.taken_at,
        "facts": value(head.facts)?,
    }))
}

/// The documents of a product.
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(ProductId,)>,
    paging: Paging,
) -> Result<Response, Fault> {
    products::get(&app, &caller.viewer, id).await?;
    let found = inventory::of_product(&app, &caller.viewer, id).await?;
    let (found, next) = paging.cut(found, |s| s.id)?;
    let items = found
        .into_iter()
        .map(head_value)
        .collect::<Result<Vec<Value>, Fault>>()?;
    Ok(page(Kind::Of(&shapes::Sbom), items, next))
}

/// A document as it arrives.
async fn read(name: String, mut body: Body) -> Result<Document, Fault> {
    let reading = Reading::of_sbom(name);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Fault::bad("", "The body breaks off.", "Send it again."))?;
        if let Ok(data) = frame.into_data()
            && !reading.push(data).await
        {
            break;
        }
    }
    Ok(reading.finish().await?)
}

/// Which versions of products contain what a document contains. Nothing of it is kept.
pub async fn shared(
    State(app): State<App>,
    caller: Caller,
    mut asked: Asked,
    body: Body,
) -> Result<Response, Fault> {
    let name = asked.take("name").unwrap_or_default();
    asked.end()?;
    // Whoever may not read gets no work done.
    if !may(&caller.viewer, Action::Read, Resource::Products) {
        return Err(Fault::not_found());
    }
    let document = read(name, body).await?;
    let found = inventory::shared(&app, &caller.viewer, document).await?;
    let by: Vec<Value> = found
        .by
        .into_iter()
        .map(|s| {
            let other: Vec<Value> = s
                .other
                .into_iter()
                .map(|(theirs, ours)| json!({ "component": theirs, "has": ours }))
                .collect();
            json!({
                "product": s.product, "name": s.name, "version": s.version, "sbom": s.sbom,
                "same": s.same, "other_versions": other,
            })
        })
        .collect();
    let value = json!({ "components": found.components, "unknown": found.unknown, "by": by });
    Ok(answer(
        StatusCode::OK,
        Kind::Of(&shapes::SharedComponents),
        value,
    ))
}

/// Takes a document in.
pub async fn take(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(ProductId,)>,
    mut asked: Asked,
    body: Body,
) -> Result<Response, Fault> {
    let version = asked.take("version").unwrap_or_default();
    let name = asked.take("name").unwrap_or_default();
    let add_version = asked
        .take_as("add_version", "Send true or false.")?
        .unwrap_or(false);
    asked.end()?;
    // Whoever may not write gets no work done.
    inventory::may_take(&app, &caller.viewer, id).await?;
    let document = read(name, body).await?;
    let target = Target {
        product: id,
        version,
        add_version,
    };
    let taken = inventory::take(&app, &caller.viewer, target, document).await?;
    let (status, outcome) = match taken {
        Taken::New(_) => (StatusCode::CREATED, "new"),
        Taken::Replaced(_) => (StatusCode::CREATED, "replaced"),
        Taken::Known(_) => (StatusCode::CREATED, "known"),
    };
    let value = json!({ "id": taken.id(), "outcome": outcome });
    Ok(answer(status, Kind::Of(&shapes::SbomTaken), value))
}

/// What one document lists.
pub async fn composition(
    State(app): State<App>,
    caller: Caller,
    Ids((product, id)): Ids<(ProductId, SbomId)>,
) -> Result<Response, Fault> {
    let made_of = inventory::composition(&app, &caller.viewer, id).await?;
    if made_of.head.product != product {
        return Err(Fault::not_found());
    }
    let lines: Vec<Value> = made_of
        .lines
        .into_iter()
        .map(|l| {
            let steps = match l.listed {
                Listed::Steps(steps) => Some(steps),
                Listed::Only => None,
            };
            json!({
                "package": l.is.key, "version": l.is.version, "distribution": l.is.scope,
                "steps": steps, "needed_by": l.needed_by,
            })
        })
        .collect();
    let value = json!({ "sbom": head_value(made_of.head)?, "components": lines });
    Ok(answer(
        StatusCode::OK,
        Kind::Of(&shapes::Composition),
        value,
    ))
}

/// What the inventory knows by one document, as a document for others.
pub async fn export(
    State(app): State<App>,
    caller: Caller,
    Ids((product, id)): Ids<(ProductId, SbomId)>,
    mut asked: Asked,
) -> Result<Response, Fault> {
    let word = asked
        .take("format")
        .unwrap_or_else(|| "cyclonedx".to_owned());
    asked.end()?;
    let format = ExportFormat::of(&word).ok_or_else(|| {
        Fault::bad(
            "format",
            "This format is not written.",
            "Ask for cyclonedx or spdx.",
        )
    })?;
    let content = inventory::export(&app, &caller.viewer, product, id, format).await?;
    Ok(super::cases::download(content))
}

/// Takes a document out of the inventory.
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Ids((product, id)): Ids<(ProductId, SbomId)>,
) -> Result<StatusCode, Fault> {
    inventory::remove(&app, &caller.viewer, product, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who has a component.
pub async fn affected(
    State(app): State<App>,
    caller: Caller,
    mut asked: Asked,
) -> Result<Response, Fault> {
    let question = Question {
        component: asked.take("component").unwrap_or_default(),
        versions: asked.take("versions").unwrap_or_default(),
    };
    asked.end()?;
    let found = inventory::affected(&app, &caller.viewer, question).await?;
    let found = inventory::draw_ways(&app, &caller.viewer, found, DRAWN).await?;
    Ok(answer(
        StatusCode::OK,
        Kind::Of(&shapes::WhoIsAffected),
        affected_value(&found),
    ))
}

fn component_value(c: &ComponentHit) -> Value {
    let (affected, undecided) = match &c.verdict {
        Verdict::Affected => (true, None),
        Verdict::Undecided(why) => (false, Some(why)),
    };
    json!({
        "package": c.is.key, "version": c.is.version, "distribution": c.is.scope,
        "affected": affected, "undecided": undecided, "fixed_copy": c.fixed_copy, "way": c.way,
    })
}

fn user_value(user: &ProductUser) -> Value {
    json!({ "id": user.id, "form": user.form })
}

/// Who uses a product.
pub async fn users(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(ProductId,)>,
) -> Result<Response, Fault> {
    products::get(&app, &caller.viewer, id).await?;
    let found = inventory::users(&app, &caller.viewer, id).await?;
    let items: Vec<Value> = found.iter().map(user_value).collect();
    Ok(answer(
        StatusCode::OK,
        Kind::Of(&shapes::ProductUsers),
        json!({ "items": items }),
    ))
}

/// Enters somebody who uses a product.
pub async fn add_user(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(ProductId,)>,
    body: Json,
) -> Result<Response, Fault> {
    let form: ProductUserForm = body.into(&shapes::ProductUserForm)?;
    let user = inventory::add_user(&app, &caller.viewer, id, form).await?;
    Ok(answer(
        StatusCode::CREATED,
        Kind::Of(&shapes::Made),
        json!({ "id": user }),
    ))
}

/// Removes somebody who uses it no more.
pub async fn remove_user(
    State(app): State<App>,
    caller: Caller,
    Ids((product, id)): Ids<(ProductId, ProductUserId)>,
) -> Result<StatusCode, Fault> {
    inventory::remove_user(&app, &caller.viewer, product, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn affected_value(found: &Answer) -> Value {
    let packages: Vec<Value> = found
        .packages
        .iter()
        .map(|p| {
            json!({
                "package": p.key, "versions": p.versions, "at_fault": p.at_fault,
                "undecided": p.undecided,
            })
        })
        .collect();
    let products: Vec<Value> = found
        .products
        .iter()
        .map(|p| {
            let versions: Vec<Value> = p
                .versions
                .iter()
                .map(|v| {
                    json!({
                        "version": v.version, "supported": v.supported,
                        "supported_until": v.supported_until, "affected": v.affected(),
                        "sbom": v.sbom,
                        "components": v.components.iter().map(component_value).collect::<Vec<_>>(),
                    })
                })
                .collect();
            json!({
                "id": p.id, "name": p.name, "division": p.division, "contact": p.contact,
                "affected": p.affected(), "versions": versions,
                "users": p.users.iter().map(|u| user_value(u)).collect::<Vec<_>>(),
            })
        })
        .collect();
    let unknown: Vec<Value> = found
        .without_document
        .iter()
        .map(|(product, version)| json!({ "product": product, "version": version }))
        .collect();
    json!({
        "packages": packages, "products": products, "without_document": unknown,
        "vague_documents": found.vague_documents,
    })
}
