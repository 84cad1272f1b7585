//! The log over all streams: one salted leaf for each journal entry, in the order that a single
//! job gives them after their commit, and signed heads for witnesses (decision 8).
//!
//! A leaf is a commitment, `H(salt || entry hash)`, so that a proof tells nothing of other entries
//! and survives erasure. A head is a signed note of three lines as transparency logs use it. The
//! tree is padded before each head, so that its size does not tell how much happened.

use crate::args;
use crate::engine::Tx;
use crate::error::StoreError;
use crate::merkle::{self, Frontier, Hash, Place};
use crate::note::{self, SigningKey};
use crate::seal;
use crate::select::Select;
use entente_domain::time::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use uuid::Uuid;

/// A sensible step of the size: with one head an hour, an instance with fewer entries an hour
/// than this shows a witness the same growth as an idle one.
pub const PADDING: u64 = 32;

/// A signed head of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// How many leaves it covers.
    pub size: u64,
    /// When it was signed.
    pub at: Timestamp,
    /// The root over them.
    pub root: Hash,
    /// The signed note, to hand to witnesses.
    pub note: String,
}

/// That an entry is in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InclusionProof {
    /// The hash of the entry in its stream.
    pub entry: Hash,
    /// What its leaf was salted with.
    pub salt: Vec<u8>,
    /// The leaf's place.
    pub index: u64,
    /// The size of the tree that the proof is for.
    pub size: u64,
    /// The hashes beside the way to the root, from the leaf on.
    pub hashes: Vec<Hash>,
}

impl InclusionProof {
    /// Whether it shows that the entry is under this root.
    pub fn holds(&self, root: &Hash) -> bool {
        let leaf = leaf_hash(&self.salt, &self.entry);
        merkle::includes(leaf, self.index, self.size, &self.hashes, root)
    }
}

crate::statements! {
    LAST = "SELECT n FROM leaves ORDER BY n DESC LIMIT 1";
    WAITING = "SELECT u.stream, u.seq, j.hash FROM unordered u JOIN journal j ON j.stream = u.stream AND j.seq = u.seq ORDER BY u.stream, u.seq LIMIT $1";
    ADD_LEAF = "INSERT INTO leaves (n, stream, seq, salt, hash) VALUES ($1, $2, $3, $4, $5)";
    ADD_NODE = "INSERT INTO nodes (level, n, hash) VALUES ($1, $2, $3)";
    ORDERED = "DELETE FROM unordered WHERE stream = $1 AND seq = $2";
    LEAF = "SELECT l.n, l.salt, j.hash FROM leaves l JOIN journal j ON j.stream = l.stream AND j.seq = l.seq WHERE l.stream = $1 AND l.seq = $2";
    ADD_CHECKPOINT = "INSERT INTO checkpoints (size, at, root, note) VALUES ($1, $2, $3, $4)";
    LATEST = "SELECT size, at, root, note FROM checkpoints ORDER BY size DESC LIMIT 1";
    HEADS_BEFORE = "SELECT size, at, root, note FROM checkpoints WHERE size < $1 ORDER BY size DESC LIMIT $2";
    CHECKPOINTS = "SELECT size, at, root, note FROM checkpoints WHERE size > $1 ORDER BY size LIMIT $2";
    GET_META = "SELECT value FROM meta WHERE name = $1";
    PUT_META = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

/// The leaf of an entry.
pub(crate) fn leaf_hash(salt: &[u8], entry: &Hash) -> Hash {
    let commitment: Hash = Sha256::new()
        .chain_update(salt)
        .chain_update(entry)
        .finalize()
        .into();
    merkle::leaf(&commitment)
}

/// What a leaf of padding commits to.
pub(crate) fn padding_entry(n: u64) -> Hash {
    Sha256::new()
        .chain_update(b"entente padding 1\0")
        .chain_update(n.to_be_bytes())
        .finalize()
        .into()
}

/// How many leaves the log has.
pub fn size(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    tx.one(LAST, args![])?
        .map_or(Ok(0), |r| Ok(r.count(0)? + 1))
}

/// Hashes of complete subtrees, in the order of `places`.
fn hashes(tx: &mut Tx<'_>, places: &[Place]) -> Result<Vec<Hash>, StoreError> {
    let mut found: HashMap<Place, Hash> = HashMap::new();
    let (leaves, nodes): (Vec<Place>, Vec<Place>) = places.iter().partition(|p| p.0 == 0);
    // Joined to a list of values, so that each is looked up by its key; a chain of OR would walk
    // the whole table.
    if !leaves.is_empty() {
        let mut q = Select::new("SELECT x.n, x.hash FROM (VALUES ".to_owned());
        for (i, (_, n)) in leaves.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            q.push(comma, &[]).push("(CAST(? AS BIGINT))", args![*n]);
        }
        q.push(") v CROSS JOIN leaves x WHERE x.n = v.column1", &[]);
        for row in q.all(tx)? {
            found.insert((0, row.count(0)?), row.hash(1)?);
        }
    }
    if !nodes.is_empty() {
        let mut q = Select::new("SELECT x.level, x.n, x.hash FROM (VALUES ".to_owned());
        for (i, (level, n)) in nodes.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            q.push(comma, &[])
                .push("(CAST(? AS BIGINT), CAST(? AS BIGINT))", args![*level, *n]);
        }
        q.push(
            ") v CROSS JOIN nodes x WHERE x.level = v.column1 AND x.n = v.column2",
            &[],
        );
        for row in q.all(tx)? {
            let level = u32::try_from(row.int(0)?).unwrap_or(u32::MAX);
            found.insert((level, row.count(1)?), row.hash(2)?);
        }
    }
    places
        .iter()
        .map(|p| {
            found.get(p).copied().ok_or_else(|| {
                StoreError::Damaged(format!("the log has no node {} at level {}", p.1, p.0))
            })
        })
        .collect()
}

fn frontier(tx: &mut Tx<'_>, size: u64) -> Result<Frontier, StoreError> {
    let places = merkle::complete(0, size);
    let hashes = hashes(tx, &places)?;
    let peaks: Vec<(Place, Hash)> = places.into_iter().zip(hashes).collect();
    Ok(Frontier::of(size, &peaks))
}

fn add(
    tx: &mut Tx<'_>,
    tree: &mut Frontier,
    stream: Uuid,
    seq: u64,
    entry: &Hash,
) -> Result<(), StoreError> {
    let salt = tx.random().bytes::<16>();
    let leaf = leaf_hash(&salt, entry);
    tx.execute(
        ADD_LEAF,
        args![tree.size(), stream, seq, salt.to_vec(), leaf.to_vec()],
    )?;
    for ((level, n), hash) in tree.push(leaf) {
        tx.execute(ADD_NODE, args![level, n, hash.to_vec()])?;
    }
    Ok(())
}

/// Gives new entries their place in the log; answers how many. To be called until it answers 0,
/// by one job at a time.
pub fn order_new_entries(tx: &mut Tx<'_>, limit: u32) -> Result<u64, StoreError> {
    let waiting = tx.all(WAITING, args![limit])?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let size = size(tx)?;
    let mut tree = frontier(tx, size)?;
    for row in &waiting {
        let (stream, seq) = (row.id(0)?, row.count(1)?);
        add(tx, &mut tree, stream, seq, &row.hash(2)?)?;
        tx.execute(ORDERED, args![stream, seq])?;
    }
    Ok(tree.size() - size)
}

/// Pads the log to a multiple of `padding` (by one step at least, so that an idle time looks like
/// a busy one) and signs its head.
pub fn checkpoint(tx: &mut Tx<'_>, at: Timestamp, padding: u64) -> Result<Checkpoint, StoreError> {
    let padding = padding.clamp(1, 65_536);
    let before = latest(tx)?.map_or(0, |c| c.size);
    let size = size(tx)?;
    let target = size
        .next_multiple_of(padding)
        .max(before.saturating_add(padding));
    let mut tree = frontier(tx, size)?;
    for n in size..target {
        add(tx, &mut tree, Uuid::nil(), n, &padding_entry(n))?;
    }
    let root = tree.root();
    let key = match signing_keys(tx)?.pop() {
        Some(key) => key,
        None => rotate_signing_key(tx)?,
    };
    let note = note::sign(&key, target, &root, at);
    tx.execute(
        ADD_CHECKPOINT,
        args![target, at, root.to_vec(), note.as_str()],
    )?;
    Ok(Checkpoint {
        size: target,
        at,
        root,
        note,
    })
}

fn checkpoint_row(row: &crate::Row) -> Result<Checkpoint, StoreError> {
    Ok(Checkpoint {
        size: row.count(0)?,
        at: row.time(1)?,
        root: row.hash(2)?,
        note: row.text(3)?.to_owned(),
    })
}

/// The newest head.
pub fn latest(tx: &mut Tx<'_>) -> Result<Option<Checkpoint>, StoreError> {
    tx.one(LATEST, args![])?
        .map(|r| checkpoint_row(&r))
        .transpose()
}

/// Heads in the order of their sizes, after `size`.
pub fn checkpoints(tx: &mut Tx<'_>, after: u64, limit: u32) -> Result<Vec<Checkpoint>, StoreError> {
    tx.all(CHECKPOINTS, args![after, limit])?
        .iter()
        .map(checkpoint_row)
        .collect()
}

/// Heads of fewer leaves than `size`, the newest first.
pub fn heads_before(tx: &mut Tx<'_>, size: u64, limit: u32) -> Result<Vec<Checkpoint>, StoreError> {
    tx.all(HEADS_BEFORE, args![size, limit])?
        .iter()
        .map(checkpoint_row)
        .collect()
}

fn over_ranges(tx: &mut Tx<'_>, ranges: &[(u64, u64)]) -> Result<Vec<Hash>, StoreError> {
    let places: Vec<Vec<Place>> = ranges
        .iter()
        .map(|(start, len)| merkle::complete(*start, *len))
        .collect();
    let flat: Vec<Place> = places.iter().flatten().copied().collect();
    let mut hashes = hashes(tx, &flat)?.into_iter();
    Ok(places
        .iter()
        .map(|p| merkle::over(&hashes.by_ref().take(p.len()).collect::<Vec<_>>()))
        .collect())
}

/// The root of the tree of `size` leaves.
pub fn root(tx: &mut Tx<'_>, size: u64) -> Result<Hash, StoreError> {
    Ok(frontier(tx, size)?.root())
}

/// Proves that an entry is in the log of `size` leaves; `None` if it was not ordered by then.
pub fn inclusion(
    tx: &mut Tx<'_>,
    stream: Uuid,
    seq: u64,
    size: u64,
) -> Result<Option<InclusionProof>, StoreError> {
    let Some(row) = tx.one(LEAF, args![stream, seq])? else {
        return Ok(None);
    };
    let index = row.count(0)?;
    if index >= size {
        return Ok(None);
    }
    Ok(Some(InclusionProof {
        entry: row.hash(2)?,
        salt: row.bytes(1)?.to_vec(),
        index,
        size,
        hashes: over_ranges(tx, &merkle::inclusion(index, size))?,
    }))
}

/// Proves that the log of `new` leaves begins with the log of `old`; see [`merkle::consistent`].
pub fn consistency(tx: &mut Tx<'_>, old: u64, new: u64) -> Result<Vec<Hash>, StoreError> {
    over_ranges(tx, &merkle::consistency(old, new))
}

const SEEDS: &str = "log_keys";
const PUBLIC: &str = "log_public";

/// The keys that heads were signed with, the one in use last.
fn signing_keys(tx: &mut Tx<'_>) -> Result<Vec<SigningKey>, StoreError> {
    let Some(row) = tx.one(GET_META, args![SEEDS])? else {
        return Ok(Vec::new());
    };
    let seeds = zeroize::Zeroizing::new(
        seal::open(tx.keys().wrap(), SEEDS.as_bytes(), row.bytes(0)?).ok_or_else(|| {
            StoreError::Damaged("the signing keys of the log do not authenticate".to_owned())
        })?,
    );
    Ok(seeds
        .as_chunks::<32>()
        .0
        .iter()
        .map(SigningKey::from_bytes)
        .collect())
}

/// Begins to sign with a new key; heads that were signed before stay valid. Apart from the keys
/// that seal (decision 35).
pub fn rotate_signing_key(tx: &mut Tx<'_>) -> Result<SigningKey, StoreError> {
    let mut keys = signing_keys(tx)?;
    keys.push(SigningKey::from_bytes(&tx.random().bytes()));
    let seeds =
        zeroize::Zeroizing::new(keys.iter().flat_map(|k| k.to_bytes()).collect::<Vec<u8>>());
    let public: Vec<u8> = keys
        .iter()
        .flat_map(|k| k.verifying_key().to_bytes())
        .collect();
    let sealed = seal::seal(tx.keys().wrap(), SEEDS.as_bytes(), &seeds, tx.random())?;
    tx.execute(PUT_META, args![SEEDS, sealed])?;
    tx.execute(PUT_META, args![PUBLIC, public])?;
    keys.pop()
        .ok_or_else(|| StoreError::Database("no signing key was made".to_owned()))
}

/// The public keys of the log, the one in use last. They stand in clear, for verification without
/// keys; a witness keeps them beside the first head that it was given.
pub fn public_keys(tx: &mut Tx<'_>) -> Result<Vec<[u8; 32]>, StoreError> {
    let Some(row) = tx.one(GET_META, args![PUBLIC])? else {
        return Ok(Vec::new());
    };
    Ok(row.bytes(0)?.as_chunks::<32>().0.to_vec())
}

/// Whether the public keys in clear are those of the sealed ones.
pub(crate) fn public_keys_are_ours(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    let ours: Vec<[u8; 32]> = signing_keys(tx)?
        .iter()
        .map(|k| k.verifying_key().to_bytes())
        .collect();
    Ok(ours == public_keys(tx)?)
}
