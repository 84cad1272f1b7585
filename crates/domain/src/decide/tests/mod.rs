//! Tests of the rules: a random model of whole cases, the refusals one by one, the whole way
//! from a report to a completed case, and each bug that was found.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod commands;
mod coordination;
mod explorer;
mod found;
mod found_late;
mod found_work;
mod model;
mod refusals;
mod sound;
mod watch;
mod whole_way;
mod world;
