//! What the release binary withstands. One test for each figure that has to be reached; each prints a table.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod backup;
mod canaries;
mod check;
mod flood;
mod kill;
mod limits;
mod slow;
mod writers;

use entente_harness::plan;
use entente_testkit::skip;
use std::path::PathBuf;

/// The release binary; `None` when there is none: the test has been named as skipped and returns.
#[track_caller]
fn binary() -> Option<PathBuf> {
    let binary = plan::binary();
    if binary.is_none() {
        skip::missing(
            "the release binary",
            "build it with cargo build --release --locked -p entente, or name one by ENTENTE_HARNESS_BINARY",
        );
    }
    binary
}

/// Limits of an instance that is written to at full speed.
const NO_LIMITS: &str = "[limits]
reports_per_address_hour = 100000000
reports_per_hour = 100000000
codes_per_address_hour = 100000000
sign_ins_per_address_hour = 100000000
sign_ins_per_account_hour = 100000000
";
