//! Verification (decision 34): chains, log and signed heads without keys; with keys also every
//! sealed row of every table, every attachment, and whatever the caller folds anew.
//!
//! Reads one snapshot and writes nothing, so it runs beside a server. It says what is broken
//! first and stops there: after that, nothing that follows means much.

use crate::args;
use crate::attachments::{self, FolderBlobs};
use crate::engine::{Db, Tx};
use crate::error::StoreError;
use crate::journal::{self, RawEntry, StoredEntry, StreamHead};
use crate::ledger::{self, Checkpoint};
use crate::merkle::{Frontier, Hash, Place};
use crate::note;
use crate::tables::{Check, TABLES};
use entente_domain::access::{SystemViewer, Viewer};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use uuid::Uuid;

/// Rows that are read at once.
const PAGE: u32 = 500;
/// Leaves that are read at once.
const LEAVES: u32 = 1_024;

/// Is told what is being done and how much of it is done.
pub type Progress = Arc<dyn Fn(&str, u64) + Send + Sync>;

/// Folds a stream anew and compares what is projected from it; answers what is different.
pub type Refold =
    Arc<dyn Fn(&mut Tx<'_>, &StreamHead, &[StoredEntry]) -> Result<(), String> + Send + Sync>;

/// What to verify.
#[derive(Clone, Default)]
pub struct VerifyOptions {
    /// The newest head that a witness kept: the log must continue it.
    pub head: Option<Vec<u8>>,
    /// Whether to open every payload, row and file as well.
    pub with_keys: bool,
    /// Folds each stream anew; only with keys.
    pub refold: Option<Refold>,
}

/// Where it broke.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Broken {
    /// The stream, where it is one.
    pub stream: Option<Uuid>,
    /// The entry, where it is one.
    pub seq: Option<u64>,
    /// What is wrong.
    pub reason: String,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct VerifyReport {
    /// Whether everything holds.
    pub ok: bool,
    /// Streams that were verified.
    pub streams: u64,
    /// Entries that were verified.
    pub entries: u64,
    /// Signed heads that were verified.
    pub checkpoints: u64,
    /// Rows that were opened.
    pub rows: u64,
    /// The first thing that does not hold.
    pub first_broken: Option<Broken>,
}

crate::statements! {
    ENTRIES = "SELECT j.seq, j.at, j.actor, j.kind, j.payload, j.prev, j.hash, l.salt, l.hash, u.seq FROM journal j LEFT JOIN leaves l ON l.stream = j.stream AND l.seq = j.seq LEFT JOIN unordered u ON u.stream = j.stream AND u.seq = j.seq WHERE j.stream = $1 AND j.seq > $2 ORDER BY j.seq LIMIT $3";
    COUNT_ENTRIES = "SELECT COUNT(*) FROM journal";
    COUNT_UNORDERED = "SELECT COUNT(*) FROM unordered";
    COUNT_NODES = "SELECT COUNT(*) FROM nodes";
    LEAVES_FROM = "SELECT n, stream, seq, salt, hash FROM leaves WHERE n >= $1 ORDER BY n LIMIT $2";
    NEGATIVE_LEAVES = "SELECT COUNT(*) FROM leaves WHERE n < 0";
    NODES_OF = "SELECT n, hash FROM nodes WHERE level = $1 AND n >= $2 AND n <= $3 ORDER BY n";
}

/// Why a walk ended: something is broken, or it could not be read.
enum Stop {
    Broken(Broken),
    Failed(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged(reason) => Self::Broken(Broken {
                stream: None,
                seq: None,
                reason,
            }),
            other => Self::Failed(other),
        }
    }
}

fn broken<T>(
    stream: impl Into<Option<Uuid>>,
    seq: impl Into<Option<u64>>,
    reason: impl Into<String>,
) -> Result<T, Stop> {
    Err(Stop::Broken(Broken {
        stream: stream.into(),
        seq: seq.into(),
        reason: reason.into(),
    }))
}

/// Verifies a store. An error says that it could not be read at all.
pub async fn verify(
    db: &Db,
    options: VerifyOptions,
    progress: Progress,
) -> Result<VerifyReport, StoreError> {
    let data_dir = db.data_dir().to_owned();
    db.read(move |tx| {
        // The whole store is read, so every row must be seen.
        tx.act_as(&Viewer::System(SystemViewer::Operator))?;
        let mut walk = Walk {
            options: &options,
            progress: &progress,
            report: VerifyReport::default(),
            ordered: 0,
            unordered: 0,
        };
        let done = walk.streams(tx).and_then(|()| walk.log(tx)).and_then(|()| {
            if options.with_keys {
                walk.rows(tx, &FolderBlobs::new(&data_dir)?)
            } else {
                Ok(())
            }
        });
        let mut report = walk.report;
        match done {
            Ok(()) => report.ok = true,
            Err(Stop::Broken(found)) => report.first_broken = Some(found),
            Err(Stop::Failed(e)) => return Err(e),
        }
        Ok(report)
    })
    .await
}

struct Walk<'a> {
    options: &'a VerifyOptions,
    progress: &'a Progress,
    report: VerifyReport,
    /// Entries that have a leaf.
    ordered: u64,
    /// Entries that wait for one.
    unordered: u64,
}

impl Walk<'_> {
    fn streams(&mut self, tx: &mut Tx<'_>) -> Result<(), Stop> {
        // An empty leaf names the nil stream, so no stream may have that id.
        let mut after = Uuid::nil();
        loop {
            let page = journal::streams(tx, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for stream in &page {
                self.stream(tx, stream)?;
                self.report.streams += 1;
            }
            (self.progress)("streams", self.report.streams);
        }
        let count = |tx: &mut Tx<'_>, sql| tx.one(sql, args![])?.map_or(Ok(0), |r| r.count(0));
        if count(tx, COUNT_ENTRIES)? != self.report.entries {
            return broken(None, None, "the journal has entries of no stream");
        }
        if count(tx, COUNT_UNORDERED)? != self.unordered {
            return broken(None, None, "entries that are not there wait for the log");
        }
        Ok(())
    }

    fn stream(&mut self, tx: &mut Tx<'_>, stream: &StreamHead) -> Result<(), Stop> {
        let id = stream.id;
        let key = if self.options.with_keys {
            match journal::stream_key(tx, id) {
                Ok(key) => Some(key),
                Err(StoreError::Erased) => None,
                Err(StoreError::Damaged(reason)) => return broken(id, None, reason),
                Err(e) => return Err(e.into()),
            }
        } else {
            None
        };
        let refold = self.options.refold.as_ref().filter(|_| key.is_some());
        let mut opened = Vec::new();
        let (mut seq, mut head) = (0, journal::genesis(id));
        let mut waiting = false;
        loop {
            let page = tx.all(ENTRIES, args![id, seq, PAGE])?;
            if page.is_empty() {
                break;
            }
            for row in &page {
                let e = RawEntry {
                    seq: row.count(0)?,
                    at: row.time(1)?,
                    actor: row.text(2)?.to_owned(),
                    kind: row.text(3)?.to_owned(),
                    sealed: row.bytes(4)?.to_vec(),
                    prev: row.hash(5)?,
                    hash: row.hash(6)?,
                };
                if e.seq != seq + 1 {
                    return broken(id, seq + 1, "the entry is missing");
                }
                seq = e.seq;
                if e.prev != head {
                    return broken(id, seq, "it does not continue the entry before it");
                }
                if e.computed_hash(id) != e.hash {
                    return broken(id, seq, "its content is not what its hash says");
                }
                head = e.hash;
                match (row.opt_bytes(7)?, row.opt_int(9)?) {
                    (Some(salt), None) => {
                        if waiting || ledger::leaf_hash(salt, &e.hash) != row.hash(8)? {
                            return broken(id, seq, "the log has another entry in its place");
                        }
                        self.ordered += 1;
                    }
                    (None, Some(_)) => {
                        waiting = true;
                        self.unordered += 1;
                    }
                    _ => return broken(id, seq, "the log has lost its place"),
                }
                if let Some(key) = &key {
                    let Some(payload) = journal::open_payload(key, id, &e) else {
                        return broken(id, seq, "its content does not authenticate");
                    };
                    if refold.is_some() {
                        opened.push(StoredEntry {
                            seq,
                            at: e.at,
                            actor: e.actor,
                            kind: e.kind,
                            payload: Some(payload),
                            hash: e.hash,
                        });
                    }
                }
                self.report.entries += 1;
            }
        }
        if stream.version != seq || stream.head != head {
            return broken(id, seq, "the stream's head is not its last entry");
        }
        if let Some(refold) = refold
            && let Err(reason) = refold(tx, stream, &opened)
        {
            return broken(id, seq, reason);
        }
        Ok(())
    }

    fn log(&mut self, tx: &mut Tx<'_>) -> Result<(), Stop> {
        let mut heads: VecDeque<Checkpoint> = VecDeque::new();
        let mut head_after = 0;
        let public = ledger::public_keys(tx)?;
        if self.options.with_keys && !ledger::public_keys_are_ours(tx)? {
            return broken(
                None,
                None,
                "the log's public keys are not those of its keys",
            );
        }
        let witnessed = match &self.options.head {
            None => None,
            Some(bytes) => match note::read(&String::from_utf8_lossy(bytes), &public) {
                Ok(head) => Some(head),
                Err(e) => return broken(None, None, format!("the witnessed head: {e}")),
            },
        };
        let mut continues = witnessed.as_ref().is_none_or(|w| w.size == 0);
        let mut edge = Frontier::default();
        let (mut entries, mut inner) = (0u64, 0u64);
        loop {
            let page = tx.all(LEAVES_FROM, args![edge.size(), LEAVES])?;
            if page.is_empty() {
                break;
            }
            let mut completed: Vec<(Place, Hash)> = Vec::new();
            for row in &page {
                let n = row.count(0)?;
                if n != edge.size() {
                    return broken(
                        None,
                        None,
                        format!("leaf {} of the log is missing", edge.size()),
                    );
                }
                let (stream, seq, hash) = (row.id(1)?, row.count(2)?, row.hash(4)?);
                if !stream.is_nil() {
                    // Compared with its entry in the walk over the streams.
                    entries += 1;
                } else if seq != n
                    || hash != ledger::leaf_hash(row.bytes(3)?, &ledger::padding_entry(n))
                {
                    return broken(None, None, format!("leaf {n} of the log was changed"));
                }
                completed.extend(edge.push(hash));
                if heads.is_empty() {
                    heads.extend(ledger::checkpoints(tx, head_after, PAGE)?);
                }
                if let Some(head) = heads.pop_front_if(|h| h.size == edge.size()) {
                    head_after = head.size;
                    let good = edge.root() == head.root
                        && note::read(&head.note, &public)
                            .is_ok_and(|n| n.size == head.size && n.root == head.root);
                    if !good {
                        let reason = format!("the signed head at leaf {n} does not hold");
                        return broken(None, None, reason);
                    }
                    self.report.checkpoints += 1;
                }
                // The root itself is compared, so a witness may hold a head that we lost.
                continues |= witnessed
                    .as_ref()
                    .is_some_and(|w| w.size == edge.size() && w.root == edge.root());
            }
            inner += u64::try_from(completed.len()).unwrap_or(0);
            compare_nodes(tx, &completed)?;
            (self.progress)("log", edge.size());
        }
        if heads.is_empty() {
            heads.extend(ledger::checkpoints(tx, head_after, 1)?);
        }
        let count = |tx: &mut Tx<'_>, sql| tx.one(sql, args![])?.map_or(Ok(0), |r| r.count(0));
        if !heads.is_empty() {
            return broken(None, None, "the log is shorter than its newest head says");
        }
        if !continues {
            return broken(None, None, "the log does not continue the witnessed head");
        }
        if entries != self.ordered || count(tx, NEGATIVE_LEAVES)? != 0 {
            return broken(
                None,
                None,
                "the log has leaves of entries that are not there",
            );
        }
        if count(tx, COUNT_NODES)? != inner {
            return broken(None, None, "the log has nodes of leaves that are not there");
        }
        Ok(())
    }

    fn rows(&mut self, tx: &mut Tx<'_>, blobs: &FolderBlobs) -> Result<(), Stop> {
        for table in TABLES {
            if matches!(table.check, Check::Elsewhere | Check::Clear) {
                continue;
            }
            let mut last = None;
            loop {
                let page = table.page(tx, last.as_ref(), PAGE)?;
                for row in &page {
                    let checked = match table.check {
                        Check::Row(check) => check(tx, row),
                        Check::File => attachments::check_row(tx, row, blobs),
                        Check::Elsewhere | Check::Clear => Ok(()),
                    };
                    if let Err(StoreError::Damaged(reason)) = checked {
                        let reason = format!("{} {}: {reason}", table.name, table.key_of(row));
                        return broken(None, None, reason);
                    }
                    checked?;
                    self.report.rows += 1;
                }
                (self.progress)(table.name, self.report.rows);
                last = page.into_iter().last();
                if last.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Compares the inner nodes that a page of leaves completed with the stored ones.
fn compare_nodes(tx: &mut Tx<'_>, completed: &[(Place, Hash)]) -> Result<(), Stop> {
    let mut levels: HashMap<u32, Vec<(u64, Hash)>> = HashMap::new();
    for ((level, n), hash) in completed {
        levels.entry(*level).or_default().push((*n, *hash));
    }
    for (level, nodes) in levels {
        let (Some((first, _)), Some((last, _))) = (nodes.first(), nodes.last()) else {
            continue;
        };
        let stored = tx.all(NODES_OF, args![level, *first, *last])?;
        let same = stored.len() == nodes.len()
            && stored.iter().zip(&nodes).all(|(row, (n, hash))| {
                row.count(0).ok() == Some(*n) && row.hash(1).ok() == Some(*hash)
            });
        if !same {
            return broken(
                None,
                None,
                format!("nodes of level {level} of the log were changed"),
            );
        }
    }
    Ok(())
}
