//! `entente sbom`: reads software bills of materials, says what they lack, and holds them against
//! advisories.

mod matching;

use super::Outcome;
use anyhow::Context;
use entente_documents::sbom::{self, Gap, Quality, Sbom};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Software bills of materials.
#[derive(clap::Subcommand)]
pub(crate) enum Args {
    /// Read documents whole and say what each leaves out of what is expected of an SBOM.
    ///
    /// CycloneDX 1.0 to 1.7 in JSON or XML, SPDX 2.2 and 2.3 in JSON or tag-value, SPDX
    /// 3.0 in JSON-LD and SWID tags, told apart by content. Exit code 0: all are complete; 1: something
    /// is missing; 2: a document is refused or unreadable.
    Check {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
        /// Files, or `-` for standard input.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    Match(matching::Args),
    Import(super::inventory::ImportArgs),
    Export(super::inventory::ExportArgs),
}

pub(crate) fn run(args: &Args) -> Outcome {
    match args {
        Args::Check { json, paths } => check_all(*json, paths),
        Args::Match(args) => matching::run(args),
        Args::Import(args) => super::inventory::import(args),
        Args::Export(args) => super::inventory::export(args),
    }
}

fn check_all(json: bool, paths: &[PathBuf]) -> Outcome {
    let (mut missing, mut refused) = (false, false);
    for path in paths {
        match check(path) {
            Ok((sbom, gaps)) => {
                missing |= !gaps.is_empty();
                tell(path, &sbom, &gaps, json);
            }
            Err(error) => {
                refused = true;
                if json {
                    let line = json!({ "file": path, "error": format!("{error:#}") });
                    println!("{line}");
                } else {
                    eprintln!("entente: {error:#}");
                }
            }
        }
    }
    Ok(match (refused, missing) {
        (true, _) => ExitCode::from(2),
        (_, true) => ExitCode::from(1),
        _ => ExitCode::SUCCESS,
    })
}

fn check(path: &Path) -> anyhow::Result<(Sbom, Vec<Gap>)> {
    let mut quality = Quality::before(());
    let document = if path == Path::new("-") {
        sbom::read(std::io::stdin().lock(), &mut quality).context("standard input")
    } else {
        let file =
            std::fs::File::open(path).with_context(|| format!("opening {}", path.display()))?;
        sbom::read(file, &mut quality).with_context(|| path.display().to_string())
    }?;
    let gaps = quality.gaps(&document);
    Ok((document, gaps))
}

fn tell(path: &Path, sbom: &Sbom, gaps: &[Gap], as_json: bool) {
    let subject = sbom.subject.as_ref();
    if as_json {
        let gaps: Vec<_> = gaps
            .iter()
            .map(|g| json!({ "what": g.what, "source": g.source, "times": g.times }))
            .collect();
        let line = json!({
            "file": path, "format": sbom.format.standard(),
            "serialisation": sbom.format.serialisation(), "version": sbom.spec_version,
            "serial": sbom.serial, "components": sbom.components,
            "dependencies": sbom.dependencies, "files": sbom.files, "missing": gaps,
            "subject": subject.map(|s| json!({ "name": s.name, "version": s.version })),
        });
        println!("{line}");
        return;
    }
    let of = subject.map_or_else(String::new, |s| {
        let version = s.version.as_deref().unwrap_or_default();
        format!(" of {:?}", format!("{} {version}", s.name).trim())
    });
    println!(
        "{}: {} {} in {}{of}, {} components, {} entries of dependencies",
        path.display(),
        sbom.format.standard(),
        sbom.spec_version,
        sbom.format.serialisation(),
        sbom.components,
        sbom.dependencies
    );
    for gap in gaps {
        println!(
            "  missing: {} ({}), {} times",
            gap.what, gap.source, gap.times
        );
    }
}
