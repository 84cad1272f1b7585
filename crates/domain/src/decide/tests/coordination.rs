//! Coordination under embargo, told as it happens: invitations, signatures, revisions, ends.

use super::world::*;
use crate::clock::ClockKind;
use crate::command::Command;
use crate::coordination::room::{Closed, EndCause, ParticipantStep, Standing};
use crate::coordination::{ConsentState, EmbargoState, ReportState};
use crate::decide::absorb;
use crate::entry::Entry;
use crate::kinds::{Publicity, Stage};
use crate::rule::RuleId;
use crate::time::Timestamp;

fn opens(w: &World, n: u128) -> Result<(), Closed> {
    w.case().room.opens(participant(n), w.now)
}

fn consent(w: &World, n: u128) -> ConsentState {
    w.case().room.participant(participant(n)).unwrap().consent
}

fn end(w: &World) -> Option<Timestamp> {
    let embargo = &w.case().room.embargo;
    embargo.in_force_at(w.now).map(|t| t.ends_at)
}

#[test]
fn the_first_signature_puts_the_embargo_in_force_and_opens_content_to_that_party_alone() {
    let mut w = World::new();
    w.ok(&analyst(), propose(1, MONDAY.plus_days(30)))
        .ok(&lead(), invite(1))
        .ok(&lead(), invite(2));
    assert_eq!(w.case().room.embargo.state, EmbargoState::Proposed);
    assert_eq!(opens(&w, 1), Err(Closed::NotSigned));
    w.ok(&guest(1), sign(1, 1));
    assert_eq!(end(&w), Some(MONDAY.plus_days(30)));
    assert_eq!(w.case().embargo_until, Some(MONDAY.plus_days(30)));
    assert_eq!(
        (opens(&w, 1), opens(&w, 2)),
        (Ok(()), Err(Closed::NotSigned))
    );
    let p = w.case().room.participant(participant(1)).unwrap();
    assert_eq!(
        (p.standing, p.report),
        (Standing::Joined, ReportState::Received)
    );
    assert_eq!(p.vendor_letters().unwrap(), "Vfd");
    assert_eq!(p.signatures[0].signer, "Q. Guest");
    let date = w.case().open_clock(ClockKind::EmbargoDate, None).unwrap();
    assert_eq!(date.due_at, MONDAY.plus_days(30));
}

#[test]
fn a_nearer_reply_date_is_moved_to_72_hours() {
    let mut w = World::new();
    let mut hasty = invite(1);
    if let Command::InviteParty { reply_by, .. } = &mut hasty {
        *reply_by = MONDAY.plus_hours(1);
    }
    w.ok(&lead(), propose(1, MONDAY.plus_days(30)))
        .ok(&lead(), hasty);
    let asked = w.case().room.participants[0].reply_by;
    assert_eq!(asked, MONDAY.plus_hours(72));
    let clock = w.case().open_clock(ClockKind::PartyReply, None).unwrap();
    assert_eq!(clock.due_at, asked);
}

/// VP-07-004: the shorter one is in force, the longer one is an open revision.
#[test]
fn the_shortest_wins_and_the_longer_becomes_a_revision() {
    let mut w = World::new();
    w.ok(&lead(), propose(1, MONDAY.plus_days(45)))
        .ok(&lead(), invite(1))
        .ok(&guest(1), propose(2, MONDAY.plus_days(30)));
    assert_eq!(end(&w), Some(MONDAY.plus_days(30)));
    assert_eq!(w.case().room.embargo.state, EmbargoState::Revise);
    assert_eq!(opens(&w, 1), Ok(()));
    // One who promised the longer time promised the shorter, and asked for a longer one gets a
    // revision as well.
    let mut w = World::new();
    w.ok(&lead(), propose(1, MONDAY.plus_days(20)))
        .ok(&lead(), invite(1))
        .ok(&guest(1), propose(2, MONDAY.plus_days(30)));
    assert_eq!(end(&w), Some(MONDAY.plus_days(20)));
    assert_eq!(w.case().room.embargo.open.len(), 1);
}

/// Decision 1: an unanswered revision leaves the old terms binding and the content open.
#[test]
fn silence_on_a_revision_keeps_what_was_signed_until_its_end_and_not_beyond() {
    let mut w = World::new();
    w.embargoed(3).ok(&lead(), propose(2, MONDAY.plus_days(40)));
    assert_eq!(consent(&w, 1), ConsentState::Lapsed);
    assert_eq!(opens(&w, 1), Ok(()));
    w.ok(&guest(1), sign(1, 2))
        .ok(&guest(2), decline(2, Some(2)));
    assert_eq!(consent(&w, 1), ConsentState::Signatory);
    assert_eq!(consent(&w, 2), ConsentState::Signatory);
    // Party 3 says nothing; after the date for answers the lead may rule, as the terms allow.
    assert_eq!(w.rule(&lead(), agree(2)), RuleId::SignatoriesAgree);
    w.days(8).ok(&lead(), agree(2));
    assert_eq!(end(&w), Some(MONDAY.plus_days(40)));
    assert_eq!(opens(&w, 2), Ok(()), "what it signed has not ended");
    w.days(23);
    assert_eq!(opens(&w, 1), Ok(()));
    for n in [2, 3] {
        assert_eq!(consent(&w, n), ConsentState::Lapsed);
        assert_eq!(opens(&w, n), Err(Closed::SignatureEnded));
        assert_eq!(w.rule(&lead(), tell(Some(n))), RuleId::ConsentGate);
    }
    w.ok(&guest(3), sign(3, 2));
    assert_eq!(opens(&w, 3), Ok(()));
    // The end changes nobody's access (decision 2).
    w.days(30);
    assert_eq!(end(&w), None);
    assert_eq!(opens(&w, 1), Ok(()));
    assert_eq!(opens(&w, 2), Err(Closed::SignatureEnded));
}

#[test]
fn a_rejected_or_withdrawn_revision_restores_the_signatures() {
    for command in [reject(2), withdraw(2)] {
        let mut w = World::new();
        w.embargoed(2).ok(&lead(), propose(2, MONDAY.plus_days(40)));
        assert_eq!(consent(&w, 2), ConsentState::Lapsed);
        w.ok(&lead(), command);
        assert_eq!(consent(&w, 2), ConsentState::Signatory);
        assert_eq!(w.case().room.embargo.state, EmbargoState::Active);
        assert_eq!(end(&w), Some(MONDAY.plus_days(30)));
    }
}

#[test]
fn an_extension_is_made_as_often_as_agreed_and_never_after_the_end() {
    let mut w = World::new();
    w.embargoed(1)
        .ok(&lead(), propose(2, MONDAY.plus_days(40)))
        .ok(&guest(1), sign(1, 2))
        .ok(&lead(), agree(2));
    assert_eq!(
        w.rule(&lead(), propose(3, MONDAY.plus_days(50))),
        RuleId::RevisionCap
    );
    // A shorter time is no extension.
    w.ok(&lead(), propose(3, MONDAY.plus_days(35)))
        .ok(&lead(), agree(3));
    assert_eq!(end(&w), Some(MONDAY.plus_days(35)));
    w.days(36);
    assert_eq!(
        w.rule(&lead(), propose(4, MONDAY.plus_days(50))),
        RuleId::OneEmbargo
    );
}

#[test]
fn full_publicity_ends_it_at_once_and_every_vendor_is_aware() {
    let mut w = World::new();
    w.embargoed(1)
        .ok(&lead(), invite(2))
        .ok(&analyst(), publicity(Publicity::Full));
    let ended = w.case().room.embargo.ended.clone().unwrap();
    assert_eq!(ended.cause, EndCause::Public);
    assert_eq!(w.case().room.embargo.state, EmbargoState::Exited);
    assert_eq!(w.case().embargo_until, None);
    let two = w.case().room.participant(participant(2)).unwrap();
    assert!(two.vendor_aware);
    // The fact stands before what it does (C-14).
    let place = |fits: fn(&Entry) -> bool| {
        let log = &w.streams[0].log;
        log.iter().position(|r| fits(&r.decided.what)).unwrap()
    };
    assert!(
        place(|e| matches!(e, Entry::PublicityRecorded { .. }))
            < place(|e| matches!(e, Entry::EmbargoEnded { .. }))
    );
    // Whoever had not signed has no content by the end of the embargo.
    assert_eq!(opens(&w, 2), Err(Closed::NotSigned));
}

#[test]
fn an_attack_forces_a_decision_and_rejects_what_is_only_proposed() {
    let mut w = World::new();
    w.embargoed(1).ok(&analyst(), exploited());
    assert!(end(&w).is_some(), "an attack by itself does not end it");
    assert!(w.case().publicity_pending);
    w.ok(&lead(), decide_publicity(true));
    let ended = w.case().room.embargo.ended.clone().unwrap();
    assert_eq!((end(&w), ended.cause), (None, EndCause::Attacks));

    let mut w = World::new();
    w.ok(&lead(), propose(1, MONDAY.plus_days(30)))
        .ok(&lead(), invite(1))
        .ok(&analyst(), exploited());
    assert_eq!(w.case().room.embargo.state, EmbargoState::None);
    assert_eq!(w.rule(&guest(1), sign(1, 1)), RuleId::TermsFirst);
}

#[test]
fn publication_waits_for_the_end_and_ends_what_is_left_of_it() {
    let mut w = World::new();
    w.ok(&analyst(), propose(1, MONDAY.plus_days(30)))
        .ok(&lead(), invite(1))
        .ok(&guest(1), sign(1, 1));
    w.approved();
    assert_eq!(w.rule(&lead(), Command::Publish {}), RuleId::NotBeforeDate);
    w.ok(&lead(), end_embargo())
        .ok(&lead(), Command::Publish {});
    assert_eq!(w.case().stage, Stage::PostRelease);
}

#[test]
fn whoever_leaves_gets_no_more_and_stays_bound() {
    let mut w = World::new();
    w.embargoed(2).ok(&guest(1), leave(1));
    assert_eq!(opens(&w, 1), Err(Closed::Gone));
    let room = &w.case().room;
    let p = room.participant(participant(1)).unwrap();
    assert!(room.still_bound(p, w.now));
    assert!(end(&w).is_some(), "leaving is not ending");
    assert!(!room.still_bound(p, MONDAY.plus_days(31)));
    assert_eq!(w.rule(&guest(1), party_writes(1)), RuleId::ConsentGate);
}

#[test]
fn silence_is_seen_and_a_late_yes_to_the_terms_in_force_is_welcome() {
    let mut w = World::new();
    w.embargoed(1).ok(&lead(), invite(2)).days(9);
    let two = || w.case().room.participant(participant(2)).unwrap().clone();
    assert!(two().silent(w.now));
    assert_eq!(opens(&w, 2), Err(Closed::NotSigned));
    w.ok(&guest(2), sign(2, 1));
    assert_eq!(opens(&w, 2), Ok(()));
}

#[test]
fn steps_follow_the_model() {
    let mut w = World::new();
    w.embargoed(1)
        .ok(&guest(1), standing(1, ParticipantStep::Validate))
        .ok(&guest(1), standing(1, ParticipantStep::Accept))
        .ok(&guest(1), standing(1, ParticipantStep::FixReady))
        .ok(&analyst(), standing(1, ParticipantStep::FixDeployed))
        .ok(&guest(1), standing(1, ParticipantStep::Close));
    let p = w.case().room.participant(participant(1)).unwrap();
    assert_eq!(
        (p.report, p.vendor_letters().unwrap().as_str()),
        (ReportState::Closed, "VFD")
    );
    let log = &w.streams[0].log;
    assert_eq!(
        log.last().unwrap().actor,
        format!("participant:{}", participant(1))
    );
}

/// Whoever holds the link of one case has no say in another one.
#[test]
fn a_link_speaks_in_its_own_case_only() {
    let mut w = World::new();
    w.embargoed(1);
    assert_eq!(w.rule(&guest_of(2, 1), party_writes(1)), RuleId::NeedToKnow);
    assert_eq!(w.rule(&guest(7), party_writes(7)), RuleId::NeedToKnow);
    assert_eq!(w.rule(&lead(), sign(1, 1)), RuleId::SpeaksForItself);
}

#[test]
fn a_party_that_writes_starts_a_clock_that_an_answer_stops() {
    let mut w = World::new();
    w.embargoed(1).ok(&guest(1), party_writes(1));
    assert!(w.case().open_clock(ClockKind::ReplyToParty, None).is_some());
    w.ok(&analyst(), tell(Some(1)));
    assert!(w.case().open_clock(ClockKind::ReplyToParty, None).is_none());
}

#[test]
fn a_merge_neither_drops_nor_smuggles_in_a_date() {
    // A promise of the case that goes, and terms of the one that stays.
    let merge = Command::MergeInto {
        target: case_id(2),
        reason: "The same flaw".into(),
    };
    let mut w = World::new();
    w.ok(&lead(), embargo(Some(MONDAY.plus_days(50))));
    w.streams.swap(0, 1);
    w.ok(&lead(), propose(1, MONDAY.plus_days(30)));
    w.streams.swap(0, 1);
    let (target, source) = (w.streams[1].case.clone(), w.streams[0].case.clone());
    assert_eq!(source.embargo_until, Some(MONDAY.plus_days(50)));
    let refused = absorb(&target, &source, &lead(), "The same flaw").unwrap_err();
    assert_eq!(refused.rule, RuleId::TermsHoldTheDate);
    w.ok(&lead(), embargo(None));
    w.ok(&lead(), merge);
}
