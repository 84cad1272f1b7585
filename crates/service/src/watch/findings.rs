//! The findings as people see them: in order of urgency, with what is known of exploitation, and
//! what is done about one.

use super::meet::content as content_of;
use super::{Content, Did, Exploited, Signals, Step};
use crate::error::ServiceError;
use crate::products::{self, Product};
use crate::reports::{self, Identity, Submission};
use crate::{App, Fault, cases, fold, inventory, known, look, transact};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_domain::command::{Command, ReportForm};
use entente_domain::ids::{CaseId, FindingId, ProductId};
use entente_domain::kinds::{Affectedness, Channel, FindingState, Source};
use entente_domain::time::Timestamp;
use entente_store::Tx;
use entente_store::watch::{self as table, Finding};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Every finding, read once for all who ask.
#[derive(Default)]
pub(crate) struct Findings {
    all: Vec<(Finding, Arc<Content>)>,
    open: usize,
}

impl Findings {
    /// How many wait for a decision.
    pub(crate) fn open(&self) -> usize {
        self.open
    }
}

pub(crate) fn everything(tx: &mut Tx<'_>) -> Result<Findings, Fault> {
    let all = table::all_findings(tx)?.into_iter().map(|mut finding| {
        let content = Arc::new(content_of(&finding)?);
        finding.body = Vec::new();
        Ok((finding, content))
    });
    let all = all.collect::<Result<Vec<_>, Fault>>()?;
    let open = all
        .iter()
        .filter(|(_, c)| c.state() == FindingState::Open)
        .count();
    Ok(Findings { all, open })
}

/// A finding, ready to be shown.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its id.
    pub id: FindingId,
    /// The product.
    pub product: ProductId,
    /// The product's name.
    pub product_name: String,
    /// What became of it.
    pub state: FindingState,
    /// When it was found.
    pub found_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// What it is about.
    pub content: Arc<Content>,
    /// Who lists the vulnerability as exploited.
    pub exploited: Vec<Exploited>,
    /// Probability of exploitation in 30 days, and its percentile, in millionths.
    pub epss: Option<(u32, u32)>,
    /// Whether a version that certainly has it is supported.
    pub supported: bool,
}

impl Found {
    fn of(
        finding: &Finding,
        content: &Arc<Content>,
        products: &[Product],
        signals: &Signals,
        now: Timestamp,
    ) -> Self {
        let product = products.iter().find(|p| p.id == finding.product);
        let affected = content.affected_versions();
        let supported = product.is_some_and(|p| {
            let versions = p.form.versions.iter();
            let mut of = versions.filter(|v| affected.contains(v.name.as_str()));
            of.any(|v| v.supported_until.is_none_or(|until| until > now))
        });
        Self {
            id: finding.id,
            product: finding.product,
            product_name: product.map_or_else(String::new, |p| p.form.name.clone()),
            state: content.state(),
            found_at: finding.found_at,
            changed_at: finding.changed_at,
            exploited: signals
                .exploited(&content.names)
                .into_iter()
                .cloned()
                .collect(),
            epss: signals.epss(&content.names),
            content: Arc::clone(content),
            supported,
        }
    }

    /// What comes first: what is exploited, what is supported, what is likely, what is severe, what
    /// is new.
    fn urgency(&self) -> impl Ord + use<> {
        let likely = self
            .epss
            .map_or(0, |(probability, _)| probability / 100_000);
        std::cmp::Reverse((
            !self.exploited.is_empty(),
            self.supported,
            likely,
            self.content.score(),
            self.found_at,
            self.id,
        ))
    }
}

/// The findings in a state, most urgent first, with how many there are in each state.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not read them.
pub async fn list(
    app: &App,
    viewer: &Viewer,
    state: FindingState,
    product: Option<ProductId>,
) -> Result<(Vec<Found>, BTreeMap<FindingState, usize>), ServiceError> {
    if !may(viewer, Action::Read, Resource::Watch) {
        return Err(ServiceError::NotFound);
    }
    let (a, now) = (app.clone(), app.now());
    look(app, move |tx| {
        let generations = known::generations(tx)?;
        let findings = generations.findings(&a, tx)?;
        let products = generations.products(&a, tx)?;
        let signals = generations.signals(&a, tx)?;
        let mut counts: BTreeMap<FindingState, usize> =
            FindingState::ALL.iter().map(|s| (*s, 0)).collect();
        let mut found = Vec::new();
        for (finding, content) in &findings.all {
            if product.is_some_and(|p| p != finding.product) {
                continue;
            }
            let of = content.state();
            *counts.entry(of).or_default() += 1;
            if of == state {
                found.push(Found::of(finding, content, &products, &signals, now));
            }
        }
        found.sort_by_cached_key(Found::urgency);
        Ok((found, counts))
    })
    .await
}

/// A finding with what the advisories say.
#[derive(Clone, Debug)]
pub struct Detail {
    /// The finding.
    pub found: Found,
    /// What it is, at length, in the words of the advisory that says most.
    pub details: String,
    /// Where more is to be read, each once.
    pub references: Vec<String>,
    /// Documents that it rests on: identifier, form, when it was changed and when it was seen.
    pub documents: Vec<(String, &'static str, String, Timestamp)>,
    /// By which way each version has each component: version of the product, then the components
    /// from the product's side.
    pub ways: Vec<(String, Vec<String>)>,
    /// The number of the case that it became, if the viewer may see it.
    pub case: Option<i64>,
}

/// A finding at length.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not read it, or where there is none.
pub async fn detail(app: &App, viewer: &Viewer, id: FindingId) -> Result<Detail, ServiceError> {
    if !may(viewer, Action::Read, Resource::Watch) {
        return Err(ServiceError::NotFound);
    }
    let (a, now) = (app.clone(), app.now());
    let mut detail = look(app, move |tx| {
        let generations = known::generations(tx)?;
        let products = generations.products(&a, tx)?;
        let signals = generations.signals(&a, tx)?;
        let finding = table::finding(tx, id)?.ok_or(Fault::Service(ServiceError::NotFound))?;
        let content = Arc::new(content_of(&finding)?);
        let mut detail = Detail {
            found: Found::of(&finding, &content, &products, &signals, now),
            details: String::new(),
            references: Vec::new(),
            documents: Vec::new(),
            ways: Vec::new(),
            case: None,
        };
        let lines = content.lines.iter();
        let denying = lines
            .clone()
            .filter_map(|l| l.denied.as_ref())
            .map(|d| &d.document);
        let documents: BTreeSet<&String> = lines.map(|l| &l.document).chain(denying).collect();
        for document in documents {
            let Some(seen) = table::current(tx, document)? else {
                continue;
            };
            let Some(read) = a.world().read(tx, &[seen.n])?.pop() else {
                continue;
            };
            for vulnerability in &read.vulnerabilities {
                if vulnerability.names.is_disjoint(&content.names) {
                    continue;
                }
                if vulnerability.details.len() > detail.details.len() {
                    detail.details.clone_from(&vulnerability.details);
                }
                for reference in &vulnerability.references {
                    if !detail.references.contains(reference) {
                        detail.references.push(reference.clone());
                    }
                }
            }
            let label = read.kind.label();
            detail
                .documents
                .push((seen.id, label, read.modified.clone(), seen.seen_at));
        }
        detail.ways = inventory::ways_to(&a, tx, finding.product, &content.lines)?;
        Ok(detail)
    })
    .await?;
    let reported = detail
        .found
        .content
        .steps
        .iter()
        .rev()
        .find_map(|step| match &step.did {
            Did::Reported { number, .. } => Some(*number),
            _ => None,
        });
    if let Some(number) = reported {
        // A case that the viewer may not see has no number either.
        match cases::id_by_number(app, viewer, number).await {
            Ok(_) => detail.case = Some(number),
            Err(ServiceError::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(detail)
}

/// What is to be done about a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// Make it a report in the register, from a public source, with the affected versions as rows
    /// of its case.
    Report,
    /// Set it aside, for this reason.
    SetAside(String),
    /// Take it up again.
    TakeUp,
}

/// Does something about a finding; answers the number of the case where there is one now.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not decide; [`ServiceError::Invalid`] where it does not
/// fit the state, or a reason is missing.
pub async fn act(
    app: &App,
    viewer: &Viewer,
    id: FindingId,
    act: Act,
) -> Result<Option<i64>, ServiceError> {
    if !may(viewer, Action::Write, Resource::Watch) {
        return Err(ServiceError::NotFound);
    }
    let detail = detail(app, viewer, id).await?;
    let content = &detail.found.content;
    let state = detail.found.state;
    let did = match act {
        Act::Report if state == FindingState::Reported => {
            return Err(ServiceError::invalid(
                "act",
                "It is in the register already.",
                "Open its case.",
            ));
        }
        Act::Report => {
            let (case, number) = report(app, viewer, &detail).await?;
            Did::Reported { case, number }
        }
        Act::SetAside(why) => {
            let why = why.trim().to_owned();
            if why.is_empty() || why.len() > 2_000 {
                return Err(ServiceError::invalid(
                    "why",
                    "A reason of at most 2,000 bytes is needed.",
                    "Say why it needs nothing, so that others need not ask again.",
                ));
            }
            if !matches!(
                state,
                FindingState::Open | FindingState::Undecided | FindingState::Denied
            ) {
                return Err(ServiceError::invalid(
                    "act",
                    format!("It does not wait for a decision: {}.", state.label()),
                    "Take it up first.",
                ));
            }
            let lines = content.lines.iter();
            let versions = lines.map(|l| l.product_version.clone()).collect();
            Did::SetAside { why, versions }
        }
        Act::TakeUp if state == FindingState::SetAside => Did::TakenUp,
        Act::TakeUp => {
            return Err(ServiceError::invalid(
                "act",
                format!("It was not set aside: {}.", state.label()),
                "Choose one that was.",
            ));
        }
    };
    let number = match &did {
        Did::Reported { number, .. } => Some(*number),
        _ => None,
    };
    let now = app.now();
    let step = Step {
        at: now,
        by: viewer.user(),
        did,
    };
    transact(app, move |tx| {
        let mut finding = table::finding(tx, id)?.ok_or(Fault::Service(ServiceError::NotFound))?;
        let mut content = content_of(&finding)?;
        // Somebody else decided meanwhile; only that it is a report now is not undone by that.
        let reported = matches!(step.did, Did::Reported { .. });
        if content.state() != state && !reported {
            return Err(Fault::Service(ServiceError::invalid(
                "act",
                format!("It changed meanwhile: {}.", content.state().label()),
                "Look at it again.",
            )));
        }
        content.steps.push(step.clone());
        finding.state = content.state().as_str().to_owned();
        finding.changed_at = now;
        finding.body =
            serde_json::to_vec(&content).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
        table::save(tx, &finding, &content.names, false, &[])?;
        Ok(table::changed(tx)?)
    })
    .await?;
    Ok(number)
}

/// Makes a report of it. Doing it again after a kill finds the first one.
async fn report(
    app: &App,
    viewer: &Viewer,
    detail: &Detail,
) -> Result<(CaseId, i64), ServiceError> {
    let found = &detail.found;
    let product = products::get(app, viewer, found.product).await?;
    let submitted = reports::submit(
        app,
        viewer,
        Submission {
            form: form(detail),
            identity: Identity::default(),
            source: Source::Public,
            channel: Channel::Console,
            attachments: Vec::new(),
            client: None,
            ticket: None,
            idempotency_key: Some(format!("finding {}", found.id)),
        },
    )
    .await?;
    let case = submitted.case;
    let number = look(app, move |tx| Ok(fold::case(tx, case)?.map(|c| c.number))).await?;
    let number = number.ok_or(ServiceError::NotFound)?;
    let affected = found.content.affected_versions();
    let certain = !affected.is_empty();
    let versions: Vec<&str> = match certain {
        true => affected.into_iter().collect(),
        false => {
            let lines = found.content.lines.iter();
            lines
                .map(|l| l.product_version.as_str())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect()
        }
    };
    if !versions.is_empty() {
        let row = Command::SetAffected {
            product: product.id,
            versions: inventory::these(&versions),
            status: match certain {
                true => Affectedness::Affected,
                false => Affectedness::UnderInvestigation,
            },
            justification: None,
            fixed_versions: String::new(),
            note: components(&found.content).chars().take(2_000).collect(),
        };
        cases::act(app, viewer, submitted.case, None, row).await?;
    }
    let name = found.content.vulnerability();
    if name.starts_with("CVE-") {
        let cve = Command::SetCve {
            cve: name.to_owned(),
        };
        match cases::act(app, viewer, submitted.case, None, cve).await {
            // A name that is no well-formed CVE id stays among the names of the report.
            Ok(_) | Err(ServiceError::Refused(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok((submitted.case, number))
}

fn components(content: &Content) -> String {
    let lines = content.lines.iter().filter(|l| l.denied.is_none());
    let all: BTreeSet<String> = lines
        .map(|l| {
            let name = format!("{} {}", l.package, l.version);
            match &l.fixed_in {
                Some(fixed) => format!("{} (fixed in {fixed})", name.trim()),
                None => name.trim().to_owned(),
            }
        })
        .collect();
    let all: Vec<String> = all.into_iter().collect();
    format!("By its bill of materials: {}.", all.join(", "))
}

fn form(detail: &Detail) -> ReportForm {
    let found = &detail.found;
    let content = &found.content;
    let name = content.vulnerability();
    let cut = |text: &str, most: usize| -> String { text.chars().take(most).collect() };
    let versions: Vec<&str> = content.affected_versions().into_iter().collect();
    let mut description = format!("{}\n\n{}", content.title, components(content));
    if !detail.details.trim().is_empty() {
        description.push_str("\n\nWhat was published:\n");
        description.push_str(&cut(detail.details.trim(), 8_000));
    }
    if !detail.references.is_empty() {
        description.push_str("\n\nReferences:\n");
        let first: Vec<&str> = detail
            .references
            .iter()
            .take(20)
            .map(String::as_str)
            .collect();
        description.push_str(&first.join("\n"));
    }
    let evidence: Vec<String> = found
        .exploited
        .iter()
        .map(|e| format!("Listed by {} since {}.", e.by, e.since))
        .collect();
    let names: Vec<&str> = content.names.iter().map(String::as_str).collect();
    ReportForm {
        product: cut(&found.product_name, 200),
        version: cut(&versions.join(", "), 200),
        title: cut(
            &format!("{name} in {}: {}", found.product_name, content.title),
            200,
        ),
        description,
        how_found: "The watch met a published advisory with the product's bill of materials."
            .to_owned(),
        already_public: true,
        public_url: cut(detail.references.first().map_or("", String::as_str), 500),
        exploited: !found.exploited.is_empty(),
        exploited_evidence: cut(&evidence.join(" "), 1_000),
        tracking_ids: cut(&names.join(", "), 500),
        ..ReportForm::default()
    }
}
