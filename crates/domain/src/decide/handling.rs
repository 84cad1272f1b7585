//! Verification, scoring, products and facts (30111 7.1.4).

use super::{Out, line, optional, optional_line, text};
use crate::access::{Role, Viewer};
use crate::clock::{Clock, ClockKind};
use crate::command::Command;
use crate::coordination::room::EndCause;
use crate::entry::Entry;
use crate::kinds::{Affectedness, Priority, Publicity, Stage, Tlp};
use crate::rule::{Refusal, RuleId};

#[expect(clippy::too_many_lines, reason = "one arm for each command")]
pub(super) fn decide(out: &mut Out<'_>, actor: &Viewer, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::SetTitle { title } => {
            line("title", title)?;
            out.push(
                RuleId::Registered,
                Entry::TitleSet {
                    title: title.trim().to_owned(),
                },
            );
        }
        Command::SetTlp { tlp, reason } => set_tlp(out, actor, *tlp, reason)?,
        Command::SetEmbargoDate { until, reason } => {
            text("reason", reason)?;
            if let Some(until) = until {
                // Counted from the first date that was set, so that no chain of small steps
                // passes the cap (decision 4).
                let since = out.case.embargo_since.unwrap_or(out.now);
                let cap = since.plus_days(i64::from(out.facts.policy.numbers.embargo_cap_days));
                if *until <= out.now {
                    return Err(Refusal::new(
                        RuleId::NotBeforeDate,
                        "The embargo date lies in the past.",
                        "Choose a future instant, or clear the date.",
                    )
                    .at("until"));
                }
                if *until > cap {
                    return Err(Refusal::new(
                        RuleId::NotBeforeDate,
                        format!(
                            "The policy caps an embargo at {} days.",
                            out.facts.policy.numbers.embargo_cap_days
                        ),
                        format!("Choose an instant up to {cap}."),
                    )
                    .at("until"));
                }
                if out.case.publicity == Publicity::Full {
                    return Err(Refusal::new(
                        RuleId::NotBeforeDate,
                        "The vulnerability is public.",
                        "No embargo can begin now.",
                    )
                    .at("until"));
                }
                out.push_because(
                    RuleId::NotBeforeDate,
                    Entry::EmbargoDateSet {
                        until: Some(*until),
                    },
                    reason,
                );
                out.start_until(RuleId::NotBeforeDate, ClockKind::EmbargoDate, None, *until);
            } else {
                out.push_because(
                    RuleId::NotBeforeDate,
                    Entry::EmbargoDateSet { until: None },
                    reason,
                );
                out.stop(RuleId::NotBeforeDate, ClockKind::EmbargoDate, None);
            }
        }
        Command::StartVerification {} => {
            out.push(
                RuleId::StageOrder,
                Entry::StageEntered {
                    stage: Stage::Verification,
                },
            );
        }
        Command::RecordVerification {
            environment,
            build,
            steps,
            verdict,
            note,
        } => {
            line("environment", environment)?;
            line("build", build)?;
            text("steps", steps)?;
            optional("note", note)?;
            out.push(
                RuleId::VerificationRecord,
                Entry::Verified {
                    environment: environment.clone(),
                    build: build.clone(),
                    steps: steps.clone(),
                    verdict: *verdict,
                    note: note.clone(),
                },
            );
            let case = out.case;
            if case.verdict().is_some_and(|last| last != *verdict) {
                for r in case.reports.iter().filter(|r| r.reachable()) {
                    if r.result_told_at.is_some() {
                        let id = Some(r.id);
                        out.start(RuleId::TellResult, ClockKind::VerificationResult, id);
                    }
                }
            }
        }
        Command::Score { vector } => {
            line("vector", vector)?;
            match &out.facts.score {
                Some(Ok(score)) => {
                    let score = score.clone();
                    out.push(RuleId::ScoredByMethod, Entry::Scored { score });
                }
                Some(Err(why)) => {
                    return Err(Refusal::new(
                        RuleId::ScoredByMethod,
                        why.clone(),
                        "Give a complete CVSS 4.0 or 3.1 vector.",
                    )
                    .at("vector"));
                }
                None => {
                    return Err(Refusal::new(
                        RuleId::ScoredByMethod,
                        "The vector was not read.",
                        "Give a CVSS 4.0 or 3.1 vector.",
                    )
                    .at("vector"));
                }
            }
        }
        Command::AssessPriority {
            exploitation,
            utility,
            technical_impact,
            public_safety,
        } => match &out.facts.priority {
            Some(Ok(outcome)) => {
                let inputs = vec![
                    ("exploitation".to_owned(), exploitation.clone()),
                    ("utility".to_owned(), utility.clone()),
                    ("technical_impact".to_owned(), technical_impact.clone()),
                    ("public_safety".to_owned(), public_safety.clone()),
                ];
                prioritise(
                    out,
                    outcome.priority,
                    Some(outcome.table.clone()),
                    inputs,
                    None,
                );
            }
            Some(Err(why)) => {
                return Err(Refusal::new(
                    RuleId::Prioritised,
                    why.clone(),
                    "Choose a value for each of the four decision points.",
                )
                .at("exploitation"));
            }
            None => {
                return Err(Refusal::new(
                    RuleId::Prioritised,
                    "The decision table was not asked.",
                    "Choose a value for each of the four decision points.",
                )
                .at("exploitation"));
            }
        },
        Command::SetPriority { priority, reason } => {
            text("reason", reason)?;
            if *priority == Priority::Unset {
                return Err(Refusal::new(
                    RuleId::Prioritised,
                    "“Not assessed” is no priority to decide on.",
                    "Choose another one.",
                )
                .at("priority"));
            }
            if !actor.has(Role::Lead) {
                return Err(Refusal::new(
                    RuleId::Prioritised,
                    "A priority against the table is a lead's decision.",
                    "Ask a PSIRT lead, or assess it by the table.",
                )
                .at("priority"));
            }
            prioritise(out, *priority, None, Vec::new(), Some(reason));
        }
        Command::SetWeakness { cwe, .. } => {
            let Some(name) = out.facts.weakness.clone() else {
                return Err(Refusal::new(
                    RuleId::Bounds,
                    "The catalogue has no such weakness.",
                    "Give an id such as CWE-787.",
                )
                .at("cwe"));
            };
            out.push(
                RuleId::ScoredByMethod,
                Entry::WeaknessSet {
                    cwe: cwe.clone(),
                    name,
                },
            );
        }
        Command::RecordRootCause { text: cause } => {
            text("text", cause)?;
            out.push(
                RuleId::VerificationRecord,
                Entry::RootCauseRecorded {
                    text: cause.clone(),
                },
            );
        }
        Command::RecordVariant {
            looked_at,
            affected,
            note,
        } => {
            line("looked_at", looked_at)?;
            optional("note", note)?;
            out.push(
                RuleId::VerificationRecord,
                Entry::VariantRecorded {
                    looked_at: looked_at.clone(),
                    affected: *affected,
                    note: note.clone(),
                },
            );
        }
        Command::SetAffected {
            product,
            versions,
            status,
            justification,
            fixed_versions,
            note,
        } => {
            line("versions", versions)?;
            optional_line("fixed_versions", fixed_versions)?;
            optional("note", note)?;
            let Some(fact) = out.facts.products.iter().find(|p| p.id == *product) else {
                return Err(Refusal::new(
                    RuleId::ProductsMapped,
                    "The registry has no such product.",
                    "Choose a product of the registry.",
                )
                .at("product"));
            };
            if *status == Affectedness::NotAffected && justification.is_none() {
                return Err(Refusal::new(
                    RuleId::Justified,
                    "Not affected needs a justification.",
                    "Choose one of the five justifications.",
                )
                .at("justification"));
            }
            if *status == Affectedness::Fixed && fixed_versions.trim().is_empty() {
                return Err(Refusal::new(
                    RuleId::ProductsMapped,
                    "Fixed needs the versions that are fixed.",
                    "Name the fixed versions.",
                )
                .at("fixed_versions"));
            }
            let product_name = fact.name.clone();
            out.push(
                RuleId::ProductsMapped,
                Entry::AffectedSet {
                    product: *product,
                    product_name,
                    versions: versions.trim().to_owned(),
                    status: *status,
                    justification: *justification,
                    fixed_versions: fixed_versions.trim().to_owned(),
                    note: note.clone(),
                },
            );
        }
        Command::SetCve { cve } => {
            if !is_cve(cve) {
                return Err(Refusal::new(
                    RuleId::Bounds,
                    "That is not a CVE id.",
                    "Give an id such as CVE-2026-12345.",
                )
                .at("cve"));
            }
            out.push(RuleId::AdvisoryComplete, Entry::CveSet { cve: cve.clone() });
        }
        Command::StartRemediation {} => {
            out.push(
                RuleId::Confirmed,
                Entry::StageEntered {
                    stage: Stage::RemediationDevelopment,
                },
            );
        }
        Command::TickChecklist { item, done, note } => {
            optional("note", note)?;
            let known = crate::checklist::of_stage(out.case.process_version, out.case.stage)
                .any(|i| i.id == item);
            if !known {
                return Err(Refusal::new(
                    RuleId::Checklist,
                    "This stage's checklist has no such item.",
                    "Choose an item of the list that is shown.",
                )
                .at("item"));
            }
            out.push(
                RuleId::Checklist,
                Entry::ChecklistTicked {
                    item: item.clone(),
                    done: *done,
                    note: note.clone(),
                },
            );
        }
        Command::RecordPublicity {
            publicity,
            evidence,
        } => {
            text("evidence", evidence)?;
            if *publicity != Publicity::Full && published(out) {
                return Err(Refusal::new(
                    RuleId::FactsRecorded,
                    "The advisory is published; the vulnerability is public.",
                    "Nothing is to be done.",
                )
                .at("publicity"));
            }
            out.push(
                RuleId::FactsRecorded,
                Entry::PublicityRecorded {
                    publicity: *publicity,
                    evidence: evidence.clone(),
                },
            );
            match publicity {
                Publicity::Partial => out.start(
                    RuleId::PublicityDecision,
                    ClockKind::PublicityDecision,
                    None,
                ),
                Publicity::Full => {
                    super::embargo::ended(
                        out,
                        RuleId::FactsRecorded,
                        EndCause::Public,
                        "The vulnerability is public",
                    );
                    out.stop(
                        RuleId::PublicityDecision,
                        ClockKind::PublicityDecision,
                        None,
                    );
                    out.stop(RuleId::FactsRecorded, ClockKind::EmbargoDate, None);
                }
                Publicity::None => {}
            }
        }
        Command::RecordExploitation { evidence } => {
            text("evidence", evidence)?;
            out.push(
                RuleId::FactsRecorded,
                Entry::ExploitationRecorded {
                    evidence: evidence.clone(),
                },
            );
            super::embargo::pending_rejected(
                out,
                RuleId::EmbargoViable,
                "The vulnerability is being exploited",
            );
            out.start(
                RuleId::PublicityDecision,
                ClockKind::PublicityDecision,
                None,
            );
        }
        Command::DecidePublicity {
            end_embargo,
            reason,
        } => {
            text("reason", reason)?;
            out.push_because(
                RuleId::PublicityDecision,
                Entry::PublicityDecided {
                    end_embargo: *end_embargo,
                },
                reason,
            );
            out.stop(
                RuleId::PublicityDecision,
                ClockKind::PublicityDecision,
                None,
            );
            if *end_embargo {
                let cause = if out.case.exploited {
                    EndCause::Attacks
                } else {
                    EndCause::Public
                };
                super::embargo::ended(out, RuleId::PublicityDecision, cause, reason);
                out.stop(RuleId::PublicityDecision, ClockKind::EmbargoDate, None);
            }
        }
        _ => {}
    }
    Ok(())
}

/// A label rises freely and falls only by a lead with a reason; CLEAR comes by publishing.
fn set_tlp(out: &mut Out<'_>, actor: &Viewer, tlp: Tlp, reason: &str) -> Result<(), Refusal> {
    optional("reason", reason)?;
    if tlp == Tlp::Clear && !published(out) {
        return Err(Refusal::new(
            RuleId::LabelledClear,
            "Nothing is TLP:CLEAR before it is published.",
            "Publish the advisory; the label follows.",
        )
        .at("tlp"));
    }
    if tlp < out.case.tlp {
        if !actor.has(Role::Lead) {
            return Err(Refusal::new(
                RuleId::TlpRises,
                "A label falls only by a lead's decision.",
                "Ask a PSIRT lead.",
            )
            .at("tlp"));
        }
        text("reason", reason)?;
    }
    let what = Entry::TlpSet { tlp };
    if reason.trim().is_empty() {
        out.push(RuleId::TlpRises, what);
    } else {
        out.push_because(RuleId::TlpRises, what, reason);
    }
    Ok(())
}

fn published(out: &Out<'_>) -> bool {
    let advisory = out.case.advisory.as_ref();
    advisory.is_some_and(|a| !a.revisions.is_empty())
}

fn prioritise(
    out: &mut Out<'_>,
    priority: Priority,
    table: Option<String>,
    inputs: Vec<(String, String)>,
    reason: Option<&str>,
) {
    let what = Entry::Prioritised {
        priority,
        table,
        inputs,
    };
    match reason {
        Some(reason) => out.push_because(RuleId::Prioritised, what, reason),
        None => out.push(RuleId::Prioritised, what),
    }
    let case = out.case;
    if let Some(clock) = case.open_clock(ClockKind::Remediation, None) {
        // Counted from the clock's own start, so that a late assessment buys no time.
        let days = i64::from(out.facts.policy.numbers.remediation_days(priority));
        let clock = Clock {
            due_at: clock.started_at.plus_days(days),
            ..clock.clone()
        };
        out.push(RuleId::Prioritised, Entry::ClockStarted { clock });
    }
}

/// Whether a text has the form of a CVE id: year and at least four digits.
pub(crate) fn is_cve(cve: &str) -> bool {
    let mut parts = cve.splitn(3, '-');
    parts.next() == Some("CVE")
        && parts
            .next()
            .is_some_and(|y| y.len() == 4 && y.bytes().all(|b| b.is_ascii_digit()))
        && parts
            .next()
            .is_some_and(|n| (4..=19).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()))
}
