//! Remediations: decision, production, test, in that order (30111 7.1.5), and the way into
//! release (7.1.6).

use super::{Out, line, optional, text, web_address};
use crate::case::{Case, Remediation};
use crate::clock::ClockKind;
use crate::command::Command;
use crate::entry::Entry;
use crate::ids::RemediationId;
use crate::kinds::{Affectedness, RemediationKind, RemediationState, Stage};
use crate::rule::{Refusal, RuleId};

pub(super) fn decide(out: &mut Out<'_>, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::DecideRemediation {
            remediation,
            remedy,
            products,
            interim,
            description,
            rationale,
            upgrade_path,
        } => {
            text("description", description)?;
            text("rationale", rationale)?;
            optional("upgrade_path", upgrade_path)?;
            if out.case.remediations.iter().any(|r| r.id == *remediation) {
                return Err(Refusal::new(
                    RuleId::Bounds,
                    "This remediation exists already.",
                    "Use a fresh id.",
                )
                .at("remediation"));
            }
            let affected: Vec<_> = out
                .case
                .affected
                .iter()
                .filter(|a| a.status != Affectedness::NotAffected)
                .map(|a| a.product)
                .collect();
            if products.is_empty() || products.iter().any(|p| !affected.contains(p)) {
                return Err(Refusal::new(
                    RuleId::ProductsMapped,
                    "A remediation is for products that are recorded as affected.",
                    "Choose among the affected products of the case.",
                )
                .at("products"));
            }
            if *remedy == RemediationKind::NoneAvailable && upgrade_path.trim().is_empty() {
                return Err(Refusal::new(
                    RuleId::UpgradePath,
                    "No fix is planned, and no upgrade path is named.",
                    "Say what users can upgrade to.",
                )
                .at("upgrade_path"));
            }
            out.push_because(
                RuleId::RemediationOrder,
                Entry::RemediationDecided {
                    remediation: *remediation,
                    remedy: *remedy,
                    products: products.clone(),
                    interim: *interim,
                    description: description.clone(),
                    rationale: rationale.clone(),
                    upgrade_path: upgrade_path.clone(),
                },
                rationale,
            );
        }
        Command::ProduceRemediation {
            remediation,
            artefact,
        } => {
            line("artefact", artefact)?;
            in_state(out, *remediation, RemediationState::Decided, "decided")?;
            out.push(
                RuleId::RemediationOrder,
                Entry::RemediationProduced {
                    remediation: *remediation,
                    artefact: artefact.clone(),
                },
            );
        }
        Command::TestRemediation {
            remediation,
            platform,
            passed,
            note,
        } => {
            line("platform", platform)?;
            optional("note", note)?;
            if !*passed {
                text("note", note)?;
            }
            let r = find(out, *remediation)?;
            if !matches!(
                r.state,
                RemediationState::Produced | RemediationState::Tested
            ) {
                return Err(Refusal::new(
                    RuleId::RemediationOrder,
                    "This remediation was not produced.",
                    "Record its production first.",
                )
                .at("remediation"));
            }
            out.push(
                RuleId::RemediationOrder,
                Entry::RemediationTested {
                    remediation: *remediation,
                    platform: platform.clone(),
                    passed: *passed,
                    note: note.clone(),
                },
            );
        }
        Command::MakeAvailable { remediation, url } => {
            web_address("url", url)?;
            let r = in_state(out, *remediation, RemediationState::Tested, "tested")?;
            let interim = r.interim;
            out.push(
                RuleId::RemediationOrder,
                Entry::RemediationAvailable {
                    remediation: *remediation,
                    url: url.clone(),
                },
            );
            if interim {
                out.start(
                    RuleId::InterimFollowed,
                    ClockKind::CompleteRemediation,
                    None,
                );
            }
            let case = out.case;
            if !interim && !interim_open(case, Some(*remediation), None) {
                out.stop(
                    RuleId::InterimFollowed,
                    ClockKind::CompleteRemediation,
                    None,
                );
            }
            if answered_for_users(case, Some(*remediation)) {
                out.stop(RuleId::RemediationOrder, ClockKind::Remediation, None);
            }
        }
        Command::DropRemediation {
            remediation,
            reason,
        } => {
            text("reason", reason)?;
            let r = find(out, *remediation)?;
            if r.state == RemediationState::Dropped {
                return Err(Refusal::new(
                    RuleId::RemediationOrder,
                    "This remediation was dropped already.",
                    "Nothing is to be done.",
                )
                .at("remediation"));
            }
            // An interim one may be withdrawn when it is no longer needed (7.2 b).
            if r.state == RemediationState::Available && !r.interim {
                return Err(Refusal::new(
                    RuleId::RemediationOrder,
                    "Users have this remediation already.",
                    "Decide on another one that replaces it.",
                )
                .at("remediation"));
            }
            out.push_because(
                RuleId::RemediationOrder,
                Entry::RemediationDropped {
                    remediation: *remediation,
                },
                reason,
            );
            if !interim_open(out.case, None, Some(*remediation)) {
                out.stop(
                    RuleId::InterimFollowed,
                    ClockKind::CompleteRemediation,
                    None,
                );
            }
        }
        Command::PrepareRelease { path, early_reason } => {
            optional("early_reason", early_reason)?;
            let early = !early_reason.trim().is_empty();
            let open: Vec<&str> = unanswered(out.case).collect();
            if !open.is_empty() && !early {
                return Err(Refusal::new(
                    RuleId::EveryProductAnswered,
                    format!("No tested remediation for: {}.", open.join(", ")),
                    "Test one for each product, or give a reason for an early release.",
                )
                .at("early_reason"));
            }
            let what = Entry::ReleasePathChosen { path: *path, early };
            if early {
                out.push_because(RuleId::EveryProductAnswered, what, early_reason);
            } else {
                out.push(RuleId::PathChosen, what);
            }
            out.push(
                RuleId::StageOrder,
                Entry::StageEntered {
                    stage: Stage::Release,
                },
            );
        }
        _ => {}
    }
    Ok(())
}

/// Affected products without a tested or available remediation, or a named upgrade path.
pub(super) fn unanswered(case: &Case) -> impl Iterator<Item = &str> {
    case.affected
        .iter()
        .filter(|a| a.status == Affectedness::Affected)
        .filter_map(move |a| {
            let answered = case.remediations.iter().any(|r| {
                r.products.contains(&a.product)
                    && (matches!(
                        r.state,
                        RemediationState::Tested | RemediationState::Available
                    ) || (r.remedy == RemediationKind::NoneAvailable
                        && r.state != RemediationState::Dropped))
            });
            (!answered).then_some(a.product_name.as_str())
        })
}

/// Whether users of every affected product have an answer, counting `now_available` in.
pub(super) fn answered_for_users(case: &Case, now_available: Option<RemediationId>) -> bool {
    case.affected
        .iter()
        .filter(|a| a.status == Affectedness::Affected)
        .all(|a| {
            case.remediations.iter().any(|r| {
                r.products.contains(&a.product)
                    && (r.state == RemediationState::Available
                        || Some(r.id) == now_available
                        || (r.remedy == RemediationKind::NoneAvailable
                            && r.state != RemediationState::Dropped))
            })
        })
}

/// Whether an interim remediation that users have is followed by no complete one (7.2 b),
/// counting `now_available` in and `dropped` out.
pub(super) fn interim_open(
    case: &Case,
    now_available: Option<RemediationId>,
    dropped: Option<RemediationId>,
) -> bool {
    let live = || {
        case.remediations
            .iter()
            .filter(move |r| r.state != RemediationState::Dropped && Some(r.id) != dropped)
    };
    live().filter(|r| r.interim).any(|r| {
        !live().any(|c| {
            !c.interim
                && c.remedy != RemediationKind::NoneAvailable
                && (c.state == RemediationState::Available || Some(c.id) == now_available)
                && r.products.iter().all(|p| c.products.contains(p))
        })
    })
}

fn find<'a>(out: &Out<'a>, id: RemediationId) -> Result<&'a Remediation, Refusal> {
    let case = out.case;
    case.remediations
        .iter()
        .find(|r| r.id == id)
        .ok_or_else(|| {
            Refusal::new(
                RuleId::RemediationOrder,
                "This case has no such remediation.",
                "Choose one of the case.",
            )
            .at("remediation")
        })
}

fn in_state<'a>(
    out: &Out<'a>,
    id: RemediationId,
    state: RemediationState,
    word: &str,
) -> Result<&'a Remediation, Refusal> {
    let r = find(out, id)?;
    if r.state == state {
        return Ok(r);
    }
    Err(Refusal::new(
        RuleId::RemediationOrder,
        format!(
            "This remediation is in the state {}, not {word}.",
            r.state.label()
        ),
        "Decide, produce and test, in that order.",
    )
    .at("remediation"))
}
