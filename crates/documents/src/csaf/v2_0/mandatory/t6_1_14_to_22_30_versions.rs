//! 6.1.14 sorted revision history, 6.1.16 latest document version, 6.1.17
//! document status draft, 6.1.18 released revision history, 6.1.19 pre-release
//! versions in it, 6.1.20 non-draft document version, 6.1.21 missing item and
//! 6.1.22 multiple definition in it, 6.1.30 mixed versioning.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::csaf::facts::{Facts, Revision, Standard};
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::versions::{Version, number_order};

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    let tracking = document.key("tracking");
    let history = tracking.key("revision_history");
    let sorted = facts.revisions_by_date();

    if sorted
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.version.precedence(&b.version) == Ordering::Greater))
    {
        findings.add(
            "6.1.14",
            &history,
            "items must be in ascending order of `number` when sorted by `date`",
        );
    }
    latest(facts, sorted.last().copied(), &tracking, findings);
    states(facts, &tracking, &history, findings);
    if facts.standard == Standard::V2_0 {
        gaps(&sorted, &history, findings);
    }

    let mut seen = HashSet::new();
    for revision in &facts.revisions {
        if !seen.insert(revision.version.text) {
            findings.add(
                "6.1.22",
                &history.index(revision.index).key("number"),
                format!(
                    "the version `{}` is in the history already",
                    revision.version.text
                ),
            );
        }
    }

    let mut kinds = facts
        .revisions
        .iter()
        .map(|revision| revision.version.semantic)
        .chain(facts.version.map(|version| version.semantic));
    if let Some(first) = kinds.next()
        && kinds.any(|kind| kind != first)
    {
        findings.add(
            "6.1.30",
            &history,
            "integer and semantic versions are mixed; use one kind in the whole document",
        );
    }
}

fn latest(
    facts: &Facts<'_>,
    last: Option<&Revision<'_>>,
    tracking: &Path<'_>,
    findings: &mut Findings,
) {
    let (Some(version), Some(last)) = (facts.version, last) else {
        return;
    };
    let same = version.semantic == last.version.semantic
        && if facts.status == "draft" {
            version.core_order(&last.version).is_eq()
        } else {
            version.precedence(&last.version).is_eq()
        };
    if !same {
        findings.add(
            "6.1.16",
            &tracking.key("version"),
            format!(
                "the document's version `{}` is not that of the newest revision, `{}`",
                version.text, last.version.text
            ),
        );
    }
}

fn states(facts: &Facts<'_>, tracking: &Path<'_>, history: &Path<'_>, findings: &mut Findings) {
    let released = matches!(facts.status, "final" | "interim");
    if let Some(version) = facts.version {
        if (version.is_zero() || !version.pre_release.is_empty()) && facts.status != "draft" {
            findings.add(
                "6.1.17",
                &tracking.key("status"),
                format!(
                    "the version `{}` is one of a draft; set the status to `draft`",
                    version.text
                ),
            );
        }
        if released && !version.pre_release.is_empty() {
            findings.add(
                "6.1.20",
                &tracking.key("version"),
                format!(
                    "a released document must not have the pre-release version `{}`",
                    version.text
                ),
            );
        }
    }
    for Revision { index, version, .. } in &facts.revisions {
        let number = history.index(*index);
        let number = number.key("number");
        if released && version.is_zero() {
            findings.add(
                "6.1.18",
                &number,
                format!(
                    "a released document must not list the draft version `{}`",
                    version.text
                ),
            );
        }
        if !version.pre_release.is_empty() {
            findings.add(
                "6.1.19",
                &number,
                format!(
                    "the history must not list the pre-release version `{}`",
                    version.text
                ),
            );
        }
    }
}

/// Integers, or major versions, run without gaps and begin with 0 or 1.
fn gaps(sorted: &[&Revision<'_>], history: &Path<'_>, findings: &mut Findings) {
    let Some(first) = sorted.first() else { return };
    let mut majors: Vec<&Version<'_>> = sorted.iter().map(|revision| &revision.version).collect();
    if !matches!(first.version.major(), "0" | "1") {
        findings.add(
            "6.1.21",
            history,
            format!(
                "the history must begin with version 0 or 1, not `{}`",
                first.version.text
            ),
        );
    }
    majors.sort_by(|a, b| number_order(a.major(), b.major()));
    for pair in majors.windows(2) {
        let [before, after] = pair else { continue };
        if before.major() != after.major() && increment(before.major()) != after.major() {
            findings.add(
                "6.1.21",
                history,
                format!(
                    "no version between `{}` and `{}`; add what is missing",
                    before.text, after.text
                ),
            );
        }
    }
}

/// The next number, of any length.
fn increment(number: &str) -> String {
    let mut digits: Vec<u8> = number.bytes().collect();
    for digit in digits.iter_mut().rev() {
        if *digit == b'9' {
            *digit = b'0';
        } else {
            *digit += 1;
            return String::from_utf8_lossy(&digits).into_owned();
        }
    }
    format!("1{}", String::from_utf8_lossy(&digits))
}
