//! What a document leaves out of the minimum elements that an SBOM is expected to have: supplier,
//! name, version, unique identifier, dependency relationship, author and time (NTIA, 2021), and
//! the hash and licence of each component that BSI TR-03183-2 asks for besides.
//!
//! Counts only: a gap is a fact about a document, not a verdict on it.

use super::{Component, Sbom, Sink};

/// Something that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What is missing, for people.
    pub what: &'static str,
    /// Who expects it.
    pub source: &'static str,
    /// In how many components; one for what the document as a whole should say.
    pub times: u64,
}

/// Counts what components leave out, and hands everything on.
#[derive(Debug)]
pub struct Quality<S> {
    inner: S,
    supplier: u64,
    version: u64,
    identifier: u64,
    hash: u64,
    licence: u64,
}

impl<S: Sink> Quality<S> {
    /// Counts in front of another sink.
    pub fn before(inner: S) -> Self {
        Self {
            inner,
            supplier: 0,
            version: 0,
            identifier: 0,
            hash: 0,
            licence: 0,
        }
    }

    /// The sink behind it.
    pub fn into_inner(self) -> S {
        self.inner
    }

    /// What is missing, the whole document first.
    pub fn gaps(&self, sbom: &Sbom) -> Vec<Gap> {
        const NTIA: &str = "NTIA minimum elements";
        const BSI: &str = "BSI TR-03183-2";
        let without = |there: bool| u64::from(!there);
        let described = sbom.subject.is_some() || !sbom.describes.is_empty();
        let related = sbom.dependencies > 0 || sbom.components == 0;
        [
            ("who made the document", NTIA, without(sbom.has_author)),
            ("when it was made", NTIA, without(sbom.timestamp.is_some())),
            ("what depends on what", NTIA, without(related)),
            ("what it describes", BSI, without(described)),
            ("the supplier of a component", NTIA, self.supplier),
            ("the version of a component", NTIA, self.version),
            ("a package URL or CPE", NTIA, self.identifier),
            ("the hash of a component", BSI, self.hash),
            ("the licence of a component", BSI, self.licence),
        ]
        .into_iter()
        .filter(|(_, _, times)| *times > 0)
        .map(|(what, source, times)| Gap {
            what,
            source,
            times,
        })
        .collect()
    }
}

impl<S: Sink> Sink for Quality<S> {
    fn component(&mut self, c: Component) {
        self.supplier += u64::from(c.supplier.is_none());
        self.version += u64::from(c.version.is_none());
        self.identifier += u64::from(c.purl.is_none() && c.cpe.is_none());
        self.hash += u64::from(c.hashes.is_empty());
        self.licence += u64::from(c.licences.is_empty());
        self.inner.component(c);
    }

    fn dependency(&mut self, from: String, on: Vec<String>) {
        self.inner.dependency(from, on);
    }
}

/// Takes nothing: for whoever only wants to know whether a document is sound.
impl Sink for () {
    fn component(&mut self, _: Component) {}
    fn dependency(&mut self, _: String, _: Vec<String>) {}
}
