//! Random whole lives of two cases: whatever is asked, by whomever, the invariants hold.

use super::commands::{Pick, random, useful};
use super::watch::{Step, Watch, reads_back, refolds};
use super::world::*;
use crate::access::{SystemViewer, Viewer};
use crate::command::{Command, CommandKind};
use crate::decide::{Facts, decide, gate, open_actions};
use crate::entry::Contact;
use crate::ids::ReportId;
use crate::kinds::{Source, Stage};
use crate::policy::InForce;
use crate::process::TRANSITIONS;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
struct Ask {
    seed: u64,
    hours: u16,
    useful: bool,
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let hours = prop_oneof![3 => Just(0u16), 3 => 0u16..30, 1 => 100u16..900];
    let ask =
        (any::<u64>(), hours, prop::bool::weighted(0.55)).prop_map(|(seed, hours, useful)| Ask {
            seed,
            hours,
            useful,
        });
    prop::collection::vec(ask, 200..320)
}

fn actor(p: &mut Pick) -> Viewer {
    match p.below(20) {
        0..=5 => lead(),
        6..=9 => analyst(),
        10 => analyst2(),
        11 | 12 => legal(),
        13 => contact(),
        14 => auditor(),
        15 => administrator(),
        16 => support(),
        17 => press(),
        18 if p.below(2) == 0 => guest(u128::from(1 + p.below(5))),
        18 => reporter(u128::from(1 + p.below(3))),
        _ => match p.below(4) {
            0 => Viewer::Public,
            n => Viewer::System(SystemViewer::ALL[usize::try_from(n * 2).unwrap()]),
        },
    }
}

fn world(p: &mut Pick) -> World {
    let mut policy = InForce::default();
    policy.numbers.legal_gate = p.below(3) != 0;
    policy.numbers.release_approvals = u32::try_from(p.below(4)).unwrap();
    let mut one = |n| {
        let mut form = form();
        form.already_public = p.below(6) == 0;
        form.exploited = p.below(6) == 0;
        form.credit = p.below(2) == 0;
        form.credit_name = "R. Eporter".into();
        form.disclosure_date = (p.below(3) == 0).then(|| MONDAY.plus_days(50));
        let (source, contact) = match p.below(6) {
            0 => (Source::Internal, Contact::None),
            1 => (Source::Public, Contact::None),
            2 => (Source::Customer, Contact::Mail),
            _ => (Source::External, Contact::ReceiptCode),
        };
        intake(n, source, contact, form)
    };
    let intakes = [one(1), one(2)];
    World::of(policy, intakes)
}

/// What the lives of a run reached, so that a model that reaches nothing is seen.
#[derive(Default)]
struct Reached {
    commands: BTreeMap<CommandKind, usize>,
    transitions: BTreeSet<(Stage, CommandKind, Stage)>,
}

fn live(seed: u64, asks: &[Ask], reached: &mut Reached) {
    let mut w = world(&mut Pick(seed));
    let mut watches = [Watch::default(), Watch::default()];
    let mut reports = report_ids(&w);
    for (i, ask) in asks.iter().enumerate() {
        let mut p = Pick(ask.seed);
        w.now = w.now.plus_hours(i64::from(ask.hours));
        let mut n = usize::from(p.below(5) == 0);
        if w.streams[n].case.merged_into.is_some() && p.below(8) != 0 {
            n = 1 - n;
        }
        let (actor, command) = if ask.useful {
            useful(&w.streams[n].case, &mut p, w.now)
        } else {
            let all = CommandKind::ALL;
            let mut kind = all[usize::try_from(p.below(all.len() as u64)).unwrap()];
            let case = &w.streams[n].case;
            // What is open only early in a case, or only to one sort of actor, is asked more often.
            let early = matches!(case.stage, Stage::Receipt | Stage::Verification);
            let actor = match p.below(16) {
                0 if early && p.below(6) == 0 => {
                    kind = CommandKind::MergeInto;
                    lead()
                }
                1 => {
                    kind = CommandKind::ReporterWrites;
                    reporter(u128::from(1 + p.below(2)))
                }
                2 => {
                    kind = CommandKind::ResumeClock;
                    analyst()
                }
                _ => actor(&mut p),
            };
            (actor, random(kind, &mut p, case, w.now))
        };
        step(&mut w, n, &actor, &command, &mut watches, reached);
        // INV-11: no report is ever lost, and none is in two cases.
        let now = report_ids(&w);
        assert_eq!(now, reports, "{}", command.kind());
        reports = now;
        if i % 40 == 0 {
            w.streams.iter().for_each(refolds);
        }
    }
    w.streams.iter().for_each(refolds);
}

fn report_ids(w: &World) -> Vec<ReportId> {
    let cases = w.streams.iter().flat_map(|s| &s.case.reports);
    let mut ids: Vec<ReportId> = cases.map(|r| r.id).collect();
    ids.sort_unstable();
    ids
}

fn step(
    w: &mut World,
    n: usize,
    actor: &Viewer,
    command: &Command,
    watches: &mut [Watch; 2],
    reached: &mut Reached,
) {
    let kind = command.kind();
    let facts = w.facts_for(command);
    let before = w.streams.clone();
    let case = &before[n].case;

    // decide is a function.
    let decision = decide(case, &facts, actor, command, w.now);
    assert_eq!(decision, decide(case, &facts, actor, command, w.now));

    // The gate speaks for decide, also with the facts that the console has.
    let console = Facts::new(w.policy.clone(), facts.message);
    for facts in [&facts, &console] {
        if let Err(refusal) = gate(case, facts, actor, kind, w.now) {
            assert_eq!(decision.as_ref().unwrap_err(), &refusal, "{kind}");
        }
    }
    let offered = open_actions(case, &console, actor, w.now);
    assert_eq!(offered.len(), CommandKind::ALL.len());
    let (_, closed_by) = offered.iter().find(|(k, _)| *k == kind).unwrap();
    assert_eq!(closed_by, &gate(case, &console, actor, kind, w.now).err());
    for (_, refusal) in offered {
        let sound = |r: &crate::rule::Refusal| !r.why.is_empty() && !r.remedy.is_empty();
        assert!(refusal.as_ref().is_none_or(sound));
    }

    match w.give_to(n, &facts, actor, command) {
        Err(refusal) => {
            assert!(!refusal.why.is_empty() && !refusal.remedy.is_empty());
            assert!(!refusal.rule.as_str().is_empty());
            for (now, before) in w.streams.iter().zip(&before) {
                assert_eq!(now.case, before.case, "{kind} was refused and changed it");
                assert_eq!(now.log.len(), before.log.len());
            }
        }
        Ok(entries) => {
            *reached.commands.entry(kind).or_default() += 1;
            let (from, to) = (before[n].case.stage, w.streams[n].case.stage);
            if from != to {
                reached.transitions.insert((from, kind, to));
            }
            for (i, before) in before.iter().enumerate() {
                let after = &w.streams[i];
                let new = &after.log[before.log.len()..];
                new.iter().for_each(reads_back);
                if i != n {
                    continue;
                }
                watches[i].check(&Step {
                    policy: &w.policy,
                    before: &before.case,
                    after: &after.case,
                    entries: &entries,
                    actor,
                    command,
                    now: w.now,
                });
            }
            if kind == CommandKind::MergeInto {
                merged(&before[1 - n].case, &before[n].case, &w.streams[1 - n].case);
            }
        }
    }
}

/// What a merge carries over into the other case.
fn merged(before: &crate::case::Case, source: &crate::case::Case, after: &crate::case::Case) {
    assert!(after.tlp >= before.tlp.max(source.tlp), "the label fell");
    assert!(after.exploited == (before.exploited || source.exploited));
    assert_eq!(after.publicity, before.publicity.max(source.publicity));
    assert!(after.restricted || !source.restricted);
    if after.publicity != crate::kinds::Publicity::Full {
        assert_eq!(
            after.embargo_until,
            before.embargo_until.max(source.embargo_until)
        );
    }
    let forced = after.open_clock(crate::clock::ClockKind::PublicityDecision, None);
    assert_eq!(after.publicity_pending, forced.is_some());
    for r in &source.reports {
        let moved = after.report(r.id).unwrap();
        assert_eq!(moved.number, r.number);
        assert_eq!(moved.acknowledged_at, r.acknowledged_at);
        assert_eq!(moved.no_contact, r.no_contact);
        assert_eq!(moved.identity_erased, r.identity_erased);
        assert_eq!(moved.reporter_waits, r.reporter_waits);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_invariants_hold_over_random_lives(seed in any::<u64>(), asks in asks()) {
        live(seed, &asks, &mut Reached::default());
    }
}

/// A fixed set of lives reaches every command and the far end of the process: a model that
/// never publishes would prove nothing about publishing.
#[test]
fn the_model_reaches_every_command() {
    let mut reached = Reached::default();
    for seed in 0..100u64 {
        let mut p = Pick(seed);
        let asks: Vec<Ask> = (0..260)
            .map(|_| Ask {
                seed: p.below(u64::MAX),
                hours: u16::try_from(p.below(40)).unwrap(),
                useful: p.below(100) < 55,
            })
            .collect();
        live(seed, &asks, &mut reached);
    }
    let never: Vec<&CommandKind> = CommandKind::ALL
        .iter()
        .filter(|k| !reached.commands.contains_key(k))
        .collect();
    assert!(never.is_empty(), "never accepted: {never:?}");
    let published = reached.commands[&CommandKind::Publish];
    assert!(published > 20, "{:?}", reached.commands);
    // The table of the process and what happens are the same.
    let table: BTreeSet<_> = TRANSITIONS.iter().map(|t| (t.from, t.by, t.to)).collect();
    assert_eq!(reached.transitions, table);
}
