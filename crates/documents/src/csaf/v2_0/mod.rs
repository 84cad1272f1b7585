//! CSAF 2.0: validation, reading and writing.

mod facts;
mod informative;
mod mandatory;
mod optional;
mod validate;
mod versions;

pub use validate::{validate, validate_value};
