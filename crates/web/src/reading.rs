//! A body on its way to a reader that blocks: the document is read as it arrives, on a thread of
//! its own, and never lies whole in memory.

use axum::body::Bytes;
use entente_service::ServiceError;
use entente_service::inventory::{self, Document};
use std::io::{Error, ErrorKind, Read};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Pieces on the way at once.
const PIECES: usize = 4;

enum Piece {
    Data(Bytes),
    End,
}

/// Bytes as they arrive. Without an end that was announced, what came is not whole.
struct Arriving {
    pieces: mpsc::Receiver<Piece>,
    at_hand: Bytes,
    ended: bool,
}

impl Read for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.at_hand.is_empty() && !self.ended {
            match self.pieces.blocking_recv() {
                Some(Piece::Data(data)) => self.at_hand = data,
                Some(Piece::End) => self.ended = true,
                None => return Err(Error::new(ErrorKind::UnexpectedEof, "the body broke off")),
            }
        }
        let count = self.at_hand.len().min(buffer.len());
        let given = self.at_hand.split_to(count);
        if let Some(place) = buffer.get_mut(..count) {
            place.copy_from_slice(&given);
        }
        Ok(count)
    }
}

/// A document that is being read.
#[derive(Debug)]
pub struct Reading {
    pieces: mpsc::Sender<Piece>,
    read: JoinHandle<Result<Document, ServiceError>>,
}

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Data(data) => write!(f, "{} bytes", data.len()),
            Self::End => f.write_str("the end"),
        }
    }
}

impl Reading {
    /// Begins to read a bill of materials of that file name.
    pub fn of_sbom(file_name: String) -> Self {
        let (pieces, arriving) = mpsc::channel(PIECES);
        let read = tokio::task::spawn_blocking(move || {
            let source = Arriving {
                pieces: arriving,
                at_hand: Bytes::new(),
                ended: false,
            };
            inventory::read(source, &file_name)
        });
        Self { pieces, read }
    }

    /// Hands a piece over; `false` when the reader has given up and has the reason.
    pub async fn push(&self, data: Bytes) -> bool {
        self.pieces.send(Piece::Data(data)).await.is_ok()
    }

    /// The document, after its last piece.
    ///
    /// # Errors
    /// What the reader says.
    pub async fn finish(self) -> Result<Document, ServiceError> {
        // Fails only where the reader gave up; then its reason comes out below.
        let _ = self.pieces.send(Piece::End).await;
        drop(self.pieces);
        self.read.await.map_err(ServiceError::internal)?
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const WHOLE: &[u8] = br#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
        {"type":"library","name":"tls","version":"3.0.7","purl":"pkg:cargo/tls@3.0.7"}]}"#;

    #[tokio::test]
    async fn pieces_of_any_size_make_one_document() {
        for size in [1, 7, WHOLE.len()] {
            let reading = Reading::of_sbom("bom.json".to_owned());
            for piece in WHOLE.chunks(size) {
                assert!(reading.push(Bytes::copy_from_slice(piece)).await);
            }
            assert_eq!(reading.finish().await.unwrap().facts().components, 1);
        }
    }

    #[tokio::test]
    async fn what_breaks_off_is_no_document() {
        let reading = Reading::of_sbom("bom.json".to_owned());
        reading.push(Bytes::from_static(WHOLE)).await;
        // The request ended without its end: its sender is gone.
        drop(reading.pieces);
        let read = reading.read.await.unwrap();
        assert!(matches!(read, Err(ServiceError::Invalid { .. })));
    }
}
