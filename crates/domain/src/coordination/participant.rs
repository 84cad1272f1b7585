//! What each participant of a case is in by itself: the management of its report, and its consent
//! to the embargo.

use crate::kinds::text_enum;

text_enum! {
    /// Report management, one for each participant of a case.
    pub enum ReportState {
        /// Knows of nothing.
        Start = "S", "Start",
        /// Has the report.
        Received = "R", "Received",
        /// Holds it for invalid.
        Invalid = "I", "Invalid",
        /// Holds it for valid.
        Valid = "V", "Valid",
        /// Has put it off.
        Deferred = "D", "Deferred",
        /// Works on it.
        Accepted = "A", "Accepted",
        /// Is done with it; the end.
        Closed = "C", "Closed",
    }
}

text_enum! {
    /// What moves the report management of a participant.
    pub enum ReportTrigger {
        /// The report comes in.
        Receive = "receive", "Receive",
        /// It is found valid.
        Validate = "validate", "Validate",
        /// It is found invalid.
        Invalidate = "invalidate", "Invalidate",
        /// Work begins, or goes on.
        Accept = "accept", "Accept",
        /// It is put off.
        Defer = "defer", "Defer",
        /// It is closed.
        Close = "close", "Close",
    }
}

impl ReportState {
    /// Where a trigger leads, if it is legal. A valid report is not closed without having been
    /// accepted or put off (VP-02-004), and nothing leaves the end. That a report is found
    /// invalid is said of a received one alone: of the two places in the source that differ, the
    /// one that fits the machine holds (contradiction b).
    pub fn after(self, trigger: ReportTrigger) -> Option<Self> {
        use ReportState as S;
        use ReportTrigger as T;
        Some(match (trigger, self) {
            (T::Receive, S::Start) => S::Received,
            (T::Validate, S::Received | S::Invalid) => S::Valid,
            (T::Invalidate, S::Received) => S::Invalid,
            (T::Accept, S::Valid | S::Deferred) => S::Accepted,
            (T::Defer, S::Valid | S::Accepted) => S::Deferred,
            (T::Close, S::Accepted | S::Invalid | S::Deferred) => S::Closed,
            _ => return None,
        })
    }
}

text_enum! {
    /// The consent of one participant to the embargo of a case.
    pub enum ConsentState {
        /// There is nothing to consent to.
        NoEmbargo = "NO_EMBARGO", "No embargo",
        /// Was asked.
        Invited = "INVITED", "Invited",
        /// Signed the terms in force.
        Signatory = "SIGNATORY", "Signatory",
        /// Signed, and a revision is unanswered: the terms that were signed still bind, and still
        /// open the content (contradiction c).
        Lapsed = "LAPSED", "Lapsed",
        /// Does not consent.
        Declined = "DECLINED", "Declined",
    }
}

text_enum! {
    /// What moves a participant's consent.
    pub enum ConsentTrigger {
        /// The terms are put before it.
        Invite = "invite", "Invite",
        /// It signs.
        Accept = "accept", "Accept",
        /// It refuses.
        Decline = "decline", "Decline",
        /// The terms are about to change.
        Revise = "revise", "Revise",
        /// The time to answer has run out.
        TimeOut = "time_out", "Time-out",
        /// The embargo has ended.
        Reset = "reset", "Reset",
        /// The revision was rejected or withdrawn, so that what was signed is in force again.
        Restore = "restore", "Restore",
    }
}

impl ConsentTrigger {
    /// Whether the move is one of ours, which the published model does not have.
    pub fn is_ours(self) -> bool {
        self == Self::Restore
    }
}

impl ConsentState {
    /// Where a trigger leads, if it is legal. Who signed is not invited again (contradiction c).
    pub fn after(self, trigger: ConsentTrigger) -> Option<Self> {
        use ConsentState as S;
        use ConsentTrigger as T;
        Some(match (trigger, self) {
            (T::Invite, S::NoEmbargo | S::Lapsed | S::Declined) => S::Invited,
            (T::Accept, S::NoEmbargo | S::Invited | S::Lapsed) => S::Signatory,
            (T::Decline, S::NoEmbargo | S::Invited | S::Lapsed) => S::Declined,
            (T::Revise, S::Signatory) => S::Lapsed,
            (T::TimeOut, S::Invited | S::Lapsed) => S::Declined,
            (T::Reset, _) => S::NoEmbargo,
            (T::Restore, S::Lapsed) => S::Signatory,
            _ => return None,
        })
    }

    /// Whether the participant may have signed terms that bind now. No gate by itself: a lapsed
    /// signatory signed the terms before a revision, which end when they said, so that a gate has
    /// to compare the terms that were signed, and their end, with those in force.
    pub fn opens_content(self) -> bool {
        matches!(self, Self::Signatory | Self::Lapsed)
    }
}
