//! CSAF, the Common Security Advisory Framework: reading, writing and judging
//! advisories.
//!
//! Each version of the standard has a module of its own, so that one can be
//! replaced without touching the other. They share the JSON tree, the schema
//! engine, language tags and the report. No I/O, no clock, no randomness.

mod convert;
mod facts;
mod file_name;
mod json;
mod language;
mod locate;
mod plain_text;
mod pointer;
mod products;
mod report;
mod schema;
mod to_record;
pub mod v2_0;
pub mod v2_1;
mod validate;
mod versions;

pub use convert::{Choices, ConvertError, Converted, Notice, convert};
pub use file_name::file_name;
pub use locate::lines;
pub use report::{Checks, Finding, NotRun, Preset, Report, Severity, UnknownPreset};
pub use to_record::records;
pub use validate::{Profile, UnknownProfile, validate};
