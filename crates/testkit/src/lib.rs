//! What tests need from the world outside: databases, data files, a browser.
//!
//! Only ever a dev-dependency. Knows no other crate of the project, so that every floor may use it. Each helper
//! answers `None` when the machine lacks what it needs; the test then returns, having been named as skipped, or has
//! failed where `CI` is set (see [`skip`]).

#![cfg_attr(
    any(test, feature = "browser"),
    expect(
        clippy::expect_used,
        reason = "a test's helper fails by failing the test"
    )
)]
#![expect(clippy::panic, reason = "a test's helper fails by failing the test")]

#[cfg(feature = "browser")]
pub mod browser;
pub mod data;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod skip;
