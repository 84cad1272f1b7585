//! 6.1.31 version range in product version.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;

/// Words that make a range. They count as words, so that a version called
/// `after-eight` is none.
const WORDS: [&str; 7] = [
    "after", "all", "before", "earlier", "later", "prior", "versions",
];

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_branch(&mut |branch, _, path| {
        if branch.text("category") == Some("product_version")
            && let Some(name) = branch.text("name")
            && is_range(name)
        {
            findings.add(
                "6.1.31",
                &path.key("name"),
                format!(
                    "`{name}` is a range; use the category `product_version_range` or one version"
                ),
            );
        }
    });
}

fn is_range(name: &str) -> bool {
    name.contains(['<', '>'])
        || name.split_whitespace().any(|word| {
            let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
            WORDS.iter().any(|range| word.eq_ignore_ascii_case(range))
        })
}
