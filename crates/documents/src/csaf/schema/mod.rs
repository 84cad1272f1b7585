//! JSON schema, as far as the advisory schemas use it, at the speed of a walk.
//!
//! A schema is compiled once into a table of rules; checking a document is one
//! pass over its tree. Only the keywords that the embedded schemas hold are
//! known; a schema with any other keyword is refused when it is compiled, so
//! nothing is ever silently unchecked. A general validator checks the same
//! documents in the tests and must agree.

mod check;
mod compile;
pub(crate) mod format;

pub(crate) use check::{Event, check};
pub(crate) use compile::{Schema, SchemaError, compile};
