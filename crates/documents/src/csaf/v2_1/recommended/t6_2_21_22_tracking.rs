//! 6.2.21 same timestamps in the revision history, 6.2.22 document tracking ID
//! in title.

use std::collections::HashSet;

use crate::csaf::facts::Facts;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    let tracking = document.key("tracking");
    let history = tracking.key("revision_history");
    let mut seen = HashSet::new();
    for revision in &facts.revisions {
        if let Some(date) = revision.date
            && !seen.insert(date)
        {
            findings.add(
                "6.2.21",
                &history.index(revision.index).key("date"),
                "another revision has the same date",
            );
        }
    }
    if let (Some(title), Some(id)) = (facts.document.text("title"), facts.tracking.text("id"))
        && !id.is_empty()
        && title.contains(id)
    {
        findings.add(
            "6.2.22",
            &document.key("title"),
            format!("the title repeats the tracking id `{id}`; leave it out"),
        );
    }
}
