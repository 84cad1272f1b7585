//! The parties of a case: who is invited and why, who signs, declines and leaves, and what is said
//! between them and the host. Content goes through the gate of the room, and only through it.

use super::embargo::{answers_clock, bounds, own, reply_by, shortest_wins};
use super::{Out, line, optional, optional_line, text};
use crate::access::Viewer;
use crate::clock::ClockKind;
use crate::command::Command;
use crate::coordination::EmbargoState;
use crate::coordination::room::{Closed, Participant, ParticipantRole, ParticipantStep, Standing};
use crate::coordination::teaser::{self, TeaserLine};
use crate::entry::Entry;
use crate::ids::{GuestLinkId, ParticipantId, TermsId};
use crate::kinds::Stage;
use crate::rule::{Refusal, RuleId};

/// Participants of one case at most.
const MOST_PARTICIPANTS: usize = 500;
/// Links of one party that open at once.
const MOST_LINKS: usize = 50;
/// The longest brief, in bytes: it is read with the case each time.
const LONGEST_BRIEF: usize = 32 * 1024;

#[expect(clippy::too_many_lines, reason = "one arm for each command")]
pub(super) fn decide(out: &mut Out<'_>, actor: &Viewer, command: &Command) -> Result<(), Refusal> {
    let message = out.facts.message;
    match command {
        Command::InviteParty { .. } => invite(out, command)?,
        Command::RenewInvitation {
            participant,
            reply_by: asked,
            reason,
        } => {
            text("reason", reason)?;
            let p = named(out, *participant)?;
            if p.standing == Standing::Joined {
                return Err(Refusal::new(
                    RuleId::TermsFirst,
                    "This party takes part already.",
                    "Nothing is to be done.",
                )
                .at("participant"));
            }
            let contacts = contacts_of(out, p)?;
            let entry = Entry::InvitationRenewed {
                participant: *participant,
                reply_by: reply_by(out, *asked),
            };
            out.push_because(RuleId::InvitedByLead, entry, reason);
            give(out, *participant, contacts);
            answers_clock(out);
        }
        Command::GiveGuestLink { .. } => give_one(out, command)?,
        Command::RevokeGuestLink { link, reason } => {
            text("reason", reason)?;
            let open = out.case.room.link(*link).filter(|(_, l)| l.until.is_none());
            let Some((p, _)) = open else {
                return Err(Refusal::new(
                    RuleId::LinkOfOne,
                    "No such link opens.",
                    "Choose one that somebody holds.",
                )
                .at("link"));
            };
            let entry = Entry::GuestLinkRevoked {
                participant: p.id,
                link: *link,
            };
            out.push_because(RuleId::LinkOfOne, entry, reason);
        }
        Command::RemoveParticipant {
            participant,
            reason,
        } => {
            text("reason", reason)?;
            if gone(named(out, *participant)?) {
                return Err(Refusal::new(
                    RuleId::StillBound,
                    "This party takes no part any more.",
                    "Nothing is to be done.",
                )
                .at("participant"));
            }
            leave(out, *participant, true, reason);
        }
        Command::LeaveCase {
            participant,
            reason,
        } => {
            text("reason", reason)?;
            let p = themselves(out, actor, *participant)?;
            if p.standing != Standing::Joined {
                return Err(Refusal::new(
                    RuleId::StillBound,
                    "You take no part that you could leave.",
                    "Decline the invitation instead, where one is open.",
                )
                .at("participant"));
            }
            leave(out, *participant, false, reason);
        }
        Command::SignTerms {
            participant,
            terms,
            signer,
        } => sign(out, actor, *participant, *terms, signer)?,
        Command::DeclineTerms {
            participant,
            terms,
            reason,
        } => decline(out, actor, *participant, *terms, reason)?,
        Command::ReportStanding {
            participant,
            step,
            note,
        } => {
            optional("note", note)?;
            let p = if own(actor).is_some() {
                themselves(out, actor, *participant)?
            } else {
                named(out, *participant)?
            };
            opened(out, p.id)?;
            legal(p, *step)?;
            out.push(
                RuleId::ParticipantSteps,
                Entry::StandingReported {
                    participant: *participant,
                    step: *step,
                    note: note.clone(),
                },
            );
        }
        Command::ShareBrief { text: brief } => {
            text("text", brief)?;
            if brief.len() > LONGEST_BRIEF {
                return Err(bounds(
                    "text",
                    "The text is too long.",
                    "Keep it under 32 KiB; send details as a message.",
                ));
            }
            let text = brief.trim().to_owned();
            out.push(RuleId::ConsentGate, Entry::BriefShared { text });
        }
        Command::WriteToParticipants { participant, body } => {
            text("body", body)?;
            if let Some(id) = participant {
                named(out, *id)?;
                opened(out, *id)?;
            }
            let entry = Entry::MessageToParticipants {
                participant: *participant,
                message,
            };
            out.push(RuleId::ConsentGate, entry);
            out.stop(RuleId::KeepInformed, ClockKind::ReplyToParty, None);
        }
        Command::ParticipantWrites { participant, body } => {
            text("body", body)?;
            themselves(out, actor, *participant)?;
            opened(out, *participant)?;
            let entry = Entry::MessageFromParticipant {
                participant: *participant,
                message,
            };
            out.push(RuleId::KeepInformed, entry);
            let waits = out.case.open_clock(ClockKind::ReplyToParty, None).is_some();
            if out.case.stage != Stage::Closed && !waits {
                out.start(RuleId::KeepInformed, ClockKind::ReplyToParty, None);
            }
        }
        _ => {}
    }
    Ok(())
}

fn gone(p: &Participant) -> bool {
    matches!(p.standing, Standing::Left | Standing::Removed)
}

fn named<'a>(out: &Out<'a>, id: ParticipantId) -> Result<&'a Participant, Refusal> {
    out.case.room.participant(id).ok_or_else(|| {
        Refusal::new(
            RuleId::SpeaksForItself,
            "This case has no such participant.",
            "Name a participant of this case.",
        )
        .at("participant")
    })
}

/// The participant that acts, if it is the one that the command names.
fn themselves<'a>(
    out: &Out<'a>,
    actor: &Viewer,
    id: ParticipantId,
) -> Result<&'a Participant, Refusal> {
    if own(actor) == Some(id) {
        return named(out, id);
    }
    Err(Refusal::new(
        RuleId::SpeaksForItself,
        "A participant speaks for itself.",
        "Use the link of that participant.",
    )
    .at("participant"))
}

/// The gate for content, as a refusal.
fn opened(out: &Out<'_>, id: ParticipantId) -> Result<(), Refusal> {
    out.case.room.opens(id, out.now).map_err(|closed| {
        let (why, remedy) = match closed {
            Closed::NotInvited => (
                "This case has no such participant.",
                "Name a participant of this case.",
            ),
            Closed::NotSigned => (
                "The terms in force are not signed.",
                "Content is shared once they are.",
            ),
            Closed::Declined => (
                "The party declined.",
                "Renew the invitation, if it has to know.",
            ),
            Closed::Gone => (
                "The party takes no part any more.",
                "Renew the invitation, if it has to know.",
            ),
            Closed::SignatureEnded => (
                "What the party signed has ended, and it has not signed the terms that followed.",
                "Content is shared again once it signs them.",
            ),
        };
        Refusal::new(RuleId::ConsentGate, why, remedy).at("participant")
    })
}

fn invite(out: &mut Out<'_>, command: &Command) -> Result<(), Refusal> {
    let Command::InviteParty {
        participant,
        party,
        roles,
        need,
        reason,
        component,
        versions,
        note,
        reply_by: asked,
    } = command
    else {
        return Ok(());
    };
    text("reason", reason)?;
    line("component", component)?;
    optional_line("versions", versions)?;
    optional_line("note", note)?;
    let Some(known) = out.facts.party.clone().filter(|p| p.id == *party) else {
        return Err(Refusal::new(
            RuleId::InvitedByLead,
            "The register holds no such party with a contact.",
            "Add the party and whom to reach there first.",
        )
        .at("party"));
    };
    let room = &out.case.room;
    if room.participants.iter().any(|p| p.party == *party) {
        return Err(Refusal::new(
            RuleId::InvitedByLead,
            "This party was invited before.",
            "Renew its invitation instead.",
        )
        .at("party"));
    }
    if room.participant(*participant).is_some() {
        return Err(bounds(
            "participant",
            "This participant exists already.",
            "Use a fresh id.",
        ));
    }
    if room.participants.len() >= MOST_PARTICIPANTS {
        return Err(bounds(
            "party",
            "The case has as many participants as it can hold.",
            "Let a coordinator speak for several of them.",
        ));
    }
    if roles.is_empty() || roles.len() > ParticipantRole::ALL.len() {
        return Err(bounds(
            "roles",
            "The party has no role.",
            "Say as what it takes part.",
        ));
    }
    teaser::check(component, versions, note, &[&known.name]).map_err(|telling| {
        let field = match telling.line {
            TeaserLine::Component => "component",
            TeaserLine::Versions => "versions",
            TeaserLine::Note => "note",
        };
        Refusal::new(
            RuleId::TeaserWords,
            format!("The word “{}” could tell of the flaw.", telling.word),
            "Name the component and its versions in plain words; the rest is for signatories.",
        )
        .at(field)
    })?;
    let entry = Entry::PartyInvited {
        participant: *participant,
        party: *party,
        name: known.name,
        roles: roles.clone(),
        need: *need,
        component: component.trim().to_owned(),
        versions: versions.trim().to_owned(),
        note: note.trim().to_owned(),
        reply_by: reply_by(out, *asked),
    };
    out.push_because(RuleId::InvitedByLead, entry, reason);
    give(out, *participant, known.contacts);
    answers_clock(out);
    Ok(())
}

/// Whom to reach at a party that is asked again, as the register has it now.
fn contacts_of(
    out: &Out<'_>,
    p: &Participant,
) -> Result<Vec<(GuestLinkId, String, String)>, Refusal> {
    let known = out.facts.party.as_ref().filter(|f| f.id == p.party);
    known.map(|f| f.contacts.clone()).ok_or_else(|| {
        Refusal::new(
            RuleId::InvitedByLead,
            "The register holds no such party with a contact.",
            "Add whom to reach there first.",
        )
        .at("participant")
    })
}

/// Each contact gets a link of their own.
fn give(
    out: &mut Out<'_>,
    participant: ParticipantId,
    contacts: Vec<(GuestLinkId, String, String)>,
) {
    for (link, name, mail) in contacts {
        let entry = Entry::GuestLinkGiven {
            participant,
            link,
            name,
            mail,
        };
        out.push(RuleId::LinkOfOne, entry);
    }
}

/// One more person of a party gets a link.
fn give_one(out: &mut Out<'_>, command: &Command) -> Result<(), Refusal> {
    let Command::GiveGuestLink {
        participant,
        link,
        name,
        mail,
        reason,
    } = command
    else {
        return Ok(());
    };
    text("reason", reason)?;
    line("name", name)?;
    line("mail", mail)?;
    if !mail.contains('@') {
        return Err(bounds("mail", "This is no mail address.", "Write one."));
    }
    let p = named(out, *participant)?;
    if gone(p) || p.standing == Standing::Declined {
        return Err(Refusal::new(
            RuleId::LinkOfOne,
            "This party takes no part any more.",
            "Renew its invitation first.",
        )
        .at("participant"));
    }
    if out.case.room.link(*link).is_some() {
        return Err(bounds(
            "link",
            "This link exists already.",
            "Use a fresh id.",
        ));
    }
    if p.links.iter().filter(|l| l.until.is_none()).count() >= MOST_LINKS {
        return Err(bounds(
            "participant",
            "As many people of this party have a link as can be.",
            "Take one back first.",
        ));
    }
    let entry = Entry::GuestLinkGiven {
        participant: *participant,
        link: *link,
        name: name.trim().to_owned(),
        mail: mail.trim().to_owned(),
    };
    out.push_because(RuleId::LinkOfOne, entry, reason);
    Ok(())
}

fn leave(out: &mut Out<'_>, participant: ParticipantId, removed: bool, reason: &str) {
    let entry = Entry::ParticipantLeft {
        participant,
        removed,
    };
    out.push_because(RuleId::StillBound, entry, reason);
    answers_clock(out);
}

fn sign(
    out: &mut Out<'_>,
    actor: &Viewer,
    participant: ParticipantId,
    terms: TermsId,
    signer: &str,
) -> Result<(), Refusal> {
    line("signer", signer)?;
    let p = themselves(out, actor, participant)?;
    let invited = match p.standing {
        Standing::Invited => true,
        Standing::Joined => false,
        Standing::Declined | Standing::Left | Standing::Removed => {
            return Err(Refusal::new(
                RuleId::ReplyBy,
                "No invitation is open to you.",
                "Ask to be invited again; a late yes is welcome.",
            )
            .at("participant"));
        }
    };
    let embargo = &out.case.room.embargo;
    let in_force = embargo.in_force_at(out.now).map(|t| t.id);
    let current = in_force == Some(terms);
    let open = embargo.proposal(terms);
    let proposed = embargo.state == EmbargoState::Proposed;
    let again = if current {
        p.signatures.last().is_some_and(|s| s.terms == terms)
    } else {
        open.is_some_and(|o| o.supported_by(participant))
    };
    if again && !invited {
        return Err(bounds(
            "terms",
            "You signed these terms already.",
            "Nothing is to be done.",
        ));
    }
    // A revision is voted on by whoever is bound by what it would revise.
    let votes = open.is_some() && !proposed && !invited;
    if !(current || votes || (open.is_some() && proposed)) {
        return Err(Refusal::new(
            RuleId::ReplyBy,
            "These terms are not the ones to sign now.",
            "Read the terms in force, or those proposed, and sign them.",
        )
        .at("terms"));
    }
    let entry = Entry::TermsSigned {
        participant,
        terms,
        signer: signer.trim().to_owned(),
    };
    out.push(RuleId::ConsentGate, entry);
    if proposed {
        shortest_wins(out);
    }
    answers_clock(out);
    Ok(())
}

fn decline(
    out: &mut Out<'_>,
    actor: &Viewer,
    participant: ParticipantId,
    terms: Option<TermsId>,
    reason: &str,
) -> Result<(), Refusal> {
    text("reason", reason)?;
    let p = themselves(out, actor, participant)?;
    let terms = match (p.standing, terms) {
        (Standing::Invited, _) => None,
        (Standing::Joined, Some(terms)) if out.case.room.embargo.proposal(terms).is_some() => {
            Some(terms)
        }
        (Standing::Joined, _) => {
            return Err(Refusal::new(
                RuleId::SpeaksForItself,
                "You take part; there is no open proposal of those terms to say no to.",
                "Name an open proposal, or leave the case.",
            )
            .at("terms"));
        }
        _ => {
            return Err(Refusal::new(
                RuleId::SpeaksForItself,
                "No invitation is open to you.",
                "Nothing is to be done.",
            )
            .at("participant"));
        }
    };
    let entry = Entry::TermsDeclined { participant, terms };
    out.push_because(RuleId::SpeaksForItself, entry, reason);
    answers_clock(out);
    Ok(())
}

/// Whether the step follows, as a refusal.
fn legal(p: &Participant, step: ParticipantStep) -> Result<(), Refusal> {
    if p.may_report(step) {
        return Ok(());
    }
    Err(Refusal::new(
        RuleId::ParticipantSteps,
        format!(
            "“{}” does not follow “{}” here.",
            step.label(),
            p.report.label()
        ),
        "A valid report is accepted or put off before it is done; a fix is ready before it is deployed, each by whoever has that role.",
    )
    .at("step"))
}
