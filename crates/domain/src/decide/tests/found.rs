//! Bugs found in facts, access and talking to the reporter: one test each, failed before its
//! repair.

use super::world::*;
use crate::access::{SystemViewer, Viewer};
use crate::clock::{Clock, ClockKind};
use crate::command::{Command, ReportForm};
use crate::entry::Contact;
use crate::kinds::*;
use crate::rule::RuleId;
use crate::summary::{NextStep, next_step};

fn open(w: &World, kind: ClockKind) -> Option<&Clock> {
    w.case().open_clock(kind, None)
}

fn reported(change: impl Fn(&mut ReportForm)) -> World {
    let mut form = form();
    change(&mut form);
    World::from(intake(1, Source::External, Contact::Mail, form))
}

// Facts: publicity and exploitation.

#[test]
fn a_claim_of_publicity_and_an_attack_are_both_recorded() {
    let w = reported(|f| {
        f.already_public = true;
        f.exploited = true;
    });
    assert_eq!(w.case().publicity, Publicity::Partial);
    assert!(w.case().exploited && w.case().publicity_pending);
}

#[test]
fn a_publicly_disclosed_report_starts_public() {
    let w = World::from(intake(1, Source::Public, Contact::None, form()));
    assert_eq!(w.case().publicity, Publicity::Full);
    assert!(!w.case().publicity_pending);
}

#[test]
fn what_is_published_does_not_become_less_public() {
    let mut w = World::new();
    w.published();
    for less in [Publicity::None, Publicity::Partial] {
        assert_eq!(w.rule(&lead(), publicity(less)), RuleId::FactsRecorded);
    }
}

#[test]
fn an_attack_on_a_closed_case_waits_for_a_decision_that_can_be_made() {
    let mut w = World::new();
    w.completed().days(30).ok(&analyst(), exploited());
    assert_eq!(next_step(w.case()), NextStep::DecidePublicity);
    w.ok(&lead(), decide_publicity(true));
    assert_eq!(open(&w, ClockKind::PublicityDecision), None);
}

#[test]
fn an_embargo_is_not_extended_past_the_cap_step_by_step() {
    let mut w = World::new();
    w.ok(&analyst(), embargo(Some(MONDAY.plus_days(80))));
    w.days(60);
    let past_cap = MONDAY.plus_days(91);
    assert_eq!(
        w.rule(&analyst(), embargo(Some(past_cap))),
        RuleId::NotBeforeDate
    );
    w.ok(&analyst(), embargo(Some(MONDAY.plus_days(90))));
}

// People: who may do what.

#[test]
fn an_observer_reads_and_does_not_write() {
    let mut w = World::new();
    w.ok(&lead(), add(5, CaseRole::Observer));
    assert_eq!(
        w.rule(&contact(), verdict(Verdict::Confirmed)),
        RuleId::NeedToKnow
    );
    w.ok(&lead(), remove(5))
        .ok(&lead(), add(5, CaseRole::Member));
    w.ok(&contact(), acknowledge(1));
}

#[test]
fn background_work_does_not_acknowledge_or_decide() {
    let mut w = World::new();
    for name in SystemViewer::ALL {
        let system = Viewer::System(*name);
        assert_eq!(
            w.rule(&system, acknowledge(1)),
            RuleId::HumanAcknowledgement
        );
        assert_eq!(
            w.rule(&system, add(5, CaseRole::Member)),
            RuleId::RolesFromLead
        );
        assert_eq!(w.rule(&system, exit(ExitReason::Junk)), RuleId::NeedToKnow);
    }
}

#[test]
fn the_mailer_reads_the_vault_and_erases_nothing() {
    let mut w = World::new();
    let mailer = Viewer::System(SystemViewer::Mailer);
    let (report, reason) = (report(1), "message 7".to_owned());
    let erase = Command::EraseIdentity {
        report,
        reason: reason.clone(),
    };
    assert_eq!(w.rule(&mailer, erase), RuleId::IdentityVault);
    w.ok(&mailer, Command::ReadIdentity { report, reason });
}

#[test]
fn a_go_is_given_by_those_who_may_approve() {
    let mut w = World::new();
    w.submitted().ok(&lead(), add(8, CaseRole::Member));
    assert_eq!(w.rule(&support(), Command::GiveGo {}), RuleId::TwoPersonGo);
    w.ok(&analyst(), Command::GiveGo {});
}

#[test]
fn a_part_comes_from_a_lead_also_by_assigning() {
    let mut w = World::new();
    assert_eq!(w.rule(&analyst(), assign(8)), RuleId::RolesFromLead);
    w.ok(&analyst(), assign(2)).ok(&lead(), assign(5));
}

#[test]
fn a_restricted_case_keeps_somebody_who_works_on_it() {
    let mut w = World::new();
    w.ok(&lead(), restrict())
        .ok(&lead(), add(5, CaseRole::Observer));
    assert_eq!(w.rule(&lead(), remove(1)), RuleId::NeedToKnow);
    w.ok(&lead(), add(2, CaseRole::Member))
        .ok(&lead(), remove(1));
}

#[test]
fn a_reporter_sets_the_credit_of_the_own_report_only() {
    let mut w = World::new();
    let entries = w.streams[1].clone();
    let other = crate::decide::absorb(&w.streams[0].case, &entries.case, &lead(), "Same").unwrap();
    w.streams[0].append(&lead(), MONDAY, other);
    let credit = |n| Command::SetCredit {
        report: report(n),
        credit: Some("R. Eporter".into()),
    };
    assert_eq!(w.rule(&reporter(1), credit(2)), RuleId::NeedToKnow);
    w.ok(&reporter(1), credit(1));
    let attach = |n| Command::AddAttachment {
        attachment: file(n),
        report: Some(report(n)),
        bytes: 9,
    };
    assert_eq!(w.rule(&reporter(1), attach(2)), RuleId::NeedToKnow);
    w.ok(&reporter(1), attach(1));
    assert_eq!(w.rule(&reporter(1), attach(1)), RuleId::Bounds);
}

#[test]
fn an_erased_identity_leaves_no_name_in_the_case() {
    let mut w = reported(|f| {
        f.credit = true;
        f.credit_name = "R. Eporter".into();
    });
    let (report, reason) = (report(1), "Asked for".to_owned());
    w.ok(
        &lead(),
        Command::EraseIdentity {
            report,
            reason: reason.clone(),
        },
    );
    assert_eq!(w.case().reports[0].credit, None);
    assert_eq!(w.case().reports[0].form.credit_name, "");
    assert_eq!(
        w.rule(&lead(), Command::ReadIdentity { report, reason }),
        RuleId::IdentityVault
    );
}

// Telling the reporter.

#[test]
fn a_reporter_who_writes_again_can_be_reached_again() {
    let mut w = World::new();
    w.ok(&analyst(), no_contact(1))
        .days(1)
        .ok(&reporter(1), reporter_writes(1));
    assert!(w.case().reports[0].reachable());
    // Still seven days from the report, not from today.
    let limit = open(&w, ClockKind::AcknowledgementLimit).expect("runs again");
    assert_eq!(limit.due_at, MONDAY.plus_days(7));
    w.ok(&analyst(), acknowledge(1));
    assert_eq!(open(&w, ClockKind::ReplyToReporter), None);
}

#[test]
fn a_changed_verdict_is_told_again() {
    let mut w = World::new();
    w.verifying()
        .ok(&analyst(), verdict(Verdict::NotReproduced))
        .ok(&analyst(), write(1, MessagePurpose::VerificationResult))
        .ok(&analyst(), verdict(Verdict::Confirmed));
    assert_eq!(w.case().reports[0].result_told_at, None);
    assert!(open(&w, ClockKind::VerificationResult).is_some());
    w.ok(&analyst(), priority()).ok(&analyst(), affected(1));
    assert_eq!(
        w.rule(&analyst(), Command::StartRemediation {}),
        RuleId::TellResult
    );
}

#[test]
fn a_verdict_that_falls_during_development_stops_the_release() {
    let mut w = World::new();
    w.fixed()
        .ok(&analyst(), tick("regression"))
        .ok(&analyst(), verdict(Verdict::NotReproduced));
    assert_eq!(
        w.rule(&analyst(), prepare(ReleasePath::Product)),
        RuleId::Confirmed
    );
    w.ok(&analyst(), verdict(Verdict::Confirmed));
    assert_eq!(
        w.rule(&analyst(), prepare(ReleasePath::Product)),
        RuleId::TellResult
    );
}

#[test]
fn an_exit_notice_is_no_release_notice() {
    let mut w = World::new();
    w.verifying();
    assert_eq!(
        w.rule(&analyst(), write(1, MessagePurpose::ExitNotice)),
        RuleId::TellExit
    );
    w.ok(&analyst(), exit(ExitReason::Junk))
        .ok(&lead(), reopen());
    assert_eq!(w.case().reports[0].notice_at, None);
}

#[test]
fn an_exit_acknowledges_what_nobody_acknowledged() {
    let mut w = World::new();
    w.ok(&analyst(), exit(ExitReason::Junk));
    assert!(w.case().reports[0].acknowledged_at.is_some());
}

#[test]
fn a_message_about_a_closed_case_starts_no_clock() {
    let mut w = World::new();
    w.completed();
    w.ok(&analyst(), write(1, MessagePurpose::Question));
    assert!(w.case().clocks.iter().all(|c| !c.is_open()));
    w.ok(&reporter(1), reporter_writes(1));
    assert_eq!(next_step(w.case()), NextStep::Reply);
}

#[test]
fn an_answer_that_does_not_help_ends_the_waiting() {
    let mut w = World::new();
    w.verifying()
        .ok(&analyst(), verdict(Verdict::NotReproduced))
        .ok(&analyst(), write(1, MessagePurpose::Question))
        .days(2)
        .ok(&reporter(1), reporter_writes(1));
    // The answer must be worked with before it may be said not to help.
    assert_eq!(
        w.rule(&analyst(), exit(ExitReason::Unverified)),
        RuleId::AskFirst
    );
    w.days(1)
        .ok(&analyst(), verdict(Verdict::NotReproduced))
        .ok(&analyst(), exit(ExitReason::Unverified));
}

#[test]
fn a_paused_wait_for_an_answer_has_not_run_out() {
    let mut w = World::new();
    w.verifying()
        .ok(&analyst(), verdict(Verdict::NotReproduced))
        .ok(&analyst(), write(1, MessagePurpose::Question))
        .ok(&analyst(), pause(ClockKind::ReporterAnswer))
        .days(20);
    assert_eq!(
        w.rule(&analyst(), exit(ExitReason::Unverified)),
        RuleId::AskFirst
    );
}

#[test]
fn a_confirmed_vulnerability_is_not_junk_and_not_withdrawn() {
    let mut w = World::new();
    w.confirmed();
    for reason in [ExitReason::Junk, ExitReason::Withdrawn] {
        assert_eq!(w.rule(&analyst(), exit(reason)), RuleId::Confirmed);
    }
}
