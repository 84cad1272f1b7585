//! "Who is affected?": from a component to the products that have it, and on into a case.

use super::view::{Frame, render, support};
use super::{Answer, Fields, field, ours};
use crate::parts::Form as Parts;
use crate::problem::Problem;
use crate::session::Staff;
use askama::Template;
use axum::extract::{Form, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use entente_domain::access::{Action, Resource, may};
use entente_domain::ids::ProductId;
use entente_domain::kinds::{Unpatchable, UseKind};
use entente_domain::time::Timestamp;
use entente_service::inventory::{self, PackageSeen, ProductAnswer, Question, Verdict};
use entente_service::{App, ServiceError, accounts, cases};
use serde::Deserialize;
use std::sync::Arc;

/// Documents whose ways are drawn; the rest name the component alone.
const DRAWN: usize = 40;
/// Products on the page; more are counted.
const PRODUCTS: usize = 100;

/// The question.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    component: String,
    versions: String,
    said: String,
}

struct UserLine {
    name: String,
    kind: &'static str,
    days: Option<u32>,
}

struct HitLine {
    fixed: &'static str,
    way: Vec<String>,
    component: String,
    drawn: bool,
    unsure: String,
}

struct VersionLine {
    name: String,
    affected: bool,
    supported: bool,
    support: String,
    sbom: String,
    hits: Vec<HitLine>,
}

struct ProductCard {
    id: String,
    name: String,
    division: String,
    contact: String,
    affected: bool,
    versions: Vec<VersionLine>,
    users: Vec<UserLine>,
}

struct Found {
    vendors: usize,
    customers: usize,
    segments: usize,
    packages: Vec<PackageSeen>,
    cards: Vec<ProductCard>,
    affected_products: usize,
    affected_versions: usize,
    unsure_versions: usize,
    left_off: usize,
    unknown: Arc<Vec<(String, String)>>,
    vague: usize,
}

#[derive(Template)]
#[template(path = "console/affected.html")]
struct AffectedPage {
    frame: Frame,
    component: String,
    versions: String,
    found: Option<Found>,
    problem: Option<(String, String)>,
    writes: bool,
}

/// The question, and its answer.
pub async fn show(State(app): State<App>, staff: Staff, Query(asked): Query<Asked>) -> Answer {
    page(&app, &staff, asked, None).await
}

async fn page(app: &App, staff: &Staff, asked: Asked, refused: Option<(String, String)>) -> Answer {
    let mut problem = refused;
    let mut found = None;
    if asked.component.trim().is_empty() {
        // Nobody asked yet; whoever may not ask is told so all the same.
        if !may(staff.viewer(), Action::Read, Resource::Products) {
            return Err(ServiceError::NotFound.into());
        }
    } else {
        match answer(app, staff, &asked).await {
            Ok(answer) => found = Some(lines(app, answer).await?),
            Err(ServiceError::Invalid { field, why, remedy }) => {
                problem = Some((field, format!("{why} {remedy}")));
            }
            Err(other) => return Err(other.into()),
        }
    }
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = AffectedPage {
        frame: Frame::of(app, staff, "affected")
            .await?
            .saying(Some(&asked.said)),
        component: asked.component,
        versions: asked.versions,
        found,
        problem,
        writes: staff.viewer().sees_unrestricted_cases(),
    };
    render(&view, status)
}

async fn answer(
    app: &App,
    staff: &Staff,
    asked: &Asked,
) -> Result<inventory::Answer, ServiceError> {
    let question = Question {
        component: asked.component.clone(),
        versions: asked.versions.clone(),
    };
    let found = inventory::affected(app, staff.viewer(), question).await?;
    inventory::draw_ways(app, staff.viewer(), found, DRAWN).await
}

async fn lines(app: &App, answer: inventory::Answer) -> Result<Found, ServiceError> {
    let people = accounts::names(app).await?;
    let now = app.now();
    let affected = answer.products.iter().filter(|p| p.affected());
    let versions = || answer.products.iter().flat_map(|p| &p.versions);
    let reached = |kind: UseKind| {
        let users = answer.products.iter().flat_map(|p| &p.users);
        users.filter(|u| u.form.kind == kind).count()
    };
    Ok(Found {
        vendors: reached(UseKind::Vendor),
        customers: reached(UseKind::Customer),
        segments: reached(UseKind::Segment),
        affected_products: affected.count(),
        affected_versions: versions().filter(|v| v.affected()).count(),
        unsure_versions: versions().filter(|v| !v.affected()).count(),
        left_off: answer.products.len().saturating_sub(PRODUCTS),
        unknown: answer.without_document,
        vague: answer.vague_documents,
        packages: answer.packages,
        cards: answer
            .products
            .into_iter()
            .take(PRODUCTS)
            .map(|p| {
                let person = people.iter().find(|person| person.id == p.contact);
                let contact = person.map_or_else(|| "nobody active".to_owned(), |p| p.name.clone());
                card(p, contact, now)
            })
            .collect(),
    })
}

fn card(product: ProductAnswer, contact: String, now: Timestamp) -> ProductCard {
    ProductCard {
        id: product.id.to_string(),
        affected: product.affected(),
        name: product.name,
        division: product.division,
        contact,
        users: product
            .users
            .iter()
            .map(|u| UserLine {
                name: u.form.name.clone(),
                kind: u.form.kind.label(),
                days: u.form.days_to_deploy,
            })
            .collect(),
        versions: product
            .versions
            .into_iter()
            .map(|v| VersionLine {
                affected: v.affected(),
                supported: v.supported,
                support: support(v.supported_until, now),
                sbom: v.sbom.to_string(),
                hits: v
                    .components
                    .into_iter()
                    .map(|c| HitLine {
                        component: format!("{} {}", c.is.key, c.is.version),
                        drawn: v.drawn,
                        fixed: c.fixed_copy.map_or("", Unpatchable::label),
                        way: c.way,
                        unsure: match c.verdict {
                            Verdict::Affected => String::new(),
                            Verdict::Undecided(why) => why,
                        },
                    })
                    .collect(),
                name: v.version,
            })
            .collect(),
    }
}

/// Notes the chosen products in a case.
pub async fn into_case(
    State(app): State<App>,
    staff: Staff,
    Form(sent): Form<Vec<(String, String)>>,
) -> Answer {
    let fields: Fields = sent.iter().cloned().collect();
    ours(&staff, &fields)?;
    let asked = Asked {
        component: field(&fields, "component").to_owned(),
        versions: field(&fields, "versions").to_owned(),
        said: String::new(),
    };
    let number = field(&fields, "case").trim().trim_start_matches('#');
    let chosen: Vec<ProductId> = sent
        .iter()
        .filter(|(name, _)| name == "product")
        .filter_map(|(_, id)| id.parse().ok())
        .collect();
    let refused = |text: &str| Some(("case".to_owned(), text.to_owned()));
    let Ok(number) = number.parse::<i64>() else {
        let text = refused("Which case is not clear. Type its number.");
        return page(&app, &staff, asked, text).await;
    };
    if chosen.is_empty() {
        let text = refused("No product is chosen. Tick those that the case is to name.");
        return page(&app, &staff, asked, text).await;
    }
    let case = match cases::id_by_number(&app, staff.viewer(), number).await {
        Ok(case) => case,
        Err(ServiceError::NotFound) => {
            let text = refused("There is no such case that you may see. Type another number.");
            return page(&app, &staff, asked, text).await;
        }
        Err(other) => return Err(other.into()),
    };
    let found = answer(&app, &staff, &asked).await?;
    match inventory::into_case(&app, staff.viewer(), case, &found, &chosen).await {
        Ok(_) => Ok(Redirect::to(&format!("/console/cases/{number}?said=done")).into_response()),
        Err(ServiceError::Refused(refusal)) => {
            let text = format!("{} {}", refusal.why, refusal.remedy);
            page(&app, &staff, asked, refused(&text)).await
        }
        Err(other) => Err(other.into()),
    }
}

struct SharedRow {
    product_id: String,
    product: String,
    version: String,
    sbom: String,
    same: Vec<String>,
    more_same: usize,
    other: Vec<(String, String)>,
    more_other: usize,
}

#[derive(Template)]
#[template(path = "console/shared.html")]
struct SharedPage {
    frame: Frame,
    called: String,
    components: usize,
    unknown: usize,
    rows: Vec<SharedRow>,
    left_off: usize,
}

/// Components of a row that are named; more are counted.
const NAMED: usize = 12;

/// Which versions of products contain what a document contains. Nothing of it is kept.
pub async fn document(State(app): State<App>, staff: Staff, request: Request) -> Answer {
    if !may(staff.viewer(), Action::Read, Resource::Products) {
        return Err(ServiceError::NotFound.into());
    }
    let form = Parts::of(&app, request)
        .await
        .map_err(|e| Problem::of(e.status(), e.body_text()))?;
    let (document, _) = super::product::read(&staff, form).await?;
    let called = document.facts().file_name.clone();
    let found = inventory::shared(&app, staff.viewer(), document).await?;
    let view = SharedPage {
        frame: Frame::of(&app, &staff, "affected").await?,
        called,
        components: found.components,
        unknown: found.unknown,
        left_off: found.by.len().saturating_sub(PRODUCTS),
        rows: found
            .by
            .into_iter()
            .take(PRODUCTS)
            .map(|s| SharedRow {
                product_id: s.product.to_string(),
                product: s.name,
                version: s.version,
                sbom: s.sbom.to_string(),
                more_same: s.same.len().saturating_sub(NAMED),
                same: s.same.into_iter().take(NAMED).collect(),
                more_other: s.other.len().saturating_sub(NAMED),
                other: s
                    .other
                    .into_iter()
                    .take(NAMED)
                    .map(|(theirs, ours)| (theirs, ours.join(", ")))
                    .collect(),
            })
            .collect(),
    };
    render(&view, StatusCode::OK)
}
