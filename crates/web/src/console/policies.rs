//! Policies: the versions, a form for the next one, approval by a second person.

use super::view::{Frame, When, render};
use super::{Answer, Fields, field, ours};
use crate::problem::Problem;
use crate::session::Staff;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use entente_domain::ids::PolicyId;
use entente_domain::policy::{Numbers, PolicyDocument, PolicyKind};
use entente_domain::time::WorkingCalendar;
use entente_service::{App, ServiceError, accounts, policies};
use serde::Deserialize;

struct PolicyLine {
    id: String,
    kind: &'static str,
    version: u32,
    drafted: String,
    drafted_at: When,
    approved: Option<String>,
    review: Option<When>,
    sections: Vec<(String, String)>,
    mine: bool,
}

#[derive(Template)]
#[template(path = "console/policies.html")]
struct PoliciesPage {
    frame: Frame,
    rows: Vec<PolicyLine>,
    contradictions: Vec<String>,
    numbers: Vec<(String, String, String)>,
    kind: String,
    sections: String,
    problem: Option<String>,
}

/// What the address may say.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Said {
    said: String,
    kind: String,
}

/// Begins with the standard's own table of contents (30111 6.3, 29147 clause 9).
fn skeleton(kind: PolicyKind) -> String {
    match kind {
        PolicyKind::Internal => "# Principles\nWe handle every report, whoever it comes from, and put the safety of users first.\n\n# Departments and roles\nThe PSIRT coordinates. Each product has a contact and a deputy. Legal and public relations review what leaves the house.\n\n# Safeguards against premature disclosure\nNeed to know, by case. Nothing leaves before two people give their go.\n\n# Target schedule\nThe numbers below are the schedule; they run the clocks.",
        PolicyKind::Public => "# How to report\nUse the form on this site. No account is needed. A receipt code lets you follow the report.\n\n# What to expect\nThe times below are promises; we measure ourselves by them.\n\n# Scope\nAll our products and services in support.\n\n# Publication\nWe publish advisories on this site, as pages and as signed CSAF documents.\n\n# Recognition\nWe credit you in the advisory if you wish.\n\n# Good faith\nWe welcome research in good faith and take no legal action against it.",
    }
    .to_owned()
}

/// A number's name, its label and its value.
fn numbers_of(numbers: &Numbers) -> Vec<(String, String, String)> {
    let Ok(serde_json::Value::Object(map)) = serde_json::to_value(numbers) else {
        return Vec::new();
    };
    map.into_iter()
        .map(|(name, value)| {
            let label = name.replace('_', " ");
            (name, label, value.to_string())
        })
        .collect()
}

async fn page(
    app: &App,
    staff: &Staff,
    said: &str,
    kind: PolicyKind,
    sections: Option<String>,
    numbers: Option<Numbers>,
    problem: Option<String>,
) -> Answer {
    let now = app.now();
    let documents = policies::list(app, staff.viewer()).await?;
    let people = accounts::names(app).await?;
    let name = |id| {
        people
            .iter()
            .find(|p| p.id == id)
            .map_or_else(|| "former member of staff".to_owned(), |p| p.name.clone())
    };
    let newest: Option<&PolicyDocument> = documents
        .iter()
        .filter(|d| d.kind == kind)
        .max_by_key(|d| d.version);
    let written = newest.map(|d| {
        d.sections
            .iter()
            .map(|(h, t)| format!("# {h}\n{t}"))
            .collect::<Vec<_>>()
            .join("\n\n")
    });
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = PoliciesPage {
        frame: Frame::of(app, staff, "policies").await?.saying(Some(said)),
        contradictions: policies::contradictions(app, staff.viewer()).await?,
        numbers: numbers_of(
            &numbers
                .or_else(|| newest.map(|d| d.numbers.clone()))
                .unwrap_or_default(),
        ),
        kind: kind.to_string(),
        sections: sections.or(written).unwrap_or_else(|| skeleton(kind)),
        problem,
        rows: documents
            .iter()
            .map(|d| PolicyLine {
                id: d.id.to_string(),
                kind: d.kind.label(),
                version: d.version,
                drafted: name(d.drafted_by),
                drafted_at: When::of(d.drafted_at, now),
                approved: d
                    .approved
                    .map(|(by, at)| format!("{} on {}", name(by), crate::time_text::utc(at))),
                review: d.review_due.map(|t| When::of(t, now)),
                sections: d.sections.clone(),
                mine: Some(d.drafted_by) == staff.viewer().user(),
            })
            .collect(),
    };
    render(&view, status)
}

/// Every version, and the form for the next one.
pub async fn list(State(app): State<App>, staff: Staff, Query(said): Query<Said>) -> Answer {
    let kind = said.kind.parse().unwrap_or(PolicyKind::Internal);
    page(&app, &staff, &said.said, kind, None, None, None).await
}

/// Reads `# Heading` and the text under it.
fn sections_of(text: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("# ") {
            sections.push((heading.trim().to_owned(), String::new()));
        } else if let Some((_, body)) = sections.last_mut() {
            body.push_str(line);
            body.push('\n');
        }
    }
    sections
        .into_iter()
        .map(|(h, t)| (h, t.trim().to_owned()))
        .collect()
}

/// Drafts a version.
pub async fn draft(State(app): State<App>, staff: Staff, Form(fields): Form<Fields>) -> Answer {
    ours(&staff, &fields)?;
    let kind: PolicyKind = field(&fields, "kind")
        .parse()
        .map_err(|_| Problem::not_found())?;
    let mut map = serde_json::Map::new();
    for (name, _, default) in numbers_of(&Numbers::default()) {
        let sent = field(&fields, &name);
        let value = if default == "true" || default == "false" {
            serde_json::Value::Bool(sent == "1")
        } else {
            sent.trim()
                .parse::<u32>()
                .map_or(serde_json::Value::Null, Into::into)
        };
        map.insert(name, value);
    }
    let sections = field(&fields, "sections").to_owned();
    let numbers: Result<Numbers, _> = serde_json::from_value(serde_json::Value::Object(map));
    let Ok(numbers) = numbers else {
        let problem = Some("One of the numbers is no whole number.".to_owned());
        return page(&app, &staff, "", kind, Some(sections), None, problem).await;
    };
    let drafted = policies::draft(
        &app,
        staff.viewer(),
        kind,
        sections_of(&sections),
        numbers.clone(),
        WorkingCalendar::default(),
    )
    .await;
    match drafted {
        Ok(_) => Ok(Redirect::to("/console/policies?said=saved").into_response()),
        Err(ServiceError::Invalid { field, why, remedy }) => {
            let problem = Some(format!("{}: {why} {remedy}", field.replace('_', " ")));
            page(
                &app,
                &staff,
                "",
                kind,
                Some(sections),
                Some(numbers),
                problem,
            )
            .await
        }
        Err(e) => Err(e.into()),
    }
}

/// Approves a version that somebody else drafted.
pub async fn approve(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<PolicyId>,
    Form(fields): Form<Fields>,
) -> Answer {
    ours(&staff, &fields)?;
    policies::approve(&app, staff.viewer(), id).await?;
    Ok(Redirect::to("/console/policies?said=done").into_response())
}
