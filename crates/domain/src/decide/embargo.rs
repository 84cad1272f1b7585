//! The embargo between many parties: proposed, agreed, revised, ended (VP-04 to VP-14). What the
//! fold makes of it stands in `coordination/room`.

use super::{Out, line, optional, text};
use crate::access::Viewer;
use crate::case::Case;
use crate::clock::ClockKind;
use crate::command::Command;
use crate::coordination::EmbargoState;
use crate::coordination::room::{EndCause, Proposal, Room, Standing, Terms};
use crate::entry::{Decided, Entry, Recorded};
use crate::ids::{ParticipantId, TermsId};
use crate::kinds::Publicity;
use crate::rule::{Refusal, RuleId};
use crate::time::Timestamp;

/// The shortest time that anybody is given to answer, in hours (EP-07): a nearer date is moved.
const SHORTEST_REPLY_HOURS: i64 = 72;
/// Proposals that may be open at once.
const MOST_OPEN: usize = 8;
/// The most often that terms may allow an extension.
const MOST_REVISIONS: u32 = 5;

pub(super) fn decide(out: &mut Out<'_>, actor: &Viewer, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::ProposeEmbargo { .. } => propose(out, actor, command),
        Command::AgreeEmbargo { terms, reason } => agree(out, *terms, reason),
        Command::RejectEmbargo { terms, reason } => reject(out, *terms, reason),
        Command::WithdrawProposal { terms, reason } => withdraw(out, actor, *terms, reason),
        Command::EndEmbargo { cause, reason } => {
            text("reason", reason)?;
            ended(out, RuleId::EndedWithReason, *cause, reason);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The participant that acts, where one does.
pub(super) fn own(actor: &Viewer) -> Option<ParticipantId> {
    match actor {
        Viewer::Guest { participant, .. } => Some(*participant),
        _ => None,
    }
}

/// An answer is asked for no earlier than in 72 hours; a nearer date is moved, never refused.
pub(super) fn reply_by(out: &Out<'_>, asked: Timestamp) -> Timestamp {
    asked.max(out.now.plus_hours(SHORTEST_REPLY_HOURS))
}

/// The gate of a proposal, which looks at the case alone.
pub(super) fn proposable(case: &Case, now: Timestamp) -> Result<(), Refusal> {
    if case.room.embargo.state_at(now) == EmbargoState::Exited {
        return Err(Refusal::new(
            RuleId::OneEmbargo,
            "The embargo of this case has ended.",
            "None begins anew; agree with the parties on when each of them publishes.",
        ));
    }
    if case.publicity == Publicity::Full || case.exploited {
        return Err(Refusal::new(
            RuleId::EmbargoViable,
            "The flaw is public or being exploited.",
            "Prepare the release instead.",
        ));
    }
    Ok(())
}

fn propose(out: &mut Out<'_>, actor: &Viewer, command: &Command) -> Result<(), Refusal> {
    let Command::ProposeEmbargo {
        terms: id,
        ends_at,
        reason,
        reply_by: asked,
        revisions_allowed,
        lead_rules,
        carve_outs,
        signer,
    } = command
    else {
        return Ok(());
    };
    text("reason", reason)?;
    optional("carve_outs", carve_outs)?;
    let case = out.case;
    let embargo = &case.room.embargo;
    if embargo.terms_of(*id).is_some() {
        return Err(bounds(
            "terms",
            "These terms exist already.",
            "Use a fresh id.",
        ));
    }
    if embargo.open.len() >= MOST_OPEN {
        return Err(bounds(
            "terms",
            "Too many proposals are open.",
            "Decide on the earliest of them first.",
        ));
    }
    if *revisions_allowed > MOST_REVISIONS {
        return Err(bounds(
            "revisions_allowed",
            "That is more extensions than anybody plans for.",
            "Allow 5 at most.",
        ));
    }
    check_end(out, *ends_at)?;
    let by = own(actor);
    if by.is_some() {
        line("signer", signer)?;
        may_propose(out, by)?;
    }
    // Who joins, or revises, takes over how often the date may move and who may rule on it.
    let frame = embargo
        .in_force_at(out.now)
        .or_else(|| embargo.first_open().map(|o| &o.terms));
    let terms = Terms {
        id: *id,
        ends_at: *ends_at,
        revisions_allowed: frame.map_or(*revisions_allowed, |t| t.revisions_allowed),
        lead_rules: frame.map_or(*lead_rules, |t| t.lead_rules),
        carve_outs: match frame {
            Some(t) if carve_outs.trim().is_empty() => t.carve_outs.clone(),
            _ => carve_outs.trim().to_owned(),
        },
    };
    if let Some(in_force) = embargo.in_force_at(out.now) {
        if terms.ends_at == in_force.ends_at && terms.carve_outs == in_force.carve_outs {
            return Err(bounds(
                "ends_at",
                "These are the terms in force.",
                "Propose another end or other carve-outs.",
            ));
        }
        revisable(out, in_force, &terms)?;
    }
    let begun = embargo.state == EmbargoState::Proposed;
    let entry = Entry::EmbargoProposed {
        terms,
        by,
        signer: if by.is_some() {
            signer.trim().to_owned()
        } else {
            String::new()
        },
        reply_by: reply_by(out, *asked),
    };
    out.push_because(RuleId::ExactEnd, entry, reason);
    if begun && by.is_some() {
        // Two ends are on the table and each side promised its own: the shorter one is agreed, the
        // longer one is from now on the wish for a revision (VP-07-004, VP-07-005).
        shortest_wins(out);
    }
    answers_clock(out);
    Ok(())
}

fn may_propose(out: &Out<'_>, by: Option<ParticipantId>) -> Result<(), Refusal> {
    let standing = by
        .and_then(|p| out.case.room.participant(p))
        .map(|p| p.standing);
    let state = out.case.room.embargo.state_at(out.now);
    match (standing, state) {
        (Some(Standing::Joined), _) | (Some(Standing::Invited), EmbargoState::Proposed) => Ok(()),
        _ => Err(Refusal::new(
            RuleId::TermsFirst,
            "Other terms are proposed by whoever signed those in force.",
            "Sign the terms in force, then propose other ones.",
        )),
    }
}

fn check_end(out: &Out<'_>, ends_at: Timestamp) -> Result<(), Refusal> {
    if ends_at <= out.now {
        return Err(Refusal::new(
            RuleId::ExactEnd,
            "The end lies in the past.",
            "Choose a future instant.",
        )
        .at("ends_at"));
    }
    // Counted from the agreement on the first terms, so that no chain of revisions passes the cap.
    let since = out.case.room.embargo.since.unwrap_or(out.now);
    let days = out.facts.policy.numbers.embargo_cap_days;
    let cap = since.plus_days(i64::from(days));
    if ends_at > cap {
        return Err(Refusal::new(
            RuleId::ExactEnd,
            format!("The policy caps an embargo at {days} days."),
            format!("Choose an instant up to {cap}."),
        )
        .at("ends_at"));
    }
    Ok(())
}

/// Whether terms could follow those in force: a later end only as often as was agreed.
fn revisable(out: &Out<'_>, in_force: &Terms, next: &Terms) -> Result<(), Refusal> {
    if next.ends_at > in_force.ends_at
        && out.case.room.embargo.revisions >= in_force.revisions_allowed
    {
        return Err(Refusal::new(
            RuleId::RevisionCap,
            format!(
                "The terms allow {} extensions, and all of them were made.",
                in_force.revisions_allowed
            ),
            "Keep to the end that was agreed.",
        )
        .at("ends_at"));
    }
    Ok(())
}

/// Puts the proposal that ends first in force. Whoever is for any of those that are open is for
/// it: a longer promise holds a shorter one.
pub(super) fn shortest_wins(out: &mut Out<'_>) {
    let room = after(out);
    let Some(first) = room.embargo.first_open() else {
        return;
    };
    let mut signatories: Vec<ParticipantId> = room
        .embargo
        .open
        .iter()
        .flat_map(|o| o.votes.iter().filter(|(_, vote)| vote.yes))
        .map(|(who, _)| *who)
        .collect();
    signatories.sort_unstable();
    signatories.dedup();
    let terms = first.terms.id;
    agreed(
        out,
        RuleId::ProposalOrder,
        terms,
        signatories,
        first.terms.ends_at,
        "",
    );
}

fn agreed(
    out: &mut Out<'_>,
    rule: RuleId,
    terms: TermsId,
    signatories: Vec<ParticipantId>,
    ends_at: Timestamp,
    reason: &str,
) {
    let entry = Entry::EmbargoAgreed { terms, signatories };
    if reason.trim().is_empty() {
        out.push(rule, entry);
    } else {
        out.push_because(rule, entry, reason);
    }
    out.stop(rule, ClockKind::EmbargoDate, None);
    out.start_until(rule, ClockKind::EmbargoDate, None, ends_at);
}

fn open_proposal<'a>(out: &Out<'a>, terms: TermsId) -> Result<&'a Proposal, Refusal> {
    out.case.room.embargo.proposal(terms).ok_or_else(|| {
        Refusal::new(
            RuleId::ProposalOrder,
            "No such proposal is open.",
            "Choose one of those that are open.",
        )
        .at("terms")
    })
}

fn first_first(out: &Out<'_>, proposal: &Proposal) -> Result<(), Refusal> {
    match out.case.room.embargo.first_open() {
        Some(first) if first.terms.ends_at < proposal.terms.ends_at => Err(Refusal::new(
            RuleId::ProposalOrder,
            "Another proposal ends earlier.",
            "Decide on that one first.",
        )
        .at("terms")),
        _ => Ok(()),
    }
}

fn agree(out: &mut Out<'_>, terms: TermsId, reason: &str) -> Result<(), Refusal> {
    optional("reason", reason)?;
    let proposal = open_proposal(out, terms)?;
    first_first(out, proposal)?;
    let room = &out.case.room;
    let Some(in_force) = room.embargo.in_force_at(out.now) else {
        return Err(Refusal::new(
            RuleId::SignatoriesAgree,
            "Nobody signed these terms yet.",
            "They are in force as soon as one party signs them.",
        )
        .at("terms"));
    };
    revisable(out, in_force, &proposal.terms)?;
    let missing = room.unanswered(proposal).count();
    let joined = || {
        room.participants
            .iter()
            .filter(|p| p.standing == Standing::Joined)
    };
    let all = joined().all(|p| proposal.supported_by(p.id));
    let later = proposal.terms.ends_at > in_force.ends_at;
    let heard = missing == 0 || out.now >= proposal.reply_by;
    if later && !all {
        if !in_force.lead_rules {
            return Err(Refusal::new(
                RuleId::SignatoriesAgree,
                "Not every signatory said yes, and the terms ask for that.",
                "Wait for their answers, or reject the proposal.",
            )
            .at("terms"));
        }
        if !heard {
            return Err(Refusal::new(
                RuleId::SignatoriesAgree,
                format!("{missing} answers are missing, and their time runs."),
                format!("Wait for them until {}, then rule.", proposal.reply_by),
            )
            .at("terms"));
        }
        text("reason", reason)?;
    }
    let signatories = joined()
        .filter(|p| proposal.supported_by(p.id))
        .map(|p| p.id)
        .collect();
    let ends_at = proposal.terms.ends_at;
    agreed(
        out,
        RuleId::SignatoriesAgree,
        terms,
        signatories,
        ends_at,
        reason,
    );
    answers_clock(out);
    Ok(())
}

fn reject(out: &mut Out<'_>, terms: TermsId, reason: &str) -> Result<(), Refusal> {
    text("reason", reason)?;
    let proposal = open_proposal(out, terms)?;
    let mut rejected = vec![terms];
    if out.case.room.embargo.in_force_at(out.now).is_some() {
        first_first(out, proposal)?;
        // Deciding stops at the first no: what ends later still goes with it.
        let open = &out.case.room.embargo.open;
        rejected.extend(open.iter().map(|o| o.terms.id).filter(|t| *t != terms));
    }
    for terms in rejected {
        let entry = Entry::ProposalRejected { terms };
        out.push_because(RuleId::ProposalOrder, entry, reason);
    }
    answers_clock(out);
    Ok(())
}

fn withdraw(
    out: &mut Out<'_>,
    actor: &Viewer,
    terms: TermsId,
    reason: &str,
) -> Result<(), Refusal> {
    text("reason", reason)?;
    if open_proposal(out, terms)?.by != own(actor) {
        return Err(Refusal::new(
            RuleId::SpeaksForItself,
            "Somebody else proposed these terms.",
            "Say no to them instead.",
        )
        .at("terms"));
    }
    let entry = Entry::ProposalWithdrawn { terms };
    out.push_because(RuleId::ProposalOrder, entry, reason);
    answers_clock(out);
    Ok(())
}

/// What the end of secrecy does to an embargo: one in force ends; what is only proposed is
/// rejected (EMB-16-001). The fact itself stands before it in the journal (C-14).
pub(super) fn ended(out: &mut Out<'_>, rule: RuleId, cause: EndCause, reason: &str) {
    let entries = ending(&out.case.room, cause, out.now);
    let any = !entries.is_empty();
    for entry in entries {
        out.push_because(rule, entry, reason);
    }
    if any {
        out.stop(rule, ClockKind::EmbargoDate, None);
        answers_clock(out);
    }
}

/// The entries of [`ended`].
pub(super) fn ending(room: &Room, cause: EndCause, now: Timestamp) -> Vec<Entry> {
    match room.embargo.state_at(now) {
        EmbargoState::Active | EmbargoState::Revise => vec![Entry::EmbargoEnded { cause }],
        EmbargoState::Proposed => rejections(room),
        EmbargoState::None | EmbargoState::Exited => Vec::new(),
    }
}

/// Rejects what is only proposed, and leaves alone what is in force.
pub(super) fn pending_rejected(out: &mut Out<'_>, rule: RuleId, reason: &str) {
    if out.case.room.embargo.state == EmbargoState::Proposed {
        for entry in rejections(&out.case.room) {
            out.push_because(rule, entry, reason);
        }
        answers_clock(out);
    }
}

/// The rejection of everything that is only proposed.
pub(super) fn rejections(room: &Room) -> Vec<Entry> {
    let open = room.embargo.open.iter().map(|o| o.terms.id);
    open.map(|terms| Entry::ProposalRejected { terms })
        .collect()
}

/// The room as it will be after what was decided so far.
fn after(out: &Out<'_>) -> Room {
    let mut room = out.case.room.clone();
    for decided in &out.entries {
        room.apply(&Recorded {
            seq: 0,
            at: out.now,
            actor: String::new(),
            decided: Decided::clone(decided),
        });
    }
    room
}

/// One clock for the answers of all parties, due when the first one that is missing is.
pub(super) fn answers_clock(out: &mut Out<'_>) {
    let room = after(out);
    let live = !matches!(
        room.embargo.state_at(out.now),
        EmbargoState::None | EmbargoState::Exited
    );
    let invitations = room
        .participants
        .iter()
        .filter(|p| p.standing == Standing::Invited && !p.silent(out.now))
        .map(|p| p.reply_by);
    let revisions = room
        .embargo
        .open
        .iter()
        .filter(|o| out.now < o.reply_by && room.unanswered(o).next().is_some())
        .map(|o| o.reply_by);
    let due = invitations.chain(revisions).min().filter(|_| live);
    let running = out
        .case
        .open_clock(ClockKind::PartyReply, None)
        .map(|c| c.due_at);
    if due != running {
        out.stop(RuleId::ReplyBy, ClockKind::PartyReply, None);
        if let Some(due) = due {
            out.start_until(RuleId::ReplyBy, ClockKind::PartyReply, None, due);
        }
    }
}

pub(super) fn bounds(field: &'static str, why: &str, remedy: &str) -> Refusal {
    Refusal::new(RuleId::Bounds, why, remedy).at(field)
}
