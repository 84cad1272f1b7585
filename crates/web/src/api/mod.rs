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
mod fault;
mod gate;
mod input;
mod openapi;
mod reports;
mod shape;
mod shapes;
mod strict;
mod table;
pub mod time;
pub mod upload;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use entente_service::App;
use std::sync::OnceLock;

/// Where the API begins.
pub const BASE: &str = "/api/v1";

/// Method and path of every route, for the tests that try them all.
pub fn routes() -> Vec<(Method, String)> {
    table::endpoints()
        .into_iter()
        .map(|e| (e.method, format!("{BASE}{}", e.path)))
        .collect()
}

/// The API's routes, each behind its gate.
pub fn router(app: &App) -> Router<App> {
    let routes = table::endpoints().into_iter().fold(Router::new(), |router, e| {
        let gate = from_fn_with_state((app.clone(), e.access), gate::pass);
        router.route(e.path, e.handler.layer(gate))
    });
    Router::new()
        .nest(BASE, routes.fallback(unknown).method_not_allowed_fallback(not_allowed))
        // Each handler bounds what it reads; files are streamed and bounded by their size.
        .layer(DefaultBodyLimit::disable())
}

async fn unknown() -> fault::Fault {
    fault::Fault::not_found()
}

async fn not_allowed() -> fault::Fault {
    fault::Fault::new(
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
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
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, openapi()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The committed document is what clients were promised. Set ENTENTE_WRITE_OPENAPI=1 to write
    /// it anew after a wanted change.
    #[test]
    fn the_committed_document_is_the_current_one() -> std::io::Result<()> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        if std::env::var_os("ENTENTE_WRITE_OPENAPI").is_some() {
            std::fs::write(path, openapi())?;
        }
        let committed = std::fs::read_to_string(path)?;
        assert!(committed == openapi(), "docs/openapi.json is not the current document");
        Ok(())
    }

    #[test]
    fn every_route_is_in_the_document_and_every_reference_leads_somewhere() -> Result<(), serde_json::Error> {
        let document: serde_json::Value = serde_json::from_str(openapi())?;
        for (method, path) in routes() {
            let pointer = format!("/paths/{}/{}", path.replace('/', "~1"), method.as_str().to_lowercase());
            assert!(document.pointer(&pointer).is_some(), "{method} {path}");
        }
        let text = openapi();
        for reference in text.split("\"$ref\": \"#").skip(1) {
            let pointer = reference.split('"').next().unwrap_or_default();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
        Ok(())
    }
}
