//! Filling an instance with many cases, for benchmarks and tests of size: through the rules and
//! the projections like everything else, only many cases in one transaction.
//!
//! No handler calls this. What it writes is what people would have written: a report of 2 KB with
//! 300 distinct words, and about twenty entries a case (decision 26).

use crate::cases::MessageBody;
use crate::error::ServiceError;
use crate::project::{self, Step};
use crate::{App, Fault, facts, transact};
use entente_domain::access::{Role, SystemViewer, Viewer};
use entente_domain::case::Case;
use entente_domain::command::{Command, ReportForm};
use entente_domain::decide::{self, Facts, Intake, ProductFact};
use entente_domain::entry::{Contact, Decided, Entry};
use entente_domain::ids::{CaseId, MessageId, ProductId, ReportId, UserId};
use entente_domain::kinds::{Audience, Channel, ExitReason, MessagePurpose, Source, Verdict};
use entente_domain::policy::InForce;
use entente_domain::summary::{CaseSummary, ReportSummary};
use entente_domain::time::Timestamp;
use entente_store::{Tx, counters, journal, messages, reports, search};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Cases of one transaction.
const BATCH: u64 = 500;
/// Distinct words in the reporters' vocabulary.
const VOCABULARY: u32 = 30_000;
/// Distinct words of one description.
const WORDS: usize = 300;
/// Entries of one case.
const ENTRIES: u64 = 20;
/// One case of so many is still open.
const OPEN_ONE_OF: u64 = 10;

/// What to fill in.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many cases.
    pub cases: u64,
    /// What the words and choices are drawn from.
    pub seed: u64,
    /// Who owns the cases, in turn.
    pub owners: Vec<UserId>,
    /// The product that they are about.
    pub product: ProductId,
    /// Its name.
    pub product_name: String,
}

/// Fills the instance; `progress` is told how many cases are there.
pub async fn fill(app: &App, plan: &Plan, progress: impl Fn(u64)) -> Result<(), ServiceError> {
    let now = app.now();
    let mut done = 0;
    while done < plan.cases {
        let many = BATCH.min(plan.cases - done);
        let (a, plan) = (app.clone(), plan.clone());
        transact(app, move |tx| {
            let policy = facts::policy(&a, tx)?;
            for n in done..done + many {
                let mut rng = ChaCha8Rng::seed_from_u64(plan.seed ^ n.wrapping_mul(0x9e37_79b9));
                one(&a, tx, &plan, &policy, n, now, &mut rng)?;
            }
            Ok(())
        })
        .await?;
        done += many;
        progress(done);
        entente_store::postings::merge(app.db(), 4_000).await?;
    }
    Ok(())
}

/// A case in the making.
struct Making {
    case: Case,
    facts: Facts,
    at: Timestamp,
    history: Vec<Step>,
}

impl Making {
    fn act(&mut self, viewer: &Viewer, command: &Command) -> Result<(), Fault> {
        self.at = self.at.plus_hours(3);
        let decided = decide::decide(&self.case, &self.facts, viewer, command, self.at)?;
        self.take(viewer, decided);
        Ok(())
    }

    fn take(&mut self, viewer: &Viewer, decided: Vec<Decided>) {
        project::apply(&mut self.case, &decided, viewer, self.at);
        self.history.push(Step {
            actor: viewer.clone(),
            at: self.at,
            decided,
        });
    }
}

fn one(
    app: &App,
    tx: &mut Tx<'_>,
    plan: &Plan,
    policy: &InForce,
    n: u64,
    now: Timestamp,
    rng: &mut ChaCha8Rng,
) -> Result<(), Fault> {
    // The older the number, the longer ago it began; a year in all.
    let ago = (plan.cases - n) * 365 * 24 / plan.cases.max(1);
    let at = now.plus_hours(-24 * 14 - i64::try_from(ago).unwrap_or(0));
    let owner = plan
        .owners
        .get(usize::try_from(n).unwrap_or(0) % plan.owners.len().max(1))
        .copied()
        .ok_or_else(|| Fault::Service(ServiceError::internal("a plan without owners")))?;
    let lead = Viewer::Staff {
        user: owner,
        roles: vec![Role::Lead, Role::Analyst],
    };
    let (case, report) = (CaseId(app.random().id(at)), ReportId(app.random().id(at)));
    let description = description(rng);
    let intake = Intake {
        case,
        case_number: counters::next(tx, "case")?,
        report,
        report_number: counters::next(tx, "report")?,
        reference: app.random().reference(),
        source: Source::External,
        channel: Channel::Form,
        contact: Contact::ReceiptCode,
        form: ReportForm {
            product: plan.product_name.clone(),
            version: "4.2".to_owned(),
            title: format!("Case of {}", word(rng.random_range(0..VOCABULARY))),
            description: description.clone(),
            ..ReportForm::default()
        },
    };
    let mut facts = facts::basic(policy.clone(), MessageId(app.random().id(at)));
    facts.known_users = plan.owners.clone();
    facts.products = vec![ProductFact {
        id: plan.product,
        name: plan.product_name.clone(),
        supported: true,
        contacts: Vec::new(),
    }];
    let opened = decide::open_case(&facts, &intake, at)?;
    let mut making = Making {
        case: Case::empty(case),
        facts,
        at,
        history: Vec::new(),
    };
    making.take(&Viewer::System(SystemViewer::Intake), opened);
    let acknowledged = MessageId(app.random().id(at));
    making.facts.message = acknowledged;
    live(
        &mut making,
        &lead,
        report,
        owner,
        n.is_multiple_of(OPEN_ONE_OF),
    )?;

    journal::create_stream(tx, case.0, "case", at)?;
    let mut first = Case::empty(case);
    first.number = intake.case_number;
    entente_store::cases::save(tx, &CaseSummary::of(&first))?;
    let lines = ReportSummary::of(&making.case);
    for line in &lines {
        reports::insert(tx, line, Some(app.random().bytes()))?;
    }
    project::append_history(tx, &making.case, &making.history)?;
    bodies(app, tx, &making, report, acknowledged, &lead)
}

/// What the people do with the case.
fn live(
    making: &mut Making,
    lead: &Viewer,
    report: ReportId,
    owner: UserId,
    open: bool,
) -> Result<(), Fault> {
    making.act(
        lead,
        &Command::Acknowledge {
            report,
            body: "Thank you, we read it and come back to you.".to_owned(),
        },
    )?;
    making.act(lead, &Command::Assign { owner })?;
    making.act(lead, &Command::StartVerification {})?;
    let verdict = if open {
        Verdict::Confirmed
    } else {
        Verdict::NotASecurityMatter
    };
    making.act(
        lead,
        &Command::RecordVerification {
            environment: "Laboratory".to_owned(),
            build: "4.2".to_owned(),
            steps: "As reported.".to_owned(),
            verdict,
            note: String::new(),
        },
    )?;
    if open {
        let vector = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:L/VA:N/SC:N/SI:N/SA:N";
        making.facts.score = Some(facts::score(vector));
        making.act(
            lead,
            &Command::Score {
                vector: vector.to_owned(),
            },
        )?;
    }
    // Comments until the history is as long as that of a usual case; the end of one that closes
    // takes a few entries of its own.
    let talk = if open { ENTRIES } else { ENTRIES - 2 };
    while making.case.version < talk {
        making.act(
            lead,
            &Command::Comment {
                audience: Audience::Internal,
                body: "Looked at once more.".to_owned(),
            },
        )?;
    }
    if !open {
        making.act(
            lead,
            &Command::Exit {
                reason: ExitReason::NonSecurity,
                note: "It works as documented.".to_owned(),
                notice: "We looked at it and it works as documented.".to_owned(),
                duplicate_of: None,
                siblings_checked: false,
                handed_to: String::new(),
            },
        )?;
    }
    Ok(())
}

/// The bodies of what was written.
fn bodies(
    app: &App,
    tx: &mut Tx<'_>,
    making: &Making,
    report: ReportId,
    acknowledged: MessageId,
    lead: &Viewer,
) -> Result<(), Fault> {
    let mut put = |id: MessageId, to: Option<MessagePurpose>, text: &str, at: Timestamp| {
        let body = MessageBody {
            actor: lead.actor(),
            purpose: to,
            text: text.to_owned(),
        };
        let body =
            serde_json::to_vec(&body).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
        messages::insert(
            tx,
            &messages::Message {
                id,
                case: making.case.id,
                thread: to.map(|_| report.0),
                audience: if to.is_some() {
                    Audience::Reporter
                } else {
                    Audience::Internal
                },
                at,
                body,
            },
        )?;
        search::index(tx, making.case.number, &search::words(text))?;
        Ok::<(), Fault>(())
    };
    put(
        acknowledged,
        Some(MessagePurpose::Acknowledgement),
        "Thank you, we read it and come back to you.",
        making.at,
    )?;
    for step in &making.history {
        for d in &step.decided {
            if matches!(d.what, Entry::Commented { .. }) {
                let id = MessageId(app.random().id(step.at));
                put(id, None, "Looked at once more.", step.at)?;
            }
        }
    }
    Ok(())
}

/// A word of the vocabulary, made of syllables: about seven letters.
fn word(n: u32) -> String {
    const SYLLABLES: [&str; 32] = [
        "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "qui", "ro", "su",
        "ta", "ve", "wi", "xo", "zu", "bra", "cle", "dri", "flo", "gru", "pla", "ste", "tri",
        "spo", "sku", "ner", "tal",
    ];
    let mut text = String::new();
    let mut rest = n;
    for _ in 0..3 {
        if let Some(syllable) = SYLLABLES.get(usize::try_from(rest % 32).unwrap_or(0)) {
            text.push_str(syllable);
        }
        rest /= 32;
    }
    text
}

/// A description of [`WORDS`] distinct words, the common ones far more often than the rare ones.
fn description(rng: &mut ChaCha8Rng) -> String {
    let mut chosen: Vec<u32> = Vec::with_capacity(WORDS);
    let mut known = std::collections::HashSet::new();
    while chosen.len() < WORDS {
        // Zipf's law with exponent 1, by its inverse.
        let u: f64 = rng.random();
        let rank = f64::from(VOCABULARY).powf(u);
        // The rank lies between 1 and VOCABULARY, so that the cast cannot cut anything off.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded by VOCABULARY"
        )]
        let n = rank as u32;
        if known.insert(n) {
            chosen.push(n);
        }
    }
    let filler = ["and", "the", "then", "of", "in"];
    let mut text = String::new();
    for n in chosen {
        text.push_str(&word(n));
        text.push(' ');
        if rng.random_ratio(1, 4)
            && let Some(w) = filler.choose(rng)
        {
            text.push_str(w);
            text.push(' ');
        }
    }
    text
}
