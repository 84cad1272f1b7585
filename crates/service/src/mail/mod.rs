//! Mail that goes out: a link and no content.
//!
//! Mail is read on the way. Until it is encrypted, no mail about an unpublished case carries a
//! title, a product, a name or a word of the case; the functions of [`templates`] take no such
//! argument. One recipient per mail, so that nobody learns another's address.
//!
//! May not touch the store. What stands in a header is a [`HeaderText`] or an [`Address`], which
//! cannot hold a line break.

mod address;
mod file;
mod header;
mod message;
mod smtp;
pub mod templates;

pub use address::{Address, AddressError};
pub use file::FolderTransport;
pub use header::{HeaderError, HeaderText};
pub use smtp::{Smtp, SmtpError, SmtpSecurity, SmtpSettings};

use std::future::Future;
use std::pin::Pin;
use uuid::Uuid;

/// Subject and text of a mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mail {
    /// The subject.
    pub subject: HeaderText,
    /// The text, with `\n` at the ends of lines.
    pub text: String,
    /// Where a subscriber leaves, for mailing lists only.
    pub unsubscribe: Option<HeaderText>,
}

/// A mail with its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Envelope {
    /// The instance.
    pub from: Address,
    /// The one recipient.
    pub to: Address,
    /// What is sent.
    pub mail: Mail,
    /// The job that sends it, a UUID of version 7. The Message-ID and the date are made of it, so
    /// that a mail sent twice because of a kill is the same mail and can be recognised.
    pub id: Uuid,
}

impl Envelope {
    /// The Message-ID, the same at every attempt.
    pub fn message_id(&self) -> String {
        format!("<{}@{}>", self.id, self.from.domain())
    }
}

/// Why a mail was not handed over. Without addresses and without the server's words, which may
/// repeat them, because this goes to the log.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MailError {
    /// It may work later.
    #[error("the mail could not be handed over and is tried again: {0}")]
    Transient(String),
    /// It will never work.
    #[error("the mail was refused for good: {0}")]
    Permanent(String),
}

impl Mail {
    /// A mail whose subject and text are made fit: the subject is one line.
    fn new(subject: &str, text: String) -> Self {
        Self {
            subject: HeaderText::clean(subject),
            text,
            unsubscribe: None,
        }
    }
}

/// What a transport answers.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;

/// A way for mails to leave.
pub trait Transport: Send + Sync {
    /// Hands one mail over. Sending the same envelope again is harmless but for a second copy.
    fn send<'a>(&'a self, envelope: &'a Envelope) -> Sending<'a>;
}
