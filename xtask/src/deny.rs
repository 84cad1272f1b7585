//! The bans, sources and licences of `deny.toml`, checked from the lock file and from what cargo knows.
//!
//! The same file serves cargo-deny; this reads the part that needs no network.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::finding::Finding;

/// What `deny.toml` says.
struct Policy {
    banned: Vec<(String, String)>,
    sources: Vec<String>,
    licences: Vec<String>,
}

/// Checks the dependencies.
pub fn check(root: &Path) -> Result<Vec<Finding>> {
    let policy = std::fs::read_to_string(root.join("deny.toml")).context("reading deny.toml")?;
    let policy = read_policy(&policy).context("deny.toml")?;
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).context("reading Cargo.lock")?;
    let mut findings = check_lock(&policy, &lock);
    findings.extend(check_licences(&policy, &lock, &metadata(root)?));
    Ok(findings)
}

fn read_policy(text: &str) -> Result<Policy> {
    let table: toml::Table = toml::from_str(text)?;
    let at = |section: &str, key: &str| {
        let value = table.get(section).and_then(|section| section.get(key));
        let list = value.and_then(toml::Value::as_array);
        list.with_context(|| format!("[{section}] has no list `{key}`"))
    };
    let text = |value: &toml::Value| value.as_str().map(str::to_owned);
    let banned = at("bans", "deny")?.iter().filter_map(|ban| {
        let reason = ban.get("reason").and_then(text).unwrap_or_default();
        Some((ban.get("name").and_then(text)?, reason))
    });
    Ok(Policy {
        banned: banned.collect(),
        sources: at("sources", "allow-registry")?
            .iter()
            .filter_map(text)
            .collect(),
        licences: at("licenses", "allow")?.iter().filter_map(text).collect(),
    })
}

fn check_lock(policy: &Policy, lock: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut package = "";
    for (at, line) in lock.lines().enumerate() {
        if let Some(name) = quoted(line, "name = ") {
            package = name;
            if let Some((_, reason)) = policy.banned.iter().find(|(banned, _)| banned == name) {
                findings.push(Finding::new(
                    "Cargo.lock",
                    at + 1,
                    format!("{name} is banned: {reason}"),
                    "find who brings it with `cargo tree --invert`, and switch the feature off",
                ));
            }
        }
        if let Some(source) = quoted(line, "source = ") {
            let registry = source.strip_prefix("registry+").unwrap_or_default();
            if !policy.sources.iter().any(|allowed| allowed == registry) {
                findings.push(Finding::new(
                    "Cargo.lock",
                    at + 1,
                    format!("{package} comes from {source}"),
                    "take it from crates.io",
                ));
            }
        }
    }
    findings
}

fn check_licences(policy: &Policy, lock: &str, metadata: &Value) -> Vec<Finding> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .filter_map(|package| {
            let name = package["name"].as_str()?;
            let licence = package["license"].as_str().unwrap_or_default();
            if allowed(licence, &policy.licences) {
                return None;
            }
            let line = lock
                .lines()
                .position(|line| quoted(line, "name = ") == Some(name));
            Some(Finding::new(
                "Cargo.lock",
                line.map_or(1, |at| at + 1),
                format!("{name} has the licence `{licence}`, which deny.toml does not allow"),
                "choose another crate; or allow the licence in deny.toml after reading it",
            ))
        })
        .collect()
}

fn metadata(root: &Path) -> Result<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let run = |program: &std::ffi::OsStr, arguments: &[&str]| -> Result<Vec<u8>> {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(root)
            .output();
        let output = output.with_context(|| format!("starting {}", program.display()))?;
        ensure!(
            output.status.success(),
            "{} {}: {}",
            program.display(),
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(output.stdout)
    };
    // Only what this platform builds has been fetched.
    let version = String::from_utf8(run("rustc".as_ref(), &["-vV"])?)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc does not say its host")?;
    let metadata = run(
        &cargo,
        &[
            "metadata",
            "--format-version",
            "1",
            "--filter-platform",
            host,
        ],
    )?;
    Ok(serde_json::from_slice(&metadata)?)
}

fn quoted<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.strip_prefix('"')?.strip_suffix('"')
}

/// Whether the SPDX expression can be met by the licences alone; an empty one cannot.
fn allowed(expression: &str, licences: &[String]) -> bool {
    // Older manifests write a slash for OR.
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let met = any(&mut words, licences);
    met && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words<'_>, licences: &[String]) -> bool {
    let mut met = all(words, licences);
    while words.next_if_eq(&"OR").is_some() {
        met |= all(words, licences);
    }
    met
}

fn all(words: &mut Words<'_>, licences: &[String]) -> bool {
    let mut met = one(words, licences);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, licences);
    }
    met
}

fn one(words: &mut Words<'_>, licences: &[String]) -> bool {
    let Some(word) = words.next() else {
        return false;
    };
    if word == "(" {
        let met = any(words, licences);
        return words.next_if_eq(&")").is_some() && met;
    }
    let mut licence = word.to_owned();
    if words.next_if_eq(&"WITH").is_some() {
        licence = format!("{word} WITH {}", words.next().unwrap_or_default());
    }
    licences.contains(&licence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        read_policy(
            "[licenses]\nallow = [\"MIT\", \"ISC\", \"Apache-2.0 WITH LLVM-exception\"]\n\
             [bans]\ndeny = [{ name = \"openssl\", reason = \"rustls\" }]\n\
             [sources]\nallow-registry = [\"https://example.org/index\"]\n",
        )
        .unwrap_or_else(|error| unreachable!("{error}"))
    }

    #[test]
    fn licences_are_met_as_spdx_means_it() {
        let licences = policy().licences;
        for expression in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "MIT AND ISC",
            "Apache-2.0 WITH LLVM-exception",
            "MIT AND (GPL-3.0 OR ISC)",
        ] {
            assert!(allowed(expression, &licences), "{expression}");
        }
        for expression in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT",
            "Apache-2.0",
            "MIT ISC",
            "OR",
        ] {
            assert!(!allowed(expression, &licences), "{expression}");
        }
    }

    #[test]
    fn bans_and_sources_are_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"openssl\"\nsource = \"registry+https://example.org/index\"\n\
                    [[package]]\nname = \"other\"\nsource = \"git+https://example.org/other\"\n";
        let found: Vec<String> = check_lock(&policy(), lock)
            .into_iter()
            .map(|finding| format!("{}: {}", finding.line, finding.problem))
            .collect();
        assert_eq!(
            found,
            [
                "2: openssl is banned: rustls",
                "6: other comes from git+https://example.org/other"
            ]
        );
    }

    #[test]
    fn a_licence_is_reported_at_its_package() {
        let metadata = serde_json::json!({ "packages": [
            { "name": "one", "license": "MIT" },
            { "name": "two", "license": null },
        ] });
        let found = check_licences(&policy(), "name = \"one\"\nname = \"two\"\n", &metadata);
        assert_eq!(found.len(), 1);
        assert!(found.iter().all(|finding| finding.line == 2));
    }
}
