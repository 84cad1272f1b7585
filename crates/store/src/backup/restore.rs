//! Restoring: nothing is touched before the key was found right, what broke off is refused when
//! it is opened, and what fails leaves nothing.

use super::{
    BATCH, BackupSummary, Header, MAGIC, PURPOSE, RESTORING, TableHead, json, read_frame, reading,
    row_of,
};
use crate::args;
use crate::attachments::{BlobStore, FolderBlobs};
use crate::engine::{Db, Location, OpenOptions, Val, schema_version};
use crate::erasures::{self, Erasure};
use crate::error::StoreError;
use crate::keys::Keyring;
use crate::sealed_stream::SealedReader;
use crate::tables::TABLES;
use crate::verify::Progress;
use entente_domain::ids::AttachmentId;
use std::collections::BTreeSet;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

crate::statements! {
    GET_META = "SELECT value FROM meta WHERE name = $1";
    PUT_META = "INSERT INTO meta (name, value) VALUES ($1, $2)";
    DROP_META = "DELETE FROM meta WHERE name = $1";
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
