//! Drives the release binary from outside, over HTTP and the command line, as its users and its attackers do.
//!
//! Knows no other crate of the project: what it finds out, anybody can find out about a running instance. The tests
//! of this crate measure on the binary that is shipped; `./test` builds it and names it by `ENTENTE_HARNESS_BINARY`.
//! What they count (kills, seconds) are the figures of every run; the variables in [`plan`] ask for more.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test's helper fails by failing the test"
)]

pub mod figures;
pub mod form;
pub mod http;
pub mod instance;
pub mod ledger;
pub mod plan;
