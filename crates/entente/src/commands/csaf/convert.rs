//! Converts documents to CSAF 2.1 and says what was lost or guessed.

use super::super::Outcome;
use super::files;
use anyhow::{Context, bail};
use entente_documents::csaf::{self, Choices, Converted, Severity};
use std::io::Write;
use std::path::{Path, PathBuf};

pub(super) fn run(paths: &[PathBuf], out: Option<&Path>, choices: Choices) -> Outcome {
    if out.is_none() && (paths.len() > 1 || paths.iter().any(|path| path.is_dir())) {
        bail!("say with --out into which folder several documents shall be written");
    }
    if let Some(folder) = out {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("making the folder {}", folder.display()))?;
    }
    Ok(files::outcome(paths, |name, bytes| {
        one(name, bytes, out, choices)
    }))
}

/// Converts one document; false if the result would not be valid.
fn one(
    name: &str,
    bytes: anyhow::Result<Vec<u8>>,
    out: Option<&Path>,
    choices: Choices,
) -> anyhow::Result<bool> {
    let converted =
        csaf::convert(&bytes?, choices).with_context(|| format!("converting {name}"))?;
    for notice in &converted.notices {
        eprintln!("{name}: warning {} {}", notice.path, notice.message);
    }
    if !converted.report.valid {
        eprintln!("{name}: not written, by CSAF 2.1 it would not be valid:");
        for f in &converted.report.findings {
            if f.severity == Severity::Error {
                eprintln!("  {} {} {} {}", f.severity, f.test, f.path, f.message);
            }
        }
        return Ok(false);
    }
    write(&converted, out).with_context(|| format!("writing what {name} became"))?;
    Ok(true)
}

fn write(converted: &Converted, out: Option<&Path>) -> anyhow::Result<()> {
    let mut text = serde_json::to_vec_pretty(&converted.document)?;
    text.push(b'\n');
    let Some(folder) = out else {
        std::io::stdout().lock().write_all(&text)?;
        return Ok(());
    };
    let id = converted
        .document
        .pointer("/document/tracking/id")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default();
    let path = folder.join(csaf::file_name(id));
    std::fs::File::create_new(&path)
        .and_then(|mut file| file.write_all(&text))
        .with_context(|| format!("{} (an existing file is not overwritten)", path.display()))
}
