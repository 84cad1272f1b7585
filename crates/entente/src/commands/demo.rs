//! `entente demo`: a living instance with fictional data, in a temporary folder, on loopback only
//! (decision 36).

use super::Outcome;
use super::serve::{listen, logging};
use crate::config::{Config, FileConfig};
use crate::instance;
use anyhow::Context;
use entente_service::clock::{Clock, SystemClock, TestClock};
use entente_service::config::Organisation;
use entente_service::demo;
use entente_store::Location;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

/// Show a living instance.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

pub(crate) fn run(args: Args) -> Outcome {
    logging();
    let folder = std::env::temp_dir().join(format!("entente-demo-{}", std::process::id()));
    let port = if args.port == 0 {
        std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port()
    } else {
        args.port
    };
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let config = Config {
        data: folder.clone(),
        key_file: folder.join("instance.key"),
        location: Location::Sqlite(folder.join("entente.sqlite")),
        file: FileConfig {
            base_url: Some(format!("http://{address}")),
            listen: Some(address),
            organisation: Some(Organisation {
                name: "Alder Gateways".to_owned(),
                namespace: "https://alder.example".to_owned(),
                contact: "psirt@alder.example".to_owned(),
                advisory_prefix: "ALD".to_owned(),
                language: "en".to_owned(),
            }),
            ..FileConfig::default()
        },
    };
    let result = instance::block_on(async {
        eprintln!("Filling a fictional vendor …");
        let now = SystemClock.now();
        let clock = Arc::new(TestClock::at(now));
        let app = instance::open(&config, true, Arc::clone(&clock) as Arc<dyn Clock>).await?;
        let summary = demo::fill(&app, &clock).await?;
        drop(app);
        // From here on the machine's clock.
        let app = instance::open(&config, true, Arc::new(SystemClock)).await?;
        println!("\n  {}\n", app.config().base_url);
        println!(
            "  Console: {}/console (choose a persona)",
            app.config().base_url
        );
        println!("  Public:  {}/", app.config().base_url);
        if !summary.guests.is_empty() {
            println!("  Guests of other parties, by their links:");
        }
        for (party, link) in &summary.guests {
            println!("    {party}: {link}");
        }
        println!("  {summary}\n\n  Ctrl-C ends it; nothing is kept.");
        listen(app, &config).await?;
        Ok(ExitCode::SUCCESS)
    });
    std::fs::remove_dir_all(&folder).context("removing the temporary folder")?;
    result
}
