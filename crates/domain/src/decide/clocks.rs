//! Pausing clocks and explaining breaches, always with a reason.

use super::{Out, text};
use crate::clock::ClockKind;
use crate::command::Command;
use crate::entry::Entry;
use crate::rule::{Refusal, RuleId};

pub(super) fn decide(out: &mut Out<'_>, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::PauseClock { clock, reason } => {
            text("reason", reason)?;
            if matches!(
                clock,
                ClockKind::EmbargoDate | ClockKind::ReporterDisclosure
            ) {
                return Err(Refusal::new(
                    RuleId::PauseWithReason,
                    "A date does not stand still.",
                    "Set another date, with its reason.",
                )
                .at("clock"));
            }
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
            let case = out.case;
            let mut any = false;
            // Each report's clock gets back its own time.
            for c in case
                .clocks
                .iter()
                .filter(|c| c.kind == *clock && c.is_open())
            {
                let Some(pause) = &c.paused else { continue };
                any = true;
                out.push(
                    RuleId::PauseWithReason,
                    Entry::ClockResumed {
                        clock: *clock,
                        report: c.report,
                        due_at: c.due_after(pause, out.now),
                    },
                );
            }
            if !any {
                return Err(not_running().at("clock"));
            }
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
