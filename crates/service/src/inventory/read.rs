//! A document, read whole before anything of it is kept: one that is broken changes nothing.

use super::identity::{self, LONGEST, Named};
use super::{Missing, SbomFacts};
use crate::error::ServiceError;
use data_encoding::HEXLOWER;
use entente_documents::sbom::{self, Component, Quality, Sbom, SbomError, Sink};
use entente_store::inventory::PackageVersion;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::io::Read;

/// Longest file that is read, in bytes.
pub const LARGEST: u64 = 1 << 30;
/// Most components of one document.
const MOST_COMPONENTS: usize = 500_000;

/// A document that was read and is not kept yet.
#[derive(Clone, Debug)]
pub struct Document {
    /// What is known of it; the product's version is named when it is taken in.
    pub(super) facts: SbomFacts,
    /// Its different package versions.
    pub(super) packages: Vec<PackageVersion>,
    /// Further names of them, by their place.
    pub(super) aliases: Vec<(String, usize)>,
    /// What depends on what, by their place from 1; 0 is the product.
    pub(super) edges: Vec<(usize, usize)>,
}

impl Document {
    /// What is known of it.
    #[must_use]
    pub fn facts(&self) -> &SbomFacts {
        &self.facts
    }
}

/// Reads a document of any format that is known. It blocks while it reads.
///
/// # Errors
/// It is of no format that is read, not whole, too long, or names something at impossible length:
/// [`ServiceError::Invalid`] with the place and the remedy.
pub fn read(source: impl Read, file_name: &str) -> Result<Document, ServiceError> {
    let mut source = Counted {
        inner: source.take(LARGEST + 1),
        hash: Sha256::new(),
        bytes: 0,
    };
    let mut quality = Quality::before(Collected::default());
    let read = sbom::read(&mut source, &mut quality);
    if source.bytes > LARGEST {
        return Err(invalid(
            "The document is longer than 1 GiB.",
            "Split it by product.",
        ));
    }
    let document = read.map_err(refused)?;
    // What follows the document, such as a line break, belongs to the file.
    std::io::copy(&mut source, &mut std::io::sink()).map_err(|e| refused(e.into()))?;
    let missing = quality.gaps(&document).into_iter().map(|g| Missing {
        what: g.what.to_owned(),
        source: g.source.to_owned(),
        times: g.times,
    });
    let missing = missing.collect();
    let facts = SbomFacts {
        product_version: String::new(),
        format: document.format.to_string(),
        spec_version: document.spec_version.clone(),
        serial: document.serial.clone(),
        made: document.timestamp.clone(),
        sha256: HEXLOWER.encode(&source.hash.finalize()),
        bytes: source.bytes,
        file_name: identity::one_line(file_name).chars().take(200).collect(),
        describes: None,
        components: document.components,
        distinct: 0,
        unidentified: 0,
        relations: 0,
        missing,
        by: None,
    };
    quality.into_inner().finish(&document, facts)
}

fn invalid(why: &str, remedy: &str) -> ServiceError {
    ServiceError::invalid("document", why, remedy)
}

fn refused(error: SbomError) -> ServiceError {
    match error {
        // A request that breaks off is no fault of the document.
        SbomError::Io(e) if e.kind() != std::io::ErrorKind::InvalidData => {
            invalid("The document broke off.", "Send it again.")
        }
        other => {
            let text = other.to_string();
            // The sentence names place and remedy, parted by a semicolon.
            let (why, remedy) = text.split_once("; ").unwrap_or((&text, "Send it again."));
            invalid(why, remedy)
        }
    }
}

struct Counted<R> {
    inner: R,
    hash: Sha256,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..count).unwrap_or_default());
        self.bytes += u64::try_from(count).unwrap_or(0);
        Ok(count)
    }
}

/// What a document lists, each package version once.
#[derive(Default)]
struct Collected {
    packages: Vec<PackageVersion>,
    places: HashMap<PackageVersion, usize>,
    aliases: BTreeMap<String, Vec<usize>>,
    references: HashMap<String, usize>,
    dependencies: Vec<(String, Vec<String>)>,
    unidentified: u64,
    // The operating system that the whole document is of, as `debian-12`.
    system: Option<String>,
    problem: Option<String>,
}

impl Sink for Collected {
    fn component(&mut self, component: Component) {
        if self.problem.is_some() {
            return;
        }
        self.note_system(&component);
        let Named {
            is,
            also,
            identified,
        } = identity::name(&component);
        if is.key.len() > LONGEST || is.version.len() > LONGEST {
            let name: String = component.name.chars().take(60).collect();
            self.problem = Some(format!(
                "The name or version of the component “{name}…” is longer than {LONGEST} bytes."
            ));
            return;
        }
        self.unidentified += u64::from(!identified);
        let next = self.packages.len();
        let place = *self.places.entry(is.clone()).or_insert(next);
        if place == next {
            if next == MOST_COMPONENTS {
                self.problem = Some(format!(
                    "The document lists more than {MOST_COMPONENTS} different components."
                ));
                return;
            }
            self.packages.push(is);
        }
        for alias in also {
            let of = self.aliases.entry(alias).or_default();
            if of.last() != Some(&place) {
                of.push(place);
            }
        }
        if let Some(reference) = component.reference {
            self.references.insert(reference, place + 1);
        }
    }

    fn dependency(&mut self, from: String, on: Vec<String>) {
        self.dependencies.push((from, on));
    }
}

impl Collected {
    /// Packages of a distribution that do not say for which release they were built are of the
    /// system that the whole document is of. Two that become one by it are one.
    fn settle_in_system(&mut self) {
        let Some(system) = self.system.take().filter(|s| s.len() <= LONGEST) else {
            return;
        };
        let mut now = Vec::with_capacity(self.packages.len());
        let mut kept: Vec<PackageVersion> = Vec::with_capacity(self.packages.len());
        let mut places: HashMap<PackageVersion, usize> = HashMap::new();
        for mut is in std::mem::take(&mut self.packages) {
            if is.scope.is_empty() && identity::is_of_system(&is.key, &system) {
                is.scope.clone_from(&system);
            }
            let next = kept.len();
            let place = *places.entry(is.clone()).or_insert(next);
            if place == next {
                kept.push(is);
            }
            now.push(place);
        }
        let at = |before: usize| now.get(before).copied().unwrap_or(before);
        for of in self.aliases.values_mut() {
            for place in of.iter_mut() {
                *place = at(*place);
            }
            of.dedup();
        }
        for place in self.references.values_mut() {
            // Zero is the product.
            if let Some(before) = place.checked_sub(1) {
                *place = at(before) + 1;
            }
        }
        self.packages = kept;
        self.places = places;
    }

    fn note_system(&mut self, component: &Component) {
        let kind = component.kind.to_ascii_lowercase().replace('_', "-");
        if kind == "operating-system" && self.system.is_none() {
            let version = component.version.as_deref().unwrap_or_default();
            let system = format!("{}-{version}", component.name);
            self.system = Some(identity::one_line(&system));
        }
    }

    fn finish(mut self, document: &Sbom, mut facts: SbomFacts) -> Result<Document, ServiceError> {
        if let Some(problem) = self.problem {
            return Err(invalid(&problem, "Correct the document, or split it."));
        }
        if let Some(subject) = &document.subject {
            self.note_system(subject);
        }
        self.settle_in_system();
        let mut itself = None;
        if let Some(subject) = &document.subject {
            let version = subject.version.clone().unwrap_or_default();
            facts.describes = Some((subject.name.clone(), version));
            // The product under its own identity: it may be what is asked for.
            let places = self.packages.len();
            let unidentified = self.unidentified;
            if subject.purl.is_some() || subject.cpe.is_some() {
                self.component(subject.clone());
            }
            self.unidentified = unidentified;
            itself = (self.packages.len() > places).then_some(places + 1);
            if let Some(reference) = &subject.reference {
                self.references.insert(reference.clone(), 0);
            }
        }
        for reference in &document.describes {
            // What is described by reference is one of the components: it is the product.
            if let Some(place) = self.references.insert(reference.clone(), 0)
                && let Some(is) = place.checked_sub(1).and_then(|p| self.packages.get(p))
                && facts.describes.is_none()
            {
                facts.describes = Some((is.name.clone(), is.version.clone()));
            }
        }
        let mut edges = Vec::new();
        for (from, on) in &self.dependencies {
            let Some(from) = self.references.get(from) else {
                continue;
            };
            let on = on.iter().filter_map(|r| self.references.get(r));
            edges.extend(on.map(|on| (*from, *on)).filter(|(from, on)| from != on));
        }
        edges.extend(itself.map(|place| (0, place)));
        edges.sort_unstable();
        edges.dedup();
        facts.distinct = u64::try_from(self.packages.len()).unwrap_or(0);
        facts.unidentified = self.unidentified;
        facts.relations = u64::try_from(edges.len()).unwrap_or(0);
        let aliases = self
            .aliases
            .into_iter()
            .flat_map(|(alias, of)| of.into_iter().map(move |place| (alias.clone(), place)))
            .collect();
        Ok(Document {
            facts,
            packages: self.packages,
            aliases,
            edges,
        })
    }
}
