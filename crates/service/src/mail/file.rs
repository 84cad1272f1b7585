//! Mails as `.eml` files in a folder: for the demonstration and for tests.

use super::{Envelope, MailError, Sending, Transport, message};
use std::path::PathBuf;

/// Writes each mail to a file named after its job; sent again, it is the same file.
#[derive(Clone, Debug)]
pub struct FolderTransport {
    folder: PathBuf,
}

impl FolderTransport {
    /// Writes into this folder, which is made if it is missing.
    pub fn new(folder: impl Into<PathBuf>) -> std::io::Result<Self> {
        let folder = folder.into();
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    async fn write(&self, envelope: &Envelope) -> Result<(), MailError> {
        let bytes = message::build(envelope)?.formatted();
        let written = self.folder.join(format!("{}.eml", envelope.id));
        let unfinished = self.folder.join(format!(".{}.part", envelope.id));
        let transient =
            |e: std::io::Error| MailError::Transient(format!("the mail folder: {}", e.kind()));
        tokio::fs::write(&unfinished, bytes)
            .await
            .map_err(transient)?;
        tokio::fs::rename(&unfinished, &written)
            .await
            .map_err(transient)
    }
}

impl Transport for FolderTransport {
    fn send<'a>(&'a self, envelope: &'a Envelope) -> Sending<'a> {
        Box::pin(self.write(envelope))
    }
}
