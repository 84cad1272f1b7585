//! How long a client may keep us waiting (D3). A request without files has 60 seconds in all. One
//! with files has as long as it takes, while it sends at least 1 KiB a second: time in which we
//! wait is counted, time in which we work is not. The headers are timed where the server listens.

use crate::api::fault::Fault;
use crate::problem::Problem;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// Seconds that a request without files has in all.
const WHOLE: Duration = Duration::from_secs(60);
/// What a client may be behind before it is given up.
const WINDOW: Duration = Duration::from_secs(10);
/// Bytes a second that a body has to bring.
const SLOWEST: u64 = 1024;

/// The routes that take files.
pub type Uploads = Arc<Vec<(Method, String)>>;

/// Gives up a client that is too slow.
pub async fn bound(State(uploads): State<Uploads>, request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let route = request.extensions().get::<MatchedPath>();
    let upload = route.is_some_and(|route| {
        uploads
            .iter()
            .any(|(method, path)| method == request.method() && path == route.as_str())
    });
    if upload {
        let slow = Arc::new(AtomicBool::new(false));
        let request = request.map(|body| Body::new(Steady::new(body, Arc::clone(&slow))));
        let response = next.run(request).await;
        if slow.load(Ordering::Relaxed) && !response.status().is_success() {
            return too_slow(api);
        }
        return response;
    }
    match tokio::time::timeout(WHOLE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => too_long(api),
    }
}

fn too_slow(api: bool) -> Response {
    let (what, remedy) = (
        "The body came too slowly.",
        "Send at least 1 KiB a second, or send less at once.",
    );
    let status = StatusCode::REQUEST_TIMEOUT;
    let mut response = if api {
        Fault::new(status, "too-slow", "Too slow", what, remedy).into_response()
    } else {
        Problem::of(status, format!("{what} Nothing was changed.")).into_response()
    };
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn too_long(api: bool) -> Response {
    let (what, remedy) = (
        "The request took too long.",
        "Look whether it was carried out, then try again.",
    );
    let status = StatusCode::SERVICE_UNAVAILABLE;
    if api {
        Fault::new(status, "unavailable", "Took too long", what, remedy)
            .after(5)
            .into_response()
    } else {
        Problem::of(status, format!("{what} {remedy}")).into_response()
    }
}

/// A body that has to keep its pace. What it brings buys time; time that we wait costs it.
struct Steady {
    body: Body,
    left: Duration,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    slow: Arc<AtomicBool>,
}

impl Steady {
    fn new(body: Body, slow: Arc<AtomicBool>) -> Self {
        Self {
            body,
            left: WINDOW,
            waiting: None,
            slow,
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
struct TooSlow;

#[expect(
    clippy::disallowed_methods,
    reason = "measures how long a client kept us waiting"
)]
fn now() -> Instant {
    Instant::now()
}

impl HttpBody for Steady {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                if let Some((since, _)) = this.waiting.take() {
                    let waited = now().saturating_duration_since(since);
                    this.left = this.left.saturating_sub(waited);
                }
                if let Some(data) = frame
                    .as_ref()
                    .and_then(|f| f.as_ref().ok())
                    .and_then(Frame::data_ref)
                {
                    let bytes = u64::try_from(data.len()).unwrap_or(u64::MAX);
                    let bought = Duration::from_micros(bytes.saturating_mul(1_000_000) / SLOWEST);
                    this.left = this.left.saturating_add(bought).min(WINDOW);
                }
                Poll::Ready(frame)
            }
            Poll::Pending => {
                let left = this.left;
                let (_, sleep) = this
                    .waiting
                    .get_or_insert_with(|| (now(), Box::pin(tokio::time::sleep(left))));
                ready!(sleep.as_mut().poll(cx));
                this.slow.store(true, Ordering::Relaxed);
                Poll::Ready(Some(Err(axum::Error::new(TooSlow))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::post;
    use http_body_util::{BodyExt, Channel};
    use tower::ServiceExt;

    /// What a server says to a body of `pieces` pieces of `bytes` bytes, one every `pause`.
    async fn send(path: &str, pieces: u32, bytes: usize, pause: Duration) -> (StatusCode, String) {
        let read = |body: Body| async move {
            match body.collect().await {
                Ok(body) => (StatusCode::OK, body.to_bytes().len().to_string()),
                Err(_) => (StatusCode::BAD_REQUEST, String::new()),
            }
        };
        let uploads: Uploads = Arc::new(vec![(Method::POST, "/api/v1/files/{id}".to_owned())]);
        let router = Router::new()
            .route("/api/v1/files/{id}", post(read))
            .route("/texts", post(read))
            .layer(from_fn_with_state(uploads, bound));
        let (mut sender, body) = Channel::<Bytes, axum::Error>::new(1);
        tokio::spawn(async move {
            for _ in 0..pieces {
                tokio::time::sleep(pause).await;
                if sender.send_data(Bytes::from(vec![7; bytes])).await.is_err() {
                    return;
                }
            }
        });
        let request = Request::post(path).body(Body::new(body)).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let text = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(text.to_vec()).unwrap())
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn an_upload_takes_as_long_as_it_takes_at_its_pace() {
        // Ten minutes at 1 KiB a second, in even pieces and in lumps.
        let even = send("/api/v1/files/7", 600, 1024, SECOND).await;
        assert_eq!(even, (StatusCode::OK, "614400".to_owned()));
        let lumps = send("/api/v1/files/7", 75, 8 * 1024, 8 * SECOND).await;
        assert_eq!(lumps, (StatusCode::OK, "614400".to_owned()));
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_below_its_pace_is_given_up() {
        for (pieces, bytes, pause) in [
            (600, 900, SECOND),
            (100_000, 1, SECOND / 10),
            (2, 1024 * 1024, 11 * SECOND),
        ] {
            let (status, text) = send("/api/v1/files/7", pieces, bytes, pause).await;
            assert_eq!(status, StatusCode::REQUEST_TIMEOUT, "{bytes} {text}");
            assert!(text.contains("/problems/too-slow"), "{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_carries_no_files_has_a_minute() {
        let within = send("/texts", 59, 1, SECOND).await;
        assert_eq!(within, (StatusCode::OK, "59".to_owned()));
        let (status, _) = send("/texts", 61, 100_000, SECOND).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    }
}
