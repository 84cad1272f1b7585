//! Which format a document has, said by its first bytes: a file's name proves nothing.
//!
//! Looks at what it is given and reads no further; whether the rest keeps the promise is the
//! reader's business.

use std::fmt;

/// Most bytes that are looked at.
pub(super) const LOOK_AHEAD: u64 = 64 << 10;
/// Most members of the outermost object that are looked at.
const MEMBERS: usize = 64;

/// A format of software bills of materials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CycloneDX in JSON.
    CycloneDxJson,
    /// CycloneDX in XML.
    CycloneDxXml,
    /// SPDX 2 in JSON.
    Spdx2Json,
    /// SPDX 2 as tags and values.
    Spdx2TagValue,
    /// SPDX 3 in JSON-LD.
    Spdx3Json,
    /// A software identification tag (ISO/IEC 19770-2).
    Swid,
}

impl Format {
    /// The standard, without its serialisation.
    pub fn standard(self) -> &'static str {
        match self {
            Self::CycloneDxJson | Self::CycloneDxXml => "CycloneDX",
            Self::Spdx2Json | Self::Spdx2TagValue | Self::Spdx3Json => "SPDX",
            Self::Swid => "SWID",
        }
    }

    /// How it is written down.
    pub fn serialisation(self) -> &'static str {
        match self {
            Self::CycloneDxJson | Self::Spdx2Json => "JSON",
            Self::CycloneDxXml | Self::Swid => "XML",
            Self::Spdx2TagValue => "tag-value",
            Self::Spdx3Json => "JSON-LD",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CycloneDxJson => "CycloneDX JSON",
            Self::CycloneDxXml => "CycloneDX XML",
            Self::Spdx2Json => "SPDX 2 JSON",
            Self::Spdx2TagValue => "SPDX 2 tag-value",
            Self::Spdx3Json => "SPDX 3 JSON-LD",
            Self::Swid => "SWID XML",
        })
    }
}

/// Says the format of a document by its first bytes, or what else it looks like.
pub(super) fn recognise(bytes: &[u8]) -> Result<Format, String> {
    if let Some(other) = binary(bytes) {
        return Err(other.to_owned());
    }
    let text = bytes.trim_ascii_start();
    match text.first() {
        None => Err("an empty document".to_owned()),
        Some(b'{') => json(text),
        Some(b'[') => Err("a list in JSON".to_owned()),
        Some(b'<') => xml(text),
        Some(_) => lines(text),
    }
}

/// What begins with the mark of something that is not text.
fn binary(bytes: &[u8]) -> Option<&'static str> {
    const MARKS: &[(&[u8], &str)] = &[
        (b"\x1f\x8b", "a gzip archive (unpack it first)"),
        (b"PK\x03\x04", "a ZIP archive (unpack it first)"),
        (b"\xfd7zXZ", "an xz archive (unpack it first)"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive (unpack it first)"),
        (b"BZh", "a bzip2 archive (unpack it first)"),
        (b"\xff\xfe", "text in UTF-16 (save it as UTF-8)"),
        (b"\xfe\xff", "text in UTF-16 (save it as UTF-8)"),
        (b"\x0a\x031.", "CycloneDX as protocol buffers"),
        (b"%PDF", "a PDF"),
    ];
    let mark = MARKS.iter().find(|(mark, _)| bytes.starts_with(mark));
    mark.map(|(_, name)| *name)
}

/// A member that only one format has decides. Members are not ordered, so that one which others
/// have too counts only where no better one is seen: some tools write what identifies an SPDX
/// document after all of its files.
fn json(text: &[u8]) -> Result<Format, String> {
    let members = members(text);
    let has = |name: &str| members.iter().any(|member| member == name);
    let any = |names: &[&str]| names.iter().any(|name| has(name));
    let says = |word: &str| text.windows(word.len()).any(|w| w == word.as_bytes());
    if has("bomFormat") {
        return Ok(Format::CycloneDxJson);
    }
    if any(&["spdxVersion", "SPDXID", "dataLicense", "documentNamespace"]) {
        return Ok(Format::Spdx2Json);
    }
    if any(&["@context", "@graph"]) {
        return match (says("spdx.org/rdf/3"), says("openvex.dev")) {
            (true, _) => Ok(Format::Spdx3Json),
            (false, true) => Err("an OpenVEX document".to_owned()),
            // The context may stand behind a long graph.
            _ if says("\"spdxId\"") => Ok(Format::Spdx3Json),
            _ => Err("JSON-LD of another kind".to_owned()),
        };
    }
    for (name, what) in [
        ("document", "a CSAF advisory"),
        ("dataType", "a CVE record"),
        ("payloadType", "a signed envelope (unpack its payload)"),
        ("_type", "an in-toto statement (unpack its predicate)"),
        ("openapi", "a description of an API"),
        ("lockfileVersion", "a lock file of npm"),
    ] {
        if has(name) {
            return Err(what.to_owned());
        }
    }
    if any(&["specVersion", "serialNumber", "components"]) {
        return Ok(Format::CycloneDxJson);
    }
    let cut = !text.trim_ascii_end().ends_with(b"}");
    if cut && any(&["files", "packages", "creationInfo"]) {
        return Ok(Format::Spdx2Json);
    }
    let first: Vec<_> = members.iter().take(5).map(|m| format!("{m:?}")).collect();
    Err(match first.as_slice() {
        [] => "JSON without members".to_owned(),
        names => format!(
            "JSON of another kind, with the members {}",
            names.join(", ")
        ),
    })
}

/// Names of the members of the outermost object, as far as they are seen.
fn members(text: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let (mut depth, mut quoted, mut escaped, mut naming) = (0_usize, false, false, false);
    let mut name = Vec::new();
    for &byte in text {
        if quoted {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => quoted = false,
                _ if naming && name.len() < MEMBERS => name.push(byte),
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b':' if naming => {
                found.push(String::from_utf8_lossy(&name).into_owned());
                name.clear();
            }
            _ => {}
        }
        naming = match byte {
            b'{' | b',' => depth == 1,
            b':' | b'}' | b']' | b'[' => false,
            _ => naming,
        };
        if found.len() == MEMBERS {
            break;
        }
    }
    found
}

/// The name of the first element, behind declarations and comments.
fn xml(text: &[u8]) -> Result<Format, String> {
    let mut rest = text;
    loop {
        rest = rest.trim_ascii_start();
        let end: &[u8] = match rest {
            [b'<', b'?', ..] => b"?>",
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            [b'<', b'!', ..] => {
                return Err(
                    "XML with a document type, which may ask for anything (remove the DOCTYPE)"
                        .to_owned(),
                );
            }
            [b'<', ..] => break,
            _ => return Err("XML without an element".to_owned()),
        };
        let at = rest.windows(end.len()).position(|w| w == end);
        rest = at
            .and_then(|at| rest.get(at + end.len()..))
            .unwrap_or_default();
    }
    let name: Vec<u8> = rest
        .iter()
        .skip(1)
        .take(MEMBERS)
        .take_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'>' | b'/'))
        .copied()
        .collect();
    let name = String::from_utf8_lossy(&name);
    match name.rsplit(':').next().unwrap_or_default() {
        "bom" => Ok(Format::CycloneDxXml),
        "SoftwareIdentity" => Ok(Format::Swid),
        "RDF" => Err("SPDX in RDF/XML, or other RDF".to_owned()),
        "html" | "HTML" => Err("a page in HTML".to_owned()),
        _ => Err(format!("XML of another kind, with the element <{name}>")),
    }
}

/// Text in lines.
fn lines(text: &[u8]) -> Result<Format, String> {
    let starts = |word: &[u8]| {
        text.split(|b| *b == b'\n')
            .any(|line| line.starts_with(word))
    };
    if starts(b"SPDXVersion:") {
        Ok(Format::Spdx2TagValue)
    } else if starts(b"spdxVersion:") || starts(b"SPDXID: \"") {
        Err("SPDX 2 in YAML".to_owned())
    } else if starts(b"bomFormat:") {
        Err("CycloneDX in YAML".to_owned())
    } else if text.iter().any(|b| *b < b' ' && !b.is_ascii_whitespace()) {
        Err("no text".to_owned())
    } else {
        Err("text of another kind".to_owned())
    }
}
