//! The cached fold of a stream, sealed; used only if it is not newer than the stream's head
//! (decision 10). Losing it loses nothing.

use crate::args;
use crate::engine::{Tx, Val};
use crate::error::StoreError;
use crate::seal::ContentKey;
use crate::select::visible;
use crate::{journal, seal};
use entente_domain::access::Viewer;
use entente_domain::ids::CaseId;
use uuid::Uuid;

crate::statements! {
    LOAD = "SELECT s.id, s.version, s.wrapped_key, n.version, n.body FROM streams s LEFT JOIN snapshots n ON n.stream = s.id WHERE s.id = $1";
    FORGET = "DELETE FROM snapshots WHERE stream = $1";
    PUT = "INSERT INTO snapshots (stream, version, body) VALUES ($1, $2, $3) ON CONFLICT (stream) DO UPDATE SET version = excluded.version, body = excluded.body";
}

fn context(stream: Uuid, version: u64) -> [Val; 2] {
    [stream.into(), version.into()]
}

/// A stream at one instant: its head, the key of its content, and the snapshot to fold on from.
pub struct Loaded {
    /// Its id.
    pub stream: Uuid,
    /// Its version.
    pub version: u64,
    /// The key of its content; `None` after it was erased.
    pub key: Option<ContentKey>,
    /// The snapshot with its version, if there is one that opens.
    pub snapshot: Option<(u64, Vec<u8>)>,
}

/// Loads the stream with this id.
pub fn load(tx: &mut Tx<'_>, stream: Uuid) -> Result<Option<Loaded>, StoreError> {
    let row = tx.one(LOAD, args![stream])?;
    row.map(|row| loaded(tx, &row)).transpose()
}

/// How a case is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// By its id.
    Id(CaseId),
    /// By its staff number.
    Number(i64),
}

/// Loads the stream of a case, if the viewer may see it. The scope stands in the statement: one
/// that is hidden costs as much as one that is not there, so that no time tells of it.
pub fn load_visible(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    asked: Asked,
) -> Result<Option<Loaded>, StoreError> {
    let columns = "s.id, s.version, s.wrapped_key, (SELECT n.version FROM snapshots n WHERE n.stream = s.id), (SELECT n.body FROM snapshots n WHERE n.stream = s.id)";
    let mut q = visible(tx, viewer, columns, &[])?;
    match asked {
        Asked::Id(id) => q.and("c.id = ?", args![id]),
        Asked::Number(number) => q.and("c.number = ?", args![number]),
    };
    let row = q.all(tx)?.into_iter().next();
    row.map(|row| loaded(tx, &row)).transpose()
}

fn loaded(tx: &Tx<'_>, row: &crate::Row) -> Result<Loaded, StoreError> {
    let (stream, head) = (row.id(0)?, row.count(1)?);
    let mut loaded = Loaded {
        stream,
        version: head,
        key: None,
        snapshot: None,
    };
    let Some(wrapped) = row.opt_bytes(2)? else {
        return Ok(loaded);
    };
    let key = seal::unwrap_key(tx.keys().wrap(), stream.as_bytes(), wrapped)?;
    if let Some(sealed) = row.opt_bytes(4)? {
        let version = row.count(3)?;
        // A snapshot that does not open is thrown away: the journal is the truth.
        let opened = seal::open_row(&key, "snapshots", &context(stream, version), sealed).ok();
        if opened.is_some() && version > head {
            return Err(StoreError::Damaged(format!(
                "stream {stream} is shorter than its snapshot"
            )));
        }
        loaded.snapshot = opened.map(|body| (version, body));
    }
    loaded.key = Some(key);
    Ok(loaded)
}

/// Drops the snapshot of a stream, when its content is erased.
pub fn forget(tx: &mut Tx<'_>, stream: Uuid) -> Result<(), StoreError> {
    tx.execute(FORGET, args![stream])?;
    Ok(())
}

/// Keeps a snapshot.
pub fn put(tx: &mut Tx<'_>, stream: Uuid, version: u64, body: &[u8]) -> Result<(), StoreError> {
    let key = journal::stream_key(tx, stream)?;
    let sealed = seal::seal_row(
        &key,
        "snapshots",
        &context(stream, version),
        body,
        tx.random(),
    )?;
    tx.execute(PUT, args![stream, version, sealed])?;
    Ok(())
}

/// For the verification: whether a row opens. The service would only throw it away and fold again,
/// but damage is damage.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &crate::Row) -> Result<(), StoreError> {
    let (stream, version) = (row.id(0)?, row.count(1)?);
    let key = match journal::stream_key(tx, stream) {
        Ok(key) => key,
        Err(StoreError::Erased) => return Ok(()),
        Err(e) => return Err(e),
    };
    seal::open_row(&key, "snapshots", &context(stream, version), row.bytes(2)?).map(drop)
}
