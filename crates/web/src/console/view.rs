//! What every page of the console carries, and small pieces in the words of the screen.

use crate::problem::Problem;
use crate::session::Staff;
use crate::time_text;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use entente_domain::access::{Action, Resource, may};
use entente_domain::kinds::Priority;
use entente_domain::summary::CaseSummary;
use entente_domain::time::Timestamp;
use entente_service::cases::Person;
use entente_service::standing::{self, Standing};
use entente_service::{App, ServiceError};

/// The frame of a page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The organisation.
    pub organisation: String,
    /// The signed-in person.
    pub name: String,
    /// What forms carry.
    pub csrf: String,
    /// The section that is open.
    pub section: &'static str,
    /// Whether the person may read what the watch finds.
    pub reads_watch: bool,
    /// Findings of the watch that wait for a decision.
    pub findings: usize,
    /// Whether this is the demonstration.
    pub demo: bool,
    /// Whether no internal policy is approved.
    pub trial: bool,
    /// Whether the person may see the accounts and grant resets.
    pub sees_people: bool,
    /// Whether the person may change accounts.
    pub administers: bool,
    /// Whether the person may read the figures.
    pub reads_figures: bool,
    /// Whether the person may read the journal's heads.
    pub reads_journal: bool,
    /// Whether the person may read the register of parties.
    pub reads_parties: bool,
    /// What was done just now.
    pub flash: Option<String>,
}

impl Frame {
    /// The frame for a section.
    pub async fn of(app: &App, staff: &Staff, section: &'static str) -> Result<Self, ServiceError> {
        let standing = standing::read(app, staff.viewer()).await?;
        Ok(Self::with(app, staff, section, standing))
    }

    /// The frame where it is known already how the instance stands.
    pub fn with(app: &App, staff: &Staff, section: &'static str, standing: Standing) -> Self {
        // The same door as the use cases have, so that nothing is offered that they do not answer.
        let administers = may(staff.viewer(), Action::Write, Resource::Accounts);
        Self {
            organisation: app.config().organisation.name.clone(),
            name: staff.signed_in.person.name.clone(),
            csrf: staff.signed_in.csrf.clone(),
            section,
            demo: app.config().demo,
            trial: standing.trial,
            reads_watch: may(staff.viewer(), Action::Read, Resource::Watch),
            findings: standing.findings,
            sees_people: may(staff.viewer(), Action::Read, Resource::Accounts),
            administers,
            reads_figures: may(staff.viewer(), Action::Read, Resource::Figures),
            reads_parties: may(staff.viewer(), Action::Read, Resource::Parties),
            reads_journal: may(staff.viewer(), Action::Read, Resource::Journal),
            flash: None,
        }
    }

    /// The same, saying what was done.
    pub fn saying(mut self, what: Option<&str>) -> Self {
        self.flash = match what {
            Some("done") => Some("Done.".to_owned()),
            Some("saved") => Some("Saved.".to_owned()),
            _ => None,
        };
        self
    }
}

/// Renders a page.
pub fn render(page: &impl Template, status: StatusCode) -> Result<Response, Problem> {
    let html = page
        .render()
        .map_err(|e| Problem::from(ServiceError::internal(e)))?;
    Ok((status, Html(html)).into_response())
}

/// In words, until when something is supported.
pub fn support(until: Option<Timestamp>, now: Timestamp) -> String {
    let Some(until) = until else {
        return "supported".to_owned();
    };
    let day: String = until.rfc3339().chars().take(10).collect();
    if until > now {
        format!("until {day}")
    } else {
        format!("ended {day}")
    }
}

/// An instant for the screen: for machines, in words, and how far away.
#[derive(Clone, Debug)]
pub struct When {
    /// RFC 3339.
    pub machine: String,
    /// In words.
    pub words: String,
    /// How far away.
    pub distance: String,
}

impl When {
    /// An instant seen from `now`.
    pub fn of(at: Timestamp, now: Timestamp) -> Self {
        Self {
            machine: at.rfc3339(),
            words: time_text::utc(at),
            distance: time_text::distance(at, now),
        }
    }
}

/// A line of a list of cases.
#[derive(Clone, Debug)]
pub struct CaseRow {
    /// The number.
    pub number: i64,
    /// The title.
    pub title: String,
    /// The products.
    pub products: String,
    /// The stage.
    pub stage: &'static str,
    /// The next step.
    pub next: &'static str,
    /// The priority.
    pub priority: &'static str,
    /// Its tone.
    pub priority_tone: &'static str,
    /// When the next step is due.
    pub due: Option<When>,
    /// The tone of that.
    pub due_tone: &'static str,
    /// The owner.
    pub owner: String,
    /// The score.
    pub score: String,
    /// Flags in words.
    pub flags: Vec<(&'static str, &'static str)>,
}

/// The tone of a due instant.
pub fn due_tone(due: Timestamp, now: Timestamp) -> &'static str {
    if due < now {
        "bad"
    } else if due < now.plus_hours(48) {
        "warn"
    } else {
        "quiet"
    }
}

/// The tone of a priority.
pub fn priority_tone(priority: Priority) -> &'static str {
    match priority {
        Priority::Immediate => "bad",
        Priority::OutOfCycle => "warn",
        Priority::Scheduled => "info",
        Priority::Defer | Priority::Unset => "quiet",
    }
}

impl CaseRow {
    /// The line of a case.
    pub fn of(c: &CaseSummary, people: &[Person], now: Timestamp) -> Self {
        let mut flags = Vec::new();
        if c.exploited {
            flags.push(("bad", "Exploited"));
        }
        match c.publicity {
            entente_domain::kinds::Publicity::Partial => flags.push(("warn", "Partly public")),
            entente_domain::kinds::Publicity::Full
                if c.stage != entente_domain::kinds::Stage::PostRelease =>
            {
                flags.push(("warn", "Public"));
            }
            _ => {}
        }
        if c.reporter_waits {
            flags.push(("info", "Reporter waits"));
        }
        if c.restricted {
            flags.push(("quiet", "Restricted"));
        }
        Self {
            number: c.number,
            title: c.title.clone(),
            products: c.products.join(", "),
            stage: c.stage.label(),
            next: c.next_step.label(),
            priority: c.priority.label(),
            priority_tone: priority_tone(c.priority),
            due: c.next_due.map(|d| When::of(d, now)),
            due_tone: c.next_due.map_or("quiet", |d| due_tone(d, now)),
            owner: c
                .owner
                .and_then(|o| people.iter().find(|p| p.id == o))
                .map_or_else(|| "—".to_owned(), |p| p.name.clone()),
            score: c
                .score_tenths
                .map_or_else(String::new, |t| format!("{}.{}", t / 10, t % 10)),
            flags,
        }
    }
}
