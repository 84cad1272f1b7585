//! The journal for auditors: its signed heads, to be kept elsewhere and held against it later.

use super::Answer;
use super::view::{Frame, When, render};
use crate::problem::Problem;
use crate::session::Staff;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use entente_service::{App, heads};
use serde::Deserialize;

/// Heads on a page: two days of them.
const ROWS: u32 = 48;

struct HeadLine {
    size: u64,
    at: When,
    root: String,
}

#[derive(Template)]
#[template(path = "console/journal.html")]
struct JournalPage {
    frame: Frame,
    rows: Vec<HeadLine>,
    keys: Vec<String>,
    next: Option<u64>,
}

/// Where a page begins.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct From {
    before: String,
}

/// The heads, the newest first.
pub async fn show(State(app): State<App>, staff: Staff, Query(from): Query<From>) -> Answer {
    let before = match from.before.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_| {
            Problem::of(
                StatusCode::BAD_REQUEST,
                "before: This is no size of a head. Begin at the first page.",
            )
        })?),
    };
    let found = heads::list(&app, staff.viewer(), before, ROWS).await?;
    let now = app.now();
    let view = JournalPage {
        frame: Frame::of(&app, &staff, "journal").await?,
        rows: found
            .items
            .into_iter()
            .map(|h| HeadLine {
                size: h.size,
                at: When::of(h.at, now),
                root: h.root,
            })
            .collect(),
        keys: found.keys,
        next: found.next,
    };
    render(&view, StatusCode::OK)
}

/// A head as the file that `entente verify --head` reads.
pub async fn head(State(app): State<App>, staff: Staff, Path(size): Path<u64>) -> Answer {
    let head = heads::at_size(&app, staff.viewer(), size).await?;
    Ok((
        [
            (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"entente-head-{size}.txt\""),
            ),
        ],
        head.note,
    )
        .into_response())
}
