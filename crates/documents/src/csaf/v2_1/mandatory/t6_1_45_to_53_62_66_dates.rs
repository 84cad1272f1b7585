//! 6.1.45 disclosure, 6.1.49 SSVC, 6.1.51 EPSS, 6.1.52 first known exploitation
//! dates later than the newest revision; 6.1.53 exploitation, 6.1.62 discovery
//! and 6.1.66 initial release dates that cannot be.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::schema::format::{Instant, instant};

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let released = matches!(facts.status, "final" | "interim");
    if released {
        initial_release(facts, findings);
    }
    let newest = facts
        .revisions
        .iter()
        .filter_map(|revision| revision.date)
        .max()
        .filter(|_| released);
    let clear = facts
        .document
        .at(&["distribution", "tlp", "label"])
        .and_then(Node::as_str)
        == Some("CLEAR");
    facts.each_vulnerability(&mut |vulnerability, path| {
        let mut late = |test, node: &Node<'_>, key: &str, path: &Path<'_>| {
            if let (Some(date), Some(newest)) = (date(node, key), newest)
                && date > newest
            {
                findings.add(
                    test,
                    &path.key(key),
                    "is later than the newest item of the revision history",
                );
            }
        };
        if clear {
            late("6.1.45", vulnerability, "disclosure_date", path);
        }
        late("6.1.62", vulnerability, "discovery_date", path);
        facts.each_score(vulnerability, path, &mut |_, content, _, path| {
            for (test, key) in [("6.1.49", "ssvc_v2"), ("6.1.51", "epss")] {
                if let Some(metric) = content.get(key) {
                    late(test, metric, "timestamp", &path.key(key));
                }
            }
        });
        let list = path.key("first_known_exploitation_dates");
        let known = vulnerability.list("first_known_exploitation_dates");
        for (index, item) in known.iter().enumerate() {
            for key in ["date", "exploitation_date"] {
                late("6.1.52", item, key, &list.index(index));
            }
        }
        for (index, item) in known.iter().enumerate() {
            if let (Some(recorded), Some(exploited)) =
                (date(item, "date"), date(item, "exploitation_date"))
                && exploited > recorded
            {
                findings.add(
                    "6.1.53",
                    &list.index(index).key("exploitation_date"),
                    "is later than the date at which it was recorded",
                );
            }
        }
        if let (Some(discovered), Some(disclosed)) = (
            date(vulnerability, "discovery_date"),
            date(vulnerability, "disclosure_date"),
        ) && discovered > disclosed
        {
            findings.add(
                "6.1.62",
                &path.key("discovery_date"),
                "is later than the disclosure date",
            );
        }
    });
}

fn date(node: &Node<'_>, key: &str) -> Option<Instant> {
    node.text(key).and_then(instant)
}

/// The initial release is the date of version 1.
fn initial_release(facts: &Facts<'_>, findings: &mut Findings) {
    let Some(initial) = date(facts.tracking, "initial_release_date") else {
        return;
    };
    let mut first = facts
        .revisions
        .iter()
        .filter(|revision| matches!(revision.version.text, "1" | "1.0.0"))
        .map(|revision| revision.date);
    let expected = first.next().flatten();
    let message = if expected.is_none() || first.any(|date| date != expected) {
        "cannot be checked: the date of version 1 in the revision history is not clear"
    } else if expected != Some(initial) {
        "is not the date of version 1 in the revision history"
    } else {
        return;
    };
    let root = Path::Root;
    let document = root.key("document");
    findings.add(
        "6.1.66",
        &document.key("tracking").key("initial_release_date"),
        message,
    );
}
