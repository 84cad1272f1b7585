//! 6.2.49 version range without upper end, 6.2.51 unknown vers type.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::versions::Scheme;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_branch(&mut |branch, _, path| {
        if branch.text("category") != Some("product_version_range") {
            return;
        }
        let Some(name) = branch.text("name") else {
            return;
        };
        let path = path.key("name");
        let (ty, constraints) = match name.strip_prefix("vers:").and_then(|v| v.split_once('/')) {
            Some((ty, constraints)) => (Some(ty), constraints),
            None => (None, name),
        };
        let last = constraints
            .rsplit('|')
            .map(str::trim)
            .find(|constraint| !constraint.starts_with("!="));
        if last.is_some_and(|constraint| constraint.starts_with('>')) {
            findings.add(
                "6.2.49",
                &path,
                format!("`{name}` has no upper end, so it speaks of versions to come"),
            );
        }
        if let Some(ty) = ty
            && !matches!(ty, "all" | "none")
            && Scheme::from_name(ty).is_none()
        {
            findings.add(
                "6.2.51",
                &path,
                format!("the version type `{ty}` is neither registered nor known here"),
            );
        }
    });
}
