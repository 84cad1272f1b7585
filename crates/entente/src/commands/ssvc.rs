//! `entente ssvc`: evaluates decision tables.

use super::Outcome;
use anyhow::Context;
use entente_documents::ssvc;
use serde_json::json;
use std::process::ExitCode;

/// SSVC decision tables.
#[derive(clap::Subcommand)]
pub(crate) enum Args {
    /// Decide by a table.
    Eval {
        /// The table, such as `supplier` or `coordinator_triage`.
        table: String,
        /// Decision points as key=value.
        answers: Vec<String>,
        /// A JSON object instead of words.
        #[arg(long)]
        json: bool,
    },
    /// List the tables.
    Tables,
}

pub(crate) fn run(args: &Args) -> Outcome {
    match args {
        Args::Eval {
            table,
            answers,
            json,
        } => {
            let answers = answers
                .iter()
                .map(|a| {
                    a.split_once('=')
                        .with_context(|| format!("`{a}` is not key=value"))
                })
                .collect::<anyhow::Result<Vec<_>>>()?;
            let outcome = ssvc::table(table)?.evaluate(&answers)?;
            if *json {
                let inputs: serde_json::Map<String, serde_json::Value> = outcome
                    .inputs
                    .iter()
                    .map(|(p, v)| (p.name.to_owned(), json!(v.name)))
                    .collect();
                println!(
                    "{}",
                    json!({ "table": outcome.table.id, "version": outcome.table.version, "outcome": outcome.value.name, "key": outcome.value.key, "inputs": inputs })
                );
            } else {
                println!("{}", outcome.value.name);
            }
        }
        Args::Tables => {
            for t in ssvc::tables() {
                println!("{} {}  {}", t.id, t.version, t.name);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
