//! The embargo of a case as it stands: the terms in force, what is proposed, how it ended.

use crate::coordination::{EmbargoState, EmbargoTrigger};
use crate::ids::{ParticipantId, TermsId};
use crate::kinds::text_enum;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

text_enum! {
    /// Why an embargo ended before its instant (EMB-14).
    pub enum EndCause {
        /// The advisory was published.
        Released = "released", "Advisory published",
        /// The vulnerability is fully public (VP-09-001).
        Public = "public", "Public knowledge",
        /// It is being attacked (VP-11-006, decision 3).
        Attacks = "attacks", "Attacks observed",
        /// A fix is ready everywhere.
        FixReady = "fix_ready", "Fix ready",
        /// A fix is deployed.
        FixDeployed = "fix_deployed", "Fix deployed",
        /// For a reason that the entry names.
        Other = "other", "Other reason",
    }
}

/// One version of an embargo's terms: what is signed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Terms {
    /// Its id.
    pub id: TermsId,
    /// The exact instant at which it ends (VP-04-001, VP-05-001).
    pub ends_at: Timestamp,
    /// How many times it may be extended at most.
    pub revisions_allowed: u32,
    /// Whether a PSIRT lead of the host may rule on a revision when somebody's answer is missing
    /// after its date. Otherwise each signatory has to agree.
    pub lead_rules: bool,
    /// What the embargo does not forbid, beside what the law demands: a list's own policy, warnings
    /// where safety is at stake.
    pub carve_outs: String,
}

/// The word of one participant on a proposal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Vote {
    /// Yes binds, as soon as the proposal is agreed.
    pub yes: bool,
    /// Who signed for the party, as they wrote it.
    pub signer: String,
    /// Why not, where it is no.
    pub reason: String,
}

/// Terms that somebody proposed and nobody decided on yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Proposal {
    /// The terms.
    pub terms: Terms,
    /// Who proposed them; the host where nobody is named.
    pub by: Option<ParticipantId>,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// Until when an answer is asked for.
    pub reply_by: Timestamp,
    /// Who said what.
    pub votes: Vec<(ParticipantId, Vote)>,
}

impl Proposal {
    /// Whether the participant is for it; whoever proposed it is.
    pub fn supported_by(&self, id: ParticipantId) -> bool {
        self.votes.iter().any(|(who, vote)| *who == id && vote.yes)
    }

    pub(super) fn vote(&mut self, id: ParticipantId, yes: bool, signer: &str, reason: String) {
        self.votes.retain(|(who, _)| *who != id);
        let signer = signer.to_owned();
        self.votes.push((
            id,
            Vote {
                yes,
                signer,
                reason,
            },
        ));
    }
}

/// How the embargo ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// By what.
    pub cause: EndCause,
    /// Why, in words.
    pub reason: String,
}

/// The embargo of a case.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Embargo {
    /// As the journal says. At an instant, ask [`Embargo::state_at`].
    pub state: EmbargoState,
    /// The terms that were agreed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// What is proposed and open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<Proposal>,
    /// How many extensions were agreed; a shorter time is none.
    pub revisions: u32,
    /// When the first terms were agreed: the cap counts from here (decision 4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// How it ended, where it was ended before its instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

impl Default for Embargo {
    fn default() -> Self {
        Self {
            state: EmbargoState::None,
            terms: None,
            open: Vec::new(),
            revisions: 0,
            since: None,
            ended: None,
        }
    }
}

impl Embargo {
    /// The state at an instant. What was agreed ends at its own instant, whether or not somebody
    /// writes that down: there is no silent roll-over.
    pub fn state_at(&self, now: Timestamp) -> EmbargoState {
        match (&self.terms, self.state) {
            (Some(t), EmbargoState::Active | EmbargoState::Revise) if now >= t.ends_at => {
                EmbargoState::Exited
            }
            (_, state) => state,
        }
    }

    /// The terms that bind at an instant.
    pub fn in_force_at(&self, now: Timestamp) -> Option<&Terms> {
        self.terms
            .as_ref()
            .filter(|_| self.state_at(now).in_force())
    }

    /// The last instant that the terms in force reach: their end, or the one at which they were
    /// ended before it.
    pub(super) fn last_instant(&self, terms: &Terms) -> Timestamp {
        let early = self.ended.as_ref().map_or(terms.ends_at, |e| e.at);
        early.min(terms.ends_at)
    }

    /// What is to be decided first: of several, the one that ends earliest (VP-07-009).
    pub fn first_open(&self) -> Option<&Proposal> {
        self.open.iter().min_by_key(|o| o.terms.ends_at)
    }

    /// The open proposal with these terms.
    pub fn proposal(&self, terms: TermsId) -> Option<&Proposal> {
        self.open.iter().find(|o| o.terms.id == terms)
    }

    /// The terms of that id, in force or proposed.
    pub fn terms_of(&self, id: TermsId) -> Option<&Terms> {
        self.terms
            .iter()
            .chain(self.open.iter().map(|o| &o.terms))
            .find(|t| t.id == id)
    }

    pub(super) fn move_by(&mut self, trigger: EmbargoTrigger) {
        // What the table does not know has been refused before it became an entry.
        self.state = self.state.after(trigger).unwrap_or(self.state);
    }
}
