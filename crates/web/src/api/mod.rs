//! The REST API, version 1: what the console does, by the same service calls.
//!
//! One route table ([`table::endpoints`]) feeds the router, the OpenAPI document and
//! [`routes`]; the gate before each handler comes from the table too. Requests and answers have
//! declared shapes ([`shapes`]); what is not declared neither enters nor leaves.
//!
//! **Invariant:** no rule and no second way to change a case: every change is
//! [`entente_service::cases::act`].

mod advisories;
mod cases;
mod command;
pub(crate) mod fault;
mod gate;
mod input;
mod inventory;
mod openapi;
mod people;
mod registers;
mod repeat;
#[cfg(test)]
mod repeat_tests;
mod reports;
mod rooms;
mod shape;
mod shapes;
mod strict;
mod table;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod time;
pub mod upload;
#[cfg(test)]
mod upload_tests;
mod watch;

use crate::incident;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use entente_service::App;
use std::sync::OnceLock;
use tower_http::catch_panic::CatchPanicLayer;

/// Where the API begins.
pub const BASE: &str = "/api/v1";

/// Method and path of every route, for the tests that try them all.
pub fn routes() -> Vec<(Method, String)> {
    table::endpoints()
        .into_iter()
        .map(|e| (e.method, format!("{BASE}{}", e.path)))
        .collect()
}

/// Method and path of every route that takes files.
pub fn uploads() -> Vec<(Method, String)> {
    table::endpoints()
        .into_iter()
        .filter(|e| matches!(e.body, table::Body::File | table::Body::Form(_)))
        .map(|e| (e.method, format!("{BASE}{}", e.path)))
        .collect()
}

/// The API's routes, each behind its gate.
pub fn router(app: &App) -> Router<App> {
    let routes = table::endpoints()
        .into_iter()
        .fold(Router::new(), |router, e| {
            let gate = from_fn_with_state((app.clone(), e.access), gate::pass);
            // A kept answer would give an identity out again without right and without an entry
            // (INV-5).
            let handler = if e.writes() && !e.never_kept {
                let once = from_fn_with_state((app.clone(), e.own_record), repeat::once);
                // Inside, so that a panic is an answer before the claim is settled.
                e.handler
                    .layer(CatchPanicLayer::custom(incident::panicked))
                    .layer(once)
            } else {
                e.handler
            };
            router.route(e.path, handler.layer(gate))
        });
    Router::new()
        .nest(
            BASE,
            routes
                .fallback(unknown)
                .method_not_allowed_fallback(not_allowed),
        )
        // Each handler bounds what it reads; files are streamed and bounded by their size.
        .layer(DefaultBodyLimit::disable())
}

async fn unknown() -> fault::Fault {
    fault::Fault::not_found()
}

async fn not_allowed() -> fault::Fault {
    fault::Fault::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method",
        "Not by this method",
        "",
        "See the methods in /api/v1/openapi.json.",
    )
}

/// The OpenAPI document as text.
pub fn openapi() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let document = openapi::document(&table::endpoints());
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    })
}

async fn document() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, openapi()).into_response()
}
