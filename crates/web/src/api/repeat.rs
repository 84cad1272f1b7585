//! `Idempotency-Key` for every route that writes: the first answer is kept for a day, and whoever
//! repeats the request gets it again (decision 21).
//!
//! Stands between the gate and the handler, put there by the route table. The work runs in a task
//! of its own, so that a caller who hangs up does not leave it half known. A refusal changes
//! nothing and frees the key; after a fault of ours nobody knows, and nothing is done twice.

use super::fault::Fault;
use super::gate::Caller;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use entente_service::repeat::{self, Claim, Repeat};
use entente_service::{App, ServiceError};
use http_body_util::{BodyExt, Limited};
use memchr::memmem;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The rule that a key stands for one request.
const RULE: &str = "API-1";
/// How often a long request says that it is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);
/// Headers of an answer that are kept with it.
const KEPT: [HeaderName; 4] = [
    header::CONTENT_TYPE,
    header::CACHE_CONTROL,
    header::ETAG,
    header::LOCATION,
];
/// Says that an answer is a repetition.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The caller's own key for a request that may be repeated.
pub fn key(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim_matches('"');
    if (16..=128).contains(&text.len()) {
        Ok(Some(text.to_owned()))
    } else {
        Err(Fault::bad(
            "Idempotency-Key",
            "This key cannot be used.",
            "Send 16 to 128 characters that nobody else can guess.",
        ))
    }
}

/// Carries a request out once. With `again`, the change keeps a record of its own in its own
/// transaction, so that it may be tried again when nobody knows how it ended.
pub async fn once(
    State((app, again)): State<(App, bool)>,
    request: Request,
    next: Next,
) -> Response {
    match carry_out(app, again, request, next).await {
        Ok(response) => response,
        Err(fault) => fault.into_response(),
    }
}

async fn carry_out(app: App, again: bool, request: Request, next: Next) -> Result<Response, Fault> {
    let Some(key) = key(request.headers())? else {
        return Ok(next.run(request).await);
    };
    let caller = request
        .extensions()
        .get::<Caller>()
        .ok_or_else(Fault::not_found)?;
    let scope = format!(
        "{} {} {}",
        caller.viewer.actor(),
        request.method(),
        request
            .uri()
            .path_and_query()
            .map_or_else(|| request.uri().path(), |p| p.as_str()),
    );
    let repeat = Repeat { key, scope };
    match repeat::claim(&app, &repeat, again).await {
        Ok(Claim::Ours) => {}
        Ok(Claim::Running) => return Err(running()),
        Ok(Claim::Unknown) => return Err(unknown()),
        Ok(Claim::Answered {
            request: of,
            answer,
        }) => {
            let (body, hash) = watched(request);
            drain(body, app.config().limits.request_bytes).await?;
            return if taken(&hash) == of {
                restored(&answer)
            } else {
                Err(other())
            };
        }
        // A full disk keeps no claims; what is still taken then is taken without one.
        Err(ServiceError::Full) => return Ok(next.run(request).await),
        Err(error) => return Err(error.into()),
    }
    let (parts, body, hash) = split(request);
    let request = Request::from_parts(parts, body);
    // Goes on when the caller hangs up.
    let task = tokio::spawn(async move {
        let mut work = std::pin::pin!(next.run(request));
        let response = loop {
            tokio::select! {
                response = &mut work => break response,
                () = tokio::time::sleep(SIGN_OF_LIFE) => {
                    if let Err(error) = repeat::alive(&app, &repeat).await {
                        tracing::warn!(%error, "a claim could not be kept alive");
                    }
                }
            }
        };
        settle(&app, &repeat, &hash, response).await
    });
    task.await
        .map_err(|error| Fault::from(ServiceError::internal(error)))
}

/// Ends the claim by the answer.
async fn settle(app: &App, repeat: &Repeat, hash: &Mutex<Watch>, response: Response) -> Response {
    let status = response.status();
    let (ended, response) = if status.is_success() {
        let (parts, body) = response.into_parts();
        let Ok(body) = body
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes)
        else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let answer = kept(status, &parts.headers, &body);
        let ended = repeat::answered(app, repeat, taken(hash), answer).await;
        (ended, Response::from_parts(parts, Body::from(body)))
    } else if status == StatusCode::INTERNAL_SERVER_ERROR {
        (repeat::unknown(app, repeat).await, response)
    } else {
        (repeat::free(app, repeat).await, response)
    };
    if let Err(error) = ended {
        // The change stands, and its answer goes out; a repetition will hear that nobody knows.
        tracing::warn!(%error, "an answer could not be kept for repetitions");
    }
    response
}

fn running() -> Fault {
    Fault::new(
        StatusCode::CONFLICT,
        "in-progress",
        "Being carried out",
        "A request with this key is being carried out.",
        "Send it again in a moment; you get its answer.",
    )
    .under(RULE)
    .at("Idempotency-Key")
    .after(1)
}

fn unknown() -> Fault {
    Fault::new(
        StatusCode::CONFLICT,
        "outcome-unknown",
        "Nobody knows how it ended",
        "A request with this key was begun and its answer was lost.",
        "Look whether it was carried out; to do it again, use a fresh key.",
    )
    .under(RULE)
    .at("Idempotency-Key")
}

fn other() -> Fault {
    Fault::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "other-request",
        "Another request",
        "This key came with another request before.",
        "Use a fresh key for a new request.",
    )
    .under(RULE)
    .at("Idempotency-Key")
}

#[derive(Serialize, Deserialize)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

fn kept(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Vec<u8> {
    let headers = KEPT
        .iter()
        .filter_map(|name| {
            Some((
                name.to_string(),
                headers.get(name)?.to_str().ok()?.to_owned(),
            ))
        })
        .collect();
    let answer = Answer {
        status: status.as_u16(),
        headers,
        // Writes answer JSON or nothing.
        body: String::from_utf8_lossy(body).into_owned(),
    };
    serde_json::to_vec(&answer).unwrap_or_default()
}

fn restored(answer: &[u8]) -> Result<Response, Fault> {
    let answer: Answer = serde_json::from_slice(answer)
        .map_err(|_| ServiceError::Damaged("a kept answer".to_owned()))?;
    let status = StatusCode::from_u16(answer.status)
        .map_err(|_| ServiceError::Damaged("a kept answer".to_owned()))?;
    let mut response = (status, answer.body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(value.as_str()),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
    response
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// Takes apart a request whose body is hashed as it goes by.
fn split(request: Request) -> (http::request::Parts, Body, Arc<Mutex<Watch>>) {
    let (parts, body) = request.into_parts();
    let watch = Arc::new(Mutex::new(Watch::of(&parts.headers)));
    let seen = Arc::clone(&watch);
    let body = Body::new(body.map_frame(move |frame| {
        if let Some(data) = frame.data_ref() {
            let mut watch = seen.lock().unwrap_or_else(PoisonError::into_inner);
            watch.push(data);
        }
        frame
    }));
    (parts, body, watch)
}

fn watched(request: Request) -> (Body, Arc<Mutex<Watch>>) {
    let (_, body, watch) = split(request);
    (body, watch)
}

fn taken(watch: &Mutex<Watch>) -> [u8; 32] {
    let watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
    watch.clone().finish()
}

/// Reads a body to its end, for its hash.
async fn drain(body: Body, most: usize) -> Result<(), Fault> {
    let mut body = Limited::new(body, most);
    while let Some(frame) = body.frame().await {
        frame.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                Fault::too_large(most)
            } else {
                Fault::bad("", "The body breaks off.", "Send it again.")
            }
        })?;
    }
    Ok(())
}

/// The hash of a body. Of a form the boundary does not count, because clients make a new one for
/// each try; what stands before the first and after the last one does not either.
#[derive(Clone)]
struct Watch {
    hash: Sha256,
    boundary: Option<Vec<u8>>,
    held: Vec<u8>,
    closed: bool,
}

impl Watch {
    fn of(headers: &HeaderMap) -> Self {
        let boundary = headers
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .filter(|v| v.to_ascii_lowercase().starts_with("multipart/"))
            .and_then(|v| v.split_once("boundary="))
            .map(|(_, b)| {
                b.split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .trim_matches('"')
            })
            .filter(|b| !b.is_empty())
            .map(|b| format!("--{b}").into_bytes());
        Self {
            hash: Sha256::new(),
            boundary,
            held: Vec::new(),
            closed: false,
        }
    }

    fn push(&mut self, data: &Bytes) {
        let Some(boundary) = &self.boundary else {
            self.hash.update(data);
            return;
        };
        if self.closed {
            return;
        }
        self.held.extend_from_slice(data);
        let mut from = 0;
        while let Some(rest) = self.held.get(from..) {
            match memmem::find(rest, boundary) {
                Some(at) => {
                    let after = at + boundary.len();
                    let Some(next) = rest.get(after..after + 2) else {
                        // What comes next says whether it was the last one.
                        self.hash.update(rest.get(..at).unwrap_or_default());
                        from += at;
                        break;
                    };
                    self.hash.update(rest.get(..at).unwrap_or_default());
                    self.hash.update(b"\0part\0");
                    if next == b"--" {
                        self.closed = true;
                        self.held.clear();
                        return;
                    }
                    from += after;
                }
                None => {
                    // Its end may come with the next piece.
                    let sure = rest.len().saturating_sub(boundary.len() - 1);
                    self.hash.update(rest.get(..sure).unwrap_or_default());
                    from += sure;
                    break;
                }
            }
        }
        self.held.drain(..from);
    }

    fn finish(mut self) -> [u8; 32] {
        self.hash.update(&self.held);
        self.hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hash(kind: &str, body: &[u8], cuts: &[usize]) -> [u8; 32] {
        let mut headers = HeaderMap::new();
        if let Ok(kind) = HeaderValue::from_str(kind) {
            headers.insert(header::CONTENT_TYPE, kind);
        }
        let mut watch = Watch::of(&headers);
        let mut rest = body;
        for cut in cuts {
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            watch.push(&Bytes::copy_from_slice(piece));
            rest = after;
        }
        watch.push(&Bytes::copy_from_slice(rest));
        watch.finish()
    }

    fn form(boundary: &str, text: &str, end: &str) -> Vec<u8> {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{text}\r\n--{boundary}--{end}")
            .into_bytes()
    }

    #[test]
    fn a_form_with_another_boundary_is_the_same_form() {
        let kind = |b: &str| format!("multipart/form-data; boundary={b}");
        let first = hash(&kind("one"), &form("one", "text", "\r\n"), &[]);
        assert_eq!(first, hash(&kind("two-3"), &form("two-3", "text", ""), &[]));
        assert_eq!(
            first,
            hash(
                "Multipart/Form-Data; boundary=\"two\"; x=y",
                &form("two", "text", "\r\n"),
                &[3]
            )
        );
        assert_ne!(
            first,
            hash(&kind("one"), &form("one", "text.", "\r\n"), &[])
        );
        assert_ne!(
            hash("application/json", b"{}", &[]),
            hash("application/json", b"{ }", &[])
        );
    }

    proptest! {
        #[test]
        fn the_pieces_in_which_a_body_comes_do_not_count(
            text in "[-ob\r\n]{0,60}",
            cuts in proptest::collection::vec(0_usize..9, 0..30),
        ) {
            let kind = "multipart/form-data; boundary=bo";
            let body = form("bo", &text, "\r\n");
            prop_assert_eq!(hash(kind, &body, &[]), hash(kind, &body, &cuts));
        }
    }
}
