//! Files on their way from a request to the sealed quarantine.
//!
//! Sealing writes to the disk, so it has a thread of its own; the request hands the pieces over.
//! Only a file that came to its end is finished: one that breaks off leaves nothing.

use bytes::Bytes;
use entente_service::ServiceError;
use entente_service::attachments::{StagedAttachment, Staging};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Pieces on the way at once.
const PIECES: usize = 4;

enum Piece {
    Data(Bytes),
    End,
}

/// The end that the request holds.
#[derive(Debug)]
pub struct Pieces(mpsc::Sender<Piece>);

/// The end that seals.
#[derive(Debug)]
pub struct Sealing(JoinHandle<Result<Option<StagedAttachment>, ServiceError>>);

/// Starts to seal a file.
pub fn seal(mut staging: Staging) -> (Pieces, Sealing) {
    let (pieces, mut arriving) = mpsc::channel(PIECES);
    let sealing = tokio::task::spawn_blocking(move || {
        loop {
            match arriving.blocking_recv() {
                Some(Piece::Data(data)) => staging.push(&data)?,
                Some(Piece::End) => return staging.finish().map(Some),
                None => return Ok(None),
            }
        }
    });
    (Pieces(pieces), Sealing(sealing))
}

impl Pieces {
    /// Hands a piece over; `false` when the other end hung up and has the reason.
    pub async fn push(&self, data: Bytes) -> bool {
        self.0.send(Piece::Data(data)).await.is_ok()
    }
}

impl Sealing {
    /// Finishes the file, after its last piece.
    pub async fn finish(self, pieces: Pieces) -> Result<StagedAttachment, ServiceError> {
        // Fails only where the other end hung up; then its reason comes out below.
        let _ = pieces.0.send(Piece::End).await;
        drop(pieces);
        match self.0.await {
            Ok(Ok(Some(staged))) => Ok(staged),
            Ok(Ok(None)) => Err(ServiceError::Unavailable),
            Ok(Err(error)) => Err(error),
            Err(error) => Err(ServiceError::internal(error)),
        }
    }
}
