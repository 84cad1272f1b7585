//! A small HTTP/1.1 client that keeps its connection, so that the measurement is the server's.

use anyhow::{Context, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// A request, written once and sent often.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self {
            method: "GET",
            path: path.into(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn bytes(&self, host: SocketAddr) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\nhost: {host}\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("content-length: {}\r\n\r\n", self.body.len()));
        text.push_str(&self.body);
        text.into_bytes()
    }
}

/// One connection.
pub(crate) struct Connection {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).context("connecting")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self {
            address,
            stream: BufReader::new(stream),
        })
    }

    /// Sends a request; answers status and body.
    pub(crate) fn send(&mut self, request: &Request) -> anyhow::Result<(u16, Vec<u8>)> {
        self.stream
            .get_mut()
            .write_all(&request.bytes(self.address))?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status: u16 = line
            .split_whitespace()
            .nth(1)
            .and_then(|s| s.parse().ok())
            .with_context(|| format!("an answer that begins with `{line}`"))?;
        let mut length = None;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let header = line.trim_end();
            if header.is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':') {
                if name.eq_ignore_ascii_case("content-length") {
                    length = Some(value.trim().parse::<usize>()?);
                } else if name.eq_ignore_ascii_case("transfer-encoding") {
                    bail!("{} answers in chunks", request.path);
                }
            }
        }
        let mut body = vec![0; length.unwrap_or(0)];
        self.stream.read_exact(&mut body)?;
        Ok((status, body))
    }
}

/// Latencies of one measurement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies {
    sorted: Vec<Duration>,
    pub(crate) took: Duration,
    pub(crate) bytes: usize,
}

impl Latencies {
    /// From single measurements.
    pub(crate) fn of(mut sorted: Vec<Duration>, took: Duration) -> Self {
        sorted.sort();
        Self {
            sorted,
            took,
            bytes: 0,
        }
    }

    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let n = self.sorted.len();
        let place = (n * percent / 100).min(n.saturating_sub(1));
        self.sorted.get(place).copied().unwrap_or_default()
    }

    pub(crate) fn count(&self) -> usize {
        self.sorted.len()
    }

    /// Requests a second.
    pub(crate) fn rate(&self) -> f64 {
        if self.took.is_zero() {
            return 0.0;
        }
        self.count() as f64 / self.took.as_secs_f64()
    }
}

/// Sends `many` requests over `connections` connections; every answer must be a success.
pub(crate) fn run(
    address: SocketAddr,
    connections: u32,
    many: u32,
    request: impl Fn(u32) -> Request + Sync,
) -> anyhow::Result<Latencies> {
    let begun = Instant::now();
    let each = many.div_ceil(connections);
    let results: Vec<anyhow::Result<(Vec<Duration>, usize)>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..connections)
            .map(|worker| {
                let request = &request;
                scope.spawn(move || {
                    let mut connection = Connection::open(address)?;
                    let mut took = Vec::new();
                    let mut bytes = 0;
                    for n in 0..each {
                        let request = request(worker * each + n);
                        let begun = Instant::now();
                        let (status, body) = connection.send(&request)?;
                        took.push(begun.elapsed());
                        bytes = body.len();
                        if !(200..300).contains(&status) {
                            bail!(
                                "{} {} answered {status}: {}",
                                request.method,
                                request.path,
                                String::from_utf8_lossy(&body)
                            );
                        }
                    }
                    Ok((took, bytes))
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|w| {
                w.join()
                    .unwrap_or_else(|_| Err(anyhow::anyhow!("a worker stopped")))
            })
            .collect()
    });
    let mut all = Latencies {
        took: begun.elapsed(),
        ..Latencies::default()
    };
    for result in results {
        let (took, bytes) = result?;
        all.sorted.extend(took);
        all.bytes = bytes;
    }
    all.sorted.sort();
    Ok(all)
}
