//! Writes what CSAF documents say as OSV, OpenVEX, CycloneDX VEX or GitHub advisories, and says
//! what those cannot.

use super::super::Outcome;
use super::files;
use anyhow::{Context, bail};
use entente_documents::csaf::{self, Choices};
use entente_documents::record::losses::{Fate, Format};
use entente_documents::record::{self, Record};
use entente_documents::{cyclonedx_vex, ghsa, openvex, osv};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A format that anybody may write. CVE records need an account at CVE Services.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum To {
    /// OSV 1.7, one document for each vulnerability.
    Osv,
    /// OpenVEX 0.2.
    Openvex,
    /// CycloneDX 1.7 with its vulnerabilities.
    Cyclonedx,
    /// GitHub's repository advisory.
    Ghsa,
}

impl To {
    fn format(self) -> Format {
        match self {
            Self::Osv => Format::Osv,
            Self::Openvex => Format::OpenVex,
            Self::Cyclonedx => Format::CycloneDx,
            Self::Ghsa => Format::Ghsa,
        }
    }

    fn write(self, record: &Record) -> anyhow::Result<Value> {
        Ok(match self {
            Self::Osv => osv::write(record).value().clone(),
            Self::Openvex => openvex::write(record)?.value().clone(),
            Self::Cyclonedx => cyclonedx_vex::write(record).value().clone(),
            Self::Ghsa => ghsa::write(record).value().clone(),
        })
    }

    /// Whether a reader of the document sees to whom it may be shown.
    fn carries_tlp(self) -> bool {
        matches!(self, Self::Cyclonedx)
    }
}

pub(super) fn run(paths: &[PathBuf], to: To, out: Option<&Path>, choices: Choices) -> Outcome {
    if let Some(folder) = out {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("making the folder {}", folder.display()))?;
    }
    Ok(files::outcome(paths, |name, bytes| {
        one(name, bytes, to, out, choices)
    }))
}

/// Writes the records of one document; false if one could not be said in the format.
fn one(
    name: &str,
    bytes: anyhow::Result<Vec<u8>>,
    to: To,
    out: Option<&Path>,
    choices: Choices,
) -> anyhow::Result<bool> {
    let (records, left) =
        csaf::records(&bytes?, choices).with_context(|| format!("reading {name}"))?;
    for problem in &left {
        eprintln!("{name}: warning {problem}");
    }
    if records.is_empty() {
        eprintln!("{name}: not written, it names no vulnerability");
        return Ok(false);
    }
    let mut all = true;
    for record in &records {
        match said(record, to) {
            Ok(document) => {
                tell_losses(name, record, to.format());
                // Several advisories may speak of one vulnerability.
                let stem = Path::new(name).file_stem().unwrap_or_default();
                let called = format!("{}-{}", stem.to_string_lossy(), record.id);
                put(&document, &called, out).with_context(|| format!("writing {}", record.id))?;
            }
            Err(why) => {
                all = false;
                eprintln!("{name}: {} not written, {why:#}", record.id);
            }
        }
    }
    Ok(all)
}

fn said(record: &Record, to: To) -> anyhow::Result<Value> {
    if !record.is_public() && !to.carries_tlp() {
        bail!(
            "its TLP label is not CLEAR and {} has no place for it; share the CSAF document instead",
            to.format().name()
        );
    }
    to.write(record)
}

/// What the record says and the format cannot.
fn tell_losses(name: &str, record: &Record, format: Format) {
    for (field, values) in record::fields(record) {
        if let Some(Fate::Lost { why }) = format.fate(field).filter(|_| !values.is_empty()) {
            let (id, format) = (&record.id, format.name());
            eprintln!("{name}: warning {id}: {format} has no place for {field}: {why}");
        }
    }
}

/// Into a file of its own, or as a line.
fn put(document: &Value, called: &str, out: Option<&Path>) -> anyhow::Result<()> {
    let Some(folder) = out else {
        let mut line = serde_json::to_vec(document)?;
        line.push(b'\n');
        std::io::stdout().lock().write_all(&line)?;
        return Ok(());
    };
    let mut text = serde_json::to_vec_pretty(document)?;
    text.push(b'\n');
    let path = folder.join(csaf::file_name(called));
    std::fs::File::create_new(&path)
        .and_then(|mut file| file.write_all(&text))
        .with_context(|| format!("{} (an existing file is not overwritten)", path.display()))
}
