//! One file for each command.

pub(crate) mod backup;
pub(crate) mod case;
pub(crate) mod csaf;
pub(crate) mod cvss;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod import;
pub(crate) mod inventory;
pub(crate) mod key;
pub(crate) mod model;
pub(crate) mod process;
pub(crate) mod purl;
pub(crate) mod report;
pub(crate) mod sbom;
pub(crate) mod serve;
pub(crate) mod ssvc;
pub(crate) mod user;
pub(crate) mod verify;
pub(crate) mod vers;
pub(crate) mod watch;

use std::io::{BufRead, Write};

/// The outcome of a command: its exit code, or an error with its cause and remedy.
pub(crate) type Outcome = anyhow::Result<std::process::ExitCode>;

/// Answers each argument, or each line of standard input where the argument is `-`.
pub(crate) fn each_line(
    arguments: &[String],
    mut answer: impl FnMut(&str, &mut dyn Write) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for argument in arguments {
        if argument == "-" {
            for line in std::io::stdin().lock().lines() {
                let line = line?;
                if !line.trim().is_empty() {
                    answer(&line, &mut out)?;
                }
            }
        } else {
            answer(argument, &mut out)?;
        }
    }
    out.flush()
}
