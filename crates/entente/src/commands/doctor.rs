//! `entente doctor`: says what is wrong and how to mend it.

use super::Outcome;
use crate::config::InstanceArgs;
use crate::{commands::key, instance};
use entente_domain::access::{SystemViewer, Viewer};
use entente_service::{accounts, policies, products, signing_keys};
use entente_store::ballast::Ballast;
use std::process::ExitCode;

/// Look at the instance. Works beside a running server.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    instance: InstanceArgs,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let config = args.instance.read()?;
    let mut problems: Vec<(String, &str)> = Vec::new();
    if !config.data.exists() {
        problems.push((
            format!("There is no instance in {}.", config.data.display()),
            "Start one with `entente serve`.",
        ));
        return report(&problems);
    }
    if !key::exported_mark(&config).exists() {
        problems.push((
            "The instance key was never exported. If this disk is lost, everything is.".to_owned(),
            "Run `entente key export FILE` and keep the file away from this machine.",
        ));
    }
    if config
        .file
        .mail
        .as_ref()
        .and_then(|m| m.host.as_ref())
        .is_none()
    {
        problems.push((
            "No mail server is configured; mails wait as files.".to_owned(),
            "Fill in [mail] in entente.toml.",
        ));
    }
    if config
        .file
        .base_url
        .as_ref()
        .is_none_or(|u| u.starts_with("http://"))
    {
        problems.push((
            "The public address is not https.".to_owned(),
            "Set base_url to an https address, and [tls] or a reverse proxy.",
        ));
    }
    if config.file.organisation.is_none() {
        problems.push((
            "The organisation has no name.".to_owned(),
            "Fill in [organisation] in entente.toml.",
        ));
    }
    let reserve = Ballast::new(&config.data, config.reserve_bytes());
    if reserve.is_given_up() {
        problems.push((
            "The disk is full: the space in reserve was given up, and only reports are taken."
                .to_owned(),
            "Free space on the disk of the data folder; the server takes the reserve back.",
        ));
    } else if reserve.bytes() > 0 && !reserve.is_there() {
        problems.push((
            format!(
                "No space is kept in reserve for reports; {} MiB are wanted.",
                reserve.bytes() / (1024 * 1024)
            ),
            "Start the server, with a quarter more than that free; or set reserve_mib lower.",
        ));
    }
    instance::block_on(async {
        let app = instance::open_beside(&config).await?;
        let operator = Viewer::System(SystemViewer::Operator);
        if accounts::needs_set_up(&app).await? {
            problems.push((
                "There is no account.".to_owned(),
                "Open the server's address and set it up.",
            ));
        }
        if policies::in_force(&app).await?.internal_version.is_none() {
            problems.push((
                "No internal handling policy is approved: trial mode.".to_owned(),
                "Draft one in the console and let a second person approve it.",
            ));
        }
        if policies::public_page(&app).await?.is_none() {
            problems.push((
                "No public disclosure policy is approved.".to_owned(),
                "Draft and approve one.",
            ));
        }
        for p in products::orphans(&app, &operator).await? {
            problems.push((
                format!("The product {} has no active contact.", p.form.name),
                "Name one in the console.",
            ));
        }
        match signing_keys::all(&app).await?.first() {
            None => problems.push((
                "There is no signing key yet.".to_owned(),
                "It is made with the first publication; nothing is to be done.",
            )),
            Some(key) if key.ends_at.is_some_and(|at| at <= app.now().plus_days(60)) => {
                let day: String = key.ends_at.map_or_else(String::new, |at| at.rfc3339());
                problems.push((
                    format!(
                        "The signing key ends on {}.",
                        day.get(..10).unwrap_or_default()
                    ),
                    "Run entente key signing rotate, and export the new one.",
                ));
            }
            Some(_) => {}
        }
        Ok(())
    })?;
    report(&problems)
}

fn report(problems: &[(String, &str)]) -> Outcome {
    for (what, remedy) in problems {
        println!("- {what}\n  {remedy}");
    }
    if problems.is_empty() {
        println!("Nothing is wrong.");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::from(1))
}
