//! `entente key`: the instance key.

use super::Outcome;
use crate::config::InstanceArgs;
use crate::instance;
use anyhow::{Context, bail};
use entente_store::{Keyring, keys};
use std::path::PathBuf;
use std::process::ExitCode;

/// The instance key opens everything. Keep a copy away from the machine.
#[derive(clap::Subcommand)]
pub(crate) enum Args {
    /// Copy the key to a file, to be kept away from the machine.
    Export {
        #[command(flatten)]
        instance: InstanceArgs,
        /// Where to; it must not exist.
        to: PathBuf,
    },
    /// Make a new key and wrap everything with it; the old key opens nothing any more.
    Rotate {
        #[command(flatten)]
        instance: InstanceArgs,
    },
}

pub(crate) fn run(args: Args) -> Outcome {
    match args {
        Args::Export { instance, to } => {
            let config = instance.read()?;
            // Loaded first, so that what is exported is a key.
            Keyring::load(&config.key_file)?;
            if to.exists() {
                bail!("{} exists already; name a new file", to.display());
            }
            std::fs::copy(&config.key_file, &to)
                .with_context(|| format!("writing {}", to.display()))?;
            std::fs::write(exported_mark(&config), b"exported\n")?;
            println!(
                "The key was copied to {}. Keep it away from this machine.",
                to.display()
            );
        }
        Args::Rotate { instance } => {
            let config = instance.read()?;
            instance::block_on(async {
                let db = instance::open_store(&config, false).await?;
                let old = keys::rotate_file(&db, &config.key_file).await?;
                let _ = std::fs::remove_file(exported_mark(&config));
                println!(
                    "The instance has a new key. Export it, then destroy {}.",
                    old.display()
                );
                Ok(())
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The file that says that the key was exported once (decision 35).
pub(crate) fn exported_mark(config: &crate::config::Config) -> PathBuf {
    config.data.join("key-exported")
}
