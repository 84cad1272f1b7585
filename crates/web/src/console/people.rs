//! People: accounts, roles, invitations, resets that wait for a second person.

use super::view::{Frame, render};
use super::{Answer, Fields, field, ours};
use crate::session::Staff;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use entente_domain::access::Role;
use entente_domain::ids::UserId;
use entente_service::accounts::{self, PersonRow};
use entente_service::{App, ServiceError};
use serde::Deserialize;

/// A role: its word, its label, whether it is held.
type RoleTick = (&'static str, &'static str, bool);

#[derive(Template)]
#[template(path = "console/people.html")]
struct PeoplePage {
    frame: Frame,
    rows: Vec<(PersonRow, Vec<RoleTick>)>,
    roles: Vec<(&'static str, &'static str)>,
    resets: Vec<(String, String)>,
    link: Option<String>,
    problem: Option<String>,
}

/// What the address may say.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Said {
    said: String,
}

async fn page(
    app: &App,
    staff: &Staff,
    said: &str,
    link: Option<String>,
    problem: Option<String>,
) -> Answer {
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let rows = accounts::people(app, staff.viewer())
        .await?
        .into_iter()
        .map(|p| {
            let roles = Role::ALL
                .iter()
                .map(|r| (r.as_str(), r.label(), p.person.roles.contains(r)))
                .collect();
            (p, roles)
        })
        .collect();
    let view = PeoplePage {
        frame: Frame::of(app, staff, "people").await?.saying(Some(said)),
        rows,
        roles: Role::ALL.iter().map(|r| (r.as_str(), r.label())).collect(),
        resets: accounts::reset_requests(app, staff.viewer())
            .await?
            .into_iter()
            .map(|(id, name, _)| (id.to_string(), name))
            .collect(),
        link,
        problem,
    };
    render(&view, status)
}

/// Every account.
pub async fn list(State(app): State<App>, staff: Staff, Query(said): Query<Said>) -> Answer {
    page(&app, &staff, &said.said, None, None).await
}

/// The roles that are ticked: one field for each.
fn roles_of(fields: &Fields) -> Vec<Role> {
    Role::ALL
        .iter()
        .copied()
        .filter(|r| field(fields, &format!("role_{r}")) == "1")
        .collect()
}

/// Invites somebody.
pub async fn invite(State(app): State<App>, staff: Staff, Form(fields): Form<Fields>) -> Answer {
    ours(&staff, &fields)?;
    let (mail, name) = (field(&fields, "mail"), field(&fields, "name"));
    match accounts::invite(&app, staff.viewer(), mail, name, &roles_of(&fields)).await {
        Ok(link) => page(&app, &staff, "", Some(link), None).await,
        Err(ServiceError::Invalid { why, remedy, .. }) => {
            page(&app, &staff, "", None, Some(format!("{why} {remedy}"))).await
        }
        Err(e) => Err(e.into()),
    }
}

async fn then(app: &App, staff: &Staff, outcome: Result<(), ServiceError>) -> Answer {
    match outcome {
        Ok(()) => Ok(Redirect::to("/console/people?said=done").into_response()),
        Err(ServiceError::Invalid { why, remedy, .. }) => {
            page(app, staff, "", None, Some(format!("{why} {remedy}"))).await
        }
        Err(e) => Err(e.into()),
    }
}

/// Sets the roles of an account.
pub async fn roles(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<UserId>,
    Form(fields): Form<Fields>,
) -> Answer {
    ours(&staff, &fields)?;
    let outcome = accounts::set_roles(&app, staff.viewer(), id, &roles_of(&fields)).await;
    then(&app, &staff, outcome).await
}

/// Closes or opens an account.
pub async fn state(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<UserId>,
    Form(fields): Form<Fields>,
) -> Answer {
    ours(&staff, &fields)?;
    let outcome =
        accounts::disable(&app, staff.viewer(), id, field(&fields, "disabled") == "1").await;
    then(&app, &staff, outcome).await
}

/// Grants a reset that somebody asked for.
pub async fn reset(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<UserId>,
    Form(fields): Form<Fields>,
) -> Answer {
    ours(&staff, &fields)?;
    let outcome = accounts::reset_approve(&app, staff.viewer(), id).await;
    then(&app, &staff, outcome).await
}
