//! Policies and their numbers. The numbers *are* the settings of clocks and gates, so text and
//! behaviour cannot drift (30111 6.3, 29147 clause 9).

use crate::ids::{PolicyId, UserId};
use crate::kinds::text_enum;
use crate::time::{Timestamp, WorkingCalendar};
use serde::{Deserialize, Serialize};

text_enum! {
    /// Which policy a document is.
    pub enum PolicyKind {
        /// The internal handling policy (30111 6.3).
        Internal = "internal", "Internal handling policy",
        /// The public disclosure policy (29147 clause 9).
        Public = "public", "Public disclosure policy",
    }
}

/// The numbers that clocks and gates run on. Defaults are those of the requirements.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Numbers {
    /// Working days until a person acknowledges a report.
    pub acknowledgement_working_days: u32,
    /// Working days until the reporter hears the result of verification.
    pub verification_working_days: u32,
    /// Working days for a division to take a case over.
    pub dispatch_working_days: u32,
    /// Working days until a reporter's message is answered.
    pub reply_working_days: u32,
    /// Days between updates to the reporter.
    pub update_days: u32,
    /// Days a question waits before "not reproducible" may be an exit.
    pub reporter_answer_days: u32,
    /// Days to a remediation, priority immediate.
    pub remediation_days_immediate: u32,
    /// Days to a remediation, priority out of cycle.
    pub remediation_days_out_of_cycle: u32,
    /// Days to a remediation, priority scheduled.
    pub remediation_days_scheduled: u32,
    /// Days to a remediation, priority defer.
    pub remediation_days_defer: u32,
    /// Days to a remediation before priority is assessed.
    pub remediation_days_unset: u32,
    /// Days from an interim to a complete remediation.
    pub complete_remediation_days: u32,
    /// Working days for legal review.
    pub legal_working_days: u32,
    /// Hours to decide after a public sighting.
    pub publicity_decision_hours: u32,
    /// Days until a non-security report is looked at again.
    pub recheck_days: u32,
    /// Days of stability watch after release.
    pub stability_watch_days: u32,
    /// Default embargo in days.
    pub embargo_days: u32,
    /// Longest embargo in days.
    pub embargo_cap_days: u32,
    /// Whether legal must approve an advisory before its release.
    pub legal_gate: bool,
    /// People who must give their go before an advisory is published. At least two (INV-4).
    pub release_approvals: u32,
    /// Months until a policy is due for review.
    pub policy_review_months: u32,
}

impl Default for Numbers {
    fn default() -> Self {
        Self {
            acknowledgement_working_days: 2,
            verification_working_days: 10,
            dispatch_working_days: 1,
            reply_working_days: 2,
            update_days: 14,
            reporter_answer_days: 14,
            remediation_days_immediate: 14,
            remediation_days_out_of_cycle: 30,
            remediation_days_scheduled: 90,
            remediation_days_defer: 180,
            remediation_days_unset: 90,
            complete_remediation_days: 60,
            legal_working_days: 1,
            publicity_decision_hours: 2,
            recheck_days: 180,
            stability_watch_days: 30,
            embargo_days: 45,
            embargo_cap_days: 90,
            legal_gate: true,
            release_approvals: 2,
            policy_review_months: 12,
        }
    }
}

impl Numbers {
    /// Days to a remediation for a priority.
    pub fn remediation_days(&self, priority: crate::kinds::Priority) -> u32 {
        use crate::kinds::Priority as P;
        match priority {
            P::Immediate => self.remediation_days_immediate,
            P::OutOfCycle => self.remediation_days_out_of_cycle,
            P::Scheduled => self.remediation_days_scheduled,
            P::Defer => self.remediation_days_defer,
            P::Unset => self.remediation_days_unset,
        }
    }

    /// The first number that no policy may hold, with the remedy.
    pub fn check(&self) -> Result<(), PolicyError> {
        if self.release_approvals < 2 {
            return Err(PolicyError {
                field: "release_approvals",
                remedy: "publishing needs two people; set 2 or more",
            });
        }
        if self.acknowledgement_working_days == 0 || self.acknowledgement_working_days > 5 {
            return Err(PolicyError {
                field: "acknowledgement_working_days",
                remedy: "a person acknowledges within 7 calendar days; set 1 to 5 working days",
            });
        }
        if self.embargo_days > self.embargo_cap_days {
            return Err(PolicyError {
                field: "embargo_days",
                remedy: "the default embargo may not be longer than the cap",
            });
        }
        if self.update_days == 0 || self.update_days > 90 {
            return Err(PolicyError {
                field: "update_days",
                remedy: "set 1 to 90 days between updates to the reporter",
            });
        }
        Ok(())
    }
}

/// A number that a policy may not hold.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}: {remedy}")]
pub struct PolicyError {
    /// The field.
    pub field: &'static str,
    /// What would be accepted.
    pub remedy: &'static str,
}

/// One version of a policy document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PolicyDocument {
    /// Its id.
    pub id: PolicyId,
    /// Which policy.
    pub kind: PolicyKind,
    /// Version, counted from 1 for each kind.
    pub version: u32,
    /// Sections in order: heading and text.
    pub sections: Vec<(String, String)>,
    /// Its numbers.
    pub numbers: Numbers,
    /// The calendar that working days are counted by.
    #[serde(default)]
    pub calendar: WorkingCalendar,
    /// Who wrote it.
    pub drafted_by: UserId,
    /// When.
    pub drafted_at: Timestamp,
    /// Who approved it, and when. A draft has no force.
    pub approved: Option<(UserId, Timestamp)>,
    /// When it is due for review.
    pub review_due: Option<Timestamp>,
}

/// The places where the internal and the public policy contradict each other (30111 6.3).
/// Empty when text and behaviour agree.
pub fn contradictions(internal: &Numbers, public: &Numbers) -> Vec<String> {
    let mut found = Vec::new();
    let mut promise = |what: &str, inside: u32, outside: u32| {
        if inside > outside {
            found.push(format!(
                "{what}: the public policy promises {outside}, the internal one allows {inside}"
            ));
        }
    };
    promise(
        "acknowledgement (working days)",
        internal.acknowledgement_working_days,
        public.acknowledgement_working_days,
    );
    promise(
        "verification result (working days)",
        internal.verification_working_days,
        public.verification_working_days,
    );
    promise("update (days)", internal.update_days, public.update_days);
    promise(
        "longest embargo (days)",
        internal.embargo_cap_days,
        public.embargo_cap_days,
    );
    found
}

/// The policy in force, as facts for `decide` (decision 9): with its version, for the entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Default)]
pub struct InForce {
    /// Version of the internal policy; `None` while the instance runs in trial mode.
    pub internal_version: Option<u32>,
    /// The numbers.
    pub numbers: Numbers,
    /// The calendar.
    pub calendar: WorkingCalendar,
}
