//! 6.1.21 missing item in the revision history.

use std::collections::HashSet;

use crate::csaf::facts::{Facts, Revision};
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;

/// At most so many missing numbers are named in one history.
const MOST: u64 = 100;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    let tracking = document.key("tracking");
    let history = tracking.key("revision_history");
    let sorted = facts.revisions_by_date();
    let Some(first) = sorted.first() else { return };
    if !matches!(first.version.major(), "0" | "1") {
        findings.add(
            "6.1.21",
            &history,
            format!(
                "the revision history must begin with version 0 or 1, not `{}`",
                first.version.text
            ),
        );
    }
    let present: HashSet<Triple> = sorted.iter().filter_map(|r| triple(r)).collect();
    let mut highest: Option<Triple> = matches!(first.version.major(), "0" | "1")
        .then(|| triple(first))
        .flatten();
    let mut named = 0;
    for revision in &sorted {
        let Some(version) = triple(revision) else {
            continue;
        };
        if highest.is_some_and(|highest| version <= highest) {
            // It is out of its place: reported where it is missing.
            continue;
        }
        for missing in between(highest.unwrap_or((0, u64::MAX, u64::MAX)), version) {
            named += 1;
            if named > MOST {
                return;
            }
            let (major, minor, patch) = missing;
            let name = if revision.version.semantic {
                format!("{major}.{minor}.{patch}")
            } else {
                major.to_string()
            };
            let message = if present.contains(&missing) {
                format!(
                    "version {name} has a later date than {}; correct the dates or numbers",
                    revision.version.text
                )
            } else {
                format!("there is no item for version {name}; add it")
            };
            findings.add("6.1.21", &history, message);
        }
        highest = Some(version);
    }
}

/// Major, minor, patch; an integer version is a major one.
type Triple = (u64, u64, u64);

/// Numbers beyond 64 bits are nobody's.
fn triple(revision: &Revision<'_>) -> Option<Triple> {
    let [major, minor, patch] = revision.version.core();
    Some((
        major.parse().ok()?,
        minor.parse().ok()?,
        patch.parse().ok()?,
    ))
}

/// The versions that must have been on the way up. Minor and patch versions may
/// end anywhere before a higher major or minor one.
fn between(low: Triple, high: Triple) -> impl Iterator<Item = Triple> {
    let same_major = low.0 == high.0;
    let same_minor = same_major && low.1 == high.1;
    let majors = (low.0.saturating_add(1)..=high.0).map(|major| (major, 0, 0));
    let from = if same_major {
        low.1.saturating_add(1)
    } else {
        1
    };
    let minors = (from..=high.1).map(move |minor| (high.0, minor, 0));
    let from = if same_minor {
        low.2.saturating_add(1)
    } else {
        1
    };
    let patches = (from..=high.2).map(move |patch| (high.0, high.1, patch));
    majors
        .chain(minors)
        .chain(patches)
        .filter(move |version| *version != high)
}
