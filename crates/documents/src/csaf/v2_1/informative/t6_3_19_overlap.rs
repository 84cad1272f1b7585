//! 6.3.19.1 to 6.3.19.3 overlapping product version ranges in the same product
//! status group, 6.3.19.4 and 6.3.19.5 with a branch.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::overlap::{Kind, Lazy};
use crate::csaf::v2_1::recommended::each_pair;

pub(super) fn run<'d>(facts: &Facts<'d>, overlaps: &Lazy<'d>, findings: &mut Findings) {
    let test = |kind| match kind {
        Kind::Vers => "6.3.19.1",
        Kind::Vls => "6.3.19.2",
        Kind::Version => "6.3.19.3",
    };
    each_pair(
        facts,
        overlaps,
        &mut |kind, (a, group), (b, other), path| {
            if group == other {
                findings.add(
                    test(kind),
                    path,
                    format!(
                        "the versions of `{a}` and `{b}` overlap, and both are {}",
                        group.name()
                    ),
                );
            }
        },
    );
    for (place, is_range) in &overlaps.of(facts).branches {
        findings.add_at(
            if *is_range { "6.3.19.4" } else { "6.3.19.5" },
            place.clone(),
            "overlaps with a product version range beside it",
        );
    }
}
