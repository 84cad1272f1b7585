//! What a validation says: findings, their severity, and which tests ran.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::pointer::Path;
use super::schema::format::Instant;

/// A document with more findings than this is reported as truncated: the rest
/// would help nobody and could fill the memory.
const MOST_FINDINGS: usize = 100_000;

/// Which tests to run, named as in the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Preset {
    /// The JSON schema alone.
    Schema,
    /// The schema and the mandatory tests: what makes a document valid.
    #[default]
    Basic,
    /// The same as [`Preset::Basic`].
    Mandatory,
    /// The optional tests (2.0) or recommended tests (2.1) on top of basic.
    Recommended,
    /// The informative tests on top of basic.
    Informative,
    /// Everything.
    Full,
}

impl Preset {
    /// Every preset with its name.
    pub const ALL: [(&'static str, Preset); 8] = [
        ("schema", Preset::Schema),
        ("basic", Preset::Basic),
        ("mandatory", Preset::Mandatory),
        ("recommended", Preset::Recommended),
        ("optional", Preset::Recommended),
        ("extended", Preset::Recommended),
        ("informative", Preset::Informative),
        ("full", Preset::Full),
    ];

    pub(crate) fn mandatory(self) -> bool {
        self != Preset::Schema
    }

    pub(crate) fn recommended(self) -> bool {
        matches!(self, Preset::Recommended | Preset::Full)
    }

    pub(crate) fn informative(self) -> bool {
        matches!(self, Preset::Informative | Preset::Full)
    }

    /// Whether a test is part of the preset, by its number.
    pub(crate) fn has(self, test: &str) -> bool {
        match test.as_bytes().get(2) {
            Some(b'2') => self.recommended(),
            Some(b'3') => self.informative(),
            _ => self.mandatory(),
        }
    }
}

/// What to run, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checks {
    pub(crate) preset: Preset,
    pub(crate) now: Option<Instant>,
}

impl From<Preset> for Checks {
    /// Without a time: tests that ask for it are not run, and the report says so.
    fn from(preset: Preset) -> Self {
        Checks { preset, now: None }
    }
}

impl Checks {
    /// The tests of a preset at a time, given in seconds since 1970.
    #[must_use]
    pub fn at(preset: Preset, seconds: i64) -> Self {
        let now = Some(Instant { seconds, nanos: 0 });
        Checks { preset, now }
    }
}

/// A preset name that does not exist.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "there is no preset `{0}`; use schema, basic, mandatory, recommended (or optional, extended), informative or full"
)]
pub struct UnknownPreset(String);

impl FromStr for Preset {
    type Err = UnknownPreset;
    fn from_str(name: &str) -> Result<Self, UnknownPreset> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, preset)| *preset)
            .ok_or_else(|| UnknownPreset(name.to_owned()))
    }
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document is invalid.
    Error,
    /// Valid, but against the standard's advice.
    Warning,
    /// A hint.
    Info,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        })
    }
}

/// One thing that a test found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// The test's number in the standard (`6.1.27.3`), or `json` or `schema`.
    pub test: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// Where, as a JSON pointer; empty for the whole document.
    pub path: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// A test of the chosen preset that was not run, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct NotRun {
    /// The test's number.
    pub test: &'static str,
    /// Why it was left out.
    pub reason: &'static str,
}

/// The outcome of one validation.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// No finding is an error.
    pub valid: bool,
    /// All findings, in the order of the tests.
    pub findings: Vec<Finding>,
    /// Tests of the preset that need a switch of their own.
    pub not_run: Vec<NotRun>,
    /// More findings exist than were kept.
    pub truncated: bool,
}

impl Report {
    /// The findings of one test.
    pub fn of<'a>(&'a self, test: &'a str) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().filter(move |f| f.test == test)
    }
}

/// Gathers findings while tests run.
pub(crate) struct Findings {
    list: Vec<Finding>,
    truncated: bool,
    failed: bool,
}

impl Findings {
    pub(crate) fn new() -> Self {
        Findings {
            list: Vec::new(),
            truncated: false,
            failed: false,
        }
    }

    /// Adds a finding; the severity follows from the test's number.
    pub(crate) fn add(
        &mut self,
        test: &'static str,
        path: &Path<'_>,
        message: impl Into<Cow<'static, str>>,
    ) {
        // A place costs text only while findings are kept.
        let path = if self.list.len() < MOST_FINDINGS {
            path.to_string()
        } else {
            String::new()
        };
        self.add_at(test, path, message);
    }

    /// The same with a place that is text already.
    pub(crate) fn add_at(
        &mut self,
        test: &'static str,
        path: String,
        message: impl Into<Cow<'static, str>>,
    ) {
        let severity = if test.starts_with("6.2.") {
            Severity::Warning
        } else if test.starts_with("6.3.") {
            Severity::Info
        } else {
            Severity::Error
        };
        self.add_as(severity, test, path, message);
    }

    /// The same where the standard asks a mandatory test for a warning.
    pub(crate) fn add_as(
        &mut self,
        severity: Severity,
        test: &'static str,
        path: String,
        message: impl Into<Cow<'static, str>>,
    ) {
        self.failed |= severity == Severity::Error;
        if self.list.len() >= MOST_FINDINGS {
            self.truncated = true;
            return;
        }
        self.list.push(Finding {
            test,
            severity,
            path,
            message: message.into().into_owned(),
        });
    }

    pub(crate) fn into_report(self, not_run: Vec<NotRun>) -> Report {
        Report {
            valid: !self.failed,
            findings: self.list,
            not_run,
            truncated: self.truncated,
        }
    }
}
