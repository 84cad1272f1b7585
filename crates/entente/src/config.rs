//! The configuration file, with flags and the environment over it. Secrets are named by file.

use anyhow::{Context, bail};
use clap::Args;
use entente_service::config::{Limits, Organisation};
use entente_store::Location;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where an instance lies and who runs it.
#[derive(Args, Clone, Debug)]
pub(crate) struct InstanceArgs {
    /// The folder of the instance: database, key, attachments, configuration.
    #[arg(long, env = "ENTENTE_DATA", default_value = "./entente-data")]
    pub(crate) data: PathBuf,
    /// The configuration file; default: `entente.toml` in the folder.
    #[arg(long, env = "ENTENTE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
}

/// The file as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FileConfig {
    pub(crate) base_url: Option<String>,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) postgres: Option<String>,
    pub(crate) organisation: Option<Organisation>,
    pub(crate) mail: Option<MailConfig>,
    pub(crate) tls: Option<TlsConfig>,
    pub(crate) limits: Limits,
    /// Reverse proxies whose forwarded address is believed.
    pub(crate) trusted_proxies: Vec<std::net::IpAddr>,
    /// MiB of disk kept in reserve, from which reports are still taken when it is full.
    pub(crate) reserve_mib: Option<u32>,
    /// Where metrics are served; nowhere when not set.
    pub(crate) metrics_addr: Option<MetricsAddr>,
}

/// Where metrics are served: a port, which is one of 127.0.0.1, or an address with its port.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct MetricsAddr(pub(crate) SocketAddr);

impl FromStr for MetricsAddr {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(port) = text.parse::<u16>() {
            return Ok(Self(SocketAddr::from(([127, 0, 0, 1], port))));
        }
        text.parse().map(Self).map_err(|_| {
            format!("`{text}` is neither a port nor an address with its port, such as 9464 or 127.0.0.1:9464")
        })
    }
}

impl TryFrom<String> for MetricsAddr {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// How mail leaves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailConfig {
    pub(crate) from: String,
    pub(crate) host: Option<String>,
    #[serde(default = "submission")]
    pub(crate) port: u16,
    #[serde(default)]
    pub(crate) security: String,
    pub(crate) user: Option<String>,
    pub(crate) password_file: Option<PathBuf>,
}

fn submission() -> u16 {
    587
}

/// The instance's own TLS.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsConfig {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// The whole configuration, with defaults filled in.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) data: PathBuf,
    pub(crate) key_file: PathBuf,
    pub(crate) location: Location,
    pub(crate) file: FileConfig,
}

impl InstanceArgs {
    /// Reads the configuration; a missing default file is fine, a wrong one is not.
    pub(crate) fn read(&self) -> anyhow::Result<Config> {
        let path = self
            .config
            .clone()
            .unwrap_or_else(|| self.data.join("entente.toml"));
        let file: FileConfig = if path.exists() {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("reading the configuration {}", path.display()))?;
            toml::from_str(&text)
                .with_context(|| format!("in the configuration {}", path.display()))?
        } else if self.config.is_some() {
            bail!(
                "the configuration {} is not there; create it or leave the flag out",
                path.display()
            );
        } else {
            FileConfig::default()
        };
        let location = match &file.postgres {
            Some(url) => Location::Postgres(url.clone()),
            None => Location::Sqlite(self.data.join("entente.sqlite")),
        };
        Ok(Config {
            key_file: file
                .key_file
                .clone()
                .unwrap_or_else(|| self.data.join("instance.key")),
            data: self.data.clone(),
            location,
            file,
        })
    }
}

impl Config {
    /// The settings that the use cases need.
    pub(crate) fn service(&self, demo: bool) -> entente_service::config::Config {
        let organisation = self
            .file
            .organisation
            .clone()
            .unwrap_or_else(|| Organisation {
                name: "Our organisation".to_owned(),
                namespace: "https://example.org".to_owned(),
                contact: "See the public page of this instance".to_owned(),
                advisory_prefix: "ADV".to_owned(),
                language: "en".to_owned(),
            });
        entente_service::config::Config {
            base_url: self
                .file
                .base_url
                .clone()
                .unwrap_or_else(|| format!("http://{}", self.listen()))
                .trim_end_matches('/')
                .to_owned(),
            organisation,
            mail_from: self
                .file
                .mail
                .as_ref()
                .map_or_else(|| "psirt@example.org".to_owned(), |m| m.from.clone()),
            demo,
            limits: self.file.limits.clone(),
        }
    }

    /// How much of the disk is kept in reserve (decision 25).
    pub(crate) fn reserve_bytes(&self) -> u64 {
        self.file
            .reserve_mib
            .map_or(entente_store::ballast::USUAL_BYTES, |mib| {
                u64::from(mib) * 1024 * 1024
            })
    }

    /// Where the server listens.
    pub(crate) fn listen(&self) -> SocketAddr {
        self.file
            .listen
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)))
    }
}

/// The first line of a file that holds a secret.
pub(crate) fn secret_file(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("reading the secret file {}", path.display()))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn metrics_are_on_loopback_unless_an_address_is_named() {
        for (text, address) in [
            ("9464", "127.0.0.1:9464"),
            ("127.0.0.1:9464", "127.0.0.1:9464"),
            ("[::1]:9464", "[::1]:9464"),
            ("192.0.2.1:9464", "192.0.2.1:9464"),
        ] {
            let parsed: MetricsAddr = text.parse().unwrap();
            assert_eq!(parsed.0.to_string(), address);
            let file: FileConfig = toml::from_str(&format!("metrics_addr = \"{text}\"")).unwrap();
            assert_eq!(file.metrics_addr, Some(parsed));
        }
        for text in ["", "localhost", "127.0.0.1", "99999", ":9464"] {
            let refused = text.parse::<MetricsAddr>().unwrap_err();
            assert!(refused.contains("9464"), "{refused}");
        }
        assert_eq!(FileConfig::default().metrics_addr, None);
    }
}
