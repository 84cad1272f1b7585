//! The advisory and the tasks after release (30111 7.1.6, 7.1.7; 29147 clause 7).

use super::{Out, line, optional, optional_line, text, web_address};
use crate::access::Viewer;
use crate::case::Task;
use crate::clock::ClockKind;
use crate::command::Command;
use crate::coordination::room::EndCause;
use crate::entry::Entry;
use crate::ids::TaskId;
use crate::kinds::{Affectedness, RemediationKind, RemediationState, Stage};
use crate::rule::{Refusal, RuleId};

#[expect(clippy::too_many_lines, reason = "one arm for each command")]
pub(super) fn decide(out: &mut Out<'_>, actor: &Viewer, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::DraftAdvisory {
            title,
            summary,
            description,
            impact,
            acknowledgement,
            references,
            change,
        } => {
            line("title", title)?;
            text("summary", summary)?;
            text("description", description)?;
            optional("impact", impact)?;
            optional_line("acknowledgement", acknowledgement)?;
            optional_line("change", change)?;
            if references.len() > 100 {
                return Err(Refusal::new(
                    RuleId::Bounds,
                    "More than 100 references.",
                    "Keep the 100 that matter.",
                )
                .at("references"));
            }
            for reference in references {
                web_address("references", reference)?;
            }
            let revising = out
                .case
                .advisory
                .as_ref()
                .is_some_and(|a| !a.revisions.is_empty());
            if revising {
                // 29147 7.4.16: every change has its line in the revision history.
                line("change", change)?;
            }
            out.push(
                RuleId::AdvisoryComplete,
                Entry::AdvisoryDrafted {
                    title: title.trim().to_owned(),
                    summary: summary.clone(),
                    description: description.clone(),
                    impact: impact.clone(),
                    acknowledgement: acknowledgement.trim().to_owned(),
                    references: references.clone(),
                    change: change.trim().to_owned(),
                },
            );
        }
        Command::SubmitAdvisory {} => {
            complete(out)?;
            out.push(RuleId::ApprovedText, Entry::AdvisorySubmitted {});
            if out.facts.policy.numbers.legal_gate {
                out.start(RuleId::LegalGate, ClockKind::LegalGate, None);
            }
        }
        Command::RecallAdvisory { reason } => {
            text("reason", reason)?;
            out.push_because(RuleId::ApprovedText, Entry::AdvisoryRecalled {}, reason);
            out.stop(RuleId::LegalGate, ClockKind::LegalGate, None);
        }
        Command::LegalReview { approved, comment } => {
            optional("comment", comment)?;
            if !*approved {
                text("comment", comment)?;
            }
            out.push(
                RuleId::LegalGate,
                Entry::LegalReviewed {
                    approved: *approved,
                    comment: comment.clone(),
                },
            );
            out.stop(RuleId::LegalGate, ClockKind::LegalGate, None);
        }
        Command::GiveGo {} => {
            if let Some(user) = actor.user() {
                out.push(RuleId::TwoPersonGo, Entry::GoGiven { user });
            }
        }
        Command::WithdrawGo { reason } => {
            text("reason", reason)?;
            if let Some(user) = actor.user() {
                out.push_because(RuleId::TwoPersonGo, Entry::GoWithdrawn { user }, reason);
            }
        }
        Command::Publish {} => publish(out)?,
        Command::ReviseAdvisory { reason } => {
            text("reason", reason)?;
            out.push_because(RuleId::ApprovedText, Entry::RevisionOpened {}, reason);
        }
        Command::AddTask {
            task,
            kind,
            title,
            owner,
            due,
        } => {
            line("title", title)?;
            if out.case.tasks.iter().any(|t| t.id == *task) {
                return Err(Refusal::new(
                    RuleId::Bounds,
                    "This task exists already.",
                    "Use a fresh id.",
                )
                .at("task"));
            }
            if let Some(owner) = owner
                && !out.facts.known_users.contains(owner)
            {
                return Err(Refusal::new(
                    RuleId::NeedToKnow,
                    "There is no active account of that id.",
                    "Choose an active member of staff.",
                )
                .at("owner"));
            }
            if *due < out.now {
                return Err(Refusal::new(
                    RuleId::Bounds,
                    "The due date lies in the past.",
                    "Choose a future date.",
                )
                .at("due"));
            }
            out.push(
                RuleId::PostRelease,
                Entry::TaskAdded {
                    task: *task,
                    task_kind: *kind,
                    title: title.clone(),
                    owner: *owner,
                    due: *due,
                },
            );
            let mut tasks = out.case.tasks.clone();
            tasks.push(Task {
                id: *task,
                kind: *kind,
                title: String::new(),
                owner: *owner,
                due: *due,
                ended: None,
                done: false,
                result: String::new(),
            });
            task_clock(out, tasks);
        }
        Command::CompleteTask { task, result } => {
            text("result", result)?;
            open_task(out, *task)?;
            out.push(
                RuleId::PostRelease,
                Entry::TaskEnded {
                    task: *task,
                    done: true,
                    result: result.clone(),
                },
            );
            task_ended(out, *task);
        }
        Command::CancelTask { task, reason } => {
            text("reason", reason)?;
            open_task(out, *task)?;
            out.push_because(
                RuleId::PostRelease,
                Entry::TaskEnded {
                    task: *task,
                    done: false,
                    result: reason.clone(),
                },
                reason,
            );
            task_ended(out, *task);
        }
        _ => {}
    }
    Ok(())
}

fn task_ended(out: &mut Out<'_>, task: TaskId) {
    let rest = out.case.tasks.iter().filter(|t| t.id != task);
    let rest = rest.cloned().collect();
    task_clock(out, rest);
}

/// One clock for the tasks of a case, due when the first open one is.
pub(super) fn task_clock(out: &mut Out<'_>, tasks: Vec<Task>) {
    let due = tasks
        .iter()
        .filter(|t| t.ended.is_none())
        .map(|t| t.due)
        .min();
    let running = out.case.open_clock(ClockKind::Task, None).map(|c| c.due_at);
    if due != running || out.case.stage == Stage::Closed {
        out.stop(RuleId::PostRelease, ClockKind::Task, None);
        if let Some(due) = due {
            out.start_until(RuleId::PostRelease, ClockKind::Task, None, due);
        }
    }
}

fn open_task(out: &Out<'_>, task: TaskId) -> Result<(), Refusal> {
    if out
        .case
        .tasks
        .iter()
        .any(|t| t.id == task && t.ended.is_none())
    {
        return Ok(());
    }
    Err(Refusal::new(
        RuleId::PostRelease,
        "No such task is open.",
        "Choose an open task of the case.",
    )
    .at("task"))
}

/// What an advisory must hold before it is reviewed (29147 7.4).
fn complete(out: &Out<'_>) -> Result<(), Refusal> {
    let case = out.case;
    let missing = |what: &str, remedy: &str| {
        Err(Refusal::new(
            RuleId::AdvisoryComplete,
            format!("The advisory has no {what}."),
            remedy,
        ))
    };
    if let Some(advisory) = &case.advisory
        && !advisory.revisions.is_empty()
        && advisory.change.is_empty()
    {
        return Err(Refusal::new(
            RuleId::ApprovedText,
            "The revision has no line for the revision history.",
            "Draft it and say what changes.",
        ));
    }
    if case.scores.is_empty() {
        return missing("severity", "Score it with a CVSS vector.");
    }
    if case.cwe.is_none() {
        return missing("weakness", "Set the weakness (CWE).");
    }
    let affected: Vec<_> = case
        .affected
        .iter()
        .filter(|a| matches!(a.status, Affectedness::Affected | Affectedness::Fixed))
        .collect();
    if affected.is_empty() {
        return missing("affected products", "Record the affected products.");
    }
    if case
        .remediations
        .iter()
        .all(|r| r.state == RemediationState::Dropped)
        && !case.early_release
    {
        return missing(
            "remediation",
            "Decide on a remediation, or release early with a reason.",
        );
    }
    let open: Vec<&str> = super::remediation::unanswered(case).collect();
    if !open.is_empty() && !case.early_release {
        return Err(Refusal::new(
            RuleId::EveryProductAnswered,
            format!("No tested remediation for: {}.", open.join(", ")),
            "Test and make one available for each product.",
        ));
    }
    for r in &case.remediations {
        let reachable = r.state == RemediationState::Available
            || r.remedy == RemediationKind::NoneAvailable
            || r.state == RemediationState::Dropped
            || case.early_release;
        if !reachable {
            return Err(Refusal::new(
                RuleId::AdvisoryComplete,
                "A remediation is not available yet.",
                "Make it available with its address, or drop it with a reason.",
            ));
        }
    }
    Ok(())
}

fn publish(out: &mut Out<'_>) -> Result<(), Refusal> {
    let advisory = out.case.advisory.as_ref();
    let public_id = advisory
        .and_then(|a| a.public_id.clone())
        .or_else(|| out.facts.public_id.clone());
    let Some(public_id) = public_id else {
        return Err(Refusal::new(
            RuleId::AdvisoryComplete,
            "The advisory has no public id.",
            "Try again; ids are given by the register.",
        ));
    };
    let revision = advisory.map_or(1, |a| {
        u32::try_from(a.revisions.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1)
    });
    out.push(
        RuleId::TwoPersonGo,
        Entry::AdvisoryPublished {
            public_id,
            revision,
        },
    );
    super::embargo::ended(
        out,
        RuleId::TwoPersonGo,
        EndCause::Released,
        "The advisory is published",
    );
    out.stop(RuleId::NotBeforeDate, ClockKind::EmbargoDate, None);
    out.stop(RuleId::NotBeforeDate, ClockKind::ReporterDisclosure, None);
    if super::remediation::answered_for_users(out.case, None) {
        // An upgrade path is an answer as well, and reaches users with the advisory.
        out.stop(RuleId::RemediationOrder, ClockKind::Remediation, None);
    }
    out.stop(
        RuleId::PublicityDecision,
        ClockKind::PublicityDecision,
        None,
    );
    if out.case.stage == Stage::Release {
        out.push(
            RuleId::PostRelease,
            Entry::StageEntered {
                stage: Stage::PostRelease,
            },
        );
        out.start(RuleId::PostRelease, ClockKind::StabilityWatch, None);
    }
    Ok(())
}
