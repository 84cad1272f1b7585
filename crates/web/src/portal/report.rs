//! Sending a report: the form, the receipt, the waiting room.

use super::form::{Draft, ONCE, TICKET};
use super::intake::{self, Arrived, NotRead};
use super::pages::{self, Keep, Site};
use super::words;
use crate::api::upload;
use crate::client::Client;
use crate::parts::Form;
use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use entente_domain::access::Viewer;
use entente_domain::kinds::{Channel, Source};
use entente_domain::time::SECOND_US;
use entente_service::reports::{self, Identity, Submission, Submitted};
use entente_service::{App, ServiceError, attachments, policies, products};

/// What a full disk says (decision 25).
pub const NO_ROOM: &str =
    "There is no room for files just now. Send the report without them; it is still taken.";

/// The empty form.
pub async fn form(State(app): State<App>) -> Result<Response, Problem> {
    Ok(show(&app, Draft::default(), false, StatusCode::OK).await?)
}

async fn show(
    app: &App,
    mut draft: Draft,
    files_lost: bool,
    status: StatusCode,
) -> Result<Response, ServiceError> {
    if draft.get(ONCE).is_empty() {
        draft.put(
            ONCE,
            data_encoding::HEXLOWER.encode(&app.random().bytes::<16>()),
        );
    }
    let limits = &app.config().limits;
    let page = pages::Report {
        site: Site::of(app),
        products: products::public_names(app).await?,
        draft,
        files_lost,
        most_files: limits.attachments,
        largest_file: words::size(limits.attachment_bytes),
    };
    pages::render(&page, status, Keep::No)
}

/// Takes the form.
pub async fn send(
    State(app): State<App>,
    client: Client,
    request: Request,
) -> Result<Response, Problem> {
    let form = Form::of(&app, request)
        .await
        .map_err(|error| Problem::of(error.status(), error.body_text()))?;
    let arrived = match intake::read(&app, form).await {
        Ok(arrived) => arrived,
        Err(NotRead::Service(error)) => return Err(error.into()),
        Err(NotRead::Body { status, text }) => return Err(Problem::of(status, text)),
    };
    let Arrived {
        mut draft,
        files,
        had_files,
        files_left_out,
        status,
    } = arrived;
    let report = draft.report();
    let came = upload::ids(&files);
    if !draft.wrong.is_empty() {
        attachments::discard(&app, came).await;
        let status = status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(show(&app, draft, had_files, status).await?);
    }
    let text = |name: &str| draft.get(name).trim().to_owned();
    let submission = Submission {
        form: report,
        identity: Identity {
            name: text("name"),
            mail: text("mail"),
            organisation: text("organisation"),
            phone: text("phone"),
            openpgp_key: text("openpgp_key"),
        },
        source: Source::External,
        channel: Channel::Form,
        attachments: files,
        client: Some(client.hint()),
        ticket: Some(text(TICKET)).filter(|t| !t.is_empty()),
        idempotency_key: Some(text(ONCE)).filter(|t| !t.is_empty()),
    };
    let done = reports::submit(&app, &Viewer::Public, submission).await;
    match attachments::settled(&app, came, done).await {
        Ok(mut submitted) => {
            submitted.files_left_out |= files_left_out;
            received(&app, submitted).await
        }
        Err(ServiceError::Refused(refusal)) => {
            let text = format!("{} {}", refusal.why, refusal.remedy);
            draft.mark(refusal.field.unwrap_or_default(), text);
            Ok(show(&app, draft, had_files, StatusCode::UNPROCESSABLE_ENTITY).await?)
        }
        Err(ServiceError::Invalid { field, why, remedy }) => {
            draft.mark(field, format!("{why} {remedy}"));
            Ok(show(&app, draft, had_files, StatusCode::UNPROCESSABLE_ENTITY).await?)
        }
        Err(ServiceError::TooMany { .. }) => Ok(wait(&app, client, draft, had_files)?),
        Err(ServiceError::Full) if had_files => {
            draft.mark("attachments", NO_ROOM);
            Ok(show(&app, draft, had_files, StatusCode::INSUFFICIENT_STORAGE).await?)
        }
        Err(error) => Err(error.into()),
    }
}

async fn received(app: &App, submitted: Submitted) -> Result<Response, Problem> {
    let in_force = policies::in_force(app).await?;
    let page = pages::Received {
        site: Site::of(app),
        receipt_code: submitted
            .receipt_code
            .map(|code| code.grouped().to_string()),
        reference: submitted.reference,
        files_left_out: submitted.files_left_out,
        promises: words::promises(&in_force, Some(app.now())),
    };
    Ok(pages::render(&page, StatusCode::CREATED, Keep::No)?)
}

fn wait(
    app: &App,
    client: Client,
    draft: Draft,
    files_lost: bool,
) -> Result<Response, ServiceError> {
    let ticket = reports::ticket(app, client.hint());
    let left_us = ticket.ready_at.0.saturating_sub(app.now().0).max(0);
    let seconds = left_us.saturating_add(SECOND_US - 1) / SECOND_US;
    let page = pages::Waiting {
        site: Site::of(app),
        draft,
        files_lost,
        ticket: ticket.token,
        ready_at: ticket.ready_at,
        seconds,
    };
    let page = pages::render(&page, StatusCode::TOO_MANY_REQUESTS, Keep::No)?;
    Ok(([(header::RETRY_AFTER, seconds.to_string())], page).into_response())
}
