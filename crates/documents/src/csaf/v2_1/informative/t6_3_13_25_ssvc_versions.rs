//! 6.3.13 non-latest SSVC decision point version at the time of the selection,
//! and 6.3.25 at the time of validation.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::csaf::schema::format::{Instant, instant};
use crate::csaf::v2_1::selections::each;

type Version = (u32, u32, u32);

/// By namespace and key.
type Versions = HashMap<(&'static str, &'static str), Vec<(Version, Instant)>>;

/// The versions of each decision point that has several, with the time since
/// which they can be had; the source is named in `assets/README.md`.
static VERSIONS: LazyLock<Versions> =
    LazyLock::new(|| read(include_str!("../../../../assets/csaf/2.1/ssvc_since.tsv")));

fn read(text: &'static str) -> Versions {
    let mut versions = Versions::new();
    for line in text.lines() {
        if let [namespace, key, version, since] = *line.split('\t').collect::<Vec<_>>()
            && let (Some(version), Some(since)) = (parse(version), instant(since))
        {
            versions
                .entry((namespace, key))
                .or_default()
                .push((version, since));
        }
    }
    versions
}

fn parse(text: &str) -> Option<Version> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    let version = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(version)
}

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    each(facts, &mut |ssvc, selection, path| {
        let (Some(namespace), Some(key), Some(text)) = (
            selection.text("namespace"),
            selection.text("key"),
            selection.text("version"),
        ) else {
            return;
        };
        let base = namespace.split('/').next().unwrap_or_default();
        let (Some(versions), Some(version)) = (VERSIONS.get(&(base, key)), parse(text)) else {
            return;
        };
        let newest = |time: Option<Instant>| {
            versions
                .iter()
                .filter(|(_, since)| time.is_none_or(|time| *since <= time))
                .map(|(version, _)| *version)
                .max()
        };
        let mut judge = |test, newest: Option<Version>, when| {
            if let Some(newest) = newest
                && newest != version
            {
                let (major, minor, patch) = newest;
                findings.add(
                    test,
                    path,
                    format!("uses version {text} of `{key}`; {when} the newest is {major}.{minor}.{patch}"),
                );
            }
        };
        if let Some(time) = ssvc.text("timestamp").and_then(instant) {
            judge("6.3.13", newest(Some(time)), "at its timestamp");
        }
        judge("6.3.25", newest(facts.now), "now");
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        let rows = include_str!("../../../../assets/csaf/2.1/ssvc_since.tsv").lines();
        let read: usize = VERSIONS.values().map(Vec::len).sum();
        assert_eq!(rows.count(), read);
        assert!(VERSIONS.values().all(|versions| versions.len() > 1));
    }
}
