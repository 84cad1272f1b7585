//! The common vulnerability record: what is known of one vulnerability, from which every document
//! is written, so that no two of them can disagree.
//!
//! Plain data. A writer takes a [`Record`] and gives a document; a reader gives back what the
//! format carried. What a format cannot carry is told, field by field, in [`losses`]. Nothing here
//! knows a format, a case or a clock.

pub(crate) mod ecosystems;
mod fields;
pub(crate) mod json;
pub mod losses;
mod vers;
mod words;

pub use fields::fields;
pub use json::{Problem, ReadError};
pub(crate) use vers::add_vers;

use crate::cvss;
use crate::purl::Purl;
use crate::versions::Scheme;

/// One vulnerability.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// The identifier under which the publisher speaks of it.
    pub id: String,
    /// Other identifiers of the same vulnerability: CVE, GHSA, EUVD, a vendor's own.
    pub aliases: Vec<String>,
    /// Identifiers of other vulnerabilities that are close to this one.
    pub related: Vec<String>,
    /// Identifiers of vulnerabilities in what the product is made from.
    pub upstream: Vec<String>,
    /// Who speaks.
    pub publisher: Publisher,
    /// How many times the record was published, counted from 1.
    pub revision: u32,
    /// To whom it may be shown.
    pub tlp: Option<Tlp>,
    /// When things happened.
    pub dates: Dates,
    /// One line, at most once in each language.
    pub titles: Vec<Text>,
    /// What it is, at most once in each language.
    pub descriptions: Vec<Text>,
    /// How severe it is, as one or more vectors.
    pub severities: Vec<Severity>,
    /// Weaknesses: the numbers behind `CWE-`.
    pub cwes: Vec<u32>,
    /// What is or is not affected.
    pub products: Vec<Product>,
    /// What users can do.
    pub remediations: Vec<Remediation>,
    /// Where more is to be read.
    pub references: Vec<Reference>,
    /// Who helped.
    pub credits: Vec<Credit>,
    /// What else is to be said.
    pub notes: Vec<Note>,
}

/// Who publishes the record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Publisher {
    /// The name of the organisation.
    pub name: String,
    /// Its web address, which also names it to machines.
    pub url: Option<String>,
}

/// Instants of the record, as RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dates {
    /// When the record was first published.
    pub published: Option<String>,
    /// When the record was last changed.
    pub modified: String,
    /// When the vulnerability became public knowledge, by whomever.
    pub disclosed: Option<String>,
    /// When the record was withdrawn.
    pub withdrawn: Option<String>,
}

/// A text in one language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// The language tag: `en`, `de`, `pt-BR`.
    pub lang: String,
    /// The text, plain.
    pub text: String,
}

impl Text {
    /// A text in English.
    #[must_use]
    pub fn en(text: impl Into<String>) -> Self {
        Self {
            lang: "en".to_owned(),
            text: text.into(),
        }
    }
}

/// The English text among several. Formats without languages are English by their specification.
#[must_use]
pub fn english(texts: &[Text]) -> Option<&str> {
    let is_english = |text: &&Text| is_english(&text.lang);
    texts.iter().find(is_english).map(|text| text.text.as_str())
}

pub(crate) fn is_english(lang: &str) -> bool {
    let language = lang.split(['-', '_']).next().unwrap_or_default();
    language.eq_ignore_ascii_case("en")
}

/// A severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Severity {
    /// The vector; the scores follow from it and are never kept beside it.
    pub vector: cvss::Vector,
    /// Who rated, if not the publisher.
    pub source: Option<String>,
}

/// A product, or versions of it, with what is said of them. A product about which different things
/// are said of different versions is listed once for each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Product {
    /// Who makes it.
    pub vendor: Option<String>,
    /// Its name; in an ecosystem, the name of the package there.
    pub name: String,
    /// The ecosystem, in the words of OSV: `crates.io`, `npm`, `Debian:12`.
    pub ecosystem: Option<String>,
    /// The package URL, without version.
    pub purl: Option<Purl>,
    /// The CPE 2.3 name.
    pub cpe: Option<String>,
    /// Single versions the status is about.
    pub versions: Vec<String>,
    /// Ranges of versions the status is about. No version and no range: every version.
    pub ranges: Vec<Range>,
    /// Whether they are affected.
    pub status: Status,
    /// Why they are not, in the words all formats of VEX share.
    pub justification: Option<Justification>,
    /// Why they are not, in prose.
    pub impact: Option<String>,
    /// What users of affected versions should do, in prose.
    pub action: Option<String>,
}

/// A range of versions, as the events that begin and end it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// By which order its versions are to be understood.
    pub order: Order,
    /// The repository, if the versions are commits.
    pub repo: Option<String>,
    /// What happened, in order: it begins with [`Event::Introduced`].
    pub events: Vec<Event>,
}

/// By which order versions are to be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// That of a known versioning scheme.
    Scheme(Scheme),
    /// Commits: the graph of the repository.
    Git,
    /// Something else, by its name.
    Other(String),
}

/// A point at which versions begin or cease to be affected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// From this version on; `0` is before every version.
    Introduced(String),
    /// Not from this version on.
    Fixed(String),
    /// To this version, which is still in the range; a fix is not known.
    LastAffected(String),
    /// The range was not looked at from here on.
    Limit(String),
}

/// Whether a product is affected: the four states of VEX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Status {
    /// It is.
    #[default]
    Affected,
    /// It is not, and never was.
    NotAffected,
    /// It is not any more.
    Fixed,
    /// That is not yet known.
    UnderInvestigation,
}

/// Why a product is not affected: the five justifications CSAF and OpenVEX share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Justification {
    /// The component is not in the product.
    ComponentNotPresent,
    /// The component is, its vulnerable code is not.
    VulnerableCodeNotPresent,
    /// The vulnerable code is never run.
    VulnerableCodeNotInExecutePath,
    /// It is run, but an adversary cannot steer it.
    VulnerableCodeCannotBeControlledByAdversary,
    /// What is built in already prevents the attack.
    InlineMitigationsAlreadyExist,
}

/// What users can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remediation {
    /// Of what kind it is.
    pub kind: RemediationKind,
    /// What to do.
    pub text: Text,
    /// Where it is to be had.
    pub url: Option<String>,
}

/// Kinds of remediation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RemediationKind {
    /// A fix of the product's maker.
    Fix,
    /// Something that keeps the vulnerability from being exploited until then.
    Workaround,
    /// There will be none.
    NoFixPlanned,
}

/// Where more is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The address.
    pub url: String,
    /// What is found there.
    pub kind: ReferenceKind,
    /// How it is called.
    pub title: Option<String>,
}

/// What is found at a reference, in the distinctions of OSV, the finest among the formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferenceKind {
    /// An advisory about the vulnerability.
    Advisory,
    /// An article or blog post.
    Article,
    /// A way to see whether one is affected or was attacked.
    Detection,
    /// A discussion.
    Discussion,
    /// Proof: an exploit, a demonstration.
    Evidence,
    /// The fix.
    Fix,
    /// A repository or commit, of no kind named here.
    Git,
    /// What introduced the vulnerability.
    Introduced,
    /// The home of the package.
    Package,
    /// A report in a tracker.
    Report,
    /// Anything else.
    Web,
}

/// Who helped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// The name, as the person or organisation wants it.
    pub name: String,
    /// Addresses at which they may be reached in public.
    pub contacts: Vec<String>,
    /// What they did.
    pub kind: CreditKind,
    /// Whether they agreed to be named. No document names who did not.
    pub consent: bool,
}

/// What somebody did, in the words CVE and OSV share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CreditKind {
    /// Found it.
    Finder,
    /// Told the vendor.
    Reporter,
    /// Confirmed or explained it.
    Analyst,
    /// Brought the parties together.
    Coordinator,
    /// Made the fix.
    RemediationDeveloper,
    /// Reviewed the fix.
    RemediationReviewer,
    /// Tested the fix.
    RemediationVerifier,
    /// A tool with which it was found.
    Tool,
    /// Paid for it.
    Sponsor,
    /// Something else.
    Other,
}

/// What else is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Of what it speaks.
    pub kind: NoteKind,
    /// What it says.
    pub text: Text,
}

/// Of what a note speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoteKind {
    /// Which configurations are needed for the vulnerability to matter.
    Configuration,
    /// What is known of exploitation.
    Exploitation,
    /// Anything.
    General,
}

/// The labels of the Traffic Light Protocol 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tlp {
    /// Everyone.
    Clear,
    /// The community.
    Green,
    /// The organisation and its clients.
    Amber,
    /// The organisation only.
    AmberStrict,
    /// The named recipients only.
    Red,
}

impl Record {
    /// The CVE id, if the record has one: its own id or the first alias that is one.
    #[must_use]
    pub fn cve(&self) -> Option<&str> {
        let mut ids = std::iter::once(&self.id).chain(&self.aliases);
        ids.find(|id| id.starts_with("CVE-")).map(String::as_str)
    }

    /// Those who agreed to be named.
    pub fn named_credits(&self) -> impl Iterator<Item = &Credit> {
        self.credits.iter().filter(|credit| credit.consent)
    }

    /// Whether documents that anyone may read can be made from it. The formats other than CSAF
    /// have no place for the label, so that a writer of them asks here first.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.tlp.is_none_or(|tlp| tlp == Tlp::Clear)
    }
}

impl Event {
    /// The version at which it happened.
    #[must_use]
    pub fn version(&self) -> &str {
        match self {
            Self::Introduced(version)
            | Self::Fixed(version)
            | Self::LastAffected(version)
            | Self::Limit(version) => version,
        }
    }
}

impl Range {
    /// The events cut into pieces that each begin with one introduction: most formats know
    /// intervals only.
    pub(crate) fn pieces(&self) -> Vec<(&str, Vec<&Event>)> {
        let mut pieces: Vec<(&str, Vec<&Event>)> = Vec::new();
        for event in &self.events {
            match event {
                Event::Introduced(version) => pieces.push((version, Vec::new())),
                end => match pieces.last_mut() {
                    Some((_, ends)) => ends.push(end),
                    // An end without beginning: from the first version on.
                    None => pieces.push(("0", vec![end])),
                },
            }
        }
        pieces
    }
}
