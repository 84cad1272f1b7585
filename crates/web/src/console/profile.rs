//! One's own account: password, second factor, sessions, API tokens.

use super::view::{Frame, When, render};
use super::{Answer, Fields, field, ours};
use crate::session::Staff;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use entente_service::accounts::{self, Scope};
use entente_service::{App, ServiceError};
use serde::Deserialize;

#[derive(Default)]
struct Shown {
    secret: Option<(String, String)>,
    recovery: Vec<String>,
    token: Option<String>,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "console/profile.html")]
struct ProfilePage {
    frame: Frame,
    sessions: Vec<(String, When, bool)>,
    tokens: Vec<(String, String, String, When)>,
    scopes: Vec<&'static str>,
    shown: Shown,
}

/// What the address may say.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Said {
    said: String,
}

async fn page(app: &App, staff: &Staff, said: &str, shown: Shown) -> Answer {
    let now = app.now();
    let status = if shown.problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = ProfilePage {
        frame: Frame::of(app, staff, "profile").await?.saying(Some(said)),
        sessions: accounts::own_sessions(app, staff.viewer())
            .await?
            .into_iter()
            .map(|s| {
                (
                    s.id.to_string(),
                    When::of(s.created_at, now),
                    s.id == staff.signed_in.session,
                )
            })
            .collect(),
        tokens: accounts::tokens(app, staff.viewer())
            .await?
            .into_iter()
            .map(|t| {
                (
                    t.id.to_string(),
                    t.name,
                    t.scopes,
                    When::of(t.expires_at, now),
                )
            })
            .collect(),
        scopes: Scope::ALL.iter().map(|s| s.as_str()).collect(),
        shown,
    };
    render(&view, status)
}

/// Shows it.
pub async fn show(State(app): State<App>, staff: Staff, Query(said): Query<Said>) -> Answer {
    page(&app, &staff, &said.said, Shown::default()).await
}

async fn problem(app: &App, staff: &Staff, e: ServiceError) -> Answer {
    match e {
        ServiceError::Invalid { why, remedy, .. } => {
            let shown = Shown {
                problem: Some(format!("{why} {remedy}")),
                ..Shown::default()
            };
            page(app, staff, "", shown).await
        }
        e => Err(e.into()),
    }
}

/// Changes the password; every other session ends.
pub async fn password(State(app): State<App>, staff: Staff, Form(fields): Form<Fields>) -> Answer {
    ours(&staff, &fields)?;
    match accounts::change_password(
        &app,
        staff.viewer(),
        field(&fields, "old"),
        field(&fields, "new"),
    )
    .await
    {
        Ok(token) => Ok((
            Staff::cookie(&app, &token),
            Redirect::to("/console/profile?said=done"),
        )
            .into_response()),
        Err(e) => problem(&app, &staff, e).await,
    }
}

/// Begins to set up the second factor.
pub async fn second_factor(
    State(app): State<App>,
    staff: Staff,
    Form(fields): Form<Fields>,
) -> Answer {
    ours(&staff, &fields)?;
    let secret = accounts::totp_begin(&app, staff.viewer()).await?;
    let shown = Shown {
        secret: Some(secret),
        ..Shown::default()
    };
    page(&app, &staff, "", shown).await
}

/// Confirms it with a code, and shows the recovery codes.
pub async fn confirm(State(app): State<App>, staff: Staff, Form(fields): Form<Fields>) -> Answer {
    ours(&staff, &fields)?;
    match accounts::totp_confirm(&app, staff.viewer(), field(&fields, "code")).await {
        Ok(recovery) => {
            let shown = Shown {
                recovery,
                ..Shown::default()
            };
            page(&app, &staff, "", shown).await
        }
        Err(e) => problem(&app, &staff, e).await,
    }
}

/// Ends a session.
pub async fn end_session(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<uuid::Uuid>,
    Form(fields): Form<Fields>,
) -> Answer {
    ours(&staff, &fields)?;
    accounts::end_session(&app, staff.viewer(), id).await?;
    Ok(Redirect::to("/console/profile?said=done").into_response())
}

/// Makes an API token and shows it once.
pub async fn token(State(app): State<App>, staff: Staff, Form(fields): Form<Fields>) -> Answer {
    ours(&staff, &fields)?;
    let scopes: Vec<Scope> = Scope::ALL
        .into_iter()
        .filter(|s| field(&fields, &format!("scope_{}", s.as_str())) == "1")
        .collect();
    let days = field(&fields, "days").parse().unwrap_or(0);
    match accounts::create_token(&app, staff.viewer(), field(&fields, "name"), &scopes, days).await
    {
        Ok(token) => {
            let shown = Shown {
                token: Some(token),
                ..Shown::default()
            };
            page(&app, &staff, "", shown).await
        }
        Err(e) => problem(&app, &staff, e).await,
    }
}

/// Ends an API token.
pub async fn end_token(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<uuid::Uuid>,
    Form(fields): Form<Fields>,
) -> Answer {
    ours(&staff, &fields)?;
    accounts::end_token(&app, staff.viewer(), id).await?;
    Ok(Redirect::to("/console/profile?said=done").into_response())
}
