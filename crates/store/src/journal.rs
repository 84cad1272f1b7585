//! The journal: hash-chained streams of sealed entries (decision 7).
//!
//! An entry's hash covers its canonical header and the **sealed** payload, so the chain verifies
//! without keys, and stays valid after the content's key was erased.

use crate::args;
use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use crate::seal::{self, ContentKey};
use entente_domain::time::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

/// What a caller appends.
#[derive(Clone, PartialEq, Debug)]
pub struct NewEntry {
    /// Its kind, in clear.
    pub kind: &'static str,
    /// Who, in the clear form without names.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// Its content, which is sealed under the stream's key.
    pub payload: Vec<u8>,
}

/// An entry as read back.
#[derive(Clone, PartialEq, Debug)]
pub struct StoredEntry {
    /// Its place, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Its kind.
    pub kind: String,
    /// Its content; `None` after the stream's key was erased.
    pub payload: Option<Vec<u8>>,
    /// Its hash.
    pub hash: [u8; 32],
}

/// An entry as it lies in the table, for verification without keys.
#[derive(Clone, PartialEq, Debug)]
pub struct RawEntry {
    /// Its place, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Its kind.
    pub kind: String,
    /// The sealed content.
    pub sealed: Vec<u8>,
    /// The hash of the entry before it.
    pub prev: [u8; 32],
    /// Its hash.
    pub hash: [u8; 32],
}

impl RawEntry {
    /// The hash that its fields give.
    pub fn computed_hash(&self, stream: Uuid) -> [u8; 32] {
        entry_hash(
            stream,
            self.seq,
            &self.prev,
            self.at,
            &self.actor,
            &self.kind,
            &self.sealed,
        )
    }
}

crate::statements! {
    CREATE = "INSERT INTO streams (id, kind, version, head, wrapped_key, created_at) VALUES ($1, $2, 0, $3, $4, $5)";
    HEAD = "SELECT version, head, wrapped_key FROM streams WHERE id = $1";
    KEY = "SELECT wrapped_key FROM streams WHERE id = $1";
    ADVANCE = "UPDATE streams SET version = $3, head = $4 WHERE id = $1 AND version = $2";
    APPEND = "INSERT INTO journal (stream, seq, at, actor, kind, payload, prev, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    MARK = "INSERT INTO unordered (stream, seq) VALUES ($1, $2)";
    READ = "SELECT seq, at, actor, kind, payload, prev, hash FROM journal WHERE stream = $1 AND seq > $2 ORDER BY seq";
    ERASE = "UPDATE streams SET wrapped_key = NULL WHERE id = $1";
    STREAMS = "SELECT id, kind, version, head FROM streams WHERE id > $1 ORDER BY id LIMIT $2";
}

/// The hash before the first entry of a stream.
pub fn genesis(stream: Uuid) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"entente stream 1\0")
        .chain_update(stream.as_bytes())
        .finalize()
        .into()
}

/// The hash of an entry: header in a fixed order, each variable part with its length.
fn entry_hash(
    stream: Uuid,
    seq: u64,
    prev: &[u8; 32],
    at: Timestamp,
    actor: &str,
    kind: &str,
    sealed: &[u8],
) -> [u8; 32] {
    let mut hash = Sha256::new()
        .chain_update(b"entente entry 1\0")
        .chain_update(stream.as_bytes())
        .chain_update(seq.to_be_bytes())
        .chain_update(prev)
        .chain_update(at.0.to_be_bytes());
    for part in [actor.as_bytes(), kind.as_bytes(), sealed] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// The content of an entry, as `key` opens it.
pub(crate) fn open_payload(key: &ContentKey, stream: Uuid, e: &RawEntry) -> Option<Vec<u8>> {
    let context = payload_context(stream, e.seq, &e.prev, e.at, &e.actor, &e.kind);
    seal::open(key, &context, &e.sealed)
}

/// The whole header: without the key nobody can give an entry another author, time or place, not
/// even by computing the chain anew.
fn payload_context(
    stream: Uuid,
    seq: u64,
    prev: &[u8; 32],
    at: Timestamp,
    actor: &str,
    kind: &str,
) -> Vec<u8> {
    seal::row_context(
        "journal",
        &[
            Val::Id(stream),
            Val::from(seq),
            Val::from(prev.as_slice()),
            Val::from(at),
            Val::from(actor),
            Val::from(kind),
        ],
    )
}

/// Opens a new stream with a key of its own.
pub fn create_stream(
    tx: &mut Tx<'_>,
    stream: Uuid,
    kind: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let key: ContentKey = Zeroizing::new(tx.random().bytes());
    let wrapped = seal::wrap_key(tx.keys().wrap(), stream.as_bytes(), &key, tx.random())?;
    tx.execute(
        CREATE,
        args![stream, kind, genesis(stream).to_vec(), wrapped, at],
    )?;
    Ok(())
}

/// The version of a stream, if there is one.
pub fn version(tx: &mut Tx<'_>, stream: Uuid) -> Result<Option<u64>, StoreError> {
    tx.one(HEAD, args![stream])?.map(|r| r.count(0)).transpose()
}

/// A row with the wrapped key of its stream behind its columns, as the statements join it: for the
/// verification, which reads tables one by one.
pub(crate) fn with_wrapped_key(
    tx: &mut Tx<'_>,
    row: &Row,
    stream: Uuid,
) -> Result<Row, StoreError> {
    let mut values = row.values().to_vec();
    let wrapped = tx.one(KEY, args![stream])?;
    values.extend(wrapped.and_then(|r| r.0.into_iter().next()));
    Ok(Row(values))
}

/// The key of a stream; [`StoreError::Erased`] after it was erased.
pub fn stream_key(tx: &mut Tx<'_>, stream: Uuid) -> Result<ContentKey, StoreError> {
    let row = tx
        .one(HEAD, args![stream])?
        .ok_or_else(|| StoreError::Damaged("a stream is missing".to_owned()))?;
    match row.opt_bytes(2)? {
        Some(wrapped) => seal::unwrap_key(tx.keys().wrap(), stream.as_bytes(), wrapped),
        None => Err(StoreError::Erased),
    }
}

/// Appends entries if the stream is at `expected`; answers the new version.
pub fn append(
    tx: &mut Tx<'_>,
    stream: Uuid,
    expected: u64,
    entries: &[NewEntry],
) -> Result<u64, StoreError> {
    let row = tx.one(HEAD, args![stream])?.ok_or(StoreError::Conflict)?;
    if row.count(0)? != expected {
        return Err(StoreError::Conflict);
    }
    let key = match row.opt_bytes(2)? {
        Some(wrapped) => seal::unwrap_key(tx.keys().wrap(), stream.as_bytes(), wrapped)?,
        None => return Err(StoreError::Erased),
    };
    let mut prev = row.hash(1)?;
    let mut seq = expected;
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        seq += 1;
        let context = payload_context(stream, seq, &prev, entry.at, &entry.actor, entry.kind);
        let sealed = seal::seal(&key, &context, &entry.payload, tx.random())?;
        let hash = entry_hash(
            stream,
            seq,
            &prev,
            entry.at,
            &entry.actor,
            entry.kind,
            &sealed,
        );
        rows.push((seq, entry, sealed, prev, hash));
        prev = hash;
    }
    // The head first: of two writers the second waits here for the first, then finds another
    // version, and never meets the other's entries.
    if tx.execute(ADVANCE, args![stream, expected, seq, prev.to_vec()])? == 0 {
        return Err(StoreError::Conflict);
    }
    for (seq, entry, sealed, prev, hash) in rows {
        tx.execute(
            APPEND,
            args![
                stream,
                seq,
                entry.at,
                entry.actor.as_str(),
                entry.kind,
                sealed,
                prev.to_vec(),
                hash.to_vec()
            ],
        )?;
        tx.execute(MARK, args![stream, seq])?;
    }
    Ok(seq)
}

/// Entries after `after`, oldest first, as they lie in the table.
pub fn raw(tx: &mut Tx<'_>, stream: Uuid, after: u64) -> Result<Vec<RawEntry>, StoreError> {
    tx.all(READ, args![stream, after])?
        .iter()
        .map(|r| {
            Ok(RawEntry {
                seq: r.count(0)?,
                at: r.time(1)?,
                actor: r.text(2)?.to_owned(),
                kind: r.text(3)?.to_owned(),
                sealed: r.bytes(4)?.to_vec(),
                prev: r.hash(5)?,
                hash: r.hash(6)?,
            })
        })
        .collect()
}

/// Entries after `after`, opened. A payload that does not authenticate is damage, never content.
pub fn read(tx: &mut Tx<'_>, stream: Uuid, after: u64) -> Result<Vec<StoredEntry>, StoreError> {
    let key = match stream_key(tx, stream) {
        Ok(key) => Some(key),
        Err(StoreError::Erased) => None,
        Err(e) => return Err(e),
    };
    read_with(tx, stream, after, key.as_ref())
}

/// [`read`] for a caller who has the stream's key, or knows that it was erased.
pub fn read_with(
    tx: &mut Tx<'_>,
    stream: Uuid,
    after: u64,
    key: Option<&ContentKey>,
) -> Result<Vec<StoredEntry>, StoreError> {
    raw(tx, stream, after)?
        .into_iter()
        .map(|e| {
            let payload = key.map(|key| open_entry(key, stream, &e)).transpose()?;
            Ok(StoredEntry {
                seq: e.seq,
                at: e.at,
                actor: e.actor,
                kind: e.kind,
                payload,
                hash: e.hash,
            })
        })
        .collect()
}

/// Opens the payload of an entry; its header is authenticated with it.
pub(crate) fn open_entry(
    key: &ContentKey,
    stream: Uuid,
    e: &RawEntry,
) -> Result<Vec<u8>, StoreError> {
    let context = payload_context(stream, e.seq, &e.prev, e.at, &e.actor, &e.kind);
    seal::open(key, &context, &e.sealed).ok_or_else(|| {
        StoreError::Damaged(format!(
            "entry {} of stream {stream} does not authenticate",
            e.seq
        ))
    })
}

/// Erases the key of a stream: its content is gone, its chain still verifies. A case is erased by
/// [`crate::cases::erase`].
pub fn erase(tx: &mut Tx<'_>, stream: Uuid) -> Result<(), StoreError> {
    tx.execute(ERASE, args![stream])?;
    crate::snapshots::forget(tx, stream)?;
    crate::erasures::note(tx, crate::erasures::Erasure::Stream(stream))
}

/// A stream as verification sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StreamHead {
    /// Its id.
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// Its version.
    pub version: u64,
    /// The hash of its last entry.
    pub head: [u8; 32],
}

/// Streams in the order of their ids, after `after`.
pub fn streams(tx: &mut Tx<'_>, after: Uuid, limit: u32) -> Result<Vec<StreamHead>, StoreError> {
    tx.all(STREAMS, args![after, limit])?
        .iter()
        .map(|r| {
            Ok(StreamHead {
                id: r.id(0)?,
                kind: r.text(1)?.to_owned(),
                version: r.count(2)?,
                head: r.hash(3)?,
            })
        })
        .collect()
}
