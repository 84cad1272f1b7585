//! The public report form as a browser sends it, and what its answer page shows.

use crate::http::Answer;

const BOUNDARY: &str = "----entente-harness-5f1c0a77";

/// A form on its way.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<u8>);

impl Form {
    /// An empty form.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a text.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        self.0.extend_from_slice(part.as_bytes());
        self
    }

    /// With a file.
    #[must_use]
    pub fn file(mut self, name: &str, content: &[u8]) -> Self {
        self.0.extend_from_slice(file_head(name).as_bytes());
        self.0.extend_from_slice(content);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    /// The bytes of the body.
    #[must_use]
    pub fn body(mut self) -> Vec<u8> {
        self.0.extend_from_slice(end().as_bytes());
        self.0
    }

    /// The bytes without the end: the upload breaks off.
    #[must_use]
    pub fn unfinished(self) -> Vec<u8> {
        self.0
    }
}

/// What stands before the content of a file.
#[must_use]
pub fn file_head(name: &str) -> String {
    format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"attachments\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    )
}

/// What stands after the last part.
#[must_use]
pub fn end() -> String {
    format!("--{BOUNDARY}--\r\n")
}

/// The content type of the form.
#[must_use]
pub fn content_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// Receipt code and reference, read from the page that a sent report answers with.
#[must_use]
pub fn receipt(page: &Answer) -> Option<(String, String)> {
    if page.status != 201 {
        return None;
    }
    let text = page.text();
    let code = between(&text, "aria-label=\"Receipt code\">", "<")?;
    let reference = between(&text, "Reference: <code>", "<")?;
    Some((code.to_owned(), reference.to_owned()))
}

/// What stands between two marks.
#[must_use]
pub fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}
