//! `entente csaf validate`: judges CSAF documents.

use super::Outcome;
use crate::progress;
use anyhow::Context;
use entente_documents::csaf::{self, Preset, Profile, Report};
use serde_json::json;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// CSAF documents.
#[derive(clap::Subcommand)]
pub(crate) enum Args {
    /// Check documents against CSAF 2.0 or 2.1: schema and the tests of the standard.
    ///
    /// Exit code 0: valid; 1: findings that make a document invalid; 2: unreadable.
    Validate {
        /// auto, 2.0 or 2.1; `auto` goes by what the document says of itself.
        #[arg(long, default_value = "auto")]
        profile: Profile,
        /// schema, basic, mandatory, recommended, informative or full.
        #[arg(long, default_value = "basic")]
        preset: Preset,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
        /// Files, folders, or `-` for standard input.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
}

pub(crate) fn run(args: &Args) -> Outcome {
    let Args::Validate {
        profile,
        preset,
        json,
        paths,
    } = args;
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    let bar = (files.len() > 20 && std::io::stderr().is_terminal())
        .then(|| progress::bar(u64::try_from(files.len()).unwrap_or(0), "Validating"));
    let (mut invalid, mut unreadable) = (false, false);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for file in &files {
        match read(file) {
            Ok(bytes) => {
                let report = csaf::validate(&bytes, *profile, *preset);
                invalid |= !report.valid;
                print(&mut out, file, &report, *json)?;
            }
            Err(e) => {
                unreadable = true;
                eprintln!("entente: {e:#}");
            }
        }
        if let Some(bar) = &bar {
            bar.inc(1);
        }
    }
    out.flush()?;
    Ok(match (unreadable, invalid) {
        (true, _) => ExitCode::from(2),
        (_, true) => ExitCode::from(1),
        _ => ExitCode::SUCCESS,
    })
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
            .with_context(|| format!("reading the folder {}", path.display()))?
            .filter_map(|e| e.ok().map(|e| e.path()))
            .collect();
        entries.sort();
        for entry in entries {
            if entry.is_dir() || entry.extension().is_some_and(|e| e == "json") {
                collect(&entry, files)?;
            }
        }
    } else {
        files.push(path.to_owned());
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes)?;
    } else {
        bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    }
    Ok(bytes)
}

fn print(out: &mut impl Write, file: &Path, report: &Report, json: bool) -> std::io::Result<()> {
    if json {
        return writeln!(
            out,
            "{}",
            json!({ "file": file.display().to_string(), "valid": report.valid, "findings": report.findings })
        );
    }
    let verdict = if report.valid { "valid" } else { "invalid" };
    writeln!(out, "{}: {verdict}", file.display())?;
    for f in &report.findings {
        writeln!(out, "  {} {} {} {}", f.severity, f.test, f.path, f.message)?;
    }
    Ok(())
}
