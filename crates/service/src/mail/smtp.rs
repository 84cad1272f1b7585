//! Submission of mails to the organisation's mail server by SMTP, encrypted.

use super::{Envelope, MailError, Sending, Transport, message};
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use std::net::IpAddr;
use std::time::Duration;

/// A server that does not answer within this time is tried again later.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How the connection is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SmtpSecurity {
    /// Begins in the clear and must change to TLS before anything is sent, usually port 587.
    #[default]
    StartTls,
    /// TLS from the first byte, usually port 465.
    Tls,
    /// None: only for a server on the same machine.
    None,
}

/// The organisation's mail server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Name or address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// The account, with its password.
    pub account: Option<(String, SecretString)>,
}

/// Why the settings of the mail server cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    /// Mail would travel in the clear.
    #[error(
        "mail security `none` is only for a server on this machine; use `tls` or `starttls` for `{0}`"
    )]
    Clear(String),
    /// TLS cannot be set up.
    #[error("TLS to the mail server cannot be set up; check its host name: {0}")]
    Tls(String),
}

/// Submits mails to the server, each over a connection of its own. A kept pool of connections
/// would have to be made and dropped within the runtime, which no caller should need to know.
#[derive(Clone)]
pub struct Smtp(AsyncSmtpTransportBuilder);

impl Smtp {
    /// Checks the settings; connects when the first mail is sent.
    pub fn new(settings: &SmtpSettings) -> Result<Self, SmtpError> {
        let host = &settings.host;
        let tls = match settings.security {
            SmtpSecurity::Tls => Tls::Wrapper(parameters(host)?),
            SmtpSecurity::StartTls => Tls::Required(parameters(host)?),
            SmtpSecurity::None if is_loopback(host) => Tls::None,
            SmtpSecurity::None => return Err(SmtpError::Clear(host.clone())),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(TIMEOUT))
            // The name of this machine is nobody's business.
            .hello_name(ClientId::Domain("localhost".to_owned()));
        if let Some((user, password)) = &settings.account {
            let password = password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(user.clone(), password));
        }
        Ok(Self(builder))
    }

    async fn submit(&self, envelope: &Envelope) -> Result<(), MailError> {
        let message = message::build(envelope)?;
        let server = self.0.clone().build::<Tokio1Executor>();
        server
            .send(message)
            .await
            .map(|_| ())
            .map_err(|error| classed(&error))
    }
}

impl Transport for Smtp {
    fn send<'a>(&'a self, envelope: &'a Envelope) -> Sending<'a> {
        Box::pin(self.submit(envelope))
    }
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Smtp")
    }
}

fn parameters(host: &str) -> Result<TlsParameters, SmtpError> {
    TlsParameters::new(host.to_owned()).map_err(|e| SmtpError::Tls(e.to_string()))
}

fn is_loopback(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || literal.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The class of a failure and its code; never the server's words, which repeat addresses.
fn classed(error: &lettre::transport::smtp::Error) -> MailError {
    let what = match error.status() {
        Some(code) => format!("the mail server answered {code}"),
        None if error.is_tls() => "TLS to the mail server failed".to_owned(),
        None if error.is_timeout() => "the mail server did not answer in time".to_owned(),
        None if error.is_client() => {
            "the mail server does not offer what the settings ask for".to_owned()
        }
        None => "the mail server cannot be reached or broke off".to_owned(),
    };
    if error.is_permanent() {
        MailError::Permanent(what)
    } else {
        MailError::Transient(what)
    }
}

#[cfg(test)]
#[path = "smtp_tests.rs"]
mod tests;
