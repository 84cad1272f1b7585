//! Software identification tags: those inside the official CycloneDX documents, and hostile ones.

use super::{data, take};
use entente_documents::sbom::Format;

/// Bytes from base 64, in which CycloneDX carries a tag.
fn decoded(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for byte in text.bytes() {
        let Some(value) = ALPHABET.iter().position(|known| *known == byte) else {
            continue;
        };
        bits = (bits << 6) | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

#[test]
fn tags_inside_official_documents_say_what_the_document_says() {
    let Some(data) = data() else { return };
    let mut tags = 0;
    for version in ["1.3", "1.4", "1.5", "1.6"] {
        let name = format!("{version}/valid-component-swid-full-{version}.xml");
        let text = std::fs::read_to_string(data.join(name)).unwrap();
        let (_, rest) = text.split_once("encoding=\"base64\">").unwrap();
        let (tag, _) = rest.split_once("</text>").unwrap();
        let (sbom, taken) = take(&decoded(tag));
        let sbom = sbom.unwrap();
        assert_eq!(sbom.format, Format::Swid);
        assert_eq!(sbom.spec_version, "2015");
        let (_, outer) = take(text.as_bytes());
        let (inner, outer) = (taken.0.first().unwrap(), outer.0.first().unwrap());
        assert_eq!((&inner.name, &inner.version), (&outer.name, &outer.version));
        assert!(sbom.has_author);
        tags += 1;
    }
    assert_eq!(tags, 4);
}

#[test]
fn a_tag_becomes_one_component_with_its_links() {
    let (sbom, taken) = take(include_bytes!("seed.swidtag"));
    let sbom = sbom.unwrap();
    assert_eq!((sbom.components, sbom.files, sbom.dependencies), (1, 1, 1));
    assert_eq!(sbom.subject.as_ref(), taken.0.first());
    let software = taken.0.first().unwrap();
    assert_eq!(software.kind, "software");
    assert_eq!(software.version.as_deref(), Some("1.3.0"));
    assert_eq!(software.supplier.as_deref(), Some("Pad & Co"));
    assert_eq!(software.licences, ["https://example.com/licence"]);
    let own = "example.com/leftpad-1.3.0".to_owned();
    assert_eq!(software.reference.as_ref(), Some(&own));
    assert_eq!(taken.2, [(own, vec!["example.com/ntl-2".to_owned()])]);
    let text = "<s:SoftwareIdentity xmlns:s='http://standards.iso.org/iso/19770/-2/2015-current/schema.xsd' xmlns:x='x'
        name='a' tagId='t' patch='true'><x:Entity/><s:Entity name='D' role='distributor'/><s:Entity name='M' role='tagCreator'/>
        <s:Link rel='parent' href='swid:p'/><s:Link rel='seeAlso' href='x'/><s:Evidence date='2026-01-01T00:00:00Z'/></s:SoftwareIdentity>";
    let (sbom, taken) = take(text.as_bytes());
    assert_eq!(
        sbom.unwrap().timestamp.as_deref(),
        Some("2026-01-01T00:00:00Z")
    );
    let software = taken.0.first().unwrap();
    assert_eq!(software.kind, "patch");
    assert_eq!(software.version, None);
    assert_eq!(software.supplier.as_deref(), Some("D"));
    assert_eq!(taken.2, [("p".to_owned(), vec!["t".to_owned()])]);
}

#[test]
fn broken_tags_are_refused_with_line_and_reason() {
    const BEGIN: &str = "<SoftwareIdentity xmlns='http://standards.iso.org/iso/19770/-2/2015/schema.xsd' name='a' tagId='t'>\n";
    for (text, line, reason) in [
        (
            "<SoftwareIdentity/>".to_owned(),
            1,
            "the namespace \"\" is not",
        ),
        (BEGIN.replace("tagId='t'", ""), 1, "without \"tagId\""),
        (BEGIN.replace("name='a'", "name=''"), 1, "without \"name\""),
        (
            format!("{BEGIN}<Entity role='tagCreator'/>"),
            2,
            "without \"name\"",
        ),
        (
            format!("{BEGIN}<Link rel='requires'/>"),
            2,
            "without \"href\"",
        ),
        (format!("{BEGIN}<Link href='a'/>"), 2, "without \"rel\""),
        (format!("{BEGIN}</SoftwareIdentity>"), 2, "\"tagCreator\""),
        (format!("{BEGIN}<Payload>"), 2, "ends before"),
        (
            format!(
                "{BEGIN}{}",
                format!("<Link rel='parent' href='{}'/>", "a".repeat(1 << 20)).repeat(16)
            ),
            2,
            "links of more than",
        ),
    ] {
        let error = take(text.as_bytes()).0.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert!(
            error.contains(&format!("SWID XML document: line {line}:")),
            "{error}"
        );
    }
}
