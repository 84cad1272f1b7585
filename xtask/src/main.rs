//! The project's own checks, run as `cargo xtask NAME`.
//!
//! `tidy` holds what the compiler cannot see: floors, house rules, licences. `budget` holds the number of
//! dependencies. Nothing here is part of the product.

mod budget;
mod deny;
mod finding;
mod floors;
mod lexer;
mod rules;
mod sources;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

const USAGE: &str = "\
cargo xtask tidy      checks the house rules and the floors
cargo xtask budget    counts the dependencies against the committed limit";

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let findings = match name.as_str() {
        "tidy" => tidy(&root()),
        "budget" => budget::check(&root()),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match findings {
        Ok(findings) if findings.is_empty() => ExitCode::SUCCESS,
        Ok(findings) => {
            for finding in &findings {
                eprintln!("{finding}");
            }
            eprintln!("\n{name}: {} to settle", findings.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{name}: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn tidy(root: &Path) -> Result<Vec<finding::Finding>> {
    let sources = sources::read(root)?;
    let mut findings = rules::check(&sources);
    findings.extend(floors::check(&sources));
    findings.extend(deny::check(root)?);
    findings.extend(budget::check(root).context("counting the dependencies")?);
    findings.sort();
    if findings.is_empty() {
        println!("tidy: {} files, nothing to settle", sources.len());
    }
    Ok(findings)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
