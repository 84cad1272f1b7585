//! Taking in what the world published, some documents at a time: each is kept, held against the
//! inventory and done with, or nothing of the batch is.

use super::document::WorldDocument;
use super::meet;
use crate::error::ServiceError;
use crate::{App, Fault, jobs, look, transact};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_store::watch as table;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What became of some documents.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Taken {
    /// Documents that were not known.
    pub new: usize,
    /// Documents that were known in an earlier version.
    pub changed: usize,
    /// Documents that were known as they are, or in a later version.
    pub known: usize,
    /// Findings that wait for a decision because of them.
    pub opened: usize,
}

impl std::ops::AddAssign for Taken {
    fn add_assign(&mut self, other: Self) {
        self.new += other.new;
        self.changed += other.changed;
        self.known += other.known;
        self.opened += other.opened;
    }
}

/// Whether documents would be taken from the viewer: to be asked before one is read.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not.
pub fn may_take(viewer: &Viewer) -> Result<(), ServiceError> {
    match may(viewer, Action::Write, Resource::Watch) {
        true => Ok(()),
        false => Err(ServiceError::NotFound),
    }
}

/// Takes some documents in, all or none. Taken again, they change nothing.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not; otherwise the database.
pub async fn take(
    app: &App,
    viewer: &Viewer,
    documents: Vec<WorldDocument>,
) -> Result<Taken, ServiceError> {
    may_take(viewer)?;
    let now = app.now();
    let today = now.plus_days(1).rfc3339();
    let a = app.clone();
    let documents = Arc::new(documents);
    let taken = transact(app, move |tx| {
        let mut taken = Taken::default();
        for document in documents.iter() {
            let known = table::current(tx, &document.id)?;
            let before = known.as_ref().map(WorldDocument::unpacked).transpose()?;
            if let Some(before) = &before
                && (before.bytes == document.bytes
                    // A date in the future must not shut out what is true later.
                    || before.modified > document.modified && before.modified <= today)
            {
                taken.known += 1;
                continue;
            }
            match before {
                None => taken.new += 1,
                Some(_) => taken.changed += 1,
            }
            let names = before.map_or_else(BTreeSet::new, |before| before.names());
            table::put(
                tx,
                &document.id,
                now,
                document.packed()?,
                &document.packages(),
            )?;
            taken.opened += meet::published(&a, tx, document, &names, now)?;
        }
        if taken.opened > 0 {
            jobs::findings_wait(&a, tx, now)?;
        }
        Ok::<_, Fault>(taken)
    })
    .await?;
    if taken.opened > 0 {
        app.wake();
    }
    Ok(taken)
}

/// How many documents of the world are kept.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not read them.
pub async fn documents_kept(app: &App, viewer: &Viewer) -> Result<u64, ServiceError> {
    if !may(viewer, Action::Read, Resource::Watch) {
        return Err(ServiceError::NotFound);
    }
    look(app, |tx| Ok(table::size(tx)?)).await
}
