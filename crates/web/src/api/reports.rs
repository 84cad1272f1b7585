//! Reports by the API: sending, the waiting ticket, the reporter's thread, the register.

use super::cases::{attachments_answer, download};
use super::fault::Fault;
use super::gate::Caller;
use super::input::{self, Ids, Paging, answer, page};
use super::repeat;
use super::shape::Kind;
use super::shapes;
use super::upload::{self, WithFiles};
use crate::client::Client;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use entente_domain::access::Viewer;
use entente_domain::command::ReportForm;
use entente_domain::ids::AttachmentId;
use entente_domain::kinds::{Channel, Source};
use entente_service::reports::{self, Identity, Submission, ThreadView};
use entente_service::{App, attachments};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewReport {
    form: ReportForm,
    #[serde(default)]
    identity: Who,
    ticket: Option<String>,
    source: Option<Source>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Who {
    name: String,
    mail: String,
    organisation: String,
    phone: String,
    openpgp_key: String,
}

/// Takes a report in.
pub async fn send(
    State(app): State<App>,
    caller: Caller,
    client: Client,
    headers: HeaderMap,
    arrived: WithFiles,
) -> Result<Response, Fault> {
    let idempotency_key = repeat::key(&headers)?;
    let (new, files): (NewReport, _) = arrived.read(&app, &shapes::NewReport).await?;
    let staff = matches!(caller.viewer, Viewer::Staff { .. });
    let came = upload::ids(&files);
    if new.source.is_some() && !staff {
        attachments::discard(&app, came).await;
        return Err(Fault::bad(
            "source",
            "Only staff say where a report comes from.",
            "Leave it out.",
        ));
    }
    let submission = Submission {
        form: new.form,
        identity: Identity {
            name: new.identity.name,
            mail: new.identity.mail,
            organisation: new.identity.organisation,
            phone: new.identity.phone,
            openpgp_key: new.identity.openpgp_key,
        },
        source: new.source.unwrap_or(if staff {
            Source::Internal
        } else {
            Source::External
        }),
        channel: Channel::Api,
        attachments: files,
        client: (!staff).then(|| client.hint()),
        ticket: new.ticket,
        idempotency_key,
    };
    let done = reports::submit(&app, &caller.viewer, submission).await;
    let submitted = attachments::settled(&app, came, done).await?;
    let mut value = json!({
        "reference": submitted.reference,
        "receipt_code": submitted.receipt_code.map(|code| code.grouped().to_string()),
    });
    // Staff numbers and cases are not for outsiders (decision 12).
    if let (true, Some(object)) = (staff, value.as_object_mut()) {
        object.insert("number".to_owned(), json!(submitted.number));
        object.insert("case".to_owned(), json!(submitted.case));
    }
    // The disk was full: they can be sent later, with the receipt code.
    if let (true, Some(object)) = (submitted.files_left_out, value.as_object_mut()) {
        object.insert("files_left_out".to_owned(), json!(true));
    }
    Ok(answer(
        StatusCode::CREATED,
        Kind::Of(&shapes::Submitted),
        value,
    ))
}

/// Gives a waiting ticket.
pub async fn ticket(State(app): State<App>, client: Client) -> Response {
    let ticket = reports::ticket(&app, client.hint());
    let value = json!({ "token": ticket.token, "ready_at": ticket.ready_at });
    answer(StatusCode::CREATED, Kind::Of(&shapes::Ticket), value)
}

/// The reporter's thread.
pub async fn thread(State(app): State<App>, caller: Caller) -> Result<Response, Fault> {
    let thread = reports::thread(&app, &caller.viewer).await?;
    Ok(answer(
        StatusCode::OK,
        Kind::Of(&shapes::Thread),
        thread_value(thread),
    ))
}

fn thread_value(t: ThreadView) -> Value {
    let messages: Vec<Value> = t
        .messages
        .into_iter()
        .map(|m| json!({ "from_reporter": m.from_reporter, "at": m.at, "purpose": m.purpose, "body": m.body }))
        .collect();
    let steps: Vec<Value> = t
        .steps
        .into_iter()
        .map(|(label, at)| json!({ "label": label, "at": at }))
        .collect();
    json!({
        "reference": t.reference,
        "received_at": t.received_at,
        "acknowledged_at": t.acknowledged_at,
        "stage": t.stage,
        "next_update": t.next_update,
        "disclosure_date": t.disclosure_date,
        "embargo_until": t.embargo_until,
        "credit": t.credit,
        "messages": messages,
        "closed": t.closed,
        "advisory": t.advisory,
        "steps": steps,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMessage {
    body: String,
}

/// The reporter writes.
pub async fn write(
    State(app): State<App>,
    caller: Caller,
    arrived: WithFiles,
) -> Result<Response, Fault> {
    let (new, files): (NewMessage, _) = arrived.read(&app, &shapes::NewMessage).await?;
    let came = upload::ids(&files);
    let done = attachments::write(&app, &caller.viewer, &new.body, files).await;
    attachments::settled(&app, came, done).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The files of the reporter's thread.
pub async fn files(State(app): State<App>, caller: Caller) -> Result<Response, Fault> {
    let found = attachments::list_own(&app, &caller.viewer).await?;
    Ok(attachments_answer(found))
}

/// One of them, as it came in.
pub async fn file(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(AttachmentId,)>,
) -> Result<Response, Fault> {
    let (_, content) = attachments::open_own(&app, &caller.viewer, id).await?;
    Ok(download(content))
}

/// The report register.
pub async fn register(
    State(app): State<App>,
    caller: Caller,
    paging: Paging,
) -> Result<Response, Fault> {
    let cursor = paging.cursor.as_deref();
    let found = reports::register(&app, &caller.viewer, cursor, paging.limit).await?;
    let items = input::values(found.items)?;
    Ok(page(Kind::Of(&shapes::ReportSummary), items, found.next))
}
