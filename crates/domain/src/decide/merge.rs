//! The other half of a merge: what the case that takes the reports over records. Both halves are
//! appended in one transaction (decision 9).

use super::Decision;
use crate::access::{Action, Resource, Viewer, may};
use crate::case::Case;
use crate::entry::{AbsorbedReport, Decided, Entry};
use crate::kinds::Stage;
use crate::rule::{Refusal, RuleId};

/// The entries of `target` when `source` is merged into it.
pub fn absorb(target: &Case, source: &Case, actor: &Viewer, reason: &str) -> Decision {
    let members = target.member_ids();
    let resource = Resource::Case {
        restricted: target.restricted,
        members: &members,
    };
    if !may(actor, Action::Write, resource) || target.stage == Stage::Closed {
        return Err(Refusal::new(
            RuleId::MergeTrace,
            "There is no such other case.",
            "Name an open case that you can see.",
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
            acknowledged_at: r.acknowledged_at,
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
    // Clocks that somebody waits for move with the report.
    for clock in source
        .clocks
        .iter()
        .filter(|c| c.is_open() && c.report.is_some())
    {
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
