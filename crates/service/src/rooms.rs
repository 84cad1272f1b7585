//! The room of a case as somebody of a party sees it: the terms and the invitation before the
//! signature, the content behind the gate after it. What leaves to a participant leaves from here.
//!
//! [`content`] is the only place that takes anything of a case for a participant, and it asks
//! [`Room::opens`](entente_domain::coordination::room::Room::opens) first.

mod links;
mod tell;

pub(crate) use links::reachable;
pub use links::{Guest, GuestSession, enter, guest, leave};
pub(crate) use tell::tell;

use crate::cases::MessageBody;
use crate::error::ServiceError;
use crate::{App, Fault, facts, fold, known, look};
use entente_domain::access::Viewer;
use entente_domain::case::Case;
use entente_domain::command::CommandKind;
use entente_domain::coordination::room::{
    Closed, EndCause, Participant, ParticipantRole, ParticipantStep, Proposal, Signature, Standing,
    Terms,
};
use entente_domain::coordination::{EmbargoState, ReportState};
use entente_domain::decide;
use entente_domain::ids::ParticipantId;
use entente_domain::kinds::{Audience, Publicity};
use entente_domain::rule::Refusal;
use entente_domain::time::Timestamp;
use entente_store::{Tx, messages};

/// Who proposed terms, as the others are told: a party learns of no other party here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proposer {
    /// The host of the case.
    Host,
    /// Whoever looks.
    You,
    /// Another participant.
    Another,
}

/// Proposed terms as a participant sees them.
#[derive(Clone, PartialEq, Debug)]
pub struct ProposalView {
    /// The terms.
    pub terms: Terms,
    /// By whom.
    pub by: Proposer,
    /// When.
    pub at: Timestamp,
    /// Until when an answer is asked for.
    pub reply_by: Timestamp,
    /// Why; only where the gate is open.
    pub reason: Option<String>,
    /// What the participant said to it.
    pub answer: Option<bool>,
}

/// One message of the room.
#[derive(Clone, PartialEq, Debug)]
pub struct RoomMessage {
    /// Whether the participant's own side wrote it.
    pub own: bool,
    /// Whether it went to all participants.
    pub to_all: bool,
    /// When.
    pub at: Timestamp,
    /// Its text.
    pub body: String,
}

/// What the gate lets through.
#[derive(Clone, PartialEq, Debug)]
pub struct Content {
    /// What the host shared, in its words.
    pub brief: String,
    /// The CVE id, once there is one.
    pub cve: Option<String>,
    /// The weakness, as id and name.
    pub weakness: Option<(String, String)>,
    /// The newest score: method, vector, score in tenths and severity.
    pub score: Option<(String, String, u32, String)>,
    /// How public the flaw is.
    pub publicity: Publicity,
    /// Whether attacks were seen.
    pub exploited: bool,
    /// The public id of the advisory, once published.
    pub advisory: Option<String>,
    /// What was written, oldest first.
    pub messages: Vec<RoomMessage>,
    /// The steps that are open to the participant now.
    pub steps: Vec<ParticipantStep>,
}

/// The participant's own part: what it was told, and what it said. Our reasons are not in it.
#[derive(Clone, PartialEq, Debug)]
pub struct OwnPart {
    /// The party's name.
    pub name: String,
    /// As what it takes part.
    pub roles: Vec<ParticipantRole>,
    /// The invitation's component.
    pub component: String,
    /// The invitation's versions.
    pub versions: String,
    /// The invitation's note.
    pub note: String,
    /// Until when an answer is asked for.
    pub reply_by: Timestamp,
    /// Whether that time ran out without one.
    pub silent: bool,
    /// Where it stands.
    pub standing: Standing,
    /// Its management of the report.
    pub report: ReportState,
    /// Whether its fix is ready.
    pub fix_ready: bool,
    /// Whether its fix is deployed.
    pub fix_deployed: bool,
}

impl OwnPart {
    fn of(p: &Participant, now: Timestamp) -> Self {
        Self {
            name: p.name.clone(),
            roles: p.roles.clone(),
            component: p.component.clone(),
            versions: p.versions.clone(),
            note: p.note.clone(),
            reply_by: p.reply_by,
            silent: p.silent(now),
            standing: p.standing,
            report: p.report,
            fix_ready: p.fix_ready,
            fix_deployed: p.fix_deployed,
        }
    }
}

/// When and by what an embargo ended before its instant; why stays with us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EndedView {
    /// When.
    pub at: Timestamp,
    /// By what.
    pub cause: EndCause,
}

/// What somebody of a party sees.
#[derive(Clone, PartialEq, Debug)]
pub struct RoomView {
    /// What both sides call this part.
    pub reference: String,
    /// The participant's own part.
    pub own: OwnPart,
    /// Where the embargo stands now.
    pub state: EmbargoState,
    /// The terms in force.
    pub in_force: Option<Terms>,
    /// The terms that ended last, where none are in force.
    pub last: Option<Terms>,
    /// How it ended before its instant.
    pub ended: Option<EndedView>,
    /// How many extensions were agreed.
    pub revisions: u32,
    /// What is proposed and open, the one that ends first at the head.
    pub proposals: Vec<ProposalView>,
    /// The terms to sign now, if there are any: in force, or proposed as the first ones.
    pub to_sign: Option<Terms>,
    /// What the participant signed last.
    pub signed: Option<Signature>,
    /// Whether it left and is bound still.
    pub bound: bool,
    /// What the gate lets through.
    pub content: Result<Content, Closed>,
    /// The commands that are refused now, with the reason.
    pub closed: Vec<(CommandKind, Refusal)>,
}

impl RoomView {
    /// Whether a command is open to the participant now.
    pub fn may(&self, kind: CommandKind) -> bool {
        !self.closed.iter().any(|(k, _)| *k == kind)
    }
}

/// What somebody of a party does.
const THEIRS: [CommandKind; 7] = [
    CommandKind::SignTerms,
    CommandKind::DeclineTerms,
    CommandKind::LeaveCase,
    CommandKind::ReportStanding,
    CommandKind::ParticipantWrites,
    CommandKind::ProposeEmbargo,
    CommandKind::WithdrawProposal,
];

/// The room, for whoever is behind a guest's link.
///
/// # Errors
/// Not found for everybody else.
pub async fn view(app: &App, viewer: &Viewer) -> Result<RoomView, ServiceError> {
    let (a, v) = (app.clone(), viewer.clone());
    let now = app.now();
    look(app, move |tx| {
        let Viewer::Guest { case, participant } = v else {
            return Err(Fault::Service(ServiceError::NotFound));
        };
        tx.act_as(&v)?;
        let missing = || Fault::Service(ServiceError::NotFound);
        let case = fold::case(tx, case)?.ok_or_else(missing)?;
        let policy = known::generations(tx)?.policy(&a, tx)?;
        let facts = facts::basic(
            (*policy).clone(),
            entente_domain::ids::MessageId(uuid::Uuid::nil()),
        );
        let closed = THEIRS
            .into_iter()
            .filter_map(|kind| Some((kind, decide::gate(&case, &facts, &v, kind, now).err()?)))
            .collect();
        let p = case.room.participant(participant).ok_or_else(missing)?;
        let content = content(tx, &case, p, now)?;
        Ok(seen(&case, p, content, closed, now))
    })
    .await
}

fn seen(
    case: &Case,
    p: &Participant,
    content: Result<Content, Closed>,
    closed: Vec<(CommandKind, Refusal)>,
    now: Timestamp,
) -> RoomView {
    let embargo = &case.room.embargo;
    let state = embargo.state_at(now);
    let in_force = embargo.in_force_at(now).cloned();
    let mut open: Vec<&Proposal> = embargo.open.iter().collect();
    open.sort_by_key(|o| o.terms.ends_at);
    let proposals = open
        .iter()
        .map(|o| ProposalView {
            terms: o.terms.clone(),
            by: match o.by {
                None => Proposer::Host,
                Some(by) if by == p.id => Proposer::You,
                Some(_) => Proposer::Another,
            },
            at: o.at,
            reply_by: o.reply_by,
            reason: content.is_ok().then(|| o.reason.clone()),
            answer: o
                .votes
                .iter()
                .find(|(who, _)| *who == p.id)
                .map(|(_, v)| v.yes),
        })
        .collect();
    let signed = p.signatures.last().cloned();
    let current = in_force.as_ref().filter(|t| {
        p.standing == Standing::Invited || signed.as_ref().is_none_or(|s| s.terms != t.id)
    });
    let first = embargo
        .first_open()
        .filter(|o| state == EmbargoState::Proposed && !o.supported_by(p.id));
    RoomView {
        reference: p.reference(),
        state,
        last: embargo.terms.clone().filter(|_| in_force.is_none()),
        ended: embargo.ended.as_ref().map(|e| EndedView {
            at: e.at,
            cause: e.cause,
        }),
        revisions: embargo.revisions,
        proposals,
        to_sign: current.cloned().or(first.map(|o| o.terms.clone())),
        signed,
        bound: case.room.still_bound(p, now),
        content,
        closed,
        own: OwnPart::of(p, now),
        in_force,
    }
}

/// What a participant may know of the case now, or why nothing.
fn content(
    tx: &mut Tx<'_>,
    case: &Case,
    p: &Participant,
    now: Timestamp,
) -> Result<Result<Content, Closed>, Fault> {
    if let Err(closed) = case.room.opens(p.id, now) {
        return Ok(Err(closed));
    }
    let messages = messages::of_room(tx, case.id, p.id)?
        .into_iter()
        .map(|m| {
            let body: MessageBody = serde_json::from_slice(&m.body)
                .map_err(|e| Fault::Service(ServiceError::internal(e)))?;
            Ok(RoomMessage {
                own: body.actor == own_actor(p.id),
                to_all: m.audience == Audience::Participants,
                at: m.at,
                body: body.text,
            })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    let advisory = case
        .advisory
        .as_ref()
        .filter(|a| !a.revisions.is_empty() && case.publicity == Publicity::Full);
    Ok(Ok(Content {
        brief: case.room.brief.clone(),
        cve: case.cve.clone(),
        weakness: case.cwe.clone(),
        score: case.scores.last().map(|s| {
            let tenths = u32::from(s.tenths);
            (
                s.method.clone(),
                s.vector.clone(),
                tenths,
                s.severity.clone(),
            )
        }),
        publicity: case.publicity,
        exploited: case.exploited,
        advisory: advisory.and_then(|a| a.public_id.clone()),
        messages,
        steps: p.next_steps(),
    }))
}

fn own_actor(id: ParticipantId) -> String {
    format!("participant:{id}")
}
