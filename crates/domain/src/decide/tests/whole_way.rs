//! The whole way of a case, readable from top to bottom: from a report to a published advisory,
//! a revision, and completion.

use super::world::*;
use crate::access::Viewer;
use crate::case::AdvisoryState;
use crate::clock::ClockKind;
use crate::command::Command;
use crate::entry::Contact;
use crate::kinds::*;
use crate::rule::RuleId;
use crate::summary::{CaseSummary, NextStep, next_step};

#[test]
fn from_report_to_published_advisory_and_completion() {
    let mut w = World::new();

    // 7.1.3: a report came in; the automatic receipt is no acknowledgement.
    assert_eq!(w.case().stage, Stage::Receipt);
    assert!(w.case().reports[0].receipt_at.is_some());
    assert!(w.case().reports[0].acknowledged_at.is_none());
    assert_eq!(next_step(w.case()), NextStep::Acknowledge);
    let limit = w.case().open_clock(ClockKind::AcknowledgementLimit, None);
    assert_eq!(limit.unwrap().due_at, MONDAY.plus_days(7));

    // A person acknowledges; the update clock takes over.
    w.days(1).ok(&analyst(), acknowledge(1));
    let case = w.case();
    assert!(
        case.open_clock(ClockKind::AcknowledgementLimit, None)
            .is_none()
    );
    assert!(case.open_clock(ClockKind::NextUpdate, None).is_some());
    assert_eq!(next_step(case), NextStep::Verify);

    // 7.1.4: verify, assess, map, tell.
    w.ok(&analyst(), assign(2))
        .ok(&analyst(), Command::StartVerification {})
        .ok(&analyst(), verdict(Verdict::Confirmed));
    assert_eq!(next_step(w.case()), NextStep::Assess);
    w.ok(&analyst(), score()).ok(&analyst(), priority());
    assert_eq!(next_step(w.case()), NextStep::MapProducts);
    w.ok(&analyst(), affected(1));
    assert_eq!(next_step(w.case()), NextStep::TellResult);
    assert_eq!(
        w.rule(&analyst(), Command::StartRemediation {}),
        RuleId::TellResult
    );
    w.ok(&analyst(), write(1, MessagePurpose::VerificationResult))
        .ok(&analyst(), tick("supported"))
        .ok(&analyst(), tick("other_vendors"))
        .ok(&analyst(), Command::StartRemediation {});

    // 7.1.5: decide, produce, test; a failed test sends it back.
    w.days(5)
        .ok(&analyst(), decide_item(1, RemediationKind::Patch, false))
        .ok(&analyst(), produce(1))
        .ok(&analyst(), test(1, false));
    assert_eq!(w.case().remediations[0].state, RemediationState::Decided);
    assert_eq!(
        w.rule(&analyst(), prepare(ReleasePath::Product)),
        RuleId::Checklist
    );
    w.ok(&analyst(), tick("regression"));
    assert_eq!(
        w.rule(&analyst(), prepare(ReleasePath::Product)),
        RuleId::EveryProductAnswered
    );
    w.ok(&analyst(), produce(1))
        .ok(&analyst(), test(1, true))
        .ok(&analyst(), embargo(Some(MONDAY.plus_days(30))))
        .ok(&analyst(), prepare(ReleasePath::Product));
    assert_eq!(w.case().stage, Stage::Release);

    // 7.1.6: the advisory, legal's word, two different people, the date.
    w.ok(&analyst(), weakness())
        .ok(&analyst(), available(1))
        .ok(&analyst(), draft("", "The text"))
        .ok(&analyst(), Command::SubmitAdvisory {});
    assert_eq!(w.rule(&lead(), Command::Publish {}), RuleId::LegalGate);
    w.with_legal().ok(&legal(), legal_says(true));
    assert_eq!(w.rule(&lead(), Command::Publish {}), RuleId::TwoPersonGo);
    w.ok(&analyst(), Command::GiveGo {});
    assert_eq!(w.rule(&analyst(), Command::GiveGo {}), RuleId::TwoPersonGo);
    w.ok(&lead(), Command::GiveGo {});
    assert_eq!(w.rule(&lead(), Command::Publish {}), RuleId::NotBeforeDate);
    w.days(40);
    assert_eq!(w.rule(&lead(), Command::Publish {}), RuleId::Checklist);
    w.ok(&analyst(), tick("fix_reachable"))
        .ok(&lead(), Command::Publish {});
    let case = w.case();
    assert_eq!(case.stage, Stage::PostRelease);
    assert_eq!(case.tlp, Tlp::Clear);
    assert_eq!(case.publicity, Publicity::Full);
    assert_eq!(case.embargo_until, None);
    let advisory = case.advisory.as_ref().unwrap();
    assert_eq!(advisory.state, AdvisoryState::Published);
    assert_eq!(advisory.public_id.as_deref(), Some("EX-2026-0001"));
    assert_eq!(advisory.revisions[0].change, "Initial release");

    // 7.1.7: a revision with its line, a task, the notice, the end.
    w.days(3)
        .ok(&analyst(), revise())
        .ok(&analyst(), draft("Versions corrected", "Better text"))
        .ok(&analyst(), Command::SubmitAdvisory {})
        .ok(&legal(), legal_says(true))
        .ok(&analyst2(), Command::GiveGo {})
        .ok(&lead(), Command::GiveGo {})
        .ok(&lead(), Command::Publish {});
    let revisions = &w.case().advisory.as_ref().unwrap().revisions;
    assert_eq!(revisions.len(), 2);
    assert_eq!(revisions[1].change, "Versions corrected");

    let due = w.now.plus_days(10);
    w.ok(&analyst(), add_task(1, TaskKind::Lesson, due));
    let complete = || Command::Complete { note: "".into() };
    assert_eq!(w.rule(&lead(), complete()), RuleId::PostRelease);
    w.ok(
        &analyst(),
        Command::CompleteTask {
            task: task(1),
            result: "A lint was added".into(),
        },
    );
    assert_eq!(w.rule(&lead(), complete()), RuleId::KeepInformed);
    w.ok(&analyst(), write(1, MessagePurpose::ReleaseNotice))
        .ok(&lead(), complete());

    let case = w.case();
    assert_eq!(case.stage, Stage::Closed);
    assert!(case.clocks.iter().all(|c| !c.is_open()));
    assert_eq!(next_step(case), NextStep::Nothing);
    let summary = CaseSummary::of(case);
    assert_eq!(summary.next_due, None);
    // The time line tells it in words, each line under its rule.
    let words: Vec<&str> = case.timeline.iter().map(|m| m.text.as_str()).collect();
    for told in [
        "Case 1 opened",
        "Acknowledged report R-101 to its reporter",
        "Verification: Confirmed",
        "Test on linux: failed",
        "Advisory EX-2026-0001 published, revision 2",
        "Closed: Completed",
    ] {
        assert!(words.contains(&told), "{told} is missing in {words:#?}");
    }
    // The way passed every stage once, in order.
    let stages: Vec<Stage> = case.stages.iter().map(|(s, _)| *s).collect();
    assert_eq!(stages, Stage::ALL);
}

/// An internal finding has nobody to tell, and says so; the way is the same.
#[test]
fn an_internal_finding_owes_nobody_a_message() {
    let mut w = World::from(intake(1, Source::Internal, Contact::None, form()));
    assert!(w.case().reports[0].no_contact.is_some());
    assert_eq!(next_step(w.case()), NextStep::Verify);
    w.ok(&analyst(), Command::StartVerification {})
        .ok(&analyst(), verdict(Verdict::Confirmed))
        .ok(&analyst(), priority())
        .ok(&analyst(), affected(1))
        .ok(&analyst(), tick("supported"))
        .ok(&analyst(), tick("other_vendors"))
        .ok(&analyst(), Command::StartRemediation {});
}

/// The reporter's side: the thread by receipt code.
#[test]
fn an_anonymous_reporter_talks_by_receipt_code() {
    let mut w = World::new();
    w.ok(&analyst(), acknowledge(1))
        .ok(&analyst(), write(1, MessagePurpose::Question));
    assert!(w.case().reports[0].question_open_since.is_some());
    w.days(2).ok(&reporter(1), reporter_writes(1));
    let case = w.case();
    assert!(case.reports[0].question_open_since.is_none());
    assert_eq!(next_step(case), NextStep::Reply);
    assert!(case.open_clock(ClockKind::ReplyToReporter, None).is_some());
    assert!(case.open_clock(ClockKind::ReporterAnswer, None).is_none());
    w.ok(&analyst(), write(1, MessagePurpose::Update));
    assert!(
        w.case()
            .open_clock(ClockKind::ReplyToReporter, None)
            .is_none()
    );
    assert_eq!(
        w.rule(&Viewer::Public, reporter_writes(1)),
        RuleId::NeedToKnow
    );
}
