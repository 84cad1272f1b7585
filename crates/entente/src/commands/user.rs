//! `entente user`: staff accounts, beside a server that is not running.

use super::Outcome;
use crate::config::InstanceArgs;
use crate::instance;
use anyhow::Context;
use entente_domain::access::Role;
use entente_service::accounts;
use std::process::ExitCode;

/// Staff accounts.
#[derive(clap::Subcommand)]
pub(crate) enum Args {
    /// Make an account; the password is read from standard input.
    Create {
        #[command(flatten)]
        instance: InstanceArgs,
        /// The name that others see.
        #[arg(long)]
        name: String,
        /// The mail address; also the sign-in name.
        #[arg(long)]
        mail: String,
        /// Roles: lead, analyst, product_contact, legal, public_relations, support, auditor, administrator.
        #[arg(long, value_delimiter = ',', required = true)]
        roles: Vec<Role>,
    },
}

pub(crate) fn run(args: Args) -> Outcome {
    let Args::Create {
        instance: at,
        name,
        mail,
        roles,
    } = args;
    let mut password = String::new();
    eprintln!("Password (one line):");
    std::io::stdin()
        .read_line(&mut password)
        .context("reading the password")?;
    let config = at.read()?;
    instance::block_on(async {
        let app = instance::open_now(&config).await?;
        accounts::create(
            &app,
            &name,
            &mail,
            password.trim_end_matches(['\r', '\n']),
            &roles,
            false,
        )
        .await?;
        println!("The account of {name} was made.");
        Ok(ExitCode::SUCCESS)
    })
}
