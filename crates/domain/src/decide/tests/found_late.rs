//! Bugs that were found in what happens late in a case: hand-over, asking again, late exits,
//! history that comes in anew.

use super::world::*;
use crate::case::{AdvisoryState, Case};
use crate::clock::ClockKind;
use crate::command::Command;
use crate::decide::{open_history, renew_history};
use crate::entry::Recorded;
use crate::kinds::*;
use crate::rule::RuleId;

#[test]
fn a_part_as_owner_makes_the_owner_and_the_former_one_leaves_a_date() {
    let mut w = World::new();
    w.ok(&analyst(), assign(2));
    w.days(1).ok(&lead(), add(5, CaseRole::Owner));
    assert_eq!(w.case().owner, Some(user(5)));
    let span = |n| w.case().members.iter().find(|m| m.user == user(n));
    let former = span(2).expect("the former owner has a dated part");
    assert_eq!((former.since, former.until), (MONDAY, Some(w.now)));
    let owner = span(5).expect("the owner has a dated part");
    assert_eq!((owner.since, owner.until), (w.now, None));
    assert_eq!(w.case().member_ids(), [user(5)]);
}

#[test]
fn a_member_who_becomes_owner_stays_a_member_afterwards() {
    let mut w = World::new();
    w.ok(&lead(), add(5, CaseRole::Member))
        .ok(&lead(), add(5, CaseRole::Owner));
    assert_eq!(w.case().part(user(5)), Some(CaseRole::Owner));
    w.ok(&lead(), assign(1));
    assert_eq!(w.case().part(user(5)), Some(CaseRole::Member));
    assert_eq!(
        w.rule(&lead(), add(1, CaseRole::Owner)),
        RuleId::RolesFromLead
    );
}

#[test]
fn asking_again_does_not_restart_the_wait_for_an_answer() {
    let mut w = World::new();
    w.verifying()
        .ok(&analyst(), verdict(Verdict::NotReproduced))
        .ok(&analyst(), write(1, MessagePurpose::Question))
        .days(10)
        .ok(&analyst(), write(1, MessagePurpose::Question));
    assert_eq!(w.case().reports[0].question_open_since, Some(MONDAY));
    w.days(5).ok(&analyst(), exit(ExitReason::Unverified));
}

#[test]
fn a_duplicate_found_before_publication_closes_the_case() {
    let mut w = World::new();
    w.approved().ok(&analyst(), exit(ExitReason::Duplicate));
    assert_eq!(w.case().stage, Stage::Closed);
    // Approvals of a text that is not released do not wait for a later life of the case.
    let advisory = w.case().advisory.as_ref().unwrap();
    assert_eq!(advisory.state, AdvisoryState::Draft);
    assert!(advisory.goes.is_empty() && advisory.legal_approved.is_none());
}

#[test]
fn what_turns_out_to_be_nothing_leaves_release_and_is_not_published() {
    let mut w = World::new();
    w.approved();
    assert_eq!(
        w.rule(&analyst(), exit(ExitReason::Withdrawn)),
        RuleId::Confirmed
    );
    w.days(1)
        .ok(&analyst(), verdict(Verdict::NotASecurityMatter));
    assert_eq!(w.rule(&lead(), Command::Publish {}), RuleId::Confirmed);
    w.clone().ok(&analyst(), exit(ExitReason::Withdrawn));
    w.ok(&analyst(), exit(ExitReason::NonSecurity));
    assert!(w.case().open_clock(ClockKind::Recheck, None).is_some());
}

#[test]
fn what_is_published_has_no_exit() {
    let mut w = World::new();
    w.published();
    assert_eq!(
        w.rule(&analyst(), exit(ExitReason::Duplicate)),
        RuleId::StageOrder
    );
}

#[test]
fn history_that_comes_in_anew_reopens_a_closed_case() {
    let at = |seq, decided| Recorded {
        seq,
        at: MONDAY,
        actor: "system:importer".to_owned(),
        decided,
    };
    let mut case = Case::empty(case_id(1));
    let renewed = |case: &Case| renew_history(case, "OLD-1", "Two", MONDAY, vec![], vec![]);
    for d in open_history(case_id(1), 1, "OLD-1", "One", MONDAY, vec![], vec![]) {
        case.apply(&at(case.version + 1, d));
    }
    assert_eq!(renewed(&case).len(), 1, "an open case is not reopened");
    for d in crate::decide::decide(
        &case,
        &World::new().facts(),
        &lead(),
        &Command::Complete { note: "".into() },
        MONDAY,
    )
    .unwrap()
    {
        case.apply(&at(case.version + 1, d));
    }
    assert_eq!(case.stage, Stage::Closed);
    for d in renewed(&case) {
        case.apply(&at(case.version + 1, d));
    }
    assert_eq!((case.stage, &case.ending), (Stage::PostRelease, &None));
    assert_eq!(case.title, "Two");
    assert!(case.timeline.iter().any(|m| m.text.contains("opened")));
}

#[test]
fn each_exit_notice_has_its_own_message() {
    let mut w = World::new();
    let mut facts = w.facts();
    facts.notices = vec![crate::ids::MessageId(uuid::Uuid::from_u128(0x701))];
    let entries = w
        .give_to(0, &facts, &analyst(), &exit(ExitReason::Junk))
        .unwrap();
    for d in entries {
        if let crate::entry::Entry::MessageToReporter { message, .. }
        | crate::entry::Entry::Acknowledged { message, .. } = d.what
        {
            assert_eq!(message, facts.notices[0]);
        }
    }
}
