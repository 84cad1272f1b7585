//! The other half of a merge: what the case that takes the reports over records. Both halves are
//! appended in one transaction (decision 9).

use super::Decision;
use crate::access::{Action, Resource, Viewer, may};
use crate::case::Case;
use crate::clock::ClockKind;
use crate::coordination::EmbargoState;
use crate::coordination::room::EndCause;
use crate::entry::{AbsorbedReport, Decided, Entry};
use crate::kinds::{Publicity, Stage};
use crate::rule::{Refusal, RuleId};

/// The entries of `target` when `source` is merged into it.
pub fn absorb(target: &Case, source: &Case, actor: &Viewer, reason: &str) -> Decision {
    let members = target.member_ids();
    let resource = Resource::Case {
        restricted: target.restricted,
        members: &members,
    };
    let works = may(actor, Action::Write, resource) && !super::who::observes_only(target, actor);
    if !works || target.stage == Stage::Closed || target.id == source.id {
        return Err(Refusal::new(
            RuleId::MergeTrace,
            "There is no such other case.",
            "Name an open case that you can see.",
        )
        .at("target"));
    }
    if source.restricted && !target.restricted {
        return Err(Refusal::new(
            RuleId::NeedToKnow,
            "This case is restricted to its members and the other one is not.",
            "Restrict the other case first, or lift the restriction of this one.",
        )
        .at("target"));
    }
    // Where terms with others hold the date, no other one comes in by a merge, nor is it dropped.
    let later = source.embargo_until > target.embargo_until;
    let full = source.publicity.max(target.publicity) == Publicity::Full;
    let held = !matches!(
        target.room.embargo.state,
        EmbargoState::None | EmbargoState::Exited
    );
    if later && held && !full {
        return Err(Refusal::new(
            RuleId::TermsHoldTheDate,
            "This case has a later embargo date than the terms of the other one.",
            "Take the date of this case back, or agree on a later end there, first.",
        )
        .at("target"));
    }
    let reports = source
        .reports
        .iter()
        .map(|r| AbsorbedReport {
            report: r.id,
            number: r.number,
            reference: r.reference.clone(),
            source: r.source,
            channel: r.channel,
            contact: r.contact,
            received_at: r.received_at,
            receipt_at: r.receipt_at,
            acknowledged_at: r.acknowledged_at,
            question_open_since: r.question_open_since,
            no_contact: r.no_contact.clone(),
            reporter_waits: r.reporter_waits,
            identity_erased: r.identity_erased,
            credit: r.credit.clone(),
            form: Box::new(r.form.clone()),
        })
        .collect();
    let mut entries = vec![Decided {
        what: Entry::Absorbed {
            source: source.id,
            reports,
        },
        rule: RuleId::MergeTrace,
        reason: Some(reason.to_owned()),
    }];
    let mut also = |rule, what| {
        entries.push(Decided {
            what,
            rule,
            reason: Some(reason.to_owned()),
        });
    };
    // What is known of the flaw comes along. What it means was decided before the merge.
    let known = format!("Known from case {}", source.number);
    let louder = source.publicity > target.publicity;
    let attacked = source.exploited && !target.exploited;
    if louder {
        also(
            RuleId::FactsRecorded,
            Entry::PublicityRecorded {
                publicity: source.publicity,
                evidence: known.clone(),
            },
        );
        if full {
            // What is public ends the embargo that was agreed with others, too.
            for entry in super::embargo::ending(&target.room, EndCause::Public, target.updated_at) {
                also(RuleId::FactsRecorded, entry);
            }
        }
        let ended = [ClockKind::EmbargoDate, ClockKind::PublicityDecision];
        for clock in ended.into_iter().filter(|_| full) {
            if target.open_clock(clock, None).is_some() {
                let report = None;
                also(RuleId::FactsRecorded, Entry::ClockStopped { clock, report });
            }
        }
    }
    if attacked {
        also(
            RuleId::FactsRecorded,
            Entry::ExploitationRecorded { evidence: known },
        );
        if target.room.embargo.state == EmbargoState::Proposed {
            for entry in super::embargo::rejections(&target.room) {
                also(RuleId::EmbargoViable, entry);
            }
        }
    }
    let forced = attacked || (louder && !full);
    let own = target.publicity_pending && !(louder && full);
    if forced && !own {
        also(
            RuleId::PublicityDecision,
            Entry::PublicityDecided { end_embargo: false },
        );
    }
    // Nor does a date come nearer by moving.
    if later && !full {
        let until = source.embargo_until;
        also(RuleId::NotBeforeDate, Entry::EmbargoDateSet { until });
        if let Some(clock) = source.open_clock(ClockKind::EmbargoDate, None) {
            let clock = clock.clone();
            also(RuleId::NotBeforeDate, Entry::ClockStarted { clock });
        }
    }
    // A label rises freely, and does not fall by moving (INV-12).
    if source.tlp > target.tlp {
        also(RuleId::TlpRises, Entry::TlpSet { tlp: source.tlp });
    }
    // Clocks that somebody waits for move with the report.
    for clock in source.clocks.iter().filter(|c| {
        let forced = c.kind == ClockKind::PublicityDecision && !full;
        c.is_open() && (c.report.is_some() || (forced && !target.publicity_pending))
    }) {
        entries.push(Decided {
            what: Entry::ClockStarted {
                clock: clock.clone(),
            },
            rule: RuleId::KeepInformed,
            reason: None,
        });
    }
    Ok(entries)
}
