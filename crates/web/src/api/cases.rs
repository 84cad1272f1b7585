//! Cases by the API: lists, the case, its one way to change, what hangs on it.

use super::fault::Fault;
use super::gate::Caller;
use super::input::{self, Asked, Ids, Json, Paging, answer, page, value};
use super::shape::Kind;
use super::shapes;
use super::upload::unsealed;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use entente_domain::command::Command;
use entente_domain::ids::{AttachmentId, CaseId, ReportId};
use entente_domain::kinds::ExitReason;
use entente_domain::rule::Refusal;
use entente_service::cases::{
    self, ActionState, AttachmentView, CaseFile, CaseFilter, MessageView, Sort,
};
use entente_service::{App, ServiceError, advisories, attachments};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::{Value, json};

const WORD: &str = "Send one of the words of the schema.";
/// Cases of one batch.
const LARGEST_BATCH: usize = 100;

/// Cases that the caller may see.
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    mut asked: Asked,
) -> Result<Response, Fault> {
    let paging = asked.paging()?;
    let mine = asked
        .take_as("mine", "Send true or false.")?
        .unwrap_or(false);
    let mut filter = CaseFilter {
        open: asked.take_as("open", "Send true or false.")?,
        stage: asked.take_as("stage", WORD)?,
        priority: asked.take_as("priority", WORD)?,
        source: asked.take_as("source", WORD)?,
        owner: asked.take_as("owner", "Send an id.")?,
        sort: match asked.take("sort").as_deref() {
            None | Some("updated") => Sort::Updated,
            Some("due") => Sort::Due,
            Some(_) => {
                return Err(Fault::bad(
                    "sort",
                    "This order is not known.",
                    "Send `updated` or `due`.",
                ));
            }
        },
        cursor: paging.cursor,
        limit: paging.limit,
    };
    if mine {
        filter.owner = caller.viewer.user();
    }
    asked.end()?;
    let found = cases::list(&app, &caller.viewer, &filter).await?;
    Ok(page(
        Kind::Of(&shapes::CaseSummary),
        input::values(found.items)?,
        found.next,
    ))
}

/// A case with everything that the case page shows.
pub async fn open(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(CaseId,)>,
) -> Result<Response, Fault> {
    let file = cases::open(&app, &caller.viewer, id).await?;
    let version = file.case.version;
    let mut response = answer(
        StatusCode::OK,
        Kind::Of(&shapes::CaseFile),
        file_value(file)?,
    );
    tag(&mut response, version);
    Ok(response)
}

fn tag(response: &mut Response, version: u64) {
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
}

fn file_value(file: CaseFile) -> Result<Value, Fault> {
    let people: Vec<Value> = file
        .people
        .into_iter()
        .map(|p| json!({ "id": p.id, "name": p.name, "roles": p.roles }))
        .collect();
    let products: Vec<Value> = file
        .products
        .into_iter()
        .map(|p| json!({ "id": p.id, "name": p.name }))
        .collect();
    let duplicates: Vec<Value> = file
        .duplicates
        .into_iter()
        .map(
            |d| json!({ "case": d.case, "number": d.number, "title": d.title, "reason": d.reason }),
        )
        .collect();
    Ok(json!({
        "case": value(file.case)?,
        "messages": messages_value(file.messages),
        "actions": file.actions.into_iter().map(action_value).collect::<Vec<_>>(),
        "people": people,
        "products": products,
        "attachments": file.attachments.into_iter().map(attachment_value).collect::<Vec<_>>(),
        "duplicates": duplicates,
        "trial": file.standing.trial,
    }))
}

fn messages_value(messages: Vec<MessageView>) -> Vec<Value> {
    messages
        .into_iter()
        .map(|m| {
            json!({
                "id": m.id, "report": m.report, "participant": m.participant, "audience": m.audience, "purpose": m.purpose,
                "author": m.author, "from_reporter": m.from_reporter, "at": m.at, "body": m.body,
            })
        })
        .collect()
}

fn action_value(action: ActionState) -> Value {
    json!({
        "command": action.kind,
        "label": action.kind.label(),
        "refusal": action.refusal.map(refusal_value),
    })
}

fn refusal_value(refusal: Refusal) -> Value {
    json!({ "rule": refusal.rule, "why": refusal.why, "remedy": refusal.remedy, "field": refusal.field })
}

fn attachment_value(a: AttachmentView) -> Value {
    json!({ "id": a.id, "name": a.name, "bytes": a.bytes, "sha256": a.sha256, "at": a.at, "report": a.report })
}

/// The version that the caller looked at.
pub fn expected(headers: &HeaderMap) -> Result<Option<u64>, Fault> {
    let Some(given) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    let text = given.to_str().unwrap_or_default().trim().trim_matches('"');
    text.parse().map(Some).map_err(|_| {
        Fault::bad(
            "If-Match",
            "This is no version of a case.",
            "Send the `version` that you looked at, such as \"12\".",
        )
    })
}

/// A conflict, where the caller named a version.
pub fn moved_on(error: ServiceError, expected: Option<u64>) -> Fault {
    match (error, expected) {
        (ServiceError::Conflict, Some(_)) => Fault::new(
            StatusCode::PRECONDITION_FAILED,
            "conflict",
            "Changed by somebody else",
            "The case is not at this version any more.",
            "Read it again, look at what changed, and repeat.",
        )
        .at("If-Match"),
        (error, _) => error.into(),
    }
}

/// Asks something of a case: the only way to change it.
pub async fn command(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(CaseId,)>,
    headers: HeaderMap,
    body: Json,
) -> Result<Response, Fault> {
    let command: Command = body.into_kind(shapes::COMMAND)?;
    if let Command::AddAttachment { .. } = command {
        return Err(Fault::bad(
            "command",
            "A file is added with its content.",
            "POST it to the case's attachments.",
        ));
    }
    let expected = expected(&headers)?;
    let acted = cases::act(&app, &caller.viewer, id, expected, command)
        .await
        .map_err(|error| moved_on(error, expected))?;
    let mut response = answer(
        StatusCode::OK,
        Kind::Of(&shapes::Acted),
        json!({ "version": acted.version }),
    );
    tag(&mut response, acted.version);
    Ok(response)
}

/// Messages and comments.
pub async fn messages(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(CaseId,)>,
) -> Result<Response, Fault> {
    let file = cases::open(&app, &caller.viewer, id).await?;
    let value = json!({ "items": messages_value(file.messages) });
    Ok(answer(StatusCode::OK, Kind::Of(&shapes::Messages), value))
}

/// Who could see the case.
pub async fn access_log(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(CaseId,)>,
) -> Result<Response, Fault> {
    let spans: Vec<Value> = cases::access_log(&app, &caller.viewer, id)
        .await?
        .into_iter()
        .map(|s| json!({ "name": s.name, "role": s.role, "from": s.from, "until": s.until, "reason": s.reason }))
        .collect();
    Ok(answer(
        StatusCode::OK,
        Kind::Of(&shapes::AccessLog),
        json!({ "items": spans }),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

/// Reads the reporter's identity; the reason is recorded before it is shown.
pub async fn identity(
    State(app): State<App>,
    caller: Caller,
    Ids((id, report)): Ids<(CaseId, ReportId)>,
    body: Json,
) -> Result<Response, Fault> {
    let asked: Reason = body.into(&shapes::ReadIdentity)?;
    let who = cases::read_identity(&app, &caller.viewer, id, report, &asked.reason).await?;
    let value = json!({
        "name": who.name, "mail": who.mail, "organisation": who.organisation, "phone": who.phone,
        "openpgp_key": who.openpgp_key,
    });
    Ok(answer(StatusCode::OK, Kind::Of(&shapes::Identity), value))
}

/// Adds a file: streamed, sealed before the first byte reaches the disk.
pub async fn attach(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(CaseId,)>,
    mut asked: Asked,
    mut body: Body,
) -> Result<Response, Fault> {
    let name = asked
        .take("name")
        .filter(|n| !n.trim().is_empty())
        .ok_or_else(|| Fault::bad("name", "The file has no name.", "Send it as ?name=…"))?;
    let report = asked.take_as("report", "Send the id of a report of the case.")?;
    asked.end()?;
    // Whoever may not see the case does not get to fill the disk.
    cases::open(&app, &caller.viewer, id).await?;
    let staging = attachments::begin(&app, &name)?;
    let (pieces, sealing) = super::upload::seal(staging);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Fault::bad("", "The body breaks off.", "Send it again."))?;
        if let Ok(data) = frame.into_data()
            && !pieces.push(data).await
        {
            break;
        }
    }
    let staged = sealing.finish(pieces).await.map_err(unsealed)?;
    let attachment = staged.id;
    let done = attachments::add(&app, &caller.viewer, id, report, staged).await;
    attachments::settled(&app, vec![attachment], done).await?;
    let version = cases::open(&app, &caller.viewer, id).await?.case.version;
    Ok(answer(
        StatusCode::CREATED,
        Kind::Of(&shapes::Attached),
        json!({ "id": attachment, "version": version }),
    ))
}

/// Files as an answer.
pub fn attachments_answer(found: Vec<AttachmentView>) -> Response {
    let items: Vec<Value> = found.into_iter().map(attachment_value).collect();
    answer(
        StatusCode::OK,
        Kind::Of(&shapes::Attachments),
        json!({ "items": items }),
    )
}

/// The files of a case.
pub async fn attachments(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(CaseId,)>,
) -> Result<Response, Fault> {
    let file = cases::open(&app, &caller.viewer, id).await?;
    Ok(attachments_answer(file.attachments))
}

/// A file as it came in: for download only, never for display.
pub async fn attachment(
    State(app): State<App>,
    caller: Caller,
    Ids((id, attachment)): Ids<(CaseId, AttachmentId)>,
) -> Result<Response, Fault> {
    let (_, content) = attachments::open(&app, &caller.viewer, id, attachment).await?;
    Ok(download(content))
}

/// A file for download only, never for display.
pub fn download(content: Vec<u8>) -> Response {
    (
        [
            (header::CONTENT_TYPE, "application/octet-stream"),
            (header::CONTENT_DISPOSITION, "attachment"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; sandbox",
            ),
            (header::CACHE_CONTROL, "no-store"),
        ],
        content,
    )
        .into_response()
}

/// The advisory as it would be published.
pub async fn preview(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(CaseId,)>,
) -> Result<Response, Fault> {
    let preview = advisories::preview(&app, &caller.viewer, id).await?;
    let value = json!({ "csaf": preview.csaf, "findings": preview.findings });
    Ok(answer(StatusCode::OK, Kind::Of(&shapes::Preview), value))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    cases: Vec<CaseId>,
    reason: ExitReason,
    note: String,
    notice: String,
}

/// Closes several cases alike; each answers for itself.
pub async fn batch_exit(
    State(app): State<App>,
    caller: Caller,
    body: Json,
) -> Result<Response, Fault> {
    let batch: Batch = body.into(&shapes::BatchExit)?;
    if batch.cases.is_empty() || batch.cases.len() > LARGEST_BATCH {
        return Err(Fault::bad(
            "cases",
            "This is no batch.",
            format!("Send 1 to {LARGEST_BATCH} ids."),
        ));
    }
    let outcomes = cases::batch_exit(
        &app,
        &caller.viewer,
        &batch.cases,
        batch.reason,
        &batch.note,
        &batch.notice,
    )
    .await;
    let items: Vec<Value> = outcomes
        .into_iter()
        .map(|(case, done)| json!({ "case": case, "problem": done.err().map(|e| e.to_string()) }))
        .collect();
    Ok(answer(
        StatusCode::OK,
        Kind::Of(&shapes::BatchExited),
        json!({ "items": items }),
    ))
}

/// Searches the cases that the caller may see.
pub async fn search(
    State(app): State<App>,
    caller: Caller,
    mut asked: Asked,
) -> Result<Response, Fault> {
    let paging = asked.paging()?;
    let text = asked.take("q").unwrap_or_default();
    asked.end()?;
    if text.trim().is_empty() || text.len() > 300 {
        return Err(Fault::bad(
            "q",
            "There is nothing to search for.",
            "Send words of at most 300 bytes together.",
        ));
    }
    let cursor = paging.cursor.as_deref();
    let found = cases::search(&app, &caller.viewer, &text, cursor, paging.limit).await?;
    Ok(page(
        Kind::Of(&shapes::CaseSummary),
        input::values(found.items)?,
        found.next,
    ))
}

/// What falls due.
pub async fn clocks(
    State(app): State<App>,
    caller: Caller,
    paging: Paging,
) -> Result<Response, Fault> {
    let cursor = paging.cursor.as_deref();
    let found = cases::clock_board(&app, &caller.viewer, cursor, paging.limit).await?;
    let items = found
        .items
        .into_iter()
        .map(|row| {
            Ok(json!({
                "case": row.case, "number": row.number, "title": row.title, "clock": value(row.clock)?,
                "breached": row.breached, "owner": row.owner,
            }))
        })
        .collect::<Result<Vec<Value>, Fault>>()?;
    Ok(page(Kind::Of(&shapes::BoardRow), items, found.next))
}
