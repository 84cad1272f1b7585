//! `entente case`: reads and changes cases over the API of a running instance.

use super::Outcome;
use super::report::{get, post};
use anyhow::Context;
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;

/// Where the instance is and who asks.
#[derive(clap::Args)]
pub(crate) struct Remote {
    /// The instance.
    #[arg(long, env = "ENTENTE_URL")]
    url: String,
    /// The file that holds an API token; never given as an argument.
    #[arg(long, env = "ENTENTE_TOKEN_FILE")]
    token_file: PathBuf,
}

/// Cases.
#[derive(clap::Subcommand)]
pub(crate) enum Args {
    /// List open cases, the most urgent first.
    List {
        #[command(flatten)]
        remote: Remote,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show one case as JSON.
    Show {
        #[command(flatten)]
        remote: Remote,
        /// Its id.
        id: uuid::Uuid,
    },
    /// Give a command, read as JSON from standard input.
    Act {
        #[command(flatten)]
        remote: Remote,
        /// The id of the case.
        id: uuid::Uuid,
    },
}

impl Remote {
    fn token(&self) -> anyhow::Result<String> {
        crate::config::secret_file(&self.token_file)
    }

    fn at(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.url.trim_end_matches('/'))
    }
}

pub(crate) fn run(args: Args) -> Outcome {
    match args {
        Args::List { remote, json } => {
            let page = get(&remote.at("cases"), &remote.token()?)?;
            if json {
                println!("{page}");
            } else {
                for c in page["items"].as_array().into_iter().flatten() {
                    println!(
                        "{:>6}  {:<24} {:<28} {}",
                        c["number"],
                        c["stage"].as_str().unwrap_or(""),
                        c["next_step"].as_str().unwrap_or(""),
                        c["title"].as_str().unwrap_or("")
                    );
                }
            }
        }
        Args::Show { remote, id } => {
            println!(
                "{}",
                get(&remote.at(&format!("cases/{id}")), &remote.token()?)?
            );
        }
        Args::Act { remote, id } => {
            let command: Value =
                serde_json::from_reader(std::io::stdin().lock()).context("reading the command")?;
            let answer = post(
                &remote.at(&format!("cases/{id}/commands")),
                Some(&remote.token()?),
                &command,
            )?;
            println!("{answer}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
