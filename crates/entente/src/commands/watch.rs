//! `entente watch`: takes in what others published from files, and says what it means for our
//! products.

use super::Outcome;
use super::csaf::files;
use crate::config::InstanceArgs;
use crate::{instance, progress};
use anyhow::Context;
use entente_domain::access::{SystemViewer, Viewer};
use entente_domain::kinds::FindingState;
use entente_service::App;
use entente_service::watch::{self, Found, Taken, WorldDocument};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Documents of one transaction: what is done is done if the rest breaks off.
const AT_ONCE: usize = 100;

const OPERATOR: Viewer = Viewer::System(SystemViewer::Operator);

/// Hold what the world publishes against what our products are made of.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Take(TakeArgs),
    Findings(FindingsArgs),
}

/// Take advisories in from files, without any network: OSV, CSAF, CVE records, GitHub's
/// advisories, OpenVEX and CycloneDX VEX; and the lists of what is exploited: CISA's and ENISA's
/// in JSON, the EPSS scores in CSV.
///
/// What was taken stays taken if it breaks off; the same again changes nothing. The server must not
/// be running on the same embedded database. Exit code 0: all were taken or known; 1: some could
/// not be read.
#[derive(clap::Args)]
struct TakeArgs {
    #[command(flatten)]
    instance: InstanceArgs,
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// Files, folders and archives (tar, also packed by gzip or xz, or zip), or `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// List what was found, most urgent first. Works beside a running server.
///
/// Exit code 0: nothing is in that state; 1: something is.
#[derive(clap::Args)]
struct FindingsArgs {
    #[command(flatten)]
    instance: InstanceArgs,
    /// open, undecided, denied, reported, set_aside or gone.
    #[arg(long, default_value = "open")]
    state: String,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    match &args.command {
        Command::Take(args) => take(args),
        Command::Findings(args) => findings(args),
    }
}

/// What was taken in all.
#[derive(Default)]
struct Sum {
    taken: Taken,
    lists: Vec<String>,
    unread: Vec<(String, String)>,
    waiting: Vec<WorldDocument>,
}

impl Sum {
    async fn flush(&mut self, app: &App) -> anyhow::Result<()> {
        let documents = std::mem::take(&mut self.waiting);
        if !documents.is_empty() {
            self.taken += watch::take(app, &OPERATOR, documents).await?;
        }
        Ok(())
    }

    async fn one(&mut self, app: &App, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        match watch::take_signals(app, &OPERATOR, bytes).await {
            Ok(None) => {}
            Ok(Some(list)) => {
                let text = format!("{} of {}: {} entries", list.list, list.day, list.entries);
                self.lists.push(text);
                return Ok(());
            }
            Err(error) => {
                self.unread.push((name.to_owned(), error.to_string()));
                return Ok(());
            }
        }
        match WorldDocument::read(bytes) {
            Ok(document) => self.waiting.push(document),
            Err(error) => self.unread.push((name.to_owned(), error.to_string())),
        }
        if self.waiting.len() >= AT_ONCE {
            self.flush(app).await?;
        }
        Ok(())
    }
}

fn take(args: &TakeArgs) -> Outcome {
    let config = args.instance.read()?;
    let sum = instance::block_on(async {
        let app = instance::open_now(&config).await?;
        // Files are read on a thread of their own, a few ahead.
        let (send, mut receive) = tokio::sync::mpsc::channel(8);
        let paths = args.paths.clone();
        let reading = tokio::task::spawn_blocking(move || {
            files::each(&paths, &mut |document| send.blocking_send(document).is_ok());
        });
        let bar = progress::count("Taking in");
        let mut sum = Sum::default();
        while let Some(document) = receive.recv().await {
            bar.inc(1);
            match document.bytes {
                Ok(bytes) => sum.one(&app, &document.name, &bytes).await?,
                Err(error) => sum.unread.push((document.name, format!("{error:#}"))),
            }
        }
        sum.flush(&app).await?;
        bar.finish_and_clear();
        reading.await.context("reading the files")?;
        Ok(sum)
    })?;
    for (name, why) in &sum.unread {
        eprintln!("entente: {name}: {why}");
    }
    if args.json {
        let unread: Vec<_> = sum.unread.iter().map(|(name, _)| name).collect();
        println!(
            "{}",
            json!({
                "new": sum.taken.new, "changed": sum.taken.changed, "known": sum.taken.known,
                "opened": sum.taken.opened, "lists": sum.lists, "unread": unread,
            })
        );
    } else {
        println!(
            "{} new, {} changed, {} known; {} findings wait for a decision because of them",
            sum.taken.new, sum.taken.changed, sum.taken.known, sum.taken.opened
        );
        for list in &sum.lists {
            println!("{list}");
        }
    }
    Ok(match sum.unread.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(1),
    })
}

fn findings(args: &FindingsArgs) -> Outcome {
    let config = args.instance.read()?;
    let state: FindingState = args.state.parse().map_err(|_| {
        let words: Vec<&str> = FindingState::ALL.iter().map(|s| s.as_str()).collect();
        anyhow::anyhow!(
            "{:?} is no state; use one of {}",
            args.state,
            words.join(", ")
        )
    })?;
    let (found, counts) = instance::block_on(async {
        let app = instance::open_beside(&config).await?;
        Ok(watch::list(&app, &OPERATOR, state, None).await?)
    })?;
    for one in &found {
        match args.json {
            true => println!("{}", as_json(one)),
            false => println!("{}", as_line(one)),
        }
    }
    if !args.json {
        let counts = counts.iter().filter(|(_, n)| **n > 0);
        let counts: Vec<String> = counts
            .map(|(state, n)| format!("{n} {}", state.label().to_lowercase()))
            .collect();
        match counts.is_empty() {
            true => println!("Nothing was found yet."),
            false => println!("{}", counts.join("; ")),
        }
    }
    Ok(match found.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(1),
    })
}

fn as_json(found: &Found) -> serde_json::Value {
    json!({
        "id": found.id, "product": found.product_name, "state": found.state.as_str(),
        "vulnerability": found.content.vulnerability(), "names": found.content.names,
        "title": found.content.title,
        "score": found.content.score().map(|tenths| f64::from(tenths) / 10.0),
        "affected_versions": found.content.affected_versions(),
        "exploited": found.exploited.iter().map(|e| e.by).collect::<Vec<_>>(),
        "epss": found.epss.map(|(probability, _)| f64::from(probability) / 1e6),
        "found_at": found.found_at.rfc3339(), "lines": found.content.lines,
    })
}

fn as_line(found: &Found) -> String {
    let versions: Vec<&str> = found.content.affected_versions().into_iter().collect();
    let score = found.content.score().map_or_else(String::new, |tenths| {
        format!(" [{}.{}]", tenths / 10, tenths % 10)
    });
    let exploited = match found.exploited.is_empty() {
        true => "",
        false => " EXPLOITED",
    };
    let text = format!(
        "{} {}: {}{score}{exploited}: {}",
        found.product_name,
        versions.join(", "),
        found.content.vulnerability(),
        found.content.title
    );
    // What strangers wrote must not steer a terminal.
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}
