//! Files on their way from a request to the sealed quarantine.
//!
//! Sealing writes to the disk, so it has a thread of its own; the request hands the pieces over.
//! Only a file that came to its end is finished: one that breaks off leaves nothing.

use super::fault::Fault;
use super::input::{Json, LARGEST_BODY, essence};
use super::shape::Shape;
use super::strict;
use crate::parts::{Form, Part};
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use bytes::Bytes;
use entente_domain::ids::AttachmentId;
use entente_service::App;
use entente_service::ServiceError;
use entente_service::attachments::{self, StagedAttachment, Staging};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Pieces on the way at once.
const PIECES: usize = 4;

enum Piece {
    Data(Bytes),
    End,
}

/// The end that the request holds.
#[derive(Debug)]
pub struct Pieces(mpsc::Sender<Piece>);

/// The end that seals.
#[derive(Debug)]
pub struct Sealing(JoinHandle<Result<Option<StagedAttachment>, ServiceError>>);

/// Starts to seal a file.
pub fn seal(mut staging: Staging) -> (Pieces, Sealing) {
    let (pieces, mut arriving) = mpsc::channel(PIECES);
    let sealing = tokio::task::spawn_blocking(move || {
        loop {
            match arriving.blocking_recv() {
                Some(Piece::Data(data)) => staging.push(&data)?,
                Some(Piece::End) => return staging.finish().map(Some),
                None => return Ok(None),
            }
        }
    });
    (Pieces(pieces), Sealing(sealing))
}

impl Pieces {
    /// Hands a piece over; `false` when the other end hung up and has the reason.
    pub async fn push(&self, data: Bytes) -> bool {
        self.0.send(Piece::Data(data)).await.is_ok()
    }
}

impl Sealing {
    /// Finishes the file, after its last piece.
    pub async fn finish(self, pieces: Pieces) -> Result<StagedAttachment, ServiceError> {
        // Fails only where the other end hung up; then its reason comes out below.
        let _ = pieces.0.send(Piece::End).await;
        drop(pieces);
        match self.0.await {
            Ok(Ok(Some(staged))) => Ok(staged),
            Ok(Ok(None)) => Err(ServiceError::Unavailable),
            Ok(Err(error)) => Err(error),
            Err(error) => Err(ServiceError::internal(error)),
        }
    }
}

/// The status of a form that cannot be read: a body that breaks off is no fault of ours.
pub fn status(error: &MultipartError) -> StatusCode {
    match error.status() {
        StatusCode::INTERNAL_SERVER_ERROR => StatusCode::BAD_REQUEST,
        status => status,
    }
}

/// Why a file of a form is not in quarantine.
#[derive(Debug)]
pub enum Unstaged {
    /// The form cannot be read.
    Body(MultipartError),
    /// The quarantine did not take it.
    Service(ServiceError),
}

/// Streams one file of a form to the quarantine.
pub async fn stage(
    app: &App,
    name: &str,
    field: &mut Part<'_>,
) -> Result<StagedAttachment, Unstaged> {
    let staging = attachments::begin(app, name).map_err(Unstaged::Service)?;
    let (pieces, sealing) = seal(staging);
    let mut listens = true;
    while let Some(data) = field.chunk().await.map_err(Unstaged::Body)? {
        // Once the other end hung up the rest is read and dropped, so that the answer arrives.
        listens = listens && pieces.push(data).await;
    }
    sealing.finish(pieces).await.map_err(Unstaged::Service)
}

/// A JSON body, alone or as the part `json` of a form with files as `attachments`.
#[derive(Debug)]
pub struct WithFiles {
    /// The document.
    pub json: Json,
    /// The files, in quarantine.
    pub files: Vec<StagedAttachment>,
}

impl FromRequest<App> for WithFiles {
    type Rejection = Fault;
    async fn from_request(request: Request, app: &App) -> Result<Self, Fault> {
        if !essence(request.headers()).eq_ignore_ascii_case("multipart/form-data") {
            return Ok(Self {
                json: Json::from_request(request, app).await?,
                files: Vec::new(),
            });
        }
        let mut arrived = Arrived::default();
        if let Err(fault) = arrived.read(app, request).await {
            arrived.refuse(fault);
        }
        match (arrived.wrong, arrived.json) {
            (None, Some(json)) => Ok(Self {
                json,
                files: arrived.files,
            }),
            (wrong, _) => {
                attachments::discard(app, ids(&arrived.files)).await;
                Err(wrong.unwrap_or_else(|| {
                    Fault::bad(
                        "json",
                        "This part is missing.",
                        "Send the document as the part `json`.",
                    )
                }))
            }
        }
    }
}

impl WithFiles {
    /// The document as our own type, and the files; they are removed where it has not its shape.
    pub async fn read<T: DeserializeOwned>(
        self,
        app: &App,
        shape: &Shape,
    ) -> Result<(T, Vec<StagedAttachment>), Fault> {
        match self.json.into(shape) {
            Ok(document) => Ok((document, self.files)),
            Err(fault) => {
                attachments::discard(app, ids(&self.files)).await;
                Err(fault)
            }
        }
    }
}

/// The ids of files.
pub fn ids(files: &[StagedAttachment]) -> Vec<AttachmentId> {
    files.iter().map(|f| f.id).collect()
}

fn unread(error: MultipartError) -> Fault {
    match status(&error) {
        StatusCode::PAYLOAD_TOO_LARGE => large(
            "",
            "The request is too large.",
            "Send the files in several requests.",
        ),
        _ => Fault::bad("", error.body_text(), "Send it again, whole."),
    }
}

fn large(field: &str, detail: impl Into<String>, remedy: impl Into<String>) -> Fault {
    Fault::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too-large",
        "Too large",
        detail,
        remedy,
    )
    .at(field)
}

/// A form on its way in. What is wrong is kept and the rest read and dropped, so that the answer
/// arrives.
#[derive(Default)]
struct Arrived {
    json: Option<Json>,
    files: Vec<StagedAttachment>,
    wrong: Option<Fault>,
}

impl Arrived {
    fn refuse(&mut self, fault: Fault) {
        self.wrong.get_or_insert(fault);
    }

    async fn read(&mut self, app: &App, request: Request) -> Result<(), Fault> {
        let mut form = Form::of(app, request)
            .await
            .map_err(|error| Fault::bad("", error.body_text(), "Send a form with a boundary."))?;
        while let Some(mut field) = form.next_field().await.map_err(unread)? {
            match field.name() {
                Some("json") => self.json(&mut field).await?,
                Some("attachments") => self.file(app, &mut field).await?,
                _ => {
                    self.refuse(Fault::bad(
                        "",
                        "The form has a part that is not known here.",
                        "Send `json` once, and files as `attachments`.",
                    ));
                    field.skip().await.map_err(unread)?;
                }
            }
        }
        Ok(())
    }

    async fn json(&mut self, field: &mut Part<'_>) -> Result<(), Fault> {
        let mut bytes = Vec::new();
        let mut length = 0_usize;
        while let Some(chunk) = field.chunk().await.map_err(unread)? {
            length = length.saturating_add(chunk.len());
            if length <= LARGEST_BODY {
                bytes.extend_from_slice(&chunk);
            }
        }
        if length > LARGEST_BODY {
            self.refuse(Fault::too_large(LARGEST_BODY));
        } else if self.json.is_some() {
            self.refuse(Fault::bad(
                "json",
                "This part stands twice.",
                "Send it once.",
            ));
        } else {
            match strict::parse(&bytes) {
                Ok(value) => self.json = Some(Json(value)),
                Err(error) => self.refuse(error.into()),
            }
        }
        Ok(())
    }

    async fn file(&mut self, app: &App, field: &mut Part<'_>) -> Result<(), Fault> {
        let most = app.config().limits.attachments;
        let name = field.file_name().unwrap_or_default().to_owned();
        if name.is_empty() {
            self.refuse(Fault::bad(
                "attachments",
                "A file has no name.",
                "Send it with `filename`.",
            ));
        } else if self.files.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
            self.refuse(large(
                "attachments",
                format!("There are more than {most} files."),
                "Send the others in another message, or put them into one archive.",
            ));
        }
        if self.wrong.is_some() {
            while field.chunk().await.map_err(unread)?.is_some() {}
            return Ok(());
        }
        match stage(app, &name, field).await {
            Ok(staged) => self.files.push(staged),
            Err(Unstaged::Service(error)) => self.refuse(unsealed(error)),
            Err(Unstaged::Body(error)) => return Err(unread(error)),
        }
        Ok(())
    }
}

/// Why the quarantine did not take a file, for a caller.
pub fn unsealed(error: ServiceError) -> Fault {
    match error {
        ServiceError::Invalid { why, remedy, .. } => large("attachments", why, remedy),
        other => other.into(),
    }
}
