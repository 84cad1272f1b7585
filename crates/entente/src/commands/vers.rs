//! `entente vers`: version ranges and version order.

use super::{Outcome, each_line};
use entente_documents::versions::{self, Comparison, Containment, Range, Scheme};
use serde_json::json;
use std::process::ExitCode;

/// Version ranges (VERS) and version order.
#[derive(clap::Subcommand)]
pub(crate) enum Args {
    /// Whether a range contains a version.
    Contains {
        /// A JSON object a line.
        #[arg(long)]
        json: bool,
        /// The range and the version; `-` reads tab-separated pairs from standard input.
        #[arg(required = true)]
        pair: Vec<String>,
    },
    /// Compare two versions: `<`, `=`, `>` or `?`.
    Compare {
        /// Scheme and two versions; `-` reads tab-separated triples from standard input.
        #[arg(required = true)]
        triple: Vec<String>,
    },
}

fn contains(range: &str, version: &str) -> Result<Containment, String> {
    Ok(Range::parse_lenient(range)
        .map_err(|e| e.to_string())?
        .contains(version))
}

fn compare(scheme: &str, a: &str, b: &str) -> String {
    let Some(scheme) = Scheme::from_name(scheme) else {
        return format!("?\tno scheme is named {scheme}");
    };
    let c = versions::compare(scheme, a, b);
    match &c {
        Comparison::Undecidable(why) => format!("?\t{why}"),
        _ => c.sign().to_string(),
    }
}

pub(crate) fn run(args: &Args) -> Outcome {
    let fields = |given: &[String]| -> Vec<String> {
        if given == ["-"] {
            vec!["-".to_owned()]
        } else {
            vec![given.join("\t")]
        }
    };
    match args {
        Args::Contains { json, pair } => each_line(&fields(pair), |line, out| {
            let (range, version) = line.split_once('\t').unwrap_or((line, ""));
            let answer = contains(range.trim(), version.trim());
            match (answer, *json) {
                (Ok(c), true) => {
                    let (inside, reason) = match c {
                        Containment::In => (Some(true), None),
                        Containment::Out => (Some(false), None),
                        Containment::Undecidable { reason } => (None, Some(reason.to_string())),
                    };
                    writeln!(
                        out,
                        "{}",
                        json!({ "range": range, "version": version, "contains": inside, "reason": reason })
                    )
                }
                (Ok(Containment::In), false) => writeln!(out, "true"),
                (Ok(Containment::Out), false) => writeln!(out, "false"),
                (Ok(Containment::Undecidable { reason }), false) => writeln!(out, "?\t{reason}"),
                (Err(e), true) => writeln!(
                    out,
                    "{}",
                    json!({ "range": range, "version": version, "error": e })
                ),
                (Err(e), false) => writeln!(out, "error: {e}"),
            }
        })?,
        Args::Compare { triple } => each_line(&fields(triple), |line, out| {
            let mut parts = line.split('\t');
            let (scheme, a, b) = (
                parts.next().unwrap_or_default(),
                parts.next().unwrap_or_default(),
                parts.next().unwrap_or_default(),
            );
            writeln!(out, "{}", compare(scheme.trim(), a.trim(), b.trim()))
        })?,
    }
    Ok(ExitCode::SUCCESS)
}
