//! `entente purl`: reads package URLs.

use super::{Outcome, each_line};
use entente_documents::purl;
use serde_json::json;
use std::process::ExitCode;

/// Package URLs.
#[derive(clap::Subcommand)]
pub(crate) enum Args {
    /// Read package URLs and print their parts.
    Parse {
        /// A JSON object a line.
        #[arg(long)]
        json: bool,
        /// Package URLs; `-` reads one a line from standard input.
        #[arg(required = true)]
        purls: Vec<String>,
    },
}

pub(crate) fn run(args: &Args) -> Outcome {
    let Args::Parse { json, purls } = args;
    let mut all = true;
    each_line(purls, |line, out| match purl::parse(line.trim()) {
        Ok(p) if *json => writeln!(
            out,
            "{}",
            json!({ "purl": p.canonical(), "type": p.ty(), "namespace": p.namespace(), "name": p.name(),
                    "version": p.version(), "qualifiers": p.qualifiers(), "subpath": p.subpath() })
        ),
        Ok(p) => writeln!(out, "{}", p.canonical()),
        Err(e) => {
            all = false;
            if *json {
                writeln!(out, "{}", json!({ "purl": line, "error": e.to_string() }))
            } else {
                writeln!(out, "error: {e}")
            }
        }
    })?;
    Ok(if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}
