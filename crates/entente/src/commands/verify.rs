//! `entente verify`: checks all chains and heads, also beside a running server (decision 34).

use super::Outcome;
use crate::config::InstanceArgs;
use crate::instance;
use anyhow::Context;
use entente_store::verify::{self, VerifyOptions};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Check that nothing recorded was changed. Exit code 0: sound; 1: broken; 2: unreadable.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    instance: InstanceArgs,
    /// The newest head that a witness kept.
    #[arg(long)]
    head: Option<PathBuf>,
    /// Check chains and heads only, and open no content.
    #[arg(long)]
    chains_only: bool,
    /// A JSON object instead of words.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let config = args.instance.read()?;
    let head = args
        .head
        .as_ref()
        .map(|p| std::fs::read(p).with_context(|| format!("reading the head {}", p.display())))
        .transpose()?;
    instance::block_on(async {
        let db = instance::open_store(&config, true).await?;
        let options = VerifyOptions {
            head,
            with_keys: !args.chains_only,
            refold: (!args.chains_only).then(entente_service::refold),
        };
        let bar = indicatif::ProgressBar::new_spinner();
        let shown = bar.clone();
        let progress: verify::Progress = Arc::new(move |what, n| {
            shown.set_message(format!("{what} {n}"));
            shown.tick();
        });
        let report = verify::verify(&db, options, progress).await?;
        bar.finish_and_clear();
        let broken = report
            .first_broken
            .as_ref()
            .map(|b| json!({ "stream": b.stream, "seq": b.seq, "reason": b.reason }));
        if args.json {
            println!(
                "{}",
                json!({ "ok": report.ok, "streams": report.streams, "entries": report.entries,
                        "checkpoints": report.checkpoints, "first_broken": broken })
            );
        } else {
            println!(
                "{} streams, {} entries, {} heads, {} rows: {}",
                report.streams,
                report.entries,
                report.checkpoints,
                report.rows,
                if report.ok { "sound" } else { "BROKEN" }
            );
            if let Some(b) = &report.first_broken {
                println!(
                    "First broken: stream {:?}, entry {:?}: {}",
                    b.stream, b.seq, b.reason
                );
            }
        }
        Ok(if report.ok {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        })
    })
}
