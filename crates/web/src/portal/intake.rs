//! Reads the report form as it streams in: texts into memory within their bounds, files straight
//! to the sealed quarantine.

use super::form::{Draft, LONGEST_TEXT, LONGEST_TEXTS};
use crate::api::upload::{self, Unstaged, stage};
use crate::parts::{Form, Part};
use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;
use entente_service::attachments::{self, StagedAttachment};
use entente_service::{App, ServiceError};

/// Parts of one form; far above what the form has.
const MOST_PARTS: usize = 200;

/// The form as it arrived.
#[derive(Debug, Default)]
pub struct Arrived {
    /// The texts, with what is wrong with them.
    pub draft: Draft,
    /// The files, in quarantine.
    pub files: Vec<StagedAttachment>,
    /// Whether files were chosen.
    pub had_files: bool,
    /// Whether the disk was full, so that none could be taken.
    pub files_left_out: bool,
    /// The status that goes with the worst thing that was wrong.
    pub status: Option<StatusCode>,
}

/// Why the form could not be read to its end. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// The body breaks off, is no form, or is too large.
    #[error("{text}")]
    Body {
        /// The status.
        status: StatusCode,
        /// What was wrong.
        text: String,
    },
    /// The quarantine could not take a file.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<MultipartError> for NotRead {
    fn from(error: MultipartError) -> Self {
        Self::Body {
            status: upload::status(&error),
            text: error.body_text(),
        }
    }
}

fn bad(text: &str) -> NotRead {
    NotRead::Body {
        status: StatusCode::BAD_REQUEST,
        text: text.to_owned(),
    }
}

/// Reads the form. What is wrong with single fields is marked in the draft and does not end the
/// reading, so that everything typed can be shown again.
pub async fn read(app: &App, form: Form) -> Result<Arrived, NotRead> {
    let mut arrived = Arrived::default();
    let read = parts(app, form, &mut arrived).await;
    if read.is_err() || !arrived.draft.wrong.is_empty() {
        // The form has to be sent again, and its files with it.
        attachments::discard(app, upload::ids(&std::mem::take(&mut arrived.files))).await;
    }
    read.map(|()| arrived)
}

async fn parts(app: &App, mut form: Form, arrived: &mut Arrived) -> Result<(), NotRead> {
    let mut parts = 0;
    while let Some(field) = form.next_field().await? {
        parts += 1;
        if parts > MOST_PARTS {
            return Err(bad("The form has too many parts."));
        }
        let name = field.name().unwrap_or_default().to_owned();
        if name == "attachments" {
            file(app, arrived, field).await?;
        } else {
            text(arrived, &name, field).await?;
        }
    }
    Ok(())
}

async fn text(arrived: &mut Arrived, name: &str, mut field: Part<'_>) -> Result<(), NotRead> {
    let mut bytes = Vec::new();
    let mut too_long = false;
    while let Some(chunk) = field.chunk().await? {
        if bytes.len() + chunk.len() > LONGEST_TEXT {
            too_long = true;
        } else if !too_long {
            bytes.extend_from_slice(&chunk);
        }
    }
    if too_long || arrived.draft.bytes() + bytes.len() > LONGEST_TEXTS {
        arrived.status = Some(StatusCode::PAYLOAD_TOO_LARGE);
        arrived.draft.mark(
            name,
            format!(
                "This text is longer than {} KiB. Shorten it, or attach it as a file.",
                LONGEST_TEXT / 1024
            ),
        );
        return Ok(());
    }
    let text = String::from_utf8(bytes).map_err(|_| bad("A text of the form is not UTF-8."))?;
    if text.contains('\0') {
        arrived.draft.mark(
            name,
            "This text holds a character that no text has. Attach it as a file.",
        );
        return Ok(());
    }
    if !arrived.draft.put(name, text) {
        return Err(bad("The form has a field that is not known here."));
    }
    Ok(())
}

async fn file(app: &App, arrived: &mut Arrived, mut field: Part<'_>) -> Result<(), NotRead> {
    let limits = &app.config().limits;
    let name = field.file_name().unwrap_or_default().to_owned();
    // What a browser sends for a file input without a file.
    if name.is_empty() {
        return match field.chunk().await? {
            None => Ok(()),
            Some(chunk) if chunk.is_empty() => Ok(()),
            Some(_) => Err(bad("A file has no name.")),
        };
    }
    arrived.had_files = true;
    let full = arrived.files.len() >= usize::try_from(limits.attachments).unwrap_or(usize::MAX);
    if full && arrived.draft.error("attachments").is_none() {
        arrived.status = Some(StatusCode::PAYLOAD_TOO_LARGE);
        arrived.draft.mark(
            "attachments",
            format!("There are more than {} files. Send the others through your receipt code, or put them into one archive.", limits.attachments),
        );
    }
    if full || arrived.files_left_out || arrived.draft.error("attachments").is_some() {
        // Read to its end and dropped, so that the answer reaches the browser.
        while field.chunk().await?.is_some() {}
        return Ok(());
    }
    match stage(app, &name, &mut field).await {
        Ok(staged) => arrived.files.push(staged),
        Err(Unstaged::Service(ServiceError::Full)) => {
            // The report goes on without them (decision 25).
            arrived.files_left_out = true;
            let taken = std::mem::take(&mut arrived.files);
            attachments::discard(app, upload::ids(&taken)).await;
        }
        Err(Unstaged::Service(ServiceError::Invalid { why, remedy, .. })) => {
            arrived.status = Some(StatusCode::PAYLOAD_TOO_LARGE);
            arrived.draft.mark("attachments", format!("{why} {remedy}"));
        }
        Err(Unstaged::Service(error)) => return Err(NotRead::Service(error)),
        Err(Unstaged::Body(error)) => return Err(error.into()),
    }
    Ok(())
}
