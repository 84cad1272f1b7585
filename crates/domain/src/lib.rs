//! The rules of vulnerability handling, and nothing else.
//!
//! A case is the fold of its journal: [`decide::decide`] turns a command into entries or a
//! refusal, [`case::Case::apply`] folds entries into the case. Both are pure and total.
//!
//! **Invariant:** no IO, no async, no wall clock, no randomness. Instants, ids and everything
//! that lies outside the case (policy in force, product contacts, computed scores) are passed in.

pub mod access;
pub mod case;
pub mod checklist;
pub mod clock;
pub mod command;
pub mod coordination;
pub mod decide;
pub mod entry;
pub mod ids;
pub mod kinds;
pub mod policy;
pub mod process;
pub mod rule;
pub mod summary;
pub mod time;
mod timeline;
