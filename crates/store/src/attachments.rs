//! Attachments: sealed files beside the database, and their rows (decision 17).
//!
//! A file is written sealed in chunks to a temporary name, its length and hash are checked, file
//! and folder are synced, then it gets its name; only then its row is inserted. A file without a
//! row is an orphan and is swept after a day.

use crate::args;
use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use crate::random::Random;
use crate::sealed_stream::{SealedReader, SealedWriter};
use crate::{journal, seal};
use entente_domain::access::SystemViewer;
use entente_domain::ids::{AttachmentId, CaseId};
use entente_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

/// What is known of an attachment beside its id.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// The name that the sender gave, made safe.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its content, hex.
    pub sha256: String,
    /// The report it came with.
    pub report: Option<entente_domain::ids::ReportId>,
}

/// An attachment's row.
#[derive(Clone, PartialEq, Debug)]
pub struct Attachment {
    /// Its id; also the name of its file.
    pub id: AttachmentId,
    /// The case that it belongs to.
    pub case: CaseId,
    /// When it arrived.
    pub at: Timestamp,
    /// What is known of it.
    pub facts: Facts,
    /// The key of its file.
    pub key: Zeroizing<[u8; 32]>,
}

/// Where sealed files lie. A seam: another kind of storage keeps the same four promises.
pub trait BlobStore: Send + Sync {
    /// Begins a file that has no name yet.
    fn begin(&self, id: AttachmentId) -> Result<Box<dyn BlobWriter>, StoreError>;
    /// Opens a finished file.
    fn open(&self, id: AttachmentId) -> Result<Box<dyn Read + Send>, StoreError>;
    /// Removes a file; missing is fine.
    fn remove(&self, id: AttachmentId) -> Result<(), StoreError>;
    /// Ids of finished files with the time of their last change.
    fn list(&self) -> Result<Vec<(AttachmentId, Timestamp)>, StoreError>;
}

/// A file that is being written.
pub trait BlobWriter: Write + Send {
    /// Makes it durable under its name.
    fn finish(self: Box<Self>) -> Result<(), StoreError>;
}

/// Files in a folder.
pub struct FolderBlobs {
    folder: PathBuf,
}

impl FolderBlobs {
    /// Files under `data_dir/attachments`.
    pub fn new(data_dir: &Path) -> Result<Self, StoreError> {
        let folder = data_dir.join("attachments");
        std::fs::create_dir_all(&folder)
            .map_err(|e| StoreError::file("creating the attachment folder", e))?;
        Ok(Self { folder })
    }

    fn path(&self, id: AttachmentId) -> PathBuf {
        self.folder.join(id.0.simple().to_string())
    }
}

struct FolderWriter {
    file: File,
    temporary: PathBuf,
    target: PathBuf,
    folder: PathBuf,
    finished: bool,
}

impl Write for FolderWriter {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        self.file.write(buf)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl BlobWriter for FolderWriter {
    fn finish(mut self: Box<Self>) -> Result<(), StoreError> {
        self.file
            .sync_all()
            .map_err(|e| StoreError::file("syncing an attachment", e))?;
        std::fs::rename(&self.temporary, &self.target)
            .map_err(|e| StoreError::file("naming an attachment", e))?;
        File::open(&self.folder)
            .and_then(|d| d.sync_all())
            .map_err(|e| StoreError::file("syncing the attachment folder", e))?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for FolderWriter {
    fn drop(&mut self) {
        if !self.finished {
            // An upload that broke off leaves nothing.
            drop(std::fs::remove_file(&self.temporary));
        }
    }
}

impl BlobStore for FolderBlobs {
    fn begin(&self, id: AttachmentId) -> Result<Box<dyn BlobWriter>, StoreError> {
        let target = self.path(id);
        let temporary = target.with_extension("part");
        let file = File::create_new(&temporary)
            .map_err(|e| StoreError::file("creating an attachment", e))?;
        Ok(Box::new(FolderWriter {
            file,
            temporary,
            target,
            folder: self.folder.clone(),
            finished: false,
        }))
    }

    fn open(&self, id: AttachmentId) -> Result<Box<dyn Read + Send>, StoreError> {
        let file = File::open(self.path(id))
            .map_err(|_| StoreError::Damaged("the file of an attachment is missing".to_owned()))?;
        Ok(Box::new(file))
    }

    fn remove(&self, id: AttachmentId) -> Result<(), StoreError> {
        let named = self.path(id);
        // Where the server was killed during an upload, the file has its temporary name still.
        let temporary = named.with_extension("part");
        for path in [named, temporary] {
            match std::fs::remove_file(path) {
                Ok(()) => {}
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                Err(e) => return Err(StoreError::file("removing an attachment", e)),
            }
        }
        Ok(())
    }

    fn list(&self) -> Result<Vec<(AttachmentId, Timestamp)>, StoreError> {
        let entries = std::fs::read_dir(&self.folder)
            .map_err(|e| StoreError::file("listing attachments", e))?;
        let mut found = Vec::new();
        for entry in entries.flatten() {
            let changed = entry.metadata().and_then(|m| m.modified());
            found.extend(listed(&entry.file_name(), changed));
        }
        Ok(found)
    }
}

/// A line of the list. A file whose time cannot be read got its name, or lost it, since the folder was read: it is
/// in use and stands in no list, so that nobody takes it for an old one and sweeps it away.
fn listed(name: &OsStr, changed: std::io::Result<SystemTime>) -> Option<(AttachmentId, Timestamp)> {
    let id = name.to_str()?.split('.').next()?.parse().ok()?;
    let passed = changed.ok()?.duration_since(UNIX_EPOCH).ok()?;
    let micros = i64::try_from(passed.as_micros()).ok()?;
    Some((AttachmentId(id), Timestamp(micros)))
}

/// Seals a stream of bytes into a file, piece by piece; memory does not follow its size.
pub struct Sealer {
    sealed: SealedWriter<Box<dyn BlobWriter>>,
    hash: Sha256,
    bytes: u64,
    /// The key of the file, for its row.
    pub key: seal::ContentKey,
}

impl Sealer {
    /// Begins a sealed file.
    pub fn begin(
        blobs: &dyn BlobStore,
        id: AttachmentId,
        random: &Random,
    ) -> Result<Self, StoreError> {
        let key = Zeroizing::new(random.bytes::<32>());
        Ok(Self {
            sealed: SealedWriter::new(blobs.begin(id)?, &key, random)?,
            hash: Sha256::new(),
            bytes: 0,
            key,
        })
    }

    /// Bytes taken so far.
    pub fn taken(&self) -> u64 {
        self.bytes
    }

    /// Takes more bytes.
    pub fn push(&mut self, data: &[u8]) -> Result<(), StoreError> {
        self.hash.update(data);
        self.bytes += u64::try_from(data.len()).unwrap_or(0);
        self.sealed
            .write_all(data)
            .map_err(|e| StoreError::file("writing an attachment", e))
    }

    /// Finishes the file; answers its size, the hash of what was sealed, and its key.
    pub fn finish(self) -> Result<(u64, [u8; 32], seal::ContentKey), StoreError> {
        self.sealed.finish()?.finish()?;
        Ok((self.bytes, self.hash.finalize().into(), self.key))
    }
}

/// Opens a sealed file and checks its length and hash. Nothing is handed out before both are right.
pub fn read_all(blobs: &dyn BlobStore, attachment: &Attachment) -> Result<Vec<u8>, StoreError> {
    let damaged = |what: &str| StoreError::Damaged(format!("the file of an attachment {what}"));
    let mut plain = Vec::new();
    SealedReader::new(blobs.open(attachment.id)?, &attachment.key)
        .and_then(|mut file| file.read_to_end(&mut plain))
        .map_err(|e| match e.kind() {
            ErrorKind::UnexpectedEof => damaged("is cut off"),
            ErrorKind::InvalidData => damaged("does not authenticate"),
            _ => StoreError::file("reading an attachment", e),
        })?;
    let hash: [u8; 32] = Sha256::digest(&plain).into();
    let same = data_encoding::HEXLOWER.encode(&hash) == attachment.facts.sha256
        && u64::try_from(plain.len()).ok() == Some(attachment.facts.bytes);
    if same {
        Ok(plain)
    } else {
        Err(damaged("has another content"))
    }
}

crate::statements! {
    INSERT = "INSERT INTO attachments (id, case_id, at, wrapped_key, body) VALUES ($1, $2, $3, $4, $5)";
    BY_CASE = "SELECT a.id, a.case_id, a.at, a.wrapped_key, a.body, s.wrapped_key FROM attachments a JOIN streams s ON s.id = a.case_id WHERE a.case_id = $1 ORDER BY a.at, a.id LIMIT 1000";
    GET = "SELECT a.id, a.case_id, a.at, a.wrapped_key, a.body, s.wrapped_key FROM attachments a JOIN streams s ON s.id = a.case_id WHERE a.id = $1";
    EXISTS = "SELECT id FROM attachments WHERE id = $1";
    ERASE = "UPDATE attachments SET wrapped_key = NULL WHERE id = $1";
}

fn clear(id: AttachmentId, case: CaseId, at: Timestamp) -> [Val; 3] {
    [id.into(), case.into(), at.into()]
}

/// Inserts the row of a finished file.
pub fn insert(tx: &mut Tx<'_>, a: &Attachment) -> Result<(), StoreError> {
    let case_key = journal::stream_key(tx, a.case.0)?;
    let wrapped = seal::wrap_key(&case_key, a.id.0.as_bytes(), &a.key, tx.random())?;
    let body = serde_json::to_vec(&a.facts).map_err(|e| StoreError::Database(e.to_string()))?;
    let mut values = clear(a.id, a.case, a.at).to_vec();
    let sealed = seal::seal_row(&a.key, "attachments", &values, &body, tx.random())?;
    values.push(wrapped.into());
    values.push(sealed.into());
    tx.execute(INSERT, &values)?;
    Ok(())
}

fn opened(tx: &Tx<'_>, row: &Row) -> Result<Option<Attachment>, StoreError> {
    let (id, case, at) = (AttachmentId(row.id(0)?), CaseId(row.id(1)?), row.time(2)?);
    let Some(wrapped) = row.opt_bytes(3)? else {
        return Ok(None);
    };
    let Some(case_key) = row.opt_bytes(5)? else {
        return Ok(None);
    };
    let case_key = seal::unwrap_key(tx.keys().wrap(), case.0.as_bytes(), case_key)?;
    let key = seal::unwrap_key(&case_key, id.0.as_bytes(), wrapped)?;
    let body = seal::open_row(&key, "attachments", &clear(id, case, at), row.bytes(4)?)?;
    let facts = serde_json::from_slice(&body)
        .map_err(|e| StoreError::Damaged(format!("a row of attachments: {e}")))?;
    Ok(Some(Attachment {
        id,
        case,
        at,
        facts,
        key,
    }))
}

/// The attachments of a case. The caller has asked the door for the case.
pub fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Attachment>, StoreError> {
    tx.needs_viewer()?;
    let rows = tx.all(BY_CASE, args![case])?;
    let mut found = Vec::new();
    for row in &rows {
        found.extend(opened(tx, row)?);
    }
    Ok(found)
}

/// One attachment.
pub fn get(tx: &mut Tx<'_>, id: AttachmentId) -> Result<Option<Attachment>, StoreError> {
    tx.needs_viewer()?;
    match tx.one(GET, args![id])? {
        Some(row) => opened(tx, &row),
        None => Ok(None),
    }
}

/// Erases one attachment; its file is then removed by the caller.
pub fn erase(tx: &mut Tx<'_>, id: AttachmentId) -> Result<(), StoreError> {
    tx.execute(ERASE, args![id])?;
    crate::erasures::note(tx, crate::erasures::Erasure::Attachment(id))
}

/// Whether a row points at a file.
pub fn exists(tx: &mut Tx<'_>, id: AttachmentId) -> Result<bool, StoreError> {
    tx.as_system(SystemViewer::Operator, |tx| tx.one(EXISTS, args![id]))
        .map(|row| row.is_some())
}

/// For the verification: whether a row opens and its file has the content that the row says.
pub(crate) fn check_row(
    tx: &mut Tx<'_>,
    row: &Row,
    blobs: &dyn BlobStore,
) -> Result<(), StoreError> {
    let row = journal::with_wrapped_key(tx, row, row.id(1)?)?;
    match opened(tx, &row)? {
        Some(attachment) => read_all(blobs, &attachment).map(drop),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_file_that_is_renamed_while_the_folder_is_read_does_not_look_old() {
        let id = AttachmentId(uuid::Uuid::from_u128(7));
        let name = id.0.simple().to_string();
        let at = |seconds| Ok(UNIX_EPOCH + Duration::from_secs(seconds));
        let line = Some((id, Timestamp(5_000_000)));
        assert_eq!(listed(OsStr::new(&name), at(5)), line);
        assert_eq!(listed(OsStr::new(&format!("{name}.part")), at(5)), line);
        let gone = || Err(ErrorKind::NotFound.into());
        assert_eq!(listed(OsStr::new(&format!("{name}.part")), gone()), None);
        assert_eq!(listed(OsStr::new("notes.txt"), at(5)), None);
    }

    #[test]
    fn what_an_upload_left_when_the_server_died_is_removed_by_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = FolderBlobs::new(folder.path()).unwrap();
        let id = AttachmentId(uuid::Uuid::from_u128(7));
        // As a killed process leaves it: nobody drops the writer.
        std::mem::forget(blobs.begin(id).unwrap());
        assert_eq!(blobs.list().unwrap().len(), 1);
        blobs.remove(id).unwrap();
        assert_eq!(blobs.list().unwrap(), []);
    }
}
