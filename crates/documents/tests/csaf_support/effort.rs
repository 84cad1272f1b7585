//! How much a test tries.
#![expect(clippy::disallowed_methods, reason = "tests read their environment")]

/// How many hostile inputs a test makes: `ENTENTE_HOSTILE_CASES`, or few enough
/// for every run.
pub fn cases(usual: u32) -> u32 {
    std::env::var("ENTENTE_HOSTILE_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}
