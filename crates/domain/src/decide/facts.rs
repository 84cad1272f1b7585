//! What lies outside the case and is needed to decide (decision 9).

use crate::entry::ComputedScore;
use crate::ids::{CaseId, GuestLinkId, MessageId, PartyId, ProductId, UserId};
use crate::kinds::Priority;
use crate::policy::InForce;

/// A product as the registry knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProductFact {
    /// Its id.
    pub id: ProductId,
    /// Its name.
    pub name: String,
    /// Whether any of its versions is supported now.
    pub supported: bool,
    /// Its contact and deputy.
    pub contacts: Vec<UserId>,
}

/// What a decision table answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PriorityOutcome {
    /// The outcome.
    pub priority: Priority,
    /// The table and its version (INV-14).
    pub table: String,
}

/// A party as the register knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartyFact {
    /// Its id.
    pub id: PartyId,
    /// Its name.
    pub name: String,
    /// Whom to reach there: a fresh id for the link of each, a name, an address.
    pub contacts: Vec<(GuestLinkId, String, String)>,
}

/// Facts from outside the case, gathered before deciding.
#[derive(Clone, PartialEq, Debug)]
pub struct Facts {
    /// The policy in force.
    pub policy: InForce,
    /// The products that the command names, as far as the registry knows them.
    pub products: Vec<ProductFact>,
    /// The score computed from the command's vector, or why it is none.
    pub score: Option<Result<ComputedScore, String>>,
    /// The outcome of the decision table, or why there is none.
    pub priority: Option<Result<PriorityOutcome, String>>,
    /// The name of the command's weakness, if the catalogue has it.
    pub weakness: Option<String>,
    /// The id for the message that the command writes.
    pub message: MessageId,
    /// The ids for the notices of an exit, one for each reporter who can be reached.
    pub notices: Vec<MessageId>,
    /// The public id for an advisory that is published for the first time.
    pub public_id: Option<String>,
    /// The party that the command names, if the register knows it and it can be invited.
    pub party: Option<PartyFact>,
    /// Active staff accounts that the command names.
    pub known_users: Vec<UserId>,
    /// Cases that the command names and the actor may see.
    pub known_cases: Vec<CaseId>,
    /// Findings of the document check on the advisory as it would be published.
    pub document_findings: Vec<String>,
}

impl Facts {
    /// Facts with nothing but a policy: what a gate needs.
    pub fn new(policy: InForce, message: MessageId) -> Self {
        Self {
            policy,
            products: Vec::new(),
            score: None,
            priority: None,
            weakness: None,
            message,
            notices: Vec::new(),
            public_id: None,
            party: None,
            known_users: Vec::new(),
            known_cases: Vec::new(),
            document_findings: Vec::new(),
        }
    }
}
