//! The bytes of a mail: headers and MIME, by `lettre`.

use super::{Address, Envelope, MailError};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, SinglePart};
use std::time::{Duration, SystemTime};

/// Longest text that is sent.
const MOST_TEXT_BYTES: usize = 64 * 1024;

/// Builds the message; a mail that cannot be built never can.
pub(super) fn build(envelope: &Envelope) -> Result<Message, MailError> {
    let permanent = |what: &str| MailError::Permanent(what.to_owned());
    let mail = &envelope.mail;
    if mail.text.len() > MOST_TEXT_BYTES {
        return Err(permanent("its text is too long"));
    }
    // The date is in the job's id: the same at every attempt, and no clock is read.
    let (seconds, nanos) = envelope
        .id
        .get_timestamp()
        .map_or((0, 0), |at| at.to_unix());
    let date = SystemTime::UNIX_EPOCH
        .checked_add(Duration::new(seconds, nanos))
        .ok_or_else(|| permanent("its date is out of range"))?;
    let mut builder = Message::builder()
        .from(mailbox(&envelope.from)?)
        .to(mailbox(&envelope.to)?)
        .subject(mail.subject.as_str())
        .date(date)
        .message_id(Some(envelope.message_id()))
        // RFC 3834: nobody answers by a machine, so that no loop begins.
        .raw_header(raw("Auto-Submitted", "auto-generated"));
    if let Some(link) = &mail.unsubscribe {
        builder = builder.raw_header(raw("List-Unsubscribe", &format!("<{link}>")));
    }
    let text: String = mail
        .text
        .chars()
        .filter(|c| *c == '\n' || !c.is_control())
        .collect();
    builder
        .singlepart(SinglePart::plain(text.replace('\n', "\r\n")))
        .map_err(|_| permanent("it could not be built"))
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn mailbox(address: &Address) -> Result<Mailbox, MailError> {
    lettre::Address::new(address.local(), address.domain())
        .map(|address| Mailbox::new(None, address))
        .map_err(|_| MailError::Permanent("its address is refused".to_owned()))
}
