//! The case page: everything that one look at a case needs, in as few statements as it takes.
//!
//! Reads only. Changes go through [`crate::cases::act`].

use crate::cases::{MessageBody, Person, readable};
use crate::error::ServiceError;
use crate::standing::{self, Standing};
use crate::{App, Fault, facts, fold, known, look};
use entente_domain::access::{Action, Resource, Role, Viewer, may};
use entente_domain::case::Case;
use entente_domain::command::CommandKind;
use entente_domain::decide;
use entente_domain::ids::{AttachmentId, CaseId, MessageId, ParticipantId, ReportId};
use entente_domain::kinds::{Audience, MessagePurpose, Stage};
use entente_domain::rule::Refusal;
use entente_domain::time::Timestamp;
use entente_store::snapshots::Asked;
use entente_store::{Tx, messages, search as index};

/// A message as the case page shows it.
#[derive(Clone, PartialEq, Debug)]
pub struct MessageView {
    /// Its id.
    pub id: MessageId,
    /// The report whose thread it stands in; `None` for comments.
    pub report: Option<ReportId>,
    /// The participant whose thread it stands in.
    pub participant: Option<ParticipantId>,
    /// Who may read it.
    pub audience: Audience,
    /// What it counts as, where it went to the reporter.
    pub purpose: Option<MessagePurpose>,
    /// The writer's name for display.
    pub author: String,
    /// Whether the reporter wrote it.
    pub from_reporter: bool,
    /// Whether somebody of a party wrote it.
    pub from_participant: bool,
    /// When.
    pub at: Timestamp,
    /// Its text.
    pub body: String,
}

/// Whether a command is open now, and if not, why.
#[derive(Clone, PartialEq, Debug)]
pub struct ActionState {
    /// The command.
    pub kind: CommandKind,
    /// Why it would be refused.
    pub refusal: Option<Refusal>,
}

/// A product to choose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProductChoice {
    /// Its id.
    pub id: entente_domain::ids::ProductId,
    /// Its name.
    pub name: String,
}

/// A party to choose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartyChoice {
    /// Its id.
    pub id: entente_domain::ids::PartyId,
    /// Its name.
    pub name: String,
}

/// An attachment of the case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttachmentView {
    /// Its id.
    pub id: AttachmentId,
    /// The name that the sender gave, made safe.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its content, hex.
    pub sha256: String,
    /// When it arrived.
    pub at: Timestamp,
    /// The report whose thread it belongs to; its reporter sees it.
    pub report: Option<ReportId>,
}

impl From<entente_store::attachments::Attachment> for AttachmentView {
    fn from(a: entente_store::attachments::Attachment) -> Self {
        Self {
            id: a.id,
            name: a.facts.name,
            bytes: a.facts.bytes,
            sha256: a.facts.sha256,
            at: a.at,
            report: a.facts.report,
        }
    }
}

/// A case that may be about the same thing, and why we think so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DuplicateHint {
    /// That case.
    pub case: CaseId,
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// The reason, in words.
    pub reason: String,
}

/// Everything that the case page shows.
#[derive(Clone, PartialEq, Debug)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// Messages and comments that the viewer may read, oldest first.
    pub messages: Vec<MessageView>,
    /// Every command with its state.
    pub actions: Vec<ActionState>,
    /// Active staff.
    pub people: Vec<Person>,
    /// Products of the registry.
    pub products: Vec<ProductChoice>,
    /// Parties of the register; only for the page of the room.
    pub parties: Vec<PartyChoice>,
    /// Attachments.
    pub attachments: Vec<AttachmentView>,
    /// Cases that may be about the same thing.
    pub duplicates: Vec<DuplicateHint>,
    /// How the instance stands; without an approved internal policy it is on trial (30111 6.3).
    pub standing: Standing,
}

/// The case with this id.
pub async fn open(app: &App, viewer: &Viewer, id: CaseId) -> Result<CaseFile, ServiceError> {
    let (v, a) = (viewer.clone(), app.clone());
    look(app, move |tx| {
        let case = fold::visible(tx, &v, Asked::Id(id))?;
        file(&a, tx, &v, case)
    })
    .await
}

/// The case with this staff number.
pub async fn open_by_number(
    app: &App,
    viewer: &Viewer,
    number: i64,
) -> Result<CaseFile, ServiceError> {
    let (v, a) = (viewer.clone(), app.clone());
    look(app, move |tx| {
        let case = fold::visible(tx, &v, Asked::Number(number))?;
        file(&a, tx, &v, case)
    })
    .await
}

/// The case with this staff number, with the parties that the page of its room lets choose from.
pub async fn open_room(app: &App, viewer: &Viewer, number: i64) -> Result<CaseFile, ServiceError> {
    let (v, a) = (viewer.clone(), app.clone());
    look(app, move |tx| {
        let case = fold::visible(tx, &v, Asked::Number(number))?;
        let mut file = file(&a, tx, &v, case)?;
        if may(&v, Action::Read, Resource::Parties) {
            file.parties = crate::parties::choices(tx)?;
        }
        Ok(file)
    })
    .await
}

fn file(
    app: &App,
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    case: Option<Case>,
) -> Result<CaseFile, Fault> {
    let case = case
        .filter(|case| readable(viewer, case))
        .ok_or(Fault::Service(ServiceError::NotFound))?;
    let now = app.now();
    let known = known::generations(tx)?;
    let people = known.people(app, tx)?;
    let sees_legal = viewer.has(Role::Legal) || viewer.has(Role::Lead);
    let messages = messages::of_case(tx, case.id)?
        .into_iter()
        .chain(other_threads(tx, &case)?)
        .filter(|m| m.audience != Audience::Legal || sees_legal)
        .map(|m| {
            let body: MessageBody = serde_json::from_slice(&m.body)
                .map_err(|e| Fault::Service(ServiceError::internal(e)))?;
            let thread = |of: Audience| m.thread.filter(|_| m.audience == of);
            Ok(MessageView {
                id: m.id,
                report: thread(Audience::Reporter).map(ReportId),
                participant: thread(Audience::Participant).map(ParticipantId),
                audience: m.audience,
                purpose: body.purpose,
                author: display_name(&body.actor, &people, &case),
                from_participant: body.actor.starts_with("participant:"),
                from_reporter: body.actor.starts_with("reporter:"),
                at: m.at,
                body: body.text,
            })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    let policy = known.policy(app, tx)?;
    let standing = standing::of(app, tx, &known, viewer)?;
    let gates = facts::for_gates(app, &case, (*policy).clone(), now);
    let actions = decide::open_actions(&case, &gates, viewer, now)
        .into_iter()
        .map(|(kind, refusal)| ActionState { kind, refusal })
        .collect();
    let attachments = entente_store::attachments::of_case(tx, case.id)?
        .into_iter()
        .map(AttachmentView::from)
        .collect();
    let duplicates = duplicates(tx, viewer, &case)?;
    let products = known
        .products(app, tx)?
        .iter()
        .map(|p| ProductChoice {
            id: p.id,
            name: p.form.name.clone(),
        })
        .collect();
    Ok(CaseFile {
        products,
        parties: Vec::new(),
        case,
        messages,
        actions,
        people: Vec::clone(&people),
        attachments,
        duplicates,
        standing,
    })
}

/// Threads of reports that came from a merged case: their messages stay where they were written.
fn other_threads(tx: &mut Tx<'_>, case: &Case) -> Result<Vec<messages::Message>, Fault> {
    let mut found = Vec::new();
    for report in case.reports.iter().filter(|r| r.absorbed_from.is_some()) {
        for message in messages::of_report(tx, report.id)? {
            if message.case != case.id {
                found.push(message);
            }
        }
    }
    Ok(found)
}

/// The name behind the clear form of an actor.
fn display_name(actor: &str, people: &[Person], case: &Case) -> String {
    if let Some(id) = actor.strip_prefix("user:") {
        return people
            .iter()
            .find(|p| p.id.to_string() == id)
            .map_or_else(|| "Former member of staff".to_owned(), |p| p.name.clone());
    }
    if let Some(id) = actor.strip_prefix("participant:") {
        let mut all = case.room.participants.iter();
        return all
            .find(|p| p.id.to_string() == id)
            .map_or_else(|| "A participant".to_owned(), |p| p.name.clone());
    }
    if actor.starts_with("reporter:") {
        return "Reporter".to_owned();
    }
    actor
        .strip_prefix("system:")
        .and_then(|s| s.parse::<entente_domain::access::SystemViewer>().ok())
        .map_or_else(|| "System".to_owned(), |s| s.label().to_owned())
}

/// Other visible cases that share the product or telling words, with the reason. Only while it is
/// open whether this is a new matter: after the verdict nobody asks that any more.
fn duplicates(tx: &mut Tx<'_>, viewer: &Viewer, case: &Case) -> Result<Vec<DuplicateHint>, Fault> {
    let undecided =
        matches!(case.stage, Stage::Receipt | Stage::Verification) && case.verdict().is_none();
    let Some(report) = case.reports.first().filter(|_| undecided) else {
        return Ok(Vec::new());
    };
    let form = &report.form;
    let mut searches: Vec<(String, String)> = Vec::new();
    if let Some(cve) = &case.cve {
        searches.push((cve.clone(), format!("Same identifier {cve}")));
    }
    for id in form.tracking_ids.split_whitespace().take(3) {
        searches.push((id.to_owned(), format!("Mentions {id}")));
    }
    // The longest words of the description say most.
    let mut words: Vec<String> = index::words(&form.description)
        .into_iter()
        .filter(|w| w.chars().count() >= 6)
        .collect();
    words.sort_by_key(|w| std::cmp::Reverse(w.chars().count()));
    for pair in words.chunks(2).take(3) {
        let pair = pair.join(" ");
        searches.push((
            format!("{} {pair}", form.product),
            format!("Same product, and the words “{pair}”"),
        ));
    }
    if !form.version.trim().is_empty() {
        searches.push((
            format!("{} {}", form.product, form.version),
            "Same product and version".to_owned(),
        ));
    }
    let texts: Vec<&str> = searches.iter().map(|(text, _)| text.as_str()).collect();
    let found = index::first_of_each(tx, viewer, &texts, case.number, MOST_HINTS)?;
    Ok(found
        .into_iter()
        .filter_map(|(n, other)| {
            Some(DuplicateHint {
                case: other.id,
                number: other.number,
                title: other.title,
                reason: searches.get(n)?.1.clone(),
            })
        })
        .collect())
}

/// Hints of one case at most.
const MOST_HINTS: usize = 5;
