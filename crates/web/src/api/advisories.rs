//! Published advisories by the API.

use super::fault::Fault;
use super::input::{Paging, page};
use super::shape::Kind;
use super::shapes;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use entente_service::{App, advisories};
use serde_json::{Value, json};

/// Published advisories, newest first.
pub async fn list(State(app): State<App>, paging: Paging) -> Result<Response, Fault> {
    let found = advisories::published(&app, paging.cursor.as_deref(), paging.limit).await?;
    let items: Vec<Value> = found
        .items
        .into_iter()
        .map(|a| {
            json!({
                "public_id": a.public_id, "title": a.title, "revision": a.revision,
                "published_at": a.published_at, "updated_at": a.updated_at, "severity": a.severity,
                "cves": a.cves, "imported": a.imported,
            })
        })
        .collect();
    Ok(page(Kind::Of(&shapes::PublicAdvisory), items, found.next))
}

/// A published advisory as CSAF: the bytes that were signed.
pub async fn csaf(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Fault> {
    let found = advisories::page(&app, &id).await?;
    let name = found.csaf_path.rsplit('/').next().unwrap_or_default();
    let bytes = advisories::file(&app, name).await?.bytes;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    Ok((headers, bytes).into_response())
}
