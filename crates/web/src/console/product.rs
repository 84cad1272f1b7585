//! A product: its versions, and what each of them is made of.

use super::view::{Frame, When, render, support};
use super::{Answer, Fields, ours};
use crate::api::upload::status;
use crate::parts::{Form, Part};
use crate::portal::words;
use crate::problem::Problem;
use crate::reading::Reading;
use crate::session::Staff;
use askama::Template;
use axum::extract::multipart::MultipartError;
use axum::extract::{Form as Typed, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use entente_domain::access::{Action, Resource, may};
use entente_domain::ids::{ProductId, SbomId};
use entente_service::inventory::{self, Document, Listed, SbomFacts, SbomHead, Target};
use entente_service::products::{self, Product};
use entente_service::{App, ServiceError, accounts};
use serde::Deserialize;

/// The longest value of a field beside the file.
const LONGEST_FIELD: usize = 400;
/// Components on a page.
const ROWS: usize = 200;

struct SbomLine {
    id: String,
    format: String,
    components: u64,
    relations: u64,
    unidentified: u64,
    missing: usize,
    taken: When,
}

struct VersionLine {
    name: String,
    support: String,
    supported: bool,
    sbom: Option<SbomLine>,
}

#[derive(Template)]
#[template(path = "console/product.html")]
struct ProductPage {
    frame: Frame,
    id: String,
    product: Product,
    contact: String,
    deputy: String,
    versions: Vec<VersionLine>,
    unknown: usize,
    writes: bool,
    largest: String,
}

/// What was done just now.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Said {
    said: String,
}

fn sbom_line(head: &SbomHead, now: entente_domain::time::Timestamp) -> SbomLine {
    SbomLine {
        id: head.id.to_string(),
        format: format!("{} {}", head.facts.format, head.facts.spec_version),
        components: head.facts.components,
        relations: head.facts.relations,
        unidentified: head.facts.unidentified,
        missing: head.facts.missing.len(),
        taken: When::of(head.taken_at, now),
    }
}

/// The product's page.
pub async fn show(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<ProductId>,
    Query(said): Query<Said>,
) -> Answer {
    let now = app.now();
    let product = products::get(&app, staff.viewer(), id).await?;
    let documents = inventory::of_product(&app, staff.viewer(), id).await?;
    let people = accounts::names(&app).await?;
    let name = |id| {
        let person = people.iter().find(|p| p.id == id);
        person.map_or_else(|| "nobody active".to_owned(), |p| p.name.clone())
    };
    let versions: Vec<VersionLine> = product
        .form
        .versions
        .iter()
        .map(|v| VersionLine {
            name: v.name.clone(),
            support: support(v.supported_until, now),
            supported: v.supported_until.is_none_or(|t| t > now),
            sbom: documents
                .iter()
                .find(|d| d.facts.product_version == v.name)
                .map(|d| sbom_line(d, now)),
        })
        .collect();
    let view = ProductPage {
        frame: Frame::of(&app, &staff, "products")
            .await?
            .saying(Some(&said.said)),
        id: id.to_string(),
        contact: name(product.form.contact),
        deputy: product.form.deputy.map(name).unwrap_or_default(),
        unknown: versions.iter().filter(|v| v.sbom.is_none()).count(),
        versions,
        writes: may(staff.viewer(), Action::Write, Resource::Products),
        largest: words::size(u64::try_from(app.config().limits.request_bytes).unwrap_or(u64::MAX)),
        product,
    };
    render(&view, StatusCode::OK)
}

/// Takes a document in for a version of the product.
pub async fn take(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<ProductId>,
    request: Request,
) -> Answer {
    inventory::may_take(&app, staff.viewer(), id).await?;
    let form = Form::of(&app, request)
        .await
        .map_err(|e| Problem::of(e.status(), e.body_text()))?;
    let (document, version) = read(&staff, form).await?;
    let target = Target {
        product: id,
        version,
        add_version: true,
    };
    inventory::take(&app, staff.viewer(), target, document).await?;
    Ok(Redirect::to(&format!("/console/products/{id}?said=saved")).into_response())
}

/// The document and the version that it is about. The form's token comes before the file, so that
/// nothing is read for a form that another page made.
async fn read(staff: &Staff, mut form: Form) -> Result<(Document, String), Problem> {
    let (mut ours, mut version, mut other) = (false, String::new(), String::new());
    while let Some(mut part) = form.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "csrf" => ours = staff.form_is_ours(&text(&mut part).await?),
            _ if !ours => break,
            "version" => version = text(&mut part).await?,
            "other" => other = text(&mut part).await?,
            "file" => {
                let called = part.file_name().unwrap_or_default().to_owned();
                if called.is_empty() {
                    return Err(wrong("There is no file. Choose one, then send the form."));
                }
                let reading = Reading::of_sbom(called);
                let mut listens = true;
                while let Some(data) = part.chunk().await.map_err(broken)? {
                    // Once the reader gave up, the rest is dropped, so that the answer arrives.
                    listens = listens && reading.push(data).await;
                }
                let document = reading.finish().await?;
                // The field for another version wins: whoever types into it means it.
                let named = if other.trim().is_empty() {
                    version
                } else {
                    other
                };
                return Ok((document, named));
            }
            _ => part.skip().await.map_err(broken)?,
        }
    }
    if ours {
        Err(wrong("There is no file. Choose one, then send the form."))
    } else {
        Err(super::foreign())
    }
}

async fn text(part: &mut Part<'_>) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > LONGEST_FIELD {
            return Err(wrong("A field of the form is too long."));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| wrong("A field of the form is not UTF-8."))
}

fn wrong(text: &str) -> Problem {
    Problem::of(StatusCode::UNPROCESSABLE_ENTITY, text)
}

fn broken(error: MultipartError) -> Problem {
    Problem::of(status(&error), error.body_text())
}

struct ComponentLine {
    name: String,
    package: String,
    question: String,
    scope: String,
    steps: String,
    needed_by: usize,
}

#[derive(Template)]
#[template(path = "console/composition.html")]
struct CompositionPage {
    frame: Frame,
    product: String,
    product_id: String,
    id: String,
    facts: SbomFacts,
    taken: When,
    rows: Vec<ComponentLine>,
    all: usize,
    found: usize,
    q: String,
    next: Option<usize>,
    writes: bool,
}

/// What is looked for among the components, and from which on.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Looked {
    q: String,
    from: usize,
}

/// What a version of the product is made of.
pub async fn composition(
    State(app): State<App>,
    staff: Staff,
    Path((product, id)): Path<(ProductId, SbomId)>,
    Query(looked): Query<Looked>,
) -> Answer {
    let product = products::get(&app, staff.viewer(), product).await?;
    let made_of = inventory::composition(&app, staff.viewer(), id).await?;
    if made_of.head.product != product.id {
        return Err(ServiceError::NotFound.into());
    }
    let wanted = looked.q.trim().to_lowercase();
    let all = made_of.lines.len();
    let found: Vec<_> = made_of
        .lines
        .into_iter()
        .filter(|l| l.name.to_lowercase().contains(&wanted) || l.is.key.contains(&wanted))
        .collect();
    let rows = found.iter().skip(looked.from).take(ROWS);
    let rows: Vec<ComponentLine> = rows
        .map(|l| ComponentLine {
            name: l.name.clone(),
            package: l.is.key.clone(),
            question: question(&l.is.key),
            scope: l.is.scope.clone(),
            steps: match l.listed {
                Listed::Steps(1) => "directly".to_owned(),
                Listed::Steps(n) => format!("{n} steps"),
                Listed::Only => "not said".to_owned(),
            },
            needed_by: l.needed_by,
        })
        .collect();
    let end = looked.from + rows.len();
    let view = CompositionPage {
        frame: Frame::of(&app, &staff, "products").await?,
        product: product.form.name,
        product_id: product.id.to_string(),
        id: id.to_string(),
        taken: When::of(made_of.head.taken_at, app.now()),
        facts: made_of.head.facts,
        next: (end < found.len()).then_some(end),
        found: found.len(),
        all,
        rows,
        q: looked.q,
        writes: may(staff.viewer(), Action::Write, Resource::Products),
    };
    render(&view, StatusCode::OK)
}

/// The question for everybody who has this package.
fn question(key: &str) -> String {
    let asked = key
        .strip_prefix("name:")
        .map_or(key, |name| name.rsplit('/').next().unwrap_or(name));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("component", asked);
    format!("/console/affected?{}", query.finish())
}

/// Takes a document out of the inventory.
pub async fn remove(
    State(app): State<App>,
    staff: Staff,
    Path((product, id)): Path<(ProductId, SbomId)>,
    Typed(fields): Typed<Fields>,
) -> Answer {
    ours(&staff, &fields)?;
    inventory::remove(&app, staff.viewer(), product, id).await?;
    Ok(Redirect::to(&format!("/console/products/{product}?said=done")).into_response())
}
