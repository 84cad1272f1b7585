//! What lists, clocks and joins need of a case: the row that is projected with every change.
//!
//! Fields under "sealed" are stored encrypted; the others stand in clear columns, and none of
//! them says what the flaw is (decision 14).

use crate::clock::Clock;
use crate::ids::{CaseId, ReportId, UserId};
use crate::kinds::{Channel, Priority, Publicity, Source, Stage, Tlp, text_enum};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

text_enum! {
    /// The next open step of a case: what the inbox shows as "next".
    pub enum NextStep {
        /// Confirm receipt to the reporter.
        Acknowledge = "acknowledge", "Acknowledge the report",
        /// Answer the reporter's message.
        Reply = "reply", "Reply to the reporter",
        /// Start or finish verification.
        Verify = "verify", "Verify",
        /// Tell the reporter the result.
        TellResult = "tell_result", "Tell the reporter the result",
        /// Wait for the reporter's answer.
        AwaitAnswer = "await_answer", "Await the reporter's answer",
        /// Score it.
        Assess = "assess", "Assess severity and priority",
        /// Say which products are affected.
        MapProducts = "map_products", "Record affected products",
        /// Decide on a remediation.
        DecideRemediation = "decide_remediation", "Decide on a remediation",
        /// Produce and test the remediation.
        FinishRemediation = "finish_remediation", "Produce and test the remediation",
        /// Draft the advisory.
        DraftAdvisory = "draft_advisory", "Draft the advisory",
        /// Review and approve the advisory.
        ApproveAdvisory = "approve_advisory", "Review and approve the advisory",
        /// Publish.
        Publish = "publish", "Publish",
        /// Tasks after release.
        FollowUp = "follow_up", "Follow up",
        /// Decide what a public sighting means.
        DecidePublicity = "decide_publicity", "Decide after publicity",
        /// Nothing.
        Nothing = "nothing", "Nothing owed",
    }
}

/// One case as lists show it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CaseSummary {
    /// The case.
    pub id: CaseId,
    /// Its number for staff.
    pub number: i64,
    /// Entries in its journal when this row was made.
    pub version: u64,
    /// Its stage.
    pub stage: Stage,
    /// Its priority.
    pub priority: Priority,
    /// Who answers for it.
    pub owner: Option<UserId>,
    /// Whether only members see it.
    pub restricted: bool,
    /// Its label.
    pub tlp: Tlp,
    /// Where its first report came from.
    pub source: Source,
    /// How much the world knows.
    pub publicity: Publicity,
    /// Whether exploitation was seen.
    pub exploited: bool,
    /// Whether the reporter wrote last.
    pub reporter_waits: bool,
    /// The next step.
    pub next_step: NextStep,
    /// When the most urgent clock of ours runs out.
    pub next_due: Option<Timestamp>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Members, who see it even when it is restricted.
    pub members: Vec<UserId>,
    /// Open clocks, for the clock board.
    pub clocks: Vec<Clock>,
    /// Sealed: the working title.
    pub title: String,
    /// Sealed: the products that are named.
    pub products: Vec<String>,
    /// Keyed token when stored: the CVE id.
    pub cve: Option<String>,
    /// Highest base score in tenths, sealed.
    pub score_tenths: Option<u8>,
}

/// One line of the report register.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReportSummary {
    /// The report.
    pub id: ReportId,
    /// Its number for ever.
    pub number: i64,
    /// The case that it belongs to now.
    pub case: CaseId,
    /// The random reference that outsiders see.
    pub reference: String,
    /// Where it came from.
    pub source: Source,
    /// How it arrived.
    pub channel: Channel,
    /// When.
    pub received_at: Timestamp,
    /// When a person acknowledged it.
    pub acknowledged_at: Option<Timestamp>,
    /// When it was closed, and as what.
    pub closed_as: Option<crate::kinds::ExitReason>,
    /// Sealed: its title.
    pub title: String,
}
