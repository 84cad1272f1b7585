//! Clocks: what is owed, since when, until when. Dates are computed here and stored in entries
//! (decision 9); nobody types a date that a rule can compute.

use crate::ids::ReportId;
use crate::kinds::text_enum;
use crate::policy::Numbers;
use crate::time::{Timestamp, WorkingCalendar};
use serde::{Deserialize, Serialize};

text_enum! {
    /// What a clock waits for.
    pub enum ClockKind {
        /// A person confirms receipt, within the organisation's own target.
        AcknowledgementTarget = "acknowledgement_target", "Acknowledge (target)",
        /// A person confirms receipt, within seven calendar days (29147 6.2.5). Not editable.
        AcknowledgementLimit = "acknowledgement_limit", "Acknowledge (7 days)",
        /// The verdict of verification reaches the reporter (7.1.4 f).
        VerificationResult = "verification_result", "Verification result",
        /// The division takes the case over (6.5.3.4).
        Dispatch = "dispatch", "Division accepts",
        /// The next update that the reporter was promised (29147 6.5).
        NextUpdate = "next_update", "Next update promised",
        /// A question to the reporter waits for its answer (7.1.4 b).
        ReporterAnswer = "reporter_answer", "Reporter's answer",
        /// The reporter wrote and waits for us.
        ReplyToReporter = "reply_to_reporter", "Reply to reporter",
        /// The remediation is due (6.3 d).
        Remediation = "remediation", "Remediation",
        /// An interim remediation is to be followed by a complete one (7.2 b).
        CompleteRemediation = "complete_remediation", "Complete remediation",
        /// Legal looks at it.
        LegalGate = "legal_gate", "Legal review",
        /// The reporter's own disclosure date.
        ReporterDisclosure = "reporter_disclosure", "Reporter's disclosure date",
        /// The embargo date of this case.
        EmbargoDate = "embargo_date", "Embargo date",
        /// A public sighting forces a decision.
        PublicityDecision = "publicity_decision", "Decide after publicity",
        /// Parties are to answer an invitation or a proposal.
        PartyReply = "party_reply", "Parties' answers",
        /// A participant wrote and waits for us.
        ReplyToParty = "reply_to_party", "Reply to a party",
        /// A report that was no security matter is looked at again (7.1.4 b).
        Recheck = "recheck", "Re-check",
        /// The watch after release ends (7.1.7 c).
        StabilityWatch = "stability_watch", "Stability watch",
        /// A task is due.
        Task = "task", "Task",
    }
}

impl ClockKind {
    /// The clause that the clock comes from.
    pub fn source(self) -> &'static str {
        match self {
            Self::AcknowledgementTarget | Self::AcknowledgementLimit => "29147 6.2.5",
            Self::VerificationResult => "30111 7.1.4 f",
            Self::Dispatch => "30111 6.5.3.4",
            Self::NextUpdate | Self::ReplyToReporter => "29147 6.5",
            Self::ReporterAnswer | Self::Recheck => "30111 7.1.4 b",
            Self::Remediation => "30111 6.3 d",
            Self::CompleteRemediation => "30111 7.2 b",
            Self::LegalGate => "30111 6.8",
            Self::ReporterDisclosure | Self::EmbargoDate => "29147 7.3",
            Self::PublicityDecision => "TR 5895 9.6",
            Self::PartyReply | Self::ReplyToParty => "TR 5895 clause 10",
            Self::StabilityWatch | Self::Task => "30111 7.1.7",
        }
    }

    /// Whether somebody else (or time alone) has to act, so that a passed date is a signal and
    /// not our breach.
    pub fn waits_for_others(self) -> bool {
        matches!(
            self,
            Self::ReporterAnswer
                | Self::ReporterDisclosure
                | Self::EmbargoDate
                | Self::PartyReply
                // The watch ends by itself; then somebody looks, but nobody was promised a date.
                | Self::StabilityWatch
        )
    }
}

/// One clock of a case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Clock {
    /// What it waits for.
    pub kind: ClockKind,
    /// The report it concerns, where a case has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportId>,
    /// When it started.
    pub started_at: Timestamp,
    /// When it runs out.
    pub due_at: Timestamp,
    /// When it was stopped by the fact it waited for, or cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Timestamp>,
    /// Since when it stands still, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
    /// Why it ran over, where somebody wrote that down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breach_reason: Option<String>,
}

/// A pause of a clock.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pause {
    /// Since when.
    pub since: Timestamp,
    /// Why; shown wherever the clock is.
    pub reason: String,
}

impl Clock {
    /// Whether it still runs at all (paused counts as running).
    pub fn is_open(&self) -> bool {
        self.stopped_at.is_none()
    }

    /// Stops it. Where it stood still, that time is added first, as by resuming it.
    pub fn stop(&mut self, at: Timestamp) {
        if let Some(pause) = self.paused.take() {
            self.due_at = self.due_after(&pause, at);
        }
        self.stopped_at = Some(at);
    }

    /// The due instant when it runs on at `at` after `pause`.
    pub fn due_after(&self, pause: &Pause, at: Timestamp) -> Timestamp {
        let stood = at.0.saturating_sub(pause.since.0).max(0);
        Timestamp(self.due_at.0.saturating_add(stood))
    }

    /// Whether it ran, or was stopped, past its due instant.
    pub fn is_breached(&self, now: Timestamp) -> bool {
        match (self.stopped_at, &self.paused) {
            (Some(stopped), _) => stopped > self.due_at,
            (None, Some(pause)) => pause.since > self.due_at,
            (None, None) => now > self.due_at,
        }
    }
}

/// The due instant of a clock that starts at `from`, by the numbers in force.
pub fn due(
    kind: ClockKind,
    from: Timestamp,
    numbers: &Numbers,
    calendar: &WorkingCalendar,
) -> Timestamp {
    let working = |days: u32| calendar.plus_working_days(from, days);
    match kind {
        ClockKind::AcknowledgementTarget => working(numbers.acknowledgement_working_days),
        // 29147 6.2.5: calendar days, whatever the policy says.
        ClockKind::AcknowledgementLimit => from.plus_days(7),
        ClockKind::VerificationResult => working(numbers.verification_working_days),
        ClockKind::Dispatch => working(numbers.dispatch_working_days),
        ClockKind::NextUpdate => from.plus_days(i64::from(numbers.update_days)),
        ClockKind::ReporterAnswer => from.plus_days(i64::from(numbers.reporter_answer_days)),
        ClockKind::ReplyToReporter | ClockKind::ReplyToParty => working(numbers.reply_working_days),
        ClockKind::Remediation => from.plus_days(i64::from(numbers.remediation_days_unset)),
        ClockKind::CompleteRemediation => {
            from.plus_days(i64::from(numbers.complete_remediation_days))
        }
        ClockKind::LegalGate => working(numbers.legal_working_days),
        ClockKind::ReporterDisclosure
        | ClockKind::EmbargoDate
        | ClockKind::PartyReply
        | ClockKind::Task => from,
        ClockKind::PublicityDecision => {
            from.plus_hours(i64::from(numbers.publicity_decision_hours))
        }
        ClockKind::Recheck => from.plus_days(i64::from(numbers.recheck_days)),
        ClockKind::StabilityWatch => from.plus_days(i64::from(numbers.stability_watch_days)),
    }
}
