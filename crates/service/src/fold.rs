//! Folding a case from its journal, with the sealed snapshot as a shortcut (decision 10).

use crate::Fault;
use crate::error::ServiceError;
use entente_domain::access::Viewer;
use entente_domain::case::Case;
use entente_domain::entry::{Decided, Recorded};
use entente_domain::ids::CaseId;
use entente_store::Tx;
use entente_store::journal::{self, StoredEntry};
use entente_store::snapshots::{self, Asked, Loaded};

/// A snapshot is kept when so many entries came after the last one.
const SNAPSHOT_EVERY: u64 = 16;

/// An entry as the domain reads it.
pub(crate) fn recorded(entry: &StoredEntry) -> Result<Option<Recorded>, Fault> {
    let Some(payload) = &entry.payload else {
        return Ok(None);
    };
    let decided: Decided = serde_json::from_slice(payload)
        .map_err(|e| Fault::Service(ServiceError::internal(format!("entry {}: {e}", entry.seq))))?;
    Ok(Some(Recorded {
        seq: entry.seq,
        at: entry.at,
        actor: entry.actor.clone(),
        decided,
    }))
}

/// The case as its journal tells it; `None` if there is none or its content was erased.
pub(crate) fn case(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<Case>, Fault> {
    match snapshots::load(tx, id.0)? {
        Some(loaded) => folded(tx, loaded),
        None => Ok(None),
    }
}

/// The case, if the rows say that the viewer may see it; the fold itself is for the caller to ask.
pub(crate) fn visible(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    asked: Asked,
) -> Result<Option<Case>, Fault> {
    match snapshots::load_visible(tx, viewer, asked)? {
        Some(loaded) => folded(tx, loaded),
        None => Ok(None),
    }
}

fn folded(tx: &mut Tx<'_>, loaded: Loaded) -> Result<Option<Case>, Fault> {
    let id = CaseId(loaded.stream);
    let Some(key) = &loaded.key else {
        return Ok(None);
    };
    let mut case = loaded
        .snapshot
        .and_then(|(_, body)| serde_json::from_slice(&body).ok())
        .unwrap_or_else(|| Case::empty(id));
    if case.version < loaded.version {
        for entry in journal::read_with(tx, loaded.stream, case.version, Some(key))? {
            if let Some(recorded) = recorded(&entry)? {
                case.apply(&recorded);
            }
        }
    }
    Ok(Some(case))
}

/// Keeps a snapshot if enough happened since the last one.
pub(crate) fn keep(tx: &mut Tx<'_>, case: &Case, before: u64) -> Result<(), Fault> {
    if case.version / SNAPSHOT_EVERY > before / SNAPSHOT_EVERY {
        let body =
            serde_json::to_vec(case).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
        snapshots::put(tx, case.id.0, case.version, &body)?;
    }
    Ok(())
}

/// Folds a case anew for the verification and compares its projected row (decision 7).
pub(crate) fn compare(
    tx: &mut Tx<'_>,
    stream: &journal::StreamHead,
    entries: &[StoredEntry],
) -> Result<(), String> {
    if stream.kind != "case" {
        return Ok(());
    }
    let id = CaseId(stream.id);
    let mut case = Case::empty(id);
    for entry in entries {
        match recorded(entry) {
            Ok(Some(r)) => case.apply(&r),
            // Erased content has nothing to compare.
            Ok(None) => return Ok(()),
            Err(_) => return Err(format!("entry {} is no entry of a case", entry.seq)),
        }
    }
    let operator = Viewer::System(entente_domain::access::SystemViewer::Operator);
    let row = entente_store::cases::get(tx, &operator, id).map_err(|e| e.to_string())?;
    match row {
        Some(row) if row == entente_domain::summary::CaseSummary::of(&case) => Ok(()),
        Some(_) => Err("the projected row is not what the journal gives".to_owned()),
        None => Err("the projected row is missing".to_owned()),
    }
}
