//! What a request costs: processor time of the server and its database, SQL statements, bytes and
//! latencies, at two sizes of an instance, beside a bare server and a bare commit loop in the
//! same run.
//!
//! ```text
//! cargo build --release --locked -p entente && cargo run --release --locked -p entente-bench
//! ```
//!
//! Processor time comes from the operating system's accounting of the server's own process (and
//! of PostgreSQL's), so that the load generator does not count. Statements are counted in this
//! process, on the same router and the same data. Nothing is asserted: latencies travel badly,
//! the load of the machine stands beside them.

#![expect(
    clippy::disallowed_methods,
    reason = "measures what another process takes on the machine's clock"
)]

mod client;
mod instance;
mod inventory;
mod journal;
mod peers;
mod postgres;
mod process;
mod server;
mod statements;
mod table;
mod workload;

use anyhow::Context;
use clap::Parser;
use std::path::PathBuf;

/// Measures what requests cost, and prints a table.
#[derive(Parser)]
struct Args {
    /// The release binary to measure.
    #[arg(long, default_value = "target/release/entente")]
    binary: PathBuf,
    /// Sizes of the instance, in cases.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 100_000])]
    cases: Vec<u64>,
    /// Engines: sqlite, postgres.
    #[arg(long, value_delimiter = ',', default_values_t = ["sqlite".to_owned(), "postgres".to_owned()])]
    engines: Vec<String>,
    /// Where filled instances are kept between runs; a temporary folder otherwise.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Requests of each measurement at one connection.
    #[arg(long, default_value_t = 2_000)]
    requests: u32,
    /// Leaves of the log that the verification is measured over.
    #[arg(long, default_value_t = 1_000_000)]
    leaves: u64,
    /// Only the inventory, with so many bills of materials.
    #[arg(long)]
    sboms: Option<u64>,
    /// Components of each of them.
    #[arg(long, default_value_t = 1_000)]
    components: u64,
    /// Only the bare server, for the comparison; used by this program itself.
    #[arg(long, hide = true)]
    hello: bool,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if args.hello {
        return peers::serve_hello();
    }
    if let Some(documents) = args.sboms {
        let folder = tempfile::tempdir().context("making a folder")?;
        println!("load of the machine at the start: {}", process::load());
        let components = args.components;
        let scale = inventory::Scale {
            documents,
            components,
        };
        inventory::measure(folder.path(), &scale)?;
        println!("load of the machine at the end: {}", process::load());
        return Ok(());
    }
    anyhow::ensure!(
        args.binary.exists(),
        "{} is not there; build it with `cargo build --release --locked -p entente`",
        args.binary.display()
    );
    let temporary = tempfile::tempdir().context("making a folder")?;
    let folder = args.keep.clone().unwrap_or_else(|| temporary.path().into());
    std::fs::create_dir_all(&folder)?;
    println!("load of the machine at the start: {}", process::load());
    table::peers(&peers::measure(temporary.path())?);
    table::journal(&journal::measure(args.leaves)?);
    for engine in &args.engines {
        let mut measured = Vec::new();
        for &cases in &args.cases {
            measured.push(workload::measure(&args, engine, cases, &folder)?);
        }
        table::workload(engine, &measured);
    }
    println!("load of the machine at the end: {}", process::load());
    Ok(())
}
