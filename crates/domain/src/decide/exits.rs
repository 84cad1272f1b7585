//! How a case ends: typed exits with their preconditions (30111 7.1.4 b), completion, reopening.

use super::{Out, optional, optional_line, text};
use crate::case::AdvisoryState;
use crate::clock::ClockKind;
use crate::command::Command;
use crate::entry::Entry;
use crate::kinds::{ExitReason, MessagePurpose, Stage, Verdict};
use crate::rule::{Refusal, RuleId};

pub(super) fn decide(out: &mut Out<'_>, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::Exit {
            reason,
            note,
            notice,
            duplicate_of,
            siblings_checked,
            handed_to,
        } => {
            text("note", note)?;
            optional("notice", notice)?;
            optional_line("handed_to", handed_to)?;
            precondition(out, *reason, *duplicate_of, *siblings_checked, handed_to)?;
            // INV-8: every exit tells the reporter, or the reason why it cannot is on record.
            let reachable: Vec<_> = out
                .case
                .reports
                .iter()
                .filter(|r| r.reachable())
                .map(|r| r.id)
                .collect();
            if !reachable.is_empty() && notice.trim().is_empty() {
                return Err(Refusal::new(
                    RuleId::TellExit,
                    "The reporter can be reached and no notice is written.",
                    "Write the notice, or record why no contact is possible.",
                )
                .at("notice"));
            }
            for (n, report) in reachable.into_iter().enumerate() {
                // Each thread has a message of its own.
                let message = out.facts.notices.get(n).copied();
                let message = message.unwrap_or(out.facts.message);
                // A person wrote the notice: for who heard nothing yet it is the
                // acknowledgement as well.
                let case = out.case;
                if case
                    .report(report)
                    .is_some_and(|r| r.acknowledged_at.is_none())
                {
                    let rule = RuleId::HumanAcknowledgement;
                    out.push(rule, Entry::Acknowledged { report, message });
                    out.stop(rule, ClockKind::AcknowledgementTarget, Some(report));
                    out.stop(rule, ClockKind::AcknowledgementLimit, Some(report));
                }
                out.push(
                    RuleId::TellExit,
                    Entry::MessageToReporter {
                        report,
                        message,
                        purpose: MessagePurpose::ExitNotice,
                    },
                );
            }
            let advisory = out.case.advisory.as_ref();
            if advisory.is_some_and(|a| a.state == AdvisoryState::InReview) {
                // Approvals of a text that is not released must not wait for a reopened case.
                out.push_because(RuleId::ApprovedText, Entry::AdvisoryRecalled {}, note);
            }
            out.push_because(
                RuleId::TellExit,
                Entry::Closed {
                    exit: *reason,
                    note: note.clone(),
                    duplicate_of: *duplicate_of,
                    handed_to: handed_to.trim().to_owned(),
                },
                note,
            );
            if *reason == ExitReason::NonSecurity {
                out.start(RuleId::Recheck, ClockKind::Recheck, None);
            }
        }
        Command::Complete { note } => {
            optional("note", note)?;
            out.push(
                RuleId::PostRelease,
                Entry::Closed {
                    exit: ExitReason::Completed,
                    note: note.clone(),
                    duplicate_of: None,
                    handed_to: String::new(),
                },
            );
        }
        Command::Reopen { reason } => {
            text("reason", reason)?;
            out.push_because(RuleId::ReasonGiven, Entry::Reopened {}, reason);
            out.stop(RuleId::Recheck, ClockKind::Recheck, None);
            super::release::task_clock(out, out.case.tasks.clone());
            if out.case.reopens_into() != Stage::PostRelease {
                let days = out.facts.policy.numbers.remediation_days(out.case.priority);
                let due = out.now.plus_days(i64::from(days));
                out.start_until(RuleId::Prioritised, ClockKind::Remediation, None, due);
            }
            let case = out.case;
            if let Some(until) = case.embargo_until {
                out.start_until(RuleId::NotBeforeDate, ClockKind::EmbargoDate, None, until);
            }
            for r in case.reports.iter().filter(|r| r.reachable()) {
                let id = Some(r.id);
                out.start(RuleId::KeepInformed, ClockKind::NextUpdate, id);
                if r.result_told_at.is_none() && case.reopens_into() != Stage::PostRelease {
                    out.start(RuleId::TellResult, ClockKind::VerificationResult, id);
                }
                if r.reporter_waits {
                    out.start(RuleId::KeepInformed, ClockKind::ReplyToReporter, id);
                }
            }
        }
        Command::MergeInto { target, reason } => {
            text("reason", reason)?;
            if *target == out.case.id || !out.facts.known_cases.contains(target) {
                return Err(Refusal::new(
                    RuleId::MergeTrace,
                    "There is no such other case.",
                    "Name an open case that you can see.",
                )
                .at("target"));
            }
            out.push_because(
                RuleId::MergeTrace,
                Entry::MergedInto { target: *target },
                reason,
            );
            out.push_because(
                RuleId::MergeTrace,
                Entry::Closed {
                    exit: ExitReason::Duplicate,
                    note: reason.clone(),
                    duplicate_of: Some(*target),
                    handed_to: String::new(),
                },
                reason,
            );
        }
        _ => {}
    }
    Ok(())
}

/// What each exit asks for before it is open (30111 7.1.4 a, b, c).
fn precondition(
    out: &Out<'_>,
    reason: ExitReason,
    duplicate_of: Option<crate::ids::CaseId>,
    siblings_checked: bool,
    handed_to: &str,
) -> Result<(), Refusal> {
    match reason {
        ExitReason::Unverified => {
            if out.case.verdict() != Some(Verdict::NotReproduced) {
                return Err(Refusal::new(
                    RuleId::VerificationRecord,
                    "No verification says that it was not reproduced.",
                    "Record what was tried, with the verdict Not reproduced.",
                )
                .at("reason"));
            }
            for r in out.case.reports.iter().filter(|r| r.reachable()) {
                let waited = out.case.clocks.iter().any(|c| {
                    c.kind == ClockKind::ReporterAnswer
                        && c.report == Some(r.id)
                        && c.is_open()
                        && c.paused.is_none()
                        && c.due_at <= out.now
                });
                // Or they answered, and what was tried with the answer failed as well.
                let answered = r.question_open_since.is_none()
                    && r.answered_at.is_some_and(|answer| {
                        out.case.verifications.last().is_some_and(|v| v.at > answer)
                    });
                if !waited && !answered {
                    return Err(Refusal::new(
                        RuleId::AskFirst,
                        "The reporter was not asked, or still has time to answer.",
                        "Send a question and wait until its clock has run out.",
                    )
                    .at("reason"));
                }
            }
            Ok(())
        }
        ExitReason::Duplicate => match duplicate_of {
            Some(other) if other != out.case.id && out.facts.known_cases.contains(&other) => Ok(()),
            _ => Err(Refusal::new(
                RuleId::DuplicateLinked,
                "A duplicate names the case that it repeats.",
                "Choose that case.",
            )
            .at("duplicate_of")),
        },
        ExitReason::ObsoleteProduct if !siblings_checked => Err(Refusal::new(
            RuleId::SupportedSiblings,
            "Supported siblings of the product were not checked.",
            "Check them, and say so.",
        )
        .at("siblings_checked")),
        ExitReason::OtherVendor if handed_to.trim().is_empty() => Err(Refusal::new(
            RuleId::HandOver,
            "The report was not handed to the other vendor.",
            "Hand it over and name the vendor.",
        )
        .at("handed_to")),
        ExitReason::NonSecurity if out.case.verdict() != Some(Verdict::NotASecurityMatter) => {
            Err(Refusal::new(
                RuleId::VerificationRecord,
                "No verification says that it is no security matter.",
                "Record a verification with that verdict.",
            )
            .at("reason"))
        }
        ExitReason::Junk | ExitReason::Withdrawn
            if out.case.verdict() == Some(Verdict::Confirmed) =>
        {
            Err(Refusal::new(
                RuleId::Confirmed,
                "The vulnerability is confirmed, whoever reported it.",
                "Handle it, or record a later verification with another verdict.",
            )
            .at("reason"))
        }
        ExitReason::Completed => Err(Refusal::new(
            RuleId::PostRelease,
            "A completed case is not an exit.",
            "Take it through release and close it as completed.",
        )
        .at("reason")),
        ExitReason::ObsoleteProduct
        | ExitReason::OtherVendor
        | ExitReason::NonSecurity
        | ExitReason::Withdrawn
        | ExitReason::Junk => Ok(()),
    }
}
