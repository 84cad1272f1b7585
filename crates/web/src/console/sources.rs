//! The sources of the watch: what is asked, how often, and how each of them does.

use super::view::{Frame, When, render};
use super::{Answer, Fields, field, ours};
use crate::session::Staff;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use entente_domain::access::{Action, Resource, may};
use entente_domain::ids::WatchSourceId;
use entente_domain::time::Timestamp;
use entente_service::watch::{self, Source, SourceForm};
use entente_service::{App, ServiceError};
use serde::Deserialize;

/// How often, in minutes and in words.
const OFTEN: &[(u32, &str)] = &[
    (15, "Every 15 minutes"),
    (60, "Every hour"),
    (360, "Every 6 hours"),
    (1_440, "Every day"),
    (10_080, "Every week"),
];

/// What was done just now.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    said: String,
}

struct Row {
    id: String,
    name: String,
    place: String,
    often: String,
    every: u32,
    enabled: bool,
    state: &'static str,
    tone: &'static str,
    trouble: String,
    since: Option<When>,
    answered: Option<When>,
    next: Option<When>,
    last: String,
    unread: Vec<(String, String)>,
    unread_more: usize,
}

#[derive(Template)]
#[template(path = "console/sources.html")]
struct SourcesPage {
    frame: Frame,
    rows: Vec<Row>,
    often: &'static [(u32, &'static str)],
    writes: bool,
    typed: Fields,
    problem: Option<(String, String)>,
    folder: String,
}

impl SourcesPage {
    fn was(&self, name: &str) -> &str {
        field(&self.typed, name)
    }

    fn wrong(&self, name: &str) -> bool {
        self.problem
            .as_ref()
            .is_some_and(|(field, _)| field == name)
    }
}

fn row(source: Source, now: Timestamp) -> Row {
    let when = |at: Option<Timestamp>| at.map(|at| When::of(at, now));
    let health = source.health.clone();
    let (state, tone) = match (&health.trouble, health.answered_at) {
        _ if !source.form.enabled => ("Switched off", ""),
        (Some(_), _) => ("Trouble", "bad"),
        (None, Some(_)) => ("Well", "ok"),
        (None, None) => ("Not asked yet", ""),
    };
    let every = source.form.every_minutes;
    let words = OFTEN.iter().find(|(minutes, _)| *minutes == every);
    let [new, changed, known] = health.last;
    Row {
        id: source.id.to_string(),
        name: source.form.name,
        place: source.form.place,
        often: words.map_or_else(
            || format!("Every {every} minutes"),
            |(_, w)| (*w).to_owned(),
        ),
        every,
        enabled: source.form.enabled,
        state,
        tone,
        since: when(health.trouble.as_ref().map(|t| t.since)),
        trouble: health.trouble.map_or_else(String::new, |t| t.what),
        answered: when(health.answered_at),
        next: when(Some(source.next_at).filter(|at| source.form.enabled && at.0 < i64::MAX)),
        last: match health.answered_at {
            Some(_) => format!("{new} new, {changed} changed, {known} known"),
            None => String::new(),
        },
        unread_more: health.unread_count.saturating_sub(health.unread.len()),
        unread: health.unread,
    }
}

/// The sources.
pub async fn list(State(app): State<App>, staff: Staff, Query(asked): Query<Asked>) -> Answer {
    page(&app, &staff, &asked.said, Fields::new(), None).await
}

async fn page(
    app: &App,
    staff: &Staff,
    said: &str,
    typed: Fields,
    problem: Option<(String, String)>,
) -> Answer {
    let now = app.now();
    let sources = watch::sources(app, staff.viewer()).await?;
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let view = SourcesPage {
        frame: Frame::of(app, staff, "watch").await?.saying(Some(said)),
        rows: sources.into_iter().map(|s| row(s, now)).collect(),
        often: OFTEN,
        writes: may(staff.viewer(), Action::Write, Resource::Watch),
        typed,
        problem,
        folder: watch::FOLDER.to_owned(),
    };
    render(&view, status)
}

/// Adds a source, or changes one.
pub async fn save(State(app): State<App>, staff: Staff, Form(fields): Form<Fields>) -> Answer {
    ours(&staff, &fields)?;
    let id: Option<WatchSourceId> = field(&fields, "id").parse().ok();
    let form = SourceForm {
        name: field(&fields, "name").to_owned(),
        place: field(&fields, "place").to_owned(),
        every_minutes: field(&fields, "every_minutes").parse().unwrap_or(0),
        enabled: field(&fields, "enabled") != "no",
    };
    match watch::save_source(&app, staff.viewer(), id, form).await {
        Ok(_) => Ok(Redirect::to("/console/watch/sources?said=saved").into_response()),
        Err(ServiceError::Invalid { field, why, remedy }) => {
            page(
                &app,
                &staff,
                "",
                fields,
                Some((field, format!("{why} {remedy}"))),
            )
            .await
        }
        Err(other) => Err(other.into()),
    }
}

/// Removes a source.
pub async fn remove(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<WatchSourceId>,
    Form(fields): Form<Fields>,
) -> Answer {
    ours(&staff, &fields)?;
    watch::remove_source(&app, staff.viewer(), id).await?;
    Ok(Redirect::to("/console/watch/sources?said=done").into_response())
}
