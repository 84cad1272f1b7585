//! One party's part in a case: standing, consent, and what it says of its own work.

use super::Terms;
use crate::coordination::{ConsentState, ConsentTrigger, ReportState, ReportTrigger};
use crate::ids::{GuestLinkId, ParticipantId, PartyId, TermsId};
use crate::kinds::text_enum;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

text_enum! {
    /// As what somebody takes part. Not exclusive.
    pub enum ParticipantRole {
        /// Makes something that is affected, or may be.
        Vendor = "vendor", "Vendor",
        /// Brings fixes out to where they run.
        Deployer = "deployer", "Deployer",
        /// Coordinates.
        Coordinator = "coordinator", "Coordinator",
        /// Found or reported it.
        Reporter = "reporter", "Reporter",
        /// Helps with knowledge.
        Expert = "expert", "Expert",
        /// Reads along.
        Observer = "observer", "Observer",
    }
}

text_enum! {
    /// Why another organisation has to be told (30111 clause 8, reasons a to e).
    pub enum Need {
        /// A protocol, standard or design that they implement, too.
        SharedDesign = "shared_design", "a – shares the design",
        /// Code that they ship, too.
        SharedComponent = "shared_component", "b – ships the same component",
        /// Their product is built on ours.
        Downstream = "downstream", "c – builds on our product",
        /// The cause lies in what they make and we use.
        Upstream = "upstream", "d – the cause lies in their component",
        /// Nobody maintains the component any more: a steward or coordinator is asked.
        Unmaintained = "unmaintained", "e – component without a maintainer",
    }
}

text_enum! {
    /// Where a participant stands.
    pub enum Standing {
        /// Was asked and has not answered.
        Invited = "invited", "Invited",
        /// Signed and takes part.
        Joined = "joined", "Takes part",
        /// Does not take part.
        Declined = "declined", "Declined",
        /// Took part and left.
        Left = "left", "Left",
        /// Took part and was taken out.
        Removed = "removed", "Removed",
    }
}

text_enum! {
    /// What a participant reports of its own work.
    pub enum ParticipantStep {
        /// Found it valid.
        Validate = "validate", "Report is valid",
        /// Found it invalid.
        Invalidate = "invalidate", "Report is not valid",
        /// Works on it.
        Accept = "accept", "Works on it",
        /// Put it off.
        Defer = "defer", "Put off",
        /// Is done.
        Close = "close", "Done",
        /// Has a fix ready.
        FixReady = "fix_ready", "Fix ready",
        /// Has brought the fix out.
        FixDeployed = "fix_deployed", "Fix deployed",
    }
}

impl ParticipantStep {
    /// The move of the report that it is, if it is one.
    pub fn trigger(self) -> Option<ReportTrigger> {
        Some(match self {
            Self::Validate => ReportTrigger::Validate,
            Self::Invalidate => ReportTrigger::Invalidate,
            Self::Accept => ReportTrigger::Accept,
            Self::Defer => ReportTrigger::Defer,
            Self::Close => ReportTrigger::Close,
            Self::FixReady | Self::FixDeployed => return None,
        })
    }
}

/// A signed record of consent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Signature {
    /// The terms that were signed.
    pub terms: TermsId,
    /// When those end: the signature reaches no further.
    pub ends_at: Timestamp,
    /// When it was given.
    pub at: Timestamp,
    /// Who signed for the party, as they wrote it.
    pub signer: String,
}

/// A link that one person of a party was given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GivenLink {
    /// Its id.
    pub id: GuestLinkId,
    /// Whom it was given to.
    pub name: String,
    /// Where it was mailed to.
    pub mail: String,
    /// From when it opened.
    pub since: Timestamp,
    /// When it was taken back or replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Why the gate is closed to a participant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closed {
    /// There is no such participant.
    NotInvited,
    /// The terms in force are not signed.
    NotSigned,
    /// The party declined.
    Declined,
    /// The party left, or was taken out.
    Gone,
    /// What was signed has ended, and the terms that followed are not signed.
    SignatureEnded,
}

/// A party's part in one case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Participant {
    /// Its id.
    pub id: ParticipantId,
    /// The party.
    pub party: PartyId,
    /// The party's name when it was invited.
    pub name: String,
    /// As what it takes part.
    pub roles: Vec<ParticipantRole>,
    /// Why it is told.
    pub need: Need,
    /// The reason in words, for the record.
    pub reason: String,
    /// The invitation's component: all that is said before a signature.
    pub component: String,
    /// The invitation's versions.
    pub versions: String,
    /// The invitation's note.
    pub note: String,
    /// When it was invited.
    pub invited_at: Timestamp,
    /// Until when an answer is asked for.
    pub reply_by: Timestamp,
    /// Where it stands.
    pub standing: Standing,
    /// Why it declined, left or was taken out.
    #[serde(default)]
    pub left_because: String,
    /// Its management of the report.
    pub report: ReportState,
    /// Whether it knows, as a vendor.
    pub vendor_aware: bool,
    /// Whether its fix is ready.
    pub fix_ready: bool,
    /// Whether its fix is deployed.
    pub fix_deployed: bool,
    /// Its consent to the embargo.
    pub consent: ConsentState,
    /// What it signed, oldest first.
    pub signatures: Vec<Signature>,
    /// Who of the party was given a link, oldest first; nobody is taken off the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<GivenLink>,
}

impl Participant {
    pub(super) fn invited(
        id: ParticipantId,
        party: PartyId,
        name: &str,
        need: Need,
        at: Timestamp,
        reply_by: Timestamp,
    ) -> Self {
        Self {
            id,
            party,
            name: name.to_owned(),
            roles: Vec::new(),
            need,
            reason: String::new(),
            component: String::new(),
            versions: String::new(),
            note: String::new(),
            invited_at: at,
            reply_by,
            standing: Standing::Invited,
            left_because: String::new(),
            report: ReportState::Start,
            vendor_aware: false,
            fix_ready: false,
            fix_deployed: false,
            consent: ConsentState::NoEmbargo,
            signatures: Vec::new(),
            links: Vec::new(),
        }
    }

    /// What both sides call its part in the case: says nothing of the case's own number.
    pub fn reference(&self) -> String {
        let id = self.id.0.simple().to_string();
        let tail = id.get(id.len().saturating_sub(8)..).unwrap_or(&id);
        format!("P-{}", tail.to_uppercase())
    }

    /// The standing as it is shown: an invitation whose time ran out counts as declined by
    /// silence, and a late yes to current terms is welcome all the same (EP-07).
    pub fn silent(&self, now: Timestamp) -> bool {
        self.standing == Standing::Invited && now >= self.reply_by
    }

    /// Its state on the vendor's axis, in the model's letters; nothing for others than vendors.
    pub fn vendor_letters(&self) -> Option<String> {
        self.roles.contains(&ParticipantRole::Vendor).then(|| {
            let letter = |set: bool, up: char, low: char| if set { up } else { low };
            [
                letter(self.vendor_aware, 'V', 'v'),
                letter(self.fix_ready, 'F', 'f'),
                letter(self.fix_deployed, 'D', 'd'),
            ]
            .iter()
            .collect()
        })
    }

    /// Whether a step follows from where it stands: the report's edges, and a fix by a vendor,
    /// brought out by a deployer.
    pub fn may_report(&self, step: ParticipantStep) -> bool {
        match step {
            ParticipantStep::FixReady => {
                self.roles.contains(&ParticipantRole::Vendor)
                    && self.vendor_aware
                    && !self.fix_ready
            }
            ParticipantStep::FixDeployed => {
                self.roles.contains(&ParticipantRole::Deployer)
                    && self.fix_ready
                    && !self.fix_deployed
            }
            other => other
                .trigger()
                .is_some_and(|t| self.report.after(t).is_some()),
        }
    }

    /// The steps that follow from where it stands; those of its fix first.
    pub fn next_steps(&self) -> Vec<ParticipantStep> {
        let all = ParticipantStep::ALL.iter().copied();
        let mut next: Vec<_> = all.filter(|step| self.may_report(*step)).collect();
        next.sort_by_key(|step| step.trigger().is_some());
        next
    }

    pub(super) fn consent_by(&mut self, trigger: ConsentTrigger) {
        self.consent = self.consent.after(trigger).unwrap_or(self.consent);
    }

    /// Whether a participant's last signature is on these terms.
    pub(super) fn signed_those(terms: &Option<Terms>) -> impl Fn(&Self) -> bool + use<> {
        let terms = terms.as_ref().map(|t| t.id);
        move |p| terms.is_some() && p.signatures.last().map(|s| s.terms) == terms
    }

    pub(super) fn consent_is_signed(&self) -> bool {
        self.consent == ConsentState::Signatory
    }

    /// Takes part from now on: it receives the report, and a vendor is aware of it.
    pub(super) fn join(&mut self) {
        self.standing = Standing::Joined;
        self.move_report(ReportTrigger::Receive);
        self.vendor_aware |= self.roles.contains(&ParticipantRole::Vendor);
    }

    fn move_report(&mut self, trigger: ReportTrigger) {
        self.report = self.report.after(trigger).unwrap_or(self.report);
    }

    pub(super) fn step(&mut self, step: ParticipantStep) {
        match step {
            ParticipantStep::FixReady => self.fix_ready = true,
            ParticipantStep::FixDeployed => self.fix_deployed = true,
            other => {
                if let Some(trigger) = other.trigger() {
                    self.move_report(trigger);
                }
            }
        }
    }
}
