//! 6.1.25 multiple use of the same hash algorithm.

use std::collections::HashSet;

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_file_hashes(&mut |hashes, path| {
        let mut seen = HashSet::new();
        for (index, hash) in hashes.iter().enumerate() {
            if let Some(algorithm) = hash.text("algorithm")
                && !seen.insert(algorithm)
            {
                findings.add(
                    "6.1.25",
                    &path.index(index).key("algorithm"),
                    format!("a `{algorithm}` hash of this file is given already; keep one"),
                );
            }
        }
    });
}
