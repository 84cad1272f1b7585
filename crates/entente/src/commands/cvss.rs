//! `entente cvss`: scores vectors, one line for each.

use super::{Outcome, each_line};
use entente_documents::cvss;
use serde_json::json;
use std::process::ExitCode;

/// Score CVSS vectors (2.0, 3.0, 3.1, 4.0).
#[derive(clap::Args)]
pub(crate) struct Args {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Vectors; `-` reads one a line from standard input.
    #[arg(required = true)]
    vectors: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut all = true;
    each_line(&args.vectors, |line, out| {
        let text = line.trim();
        match cvss::parse(text) {
            Ok(v) => {
                let s = v.scores();
                if args.json {
                    let value = json!({
                        "vector": text, "version": v.version().as_str(), "canonical": v.canonical(),
                        "scores": {
                            "base": s.base.as_f64(),
                            "temporal": s.temporal.map(cvss::Score::as_f64),
                            "environmental": s.environmental.map(cvss::Score::as_f64),
                            "overall": s.overall.as_f64(),
                        },
                        "severity": v.severity().as_str(),
                    });
                    writeln!(out, "{value}")
                } else {
                    writeln!(
                        out,
                        "{} {} {}",
                        s.overall,
                        v.severity().as_str(),
                        v.canonical()
                    )
                }
            }
            Err(e) => {
                all = false;
                if args.json {
                    writeln!(out, "{}", json!({ "vector": text, "error": e.to_string() }))
                } else {
                    writeln!(out, "error: {e}")
                }
            }
        }
    })?;
    Ok(if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}
