//! SPDX 2 against its project's own examples and hostile documents.

use super::{folder, take};
use entente_documents::sbom::Format;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Every file below a folder whose name ends so.
pub(super) fn below(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(below(&path, end));
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
    found
}

const FORWARD: &[&str] = &["DEPENDS_ON", "CONTAINS", "DYNAMIC_LINK", "STATIC_LINK"];
const INVERSE: &[&str] = &["CONTAINED_BY", "DEPENDENCY_OF", "TEST_DEPENDENCY_OF"];

#[test]
fn json_examples_are_read_with_every_package_and_dependency() {
    let Some(data) = folder("spdx-examples") else {
        return;
    };
    let mut files = 0;
    let (mut packages, mut edges) = (0, 0);
    for path in below(&data, ".json") {
        let bytes = std::fs::read(&path).unwrap();
        let whole: Value = serde_json::from_slice(&bytes).unwrap();
        let Some(version) = whole["spdxVersion"].as_str() else {
            continue;
        };
        let (sbom, taken) = take(&bytes);
        let sbom = sbom
            .map_err(|e| format!("{}: {e}", path.display()))
            .unwrap();
        assert_eq!(sbom.format, Format::Spdx2Json);
        assert_eq!(format!("SPDX-{}", sbom.spec_version), version);
        let list = |key: &str| whole[key].as_array().cloned().unwrap_or_default();
        let name = |package: &Value| package["name"].as_str().unwrap().to_owned();
        let expected: Vec<_> = list("packages").iter().map(name).collect();
        let got: Vec<_> = taken.0.iter().map(|part| part.name.clone()).collect();
        assert_eq!(got, expected, "{}", path.display());
        let mut expected = Vec::new();
        for relation in list("relationships") {
            let word = |key: &str| relation[key].as_str().unwrap().to_owned();
            let (from, to) = (word("spdxElementId"), word("relatedSpdxElement"));
            let kind = word("relationshipType");
            if FORWARD.contains(&kind.as_str()) {
                expected.push((from, vec![to]));
            } else if INVERSE.contains(&kind.as_str()) {
                expected.push((to, vec![from]));
            }
        }
        assert_eq!(taken.2, expected, "{}", path.display());
        assert_eq!(sbom.dependencies, expected.len() as u64);
        assert_eq!(sbom.files, list("files").len() as u64);
        assert!(sbom.timestamp.is_some() && sbom.has_author, "{sbom:?}");
        assert!(sbom.subject.is_some(), "{}", path.display());
        files += 1;
        packages += got.len();
        edges += expected.len();
    }
    assert_eq!((files, packages, edges), (7, 17, 17), "examples in JSON");
}

#[test]
fn json_values_reach_the_common_form() {
    let text = r#"{"spdxVersion":"SPDX-2.3","packages":[{"SPDXID":"SPDXRef-a","name":"a",
        "versionInfo":"NOASSERTION","supplier":"NOASSERTION","primaryPackagePurpose":"OPERATING_SYSTEM",
        "externalRefs":[
            {"referenceType":"purl","referenceLocator":"pkg:deb/debian/a@1"},
            {"referenceType":"http://spdx.org/rdf/references/purl","referenceLocator":"pkg:generic/a@1"},
            {"referenceType":"cpe23Type","referenceLocator":"cpe:2.3:o:a:a:1:*:*:*:*:*:*:*"},
            {"referenceType":"advisory","referenceLocator":"https://example.com"}],
        "checksums":[{"algorithm":"SHA1","checksumValue":"1"},{"algorithm":"SHA3-256","checksumValue":"2"},
            {"algorithm":"BLAKE2b-256","checksumValue":"3"}],
        "licenseDeclared":"MIT","licenseConcluded":"MIT AND BSD-3-Clause"}],
        "relationships":[
            {"spdxElementId":"SPDXRef-a","relationshipType":"DEPENDS_ON","relatedSpdxElement":"NONE"},
            {"spdxElementId":"SPDXRef-b","relationshipType":"BUILD_TOOL_OF","relatedSpdxElement":"SPDXRef-a"}]}"#;
    let (sbom, taken) = take(text.as_bytes());
    let sbom = sbom.unwrap();
    assert_eq!((sbom.dependencies, sbom.has_author), (0, false));
    let part = taken.0.first().unwrap();
    assert_eq!(part.kind, "operating-system");
    assert_eq!((&part.version, &part.supplier), (&None, &None));
    assert_eq!(part.purl.as_deref(), Some("pkg:deb/debian/a@1"));
    assert_eq!(part.also, ["pkg:generic/a@1"]);
    assert!(part.cpe.as_deref().unwrap().starts_with("cpe:2.3:o"));
    assert_eq!(part.licences, ["MIT", "MIT AND BSD-3-Clause"]);
    let names: Vec<_> = part.hashes.iter().map(|hash| hash.0.as_str()).collect();
    assert_eq!(names, ["SHA-1", "SHA3-256", "BLAKE2b-256"]);
}

#[test]
fn the_subject_is_found_wherever_it_is_described() {
    let package = |n: usize| format!("{{\"SPDXID\":\"SPDXRef-{n}\",\"name\":\"n{n}\"}}");
    let packages: Vec<_> = (0..6_000).map(package).collect();
    let packages = format!("\"packages\":[{}]", packages.join(","));
    let relation = |n: usize| {
        format!(
            "\"relationships\":[{{\"spdxElementId\":\"SPDXRef-DOCUMENT\",\"relationshipType\":\"DESCRIBES\",\"relatedSpdxElement\":\"SPDXRef-{n}\"}}]"
        )
    };
    let head = "\"spdxVersion\":\"SPDX-2.3\"";
    for (text, found) in [
        (format!("{{{head},{packages},{}}}", relation(7)), Some("n7")),
        (format!("{{{head},{},{packages}}}", relation(7)), Some("n7")),
        (
            format!("{{{head},\"documentDescribes\":[\"SPDXRef-5999\"],{packages}}}"),
            Some("n5999"),
        ),
        // Too far behind to be remembered: it is known by reference only.
        (format!("{{{head},{packages},{}}}", relation(5_999)), None),
    ] {
        let sbom = take(text.as_bytes()).0.unwrap();
        let subject = sbom.subject.as_ref().map(|part| part.name.as_str());
        assert_eq!(subject, found);
        assert_eq!(sbom.describes.len(), 1);
    }
}

#[test]
fn broken_json_is_refused_with_line_and_reason() {
    for (text, reason) in [
        (
            "{\n\"spdxVersion\":\"SPDX-2.9\"}",
            "neither \"SPDX-2.2\" nor \"SPDX-2.3\"",
        ),
        ("{\"SPDXID\":\"a\",\"SPDXID\":\"a\"}", "twice"),
        (
            "{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{\"name\":\"a\"}]}",
            "a package without \"SPDXID\"",
        ),
        (
            "{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{\"SPDXID\":\"a\"}]}",
            "a package without \"name\"",
        ),
        (
            "{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{\"SPDXID\":\"a\",\"name\":\"a\",\"versionInfo\":1}]}",
            "\"versionInfo\" is no text",
        ),
        (
            "{\"spdxVersion\":\"SPDX-2.3\",\"relationships\":[{\"spdxElementId\":\"a\"}]}",
            "a relationship without \"relationshipType\"",
        ),
        (
            "{\"spdxVersion\":\"SPDX-2.3\",\"packages\":{}}",
            "expected a list of packages",
        ),
    ] {
        let error = take(text.as_bytes()).0.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert!(
            error.contains("SPDX 2 JSON") && error.contains("line"),
            "{error}"
        );
    }
}

#[test]
fn tag_value_examples_are_read_with_every_package_and_dependency() {
    let Some(data) = folder("spdx-examples") else {
        return;
    };
    let (mut files, mut packages) = (0, 0);
    for path in below(&data, ".spdx") {
        let text = std::fs::read_to_string(&path).unwrap();
        let (sbom, taken) = take(text.as_bytes());
        let sbom = sbom
            .map_err(|e| format!("{}: {e}", path.display()))
            .unwrap();
        assert_eq!(sbom.format, Format::Spdx2TagValue);
        assert_eq!(sbom.spec_version, "2.2");
        let lines = |tag: &str| text.lines().filter(|line| line.starts_with(tag)).count();
        assert_eq!(taken.0.len(), lines("PackageName:"), "{}", path.display());
        assert_eq!(sbom.files, lines("FileName:") as u64);
        let edges = text.lines().filter(|line| {
            let kind = line.split_whitespace().nth(2).unwrap_or_default();
            line.starts_with("Relationship:")
                && (FORWARD.contains(&kind) || INVERSE.contains(&kind))
        });
        assert_eq!(taken.1, edges.count());
        assert!(sbom.subject.is_some() && sbom.has_author, "{sbom:?}");
        files += 1;
        packages += taken.0.len();
    }
    assert_eq!((files, packages), (2, 2), "examples as tags and values");
}

#[test]
fn what_is_said_late_or_between_is_not_lost() {
    let text = "SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\nPackageName: a\nSPDXID: SPDXRef-a
Annotator: Person: A\nAnnotationType: REVIEW\nSPDXREF: SPDXRef-a
ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1
Creator: Person: M\nCreated: 2026-01-01T00:00:00Z\nDocumentNamespace: urn:a\n";
    let (sbom, taken) = take(text.as_bytes());
    let sbom = sbom.unwrap();
    assert_eq!(sbom.serial.as_deref(), Some("urn:a"));
    assert!(sbom.has_author && sbom.timestamp.is_some());
    let part = taken.0.first().unwrap();
    assert_eq!(part.reference.as_deref(), Some("SPDXRef-a"));
    assert_eq!(part.purl.as_deref(), Some("pkg:npm/a@1"));
}

#[test]
fn broken_tags_are_refused_with_line_and_reason() {
    let long = format!(
        "SPDXVersion: SPDX-2.3\nPackageName: {}",
        "a".repeat(17 << 20)
    );
    let endless = format!(
        "SPDXVersion: SPDX-2.3\nA: <text>{}",
        format!("{}\n", "a".repeat(1 << 20)).repeat(17)
    );
    for (text, line, reason) in [
        (
            "SPDXVersion: SPDX-2.0",
            1,
            "neither \"SPDX-2.2\" nor \"SPDX-2.3\"",
        ),
        (
            "SPDXVersion: SPDX-2.3\nwhat?",
            2,
            "neither \"Tag: value\" nor a comment",
        ),
        (
            "SPDXVersion: SPDX-2.3\nPackageName: a\n\nFileName: b",
            2,
            "a package without \"SPDXID\"",
        ),
        (
            "SPDXVersion: SPDX-2.3\nPackageName:\nSPDXID: SPDXRef-a",
            2,
            "a package without \"PackageName\"",
        ),
        (
            "SPDXVersion: SPDX-2.3\nPackageName: a\nSPDXID: SPDXRef-a\nSPDXID: SPDXRef-b",
            4,
            "a second \"SPDXID\"",
        ),
        (
            "SPDXVersion: SPDX-2.3\nRelationship: a DEPENDS_ON",
            2,
            "not of three words",
        ),
        (
            "SPDXVersion: SPDX-2.3\nPackageName: a\nExternalRef: purl pkg:npm/a",
            3,
            "not of three words",
        ),
        (
            "SPDXVersion: SPDX-2.3\nPackageName: a\nPackageChecksum: 00",
            3,
            "ALGORITHM: digest",
        ),
        (
            "SPDXVersion: SPDX-2.3\nFileName: a\nPackageVersion: 1",
            3,
            "\"PackageVersion\" stands outside of a package",
        ),
        ("SPDXVersion: SPDX-2.3\nA: <text>b\nc", 2, "</text>"),
        (long.as_str(), 2, "more than"),
        (endless.as_str(), 2, "a text of more than"),
    ] {
        let error = take(text.as_bytes()).0.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert!(
            error.contains(&format!("SPDX 2 tag-value document: line {line}:")),
            "{error}"
        );
    }
    let error = take(b"SPDXVersion: SPDX-2.3\nA: \xff").0.unwrap_err();
    assert!(
        error.to_string().contains("line 2: byte 4 is no UTF-8"),
        "{error}"
    );
}
