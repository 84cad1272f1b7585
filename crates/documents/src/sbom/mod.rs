//! Software bills of materials in one common form, read as a stream.
//!
//! Components go to a [`Sink`] as they are met, so a long list of them is never held. A document
//! is refused whole: what a sink has taken before an error must be thrown away by its owner.
//! Nothing here knows a store or a product.

mod bounds;
mod cyclonedx_json;
mod quality;

pub use cyclonedx_json::read as read_cyclonedx_json;
pub use quality::{Gap, Quality};

/// What a document says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sbom {
    /// Version of the format, such as `1.6`.
    pub spec_version: String,
    /// The serial number, if it has one.
    pub serial: Option<String>,
    /// When it was made, as it came.
    pub timestamp: Option<String>,
    /// Whether it says who made it.
    pub has_author: bool,
    /// What the document describes.
    pub subject: Option<Component>,
    /// How many components were handed over, nested ones too.
    pub components: u64,
    /// How many entries say what depends on what.
    pub dependencies: u64,
}

/// A part of a product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    /// The word by which dependencies name it.
    pub reference: Option<String>,
    /// The format's word for its kind: `library`, `firmware`, `device`.
    pub kind: String,
    /// Its namespace or group.
    pub group: Option<String>,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Its package URL, as it came.
    pub purl: Option<String>,
    /// Its CPE, as it came.
    pub cpe: Option<String>,
    /// Who supplies it.
    pub supplier: Option<String>,
    /// Whether it is `required`, `optional` or `excluded`.
    pub scope: Option<String>,
    /// Algorithm and digest.
    pub hashes: Vec<(String, String)>,
    /// Identifiers, names or expressions of its licences.
    pub licences: Vec<String>,
}

/// Takes what a document holds, piece by piece.
pub trait Sink {
    /// Takes a component; a nested one comes before the one that holds it.
    fn component(&mut self, component: Component);
    /// Takes what one component depends on directly.
    fn dependency(&mut self, from: String, on: Vec<String>);
}

/// Why a document was refused.
#[derive(Debug, thiserror::Error)]
#[error("not readable as a CycloneDX JSON document: {0}; ask its author for a whole one")]
pub struct SbomError(#[from] serde_json::Error);
