//! Advisories by mail, with opt-in and a way out. A link alone changes nothing: mail scanners
//! follow links.

use super::pages::{self, Keep, Site};
use crate::client::Client;
use crate::problem::Problem;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use entente_service::{App, ServiceError, subscriptions};
use serde::Deserialize;

/// The form.
pub async fn form(State(app): State<App>) -> Result<Response, Problem> {
    Ok(ask(&app, String::new(), None, StatusCode::OK)?)
}

fn ask(
    app: &App,
    typed: String,
    wrong: Option<String>,
    status: StatusCode,
) -> Result<Response, ServiceError> {
    let page = pages::Subscribe {
        site: Site::of(app),
        typed,
        wrong,
    };
    pages::render(&page, status, Keep::No)
}

/// A mail address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    mail: String,
}

/// Takes an address. The answer is the same whether it is on the list already or not.
pub async fn subscribe(
    State(app): State<App>,
    client: Client,
    Form(input): Form<Address>,
) -> Result<Response, Problem> {
    match subscriptions::subscribe(&app, input.mail.trim(), client.hint()).await {
        Ok(()) => Ok(said(
            &app,
            "Look into your mail",
            "If this address can be written to, a mail with a link is on its way. Nothing more is sent before you confirm it.",
        )?),
        Err(ServiceError::Invalid { why, remedy, .. }) => Ok(ask(
            &app,
            input.mail,
            Some(format!("{why} {remedy}")),
            StatusCode::UNPROCESSABLE_ENTITY,
        )?),
        Err(error) => Err(error.into()),
    }
}

fn said(app: &App, title: &'static str, text: &str) -> Result<Response, ServiceError> {
    let page = pages::Said {
        site: Site::of(app),
        title,
        text: text.to_owned(),
    };
    pages::render(&page, StatusCode::OK, Keep::No)
}

/// The token of a mailed link.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    #[serde(default)]
    token: String,
}

/// Asks whether to subscribe.
pub async fn confirm_form(
    State(app): State<App>,
    Query(link): Query<Token>,
) -> Result<Response, Problem> {
    let page = pages::Confirm {
        site: Site::of(&app),
        title: "Confirm your subscription",
        text: "You get one short mail for each new or revised advisory.",
        action: "/subscribe/confirm",
        button: "Confirm",
        token: link.token,
    };
    Ok(pages::render(&page, StatusCode::OK, Keep::No)?)
}

/// Subscribes.
pub async fn confirm(
    State(app): State<App>,
    Form(input): Form<Token>,
) -> Result<Response, Problem> {
    subscriptions::confirm(&app, &input.token).await?;
    Ok(said(
        &app,
        "You are subscribed",
        "The next advisory comes by mail. Every mail carries a link to leave.",
    )?)
}

/// Asks whether to leave.
pub async fn leave_form(
    State(app): State<App>,
    Query(link): Query<Token>,
) -> Result<Response, Problem> {
    let page = pages::Confirm {
        site: Site::of(&app),
        title: "Leave the list",
        text: "Your address is deleted and no more mail is sent.",
        action: "/subscribe/end",
        button: "Leave",
        token: link.token,
    };
    Ok(pages::render(&page, StatusCode::OK, Keep::No)?)
}

/// Leaves.
pub async fn leave(State(app): State<App>, Form(input): Form<Token>) -> Result<Response, Problem> {
    subscriptions::unsubscribe(&app, &input.token).await?;
    Ok(said(
        &app,
        "You have left the list",
        "Your address was deleted.",
    )?)
}
