//! The whole router, with what every answer carries.

use crate::client::TrustedProxies;
use crate::metrics::Metrics;
use crate::{api, assets, console, headers, incident, metrics, patience, portal, problem};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use entente_service::App;
use std::net::IpAddr;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

/// Settings of the web floor.
#[derive(Clone, Debug, Default)]
pub struct WebConfig {
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Where requests are counted, if anybody asks.
    pub metrics: Option<Metrics>,
}

/// Method and path of every route of the server, for the tests that try them all.
pub fn routes() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = portal::routes()
        .into_iter()
        .chain(console::routes())
        .map(|(m, p)| (m.to_owned(), p.to_owned()))
        .collect();
    all.extend(api::routes().into_iter().map(|(m, p)| (m.to_string(), p)));
    all.push(("GET".to_owned(), assets::PATH.to_owned()));
    all
}

fn uploads() -> patience::Uploads {
    let mut all = api::uploads();
    for path in portal::UPLOADS.into_iter().chain(console::UPLOADS) {
        all.push((http::Method::POST, path.to_owned()));
    }
    Arc::new(all)
}

/// The server's router.
pub fn router(app: App, config: WebConfig) -> Router {
    let routes = Router::new()
        .merge(portal::router())
        .merge(console::router())
        .merge(api::router(&app))
        .route(assets::PATH, get(assets::serve))
        .fallback(problem::not_found_page);
    dress(routes, app, config)
}

/// Puts around routes what every answer goes through; from the inside out.
pub(crate) fn dress(routes: Router<App>, app: App, config: WebConfig) -> Router {
    let proxies = TrustedProxies(Arc::new(config.trusted_proxies));
    let dressed = routes
        .layer(CatchPanicLayer::custom(incident::panicked))
        .layer(from_fn_with_state(app.clone(), incident::settle))
        .layer(from_fn(headers::refuse_cross_origin))
        .layer(from_fn_with_state(uploads(), patience::bound))
        .layer(from_fn_with_state(app.clone(), headers::set));
    let counted = match config.metrics {
        Some(metrics) => dressed.layer(from_fn_with_state(metrics, metrics::count)),
        None => dressed,
    };
    counted.layer(axum::Extension(proxies)).with_state(app)
}
