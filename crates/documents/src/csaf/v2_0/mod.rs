//! CSAF 2.0: validation, reading and writing.

pub(super) mod informative;
pub(super) mod mandatory;
pub mod model;
pub(super) mod optional;
pub mod read;
pub(super) mod validate;

pub use read::read;
pub use validate::{validate, validate_value};
