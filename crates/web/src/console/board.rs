//! The clock board and the report register.

use super::Answer;
use super::view::{Frame, When, due_tone, render};
use crate::session::Staff;
use crate::time_text;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use entente_service::{App, cases, reports};
use serde::Deserialize;

struct BoardLine {
    number: i64,
    title: String,
    clock: &'static str,
    source: &'static str,
    due: When,
    tone: &'static str,
    owner: String,
    note: String,
}

#[derive(Template)]
#[template(path = "console/board.html")]
struct BoardPage {
    frame: Frame,
    statement: String,
    statement_tone: &'static str,
    proof: String,
    rows: Vec<BoardLine>,
    next: Option<String>,
}

/// Where a page begins.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct From {
    cursor: String,
}

/// What falls due, and whether anything will in the next 72 hours.
pub async fn show(State(app): State<App>, staff: Staff, Query(from): Query<From>) -> Answer {
    let now = app.now();
    let cursor = (!from.cursor.is_empty()).then_some(from.cursor.as_str());
    let page = cases::clock_board(&app, staff.viewer(), cursor, 100).await?;
    let horizon = now.plus_hours(72);
    let ours = |r: &&cases::BoardRow| !r.clock.kind.waits_for_others() && r.clock.paused.is_none();
    let late = page
        .items
        .iter()
        .filter(ours)
        .filter(|r| r.breached)
        .count();
    let soon = page
        .items
        .iter()
        .filter(ours)
        .filter(|r| !r.breached && r.clock.due_at <= horizon)
        .count();
    let (statement, tone) = match (late, soon) {
        (0, 0) => (
            "Nothing of ours will run over in the next 72 hours.".to_owned(),
            "ok",
        ),
        (0, n) => (
            format!("{n} of our clocks run out within 72 hours; none has run over."),
            "warn",
        ),
        (l, n) => (
            format!("{l} of our clocks have run over; {n} more run out within 72 hours."),
            "bad",
        ),
    };
    let last = page.items.last().map(|r| r.clock.due_at);
    let proof = match (page.next.is_some(), last) {
        (true, Some(last)) if last > horizon => {
            format!(
                "Every open clock up to {} is listed below, in the order of its date.",
                time_text::utc(last)
            )
        }
        (true, _) => {
            "More clocks follow on the next page; the statement holds for this page.".to_owned()
        }
        (false, _) => "Every open clock that you may see is listed below.".to_owned(),
    };
    let rows = page
        .items
        .into_iter()
        .map(|r| BoardLine {
            number: r.number,
            title: r.title,
            clock: r.clock.kind.label(),
            source: r.clock.kind.source(),
            due: When::of(r.clock.due_at, now),
            tone: if r.clock.paused.is_some() {
                "quiet"
            } else {
                due_tone(r.clock.due_at, now)
            },
            owner: r.owner.unwrap_or_else(|| "—".to_owned()),
            note: match &r.clock.paused {
                Some(p) => format!("paused: {}", p.reason),
                None if r.clock.kind.waits_for_others() => "not ours to meet".to_owned(),
                None => String::new(),
            },
        })
        .collect();
    let view = BoardPage {
        frame: Frame::of(&app, &staff, "board").await?,
        statement,
        statement_tone: tone,
        proof,
        rows,
        next: page.next,
    };
    render(&view, StatusCode::OK)
}

struct RegisterLine {
    number: i64,
    reference: String,
    title: String,
    source: &'static str,
    channel: &'static str,
    received: When,
    acknowledged: Option<When>,
    outcome: &'static str,
}

#[derive(Template)]
#[template(path = "console/register.html")]
struct RegisterPage {
    frame: Frame,
    rows: Vec<RegisterLine>,
    next: Option<String>,
}

/// Every report, with its number for ever.
pub async fn register(State(app): State<App>, staff: Staff, Query(from): Query<From>) -> Answer {
    let now = app.now();
    let cursor = (!from.cursor.is_empty()).then_some(from.cursor.as_str());
    let page = reports::register(&app, staff.viewer(), cursor, 50).await?;
    let view = RegisterPage {
        frame: Frame::of(&app, &staff, "register").await?,
        rows: page
            .items
            .into_iter()
            .map(|r| RegisterLine {
                number: r.number,
                reference: r.reference,
                title: r.title,
                source: r.source.label(),
                channel: r.channel.label(),
                received: When::of(r.received_at, now),
                acknowledged: r.acknowledged_at.map(|t| When::of(t, now)),
                outcome: r.closed_as.map_or("Open", |e| e.label()),
            })
            .collect(),
        next: page.next,
    };
    render(&view, StatusCode::OK)
}
