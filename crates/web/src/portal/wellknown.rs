//! Files at well-known places: `security.txt` (RFC 9116), the CSAF provider's files, `robots.txt`.
//! Everything here comes from what is published; nothing here decides.

use super::pages::Keep;
use crate::problem::Problem;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use entente_domain::time::Timestamp;
use entente_service::advisories;
use entente_service::signing_keys::{self, SigningKeyFacts};
use entente_service::{App, ServiceError};
use serde_json::{Value, json};
use std::fmt::Write as _;

type Typed = ([(HeaderName, HeaderValue); 3], String);

fn typed(kind: &'static str, body: String) -> Typed {
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::CACHE_CONTROL, Keep::FiveMinutes.header()),
            // What is published may be read by any page (CSAF tools run in browsers too).
            (
                header::ACCESS_CONTROL_ALLOW_ORIGIN,
                HeaderValue::from_static("*"),
            ),
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
    let text = "User-agent: *\nDisallow: /console\nDisallow: /report/status\nDisallow: /api\n";
    typed("text/plain; charset=utf-8", text.to_owned()).into_response()
}

/// `index.txt`: every document.
pub async fn index(State(app): State<App>) -> Result<Response, Problem> {
    let mut text = String::new();
    for (path, _) in advisories::index(&app).await? {
        let _ = writeln!(text, "{path}");
    }
    Ok(typed("text/plain; charset=utf-8", text).into_response())
}

/// `changes.csv`: every document with its last change, newest first.
pub async fn changes(State(app): State<App>) -> Result<Response, Problem> {
    let mut items = advisories::index(&app).await?;
    items.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
    let mut text = String::new();
    for (path, at) in &items {
        let _ = writeln!(text, "\"{path}\",\"{}\"", at.rfc3339());
    }
    Ok(typed("text/csv; charset=utf-8; header=absent", text).into_response())
}

/// `provider-metadata.json`.
pub async fn provider(State(app): State<App>) -> Result<Response, Problem> {
    let index = advisories::index(&app).await?;
    let updated = index
        .iter()
        .map(|(_, at)| *at)
        .max()
        .unwrap_or_else(|| app.now());
    let keys = signing_keys::all(&app).await?;
    let body = metadata(&app, updated, &keys).to_string();
    Ok(typed("application/json", body).into_response())
}

fn metadata(app: &App, updated: Timestamp, keys: &[SigningKeyFacts]) -> Value {
    let organisation = &app.config().organisation;
    let base = format!("{}/.well-known/csaf", app.config().base_url);
    // Those that signed what is still out there are needed as much as the one that signs now.
    let keys: Vec<Value> = keys
        .iter()
        .map(|key| {
            let fingerprint = &key.fingerprint;
            json!({ "fingerprint": fingerprint, "url": format!("{base}/openpgp/{fingerprint}.asc") })
        })
        .collect();
    json!({
        "canonical_url": format!("{base}/provider-metadata.json"),
        "distributions": [{ "directory_url": format!("{base}/white/") }],
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
pub async fn file(
    State(app): State<App>,
    Path((year, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ServiceError::NotFound.into());
    }
    // Names are unique in all years; the folder only sorts them.
    Ok(sent(advisories::file(&app, &name).await?))
}

/// An advisory as CycloneDX VEX, read out of its CSAF document.
pub async fn vex(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    Ok(sent(entente_service::vex::cyclonedx(&app, &id).await?))
}

fn sent(found: advisories::PublishedFile) -> Response {
    (
        [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static(found.content_type),
            ),
            (header::CACHE_CONTROL, Keep::FiveMinutes.header()),
            (
                header::ACCESS_CONTROL_ALLOW_ORIGIN,
                HeaderValue::from_static("*"),
            ),
        ],
        found.bytes,
    )
        .into_response()
}

/// The certificate of the key that signs now.
pub async fn key(State(app): State<App>) -> Result<Response, Problem> {
    let newest = signing_keys::all(&app).await?.into_iter().next();
    let newest = newest.ok_or(ServiceError::NotFound)?;
    Ok(typed("application/pgp-keys", newest.certificate).into_response())
}

/// The certificate of a key by its fingerprint, also of one that signs no more.
pub async fn key_by_fingerprint(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let all = signing_keys::all(&app).await?;
    let wanted = name.strip_suffix(".asc").unwrap_or_default();
    let found = all.into_iter().find(|key| key.fingerprint == wanted);
    let found = found.ok_or(ServiceError::NotFound)?;
    Ok(typed("application/pgp-keys", found.certificate).into_response())
}
