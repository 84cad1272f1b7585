//! `entente backup` and `entente restore`: one encrypted archive, the same for both databases,
//! without the instance key (decision 35).

use super::Outcome;
use crate::config::InstanceArgs;
use crate::{instance, wall};
use anyhow::{Context, bail};
use entente_service::clock::{Clock, SystemClock};
use entente_store::attachments::{BlobStore, FolderBlobs};
use entente_store::verify::Progress;
use entente_store::{Keyring, OpenOptions, backup, erasures};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Write an archive; works while the server runs.
#[derive(clap::Args)]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    instance: InstanceArgs,
    /// The archive; it must not exist.
    to: PathBuf,
}

/// Restore an archive into an empty place, or prove that it can be restored.
#[derive(clap::Args)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    instance: InstanceArgs,
    /// The archive.
    from: PathBuf,
    /// Only try it, in a scratch folder, and verify what comes out.
    #[arg(long)]
    test: bool,
}

fn progress() -> Progress {
    let bar = indicatif::ProgressBar::new_spinner();
    Arc::new(move |what, n| {
        bar.set_message(format!("{what} {n}"));
        bar.tick();
    })
}

pub(crate) fn backup(args: &BackupArgs) -> Outcome {
    let config = args.instance.read()?;
    if args.to.exists() {
        bail!("{} exists already; name a new file", args.to.display());
    }
    instance::block_on(async {
        let db = instance::open_store(&config, true).await?;
        let blobs: Arc<dyn BlobStore> = Arc::new(FolderBlobs::new(db.data_dir())?);
        let summary =
            backup::backup_to(&db, &blobs, &args.to, SystemClock.now(), progress()).await?;
        println!(
            "{} rows and {} files are in {}. The instance key is not in it; keep it elsewhere.",
            summary.rows,
            summary.files,
            args.to.display()
        );
        for id in &summary.missing_files {
            println!("The file of attachment {id} was not there; an older backup may have it.");
        }
        Ok(ExitCode::SUCCESS)
    })
}

pub(crate) fn restore(args: &RestoreArgs) -> Outcome {
    let config = args.instance.read()?;
    let keys = Keyring::load(&config.key_file)?;
    let archive =
        File::open(&args.from).with_context(|| format!("opening {}", args.from.display()))?;
    instance::block_on(async {
        if args.test {
            let scratch =
                std::env::temp_dir().join(format!("entente-restore-test-{}", std::process::id()));
            std::fs::create_dir_all(&scratch).context("creating the scratch folder")?;
            let tried = backup::test(archive, keys, wall::random(), &scratch, progress()).await;
            std::fs::remove_dir_all(&scratch).context("removing the scratch folder")?;
            let (summary, report) = tried?;
            println!(
                "{} rows and {} files were restored; {} entries verified: {}",
                summary.rows,
                summary.files,
                report.entries,
                if report.ok { "sound" } else { "BROKEN" }
            );
            return Ok(if report.ok {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(1)
            });
        }
        // What was erased after the backup was made stays erased (decision 13).
        let list = config.key_file.with_extension("erased");
        let erased = if list.exists() {
            erasures::load(&list)?
        } else {
            BTreeSet::new()
        };
        let options = OpenOptions {
            location: config.location.clone(),
            data_dir: config.data.clone(),
            keys,
            random: wall::random(),
            readers: 2,
            read_only: false,
        };
        let (_, summary) = backup::restore(archive, options, &erased, progress()).await?;
        println!(
            "{} rows and {} files were restored.",
            summary.rows, summary.files
        );
        Ok(ExitCode::SUCCESS)
    })
}
