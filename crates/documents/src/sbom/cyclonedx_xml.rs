//! CycloneDX 1.0 to 1.7 in XML, read as a stream. Depth is bounded.
//!
//! Elements of other namespaces may stand anywhere and are passed over with all they hold.

use std::io::Read;

use super::xml::{Element, Node, Xml};
use super::{Component, Format, Sbom, SbomError, Sink};

/// The namespace of a version ends with its number.
const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";
const VERSIONS: &[&str] = &["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];
/// Longest text of one element, in bytes.
const LONGEST: usize = 16 << 20;

/// Reads a document and hands its components and dependencies to the sink.
///
/// # Errors
/// It is no well-formed XML, has a document type, an unknown entity or another encoding than
/// UTF-8, is too deep, is in no namespace of a known version, or has a component without name or
/// type. The line is named.
pub fn read(source: impl Read, sink: &mut dyn Sink) -> Result<Sbom, SbomError> {
    let format = Format::CycloneDxXml;
    let mut xml = Xml::new(source, format);
    let mut state = State {
        sink,
        sbom: Sbom::of(format),
        namespace: String::new(),
        places: Vec::new(),
        components: Vec::new(),
        hash: String::new(),
        dependencies: Vec::new(),
        text: String::new(),
    };
    loop {
        let done = match xml.next()? {
            Node::Open(element) => state.open(&element),
            Node::Text(text) => state.text(&text),
            Node::Close => state.close(),
            Node::End => return Ok(state.sbom),
        };
        done.map_err(|reason| xml.refused(reason))?;
    }
}

/// Where an element stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Document,
    Metadata,
    Authors,
    Components,
    /// What the document describes.
    Subject,
    Component,
    Supplier,
    Hashes,
    Licences,
    Licence,
    Dependencies,
    Dependency,
    Field(Field),
    Skipped,
}

/// An element of which only the text counts.
#[derive(Clone, Copy, PartialEq)]
enum Field {
    Timestamp,
    Group,
    Name,
    Version,
    Purl,
    Cpe,
    Scope,
    Supplier,
    Hash,
    Licence,
}

struct State<'s> {
    sink: &'s mut dyn Sink,
    sbom: Sbom,
    namespace: String,
    places: Vec<Place>,
    /// Components that have begun, the innermost last.
    components: Vec<Component>,
    /// The algorithm of the hash that is being read.
    hash: String,
    /// Dependencies that have begun, the innermost last.
    dependencies: Vec<(String, Vec<String>)>,
    text: String,
}

impl State<'_> {
    fn open(&mut self, element: &Element) -> Result<(), String> {
        let place = match self.places.last() {
            None => self.document(element)?,
            Some(_) if element.namespace != self.namespace => Place::Skipped,
            Some(outer) => self.inside(*outer, element)?,
        };
        self.places.push(place);
        Ok(())
    }

    fn document(&mut self, element: &Element) -> Result<Place, String> {
        let version = element.namespace.strip_prefix(NAMESPACE);
        let version = version.filter(|version| VERSIONS.contains(version));
        let version = version.ok_or_else(|| {
            let namespace = &element.namespace;
            format!("the namespace {namespace:?} is none of {NAMESPACE}1.0 to 1.7")
        })?;
        version.clone_into(&mut self.sbom.spec_version);
        self.namespace.clone_from(&element.namespace);
        self.sbom.serial = element.attribute("serialNumber").map(str::to_owned);
        Ok(Place::Document)
    }

    fn inside(&mut self, outer: Place, element: &Element) -> Result<Place, String> {
        use Place::{Component as Part, Document, Licence, Licences, Metadata, Subject};
        Ok(match (outer, element.name.as_str()) {
            (Document, "metadata") => Metadata,
            (Document | Part | Subject, "components") => Place::Components,
            (Document, "dependencies") => Place::Dependencies,
            (Metadata, "timestamp") => Place::Field(Field::Timestamp),
            (Metadata, "authors") => Place::Authors,
            (Place::Authors, "author")
            | (Metadata, "manufacture" | "manufacturer" | "supplier") => {
                self.sbom.has_author = true;
                Place::Skipped
            }
            (Metadata, "component") => {
                self.begin(element)?;
                Subject
            }
            (Place::Components, "component") => {
                self.begin(element)?;
                Part
            }
            (Part | Subject, "supplier") => Place::Supplier,
            (Part | Subject, "hashes") => Place::Hashes,
            (Part | Subject, "licenses") => Licences,
            (Part | Subject, name) => match name {
                "group" => Place::Field(Field::Group),
                "name" => Place::Field(Field::Name),
                "version" => Place::Field(Field::Version),
                "purl" => Place::Field(Field::Purl),
                "cpe" => Place::Field(Field::Cpe),
                "scope" => Place::Field(Field::Scope),
                _ => Place::Skipped,
            },
            (Place::Supplier, "name") => Place::Field(Field::Supplier),
            (Place::Hashes, "hash") => {
                let algorithm = element.attribute("alg").ok_or("a hash without \"alg\"")?;
                algorithm.clone_into(&mut self.hash);
                Place::Field(Field::Hash)
            }
            (Licences, "license") => Licence,
            (Licences, "expression") | (Licence, "id" | "name") => Place::Field(Field::Licence),
            (Place::Dependencies | Place::Dependency, "dependency") => {
                let reference = element
                    .attribute("ref")
                    .ok_or("a dependency without \"ref\"")?;
                if let Some((_, on)) = self.dependencies.last_mut() {
                    on.push(reference.to_owned());
                }
                self.dependencies.push((reference.to_owned(), Vec::new()));
                Place::Dependency
            }
            _ => Place::Skipped,
        })
    }

    fn begin(&mut self, element: &Element) -> Result<(), String> {
        let kind = element.attribute("type").filter(|kind| !kind.is_empty());
        self.components.push(Component {
            reference: element.attribute("bom-ref").map(str::to_owned),
            kind: kind.ok_or("a component without \"type\"")?.to_owned(),
            ..Component::default()
        });
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        if let Some(Place::Field(_)) = self.places.last() {
            if self.text.len() + text.len() > LONGEST {
                return Err(format!("a text of more than {LONGEST} bytes"));
            }
            self.text.push_str(text);
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        match self.places.pop() {
            Some(Place::Field(field)) => {
                let text = self.text.trim().to_owned();
                self.text.clear();
                self.say(field, text)?;
            }
            Some(place @ (Place::Subject | Place::Component)) => {
                let Some(component) = self.components.pop() else {
                    return Ok(());
                };
                if component.name.is_empty() {
                    return Err("a component without \"name\"".to_owned());
                }
                if place == Place::Subject {
                    self.sbom.subject = Some(component);
                } else {
                    self.sbom.components += 1;
                    self.sink.component(component);
                }
            }
            Some(Place::Dependency) => {
                let Some((from, on)) = self.dependencies.pop() else {
                    return Ok(());
                };
                // One that only stands in another's list is no entry of its own.
                if self.dependencies.is_empty() || !on.is_empty() {
                    self.sbom.dependencies += 1;
                    self.sink.dependency(from, on);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn say(&mut self, field: Field, text: String) -> Result<(), String> {
        if field == Field::Timestamp {
            self.sbom.timestamp = Some(text);
            return Ok(());
        }
        let Some(component) = self.components.last_mut() else {
            return Ok(());
        };
        let (name, place) = match field {
            Field::Group => ("group", &mut component.group),
            Field::Version => ("version", &mut component.version),
            Field::Purl => ("purl", &mut component.purl),
            Field::Cpe => ("cpe", &mut component.cpe),
            Field::Scope => ("scope", &mut component.scope),
            Field::Supplier => ("supplier", &mut component.supplier),
            Field::Hash => {
                component
                    .hashes
                    .push((std::mem::take(&mut self.hash), text));
                return Ok(());
            }
            Field::Licence => {
                component.licences.push(text);
                return Ok(());
            }
            Field::Name if component.name.is_empty() => {
                component.name = text;
                return Ok(());
            }
            Field::Name | Field::Timestamp => {
                return Err("a component has two elements <name>".to_owned());
            }
        };
        if place.is_some() {
            return Err(format!("a component has two elements <{name}>"));
        }
        *place = Some(text);
        Ok(())
    }
}
