//! CSAF 2.1 as of committee specification draft 04: validation.
//!
//! The standard is not final: this module can be replaced without touching the
//! one of 2.0. Tests that did not change are those of 2.0, told which standard
//! they judge; tests that are new or changed are here.

mod extensions;
mod id_systems;
mod informative;
mod mandatory;
mod phrases;
mod recommended;
pub(super) mod validate;

pub use validate::{NOT_YET, validate, validate_value};
