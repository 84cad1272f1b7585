//! The state of a case: six flags that only rise. Three belong to a vendor (it knows, a fix is
//! ready, the fix is deployed), three to the world (the public knows, an exploit is public,
//! attacks were seen).

use crate::kinds::text_enum;
use std::fmt;

text_enum! {
    /// One flag rises.
    pub enum CaseEvent {
        /// The vendor knows.
        VendorAware = "V", "Vendor aware",
        /// A fix is ready; needs the vendor (CSB-15-001).
        FixReady = "F", "Fix ready",
        /// The fix is deployed; needs the fix (CSB-15-002).
        FixDeployed = "D", "Fix deployed",
        /// The public knows. Says nothing of deployment (CSB-15-003).
        PublicAware = "P", "Public aware",
        /// An exploit is public.
        ExploitPublic = "X", "Exploit public",
        /// Attacks were seen. Sets nothing else (contradiction a).
        AttacksObserved = "A", "Attacks observed",
    }
}

text_enum! {
    /// Why an event is refused in a state.
    pub enum Forbidden {
        /// A flag rises once.
        AlreadySo = "already_so", "This has happened already.",
        /// There is no fix without its vendor.
        VendorUnaware = "vendor_unaware", "A fix needs a vendor who knows.",
        /// Nothing is deployed before it is ready.
        NoFix = "no_fix", "A deployment needs a fix that is ready.",
        /// The public knows, so the vendor knows next, before anything else.
        VendorLearnsNext = "vendor_learns_next", "The public knows, so the vendor is aware next.",
        /// An exploit is public, so the public knows next, before anything else.
        PublicLearnsNext = "public_learns_next", "An exploit is public, so the public is aware next.",
    }
}

/// The state of a case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct CaseState {
    /// V: the vendor knows.
    pub vendor: bool,
    /// F: a fix is ready.
    pub fix: bool,
    /// D: the fix is deployed.
    pub deployed: bool,
    /// P: the public knows.
    pub public: bool,
    /// X: an exploit is public.
    pub exploit: bool,
    /// A: attacks were seen.
    pub attacks: bool,
}

impl CaseState {
    /// Every state: those of the six flags in which no fix is without a vendor and no deployment
    /// without a fix.
    pub fn all() -> Vec<Self> {
        let flag = |n: u8, bit: u8| n >> bit & 1 == 1;
        (0..64)
            .map(|n| Self {
                vendor: flag(n, 5),
                fix: flag(n, 4),
                deployed: flag(n, 3),
                public: flag(n, 2),
                exploit: flag(n, 1),
                attacks: flag(n, 0),
            })
            .filter(|s| (!s.fix || s.vendor) && (!s.deployed || s.fix))
            .collect()
    }

    fn flag(&mut self, event: CaseEvent) -> &mut bool {
        match event {
            CaseEvent::VendorAware => &mut self.vendor,
            CaseEvent::FixReady => &mut self.fix,
            CaseEvent::FixDeployed => &mut self.deployed,
            CaseEvent::PublicAware => &mut self.public,
            CaseEvent::ExploitPublic => &mut self.exploit,
            CaseEvent::AttacksObserved => &mut self.attacks,
        }
    }

    /// The state after an event, or why there is none. One flag rises and nothing else
    /// (CSB-17-002).
    pub fn after(self, event: CaseEvent) -> Result<Self, Forbidden> {
        let mut next = self;
        if *next.flag(event) {
            return Err(Forbidden::AlreadySo);
        }
        // Two states last for a moment only: what they lead to comes before anything else.
        if self.exploit && !self.public && event != CaseEvent::PublicAware {
            return Err(Forbidden::PublicLearnsNext);
        }
        if self.public && !self.vendor && event != CaseEvent::VendorAware {
            return Err(Forbidden::VendorLearnsNext);
        }
        match event {
            CaseEvent::FixReady if !self.vendor => return Err(Forbidden::VendorUnaware),
            CaseEvent::FixDeployed if !self.fix => return Err(Forbidden::NoFix),
            _ => {}
        }
        *next.flag(event) = true;
        Ok(next)
    }

    /// The events that are open, with where each leads.
    pub fn edges(self) -> Vec<(CaseEvent, Self)> {
        CaseEvent::ALL
            .iter()
            .filter_map(|&event| Some((event, self.after(event).ok()?)))
            .collect()
    }

    /// The world's half of it.
    pub fn world(self) -> World {
        World {
            public: self.public,
            exploit: self.exploit,
            attacks: self.attacks,
        }
    }
}

fn letter(f: &mut fmt::Formatter<'_>, raised: bool, letter: char) -> fmt::Result {
    let letter = if raised {
        letter.to_ascii_uppercase()
    } else {
        letter
    };
    write!(f, "{letter}")
}

impl fmt::Display for CaseState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        letter(f, self.vendor, 'v')?;
        letter(f, self.fix, 'f')?;
        letter(f, self.deployed, 'd')?;
        self.world().fmt(f)
    }
}

/// The world's axis of a case: what is the same for every vendor of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct World {
    /// P: the public knows.
    pub public: bool,
    /// X: an exploit is public.
    pub exploit: bool,
    /// A: attacks were seen.
    pub attacks: bool,
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        letter(f, self.public, 'p')?;
        letter(f, self.exploit, 'x')?;
        letter(f, self.attacks, 'a')
    }
}

/// The vendor's axis: its states and edges, derived from those of the case.
pub fn vendor_axis() -> (Vec<String>, Vec<(CaseEvent, String, String)>) {
    axis(
        |s| s.to_string().chars().take(3).collect(),
        |e| {
            matches!(
                e,
                CaseEvent::VendorAware | CaseEvent::FixReady | CaseEvent::FixDeployed
            )
        },
    )
}

/// The world's axis, derived in the same way.
pub fn world_axis() -> (Vec<String>, Vec<(CaseEvent, String, String)>) {
    axis(
        |s| s.world().to_string(),
        |e| {
            matches!(
                e,
                CaseEvent::PublicAware | CaseEvent::ExploitPublic | CaseEvent::AttacksObserved
            )
        },
    )
}

fn axis(
    name: impl Fn(CaseState) -> String,
    own: impl Fn(CaseEvent) -> bool,
) -> (Vec<String>, Vec<(CaseEvent, String, String)>) {
    let mut states: Vec<String> = Vec::new();
    let mut edges: Vec<(CaseEvent, String, String)> = Vec::new();
    for state in CaseState::all() {
        let here = name(state);
        if !states.contains(&here) {
            states.push(here.clone());
        }
        for (event, next) in state.edges() {
            let edge = (event, here.clone(), name(next));
            if own(event) && !edges.contains(&edge) {
                edges.push(edge);
            }
        }
    }
    (states, edges)
}
