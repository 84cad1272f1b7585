//! Space kept in reserve beside the database, and given up when the disk is full, so that reports
//! still land then (decision 25). [`crate::Db`] owns it: only `Db::write_from_reserve` gives it
//! up, and until it is taken back every other write is answered [`StoreError::Full`], so that the
//! space is for reports alone.
//!
//! The file's length is the state: whole; empty, given up; not there, never taken.

use crate::error::StoreError;
use crate::random::Random;
use std::io::Write;
use std::path::{Path, PathBuf};

/// How much is enough for thousands of reports without attachments.
pub const USUAL_BYTES: u64 = 64 * 1024 * 1024;

/// Bytes that are written at once. More than a file system compresses together.
const BLOCK: usize = 1024 * 1024;

/// The reserve of one data folder.
#[derive(Clone, Debug)]
pub struct Ballast {
    path: PathBuf,
    bytes: u64,
}

impl Ballast {
    /// The reserve of `bytes` in a folder, which must lie on the database's own disk.
    pub fn new(data_dir: &Path, bytes: u64) -> Self {
        Self {
            path: data_dir.join("ballast"),
            bytes,
        }
    }

    /// Whether it is there, whole.
    pub fn is_there(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|m| m.len() == self.bytes)
    }

    /// Whether it was given up and not taken back; known also after a restart.
    pub fn is_given_up(&self) -> bool {
        self.bytes > 0 && std::fs::metadata(&self.path).is_ok_and(|m| m.len() == 0)
    }

    /// How much it is.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes the space, if it is not taken yet. Where the disk has no room for it, it takes
    /// nothing.
    pub fn take(&self, random: &Random) -> Result<(), StoreError> {
        if self.bytes == 0 || self.is_there() {
            return Ok(());
        }
        // What the reserve itself left free is no space again: a quarter more has to be there.
        let needed = self.bytes.saturating_add(self.bytes / 4);
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        let disk = rustix::fs::statvfs(folder)
            .map_err(|e| StoreError::file("looking at the disk", e.into()))?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < needed {
            return Err(StoreError::Full);
        }
        let before = self.is_given_up();
        self.fill(random).inspect_err(|_| {
            // Half a reserve would be what fills the disk.
            if before {
                drop(self.empty());
            } else {
                drop(std::fs::remove_file(&self.path));
            }
        })
    }

    fn empty(&self) -> std::io::Result<()> {
        std::fs::OpenOptions::new()
            .write(true)
            .open(&self.path)?
            .set_len(0)
    }

    fn fill(&self, random: &Random) -> Result<(), StoreError> {
        let failed = |e| StoreError::file("keeping space in reserve", e);
        // Zeros would take no space where files are compressed or have holes.
        let mut block = vec![0; BLOCK];
        random.fill(&mut block);
        let mut file = std::fs::File::create(&self.path).map_err(failed)?;
        let mut left = self.bytes;
        while left > 0 {
            let len = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
            file.write_all(block.get(..len).unwrap_or_default())
                .map_err(failed)?;
            left -= u64::try_from(len).unwrap_or(left);
        }
        file.sync_all().map_err(failed)
    }

    /// Gives the space up; `false` if there was none.
    pub fn give_up(&self) -> Result<bool, StoreError> {
        if self.is_given_up() {
            return Ok(false);
        }
        match self.empty() {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(StoreError::file("giving up the space in reserve", e)),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn it_takes_real_space_once_and_gives_it_up_once() {
        let folder = tempfile::tempdir().unwrap();
        let random = Random::new(rand_chacha::ChaCha20Rng::seed_from_u64(1));
        let ballast = Ballast::new(folder.path(), 3 * 1024 * 1024 + 7);
        assert!(!ballast.is_there() && !ballast.give_up().unwrap());
        ballast.take(&random).unwrap();
        ballast.take(&random).unwrap();
        let meta = std::fs::metadata(folder.path().join("ballast")).unwrap();
        assert_eq!(meta.len(), 3 * 1024 * 1024 + 7);
        assert!(meta.blocks() * 512 >= 3 * 1024 * 1024, "{}", meta.blocks());
        assert!(ballast.is_there() && ballast.give_up().unwrap() && !ballast.is_there());
        assert!(ballast.is_given_up() && !ballast.give_up().unwrap());
        ballast.take(&random).unwrap();
        assert!(ballast.is_there() && !ballast.is_given_up());
    }

    #[test]
    fn more_than_the_disk_has_is_not_begun() {
        let folder = tempfile::tempdir().unwrap();
        let random = Random::new(rand_chacha::ChaCha20Rng::seed_from_u64(1));
        let ballast = Ballast::new(folder.path(), u64::MAX / 2);
        assert!(matches!(ballast.take(&random), Err(StoreError::Full)));
        assert!(!ballast.is_there() && !ballast.is_given_up());
    }

    #[test]
    fn where_it_cannot_be_taken_nothing_is_left() {
        let random = Random::new(rand_chacha::ChaCha20Rng::seed_from_u64(1));
        let nowhere = Ballast::new(Path::new("/nonexistent/folder"), 10);
        assert!(nowhere.take(&random).is_err() && !nowhere.is_there());
    }
}
