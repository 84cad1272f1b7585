//! 6.2.33 disclosure date newer than the revision history.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::csaf::schema::format::{Instant, instant};

/// Needs the time of validation: a date that is still to come may be newer.
pub(super) fn run(facts: &Facts<'_>, now: Instant, findings: &mut Findings) {
    let newest = facts.revisions.iter().filter_map(|r| r.date).max();
    let Some(newest) = newest else { return };
    facts.each_vulnerability(&mut |vulnerability, path| {
        if let Some(date) = vulnerability.text("disclosure_date").and_then(instant)
            && date <= now
            && date > newest
        {
            findings.add(
                "6.2.33",
                &path.key("disclosure_date"),
                "has passed since the newest item of the revision history; release a revision",
            );
        }
    });
}
