//! Faults of ours on their way out: each gets an incident id, which stands in the answer and in
//! the log line, so that the operator finds the one by the other. The cause is for the log alone.

use crate::api::fault::Fault;
use crate::problem::Problem;
use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use entente_service::App;
use std::any::Any;
use std::cell::Cell;

/// What is known of a fault; travels with the answer as an extension and is taken off by
/// [`settle`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OurFault {
    /// What the log line says; always the same words for the same thing.
    pub message: &'static str,
    /// The cause, for the log.
    pub cause: String,
    /// What the caller learns.
    pub told: &'static str,
}

/// What a caller learns of a fault of which there is nothing to tell.
const TOLD: &str = "Something went wrong on our side.";

impl OurFault {
    /// A use case that failed within.
    pub fn internal(cause: &str) -> Self {
        Self {
            message: "internal error",
            cause: cause.escape_debug().to_string(),
            told: "Something went wrong on our side. Nothing was changed.",
        }
    }

    /// Stored data that does not authenticate.
    pub fn damaged(place: &str) -> Self {
        Self {
            message: "stored data is damaged",
            cause: place.escape_debug().to_string(),
            told: "Stored data is damaged and is not shown. The operator has to run the verification.",
        }
    }
}

thread_local! {
    /// Where the last panic of this thread was; never what it said.
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// Makes panics say where and nothing else: a message may repeat what the code was given.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let (file, line) = info
            .location()
            .map_or(("unknown", 0), |l| (within(l.file()), l.line()));
        PLACE.set(Some(format!("{file}:{line}")));
        tracing::error!(file, line, "a panic");
    }));
}

/// The part of a source path that says where in the project it is.
fn within(file: &str) -> &str {
    file.rfind("crates/").map_or(file, |at| &file[at..])
}

/// The answer after a panic: nothing of its cause.
pub fn panicked(_: Box<dyn Any + Send>) -> Response {
    let place = PLACE.take().unwrap_or_else(|| "unknown place".to_owned());
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(OurFault {
        message: "a handler panicked",
        cause: place,
        told: TOLD,
    });
    response
}

/// Gives every answer with status 500 its incident id, and writes the log line.
pub async fn settle(State(app): State<App>, request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let method = request.method().clone();
    // The template, never the path: a path may hold an id or what somebody typed.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", |m| m.as_str())
        .to_owned();
    let response = next.run(request).await;
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let fault = response
        .extensions()
        .get::<OurFault>()
        .cloned()
        .unwrap_or_else(|| OurFault {
            message: "a handler failed",
            cause: String::new(),
            told: TOLD,
        });
    let incident = data_encoding::HEXLOWER.encode(&app.random().bytes::<8>());
    tracing::error!(
        incident,
        method = %method,
        route,
        cause = fault.cause,
        "{}",
        fault.message
    );
    if api {
        Fault::ours(fault).incident(incident).into_response()
    } else {
        Problem::ours(fault).incident(incident).into_response()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::api::testing::Instance;
    use crate::server;
    use axum::Router;
    use axum::body::Body;
    use axum::http::header;
    use axum::routing::get;
    use http_body_util::BodyExt;
    use std::io::Write;
    use std::sync::{Arc, Mutex};
    use tower::ServiceExt;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Lines {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    /// Asks a server whose routes fail in each way, and reads its log.
    async fn ask(path: &str) -> (StatusCode, String, String, String) {
        quiet_panics();
        let instance = Instance::fresh().await.unwrap();
        let routes: Router<App> = Router::new()
            .route("/boom/{id}", get(panics))
            .route("/api/v1/boom/{id}", get(panics))
            .route(
                "/bare/{id}",
                get(|| async { StatusCode::INTERNAL_SERVER_ERROR }),
            )
            .route(
                "/api/v1/inside/{id}",
                get(|| async { Fault::from(entente_service::ServiceError::internal("the cause")) }),
            );
        let router = server::dress(routes, instance.app.clone(), server::WebConfig::default());
        let lines = Lines::default();
        let writer = lines.clone();
        let _guard = tracing::subscriber::set_default(
            tracing_subscriber::fmt()
                .json()
                .with_writer(move || writer.clone())
                .finish(),
        );
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let header = |name| {
            let value: Option<&http::HeaderValue> = response.headers().get(name);
            value.map_or("", |v| v.to_str().unwrap()).to_owned()
        };
        let kind = header(header::CONTENT_TYPE);
        assert!(!header(header::CONTENT_SECURITY_POLICY).is_empty());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        (status, kind, body, lines.text())
    }

    async fn panics() -> StatusCode {
        panic!("canary in a panic")
    }

    fn incident_of(log: &str) -> String {
        let line = log.lines().find(|l| l.contains("\"incident\"")).unwrap();
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["fields"]["incident"].as_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn a_panic_in_the_api_is_a_problem_with_its_incident() {
        let (status, kind, body, log) = ask("/api/v1/boom/canary-in-a-path").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(kind, "application/problem+json");
        let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
        let incident = incident_of(&log);
        assert_eq!(problem["incident"], serde_json::json!(incident));
        assert_eq!(incident.len(), 16);
        assert!(log.contains("/api/v1/boom/{id}"), "{log}");
        assert!(log.contains("crates/web/src/incident.rs:"), "{log}");
        assert!(!log.contains("canary") && !body.contains("canary"), "{log}");
    }

    #[tokio::test]
    async fn a_panic_behind_a_page_is_a_page_with_its_incident() {
        for path in ["/boom/7", "/bare/7"] {
            let (status, kind, body, log) = ask(path).await;
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
            assert!(kind.starts_with("text/html"), "{kind}");
            assert!(body.contains(&incident_of(&log)), "{body}");
            assert!(!log.contains("canary") && !body.contains("canary"), "{log}");
        }
    }

    #[tokio::test]
    async fn the_cause_of_a_fault_is_in_the_log_and_not_in_the_answer() {
        let (_, _, body, log) = ask("/api/v1/inside/7").await;
        assert!(body.contains(&incident_of(&log)), "{body}");
        assert!(log.contains("the cause"), "{log}");
        assert!(!body.contains("the cause"), "{body}");
    }
}
