//! `entente import csaf`: a vendor's existing advisories become its history, whole or not at all.

use super::Outcome;
use crate::config::InstanceArgs;
use crate::{instance, progress};
use anyhow::Context;
use entente_domain::access::{SystemViewer, Viewer};
use entente_service::import::{self, ImportFile};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Bring what was published before into the instance. The server must not be running on the same
/// embedded database.
#[derive(clap::Subcommand)]
pub(crate) enum Args {
    /// CSAF 2.0 documents; a detached signature beside a document (`.asc`) is kept with it.
    Csaf {
        #[command(flatten)]
        instance: InstanceArgs,
        /// Files and folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
}

pub(crate) fn run(args: Args) -> Outcome {
    let Args::Csaf {
        instance: at,
        paths,
    } = args;
    let config = at.read()?;
    let mut files = Vec::new();
    for path in &paths {
        collect(path, &mut files)?;
    }
    instance::block_on(async {
        let app = instance::open_now(&config).await?;
        let bar = progress::bar(u64::try_from(files.len()).unwrap_or(0), "Importing");
        let importer = Viewer::System(SystemViewer::Importer);
        let report = import::csaf(&app, &importer, files, &mut |done, all| {
            bar.set_length(u64::try_from(all).unwrap_or(0));
            bar.set_position(u64::try_from(done).unwrap_or(0));
        })
        .await?;
        bar.finish_and_clear();
        for (name, why) in &report.refused {
            eprintln!("{name}: {why}");
        }
        if !report.refused.is_empty() {
            println!(
                "Nothing was imported: {} document(s) were refused.",
                report.refused.len()
            );
            return Ok(ExitCode::from(1));
        }
        println!(
            "{} imported, {} known already.",
            report.imported, report.unchanged
        );
        Ok(ExitCode::SUCCESS)
    })
}

fn collect(path: &Path, files: &mut Vec<ImportFile>) -> anyhow::Result<()> {
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
        return Ok(());
    }
    let mut signature = path.as_os_str().to_owned();
    signature.push(".asc");
    files.push(ImportFile {
        name: path.display().to_string(),
        bytes: std::fs::read(path).with_context(|| format!("reading {}", path.display()))?,
        signature: std::fs::read(PathBuf::from(signature)).ok(),
    });
    Ok(())
}
