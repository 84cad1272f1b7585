//! What requests bring: bodies by their shape, ids, pages.

use super::fault::Fault;
use super::shape::{Kind, Shape};
use super::strict;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, RawQuery, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, Limited};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::str::FromStr;

/// Bytes of a JSON body.
pub const LARGEST_BODY: usize = 1024 * 1024;
/// Rows of a page.
pub const LONGEST_PAGE: u32 = 100;
/// Rows of a page when nothing is asked.
const PAGE: u32 = 25;

/// A JSON body, read strictly.
#[derive(Debug)]
pub struct Json(pub Value);

impl<S: Send + Sync> FromRequest<S> for Json {
    type Rejection = Fault;
    async fn from_request(request: Request, _: &S) -> Result<Self, Fault> {
        if !essence(request.headers()).eq_ignore_ascii_case("application/json") {
            return Err(Fault::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media-type",
                "Not JSON",
                "",
                "Send `Content-Type: application/json`.",
            ));
        }
        Ok(Self(strict::parse(
            &whole(request.into_body(), LARGEST_BODY).await?,
        )?))
    }
}

/// What a body says that it is, without parameters.
pub fn essence(headers: &HeaderMap) -> &str {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split(';').next())
        .unwrap_or_default()
        .trim()
}

async fn whole(body: Body, most: usize) -> Result<Bytes, Fault> {
    match Limited::new(body, most).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Fault::too_large(most)),
        Err(_) => Err(Fault::bad("", "The body breaks off.", "Send it again.")),
    }
}

impl Json {
    /// The body as the domain's or our own type.
    pub fn into<T: DeserializeOwned>(self, shape: &Shape) -> Result<T, Fault> {
        from(shape.read(self.0)?)
    }

    /// The same for a kind without a shape of its own.
    pub fn into_kind<T: DeserializeOwned>(self, kind: Kind) -> Result<T, Fault> {
        from(kind.read("", self.0)?)
    }
}

/// A value whose shape was checked, as a type.
pub fn from<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_json::from_value(value).map_err(|error| {
        Fault::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "A value is not as it must be",
            error.to_string(),
            "Compare with the schema.",
        )
    })
}

/// Ids in the path. What is no id names nothing that exists.
#[derive(Clone, Copy, Debug)]
pub struct Ids<T>(pub T);

impl<S: Send + Sync, A: FromStr> FromRequestParts<S> for Ids<(A,)> {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let Path(id) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Fault::not_found())?;
        Ok(Self((parse(&id)?,)))
    }
}

impl<S: Send + Sync, A: FromStr, B: FromStr> FromRequestParts<S> for Ids<(A, B)> {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let Path((a, b)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| Fault::not_found())?;
        Ok(Self((parse(&a)?, parse(&b)?)))
    }
}

fn parse<T: FromStr>(id: &str) -> Result<T, Fault> {
    id.parse().map_err(|_| Fault::not_found())
}

/// The parameters of the query; each may stand once.
#[derive(Debug, Default)]
pub struct Asked(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let RawQuery(raw) = RawQuery::from_request_parts(parts, state)
            .await
            .unwrap_or(RawQuery(None));
        let raw = raw.unwrap_or_default();
        let pairs: Vec<(String, String)> = axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(pairs)| pairs)
            .map_err(|_| {
                Fault::bad(
                    "",
                    "The query cannot be read.",
                    "Write it as name=value, joined by &.",
                )
            })?;
        if raw.len() > 4096 || pairs.len() > 20 {
            return Err(Fault::bad("", "The query is too long.", "Ask for less."));
        }
        for (i, (name, _)) in pairs.iter().enumerate() {
            if pairs.iter().skip(i + 1).any(|(other, _)| other == name) {
                return Err(Fault::bad(
                    name,
                    "This parameter stands twice.",
                    "Send it once.",
                ));
            }
        }
        Ok(Self(pairs))
    }
}

impl Asked {
    /// A parameter, taken out.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(n, _)| n == name)?;
        Some(self.0.swap_remove(at).1)
    }

    /// A parameter by its type.
    pub fn take_as<T: FromStr>(&mut self, name: &str, remedy: &str) -> Result<Option<T>, Fault> {
        match self.take(name) {
            None => Ok(None),
            Some(text) => match text.parse() {
                Ok(value) => Ok(Some(value)),
                Err(_) => Err(Fault::bad(
                    name,
                    "This parameter is not as it must be.",
                    remedy,
                )),
            },
        }
    }

    /// Cursor and limit of a page, taken out.
    pub fn paging(&mut self) -> Result<Paging, Fault> {
        let remedy = format!("Send a number from 1 to {LONGEST_PAGE}.");
        let limit: u32 = self.take_as("limit", &remedy)?.unwrap_or(PAGE);
        if limit == 0 || limit > LONGEST_PAGE {
            return Err(Fault::bad(
                "limit",
                "This many rows are not given at once.",
                remedy,
            ));
        }
        Ok(Paging {
            cursor: self.take("cursor"),
            limit,
        })
    }

    /// Refuses what was not taken.
    pub fn end(self) -> Result<(), Fault> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => {
                let name: String = name.chars().take(60).collect();
                Err(Fault::bad(
                    &name,
                    "This parameter is not known here.",
                    "Leave it out.",
                ))
            }
        }
    }
}

/// Which page of a list is asked for. As an extractor it refuses every other parameter; a list with
/// parameters of its own takes it out of [`Asked`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paging {
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// How many rows at most, from 1 to [`LONGEST_PAGE`].
    pub limit: u32,
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let mut asked = Asked::from_request_parts(parts, state).await?;
        let paging = asked.paging()?;
        asked.end()?;
        Ok(paging)
    }
}

impl Paging {
    /// What the page before ended with.
    pub fn after<I: FromStr>(&self) -> Result<Option<I>, Fault> {
        let read = |text: &String| {
            text.parse().map_err(|_| {
                Fault::bad(
                    "cursor",
                    "This is no cursor.",
                    "Send the `next` of the page before.",
                )
            })
        };
        self.cursor.as_ref().map(read).transpose()
    }

    /// The page of a list that is read whole, by the ids of its rows; and the cursor of the next.
    pub fn cut<T, I: Ord + Copy + FromStr + std::fmt::Display>(
        &self,
        mut rows: Vec<T>,
        id: impl Fn(&T) -> I,
    ) -> Result<(Vec<T>, Option<String>), Fault> {
        let after: Option<I> = self.after()?;
        rows.retain(|row| after.is_none_or(|after| id(row) > after));
        rows.sort_by_key(&id);
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| id(row).to_string());
        Ok((rows, next))
    }
}

/// An answer in a declared shape.
pub fn answer(status: StatusCode, kind: Kind, value: Value) -> Response {
    json_response(status, &kind.write(value))
}

/// A page of a declared shape.
pub fn page(kind: Kind, items: Vec<Value>, next: Option<String>) -> Response {
    let items: Vec<Value> = items.into_iter().map(|item| kind.write(item)).collect();
    json_response(StatusCode::OK, &json!({ "items": items, "next": next }))
}

fn json_response(status: StatusCode, value: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, value.to_string()).into_response()
}

/// Records of the domain as values.
pub fn values<T: serde::Serialize>(items: Vec<T>) -> Result<Vec<Value>, Fault> {
    items.into_iter().map(value).collect()
}

/// A record of the domain as a value.
pub fn value<T: serde::Serialize>(record: T) -> Result<Value, Fault> {
    serde_json::to_value(record)
        .map_err(|e| Fault::from(entente_service::ServiceError::internal(e)))
}
