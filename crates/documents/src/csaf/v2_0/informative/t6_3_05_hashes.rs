//! 6.3.5 use of a short hash.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;

/// The length of SHA-256 in hexadecimal digits.
const LONG_ENOUGH: usize = 64;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_file_hashes(&mut |hashes, path| {
        for (index, hash) in hashes.iter().enumerate() {
            if let Some(value) = hash.text("value")
                && value.len() < LONG_ENOUGH
            {
                findings.add(
                    "6.3.5",
                    &path.index(index).key("value"),
                    format!(
                        "the hash has only {} characters; use one of at least {LONG_ENOUGH}",
                        value.len()
                    ),
                );
            }
        }
    });
}
