//! Closing several cases with one humane text (7.1.4 b). Each is closed on its own; a refusal of
//! one stops no other.

use super::view::{Frame, render};
use super::{Answer, Fields, field, ours};
use crate::problem::Problem;
use crate::session::Staff;
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use entente_domain::ids::CaseId;
use entente_domain::kinds::ExitReason;
use entente_service::{App, ServiceError, cases};

/// Exits that need nothing of the single case, and so can be taken by many at once.
pub const EXITS: [ExitReason; 4] = [
    ExitReason::Junk,
    ExitReason::NonSecurity,
    ExitReason::Unverified,
    ExitReason::Withdrawn,
];

/// What the notice begins with.
pub const NOTICE: &str = "Thank you for writing to us. We have read your report and could not find a weakness of our products in it that we could work on, so we close it here. If we have misread it, or you have more, such as the steps that show the effect, write in this thread and we will open it again.";

/// The most cases of one batch: what one page shows, twice.
const MOST: usize = 50;

struct Line {
    number: i64,
    closed: bool,
    words: String,
}

#[derive(Template)]
#[template(path = "console/batch.html")]
struct BatchPage {
    frame: Frame,
    lines: Vec<Line>,
    closed: usize,
}

/// Closes the chosen cases.
pub async fn exit(State(app): State<App>, staff: Staff, Form(fields): Form<Fields>) -> Answer {
    ours(&staff, &fields)?;
    let reason = field(&fields, "reason")
        .parse::<ExitReason>()
        .ok()
        .filter(|r| EXITS.contains(r))
        .ok_or_else(Problem::not_found)?;
    let mut numbers: Vec<i64> = fields
        .keys()
        .filter_map(|k| k.strip_prefix("case_")?.parse().ok())
        .collect();
    numbers.sort_unstable();
    if numbers.is_empty() || numbers.len() > MOST {
        return Err(Problem::of(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("Choose 1 to {MOST} cases in the list first."),
        ));
    }
    let mut lines = Vec::with_capacity(numbers.len());
    let mut found: Vec<(i64, CaseId)> = Vec::with_capacity(numbers.len());
    for number in numbers {
        match cases::id_by_number(&app, staff.viewer(), number).await {
            Ok(id) => found.push((number, id)),
            Err(ServiceError::NotFound) => lines.push(Line {
                number,
                closed: false,
                words: "There is no such case.".to_owned(),
            }),
            Err(e) => return Err(e.into()),
        }
    }
    let ids: Vec<CaseId> = found.iter().map(|(_, id)| *id).collect();
    let (note, notice) = (field(&fields, "note"), field(&fields, "notice"));
    let done = cases::batch_exit(&app, staff.viewer(), &ids, reason, note, notice).await;
    for ((number, _), (_, outcome)) in found.into_iter().zip(done) {
        lines.push(match outcome {
            Ok(()) => Line {
                number,
                closed: true,
                words: reason.label().to_owned(),
            },
            Err(ServiceError::Refused(r)) => Line {
                number,
                closed: false,
                words: format!("{} {} [{}]", r.why, r.remedy, r.rule),
            },
            Err(e) => Line {
                number,
                closed: false,
                // Its words tell no cause.
                words: e.to_string(),
            },
        });
    }
    let view = BatchPage {
        frame: Frame::of(&app, &staff, "cases").await?,
        closed: lines.iter().filter(|l| l.closed).count(),
        lines,
    };
    render(&view, StatusCode::OK)
}
