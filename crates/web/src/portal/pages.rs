//! The portal's pages: one struct for each template. No service, no rule.

use super::form::Draft;
use super::words::Step;
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use entente_domain::coordination::room::Standing;
use entente_domain::time::Timestamp;
use entente_service::advisories::{AdvisoryPage, PublicAdvisory};
use entente_service::reports::ThreadView;
use entente_service::rooms::{Proposer, RoomView};
use entente_service::{App, ServiceError};

/// What every page says about the organisation.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its name.
    pub organisation: String,
    /// How it is reached.
    pub contact: String,
}

impl Site {
    /// The site of this instance.
    pub fn of(app: &App) -> Self {
        let organisation = &app.config().organisation;
        Self {
            organisation: organisation.name.clone(),
            contact: organisation.contact.clone(),
        }
    }
}

/// Who may keep an answer, and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Nobody.
    No,
    /// Anybody, for a minute: pages that change with the day's work.
    Minute,
    /// Anybody, for five minutes: what was published.
    FiveMinutes,
}

impl Keep {
    /// The header.
    pub fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::No => "no-store",
            Self::Minute => "public, max-age=60",
            Self::FiveMinutes => "public, max-age=300",
        })
    }
}

/// Renders a page.
pub fn render(
    page: &impl Template,
    status: StatusCode,
    keep: Keep,
) -> Result<Response, ServiceError> {
    let html = page.render().map_err(ServiceError::internal)?;
    Ok((status, [(header::CACHE_CONTROL, keep.header())], Html(html)).into_response())
}

/// The first page.
#[derive(Template, Debug)]
#[template(path = "portal/home.html")]
pub struct Home {
    /// The site.
    pub site: Site,
    /// What a reporter may expect.
    pub promises: Vec<Step>,
    /// Whether a policy is published.
    pub has_policy: bool,
    /// The newest advisories.
    pub latest: Vec<PublicAdvisory>,
}

/// The report form.
#[derive(Template, Debug)]
#[template(path = "portal/report.html")]
pub struct Report {
    /// The site.
    pub site: Site,
    /// What was typed so far.
    pub draft: Draft,
    /// Names of our products, to choose from.
    pub products: Vec<String>,
    /// Whether files were chosen that have to be chosen again.
    pub files_lost: bool,
    /// How many files.
    pub most_files: u32,
    /// How large a file.
    pub largest_file: String,
}

/// The receipt.
#[derive(Template, Debug)]
#[template(path = "portal/received.html")]
pub struct Received {
    /// The site.
    pub site: Site,
    /// The code, shown this once.
    pub receipt_code: Option<String>,
    /// The reference.
    pub reference: String,
    /// Whether there was no room for its files.
    pub files_left_out: bool,
    /// What comes next, with dates.
    pub promises: Vec<Step>,
}

/// The waiting room (decision 22).
#[derive(Template, Debug)]
#[template(path = "portal/waiting.html")]
pub struct Waiting {
    /// The site.
    pub site: Site,
    /// What was typed.
    pub draft: Draft,
    /// Whether files were chosen that have to be chosen again.
    pub files_lost: bool,
    /// The ticket.
    pub ticket: String,
    /// When it matures.
    pub ready_at: Timestamp,
    /// In how many seconds that is.
    pub seconds: i64,
}

/// Where the receipt code is entered.
#[derive(Template, Debug)]
#[template(path = "portal/status.html")]
pub struct Status {
    /// The site.
    pub site: Site,
    /// What was wrong with the last try.
    pub wrong: Option<String>,
}

/// The reporter's thread.
#[derive(Template, Debug)]
#[template(path = "portal/thread.html")]
pub struct Thread {
    /// The site.
    pub site: Site,
    /// The thread.
    pub thread: ThreadView,
    /// By when a person answers, while nobody has.
    pub answer_by: Option<Timestamp>,
    /// The session's token against cross-site requests.
    pub csrf: String,
    /// What was just done.
    pub said: Option<String>,
    /// What was wrong.
    pub wrong: Option<String>,
    /// A message that was typed and not sent.
    pub typed: String,
}

/// The room of a case for somebody of a party.
#[derive(Template, Debug)]
#[template(path = "portal/room.html")]
pub struct Room {
    /// The site.
    pub site: Site,
    /// What may be seen.
    pub room: RoomView,
    /// Why there is nothing to read, if so.
    pub closed: Option<&'static str>,
    /// The person's name.
    pub name: String,
    /// The session's token against cross-site requests.
    pub csrf: String,
    /// What was just done.
    pub said: Option<String>,
    /// What was wrong.
    pub wrong: Option<String>,
    /// What was typed and not taken.
    pub typed: std::collections::HashMap<String, String>,
}

impl Room {
    fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }

    fn may(&self, word: &str) -> bool {
        word.parse().is_ok_and(|kind| self.room.may(kind))
    }
}

/// The disclosure policy.
#[derive(Template, Debug)]
#[template(path = "portal/policy.html")]
pub struct Policy {
    /// The site.
    pub site: Site,
    /// Its version.
    pub version: u32,
    /// Since when it holds.
    pub approved_at: Option<Timestamp>,
    /// Headings and texts.
    pub sections: Vec<(String, String)>,
    /// The numbers that it promises.
    pub promises: Vec<(&'static str, String)>,
}

/// The list of advisories.
#[derive(Template, Debug)]
#[template(path = "portal/advisories.html")]
pub struct Advisories {
    /// The site.
    pub site: Site,
    /// This page of them.
    pub items: Vec<PublicAdvisory>,
    /// Whether it is the first page.
    pub first: bool,
    /// Where the next one begins.
    pub next: Option<String>,
}

/// One advisory.
#[derive(Template, Debug)]
#[template(path = "portal/advisory.html")]
pub struct Advisory {
    /// The site.
    pub site: Site,
    /// The advisory.
    pub a: AdvisoryPage,
    /// The signing key.
    pub fingerprint: Option<String>,
}

/// The subscription form.
#[derive(Template, Debug)]
#[template(path = "portal/subscribe.html")]
pub struct Subscribe {
    /// The site.
    pub site: Site,
    /// What was typed.
    pub typed: String,
    /// What was wrong with it.
    pub wrong: Option<String>,
}

/// A step that a person confirms; a link alone changes nothing.
#[derive(Template, Debug)]
#[template(path = "portal/confirm.html")]
pub struct Confirm {
    /// The site.
    pub site: Site,
    /// The heading.
    pub title: &'static str,
    /// What will happen.
    pub text: &'static str,
    /// Where the form goes.
    pub action: &'static str,
    /// The button.
    pub button: &'static str,
    /// The token of the link.
    pub token: String,
}

/// A page that says something.
#[derive(Template, Debug)]
#[template(path = "portal/said.html")]
pub struct Said {
    /// The site.
    pub site: Site,
    /// The heading.
    pub title: &'static str,
    /// The text.
    pub text: String,
}
