//! Files at well-known places: `security.txt` (RFC 9116), the CSAF provider's files, `robots.txt`.
//! Everything here comes from what is published; nothing here decides.

use super::pages::Keep;
use crate::problem::Problem;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use entente_domain::time::Timestamp;
use entente_service::advisories::{self, PublicAdvisory};
use entente_service::{App, ServiceError};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Pages of 100 that the provider's lists read at most.
const MOST_PAGES: usize = 1_000;

type Typed = ([(HeaderName, HeaderValue); 3], String);

fn typed(kind: &'static str, body: String) -> Typed {
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::CACHE_CONTROL, Keep::FiveMinutes.header()),
            // What is published may be read by any page (CSAF tools run in browsers too).
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        ],
        body,
    )
}

/// `security.txt`.
pub async fn security_txt(State(app): State<App>) -> Result<Response, Problem> {
    let text = advisories::security_txt(&app).await?;
    Ok(typed("text/plain; charset=utf-8", text).into_response())
}

/// `robots.txt`: what is published may be found, the rest is nobody's business.
pub async fn robots() -> Response {
    let text = "User-agent: *\nDisallow: /console\nDisallow: /status\nDisallow: /api\n";
    typed("text/plain; charset=utf-8", text.to_owned()).into_response()
}

/// Every published advisory, newest first.
async fn all(app: &App) -> Result<Vec<PublicAdvisory>, ServiceError> {
    let mut all = Vec::new();
    let mut cursor = None;
    for _ in 0..MOST_PAGES {
        let page = advisories::published(app, cursor.as_deref(), 100).await?;
        all.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    Ok(all)
}

/// The path of an advisory's document below the provider's folder: year of its initial release,
/// and its id as CSAF names files.
fn file_path(a: &PublicAdvisory) -> String {
    let (year, ..) = a.published_at.ymd();
    let mut name = String::new();
    for c in a.public_id.to_lowercase().chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '+' || c == '-' {
            name.push(c);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    format!("{year}/{name}.json")
}

/// `index.txt`: every document.
pub async fn index(State(app): State<App>) -> Result<Response, Problem> {
    let mut text = String::new();
    for a in all(&app).await? {
        let _ = writeln!(text, "{}", file_path(&a));
    }
    Ok(typed("text/plain; charset=utf-8", text).into_response())
}

/// `changes.csv`: every document with its last change, newest first.
pub async fn changes(State(app): State<App>) -> Result<Response, Problem> {
    let mut items = all(&app).await?;
    items.sort_by_key(|a| std::cmp::Reverse(a.updated_at));
    let mut text = String::new();
    for a in &items {
        let _ = writeln!(text, "\"{}\",\"{}\"", file_path(a), a.updated_at.rfc3339());
    }
    Ok(typed("text/csv; charset=utf-8; header=absent", text).into_response())
}

/// `provider-metadata.json`.
pub async fn provider(State(app): State<App>) -> Result<Response, Problem> {
    let newest = advisories::published(&app, None, 100).await?.items;
    let updated = newest.iter().map(|a| a.updated_at).max().unwrap_or(Timestamp(0));
    let key = advisories::public_key(&app).await?.map(|(fingerprint, _)| fingerprint);
    let body = metadata(&app, updated, key.as_deref()).to_string();
    Ok(typed("application/json", body).into_response())
}

fn metadata(app: &App, updated: Timestamp, fingerprint: Option<&str>) -> Value {
    let organisation = &app.config().organisation;
    let base = format!("{}/.well-known/csaf", app.config().base_url);
    let keys: Vec<Value> = fingerprint
        .iter()
        .map(|f| json!({ "fingerprint": f, "url": format!("{base}/openpgp/{f}.asc") }))
        .collect();
    json!({
        "canonical_url": format!("{base}/provider-metadata.json"),
        "distributions": [{ "directory_url": format!("{base}/") }],
        "last_updated": updated.rfc3339(),
        "list_on_CSAF_aggregators": true,
        "metadata_version": "2.0",
        "mirror_on_CSAF_aggregators": true,
        "public_openpgp_keys": keys,
        "publisher": {
            "category": "vendor",
            "contact_details": organisation.contact,
            "name": organisation.name,
            "namespace": organisation.namespace,
        },
        "role": "csaf_provider",
    })
}

/// A document, its signature or its hashes.
pub async fn file(State(app): State<App>, Path((year, name)): Path<(String, String)>) -> Result<Response, Problem> {
    let is_year = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    let found = if is_year { advisories::file(&app, &name).await? } else { None };
    let (kind, bytes) = found.ok_or(ServiceError::NotFound)?;
    let kind = HeaderValue::from_str(&kind).map_err(ServiceError::internal)?;
    Ok((
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, Keep::FiveMinutes.header()),
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        ],
        bytes,
    )
        .into_response())
}

/// The public signing key.
pub async fn key(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Problem> {
    let key = advisories::public_key(&app).await?;
    let (_, armoured) = key
        .filter(|(fingerprint, _)| name.strip_suffix(".asc") == Some(fingerprint.as_str()))
        .ok_or(ServiceError::NotFound)?;
    Ok(typed("application/pgp-keys", armoured).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_named_as_csaf_asks() {
        let a = PublicAdvisory {
            public_id: "EX 2026:/0001".into(),
            title: String::new(),
            revision: 1,
            published_at: Timestamp(1_794_820_320_000_000),
            updated_at: Timestamp(0),
            severity: String::new(),
            cves: Vec::new(),
            imported: false,
        };
        assert_eq!(file_path(&a), "2026/ex_2026_0001.json");
    }
}
