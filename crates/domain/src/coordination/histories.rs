//! Every way in which a case can go from nothing to everything, how likely each is when every open
//! event is equally likely, and which of the twelve wished-for orders it meets.

use super::case_state::{CaseEvent, CaseState};
use super::chance::Fraction;

/// A wished-for order: the first event before the second.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Desideratum {
    /// What should come first.
    pub first: CaseEvent,
    /// Before what.
    pub then: CaseEvent,
}

impl std::fmt::Display for Desideratum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}<{}", self.first, self.then)
    }
}

/// The twelve wished-for orders: the vendor's steps before the world's, and among those of the
/// world the public before an exploit before attacks.
pub const DESIDERATA: [Desideratum; 12] = {
    use CaseEvent as E;
    const fn d(first: E, then: E) -> Desideratum {
        Desideratum { first, then }
    }
    [
        d(E::VendorAware, E::PublicAware),
        d(E::VendorAware, E::ExploitPublic),
        d(E::VendorAware, E::AttacksObserved),
        d(E::FixReady, E::PublicAware),
        d(E::FixReady, E::ExploitPublic),
        d(E::FixReady, E::AttacksObserved),
        d(E::FixDeployed, E::PublicAware),
        d(E::FixDeployed, E::ExploitPublic),
        d(E::FixDeployed, E::AttacksObserved),
        d(E::PublicAware, E::ExploitPublic),
        d(E::PublicAware, E::AttacksObserved),
        d(E::ExploitPublic, E::AttacksObserved),
    ]
};

/// A complete history: the six events in their order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct History {
    /// The events.
    pub events: Vec<CaseEvent>,
    /// How likely it is when every open event is equally likely.
    pub chance: Fraction,
}

impl History {
    /// Whether an order holds in it.
    pub fn meets(&self, wish: Desideratum) -> bool {
        let place = |event| self.events.iter().position(|e| *e == event);
        place(wish.first) < place(wish.then)
    }
}

impl std::fmt::Display for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.events.iter().try_for_each(|e| write!(f, "{e}"))
    }
}

/// Every complete history, in the order of the events' letters.
pub fn histories() -> Vec<History> {
    let mut found = Vec::new();
    let mut open = vec![(CaseState::default(), Vec::new(), Fraction::ONE)];
    while let Some((state, events, chance)) = open.pop() {
        let edges = state.edges();
        if edges.is_empty() {
            found.push(History { events, chance });
            continue;
        }
        let each = chance * Fraction::new(1, i64::try_from(edges.len()).unwrap_or(1));
        for (event, next) in edges {
            let mut events: Vec<CaseEvent> = events.clone();
            events.push(event);
            open.push((next, events, each));
        }
    }
    found.sort_by_key(ToString::to_string);
    found
}

/// Each wished-for order with how often it holds by chance, and in how many histories.
pub fn desiderata() -> Vec<(Desideratum, Fraction, usize)> {
    let all = histories();
    DESIDERATA
        .iter()
        .map(|&wish| {
            let met: Vec<&History> = all.iter().filter(|h| h.meets(wish)).collect();
            let chance = met.iter().fold(Fraction::ZERO, |sum, h| sum + h.chance);
            (wish, chance, met.len())
        })
        .collect()
}
