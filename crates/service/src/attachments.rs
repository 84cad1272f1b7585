//! Attachments: sealed before the first byte reaches the disk, never shown inline.

use crate::cases::AttachmentView;
use crate::error::ServiceError;
use crate::{App, Fault, cases, look, transact};
use entente_domain::access::Viewer;
use entente_domain::command::Command;
use entente_domain::ids::{AttachmentId, CaseId, ReportId};
use entente_domain::time::Timestamp;
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
    let view = AttachmentView {
        id: found.id,
        name: found.facts.name.clone(),
        bytes: found.facts.bytes,
        sha256: found.facts.sha256.clone(),
        at: found.at,
    };
    let blobs = std::sync::Arc::clone(app.blobs());
    let content = tokio::task::spawn_blocking(move || {
        entente_store::attachments::read_all(blobs.as_ref(), &found)
    })
    .await
    .map_err(ServiceError::internal)??;
    Ok((view, content))
}
