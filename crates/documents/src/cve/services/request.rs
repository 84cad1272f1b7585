//! What CVE Services can be asked by a numbering authority. Paths are relative to the address of
//! the service.

use serde_json::{Value, json};

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Changes nothing.
    Get,
    /// Makes something; not to be repeated blindly.
    Post,
    /// Replaces something; the same twice is the same once.
    Put,
}

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, which begins with `/api/`.
    pub path: String,
    /// Parameters, not yet encoded.
    pub query: Vec<(&'static str, String)>,
    /// The body.
    pub body: Option<Value>,
}

impl Request {
    fn new(method: Method, path: String) -> Self {
        Self {
            method,
            path,
            query: Vec::new(),
            body: None,
        }
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    fn container(mut self, container: &Value) -> Self {
        self.body = Some(json!({"cnaContainer": container}));
        self
    }

    /// Whether the request may be sent again when the answer to it was lost.
    #[must_use]
    pub fn may_be_repeated(&self) -> bool {
        self.method != Method::Post
    }
}

/// Reserves ids of a year. Not to be repeated when the answer is lost: see
/// [`Reservation`](super::Reservation).
#[must_use]
pub fn reserve(org: &str, year: u16, amount: u32) -> Request {
    let request = Request::new(Method::Post, "/api/cve-id".to_owned()).with("amount", amount);
    let request = if amount > 1 {
        request.with("batch_type", "sequential")
    } else {
        request
    };
    request.with("cve_year", year).with("short_name", org)
}

/// Lists the organisation's ids of a year in a state, one page of them.
#[must_use]
pub fn list_ids(state: &str, year: Option<u16>, page: Option<u64>) -> Request {
    let mut request = Request::new(Method::Get, "/api/cve-id".to_owned()).with("state", state);
    if let Some(year) = year {
        request = request.with("cve_id_year", year);
    }
    if let Some(page) = page {
        request = request.with("page", page);
    }
    request
}

/// What is known of an id.
#[must_use]
pub fn get_id(id: &str) -> Request {
    Request::new(Method::Get, format!("/api/cve-id/{}", segment(id)))
}

/// Sets an id without record to `REJECTED`, or back to `RESERVED`.
#[must_use]
pub fn set_state(id: &str, state: &str) -> Request {
    Request::new(Method::Put, format!("/api/cve-id/{}", segment(id))).with("state", state)
}

/// Gives an id to another organisation, by its short name.
#[must_use]
pub fn transfer(id: &str, org: &str) -> Request {
    Request::new(Method::Put, format!("/api/cve-id/{}", segment(id))).with("org", org)
}

/// The record of an id.
#[must_use]
pub fn get_record(id: &str) -> Request {
    Request::new(Method::Get, format!("/api/cve/{}", segment(id)))
}

/// Publishes the first record of an id.
#[must_use]
pub fn publish(id: &str, container: &Value) -> Request {
    Request::new(Method::Post, format!("/api/cve/{}/cna", segment(id))).container(container)
}

/// Replaces the whole container of a record; on a rejected record, this publishes it again. See
/// [`Update`](super::Update) for what comes before.
#[must_use]
pub fn replace(id: &str, container: &Value) -> Request {
    Request::new(Method::Put, format!("/api/cve/{}/cna", segment(id))).container(container)
}

/// Rejects an id that has no record.
#[must_use]
pub fn reject(id: &str, container: &Value) -> Request {
    Request::new(Method::Post, format!("/api/cve/{}/reject", segment(id))).container(container)
}

/// Rejects an id that has a record, published or rejected.
#[must_use]
pub fn reject_again(id: &str, container: &Value) -> Request {
    Request::new(Method::Put, format!("/api/cve/{}/reject", segment(id))).container(container)
}

/// How many ids the organisation may still reserve.
#[must_use]
pub fn quota_of(org: &str) -> Request {
    Request::new(Method::Get, format!("/api/org/{}/id_quota", segment(org)))
}

// Ids and short names have letters, digits, hyphens and underscores; anything else must not become
// part of a path.
fn segment(text: &str) -> String {
    use std::fmt::Write as _;
    let mut all = String::new();
    for byte in text.bytes() {
        match byte {
            b'-' | b'_' | b'.' | b'@' => all.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => all.push(char::from(byte)),
            byte => {
                let _ = write!(all, "%{byte:02X}");
            }
        }
    }
    all
}
