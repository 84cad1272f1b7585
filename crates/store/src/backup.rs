//! Backup and restore: one sealed archive, the same for both engines (decision 35).
//!
//! The archive is the rows of every table as canonical values, then the sealed files of the
//! attachments, in frames inside one sealed stream. Its key is derived from the instance key, which
//! is never in it. A backup reads one snapshot beside a running server; a restore wants an empty
//! place, and what broke off is refused when it is opened.

mod restore;

pub(crate) use restore::STATEMENTS;
pub use restore::{restore, test};

use crate::attachments::BlobStore;
use crate::engine::{Db, Row, Tx, Val, schema_version};
use crate::erasures;
use crate::error::StoreError;
use crate::sealed_stream::SealedWriter;
use crate::tables::{TABLES, Table};
use crate::verify::Progress;
use entente_domain::access::{SystemViewer, Viewer};
use entente_domain::ids::AttachmentId;
use entente_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// First bytes of an archive, so that it is recognised.
const MAGIC: &[u8] = b"entente-backup-1\n";
/// The purpose that the archive's key is derived for.
const PURPOSE: &str = "entente backup";
/// Rows that travel at once.
const BATCH: u32 = 500;
/// Bytes of a file in one frame.
const PIECE: usize = 64 * 1024;
/// A longer frame is not ours: no row comes near it.
const LONGEST_FRAME: u32 = 256 * 1024 * 1024;
/// The note in a database whose restore has not ended.
pub(crate) const RESTORING: &str = "restoring";

/// What is in an archive.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct BackupSummary {
    /// Rows of all tables.
    pub rows: u64,
    /// Files of attachments.
    pub files: u64,
    /// Attachments whose file was not there: restore them from an older backup.
    pub missing_files: Vec<AttachmentId>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    schema: i64,
    made_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct TableHead {
    table: String,
    columns: Vec<String>,
}

fn reading(error: std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof => {
            StoreError::Damaged(format!("the archive {error}"))
        }
        _ => StoreError::file("reading the archive", error),
    }
}

fn frame(out: &mut impl Write, tag: u8, body: &[u8]) -> Result<(), StoreError> {
    let len = u32::try_from(body.len())
        .ok()
        .filter(|l| *l <= LONGEST_FRAME)
        .ok_or_else(|| StoreError::Database("a row is too long for an archive".to_owned()))?;
    out.write_all(&[tag])
        .and_then(|()| out.write_all(&len.to_be_bytes()))
        .and_then(|()| out.write_all(body))
        .map_err(|e| StoreError::file("writing the archive", e))
}

fn json_frame(out: &mut impl Write, tag: u8, body: &impl Serialize) -> Result<(), StoreError> {
    let body = serde_json::to_vec(body).map_err(|e| StoreError::Database(e.to_string()))?;
    frame(out, tag, &body)
}

fn read_frame(input: &mut impl Read) -> Result<(u8, Vec<u8>), StoreError> {
    let mut head = [0; 5];
    input.read_exact(&mut head).map_err(reading)?;
    let [tag, a, b, c, d] = head;
    let len = u32::from_be_bytes([a, b, c, d]);
    if len > LONGEST_FRAME {
        return Err(StoreError::Damaged(
            "the archive has a frame without end".to_owned(),
        ));
    }
    let mut body = Vec::new();
    input
        .take(u64::from(len))
        .read_to_end(&mut body)
        .map_err(reading)?;
    if u64::try_from(body.len()).ok() != Some(u64::from(len)) {
        return Err(StoreError::Damaged("the archive is cut off".to_owned()));
    }
    Ok((tag, body))
}

fn json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, StoreError> {
    serde_json::from_slice(body).map_err(|e| StoreError::Damaged(format!("the archive: {e}")))
}

fn row_bytes(row: &Row) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    for value in row.values() {
        let (tag, bytes): (u8, &[u8]) = match value {
            Val::Null => (b'n', &[]),
            Val::Int(v) => (b'i', &v.to_be_bytes()),
            Val::Text(v) => (b't', v.as_bytes()),
            Val::Bytes(v) => (b'b', v),
            Val::Id(v) => (b'u', v.as_bytes()),
        };
        out.push(tag);
        out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(bytes);
    }
    out
}

fn row_of(mut body: &[u8]) -> Option<Vec<Val>> {
    let mut values = Vec::new();
    while let Some(([tag, a, b, c, d], rest)) = body.split_first_chunk::<5>() {
        let len = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).ok()?;
        let (bytes, rest) = rest.split_at_checked(len)?;
        values.push(match tag {
            b'n' if bytes.is_empty() => Val::Null,
            b'i' => Val::Int(i64::from_be_bytes(bytes.try_into().ok()?)),
            b't' => Val::Text(String::from_utf8(bytes.to_vec()).ok()?),
            b'b' => Val::Bytes(bytes.to_vec()),
            b'u' => Val::Id(Uuid::from_slice(bytes).ok()?),
            _ => return None,
        });
        body = rest;
    }
    body.is_empty().then_some(values)
}

/// Writes an archive of one snapshot to `out` and hands it back, for the caller to make durable.
pub async fn backup<W: Write + Send + 'static>(
    db: &Db,
    blobs: &Arc<dyn BlobStore>,
    out: W,
    at: Timestamp,
    progress: Progress,
) -> Result<(W, BackupSummary), StoreError> {
    if !db.has_keys() {
        return Err(StoreError::WrongKey);
    }
    // The closure might run again after a failure of the snapshot; half an archive cannot.
    let out = Arc::new(Mutex::new(Some(out)));
    let blobs = Arc::clone(blobs);
    db.read(move |tx| {
        let taken = out.lock().ok().and_then(|mut o| o.take());
        let Some(mut out) = taken else {
            return Err(StoreError::Unavailable(
                "the snapshot was lost; begin again".to_owned(),
            ));
        };
        tx.act_as(&Viewer::System(SystemViewer::Operator))?;
        key_is_current(tx)?;
        let key = tx.shared().instance.derive(PURPOSE);
        out.write_all(MAGIC)
            .map_err(|e| StoreError::file("writing the archive", e))?;
        let mut sealed = SealedWriter::new(out, &key, tx.random())?;
        let header = Header {
            schema: schema_version(),
            made_at: at,
        };
        json_frame(&mut sealed, b'H', &header)?;
        let mut summary = BackupSummary::default();
        let mut files = Vec::new();
        for table in TABLES {
            dump(tx, table, &mut sealed, &mut summary, &mut files, &progress)?;
        }
        for id in files {
            match blobs.open(id) {
                Ok(file) => {
                    dump_file(id, file, &mut sealed)?;
                    summary.files += 1;
                    progress("files", summary.files);
                }
                Err(StoreError::Damaged(_)) => summary.missing_files.push(id),
                Err(e) => return Err(e),
            }
        }
        json_frame(&mut sealed, b'E', &summary)?;
        Ok((sealed.finish()?, summary))
    })
    .await
}

/// Writes an archive to a file that only its owner can read, and answers when it is durable.
pub async fn backup_to(
    db: &Db,
    blobs: &Arc<dyn BlobStore>,
    path: &Path,
    at: Timestamp,
    progress: Progress,
) -> Result<BackupSummary, StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    let temporary = path.with_extension("part");
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .map_err(|e| StoreError::file("creating the archive", e))?;
    let made = backup(db, blobs, BufWriter::new(file), at, progress).await;
    let done = made.and_then(|(out, summary)| {
        let file = out
            .into_inner()
            .map_err(|e| StoreError::file("writing the archive", e.into_error()))?;
        file.sync_all()
            .and_then(|()| std::fs::rename(&temporary, path))
            .and_then(|()| erasures::sync_folder_of(path))
            .map_err(|e| StoreError::file("syncing the archive", e))?;
        Ok(summary)
    });
    match &done {
        // The archive is good also where the folder may only be read.
        Ok(_) => drop(note(db.data_dir(), at)),
        Err(_) => drop(std::fs::remove_file(&temporary)),
    }
    done
}

/// The file that says when the newest backup of an instance began.
const MARK: &str = "last-backup";

/// Notes in the data folder that a backup was made that began at `at`.
pub fn note(data_dir: &Path, at: Timestamp) -> Result<(), StoreError> {
    std::fs::write(data_dir.join(MARK), format!("{}\n", at.0))
        .map_err(|e| StoreError::file("noting the backup", e))
}

/// When the newest backup of the instance began, as far as this folder knows.
pub fn last(data_dir: &Path) -> Option<Timestamp> {
    let text = std::fs::read_to_string(data_dir.join(MARK)).ok()?;
    text.trim().parse().ok().map(Timestamp)
}

/// After a change of the instance key, a process that still holds the old one would write archives
/// that neither key restores.
fn key_is_current(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let instance = tx.shared().instance.clone();
    crate::keys::root(tx, &instance, false)?
        .map(|_| ())
        .ok_or(StoreError::WrongKey)
}

fn dump(
    tx: &mut Tx<'_>,
    table: &Table,
    out: &mut impl Write,
    summary: &mut BackupSummary,
    files: &mut Vec<AttachmentId>,
    progress: &Progress,
) -> Result<(), StoreError> {
    let head = TableHead {
        table: table.name.to_owned(),
        columns: table.columns.iter().map(|c| c.0.to_owned()).collect(),
    };
    json_frame(out, b'T', &head)?;
    let key_of_file = table.columns.iter().position(|c| c.0 == "wrapped_key");
    let mut last: Option<Row> = None;
    loop {
        let rows = table.page(tx, last.as_ref(), BATCH)?;
        for row in &rows {
            frame(out, b'R', &row_bytes(row))?;
            if table.name == "attachments"
                && let Some(n) = key_of_file
                && row.opt_bytes(n)?.is_some()
            {
                files.push(AttachmentId(row.id(0)?));
            }
        }
        summary.rows += u64::try_from(rows.len()).unwrap_or(0);
        progress(table.name, summary.rows);
        match rows.into_iter().last() {
            Some(row) => last = Some(row),
            None => return Ok(()),
        }
    }
}

fn dump_file(
    id: AttachmentId,
    mut file: Box<dyn Read + Send>,
    out: &mut impl Write,
) -> Result<(), StoreError> {
    frame(out, b'F', id.0.as_bytes())?;
    let mut piece = vec![0; PIECE];
    loop {
        let n = file
            .read(&mut piece)
            .map_err(|e| StoreError::file("reading an attachment", e))?;
        frame(out, b'P', piece.get(..n).unwrap_or_default())?;
        if n == 0 {
            return Ok(());
        }
    }
}
