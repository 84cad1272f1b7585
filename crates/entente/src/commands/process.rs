//! `entente process export`: the process as the documented procedure (30111 6.1).

use super::Outcome;
use entente_domain::checklist;
use entente_domain::kinds::Stage;
use entente_domain::process::TRANSITIONS;
use entente_domain::rule::RuleId;
use serde_json::json;
use std::io::Write;
use std::process::ExitCode;

/// The process in force.
#[derive(clap::Subcommand)]
pub(crate) enum Args {
    /// Print it, state machine included.
    Export {
        /// md or json.
        #[arg(long, default_value = "md", value_parser = ["md", "json"])]
        format: String,
    },
}

pub(crate) fn run(args: &Args) -> Outcome {
    let Args::Export { format } = args;
    let mut out = std::io::stdout().lock();
    let version = checklist::CURRENT_PROCESS;
    if format == "json" {
        let value = json!({
            "version": version,
            "stages": Stage::ALL.iter().map(|s| json!({
                "stage": s, "name": s.label(),
                "checklist": checklist::of_stage(version, *s).map(|i| json!({
                    "id": i.id, "text": i.text, "source": i.source, "required": i.required })).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "transitions": TRANSITIONS.iter().map(|t| json!({
                "from": t.from, "command": t.by, "to": t.to,
                "gates": t.gates.iter().map(|r| r.as_str()).collect::<Vec<_>>() })).collect::<Vec<_>>(),
            "rules": RuleId::ALL.iter().map(|r| json!({
                "id": r.as_str(), "source": r.source(), "text": r.text() })).collect::<Vec<_>>(),
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "# Vulnerability handling process, version {version}\n")?;
    writeln!(
        out,
        "Every report is registered with a number of its own and keeps it for ever. It opens a case, and the case goes through the stages below. Every change is an entry in the case's journal: who, when, under which rule, why.\n"
    )?;
    for stage in Stage::ALL {
        writeln!(out, "## {}\n", stage.label())?;
        for i in checklist::of_stage(version, *stage) {
            let need = if i.required { "required" } else { "advised" };
            writeln!(out, "- {} ({need}; {})", i.text, i.source)?;
        }
        for t in TRANSITIONS.iter().filter(|t| t.from == *stage) {
            let gates: Vec<&str> = t.gates.iter().map(|r| r.as_str()).collect();
            writeln!(
                out,
                "- “{}” leads to {}, under {}",
                t.by.label(),
                t.to.label(),
                gates.join(", ")
            )?;
        }
        writeln!(out)?;
    }
    writeln!(out, "## Rules\n")?;
    for r in RuleId::ALL {
        writeln!(out, "- **{}** ({}): {}", r.as_str(), r.source(), r.text())?;
    }
    Ok(ExitCode::SUCCESS)
}
