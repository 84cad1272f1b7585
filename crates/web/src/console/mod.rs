//! The staff console: inbox, case page, clock board, registers, people.
//!
//! Every handler takes [`crate::session::Staff`]; a form's token is checked by [`ours`]. Screens
//! work without script; `console.js` only makes them quicker.

pub mod affected;
mod batch;
mod board;
mod case_files;
mod case_forms;
mod case_page;
mod cases;
mod charts;
mod figures;
mod forms;
mod journal;
mod parties;
mod people;
mod policies;
mod product;
mod products;
mod profile;
mod room;
mod sign_in;
mod sources;
mod view;
mod watch;

use crate::problem::Problem;
use crate::session::Staff;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use entente_service::App;
use std::collections::HashMap;

/// Bytes of a form.
const LARGEST_FORM: usize = 1024 * 1024;

/// Where staff hand files in.
const ATTACH: &str = "/console/cases/{number}/attachments";
/// Paths of the routes that take files.
pub const UPLOADS: [&str; 3] = [ATTACH, TAKE_SBOM, ASK_SBOM];
/// Where it is asked who contains what a bill of materials contains.
const ASK_SBOM: &str = "/console/affected/document";
/// Where a bill of materials comes in.
const TAKE_SBOM: &str = "/console/products/{id}/sboms";

/// A form as it was sent.
type Fields = HashMap<String, String>;

/// Every route: its methods, its path, its handlers.
fn table() -> Vec<(&'static [&'static str], &'static str, MethodRouter<App>)> {
    const GET: &[&str] = &["GET"];
    const POST: &[&str] = &["POST"];
    const BOTH: &[&str] = &["GET", "POST"];
    vec![
        (GET, "/console", get(cases::inbox)),
        (
            BOTH,
            "/console/setup",
            get(sign_in::set_up_form).post(sign_in::set_up),
        ),
        (
            BOTH,
            "/console/sign-in",
            get(sign_in::form).post(sign_in::sign_in),
        ),
        (POST, "/console/persona", post(sign_in::persona)),
        (POST, "/console/sign-out", post(sign_in::sign_out)),
        (
            BOTH,
            "/console/welcome/{token}",
            get(sign_in::welcome_form).post(sign_in::welcome),
        ),
        (
            BOTH,
            "/console/reset",
            get(sign_in::reset_form).post(sign_in::reset),
        ),
        (GET, "/console/cases", get(cases::list)),
        (BOTH, "/console/new", get(cases::new_form).post(cases::new)),
        (GET, "/console/cases/{number}", get(case_page::show)),
        (
            GET,
            "/console/cases/{number}/access",
            get(case_page::access),
        ),
        (GET, "/console/cases/{number}/room", get(room::show)),
        (
            GET,
            "/console/cases/{number}/advisory",
            get(case_page::preview),
        ),
        (
            POST,
            ATTACH,
            // Bounded by the setting for requests with files.
            post(case_files::attach).layer(DefaultBodyLimit::disable()),
        ),
        (
            GET,
            "/console/cases/{number}/attachments/{id}",
            get(case_files::attachment),
        ),
        (
            POST,
            "/console/cases/{number}/identity",
            post(case_page::identity),
        ),
        (
            POST,
            "/console/cases/{number}/do/{command}",
            post(case_page::act),
        ),
        (POST, "/console/batch", post(batch::exit)),
        (GET, "/console/figures", get(figures::show)),
        (GET, "/console/figures.csv", get(figures::csv)),
        (GET, "/console/journal", get(journal::show)),
        (GET, "/console/journal/{size}", get(journal::head)),
        (GET, "/console/board", get(board::show)),
        (GET, "/console/register", get(board::register)),
        (
            BOTH,
            "/console/products",
            get(products::list).post(products::save),
        ),
        (GET, "/console/products/{id}", get(product::show)),
        (
            POST,
            TAKE_SBOM,
            post(product::take).layer(DefaultBodyLimit::disable()),
        ),
        (
            GET,
            "/console/products/{id}/sboms/{sbom}",
            get(product::composition),
        ),
        (
            GET,
            "/console/products/{id}/sboms/{sbom}/{format}",
            get(product::export),
        ),
        (
            POST,
            "/console/products/{id}/sboms/{sbom}/remove",
            post(product::remove),
        ),
        (
            POST,
            "/console/products/{id}/users",
            post(product::add_user),
        ),
        (
            POST,
            "/console/products/{id}/users/{user}/remove",
            post(product::remove_user),
        ),
        (
            BOTH,
            "/console/affected",
            get(affected::show).post(affected::into_case),
        ),
        (POST, ASK_SBOM, post(affected::document)),
        (GET, "/console/watch", get(watch::list)),
        (
            BOTH,
            "/console/watch/sources",
            get(sources::list).post(sources::save),
        ),
        (
            POST,
            "/console/watch/sources/{id}/remove",
            post(sources::remove),
        ),
        (
            BOTH,
            "/console/watch/{id}",
            get(watch::show).post(watch::decide),
        ),
        (
            BOTH,
            "/console/parties",
            get(parties::list).post(parties::save),
        ),
        (
            BOTH,
            "/console/policies",
            get(policies::list).post(policies::draft),
        ),
        (
            POST,
            "/console/policies/{id}/approve",
            post(policies::approve),
        ),
        (
            BOTH,
            "/console/people",
            get(people::list).post(people::invite),
        ),
        (POST, "/console/people/{id}/roles", post(people::roles)),
        (POST, "/console/people/{id}/state", post(people::state)),
        (POST, "/console/people/{id}/reset", post(people::reset)),
        (GET, "/console/profile", get(profile::show)),
        (POST, "/console/profile/password", post(profile::password)),
        (
            POST,
            "/console/profile/second-factor",
            post(profile::second_factor),
        ),
        (
            POST,
            "/console/profile/second-factor/confirm",
            post(profile::confirm),
        ),
        (
            POST,
            "/console/profile/sessions/{id}",
            post(profile::end_session),
        ),
        (POST, "/console/profile/tokens", post(profile::token)),
        (
            POST,
            "/console/profile/tokens/{id}",
            post(profile::end_token),
        ),
    ]
}

/// Method and path of every route.
pub fn routes() -> Vec<(&'static str, &'static str)> {
    table()
        .into_iter()
        .flat_map(|(methods, path, _)| methods.iter().map(move |m| (*m, path)))
        .collect()
}

/// The console's routes.
pub fn router() -> Router<App> {
    table()
        .into_iter()
        .fold(Router::new(), |router, (_, path, handlers)| {
            router.route(path, handlers)
        })
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
}

/// Refuses a form that another page made.
fn ours(staff: &Staff, fields: &Fields) -> Result<(), Problem> {
    if staff.form_is_ours(field(fields, "csrf")) {
        return Ok(());
    }
    Err(foreign())
}

/// The answer to a form that another page made.
fn foreign() -> Problem {
    Problem::of(
        StatusCode::FORBIDDEN,
        "This form is too old or was not made by this page. Go back, load the page again and repeat.",
    )
}

/// A field of a form, or nothing.
fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}

/// What a handler answers.
type Answer = Result<Response, Problem>;
