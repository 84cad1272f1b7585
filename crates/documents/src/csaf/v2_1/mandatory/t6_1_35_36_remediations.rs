//! 6.1.35 contradicting remediations, 6.1.36 contradicting product status and
//! remediation.

use crate::csaf::facts::{Facts, StatusGroup};
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let (mut status, mut marks) = (facts.marks(), facts.marks());
    // Where the last category that a product has had is among all of them.
    let mut last = facts.marks::<usize>();
    facts.each_vulnerability(&mut |vulnerability, path| {
        facts.mark_status(vulnerability, &mut status);
        last.clear();
        // Categories that products have had, each with the one before it.
        let mut had: Vec<(&str, Option<usize>)> = Vec::new();
        let list = path.key("remediations");
        for (index, item) in vulnerability.list("remediations").iter().enumerate() {
            let path = list.index(index);
            let Some(category) = item.text("category") else {
                continue;
            };
            let Some(products) = facts.coverage([item].into_iter(), &mut marks) else {
                return;
            };
            let mut found = Vec::new();
            for product in products {
                let newest = last.get(product.index());
                let before = std::iter::successors(newest, |at| had.get(*at)?.1)
                    .filter_map(|at| had.get(at).map(|(category, _)| *category));
                let (mut is_new, mut clash) = (true, None);
                for other in before {
                    is_new &= other != category;
                    if (contradict(category, other) || contradict(other, category))
                        && clash.is_none_or(|first| other < first)
                    {
                        clash = Some(other);
                    }
                }
                if is_new {
                    last.set(product.index(), had.len());
                    had.push((category, newest));
                }
                let group = status
                    .get(product.index())
                    .filter(|group| contradicts_status(category, *group));
                if clash.is_some() || group.is_some() {
                    found.push((facts.id(product), clash, group));
                }
            }
            found.sort_unstable_by_key(|(id, ..)| *id);
            for (id, clash, group) in found {
                if let Some(other) = clash {
                    findings.add(
                        "6.1.35",
                        &path,
                        format!(
                            "`{category}` and `{other}` of the product `{id}` contradict each other"
                        ),
                    );
                }
                if let Some(group) = group {
                    findings.add(
                        "6.1.36",
                        &path,
                        format!(
                            "`{category}` contradicts that the product `{id}` is {}",
                            group.name()
                        ),
                    );
                }
            }
        }
    });
}

/// The prohibited pairs of table 3, each once.
fn contradict(a: &str, b: &str) -> bool {
    a != b
        && match a {
            "optional_patch" | "none_available" => true,
            "vendor_fix" => matches!(b, "fix_planned" | "no_fix_planned"),
            "fix_planned" => b == "no_fix_planned",
            _ => false,
        }
}

/// The prohibited pairs of table 4.
fn contradicts_status(category: &str, group: StatusGroup) -> bool {
    match group {
        StatusGroup::Affected => category == "optional_patch",
        StatusGroup::NotAffected => matches!(
            category,
            "workaround" | "mitigation" | "vendor_fix" | "none_available"
        ),
        StatusGroup::Fixed => category != "optional_patch",
        StatusGroup::UnderInvestigation | StatusGroup::Unknown => false,
    }
}
