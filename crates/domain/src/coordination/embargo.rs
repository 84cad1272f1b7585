//! The embargo of a case: one at most is in force (VP-04-002), and a revision leaves the old terms
//! in force until it is accepted.

use super::case_state::CaseState;
use crate::kinds::text_enum;

text_enum! {
    /// Embargo management, one for each case.
    pub enum EmbargoState {
        /// None.
        None = "N", "None",
        /// Proposed, and not in force.
        Proposed = "P", "Proposed",
        /// In force.
        Active = "A", "Active",
        /// In force, while a revision is open.
        Revise = "R", "Revise",
        /// Ended, for ever.
        Exited = "X", "Exited",
    }
}

text_enum! {
    /// What moves the embargo of a case.
    pub enum EmbargoTrigger {
        /// Terms, or other ones, are proposed.
        Propose = "propose", "Propose",
        /// The proposal is accepted.
        Accept = "accept", "Accept",
        /// The proposal is rejected.
        Reject = "reject", "Reject",
        /// The embargo ends.
        Terminate = "terminate", "Terminate",
        /// The proposer takes a revision back.
        Withdraw = "withdraw", "Withdraw",
    }
}

impl EmbargoTrigger {
    /// Whether the move is one of ours, which the published model does not have.
    pub fn is_ours(self) -> bool {
        self == Self::Withdraw
    }
}

impl EmbargoState {
    /// Where a trigger leads, if it is legal. What was only proposed is rejected, not ended.
    pub fn after(self, trigger: EmbargoTrigger) -> Option<Self> {
        use EmbargoState as S;
        use EmbargoTrigger as T;
        Some(match (trigger, self) {
            (T::Propose, S::None | S::Proposed) => S::Proposed,
            (T::Propose, S::Active | S::Revise) => S::Revise,
            (T::Accept, S::Proposed | S::Revise) => S::Active,
            (T::Reject, S::Proposed) => S::None,
            (T::Reject | T::Withdraw, S::Revise) => S::Active,
            (T::Terminate, S::Active | S::Revise) => S::Exited,
            _ => return None,
        })
    }

    /// Whether terms bind.
    pub fn in_force(self) -> bool {
        matches!(self, Self::Active | Self::Revise)
    }
}

text_enum! {
    /// What the state of a case lets an embargo be.
    pub enum Viability {
        /// One may be begun.
        Start = "start", "May be begun",
        /// One may be begun, for a short time (VP-06-008).
        Brief = "brief", "May be begun, briefly",
        /// None should be begun; one in force may stay (VP-06-002).
        Stay = "stay", "May stay, not be begun",
        /// An exploit or attacks are there and the public does not know yet.
        AtRisk = "at_risk", "At risk",
        /// The public knows (VP-06-001).
        Over = "over", "No longer possible",
    }
}

/// What an embargo can be in a state of the case.
pub fn viability(state: CaseState) -> Viability {
    if state.public {
        Viability::Over
    } else if state.exploit || state.attacks {
        Viability::AtRisk
    } else if state.deployed {
        Viability::Stay
    } else if state.fix {
        Viability::Brief
    } else {
        Viability::Start
    }
}
