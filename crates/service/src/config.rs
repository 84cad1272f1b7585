//! Settings of the instance that the use cases need. Read by the binary, passed in.

use serde::{Deserialize, Serialize};

/// Who runs the instance and publishes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Name, as it stands in advisories.
    pub name: String,
    /// The organisation's own web address (CSAF publisher namespace).
    pub namespace: String,
    /// How the public reaches the PSIRT, in words.
    pub contact: String,
    /// The prefix of public advisory ids, such as `EX` for `EX-2026-0001`.
    pub advisory_prefix: String,
    /// Language of the documents (BCP 47).
    #[serde(default = "english")]
    pub language: String,
}

fn english() -> String {
    "en".to_owned()
}

/// How many reports may come in before the waiting ticket is asked for (decision 22). Data, so
/// that a flood can be answered without a new version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Reports an hour from one address without a ticket.
    pub reports_per_address_hour: u32,
    /// Reports an hour in all without a ticket, and as many with one; a ticket counts once.
    pub reports_per_hour: u32,
    /// Tries of a receipt code an hour from one address.
    pub codes_per_address_hour: u32,
    /// Tries to sign in an hour from one address.
    pub sign_ins_per_address_hour: u32,
    /// Tries to sign in an hour for one account.
    pub sign_ins_per_account_hour: u32,
    /// Seconds until a waiting ticket matures.
    pub ticket_wait_seconds: u32,
    /// Bytes of one attachment.
    pub attachment_bytes: u64,
    /// Attachments of one report or message.
    pub attachments: u32,
    /// Bytes of one request with files.
    pub request_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            reports_per_address_hour: 10,
            reports_per_hour: 1_000,
            codes_per_address_hour: 30,
            sign_ins_per_address_hour: 60,
            sign_ins_per_account_hour: 20,
            ticket_wait_seconds: 30,
            attachment_bytes: 25 * 1024 * 1024,
            attachments: 10,
            request_bytes: 300 * 1024 * 1024,
        }
    }
}

/// Settings that the use cases need.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// Where people reach the instance, without a slash at the end.
    pub base_url: String,
    /// Who runs it.
    pub organisation: Organisation,
    /// The sender of mails.
    pub mail_from: String,
    /// Whether this is the demonstration: personas may be switched with a click.
    pub demo: bool,
    /// Limits.
    pub limits: Limits,
}
