//! Software identification tags (ISO/IEC 19770-2:2015) in XML, read as a stream.
//!
//! A tag describes one piece of software, which is both the subject and the one component; links
//! say what it is made of and what it needs.

use std::io::Read;

use super::xml::{Element, Node, Xml};
use super::{Component, Format, Sbom, SbomError, Sink};

/// How the namespace of the edition of 2015 begins; it was published with two endings.
const NAMESPACE: &str = "http://standards.iso.org/iso/19770/-2/2015";
/// Most bytes of all links of a tag.
const LINKS: usize = 16 << 20;
/// What a link costs besides its text.
const LINK: usize = 24;

/// Reads a tag and hands the software that it describes and its links to the sink.
///
/// # Errors
/// It is no well-formed XML, has a document type, an unknown entity or another encoding than
/// UTF-8, is too deep, is in another namespace, or lacks a name, a tag identifier or the entity
/// that made the tag. The line is named.
pub fn read(source: impl Read, sink: &mut dyn Sink) -> Result<Sbom, SbomError> {
    let format = Format::Swid;
    let mut xml = Xml::new(source, format);
    let mut tag = Tag {
        sbom: Sbom::of(format),
        software: Component::default(),
        needs: Vec::new(),
        part_of: Vec::new(),
        linked: 0,
        depth: 0,
    };
    loop {
        let done = match xml.next()? {
            Node::Open(element) => {
                tag.depth += 1;
                tag.open(&element)
            }
            Node::Close => {
                tag.depth = tag.depth.saturating_sub(1);
                Ok(())
            }
            Node::Text(_) => Ok(()),
            Node::End => break,
        };
        done.map_err(|reason| xml.refused(reason))?;
    }
    if !tag.sbom.has_author {
        return Err(xml.refused("no <Entity> has the role \"tagCreator\""));
    }
    Ok(tag.done(sink))
}

struct Tag {
    sbom: Sbom,
    software: Component,
    /// Tags of what this software is made of or needs.
    needs: Vec<String>,
    /// Tags of what this software is a component of.
    part_of: Vec<String>,
    linked: usize,
    depth: usize,
}

impl Tag {
    fn open(&mut self, element: &Element) -> Result<(), String> {
        if !element.namespace.starts_with(NAMESPACE) {
            if self.depth == 1 {
                let namespace = &element.namespace;
                return Err(format!(
                    "the namespace {namespace:?} is not that of a tag of 2015, {NAMESPACE}/schema.xsd"
                ));
            }
            return Ok(());
        }
        match (self.depth, element.name.as_str()) {
            (1, _) => self.identity(element)?,
            (2, "Entity") => {
                let roles = element.attribute("role").unwrap_or_default();
                let name = element
                    .attribute("name")
                    .ok_or("an <Entity> without \"name\"")?;
                for role in roles.split_whitespace() {
                    match role {
                        "tagCreator" => self.sbom.has_author = true,
                        "softwareCreator" => self.software.supplier = Some(name.to_owned()),
                        // Whoever hands it out supplies it, if nobody is said to have made it.
                        "distributor" if self.software.supplier.is_none() => {
                            self.software.supplier = Some(name.to_owned());
                        }
                        _ => {}
                    }
                }
            }
            (2, "Link") => self.link(element)?,
            (2, "Evidence") => {
                self.sbom.timestamp = element.attribute("date").map(str::to_owned);
            }
            (_, "File") => self.sbom.files += 1,
            _ => {}
        }
        Ok(())
    }

    fn identity(&mut self, element: &Element) -> Result<(), String> {
        let must = |name: &str| {
            let value = element.attribute(name).filter(|value| !value.is_empty());
            value
                .map(str::to_owned)
                .ok_or_else(|| format!("a <SoftwareIdentity> without {name:?}"))
        };
        let is = |name: &str| matches!(element.attribute(name), Some("true" | "1"));
        let kinds = ["corpus", "patch", "supplemental"];
        "2015".clone_into(&mut self.sbom.spec_version);
        self.software.name = must("name")?;
        self.software.reference = Some(must("tagId")?);
        self.sbom.serial.clone_from(&self.software.reference);
        // The standard's own default says that nobody gave one.
        let version = element
            .attribute("version")
            .filter(|version| *version != "0.0");
        self.software.version = version.map(str::to_owned);
        kinds
            .into_iter()
            .find(|kind| is(kind))
            .unwrap_or("software")
            .clone_into(&mut self.software.kind);
        Ok(())
    }

    fn link(&mut self, element: &Element) -> Result<(), String> {
        let must = |name: &str| {
            let value = element.attribute(name);
            value.ok_or_else(|| format!("a <Link> without {name:?}"))
        };
        let (href, kind) = (must("href")?, must("rel")?);
        let target = href.strip_prefix("swid:").unwrap_or(href).to_owned();
        let list = match kind {
            "component" | "requires" => &mut self.needs,
            "parent" => &mut self.part_of,
            "license" => &mut self.software.licences,
            _ => return Ok(()),
        };
        self.linked += target.len() + LINK;
        if self.linked > LINKS {
            return Err(format!("links of more than {LINKS} bytes"));
        }
        list.push(target);
        Ok(())
    }

    fn done(mut self, sink: &mut dyn Sink) -> Sbom {
        let reference = self.software.reference.clone().unwrap_or_default();
        self.sbom.components = 1;
        self.sbom.describes = vec![reference.clone()];
        self.sbom.subject = Some(self.software.clone());
        sink.component(self.software);
        if !self.needs.is_empty() {
            self.sbom.dependencies += 1;
            sink.dependency(reference.clone(), self.needs);
        }
        for holder in self.part_of {
            self.sbom.dependencies += 1;
            sink.dependency(holder, vec![reference.clone()]);
        }
        self.sbom
    }
}
