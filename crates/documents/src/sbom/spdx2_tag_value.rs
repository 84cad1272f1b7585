//! SPDX 2.2 and 2.3 as tags and values, read line by line.
//!
//! A package goes on until the next package, file, snippet or licence begins; tags of those are
//! passed over. Relationships, annotations and tags of the document may stand anywhere.

use std::io::Read;

use super::lines::Lines;
use super::spdx2::{self, Gathered};
use super::{Component, Format, Sbom, SbomError, Sink};

/// Largest text of several lines, in bytes.
const LONGEST: usize = 16 << 20;

/// Reads a document and hands its packages and their dependencies to the sink.
///
/// # Errors
/// A line is neither a tag with a value nor a comment, is too long or no UTF-8; a text does not
/// end; a package has no name or identifier; a relationship has not three words; the version is
/// unknown. The line is named.
pub fn read(source: impl Read, sink: &mut dyn Sink) -> Result<Sbom, SbomError> {
    let format = Format::Spdx2TagValue;
    let mut state = Gathered::new(format, sink);
    let mut lines = Lines::new(source, format);
    let mut section = Section::Other;
    while let Some((tag, value)) = pair(&mut lines)? {
        if let Some(next) = begins(&tag, &value, lines.number) {
            close(section, &mut state, &lines)?;
            state.sbom.files += u64::from(tag == "FileName");
            section = next;
            continue;
        }
        if tag == "Relationship" {
            let words: Vec<&str> = value.split_whitespace().collect();
            let [from, kind, to] = words.as_slice() else {
                return Err(lines.refused("a relationship is not of three words"));
            };
            state.related(from, kind, to);
            continue;
        }
        // Tags of the document are no other section's, so they are not lost where they come late.
        document(&mut state, &tag, &value, &lines)?;
        if let Section::Package(package, _) = &mut section {
            said(package, &tag, &value).map_err(|reason| lines.refused(reason))?;
        } else if tag.starts_with("Package") || tag == "ExternalRef" {
            return Err(lines.refused(format!("{tag:?} stands outside of a package")));
        }
    }
    close(section, &mut state, &lines)?;
    if state.sbom.spec_version.is_empty() {
        return Err(lines.refused("the document ends without \"SPDXVersion\""));
    }
    Ok(state.done())
}

enum Section {
    /// What is known of a package, and the line where it began.
    Package(Box<Component>, u64),
    Other,
}

/// The section that a tag opens.
fn begins(tag: &str, value: &str, line: u64) -> Option<Section> {
    match tag {
        "PackageName" => {
            let package = Component {
                kind: spdx2::kind(None),
                name: value.to_owned(),
                ..Component::default()
            };
            Some(Section::Package(Box::new(package), line))
        }
        "FileName" | "SnippetSPDXID" | "LicenseID" => Some(Section::Other),
        _ => None,
    }
}

/// Ends a section: a package is whole now.
fn close<R: Read>(
    section: Section,
    state: &mut Gathered<'_>,
    lines: &Lines<R>,
) -> Result<(), SbomError> {
    if let Section::Package(package, began) = section {
        for (missing, what) in [
            (package.name.is_empty(), "PackageName"),
            (package.reference.is_none(), "SPDXID"),
        ] {
            if missing {
                return Err(lines.refused_at(began, format!("a package without {what:?}")));
            }
        }
        state.package(*package);
    }
    Ok(())
}

/// What a tag says of the document.
fn document<R: Read>(
    state: &mut Gathered<'_>,
    tag: &str,
    value: &str,
    lines: &Lines<R>,
) -> Result<(), SbomError> {
    let sbom = &mut state.sbom;
    match tag {
        "SPDXVersion" => {
            if !spdx2::VERSIONS.contains(&value) {
                return Err(lines.refused(format!(
                    "\"SPDXVersion\" is neither \"{}\"",
                    spdx2::VERSIONS.join("\" nor \"")
                )));
            }
            value
                .trim_start_matches("SPDX-")
                .clone_into(&mut sbom.spec_version);
        }
        "DocumentNamespace" => sbom.serial = Some(value.to_owned()),
        "Created" => sbom.timestamp = Some(value.to_owned()),
        "Creator" => sbom.has_author |= spdx2::is_author(value),
        _ => {}
    }
    Ok(())
}

/// What a tag says of a package.
fn said(package: &mut Component, tag: &str, value: &str) -> Result<(), String> {
    match tag {
        "SPDXID" if package.reference.is_some() => {
            return Err(format!(
                "the package {:?} has a second \"SPDXID\"",
                package.name
            ));
        }
        "SPDXID" => package.reference = spdx2::asserted(value).map(str::to_owned),
        "PackageVersion" => package.version = spdx2::asserted(value).map(str::to_owned),
        "PackageSupplier" => package.supplier = spdx2::party(value),
        "PrimaryPackagePurpose" => package.kind = spdx2::kind(Some(value)),
        "PackageLicenseDeclared" | "PackageLicenseConcluded" => spdx2::licence(package, value),
        "PackageChecksum" => {
            let (name, digest) = value
                .split_once(':')
                .ok_or("a checksum is not of the form \"ALGORITHM: digest\"")?;
            let digest = digest.trim().to_owned();
            package.hashes.push((spdx2::algorithm(name), digest));
        }
        "ExternalRef" => {
            let words: Vec<&str> = value.split_whitespace().collect();
            let [_, kind, locator] = words.as_slice() else {
                return Err("an external reference is not of three words".to_owned());
            };
            spdx2::identifier(package, kind, locator);
        }
        _ => {}
    }
    Ok(())
}

/// The next tag and its value, which may be a text of several lines.
fn pair<R: Read>(lines: &mut Lines<R>) -> Result<Option<(String, String)>, SbomError> {
    let (tag, mut value) = loop {
        let Some(line) = lines.next()? else {
            return Ok(None);
        };
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let parts = line.split_once(':');
        match parts.filter(|(tag, _)| tag.chars().all(|c| c.is_ascii_alphanumeric())) {
            Some((tag, value)) => break (tag.to_owned(), value.trim_start().to_owned()),
            None => return Err(lines.refused("neither \"Tag: value\" nor a comment")),
        }
    };
    let Some(text) = value.strip_prefix("<text>") else {
        return Ok(Some((tag, value)));
    };
    let began = lines.number;
    let mut piece = text.to_owned();
    value = String::new();
    loop {
        // A line at a time: looking through all of it again would take the square of its length.
        if let Some((last, _)) = piece.split_once("</text>") {
            value.push_str(last);
            return Ok(Some((tag, value)));
        }
        value.push_str(&piece);
        value.push('\n');
        match lines.next()? {
            Some(line) if value.len() + line.len() < LONGEST => line.clone_into(&mut piece),
            Some(_) => {
                return Err(lines.refused_at(began, format!("a text of more than {LONGEST} bytes")));
            }
            None => {
                return Err(
                    lines.refused_at(began, "a text that does not end: \"</text>\" is missing")
                );
            }
        }
    }
}
