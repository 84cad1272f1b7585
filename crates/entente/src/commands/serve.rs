//! `entente serve`: runs the server.

use super::Outcome;
use crate::config::{Config, InstanceArgs};
use crate::instance;
use anyhow::Context;
use entente_service::App;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

/// Run the server.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    instance: InstanceArgs,
    /// Where to listen.
    #[arg(long, env = "ENTENTE_LISTEN")]
    listen: Option<SocketAddr>,
}

pub(crate) fn run(args: Args) -> Outcome {
    logging();
    let mut config = args.instance.read()?;
    if args.listen.is_some() {
        config.file.listen = args.listen;
    }
    instance::block_on(async {
        let app = instance::open_now(&config).await?;
        if entente_service::accounts::needs_set_up(&app).await? {
            println!(
                "Not set up yet: open {}/console/setup",
                app.config().base_url
            );
        }
        println!("Serving {} on {}", app.config().base_url, config.listen());
        listen(app, &config).await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Structured lines on standard error. Levels of other crates are capped, whatever the
/// environment says, so that none can print what they were given (decision 20).
pub(crate) fn logging() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::new(
        "warn,entente=info,entente_web=info,entente_service=info,entente_store=info",
    );
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .json()
        .init();
    entente_web::incident::quiet_panics();
}

/// Serves until the process is told to stop.
pub(crate) async fn listen(app: App, config: &Config) -> anyhow::Result<()> {
    let background = tokio::spawn(entente_service::jobs::run(app.clone()));
    let router = entente_web::server::router(
        app,
        entente_web::server::WebConfig {
            trusted_proxies: config.file.trusted_proxies.clone(),
        },
    )
    .into_make_service_with_connect_info::<SocketAddr>();
    let handle = axum_server::Handle::new();
    let stop = handle.clone();
    tokio::spawn(async move {
        stopped().await;
        stop.graceful_shutdown(Some(Duration::from_secs(10)));
    });
    let address = config.listen();
    match &config.file.tls {
        Some(tls) => {
            // Once for the process; a second call finds the first.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let tls =
                axum_server::tls_rustls::RustlsConfig::from_pem_file(&tls.certificate, &tls.key)
                    .await
                    .context("reading the TLS certificate and key")?;
            axum_server::bind_rustls(address, tls)
                .handle(handle)
                .serve(router)
                .await?;
        }
        None => axum_server::bind(address)
            .handle(handle)
            .serve(router)
            .await
            .with_context(|| format!("listening on {address}; is another server running there?"))?,
    }
    background.abort();
    Ok(())
}

async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
