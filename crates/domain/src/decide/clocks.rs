//! Pausing clocks and explaining breaches, always with a reason.

use super::{Out, text};
use crate::clock::ClockKind;
use crate::command::Command;
use crate::entry::Entry;
use crate::rule::{Refusal, RuleId};
use crate::time::Timestamp;

pub(super) fn decide(out: &mut Out<'_>, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::PauseClock { clock, reason } => {
            text("reason", reason)?;
            if *clock == ClockKind::AcknowledgementLimit {
                return Err(Refusal::new(
                    RuleId::PauseWithReason,
                    "The seven-day acknowledgement cannot be paused.",
                    "Acknowledge the report.",
                )
                .at("clock"));
            }
            if !out
                .case
                .clocks
                .iter()
                .any(|c| c.kind == *clock && c.is_open() && c.paused.is_none())
            {
                return Err(not_running().at("clock"));
            }
            out.push_because(
                RuleId::PauseWithReason,
                Entry::ClockPaused { clock: *clock },
                reason,
            );
        }
        Command::ResumeClock { clock } => {
            let paused = out.case.clocks.iter().find_map(|c| {
                (c.kind == *clock && c.is_open()).then_some(())?;
                c.paused.as_ref().map(|p| (p.since, c.due_at))
            });
            let Some((since, due)) = paused else {
                return Err(not_running().at("clock"));
            };
            let stood_us = out.now.0.saturating_sub(since.0).max(0);
            out.push(
                RuleId::PauseWithReason,
                Entry::ClockResumed {
                    clock: *clock,
                    due_at: Timestamp(due.0.saturating_add(stood_us)),
                },
            );
        }
        Command::ExplainBreach { clock, reason } => {
            text("reason", reason)?;
            if !out
                .case
                .clocks
                .iter()
                .any(|c| c.kind == *clock && c.is_breached(out.now) && c.breach_reason.is_none())
            {
                return Err(Refusal::new(
                    RuleId::PauseWithReason,
                    "That clock did not run over.",
                    "Name a clock that did.",
                )
                .at("clock"));
            }
            out.push_because(
                RuleId::PauseWithReason,
                Entry::BreachExplained { clock: *clock },
                reason,
            );
        }
        _ => {}
    }
    Ok(())
}

fn not_running() -> Refusal {
    Refusal::new(
        RuleId::PauseWithReason,
        "No such clock is in that state.",
        "Choose another clock of this case.",
    )
}
