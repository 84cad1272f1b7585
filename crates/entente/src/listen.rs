//! Listening: the connection itself, with the times and numbers that a client is held to (D3).

use anyhow::Context;
use axum::Router;
use axum_server::Handle;
use axum_server::accept::Accept;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::TokioTimer;
use std::future::Future;
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context as Cx, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// Seconds that a client has for the head of a request, its first one included.
const HEAD: Duration = Duration::from_secs(10);
/// Streams at once on a connection of HTTP/2.
const STREAMS: u32 = 100;
/// Streams that a client may open and drop before they were accepted (rapid reset).
const DROPPED: usize = 20;
/// Bytes of the headers of a request on HTTP/2; HTTP/1 has hyper's own bound.
const HEADERS: u32 = 64 * 1024;
/// How often an idle connection of HTTP/2 is asked whether it is alive.
const ASK: Duration = Duration::from_secs(20);

/// Serves the router until the handle says stop.
pub(crate) async fn serve(
    address: SocketAddr,
    router: Router,
    handle: Handle<SocketAddr>,
    tls: Option<RustlsConfig>,
) -> anyhow::Result<()> {
    let make = router.into_make_service_with_connect_info::<SocketAddr>();
    match tls {
        Some(tls) => {
            let mut server = axum_server::bind_rustls(address, tls)
                .handle(handle)
                .map(Prompt);
            bound(&mut server);
            server.serve(make).await
        }
        None => {
            let mut server = axum_server::bind(address).handle(handle).map(Prompt);
            bound(&mut server);
            server.serve(make).await
        }
    }
    .with_context(|| format!("listening on {address}; is another server running there?"))
}

fn bound<A>(server: &mut axum_server::Server<SocketAddr, A>) {
    let builder = server.http_builder();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(DROPPED)
        .max_header_list_size(HEADERS)
        .keep_alive_interval(ASK)
        .keep_alive_timeout(HEAD);
}

/// An acceptor whose connections have to say something soon: before the first bytes tell which HTTP
/// it is, no other limit runs.
#[derive(Clone, Debug)]
struct Prompt<A>(A);

impl<I, S, A> Accept<I, S> for Prompt<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
    A::Stream: Send + 'static,
    A::Service: Send + 'static,
{
    type Stream = Awaited<A::Stream>;
    type Service = A::Service;
    type Future = Pin<Box<dyn Future<Output = Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let accepting = self.0.accept(stream, service);
        Box::pin(async move {
            let (stream, service) = accepting.await?;
            Ok((Awaited::new(stream), service))
        })
    }
}

/// Bytes after which it is known which HTTP is spoken.
const KNOWN: usize = 24;

/// A connection whose first bytes are waited for.
#[derive(Debug)]
struct Awaited<S> {
    stream: S,
    deadline: Option<Pin<Box<Sleep>>>,
    read: usize,
}

impl<S> Awaited<S> {
    fn new(stream: S) -> Self {
        Self {
            stream,
            deadline: Some(Box::pin(tokio::time::sleep(HEAD))),
            read: 0,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Awaited<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Cx<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let this = &mut *self;
        if let Some(deadline) = &mut this.deadline
            && deadline.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "no request came")));
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.stream).poll_read(cx, buf);
        this.read = this
            .read
            .saturating_add(buf.filled().len().saturating_sub(before));
        if this.read >= KNOWN {
            this.deadline = None;
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Awaited<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Cx<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Cx<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test(start_paused = true)]
    async fn a_connection_has_ten_seconds_for_its_first_bytes() {
        for (pieces, pause, lives) in [
            (0_u32, 11, false),
            (1, 1, false),
            (23, 0, false),
            (24, 0, true),
            (12, 1, false),
        ] {
            let (mut client, server) = tokio::io::duplex(64);
            let mut server = Awaited::new(server);
            let sending = tokio::spawn(async move {
                for _ in 0..pieces {
                    tokio::time::sleep(Duration::from_secs(pause)).await;
                    if client.write_all(b"x").await.is_err() {
                        return;
                    }
                }
                tokio::time::sleep(Duration::from_secs(60)).await;
            });
            let mut all = Vec::new();
            let end = server.read_to_end(&mut all).await;
            assert_eq!(end.is_ok(), lives, "{pieces} {pause}");
            sending.abort();
        }
    }

    async fn server() -> (SocketAddr, Handle<SocketAddr>) {
        let handle = Handle::new();
        let router = Router::new().route("/", get(|| async { "here" }));
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        tokio::spawn(serve(any, router, handle.clone(), None));
        (handle.listening().await.unwrap(), handle)
    }

    #[tokio::test]
    async fn a_request_is_answered_over_the_wrapped_connection() {
        let (address, handle) = server().await;
        let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
        client
            .write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("here"),
            "{answer}"
        );
        handle.shutdown();
    }
}
