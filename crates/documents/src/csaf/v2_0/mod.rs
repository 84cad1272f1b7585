//! CSAF 2.0: validation, reading and writing.

mod facts;
mod informative;
mod mandatory;
pub mod model;
mod optional;
pub mod read;
mod validate;
mod versions;

pub use read::read;
pub use validate::{validate, validate_value};
