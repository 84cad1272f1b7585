//! What must hold after every step of the model: the invariants, told independently of `decide`.

use super::world::*;
use crate::access::{Action, Resource, Role, Viewer, may};
use crate::case::{Advisory, AdvisoryState, Case};
use crate::clock::{Clock, ClockKind};
use crate::command::{Command, CommandKind};
use crate::entry::{Decided, Entry, Recorded};
use crate::ids::{ReportId, UserId};
use crate::kinds::*;
use crate::policy::InForce;
use crate::process::TRANSITIONS;
use crate::summary::{CaseSummary, ReportSummary};
use crate::time::Timestamp;

/// The approvals as the journal tells them, kept apart from the fold.
#[derive(Default)]
pub struct Watch {
    goes: Vec<UserId>,
    legal: bool,
    in_review: Option<Shown>,
    published: Option<Words>,
    revising: bool,
}

type Words = (String, String, String, String, String, Vec<String>);

/// What a reader of the advisory sees.
#[derive(PartialEq, Clone, Debug)]
struct Shown {
    words: Words,
    change: String,
    facts: String,
}

fn words(a: &Advisory) -> Words {
    (
        a.title.clone(),
        a.summary.clone(),
        a.description.clone(),
        a.impact.clone(),
        a.acknowledgement.clone(),
        a.references.clone(),
    )
}

fn shown(case: &Case, a: &Advisory) -> Shown {
    let items: Vec<_> = case
        .remediations
        .iter()
        .map(|r| {
            (
                r.id,
                r.products.clone(),
                r.url.clone(),
                r.description.clone(),
            )
        })
        .collect();
    Shown {
        words: words(a),
        change: a.change.clone(),
        facts: format!(
            "{:?} {:?} {:?} {:?} {items:?}",
            case.scores, case.cwe, case.cve, case.affected
        ),
    }
}

/// One accepted command.
pub struct Step<'a> {
    pub policy: &'a InForce,
    pub before: &'a Case,
    pub after: &'a Case,
    pub entries: &'a [Decided],
    pub actor: &'a Viewer,
    pub command: &'a Command,
    pub now: Timestamp,
}

impl Step<'_> {
    fn kind(&self) -> CommandKind {
        self.command.kind()
    }

    fn is(&self, kinds: &[CommandKind]) -> bool {
        kinds.contains(&self.kind())
    }

    fn open_clock(case: &Case, kind: ClockKind) -> bool {
        case.open_clock(kind, None).is_some()
    }

    /// INV-7: rule, actor and, where a decision is made, its reason; stage changes by the table.
    fn entries_are_accounted_for(&self) {
        assert!(!self.entries.is_empty(), "{} left no entry", self.kind());
        let mut stage = self.before.stage;
        for d in self.entries {
            let reasoned = match &d.what {
                Entry::NoContact { .. }
                | Entry::MemberAdded { .. }
                | Entry::MemberRemoved { .. }
                | Entry::Restricted { .. }
                | Entry::IdentityRead { .. }
                | Entry::IdentityErased { .. }
                | Entry::EmbargoDateSet { .. }
                | Entry::ClockPaused { .. }
                | Entry::BreachExplained { .. }
                | Entry::PublicityDecided { .. }
                | Entry::RemediationDecided { .. }
                | Entry::RemediationDropped { .. }
                | Entry::RevisionOpened {}
                | Entry::AdvisoryRecalled {}
                | Entry::GoWithdrawn { .. }
                | Entry::MergedInto { .. }
                | Entry::Reopened {} => true,
                Entry::Closed { exit, .. } => *exit != ExitReason::Completed,
                _ => false,
            };
            let given = d.reason.as_deref().is_some_and(|r| !r.trim().is_empty());
            assert!(given || !reasoned, "no reason: {d:?}");
            assert!(d.reason.is_none() || given, "an empty reason: {d:?}");
            let to = match &d.what {
                Entry::StageEntered { stage } => *stage,
                Entry::Closed { .. } => Stage::Closed,
                Entry::Reopened {} => self.after.stage,
                _ => continue,
            };
            let known = |t: &&crate::process::Transition| {
                t.from == stage && t.by == self.kind() && t.to == to
            };
            assert!(
                TRANSITIONS.iter().any(|t| known(&t)),
                "{stage} → {to} by {} is in no table",
                self.kind()
            );
            stage = to;
        }
        assert_eq!(stage, self.after.stage, "a stage changed without an entry");
    }

    /// INV-3 and decision 3.
    fn publicity_is_obeyed(&self) {
        let (before, after) = (self.before, self.after);
        if after.publicity == Publicity::Full {
            assert_eq!(after.embargo_until, None, "public, and still an embargo");
            assert!(!Self::open_clock(after, ClockKind::EmbargoDate));
        }
        let forced = matches!(
            self.command,
            Command::RecordExploitation { .. }
                | Command::RecordPublicity {
                    publicity: Publicity::Partial,
                    ..
                }
        );
        assert!(!forced || after.publicity_pending);
        if after.merged_into.is_none() {
            let clock = Self::open_clock(after, ClockKind::PublicityDecision);
            assert_eq!(after.publicity_pending, clock, "the decision has its clock");
        }
        if before.publicity_pending && !after.publicity_pending {
            assert!(self.is(&[CommandKind::DecidePublicity]) || after.publicity == Publicity::Full);
        }
        assert!(after.exploited || !before.exploited);
        if after.stage != Stage::Closed {
            let clock = after.open_clock(ClockKind::EmbargoDate, None);
            assert_eq!(
                after.embargo_until,
                clock.map(|c| c.due_at),
                "the date has its clock"
            );
        }
    }

    /// INV-5: the vault is opened by its command only, by who may, and that is on record.
    fn identity_is_read_through_the_vault(&self) {
        for d in self.entries {
            let vault = matches!(
                d.what,
                Entry::IdentityRead { .. } | Entry::IdentityErased { .. }
            );
            assert_eq!(
                vault,
                self.is(&[CommandKind::ReadIdentity, CommandKind::EraseIdentity])
            );
            if vault {
                let members = self.before.member_ids();
                let resource = Resource::Identity {
                    restricted: self.before.restricted,
                    members: &members,
                };
                assert!(may(self.actor, Action::Read, resource));
            }
        }
        for r in self.after.reports.iter().filter(|r| r.identity_erased) {
            assert!(r.form.credit_name.is_empty());
        }
    }

    /// INV-8: whoever can be told was told.
    fn reporters_are_told(&self) {
        let leaves = self.is(&[CommandKind::StartRemediation, CommandKind::PrepareRelease]);
        for r in &self.before.reports {
            assert!(
                r.reachable() || r.no_contact.is_some(),
                "no reason on record"
            );
            if leaves && r.reachable() {
                assert!(
                    r.result_told_at.is_some(),
                    "left without telling the result"
                );
            }
            if self.is(&[CommandKind::Exit]) && r.reachable() {
                let told = self.entries.iter().any(|d| {
                    matches!(&d.what, Entry::MessageToReporter { report, purpose, .. }
                        if *report == r.id && *purpose == MessagePurpose::ExitNotice)
                });
                let words = matches!(self.command, Command::Exit { notice, .. }
                    if !notice.trim().is_empty());
                assert!(told && words, "an exit without notice");
            }
            if self.is(&[CommandKind::Complete]) && r.reachable() {
                assert!(r.notice_at.is_some(), "completed without notice");
            }
        }
    }

    /// INV-12 and REL-7.
    fn the_label_falls_only_by_a_lead(&self) {
        let (from, to) = (self.before.tlp, self.after.tlp);
        if to < from {
            let reasoned = matches!(self.command, Command::SetTlp { reason, .. }
                if !reason.trim().is_empty());
            let published = self.is(&[CommandKind::Publish]) && to == Tlp::Clear;
            assert!(published || (self.actor.has(Role::Lead) && reasoned));
        }
        let published = |c: &Case| c.advisory.as_ref().is_some_and(|a| !a.revisions.is_empty());
        assert!(to != Tlp::Clear || published(self.after));
    }

    /// Only a person's word stops the seven days, and nothing pauses or moves them.
    fn the_seven_days_hold(&self) {
        let limit = |case: &Case, id: ReportId| {
            let clock = case.open_clock(ClockKind::AcknowledgementLimit, Some(id));
            clock.cloned()
        };
        for r in &self.before.reports {
            let (was, is) = (limit(self.before, r.id), limit(self.after, r.id));
            let now = self.after.report(r.id);
            if was.is_some() && is.is_none() && self.after.merged_into.is_none() {
                let r = now.unwrap();
                assert!(
                    r.acknowledged_at.is_some() || r.no_contact.is_some(),
                    "{} stopped the seven days",
                    self.kind()
                );
            }
            if let Some(clock) = is {
                assert_eq!(clock.due_at, r.received_at.plus_days(7));
                assert!(clock.paused.is_none());
            }
            if r.acknowledged_at.is_none() && now.is_some_and(|r| r.acknowledged_at.is_some()) {
                assert!(self.is(&[CommandKind::Acknowledge, CommandKind::Exit]));
                assert!(self.actor.user().is_some(), "no person acknowledged");
            }
        }
        if self.after.stage != Stage::Closed {
            for r in self.after.reports.iter().filter(|r| r.reachable()) {
                let owed = r.acknowledged_at.is_none();
                assert_eq!(
                    owed,
                    limit(self.after, r.id).is_some(),
                    "owed, and no clock"
                );
            }
        }
    }

    /// Clocks: one open of each sort, none on a closed case but those that outlive it.
    fn clocks_are_orderly(&self) {
        let open: Vec<&Clock> = self.after.clocks.iter().filter(|c| c.is_open()).collect();
        for (i, a) in open.iter().enumerate() {
            let twice = |b: &&&Clock| b.kind == a.kind && b.report == a.report;
            assert!(!open[i + 1..].iter().any(|b| twice(&b)), "two open: {a:?}");
            if self.after.stage == Stage::Closed {
                assert!(matches!(
                    a.kind,
                    ClockKind::Recheck | ClockKind::PublicityDecision
                ));
            }
        }
        // A clock that ran over stays on record, whatever replaces it.
        let late = |case: &Case, kind| {
            let late = |c: &&Clock| c.kind == kind && c.is_breached(self.now);
            case.clocks.iter().filter(late).count()
        };
        for kind in ClockKind::ALL {
            let resumed = self.is(&[CommandKind::ResumeClock]);
            assert!(
                resumed || late(self.after, *kind) >= late(self.before, *kind),
                "{kind} was late and is not"
            );
        }
        let task = self.after.open_clock(ClockKind::Task, None);
        if self.after.stage != Stage::Closed {
            let open = self.after.tasks.iter().filter(|t| t.ended.is_none());
            let first = open.map(|t| t.due).min();
            let due = task.map(|c| c.due_at);
            assert!(
                due.is_some() == first.is_some(),
                "tasks {first:?}, clock {due:?}"
            );
        }
    }

    /// A restricted case stays in somebody's hands; an observer's stay off.
    fn need_to_know_holds(&self) {
        let after = self.after;
        if after.restricted {
            let works = |u: &UserId| after.part(*u) != Some(CaseRole::Observer);
            assert!(after.member_ids().iter().any(works), "nobody is left");
        }
        if let Some(user) = self.actor.user() {
            assert!(
                self.before.member_ids().contains(&user)
                    || (!self.before.restricted && self.actor.sees_unrestricted_cases()),
                "{} by somebody without a part",
                self.kind()
            );
        }
        // Nobody gets in but by a lead, or by taking what they have already.
        for u in after.member_ids() {
            let new = !self.before.member_ids().contains(&u);
            let own = self.actor.user() == Some(u);
            assert!(!new || own || self.actor.has(Role::Lead), "{u} came in");
        }
    }

    fn summary_agrees(&self) {
        let case = self.after;
        let summary = CaseSummary::of(case);
        let ours = case
            .clocks
            .iter()
            .filter(|c| c.stopped_at.is_none() && c.paused.is_none() && !c.kind.waits_for_others());
        assert_eq!(summary.next_due, ours.map(|c| c.due_at).min());
        assert_eq!(summary.stage, case.stage);
        assert_eq!(summary.version, case.version);
        assert!(summary.clocks.iter().all(Clock::is_open));
        assert_eq!(ReportSummary::of(case).len(), case.reports.len());
        // Nothing is owed only where nothing is.
        let idle = summary.next_step == crate::summary::NextStep::Nothing;
        assert!(!idle || case.stage == Stage::Closed || case.imported);
    }
}

impl Watch {
    /// Checks one accepted command.
    pub fn check(&mut self, step: &Step<'_>) {
        step.entries_are_accounted_for();
        step.publicity_is_obeyed();
        step.identity_is_read_through_the_vault();
        step.reporters_are_told();
        step.the_label_falls_only_by_a_lead();
        step.the_seven_days_hold();
        step.clocks_are_orderly();
        step.need_to_know_holds();
        step.summary_agrees();
        self.approvals_hold(step);
    }

    /// INV-4, INV-13: what goes out is what two people and legal saw, and not before its date.
    fn approvals_hold(&mut self, step: &Step<'_>) {
        for d in step.entries {
            match &d.what {
                Entry::AdvisorySubmitted {} => {
                    let advisory = step.after.advisory.as_ref().unwrap();
                    self.in_review = Some(shown(step.after, advisory));
                    self.goes.clear();
                    self.legal = false;
                }
                Entry::AdvisoryRecalled {} => self.in_review = None,
                Entry::RevisionOpened {} => self.revising = true,
                Entry::GoGiven { user } => {
                    assert!(!self.goes.contains(user), "one person, two goes");
                    self.goes.push(*user);
                }
                Entry::GoWithdrawn { user } => self.goes.retain(|u| u != user),
                Entry::LegalReviewed { approved, .. } => self.legal = *approved,
                Entry::AdvisoryPublished { revision, .. } => self.published(step, *revision),
                _ => {}
            }
        }
        let Some(advisory) = &step.after.advisory else {
            return;
        };
        if let (AdvisoryState::InReview, Some(seen)) = (advisory.state, &self.in_review) {
            assert_eq!(&shown(step.after, advisory), seen, "changed during review");
        }
        if let Some(out) = &self.published
            && !self.revising
        {
            assert_eq!(&words(advisory), out, "changed after publishing");
        }
        let revisions = &advisory.revisions;
        for (i, r) in revisions.iter().enumerate() {
            assert_eq!(usize::try_from(r.number).unwrap(), i + 1);
            assert!(!r.change.is_empty(), "a revision without its line");
        }
        if let Some(before) = &step.before.advisory {
            assert!(
                revisions.starts_with(&before.revisions),
                "history was rewritten"
            );
        }
    }

    fn published(&mut self, step: &Step<'_>, revision: u32) {
        let numbers = &step.policy.numbers;
        let needed = usize::try_from(numbers.release_approvals.max(2)).unwrap();
        assert!(self.goes.len() >= needed, "published on {:?}", self.goes);
        assert!(self.legal || !numbers.legal_gate, "published without legal");
        let before = step.before;
        if let Some(until) = before.embargo_until {
            assert!(step.now >= until || before.publicity == Publicity::Full);
        }
        assert!(!before.publicity_pending);
        assert!(revision == 1 || self.revising, "a revision nobody opened");
        let advisory = step.after.advisory.as_ref().unwrap();
        let seen = self.in_review.take().expect("published without review");
        assert_eq!(seen.words, words(advisory));
        assert!(
            revision == 1 || !seen.change.is_empty(),
            "no line of history"
        );
        self.published = Some(words(advisory));
        self.revising = false;
        self.goes.clear();
        self.legal = false;
    }
}

/// The fold of the journal is the case, and both survive the way through JSON.
pub fn refolds(stream: &Stream) {
    let case = &stream.case;
    assert_eq!(&Case::fold(case.id, &stream.log), case);
    let json = serde_json::to_string(case).unwrap();
    assert_eq!(&serde_json::from_str::<Case>(&json).unwrap(), case);
}

/// Entries survive the way through JSON, under the kind that the clear header shows.
pub fn reads_back(recorded: &Recorded) {
    let json = serde_json::to_value(&recorded.decided).unwrap();
    assert_eq!(json["entry"], recorded.decided.what.kind());
    let back: Decided = serde_json::from_value(json).unwrap();
    assert_eq!(back, recorded.decided);
}
