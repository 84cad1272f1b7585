//! What was erased on purpose, so that a restored backup does not bring it back (decision 13).
//!
//! Every erasure is noted in the transaction that makes it. The list is kept a second time in a
//! file beside the instance key, apart from the backups, and replayed after each restore. It holds
//! kinds and random ids, nothing else.

use crate::args;
use crate::engine::{Db, Tx};
use crate::error::StoreError;
use crate::{attachments, cases, journal, messages, vault};
use entente_domain::ids::{AttachmentId, CaseId, MessageId, ReportId};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use uuid::Uuid;

/// First line of the file, so that it is recognised.
const FILE_HEAD: &str = "entente-erasures-1";

/// One erasure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Erasure {
    /// A case with all its content.
    Case(CaseId),
    /// The content of another stream.
    Stream(Uuid),
    /// One message.
    Message(MessageId),
    /// The identity behind a report.
    Identity(ReportId),
    /// One attachment.
    Attachment(AttachmentId),
}

crate::statements! {
    NOTE = "INSERT INTO erasures (kind, id) VALUES ($1, $2) ON CONFLICT (kind, id) DO NOTHING";
    LIST = "SELECT kind, id FROM erasures ORDER BY kind, id";
}

impl Erasure {
    fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::Case(id) => ("case", id.0),
            Self::Stream(id) => ("stream", id),
            Self::Message(id) => ("message", id.0),
            Self::Identity(id) => ("identity", id.0),
            Self::Attachment(id) => ("attachment", id.0),
        }
    }

    fn of(kind: &str, id: Uuid) -> Option<Self> {
        Some(match kind {
            "case" => Self::Case(CaseId(id)),
            "stream" => Self::Stream(id),
            "message" => Self::Message(MessageId(id)),
            "identity" => Self::Identity(ReportId(id)),
            "attachment" => Self::Attachment(AttachmentId(id)),
            _ => return None,
        })
    }

    /// Does it, whether or not it was done before.
    fn again(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        match self {
            Self::Case(id) => cases::erase(tx, id),
            Self::Stream(id) => journal::erase(tx, id),
            Self::Message(id) => messages::erase(tx, id),
            Self::Identity(id) => vault::erase(tx, id),
            Self::Attachment(id) => attachments::erase(tx, id),
        }
    }
}

/// Notes an erasure, in its transaction.
pub(crate) fn note(tx: &mut Tx<'_>, erasure: Erasure) -> Result<(), StoreError> {
    let (kind, id) = erasure.parts();
    tx.execute(NOTE, args![kind, id])?;
    Ok(())
}

/// Everything that was erased.
pub fn list(tx: &mut Tx<'_>) -> Result<BTreeSet<Erasure>, StoreError> {
    tx.all(LIST, args![])?
        .iter()
        .map(|r| {
            Erasure::of(r.text(0)?, r.id(1)?)
                .ok_or_else(|| StoreError::Damaged("a row of erasures has no kind".to_owned()))
        })
        .collect()
}

/// Erases again what the list names: after a restore, before anybody reads.
pub fn replay(tx: &mut Tx<'_>, list: &BTreeSet<Erasure>) -> Result<(), StoreError> {
    list.iter().try_for_each(|e| e.again(tx))
}

/// Brings the file up to date with the database; to be called at start and after an erasure.
/// What the file knows already stays in it, and what the database does not know of it is erased
/// again: a restore that broke off before its end must bring nothing back.
pub async fn keep(db: &Db, path: &Path) -> Result<(), StoreError> {
    let mut all = db.read(list).await?;
    let before = if path.exists() {
        load(path)?
    } else {
        BTreeSet::new()
    };
    let back: BTreeSet<Erasure> = before.difference(&all).cloned().collect();
    if !back.is_empty() {
        db.write(move |tx| replay(tx, &back)).await?;
    }
    if all.is_subset(&before) && path.exists() {
        return Ok(());
    }
    all.extend(before);
    save(path, &all)
}

fn save(path: &Path, list: &BTreeSet<Erasure>) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut text = format!("{FILE_HEAD}\n");
    for erasure in list {
        let (kind, id) = erasure.parts();
        text.push_str(&format!("{kind} {id}\n"));
    }
    let temporary = path.with_extension("part");
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&temporary, path))
        .and_then(|()| sync_folder_of(path));
    written.map_err(|e| StoreError::file("writing the list of erasures", e))
}

/// Makes a new or renamed file's name durable.
pub(crate) fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            std::fs::File::open(folder).and_then(|d| d.sync_all())
        }
        _ => std::fs::File::open(".").and_then(|d| d.sync_all()),
    }
}

/// Reads the file. A line that is not understood is an error: to skip one would bring back what
/// it names.
pub fn load(path: &Path) -> Result<BTreeSet<Erasure>, StoreError> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| StoreError::file(format!("reading {}", path.display()), e))?;
    let wrong = |n: usize| {
        StoreError::Damaged(format!(
            "line {n} of the list of erasures {}",
            path.display()
        ))
    };
    let mut lines = text.lines().enumerate();
    if lines.next().map(|(_, l)| l) != Some(FILE_HEAD) {
        return Err(wrong(1));
    }
    lines
        .map(|(n, line)| {
            line.split_once(' ')
                .and_then(|(kind, id)| Erasure::of(kind, id.parse().ok()?))
                .ok_or_else(|| wrong(n + 1))
        })
        .collect()
}
