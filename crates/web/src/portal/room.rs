//! The room of a case for somebody of a party: comes in by a link, reads the terms, signs, and then
//! reads and writes. What is shown comes from `rooms::view` alone, which stands behind the gate.

use super::pages::{self, Keep, Site};
use crate::client::Client;
use crate::problem::Problem;
use crate::session::Guest;
use crate::time_text;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use entente_domain::access::Viewer;
use entente_domain::command::{Command, CommandKind};
use entente_domain::coordination::room::Closed;
use entente_domain::ids::{CaseId, ParticipantId, TermsId};
use entente_domain::time::Timestamp;
use entente_service::{App, ServiceError, cases, rooms};
use serde::Deserialize;
use std::collections::HashMap;

/// The token of a mailed link.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    #[serde(default)]
    token: String,
}

/// Asks whether to come in: mail scanners follow links.
pub async fn join_form(
    State(app): State<App>,
    Query(link): Query<Link>,
) -> Result<Response, Problem> {
    let page = pages::Confirm {
        site: Site::of(&app),
        title: "You are invited to coordinate",
        text: "Your link is bound to you. What it opens is confidential under the terms that you will read first; nothing is agreed by opening it.",
        action: "/join",
        button: "Read the invitation",
        token: link.token,
    };
    Ok(pages::render(&page, StatusCode::OK, Keep::No)?)
}

/// Opens the room. A link that ended and one that never was look the same.
pub async fn join(
    State(app): State<App>,
    client: Client,
    Form(input): Form<Link>,
) -> Result<Response, Problem> {
    match rooms::enter(&app, &input.token, client.hint()).await {
        Ok(session) => {
            Ok((Guest::cookie(&app, &session.token), Redirect::to("/room")).into_response())
        }
        Err(ServiceError::NotFound) => Ok(said(
            &app,
            "This link opens nothing",
            "It may have been replaced or taken back. Look for a newer mail from us, or write to us.",
            StatusCode::NOT_FOUND,
        )?),
        Err(ServiceError::TooMany { retry_after_s }) => Ok(said(
            &app,
            "Too many tries",
            &format!(
                "Too many tries came from your network. Try again in {retry_after_s} seconds."
            ),
            StatusCode::TOO_MANY_REQUESTS,
        )?),
        Err(error) => Err(error.into()),
    }
}

fn said(
    app: &App,
    title: &'static str,
    text: &str,
    status: StatusCode,
) -> Result<Response, ServiceError> {
    let page = pages::Said {
        site: Site::of(app),
        title,
        text: text.to_owned(),
    };
    pages::render(&page, status, Keep::No)
}

fn outside(app: &App) -> Result<Response, Problem> {
    Ok(said(
        app,
        "Come in by your link",
        "A visit lasts four hours. Open the link of your invitation again.",
        StatusCode::FORBIDDEN,
    )?)
}

/// Fields of a form as they were sent.
type Fields = HashMap<String, String>;

/// What the address may say.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Said {
    said: String,
}

/// The room, or the way to it.
pub async fn show(
    State(app): State<App>,
    guest: Option<Guest>,
    Query(query): Query<Said>,
) -> Result<Response, Problem> {
    let Some(guest) = guest else {
        return outside(&app);
    };
    let done = (query.said == "done").then(|| "Done.".to_owned());
    page(&app, &guest, done, None, Fields::new(), StatusCode::OK).await
}

async fn page(
    app: &App,
    guest: &Guest,
    done: Option<String>,
    wrong: Option<String>,
    typed: Fields,
    status: StatusCode,
) -> Result<Response, Problem> {
    let room = rooms::view(app, &guest.guest.viewer).await?;
    let page = pages::Room {
        site: Site::of(app),
        closed: room.content.as_ref().err().map(|c| closed(*c)),
        room,
        name: guest.guest.name.clone(),
        csrf: guest.csrf.clone(),
        said: done,
        wrong,
        typed,
    };
    Ok(pages::render(&page, status, Keep::No)?)
}

/// Why there is nothing to read, in the words of whoever reads that.
fn closed(why: Closed) -> &'static str {
    match why {
        Closed::NotInvited | Closed::NotSigned => {
            "What this is about is shown as soon as you have signed the terms in force."
        }
        Closed::Declined => "You declined. If you see it otherwise now, write to us.",
        Closed::Gone => "You take no part in this any more.",
        Closed::SignatureEnded => {
            "The terms that you signed have ended, and others are in force. Sign those to read on."
        }
    }
}

/// What somebody of a party does. What is refused comes back with everything that was typed.
pub async fn act(
    State(app): State<App>,
    guest: Option<Guest>,
    Path(word): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let Some(guest) = guest else {
        return outside(&app);
    };
    check(&guest, &fields)?;
    let Viewer::Guest { case, participant } = guest.guest.viewer else {
        return outside(&app);
    };
    let kind: CommandKind = word.parse().map_err(|_| Problem::not_found())?;
    let fresh = TermsId(app.random().id(app.now()));
    let done = match command(kind, participant, fresh, &fields) {
        Ok(command) => give(&app, &guest, case, command).await?,
        Err(wrong) => Some(wrong),
    };
    match done {
        None => Ok(Redirect::to("/room?said=done").into_response()),
        Some(wrong) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&app, &guest, None, Some(wrong), fields, status).await
        }
    }
}

/// Gives a command; what is wrong with it, if something is.
async fn give(
    app: &App,
    guest: &Guest,
    case: CaseId,
    command: Command,
) -> Result<Option<String>, Problem> {
    match cases::act(app, &guest.guest.viewer, case, None, command).await {
        Ok(_) => Ok(None),
        Err(ServiceError::Refused(r)) => Ok(Some(format!("{} {}", r.why, r.remedy))),
        Err(ServiceError::Invalid { why, remedy, .. }) => Ok(Some(format!("{why} {remedy}"))),
        Err(error) => Err(error.into()),
    }
}

fn check(guest: &Guest, fields: &Fields) -> Result<(), Problem> {
    use subtle::ConstantTimeEq;
    let token = fields.get("csrf").map_or("", String::as_str);
    if guest.csrf.as_bytes().ct_eq(token.as_bytes()).into() {
        Ok(())
    } else {
        Err(Problem::of(
            StatusCode::FORBIDDEN,
            "This form belongs to another visit. Open the page again and repeat.",
        ))
    }
}

/// The command of a form, or what is wrong with it.
fn command(
    kind: CommandKind,
    participant: ParticipantId,
    fresh: TermsId,
    fields: &Fields,
) -> Result<Command, String> {
    let text = |name: &str| {
        let text = fields.get(name).map_or("", String::as_str);
        text.replace("\r\n", "\n").trim().to_owned()
    };
    let terms = || {
        text("terms")
            .parse::<TermsId>()
            .map_err(|_| "These terms are not there any more. Look at the page again.".to_owned())
    };
    Ok(match kind {
        CommandKind::SignTerms => {
            if text("agreed") != "1" {
                return Err("Tick that you may sign for your organisation and agree.".to_owned());
            }
            Command::SignTerms {
                participant,
                terms: terms()?,
                signer: text("signer"),
            }
        }
        CommandKind::DeclineTerms => Command::DeclineTerms {
            participant,
            terms: match text("terms").as_str() {
                "" => None,
                _ => Some(terms()?),
            },
            reason: text("reason"),
        },
        CommandKind::LeaveCase => Command::LeaveCase {
            participant,
            reason: text("reason"),
        },
        CommandKind::ReportStanding => Command::ReportStanding {
            participant,
            step: text("step")
                .parse()
                .map_err(|_| "Choose a step.".to_owned())?,
            note: text("note"),
        },
        CommandKind::ParticipantWrites => Command::ParticipantWrites {
            participant,
            body: text("body"),
        },
        CommandKind::ProposeEmbargo => Command::ProposeEmbargo {
            terms: fresh,
            ends_at: time_text::parse_utc(&text("ends_at")).ok_or_else(|| {
                "Give the end as a date and time in UTC, such as 2026-11-16 09:12.".to_owned()
            })?,
            reason: text("proposal_reason"),
            reply_by: Timestamp(0),
            revisions_allowed: 0,
            lead_rules: false,
            carve_outs: text("carve_outs"),
            signer: text("proposal_signer"),
        },
        CommandKind::WithdrawProposal => Command::WithdrawProposal {
            terms: terms()?,
            reason: text("reason"),
        },
        _ => return Err("There is no form for this.".to_owned()),
    })
}

/// Ends the visit and takes the cookie away.
pub async fn leave(
    State(app): State<App>,
    guest: Option<Guest>,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let Some(guest) = &guest else {
        return outside(&app);
    };
    check(guest, &fields)?;
    rooms::leave(&app, &guest.token).await?;
    Ok((Guest::forget(&app), Redirect::to("/")).into_response())
}
