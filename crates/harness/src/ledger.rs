//! What the server acknowledged, written down and synced before the next request, so that it is true whatever dies.

use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// One writer's ledger.
#[derive(Debug)]
pub struct Ledger<T> {
    file: File,
    entries: Vec<(Instant, T)>,
}

impl<T: std::fmt::Debug> Ledger<T> {
    /// A fresh ledger.
    ///
    /// # Panics
    ///
    /// Where the file cannot be made.
    #[must_use]
    pub fn create(path: &Path) -> Self {
        Self {
            file: File::create(path).expect("the ledger can be created"),
            entries: Vec::new(),
        }
    }

    /// Writes an acknowledgement down.
    ///
    /// # Panics
    ///
    /// Where it cannot be made durable.
    pub fn acknowledged(&mut self, entry: T) {
        writeln!(self.file, "{entry:?}").expect("the ledger can be written");
        self.file.sync_data().expect("the ledger can be synced");
        self.entries.push((Instant::now(), entry));
    }

    /// Everything that was acknowledged, and when.
    #[must_use]
    pub fn entries(self) -> Vec<(Instant, T)> {
        self.entries
    }
}

/// SHA-256, in hex.
#[must_use]
pub fn sha256(content: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(content))
}
