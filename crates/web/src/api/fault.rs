//! What the API answers instead of a result: RFC 9457, with the rule that refused and what would
//! satisfy it. Never content of a case, never a cause that is for the log.

use super::shape::Misshapen;
use super::strict::NotJson;
use crate::incident::OurFault;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use entente_service::ServiceError;
use serde_json::{Map, Value, json};

/// A problem. Boxed, because most answers are none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault(Box<Told>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Told {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: String,
    rule: Option<&'static str>,
    remedy: String,
    field: String,
    retry_after_s: Option<u32>,
    incident: String,
    ours: Option<OurFault>,
}

impl Fault {
    /// A problem of a kind of its own.
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self(Box::new(Told {
            status,
            kind,
            title,
            detail: detail.into(),
            rule: None,
            remedy: remedy.into(),
            field: String::new(),
            retry_after_s: None,
            incident: String::new(),
            ours: None,
        }))
    }

    /// A fault of ours. Its cause travels beside the answer and is taken off before it leaves.
    pub fn ours(fault: OurFault) -> Self {
        let mut said = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Our fault",
            fault.told,
            "Tell the operator the incident; the log has it.",
        );
        said.0.ours = Some(fault);
        said
    }

    /// Under this incident id.
    pub fn incident(mut self, id: String) -> Self {
        self.0.incident = id;
        self.0.ours = None;
        self
    }

    /// Naming the field.
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.0.field = field.into();
        self
    }

    /// Saying after how many seconds to try again.
    pub fn after(mut self, seconds: u32) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    /// Naming the rule.
    pub fn under(mut self, rule: &'static str) -> Self {
        self.0.rule = Some(rule);
        self
    }

    /// What does not exist for the caller: the same for all reasons (decision 19).
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", "", "")
    }

    /// The token or the code is missing or does not hold.
    pub fn unauthorized(remedy: &str) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Not signed in",
            "",
            remedy,
        )
    }

    /// A parameter or body that cannot be read.
    pub fn bad(field: &str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "The request cannot be read",
            detail,
            remedy,
        )
        .at(field)
    }

    /// A body that is too large.
    pub fn too_large(most: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "Too large",
            format!("The body is larger than {most} bytes."),
            "Send less, or attach it as a file.",
        )
    }
}

impl From<ServiceError> for Fault {
    fn from(error: ServiceError) -> Self {
        let said = error.to_string();
        match error {
            ServiceError::NotFound => Self::not_found(),
            ServiceError::Refused(refusal) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "refused",
                "A rule refused",
                refusal.why,
                refusal.remedy,
            )
            .at(refusal.field.unwrap_or_default())
            .under(refusal.rule.as_str()),
            ServiceError::Conflict => Self::new(
                StatusCode::CONFLICT,
                "conflict",
                "Changed by somebody else",
                said,
                "Read it again and repeat.",
            ),
            ServiceError::Invalid { field, why, remedy } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid",
                "A value is not as it must be",
                why,
                remedy,
            )
            .at(field),
            ServiceError::TooMany { retry_after_s } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many",
                "Too many requests",
                said,
                "Wait, or get a waiting ticket for a report.",
            )
            .after(retry_after_s),
            ServiceError::Full => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "full",
                "The disk is full",
                said,
                "Try again later; reports without files are still taken.",
            ),
            ServiceError::Unavailable => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Busy",
                said,
                "Try again in a moment.",
            )
            .after(1),
            ServiceError::Damaged(place) => Self::ours(OurFault::damaged(&place)),
            ServiceError::Internal(cause) => Self::ours(OurFault::internal(&cause)),
        }
    }
}

impl From<Misshapen> for Fault {
    fn from(m: Misshapen) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "A value is not as it must be",
            m.why,
            m.remedy,
        )
        .at(m.field)
    }
}

impl From<NotJson> for Fault {
    fn from(error: NotJson) -> Self {
        Self::bad("", error.to_string(), "Send one JSON document.")
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let told = *self.0;
        let mut body = Map::new();
        body.insert("type".into(), json!(format!("/problems/{}", told.kind)));
        body.insert("title".into(), json!(told.title));
        body.insert("status".into(), json!(told.status.as_u16()));
        let texts = [
            ("detail", told.detail),
            ("remedy", told.remedy),
            ("field", told.field),
            ("incident", told.incident),
        ];
        for (key, text) in texts.into_iter().filter(|(_, t)| !t.is_empty()) {
            body.insert(key.into(), json!(text));
        }
        if let Some(rule) = told.rule {
            body.insert("rule".into(), json!(rule));
        }
        let mut response = (told.status, Value::Object(body).to_string()).into_response();
        if let Some(fault) = told.ours {
            response.extensions_mut().insert(fault);
        }
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if told.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer, Receipt"),
            );
        }
        if let Some(seconds) = told.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
