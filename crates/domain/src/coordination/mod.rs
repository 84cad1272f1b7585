//! Coordination between many parties as state machines: pure tables, one function each for what is
//! legal. After the CERT/CC model of coordinated disclosure (Vultron 0.8.0), whose rule numbers
//! stand beside what they rule.
//!
//! Five machines: report management (one for each participant), embargo management (one for each
//! case), the vendor's axis and the world's axis of a case's state, and the consent of each
//! participant to the embargo. What can be derived is derived here and never listed by hand: the
//! states of a case, its edges, its histories and how likely each is by chance. On the tables
//! stands [`room`]: the participants of one case and its embargo, with the one gate that opens
//! content to a participant or keeps it closed.

mod case_state;
mod chance;
mod embargo;
mod histories;
mod participant;
pub mod room;
pub mod teaser;

pub use case_state::{CaseEvent, CaseState, Forbidden, World, vendor_axis, world_axis};
pub use chance::Fraction;
pub use embargo::{EmbargoState, EmbargoTrigger, Viability, viability};
pub use histories::{DESIDERATA, Desideratum, History, desiderata, histories};
pub use participant::{ConsentState, ConsentTrigger, ReportState, ReportTrigger};
