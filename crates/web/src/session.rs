//! Sessions as extractors: the only way by which a handler gets a viewer.

use crate::problem::Problem;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use entente_domain::access::Viewer;
use entente_service::accounts::{self, SignedIn};
use entente_service::{App, reports, rooms};

/// A cookie as a header.
pub type SetCookie = AppendHeaders<[(http::HeaderName, String); 1]>;

/// The name of a cookie: locked to this host where the way is protected.
fn name(app: &App, what: &str) -> String {
    if app.config().base_url.starts_with("https://") {
        format!("__Host-entente-{what}")
    } else {
        format!("entente-{what}")
    }
}

fn set(app: &App, what: &str, value: &str, seconds: u32) -> SetCookie {
    let secure = if app.config().base_url.starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}",
        name(app, what)
    );
    AppendHeaders([(SET_COOKIE, cookie)])
}

fn get<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts
        .headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .find_map(|c| c.trim().strip_prefix(name)?.strip_prefix('='))
}

/// A reporter who entered a receipt code.
#[derive(Clone, Debug)]
pub struct Reporter {
    /// Who asks.
    pub viewer: Viewer,
    /// The session's token.
    pub token: String,
    /// What forms carry.
    pub csrf: String,
}

impl Reporter {
    /// The cookie that keeps a session for an hour.
    pub fn cookie(app: &App, token: &str) -> SetCookie {
        set(app, "reporter", token, 3_600)
    }

    /// The cookie that forgets it.
    pub fn forget(app: &App) -> SetCookie {
        set(app, "reporter", "", 0)
    }
}

impl OptionalFromRequestParts<App> for Reporter {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Problem> {
        let Some(token) = get(parts, &name(app, "reporter")).map(str::to_owned) else {
            return Ok(None);
        };
        let csrf = app.form_token(&token);
        Ok(reports::reporter(app, &token).await?.map(|viewer| Self {
            viewer,
            token,
            csrf,
        }))
    }
}

/// Somebody of a party who came in by a link.
#[derive(Clone, Debug)]
pub struct Guest {
    /// Who asks, and the person's name.
    pub guest: rooms::Guest,
    /// The session's token.
    pub token: String,
    /// What forms carry.
    pub csrf: String,
}

impl Guest {
    /// The cookie that keeps a visit for four hours.
    pub fn cookie(app: &App, token: &str) -> SetCookie {
        set(app, "guest", token, 4 * 3_600)
    }

    /// The cookie that forgets it.
    pub fn forget(app: &App) -> SetCookie {
        set(app, "guest", "", 0)
    }
}

impl OptionalFromRequestParts<App> for Guest {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Problem> {
        let Some(token) = get(parts, &name(app, "guest")).map(str::to_owned) else {
            return Ok(None);
        };
        let csrf = app.form_token(&token);
        Ok(rooms::guest(app, &token)
            .await?
            .map(|guest| Self { guest, token, csrf }))
    }
}

/// A signed-in member of staff.
#[derive(Clone, Debug)]
pub struct Staff {
    /// The session.
    pub signed_in: SignedIn,
    /// The session's token.
    pub token: String,
}

impl Staff {
    /// Who asks.
    pub fn viewer(&self) -> &Viewer {
        &self.signed_in.viewer
    }

    /// Whether a form's token belongs to this session.
    pub fn form_is_ours(&self, token: &str) -> bool {
        use subtle::ConstantTimeEq;
        self.signed_in
            .csrf
            .as_bytes()
            .ct_eq(token.as_bytes())
            .into()
    }

    /// The cookie that keeps a session.
    pub fn cookie(app: &App, token: &str) -> SetCookie {
        set(app, "staff", token, 12 * 3_600)
    }

    /// The cookie that forgets it.
    pub fn forget(app: &App) -> SetCookie {
        set(app, "staff", "", 0)
    }
}

impl FromRequestParts<App> for Staff {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let token = get(parts, &name(app, "staff")).map(str::to_owned);
        if let Some(token) = token {
            match accounts::session(app, &token).await {
                Ok(Some(signed_in)) => return Ok(Self { signed_in, token }),
                Ok(None) => {}
                Err(e) => return Err(Problem::from(e).into_response()),
            }
        }
        Err(Redirect::to("/console/sign-in").into_response())
    }
}
