//! What somebody published, read: of which vulnerabilities it speaks, which packages it calls
//! affected and which not.
//!
//! The form is told by the content. What was read once is kept in memory by its number, because a
//! number is drawn once and always means the same bytes.

use crate::Fault;
use crate::error::ServiceError;
use crate::inventory::identity;
use entente_documents::csaf::{self, Choices};
use entente_documents::matching::{Advisory, Package, Rule, Scope, Statement};
use entente_documents::record::{Order, Record, Status, english};
use entente_documents::versions::Scheme;
use entente_documents::{cve, cyclonedx_vex, ghsa, openvex, osv};
use entente_store::watch::Seen;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex};

/// Longest document that is taken, in bytes.
pub const LARGEST: usize = 32 << 20;
/// Most vulnerabilities of one document: each is held against the inventory in one transaction.
const MOST_VULNERABILITIES: usize = 2_000;
/// Documents that are kept in memory: so many bytes of them, as they came.
const MOST_KEPT: usize = 32 << 20;

/// The form of a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// OSV, as most databases of open source publish it, GitHub's among them.
    Osv,
    /// CSAF 2.0 or 2.1.
    Csaf,
    /// A CVE record.
    Cve,
    /// A security advisory of a GitHub repository.
    Ghsa,
    /// OpenVEX.
    OpenVex,
    /// CycloneDX with vulnerabilities.
    CycloneDx,
}

impl Kind {
    const ALL: [(Self, u8, &'static str); 6] = [
        (Self::Osv, b'o', "OSV"),
        (Self::Csaf, b'c', "CSAF"),
        (Self::Cve, b'r', "CVE record"),
        (Self::Ghsa, b'g', "GitHub advisory"),
        (Self::OpenVex, b'v', "OpenVEX"),
        (Self::CycloneDx, b'x', "CycloneDX VEX"),
    ];

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        let found = Self::ALL.iter().find(|(kind, ..)| *kind == self);
        found.map_or("", |(_, _, label)| label)
    }

    fn letter(self) -> u8 {
        let found = Self::ALL.iter().find(|(kind, ..)| *kind == self);
        found.map_or(b'?', |(_, letter, _)| *letter)
    }

    fn of_letter(letter: u8) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known, _)| *known == letter);
        found.map(|(kind, ..)| *kind)
    }

    fn of(document: &Value) -> Option<Self> {
        let has = |name: &str| document.get(name).is_some();
        let says = |name: &str, word: &str| {
            let text = document.get(name).and_then(Value::as_str);
            text.is_some_and(|text| text.contains(word))
        };
        if document.pointer("/document/csaf_version").is_some() {
            Some(Self::Csaf)
        } else if says("dataType", "CVE_RECORD") {
            Some(Self::Cve)
        } else if says("@context", "openvex") {
            Some(Self::OpenVex)
        } else if says("bomFormat", "CycloneDX") {
            has("vulnerabilities").then_some(Self::CycloneDx)
        } else if has("ghsa_id") {
            Some(Self::Ghsa)
        } else {
            (has("id") && has("modified")).then_some(Self::Osv)
        }
    }
}

/// A vulnerability that a document speaks of.
#[derive(Clone, Debug)]
pub struct Vulnerability {
    /// Every name of it that the document gives.
    pub names: BTreeSet<String>,
    /// What it is, in a line.
    pub title: String,
    /// What it is, at length.
    pub details: String,
    /// The highest base score, in tenths.
    pub score: Option<u8>,
    /// Where more is to be read.
    pub references: Vec<String>,
    /// What it calls affected.
    pub affects: Vec<Rule>,
    /// What it calls not affected, with the reason that it gives.
    pub denies: Vec<(Rule, String)>,
}

/// A document that was read.
#[derive(Clone, Debug)]
pub struct WorldDocument {
    /// Its identifier; the same again is a later version of it.
    pub id: String,
    /// When it says that it was last changed, as it came.
    pub modified: String,
    /// Its form.
    pub kind: Kind,
    /// Whether it was taken back.
    pub withdrawn: bool,
    /// Its vulnerabilities.
    pub vulnerabilities: Vec<Vulnerability>,
    pub(super) bytes: Vec<u8>,
}

/// The type under which a product is judged that is named by its CPE alone.
pub(super) const CPE: &str = "cpe";

/// The key by which the inventory knows a package.
pub(super) fn key_of(package: &Package) -> String {
    match package.ty() {
        CPE => format!(
            "cpe:{}:{}",
            package.namespace().unwrap_or_default(),
            package.name()
        ),
        _ => package.to_string(),
    }
}

/// How a package is kept that a document calls not affected.
pub(super) fn denied_key(package: &str) -> String {
    format!("not {package}")
}

fn invalid(why: impl Into<String>, remedy: &str) -> ServiceError {
    ServiceError::invalid("document", why, remedy)
}

impl WorldDocument {
    /// Reads a document of any form that is known.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] with the place and the remedy.
    pub fn read(bytes: &[u8]) -> Result<Self, ServiceError> {
        if bytes.len() > LARGEST {
            return Err(invalid(
                format!("The document is longer than {} MiB.", LARGEST >> 20),
                "Split it.",
            ));
        }
        let value: Value = serde_json::from_slice(bytes).map_err(|e| {
            invalid(
                format!("This is no JSON: {e}."),
                "Take one document of OSV, CSAF, CVE, GHSA, OpenVEX or CycloneDX.",
            )
        })?;
        let kind = Kind::of(&value).ok_or_else(|| {
            invalid(
                "It is in no form that is read.",
                "Take one document of OSV, CSAF, CVE, GHSA, OpenVEX or CycloneDX with vulnerabilities.",
            )
        })?;
        let id = identifier(kind, &value);
        drop(value);
        Self::of_kind(kind, id, bytes.to_vec())
    }

    fn of_kind(kind: Kind, id: Option<String>, bytes: Vec<u8>) -> Result<Self, ServiceError> {
        let unread = |e: &dyn std::fmt::Display| {
            let (why, remedy) = (
                format!("{e}."),
                "Correct it, or take it from its source anew.",
            );
            invalid(why, remedy)
        };
        let (records, osv) = match kind {
            Kind::Osv => {
                let document = osv::Document::read(&bytes).map_err(|e| unread(&e))?;
                let (record, _) = ghsa::record(&document);
                (vec![record], Some(Advisory::of_osv(&document)))
            }
            Kind::Ghsa => {
                let document = ghsa::Document::read(&bytes).map_err(|e| unread(&e))?;
                (vec![document.record().0], None)
            }
            Kind::Cve => {
                let document = cve::Document::read(&bytes).map_err(|e| unread(&e))?;
                (vec![document.record().0], None)
            }
            Kind::OpenVex => {
                let document = openvex::Document::read(&bytes).map_err(|e| unread(&e))?;
                (document.records().0, None)
            }
            Kind::CycloneDx => {
                let document = cyclonedx_vex::Document::read(&bytes).map_err(|e| unread(&e))?;
                (document.records().0, None)
            }
            Kind::Csaf => {
                let read = csaf::records(&bytes, Choices::default()).map_err(|e| unread(&e))?;
                (read.0, None)
            }
        };
        if records.len() > MOST_VULNERABILITIES {
            return Err(invalid(
                format!("It speaks of more than {MOST_VULNERABILITIES} vulnerabilities."),
                "Split it.",
            ));
        }
        let id = id.or_else(|| records.first().map(|r| r.id.clone()));
        let id =
            id.filter(|id| !id.is_empty() && id.len() <= 500 && !id.contains(char::is_control));
        let id = id.ok_or_else(|| {
            invalid(
                "It has no identifier of at most 500 bytes.",
                "Take it from its source anew.",
            )
        })?;
        let modified = records.iter().map(|r| r.dates.modified.as_str()).max();
        Ok(Self {
            id,
            modified: modified.unwrap_or_default().to_owned(),
            kind,
            withdrawn: !records.is_empty() && records.iter().all(|r| r.dates.withdrawn.is_some()),
            vulnerabilities: match osv {
                Some(advisory) => records
                    .iter()
                    .map(|record| vulnerability(record, advisory.rules.clone()))
                    .collect(),
                None => records
                    .iter()
                    .map(|record| vulnerability(record, Advisory::of_record(record).rules))
                    .collect(),
            },
            bytes,
        })
    }

    /// Every name of every vulnerability.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let all = self.vulnerabilities.iter().flat_map(|v| &v.names);
        all.cloned().collect()
    }

    /// The keys of the packages that it is about.
    pub(super) fn packages(&self) -> BTreeSet<String> {
        let affects = self.vulnerabilities.iter().flat_map(|v| &v.affects);
        let affects = affects.map(|rule| key_of(rule.package()));
        let denies = self.vulnerabilities.iter().flat_map(|v| &v.denies);
        let denies = denies.map(|(rule, _)| denied_key(&key_of(rule.package())));
        affects.chain(denies).collect()
    }

    /// What is kept of it.
    pub(super) fn packed(&self) -> Result<Vec<u8>, Fault> {
        let internal = |e| Fault::Service(ServiceError::internal(e));
        let length = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let mut packed = vec![self.kind.letter()];
        packed.extend_from_slice(&length.to_be_bytes());
        let mut encoder = DeflateEncoder::new(packed, Compression::fast());
        encoder.write_all(&self.bytes).map_err(internal)?;
        encoder.finish().map_err(internal)
    }

    /// Out of what is kept.
    pub(super) fn unpacked(seen: &Seen) -> Result<Self, Fault> {
        let broken = || {
            Fault::Service(ServiceError::internal(format!(
                "the kept advisory {}",
                seen.id
            )))
        };
        let (head, packed) = seen.body.split_first_chunk::<5>().ok_or_else(broken)?;
        let [letter, length @ ..] = head;
        let kind = Kind::of_letter(*letter).ok_or_else(broken)?;
        let length = u64::from(u32::from_be_bytes(*length));
        let mut bytes = Vec::new();
        let read = DeflateDecoder::new(packed)
            .take(length)
            .read_to_end(&mut bytes);
        read.map_err(|_| broken())?;
        Self::of_kind(kind, Some(seen.id.clone()), bytes).map_err(Fault::Service)
    }
}

/// The identifier of the whole document, where it has one that is not a vulnerability's.
fn identifier(kind: Kind, document: &Value) -> Option<String> {
    let text = |pointer: &str| {
        let found = document.pointer(pointer).and_then(Value::as_str);
        found.map(str::trim).filter(|text| !text.is_empty())
    };
    match kind {
        Kind::Csaf => {
            // Tracking ids are one publisher's own.
            let publisher = text("/document/publisher/namespace").unwrap_or_default();
            text("/document/tracking/id").map(|id| format!("{publisher} {id}").trim().to_owned())
        }
        Kind::OpenVex => text("/@id").map(str::to_owned),
        Kind::CycloneDx => text("/serialNumber").map(str::to_owned),
        Kind::Cve => text("/cveMetadata/cveId").map(str::to_owned),
        Kind::Ghsa => text("/ghsa_id").map(str::to_owned),
        Kind::Osv => text("/id").map(str::to_owned),
    }
}

fn one_line(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let cut: String = line.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

fn vulnerability(record: &Record, mut affects: Vec<Rule>) -> Vulnerability {
    affects.extend(by_cpe(record));
    let details = english(&record.descriptions).unwrap_or_default();
    let title = english(&record.titles).unwrap_or(details);
    let scores = record.severities.iter();
    let highest = scores.map(|s| s.vector.scores().base.tenths()).max();
    let names = std::iter::once(&record.id).chain(&record.aliases);
    Vulnerability {
        names: names
            .map(|name| name.trim())
            .filter(|name| !name.is_empty() && name.len() <= 200)
            .map(str::to_owned)
            .collect(),
        title: one_line(title, 200),
        details: details.to_owned(),
        score: highest,
        references: record.references.iter().map(|r| r.url.clone()).collect(),
        affects,
        denies: denials(record),
    }
}

/// What a record calls not affected, as rules of the same kind.
fn denials(record: &Record) -> Vec<(Rule, String)> {
    let mut all = Vec::new();
    if record.dates.withdrawn.is_some() {
        return all;
    }
    for product in &record.products {
        if product.status != Status::NotAffected {
            continue;
        }
        let mut turned = product.clone();
        turned.status = Status::Affected;
        let alone = Record {
            id: record.id.clone(),
            products: vec![turned],
            ..Record::default()
        };
        let justification = product.justification.map(|j| j.as_str().replace('_', " "));
        let why = product.impact.clone().or(justification).unwrap_or_default();
        let rules = Advisory::of_record(&alone).rules;
        all.extend(rules.into_iter().map(|rule| (rule, one_line(&why, 500))));
    }
    all
}

/// What a record calls affected by a CPE alone. The name of a vendor and a product in a dictionary
/// is a guess at what somebody ships, and what is found by it is never called certain.
fn by_cpe(record: &Record) -> Vec<Rule> {
    if record.dates.withdrawn.is_some() {
        return Vec::new();
    }
    let mut all = Vec::new();
    for product in &record.products {
        let known = product.purl.is_some() || product.ecosystem.is_some();
        let cpe = product
            .cpe
            .as_deref()
            .filter(|_| !known)
            .and_then(identity::cpe);
        let Some((vendor, name, version)) = cpe.filter(|_| product.status == Status::Affected)
        else {
            continue;
        };
        let mut ranges = product.ranges.clone();
        for range in &mut ranges {
            // An order of the vendor's own is most often the usual one.
            if matches!(range.order, Order::Other(_)) {
                range.order = Order::Scheme(Scheme::Generic);
            }
        }
        let mut versions = product.versions.clone();
        versions.extend(Some(version).filter(|v| !v.is_empty()));
        all.push(Rule::new(Statement {
            package: Package::from_parts(CPE, Some(&vendor), &name),
            scope: Scope::Everywhere,
            every_version: ranges.is_empty() && versions.is_empty(),
            ranges,
            versions,
            unread_ranges: 0,
        }));
    }
    all
}

/// Documents that were read, by number.
#[derive(Default)]
pub(crate) struct World(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    documents: HashMap<i64, Arc<WorldDocument>>,
    bytes: usize,
}

impl Kept {
    fn keep(&mut self, n: i64, bytes: usize, document: &Arc<WorldDocument>) {
        if self.bytes + bytes > MOST_KEPT {
            *self = Self::default();
        }
        // What would fill it alone is read anew each time.
        if bytes <= MOST_KEPT / 8 && self.documents.insert(n, Arc::clone(document)).is_none() {
            self.bytes += bytes;
        }
    }
}

impl World {
    /// These documents, from memory or from what is kept; without their bytes.
    pub(super) fn read(
        &self,
        tx: &mut entente_store::Tx<'_>,
        numbers: &[i64],
    ) -> Result<Vec<Arc<WorldDocument>>, Fault> {
        let mut found = Vec::with_capacity(numbers.len());
        let mut missing = Vec::new();
        if let Ok(kept) = self.0.lock() {
            for n in numbers {
                match kept.documents.get(n) {
                    Some(document) => found.push(Arc::clone(document)),
                    None => missing.push(*n),
                }
            }
        } else {
            missing = numbers.to_vec();
        }
        for seen in entente_store::watch::by_number(tx, &missing)? {
            let mut document = WorldDocument::unpacked(&seen)?;
            let bytes = std::mem::take(&mut document.bytes).len();
            let document = Arc::new(document);
            if let Ok(mut kept) = self.0.lock() {
                kept.keep(seen.n, bytes, &document);
            }
            found.push(document);
        }
        Ok(found)
    }
}
