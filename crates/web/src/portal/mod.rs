//! The public portal: reporting, the reporter's thread, the policy and what is published.
//!
//! **Invariant:** no account, no script, and no cookie but the session of a reporter after a
//! receipt code was entered, and of somebody of a party who came in by a link. Works in a text browser and through Tor.

mod advisories;
mod form;
mod intake;
mod pages;
mod report;
mod room;
mod status;
mod subscribe;
#[cfg(test)]
mod tests;
mod wellknown;
pub(crate) mod words;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, get, post};
use entente_service::App;

/// Bytes of a form without files of the portal.
const LARGEST_FORM: usize = 1024 * 1024;

/// Forms that take files.
pub const UPLOADS: [&str; 1] = ["/report"];

/// Every route: its methods, its path, its handlers. The one list that feeds the router and
/// [`routes`].
fn table() -> Vec<(&'static str, &'static str, MethodRouter<App>)> {
    vec![
        ("GET", "/", get(advisories::home)),
        ("GET", "/policy", get(advisories::policy)),
        ("GET", "/advisories", get(advisories::list)),
        ("GET", "/advisories/feed.atom", get(advisories::feed)),
        ("GET", "/advisories/{id}", get(advisories::page)),
        (
            "GET",
            "/advisories/{id}/cyclonedx.json",
            get(wellknown::vex),
        ),
        ("GET", "/report", get(report::form)),
        (
            "POST",
            "/report",
            // Bounded by the setting for requests with files.
            post(report::send).layer(DefaultBodyLimit::disable()),
        ),
        ("GET", "/report/status", get(status::enter_form)),
        ("POST", "/report/status", post(status::enter)),
        ("GET", "/report/status/thread", get(status::thread)),
        ("POST", "/report/status/message", post(status::message)),
        ("POST", "/report/status/credit", post(status::credit)),
        ("POST", "/report/status/leave", post(status::leave)),
        ("GET", "/join", get(room::join_form)),
        ("POST", "/join", post(room::join)),
        ("GET", "/room", get(room::show)),
        ("POST", "/room/do/{command}", post(room::act)),
        ("POST", "/room/leave", post(room::leave)),
        ("GET", "/subscribe", get(subscribe::form)),
        ("POST", "/subscribe", post(subscribe::subscribe)),
        ("GET", "/subscribe/confirm", get(subscribe::confirm_form)),
        ("POST", "/subscribe/confirm", post(subscribe::confirm)),
        ("GET", "/subscribe/end", get(subscribe::leave_form)),
        ("POST", "/subscribe/end", post(subscribe::leave)),
        ("GET", "/robots.txt", get(wellknown::robots)),
        (
            "GET",
            "/.well-known/security.txt",
            get(wellknown::security_txt),
        ),
        (
            "GET",
            "/.well-known/csaf/provider-metadata.json",
            get(wellknown::provider),
        ),
        (
            "GET",
            "/.well-known/csaf/white/index.txt",
            get(wellknown::index),
        ),
        (
            "GET",
            "/.well-known/csaf/white/changes.csv",
            get(wellknown::changes),
        ),
        (
            "GET",
            "/.well-known/csaf/openpgp-key.asc",
            get(wellknown::key),
        ),
        (
            "GET",
            "/.well-known/csaf/openpgp/{name}",
            get(wellknown::key_by_fingerprint),
        ),
        (
            "GET",
            "/.well-known/csaf/service.json",
            get(wellknown::service),
        ),
        (
            "GET",
            "/.well-known/csaf/white/feed-tlp-white.json",
            get(wellknown::feed),
        ),
        (
            "GET",
            "/.well-known/csaf/white/{year}/{name}",
            get(wellknown::file),
        ),
    ]
}

/// Method and path of every route, for the tests that try them all.
pub fn routes() -> Vec<(&'static str, &'static str)> {
    table()
        .into_iter()
        .map(|(method, path, _)| (method, path))
        .collect()
}

/// The portal's routes.
pub fn router() -> Router<App> {
    table()
        .into_iter()
        .fold(Router::new(), |router, (_, path, handler)| {
            router.route(path, handler)
        })
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
}
