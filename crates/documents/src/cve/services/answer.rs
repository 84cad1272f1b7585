//! What answers of CVE Services mean.

use serde_json::Value;

use crate::record::json::{list, owned, text};

/// Longest text of the service that is passed on.
const MAX_TEXT: usize = 2_000;

/// Why the service refused, by the code it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The credentials are missing or wrong.
    Credentials,
    /// A parameter is wrong.
    Input,
    /// The container does not pass the schema.
    Schema,
    /// The quota is used up.
    Quota,
    /// Ids of that year cannot be reserved.
    Year,
    /// The id belongs to somebody else.
    NotOwner,
    /// The account may not do this.
    NotPermitted,
    /// There is a record already: replace it.
    RecordExists,
    /// There is no record yet: publish one, or reserve the id.
    NoRecord,
    /// Too many requests.
    TooMany,
    /// The service itself failed.
    Service,
    /// Something the program does not know.
    Other,
}

/// A refusal of the service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("CVE Services refused ({status} {code}): {message}; {}", refusal.remedy())]
pub struct Refused {
    /// What kind it is.
    pub refusal: Refusal,
    /// The status of the answer.
    pub status: u16,
    /// The code of the service.
    pub code: String,
    /// Its words.
    pub message: String,
    /// Places of the container it names, with what is wrong there.
    pub places: Vec<(String, String)>,
}

impl Refusal {
    /// What to do.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Credentials => "check the organisation, user and key in the settings",
            Self::Input => "this is an error of the program: report it",
            Self::Schema => "correct the named places of the record",
            Self::Quota => "reject ids that are not needed, or ask for a higher quota",
            Self::Year => "reserve for another year",
            Self::NotOwner => "use an id that the organisation owns",
            Self::NotPermitted => "use an account with the permission",
            Self::RecordExists => "update the record instead of publishing it anew",
            Self::NoRecord => "publish the record first",
            Self::TooMany => "wait before the next request",
            Self::Service => "try again later",
            Self::Other => "see the message",
        }
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_passing(self) -> bool {
        matches!(self, Self::TooMany | Self::Service)
    }

    fn of(status: u16, code: &str) -> Self {
        match code {
            "UNAUTHORIZED" => return Self::Credentials,
            "INVALID_JSON_SCHEMA" => return Self::Schema,
            "EXCEEDED_ID_QUOTA" => return Self::Quota,
            "CANNOT_RESERVE_FOR_YEAR" => return Self::Year,
            "ORG_DOES_NOT_OWN_ID" => return Self::NotOwner,
            "CVE_RECORD_EXISTS" => return Self::RecordExists,
            "CVE_RECORD_DNE" => return Self::NoRecord,
            "BAD_INPUT" | "NO_BATCH_TYPE" => return Self::Input,
            // Said of a header that is missing.
            "BAD_REQUEST" => return Self::Credentials,
            _ => {}
        }
        match status {
            401 => Self::Credentials,
            403 => Self::NotPermitted,
            429 => Self::TooMany,
            500.. => Self::Service,
            _ => Self::Other,
        }
    }
}

/// Reads an answer.
///
/// # Errors
/// The service refused, or answered something that is no answer of it.
pub fn answer(status: u16, body: &[u8]) -> Result<Value, Refused> {
    let value = serde_json::from_slice(body).unwrap_or(Value::Null);
    if (200..300).contains(&status) && (value.is_object() || body.is_empty()) {
        return Ok(value);
    }
    let code = text(&value, "error").unwrap_or_default();
    // A proxy that answers a page in the place of the service: nothing is known of the outcome.
    let refusal = if (200..300).contains(&status) {
        Refusal::Service
    } else {
        Refusal::of(status, code)
    };
    let errors = value
        .get("details")
        .map_or(&[][..], |details| list(details, "errors"));
    let places = errors.iter().take(100).map(|error| {
        let place = text(error, "instancePath").unwrap_or_default();
        let message = text(error, "message").unwrap_or_default();
        (shortened(place), shortened(message))
    });
    Err(Refused {
        refusal,
        status,
        code: shortened(code),
        message: shortened(text(&value, "message").unwrap_or("no reason was given")),
        places: places.collect(),
    })
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

/// An id the organisation owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReservedId {
    /// The id.
    pub id: String,
    /// Its state.
    pub state: String,
    /// Who asked for it.
    pub requested_by: Option<String>,
    /// When it was reserved.
    pub reserved: Option<String>,
}

/// The ids of an answer to a reservation or a list.
#[must_use]
pub fn reserved(answer: &Value) -> Vec<ReservedId> {
    let ids = list(answer, "cve_ids").iter();
    ids.filter_map(|entry| {
        Some(ReservedId {
            id: owned(entry, "cve_id")?,
            state: owned(entry, "state").unwrap_or_default(),
            requested_by: entry.get("requested_by").and_then(|by| owned(by, "user")),
            reserved: owned(entry, "reserved"),
        })
    })
    .collect()
}

/// The page that follows a page of a list.
#[must_use]
pub fn page(answer: &Value) -> Option<u64> {
    answer.get("nextPage").and_then(Value::as_u64)
}

/// How many ids may be reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// At one time.
    pub quota: u64,
    /// Of these are reserved and not yet used.
    pub reserved: u64,
    /// Are left.
    pub available: u64,
}

/// The quota of an answer.
#[must_use]
pub fn quota(answer: &Value) -> Option<Quota> {
    let number = |key| answer.get(key).and_then(Value::as_u64);
    Some(Quota {
        quota: number("id_quota")?,
        reserved: number("total_reserved")?,
        available: number("available")?,
    })
}
