//! 6.1.37 date and time: RFC 3339 with upper-case letters and without leap
//! seconds.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::schema::format::instant;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    let tracking = document.key("tracking");
    for key in ["current_release_date", "initial_release_date"] {
        judge(facts.tracking, key, &tracking, findings);
    }
    if let Some(generator) = facts.tracking.get("generator") {
        judge(generator, "date", &tracking.key("generator"), findings);
    }
    let history = tracking.key("revision_history");
    for (index, item) in facts.tracking.list("revision_history").iter().enumerate() {
        judge(item, "date", &history.index(index), findings);
    }
    if let Some(involvement) = facts.document.get("involvement") {
        let place = document.key("involvement");
        let place = place.key("actions");
        for (index, action) in involvement.list("actions").iter().enumerate() {
            judge(action, "date", &place.index(index), findings);
        }
    }
    facts.each_vulnerability(&mut |vulnerability, path| {
        for key in ["disclosure_date", "discovery_date"] {
            judge(vulnerability, key, path, findings);
        }
        for (list, keys) in [
            (
                "first_known_exploitation_dates",
                &["date", "exploitation_date"][..],
            ),
            ("flags", &["date"]),
            ("remediations", &["date"]),
            ("threats", &["date"]),
        ] {
            let place = path.key(list);
            for (index, item) in vulnerability.list(list).iter().enumerate() {
                for key in keys {
                    judge(item, key, &place.index(index), findings);
                }
            }
        }
        facts.each_score(vulnerability, path, &mut |_, content, _, path| {
            for key in ["epss", "ssvc_v2"] {
                if let Some(metric) = content.get(key) {
                    judge(metric, "timestamp", &path.key(key), findings);
                }
            }
        });
    });
}

fn judge(node: &Node<'_>, key: &str, path: &Path<'_>, findings: &mut Findings) {
    if let Some(text) = node.text(key)
        && let Some(fault) = fault(text)
    {
        findings.add("6.1.37", &path.key(key), format!("`{text}`: {fault}"));
    }
}

fn fault(text: &str) -> Option<&'static str> {
    if instant(text).is_none() {
        Some("is no date and time like 2026-01-31T10:00:00Z (RFC 3339)")
    } else if text.contains(['t', 'z']) {
        Some("`T` and `Z` must be upper case")
    } else if text.get(17..19) == Some("60") {
        Some("leap seconds must not be used")
    } else {
        None
    }
}
