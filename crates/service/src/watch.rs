//! Watch: what the world publishes of vulnerabilities is held against what our products are made
//! of, both ways, and what touches one becomes a finding in the inbox, once for each product and
//! vulnerability (30111 6.5.3.8, 7.1.2).
//!
//! An advisory is kept as it came; what it means is read out of it each time. A finding is its
//! lines (which component of which version, said by which advisory) and what people did about it;
//! its state follows from both. No finding is removed: what no longer holds says so.

mod document;
mod findings;
mod meet;
mod poll;
mod provider;
mod signals;
mod sources;
mod take;

pub(crate) use document::World;
pub use document::{Kind, LARGEST, WorldDocument};
pub use findings::{Act, Detail, Found, act, detail, list};
pub(crate) use findings::{Findings, everything};
pub(crate) use meet::{document_gone, document_taken};
pub use poll::{Fetch, Fetched, poll_due, run};
pub(crate) use signals::newest as newest_signals;
pub use signals::{Exploited, Signals, SignalsTaken, take_signals};
pub use sources::{
    FOLDER, Health, Source, SourceForm, Trouble, remove_source, save_source, sources,
};
pub use take::{Taken, documents_kept, may_take, take};

use entente_domain::ids::{CaseId, UserId};
use entente_domain::kinds::FindingState;
use entente_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// That upstream says a component is not affected (VEX).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denial {
    /// The document that says so.
    pub document: String,
    /// Why, in its words.
    pub why: String,
}

/// A component of a version of the product, and what an advisory says of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The version of the product.
    pub product_version: String,
    /// The package, by its key.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The distribution that it was built for; empty where there is none.
    pub scope: String,
    /// The document that says so.
    pub document: String,
    /// Whether it is affected; otherwise it cannot be decided.
    pub certain: bool,
    /// The versions at fault, or why it cannot be decided.
    pub why: String,
    /// The highest base score that the document gives, in tenths.
    pub score: Option<u8>,
    /// In which version it is fixed.
    pub fixed_in: Option<String>,
    /// That upstream says otherwise.
    pub denied: Option<Denial>,
}

/// What a person decided about a finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "did", rename_all = "snake_case", deny_unknown_fields)]
pub enum Did {
    /// It became a report in the register.
    Reported {
        /// The case.
        case: CaseId,
        /// Its number.
        number: i64,
    },
    /// It needs nothing, for the versions of the product that it named then.
    SetAside {
        /// Why.
        why: String,
        /// The versions.
        versions: BTreeSet<String>,
    },
    /// It is looked at again.
    TakenUp,
}

/// A step of a finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// Who; nobody for the operator's command line.
    pub by: Option<UserId>,
    /// What.
    pub did: Did,
}

/// What a finding is about.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Every name of the vulnerability.
    pub names: BTreeSet<String>,
    /// What it is, in a line.
    pub title: String,
    /// Where it touches the product.
    pub lines: Vec<Line>,
    /// What people decided, in the order in which they did.
    pub steps: Vec<Step>,
}

impl Content {
    /// The name by which to speak of the vulnerability: its first CVE id, else its first name.
    #[must_use]
    pub fn vulnerability(&self) -> &str {
        let cve = self.names.iter().find(|name| name.starts_with("CVE-"));
        cve.or(self.names.first()).map_or("", String::as_str)
    }

    /// The highest base score that is given, in tenths.
    #[must_use]
    pub fn score(&self) -> Option<u8> {
        self.lines.iter().filter_map(|line| line.score).max()
    }

    /// The versions of the product that certainly have it, and of which upstream says nothing else.
    pub fn affected_versions(&self) -> BTreeSet<&str> {
        let lines = self.lines.iter();
        let counts = lines.filter(|line| line.certain && line.denied.is_none());
        counts.map(|line| line.product_version.as_str()).collect()
    }

    /// What became of it. What was set aside for some versions waits again when another has it; a
    /// report stays one, because its case takes the news.
    #[must_use]
    pub fn state(&self) -> FindingState {
        let affected = self.affected_versions();
        match self.steps.last().map(|step| &step.did) {
            Some(Did::Reported { .. }) => return FindingState::Reported,
            Some(Did::SetAside { versions, .. })
                if affected.iter().all(|version| versions.contains(*version)) =>
            {
                return FindingState::SetAside;
            }
            _ => {}
        }
        if !affected.is_empty() {
            return FindingState::Open;
        }
        if self.lines.iter().any(|line| line.denied.is_none()) {
            return FindingState::Undecided;
        }
        match self.lines.is_empty() {
            true => FindingState::Gone,
            false => FindingState::Denied,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(version: &str, certain: bool, denied: bool) -> Line {
        Line {
            product_version: version.to_owned(),
            package: "pkg:npm/a".to_owned(),
            version: "1".to_owned(),
            scope: String::new(),
            document: "GHSA-1".to_owned(),
            certain,
            why: String::new(),
            score: None,
            fixed_in: None,
            denied: denied.then(|| Denial {
                document: "vex".to_owned(),
                why: String::new(),
            }),
        }
    }

    fn set_aside(versions: &[&str]) -> Step {
        Step {
            at: Timestamp(0),
            by: None,
            did: Did::SetAside {
                why: "not reachable".to_owned(),
                versions: versions.iter().map(|v| (*v).to_owned()).collect(),
            },
        }
    }

    #[test]
    fn the_state_follows_from_the_lines_and_the_last_decision() {
        let of = |lines: Vec<Line>, steps: Vec<Step>| {
            let content = Content {
                lines,
                steps,
                ..Content::default()
            };
            content.state()
        };
        assert_eq!(of(vec![], vec![]), FindingState::Gone);
        assert_eq!(of(vec![line("1", true, false)], vec![]), FindingState::Open);
        assert_eq!(
            of(vec![line("1", false, false)], vec![]),
            FindingState::Undecided
        );
        assert_eq!(
            of(vec![line("1", true, true)], vec![]),
            FindingState::Denied
        );
        let both = vec![line("1", true, false), line("2", true, false)];
        assert_eq!(
            of(both.clone(), vec![set_aside(&["1", "2"])]),
            FindingState::SetAside
        );
        // Another version has it since.
        assert_eq!(of(both, vec![set_aside(&["1"])]), FindingState::Open);
    }

    #[test]
    fn a_vulnerability_is_spoken_of_by_its_cve_id() {
        let names = ["GHSA-x", "CVE-2024-1", "RUSTSEC-1"];
        let content = Content {
            names: names.iter().map(|n| (*n).to_owned()).collect(),
            ..Content::default()
        };
        assert_eq!(content.vulnerability(), "CVE-2024-1");
    }
}
