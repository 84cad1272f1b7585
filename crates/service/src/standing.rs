//! What every page of the console says of the instance, beside its own content.

use crate::error::ServiceError;
use crate::{App, Fault, known, look};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_store::Tx;

/// How the instance stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// Whether no internal policy is approved.
    pub trial: bool,
    /// Findings of the watch that wait for a decision; none for who may not read them.
    pub findings: usize,
}

/// How the instance stands, for this viewer.
///
/// # Errors
/// The database.
pub async fn read(app: &App, viewer: &Viewer) -> Result<Standing, ServiceError> {
    let (a, v) = (app.clone(), viewer.clone());
    look(app, move |tx| {
        let generations = known::generations(tx)?;
        of(&a, tx, &generations, &v)
    })
    .await
}

pub(crate) fn of(
    app: &App,
    tx: &mut Tx<'_>,
    generations: &known::Generations,
    viewer: &Viewer,
) -> Result<Standing, Fault> {
    let reads = may(viewer, Action::Read, Resource::Watch);
    Ok(Standing {
        trial: generations.policy(app, tx)?.internal_version.is_none(),
        findings: match reads {
            true => generations.findings(app, tx)?.open(),
            false => 0,
        },
    })
}
