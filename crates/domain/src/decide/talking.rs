//! Talking to the reporter and among staff. Bodies are stored beside the journal; entries
//! reference them (decision 10).

use super::{Out, line, report_of, text};
use crate::access::{Role, Viewer};
use crate::clock::{ClockKind, due};
use crate::command::Command;
use crate::entry::Entry;
use crate::kinds::{Audience, MessagePurpose, Stage};
use crate::rule::{Refusal, RuleId};

pub(super) fn decide(out: &mut Out<'_>, actor: &Viewer, command: &Command) -> Result<(), Refusal> {
    let message = out.facts.message;
    match command {
        Command::Acknowledge { report, body } => {
            text("body", body)?;
            let r = report_of(out.case, *report)?;
            if r.acknowledged_at.is_some() {
                return Err(Refusal::new(
                    RuleId::HumanAcknowledgement,
                    "This report was acknowledged already.",
                    "Write a status update instead.",
                )
                .at("report"));
            }
            reachable(r)?;
            let id = Some(*report);
            let rule = RuleId::HumanAcknowledgement;
            out.push(
                rule,
                Entry::Acknowledged {
                    report: *report,
                    message,
                },
            );
            out.stop(rule, ClockKind::AcknowledgementTarget, id);
            out.stop(rule, ClockKind::AcknowledgementLimit, id);
            out.stop(RuleId::KeepInformed, ClockKind::ReplyToReporter, id);
            promise(out, *report);
        }
        Command::SendToReporter {
            report,
            purpose,
            body,
        } => {
            text("body", body)?;
            let r = report_of(out.case, *report)?;
            reachable(r)?;
            match purpose {
                MessagePurpose::Acknowledgement => {
                    return Err(Refusal::new(
                        RuleId::HumanAcknowledgement,
                        "An acknowledgement has its own command.",
                        "Use Acknowledge.",
                    )
                    .at("purpose"));
                }
                MessagePurpose::ExitNotice if out.case.stage != Stage::Closed => {
                    return Err(Refusal::new(
                        RuleId::TellExit,
                        "An exit notice goes out with the exit.",
                        "Close the case with its exit and write the notice there.",
                    )
                    .at("purpose"));
                }
                MessagePurpose::VerificationResult if out.case.verdict().is_none() => {
                    return Err(Refusal::new(
                        RuleId::VerificationRecord,
                        "There is no result to tell.",
                        "Record a verification first.",
                    )
                    .at("purpose"));
                }
                MessagePurpose::ReleaseNotice
                    if out
                        .case
                        .advisory
                        .as_ref()
                        .is_none_or(|a| a.revisions.is_empty()) =>
                {
                    return Err(Refusal::new(
                        RuleId::ApprovedText,
                        "Nothing is published yet.",
                        "Publish first.",
                    )
                    .at("purpose"));
                }
                _ => {}
            }
            let id = Some(*report);
            out.push(
                RuleId::KeepInformed,
                Entry::MessageToReporter {
                    report: *report,
                    message,
                    purpose: *purpose,
                },
            );
            out.stop(RuleId::KeepInformed, ClockKind::ReplyToReporter, id);
            match purpose {
                // Asking again buys us no time and takes none from the reporter.
                MessagePurpose::Question
                    if out.case.stage != Stage::Closed
                        && out.case.open_clock(ClockKind::ReporterAnswer, id).is_none() =>
                {
                    out.start(RuleId::AskFirst, ClockKind::ReporterAnswer, id);
                }
                MessagePurpose::VerificationResult => {
                    out.stop(RuleId::TellResult, ClockKind::VerificationResult, id);
                }
                _ => {}
            }
            promise(out, *report);
        }
        Command::ReporterWrites { report, body } => {
            text("body", body)?;
            let r = report_of(out.case, *report)?;
            own(actor, *report)?;
            out.push(
                RuleId::KeepInformed,
                Entry::MessageFromReporter {
                    report: *report,
                    message,
                },
            );
            let id = Some(*report);
            out.stop(RuleId::AskFirst, ClockKind::ReporterAnswer, id);
            if out.case.stage != Stage::Closed {
                out.start(RuleId::KeepInformed, ClockKind::ReplyToReporter, id);
                if r.no_contact.is_some() && r.acknowledged_at.is_none() {
                    // Contact is possible again: the limit counts from the report all the same.
                    let policy = &out.facts.policy;
                    let limit = due(
                        ClockKind::AcknowledgementLimit,
                        r.received_at,
                        &policy.numbers,
                        &policy.calendar,
                    );
                    let rule = RuleId::HumanAcknowledgement;
                    out.start_until(rule, ClockKind::AcknowledgementLimit, id, limit);
                }
            }
        }
        Command::SetCredit { report, credit } => {
            if let Some(name) = credit {
                line("credit", name)?;
            }
            report_of(out.case, *report)?;
            own(actor, *report)?;
            out.push(
                RuleId::KeepInformed,
                Entry::CreditSet {
                    report: *report,
                    credit: credit.clone(),
                },
            );
        }
        Command::RecordNoContact { report, reason } => {
            text("reason", reason)?;
            report_of(out.case, *report)?;
            out.push_because(
                RuleId::TellResult,
                Entry::NoContact { report: *report },
                reason,
            );
            for kind in [
                ClockKind::AcknowledgementTarget,
                ClockKind::AcknowledgementLimit,
                ClockKind::VerificationResult,
                ClockKind::NextUpdate,
                ClockKind::ReporterAnswer,
                ClockKind::ReplyToReporter,
            ] {
                out.stop(RuleId::TellResult, kind, Some(*report));
            }
        }
        Command::Comment { audience, body } => {
            text("body", body)?;
            match audience {
                Audience::Reporter => {
                    return Err(Refusal::new(
                        RuleId::KeepInformed,
                        "A comment never goes to the reporter.",
                        "Use Write to reporter.",
                    )
                    .at("audience"));
                }
                Audience::Legal if !actor.has(Role::Legal) && !actor.has(Role::Lead) => {
                    return Err(Refusal::new(
                        RuleId::LegalGate,
                        "The legal thread is for legal and the leads.",
                        "Choose the internal thread.",
                    )
                    .at("audience"));
                }
                Audience::Participants | Audience::Participant => {
                    return Err(Refusal::new(
                        RuleId::ConsentGate,
                        "A comment never goes to participants.",
                        "Use Write to participants.",
                    )
                    .at("audience"));
                }
                Audience::Legal | Audience::Internal => {}
            }
            out.push(
                RuleId::NeedToKnow,
                Entry::Commented {
                    message,
                    audience: *audience,
                },
            );
        }
        Command::AddAttachment {
            attachment,
            report,
            bytes,
        } => {
            if let Some(report) = report {
                report_of(out.case, *report)?;
                own(actor, *report)?;
            }
            if out.case.attachments.iter().any(|(id, _)| id == attachment) {
                return Err(Refusal::new(
                    RuleId::Bounds,
                    "This attachment exists already.",
                    "Use a fresh id.",
                )
                .at("attachment"));
            }
            out.push(
                RuleId::Registered,
                Entry::AttachmentAdded {
                    attachment: *attachment,
                    report: *report,
                    bytes: *bytes,
                },
            );
        }
        _ => {}
    }
    Ok(())
}

/// The next update is promised anew; on a closed case nothing is promised.
fn promise(out: &mut Out<'_>, report: crate::ids::ReportId) {
    if out.case.stage != Stage::Closed {
        let rule = RuleId::KeepInformed;
        // Stopped first, so that a promise kept stays on record as kept.
        out.stop(rule, ClockKind::NextUpdate, Some(report));
        out.start(rule, ClockKind::NextUpdate, Some(report));
    }
}

/// A receipt code opens one report, also where a case has several.
fn own(actor: &Viewer, report: crate::ids::ReportId) -> Result<(), Refusal> {
    match actor {
        Viewer::Reporter { report: own } if *own != report => Err(Refusal::new(
            RuleId::NeedToKnow,
            "The receipt code belongs to another report.",
            "Use the code of this report.",
        )
        .at("report")),
        _ => Ok(()),
    }
}

fn reachable(report: &crate::case::Report) -> Result<(), Refusal> {
    if report.reachable() {
        return Ok(());
    }
    Err(Refusal::new(
        RuleId::KeepInformed,
        "This reporter cannot be reached.",
        "Nothing is owed; the reason is on record.",
    )
    .at("report"))
}
