//! A model checker over the rules themselves: every case of a small coordination that can be
//! reached by `decide` and the fold, breadth first: everybody invited, signing, declining, leaving,
//! proposing and voting; every end; instants on both sides of every date.

use super::world::*;
use crate::access::Viewer;
use crate::case::Case;
use crate::command::Command;
use crate::coordination::EmbargoState;
use crate::coordination::room::{Participant, ParticipantRole, Standing};
use crate::decide::decide;
use crate::entry::{Entry, Recorded};
use crate::kinds::Publicity;
use crate::time::Timestamp;
use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};
use std::fmt::Write as _;

/// How large a coordination is explored.
struct Size {
    parties: u128,
    /// Ends of the terms that may be proposed, in days after Monday.
    ends: &'static [i64],
    /// Days at which the explorer looks.
    days: &'static [i64],
    /// Whether attacks are seen as well.
    attacks: bool,
}

/// The party that leaves, and is invited again; the first one proposes.
const LEAVES: u128 = 2;
/// Parties up to this one also say no; the others sign or stay silent.
const DISAGREES: u128 = 2;
/// From this index on parties do the same.
const ALIKE: usize = 2;
/// The first three are vendors, then a coordinator and a reporter.
const VENDORS: u128 = 3;
impl Size {
    fn instant(&self, tick: usize) -> Timestamp {
        MONDAY.plus_days(self.days[tick])
    }
}

fn moves(size: &Size, case: &Case) -> Vec<(Viewer, Command)> {
    let mut all = Vec::new();
    let room = &case.room;
    for (i, days) in size.ends.iter().enumerate() {
        let t = i as u128 + 1;
        // One proposal of each, by the host or by the first vendor that could.
        if room.embargo.terms_of(terms(t)).is_none() {
            all.push((lead(), propose(t, MONDAY.plus_days(*days))));
            all.push((guest(1), propose(t, MONDAY.plus_days(*days))));
        } else {
            all.push((lead(), agree(t)));
            all.push((lead(), reject(t)));
            all.push((lead(), withdraw(t)));
            all.push((guest(1), withdraw(t)));
            for n in 1..=size.parties {
                all.push((guest(n), sign(n, t)));
                if n <= DISAGREES {
                    all.push((guest(n), decline(n, Some(t))));
                }
            }
        }
    }
    // Alike vendors come in one after the other.
    let invited = room.participants.len() as u128;
    if invited < size.parties {
        all.push((lead(), with_role(invited + 1)));
    }
    for n in 1..=invited {
        if n == LEAVES {
            all.push((guest(n), leave(n)));
        }
        let here = room.participant(participant(n));
        if n <= LEAVES && here.is_some_and(|p| p.standing != Standing::Invited) {
            all.push((lead(), renew(n)));
        }
    }
    all.push((lead(), end_embargo()));
    all.push((lead(), publicity(Publicity::Full)));
    if size.attacks && !case.exploited {
        all.push((lead(), exploited()));
    }
    if case.publicity_pending {
        all.push((lead(), decide_publicity(true)));
        all.push((lead(), decide_publicity(false)));
    }
    all
}

fn with_role(n: u128) -> Command {
    let mut command = invite(n);
    if let Command::InviteParty { roles, .. } = &mut command
        && n > VENDORS
    {
        *roles = vec![if n == VENDORS + 1 {
            ParticipantRole::Coordinator
        } else {
            ParticipantRole::Reporter
        }];
    }
    command
}

/// What of a case the rules of coordination can see, vendors in a canonical order.
fn key(case: &Case, tick: usize) -> String {
    let embargo = &case.room.embargo;
    let one = |p: &Participant| {
        let mut words = format!("{}{}", p.standing, p.consent);
        let _ = write!(words, "{:?}", p.signatures.last().map(|s| s.terms.0));
        for o in &embargo.open {
            let vote = o.votes.iter().find(|(who, _)| *who == p.id);
            let _ = write!(
                words,
                "{:?}{}",
                vote.map(|(_, v)| v.yes),
                o.by == Some(p.id)
            );
        }
        words
    };
    let mut people: Vec<String> = case.room.participants.iter().map(one).collect();
    // To the embargo those who only sign or stay silent are alike, whatever their role. Which of
    // them is which makes no other state.
    if let Some(others) = people.get_mut(ALIKE..) {
        others.sort_unstable();
    }
    let open: Vec<_> = embargo
        .open
        .iter()
        .map(|o| (o.terms.id.0, o.by.is_some()))
        .collect();
    format!(
        "{tick} {} {} {} {:?} {open:?} {} {} {people:?}",
        case.publicity,
        case.exploited,
        case.publicity_pending,
        embargo.terms.as_ref().map(|t| t.id.0),
        embargo.state,
        embargo.revisions,
    )
}

/// What must hold in every state.
fn sound(case: &Case, now: Timestamp) {
    let embargo = &case.room.embargo;
    let in_force = embargo.in_force_at(now);
    for p in &case.room.participants {
        if case.room.opens(p.id, now).is_err() {
            continue;
        }
        assert_eq!(p.standing, Standing::Joined);
        if let Some(terms) = in_force {
            let covered = p
                .signatures
                .iter()
                .any(|s| s.terms == terms.id || s.ends_at > now);
            assert!(covered, "content without a signature: {p:?}");
        }
    }
    if case.publicity == Publicity::Full {
        assert!(in_force.is_none(), "an embargo outlived full publicity");
    }
    if let Some(terms) = in_force {
        assert!(terms.ends_at > now);
        assert_eq!(
            case.embargo_until,
            Some(terms.ends_at),
            "the date follows the terms"
        );
        let others = embargo.open.iter().filter(|o| o.terms.id == terms.id);
        assert_eq!(others.count(), 0, "in force and proposed at once");
    }
    if embargo.state == EmbargoState::Exited {
        assert!(embargo.open.is_empty());
    }
}

/// What must hold of every step.
fn step_sound(
    before: &Case,
    after: &Case,
    actor: &Viewer,
    entries: &[crate::entry::Decided],
    now: Timestamp,
) {
    let agreed = entries
        .iter()
        .filter(|e| matches!(e.what, Entry::EmbargoAgreed { .. }));
    assert!(agreed.count() <= 1);
    if before.room.embargo.state_at(now) == EmbargoState::Exited {
        assert!(
            after.room.embargo.in_force_at(now).is_none(),
            "an embargo rose again"
        );
    }
    if let (Some(was), Some(is)) = (
        before.room.embargo.in_force_at(now),
        after.room.embargo.in_force_at(now),
    ) && is.ends_at > was.ends_at
    {
        assert!(after.room.embargo.revisions > before.room.embargo.revisions);
        assert!(
            before.room.embargo.revisions < was.revisions_allowed,
            "extended too often"
        );
    }
    // Nobody is bound, or let in, by somebody else's hand.
    for p in &after.room.participants {
        let was = before.room.participant(p.id);
        let before_count = was.map_or(0, |w| w.signatures.len());
        if p.signatures.len() > before_count {
            let themselves =
                matches!(actor, Viewer::Guest { participant, .. } if *participant == p.id);
            let voted = before
                .room
                .embargo
                .open
                .iter()
                .any(|o| o.supported_by(p.id));
            assert!(themselves || voted, "{} was signed for", p.name);
        }
    }
}

/// Explores a coordination of that size; the number of its states.
fn explore(size: &Size) -> usize {
    let world = World::new();
    let known = world.facts();
    let facts_of = |c: &Command| match c {
        Command::InviteParty { .. } => Cow::Owned(world.facts_for(c)),
        _ => Cow::Borrowed(&known),
    };
    let mut start = world.case().clone();
    start.timeline.clear();
    start.clocks.clear();
    let mut seen = HashSet::from([key(&start, 0)]);
    let mut queue = VecDeque::from([(start, 0usize)]);
    let (mut steps, mut opened, mut at_rest) = (0u64, 0u64, 0u64);
    while let Some((case, tick)) = queue.pop_front() {
        let now = size.instant(tick);
        sound(&case, now);
        let mut people = case.room.participants.iter();
        opened += u64::from(people.any(|p| case.room.opens(p.id, now).is_ok()));
        let mut can_act = false;
        let mut next = Vec::new();
        if tick + 1 < size.days.len() {
            next.push((case.clone(), tick + 1));
        }
        for (actor, command) in moves(size, &case) {
            let Ok(entries) = decide(&case, &facts_of(&command), &actor, &command, now) else {
                continue;
            };
            steps += 1;
            can_act |= !matches!(
                command,
                Command::RecordPublicity { .. } | Command::RecordExploitation { .. }
            );
            let mut after = case.clone();
            for decided in &entries {
                after.apply(&Recorded {
                    seq: case.version + 1,
                    at: now,
                    actor: actor.actor(),
                    decided: decided.clone(),
                });
            }
            step_sound(&case, &after, &actor, &entries, now);
            after.timeline.clear();
            after.clocks.clear();
            next.push((after, tick));
        }
        // Nobody is ever locked in: while something binds or is asked for, somebody can move it.
        match case.room.embargo.state_at(now) {
            EmbargoState::None | EmbargoState::Exited => at_rest += 1,
            state => assert!(can_act, "nobody can act in {state}: {:?}", case.room),
        }
        for (after, tick) in next {
            if seen.insert(key(&after, tick)) {
                queue.push_back((after, tick));
            }
        }
    }
    println!(
        "{} parties, {} terms: {} states, {steps} steps; content open to somebody in {opened}, nothing binds in {at_rest}",
        size.parties,
        size.ends.len(),
        seen.len(),
    );
    seen.len()
}

/// Explores more when the variable is set: minutes in a release build.
#[expect(clippy::disallowed_methods, reason = "a setting of this test alone")]
fn deep(size: Size, deeper: Size) -> usize {
    let asked = std::env::var_os("ENTENTE_EXPLORE_DEEP").is_some();
    explore(if asked { &deeper } else { &size })
}

/// Three vendors, a coordinator and a reporter, with one embargo and an extension of it.
#[test]
fn no_state_with_five_parties_breaks_the_embargo() {
    let size = Size {
        parties: 5,
        ends: &[30],
        days: &[0, 31],
        attacks: false,
    };
    let deeper = Size {
        ends: &[30, 60],
        days: &[0, 31, 61],
        ..size
    };
    assert!(deep(size, deeper) > 1_000);
}

/// Two vendors with an extension on the table and attacks.
#[test]
fn no_state_with_attacks_breaks_the_embargo() {
    let size = Size {
        parties: 2,
        ends: &[30, 60],
        days: &[0, 31, 61],
        attacks: true,
    };
    let deeper = Size { parties: 3, ..size };
    assert!(deep(size, deeper) > 1_000);
}

/// Two vendors with three ends on the table: the shortest wins, the others become revisions.
#[test]
fn no_state_with_three_proposals_breaks_the_embargo() {
    let size = Size {
        parties: 1,
        ends: &[30, 60, 15],
        days: &[0, 16, 31, 61],
        attacks: false,
    };
    let deeper = Size {
        parties: 2,
        attacks: true,
        ..size
    };
    assert!(deep(size, deeper) > 1_000);
}
