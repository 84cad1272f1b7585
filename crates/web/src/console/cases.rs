//! The inbox, the list of all cases, and handing a report in from inside.

use super::view::{CaseRow, Frame, render};
use super::{Answer, Fields, field, ours};
use crate::problem::Problem;
use crate::session::Staff;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use entente_domain::command::ReportForm;
use entente_domain::kinds::{Channel, Priority, Source, Stage};
use entente_service::cases::{self, CaseFilter, Sort};
use entente_service::reports::{self, Identity, Submission};
use entente_service::{App, ServiceError, accounts, products};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "console/cases.html")]
struct ListPage {
    frame: Frame,
    heading: &'static str,
    lead: String,
    rows: Vec<CaseRow>,
    /// Where the next page is, with all that the list is narrowed to.
    next: Option<String>,
    query: String,
    filters: Vec<Filter>,
    /// Why a filter that was sent did nothing.
    note: Option<&'static str>,
    action: &'static str,
}

/// A list to choose one value from.
struct Filter {
    name: &'static str,
    label: &'static str,
    chosen: String,
    /// Word and words for people.
    choices: Vec<(String, String)>,
}

/// What a list is narrowed to.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Narrow {
    q: String,
    stage: String,
    priority: String,
    owner: String,
    source: String,
    cursor: String,
    said: String,
}

/// The owner that stands for whoever looks.
const ME: &str = "me";

impl Narrow {
    /// A value of a closed list; what is not in it is named, not passed over.
    fn word<T: std::str::FromStr>(field: &str, word: &str) -> Result<Option<T>, Problem>
    where
        T::Err: std::fmt::Display,
    {
        match word {
            "" => Ok(None),
            word => word
                .parse()
                .map(Some)
                .map_err(|e: T::Err| Problem::of(StatusCode::BAD_REQUEST, format!("{field}: {e}"))),
        }
    }

    fn filter(&self, staff: &Staff, inbox: bool) -> Result<CaseFilter, Problem> {
        Ok(CaseFilter {
            open: inbox.then_some(true),
            stage: Self::word("stage", &self.stage)?,
            priority: Self::word("priority", &self.priority)?,
            source: Self::word("source", &self.source)?,
            owner: match self.owner.as_str() {
                ME => staff.viewer().user(),
                other => Self::word("owner", other)?,
            },
            sort: if inbox { Sort::Due } else { Sort::Updated },
            cursor: (!self.cursor.is_empty()).then(|| self.cursor.clone()),
            limit: 25,
        })
    }

    /// What the list is narrowed to, besides words.
    fn fields(&self) -> [(&'static str, &str); 4] {
        [
            ("stage", self.stage.as_str()),
            ("priority", self.priority.as_str()),
            ("owner", self.owner.as_str()),
            ("source", self.source.as_str()),
        ]
    }

    /// The address of the next page.
    fn further(&self, action: &str, cursor: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("cursor", cursor);
        let words = ("q", self.q.trim());
        for (name, value) in std::iter::once(words).chain(self.fields()) {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("{action}?{}", query.finish())
    }

    fn choices(&self, people: &[cases::Person]) -> Vec<Filter> {
        let words = |all: Vec<(&'static str, &'static str)>| {
            let words = all.into_iter();
            words
                .map(|(word, label)| (word.to_owned(), label.to_owned()))
                .collect::<Vec<_>>()
        };
        let mut owners = vec![(ME.to_owned(), "Me".to_owned())];
        owners.extend(people.iter().map(|p| (p.id.to_string(), p.name.clone())));
        let all = [
            (
                "Stage",
                words(Stage::ALL.iter().map(|v| (v.as_str(), v.label())).collect()),
            ),
            (
                "Priority",
                words(
                    Priority::ALL
                        .iter()
                        .map(|v| (v.as_str(), v.label()))
                        .collect(),
                ),
            ),
            ("Owner", owners),
            (
                "Source",
                words(
                    Source::ALL
                        .iter()
                        .map(|v| (v.as_str(), v.label()))
                        .collect(),
                ),
            ),
        ];
        let all = self.fields().into_iter().zip(all);
        all.map(|((name, chosen), (label, choices))| Filter {
            name,
            label,
            chosen: chosen.to_owned(),
            choices,
        })
        .collect()
    }
}

/// Open cases, the most urgent first: what a PSIRT begins the day with.
pub async fn inbox(State(app): State<App>, staff: Staff, Query(narrow): Query<Narrow>) -> Answer {
    page(app, staff, narrow, true).await
}

/// All cases, the last changed first.
pub async fn list(State(app): State<App>, staff: Staff, Query(narrow): Query<Narrow>) -> Answer {
    page(app, staff, narrow, false).await
}

async fn page(app: App, staff: Staff, narrow: Narrow, inbox: bool) -> Answer {
    let filter = narrow.filter(&staff, inbox)?;
    let words = narrow.q.trim();
    let found = if words.is_empty() {
        cases::list(&app, staff.viewer(), &filter).await?
    } else {
        cases::search(&app, staff.viewer(), words, filter.cursor.as_deref(), 25).await?
    };
    let ignored = !words.is_empty() && narrow.fields().iter().any(|(_, v)| !v.is_empty());
    let action = if inbox { "/console" } else { "/console/cases" };
    let people = accounts::names(&app).await?;
    let now = app.now();
    let rows: Vec<CaseRow> = found
        .items
        .iter()
        .map(|c| CaseRow::of(c, &people, now))
        .collect();
    let late = found
        .items
        .iter()
        .filter(|c| c.next_due.is_some_and(|d| d < now))
        .count();
    let lead = if inbox && narrow.q.is_empty() {
        match late {
            0 => "Nothing on this page is overdue.".to_owned(),
            n => format!("{n} on this page overdue. The most urgent is first."),
        }
    } else {
        String::new()
    };
    let view = ListPage {
        frame: Frame::of(&app, &staff, if inbox { "inbox" } else { "cases" })
            .await?
            .saying(Some(&narrow.said)),
        heading: if inbox { "Inbox" } else { "Cases" },
        lead,
        rows,
        next: found.next.map(|cursor| narrow.further(action, &cursor)),
        filters: narrow.choices(&people),
        note: ignored.then_some(
            "Words search all cases that you may see, closed ones too; the lists did not narrow this.",
        ),
        query: narrow.q,
        action,
    };
    render(&view, StatusCode::OK)
}

#[derive(Template)]
#[template(path = "console/new.html")]
struct NewPage {
    frame: Frame,
    products: Vec<String>,
    typed: ReportForm,
    source: String,
    sources: Vec<(&'static str, &'static str)>,
    problem: Option<String>,
}

const SOURCES: [Source; 4] = [
    Source::Internal,
    Source::Public,
    Source::Customer,
    Source::Coordinator,
];

async fn new_page(
    app: &App,
    staff: &Staff,
    typed: ReportForm,
    source: String,
    problem: Option<String>,
) -> Answer {
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = NewPage {
        frame: Frame::of(app, staff, "new").await?,
        products: products::public_names(app).await?,
        typed,
        source,
        sources: SOURCES.iter().map(|s| (s.as_str(), s.label())).collect(),
        problem,
    };
    render(&view, status)
}

/// The form for reports from inside, from support, or seen in public.
pub async fn new_form(State(app): State<App>, staff: Staff) -> Answer {
    new_page(
        &app,
        &staff,
        ReportForm::default(),
        "internal".to_owned(),
        None,
    )
    .await
}

/// Takes such a report in.
pub async fn new(State(app): State<App>, staff: Staff, Form(fields): Form<Fields>) -> Answer {
    ours(&staff, &fields)?;
    let text = |name: &str| field(&fields, name).to_owned();
    let form = ReportForm {
        product: text("product"),
        version: text("version"),
        title: text("title"),
        description: text("description"),
        impact: text("impact"),
        already_public: field(&fields, "already_public") == "1",
        public_url: text("public_url"),
        exploited: field(&fields, "exploited") == "1",
        exploited_evidence: text("exploited_evidence"),
        ..ReportForm::default()
    };
    let source: Source = field(&fields, "source").parse().unwrap_or(Source::Internal);
    let submission = Submission {
        form: form.clone(),
        identity: Identity {
            name: text("reporter_name"),
            mail: text("reporter_mail"),
            ..Identity::default()
        },
        source,
        channel: Channel::Console,
        attachments: Vec::new(),
        client: None,
        ticket: None,
        idempotency_key: None,
    };
    match reports::submit(&app, staff.viewer(), submission).await {
        Ok(done) => {
            let file = cases::open(&app, staff.viewer(), done.case).await?;
            Ok(
                Redirect::to(&format!("/console/cases/{}?said=done", file.case.number))
                    .into_response(),
            )
        }
        Err(ServiceError::Refused(r)) => {
            new_page(
                &app,
                &staff,
                form,
                source.to_string(),
                Some(format!("{} {}", r.why, r.remedy)),
            )
            .await
        }
        Err(ServiceError::Invalid { field, why, remedy }) => {
            new_page(
                &app,
                &staff,
                form,
                source.to_string(),
                Some(format!("{field}: {why} {remedy}")),
            )
            .await
        }
        Err(e) => Err(Problem::from(e)),
    }
}
