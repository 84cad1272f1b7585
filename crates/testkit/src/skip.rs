//! The one rule for a test that lacks something: skipped by name, and failed where `CI` is set.

use std::io::Write;

/// Says that the running test is skipped because `what` is missing, and how to get it.
///
/// The caller returns from the test after it. `./test` repeats the names at the end of the run.
///
/// # Panics
///
/// Where `CI` is set: nothing may be skipped there.
#[track_caller]
pub fn missing(what: &str, remedy: &str) {
    let test = test_name();
    if in_ci() {
        panic!("{test}: {what} is missing and CI is set, so it may not be skipped; {remedy}");
    }
    let line = format!("SKIPPED {test}: {what} is missing; {remedy}\n");
    eprint!("{line}");
    if let Some(path) = std::env::var_os("ENTENTE_TEST_SKIPS") {
        let file = std::fs::OpenOptions::new().append(true).open(path);
        // Only the repetition at the end is lost when it cannot be written.
        let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
    }
}

/// Whether `CI` is set to anything.
#[must_use]
pub fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty())
}

fn test_name() -> String {
    std::env::var("NEXTEST_TEST_NAME")
        .ok()
        .or_else(|| std::thread::current().name().map(str::to_owned))
        .unwrap_or_else(|| "a test".to_owned())
}
