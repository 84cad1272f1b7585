//! Every mail that goes out, one function each. None of them can say what a report is about:
//! they take links, never a text of the case. A published advisory is public and is named.

use super::header::clean;
use super::{HeaderText, Mail};
use crate::config::Config;

/// Longest line of a text that comes from outside, in characters.
const LONGEST_LINE: usize = 500;

fn line(text: &str) -> String {
    clean(text, LONGEST_LINE)
}

fn mail(config: &Config, subject: &str, paragraphs: &[&str]) -> Mail {
    let organisation = line(&config.organisation.name);
    let contact = line(&config.organisation.contact);
    let text = paragraphs.join("\n\n");
    Mail::new(
        subject,
        format!(
            "{text}\n\n-- \n{organisation}\n{contact}\n{}\n",
            config.base_url
        ),
    )
}

fn status(config: &Config) -> String {
    format!("{}/status", config.base_url)
}

/// The automatic receipt of a report. Says that it is automatic.
pub fn receipt(config: &Config) -> Mail {
    mail(
        config,
        "We received your report",
        &[
            "Thank you for your report.",
            "This is an automatic receipt. A person will read the report and acknowledge it.",
            &format!(
                "Follow it, and write to us, with the receipt code that you were shown:\n{}",
                status(config)
            ),
        ],
    )
}

/// A person has read the report and answered.
pub fn acknowledgement(config: &Config) -> Mail {
    mail(
        config,
        "Your report was acknowledged",
        &[
            "A person has read your report and written to you.",
            &format!(
                "Read it, and answer, with your receipt code:\n{}",
                status(config)
            ),
        ],
    )
}

/// There is a message for the reporter.
pub fn message_waiting(config: &Config) -> Mail {
    mail(
        config,
        "There is a message about your report",
        &[
            "We have written to you about your report.",
            &format!(
                "Read it, and answer, with your receipt code:\n{}",
                status(config)
            ),
        ],
    )
}

/// The report leaves the process without an advisory; the reasons are behind the link.
pub fn exit_notice(config: &Config) -> Mail {
    mail(
        config,
        "We have finished with your report",
        &[
            "We have come to a decision about your report and written down why.",
            &format!(
                "Read it, and answer if you see it otherwise, with your receipt code:\n{}",
                status(config)
            ),
        ],
    )
}

/// What the report led to was published; which advisory it is stands behind the link.
pub fn release_notice(config: &Config) -> Mail {
    mail(
        config,
        "What you reported was published",
        &[
            "We have published what your report led to. Thank you for your part in it.",
            &format!("Find it with your receipt code:\n{}", status(config)),
        ],
    )
}

/// Something that was published touches a product; what and which stands behind the link.
pub fn findings_wait(config: &Config) -> Mail {
    mail(
        config,
        "Something was published that touches our products",
        &[
            "The watch found what products are made of in something that was published.",
            &format!("Decide about it:\n{}/console/watch", config.base_url),
        ],
    )
}

/// Something waits for a member of staff. `what` is a fixed phrase of the program, never a text
/// of the case.
pub fn staff_notice(config: &Config, case_number: i64, what: &str) -> Mail {
    let what = line(what);
    mail(
        config,
        &format!("Case {case_number}: {what}"),
        &[
            &what,
            &format!(
                "Open the case:\n{}/console/cases/{case_number}",
                config.base_url
            ),
        ],
    )
}

/// A deadline of a case passed. `clock` is the name of the clock, such as `acknowledgement`.
pub fn alarm(config: &Config, case_number: i64, clock: &str) -> Mail {
    let clock = line(clock);
    mail(
        config,
        &format!("Case {case_number}: a deadline passed"),
        &[
            &format!("A deadline passed: {clock}."),
            &format!(
                "Open the case:\n{}/console/cases/{case_number}",
                config.base_url
            ),
        ],
    )
}

/// An invitation to coordinate: says neither what about nor with whom else.
pub fn room_invitation(config: &Config, link: &str) -> Mail {
    mail(
        config,
        "An invitation to coordinate",
        &[
            "We ask your organisation to take part in coordinating a matter of security.",
            &format!("Read what it is about, and the terms, by this link:\n{link}"),
            "The link is yours alone: do not pass it on. If others of your organisation are to take part, tell us their names.",
        ],
    )
}

/// There is news in a room. `what` is a fixed phrase of the program, never a text of the case.
pub fn room_news(config: &Config, what: &str, link: &str) -> Mail {
    let what = line(what);
    mail(
        config,
        &format!("Coordination: {}", what.to_lowercase()),
        &[&format!(
            "{what}. Read it by your link, which is yours alone:\n{link}"
        )],
    )
}

/// An invitation to the instance.
pub fn invitation(config: &Config, link: &str) -> Mail {
    mail(
        config,
        "You are invited",
        &[
            &format!(
                "An account was made for you. Choose a password:\n{}",
                line(link)
            ),
            "The link counts once and for seven days.",
        ],
    )
}

/// A way to set a new password.
pub fn reset(config: &Config, link: &str) -> Mail {
    mail(
        config,
        "Set a new password",
        &[
            &format!(
                "A new password was asked for, and a second person agreed. Set it here:\n{}",
                line(link)
            ),
            "The link counts once and for one hour. If it was not you, tell your administrator.",
        ],
    )
}

/// Confirms a subscription.
pub fn subscription(config: &Config, link: &str) -> Mail {
    mail(
        config,
        "Confirm your subscription",
        &[
            &format!(
                "Somebody asked that our security advisories be sent to this address. If it was you, confirm it:\n{}",
                line(link)
            ),
            "Otherwise do nothing; no further mail will come.",
        ],
    )
}

/// A published advisory. It is public, so it may be named.
pub fn advisory(
    config: &Config,
    public_id: &str,
    title: &str,
    revision: u32,
    end_link: &str,
) -> Mail {
    let (public_id, title, end_link) = (line(public_id), line(title), line(end_link));
    let mut mail = mail(
        config,
        &format!("{public_id}: {title}"),
        &[
            &format!("{public_id}, revision {revision}\n{title}"),
            &format!(
                "Read it, with its machine-readable form and signature:\n{}/advisories/{public_id}",
                config.base_url
            ),
            &format!("End this subscription:\n{end_link}"),
        ],
    );
    mail.unsubscribe = Some(HeaderText::clean(&end_link));
    mail
}

#[cfg(test)]
#[path = "templates_tests.rs"]
pub(in crate::mail) mod tests;
