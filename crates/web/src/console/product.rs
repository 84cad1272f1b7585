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
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use entente_domain::access::{Action, Resource, may};
use entente_domain::ids::{PartyId, ProductId, ProductUserId, SbomId};
use entente_domain::kinds::UseKind;
use entente_service::inventory::{
    self, Document, ExportFormat, Listed, ProductUser, ProductUserForm, SbomFacts, SbomHead, Target,
};
use entente_service::parties::{self, Party};
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

struct UserLine {
    id: String,
    name: String,
    kind: &'static str,
    versions: String,
    reached: String,
    days: String,
}

#[derive(Template)]
#[template(path = "console/product.html")]
struct ProductPage {
    users: Vec<UserLine>,
    parties: Vec<Party>,
    kinds: Vec<(&'static str, &'static str)>,
    problem: Option<String>,
    typed: Fields,
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

impl ProductPage {
    /// What was typed into a field, where the form comes back.
    fn was(&self, name: &str) -> &str {
        super::field(&self.typed, name)
    }
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
    page(&app, &staff, id, &said.said, Fields::new(), None).await
}

/// Parties to choose from, for whoever may read their register.
async fn choices(app: &App, staff: &Staff) -> Result<Vec<Party>, ServiceError> {
    match parties::list(app, staff.viewer()).await {
        Err(ServiceError::NotFound) => Ok(Vec::new()),
        found => found,
    }
}

fn user_line(user: ProductUser, parties: &[Party]) -> UserLine {
    let party = user
        .form
        .party
        .and_then(|id| parties.iter().find(|p| p.id == id));
    let contacts = party.map(|p| {
        let mails: Vec<&str> = p.form.contacts.iter().map(|c| c.mail.as_str()).collect();
        mails.join(", ")
    });
    UserLine {
        id: user.id.to_string(),
        name: user.form.name,
        kind: user.form.kind.label(),
        versions: if user.form.versions.is_empty() {
            "all".to_owned()
        } else {
            user.form.versions.join(", ")
        },
        reached: contacts.unwrap_or(user.form.contact),
        days: user
            .form
            .days_to_deploy
            .map(|d| d.to_string())
            .unwrap_or_default(),
    }
}

/// Enters somebody who uses the product.
pub async fn add_user(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<ProductId>,
    Typed(fields): Typed<Fields>,
) -> Answer {
    ours(&staff, &fields)?;
    let text = |name: &str| super::field(&fields, name).trim().to_owned();
    let party: Option<PartyId> = text("party").parse().ok();
    let known = choices(&app, &staff).await?;
    let of_party = party.and_then(|id| known.iter().find(|p| p.id == id));
    let days = text("days_to_deploy");
    let form = match (text("kind").parse(), days.parse::<u32>()) {
        (Err(_), _) => Err("Choose in what way they use it.".to_owned()),
        (_, Err(_)) if !days.is_empty() => Err("The days are not a number.".to_owned()),
        (Ok(kind), days) => Ok(ProductUserForm {
            kind,
            name: match of_party {
                Some(party) if text("name").is_empty() => party.form.name.clone(),
                _ => text("name"),
            },
            party: of_party.map(|p| p.id),
            versions: text("versions")
                .split(',')
                .map(|v| v.trim().to_owned())
                .filter(|v| !v.is_empty())
                .collect(),
            contact: text("contact"),
            days_to_deploy: days.ok(),
        }),
    };
    let problem = match form {
        Err(problem) => problem,
        Ok(form) => match inventory::add_user(&app, staff.viewer(), id, form).await {
            Ok(_) => {
                let to = format!("/console/products/{id}?said=saved#users");
                return Ok(Redirect::to(&to).into_response());
            }
            Err(ServiceError::Invalid { why, remedy, .. }) => format!("{why} {remedy}"),
            Err(other) => return Err(other.into()),
        },
    };
    page(&app, &staff, id, "", fields, Some(problem)).await
}

/// Removes somebody who uses it no more.
pub async fn remove_user(
    State(app): State<App>,
    staff: Staff,
    Path((product, id)): Path<(ProductId, ProductUserId)>,
    Typed(fields): Typed<Fields>,
) -> Answer {
    ours(&staff, &fields)?;
    inventory::remove_user(&app, staff.viewer(), product, id).await?;
    Ok(Redirect::to(&format!("/console/products/{product}?said=done#users")).into_response())
}

async fn page(
    app: &App,
    staff: &Staff,
    id: ProductId,
    said: &str,
    typed: Fields,
    problem: Option<String>,
) -> Answer {
    let now = app.now();
    let product = products::get(app, staff.viewer(), id).await?;
    let documents = inventory::of_product(app, staff.viewer(), id).await?;
    let parties = choices(app, staff).await?;
    let users = inventory::users(app, staff.viewer(), id).await?;
    let people = accounts::names(app).await?;
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
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = ProductPage {
        frame: Frame::of(app, staff, "products").await?.saying(Some(said)),
        users: users.into_iter().map(|u| user_line(u, &parties)).collect(),
        parties,
        kinds: UseKind::ALL
            .iter()
            .map(|k| (k.as_str(), k.label()))
            .collect(),
        problem,
        typed,
        id: id.to_string(),
        contact: name(product.form.contact),
        deputy: product.form.deputy.map(name).unwrap_or_default(),
        unknown: versions.iter().filter(|v| v.sbom.is_none()).count(),
        versions,
        writes: may(staff.viewer(), Action::Write, Resource::Products),
        largest: words::size(u64::try_from(app.config().limits.request_bytes).unwrap_or(u64::MAX)),
        product,
    };
    render(&view, status)
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
pub(super) async fn read(staff: &Staff, mut form: Form) -> Result<(Document, String), Problem> {
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

/// What the inventory knows by one document, to save.
pub async fn export(
    State(app): State<App>,
    staff: Staff,
    Path((product, id, format)): Path<(ProductId, SbomId, String)>,
) -> Answer {
    let format = ExportFormat::of(&format).ok_or(ServiceError::NotFound)?;
    let content = inventory::export(&app, staff.viewer(), product, id, format).await?;
    Ok((
        [
            (header::CONTENT_TYPE, "application/json".to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{id}.{}\"", format.ending()),
            ),
        ],
        content,
    )
        .into_response())
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
