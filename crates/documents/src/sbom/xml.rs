//! What the readers of XML formats share: elements one at a time, with the line where they stand
//! and bounds on everything. Knows no format.
//!
//! A document type is refused and no entity but XML's own five is known, so that a document can
//! neither grow while it is read nor ask for anything else to be read.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use quick_xml::{XmlVersion, escape::resolve_predefined_entity};

use super::{Format, SbomError};

/// Longest tag, text between tags or comment, in bytes.
const LONGEST: usize = 16 << 20;
/// Most attributes of an element.
const ATTRIBUTES: usize = 256;
/// Deepest element.
const DEPTH: usize = 128;

/// What stands next in a document.
pub(super) enum Node {
    Open(Element),
    Text(String),
    Close,
    End,
}

/// The beginning of an element.
pub(super) struct Element {
    /// Its namespace, or nothing if it is in none.
    pub(super) namespace: String,
    /// Its name without prefix.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    /// An attribute, by its name without prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

pub(super) struct Xml<R: Read> {
    reader: NsReader<Metered<R>>,
    format: Format,
    buffer: Vec<u8>,
    depth: usize,
    rooted: bool,
}

impl<R: Read> Xml<R> {
    pub(super) fn new(source: R, format: Format) -> Self {
        let mut reader = NsReader::from_reader(Metered {
            inner: BufReader::new(source),
            lines: 0,
            taken: 0,
        });
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            format,
            buffer: Vec::new(),
            depth: 0,
            rooted: false,
        }
    }

    /// A refusal at the line where reading stands.
    pub(super) fn refused(&mut self, reason: impl Into<String>) -> SbomError {
        SbomError::Text {
            format: self.format,
            line: self.reader.get_mut().lines + 1,
            reason: reason.into(),
        }
    }

    /// The next node; comments and instructions are passed over.
    pub(super) fn next(&mut self) -> Result<Node, SbomError> {
        loop {
            self.buffer.clear();
            self.reader.get_mut().taken = 0;
            let found = match self.reader.read_resolved_event_into(&mut self.buffer) {
                Err(error) => Err(error.to_string()),
                Ok((namespace, event)) => node(&namespace, event),
            };
            match found.map_err(|reason| self.refused(reason))? {
                None => {}
                Some(node) => return self.placed(node),
            }
        }
    }

    /// Takes a node if it may stand where it does: one element holds everything else.
    fn placed(&mut self, node: Node) -> Result<Node, SbomError> {
        match &node {
            Node::Open(element) => {
                if self.depth == 0 && self.rooted {
                    let reason = format!("<{}> stands after the end", element.name);
                    return Err(self.refused(reason));
                }
                self.rooted = true;
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(self.refused(format!("elements deeper than {DEPTH}")));
                }
            }
            Node::Close => self.depth = self.depth.saturating_sub(1),
            Node::Text(text) => {
                if self.depth == 0 && !text.trim().is_empty() {
                    return Err(self.refused("text outside of every element"));
                }
            }
            Node::End => {
                if self.depth > 0 || !self.rooted {
                    return Err(self.refused("the document ends before its elements do"));
                }
            }
        }
        Ok(node)
    }
}

/// A node from what the parser met, if it is one.
fn node(namespace: &ResolveResult<'_>, event: Event<'_>) -> Result<Option<Node>, String> {
    Ok(Some(match event {
        Event::Start(start) | Event::Empty(start) => Node::Open(element(namespace, &start)?),
        Event::End(_) => Node::Close,
        Event::Text(text) => Node::Text(text.xml10_content().into_owned()),
        Event::CData(text) => Node::Text(text.xml10_content().into_owned()),
        Event::GeneralRef(name) => {
            let char = name.resolve_char_ref().map_err(|e| e.to_string())?;
            let text = char.map(String::from).or_else(|| {
                let known = resolve_predefined_entity(&name);
                known.map(str::to_owned)
            });
            Node::Text(text.ok_or_else(|| format!("the entity \"&{};\" is not known", &*name))?)
        }
        Event::DocType(_) => return Err("a document type is not read; remove it".to_owned()),
        Event::Decl(declaration) => {
            let encoding = declaration.encoding().transpose();
            let encoding = encoding.map_err(|e| e.to_string())?;
            return match encoding {
                Some(name)
                    if !["utf-8", "us-ascii"].contains(&name.to_ascii_lowercase().as_str()) =>
                {
                    Err(format!(
                        "the encoding {name:?} is not read; save it as UTF-8"
                    ))
                }
                _ => Ok(None),
            };
        }
        Event::Comment(_) | Event::PI(_) => return Ok(None),
        Event::Eof => Node::End,
    }))
}

fn element(namespace: &ResolveResult<'_>, start: &BytesStart<'_>) -> Result<Element, String> {
    let namespace = match namespace {
        ResolveResult::Bound(name) => name.0.to_owned(),
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(prefix) => {
            return Err(format!("the prefix {prefix:?} is bound to no namespace"));
        }
    };
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| e.to_string())?;
        // Attributes are compared with one another, which costs the square of their number.
        if attributes.len() == ATTRIBUTES {
            return Err(format!("more than {ATTRIBUTES} attributes"));
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|e| e.to_string())?;
        let name = attribute.key.local_name().as_ref().to_owned();
        attributes.push((name, value.into_owned()));
    }
    Ok(Element {
        namespace,
        name: start.local_name().as_ref().to_owned(),
        attributes,
    })
}

/// Counts lines, and what one event of the parser takes.
struct Metered<R> {
    inner: BufReader<R>,
    lines: u64,
    taken: usize,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> Result<&[u8], Error> {
        if self.taken > LONGEST {
            return Err(Error::new(
                ErrorKind::InvalidData,
                format!("a tag, text or comment of more than {LONGEST} bytes"),
            ));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        let taken = self.inner.buffer().iter().take(count);
        self.lines += taken.filter(|byte| **byte == b'\n').count() as u64;
        self.taken += count;
        self.inner.consume(count);
    }
}
