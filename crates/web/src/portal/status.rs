//! The reporter's way back: the receipt code opens the thread (29147 6.5).

use super::pages::{self, Keep, Site};
use crate::client::Client;
use crate::problem::Problem;
use crate::session::Reporter;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use entente_domain::clock::{self, ClockKind};
use entente_service::{App, ServiceError, policies, reports};
use serde::Deserialize;

/// Where the code is entered.
pub async fn enter_form(State(app): State<App>) -> Result<Response, Problem> {
    Ok(ask(&app, None, StatusCode::OK)?)
}

fn ask(app: &App, wrong: Option<String>, status: StatusCode) -> Result<Response, ServiceError> {
    let page = pages::Status {
        site: Site::of(app),
        wrong,
    };
    pages::render(&page, status, Keep::No)
}

/// A receipt code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// Opens the thread. A wrong code and an unknown one look the same.
pub async fn enter(
    State(app): State<App>,
    client: Client,
    Form(input): Form<Code>,
) -> Result<Response, Problem> {
    match reports::enter(&app, &input.code, client.hint()).await {
        Ok(session) => Ok((
            Reporter::cookie(&app, &session.token),
            Redirect::to("/report/status/thread"),
        )
            .into_response()),
        Err(ServiceError::NotFound | ServiceError::Invalid { .. }) => Ok(ask(
            &app,
            Some(
                "This code opens no report. Look at it again: it has twenty letters and digits."
                    .to_owned(),
            ),
            StatusCode::NOT_FOUND,
        )?),
        Err(ServiceError::TooMany { retry_after_s }) => Ok(ask(
            &app,
            Some(format!(
                "Too many tries came from your network. Try again in {retry_after_s} seconds."
            )),
            StatusCode::TOO_MANY_REQUESTS,
        )?),
        Err(error) => Err(error.into()),
    }
}

/// The thread, or the way to it.
pub async fn thread(
    State(app): State<App>,
    reporter: Option<Reporter>,
) -> Result<Response, Problem> {
    match reporter {
        Some(reporter) => show(&app, &reporter, None, None, String::new(), StatusCode::OK).await,
        None => Ok(Redirect::to("/report/status").into_response()),
    }
}

async fn show(
    app: &App,
    reporter: &Reporter,
    said: Option<String>,
    wrong: Option<String>,
    typed: String,
    status: StatusCode,
) -> Result<Response, Problem> {
    let thread = reports::thread(app, &reporter.viewer).await?;
    let in_force = policies::in_force(app).await?;
    let answer_by = clock::due(
        ClockKind::AcknowledgementLimit,
        thread.received_at,
        &in_force.numbers,
        &in_force.calendar,
    );
    let page = pages::Thread {
        site: Site::of(app),
        answer_by: thread.acknowledged_at.is_none().then_some(answer_by),
        thread,
        csrf: reporter.csrf.clone(),
        said,
        wrong,
        typed,
    };
    Ok(pages::render(&page, status, Keep::No)?)
}

/// A message to the organisation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    csrf: String,
    body: String,
}

/// Sends a message.
pub async fn message(
    State(app): State<App>,
    reporter: Option<Reporter>,
    Form(input): Form<Message>,
) -> Result<Response, Problem> {
    let Some(reporter) = reporter else {
        return Ok(Redirect::to("/report/status").into_response());
    };
    check(&reporter, &input.csrf)?;
    let body = input.body.replace("\r\n", "\n");
    let done = reports::write(&app, &reporter.viewer, body.trim()).await;
    answer(&app, &reporter, done, "Your message was sent.", input.body).await
}

/// Refuses a form that was not made for this session.
fn check(reporter: &Reporter, token: &str) -> Result<(), Problem> {
    use subtle::ConstantTimeEq;
    if reporter.csrf.as_bytes().ct_eq(token.as_bytes()).into() {
        Ok(())
    } else {
        Err(Problem::of(
            StatusCode::FORBIDDEN,
            "This form belongs to another session. Open the page again and repeat.",
        ))
    }
}

/// What the reporter wants to be called in the advisory.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    csrf: String,
    #[serde(default)]
    credit: String,
    #[serde(default)]
    credit_name: String,
}

/// Chooses the credit.
pub async fn credit(
    State(app): State<App>,
    reporter: Option<Reporter>,
    Form(input): Form<Credit>,
) -> Result<Response, Problem> {
    let Some(reporter) = reporter else {
        return Ok(Redirect::to("/report/status").into_response());
    };
    check(&reporter, &input.csrf)?;
    let name = input.credit_name.trim();
    if !input.credit.is_empty() && name.is_empty() {
        let wrong = "Write the name to be credited by; a pseudonym is fine.".to_owned();
        return show(
            &app,
            &reporter,
            None,
            Some(wrong),
            String::new(),
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
    }
    let credit = (!input.credit.is_empty()).then(|| name.to_owned());
    let done = reports::set_credit(&app, &reporter.viewer, credit).await;
    answer(
        &app,
        &reporter,
        done,
        "Your choice was saved.",
        String::new(),
    )
    .await
}

async fn answer(
    app: &App,
    reporter: &Reporter,
    done: Result<(), ServiceError>,
    said: &str,
    typed: String,
) -> Result<Response, Problem> {
    let wrong = match done {
        Ok(()) => {
            return show(
                app,
                reporter,
                Some(said.to_owned()),
                None,
                String::new(),
                StatusCode::OK,
            )
            .await;
        }
        Err(ServiceError::Refused(r)) => format!("{} {}", r.why, r.remedy),
        Err(ServiceError::Invalid { why, remedy, .. }) => format!("{why} {remedy}"),
        Err(error) => return Err(error.into()),
    };
    show(
        app,
        reporter,
        None,
        Some(wrong),
        typed,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await
}

/// The session's token alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leave {
    csrf: String,
}

/// Ends the session and takes the cookie away.
pub async fn leave(
    State(app): State<App>,
    reporter: Option<Reporter>,
    Form(input): Form<Leave>,
) -> Result<Response, Problem> {
    if let Some(reporter) = &reporter {
        check(reporter, &input.csrf)?;
        reports::leave(&app, &reporter.token).await?;
    }
    Ok((Reporter::forget(&app), Redirect::to("/report/status")).into_response())
}
