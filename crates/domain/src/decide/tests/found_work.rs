//! Bugs found in clocks, the advisory, reopening and merging: one test each, failed before its
//! repair.

use super::world::*;
use crate::clock::{Clock, ClockKind};
use crate::command::{Command, ReportForm};
use crate::entry::{Contact, Entry};
use crate::kinds::*;
use crate::policy::InForce;
use crate::rule::RuleId;

fn open(w: &World, kind: ClockKind) -> Option<&Clock> {
    w.case().open_clock(kind, None)
}

fn complete() -> Command {
    Command::Complete { note: "".into() }
}

fn reported(change: impl Fn(&mut ReportForm)) -> World {
    let mut form = form();
    change(&mut form);
    World::from(intake(1, Source::External, Contact::Mail, form))
}

// Clocks.

#[test]
fn a_resumed_clock_of_one_report_leaves_the_other_alone() {
    let mut w = World::new();
    w.days(3);
    let theirs = w.streams[1].case.clone();
    let other = crate::decide::absorb(w.case(), &theirs, &lead(), "Same").unwrap();
    let now = w.now;
    w.streams[0].append(&lead(), now, other);
    w.ok(&analyst(), acknowledge(1)).days(1);
    w.ok(&analyst(), acknowledge(2));
    let due = |w: &World, n| {
        let clock = w.case().open_clock(ClockKind::NextUpdate, Some(report(n)));
        clock.unwrap().due_at
    };
    let before = (due(&w, 1), due(&w, 2));
    w.ok(&analyst(), pause(ClockKind::NextUpdate)).days(2).ok(
        &analyst(),
        Command::ResumeClock {
            clock: ClockKind::NextUpdate,
        },
    );
    assert_eq!(due(&w, 1), before.0.plus_days(2));
    assert_eq!(due(&w, 2), before.1.plus_days(2));
}

#[test]
fn a_clock_that_stood_still_is_not_late_when_it_stops() {
    let mut w = World::new();
    w.ok(&analyst(), pause(ClockKind::VerificationResult))
        .days(60)
        .ok(&analyst(), exit(ExitReason::Junk));
    let clock = w
        .case()
        .clocks
        .iter()
        .find(|c| c.kind == ClockKind::VerificationResult);
    assert!(!clock.unwrap().is_breached(w.now));
}

#[test]
fn a_broken_promise_stays_on_record_when_the_next_one_is_made() {
    let mut w = World::new();
    w.ok(&analyst(), acknowledge(1))
        .days(20)
        .ok(&analyst(), write(1, MessagePurpose::Update));
    let now = w.now;
    let late = |w: &World| {
        let breached = |c: &&Clock| c.kind == ClockKind::NextUpdate && c.is_breached(now);
        w.case().clocks.iter().filter(breached).count()
    };
    assert_eq!(late(&w), 1);
    assert_eq!(open(&w, ClockKind::NextUpdate).unwrap().started_at, now);
}

#[test]
fn dates_are_not_paused() {
    let mut w = reported(|f| f.disclosure_date = Some(MONDAY.plus_days(60)));
    w.ok(&analyst(), embargo(Some(MONDAY.plus_days(30))));
    for date in [ClockKind::EmbargoDate, ClockKind::ReporterDisclosure] {
        assert_eq!(w.rule(&analyst(), pause(date)), RuleId::PauseWithReason);
    }
}

#[test]
fn tasks_stand_on_the_clock_board() {
    let mut w = World::new();
    w.ok(
        &analyst(),
        add_task(1, TaskKind::Other, MONDAY.plus_days(9)),
    )
    .ok(
        &analyst(),
        add_task(2, TaskKind::Other, MONDAY.plus_days(3)),
    );
    let due = |w: &World| open(w, ClockKind::Task).map(|c| c.due_at);
    assert_eq!(due(&w), Some(MONDAY.plus_days(3)));
    let done = |n| Command::CompleteTask {
        task: task(n),
        result: "Done".into(),
    };
    w.ok(&analyst(), done(2));
    assert_eq!(due(&w), Some(MONDAY.plus_days(9)));
    w.ok(&analyst(), done(1));
    assert_eq!(due(&w), None);
}

#[test]
fn a_second_assessment_buys_no_time() {
    let mut w = World::new();
    w.verifying().days(10).ok(&analyst(), priority());
    w.days(10).ok(&analyst(), priority());
    let due = open(&w, ClockKind::Remediation).unwrap().due_at;
    assert_eq!(due, MONDAY.plus_days(30));
}

#[test]
fn the_remediation_clock_runs_until_every_product_is_answered() {
    let mut w = World::new();
    w.developing()
        .ok(&analyst(), affected(2))
        .ok(&analyst(), decide_item(1, RemediationKind::Patch, false))
        .ok(&analyst(), produce(1))
        .ok(&analyst(), test(1, true))
        .ok(&analyst(), available(1));
    assert!(open(&w, ClockKind::Remediation).is_some());
    let second = decide_for(2, RemediationKind::Patch, false, vec![product(2)]);
    w.ok(&analyst(), second)
        .ok(&analyst(), produce(2))
        .ok(&analyst(), test(2, true))
        .ok(&analyst(), available(2));
    assert_eq!(open(&w, ClockKind::Remediation), None);
}

#[test]
fn a_priority_is_not_unset() {
    let mut w = World::new();
    let unset = Command::SetPriority {
        priority: Priority::Unset,
        reason: "Later".into(),
    };
    assert_eq!(w.rule(&lead(), unset), RuleId::Prioritised);
}

// The advisory.

#[test]
fn what_the_advisory_shows_is_fixed_while_it_is_in_review() {
    let mut w = World::new();
    w.approved();
    for command in [
        score(),
        weakness(),
        affected(2),
        Command::SetCve {
            cve: "CVE-2026-12345".into(),
        },
        decide_item(2, RemediationKind::Workaround, true),
        drop_item(1),
    ] {
        let kind = command.kind();
        assert_eq!(w.rule(&analyst(), command), RuleId::ApprovedText, "{kind}");
    }
}

#[test]
fn a_revision_has_a_line_of_its_own() {
    let mut w = World::new();
    w.published().ok(&analyst(), revise());
    assert_eq!(
        w.rule(&analyst(), Command::SubmitAdvisory {}),
        RuleId::ApprovedText
    );
}

#[test]
fn a_product_without_an_answer_is_not_published() {
    let mut w = World::new();
    w.releasing()
        .ok(&analyst(), score())
        .ok(&analyst(), weakness())
        .ok(&analyst(), affected(2))
        .ok(&analyst(), draft("", "Text"));
    assert_eq!(
        w.rule(&analyst(), Command::SubmitAdvisory {}),
        RuleId::EveryProductAnswered
    );
}

#[test]
fn an_open_revision_is_published_before_the_case_ends() {
    let mut w = World::new();
    w.published()
        .ok(&analyst(), write(1, MessagePurpose::ReleaseNotice))
        .ok(&analyst(), revise());
    assert_eq!(w.rule(&lead(), complete()), RuleId::ApprovedText);
}

#[test]
fn an_interim_remediation_that_users_have_can_be_withdrawn() {
    let mut w = World::new();
    w.fixed()
        .ok(
            &analyst(),
            decide_item(2, RemediationKind::Workaround, true),
        )
        .ok(&analyst(), produce(2))
        .ok(&analyst(), test(2, true))
        .ok(&analyst(), available(2))
        .ok(&analyst(), drop_item(2));
    assert_eq!(w.rule(&analyst(), drop_item(1)), RuleId::RemediationOrder);
    assert_eq!(open(&w, ClockKind::CompleteRemediation), None);
}

#[test]
fn a_service_is_watched_before_the_case_ends() {
    let mut w = World::new();
    w.fixed()
        .ok(&analyst(), tick("regression"))
        .ok(&analyst(), prepare(ReleasePath::Service))
        .ok(&analyst(), score())
        .ok(&analyst(), weakness())
        .ok(&analyst(), draft("", "Text"))
        .ok(&analyst(), Command::SubmitAdvisory {})
        .with_legal()
        .ok(&legal(), legal_says(true))
        .ok(&analyst(), Command::GiveGo {})
        .ok(&lead(), Command::GiveGo {})
        .ok(&analyst(), tick("fix_reachable"))
        .ok(&lead(), Command::Publish {})
        .ok(&analyst(), write(1, MessagePurpose::ReleaseNotice));
    assert_eq!(w.rule(&lead(), complete()), RuleId::PostRelease);
    w.days(31).ok(&lead(), complete());
}

// Reopening and merging.

#[test]
fn a_completed_case_reopens_after_its_release() {
    let mut w = World::new();
    w.completed().days(5).ok(&lead(), reopen());
    assert_eq!(w.case().stage, Stage::PostRelease);
    w.ok(&analyst(), revise());
}

#[test]
fn an_imported_case_does_not_reopen_into_a_dead_end() {
    let mut w = World::new();
    let id = case_id(3);
    let history = crate::decide::open_history(id, 3, "X-1", "Old", MONDAY, vec![], vec![]);
    w.streams[0].case = crate::case::Case::empty(id);
    w.streams[0].append(&lead(), MONDAY, history);
    w.ok(&lead(), complete()).ok(&lead(), reopen());
    assert_eq!(w.case().stage, Stage::PostRelease);
    w.ok(&lead(), complete());
}

#[test]
fn a_reopened_case_keeps_its_priority_and_owes_the_result() {
    let mut w = World::new();
    w.verifying()
        .ok(&analyst(), priority())
        .ok(&analyst(), exit(ExitReason::Withdrawn))
        .days(100)
        .ok(&lead(), reopen());
    let due = open(&w, ClockKind::Remediation).unwrap().due_at;
    assert_eq!(due, w.now.plus_days(30));
    assert!(open(&w, ClockKind::VerificationResult).is_some());
}

#[test]
fn merging_keeps_what_is_known_of_a_report() {
    let mut w = World::new();
    w.ok(&analyst(), acknowledge(1))
        .ok(&analyst(), no_contact(1))
        .ok(&analyst(), exploited())
        .ok(&analyst(), publicity(Publicity::Partial))
        .ok(&analyst(), embargo(Some(MONDAY.plus_days(30))))
        .ok(&analyst(), tlp(Tlp::Red))
        .ok(
            &lead(),
            Command::EraseIdentity {
                report: report(1),
                reason: "Asked for".into(),
            },
        );
    let before = w.case().reports[0].clone();
    // What a sighting means is decided before the report moves.
    assert_eq!(w.rule(&lead(), merge()), RuleId::PublicityDecision);
    w.ok(&lead(), decide_publicity(false)).ok(&lead(), merge());
    let target = &w.streams[1].case;
    let after = target.report(report(1)).unwrap();
    assert_eq!(after.no_contact, before.no_contact);
    assert!(after.identity_erased);
    assert_eq!(after.acknowledged_at, before.acknowledged_at);
    // The facts come along, with the date that was agreed.
    assert!(target.exploited && !target.publicity_pending);
    assert_eq!(target.publicity, Publicity::Partial);
    assert_eq!(target.embargo_until, Some(MONDAY.plus_days(30)));
    // A label does not fall by merging.
    assert_eq!(target.tlp, Tlp::Red);
}

#[test]
fn a_restricted_case_is_not_merged_into_an_open_one() {
    let mut w = World::new();
    w.ok(&lead(), restrict());
    assert_eq!(w.rule(&lead(), merge()), RuleId::NeedToKnow);
}

#[test]
fn an_embargo_date_ends_with_publication() {
    let mut policy = InForce::default();
    policy.numbers.legal_gate = false;
    let one = intake(1, Source::External, Contact::ReceiptCode, form());
    let two = intake(2, Source::External, Contact::Mail, form());
    let mut w = World::of(policy, [one, two]);
    w.submitted()
        .ok(&analyst(), embargo(Some(MONDAY.plus_days(3))))
        .days(4)
        .ok(&analyst(), Command::GiveGo {})
        .ok(&lead(), Command::GiveGo {})
        .ok(&analyst(), tick("fix_reachable"))
        .ok(&lead(), Command::Publish {});
    assert_eq!(w.case().embargo_until, None);
    assert!(w.recorded(|e| matches!(e, Entry::AdvisoryPublished { .. })));
}
