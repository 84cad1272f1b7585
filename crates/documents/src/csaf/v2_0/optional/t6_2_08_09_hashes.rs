//! 6.2.8 MD5 and 6.2.9 SHA-1 as the only hash algorithm.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_file_hashes(&mut |hashes, path| {
        for (test, weak) in [("6.2.8", "md5"), ("6.2.9", "sha1")] {
            if !hashes.is_empty()
                && hashes
                    .iter()
                    .all(|hash| hash.text("algorithm") == Some(weak))
            {
                findings.add(
                    test,
                    path,
                    format!("{weak} is the only hash of this file; add a stronger one, as sha256"),
                );
            }
        }
    });
}
