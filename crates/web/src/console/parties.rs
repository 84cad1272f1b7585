//! The register of parties: whom to reach at other organisations.

use super::view::{Frame, When, render};
use super::{Answer, Fields, field, ours};
use crate::session::Staff;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use entente_domain::access::{Action, Resource, may};
use entente_domain::ids::PartyId;
use entente_service::parties::{self, PartyContact, PartyForm};
use entente_service::{App, ServiceError};
use serde::Deserialize;

struct PartyLine {
    id: String,
    form: PartyForm,
    embargo: String,
    updated: When,
}

#[derive(Template)]
#[template(path = "console/parties.html")]
struct PartiesPage {
    frame: Frame,
    rows: Vec<PartyLine>,
    editing: Option<(String, u64)>,
    typed: Typed,
    problem: Option<String>,
    writes: bool,
}

#[derive(Clone, Default)]
struct Typed {
    name: String,
    contacts: String,
    policy_url: String,
    preferred_days: String,
    longest_days: String,
    notes: String,
}

/// Which party is being edited.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    edit: String,
    said: String,
}

/// Every party, and the form for one.
pub async fn list(State(app): State<App>, staff: Staff, Query(which): Query<Which>) -> Answer {
    let mut typed = Typed::default();
    let mut editing = None;
    if let Ok(id) = which.edit.parse::<PartyId>() {
        let p = parties::get(&app, staff.viewer(), id).await?;
        editing = Some((id.to_string(), p.version));
        let days = |d: Option<u32>| d.map(|d| d.to_string()).unwrap_or_default();
        typed = Typed {
            contacts: p
                .form
                .contacts
                .iter()
                .map(|c| format!("{} <{}>", c.name, c.mail))
                .collect::<Vec<_>>()
                .join("\n"),
            preferred_days: days(p.form.preferred_days),
            longest_days: days(p.form.longest_days),
            name: p.form.name,
            policy_url: p.form.policy_url,
            notes: p.form.notes,
        };
    }
    page(&app, &staff, editing, typed, None, &which.said).await
}

/// Reads `Name <address>`, one a line.
fn contacts_of(text: &str) -> Result<Vec<PartyContact>, String> {
    text.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(|line| {
            let parts = line.strip_suffix('>').and_then(|l| l.rsplit_once('<'));
            let (name, mail) = parts.ok_or_else(|| {
                format!("Contact “{line}”: write it as in Name <name@example.org>.")
            })?;
            Ok(PartyContact {
                name: name.trim().to_owned(),
                mail: mail.trim().to_owned(),
            })
        })
        .collect()
}

fn days_of(text: &str, what: &str) -> Result<Option<u32>, String> {
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| format!("{what}: give a whole number of days, or nothing.")),
    }
}

async fn page(
    app: &App,
    staff: &Staff,
    editing: Option<(String, u64)>,
    typed: Typed,
    problem: Option<String>,
    said: &str,
) -> Answer {
    let now = app.now();
    let rows = parties::list(app, staff.viewer())
        .await?
        .into_iter()
        .map(|p| PartyLine {
            id: p.id.to_string(),
            embargo: match (p.form.preferred_days, p.form.longest_days) {
                (None, None) => String::new(),
                (Some(d), None) => format!("{d} days"),
                (None, Some(d)) => format!("at most {d} days"),
                (Some(d), Some(most)) => format!("{d} days, at most {most}"),
            },
            updated: When::of(p.updated_at, now),
            form: p.form,
        })
        .collect();
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = PartiesPage {
        frame: Frame::of(app, staff, "parties").await?.saying(Some(said)),
        rows,
        editing,
        typed,
        problem,
        writes: may(staff.viewer(), Action::Write, Resource::Parties),
    };
    render(&view, status)
}

/// Saves a party.
pub async fn save(State(app): State<App>, staff: Staff, Form(fields): Form<Fields>) -> Answer {
    ours(&staff, &fields)?;
    let text = |name: &str| field(&fields, name).replace("\r\n", "\n");
    let typed = Typed {
        name: text("name"),
        contacts: text("contacts"),
        policy_url: text("policy_url"),
        preferred_days: text("preferred_days"),
        longest_days: text("longest_days"),
        notes: text("notes"),
    };
    let id = match (
        text("id").parse::<PartyId>(),
        text("version").parse::<u64>(),
    ) {
        (Ok(id), Ok(version)) => Some((id, version)),
        _ => None,
    };
    let form = || {
        Ok::<_, String>(PartyForm {
            name: typed.name.clone(),
            contacts: contacts_of(&typed.contacts)?,
            policy_url: typed.policy_url.clone(),
            preferred_days: days_of(&typed.preferred_days, "Preferred embargo")?,
            longest_days: days_of(&typed.longest_days, "Longest embargo")?,
            notes: typed.notes.clone(),
        })
    };
    let problem = match form() {
        Err(problem) => problem,
        Ok(form) => match parties::save(&app, staff.viewer(), id, form).await {
            Ok(_) => return Ok(Redirect::to("/console/parties?said=saved").into_response()),
            Err(ServiceError::Invalid { why, remedy, .. }) => format!("{why} {remedy}"),
            Err(ServiceError::Conflict) => {
                "Somebody else changed this party meanwhile. Open it again and repeat.".to_owned()
            }
            Err(e) => return Err(e.into()),
        },
    };
    let editing = id.map(|(id, v)| (id.to_string(), v));
    page(&app, &staff, editing, typed, Some(problem), "").await
}
