//! The watch: what the world published that touches our products, and what was decided about it.

use super::view::{Frame, When, render};
use super::{Answer, Fields, field, ours};
use crate::session::Staff;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use entente_domain::access::{Action, Resource, may};
use entente_domain::ids::FindingId;
use entente_domain::kinds::FindingState;
use entente_domain::time::Timestamp;
use entente_service::watch::{self, Act, Did, Found};
use entente_service::{App, ServiceError, accounts};
use serde::Deserialize;

/// Findings on the page; more are counted.
const ROWS: usize = 200;

/// What is asked of the list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    state: String,
    said: String,
}

struct Row {
    id: String,
    product: String,
    versions: Vec<String>,
    more_versions: usize,
    vulnerability: String,
    title: String,
    score: String,
    tone: &'static str,
    exploited: Vec<String>,
    likely: String,
    component: String,
    fixed_in: String,
    found: When,
    out_of_support: bool,
}

struct Tab {
    word: &'static str,
    label: &'static str,
    count: usize,
    open: bool,
}

#[derive(Template)]
#[template(path = "console/watch.html")]
struct ListPage {
    frame: Frame,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    left_off: usize,
    state: &'static str,
    documents: u64,
}

/// The severity's colour, as everywhere in the console.
fn tone(score: Option<u8>) -> &'static str {
    match score {
        Some(70..) => "bad",
        Some(40..) => "warn",
        _ => "",
    }
}

fn score(score: Option<u8>) -> String {
    score.map_or_else(String::new, |s| format!("{}.{}", s / 10, s % 10))
}

/// A share in millionths, in words.
fn percent(millionths: u32) -> String {
    match millionths {
        0..1_000 => "under 0.1 %".to_owned(),
        _ => format!("{}.{} %", millionths / 10_000, millionths / 1_000 % 10),
    }
}

fn exploited(found: &Found) -> Vec<String> {
    let by = found.exploited.iter().map(|e| {
        let ransomware = if e.ransomware { ", ransomware" } else { "" };
        match e.since.is_empty() {
            true => format!("{}{ransomware}", e.by),
            false => format!("{} since {}{ransomware}", e.by, e.since),
        }
    });
    by.collect()
}

fn likely(found: &Found) -> String {
    found.epss.map_or_else(String::new, |(p, _)| percent(p))
}

fn row(found: &Found, now: Timestamp) -> Row {
    let content = &found.content;
    let affected = content.affected_versions();
    let all = content.lines.iter().map(|l| l.product_version.as_str());
    let versions: Vec<String> = match affected.is_empty() {
        false => affected.into_iter().map(str::to_owned).collect(),
        true => {
            let all: std::collections::BTreeSet<&str> = all.collect();
            all.into_iter().map(str::to_owned).collect()
        }
    };
    let first = content
        .lines
        .iter()
        .find(|l| l.certain && l.denied.is_none())
        .or(content.lines.first());
    Row {
        id: found.id.to_string(),
        product: found.product_name.clone(),
        more_versions: versions.len().saturating_sub(3),
        versions: versions.into_iter().take(3).collect(),
        vulnerability: content.vulnerability().to_owned(),
        title: content.title.clone(),
        score: score(content.score()),
        tone: tone(content.score()),
        exploited: exploited(found),
        likely: likely(found),
        component: first.map_or_else(String::new, |l| {
            format!("{} {}", l.package, l.version).trim().to_owned()
        }),
        fixed_in: first.and_then(|l| l.fixed_in.clone()).unwrap_or_default(),
        found: When::of(found.found_at, now),
        out_of_support: !found.supported && found.state == FindingState::Open,
    }
}

/// The findings in one state.
pub async fn list(State(app): State<App>, staff: Staff, Query(asked): Query<Asked>) -> Answer {
    let state: FindingState = asked.state.parse().unwrap_or(FindingState::Open);
    let (found, counts) = watch::list(&app, staff.viewer(), state, None).await?;
    let now = app.now();
    let view = ListPage {
        documents: watch::documents_kept(&app, staff.viewer()).await?,
        frame: Frame::of(&app, &staff, "watch")
            .await?
            .saying(Some(&asked.said)),
        tabs: counts
            .into_iter()
            .map(|(of, count)| Tab {
                word: of.as_str(),
                label: of.label(),
                count,
                open: of == state,
            })
            .collect(),
        left_off: found.len().saturating_sub(ROWS),
        rows: found.iter().take(ROWS).map(|f| row(f, now)).collect(),
        state: state.label(),
    };
    render(&view, StatusCode::OK)
}

struct LineRow {
    version: String,
    component: String,
    document: String,
    certain: bool,
    why: String,
    fixed_in: String,
    denied: Option<(String, String)>,
}

struct StepRow {
    when: When,
    who: String,
    what: String,
}

struct DocumentRow {
    id: String,
    form: &'static str,
    modified: String,
    seen: When,
}

#[derive(Template)]
#[template(path = "console/finding.html")]
struct FindingPage {
    frame: Frame,
    id: String,
    product_id: String,
    product: String,
    vulnerability: String,
    other_names: Vec<String>,
    title: String,
    state: &'static str,
    state_tone: &'static str,
    score: String,
    tone: &'static str,
    exploited: Vec<String>,
    likely: String,
    affected: Vec<String>,
    out_of_support: bool,
    fixes: Vec<String>,
    lines: Vec<LineRow>,
    ways: Vec<(String, Vec<String>)>,
    details: String,
    references: Vec<String>,
    documents: Vec<DocumentRow>,
    steps: Vec<StepRow>,
    case: Option<i64>,
    may_report: bool,
    may_set_aside: bool,
    may_take_up: bool,
    problem: Option<String>,
    why: String,
}

/// One finding.
pub async fn show(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<FindingId>,
    Query(asked): Query<Asked>,
) -> Answer {
    page(&app, &staff, id, Some(&asked.said), None, String::new()).await
}

async fn page(
    app: &App,
    staff: &Staff,
    id: FindingId,
    said: Option<&str>,
    problem: Option<String>,
    why: String,
) -> Answer {
    let detail = watch::detail(app, staff.viewer(), id).await?;
    let now = app.now();
    let people = accounts::names(app).await?;
    let found = &detail.found;
    let content = &found.content;
    let decides = may(staff.viewer(), Action::Write, Resource::Watch);
    let waits = matches!(
        found.state,
        FindingState::Open | FindingState::Undecided | FindingState::Denied
    );
    let vulnerability = content.vulnerability().to_owned();
    let fixes: std::collections::BTreeSet<String> = content
        .lines
        .iter()
        .filter_map(|l| Some(format!("{} {}", l.package, l.fixed_in.as_ref()?)))
        .collect();
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let view = FindingPage {
        frame: Frame::of(app, staff, "watch").await?.saying(said),
        id: id.to_string(),
        product_id: found.product.to_string(),
        product: found.product_name.clone(),
        other_names: content
            .names
            .iter()
            .filter(|n| **n != vulnerability)
            .cloned()
            .collect(),
        vulnerability,
        title: content.title.clone(),
        state: found.state.label(),
        state_tone: match found.state {
            FindingState::Open => "bad",
            FindingState::Undecided => "warn",
            _ => "",
        },
        score: score(content.score()),
        tone: tone(content.score()),
        exploited: exploited(found),
        likely: likely(found),
        affected: content
            .affected_versions()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        out_of_support: !found.supported,
        fixes: fixes.into_iter().collect(),
        lines: content
            .lines
            .iter()
            .map(|l| LineRow {
                version: l.product_version.clone(),
                component: format!("{} {}", l.package, l.version).trim().to_owned(),
                document: l.document.clone(),
                certain: l.certain,
                why: l.why.clone(),
                fixed_in: l.fixed_in.clone().unwrap_or_default(),
                denied: l
                    .denied
                    .as_ref()
                    .map(|d| (d.document.clone(), d.why.clone())),
            })
            .collect(),
        ways: detail.ways,
        details: detail.details,
        references: detail
            .references
            .into_iter()
            .filter(|url| url.starts_with("https://") || url.starts_with("http://"))
            .collect(),
        documents: detail
            .documents
            .into_iter()
            .map(|(id, form, modified, seen)| DocumentRow {
                id,
                form,
                modified: modified.chars().take(10).collect(),
                seen: When::of(seen, now),
            })
            .collect(),
        steps: content
            .steps
            .iter()
            .map(|step| StepRow {
                when: When::of(step.at, now),
                who: step
                    .by
                    .and_then(|by| people.iter().find(|p| p.id == by))
                    .map_or_else(|| "the command line".to_owned(), |p| p.name.clone()),
                what: match &step.did {
                    Did::Reported { .. } => "made it a report".to_owned(),
                    Did::SetAside { why, .. } => format!("set it aside: {why}"),
                    Did::TakenUp => "took it up again".to_owned(),
                },
            })
            .collect(),
        case: detail.case,
        may_report: decides && found.state != FindingState::Reported,
        may_set_aside: decides && waits,
        may_take_up: decides && found.state == FindingState::SetAside,
        problem,
        why,
    };
    render(&view, status)
}

/// Decides about a finding.
pub async fn decide(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<FindingId>,
    Form(fields): Form<Fields>,
) -> Answer {
    ours(&staff, &fields)?;
    let why = field(&fields, "why").to_owned();
    let act = match field(&fields, "act") {
        "report" => Act::Report,
        "set_aside" => Act::SetAside(why.clone()),
        _ => Act::TakeUp,
    };
    match watch::act(&app, staff.viewer(), id, act).await {
        Ok(Some(number)) => {
            Ok(Redirect::to(&format!("/console/cases/{number}?said=done")).into_response())
        }
        Ok(None) => Ok(Redirect::to("/console/watch?said=done").into_response()),
        Err(ServiceError::Invalid {
            why: says, remedy, ..
        }) => {
            let problem = Some(format!("{says} {remedy}"));
            page(&app, &staff, id, None, problem, why).await
        }
        Err(other) => Err(other.into()),
    }
}
