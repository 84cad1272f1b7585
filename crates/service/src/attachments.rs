//! Attachments: sealed before the first byte reaches the disk, never shown inline.

use crate::cases::AttachmentView;
use crate::error::ServiceError;
use crate::{App, Fault, cases, fold, look, reports, transact};
use entente_domain::access::{SystemViewer, Viewer};
use entente_domain::command::Command;
use entente_domain::ids::{AttachmentId, CaseId, ReportId};
use entente_domain::time::Timestamp;
use entente_store::Tx;
use entente_store::attachments::{Attachment, Facts, Sealer};
use zeroize::Zeroizing;

/// A file that is sealed and checked but belongs to no case yet. Without a case it is swept after
/// a day.
#[derive(Clone, PartialEq, Debug)]
pub struct StagedAttachment {
    /// Its id.
    pub id: AttachmentId,
    /// Its safe name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its content, hex.
    pub sha256: String,
    key: Zeroizing<[u8; 32]>,
}

impl StagedAttachment {
    pub(crate) fn row(&self, case: CaseId, report: Option<ReportId>, at: Timestamp) -> Attachment {
        Attachment {
            id: self.id,
            case,
            at,
            facts: Facts {
                name: self.name.clone(),
                bytes: self.bytes,
                sha256: self.sha256.clone(),
                report,
            },
            key: self.key.clone(),
        }
    }
}

/// A file name that is safe to show and to offer: no folders, no control or direction characters.
pub fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe: String = last
        .chars()
        .filter(|c| {
            !c.is_control()
                && !matches!(*c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '"' | ';')
        })
        .take(120)
        .collect();
    let safe = safe.trim().trim_start_matches('.').to_owned();
    if safe.is_empty() {
        "attachment".to_owned()
    } else {
        safe
    }
}

/// A file that is being received, piece by piece.
pub struct Staging {
    id: AttachmentId,
    name: String,
    sealer: Sealer,
    limit: u64,
}

/// Begins to receive a file.
pub fn begin(app: &App, name: &str) -> Result<Staging, ServiceError> {
    let id = AttachmentId(app.random().id(app.now()));
    Ok(Staging {
        id,
        name: safe_name(name),
        sealer: Sealer::begin(app.blobs().as_ref(), id, app.random())?,
        limit: app.config().limits.attachment_bytes,
    })
}

impl Staging {
    /// Takes more bytes; over the limit nothing of the file stays.
    pub fn push(&mut self, data: &[u8]) -> Result<(), ServiceError> {
        let after = self
            .sealer
            .taken()
            .saturating_add(u64::try_from(data.len()).unwrap_or(u64::MAX));
        if after > self.limit {
            return Err(ServiceError::invalid(
                "attachment",
                "The file is too large.",
                format!(
                    "Attach files of at most {} MiB, or split it.",
                    self.limit / (1024 * 1024)
                ),
            ));
        }
        Ok(self.sealer.push(data)?)
    }

    /// Makes the file durable.
    pub fn finish(self) -> Result<StagedAttachment, ServiceError> {
        let (bytes, hash, key) = self.sealer.finish()?;
        Ok(StagedAttachment {
            id: self.id,
            name: self.name,
            bytes,
            sha256: data_encoding::HEXLOWER.encode(&hash),
            key,
        })
    }
}

/// Removes files that were received for something that was refused, so that nobody fills the disk
/// with what is not taken. What is missed here is swept after a day.
pub async fn discard(app: &App, files: Vec<AttachmentId>) {
    let blobs = std::sync::Arc::clone(app.blobs());
    let removed =
        tokio::task::spawn_blocking(move || files.into_iter().try_for_each(|id| blobs.remove(id)))
            .await;
    if !matches!(removed, Ok(Ok(()))) {
        tracing::warn!("files that were refused could not be removed");
    }
}

/// Passes a result on, and [`discard`]s the files that came along where it is certain that they
/// belong to nothing.
pub async fn settled<T>(
    app: &App,
    files: Vec<AttachmentId>,
    done: Result<T, ServiceError>,
) -> Result<T, ServiceError> {
    if !files.is_empty() && done.as_ref().is_err_and(ServiceError::changed_nothing) {
        discard(app, files).await;
    }
    done
}

/// Adds a received file to a case.
pub async fn add(
    app: &App,
    viewer: &Viewer,
    case: CaseId,
    report: Option<ReportId>,
    staged: StagedAttachment,
) -> Result<(), ServiceError> {
    let (a, v) = (app.clone(), viewer.clone());
    let now = app.now();
    transact(app, move |tx| {
        let command = Command::AddAttachment {
            attachment: staged.id,
            report,
            bytes: staged.bytes,
        };
        cases::act_in(&a, tx, &v, case, None, &command, now)?;
        entente_store::attachments::insert(tx, &staged.row(case, report, now))?;
        Ok(())
    })
    .await
}

/// Files that one report may gather in its thread.
const MOST_OF_A_REPORT: usize = 100;

/// The reporter writes and sends files along: all of it, or nothing.
pub async fn write(
    app: &App,
    viewer: &Viewer,
    body: &str,
    files: Vec<StagedAttachment>,
) -> Result<(), ServiceError> {
    let (case, report) = reports::own_case(app, viewer).await?;
    if files.is_empty() {
        // What needs no room for files lands on a full disk too.
        return reports::write(app, viewer, body).await;
    }
    let (a, v, body) = (app.clone(), viewer.clone(), body.to_owned());
    let now = app.now();
    transact(app, move |tx| {
        if !files.is_empty() && of_thread(tx, case, report)?.len() + files.len() > MOST_OF_A_REPORT
        {
            return Err(Fault::Service(ServiceError::invalid(
                "attachments",
                format!("A report takes at most {MOST_OF_A_REPORT} files."),
                "Put several into one archive, or ask for another way.",
            )));
        }
        let message = Command::ReporterWrites {
            report,
            body: body.clone(),
        };
        cases::act_in(&a, tx, &v, case, None, &message, now)?;
        for staged in &files {
            let command = Command::AddAttachment {
                attachment: staged.id,
                report: Some(report),
                bytes: staged.bytes,
            };
            cases::act_in(&a, tx, &v, case, None, &command, now)?;
            entente_store::attachments::insert(tx, &staged.row(case, Some(report), now))?;
        }
        Ok(())
    })
    .await?;
    app.wake();
    Ok(())
}

/// The files of a report's thread, wherever they came in: those of a merged case stay with it.
fn of_thread(tx: &mut Tx<'_>, case: CaseId, report: ReportId) -> Result<Vec<Attachment>, Fault> {
    let fold = fold::case(tx, case)?.ok_or(Fault::Service(ServiceError::NotFound))?;
    let came_from = fold.report(report).and_then(|r| r.absorbed_from);
    let mut found = Vec::new();
    for case in came_from.into_iter().chain([case]) {
        found.extend(
            entente_store::attachments::of_case(tx, case)?
                .into_iter()
                .filter(|a| a.facts.report == Some(report)),
        );
    }
    Ok(found)
}

/// The same for the holder of the receipt code. Which report a file belongs to is sealed, so the
/// rows are read with the eyes of the intake and narrowed here to the one report.
async fn own(app: &App, viewer: &Viewer) -> Result<Vec<Attachment>, ServiceError> {
    let (case, report) = reports::own_case(app, viewer).await?;
    look(app, move |tx| {
        tx.act_as(&Viewer::System(SystemViewer::Intake))?;
        of_thread(tx, case, report)
    })
    .await
}

/// The files of the reporter's own thread, oldest first.
pub async fn list_own(app: &App, viewer: &Viewer) -> Result<Vec<AttachmentView>, ServiceError> {
    let mut found: Vec<AttachmentView> = own(app, viewer)
        .await?
        .into_iter()
        .map(AttachmentView::from)
        .collect();
    found.sort_by_key(|a| (a.at, a.id));
    Ok(found)
}

/// The content of a file of the reporter's own thread.
pub async fn open_own(
    app: &App,
    viewer: &Viewer,
    id: AttachmentId,
) -> Result<(AttachmentView, Vec<u8>), ServiceError> {
    let found = own(app, viewer)
        .await?
        .into_iter()
        .find(|a| a.id == id)
        .ok_or(ServiceError::NotFound)?;
    content(app, found).await
}

/// An attachment's content, for a download; length and hash are checked before a byte goes out.
pub async fn open(
    app: &App,
    viewer: &Viewer,
    case: CaseId,
    id: AttachmentId,
) -> Result<(AttachmentView, Vec<u8>), ServiceError> {
    let v = viewer.clone();
    let found = look(app, move |tx| {
        cases::load(tx, &v, case)?;
        entente_store::attachments::get(tx, id)?
            .filter(|a| a.case == case)
            .ok_or(Fault::Service(ServiceError::NotFound))
    })
    .await?;
    content(app, found).await
}

async fn content(app: &App, found: Attachment) -> Result<(AttachmentView, Vec<u8>), ServiceError> {
    let view = AttachmentView::from(found.clone());
    let blobs = std::sync::Arc::clone(app.blobs());
    let content = tokio::task::spawn_blocking(move || {
        entente_store::attachments::read_all(blobs.as_ref(), &found)
    })
    .await
    .map_err(ServiceError::internal)??;
    Ok((view, content))
}
