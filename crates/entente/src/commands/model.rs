//! `entente model`: the state machines of coordination, derived, for comparison with published
//! tables.

use super::Outcome;
use entente_domain::coordination::{
    CaseEvent, CaseState, ConsentState, ConsentTrigger, EmbargoState, EmbargoTrigger, Fraction,
    ReportState, ReportTrigger, desiderata, histories, vendor_axis, viability, world_axis,
};
use serde_json::{Map, Value, json};
use std::io::Write;
use std::process::ExitCode;

/// Print the model of coordination.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// As JSON: states, transitions, refusals with their reasons, histories with their chances.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &model())?;
        writeln!(out)?;
        return Ok(ExitCode::SUCCESS);
    }
    let edges: usize = CaseState::all().iter().map(|s| s.edges().len()).sum();
    writeln!(
        out,
        "A case has {} states, {edges} edges between them and {} complete histories.\n",
        CaseState::all().len(),
        histories().len()
    )?;
    writeln!(out, "Wished-for order   by chance   in histories")?;
    for (wish, chance, many) in desiderata() {
        writeln!(
            out,
            "{:<18} {:<11} {many}",
            wish.to_string(),
            chance.to_string()
        )?;
    }
    writeln!(out, "\nThe machines themselves: entente model --json")?;
    Ok(ExitCode::SUCCESS)
}

/// The legal moves of a machine, the published ones or ours.
fn moves<S: Copy + serde::Serialize, T: Copy + serde::Serialize>(
    states: &[S],
    triggers: &[T],
    after: impl Fn(S, T) -> Option<S>,
    wanted: impl Fn(T) -> bool,
) -> Vec<Value> {
    let mut found = Vec::new();
    for &trigger in triggers.iter().filter(|t| wanted(**t)) {
        for &state in states {
            if let Some(next) = after(state, trigger) {
                found.push(json!({ "trigger": trigger, "src": state, "dst": next }));
            }
        }
    }
    found
}

fn axis((states, edges): (Vec<String>, Vec<(CaseEvent, String, String)>)) -> Value {
    let edges: Vec<Value> = edges
        .iter()
        .map(|(event, src, dst)| json!({ "trigger": event, "src": src, "dst": dst }))
        .collect();
    json!({ "states": states, "transitions": edges })
}

/// Everything, in the shape that is compared.
fn model() -> Value {
    let states = CaseState::all();
    let (mut edges, mut refused) = (Vec::new(), Vec::new());
    for state in &states {
        let each = Fraction::new(1, i64::try_from(state.edges().len()).unwrap_or(1));
        for event in CaseEvent::ALL {
            match state.after(*event) {
                Ok(next) => edges.push(json!({
                    "src": state.to_string(), "event": event, "dst": next.to_string(),
                    "p": each.to_string() })),
                Err(why) => refused.push(json!({
                    "state": state.to_string(), "event": event, "reason": why.label() })),
            }
        }
    }
    let told: Vec<Value> = histories()
        .iter()
        .map(|history| {
            let met: Map<String, Value> = desiderata()
                .iter()
                .map(|(wish, ..)| (wish.to_string(), json!(history.meets(*wish))))
                .collect();
            json!({ "history": history.to_string(), "p": history.chance.to_string(), "desiderata": met })
        })
        .collect();
    let wishes: Vec<Value> = desiderata()
        .iter()
        .map(|(wish, chance, many)| {
            // Skill: how far above chance, of what there is above chance.
            let room = Fraction::ONE - *chance;
            json!({
                "d": wish.to_string(), "frequency": chance.to_string(), "histories": many,
                "skill": {
                    "always_met": room.over(room).to_string(),
                    "never_met": (Fraction::ZERO - *chance).over(room).to_string(),
                } })
        })
        .collect();
    json!({
        "rm": {
            "states": ReportState::ALL,
            "transitions": moves(ReportState::ALL, ReportTrigger::ALL, ReportState::after, |_| true),
        },
        "em": {
            "states": EmbargoState::ALL,
            "transitions": moves(EmbargoState::ALL, EmbargoTrigger::ALL, EmbargoState::after, |t| !t.is_ours()),
            "decided": moves(EmbargoState::ALL, EmbargoTrigger::ALL, EmbargoState::after, EmbargoTrigger::is_ours),
        },
        "vfd": axis(vendor_axis()),
        "pxa": axis(world_axis()),
        "pec": {
            "states": ConsentState::ALL,
            "transitions": moves(ConsentState::ALL, ConsentTrigger::ALL, ConsentState::after, |t| !t.is_ours()),
            "decided": moves(ConsentState::ALL, ConsentTrigger::ALL, ConsentState::after, ConsentTrigger::is_ours),
        },
        "cs": {
            "states": states.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "edges": edges,
            "refused": refused,
            "viability": states.iter().map(|s| json!({
                "state": s.to_string(), "embargo": viability(*s) })).collect::<Vec<_>>(),
        },
        "histories": told,
        "desiderata": wishes,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_model_has_the_published_sizes() {
        let model = model();
        let size = |path: &str| model.pointer(path).unwrap().as_array().unwrap().len();
        assert_eq!(size("/cs/states"), 32);
        assert_eq!(size("/cs/edges"), 58);
        assert_eq!(size("/cs/refused"), 32 * 6 - 58);
        assert_eq!(size("/histories"), 70);
        assert_eq!(size("/desiderata"), 12);
        assert_eq!(size("/rm/transitions"), 11);
        assert_eq!(size("/em/transitions"), 10);
        assert_eq!(size("/vfd/transitions"), 3);
        assert_eq!(model["desiderata"][0]["frequency"], "1/3");
        assert_eq!(model["desiderata"][0]["skill"]["never_met"], "-1/2");
    }
}
