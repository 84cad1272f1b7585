//! SPDX 3.0 in JSON-LD, read element by element. Depth is bounded by the parser.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::json::{self, Name, Seen, Skipped};
use super::spdx3_graph::Graph;
use super::{Format, Sbom, SbomError, Sink};
use crate::record::json::Strict;

/// How the address of a context of SPDX 3.0 begins.
const CONTEXT: &str = "https://spdx.org/rdf/3.0";

/// Reads a document and hands its packages and their dependencies to the sink, dependencies first.
///
/// # Errors
/// It is no JSON, names a member twice, is too deep, has another context than SPDX 3.0 or no
/// graph, or an element lacks its type, reference, name or ends; or its packages are more than can
/// be held. The line and column are named.
pub fn read(source: impl Read, sink: &mut dyn Sink) -> Result<Sbom, SbomError> {
    let mut graph = Graph::new(sink);
    json::document(source, Format::Spdx3Json, At(Place::Document, &mut graph))?;
    Ok(graph.sbom)
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Document,
    Graph,
    Element,
}

/// Reads what stands at one place.
struct At<'a, 's>(Place, &'a mut Graph<'s>);

impl<'de> DeserializeSeed<'de> for At<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        match self.0 {
            Place::Graph => reader.deserialize_seq(self),
            Place::Document | Place::Element => reader.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for At<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Place::Document => "an SPDX document",
            Place::Graph => "a list of elements",
            Place::Element => "an element",
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items
            .next_element_seed(At(Place::Element, self.1))?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self(place, graph) = self;
        let mut seen = Seen::default();
        let mut kept = serde_json::Map::new();
        while let Some(key) = members.next_key_seed(Name)? {
            seen.once(key.clone())?;
            if place == Place::Document && key == "@graph" {
                members.next_value_seed(At(Place::Graph, graph))?;
            } else if wanted(place, &key) {
                let value = members.next_value_seed(Strict)?;
                kept.insert(key.into_owned(), value);
            } else {
                members.next_value_seed(Skipped)?;
            }
        }
        let kept = Value::Object(kept);
        match place {
            Place::Document => {
                if !has_context(&kept) {
                    return Err(A::Error::custom("\"@context\" is not that of SPDX 3.0"));
                }
                if !seen.contains("@graph") {
                    return Err(A::Error::custom("a document without \"@graph\""));
                }
                graph.finish().map_err(A::Error::custom)
            }
            _ => graph.element(&kept).map_err(A::Error::custom),
        }
    }
}

/// A context is an address, or a list with one among others.
fn has_context(document: &Value) -> bool {
    let is_ours = |value: &Value| value.as_str().is_some_and(|at| at.starts_with(CONTEXT));
    match document.get("@context") {
        Some(Value::Array(all)) => all.iter().any(is_ours),
        Some(one) => is_ours(one),
        None => false,
    }
}

/// Whether a member says something the common form has.
fn wanted(place: Place, key: &str) -> bool {
    match place {
        Place::Document => key == "@context",
        _ => matches!(
            key,
            "type"
                | "@type"
                | "spdxId"
                | "@id"
                | "name"
                | "created"
                | "createdBy"
                | "creationInfo"
                | "specVersion"
                | "rootElement"
                | "from"
                | "to"
                | "relationshipType"
                | "suppliedBy"
                | "verifiedUsing"
                | "externalIdentifier"
                | "software_packageVersion"
                | "software_packageUrl"
                | "software_primaryPurpose"
                | "simplelicensing_licenseExpression"
        ),
    }
}
