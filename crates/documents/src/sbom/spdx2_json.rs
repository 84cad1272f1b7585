//! SPDX 2.2 and 2.3 in JSON, read as a stream. Depth is bounded by the parser.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::json::{self, Keep, Kept, Name, Seen, Skipped};
use super::spdx2::{self, Gathered};
use super::{Component, Format, Sbom, SbomError, Sink};

/// Reads a document and hands its packages and their dependencies to the sink.
///
/// # Errors
/// It is no JSON, names a member twice, is too deep, is no SPDX document of a known version, has a
/// package without name or identifier or a relationship without its ends. The line and column are
/// named.
pub fn read(source: impl Read, sink: &mut dyn Sink) -> Result<Sbom, SbomError> {
    let mut state = Gathered::new(Format::Spdx2Json, sink);
    json::document(source, Format::Spdx2Json, At(Place::Document, &mut state))?;
    Ok(state.done())
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Document,
    Creation,
    Package,
    Packages,
    Relationships,
    Files,
}

/// Reads what stands at one place.
struct At<'a, 's>(Place, &'a mut Gathered<'s>);

impl<'de> DeserializeSeed<'de> for At<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        match self.0 {
            Place::Document | Place::Creation | Place::Package => reader.deserialize_map(self),
            Place::Packages | Place::Relationships | Place::Files => reader.deserialize_seq(self),
        }
    }
}

impl<'de> Visitor<'de> for At<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Place::Document => "an SPDX document",
            Place::Creation => "the creation information",
            Place::Package => "a package",
            Place::Packages => "a list of packages",
            Place::Relationships => "a list of relationships",
            Place::Files => "a list of files",
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self(place, state) = self;
        match place {
            Place::Packages => {
                while items
                    .next_element_seed(At(Place::Package, state))?
                    .is_some()
                {}
            }
            Place::Files => {
                while items.next_element_seed(Skipped)?.is_some() {
                    state.sbom.files += 1;
                }
            }
            _ => {
                while let Some(entry) = items.next_element_seed(Keep)? {
                    let must = |key: &str| {
                        entry.owned(key).ok_or_else(|| {
                            A::Error::custom(format!("a relationship without {key:?}"))
                        })
                    };
                    let from = must("spdxElementId")?;
                    let kind = must("relationshipType")?;
                    state.related(&from, &kind, &must("relatedSpdxElement")?);
                }
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self(place, state) = self;
        let mut seen = Seen::default();
        let mut kept = Vec::new();
        while let Some(key) = members.next_key_seed(Name)? {
            let next = match (place, &*key) {
                (Place::Document, "creationInfo") => Some(Place::Creation),
                (Place::Document, "packages") => Some(Place::Packages),
                (Place::Document, "relationships") => Some(Place::Relationships),
                (Place::Document, "files") => Some(Place::Files),
                _ => None,
            };
            seen.once(key.clone())?;
            match next {
                // At once, so that packages behind it are known as described.
                None if place == Place::Document && key == "documentDescribes" => {
                    let value = members.next_value_seed(Keep)?;
                    for described in value.items() {
                        state.describes(described.as_str().unwrap_or_default());
                    }
                }
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
                let version = kept
                    .owned("spdxVersion")
                    .filter(|version| spdx2::VERSIONS.contains(&version.as_str()))
                    .ok_or_else(|| {
                        A::Error::custom("\"spdxVersion\" is neither \"SPDX-2.2\" nor \"SPDX-2.3\"")
                    })?;
                state.sbom.spec_version = version.trim_start_matches("SPDX-").to_owned();
                state.sbom.serial = kept.text("documentNamespace")?;
            }
            Place::Creation => {
                state.sbom.timestamp = kept.text("created")?;
                let creators = kept.texts("creators");
                state.sbom.has_author = creators.iter().any(|who| spdx2::is_author(who));
            }
            Place::Package => state.package(package(&kept)?),
            _ => {}
        }
        Ok(())
    }
}

/// Whether a member says something the common form has.
fn wanted(place: Place, key: &str) -> bool {
    match place {
        Place::Document => matches!(key, "spdxVersion" | "documentNamespace"),
        Place::Creation => matches!(key, "created" | "creators"),
        _ => matches!(
            key,
            "SPDXID"
                | "name"
                | "versionInfo"
                | "supplier"
                | "primaryPackagePurpose"
                | "externalRefs"
                | "checksums"
                | "licenseDeclared"
                | "licenseConcluded"
        ),
    }
}

fn package<E: serde::de::Error>(value: &Kept<'_>) -> Result<Component, E> {
    let must = |key: &str| {
        value
            .text(key)?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| E::custom(format!("a package without {key:?}")))
    };
    let said = |key: &str| Ok(value.text(key)?.unwrap_or_default());
    let hash = |hash: &Kept<'_>| {
        let name = hash.owned("algorithm")?;
        Some((spdx2::algorithm(&name), hash.owned("checksumValue")?))
    };
    let mut package = Component {
        reference: Some(must("SPDXID")?),
        kind: spdx2::kind(value.text("primaryPackagePurpose")?.as_deref()),
        name: must("name")?,
        version: spdx2::asserted(&said("versionInfo")?).map(str::to_owned),
        supplier: spdx2::party(&said("supplier")?),
        hashes: value.list("checksums").iter().filter_map(hash).collect(),
        ..Component::default()
    };
    for key in ["licenseDeclared", "licenseConcluded"] {
        spdx2::licence(&mut package, &said(key)?);
    }
    for reference in value.list("externalRefs") {
        if let (Some(kind), Some(locator)) = (
            reference.owned("referenceType"),
            reference.owned("referenceLocator"),
        ) {
            spdx2::identifier(&mut package, &kind, &locator);
        }
    }
    Ok(package)
}
