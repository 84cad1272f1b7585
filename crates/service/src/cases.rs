//! Cases: load, decide, append, project, tell — in one transaction.
//!
//! [`act`] is the only way by which a case changes. It loads the case, gathers the facts that the
//! command needs, asks `decide`, and appends the entries together with the rows, messages and
//! jobs that follow from them. A conflict re-decides (decision 11).
//!
//! Long file: the one way by which a case changes, with what its page shows.

use crate::error::ServiceError;
use crate::{
    App, Fault, accounts, facts, fold, jobs, known, look, project, transact, transact_from_reserve,
};
use entente_domain::access::{Action, Resource, Role, Viewer, may};
use entente_domain::case::Case;
use entente_domain::clock::Clock as CaseClock;
use entente_domain::command::Command;
use entente_domain::decide;
use entente_domain::ids::{CaseId, MessageId, ReportId, UserId};
use entente_domain::kinds::{Audience, ExitReason, MessagePurpose};
use entente_domain::summary::CaseSummary;
use entente_domain::time::Timestamp;
use entente_store::snapshots::Asked;
use entente_store::{Tx, messages, search as index};
use serde::{Deserialize, Serialize};

pub use crate::case_file::{
    ActionState, AttachmentView, CaseFile, DuplicateHint, MessageView, PartyChoice, ProductChoice,
    open, open_by_number, open_room,
};
pub use entente_store::cases::{CaseFilter, Page, Sort};

/// A member of staff as others see them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// The account.
    pub id: UserId,
    /// The name for display.
    pub name: String,
    /// The offices.
    pub roles: Vec<Role>,
}

/// What a change answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Acted {
    /// The version of the case after the change.
    pub version: u64,
}

/// One line of the clock board.
#[derive(Clone, PartialEq, Debug)]
pub struct BoardRow {
    /// The case.
    pub case: CaseId,
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// The clock.
    pub clock: CaseClock,
    /// Whether it ran over.
    pub breached: bool,
    /// The owner's name.
    pub owner: Option<String>,
}

/// Who could see a case, from when to when, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessSpan {
    /// The person.
    pub name: String,
    /// As what.
    pub role: String,
    /// From.
    pub from: Timestamp,
    /// Until; open where it still holds.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

/// A page of the cases that the viewer may see.
pub async fn list(
    app: &App,
    viewer: &Viewer,
    filter: &CaseFilter,
) -> Result<Page<CaseSummary>, ServiceError> {
    let (viewer, filter) = (viewer.clone(), filter.clone());
    Ok(app
        .db()
        .read(move |tx| entente_store::cases::list(tx, &viewer, &filter))
        .await?)
}

/// The case behind a staff number.
pub async fn id_by_number(app: &App, viewer: &Viewer, number: i64) -> Result<CaseId, ServiceError> {
    let viewer = viewer.clone();
    app.db()
        .read(move |tx| entente_store::cases::by_number(tx, &viewer, number))
        .await?
        .map(|row| row.id)
        .ok_or(ServiceError::NotFound)
}

/// Whether the viewer may read the case; what may not be read does not exist.
pub(crate) fn readable(viewer: &Viewer, case: &Case) -> bool {
    let members = case.member_ids();
    case.version > 0
        && may(
            viewer,
            Action::Read,
            Resource::Case {
                restricted: case.restricted,
                members: &members,
            },
        )
}

/// Loads a case for reading.
pub(crate) fn load(tx: &mut Tx<'_>, viewer: &Viewer, id: CaseId) -> Result<Case, Fault> {
    let case =
        fold::visible(tx, viewer, Asked::Id(id))?.ok_or(Fault::Service(ServiceError::NotFound))?;
    if readable(viewer, &case) {
        Ok(case)
    } else {
        Err(Fault::Service(ServiceError::NotFound))
    }
}

/// A message's sealed body.
#[derive(Serialize, Deserialize)]
pub(crate) struct MessageBody {
    pub(crate) actor: String,
    pub(crate) purpose: Option<MessagePurpose>,
    pub(crate) text: String,
}

/// Changes a case: the only way. `expected` is the version that the caller saw, where it insists.
pub async fn act(
    app: &App,
    viewer: &Viewer,
    id: CaseId,
    expected: Option<u64>,
    command: Command,
) -> Result<Acted, ServiceError> {
    if let Command::Publish {} = command {
        return crate::advisories::publish(app, viewer, id, expected).await;
    }
    if matches!(command, Command::ReadIdentity { .. }) {
        return Err(ServiceError::invalid(
            "command",
            "The identity vault has its own use case.",
            "Use the identity endpoint.",
        ));
    }
    let (a, v) = (app.clone(), viewer.clone());
    let now = app.now();
    let erases = matches!(command, Command::EraseIdentity { .. });
    let writes = matches!(command, Command::ReporterWrites { .. });
    let work = move |tx: &mut Tx<'_>| act_in(&a, tx, &v, id, expected, &command, now);
    let acted = if writes {
        transact_from_reserve(app, work).await?
    } else {
        transact(app, work).await?
    };
    if erases && let Err(error) = app.db().erasures_kept().await {
        // It is erased; sweeping writes the list again.
        tracing::error!(%error, "the list of erasures could not be kept beside the key");
    }
    app.wake();
    Ok(acted)
}

/// [`act`] inside a transaction that the caller has open.
pub(crate) fn act_in(
    app: &App,
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    id: CaseId,
    expected: Option<u64>,
    command: &Command,
    now: Timestamp,
) -> Result<Acted, Fault> {
    let mut case = match viewer {
        // The holder of a receipt code acts on the one case of the one report.
        Viewer::Reporter { report } => fold::case(tx, id)?
            .filter(|c| c.report(*report).is_some())
            .ok_or(Fault::Service(ServiceError::NotFound))?,
        // Somebody of a party acts on the one case that its link belongs to.
        Viewer::Guest { case, participant } if *case == id => fold::case(tx, id)?
            .filter(|c| c.room.participant(*participant).is_some())
            .ok_or(Fault::Service(ServiceError::NotFound))?,
        _ => load(tx, viewer, id)?,
    };
    if expected.is_some_and(|e| e != case.version) {
        return Err(Fault::Service(ServiceError::Conflict));
    }
    let policy = facts::policy(app, tx)?;
    let facts = facts::for_command(app, tx, viewer, &case, command, policy, now)?;
    let decided = decide::decide(&case, &facts, viewer, command, now)?;
    if let Command::MergeInto { target, reason } = command {
        let mut other = load(tx, viewer, *target)?;
        let absorbed = decide::absorb(&other, &case, viewer, reason)?;
        project::append(tx, &mut case, &decided, viewer, now)?;
        project::append(tx, &mut other, &absorbed, viewer, now)?;
        return Ok(Acted {
            version: case.version,
        });
    }
    project::append(tx, &mut case, &decided, viewer, now)?;
    write_messages(app, tx, &case, viewer, command, &facts, now)?;
    crate::rooms::tell(app, tx, &case, viewer, &decided, now)?;
    if let Command::EraseIdentity { report, .. } = command {
        entente_store::vault::erase(tx, *report)?;
    }
    Ok(Acted {
        version: case.version,
    })
}

/// Stores the bodies that a command wrote, and tells whoever is to be told.
fn write_messages(
    app: &App,
    tx: &mut Tx<'_>,
    case: &Case,
    viewer: &Viewer,
    command: &Command,
    facts: &decide::Facts,
    now: Timestamp,
) -> Result<(), Fault> {
    let message = facts.message;
    let store = |tx: &mut Tx<'_>,
                 id: MessageId,
                 thread: Option<uuid::Uuid>,
                 audience: Audience,
                 purpose: Option<MessagePurpose>,
                 text: &str|
     -> Result<(), Fault> {
        let body = MessageBody {
            actor: viewer.actor(),
            purpose,
            text: text.to_owned(),
        };
        let body =
            serde_json::to_vec(&body).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
        messages::insert(
            tx,
            &messages::Message {
                id,
                case: case.id,
                thread,
                audience,
                at: now,
                body,
            },
        )?;
        // What was said in a case finds it, too.
        index::index(tx, case.number, &index::words(text))?;
        Ok(())
    };
    match command {
        Command::Acknowledge { report, body } => {
            store(
                tx,
                message,
                Some(report.0),
                Audience::Reporter,
                Some(MessagePurpose::Acknowledgement),
                body,
            )?;
            jobs::notify_reporter(app, tx, *report, message, now)?;
        }
        Command::SendToReporter {
            report,
            purpose,
            body,
        } => {
            store(
                tx,
                message,
                Some(report.0),
                Audience::Reporter,
                Some(*purpose),
                body,
            )?;
            jobs::notify_reporter(app, tx, *report, message, now)?;
        }
        Command::ReporterWrites { report, body } => {
            store(tx, message, Some(report.0), Audience::Reporter, None, body)?;
            jobs::notify_staff(app, tx, case, message, now)?;
        }
        Command::Comment { audience, body } => {
            store(tx, message, None, *audience, None, body)?;
        }
        Command::WriteToParticipants { participant, body } => {
            let audience = match participant {
                Some(_) => Audience::Participant,
                None => Audience::Participants,
            };
            store(tx, message, participant.map(|p| p.0), audience, None, body)?;
        }
        Command::ParticipantWrites { participant, body } => {
            let thread = Some(participant.0);
            store(tx, message, thread, Audience::Participant, None, body)?;
        }
        Command::Exit { notice, .. } if !notice.trim().is_empty() => {
            // Under the ids that the entries name.
            let reachable = case.reports.iter().filter(|r| r.reachable());
            for (report, &id) in reachable.zip(&facts.notices) {
                store(
                    tx,
                    id,
                    Some(report.id.0),
                    Audience::Reporter,
                    Some(MessagePurpose::ExitNotice),
                    notice,
                )?;
                jobs::notify_reporter(app, tx, report.id, id, now)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Searches the visible cases.
pub async fn search(
    app: &App,
    viewer: &Viewer,
    text: &str,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<CaseSummary>, ServiceError> {
    let (v, text, cursor) = (viewer.clone(), text.to_owned(), cursor.map(str::to_owned));
    Ok(app
        .db()
        .read(move |tx| index::search(tx, &v, &text, cursor.as_deref(), limit))
        .await?)
}

/// Running clocks of visible cases, the most urgent first.
pub async fn clock_board(
    app: &App,
    viewer: &Viewer,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<BoardRow>, ServiceError> {
    let (a, v, cursor) = (app.clone(), viewer.clone(), cursor.map(str::to_owned));
    let now = app.now();
    look(app, move |tx| {
        let people = known::generations(tx)?.people(&a, tx)?;
        let page = entente_store::cases::clock_board(tx, &v, cursor.as_deref(), limit)?;
        Ok(Page {
            items: page
                .items
                .into_iter()
                .map(|e| BoardRow {
                    case: e.case.id,
                    number: e.case.number,
                    breached: e.clock.is_breached(now),
                    owner: e
                        .case
                        .owner
                        .and_then(|o| people.iter().find(|p| p.id == o).map(|p| p.name.clone())),
                    title: e.case.title,
                    clock: e.clock,
                })
                .collect(),
            next: page.next,
        })
    })
    .await
}

/// Who could see the case, from when to when: derived from membership over time (decision 16).
pub async fn access_log(
    app: &App,
    viewer: &Viewer,
    id: CaseId,
) -> Result<Vec<AccessSpan>, ServiceError> {
    let v = viewer.clone();
    look(app, move |tx| {
        let case = load(tx, &v, id)?;
        let people = accounts::all_people(tx)?;
        let name = |id: UserId| {
            people
                .iter()
                .find(|p| p.id == id)
                .map_or_else(|| "Former member of staff".to_owned(), |p| p.name.clone())
        };
        let mut spans: Vec<AccessSpan> = case
            .members
            .iter()
            .map(|m| AccessSpan {
                name: name(m.user),
                role: m.role.label().to_owned(),
                from: m.since,
                until: m.until,
                reason: m.reason.clone(),
            })
            .collect();
        if !case.restricted {
            for person in people.iter().filter(|p| {
                p.roles
                    .iter()
                    .any(|r| matches!(r, Role::Analyst | Role::Lead))
            }) {
                spans.push(AccessSpan {
                    name: person.name.clone(),
                    role: "By office".to_owned(),
                    from: case.opened_at,
                    until: None,
                    reason: "Analysts and leads see cases that are not restricted".to_owned(),
                });
            }
        }
        Ok(spans)
    })
    .await
}

/// Reads a reporter's identity: journalled first, then opened, in one transaction (INV-5).
pub async fn read_identity(
    app: &App,
    viewer: &Viewer,
    id: CaseId,
    report: ReportId,
    reason: &str,
) -> Result<crate::reports::Identity, ServiceError> {
    let (a, v, reason) = (app.clone(), viewer.clone(), reason.to_owned());
    let now = app.now();
    transact(app, move |tx| {
        let mut case = load(tx, &v, id)?;
        let policy = facts::policy(&a, tx)?;
        let command = Command::ReadIdentity {
            report,
            reason: reason.clone(),
        };
        let facts = facts::for_command(&a, tx, &v, &case, &command, policy, now)?;
        let decided = decide::decide(&case, &facts, &v, &command, now)?;
        project::append(tx, &mut case, &decided, &v, now)?;
        match entente_store::vault::open(tx, report)? {
            Some(body) => {
                serde_json::from_slice(&body).map_err(|e| Fault::Service(ServiceError::internal(e)))
            }
            None => Ok(crate::reports::Identity::default()),
        }
    })
    .await
}

/// Closes several cases with the same exit and the same humane notice; each on its own.
pub async fn batch_exit(
    app: &App,
    viewer: &Viewer,
    ids: &[CaseId],
    reason: ExitReason,
    note: &str,
    notice: &str,
) -> Vec<(CaseId, Result<(), ServiceError>)> {
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        let command = Command::Exit {
            reason,
            note: note.to_owned(),
            notice: notice.to_owned(),
            duplicate_of: None,
            siblings_checked: false,
            handed_to: String::new(),
        };
        results.push((*id, act(app, viewer, *id, None, command).await.map(|_| ())));
    }
    results
}
