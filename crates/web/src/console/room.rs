//! The room of a case: who takes part, who may know what, who owes an answer; and the embargo that
//! binds them.

use super::Answer;
use super::case_forms::{self, ActionView, Sent};
use super::view::{Frame, When, due_tone, render};
use crate::session::Staff;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use entente_domain::coordination::EmbargoState;
use entente_domain::coordination::room::{Closed, Participant, Proposal, Room, Standing};
use entente_domain::ids::ParticipantId;
use entente_domain::kinds::Audience;
use entente_domain::time::Timestamp;
use entente_service::App;
use entente_service::cases::{self, MessageView};
use serde::Deserialize;

/// Terms for the screen.
struct TermsView {
    ends: When,
    extensions: String,
    rules: &'static str,
    carve_outs: String,
}

/// A proposal for the screen.
struct ProposalLine {
    terms: TermsView,
    by: String,
    reason: String,
    reply: When,
    late: bool,
    yes: Vec<String>,
    no: Vec<(String, String)>,
    missing: Vec<String>,
}

/// A participant for the screen.
struct Row {
    name: String,
    reference: String,
    roles: String,
    need: &'static str,
    standing: &'static str,
    standing_tone: &'static str,
    note: String,
    owes: Option<(When, &'static str)>,
    knows: bool,
    why: &'static str,
    signed: Option<(String, When)>,
    report: &'static str,
    path: Vec<(&'static str, bool)>,
    links: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "console/room.html")]
struct RoomPage {
    frame: Frame,
    number: i64,
    title: String,
    state: &'static str,
    state_tone: &'static str,
    in_force: Option<TermsView>,
    ended: Option<(When, String, String)>,
    proposals: Vec<ProposalLine>,
    rows: Vec<Row>,
    counts: String,
    brief: String,
    messages: Vec<(MessageView, String)>,
    groups: Vec<(&'static str, Vec<ActionView>)>,
    parties_known: bool,
}

/// What the address may say.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Said {
    said: String,
}

/// Shows the room.
pub async fn show(
    State(app): State<App>,
    staff: Staff,
    Path(number): Path<i64>,
    Query(said): Query<Said>,
) -> Answer {
    page(&app, &staff, number, Some(&said.said), None).await
}

/// The room in a few words, for the head of the case.
pub fn in_short(room: &Room, now: Timestamp) -> String {
    let joined = room
        .participants
        .iter()
        .filter(|p| p.standing == Standing::Joined)
        .count();
    match (room.participants.len(), room.embargo.state_at(now)) {
        (0, EmbargoState::None) => "nobody from outside".to_owned(),
        (0, state) => format!("nobody from outside yet, embargo {}", in_words(state)),
        (all, state) => format!("{joined} of {all} take part, embargo {}", in_words(state)),
    }
}

/// The state of the model in the words of a reader.
fn in_words(state: EmbargoState) -> &'static str {
    match state {
        EmbargoState::None => "none",
        EmbargoState::Proposed => "proposed",
        EmbargoState::Active => "in force",
        EmbargoState::Revise => "in force, revision asked for",
        EmbargoState::Exited => "ended",
    }
}

pub(super) async fn page(
    app: &App,
    staff: &Staff,
    number: i64,
    said: Option<&str>,
    sent: Option<Sent<'_>>,
) -> Answer {
    let file = cases::open_room(app, staff.viewer(), number).await?;
    let now = app.now();
    let case = &file.case;
    let room = &case.room;
    let embargo = &room.embargo;
    let state = embargo.state_at(now);
    let mut open: Vec<&Proposal> = embargo.open.iter().collect();
    open.sort_by_key(|o| o.terms.ends_at);
    let who = |id: ParticipantId| {
        room.participant(id)
            .map_or_else(|| "A participant".to_owned(), |p| p.name.clone())
    };
    let rows: Vec<Row> = room
        .participants
        .iter()
        .map(|p| row(room, p, now))
        .collect();
    let knowing = rows.iter().filter(|r| r.knows).count();
    let owing = rows.iter().filter(|r| r.owes.is_some()).count();
    let status = if sent.is_some() {
        StatusCode::CONFLICT
    } else {
        StatusCode::OK
    };
    let view = RoomPage {
        frame: Frame::with(app, staff, "cases", file.standing).saying(said),
        number,
        title: case.title.clone(),
        state: in_words(state),
        state_tone: match state {
            EmbargoState::Active => "ok",
            EmbargoState::Proposed | EmbargoState::Revise => "warn",
            EmbargoState::None | EmbargoState::Exited => "quiet",
        },
        in_force: embargo.in_force_at(now).map(|t| terms(room, t, now)),
        ended: ended(room, state, now),
        proposals: open
            .iter()
            .map(|o| ProposalLine {
                terms: terms(room, &o.terms, now),
                by: o.by.map_or_else(|| "We".to_owned(), who),
                reason: o.reason.clone(),
                reply: When::of(o.reply_by, now),
                late: now >= o.reply_by,
                yes: o
                    .votes
                    .iter()
                    .filter(|(_, v)| v.yes)
                    .map(|(p, _)| who(*p))
                    .collect(),
                no: o
                    .votes
                    .iter()
                    .filter(|(_, v)| !v.yes)
                    .map(|(p, v)| (who(*p), v.reason.clone()))
                    .collect(),
                missing: if state.in_force() {
                    room.unanswered(o).map(|p| p.name.clone()).collect()
                } else {
                    Vec::new()
                },
            })
            .collect(),
        counts: format!(
            "{} asked, {knowing} may read content, {owing} owe an answer",
            rows.len()
        ),
        rows,
        brief: room.brief.clone(),
        messages: file
            .messages
            .iter()
            .filter(|m| matches!(m.audience, Audience::Participants | Audience::Participant))
            .map(|m| {
                let to = m
                    .participant
                    .map_or_else(|| "All who may read".to_owned(), who);
                (m.clone(), to)
            })
            .collect(),
        groups: case_forms::room_groups(&file, sent),
        parties_known: !file.parties.is_empty(),
    };
    render(&view, status)
}

fn terms(room: &Room, t: &entente_domain::coordination::room::Terms, now: Timestamp) -> TermsView {
    TermsView {
        ends: When::of(t.ends_at, now),
        extensions: format!("{} of {} made", room.embargo.revisions, t.revisions_allowed),
        rules: if t.lead_rules {
            "A lead may rule after the date for answers"
        } else {
            "Each signatory has to agree"
        },
        carve_outs: t.carve_outs.clone(),
    }
}

/// When and why the embargo ended.
fn ended(room: &Room, state: EmbargoState, now: Timestamp) -> Option<(When, String, String)> {
    if state != EmbargoState::Exited {
        return None;
    }
    match (&room.embargo.ended, &room.embargo.terms) {
        (Some(e), _) => Some((
            When::of(e.at, now),
            e.cause.label().to_owned(),
            e.reason.clone(),
        )),
        (None, Some(t)) => Some((
            When::of(t.ends_at, now),
            "At its agreed instant".to_owned(),
            String::new(),
        )),
        (None, None) => None,
    }
}

fn row(room: &Room, p: &Participant, now: Timestamp) -> Row {
    let opens = room.opens(p.id, now);
    let asked = room
        .embargo
        .open
        .iter()
        .filter(|_| room.embargo.in_force_at(now).is_some())
        .filter(|o| room.unanswered(o).any(|u| u.id == p.id))
        .map(|o| o.reply_by)
        .min();
    let owes = match p.standing {
        Standing::Invited => Some(p.reply_by),
        Standing::Joined => asked,
        _ => None,
    };
    let letters = p.vendor_letters();
    Row {
        name: p.name.clone(),
        reference: p.reference(),
        roles: p
            .roles
            .iter()
            .map(|r| r.label())
            .collect::<Vec<_>>()
            .join(", "),
        need: p.need.label(),
        standing: if p.silent(now) {
            "Silent"
        } else {
            p.standing.label()
        },
        standing_tone: match p.standing {
            Standing::Joined => "ok",
            Standing::Invited => "warn",
            Standing::Declined | Standing::Left | Standing::Removed => "quiet",
        },
        note: if room.still_bound(p, now) {
            format!("{} Still bound by what it signed.", p.left_because)
        } else {
            p.left_because.clone()
        },
        owes: owes.map(|at| (When::of(at, now), due_tone(at, now))),
        knows: opens.is_ok(),
        why: match opens {
            Ok(()) => "",
            Err(Closed::NotInvited) => "Not invited",
            Err(Closed::NotSigned) => "Has not signed",
            Err(Closed::Declined) => "Declined",
            Err(Closed::Gone) => "Takes no part any more",
            Err(Closed::SignatureEnded) => "What it signed has ended",
        },
        signed: p
            .signatures
            .last()
            .map(|s| (s.signer.clone(), When::of(s.ends_at, now))),
        report: if p.standing == Standing::Invited {
            ""
        } else {
            p.report.label()
        },
        path: letters.map_or_else(Vec::new, |_| {
            vec![
                ("Aware", p.vendor_aware),
                ("Fix ready", p.fix_ready),
                ("Deployed", p.fix_deployed),
            ]
        }),
        links: p
            .links
            .iter()
            .filter(|l| l.until.is_none())
            .map(|l| (l.name.clone(), l.mail.clone()))
            .collect(),
    }
}
