//! CSAF 2.1 as of committee specification draft 04: validation.
//!
//! The standard is not final: this module can be replaced without touching the
//! one of 2.0. Tests that did not change are those of 2.0, told which standard
//! they judge; tests that are new or changed are here.

mod extensions;
mod families;
mod id_systems;
mod informative;
mod licenses;
mod mandatory;
mod overlap;
mod phrases;
mod recommended;
mod selections;
mod titled;
pub(super) mod validate;

pub(super) use id_systems::registered;
pub(super) use licenses::is_listed_expression;
pub(super) use mandatory::is_known_algorithm;
pub use validate::{NOT_RUN, validate, validate_value};
