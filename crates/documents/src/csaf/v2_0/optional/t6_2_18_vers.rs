//! 6.2.18 product version range without vers.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_branch(&mut |branch, _, path| {
        if branch.text("category") == Some("product_version_range")
            && let Some(name) = branch.text("name")
            && !is_vers(name)
        {
            findings.add(
                "6.2.18",
                &path.key("name"),
                format!("`{name}` is no version range specifier like `vers:npm/>=1.0.0|<1.4.2`"),
            );
        }
    });
}

/// `^vers:[a-z.\-+][a-z0-9.\-+]*/.+`, as the standard has it.
fn is_vers(name: &str) -> bool {
    let Some((scheme, range)) = name
        .strip_prefix("vers:")
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    !range.is_empty()
        && !range.starts_with(['\n', '\r'])
        && !scheme.is_empty()
        && !scheme.starts_with(|c: char| c.is_ascii_digit())
        && scheme
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'+'))
}
