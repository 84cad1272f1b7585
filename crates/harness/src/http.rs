//! A small HTTP/1.1 client that hides nothing: it never repeats a request, so an answer that came is the only
//! acknowledgement there is, and it can send a body piece by piece, or slowly, or not to its end.

use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take before the client gives up.
const PATIENCE: Duration = Duration::from_secs(90);

/// One connection, opened when needed.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    always: Vec<(String, String)>,
    stream: Option<BufReader<TcpStream>>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The first header of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

impl Client {
    /// A client of the server at `address`.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            always: Vec::new(),
            stream: None,
        }
    }

    /// The same client with a header on every request.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.always.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Ends the connection; the next request opens another.
    pub fn hang_up(&mut self) {
        self.stream = None;
    }

    /// Reads.
    ///
    /// # Errors
    ///
    /// Where no whole answer came.
    pub fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.send("GET", path, &[], &[])
    }

    /// Writes a body of that type.
    ///
    /// # Errors
    ///
    /// Where no whole answer came; the server may have done it or not.
    pub fn post(&mut self, path: &str, content_type: &str, body: &[u8]) -> io::Result<Answer> {
        self.send("POST", path, &[("content-type", content_type)], body)
    }

    /// Writes JSON.
    ///
    /// # Errors
    ///
    /// As for [`Client::post`].
    pub fn post_json(&mut self, path: &str, body: &Value) -> io::Result<Answer> {
        self.post(path, "application/json", body.to_string().as_bytes())
    }

    /// Sends a request with its whole body.
    ///
    /// # Errors
    ///
    /// As for [`Client::post`].
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        let length = u64::try_from(body.len()).map_err(io::Error::other)?;
        self.stream(method, path, headers, length, &mut |out| {
            out.write_all(body)
        })
    }

    /// Sends a request whose body of `length` bytes is written by `write`. A server may answer before it has read
    /// everything; the answer counts then.
    ///
    /// # Errors
    ///
    /// As for [`Client::post`].
    pub fn stream(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        length: u64,
        write: &mut dyn FnMut(&mut TcpStream) -> io::Result<()>,
    ) -> io::Result<Answer> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.address);
        let always = self.always.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        for (name, value) in always.chain(headers.iter().copied()) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if method != "GET" {
            head.push_str(&format!("content-length: {length}\r\n"));
        }
        head.push_str("\r\n");
        // Put back only after a whole answer: a broken connection is never used again.
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => BufReader::new(connect(self.address)?),
        };
        let sent = stream
            .get_mut()
            .write_all(head.as_bytes())
            .and_then(|()| write(stream.get_mut()));
        let (answer, last) = match (read(&mut stream), sent) {
            (Ok(answer), _) => answer,
            (Err(_), Err(unsent)) => return Err(unsent),
            (Err(unread), Ok(())) => return Err(unread),
        };
        if !last {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

/// A connection with the client's patience.
///
/// # Errors
///
/// Where nobody listens.
pub fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(10))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Reads one answer; also says whether the connection ends after it.
fn read(stream: &mut BufReader<TcpStream>) -> io::Result<(Answer, bool)> {
    let line = read_line(stream)?;
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .ok_or_else(|| broken("no status line"))?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| broken("no header"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer {
        status,
        headers,
        body: Vec::new(),
    };
    if answer.header("transfer-encoding").is_some() {
        loop {
            let size = read_line(stream)?;
            let size = u64::from_str_radix(size.trim(), 16).map_err(|_| broken("no chunk"))?;
            take(stream, size, &mut answer.body)?;
            read_line(stream)?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = answer.header("content-length") {
        let length = length.parse().map_err(|_| broken("no length"))?;
        take(stream, length, &mut answer.body)?;
    }
    let last = answer.header("connection") == Some("close");
    Ok((answer, last))
}

fn read_line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn take(stream: &mut BufReader<TcpStream>, length: u64, body: &mut Vec<u8>) -> io::Result<()> {
    let read = stream.take(length).read_to_end(body)?;
    if u64::try_from(read).is_ok_and(|read| read == length) {
        Ok(())
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}
