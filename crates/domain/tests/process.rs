//! The table of the process is sound in itself. That `decide` keeps to it, the model checks.

use entente_domain::command::CommandKind;
use entente_domain::kinds::Stage;
use entente_domain::process::TRANSITIONS;
use std::collections::BTreeSet;

#[test]
fn no_transition_stands_twice_and_none_leads_nowhere() {
    let mut seen = BTreeSet::new();
    for t in TRANSITIONS {
        assert!(seen.insert((t.from, t.by, t.to)), "{t:?} stands twice");
        assert_ne!(t.from, t.to);
        assert!(!t.gates.is_empty(), "{t:?} has no rule");
    }
}

/// From every stage the end can be reached, and from the start every stage.
#[test]
fn no_stage_is_a_dead_end() {
    let reach = |from: Stage| {
        let mut reached = BTreeSet::from([from]);
        loop {
            let next: Vec<Stage> = TRANSITIONS
                .iter()
                .filter(|t| reached.contains(&t.from) && !reached.contains(&t.to))
                .map(|t| t.to)
                .collect();
            if next.is_empty() {
                return reached;
            }
            reached.extend(next);
        }
    };
    assert_eq!(reach(Stage::Receipt).len(), Stage::ALL.len());
    for stage in Stage::ALL {
        assert!(reach(*stage).contains(&Stage::Closed), "{stage} never ends");
    }
}

/// Forward, the stages come in their order: none is skipped.
#[test]
fn going_forward_skips_no_stage() {
    let place = |s: Stage| Stage::ALL.iter().position(|x| *x == s);
    for t in TRANSITIONS {
        let (from, to) = (place(t.from), place(t.to));
        let ends = matches!(t.by, CommandKind::Exit | CommandKind::MergeInto);
        if from < to && !ends {
            assert_eq!(to, from.map(|n| n + 1), "{t:?} skips a stage");
        }
    }
}
