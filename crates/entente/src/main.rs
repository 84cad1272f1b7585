//! The binary: command line, configuration, wiring. Has no rule of its own.

mod commands;
mod config;
mod fetch;
mod instance;
mod listen;
mod progress;
mod wall;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Coordinated vulnerability handling, self-hosted.
#[derive(Parser)]
#[command(name = "entente", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(commands::serve::Args),
    /// Show a living instance with fictional data, in a temporary folder, on this machine only.
    Demo(commands::demo::Args),
    /// Say what is wrong with the instance and how to mend it.
    Doctor(commands::doctor::Args),
    /// Check that nothing recorded was changed.
    Verify(commands::verify::Args),
    /// Write an encrypted archive of everything but the key.
    Backup(commands::backup::BackupArgs),
    /// Restore an archive, or prove that it can be restored.
    Restore(commands::backup::RestoreArgs),
    /// Bring a vendor's earlier advisories in.
    #[command(subcommand)]
    Import(commands::import::Args),
    /// Staff accounts.
    #[command(subcommand)]
    User(commands::user::Args),
    /// The instance key.
    #[command(subcommand)]
    Key(commands::key::Args),
    /// Hand in reports.
    #[command(subcommand)]
    Report(commands::report::Args),
    /// Read and change cases over the API of a running instance.
    #[command(subcommand)]
    Case(commands::case::Args),
    /// The process in force.
    #[command(subcommand)]
    Process(commands::process::Args),
    /// The state machines of coordination between many parties.
    Model(commands::model::Args),
    /// CSAF documents.
    #[command(subcommand)]
    Csaf(commands::csaf::Args),
    /// Score CVSS vectors.
    Cvss(commands::cvss::Args),
    /// SSVC decision tables.
    #[command(subcommand)]
    Ssvc(commands::ssvc::Args),
    /// Software bills of materials.
    #[command(subcommand)]
    Sbom(commands::sbom::Args),
    /// Say which products have a component.
    Affected(commands::inventory::AffectedArgs),
    /// Hold what the world publishes against what our products are made of.
    Watch(commands::watch::Args),
    /// Package URLs.
    #[command(subcommand)]
    Purl(commands::purl::Args),
    /// Version ranges.
    #[command(subcommand)]
    Vers(commands::vers::Args),
}

/// Memory holds the keys and what is sealed with them, so none of it may reach the disk in a core
/// file (decision 18), whoever starts the binary. A child inherits it.
fn forbid_core_files() -> std::io::Result<()> {
    let none = rustix::process::Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    Ok(rustix::process::setrlimit(
        rustix::process::Resource::Core,
        none,
    )?)
}

fn main() -> ExitCode {
    if let Err(error) = forbid_core_files() {
        eprintln!("entente: core files could not be forbidden: {error}");
        return ExitCode::from(2);
    }
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Serve(args) => commands::serve::run(args),
        Command::Demo(args) => commands::demo::run(args),
        Command::Doctor(args) => commands::doctor::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Backup(args) => commands::backup::backup(&args),
        Command::Restore(args) => commands::backup::restore(&args),
        Command::Import(args) => commands::import::run(args),
        Command::User(args) => commands::user::run(args),
        Command::Key(args) => commands::key::run(args),
        Command::Report(args) => commands::report::run(args),
        Command::Case(args) => commands::case::run(args),
        Command::Process(args) => commands::process::run(&args),
        Command::Model(args) => commands::model::run(&args),
        Command::Csaf(args) => commands::csaf::run(&args),
        Command::Cvss(args) => commands::cvss::run(&args),
        Command::Ssvc(args) => commands::ssvc::run(&args),
        Command::Sbom(args) => commands::sbom::run(&args),
        Command::Affected(args) => commands::inventory::affected(&args),
        Command::Watch(args) => commands::watch::run(&args),
        Command::Purl(args) => commands::purl::run(&args),
        Command::Vers(args) => commands::vers::run(&args),
    };
    match result {
        Ok(code) => code,
        // Whoever read our output has seen enough.
        Err(error) if stopped_reading(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("entente: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn stopped_reading(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}
