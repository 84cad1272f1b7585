//! Files of a case: handed in by staff, and given out for download only.
//!
//! What a file holds is never looked at here: it goes sealed to the quarantine and comes back as
//! bytes.

use super::Answer;
use crate::api::upload::{Unstaged, stage, status};
use crate::parts::{Form, Part};
use crate::portal::words;
use crate::problem::Problem;
use crate::session::Staff;
use axum::extract::multipart::MultipartError;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use entente_domain::command::CommandKind;
use entente_domain::ids::{AttachmentId, ReportId};
use entente_service::attachments::StagedAttachment;
use entente_service::cases::{self, CaseFile};
use entente_service::{App, attachments};

/// The longest value of a field beside the file.
const LONGEST_FIELD: usize = 200;

/// How large a file may be, or why none may be added to this case now.
pub fn open_to(app: &App, file: &CaseFile) -> Result<String, String> {
    let action = file
        .actions
        .iter()
        .find(|a| a.kind == CommandKind::AddAttachment);
    match action.map(|a| &a.refusal) {
        Some(None) => Ok(words::size(app.config().limits.attachment_bytes)),
        Some(Some(r)) => Err(format!("{} {}", r.why, r.remedy)),
        None => Err("You may read this case, not change it.".to_owned()),
    }
}

/// Takes a file of staff in: for the record alone, or for one reporter's thread.
pub async fn attach(
    State(app): State<App>,
    staff: Staff,
    Path(number): Path<i64>,
    request: Request,
) -> Answer {
    // Whoever may not see the case does not get to fill the disk.
    let case = cases::id_by_number(&app, staff.viewer(), number).await?;
    let form = Form::of(&app, request)
        .await
        .map_err(|e| Problem::of(e.status(), e.body_text()))?;
    let (staged, report) = read(&app, &staff, form).await?;
    let id = staged.id;
    let done = attachments::add(&app, staff.viewer(), case, report, staged).await;
    attachments::settled(&app, vec![id], done).await?;
    Ok(Redirect::to(&format!("/console/cases/{number}?said=done#files-title")).into_response())
}

/// The file and whose thread it is for. The form's token comes before the file, so that nothing is
/// written for a form that another page made.
async fn read(
    app: &App,
    staff: &Staff,
    mut form: Form,
) -> Result<(StagedAttachment, Option<ReportId>), Problem> {
    let (mut ours, mut report) = (false, None);
    while let Some(mut part) = form.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "csrf" => ours = staff.form_is_ours(&text(&mut part).await?),
            _ if !ours => break,
            "report" => {
                let id = text(&mut part).await?;
                report = match id.as_str() {
                    "" => None,
                    id => Some(id.parse().map(ReportId).map_err(|_| {
                        wrong("Whose thread the file is for is not clear. Choose it again.")
                    })?),
                };
            }
            "file" => {
                let called = part.file_name().unwrap_or_default().to_owned();
                if called.is_empty() {
                    return Err(wrong("There is no file. Choose one, then send the form."));
                }
                return match stage(app, &called, &mut part).await {
                    Ok(staged) => Ok((staged, report)),
                    Err(Unstaged::Service(error)) => Err(error.into()),
                    Err(Unstaged::Body(error)) => Err(broken(error)),
                };
            }
            _ => part.skip().await.map_err(broken)?,
        }
    }
    if ours {
        Err(wrong("There is no file. Choose one, then send the form."))
    } else {
        Err(super::foreign())
    }
}

async fn text(part: &mut Part<'_>) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > LONGEST_FIELD {
            return Err(wrong("A field of the form is too long."));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| wrong("A field of the form is not UTF-8."))
}

fn wrong(text: &str) -> Problem {
    Problem::of(StatusCode::UNPROCESSABLE_ENTITY, text)
}

fn broken(error: MultipartError) -> Problem {
    Problem::of(status(&error), error.body_text())
}

/// An attachment, as a download and never as a page.
pub async fn attachment(
    State(app): State<App>,
    staff: Staff,
    Path((number, id)): Path<(i64, AttachmentId)>,
) -> Answer {
    let case = cases::id_by_number(&app, staff.viewer(), number).await?;
    let (view, bytes) = attachments::open(&app, staff.viewer(), case, id).await?;
    let plain: String = view
        .name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | ';' | '%') {
                c
            } else {
                '_'
            }
        })
        .collect();
    Ok((
        [
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{plain}\""),
            ),
            (
                header::CONTENT_SECURITY_POLICY,
                "sandbox; default-src 'none'".to_owned(),
            ),
        ],
        bytes,
    )
        .into_response())
}
