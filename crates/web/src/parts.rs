//! Forms with files, read part by part within bounds: the reader behind [`Multipart`] keeps whatever it cannot make out
//! yet, however much comes (all that stands before the first part, or the head of a part). Here it gets more only
//! while it gets on.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{FromRequest, Multipart, Request};
use entente_service::App;
use http_body::{Frame, SizeHint};
use http_body_util::Limited;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

/// Bytes that the reader may hold without getting on; heads of parts have a few hundred.
const MOST_HELD: u64 = 256 * 1024;

/// What the reader was given and what came out of it again.
#[derive(Debug, Default)]
struct Ledger {
    held: AtomicU64,
    steps: AtomicU64,
}

impl Ledger {
    fn gave(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.held.fetch_add(bytes, Ordering::Relaxed);
    }

    fn step(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let held = self.held.load(Ordering::Relaxed);
        self.held
            .store(held.saturating_sub(bytes), Ordering::Relaxed);
        self.steps.fetch_add(1, Ordering::Relaxed);
    }
}

/// A form on its way in.
#[derive(Debug)]
pub struct Form {
    reader: Multipart,
    ledger: Arc<Ledger>,
}

impl Form {
    /// The form that a request carries.
    ///
    /// # Errors
    ///
    /// Where the request announces no form.
    pub async fn of(app: &App, request: Request) -> Result<Self, MultipartRejection> {
        let ledger = Arc::new(Ledger::default());
        let most = app.config().limits.request_bytes;
        let request = request.map(|body| {
            let fed = Fed {
                body,
                ledger: Arc::clone(&ledger),
                paused_at: None,
            };
            Body::new(Limited::new(fed, most))
        });
        let reader = Multipart::from_request(request, app).await?;
        Ok(Self { reader, ledger })
    }

    /// The next part; the one before has to be read to its end.
    ///
    /// # Errors
    ///
    /// Where the body is no form, breaks off or is too large.
    pub async fn next_field(&mut self) -> Result<Option<Part<'_>>, MultipartError> {
        let field = self.reader.next_field().await?;
        self.ledger.step(0);
        let ledger = &self.ledger;
        Ok(field.map(|field| Part { field, ledger }))
    }
}

/// A part of a form.
#[derive(Debug)]
pub struct Part<'a> {
    field: Field<'a>,
    ledger: &'a Ledger,
}

impl Part<'_> {
    /// Its name.
    pub fn name(&self) -> Option<&str> {
        self.field.name()
    }

    /// The name of the file that it holds.
    pub fn file_name(&self) -> Option<&str> {
        self.field.file_name()
    }

    /// More of its content; `None` at its end.
    ///
    /// # Errors
    ///
    /// As for [`Form::next_field`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, MultipartError> {
        let chunk = self.field.chunk().await?;
        self.ledger.step(chunk.as_ref().map_or(0, Bytes::len));
        Ok(chunk)
    }

    /// Reads it to its end and drops it, so that an answer reaches a sender who listens only then.
    ///
    /// # Errors
    ///
    /// As for [`Form::next_field`].
    pub async fn skip(mut self) -> Result<(), MultipartError> {
        while self.chunk().await?.is_some() {}
        Ok(())
    }
}

/// A body that stops where its reader holds much, lets it work, and ends with an error where that did not help.
struct Fed {
    body: Body,
    ledger: Arc<Ledger>,
    paused_at: Option<u64>,
}

#[derive(Debug, thiserror::Error)]
#[error("a part of the form has no end of its head")]
struct NoHead;

impl HttpBody for Fed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.ledger.held.load(Ordering::Relaxed) >= MOST_HELD {
            let steps = self.ledger.steps.load(Ordering::Relaxed);
            if self.paused_at == Some(steps) {
                return Poll::Ready(Some(Err(axum::Error::new(NoHead))));
            }
            // The reader looks at what it holds before it asks again.
            self.paused_at = Some(steps);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.paused_at = None;
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            self.ledger.gave(data.len());
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::testing::{Instance, Tested};
    use axum::http::{StatusCode, header};
    use http_body_util::Channel;

    const PIECE: usize = 64 * 1024;
    const PIECES: usize = 40;

    /// Sends a form in pieces; gives the answer's status and how many of the pieces were taken.
    async fn send(
        begins: &str,
        then: &[u8],
        ends: &str,
    ) -> Result<(StatusCode, usize), Box<dyn std::error::Error>> {
        let i = Instance::fresh().await?;
        let (mut sender, body) = Channel::<Bytes, axum::Error>::new(1);
        let mut pieces = vec![Bytes::from(begins.to_owned())];
        let piece: Vec<u8> = then.iter().copied().cycle().take(PIECE).collect();
        pieces.extend((0..PIECES).map(|_| Bytes::from(piece.clone())));
        pieces.push(Bytes::from(ends.to_owned()));
        let sending = tokio::spawn(async move {
            let mut taken = 0;
            for piece in pieces {
                if sender.send_data(piece).await.is_err() {
                    break;
                }
                taken += 1;
            }
            taken
        });
        let request = Request::post("/report")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=bb")
            .body(Body::new(body))?;
        let status = i.ask(request).await?.status;
        Ok((status, sending.await?))
    }

    #[tokio::test]
    async fn what_the_reader_cannot_make_out_does_not_pile_up() -> Tested {
        let head = "--bb\r\nContent-Disposition: form-data; name=\"a";
        for begins in ["", "--bb", head] {
            let (status, taken) = send(begins, b"a", "").await?;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{begins}");
            assert!(taken < 10, "{begins}: {taken} pieces were taken");
        }
        Ok(())
    }

    #[tokio::test]
    async fn long_contents_and_many_empty_parts_are_read_to_their_end() -> Tested {
        let empty = "--bb\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n\r\n".repeat(50);
        let begins = format!(
            "{empty}--bb\r\nContent-Disposition: form-data; name=\"product\"\r\n\r\nR\r\n--bb\r\nContent-Disposition: form-data; name=\"description\"\r\n\r\nIt reboots.\r\n--bb\r\nContent-Disposition: form-data; name=\"attachments\"; filename=\"a\"\r\n\r\n"
        );
        // What looks like a boundary at every turn, and is none.
        for then in [b"a".as_slice(), b"\r\n--b", b"\r\n--bc"] {
            let (status, _) = send(&begins, then, "\r\n--bb--\r\n").await?;
            assert_eq!(status, StatusCode::CREATED, "{then:?}");
        }
        Ok(())
    }
}
