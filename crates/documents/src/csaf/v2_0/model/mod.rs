//! What we write: the parts of a CSAF 2.0 document as types.
//!
//! Names are the standard's. Optional parts that are empty are left out, as the
//! schema asks. [`Document::to_json`] gives pretty JSON with sorted keys (test
//! 6.2.13), the same bytes for the same content. Nothing here checks meaning:
//! [`super::validate`] does.

mod product_tree;
mod vulnerability;

use serde::Serialize;

pub use product_tree::{
    Branch, BranchCategory, FileHash, FileHashes, FullProductName, GenericUri, Helper,
    ProductGroup, ProductId, ProductTree, Relationship, RelationshipCategory,
};
pub use vulnerability::{
    CvssV2, CvssV3, Cwe, Flag, FlagLabel, Id, Involvement, InvolvementStatus, Party, ProductStatus,
    Remediation, RemediationCategory, RestartCategory, RestartRequired, Score, Threat,
    ThreatCategory, Vulnerability,
};

/// A whole advisory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    /// What the document says about itself.
    pub document: DocumentMeta,
    /// The products it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_tree: Option<ProductTree>,
    /// The vulnerabilities it speaks of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vulnerabilities: Vec<Vulnerability>,
}

impl Document {
    /// Pretty JSON with sorted keys and a newline at the end.
    ///
    /// # Errors
    /// Only for a number that JSON cannot hold (a score that is no number).
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut value = serde_json::to_value(self)?;
        value.sort_all_objects();
        let mut text = serde_json::to_string_pretty(&value)?;
        text.push('\n');
        Ok(text)
    }

    /// The file name that the standard gives the document.
    pub fn file_name(&self) -> String {
        crate::csaf::file_name(&self.document.tracking.id)
    }
}

/// `/document`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DocumentMeta {
    /// Who helped.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acknowledgments: Vec<Acknowledgment>,
    /// The publisher's own rating of the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregate_severity: Option<AggregateSeverity>,
    /// The profile.
    pub category: Category,
    /// Always 2.0.
    pub csaf_version: CsafVersion,
    /// Who may have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distribution: Option<Distribution>,
    /// The language, as `en`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// Notes on the whole document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Who publishes it.
    pub publisher: Publisher,
    /// References of the whole document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// The language of the original, in a translation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_lang: Option<String>,
    /// The title.
    pub title: String,
    /// Id, dates, versions.
    pub tracking: Tracking,
}

/// The profile of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Category {
    /// `csaf_base`.
    #[serde(rename = "csaf_base")]
    Base,
    /// `csaf_security_incident_response`.
    #[serde(rename = "csaf_security_incident_response")]
    SecurityIncidentResponse,
    /// `csaf_informational_advisory`.
    #[serde(rename = "csaf_informational_advisory")]
    InformationalAdvisory,
    /// `csaf_security_advisory`.
    #[serde(rename = "csaf_security_advisory")]
    SecurityAdvisory,
    /// `csaf_vex`.
    #[serde(rename = "csaf_vex")]
    Vex,
    /// No profile but the base; the text is free within test 6.1.26.
    #[serde(untagged)]
    Other(String),
}

/// The version of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum CsafVersion {
    /// 2.0.
    #[default]
    #[serde(rename = "2.0")]
    V2_0,
}

/// A rating in the publisher's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AggregateSeverity {
    /// Where the words are explained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The rating.
    pub text: String,
}

/// Who may have the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Distribution {
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// By the traffic light protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tlp: Option<Tlp>,
}

/// The traffic light protocol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tlp {
    /// The label.
    pub label: TlpLabel,
    /// Where the labels are explained, if not at FIRST.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A label of TLP 1.0, which CSAF 2.0 uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TlpLabel {
    /// Everybody; `CLEAR` in TLP 2.0.
    White,
    /// The community.
    Green,
    /// Need to know.
    Amber,
    /// The recipients only.
    Red,
}

/// Who publishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Publisher {
    /// Its role.
    pub category: PublisherCategory,
    /// How to reach it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_details: Option<String>,
    /// What entitles it to publish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuing_authority: Option<String>,
    /// Its name.
    pub name: String,
    /// A URI that is its own.
    pub namespace: String,
}

/// The role of a publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PublisherCategory {
    /// Coordinates between others.
    Coordinator,
    /// Found the vulnerability.
    Discoverer,
    /// Translates another's document; `source_lang` is required then.
    Translator,
    /// None of these.
    Other,
    /// Uses the products.
    User,
    /// Makes the products.
    Vendor,
}

/// Id, dates and versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tracking {
    /// Other ids of the same document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// When this version was released, RFC 3339.
    pub current_release_date: String,
    /// What made the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generator: Option<Generator>,
    /// The document's id.
    pub id: String,
    /// When the first version was released, RFC 3339.
    pub initial_release_date: String,
    /// All versions; the newest is the document's.
    pub revision_history: Vec<Revision>,
    /// Draft, interim or final.
    pub status: TrackingStatus,
    /// The document's version.
    pub version: String,
}

/// How finished a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackingStatus {
    /// Not released.
    Draft,
    /// Released, and will change.
    Interim,
    /// Released, and not expected to change.
    Final,
}

/// What made the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Generator {
    /// When, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The program.
    pub engine: Engine,
}

/// A program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Engine {
    /// Its name.
    pub name: String,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// One version of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revision {
    /// When, RFC 3339.
    pub date: String,
    /// Its version in another scheme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legacy_version: Option<String>,
    /// Its version.
    pub number: String,
    /// What changed.
    pub summary: String,
}

/// Thanks to someone who agreed to be named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Acknowledgment {
    /// People.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Their organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// What for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Their pages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Whom it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// What kind of note.
    pub category: NoteCategory,
    /// Its text.
    pub text: String,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// The kind of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteCategory {
    /// What it is.
    Description,
    /// More of it.
    Details,
    /// Questions and answers.
    Faq,
    /// General remarks.
    General,
    /// Legal text.
    LegalDisclaimer,
    /// None of these.
    Other,
    /// In short.
    Summary,
}

/// A reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// The document itself, or another.
    pub category: ReferenceCategory,
    /// What it is.
    pub summary: String,
    /// Where it is.
    pub url: String,
}

/// What a reference leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceCategory {
    /// Another document.
    External,
    /// This document.
    #[serde(rename = "self")]
    Itself,
}
