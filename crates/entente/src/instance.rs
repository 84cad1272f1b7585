//! Opening an instance for a command.

use crate::config::Config;
use crate::wall;
use anyhow::Context;
use entente_service::App;
use entente_service::clock::{Clock, SystemClock};
use entente_service::mail::{FolderTransport, Smtp, SmtpSecurity, SmtpSettings, Transport};
use entente_store::{Db, Keyring, OpenOptions, keys};
use std::sync::Arc;

/// Opens the store; makes the key file of a fresh instance.
pub(crate) async fn open_store(config: &Config, read_only: bool) -> anyhow::Result<Db> {
    use std::os::unix::fs::DirBuilderExt;
    if !read_only && !config.data.exists() {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&config.data)
            .with_context(|| format!("creating the folder {}", config.data.display()))?;
    }
    let random = wall::random();
    let fresh = match &config.location {
        entente_store::Location::Sqlite(path) => !path.exists(),
        entente_store::Location::Postgres(_) => true,
    };
    if !config.key_file.exists() && fresh && !read_only && !keys::rotation_waits(&config.key_file) {
        Keyring::create(&config.key_file, &random)?;
    }
    let options = |keys| OpenOptions {
        location: config.location.clone(),
        data_dir: config.data.clone(),
        keys,
        random: random.clone(),
        readers: 4,
        read_only,
    };
    Ok(keys::open(&config.key_file, options).await?)
}

/// Opens the application for reading, beside a server if there is one.
pub(crate) async fn open_beside(config: &Config) -> anyhow::Result<App> {
    let db = open_store(config, true).await?;
    let mail = FolderTransport::new(config.data.join("mail"))?;
    Ok(App::open(
        config.service(false),
        db,
        Arc::new(SystemClock),
        Arc::new(mail),
    )?)
}

/// Opens the application.
pub(crate) async fn open(
    config: &Config,
    demo: bool,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<App> {
    let db = open_store(config, false).await?;
    // What was erased stays erased, whatever backup is restored (decision 13).
    db.keep_erasures(config.key_file.with_extension("erased"))
        .await?;
    db.keep_reserve(config.reserve_bytes());
    let mail: Arc<dyn Transport> = match &config.file.mail {
        Some(m) if m.host.is_some() => {
            let password = m
                .password_file
                .as_deref()
                .map(crate::config::secret_file)
                .transpose()?;
            Arc::new(Smtp::new(&SmtpSettings {
                host: m.host.clone().unwrap_or_default(),
                port: m.port,
                security: match m.security.as_str() {
                    "" | "starttls" => SmtpSecurity::StartTls,
                    "tls" => SmtpSecurity::Tls,
                    "none" => SmtpSecurity::None,
                    other => anyhow::bail!("mail.security is `{other}`; use starttls, tls or none"),
                },
                account: m.user.clone().zip(password.map(Into::into)),
            })?)
        }
        // Without a mail server, mails wait as files where the operator finds them.
        _ => Arc::new(FolderTransport::new(config.data.join("mail"))?),
    };
    Ok(App::open(config.service(demo), db, clock, mail)?)
}

/// Opens the application on the machine's clock.
pub(crate) async fn open_now(config: &Config) -> anyhow::Result<App> {
    open(config, false, Arc::new(SystemClock)).await
}

/// Runs a future to its end.
pub(crate) fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?
        .block_on(future)
}
