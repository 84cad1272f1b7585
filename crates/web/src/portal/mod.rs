//! The public portal: reporting, the reporter's thread, the policy and what is published.
//!
//! **Invariant:** no account, no script, and no cookie but the reporter's own session after a
//! receipt code was entered. Works in a text browser and through Tor.

mod advisories;
mod form;
mod intake;
mod pages;
mod report;
mod status;
mod subscribe;
mod wellknown;
mod words;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, get, post};
use entente_service::App;

/// Bytes of a report with all its files (D4).
const LARGEST_REPORT: usize = 300 * 1024 * 1024;
/// Bytes of any other form of the portal.
const LARGEST_FORM: usize = 1024 * 1024;

/// Every route: its methods, its path, its handlers. The one list that feeds the router and
/// [`routes`].
fn table() -> Vec<(&'static str, &'static str, MethodRouter<App>)> {
    vec![
        ("GET", "/", get(advisories::home)),
        ("GET", "/policy", get(advisories::policy)),
        ("GET", "/advisories", get(advisories::list)),
        ("GET", "/advisories/feed.atom", get(advisories::feed)),
        ("GET", "/advisories/{id}", get(advisories::page)),
        ("GET", "/report", get(report::form)),
        ("POST", "/report", post(report::send).layer(DefaultBodyLimit::max(LARGEST_REPORT))),
        ("GET", "/status", get(status::enter_form)),
        ("POST", "/status", post(status::enter)),
        ("GET", "/status/thread", get(status::thread)),
        ("POST", "/status/message", post(status::message)),
        ("POST", "/status/credit", post(status::credit)),
        ("POST", "/status/leave", post(status::leave)),
        ("GET", "/subscribe", get(subscribe::form)),
        ("POST", "/subscribe", post(subscribe::subscribe)),
        ("GET", "/subscribe/confirm", get(subscribe::confirm_form)),
        ("POST", "/subscribe/confirm", post(subscribe::confirm)),
        ("GET", "/unsubscribe", get(subscribe::leave_form)),
        ("POST", "/unsubscribe", post(subscribe::leave)),
        ("GET", "/robots.txt", get(wellknown::robots)),
        ("GET", "/.well-known/security.txt", get(wellknown::security_txt)),
        ("GET", "/.well-known/csaf/provider-metadata.json", get(wellknown::provider)),
        ("GET", "/.well-known/csaf/index.txt", get(wellknown::index)),
        ("GET", "/.well-known/csaf/changes.csv", get(wellknown::changes)),
        ("GET", "/.well-known/csaf/openpgp/{name}", get(wellknown::key)),
        ("GET", "/.well-known/csaf/{year}/{name}", get(wellknown::file)),
    ]
}

/// Method and path of every route, for the tests that try them all.
pub fn routes() -> Vec<(&'static str, &'static str)> {
    table().into_iter().map(|(method, path, _)| (method, path)).collect()
}

/// The portal's routes.
pub fn router() -> Router<App> {
    table()
        .into_iter()
        .fold(Router::new(), |router, (_, path, handler)| router.route(path, handler))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
}
