//! The participants of a case and its embargo: what the journal says of them, folded; and the one
//! gate for content, [`Room::opens`]. Who may ask for what is decided in `decide/`; here is only
//! what follows from what happened.
//!
//! The organisation that hosts the case is bound by every embargo of it and is not listed.

mod embargo;
mod participant;

pub use embargo::{Embargo, EndCause, Ended, Proposal, Terms};
pub use participant::{
    Closed, GivenLink, Need, Participant, ParticipantRole, ParticipantStep, Signature, Standing,
};

use super::{ConsentTrigger, EmbargoState, EmbargoTrigger};
use crate::entry::{Entry, Recorded};
use crate::ids::{GuestLinkId, ParticipantId, TermsId};
use crate::kinds::Publicity;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Everybody outside who has a part in a case, and what binds them.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Room {
    /// Whoever was ever invited, in the order of the invitations. Nobody is taken off the list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<Participant>,
    /// The embargo. One for the whole life of the case.
    pub embargo: Embargo,
    /// What participants are told of the flaw, in the words that were shared last.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub brief: String,
}

impl Room {
    /// Whether nobody outside has, or had, a part: then nothing of coordination applies.
    pub fn is_empty(&self) -> bool {
        self.participants.is_empty()
    }

    /// Whether nothing was ever proposed and nobody invited.
    pub(crate) fn is_untouched(&self) -> bool {
        *self == Self::default()
    }

    /// The participant of that id.
    pub fn participant(&self, id: ParticipantId) -> Option<&Participant> {
        self.participants.iter().find(|p| p.id == id)
    }

    fn participant_mut(&mut self, id: ParticipantId) -> Option<&mut Participant> {
        self.participants.iter_mut().find(|p| p.id == id)
    }

    /// The participant that a link opens to, with the link.
    pub fn link(&self, id: GuestLinkId) -> Option<(&Participant, &GivenLink)> {
        self.participants
            .iter()
            .find_map(|p| Some((p, p.links.iter().find(|l| l.id == id)?)))
    }

    /// **The gate** (INV-1, VP-08, decision 1): whether content of the case may reach a participant
    /// at `now`, by whatever way. While an embargo is in force that takes a signature on the terms
    /// in force, or on earlier terms of it whose own end has not come; whoever asks for content
    /// asks here and nowhere else.
    ///
    /// # Errors
    /// Why it stays closed.
    pub fn opens(&self, id: ParticipantId, now: Timestamp) -> Result<(), Closed> {
        let p = self.participant(id).ok_or(Closed::NotInvited)?;
        match p.standing {
            Standing::Invited => return Err(Closed::NotSigned),
            Standing::Declined => return Err(Closed::Declined),
            Standing::Left | Standing::Removed => return Err(Closed::Gone),
            Standing::Joined => {}
        }
        let Some(terms) = &self.embargo.terms else {
            return Err(Closed::NotSigned);
        };
        if self.embargo.in_force_at(now).is_some() && !p.consent.opens_content() {
            return Err(Closed::NotSigned);
        }
        // The end of an embargo changes nobody's access (decision 2): what a signature opened at
        // the end stays open, and what was closed then stays closed.
        let asked_for = now.min(self.embargo.last_instant(terms));
        match p.signatures.last() {
            Some(s) if s.terms == terms.id || asked_for < s.ends_at => Ok(()),
            Some(_) => Err(Closed::SignatureEnded),
            None => Err(Closed::NotSigned),
        }
    }

    /// Whether somebody who left is still bound by what they signed (VP-05-012).
    pub fn still_bound(&self, p: &Participant, now: Timestamp) -> bool {
        p.standing != Standing::Joined
            && self.embargo.in_force_at(now).is_some()
            && p.signatures.last().is_some_and(|s| now < s.ends_at)
    }

    /// The participants whose word on an open proposal is still missing: whoever has signed
    /// something, has not left, and has said neither yes nor no to it.
    pub fn unanswered<'a>(
        &'a self,
        proposal: &'a Proposal,
    ) -> impl Iterator<Item = &'a Participant> {
        self.participants.iter().filter(move |p| {
            p.standing == Standing::Joined && !proposal.votes.iter().any(|(who, _)| *who == p.id)
        })
    }

    /// Folds one entry. Total: what does not concern coordination changes nothing.
    pub(crate) fn apply(&mut self, recorded: &Recorded) {
        let at = recorded.at;
        let reason = || recorded.decided.reason.clone().unwrap_or_default();
        match &recorded.decided.what {
            Entry::EmbargoProposed {
                terms,
                by,
                signer,
                reply_by,
            } => {
                self.embargo.move_by(EmbargoTrigger::Propose);
                let mut proposal = Proposal {
                    terms: terms.clone(),
                    by: *by,
                    at,
                    reason: reason(),
                    reply_by: *reply_by,
                    votes: Vec::new(),
                };
                if let Some(by) = by {
                    proposal.vote(*by, true, signer, String::new());
                }
                self.embargo.open.push(proposal);
                if self.embargo.state == EmbargoState::Revise {
                    // Whoever proposes has answered by proposing.
                    self.all(ConsentTrigger::Revise, |p| Some(p.id) != *by);
                }
            }
            Entry::EmbargoAgreed { terms, signatories } => self.agreed(*terms, signatories, at),
            Entry::ProposalRejected { terms } => {
                self.embargo.open.retain(|o| o.terms.id != *terms);
                self.settled(EmbargoTrigger::Reject);
            }
            Entry::ProposalWithdrawn { terms } => {
                self.embargo.open.retain(|o| o.terms.id != *terms);
                let trigger = match self.embargo.state {
                    EmbargoState::Revise => EmbargoTrigger::Withdraw,
                    _ => EmbargoTrigger::Reject,
                };
                self.settled(trigger);
            }
            Entry::EmbargoEnded { cause } => {
                self.embargo.move_by(EmbargoTrigger::Terminate);
                self.embargo.open.clear();
                self.embargo.ended = Some(Ended {
                    at,
                    cause: *cause,
                    reason: reason(),
                });
                self.all(ConsentTrigger::Reset, |_| true);
            }
            Entry::PartyInvited {
                participant,
                party,
                name,
                roles,
                need,
                component,
                versions,
                note,
                reply_by,
            } => {
                let mut p = Participant::invited(*participant, *party, name, *need, at, *reply_by);
                p.roles.clone_from(roles);
                p.reason = reason();
                p.component.clone_from(component);
                p.versions.clone_from(versions);
                p.note.clone_from(note);
                p.consent_by(ConsentTrigger::Invite);
                self.participants.push(p);
            }
            Entry::InvitationRenewed {
                participant,
                reply_by,
            } => {
                if let Some(p) = self.participant_mut(*participant) {
                    p.standing = Standing::Invited;
                    p.reply_by = *reply_by;
                    p.consent_by(ConsentTrigger::Invite);
                    // Who is asked now gets a link of now.
                    for link in p.links.iter_mut().filter(|l| l.until.is_none()) {
                        link.until = Some(at);
                    }
                }
            }
            Entry::GuestLinkGiven {
                participant,
                link,
                name,
                mail,
            } => {
                if let Some(p) = self.participant_mut(*participant) {
                    p.links.push(GivenLink {
                        id: *link,
                        name: name.clone(),
                        mail: mail.clone(),
                        since: at,
                        until: None,
                    });
                }
            }
            Entry::GuestLinkRevoked { participant, link } => {
                if let Some(p) = self.participant_mut(*participant)
                    && let Some(l) = p.links.iter_mut().find(|l| l.id == *link)
                {
                    l.until.get_or_insert(at);
                }
            }
            Entry::TermsSigned {
                participant,
                terms,
                signer,
            } => self.signed(*participant, *terms, signer, at),
            Entry::TermsDeclined { participant, terms } => {
                self.declined(*participant, *terms, reason());
            }
            Entry::ParticipantLeft {
                participant,
                removed,
            } => {
                if let Some(p) = self.participant_mut(*participant) {
                    p.standing = if *removed {
                        Standing::Removed
                    } else {
                        Standing::Left
                    };
                    p.left_because = reason();
                }
            }
            Entry::StandingReported {
                participant, step, ..
            } => {
                if let Some(p) = self.participant_mut(*participant) {
                    p.step(*step);
                }
            }
            Entry::BriefShared { text } => self.brief.clone_from(text),
            Entry::PublicityRecorded {
                publicity: Publicity::Full,
                ..
            }
            | Entry::AdvisoryPublished { .. } => {
                // What everybody knows, every vendor knows: no state with P and without V lasts.
                for p in &mut self.participants {
                    p.vendor_aware |= p.roles.contains(&ParticipantRole::Vendor);
                }
            }
            _ => {}
        }
    }

    fn all(&mut self, trigger: ConsentTrigger, which: impl Fn(&Participant) -> bool) {
        for p in self.participants.iter_mut().filter(|p| which(p)) {
            p.consent_by(trigger);
        }
    }

    /// After a proposal went: the state that follows, and signatures that stand again.
    fn settled(&mut self, trigger: EmbargoTrigger) {
        if self.embargo.open.is_empty() {
            self.embargo.move_by(trigger);
            self.all(
                ConsentTrigger::Restore,
                Participant::signed_those(&self.embargo.terms),
            );
        }
    }

    fn agreed(&mut self, terms: TermsId, signatories: &[ParticipantId], at: Timestamp) {
        let Some(place) = self.embargo.open.iter().position(|o| o.terms.id == terms) else {
            return;
        };
        let proposal = self.embargo.open.remove(place);
        let before = self.embargo.terms.as_ref().map(|t| t.ends_at);
        if before.is_some_and(|end| proposal.terms.ends_at > end) {
            self.embargo.revisions = self.embargo.revisions.saturating_add(1);
        }
        self.embargo.move_by(EmbargoTrigger::Accept);
        self.embargo.since.get_or_insert(at);
        for p in &mut self.participants {
            let signer = proposal
                .votes
                .iter()
                .find(|(who, vote)| *who == p.id && vote.yes)
                .map_or_else(String::new, |(_, vote)| vote.signer.clone());
            if signatories.contains(&p.id) {
                p.signatures.push(Signature {
                    terms,
                    ends_at: proposal.terms.ends_at,
                    at,
                    signer,
                });
                p.consent_by(ConsentTrigger::Accept);
                p.join();
            } else if p.consent_is_signed() {
                // The terms in force are others now than the ones that were signed.
                p.consent_by(ConsentTrigger::Revise);
            }
        }
        self.embargo.terms = Some(proposal.terms);
        if !self.embargo.open.is_empty() {
            // What is left open asks for a revision of what was just agreed (VP-07-008).
            self.embargo.move_by(EmbargoTrigger::Propose);
            let votes = self.embargo.open.iter().flat_map(|o| &o.votes);
            let answered: Vec<ParticipantId> = votes.map(|(who, _)| *who).collect();
            self.all(ConsentTrigger::Revise, |p| !answered.contains(&p.id));
        }
    }

    fn signed(&mut self, id: ParticipantId, terms: TermsId, signer: &str, at: Timestamp) {
        let in_force = self
            .embargo
            .terms
            .as_ref()
            .filter(|t| t.id == terms)
            .map(|t| t.ends_at);
        if let Some(open) = self.embargo.open.iter_mut().find(|o| o.terms.id == terms) {
            open.vote(id, true, signer, String::new());
        }
        let Some(p) = self.participant_mut(id) else {
            return;
        };
        match in_force {
            Some(ends_at) => {
                p.signatures.push(Signature {
                    terms,
                    ends_at,
                    at,
                    signer: signer.to_owned(),
                });
                p.consent_by(ConsentTrigger::Accept);
                p.join();
            }
            None => self.answered(id),
        }
    }

    /// The open revision is answered: what was signed binds and is no longer in question, if it is
    /// what is in force.
    fn answered(&mut self, id: ParticipantId) {
        let binds = Participant::signed_those(&self.embargo.terms);
        self.all(ConsentTrigger::Restore, |p| p.id == id && binds(p));
    }

    fn declined(&mut self, id: ParticipantId, terms: Option<TermsId>, reason: String) {
        if let Some(open) = self
            .embargo
            .open
            .iter_mut()
            .find(|o| Some(o.terms.id) == terms)
        {
            open.vote(id, false, "", reason.clone());
        }
        let Some(p) = self.participant_mut(id) else {
            return;
        };
        if p.standing == Standing::Joined {
            // No to a revision is not no to what was signed.
            self.answered(id);
        } else {
            p.standing = Standing::Declined;
            p.left_because = reason;
            p.consent_by(ConsentTrigger::Decline);
        }
    }
}
