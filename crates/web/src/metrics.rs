//! Metrics for Prometheus, on a listener of their own. A label is a method, the template of a route,
//! a class of status or a state of a queue: no value tells of one case, one reporter or a secret.

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use entente_domain::time::Timestamp;
use entente_service::{App, gauges};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Upper bounds of the histogram in milliseconds: the goals of our own are 50, 100 and 500.
const BOUNDS_MS: [u64; 12] = [
    5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000,
];
const METHODS: [&str; 5] = ["GET", "HEAD", "POST", "PUT", "DELETE"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What was counted since the start. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Mutex<BTreeMap<Series, Counted>>>);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Series {
    route: String,
    method: &'static str,
}

#[derive(Clone, Debug, Default)]
struct Counted {
    classes: [u64; CLASSES.len()],
    buckets: [u64; BOUNDS_MS.len()],
    sum: Duration,
}

impl Metrics {
    fn note(&self, series: Series, status: StatusCode, took: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = all.entry(series).or_default();
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(n) = counted.classes.get_mut(class) {
            *n += 1;
        }
        let bucket = BOUNDS_MS
            .iter()
            .position(|bound| took <= Duration::from_millis(*bound));
        if let Some(n) = bucket.and_then(|at| counted.buckets.get_mut(at)) {
            *n += 1;
        }
        counted.sum = counted.sum.saturating_add(took);
    }
}

/// Counts an answer: until its head, not its body.
pub async fn count(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let series = Series {
        // Never the path: it may hold an id or what somebody typed.
        route: request
            .extensions()
            .get::<MatchedPath>()
            .map_or("none", |m| m.as_str())
            .to_owned(),
        method: METHODS
            .into_iter()
            .find(|m| *m == request.method().as_str())
            .unwrap_or("other"),
    };
    let since = start();
    let response = next.run(request).await;
    metrics.note(series, response.status(), since.elapsed());
    response
}

#[expect(
    clippy::disallowed_methods,
    reason = "measures how long an answer took"
)]
fn start() -> Instant {
    Instant::now()
}

/// The router of the listener for metrics: `/metrics` and nothing else.
pub fn router(app: App, metrics: Metrics) -> Router {
    Router::new()
        .route("/metrics", get(show))
        .with_state((app, metrics))
}

async fn show(State((app, metrics)): State<(App, Metrics)>) -> Response {
    let state = match gauges::read(&app).await {
        Ok(state) => Some(state),
        Err(error) => {
            tracing::error!(%error, "the metrics could not read the store");
            None
        }
    };
    let mut text = String::new();
    requests(&mut text, &metrics);
    instance(&mut text, state, app.now());
    let headers: [(HeaderName, &str); 3] = [
        (
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        ),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a text does not fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn gauge(text: &mut String, name: &str, help: &str, value: impl std::fmt::Display) {
    head(text, name, "gauge", help);
    let _ = writeln!(text, "{name} {value}");
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a millisecond has room in a float"
)]
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}

fn requests(text: &mut String, metrics: &Metrics) {
    let all = metrics
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let name = "entente_http_requests_total";
    head(
        text,
        name,
        "counter",
        "Answers, by route and class of status.",
    );
    for (Series { route, method }, counted) in &all {
        for (class, n) in CLASSES.iter().zip(counted.classes) {
            if n > 0 {
                let _ = writeln!(
                    text,
                    "{name}{{method=\"{method}\",route=\"{route}\",status=\"{class}\"}} {n}"
                );
            }
        }
    }
    let name = "entente_http_request_duration_seconds";
    head(text, name, "histogram", "Time until the head of an answer.");
    for (Series { route, method }, counted) in &all {
        let labels = format!("method=\"{method}\",route=\"{route}\"");
        let count: u64 = counted.classes.iter().sum();
        let mut below = 0;
        for (bound, n) in BOUNDS_MS.iter().zip(counted.buckets) {
            below += n;
            let le = seconds(*bound);
            let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{le}\"}} {below}");
        }
        let _ = writeln!(text, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}");
        let sum = counted.sum.as_secs_f64();
        let _ = writeln!(text, "{name}_sum{{{labels}}} {sum}");
        let _ = writeln!(text, "{name}_count{{{labels}}} {count}");
    }
}

fn instance(text: &mut String, state: Option<gauges::Gauges>, now: Timestamp) {
    let up = u8::from(state.is_some());
    gauge(text, "entente_store_up", "Whether the store answers.", up);
    let engine = state.as_ref().map_or("unknown", |s| s.engine);
    head(text, "entente_build_info", "gauge", "What runs.");
    let version = env!("CARGO_PKG_VERSION");
    let _ = writeln!(
        text,
        "entente_build_info{{version=\"{version}\",store=\"{engine}\"}} 1"
    );
    let Some(state) = state else {
        return;
    };
    head(
        text,
        "entente_jobs",
        "gauge",
        "Jobs of the queue, by state.",
    );
    let _ = writeln!(
        text,
        "entente_jobs{{state=\"queued\"}} {}",
        state.jobs_queued
    );
    let _ = writeln!(text, "entente_jobs{{state=\"dead\"}} {}", state.jobs_dead);
    let age = |at: Timestamp| now.0.saturating_sub(at.0).max(0) / 1_000_000;
    gauge(
        text,
        "entente_jobs_oldest_due_age_seconds",
        "How long the oldest due job has waited; 0 when none is due.",
        state.oldest_due_job.map_or(0, age),
    );
    gauge(
        text,
        "entente_mail_queued",
        "Mails that wait to be sent.",
        state.mail_queued,
    );
    gauge(
        text,
        "entente_database_bytes",
        "Size of the database, without attachments.",
        state.database_bytes,
    );
    if let Some(at) = state.ledger_head {
        gauge(
            text,
            "entente_ledger_head_age_seconds",
            "Age of the newest signed head of the log.",
            age(at),
        );
    }
    if let Some(at) = state.backup {
        gauge(
            text,
            "entente_backup_age_seconds",
            "Age of the newest backup; absent when there is none.",
            age(at),
        );
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::api::testing::Instance;
    use crate::server::{self, WebConfig};
    use axum::body::Body;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    async fn ask(router: Router, method: &str, path: &str) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Body::empty())
            .unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn requests_are_counted_by_template_and_nothing_tells_of_one_case() {
        let i = Instance::fresh().await.unwrap();
        let report = serde_json::json!({"form": {"product": "Canary gate", "description": "d"}});
        i.api("POST", "/reports", None, Some(&report))
            .await
            .unwrap();
        let metrics = Metrics::default();
        let config = WebConfig {
            metrics: Some(metrics.clone()),
            ..WebConfig::default()
        };
        let web = server::router(i.app.clone(), config);
        let id = "01a1e3a0-ab00-7288-91fd-641a359f29f4";
        for (method, path) in [
            ("GET", "/report".to_owned()),
            ("GET", "/report".to_owned()),
            ("GET", format!("/api/v1/cases/{id}")),
            ("GET", format!("/canary/{id}?canary")),
            ("CANARY", "/report".to_owned()),
        ] {
            ask(web.clone(), method, &path).await;
        }
        // The metrics are not among the pages.
        assert_eq!(ask(web, "GET", "/metrics").await.0, StatusCode::NOT_FOUND);

        let (status, text) = ask(router(i.app.clone(), metrics), "GET", "/metrics").await;
        assert_eq!(status, StatusCode::OK);
        for line in [
            "entente_http_requests_total{method=\"GET\",route=\"/report\",status=\"2xx\"} 2",
            "entente_http_requests_total{method=\"GET\",route=\"/api/v1/cases/{id}\",status=\"4xx\"} 1",
            "entente_http_requests_total{method=\"GET\",route=\"none\",status=\"4xx\"} 2",
            "entente_http_requests_total{method=\"other\",route=\"/report\",status=\"4xx\"} 1",
            "entente_http_request_duration_seconds_bucket{method=\"GET\",route=\"/report\",le=\"+Inf\"} 2",
            "entente_http_request_duration_seconds_count{method=\"GET\",route=\"/report\"} 2",
            "entente_store_up 1",
            "entente_jobs{state=\"dead\"} 0",
            "entente_mail_queued 0",
            "entente_jobs_oldest_due_age_seconds 0",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
        for prefix in ["entente_database_bytes ", "entente_build_info{version="] {
            assert!(text.lines().any(|l| l.starts_with(prefix)), "{prefix}");
        }
        let lower = text.to_lowercase();
        assert!(!lower.contains("canary") && !lower.contains(id), "{text}");
        // Every sample is a name with known labels and a number.
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let labels = name.split_once('{').map_or("", |(_, l)| l);
            for label in labels.split("\",").filter(|l| !l.is_empty()) {
                let label = label.split('=').next().unwrap();
                let known = [
                    "method", "route", "status", "le", "state", "version", "store",
                ];
                assert!(known.contains(&label), "{line}");
            }
        }
    }

    #[tokio::test]
    async fn what_waits_and_what_is_old_is_told() {
        let i = Instance::fresh().await.unwrap();
        let made = i.app.now();
        i.app
            .db()
            .write(move |tx| {
                let id = uuid::Uuid::from_u128(7);
                entente_store::jobs::enqueue(tx, id, "mail", None, made, b"x")?;
                entente_store::ledger::checkpoint(tx, made, 0).map(drop)
            })
            .await
            .unwrap();
        entente_store::backup::note(i.app.db().data_dir(), made).unwrap();
        i.clock.advance_us(90_000_000);
        let (_, text) = ask(router(i.app.clone(), Metrics::default()), "GET", "/metrics").await;
        for line in [
            "entente_jobs{state=\"queued\"} 1",
            "entente_mail_queued 1",
            "entente_jobs_oldest_due_age_seconds 90",
            "entente_ledger_head_age_seconds 90",
            "entente_backup_age_seconds 90",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
    }
}
