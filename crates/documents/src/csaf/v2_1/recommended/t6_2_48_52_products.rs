//! 6.2.48 misuse at vendor name, 6.2.52 unknown hash algorithm.

use crate::csaf::facts::Facts;
use crate::csaf::plain_text::without_blanks;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::mandatory::is_known_algorithm;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_branch(&mut |branch, _, path| {
        if branch.text("category") == Some("vendor")
            && let Some(name) = branch.text("name")
            && without_blanks(name).eq_ignore_ascii_case("opensource")
        {
            findings.add(
                "6.2.48",
                &path.key("name"),
                "`Open Source` is no vendor; name who makes the product",
            );
        }
    });
    facts.each_file_hashes(&mut |hashes, path| {
        for (index, hash) in hashes.iter().enumerate() {
            if let Some(algorithm) = hash.text("algorithm")
                && !is_known_algorithm(algorithm)
            {
                findings.add(
                    "6.2.52",
                    &path.index(index).key("algorithm"),
                    format!("the algorithm `{algorithm}` is neither named in the standard nor known here"),
                );
            }
        }
    });
}
