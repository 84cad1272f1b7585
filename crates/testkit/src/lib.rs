//! What tests need from the world outside: databases, data files, a browser.
//!
//! Only ever a dev-dependency. Knows no other crate of the project, so that every floor may use it. Each helper
//! answers `None` when the machine lacks what it needs; the test then returns, having been named as skipped, or has
//! failed where `CI` is set (see [`skip`]).

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test's helper fails by failing the test"
)]

pub mod browser;
pub mod data;
pub mod postgres;
pub mod skip;
