//! CycloneDX 1.2 to 1.7 in JSON, read as a stream. Depth is bounded by the parser.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::json::{self, Keep, Kept, Name, Seen, Skipped};
use super::{Component, Format, Sbom, SbomError, Sink};

const VERSIONS: &[&str] = &["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

/// Reads a document and hands its components and dependencies to the sink.
///
/// # Errors
/// It is no JSON, names a member twice, is too deep, is no CycloneDX document of a known version,
/// or has a component without name or type. The line and column are named.
pub fn read(source: impl Read, sink: &mut dyn Sink) -> Result<Sbom, SbomError> {
    let mut state = State {
        sink,
        sbom: Sbom::of(Format::CycloneDxJson),
    };
    json::document(
        source,
        Format::CycloneDxJson,
        At(Place::Document, &mut state),
    )?;
    Ok(state.sbom)
}

struct State<'s> {
    sink: &'s mut dyn Sink,
    sbom: Sbom,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Document,
    Metadata,
    Subject,
    Component,
    Components,
    Dependencies,
}

/// Reads what stands at one place.
struct At<'a, 's>(Place, &'a mut State<'s>);

impl<'de> DeserializeSeed<'de> for At<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        match self.0 {
            Place::Components | Place::Dependencies => reader.deserialize_seq(self),
            _ => reader.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for At<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Place::Document => "a CycloneDX document",
            Place::Metadata => "the metadata",
            Place::Subject | Place::Component => "a component",
            Place::Components => "a list of components",
            Place::Dependencies => "a list of dependencies",
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        if self.0 == Place::Components {
            while items
                .next_element_seed(At(Place::Component, self.1))?
                .is_some()
            {}
            return Ok(());
        }
        while let Some(entry) = items.next_element_seed(Keep)? {
            let from = entry
                .owned("ref")
                .ok_or_else(|| A::Error::custom("a dependency without \"ref\""))?;
            self.1.sbom.dependencies += 1;
            self.1.sink.dependency(from, entry.texts("dependsOn"));
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self(place, state) = self;
        let mut seen = Seen::default();
        let mut kept = Vec::new();
        while let Some(key) = members.next_key_seed(Name)? {
            let next = match (place, &*key) {
                (Place::Document, "metadata") => Some(Place::Metadata),
                (Place::Document, "dependencies") => Some(Place::Dependencies),
                (Place::Metadata, "component") => Some(Place::Subject),
                (Place::Document | Place::Subject | Place::Component, "components") => {
                    Some(Place::Components)
                }
                _ => None,
            };
            seen.once(key.clone())?;
            match next {
                Some(next) => members.next_value_seed(At(next, state))?,
                None if wanted(place, &key) => {
                    let value = members.next_value_seed(Keep)?;
                    kept.push((key, value));
                }
                None => members.next_value_seed(Skipped)?,
            }
        }
        let kept = Kept::Object(kept);
        match place {
            Place::Document => {
                if kept.get("bomFormat").and_then(Kept::as_str) != Some("CycloneDX") {
                    return Err(A::Error::custom("\"bomFormat\" is not \"CycloneDX\""));
                }
                state.sbom.spec_version = kept
                    .owned("specVersion")
                    .filter(|version| VERSIONS.contains(&version.as_str()))
                    .ok_or_else(|| A::Error::custom("\"specVersion\" is none of 1.2 to 1.7"))?;
                state.sbom.serial = kept.text("serialNumber")?;
            }
            Place::Metadata => {
                state.sbom.timestamp = kept.text("timestamp")?;
                state.sbom.has_author = !kept.list("authors").is_empty()
                    || kept.get("manufacturer").is_some()
                    || kept.get("manufacture").is_some()
                    || kept.get("supplier").is_some();
            }
            Place::Subject => state.sbom.subject = Some(component(&kept)?),
            Place::Component => {
                state.sbom.components += 1;
                state.sink.component(component(&kept)?);
            }
            _ => {}
        }
        Ok(())
    }
}

/// Whether a member says something the common form has.
fn wanted(place: Place, key: &str) -> bool {
    match place {
        Place::Document => matches!(key, "bomFormat" | "specVersion" | "serialNumber"),
        Place::Metadata => matches!(
            key,
            "timestamp" | "authors" | "manufacturer" | "manufacture" | "supplier"
        ),
        _ => matches!(
            key,
            "bom-ref"
                | "type"
                | "group"
                | "name"
                | "version"
                | "purl"
                | "cpe"
                | "supplier"
                | "scope"
                | "hashes"
                | "licenses"
        ),
    }
}

fn component<E: serde::de::Error>(value: &Kept<'_>) -> Result<Component, E> {
    let must = |key: &str| {
        value
            .text(key)?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| E::custom(format!("a component without {key:?}")))
    };
    let hash = |hash: &Kept<'_>| Some((hash.owned("alg")?, hash.owned("content")?));
    let licence = |choice: &Kept<'_>| {
        choice.owned("expression").or_else(|| {
            let licence = choice.get("license")?;
            licence.owned("id").or_else(|| licence.owned("name"))
        })
    };
    Ok(Component {
        reference: value.text("bom-ref")?,
        kind: must("type")?,
        group: value.text("group")?,
        name: must("name")?,
        version: value.text("version")?,
        purl: value.text("purl")?,
        cpe: value.text("cpe")?,
        supplier: value.get("supplier").and_then(|s| s.owned("name")),
        scope: value.text("scope")?,
        hashes: value.list("hashes").iter().filter_map(hash).collect(),
        licences: value.list("licenses").iter().filter_map(licence).collect(),
        also: Vec::new(),
    })
}
