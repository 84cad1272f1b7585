//! Deciding: a command against a case becomes entries, or a refusal that names its rule.
//!
//! [`decide`] is pure and total. It asks [`gate`] first, and so does the console through
//! [`open_actions`]: a button that would be refused is never offered without its reason.
//! To add a command: a variant in `command.rs`, its gate here, its arm in the file of its
//! subject, an entry in `entry.rs`, an arm in `case.rs`, words in `timeline.rs`.

mod access;
mod clocks;
mod embargo;
mod exits;
mod facts;
mod gate;
mod handling;
mod intake;
mod merge;
mod parties;
mod release;
mod remediation;
mod talking;
mod who;

pub use facts::{Facts, PartyFact, PriorityOutcome, ProductFact};
pub use gate::gate;
pub use intake::{Intake, check_form, open_case, open_history, renew_history};
pub use merge::absorb;

use crate::access::Viewer;
use crate::case::Case;
use crate::clock::{self, Clock, ClockKind};
use crate::command::{Command, CommandKind};
use crate::entry::{Decided, Entry};
use crate::ids::ReportId;
use crate::rule::{Refusal, RuleId};
use crate::time::Timestamp;

/// The longest text of one field, in bytes (reliability D4: a text report of 256 KiB).
pub const LONGEST_TEXT: usize = 256 * 1024;
/// The longest single line, such as a title.
pub const LONGEST_LINE: usize = 300;

/// What a command becomes: entries in order.
pub type Decision = Result<Vec<Decided>, Refusal>;

/// Decides a command. `now` and everything outside the case come in; nothing is read.
pub fn decide(
    case: &Case,
    facts: &Facts,
    actor: &Viewer,
    command: &Command,
    now: Timestamp,
) -> Decision {
    gate(case, facts, actor, command.kind(), now)?;
    let mut out = Out::new(case, facts, now);
    match command {
        Command::Acknowledge { .. }
        | Command::SendToReporter { .. }
        | Command::ReporterWrites { .. }
        | Command::SetCredit { .. }
        | Command::RecordNoContact { .. }
        | Command::Comment { .. }
        | Command::AddAttachment { .. } => talking::decide(&mut out, actor, command)?,
        Command::Assign { .. }
        | Command::AddMember { .. }
        | Command::RemoveMember { .. }
        | Command::Restrict { .. }
        | Command::Unrestrict { .. }
        | Command::ReadIdentity { .. }
        | Command::EraseIdentity { .. } => access::decide(&mut out, actor, command)?,
        Command::SetTitle { .. }
        | Command::SetTlp { .. }
        | Command::SetEmbargoDate { .. }
        | Command::StartVerification {}
        | Command::RecordVerification { .. }
        | Command::Score { .. }
        | Command::AssessPriority { .. }
        | Command::SetPriority { .. }
        | Command::SetWeakness { .. }
        | Command::RecordRootCause { .. }
        | Command::RecordVariant { .. }
        | Command::SetAffected { .. }
        | Command::SetCve { .. }
        | Command::StartRemediation {}
        | Command::TickChecklist { .. }
        | Command::RecordPublicity { .. }
        | Command::RecordExploitation { .. }
        | Command::DecidePublicity { .. } => handling::decide(&mut out, actor, command)?,
        Command::DecideRemediation { .. }
        | Command::ProduceRemediation { .. }
        | Command::TestRemediation { .. }
        | Command::MakeAvailable { .. }
        | Command::DropRemediation { .. }
        | Command::PrepareRelease { .. } => remediation::decide(&mut out, command)?,
        Command::DraftAdvisory { .. }
        | Command::SubmitAdvisory {}
        | Command::RecallAdvisory { .. }
        | Command::LegalReview { .. }
        | Command::GiveGo {}
        | Command::WithdrawGo { .. }
        | Command::Publish {}
        | Command::ReviseAdvisory { .. }
        | Command::AddTask { .. }
        | Command::CompleteTask { .. }
        | Command::CancelTask { .. } => release::decide(&mut out, actor, command)?,
        Command::ProposeEmbargo { .. }
        | Command::AgreeEmbargo { .. }
        | Command::RejectEmbargo { .. }
        | Command::WithdrawProposal { .. }
        | Command::EndEmbargo { .. } => embargo::decide(&mut out, actor, command)?,
        Command::InviteParty { .. }
        | Command::RenewInvitation { .. }
        | Command::GiveGuestLink { .. }
        | Command::RevokeGuestLink { .. }
        | Command::RemoveParticipant { .. }
        | Command::SignTerms { .. }
        | Command::DeclineTerms { .. }
        | Command::LeaveCase { .. }
        | Command::ReportStanding { .. }
        | Command::ShareBrief { .. }
        | Command::WriteToParticipants { .. }
        | Command::ParticipantWrites { .. } => parties::decide(&mut out, actor, command)?,
        Command::PauseClock { .. }
        | Command::ResumeClock { .. }
        | Command::ExplainBreach { .. } => clocks::decide(&mut out, command)?,
        Command::Exit { .. }
        | Command::Reopen { .. }
        | Command::Complete { .. }
        | Command::MergeInto { .. } => exits::decide(&mut out, command)?,
    }
    Ok(out.entries)
}

/// Which commands are open to `actor` now, and why the others are not.
pub fn open_actions(
    case: &Case,
    facts: &Facts,
    actor: &Viewer,
    now: Timestamp,
) -> Vec<(CommandKind, Option<Refusal>)> {
    CommandKind::ALL
        .iter()
        .map(|&kind| (kind, gate(case, facts, actor, kind, now).err()))
        .collect()
}

/// Collects entries while a command is decided.
struct Out<'a> {
    case: &'a Case,
    facts: &'a Facts,
    now: Timestamp,
    entries: Vec<Decided>,
}

impl<'a> Out<'a> {
    fn new(case: &'a Case, facts: &'a Facts, now: Timestamp) -> Self {
        Self {
            case,
            facts,
            now,
            entries: Vec::new(),
        }
    }

    fn push(&mut self, rule: RuleId, what: Entry) {
        self.entries.push(Decided {
            what,
            rule,
            reason: None,
        });
    }

    fn push_because(&mut self, rule: RuleId, what: Entry, reason: &str) {
        self.entries.push(Decided {
            what,
            rule,
            reason: Some(reason.trim().to_owned()),
        });
    }

    /// Starts (or starts anew) a clock whose date the policy computes.
    fn start(&mut self, rule: RuleId, kind: ClockKind, report: Option<ReportId>) {
        let due = clock::due(
            kind,
            self.now,
            &self.facts.policy.numbers,
            &self.facts.policy.calendar,
        );
        self.start_until(rule, kind, report, due);
    }

    /// Starts (or starts anew) a clock with a given date.
    fn start_until(
        &mut self,
        rule: RuleId,
        kind: ClockKind,
        report: Option<ReportId>,
        due_at: Timestamp,
    ) {
        self.push(
            rule,
            Entry::ClockStarted {
                clock: Clock {
                    kind,
                    report,
                    started_at: self.now,
                    due_at,
                    stopped_at: None,
                    paused: None,
                    breach_reason: None,
                },
            },
        );
    }

    /// Stops a clock if it is open.
    fn stop(&mut self, rule: RuleId, kind: ClockKind, report: Option<ReportId>) {
        if self.case.open_clock(kind, report).is_some() {
            self.push(
                rule,
                Entry::ClockStopped {
                    clock: kind,
                    report,
                },
            );
        }
    }
}

/// Refuses an empty or oversized text, or one with control characters.
fn text(field: &'static str, value: &str) -> Result<(), Refusal> {
    if value.trim().is_empty() {
        return Err(Refusal::new(
            RuleId::ReasonGiven,
            format!("The field “{}” is empty.", field.replace('_', " ")),
            "Fill it in.",
        )
        .at(field));
    }
    optional(field, value)
}

/// Refuses an oversized text, or one with control characters.
fn optional(field: &'static str, value: &str) -> Result<(), Refusal> {
    if value.len() > LONGEST_TEXT {
        return Err(Refusal::new(
            RuleId::Bounds,
            format!("The field “{}” is too long.", field.replace('_', " ")),
            format!("Keep it under {LONGEST_TEXT} bytes, or attach it as a file."),
        )
        .at(field));
    }
    if value
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(Refusal::new(
            RuleId::Bounds,
            format!(
                "The field “{}” holds control characters.",
                field.replace('_', " ")
            ),
            "Remove them, or attach the text as a file.",
        )
        .at(field));
    }
    Ok(())
}

/// Refuses what is not one line of bounded length.
fn line(field: &'static str, value: &str) -> Result<(), Refusal> {
    text(field, value)?;
    optional_line(field, value)
}

/// Refuses what is longer than one line of bounded length; empty is fine.
fn optional_line(field: &'static str, value: &str) -> Result<(), Refusal> {
    optional(field, value)?;
    if value.len() > LONGEST_LINE || value.contains(['\n', '\r']) {
        return Err(Refusal::new(
            RuleId::Bounds,
            format!(
                "The field “{}” is not one short line.",
                field.replace('_', " ")
            ),
            format!("Keep it on one line of at most {LONGEST_LINE} bytes."),
        )
        .at(field));
    }
    Ok(())
}

/// Refuses what is no web address.
fn web_address(field: &'static str, value: &str) -> Result<(), Refusal> {
    line(field, value)?;
    let rest = value
        .strip_prefix("https://")
        .or_else(|| value.strip_prefix("http://"));
    let sound = rest
        .is_some_and(|r| !r.is_empty() && !r.starts_with('/') && !r.contains(char::is_whitespace));
    if !sound {
        return Err(Refusal::new(
            RuleId::Bounds,
            format!(
                "The field “{}” is not a web address.",
                field.replace('_', " ")
            ),
            "Give an address that begins with https://.",
        )
        .at(field));
    }
    Ok(())
}

/// The report that a command names, or a refusal.
fn report_of(case: &Case, id: ReportId) -> Result<&crate::case::Report, Refusal> {
    case.report(id).ok_or_else(|| {
        Refusal::new(
            RuleId::Registered,
            "This case has no such report.",
            "Name a report of this case.",
        )
        .at("report")
    })
}

#[cfg(test)]
mod tests;
