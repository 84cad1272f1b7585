//! The machines of coordination against the published counts.
#![expect(clippy::unwrap_used, reason = "tests")]

use entente_domain::coordination::*;

#[test]
fn states_edges_and_histories_are_those_of_the_model() {
    let states = CaseState::all();
    assert_eq!(states.len(), 32);
    let edges: usize = states.iter().map(|s| s.edges().len()).sum();
    assert_eq!(edges, 58);
    let all = histories();
    assert_eq!(all.len(), 70);
    let sum = all.iter().fold(Fraction::ZERO, |sum, h| sum + h.chance);
    assert_eq!(sum, Fraction::ONE);
    assert_eq!(vendor_axis().0, ["vfd", "Vfd", "VFd", "VFD"]);
    assert_eq!(vendor_axis().1.len(), 3);
    assert_eq!(world_axis().0.len(), 8);
}

#[test]
fn the_likelihood_of_each_wished_for_order() {
    let found: Vec<String> = desiderata()
        .iter()
        .map(|(wish, chance, histories)| format!("{wish} {chance} {histories}"))
        .collect();
    // V before P: at once, or after attacks.
    assert_eq!(found[0].split(' ').nth(1), Some("1/3"), "{found:?}");
    for (wish, chance, histories) in desiderata() {
        assert!(histories > 0 && histories < 70, "{wish}");
        assert_ne!(chance, Fraction::ZERO, "{wish}");
    }
}

#[test]
fn every_history_replays_and_every_refusal_has_its_reason() {
    for history in histories() {
        let mut state = CaseState::default();
        for event in &history.events {
            state = state.after(*event).unwrap();
        }
        assert_eq!(state.to_string(), "VFDPXA");
    }
    let refuse = |state: &str, event| {
        let state = CaseState::all()
            .into_iter()
            .find(|s| s.to_string() == state);
        state.unwrap().after(event).unwrap_err()
    };
    assert_eq!(
        refuse("Vfdpxa", CaseEvent::VendorAware),
        Forbidden::AlreadySo
    );
    assert_eq!(
        refuse("vfdpxa", CaseEvent::FixReady),
        Forbidden::VendorUnaware
    );
    assert_eq!(refuse("Vfdpxa", CaseEvent::FixDeployed), Forbidden::NoFix);
    assert_eq!(
        refuse("vfdPxa", CaseEvent::AttacksObserved),
        Forbidden::VendorLearnsNext
    );
    assert_eq!(
        refuse("VfdpXa", CaseEvent::AttacksObserved),
        Forbidden::PublicLearnsNext
    );
}

#[test]
fn embargo_report_and_consent_have_their_edges() {
    let count = |n: usize| n;
    let embargo = EmbargoState::ALL
        .iter()
        .flat_map(|s| EmbargoTrigger::ALL.iter().map(move |t| (*s, *t)))
        .filter(|(s, t)| !t.is_ours() && s.after(*t).is_some())
        .count();
    assert_eq!(count(embargo), 10);
    let report = ReportState::ALL
        .iter()
        .flat_map(|s| ReportTrigger::ALL.iter().map(move |t| s.after(*t)))
        .flatten()
        .count();
    assert_eq!(report, 11);
    assert_eq!(ReportState::Valid.after(ReportTrigger::Close), None);
    assert_eq!(ConsentState::Signatory.after(ConsentTrigger::Invite), None);
    assert_eq!(
        ConsentState::Lapsed.after(ConsentTrigger::Restore),
        Some(ConsentState::Signatory)
    );
    for state in EmbargoState::ALL {
        assert_eq!(
            EmbargoState::Exited.after(EmbargoTrigger::Propose),
            None,
            "{state}"
        );
    }
}

#[test]
fn an_embargo_is_viable_where_the_model_says() {
    let of = |v: Viability| {
        CaseState::all()
            .into_iter()
            .filter(|s| viability(*s) == v)
            .count()
    };
    assert_eq!(of(Viability::Start), 2);
    assert_eq!(of(Viability::Brief), 1);
    assert_eq!(of(Viability::Stay), 1);
    assert_eq!(of(Viability::AtRisk), 12);
    assert_eq!(of(Viability::Over), 16);
}
