//! Who calls the API: one gate before every handler, set by the route table, so that no handler
//! can forget it.

use super::fault::Fault;
use super::table::Access;
use crate::client::Client;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use entente_domain::access::Viewer;
use entente_service::accounts::{self, Scope};
use entente_service::{App, ServiceError, reports};

/// Who calls, as the gate found out.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Whose rights apply.
    pub viewer: Viewer,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        // Set by the gate; a handler outside it has no caller.
        parts.extensions.get().cloned().ok_or_else(Fault::not_found)
    }
}

/// Lets a request through to its handler, or answers it.
pub async fn pass(
    State((app, access)): State<(App, Access)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let found = match access {
        Access::Public => match bearer(&parts.headers) {
            // A report may be entered as staff.
            Some(token) => by_token(&app, token, Scope::Report).await,
            None => Ok(Viewer::Public),
        },
        Access::Receipt => match Client::from_request_parts(&mut parts, &app).await {
            Ok(client) => by_receipt(&app, &parts.headers, client).await,
            Err(_) => Err(Fault::not_found()),
        },
        Access::Token(scope) => match bearer(&parts.headers) {
            Some(token) => by_token(&app, token, scope).await,
            None => Err(Fault::unauthorized(
                "Send `Authorization: Bearer` with an API token.",
            )),
        },
    };
    match found {
        Ok(viewer) => {
            parts.extensions.insert(Caller { viewer });
            next.run(Request::from_parts(parts, body)).await
        }
        Err(fault) => fault.into_response(),
    }
}

fn credentials<'h>(headers: &'h HeaderMap, scheme: &str) -> Option<&'h str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (given, rest) = value.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then_some(rest.trim())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    credentials(headers, "bearer")
}

async fn by_token(app: &App, token: &str, scope: Scope) -> Result<Viewer, Fault> {
    let (viewer, scopes) = accounts::api_token(app, token).await?.ok_or_else(|| {
        Fault::unauthorized(
            "The token is unknown, ended or revoked; make a new one in the console.",
        )
    })?;
    if scopes.contains(&scope) {
        Ok(viewer)
    } else {
        Err(Fault::new(
            StatusCode::FORBIDDEN,
            "scope",
            "The token does not reach that far",
            "",
            format!("Use a token with the scope `{}`.", scope.as_str()),
        ))
    }
}

async fn by_receipt(app: &App, headers: &HeaderMap, client: Client) -> Result<Viewer, Fault> {
    let wrong = || {
        Fault::unauthorized("Send `Authorization: Receipt` with the receipt code of the report.")
    };
    let code = credentials(headers, "receipt").ok_or_else(wrong)?;
    match reports::by_code(app, code, client.hint()).await {
        Ok(viewer) => Ok(viewer),
        Err(ServiceError::NotFound | ServiceError::Invalid { .. }) => Err(wrong()),
        Err(error) => Err(error.into()),
    }
}
