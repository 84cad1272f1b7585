//! Projecting: the rows, the register and the index that follow from a case, in the transaction
//! of its change.

use crate::Fault;
use crate::error::ServiceError;
use entente_domain::access::Viewer;
use entente_domain::case::Case;
use entente_domain::entry::{Decided, Entry, Recorded};
use entente_domain::summary::{CaseSummary, ReportSummary};
use entente_domain::time::Timestamp;
use entente_store::journal::{self, NewEntry};
use entente_store::{Tx, cases, reports, search};
use std::collections::BTreeSet;

/// What one person did at one instant.
pub(crate) struct Step {
    /// Who.
    pub(crate) actor: Viewer,
    /// When.
    pub(crate) at: Timestamp,
    /// What came of it.
    pub(crate) decided: Vec<Decided>,
}

/// Appends entries, folds them into `case` and projects what follows.
pub(crate) fn append(
    tx: &mut Tx<'_>,
    case: &mut Case,
    decided: &[Decided],
    actor: &Viewer,
    now: Timestamp,
) -> Result<(), Fault> {
    let entries = entries(decided, actor, now)?;
    let before = case.version;
    journal::append(tx, case.id.0, before, &entries)?;
    apply(case, decided, actor, now);
    rows(tx, case)?;
    index(tx, case, decided)?;
    crate::fold::keep(tx, case, before)
}

/// [`append`] for a whole history that was decided and folded before: one append, one projection.
pub(crate) fn append_history(tx: &mut Tx<'_>, case: &Case, history: &[Step]) -> Result<(), Fault> {
    let mut all = Vec::new();
    for step in history {
        all.extend(entries(&step.decided, &step.actor, step.at)?);
    }
    journal::append(tx, case.id.0, 0, &all)?;
    rows(tx, case)?;
    for step in history {
        index(tx, case, &step.decided)?;
    }
    crate::fold::keep(tx, case, 0)
}

fn entries(decided: &[Decided], actor: &Viewer, at: Timestamp) -> Result<Vec<NewEntry>, Fault> {
    let actor = actor.actor();
    decided
        .iter()
        .map(|d| {
            Ok(NewEntry {
                kind: d.what.kind(),
                actor: actor.clone(),
                at,
                payload: serde_json::to_vec(d)
                    .map_err(|e| Fault::Service(ServiceError::internal(e)))?,
            })
        })
        .collect()
}

/// Folds decided entries into the case.
pub(crate) fn apply(case: &mut Case, decided: &[Decided], actor: &Viewer, at: Timestamp) {
    let actor = actor.actor();
    for d in decided {
        case.apply(&Recorded {
            seq: case.version + 1,
            at,
            actor: actor.clone(),
            decided: d.clone(),
        });
    }
}

/// Saves the rows of a case as it stands.
fn rows(tx: &mut Tx<'_>, case: &Case) -> Result<(), Fault> {
    cases::save(tx, &CaseSummary::of(case))?;
    for report in ReportSummary::of(case) {
        reports::update(tx, &report)?;
    }
    Ok(())
}

/// Indexes the words that entries bring in.
fn index(tx: &mut Tx<'_>, case: &Case, decided: &[Decided]) -> Result<(), Fault> {
    let mut words: BTreeSet<String> = BTreeSet::new();
    let name = |text: &str, words: &mut BTreeSet<String>| words.extend(search::beginnings(text));
    for d in decided {
        match &d.what {
            Entry::CaseOpened { title, number, .. } => {
                words.extend(search::words(title));
                words.insert(number.to_string());
            }
            Entry::ReportReceived {
                form,
                number,
                reference,
                ..
            } => {
                words.insert(format!("r-{number}"));
                words.extend(search::words(reference));
                name(&form.product, &mut words);
                for text in [
                    &form.description,
                    &form.version,
                    &form.impact,
                    &form.tracking_ids,
                ] {
                    words.extend(search::words(text));
                }
            }
            Entry::TitleSet { title } => words.extend(search::words(title)),
            Entry::CveSet { cve } => words.extend(search::words(cve)),
            Entry::WeaknessSet { cwe, .. } => words.extend(search::words(cwe)),
            Entry::RootCauseRecorded { text } => words.extend(search::words(text)),
            Entry::AffectedSet { product_name, .. } => name(product_name, &mut words),
            Entry::AdvisoryPublished { public_id, .. } => words.extend(search::words(public_id)),
            Entry::HistoryImported {
                tracking_id,
                title,
                cves,
                products,
                ..
            } => {
                words.extend(search::words(tracking_id));
                words.extend(search::words(title));
                for cve in cves {
                    words.extend(search::words(cve));
                }
                for product in products.iter().take(50) {
                    words.extend(search::words(product));
                }
            }
            _ => {}
        }
    }
    if !words.is_empty() {
        search::index(tx, case.number, &words)?;
    }
    Ok(())
}
