//! Backup and restore: one sealed archive, the same for both engines (decision 35).
//!
//! The archive is the rows of every table as canonical values, then the sealed files of the
//! attachments, in frames inside one sealed stream. Its key is derived from the instance key, which
//! is never in it. A backup reads one snapshot beside a running server; a restore wants an empty
//! place, and what broke off is refused when it is opened.

use crate::args;
use crate::attachments::{BlobStore, FolderBlobs};
use crate::engine::{Db, Location, OpenOptions, Row, Tx, Val, schema_version};
use crate::erasures::{self, Erasure};
use crate::error::StoreError;
use crate::keys::Keyring;
use crate::sealed_stream::{SealedReader, SealedWriter};
use crate::tables::{TABLES, Table};
use crate::verify::Progress;
use entente_domain::access::{SystemViewer, Viewer};
use entente_domain::ids::AttachmentId;
use entente_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
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

crate::statements! {
    GET_META = "SELECT value FROM meta WHERE name = $1";
    PUT_META = "INSERT INTO meta (name, value) VALUES ($1, $2)";
    DROP_META = "DELETE FROM meta WHERE name = $1";
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
    if done.is_err() {
        drop(std::fs::remove_file(&temporary));
    }
    done
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

/// Restores an archive into an empty place and opens the store. `erased` is the list that was kept
/// beside the instance key: what it names stays erased.
pub async fn restore(
    archive: impl Read,
    options: OpenOptions,
    erased: &BTreeSet<Erasure>,
    progress: Progress,
) -> Result<(Db, BackupSummary), StoreError> {
    let mut archive = BufReader::new(archive);
    let mut magic = vec![0; MAGIC.len()];
    archive
        .read_exact(&mut magic)
        .map_err(|_| StoreError::Damaged("the archive: this is no backup".to_owned()))?;
    if magic != MAGIC {
        return Err(StoreError::Damaged(
            "the archive: this is no backup".to_owned(),
        ));
    }
    let key = options.keys.derive(PURPOSE);
    let mut input = SealedReader::new(archive, &key).map_err(reading)?;
    // Nothing is touched before the key was found right.
    let (tag, body) = match read_frame(&mut input) {
        Err(StoreError::Damaged(_)) => return Err(StoreError::WrongKey),
        other => other?,
    };
    if tag != b'H' {
        return Err(StoreError::Damaged("the archive has no head".to_owned()));
    }
    let header: Header = json(&body)?;
    if header.schema > schema_version() {
        return Err(StoreError::Newer {
            found: header.schema,
            known: schema_version(),
        });
    }
    let place = Place::empty(&options)?;
    let loaded = load(&mut input, &options, header.schema, &progress).await;
    let summary = match loaded {
        Ok(summary) => summary,
        Err(e) => {
            place.clear();
            return Err(e);
        }
    };
    let data_dir = options.data_dir.clone();
    let db = Db::open(options).await?;
    let again = erased.clone();
    db.write(move |tx| erasures::replay(tx, &again)).await?;
    let blobs = FolderBlobs::new(&data_dir)?;
    for erasure in erased {
        if let Erasure::Attachment(id) = erasure {
            blobs.remove(*id)?;
        }
    }
    Ok((db, summary))
}

/// Restores an archive into a scratch folder, verifies all of it, and removes it again.
pub async fn test(
    archive: impl Read,
    keys: Keyring,
    random: crate::Random,
    scratch: &Path,
    progress: Progress,
) -> Result<(BackupSummary, crate::verify::VerifyReport), StoreError> {
    let options = OpenOptions {
        location: Location::Sqlite(scratch.join("restored.sqlite")),
        data_dir: scratch.to_owned(),
        keys,
        random,
        readers: 1,
        read_only: false,
    };
    let place = Place::empty(&options)?;
    let verified = async {
        let (db, summary) =
            restore(archive, options, &BTreeSet::new(), Arc::clone(&progress)).await?;
        let all = crate::verify::VerifyOptions {
            with_keys: true,
            ..Default::default()
        };
        Ok((summary, crate::verify::verify(&db, all, progress).await?))
    }
    .await;
    place.clear();
    verified
}

/// The files that a restore may make, all of which were not there.
struct Place {
    files: Vec<PathBuf>,
    attachments: PathBuf,
}

impl Place {
    fn empty(options: &OpenOptions) -> Result<Self, StoreError> {
        let mut files = Vec::new();
        if let Location::Sqlite(path) = &options.location {
            for suffix in ["", "-wal", "-shm", ".lock"] {
                let mut name = path.as_os_str().to_owned();
                name.push(suffix);
                files.push(PathBuf::from(name));
            }
        }
        let attachments = options.data_dir.join("attachments");
        let full = |path: &Path| {
            Err(StoreError::Unavailable(format!(
                "{} is there already; restore into an empty place",
                path.display()
            )))
        };
        if let Some(file) = files.first().filter(|f| f.exists()) {
            return full(file);
        }
        if std::fs::read_dir(&attachments).is_ok_and(|mut d| d.next().is_some()) {
            return full(&attachments);
        }
        Ok(Self { files, attachments })
    }

    /// Removes what a restore made.
    fn clear(&self) {
        for file in &self.files {
            drop(std::fs::remove_file(file));
        }
        drop(std::fs::remove_dir_all(&self.attachments));
    }
}

/// Loads the archive into a fresh database of its own schema.
async fn load(
    input: &mut impl Read,
    options: &OpenOptions,
    schema: i64,
    progress: &Progress,
) -> Result<BackupSummary, StoreError> {
    let db = Db::open_bare(
        OpenOptions {
            location: options.location.clone(),
            data_dir: options.data_dir.clone(),
            keys: options.keys.clone(),
            random: options.random.clone(),
            readers: 1,
            read_only: false,
        },
        schema,
    )
    .await?;
    db.write(|tx| {
        if tx.one(GET_META, args!["root_key"])?.is_some()
            || tx.one(GET_META, args![RESTORING])?.is_some()
        {
            return Err(StoreError::Unavailable(
                "the database is not empty; restore into an empty one".to_owned(),
            ));
        }
        tx.execute(PUT_META, args![RESTORING, vec![1u8]])?;
        Ok(())
    })
    .await?;
    let blobs = FolderBlobs::new(&options.data_dir)?;
    let mut found = BackupSummary::default();
    let mut insert = None;
    let mut batch: Vec<Vec<Val>> = Vec::new();
    loop {
        let (tag, body) = read_frame(input)?;
        if tag != b'R' || batch.len() >= usize::try_from(BATCH).unwrap_or(1) {
            flush(&db, insert.as_ref(), &mut batch).await?;
        }
        match tag {
            b'T' => insert = Some(Insert::of(&json(&body)?)?),
            b'R' => {
                let row = row_of(&body).ok_or_else(|| {
                    StoreError::Damaged("the archive has a broken row".to_owned())
                })?;
                batch.push(row);
                found.rows += 1;
                progress("rows", found.rows);
            }
            b'F' => {
                let id = Uuid::from_slice(&body)
                    .map_err(|_| StoreError::Damaged("the archive has a broken file".to_owned()))?;
                load_file(AttachmentId(id), input, &blobs)?;
                found.files += 1;
                progress("files", found.files);
            }
            b'E' => {
                let said: BackupSummary = json(&body)?;
                if (said.rows, said.files) != (found.rows, found.files) {
                    return Err(StoreError::Damaged(
                        "the archive is not complete".to_owned(),
                    ));
                }
                found.missing_files = said.missing_files;
                break;
            }
            _ => {
                return Err(StoreError::Damaged(
                    "the archive has an unknown frame".to_owned(),
                ));
            }
        }
    }
    // Reading on to the end makes sure that the last chunk says that it is the last.
    if input.read(&mut [0; 1]).map_err(reading)? != 0 {
        return Err(StoreError::Damaged(
            "the archive goes on after its end".to_owned(),
        ));
    }
    db.write(|tx| tx.execute(DROP_META, args![RESTORING]))
        .await?;
    Ok(found)
}

/// How rows of a table are inserted: names from the archive, but only such as we know.
struct Insert(Arc<str>, usize);

impl Insert {
    fn of(head: &TableHead) -> Result<Self, StoreError> {
        let unknown =
            || StoreError::Damaged("the archive has a table or column that is not ours".to_owned());
        let table = TABLES
            .iter()
            .find(|t| t.name == head.table)
            .ok_or_else(unknown)?;
        if head.columns.is_empty()
            || !head
                .columns
                .iter()
                .all(|c| table.columns.iter().any(|known| known.0 == c))
        {
            return Err(unknown());
        }
        let places: Vec<String> = (1..=head.columns.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({})",
            table.name,
            head.columns.join(", "),
            places.join(", ")
        );
        Ok(Self(sql.into(), head.columns.len()))
    }
}

async fn flush(
    db: &Db,
    insert: Option<&Insert>,
    batch: &mut Vec<Vec<Val>>,
) -> Result<(), StoreError> {
    if batch.is_empty() {
        return Ok(());
    }
    let Some(Insert(sql, width)) = insert else {
        return Err(StoreError::Damaged(
            "the archive has a row without a table".to_owned(),
        ));
    };
    let (sql, width, rows) = (Arc::clone(sql), *width, std::mem::take(batch));
    db.write(move |tx| {
        for row in &rows {
            if row.len() != width {
                return Err(StoreError::Damaged(
                    "the archive has a broken row".to_owned(),
                ));
            }
            tx.execute(&sql, row)?;
        }
        Ok(())
    })
    .await
}

fn load_file(
    id: AttachmentId,
    input: &mut impl Read,
    blobs: &FolderBlobs,
) -> Result<(), StoreError> {
    let mut writer = blobs.begin(id)?;
    loop {
        let (tag, piece) = read_frame(input)?;
        if tag != b'P' {
            return Err(StoreError::Damaged(
                "the archive has a broken file".to_owned(),
            ));
        }
        if piece.is_empty() {
            return writer.finish();
        }
        writer
            .write_all(&piece)
            .map_err(|e| StoreError::file("writing an attachment", e))?;
    }
}
