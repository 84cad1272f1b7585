//! CycloneDX in XML against the format's own documents, their twins in JSON, and hostile ones.

use super::{Taken, data, take};
use entente_documents::sbom::Format;
use std::collections::BTreeSet;
use std::path::PathBuf;

const VERSIONS: &[&str] = &["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

/// The official documents whose names begin so.
fn official(beginning: &str) -> Option<Vec<(String, PathBuf)>> {
    let data = data()?;
    let mut found = Vec::new();
    for version in VERSIONS {
        for entry in std::fs::read_dir(data.join(version)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with(beginning) && name.ends_with(".xml") {
                found.push((name, path));
            }
        }
    }
    found.sort();
    Some(found)
}

/// Elements by the path of names above them, found by the angle brackets alone.
fn paths(text: &str) -> Vec<String> {
    let mut above: Vec<String> = Vec::new();
    let mut found = Vec::new();
    let outside = |piece: &str| piece.rsplit("]]>").next().unwrap().to_owned();
    let text: String = text.split("<![CDATA[").map(outside).collect();
    for piece in text.split('<').skip(1) {
        let tag = piece.split('>').next().unwrap();
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if tag.starts_with('/') {
            above.pop();
            continue;
        }
        let name = tag.split([' ', '\n', '\t', '\r', '/']).next();
        above.push(name.unwrap().to_owned());
        found.push(above.join("/"));
        if tag.ends_with('/') {
            above.pop();
        }
    }
    found
}

#[test]
fn official_valid_documents_are_read_with_every_component() {
    let Some(documents) = official("valid") else {
        return;
    };
    let (mut components, mut entries) = (0, 0);
    for (name, path) in &documents {
        let text = std::fs::read_to_string(path).unwrap();
        let (sbom, taken) = take(text.as_bytes());
        let sbom = sbom.map_err(|e| format!("{name}: {e}")).unwrap();
        assert_eq!(sbom.format, Format::CycloneDxXml);
        let paths = paths(&text);
        let is_part = |path: &&String| {
            let inner = path
                .strip_prefix("bom/metadata/component/")
                .or_else(|| path.strip_prefix("bom/"));
            let parts: Vec<_> = inner.unwrap_or_default().split('/').collect();
            parts
                .chunks(2)
                .all(|two| two == ["components", "component"])
        };
        let expected = paths.iter().filter(is_part).count();
        assert_eq!(taken.0.len(), expected, "{name}");
        assert_eq!(sbom.components, expected as u64, "{name}");
        let direct = |path: &&String| *path == "bom/dependencies/dependency";
        let expected = paths.iter().filter(direct).count();
        assert_eq!(taken.1, expected, "{name}");
        let subject = paths.iter().any(|path| path == "bom/metadata/component");
        assert_eq!(sbom.subject.is_some(), subject, "{name}");
        components += taken.0.len();
        entries += taken.1;
    }
    assert_eq!(documents.len(), 115, "official valid XML documents");
    assert!(components > 115 && entries > 10, "{components} {entries}");
}

/// What a document says, without the order in which JSON and XML happen to say it.
fn told(taken: &Taken) -> BTreeSet<String> {
    let parts = taken.0.iter().map(|part| format!("{part:?}"));
    let edges = taken.2.iter().map(|edge| format!("{edge:?}"));
    parts.chain(edges).collect()
}

/// Documents of one name that list other components, kinds, hashes or nestings in XML than in JSON.
const NO_TWINS: &[&str] = &[
    "valid-bom-1.3.xml",
    "valid-component-ref-1.2.xml",
    "valid-component-ref-1.3.xml",
    "valid-component-ref-1.4.xml",
    "valid-compositions-1.4.xml",
    "valid-compositions-1.5.xml",
    "valid-license-expression-1.4.xml",
    "valid-license-id-1.2.xml",
    "valid-license-name-1.4.xml",
];

#[test]
fn twins_in_xml_and_json_say_the_same() {
    let Some(documents) = official("valid") else {
        return;
    };
    let (mut twins, mut different) = (0, Vec::new());
    for (name, path) in documents {
        let Ok(json) = std::fs::read(path.with_extension("json")) else {
            continue;
        };
        let (xml, ours) = take(&std::fs::read(&path).unwrap());
        let (json, theirs) = take(&json);
        let (xml, json) = (xml.unwrap(), json.unwrap());
        if told(&ours) != told(&theirs) || xml.subject != json.subject {
            different.push(name);
        }
        twins += 1;
    }
    assert_eq!(twins, 44);
    assert_eq!(different, NO_TWINS);
}

/// Official invalid documents that are refused; the others break rules that say nothing about
/// which component is where, such as the length of a hash or the id of a licence.
const REFUSED: &[&str] = &[
    "invalid-dependency-1.2.xml",
    "invalid-dependency-1.3.xml",
    "invalid-dependency-1.5.xml",
    "invalid-dependency-1.6.xml",
    "invalid-empty-component-1.2.xml",
    "invalid-empty-component-1.5.xml",
    "invalid-empty-component-1.6.xml",
    "invalid-empty-component-1.7.xml",
    "invalid-missing-component-type-1.2.xml",
    "invalid-missing-component-type-1.5.xml",
    "invalid-namespace-1.2.xml",
    "invalid-namespace-1.3.xml",
    "invalid-namespace-1.4.xml",
    "invalid-namespace-1.7.xml",
];

#[test]
fn official_invalid_documents_are_refused_with_their_line_or_read() {
    let Some(documents) = official("invalid") else {
        return;
    };
    let mut refused = BTreeSet::new();
    for (name, path) in &documents {
        if let Err(error) = take(&std::fs::read(path).unwrap()).0 {
            let error = error.to_string();
            assert!(error.contains("line ") && error.contains("; "), "{error}");
            refused.insert(name.as_str());
        }
    }
    assert_eq!(documents.len(), 79, "official invalid XML documents");
    let expected: BTreeSet<_> = REFUSED.iter().copied().collect();
    assert_eq!(refused, expected);
}

#[test]
fn xml_says_the_same_in_other_words() {
    let text = "<?xml version='1.0' encoding='UTF-8'?><!-- <a> --><b:bom xmlns:b='http://cyclonedx.org/schema/bom/1.5' xmlns:x='x'>
        <b:components><x:component type='x'><b:components><b:component type='no'><b:name>no</b:name></b:component></b:components></x:component>
        <b:component type='library'><b:name>a&amp;<![CDATA[<b>]]>&#x63;<!-- d --></b:name>
            <b:pedigree><b:ancestors><b:component type='library'><b:name>old</b:name></b:component></b:ancestors></b:pedigree>
            <b:components><b:component type='file'><b:name>inner</b:name></b:component></b:components></b:component></b:components>
        <b:dependencies><b:dependency ref='a'><b:dependency ref='b'><b:dependency ref='c'/></b:dependency></b:dependency></b:dependencies></b:bom>";
    let (sbom, taken) = take(text.as_bytes());
    assert_eq!(sbom.unwrap().spec_version, "1.5");
    let names: Vec<_> = taken.0.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["inner", "a&<b>c"]);
    let edge = |from: &str, on: &str| (from.to_owned(), vec![on.to_owned()]);
    assert_eq!(taken.2, [edge("b", "c"), edge("a", "b")]);
}

#[test]
fn broken_xml_is_refused_with_line_and_reason() {
    const BOM: &str = "<bom xmlns='http://cyclonedx.org/schema/bom/1.6'>\n";
    let deep = format!("{BOM}{}", "<a>".repeat(100_000));
    let long = format!("{BOM}<!--{}-->", "<".repeat(17 << 20));
    let wide: String = (0..300).map(|n| format!(" a{n}=''")).collect();
    let wide = format!("{BOM}<a{wide}/>");
    let name = format!(
        "{BOM}<components><component type='a'><name>{}</name>",
        format!("{}<!---->", "a".repeat(1 << 20)).repeat(17)
    );
    let cases: &[(&str, u64, &str)] = &[
        ("<bom/>", 1, "the namespace \"\" is none of"),
        (
            "<bom xmlns='http://cyclonedx.org/schema/bom/12'/>",
            1,
            "none of",
        ),
        ("<components><component/>", 2, "without \"type\""),
        (
            "<components><component type='a'></component>",
            2,
            "without \"name\"",
        ),
        (
            "<components><component type='a'><name>a</name><name>b</name>",
            2,
            "two elements <name>",
        ),
        ("<dependencies><dependency/>", 2, "without \"ref\""),
        ("<a b='1' b='2'/>", 2, "duplicate"),
        ("<a>&lol;</a>", 2, "the entity \"&lol;\""),
        ("<a b='&lol;'/>", 2, "lol"),
        ("<x:a/>", 2, "the prefix \"x\""),
        ("<a></b>", 2, "expected `</a>`"),
        ("<a>", 2, "ends before"),
        ("</bom><bom/>", 2, "after the end"),
        ("</bom>x", 2, "outside of every element"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]>", 2, "document type"),
    ];
    for (text, line, reason) in cases {
        let text = if text.starts_with("<bom") {
            (*text).to_owned()
        } else {
            format!("{BOM}{text}")
        };
        let error = take(text.as_bytes()).0.unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
        assert!(error.contains(&format!("line {line}:")), "{text}: {error}");
    }
    for (text, reason) in [
        (deep.as_str(), "deeper than"),
        (long.as_str(), "comment of more than"),
        (wide.as_str(), "more than 256 attributes"),
        (name.as_str(), "a text of more than"),
        ("<?xml version='1.0' encoding='latin1'?><bom/>", "latin1"),
    ] {
        let error = take(text.as_bytes()).0.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    let bytes = [BOM.as_bytes(), b"<a>\xff</a></bom>"].concat();
    assert!(take(&bytes).0.is_err());
}
