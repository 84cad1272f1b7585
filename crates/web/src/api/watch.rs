//! What the world published that touches our products, by the API.

use super::fault::Fault;
use super::gate::Caller;
use super::input::{Asked, Ids, Json, Paging, answer, page};
use super::shape::Kind;
use super::shapes;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use entente_domain::ids::{FindingId, ProductId, WatchSourceId};
use entente_domain::kinds::FindingState;
use entente_service::App;
use entente_service::watch::{
    self, Act, Detail, Did, Found, LARGEST, Source, SourceForm, WorldDocument,
};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::{Value, json};

fn score(tenths: Option<u8>) -> Value {
    tenths.map_or(Value::Null, |t| json!(f64::from(t) / 10.0))
}

fn millionths(share: u32) -> f64 {
    f64::from(share) / 1e6
}

fn finding_value(found: &Found) -> Value {
    let content = &found.content;
    let exploited: Vec<Value> = found
        .exploited
        .iter()
        .map(|e| json!({ "by": e.by, "since": e.since, "ransomware": e.ransomware }))
        .collect();
    json!({
        "id": found.id, "product": found.product, "product_name": found.product_name,
        "state": found.state, "found_at": found.found_at, "changed_at": found.changed_at,
        "vulnerability": content.vulnerability(), "names": content.names,
        "title": content.title, "score": score(content.score()),
        "affected_versions": content.affected_versions(), "supported": found.supported,
        "exploited": exploited,
        "epss": found.epss.map(|(p, of)| json!({ "probability": millionths(p), "percentile": millionths(of) })),
    })
}

fn detail_value(detail: &Detail) -> Value {
    let content = &detail.found.content;
    let lines: Vec<Value> = content
        .lines
        .iter()
        .map(|l| {
            json!({
                "product_version": l.product_version, "package": l.package, "version": l.version,
                "distribution": l.scope, "document": l.document, "affected": l.certain,
                "why": l.why, "score": score(l.score), "fixed_in": l.fixed_in,
                "denied": l.denied.as_ref().map(|d| json!({ "document": d.document, "why": d.why })),
            })
        })
        .collect();
    let steps: Vec<Value> = content
        .steps
        .iter()
        .map(|step| {
            let (did, why) = match &step.did {
                Did::Reported { .. } => ("reported", None),
                Did::SetAside { why, .. } => ("set_aside", Some(why)),
                Did::TakenUp => ("taken_up", None),
            };
            json!({ "at": step.at, "by": step.by, "did": did, "why": why })
        })
        .collect();
    let documents: Vec<Value> = detail
        .documents
        .iter()
        .map(|(id, form, modified, seen)| {
            json!({ "id": id, "form": form, "modified": modified, "seen_at": seen })
        })
        .collect();
    let ways: Vec<Value> = detail
        .ways
        .iter()
        .map(|(version, way)| json!({ "product_version": version, "way": way }))
        .collect();
    json!({
        "finding": finding_value(&detail.found), "lines": lines, "steps": steps,
        "details": detail.details, "references": detail.references, "documents": documents,
        "ways": ways, "case": detail.case,
    })
}

/// The findings in one state.
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    mut asked: Asked,
    paging: Paging,
) -> Result<Response, Fault> {
    let state: FindingState = asked
        .take_as("state", "Name one of the states of findings.")?
        .unwrap_or(FindingState::Open);
    let product: Option<ProductId> = asked.take_as("product", "Send the id of a product.")?;
    asked.end()?;
    let (found, _) = watch::list(&app, &caller.viewer, state, product).await?;
    let (found, next) = paging.cut(found, |f| f.id)?;
    let items = found.iter().map(finding_value).collect();
    Ok(page(Kind::Of(&shapes::WatchFinding), items, next))
}

/// One finding.
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(FindingId,)>,
) -> Result<Response, Fault> {
    let detail = watch::detail(&app, &caller.viewer, id).await?;
    let value = detail_value(&detail);
    Ok(answer(
        StatusCode::OK,
        Kind::Of(&shapes::FindingDetail),
        value,
    ))
}

#[derive(Deserialize)]
struct Decision {
    act: String,
    #[serde(default)]
    why: String,
}

/// Decides about a finding.
pub async fn decide(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(FindingId,)>,
    body: Json,
) -> Result<Response, Fault> {
    let decision: Decision = body.into(&shapes::FindingDecision)?;
    let act = match decision.act.as_str() {
        "report" => Act::Report,
        "set_aside" => Act::SetAside(decision.why),
        "take_up" => Act::TakeUp,
        _ => {
            return Err(Fault::bad(
                "act",
                "It is not clear what is to be done.",
                "Send report, set_aside or take_up.",
            ));
        }
    };
    let case = watch::act(&app, &caller.viewer, id, act).await?;
    let value = json!({ "case": case });
    Ok(answer(
        StatusCode::OK,
        Kind::Of(&shapes::FindingDecided),
        value,
    ))
}

/// Takes one document of the world in.
pub async fn take(
    State(app): State<App>,
    caller: Caller,
    asked: Asked,
    mut body: Body,
) -> Result<Response, Fault> {
    asked.end()?;
    // Whoever may not write gets no work done.
    watch::may_take(&caller.viewer)?;
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Fault::bad("", "The body breaks off.", "Send it again."))?;
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.len() > LARGEST {
                return Err(Fault::bad(
                    "",
                    "The document is longer than 32 MiB.",
                    "Send the documents of an archive one by one, or let a source read it.",
                ));
            }
            bytes.extend_from_slice(&data);
        }
    }
    let list = watch::take_signals(&app, &caller.viewer, &bytes).await?;
    let value = if let Some(list) = list {
        json!({ "outcome": "list", "id": format!("{} {}", list.list, list.day), "opened": 0 })
    } else {
        let read = tokio::task::spawn_blocking(move || WorldDocument::read(&bytes)).await;
        let document = read.map_err(entente_service::ServiceError::internal)??;
        let id = document.id.clone();
        let taken = watch::take(&app, &caller.viewer, vec![document]).await?;
        let outcome = match (taken.new, taken.changed) {
            (1.., _) => "new",
            (_, 1..) => "changed",
            _ => "known",
        };
        json!({ "outcome": outcome, "id": id, "opened": taken.opened })
    };
    Ok(answer(
        StatusCode::CREATED,
        Kind::Of(&shapes::WorldTaken),
        value,
    ))
}

fn source_value(source: &Source) -> Value {
    let health = &source.health;
    let [new, changed, known] = health.last;
    let unread: Vec<Value> = health
        .unread
        .iter()
        .map(|(name, why)| json!({ "name": name, "why": why }))
        .collect();
    json!({
        "id": source.id, "form": source.form,
        "next_at": Some(source.next_at).filter(|at| source.form.enabled && at.0 < i64::MAX),
        "well": source.is_well(), "asked_at": health.asked_at, "answered_at": health.answered_at,
        "trouble": health.trouble, "new": new, "changed": changed, "known": known,
        "unread": unread, "unread_count": health.unread_count,
    })
}

/// The sources.
pub async fn sources(
    State(app): State<App>,
    caller: Caller,
    paging: Paging,
) -> Result<Response, Fault> {
    let found = watch::sources(&app, &caller.viewer).await?;
    let (found, next) = paging.cut(found, |s| s.id)?;
    let items = found.iter().map(source_value).collect();
    Ok(page(Kind::Of(&shapes::WatchSource), items, next))
}

async fn save(
    app: &App,
    caller: &Caller,
    id: Option<WatchSourceId>,
    body: Json,
) -> Result<Value, Fault> {
    let form: SourceForm = body.into(&shapes::SourceForm)?;
    let id = watch::save_source(app, &caller.viewer, id, form).await?;
    Ok(json!({ "id": id }))
}

/// Adds a source.
pub async fn add_source(
    State(app): State<App>,
    caller: Caller,
    body: Json,
) -> Result<Response, Fault> {
    let made = save(&app, &caller, None, body).await?;
    Ok(answer(StatusCode::CREATED, Kind::Of(&shapes::Made), made))
}

/// Changes a source, and asks it.
pub async fn change_source(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(WatchSourceId,)>,
    body: Json,
) -> Result<Response, Fault> {
    let made = save(&app, &caller, Some(id), body).await?;
    Ok(answer(StatusCode::OK, Kind::Of(&shapes::Made), made))
}

/// Removes a source.
pub async fn remove_source(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(WatchSourceId,)>,
) -> Result<StatusCode, Fault> {
    watch::remove_source(&app, &caller.viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
