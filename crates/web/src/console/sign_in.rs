//! Setting up, signing in, personas of the demonstration, invitations and resets.

use super::view::render;
use super::{Answer, Fields, field};
use crate::client::Client;
use crate::problem::Problem;
use crate::session::Staff;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use entente_domain::ids::UserId;
use entente_service::accounts::{self, SignIn};
use entente_service::cases::Person;
use entente_service::{App, ServiceError};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct SignInPage {
    organisation: String,
    name: String,
    second: bool,
    problem: Option<String>,
    personas: Vec<(String, String, String)>,
}

async fn personas(app: &App) -> Result<Vec<(String, String, String)>, ServiceError> {
    if !app.config().demo {
        return Ok(Vec::new());
    }
    Ok(accounts::names(app)
        .await?
        .into_iter()
        .map(|Person { id, name, roles }| {
            let roles: Vec<&str> = roles.iter().map(|r| r.label()).collect();
            (id.to_string(), name, roles.join(", "))
        })
        .collect())
}

async fn page(
    app: &App,
    name: String,
    second: bool,
    problem: Option<String>,
    status: StatusCode,
) -> Answer {
    let view = SignInPage {
        organisation: app.config().organisation.name.clone(),
        name,
        second,
        problem,
        personas: personas(app).await?,
    };
    render(&view, status)
}

/// The form, or the set-up while there is no account.
pub async fn form(State(app): State<App>) -> Answer {
    if accounts::needs_set_up(&app).await? {
        return Ok(Redirect::to("/console/setup").into_response());
    }
    page(&app, String::new(), false, None, StatusCode::OK).await
}

/// Tries to sign in; asks for the second factor where there is one.
pub async fn sign_in(State(app): State<App>, client: Client, Form(fields): Form<Fields>) -> Answer {
    let (name, password, second) = (
        field(&fields, "name"),
        field(&fields, "password"),
        field(&fields, "second"),
    );
    let second = (!second.trim().is_empty()).then_some(second);
    match accounts::sign_in(&app, name, password, second, client.hint()).await {
        Ok(SignIn::Done { token }) => {
            Ok((Staff::cookie(&app, &token), Redirect::to("/console")).into_response())
        }
        Ok(SignIn::SecondFactorNeeded) => {
            page(&app, name.to_owned(), true, None, StatusCode::OK).await
        }
        Ok(SignIn::Refused) => {
            let problem = Some("Name, password or code is not right.".to_owned());
            page(
                &app,
                name.to_owned(),
                false,
                problem,
                StatusCode::UNAUTHORIZED,
            )
            .await
        }
        Ok(SignIn::Busy { retry_after_s }) | Err(ServiceError::TooMany { retry_after_s }) => {
            let problem = Some(format!(
                "Too many tries. Try again in {retry_after_s} seconds."
            ));
            page(
                &app,
                name.to_owned(),
                false,
                problem,
                StatusCode::TOO_MANY_REQUESTS,
            )
            .await
        }
        Err(e) => Err(e.into()),
    }
}

/// Becomes a persona with one click: in the demonstration only.
pub async fn persona(State(app): State<App>, Form(fields): Form<Fields>) -> Answer {
    if !app.config().demo {
        return Err(Problem::not_found());
    }
    let id: UserId = field(&fields, "persona")
        .parse()
        .map_err(|_| Problem::not_found())?;
    if !accounts::names(&app).await?.iter().any(|p| p.id == id) {
        return Err(Problem::not_found());
    }
    let token = accounts::begin_session(&app, id).await?;
    Ok((Staff::cookie(&app, &token), Redirect::to("/console")).into_response())
}

/// Signs out.
pub async fn sign_out(State(app): State<App>, staff: Staff, Form(fields): Form<Fields>) -> Answer {
    super::ours(&staff, &fields)?;
    accounts::sign_out(&app, &staff.token).await?;
    let clear = axum::response::AppendHeaders([("clear-site-data", "\"cache\", \"storage\"")]);
    Ok((Staff::forget(&app), clear, Redirect::to("/console/sign-in")).into_response())
}

#[derive(Template)]
#[template(path = "console/password.html")]
struct PasswordPage {
    organisation: String,
    heading: &'static str,
    lead: &'static str,
    action: String,
    /// The set-up code, where it is asked for.
    code: Option<String>,
    asks_name: bool,
    asks_password: bool,
    name: String,
    mail: String,
    problem: Option<String>,
    done: Option<String>,
}

fn set_up_page(
    app: &App,
    code: &str,
    name: &str,
    mail: &str,
    problem: Option<String>,
) -> PasswordPage {
    PasswordPage {
        organisation: app.config().organisation.name.clone(),
        heading: "Set this instance up",
        lead: "Make the first account. It is PSIRT lead and administrator; you can invite others afterwards.",
        action: "/console/setup".to_owned(),
        code: Some(code.to_owned()),
        asks_name: true,
        asks_password: true,
        name: name.to_owned(),
        mail: mail.to_owned(),
        problem,
        done: None,
    }
}

/// The set-up, while there is no account.
pub async fn set_up_form(State(app): State<App>, Query(asked): Query<SetUp>) -> Answer {
    if !accounts::needs_set_up(&app).await? {
        return Err(Problem::not_found());
    }
    render(
        &set_up_page(&app, &asked.code, "", "", None),
        StatusCode::OK,
    )
}

/// What the address of the set-up may say.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SetUp {
    code: String,
}

fn sentence(e: ServiceError) -> Result<String, Problem> {
    match e {
        ServiceError::Invalid { why, remedy, .. } => Ok(format!("{why} {remedy}")),
        e => Err(e.into()),
    }
}

/// Makes the first account and signs it in.
pub async fn set_up(State(app): State<App>, Form(fields): Form<Fields>) -> Answer {
    let (name, mail) = (field(&fields, "name"), field(&fields, "mail"));
    let (code, password) = (field(&fields, "code"), field(&fields, "password"));
    if !accounts::needs_set_up(&app).await? {
        return Err(Problem::not_found());
    }
    match accounts::set_up_by_code(&app, code, name, mail, password).await {
        Ok(user) => {
            let token = accounts::begin_session(&app, user).await?;
            Ok((
                Staff::cookie(&app, &token),
                Redirect::to("/console/policies"),
            )
                .into_response())
        }
        Err(e) => {
            let problem = sentence(e)?;
            render(
                &set_up_page(&app, code, name, mail, Some(problem)),
                StatusCode::UNPROCESSABLE_ENTITY,
            )
        }
    }
}

fn welcome_page(app: &App, token: &str, problem: Option<String>) -> PasswordPage {
    PasswordPage {
        organisation: app.config().organisation.name.clone(),
        heading: "Choose a password",
        lead: "At least 12 characters; a few unrelated words are good. The link counts once.",
        action: format!("/console/welcome/{token}"),
        code: None,
        asks_name: false,
        asks_password: true,
        name: String::new(),
        mail: String::new(),
        problem,
        done: None,
    }
}

/// The form behind an invitation or a granted reset.
pub async fn welcome_form(State(app): State<App>, Path(token): Path<String>) -> Answer {
    render(&welcome_page(&app, &token, None), StatusCode::OK)
}

/// Sets the password and signs in.
pub async fn welcome(
    State(app): State<App>,
    Path(token): Path<String>,
    Form(fields): Form<Fields>,
) -> Answer {
    match accounts::accept(&app, &token, field(&fields, "password")).await {
        Ok(user) => {
            let session = accounts::begin_session(&app, user).await?;
            Ok((Staff::cookie(&app, &session), Redirect::to("/console")).into_response())
        }
        Err(e) => {
            let problem = sentence(e)?;
            render(
                &welcome_page(&app, &token, Some(problem)),
                StatusCode::UNPROCESSABLE_ENTITY,
            )
        }
    }
}

fn reset_page(app: &App, done: Option<String>) -> PasswordPage {
    PasswordPage {
        organisation: app.config().organisation.name.clone(),
        heading: "Forgotten password",
        lead: "A second person has to agree, because cases are at stake. Then a link comes by mail.",
        action: "/console/reset".to_owned(),
        code: None,
        asks_name: false,
        asks_password: false,
        name: String::new(),
        mail: String::new(),
        problem: None,
        done,
    }
}

/// The form for a reset.
pub async fn reset_form(State(app): State<App>) -> Answer {
    render(&reset_page(&app, None), StatusCode::OK)
}

/// Asks for a reset; the answer is the same whether the account exists.
pub async fn reset(State(app): State<App>, client: Client, Form(fields): Form<Fields>) -> Answer {
    accounts::reset_request(&app, field(&fields, "mail"), client.hint()).await?;
    let done =
        "If there is such an account, a colleague can now grant the reset under People.".to_owned();
    render(&reset_page(&app, Some(done)), StatusCode::OK)
}
