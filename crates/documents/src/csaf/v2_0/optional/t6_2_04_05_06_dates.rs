//! 6.2.4 build metadata in the revision history, 6.2.5 older initial and 6.2.6
//! older current release date than it.

use crate::csaf::facts::Facts;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::schema::format::instant;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    let tracking = document.key("tracking");
    let history = tracking.key("revision_history");
    for revision in &facts.revisions {
        if !revision.version.build.is_empty() {
            findings.add(
                "6.2.4",
                &history.index(revision.index).key("number"),
                format!(
                    "`{}` holds build metadata; leave it out",
                    revision.version.text
                ),
            );
        }
    }
    let dates = || facts.revisions.iter().filter_map(|revision| revision.date);
    for (test, key, bound, which) in [
        ("6.2.5", "initial_release_date", dates().min(), "oldest"),
        ("6.2.6", "current_release_date", dates().max(), "newest"),
    ] {
        if let (Some(date), Some(bound)) = (facts.tracking.text(key).and_then(instant), bound)
            && date < bound
        {
            findings.add(
                test,
                &tracking.key(key),
                format!("is older than the {which} item of the revision history"),
            );
        }
    }
}
