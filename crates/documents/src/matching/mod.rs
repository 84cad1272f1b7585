//! Advisories against components, both ways: which advisories hold for a component, and which
//! components a new advisory is about.
//!
//! A [`Rule`] is what an advisory says of one package, a [`Candidate`] is a version of a package in
//! a scope, [`judge`] gives the [`Verdict`] of one on the other. An inventory in a database fetches
//! the candidates of a package from its table and judges them by the rules of an advisory, or the
//! other way round; [`Index`] and [`Inventory`] do both in memory. What cannot be decided is
//! said with its [`Reason`] and never guessed: neither a silent yes nor a silent no.
//!
//! Only what advisories call affected is held against components. That something is not affected is
//! VEX, and is weighed by who keeps the findings. Nothing here reads a file, a clock or a store.

mod advisory;
mod candidate;
mod groups;
mod index;
mod judge;
mod package;
mod rule;
mod scope;

pub use advisory::Advisory;
pub use candidate::Candidate;
pub use groups::{Group, Groups};
pub use index::{Finding, Index, Inventory};
pub use judge::{Affected, By, NotAffected, Reason, Verdict, judge};
pub use package::Package;
pub use rule::{Rule, Statement};
pub use scope::{Scope, System};
