//! Import of a vendor's earlier advisories as CSAF 2.0: the original bytes are what is published
//! (decision 35), and each advisory gets a case so that it can be found and revised.
//!
//! One run is one transaction: either every document is in, or none is and the report says why.
//! Reading and judging is done in batches before it. The same bytes again change nothing.

mod prepare;

use crate::error::ServiceError;
use crate::{App, Fault, project, transact};
use entente_domain::access::{Role, SystemViewer, Viewer};
use entente_domain::case::Case;
use entente_domain::decide;
use entente_domain::ids::CaseId;
use entente_store::advisories::{self as table, Published};
use entente_store::{Tx, counters, journal};
use prepare::Prepared;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Documents of one run.
const MOST_DOCUMENTS: usize = 20_000;
/// Documents that are read in one go.
const BATCH: usize = 50;

/// A document to import.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportFile {
    /// What the caller calls it; refusals name it.
    pub name: String,
    /// The document, byte for byte.
    pub bytes: Vec<u8>,
    /// Its detached signature, armoured, where there is one.
    pub signature: Option<Vec<u8>>,
}

/// What a run came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImportReport {
    /// Documents that were taken in; none where anything was refused.
    pub imported: usize,
    /// Documents that were there already, byte for byte.
    pub unchanged: usize,
    /// Documents that were refused, and why.
    pub refused: Vec<(String, String)>,
}

/// Imports advisories. `progress` hears how many of how many were read.
pub async fn csaf(
    app: &App,
    viewer: &Viewer,
    documents: Vec<ImportFile>,
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> Result<ImportReport, ServiceError> {
    let importer = matches!(
        viewer,
        Viewer::System(SystemViewer::Importer | SystemViewer::Operator)
    );
    if !importer && !viewer.has(Role::Lead) {
        return Err(ServiceError::NotFound);
    }
    let total = documents.len();
    if total > MOST_DOCUMENTS {
        return Err(ServiceError::invalid(
            "documents",
            format!("More than {MOST_DOCUMENTS} documents."),
            "Import them in several runs.",
        ));
    }
    let (prepared, mut refused) = prepare_all(documents, progress).await?;
    let prepared = once_each(prepared, &mut refused);
    if !refused.is_empty() {
        return Ok(ImportReport {
            refused,
            ..ImportReport::default()
        });
    }
    let (a, v) = (app.clone(), viewer.clone());
    let prepared = Arc::new(prepared);
    let report = transact(app, move |tx| flip(&a, tx, &v, &prepared)).await?;
    app.wake();
    Ok(report)
}

/// Reads the documents in batches, away from the threads that answer requests.
async fn prepare_all(
    documents: Vec<ImportFile>,
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> Result<(Vec<Prepared>, Vec<(String, String)>), ServiceError> {
    let total = documents.len();
    let (mut prepared, mut refused, mut done) = (Vec::with_capacity(total), Vec::new(), 0);
    let mut rest = documents.into_iter();
    loop {
        let batch: Vec<ImportFile> = rest.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok((prepared, refused));
        }
        done += batch.len();
        let read = tokio::task::spawn_blocking(move || {
            batch
                .into_iter()
                .map(|file| {
                    let name = file.name.clone();
                    prepare::prepare(file).map_err(|why| (name, why))
                })
                .collect::<Vec<_>>()
        })
        .await
        .map_err(ServiceError::internal)?;
        for document in read {
            match document {
                Ok(document) => prepared.push(document),
                Err(refusal) => refused.push(refusal),
            }
        }
        progress(done, total);
    }
}

/// Two documents of one run may not claim the same id or the same file.
fn once_each(prepared: Vec<Prepared>, refused: &mut Vec<(String, String)>) -> Vec<Prepared> {
    let mut kept: Vec<Prepared> = Vec::with_capacity(prepared.len());
    let mut by_file: BTreeMap<String, usize> = BTreeMap::new();
    for document in prepared {
        let Some(other) = by_file.get(&document.file_name).and_then(|n| kept.get(*n)) else {
            by_file.insert(document.file_name.clone(), kept.len());
            kept.push(document);
            continue;
        };
        refused.push((
            document.name.clone(),
            format!(
                "{} has the same tracking id or file name; import only the newest version of each advisory.",
                other.name
            ),
        ));
    }
    kept
}

/// Takes everything in, inside of one transaction.
fn flip(
    app: &App,
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    documents: &[Prepared],
) -> Result<ImportReport, Fault> {
    let mut report = ImportReport::default();
    let mut work = Vec::new();
    for document in documents {
        match judge(tx, document)? {
            Ok(Some(next)) => work.push((document, next)),
            Ok(None) => report.unchanged += 1,
            Err(why) => report.refused.push((document.name.clone(), why)),
        }
    }
    if !report.refused.is_empty() {
        report.unchanged = 0;
        return Ok(report);
    }
    for (document, next) in work {
        take(app, tx, viewer, document, &next)?;
        report.imported += 1;
    }
    Ok(report)
}

/// Where a document goes.
enum Next {
    /// It is new.
    Fresh,
    /// It follows this revision.
    After(Box<Published>),
}

/// Compares a document with what is there.
fn judge(tx: &mut Tx<'_>, document: &Prepared) -> Result<Result<Option<Next>, String>, Fault> {
    if let Some(there) = table::current(tx, &document.public_id)? {
        if !there.imported {
            return Ok(Err(
                "This id belongs to an advisory that was published here; revise it in its case."
                    .to_owned(),
            ));
        }
        if there.document == document.bytes && there.signature == document.signature {
            return Ok(Ok(None));
        }
        if document.released_at < there.released_at {
            return Ok(Err(format!(
                "It is older than the revision of {} that is here; import the newest one.",
                there.released_at
            )));
        }
        return Ok(Ok(Some(Next::After(Box::new(there)))));
    }
    if let Some(other) = table::by_file(tx, &document.file_name)? {
        return Ok(Err(format!(
            "Its file name {} belongs to {}; give one of them another tracking id.",
            other.file_name, other.public_id
        )));
    }
    Ok(Ok(Some(Next::Fresh)))
}

fn take(
    app: &App,
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    document: &Prepared,
    next: &Next,
) -> Result<(), Fault> {
    let now = app.now();
    let (mut case, revision) = match next {
        Next::Fresh => (
            Case::empty(CaseId(app.random().id(now))),
            document.page.revision,
        ),
        Next::After(there) => {
            let case = crate::fold::case(tx, there.case)?.ok_or_else(|| {
                Fault::Service(ServiceError::internal("an advisory without its case"))
            })?;
            (
                case,
                document.page.revision.max(there.revision.saturating_add(1)),
            )
        }
    };
    let fresh = matches!(next, Next::Fresh);
    let decided = if fresh {
        journal::create_stream(tx, case.id.0, "case", now)?;
        decide::open_history(
            case.id,
            counters::next(tx, "case")?,
            &document.public_id,
            &document.page.title,
            document.page.initial_release,
            document.page.cves.clone(),
            document.products.clone(),
        )
    } else {
        decide::renew_history(
            &case,
            &document.public_id,
            &document.page.title,
            document.page.initial_release,
            document.page.cves.clone(),
            document.products.clone(),
        )
    };
    project::append(tx, &mut case, &decided, viewer, now)?;
    let mut page = document.page.clone();
    page.revision = revision;
    let listing =
        serde_json::to_vec(&page).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
    table::publish(
        tx,
        &Published {
            public_id: document.public_id.clone(),
            revision,
            current: true,
            case: case.id,
            file_name: document.file_name.clone(),
            imported: true,
            first_released_at: document.page.initial_release,
            released_at: document.released_at,
            listing,
            document: document.bytes.clone(),
            signature: document.signature.clone(),
        },
    )?;
    Ok(())
}
