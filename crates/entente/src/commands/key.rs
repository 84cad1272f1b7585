//! `entente key`: the instance key, and the keys that sign what is published.

use super::Outcome;
use crate::config::InstanceArgs;
use crate::instance;
use anyhow::{Context, bail};
use entente_domain::access::{SystemViewer, Viewer};
use entente_domain::time::Timestamp;
use entente_service::{ServiceError, signing_keys};
use entente_store::{Keyring, keys};
use serde_json::json;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
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
    /// The OpenPGP keys that sign what is published.
    #[command(subcommand)]
    Signing(Signing),
}

/// Keys that sign what is published. Every backup has them; the newest signs.
#[derive(clap::Subcommand)]
pub(crate) enum Signing {
    /// List them, the newest first. Works beside a running server.
    List {
        #[command(flatten)]
        instance: InstanceArgs,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Make a new one, which signs from now on. The others stay published, because what they signed
    /// is still out there. The server must not be running on the same embedded database.
    Rotate {
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Write a secret key to a file that only its owner can read, without a passphrase: keep it as
    /// you keep the instance key. Works beside a running server.
    Export {
        #[command(flatten)]
        instance: InstanceArgs,
        /// The key by its fingerprint; otherwise the newest.
        #[arg(long)]
        fingerprint: Option<String>,
        /// Where to; it must not exist.
        to: PathBuf,
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
        Args::Signing(args) => signing(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

const OPERATOR: Viewer = Viewer::System(SystemViewer::Operator);

fn day(at: Timestamp) -> String {
    at.rfc3339().chars().take(10).collect()
}

fn signing(args: Signing) -> anyhow::Result<()> {
    match args {
        Signing::List { instance, json } => {
            let config = instance.read()?;
            let keys = instance::block_on(async {
                let app = instance::open_beside(&config).await?;
                Ok(signing_keys::all(&app).await?)
            })?;
            for (n, key) in keys.iter().enumerate() {
                let ends = key.ends_at.map(day);
                if json {
                    let line = json!({
                        "fingerprint": key.fingerprint, "made": day(key.made_at), "ends": ends,
                        "signs": n == 0,
                    });
                    println!("{line}");
                } else {
                    let signs = if n == 0 { ", signs" } else { "" };
                    let ends = ends.unwrap_or_else(|| "never".to_owned());
                    println!(
                        "{} made {}, ends {ends}{signs}",
                        key.fingerprint,
                        day(key.made_at)
                    );
                }
            }
            if keys.is_empty() && !json {
                println!("There is none yet; the first publication makes one.");
            }
        }
        Signing::Rotate { instance } => {
            let config = instance.read()?;
            let key = instance::block_on(async {
                let app = instance::open_now(&config).await?;
                Ok(signing_keys::rotate(&app, &OPERATOR).await?)
            })?;
            println!("{} signs from now on. Export it.", key.fingerprint);
        }
        Signing::Export {
            instance,
            fingerprint,
            to,
        } => {
            let config = instance.read()?;
            let (key, secret) = instance::block_on(async {
                let app = instance::open_beside(&config).await?;
                let found = signing_keys::export(&app, &OPERATOR, fingerprint.as_deref()).await;
                match found {
                    Err(ServiceError::NotFound) => {
                        bail!("there is no such signing key; see `entente key signing list`")
                    }
                    found => Ok(found?),
                }
            })?;
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&to)
                .with_context(|| {
                    format!(
                        "making {} (an existing file is not overwritten)",
                        to.display()
                    )
                })?;
            file.write_all(secret.as_bytes())
                .and_then(|()| file.sync_all())
                .with_context(|| format!("writing {}", to.display()))?;
            println!(
                "The secret key {} is in {}, without a passphrase. Keep it away from this machine.",
                key.fingerprint,
                to.display()
            );
        }
    }
    Ok(())
}

/// The file that says that the key was exported once (decision 35).
pub(crate) fn exported_mark(config: &crate::config::Config) -> PathBuf {
    config.data.join("key-exported")
}
