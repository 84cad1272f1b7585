//! `entente report submit`: hands a report in over the API of an instance (decision 33).

use super::Outcome;
use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::io::Read;
use std::process::ExitCode;

/// Hand in reports.
#[derive(clap::Subcommand)]
pub(crate) enum Args {
    /// Hand in a report; the description is read from a file or standard input.
    Submit {
        /// The instance.
        #[arg(long, env = "ENTENTE_URL")]
        url: String,
        /// The product.
        #[arg(long)]
        product: String,
        /// Its version.
        #[arg(long, default_value = "")]
        version: String,
        /// A short title.
        #[arg(long, default_value = "")]
        title: String,
        /// The file with the description; `-` is standard input.
        #[arg(long, default_value = "-")]
        description: String,
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(args: Args) -> Outcome {
    let Args::Submit {
        url,
        product,
        version,
        title,
        description,
        json,
    } = args;
    let mut text = String::new();
    if description == "-" {
        std::io::stdin()
            .read_to_string(&mut text)
            .context("reading the description")?;
    } else {
        text = std::fs::read_to_string(&description)
            .with_context(|| format!("reading {description}"))?;
    }
    let body =
        json!({ "product": product, "version": version, "title": title, "description": text });
    let answer = post(
        &format!("{}/api/v1/reports", url.trim_end_matches('/')),
        None,
        &body,
    )?;
    if json {
        println!("{answer}");
    } else {
        println!(
            "Reference: {}",
            answer["reference"].as_str().unwrap_or_default()
        );
        println!(
            "Receipt code: {}",
            answer["receipt_code"].as_str().unwrap_or_default()
        );
        println!(
            "Keep the receipt code: it is the only way to follow the report, and it is not stored."
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Posts JSON and reads JSON; an error says what the server said.
pub(crate) fn post(url: &str, token: Option<&str>, body: &Value) -> anyhow::Result<Value> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut request = agent.post(url);
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    let mut response = request
        .send_json(body)
        .with_context(|| format!("calling {url}"))?;
    let status = response.status();
    let value: Value = response.body_mut().read_json().unwrap_or(Value::Null);
    if !status.is_success() {
        bail!(
            "{} ({}) {}",
            value["detail"].as_str().unwrap_or("the server refused"),
            status.as_u16(),
            value["remedy"].as_str().unwrap_or_default()
        );
    }
    Ok(value)
}

/// Gets JSON.
pub(crate) fn get(url: &str, token: &str) -> anyhow::Result<Value> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut response = agent
        .get(url)
        .header("Authorization", format!("Bearer {token}"))
        .call()
        .with_context(|| format!("calling {url}"))?;
    let status = response.status();
    let value: Value = response.body_mut().read_json().unwrap_or(Value::Null);
    if !status.is_success() {
        bail!(
            "{} ({})",
            value["detail"].as_str().unwrap_or("the server refused"),
            status.as_u16()
        );
    }
    Ok(value)
}
