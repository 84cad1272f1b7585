//! The demonstration: a fictional vendor with half a year of cases, made by the real commands
//! while a clock that stands where we put it goes from then to now.
//!
//! Nothing here writes a row by itself: what the demonstration shows, the use cases can do. The
//! stories stand in [`stories`], the steps of a story in [`steps`].

mod acting;
mod made_of;
mod room;
mod steps;
mod stories;
mod watched;

use crate::clock::TestClock;
use crate::error::ServiceError;
use crate::products::{ProductForm, ProductVersion};
use crate::{App, accounts, jobs, policies, products};
use acting::Stage;
use entente_domain::access::{Role, Viewer};
use entente_domain::ids::{ProductId, UserId};
use entente_domain::policy::{Numbers, PolicyKind};
use entente_domain::time::{Timestamp, WorkingCalendar};

/// The password of every persona. It opens nothing but a demonstration, which is bound to
/// loopback and thrown away.
pub const DEMO_PASSWORD: &str = "only to look around, 42 gates";

/// The days that the demonstration looks back on.
const DAYS: i64 = 180;

/// The people: name, mail, offices.
pub const PERSONAS: [(&str, &str, &[Role]); 7] = [
    (
        "Ada Lind",
        "ada.lind@alder.example",
        &[Role::Lead, Role::Administrator],
    ),
    ("Ben Osei", "ben.osei@alder.example", &[Role::Analyst]),
    ("Chiara Neri", "chiara.neri@alder.example", &[Role::Legal]),
    ("Dev Rao", "dev.rao@alder.example", &[Role::ProductContact]),
    (
        "Eva Sund",
        "eva.sund@alder.example",
        &[Role::PublicRelations],
    ),
    ("Femi Ade", "femi.ade@alder.example", &[Role::Support]),
    ("Gus Weber", "gus.weber@alder.example", &[Role::Auditor]),
];

/// What was made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DemoSummary {
    /// Links of people of other parties, with whom they stand for.
    pub guests: Vec<(String, String)>,
    /// Members of staff.
    pub people: usize,
    /// Products.
    pub products: usize,
    /// Cases.
    pub cases: usize,
    /// Published advisories.
    pub published: usize,
}

impl std::fmt::Display for DemoSummary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} people, {} products, {} cases, {} published advisories",
            self.people, self.products, self.cases, self.published
        )
    }
}

/// The people by their part.
pub(super) struct Cast {
    pub(super) lead: Viewer,
    pub(super) analyst: Viewer,
    pub(super) legal: Viewer,
    pub(super) contact: Viewer,
    pub(super) support: Viewer,
}

/// Fills an empty instance. `clock` is the application's clock; it stands at now before and
/// after.
pub async fn fill(app: &App, clock: &TestClock) -> Result<DemoSummary, ServiceError> {
    if !accounts::needs_set_up(app).await? {
        return Err(ServiceError::invalid(
            "demo",
            "This instance has accounts already.",
            "The demonstration fills an empty instance only.",
        ));
    }
    let end = app.now();
    let result = tell(app, clock, end).await;
    clock.set(end);
    result
}

async fn tell(app: &App, clock: &TestClock, end: Timestamp) -> Result<DemoSummary, ServiceError> {
    clock.set(end.plus_days(-DAYS));
    let cast = people(app).await?;
    approve_policies(app, &cast).await?;
    clock.set(end.plus_days(-DAYS).plus_hours(1));
    let products = register(app, &cast).await?;

    let named: Vec<_> = products
        .iter()
        .copied()
        .zip(stories::PRODUCTS.iter().map(|p| p.name))
        .collect();
    made_of::take(app, &cast, &named).await?;

    let parties = room::register(app, &cast).await?;
    made_of::users(app, &cast, &named, &parties).await?;

    // Everything that happens, of all stories, in the order in which it happened.
    let mut stage = Stage::new(app, &cast, &products, &parties);
    let mut happenings = steps::all(end);
    happenings.sort_by_key(|h| h.at);
    let mut day = 0;
    for happening in happenings {
        clock.set(happening.at);
        stage.play(&happening).await?;
        if happening.at.day_number() >= day + 2 {
            day = happening.at.day_number();
            // Mails go out and alarms are raised within two days, not all at the end. More often
            // costs a signed head of the journal each time.
            background(app).await?;
        }
    }
    clock.set(end.plus_hours(-3));
    watched::take(app, &cast).await?;
    clock.set(end);
    background(app).await?;
    Ok(DemoSummary {
        guests: room::links(app, &cast, stage.shared()).await?,
        people: PERSONAS.len(),
        products: products.len(),
        cases: stage.cases(),
        published: stage.published(),
    })
}

/// What is due in the background. One after the other: several at once would draw from the same
/// source of randomness in an order that nobody chose, and two demonstrations of one seed would not
/// be the same.
async fn background(app: &App) -> Result<(), ServiceError> {
    jobs::run_due(app).await?;
    Ok(())
}

async fn people(app: &App) -> Result<Cast, ServiceError> {
    let mut viewers = Vec::new();
    for (n, (name, mail, roles)) in PERSONAS.iter().enumerate() {
        let user: UserId = accounts::create(app, name, mail, DEMO_PASSWORD, roles, n == 0).await?;
        viewers.push(Viewer::Staff {
            user,
            roles: roles.to_vec(),
        });
    }
    let of = |role: Role| {
        viewers
            .iter()
            .find(|v| v.has(role))
            .cloned()
            .ok_or_else(|| ServiceError::internal(format!("no persona is {role}")))
    };
    Ok(Cast {
        lead: of(Role::Lead)?,
        analyst: of(Role::Analyst)?,
        legal: of(Role::Legal)?,
        contact: of(Role::ProductContact)?,
        support: of(Role::Support)?,
    })
}

async fn approve_policies(app: &App, cast: &Cast) -> Result<(), ServiceError> {
    let public = Numbers {
        acknowledgement_working_days: 3,
        verification_working_days: 15,
        ..Numbers::default()
    };
    for (kind, sections, numbers) in [
        (
            PolicyKind::Internal,
            stories::INTERNAL_POLICY,
            Numbers::default(),
        ),
        (PolicyKind::Public, stories::PUBLIC_POLICY, public),
    ] {
        let sections = sections
            .iter()
            .map(|(h, t)| ((*h).to_owned(), (*t).to_owned()))
            .collect();
        let id = policies::draft(
            app,
            &cast.lead,
            kind,
            sections,
            numbers,
            WorkingCalendar::default(),
        )
        .await?;
        policies::approve(app, &cast.legal, id).await?;
    }
    Ok(())
}

async fn register(app: &App, cast: &Cast) -> Result<Vec<ProductId>, ServiceError> {
    let (Some(contact), deputy) = (cast.contact.user(), cast.analyst.user()) else {
        return Err(ServiceError::internal("a persona without an account"));
    };
    let now = app.now();
    let mut ids = Vec::new();
    for p in stories::PRODUCTS {
        let versions = p
            .versions
            .iter()
            .map(|(name, supported)| ProductVersion {
                name: (*name).to_owned(),
                branch: (*name).to_owned(),
                supported_from: Some(now.plus_days(-900)),
                supported_until: (!supported).then(|| now.plus_days(-30)),
                platforms: Vec::new(),
            })
            .collect();
        let form = ProductForm {
            name: p.name.to_owned(),
            family: p.family.to_owned(),
            kind: p.kind.to_owned(),
            division: p.division.to_owned(),
            contact,
            deputy,
            versions,
            fixed_copies: made_of::fixed_copies(p.name),
        };
        ids.push(products::save(app, &cast.lead, None, form).await?);
    }
    Ok(ids)
}
