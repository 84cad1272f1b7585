//! `entente csaf`: judges CSAF documents, converts them and writes them in other formats.

mod convert;
mod export;
pub(super) mod files;
mod sarif;
mod validate;

use super::Outcome;
use entente_documents::csaf::{Preset, Profile};
use entente_service::clock::{Clock, SystemClock};
use std::path::PathBuf;

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
        /// One SARIF 2.1.0 log of all documents, for code hosts.
        #[arg(long, conflicts_with = "json")]
        sarif: bool,
        /// Files, folders, archives (tar, also packed by gzip or xz, or zip), or `-` for standard input.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Convert CSAF 2.0 documents to CSAF 2.1.
    ///
    /// What is lost or guessed is printed as a warning. A result that is not
    /// valid is not written. Exit code 0: all converted; 1: some would not be
    /// valid; 2: unreadable.
    Convert {
        /// Folder to write to, by the file name that the standard prescribes;
        /// without it one document is converted to standard output.
        #[arg(long)]
        out: Option<PathBuf>,
        /// Take a TLP 2.0 label that the distribution text names.
        #[arg(long)]
        tlp_from_text: bool,
        /// Where another remediation is given for a product, remove the word
        /// that none is available, which 2.1 does not allow beside it.
        #[arg(long)]
        drop_none_available: bool,
        /// Files, folders, archives, or `-` for standard input.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Write what CSAF documents say in another format.
    ///
    /// One document for each vulnerability. What could not be read, and what the
    /// format has no place for, is printed as a warning. Exit code 0: all
    /// written; 1: some cannot be said in the format; 2: unreadable.
    Export {
        /// The format.
        #[arg(long)]
        to: export::To,
        /// Folder to write to, a file for each vulnerability; without it one
        /// document a line goes to standard output.
        #[arg(long)]
        out: Option<PathBuf>,
        /// Files, folders, archives, or `-` for standard input.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
}

pub(crate) fn run(args: &Args) -> Outcome {
    match args {
        Args::Validate {
            profile,
            preset,
            json,
            sarif,
            paths,
        } => {
            let form = match (json, sarif) {
                (true, _) => validate::Form::JsonLines,
                (_, true) => validate::Form::Sarif,
                _ => validate::Form::Text,
            };
            validate::run(paths, *profile, *preset, form, now())
        }
        Args::Convert {
            out,
            tlp_from_text,
            drop_none_available,
            paths,
        } => {
            let choices = entente_documents::csaf::Choices {
                tlp_from_text: *tlp_from_text,
                drop_none_available: *drop_none_available,
                now: now(),
            };
            convert::run(paths, out.as_deref(), choices)
        }
        Args::Export { to, out, paths } => {
            let choices = entente_documents::csaf::Choices {
                drop_none_available: true,
                now: now(),
                ..Default::default()
            };
            export::run(paths, *to, out.as_deref(), choices)
        }
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    SystemClock.now().0.div_euclid(1_000_000)
}
