//! Gathering facts: what a command needs to know from outside its case (decision 9).

use crate::{App, Fault, document, known};
use entente_documents::{cvss, cwe, ssvc};
use entente_domain::access::Viewer;
use entente_domain::case::{AdvisoryState, Case};
use entente_domain::command::Command;
use entente_domain::decide::{Facts, PriorityOutcome, ProductFact};
use entente_domain::entry::ComputedScore;
use entente_domain::ids::{CaseId, MessageId, UserId};
use entente_domain::kinds::Priority;
use entente_domain::policy::InForce;
use entente_domain::time::Timestamp;
use entente_store::{Tx, accounts, cases, counters};

/// The facts that every gate needs.
pub(crate) fn basic(policy: InForce, message: MessageId) -> Facts {
    Facts::new(policy, message)
}

/// The facts for one command.
pub(crate) fn for_command(
    app: &App,
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    case: &Case,
    command: &Command,
    policy: InForce,
    now: Timestamp,
) -> Result<Facts, Fault> {
    let mut facts = basic(policy, MessageId(app.random().id(now)));
    match command {
        Command::Score { vector } => facts.score = Some(score(vector)),
        Command::AssessPriority {
            exploitation,
            utility,
            technical_impact,
            public_safety,
        } => {
            facts.priority = Some(priority(&[
                ("Exploitation", exploitation),
                ("Utility", utility),
                ("Technical Impact", technical_impact),
                ("Public Safety Impact", public_safety),
            ]));
        }
        Command::SetWeakness { cwe: id } => {
            facts.weakness = cwe::number(id)
                .and_then(cwe::weakness)
                .map(|w| w.name.to_string());
        }
        Command::InviteParty { party, .. } => facts.party = crate::parties::fact(app, tx, *party)?,
        Command::RenewInvitation { participant, .. } => {
            if let Some(p) = case.room.participant(*participant) {
                facts.party = crate::parties::fact(app, tx, p.party)?;
            }
        }
        Command::SetAffected { .. } => facts.products = products(tx)?,
        Command::Assign { owner } => facts.known_users = active(tx, &[*owner])?,
        Command::AddMember { user, .. } => facts.known_users = active(tx, &[*user])?,
        Command::AddTask {
            owner: Some(owner), ..
        } => facts.known_users = active(tx, &[*owner])?,
        Command::Exit { duplicate_of, .. } => {
            let reachable = case.reports.iter().filter(|r| r.reachable());
            facts.notices = reachable.map(|_| MessageId(app.random().id(now))).collect();
            if let Some(other) = duplicate_of {
                facts.known_cases = visible(tx, viewer, *other)?;
            }
        }
        Command::MergeInto { target, .. } => facts.known_cases = visible(tx, viewer, *target)?,
        Command::Publish {} => {
            let public_id = match case.advisory.as_ref().and_then(|a| a.public_id.clone()) {
                Some(id) => id,
                None => next_public_id(app, tx, now)?,
            };
            facts.document_findings = findings(app, case, &public_id, now);
            facts.public_id = Some(public_id);
        }
        _ => {}
    }
    Ok(facts)
}

/// The facts for asking which commands are open: the document is checked only while it is in
/// review, because the check costs more than everything else on the page.
pub(crate) fn for_gates(app: &App, case: &Case, policy: InForce, now: Timestamp) -> Facts {
    let mut facts = basic(policy, MessageId(uuid::Uuid::nil()));
    if case
        .advisory
        .as_ref()
        .is_some_and(|a| a.state == AdvisoryState::InReview)
    {
        facts.document_findings = findings(app, case, "PENDING", now);
    }
    facts
}

/// Findings of the mandatory checks on the document as it would be published.
pub(crate) fn findings(app: &App, case: &Case, public_id: &str, now: Timestamp) -> Vec<String> {
    let Some(csaf) = document::csaf(case, &app.config().organisation, public_id, now) else {
        return vec!["there is no advisory".to_owned()];
    };
    use entente_documents::csaf::{Preset, Severity, v2_0};
    v2_0::validate_value(&csaf, Preset::Mandatory)
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .map(|f| format!("{} {}: {}", f.test, f.path, f.message))
        .collect()
}

/// The next public id of the year, assigned with the publication (decision 12).
fn next_public_id(app: &App, tx: &mut Tx<'_>, now: Timestamp) -> Result<String, Fault> {
    let (year, _, _) = now.ymd();
    let n = counters::next(tx, &format!("advisory {year}"))?;
    Ok(format!(
        "{}-{year}-{n:04}",
        app.config().organisation.advisory_prefix
    ))
}

/// The score of a vector, or what is wrong with it.
pub fn score(vector: &str) -> Result<ComputedScore, String> {
    let parsed = cvss::parse(vector.trim()).map_err(|e| e.to_string())?;
    if !matches!(
        parsed.version(),
        cvss::Version::V4_0 | cvss::Version::V3_1 | cvss::Version::V3_0
    ) {
        return Err("Only CVSS 4.0, 3.1 and 3.0 are recorded.".to_owned());
    }
    let overall = parsed.scores().overall;
    Ok(ComputedScore {
        method: format!("CVSS {}", parsed.version().as_str()),
        vector: parsed.canonical(),
        tenths: overall.tenths(),
        severity: parsed.severity().as_str().to_owned(),
    })
}

/// The outcome of the SSVC supplier tree.
fn priority(answers: &[(&str, &String)]) -> Result<PriorityOutcome, String> {
    let table = ssvc::table("supplier").map_err(|e| e.to_string())?;
    let answers: Vec<(&str, &str)> = answers.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let outcome = table.evaluate(&answers).map_err(|e| e.to_string())?;
    let priority = match outcome.value.name.to_lowercase().as_str() {
        "immediate" => Priority::Immediate,
        "out-of-cycle" => Priority::OutOfCycle,
        "scheduled" => Priority::Scheduled,
        "defer" => Priority::Defer,
        other => return Err(format!("The table answered {other}, which is no priority.")),
    };
    Ok(PriorityOutcome {
        priority,
        table: format!("{} {}", table.name, table.version),
    })
}

fn products(tx: &mut Tx<'_>) -> Result<Vec<ProductFact>, Fault> {
    crate::products::facts(tx)
}

fn active(tx: &mut Tx<'_>, users: &[UserId]) -> Result<Vec<UserId>, Fault> {
    let mut found = Vec::new();
    for user in users {
        if accounts::get(tx, *user)?.is_some_and(|a| !a.disabled) {
            found.push(*user);
        }
    }
    Ok(found)
}

fn visible(tx: &mut Tx<'_>, viewer: &Viewer, case: CaseId) -> Result<Vec<CaseId>, Fault> {
    Ok(cases::get(tx, viewer, case)?
        .map(|c| c.id)
        .into_iter()
        .collect())
}

/// The policy in force.
pub(crate) fn policy(app: &App, tx: &mut Tx<'_>) -> Result<InForce, Fault> {
    let policy = known::generations(tx)?.policy(app, tx)?;
    Ok(InForce::clone(&policy))
}
