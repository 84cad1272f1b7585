//! Errors for people: a page that says what is wrong and what to do. The API has its own form
//! (RFC 9457) in `api::fault`.

use crate::incident::OurFault;
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use entente_service::ServiceError;

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    status: u16,
    title: &'a str,
    detail: &'a str,
    incident: &'a str,
}

/// An error on its way to a browser.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    retry_after_s: Option<u32>,
    incident: String,
    ours: Option<OurFault>,
}

impl Problem {
    /// A problem with a status and a sentence.
    pub fn of(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            retry_after_s: None,
            incident: String::new(),
            ours: None,
        }
    }

    /// A fault of ours. Its cause travels beside the answer and is taken off before it leaves.
    pub fn ours(fault: OurFault) -> Self {
        Self {
            ours: Some(fault.clone()),
            ..Self::of(StatusCode::INTERNAL_SERVER_ERROR, fault.told)
        }
    }

    /// Under this incident id.
    pub fn incident(mut self, id: String) -> Self {
        self.incident = id;
        self.ours = None;
        self
    }

    fn after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// What is not there, or may not be known to be there: always the same bytes.
    pub fn not_found() -> Self {
        Self::of(StatusCode::NOT_FOUND, "There is nothing at this address.")
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::NotFound => Self::not_found(),
            ServiceError::Refused(r) => Self::of(
                StatusCode::CONFLICT,
                format!("{} {} ({})", r.why, r.remedy, r.rule),
            ),
            ServiceError::Conflict => Self::of(
                StatusCode::CONFLICT,
                "Somebody else changed this in the meantime. Look at it again and repeat.",
            ),
            ServiceError::Invalid { field, why, remedy } => Self::of(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("{field}: {why} {remedy}"),
            ),
            ServiceError::TooMany { retry_after_s } => Self::of(
                StatusCode::TOO_MANY_REQUESTS,
                format!("Too many requests. Try again in {retry_after_s} seconds."),
            )
            .after(retry_after_s),
            ServiceError::Full => Self::of(
                StatusCode::INSUFFICIENT_STORAGE,
                "The disk is full. Nothing was changed. Reports without files are still taken.",
            ),
            ServiceError::Unavailable => Self::of(
                StatusCode::SERVICE_UNAVAILABLE,
                "The service is busy. Try again in a moment.",
            )
            .after(5),
            ServiceError::Damaged(place) => Self::ours(OurFault::damaged(&place)),
            ServiceError::Internal(cause) => Self::ours(OurFault::internal(&cause)),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = match self.status {
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::CONFLICT => "Not possible now",
            StatusCode::UNPROCESSABLE_ENTITY => "Something to correct",
            StatusCode::TOO_MANY_REQUESTS => "Too many requests",
            s => s.canonical_reason().unwrap_or("Error"),
        };
        let page = Page {
            status: self.status.as_u16(),
            title,
            detail: &self.detail,
            incident: &self.incident,
        };
        let html = page.render().unwrap_or_else(|_| title.to_owned());
        let mut response = (self.status, Html(html)).into_response();
        if let Some(fault) = self.ours {
            response.extensions_mut().insert(fault);
        }
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The answer to an address that has nothing.
pub async fn not_found_page() -> Problem {
    Problem::not_found()
}
