//! The case page: what is next, by when, who owes what, who may know.

use super::case_files;
use super::case_forms::{self, ActionView, Sent};
use super::charts::TimeLine;
use super::view::{Frame, When, due_tone, priority_tone, render};
use super::{Answer, Fields, field, forms, ours, room};
use crate::problem::Problem;
use crate::session::Staff;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use entente_domain::case::{AdvisoryState, Case};
use entente_domain::checklist;
use entente_domain::command::CommandKind;
use entente_domain::ids::ReportId;
use entente_domain::summary::next_step;
use entente_domain::time::Timestamp;
use entente_service::advisories::Preview;
use entente_service::cases::{self, AttachmentView, CaseFile, DuplicateHint, MessageView};
use entente_service::{App, ServiceError, advisories};
use serde::Deserialize;

/// A clock of the case.
struct ClockView {
    label: &'static str,
    due: When,
    tone: &'static str,
    note: String,
}

/// A report of the case.
struct ReportView {
    id: String,
    number: i64,
    reference: String,
    source: &'static str,
    received: When,
    acknowledged: Option<When>,
    contact: String,
    fields: Vec<(&'static str, String)>,
    description: String,
}

#[derive(Template)]
#[template(path = "console/case.html")]
struct CasePage {
    frame: Frame,
    number: i64,
    title: String,
    stage: &'static str,
    stages: Vec<(&'static str, bool, bool)>,
    priority: &'static str,
    priority_tone: &'static str,
    tlp: &'static str,
    owner: String,
    embargo: Option<When>,
    room: String,
    facts: Vec<(&'static str, &'static str)>,
    next: &'static str,
    next_action: Option<ActionView>,
    clocks: Vec<ClockView>,
    reports: Vec<ReportView>,
    messages: Vec<(MessageView, String)>,
    comments: Vec<(MessageView, String)>,
    attachments: Vec<AttachmentView>,
    /// How large a file may be, or why none may be added.
    attach: Result<String, String>,
    duplicates: Vec<DuplicateHint>,
    case: Case,
    checklist: Vec<(&'static str, &'static str, bool, bool)>,
    members: Vec<(String, &'static str)>,
    advisory_state: &'static str,
    goes: Vec<String>,
    groups: Vec<(&'static str, Vec<ActionView>)>,
    moments: Vec<(When, String, String, String, String)>,
    line: TimeLine,
    version: u64,
}

/// What the address may say.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Said {
    said: String,
}

async fn load(app: &App, staff: &Staff, number: i64) -> Result<CaseFile, Problem> {
    Ok(cases::open_by_number(app, staff.viewer(), number).await?)
}

/// Shows a case.
pub async fn show(
    State(app): State<App>,
    staff: Staff,
    Path(number): Path<i64>,
    Query(said): Query<Said>,
) -> Answer {
    let file = load(&app, &staff, number).await?;
    page(&app, &staff, file, Some(&said.said), None, StatusCode::OK).await
}

fn clocks(case: &Case, now: Timestamp) -> Vec<ClockView> {
    let mut open: Vec<_> = case.clocks.iter().filter(|c| c.is_open()).collect();
    open.sort_by_key(|c| c.due_at);
    open.iter()
        .map(|c| ClockView {
            label: c.kind.label(),
            due: When::of(c.due_at, now),
            tone: if c.paused.is_some() {
                "quiet"
            } else {
                due_tone(c.due_at, now)
            },
            note: c.paused.as_ref().map_or_else(
                || {
                    if c.kind.waits_for_others() {
                        "theirs".to_owned()
                    } else {
                        String::new()
                    }
                },
                |p| format!("paused: {}", p.reason),
            ),
        })
        .collect()
}

fn reports(case: &Case, now: Timestamp) -> Vec<ReportView> {
    case.reports
        .iter()
        .map(|r| {
            let form = &r.form;
            let yes = |b: bool| if b { "yes".to_owned() } else { String::new() };
            let fields = vec![
                ("Product", form.product.clone()),
                ("Version", form.version.clone()),
                ("Impact", form.impact.clone()),
                ("Exploitation", form.exploitation.clone()),
                ("How found", form.how_found.clone()),
                ("Found when", form.found_when.clone()),
                ("Already reported to", form.already_reported_to.clone()),
                ("Public already", yes(form.already_public)),
                ("Public at", form.public_url.clone()),
                ("Exploited", yes(form.exploited)),
                ("Evidence", form.exploited_evidence.clone()),
                (
                    "Means to disclose",
                    form.disclosure_date
                        .map(|d| d.to_string())
                        .unwrap_or_default(),
                ),
                ("Plans", form.disclosure_plan.clone()),
                ("Safety impact", yes(form.safety_impact)),
                ("Several vendors", yes(form.several_vendors)),
                ("Other ids", form.tracking_ids.clone()),
                ("Credit", r.credit.clone().unwrap_or_default()),
            ];
            ReportView {
                id: r.id.to_string(),
                number: r.number,
                reference: r.reference.clone(),
                source: r.source.label(),
                received: When::of(r.received_at, now),
                acknowledged: r.acknowledged_at.map(|t| When::of(t, now)),
                contact: r.no_contact.clone().map_or_else(
                    || "Can be reached by the thread".to_owned(),
                    |why| format!("No contact: {why}"),
                ),
                fields: fields.into_iter().filter(|(_, v)| !v.is_empty()).collect(),
                description: form.description.clone(),
            }
        })
        .collect()
}

async fn page(
    app: &App,
    staff: &Staff,
    file: CaseFile,
    said: Option<&str>,
    sent: Option<Sent<'_>>,
    status: StatusCode,
) -> Answer {
    use entente_domain::kinds::{Audience, Publicity, Stage};
    let now = app.now();
    let case = &file.case;
    let name = |id: entente_domain::ids::UserId| {
        file.people
            .iter()
            .find(|p| p.id == id)
            .map_or_else(|| "Former member of staff".to_owned(), |p| p.name.clone())
    };
    let mut facts = Vec::new();
    match case.publicity {
        Publicity::None => {}
        Publicity::Partial => facts.push(("warn", "Partly public")),
        Publicity::Full => facts.push(("info", "Public")),
    }
    if case.exploited {
        facts.push(("bad", "Exploited"));
    }
    if case.restricted {
        facts.push(("quiet", "Restricted to members"));
    }
    if case.imported {
        facts.push(("quiet", "Imported"));
    }
    let next_action =
        case_forms::next_command(case).and_then(|k| case_forms::action(&file, k, sent));
    let place = |s: Stage| Stage::ALL.iter().position(|x| *x == s).unwrap_or(0);
    let with_words = |m: &MessageView| {
        let purpose = m.purpose.map_or("", |p| p.label()).to_owned();
        (m.clone(), purpose)
    };
    let view = CasePage {
        frame: Frame::with(app, staff, "cases", file.standing).saying(said),
        number: case.number,
        title: case.title.clone(),
        stage: case.stage.label(),
        stages: Stage::ALL
            .iter()
            .map(|s| (s.label(), place(*s) < place(case.stage), *s == case.stage))
            .collect(),
        priority: case.priority.label(),
        priority_tone: priority_tone(case.priority),
        tlp: case.tlp.label(),
        owner: case.owner.map_or_else(|| "Nobody yet".to_owned(), name),
        embargo: case.embargo_until.map(|t| When::of(t, now)),
        room: room::in_short(&case.room, now),
        facts,
        next: next_step(case).label(),
        next_action,
        clocks: clocks(case, now),
        reports: reports(case, now),
        messages: file
            .messages
            .iter()
            .filter(|m| m.report.is_some())
            .map(with_words)
            .collect(),
        comments: file
            .messages
            .iter()
            .filter(|m| matches!(m.audience, Audience::Internal | Audience::Legal))
            .map(with_words)
            .collect(),
        attachments: file.attachments.clone(),
        attach: case_files::open_to(app, &file),
        duplicates: file.duplicates.clone(),
        checklist: checklist::of_stage(case.process_version, case.stage)
            .map(|i| {
                let done = case.checklist.iter().any(|(id, done)| id == i.id && *done);
                (i.id, i.text, i.required, done)
            })
            .collect(),
        members: case
            .members
            .iter()
            .filter(|m| m.until.is_none())
            .map(|m| (name(m.user), m.role.label()))
            .collect(),
        advisory_state: case
            .advisory
            .as_ref()
            .map_or("Not drafted", |a| match a.state {
                AdvisoryState::Draft => "Draft",
                AdvisoryState::InReview => "In review; its text is fixed",
                AdvisoryState::Published => "Published",
            }),
        goes: case
            .advisory
            .iter()
            .flat_map(|a| a.goes.iter().map(|u| name(*u)))
            .collect(),
        groups: case_forms::groups(&file, sent),
        moments: case
            .timeline
            .iter()
            .rev()
            .take(200)
            .map(|m| {
                let who = m.actor.strip_prefix("user:").map_or_else(
                    || {
                        if m.actor.starts_with("participant") {
                            "Participant".to_owned()
                        } else if m.actor.starts_with("reporter") {
                            "Reporter".to_owned()
                        } else {
                            "System".to_owned()
                        }
                    },
                    |id| {
                        id.parse().map_or_else(
                            |_| String::new(),
                            |u| name(entente_domain::ids::UserId(u)),
                        )
                    },
                );
                (
                    When::of(m.at, now),
                    m.text.clone(),
                    who,
                    m.rule.to_string(),
                    m.reason.clone().unwrap_or_default(),
                )
            })
            .collect(),
        line: TimeLine::of(case, now),
        version: case.version,
        case: file.case.clone(),
    };
    render(&view, status)
}

/// The field with the version of the case that a form was drawn from.
const SEEN: &str = "seen";
/// Changes that are named to whoever comes late.
const MOST_NAMED: usize = 3;

/// What happened to a case since a form was drawn.
fn meanwhile(case: &Case, seen: Option<u64>) -> String {
    let new: Vec<&str> = case
        .timeline
        .iter()
        .filter(|m| seen.is_none_or(|seen| m.seq > seen))
        .map(|m| m.text.as_str())
        .collect();
    let named = new.len().min(MOST_NAMED);
    let last = new.get(new.len() - named..).unwrap_or_default().join("; ");
    let others = match new.len() - named {
        0 => String::new(),
        n => format!(" (and {n} more before)"),
    };
    format!(
        "The case changed after this page was opened: {last}{others}. What you wrote is kept. Look at the case, then send it again if it is still right."
    )
}

/// Gives a command. What is refused comes back with everything that was typed.
pub async fn act(
    State(app): State<App>,
    staff: Staff,
    Path((number, word)): Path<(i64, String)>,
    Form(fields): Form<Fields>,
) -> Answer {
    ours(&staff, &fields)?;
    let kind: CommandKind = word.parse().map_err(|_| Problem::not_found())?;
    let id = cases::id_by_number(&app, staff.viewer(), number).await?;
    let mut others = std::collections::HashMap::new();
    for name in ["duplicate_of", "target"] {
        if let Ok(other) = field(&fields, name).trim().parse::<i64>()
            && let Ok(found) = cases::id_by_number(&app, staff.viewer(), other).await
        {
            others.insert(name.to_owned(), found.0);
        }
    }
    let fresh = app.random().id(app.now());
    // The version that the form was drawn from: a second press of the button, or a form that was
    // left open while others worked, changes nothing.
    let seen: Option<u64> = field(&fields, SEEN).parse().ok();
    let outcome = match forms::parse(kind, &fields, &others, fresh) {
        Err(wrong) => Err(wrong),
        Ok(command) => match cases::act(&app, staff.viewer(), id, seen, command).await {
            Ok(_) => Ok(()),
            Err(ServiceError::Refused(r)) => {
                let text = format!("{} {} [{} · {}]", r.why, r.remedy, r.rule, r.rule.source());
                Err(vec![(r.field.unwrap_or_default().to_owned(), text)])
            }
            Err(ServiceError::Invalid { field, why, remedy }) => {
                Err(vec![(field.to_owned(), format!("{why} {remedy}"))])
            }
            Err(ServiceError::Conflict) => Err(Vec::new()),
            Err(e) => return Err(e.into()),
        },
    };
    match outcome {
        Ok(()) => {
            // A command may take the case out of the giver's sight.
            let to = match cases::id_by_number(&app, staff.viewer(), number).await {
                Ok(_) if case_forms::of_room(kind) => {
                    format!("/console/cases/{number}/room?said=done")
                }
                Ok(_) => format!("/console/cases/{number}?said=done"),
                Err(_) => "/console?said=done".to_owned(),
            };
            Ok(Redirect::to(&to).into_response())
        }
        Err(mut wrong) => {
            let file = load(&app, &staff, number).await?;
            if wrong.is_empty() {
                wrong.push((String::new(), meanwhile(&file.case, seen)));
            }
            let sent = Sent {
                kind,
                fields: &fields,
                wrong: &wrong,
            };
            if case_forms::of_room(kind) {
                return room::page(&app, &staff, number, None, Some(sent)).await;
            }
            page(&app, &staff, file, None, Some(sent), StatusCode::CONFLICT).await
        }
    }
}

#[derive(Template)]
#[template(path = "console/identity.html")]
struct IdentityPage {
    frame: Frame,
    number: i64,
    fields: Vec<(&'static str, String)>,
}

/// Opens the identity vault, with a reason.
pub async fn identity(
    State(app): State<App>,
    staff: Staff,
    Path(number): Path<i64>,
    Form(fields): Form<Fields>,
) -> Answer {
    ours(&staff, &fields)?;
    let id = cases::id_by_number(&app, staff.viewer(), number).await?;
    let report: ReportId = field(&fields, "report")
        .parse()
        .map_err(|_| Problem::not_found())?;
    let identity =
        cases::read_identity(&app, staff.viewer(), id, report, field(&fields, "reason")).await?;
    let fields = vec![
        ("Name", identity.name),
        ("Mail", identity.mail),
        ("Organisation", identity.organisation),
        ("Telephone", identity.phone),
        ("OpenPGP", identity.openpgp_key),
    ];
    let view = IdentityPage {
        frame: Frame::of(&app, &staff, "cases").await?,
        number,
        fields: fields.into_iter().filter(|(_, v)| !v.is_empty()).collect(),
    };
    render(&view, StatusCode::OK)
}

#[derive(Template)]
#[template(path = "console/access.html")]
struct AccessPage {
    frame: Frame,
    number: i64,
    rows: Vec<(String, String, When, Option<When>, String)>,
}

/// Who could see the case, from when to when.
pub async fn access(State(app): State<App>, staff: Staff, Path(number): Path<i64>) -> Answer {
    let id = cases::id_by_number(&app, staff.viewer(), number).await?;
    let now = app.now();
    let rows = cases::access_log(&app, staff.viewer(), id)
        .await?
        .into_iter()
        .map(|s| {
            (
                s.name,
                s.role,
                When::of(s.from, now),
                s.until.map(|u| When::of(u, now)),
                s.reason,
            )
        })
        .collect();
    let view = AccessPage {
        frame: Frame::of(&app, &staff, "cases").await?,
        number,
        rows,
    };
    render(&view, StatusCode::OK)
}

#[derive(Template)]
#[template(path = "console/preview.html")]
struct PreviewPage {
    frame: Frame,
    number: i64,
    preview: Preview,
}

/// What would be published, with the findings of its checks.
pub async fn preview(State(app): State<App>, staff: Staff, Path(number): Path<i64>) -> Answer {
    let id = cases::id_by_number(&app, staff.viewer(), number).await?;
    let view = PreviewPage {
        frame: Frame::of(&app, &staff, "cases").await?,
        number,
        preview: advisories::preview(&app, staff.viewer(), id).await?,
    };
    render(&view, StatusCode::OK)
}
