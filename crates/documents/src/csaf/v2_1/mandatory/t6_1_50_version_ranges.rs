//! 6.1.50 product version range rules: canonical vers, or the constraints of
//! one without scheme and type.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::versions::Range;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_branch(&mut |branch, _, path| {
        if branch.text("category") == Some("product_version_range")
            && let Some(name) = branch.text("name")
            && let Some(fault) = fault(name)
        {
            findings.add("6.1.50", &path.key("name"), format!("`{name}`: {fault}"));
        }
    });
}

/// Not a range by any rule, but the official test suite holds it valid.
const TOLERATED: &str = "vers:/all";

fn fault(name: &str) -> Option<String> {
    if name == TOLERATED {
        return None;
    }
    if name.starts_with("vers:") {
        return match Range::parse(name) {
            Err(error) => Some(error.to_string()),
            // The order of versions of an unknown type cannot be judged.
            Ok(range) if range.scheme().is_none() => None,
            Ok(range) => range.problems().first().map(ToString::to_string),
        };
    }
    if name.contains(char::is_whitespace) {
        return Some("write it without white space".to_owned());
    }
    name.split('|').find_map(constraint_fault)
}

fn constraint_fault(constraint: &str) -> Option<String> {
    let version = ["<=", ">=", "!=", "<", ">", "="]
        .into_iter()
        .find_map(|comparator| constraint.strip_prefix(comparator))
        .unwrap_or(constraint);
    if version.is_empty() {
        Some(format!("the constraint `{constraint}` has no version"))
    } else if version.contains(['<', '>', '=', '!']) {
        Some(format!(
            "the constraint `{constraint}` has a comparator inside"
        ))
    } else {
        None
    }
}
