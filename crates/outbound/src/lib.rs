//! The one door for requests to an address that somebody typed in or that a document names.
//!
//! Who is asked decides nothing about us: names are resolved here, addresses of our own networks
//! are refused, and the connection is made to the very address that was looked at. A redirect goes
//! through the same door. An answer has a longest size, and a request an end. No cookie, no
//! credential, nothing of the instance goes out but its name. Blocking; may not touch the store.

mod address;

pub use address::is_public;

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use ureq::config::Config;
use ureq::http::{Uri, header};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body, Error};

/// Redirects that are followed.
const REDIRECTS: u32 = 3;
/// Longest head of an answer, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;
/// Seconds to find and reach a server, and to hear from it first.
const PATIENCE_S: u64 = 30;

/// What a request may cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Most bytes of an answer, as they come over the wire; nothing is unpacked here.
    pub bytes: u64,
    /// Longest time of the whole request, however slowly it comes.
    pub time: Duration,
}

/// What an earlier answer was known by, so that a server can say that nothing changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mark {
    /// The entity tag, as it came.
    pub etag: Option<String>,
    /// The date of the last change, as it came.
    pub last_modified: Option<String>,
}

/// What was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Nothing changed since the mark.
    Same,
    /// The content was written out.
    Content {
        /// How many bytes.
        bytes: u64,
        /// What it is known by.
        mark: Mark,
    },
}

/// Why there is no answer: what is wrong, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The address cannot be asked.
    #[error(
        "the address is not one that is asked; give one that begins with https:// and carries no password"
    )]
    Address,
    /// It leads to us, or to our own network.
    #[error(
        "{0} is an address of a private or local network; only servers of the internet are asked"
    )]
    Private(IpAddr),
    /// It leads, or redirects, to a connection without TLS.
    #[error("it leads to a connection without TLS; give an address that stays with https")]
    Plain,
    /// The name is not known.
    #[error("the name of the server is not known; correct the address")]
    Unknown,
    /// It redirects too often, or nowhere.
    #[error(
        "it redirects more than {REDIRECTS} times, or nowhere; give the address that it leads to"
    )]
    Redirects,
    /// The server refuses.
    #[error("the server answers {status}; {remedy}")]
    Status {
        /// The status.
        status: u16,
        /// What to do.
        remedy: &'static str,
    },
    /// The answer is longer than the limit.
    #[error("the answer is longer than {0} bytes; name a smaller source")]
    TooLong(u64),
    /// The answer broke off before the length that the server announced.
    #[error("the answer broke off after {0} bytes, before its announced end; it is asked again")]
    BrokenOff(u64),
    /// It took too long.
    #[error("it took longer than allowed; it is asked again, ask its operator if it stays so")]
    TooSlow,
    /// TLS failed.
    #[error("no secure connection could be made ({0}); ask its operator")]
    Tls(String),
    /// The connection failed.
    #[error("the server cannot be reached ({0}); it is asked again")]
    Connection(String),
    /// The answer could not be kept.
    #[error("the answer could not be kept: {0}")]
    Keeping(std::io::Error),
}

fn remedy(status: u16) -> &'static str {
    match status {
        401 | 403 => "it wants to know who asks; name a public source",
        404 | 410 => "it is not there; correct the address",
        429 | 503 => "it wants to be asked more seldom; it is asked again later",
        500.. => "it is in trouble; it is asked again",
        _ => "correct the address",
    }
}

/// Looks at every address before a connection is made to it.
#[derive(Debug)]
struct Guard {
    inner: DefaultResolver,
    trust: Trust,
    asked: AtomicUsize,
}

/// Whom the door opens to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Trust {
    /// Servers of the internet.
    Internet,
    /// The first server that is asked, wherever it is; then servers of the internet.
    FirstStep,
    /// Everybody.
    Everybody,
}

/// Carries a refused address through the client's own errors.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(IpAddr);

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let first = self.asked.fetch_add(1, Ordering::Relaxed) == 0;
        if self.trust == Trust::Everybody || first && self.trust == Trust::FirstStep {
            return Ok(found);
        }
        // One address of our own among others is enough: whoever names it means no good.
        let refused = |address: &&SocketAddr| !is_public(address.ip());
        match found.iter().find(refused) {
            Some(address) => Err(Error::Other(Box::new(Refused(address.ip())))),
            None => Ok(found),
        }
    }
}

/// A client. Cheap to keep; it remembers nothing between requests but open connections.
#[derive(Debug)]
pub struct Outbound {
    agent: Agent,
    plain: bool,
}

impl Outbound {
    /// A client that names itself so.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self::with(name, Trust::Internet)
    }

    /// A client that also asks servers without TLS and in local networks, for tests.
    #[must_use]
    pub fn that_trusts_everybody(name: &str) -> Self {
        Self::with(name, Trust::Everybody)
    }

    /// A client that asks the first server without TLS and in a local network, for tests of what
    /// that one answers; a redirect meets the closed door.
    #[must_use]
    pub fn that_trusts_first_step_only(name: &str) -> Self {
        Self::with(name, Trust::FirstStep)
    }

    fn with(name: &str, trust: Trust) -> Self {
        let patience = Some(Duration::from_secs(PATIENCE_S));
        let config = Config::builder()
            .https_only(trust == Trust::Internet)
            .http_status_as_error(false)
            .max_redirects(REDIRECTS)
            .max_redirects_will_error(true)
            .max_response_header_size(LONGEST_HEAD)
            .user_agent(name.to_owned())
            .accept_encoding("identity")
            // A proxy would resolve names behind our back.
            .proxy(None)
            .timeout_resolve(patience)
            .timeout_connect(patience)
            .timeout_send_request(patience)
            .timeout_recv_response(patience)
            .build();
        let guard = Guard {
            inner: DefaultResolver::default(),
            trust,
            asked: AtomicUsize::new(0),
        };
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), guard),
            plain: trust != Trust::Internet,
        }
    }

    /// Asks for what is new since the mark, and writes it out as it comes.
    ///
    /// # Errors
    /// What is wrong, with the remedy. Then what was written is not whole.
    pub fn get(
        &self,
        url: &str,
        mark: &Mark,
        limits: Limits,
        into: &mut dyn Write,
    ) -> Result<Answer, OutboundError> {
        let uri: Uri = url.parse().map_err(|_| OutboundError::Address)?;
        let scheme = uri.scheme_str().unwrap_or_default();
        let carries_credentials = uri.authority().is_none_or(|a| a.as_str().contains('@'));
        if carries_credentials || !(scheme == "https" || self.plain && scheme == "http") {
            return Err(OutboundError::Address);
        }
        let mut request = self.agent.get(uri);
        if let Some(etag) = &mark.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = &mark.last_modified {
            request = request.header(header::IF_MODIFIED_SINCE, date);
        }
        let request = request.config().timeout_global(Some(limits.time)).build();
        let response = request.call().map_err(|e| problem(e, 0))?;
        let status = response.status().as_u16();
        if status == 304 {
            return Ok(Answer::Same);
        }
        if status != 200 {
            return Err(OutboundError::Status {
                status,
                remedy: remedy(status),
            });
        }
        let head = |name: header::HeaderName| {
            let value = response.headers().get(name)?.to_str().ok()?;
            (value.len() <= 500).then(|| value.to_owned())
        };
        let mark = Mark {
            etag: head(header::ETAG),
            last_modified: head(header::LAST_MODIFIED),
        };
        let announced: Option<u64> = head(header::CONTENT_LENGTH).and_then(|n| n.parse().ok());
        if announced.is_some_and(|announced| announced > limits.bytes) {
            return Err(OutboundError::TooLong(limits.bytes));
        }
        let bytes = copy(response.into_body(), limits.bytes, into)?;
        match announced {
            Some(announced) if announced != bytes => Err(OutboundError::BrokenOff(bytes)),
            _ => Ok(Answer::Content { bytes, mark }),
        }
    }
}

fn copy(body: Body, most: u64, into: &mut dyn Write) -> Result<u64, OutboundError> {
    let mut reader = body.into_reader();
    let mut buffer = vec![0; 64 * 1024];
    let mut all: u64 = 0;
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => return Ok(all),
            Ok(read) => read,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(problem(Error::from(e), all)),
        };
        all += read as u64;
        if all > most {
            return Err(OutboundError::TooLong(most));
        }
        let some = buffer.get(..read).unwrap_or_default();
        into.write_all(some).map_err(OutboundError::Keeping)?;
    }
}

/// What the client says, in our words; `read` bytes of the body had come.
fn problem(error: Error, read: u64) -> OutboundError {
    match error {
        Error::Other(inner) => match inner.downcast_ref::<Refused>() {
            Some(Refused(address)) => OutboundError::Private(*address),
            None => OutboundError::Connection(inner.to_string()),
        },
        Error::BadUri(_) | Error::Http(_) => OutboundError::Address,
        Error::RequireHttpsOnly(_) => OutboundError::Plain,
        Error::HostNotFound => OutboundError::Unknown,
        Error::TooManyRedirects | Error::RedirectFailed => OutboundError::Redirects,
        Error::Timeout(_) => OutboundError::TooSlow,
        Error::Tls(what) => OutboundError::Tls(what.to_owned()),
        Error::Rustls(what) => OutboundError::Tls(what.to_string()),
        Error::Io(e) if e.kind() == std::io::ErrorKind::TimedOut => OutboundError::TooSlow,
        Error::Io(e) if read > 0 || e.kind() == std::io::ErrorKind::UnexpectedEof => {
            let _ = e;
            OutboundError::BrokenOff(read)
        }
        Error::Io(e) => OutboundError::Connection(e.kind().to_string()),
        other => OutboundError::Connection(other.to_string()),
    }
}
