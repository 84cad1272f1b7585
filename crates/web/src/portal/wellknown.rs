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
    for file in advisories::index(&app).await? {
        let _ = writeln!(text, "{}", file.path);
    }
    Ok(typed("text/plain; charset=utf-8", text).into_response())
}

/// `changes.csv`: every document with its last change, newest first.
pub async fn changes(State(app): State<App>) -> Result<Response, Problem> {
    let mut items = advisories::index(&app).await?;
    items.sort_by_key(|file| std::cmp::Reverse(file.updated_at));
    let mut text = String::new();
    for file in &items {
        let _ = writeln!(text, "\"{}\",\"{}\"", file.path, file.updated_at.rfc3339());
    }
    Ok(typed("text/csv; charset=utf-8; header=absent", text).into_response())
}

/// `provider-metadata.json`.
pub async fn provider(State(app): State<App>) -> Result<Response, Problem> {
    let index = advisories::index(&app).await?;
    let updated = index.iter().map(|file| file.updated_at).max();
    let updated = updated.unwrap_or_else(|| app.now());
    let all_signed = index.iter().all(|file| file.signed);
    let keys = signing_keys::all(&app).await?;
    let body = metadata(&app, updated, &keys, all_signed).to_string();
    Ok(typed("application/json", body).into_response())
}

fn metadata(app: &App, updated: Timestamp, keys: &[SigningKeyFacts], all_signed: bool) -> Value {
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
        "distributions": [{ "rolie": {
            "feeds": [{
                "summary": format!("All public advisories of {}", organisation.name),
                "tlp_label": "WHITE", "url": format!("{base}/white/{FEED}"),
            }],
            "services": [{ "url": format!("{base}/service.json") }],
        } }],
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
        // Of a trusted provider every document is signed (CSAF 2.0, 7.2.3).
        "role": if all_signed { "csaf_trusted_provider" } else { "csaf_provider" },
    })
}

/// The name of the feed of public documents.
const FEED: &str = "feed-tlp-white.json";

fn category() -> Value {
    json!([{ "scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf" }])
}

/// The ROLIE feed of every public document (CSAF 2.0, 7.1.15; RFC 8322).
pub async fn feed(State(app): State<App>) -> Result<Response, Problem> {
    let index = advisories::index(&app).await?;
    let folder = format!("{}/.well-known/csaf/white", app.config().base_url);
    let updated = index.iter().map(|file| file.updated_at).max();
    let entries: Vec<Value> = index
        .iter()
        .map(|file| {
            let url = format!("{folder}/{}", file.path);
            let mut links = vec![
                json!({ "rel": "self", "href": url }),
                json!({ "rel": "hash", "href": format!("{url}.sha256") }),
                json!({ "rel": "hash", "href": format!("{url}.sha512") }),
            ];
            if file.signed {
                links.push(json!({ "rel": "signature", "href": format!("{url}.asc") }));
            }
            json!({
                "id": file.public_id, "title": file.public_id, "link": links,
                "published": file.published_at.rfc3339(), "updated": file.updated_at.rfc3339(),
                "content": { "type": "application/json", "src": url },
                "format": {
                    "schema": "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json",
                    "version": "2.0",
                },
            })
        })
        .collect();
    let name = &app.config().organisation.name;
    let feed = json!({ "feed": {
        "id": "csaf-feed-tlp-white", "title": format!("Public advisories of {name}"),
        "link": [
            { "rel": "self", "href": format!("{folder}/{FEED}") },
            { "rel": "service", "href": format!("{}/.well-known/csaf/service.json", app.config().base_url) },
        ],
        "category": category(),
        "updated": updated.unwrap_or_else(|| app.now()).rfc3339(), "entry": entries,
    } });
    Ok(typed("application/json", feed.to_string()).into_response())
}

/// The ROLIE service document: which feeds there are (CSAF 2.0, 7.1.16).
pub async fn service(State(app): State<App>) -> Response {
    let name = &app.config().organisation.name;
    let href = format!("{}/.well-known/csaf/white/{FEED}", app.config().base_url);
    let service = json!({ "service": { "workspace": [{
        "title": format!("Advisories of {name}"),
        "collection": [{
            "title": format!("Public advisories of {name}"), "href": href,
            "categories": { "category": category() },
        }],
    }] } });
    typed("application/json", service.to_string()).into_response()
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
