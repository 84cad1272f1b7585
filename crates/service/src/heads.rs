//! The signed heads of the journal's log, for auditors and witnesses: whoever keeps one can prove
//! later that nothing that stood in the journal then was changed or taken out.
//!
//! A head tells how many entries there are, rounded up, and nothing of any.

use crate::error::ServiceError;
use crate::{App, Fault, look};
use data_encoding::BASE64;
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_domain::time::Timestamp;
use entente_store::ledger;
use serde::Serialize;

/// A signed head.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Head {
    /// Leaves of the log, padding included.
    pub size: u64,
    /// When it was signed.
    pub at: Timestamp,
    /// The root, in Base64.
    pub root: String,
    /// The signed text, as `entente verify --head` reads it.
    pub note: String,
}

/// Heads, the newest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heads {
    /// The heads.
    pub items: Vec<Head>,
    /// Where the next page begins: the size of the last head here.
    pub next: Option<u64>,
    /// The public keys that sign, Ed25519 in Base64, the one in use last.
    pub keys: Vec<String>,
}

fn allowed(viewer: &Viewer) -> Result<(), ServiceError> {
    if may(viewer, Action::Read, Resource::Journal) {
        Ok(())
    } else {
        Err(ServiceError::NotFound)
    }
}

fn shown(c: ledger::Checkpoint) -> Head {
    Head {
        size: c.size,
        at: c.at,
        root: BASE64.encode(&c.root),
        note: c.note,
    }
}

/// Heads of fewer leaves than `before`, the newest first.
///
/// # Errors
///
/// Not found for those who may not read the journal.
pub async fn list(
    app: &App,
    viewer: &Viewer,
    before: Option<u64>,
    limit: u32,
) -> Result<Heads, ServiceError> {
    allowed(viewer)?;
    let before = before.unwrap_or(i64::MAX.unsigned_abs());
    look(app, move |tx| {
        let mut items = ledger::heads_before(tx, before, limit.saturating_add(1))?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > most;
        items.truncate(most);
        Ok(Heads {
            next: items.last().filter(|_| more).map(|c| c.size),
            items: items.into_iter().map(shown).collect(),
            keys: ledger::public_keys(tx)?
                .iter()
                .map(|k| BASE64.encode(k))
                .collect(),
        })
    })
    .await
}

/// The head of exactly so many leaves.
///
/// # Errors
///
/// Not found where there is none, and for those who may not read the journal.
pub async fn at_size(app: &App, viewer: &Viewer, size: u64) -> Result<Head, ServiceError> {
    allowed(viewer)?;
    look(app, move |tx| {
        ledger::heads_before(tx, size.saturating_add(1), 1)?
            .pop()
            .filter(|c| c.size == size)
            .map(shown)
            .ok_or(Fault::Service(ServiceError::NotFound))
    })
    .await
}
