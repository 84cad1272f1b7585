//! Software bills of materials in one common form, read as a stream.
//!
//! Components go to a [`Sink`] as they are met, so a long list of them is never held. A document
//! is refused whole: what a sink has taken before an error must be thrown away by its owner.
//! Nothing here knows a store or a product.

mod bounds;
mod cyclonedx_json;
mod cyclonedx_xml;
mod error;
mod format;
mod json;
mod lines;
mod quality;
mod spdx2;
mod spdx2_json;
mod spdx2_tag_value;
mod spdx3_graph;
mod spdx3_json;
mod swid;
pub mod write;
mod xml;

use std::io::{Cursor, Read};

pub use cyclonedx_json::read as read_cyclonedx_json;
pub use cyclonedx_xml::read as read_cyclonedx_xml;
pub use error::SbomError;
pub use format::Format;
pub use quality::{Gap, Quality};
pub use spdx2_json::read as read_spdx2_json;
pub use spdx2_tag_value::read as read_spdx2_tag_value;
pub use spdx3_json::read as read_spdx3_json;
pub use swid::read as read_swid;

/// Reads a document of any format that is known, recognised by its first bytes, and hands its
/// components and dependencies to the sink.
///
/// # Errors
/// It is of no format that is read, or not whole; see the readers of the formats.
pub fn read(mut source: impl Read, sink: &mut dyn Sink) -> Result<Sbom, SbomError> {
    let mut first = Vec::new();
    source
        .by_ref()
        .take(format::LOOK_AHEAD)
        .read_to_end(&mut first)?;
    // Some editors put a byte order mark before UTF-8; no format wants one.
    if first.starts_with(b"\xef\xbb\xbf") {
        first.drain(..3);
    }
    let format = format::recognise(&first).map_err(|what| SbomError::Other { what })?;
    let source = Cursor::new(first).chain(source);
    match format {
        Format::CycloneDxJson => cyclonedx_json::read(source, sink),
        Format::Spdx2Json => spdx2_json::read(source, sink),
        Format::Spdx2TagValue => spdx2_tag_value::read(source, sink),
        Format::CycloneDxXml => cyclonedx_xml::read(source, sink),
        Format::Spdx3Json => spdx3_json::read(source, sink),
        Format::Swid => swid::read(source, sink),
    }
}

/// What a document says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sbom {
    /// Its format.
    pub format: Format,
    /// Version of the format, such as `1.6`.
    pub spec_version: String,
    /// The serial number or namespace, if it has one.
    pub serial: Option<String>,
    /// When it was made, as it came.
    pub timestamp: Option<String>,
    /// Whether it says who made it.
    pub has_author: bool,
    /// What the document describes. In CycloneDX it stands apart; in the others it is one of the
    /// components that were handed over.
    pub subject: Option<Component>,
    /// References of what it describes, up to a bound, where the format describes by reference.
    pub describes: Vec<String>,
    /// How many components were handed over, nested ones too.
    pub components: u64,
    /// How many entries say what depends on what.
    pub dependencies: u64,
    /// How many files it lists besides; they are no components and are not handed over.
    pub files: u64,
}

impl Sbom {
    fn of(format: Format) -> Self {
        Self {
            format,
            spec_version: String::new(),
            serial: None,
            timestamp: None,
            has_author: false,
            subject: None,
            describes: Vec::new(),
            components: 0,
            dependencies: 0,
            files: 0,
        }
    }
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
    /// Algorithm, by CycloneDX's name for it, and digest.
    pub hashes: Vec<(String, String)>,
    /// Identifiers, names or expressions of its licences.
    pub licences: Vec<String>,
    /// Further package URLs and CPEs, where the format allows several.
    pub also: Vec<String>,
}

/// Takes what a document holds, piece by piece. Components and dependencies come in the order of
/// the format, either of them first.
pub trait Sink {
    /// Takes a component; a nested one comes before the one that holds it.
    fn component(&mut self, component: Component);
    /// Takes what one component depends on or holds directly. A reference may name what was not
    /// handed over: a service, a file, an element of another document.
    fn dependency(&mut self, from: String, on: Vec<String>);
}
