//! `entente serve`: runs the server.

use super::Outcome;
use crate::config::{Config, InstanceArgs, MetricsAddr};
use crate::fetch::Servers;
use crate::{instance, listen};
use anyhow::Context;
use axum_server::tls_rustls::RustlsConfig;
use entente_service::App;
use entente_web::metrics::{self, Metrics};
use entente_web::server::{self, WebConfig};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Run the server.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    instance: InstanceArgs,
    /// Where to listen.
    #[arg(long, env = "ENTENTE_LISTEN")]
    listen: Option<SocketAddr>,
    /// Where to serve metrics for Prometheus, apart from the pages: a port on 127.0.0.1, or an
    /// address with its port. Off when not set.
    #[arg(long, env = "ENTENTE_METRICS_ADDR")]
    metrics_addr: Option<MetricsAddr>,
}

pub(crate) fn run(args: Args) -> Outcome {
    logging();
    let mut config = args.instance.read()?;
    if args.listen.is_some() {
        config.file.listen = args.listen;
    }
    if args.metrics_addr.is_some() {
        config.file.metrics_addr = args.metrics_addr;
    }
    instance::block_on(async {
        let app = instance::open_now(&config).await?;
        if entente_service::accounts::needs_set_up(&app).await? {
            println!(
                "Not set up yet: open {}/console/setup?code={}",
                app.config().base_url,
                entente_service::accounts::set_up_code(&app)
            );
        }
        println!("Serving {} on {}", app.config().base_url, config.listen());
        if let Some(MetricsAddr(address)) = config.file.metrics_addr {
            println!("Metrics on http://{address}/metrics");
        }
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
    let tls = match &config.file.tls {
        Some(tls) => {
            // Once for the process; a second call finds the first.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let read = RustlsConfig::from_pem_file(&tls.certificate, &tls.key).await;
            Some(read.context("reading the TLS certificate and key")?)
        }
        None => None,
    };
    let handle = axum_server::Handle::new();
    let metrics = config.file.metrics_addr.map(|a| (a.0, Metrics::default()));
    let web = WebConfig {
        trusted_proxies: config.file.trusted_proxies.clone(),
        metrics: metrics.as_ref().map(|(_, m)| m.clone()),
    };
    let router = server::router(app.clone(), web);
    let stop = handle.clone();
    tokio::spawn(async move {
        stopped().await;
        stop.graceful_shutdown(Some(Duration::from_secs(10)));
    });
    let background = tokio::spawn(entente_service::jobs::run(app.clone()));
    let servers = Servers::new(app.db().data_dir().to_owned());
    let watch = tokio::spawn(entente_service::watch::run(app.clone(), Arc::new(servers)));
    let pages = listen::serve(config.listen(), router, handle, tls);
    let served = match metrics {
        Some((address, metrics)) => {
            let numbers = metrics::router(app, metrics);
            // Ends with the pages; that it cannot listen ends them.
            tokio::select! {
                served = pages => served,
                Err(error) = listen::serve(address, numbers, axum_server::Handle::new(), None) => Err(error),
            }
        }
        None => pages.await,
    };
    background.abort();
    watch.abort();
    served
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
