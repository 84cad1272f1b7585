//! The product registry.

use super::view::{Frame, When, render, support};
use super::{Answer, Fields, field, ours};
use crate::session::Staff;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use entente_domain::ids::ProductId;
use entente_service::cases::Person;
use entente_service::products::{self, FixedCopy, Product, ProductForm, ProductVersion};
use entente_service::{App, ServiceError, accounts};
use serde::Deserialize;

struct ProductLine {
    id: String,
    name: String,
    kind: String,
    division: String,
    versions: Vec<(String, String, bool)>,
    contact: String,
    deputy: String,
    supported: bool,
    updated: When,
}

#[derive(Template)]
#[template(path = "console/products.html")]
struct ProductsPage {
    frame: Frame,
    rows: Vec<ProductLine>,
    people: Vec<Person>,
    editing: Option<(String, u64)>,
    typed: Typed,
    problem: Option<String>,
    orphans: usize,
}

#[derive(Clone, Default)]
struct Typed {
    name: String,
    kind: String,
    division: String,
    contact: String,
    deputy: String,
    versions: String,
    fixed_copies: String,
}

/// Which product is being edited.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    edit: String,
    said: String,
}

/// Every product, and the form for one.
pub async fn list(State(app): State<App>, staff: Staff, Query(which): Query<Which>) -> Answer {
    let editing: Option<ProductId> = which.edit.parse().ok();
    let mut typed = Typed::default();
    let mut version = None;
    if let Some(id) = editing {
        let p = products::get(&app, staff.viewer(), id).await?;
        version = Some((id.to_string(), p.version));
        typed = Typed {
            name: p.form.name.clone(),
            kind: p.form.kind.clone(),
            division: p.form.division.clone(),
            contact: p.form.contact.to_string(),
            deputy: p.form.deputy.map(|d| d.to_string()).unwrap_or_default(),
            versions: p
                .form
                .versions
                .iter()
                .map(line_of)
                .collect::<Vec<_>>()
                .join("\n"),
            fixed_copies: p
                .form
                .fixed_copies
                .iter()
                .map(|c| format!("{} | {} | {}", c.component, c.version, c.why.as_str()))
                .collect::<Vec<_>>()
                .join("\n"),
        };
    }
    page(
        &app,
        &staff,
        version,
        typed,
        None,
        &which.said,
        StatusCode::OK,
    )
    .await
}

/// A version as one line: name, from, until.
fn line_of(v: &ProductVersion) -> String {
    let day = |t: Option<entente_domain::time::Timestamp>| {
        t.map(|t| t.rfc3339().chars().take(10).collect::<String>())
            .unwrap_or_default()
    };
    format!(
        "{} | {} | {}",
        v.name,
        day(v.supported_from),
        day(v.supported_until)
    )
}

fn versions_of(text: &str) -> Result<Vec<ProductVersion>, String> {
    text.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(|line| {
            let mut parts = line.split('|').map(str::trim);
            let name = parts.next().unwrap_or_default().to_owned();
            let mut day = |what: &str| match parts.next() {
                None | Some("") => Ok(None),
                Some(text) => format!("{text}T00:00:00Z")
                    .parse::<jiff::Timestamp>()
                    .map(|t| Some(entente_domain::time::Timestamp(t.as_microsecond())))
                    .map_err(|_| {
                        format!("Version {name}: “{what}” is not a date such as 2026-11-16.")
                    }),
            };
            let (from, until) = (day("from")?, day("until")?);
            Ok(ProductVersion {
                name: name.clone(),
                supported_from: from,
                supported_until: until,
                ..ProductVersion::default()
            })
        })
        .collect()
}

fn copies_of(text: &str) -> Result<Vec<FixedCopy>, String> {
    text.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(|line| {
            let mut parts = line.split('|').map(str::trim);
            let component = parts.next().unwrap_or_default().to_owned();
            let version = parts.next().unwrap_or_default().to_owned();
            let why = parts.next().unwrap_or_default();
            let why = why.parse().map_err(|_| {
                format!("{component}: “{why}” is none of rom, microcode, supplier_binary.")
            })?;
            Ok(FixedCopy {
                component,
                version,
                why,
            })
        })
        .collect()
}

async fn page(
    app: &App,
    staff: &Staff,
    editing: Option<(String, u64)>,
    typed: Typed,
    problem: Option<String>,
    said: &str,
    status: StatusCode,
) -> Answer {
    let now = app.now();
    let people = accounts::names(app).await?;
    let name = |id| {
        people
            .iter()
            .find(|p| p.id == id)
            .map_or_else(|| "nobody active".to_owned(), |p| p.name.clone())
    };
    let rows = products::list(app, staff.viewer())
        .await?
        .into_iter()
        .map(|p: Product| ProductLine {
            id: p.id.to_string(),
            supported: p.supported(now),
            contact: name(p.form.contact),
            deputy: p.form.deputy.map(name).unwrap_or_default(),
            versions: p
                .form
                .versions
                .iter()
                .map(|v| {
                    (
                        v.name.clone(),
                        support(v.supported_until, now),
                        v.supported_until.is_none_or(|t| t > now),
                    )
                })
                .collect(),
            name: p.form.name,
            kind: p.form.kind,
            division: p.form.division,
            updated: When::of(p.updated_at, now),
        })
        .collect();
    let view = ProductsPage {
        frame: Frame::of(app, staff, "products").await?.saying(Some(said)),
        rows,
        orphans: products::orphans(app, staff.viewer()).await?.len(),
        people,
        editing,
        typed,
        problem,
    };
    render(&view, status)
}

/// Saves a product.
pub async fn save(State(app): State<App>, staff: Staff, Form(fields): Form<Fields>) -> Answer {
    ours(&staff, &fields)?;
    let text = |name: &str| field(&fields, name).to_owned();
    let typed = Typed {
        name: text("name"),
        kind: text("kind"),
        division: text("division"),
        contact: text("contact"),
        deputy: text("deputy"),
        versions: text("versions"),
        fixed_copies: text("fixed_copies"),
    };
    let id = match (
        text("id").parse::<ProductId>(),
        text("version").parse::<u64>(),
    ) {
        (Ok(id), Ok(version)) => Some((id, version)),
        _ => None,
    };
    let editing = id.map(|(id, v)| (id.to_string(), v));
    let read = versions_of(&typed.versions)
        .and_then(|versions| Ok((versions, copies_of(&typed.fixed_copies)?)));
    let outcome = match (read, typed.contact.parse()) {
        (Err(problem), _) => Err(problem),
        (_, Err(_)) => Err("Choose a contact.".to_owned()),
        (Ok((versions, fixed_copies)), Ok(contact)) => {
            let form = ProductForm {
                name: typed.name.clone(),
                family: String::new(),
                kind: typed.kind.clone(),
                division: typed.division.clone(),
                contact,
                deputy: typed.deputy.parse().ok(),
                versions,
                fixed_copies,
            };
            match products::save(&app, staff.viewer(), id, form).await {
                Ok(_) => Ok(()),
                Err(ServiceError::Invalid { why, remedy, .. }) => Err(format!("{why} {remedy}")),
                Err(e) => return Err(e.into()),
            }
        }
    };
    match outcome {
        Ok(()) => Ok(Redirect::to("/console/products?said=saved").into_response()),
        Err(problem) => {
            page(
                &app,
                &staff,
                editing,
                typed,
                Some(problem),
                "",
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await
        }
    }
}
