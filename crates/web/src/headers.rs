//! Headers that every answer carries, errors too, and the refusal of foreign writes.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use entente_service::App;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Sets what is not set yet.
pub async fn set(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let secure = app.config().base_url.starts_with("https://");
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    put(header::CONTENT_SECURITY_POLICY, POLICY);
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "no-referrer");
    put(header::X_FRAME_OPTIONS, "DENY");
    put(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    put(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    put(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    put(header::CACHE_CONTROL, "no-store");
    if secure {
        put(
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=31536000; includeSubDomains",
        );
    }
    response
}

/// Refuses writes that a foreign page makes a browser send. Forms carry a token besides.
pub async fn refuse_cross_origin(request: Request<Body>, next: Next) -> Response {
    let writes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if writes {
        let headers = request.headers();
        let site = headers.get("sec-fetch-site").and_then(|v| v.to_str().ok());
        let foreign_site = site.is_some_and(|s| !matches!(s, "same-origin" | "none"));
        let host = headers.get(header::HOST).and_then(|v| v.to_str().ok());
        let origin = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok());
        // A browser that says nothing of the site still says the origin.
        let foreign_origin =
            site.is_none() && origin.is_some_and(|o| o != "null" && o.split("://").nth(1) != host);
        if foreign_site || foreign_origin {
            return (
                StatusCode::FORBIDDEN,
                "Requests from other sites are refused.",
            )
                .into_response();
        }
    }
    next.run(request).await
}
