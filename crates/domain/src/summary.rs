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

impl CaseSummary {
    /// The row of a case, as it stands.
    pub fn of(case: &crate::case::Case) -> Self {
        let clocks: Vec<Clock> = case
            .clocks
            .iter()
            .filter(|c| c.is_open())
            .cloned()
            .collect();
        let next_due = clocks
            .iter()
            .filter(|c| c.paused.is_none() && !c.kind.waits_for_others())
            .map(|c| c.due_at)
            .min();
        let mut products: Vec<String> = case
            .affected
            .iter()
            .map(|a| a.product_name.clone())
            .collect();
        if products.is_empty() {
            products.extend(case.reports.first().map(|r| r.form.product.clone()));
        }
        Self {
            id: case.id,
            number: case.number,
            version: case.version,
            stage: case.stage,
            priority: case.priority,
            owner: case.owner,
            restricted: case.restricted,
            tlp: case.tlp,
            source: case.reports.first().map_or(
                if case.imported {
                    Source::Import
                } else {
                    Source::External
                },
                |r| r.source,
            ),
            publicity: case.publicity,
            exploited: case.exploited,
            reporter_waits: case.reports.iter().any(|r| r.reporter_waits),
            next_step: next_step(case),
            next_due,
            opened_at: case.opened_at,
            updated_at: case.updated_at,
            members: case.member_ids(),
            clocks,
            title: case.title.clone(),
            products,
            cve: case.cve.clone(),
            score_tenths: case.highest_score().map(|s| s.tenths),
        }
    }
}

impl ReportSummary {
    /// The register lines of a case.
    pub fn of(case: &crate::case::Case) -> Vec<Self> {
        case.reports
            .iter()
            .map(|r| Self {
                id: r.id,
                number: r.number,
                case: case.id,
                reference: r.reference.clone(),
                source: r.source,
                channel: r.channel,
                received_at: r.received_at,
                acknowledged_at: r.acknowledged_at,
                closed_as: case.ending.as_ref().map(|e| e.exit),
                title: case.title.clone(),
            })
            .collect()
    }
}

/// The next open step, in the order in which a person should take them.
pub fn next_step(case: &crate::case::Case) -> NextStep {
    use crate::case::AdvisoryState;
    use crate::kinds::{RemediationState, Verdict};
    if case.publicity_pending && case.merged_into.is_none() {
        return NextStep::DecidePublicity;
    }
    if case.stage == Stage::Closed {
        return if case.reports.iter().any(|r| r.reporter_waits) {
            NextStep::Reply
        } else {
            NextStep::Nothing
        };
    }
    if case
        .reports
        .iter()
        .any(|r| r.reachable() && r.acknowledged_at.is_none())
    {
        return NextStep::Acknowledge;
    }
    if case.reports.iter().any(|r| r.reporter_waits) {
        return NextStep::Reply;
    }
    match case.stage {
        Stage::Receipt => NextStep::Verify,
        Stage::Verification => match case.verdict() {
            None => NextStep::Verify,
            Some(Verdict::Confirmed) => {
                if case.scores.is_empty() || case.priority == Priority::Unset {
                    NextStep::Assess
                } else if case.affected.is_empty() {
                    NextStep::MapProducts
                } else if case
                    .reports
                    .iter()
                    .any(|r| r.reachable() && r.result_told_at.is_none())
                {
                    NextStep::TellResult
                } else {
                    NextStep::DecideRemediation
                }
            }
            Some(_) if case.reports.iter().any(|r| r.question_open_since.is_some()) => {
                NextStep::AwaitAnswer
            }
            Some(_) => NextStep::TellResult,
        },
        Stage::RemediationDevelopment => {
            if case.remediations.is_empty() {
                NextStep::DecideRemediation
            } else if case.remediations.iter().any(|r| {
                matches!(
                    r.state,
                    RemediationState::Decided | RemediationState::Produced
                )
            }) {
                NextStep::FinishRemediation
            } else {
                NextStep::DraftAdvisory
            }
        }
        Stage::Release => match case.advisory.as_ref().map(|a| (a.state, a.goes.len())) {
            None | Some((AdvisoryState::Draft, _)) => NextStep::DraftAdvisory,
            Some((AdvisoryState::InReview, 0 | 1)) => NextStep::ApproveAdvisory,
            Some((AdvisoryState::InReview | AdvisoryState::Published, _)) => NextStep::Publish,
        },
        Stage::PostRelease if case.imported => NextStep::Nothing,
        Stage::PostRelease => NextStep::FollowUp,
        Stage::Closed => NextStep::Nothing,
    }
}
