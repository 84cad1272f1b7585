//! People, their sessions and tokens by the API.

use super::fault::Fault;
use super::gate::Caller;
use super::input::{Ids, Json, answer};
use super::shape::Kind;
use super::shapes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use entente_domain::access::Role;
use entente_domain::ids::UserId;
use entente_service::App;
use entente_service::accounts::{self, Scope};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

fn items(kind: Kind, items: Vec<Value>) -> Response {
    answer(StatusCode::OK, kind, json!({ "items": items }))
}

fn done() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// Every account.
pub async fn list(State(app): State<App>, caller: Caller) -> Result<Response, Fault> {
    let people = accounts::people(&app, &caller.viewer)
        .await?
        .into_iter()
        .map(|p| {
            json!({
                "id": p.person.id, "name": p.person.name, "roles": p.person.roles, "mail": p.mail,
                "disabled": p.disabled, "second_factor": p.second_factor, "active": p.active,
            })
        })
        .collect();
    Ok(items(Kind::Of(&shapes::People), people))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invitation {
    name: String,
    mail: String,
    roles: Vec<Role>,
}

/// Invites somebody; the link is for the mail that they get.
pub async fn invite(State(app): State<App>, caller: Caller, body: Json) -> Result<Response, Fault> {
    let new: Invitation = body.into(&shapes::Invitation)?;
    let link = accounts::invite(&app, &caller.viewer, &new.mail, &new.name, &new.roles).await?;
    Ok(answer(
        StatusCode::CREATED,
        Kind::Of(&shapes::Invited),
        json!({ "link": link }),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Roles {
    roles: Vec<Role>,
}

/// Sets the offices of an account.
pub async fn set_roles(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(UserId,)>,
    body: Json,
) -> Result<Response, Fault> {
    let new: Roles = body.into(&shapes::Roles)?;
    accounts::set_roles(&app, &caller.viewer, id, &new.roles).await?;
    Ok(done())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Disabled {
    disabled: bool,
}

/// Closes or opens an account.
pub async fn disable(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(UserId,)>,
    body: Json,
) -> Result<Response, Fault> {
    let new: Disabled = body.into(&shapes::Disabled)?;
    accounts::disable(&app, &caller.viewer, id, new.disabled).await?;
    Ok(done())
}

/// Who asked for a new password and waits for a second person.
pub async fn resets(State(app): State<App>, caller: Caller) -> Result<Response, Fault> {
    let waiting = accounts::reset_requests(&app, &caller.viewer)
        .await?
        .into_iter()
        .map(|(user, name, at)| json!({ "user": user, "name": name, "at": at }))
        .collect();
    Ok(items(Kind::Of(&shapes::Resets), waiting))
}

/// Lets somebody set a new password.
pub async fn approve_reset(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(UserId,)>,
) -> Result<Response, Fault> {
    accounts::reset_approve(&app, &caller.viewer, id).await?;
    Ok(done())
}

/// The caller's tokens.
pub async fn tokens(State(app): State<App>, caller: Caller) -> Result<Response, Fault> {
    let tokens = accounts::tokens(&app, &caller.viewer)
        .await?
        .into_iter()
        .map(|t| {
            let scopes: Vec<&str> = t.scopes.split([' ', ',']).filter(|s| !s.is_empty()).collect();
            json!({ "id": t.id, "name": t.name, "scopes": scopes, "created_at": t.created_at, "expires_at": t.expires_at })
        })
        .collect();
    Ok(items(Kind::Of(&shapes::Tokens), tokens))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewToken {
    name: String,
    scopes: Vec<String>,
    days: u32,
}

/// Makes a token; it is shown this once.
pub async fn create_token(
    State(app): State<App>,
    caller: Caller,
    body: Json,
) -> Result<Response, Fault> {
    let new: NewToken = body.into(&shapes::NewToken)?;
    let scopes: Vec<Scope> = new.scopes.iter().filter_map(|s| s.parse().ok()).collect();
    let token = accounts::create_token(&app, &caller.viewer, &new.name, &scopes, new.days).await?;
    Ok(answer(
        StatusCode::CREATED,
        Kind::Of(&shapes::MadeToken),
        json!({ "token": token }),
    ))
}

/// Ends a token.
pub async fn end_token(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(Uuid,)>,
) -> Result<Response, Fault> {
    accounts::end_token(&app, &caller.viewer, id).await?;
    Ok(done())
}

/// The caller's sessions.
pub async fn sessions(State(app): State<App>, caller: Caller) -> Result<Response, Fault> {
    let sessions = accounts::own_sessions(&app, &caller.viewer)
        .await?
        .into_iter()
        .map(|s| json!({ "id": s.id, "created_at": s.created_at, "seen_at": s.seen_at, "expires_at": s.expires_at }))
        .collect();
    Ok(items(Kind::Of(&shapes::Sessions), sessions))
}

/// Ends one of the caller's sessions.
pub async fn end_session(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(Uuid,)>,
) -> Result<Response, Fault> {
    accounts::end_session(&app, &caller.viewer, id).await?;
    Ok(done())
}
