//! SPDX 3 against its project's own examples and hostile documents.

use super::spdx2::below;
use super::{folder, take};
use entente_documents::sbom::Format;
use serde_json::Value;

const PARTS: &[&str] = &[
    "dependsOn",
    "contains",
    "hasDynamicLink",
    "hasStaticLink",
    "hasPrerequisite",
];

#[test]
fn examples_are_read_with_every_package_and_dependency() {
    let Some(data) = folder("spdx-examples") else {
        return;
    };
    let (mut files, mut packages, mut edges, mut supplied, mut licensed) = (0, 0, 0, 0, 0);
    for path in below(&data, ".json") {
        let bytes = std::fs::read(&path).unwrap();
        let whole: Value = serde_json::from_slice(&bytes).unwrap();
        let Some(graph) = whole["@graph"].as_array() else {
            continue;
        };
        let (sbom, taken) = take(&bytes);
        let sbom = sbom
            .map_err(|e| format!("{}: {e}", path.display()))
            .unwrap();
        assert_eq!(sbom.format, Format::Spdx3Json);
        assert_eq!(sbom.spec_version, "3.0.1");
        let word = |element: &Value, key: &str| element[key].as_str().map(str::to_owned);
        let of = |end: &str| {
            let kind = |element: &&Value| word(element, "type").unwrap().ends_with(end);
            graph.iter().filter(kind).collect::<Vec<_>>()
        };
        let expected: Vec<_> = of("Package").iter().map(|p| word(p, "name")).collect();
        let got: Vec<_> = taken.0.iter().map(|p| Some(p.name.clone())).collect();
        assert_eq!(got, expected, "{}", path.display());
        let expected: Vec<_> = of("Package")
            .iter()
            .map(|p| word(p, "software_packageUrl"))
            .collect();
        let got: Vec<_> = taken.0.iter().map(|p| p.purl.clone()).collect();
        assert_eq!(got, expected, "{}", path.display());
        let expected: Vec<_> = of("Relationship")
            .iter()
            .filter(|r| PARTS.contains(&r["relationshipType"].as_str().unwrap()))
            .map(|r| (word(r, "from").unwrap(), r["to"].as_array().unwrap().len()))
            .collect();
        let got: Vec<_> = taken.2.iter().map(|e| (e.0.clone(), e.1.len())).collect();
        assert_eq!(got, expected, "{}", path.display());
        assert_eq!(sbom.files, of("_File").len() as u64);
        assert!(sbom.has_author && sbom.timestamp.is_some(), "{sbom:?}");
        assert!(!sbom.describes.is_empty(), "{}", path.display());
        for package in of("Package") {
            supplied += usize::from(package.get("suppliedBy").is_some());
        }
        let suppliers = taken.0.iter().filter_map(|part| part.supplier.as_ref());
        supplied -= suppliers.filter(|name| !name.contains("://")).count();
        licensed += taken.0.iter().map(|p| p.licences.len()).sum::<usize>();
        files += 1;
        packages += taken.0.len();
        edges += got.len();
    }
    assert_eq!(
        (files, packages, edges),
        (14, 40, 71),
        "examples in JSON-LD"
    );
    assert_eq!(supplied, 0, "every supplier has a name");
    assert_eq!(licensed, 25, "licences of packages that assert something");
}

/// A document with these elements and what every document has.
fn graph(elements: &str) -> String {
    format!(
        "{{\"@context\":[\"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\"],\"@graph\":[
        {{\"type\":\"CreationInfo\",\"@id\":\"_:c\",\"specVersion\":\"3.0.1\",\"createdBy\":[\"urn:bot\"]}},
        {{\"type\":\"SoftwareAgent\",\"spdxId\":\"urn:bot\"}}{elements}]}}"
    )
}

#[test]
fn values_reach_the_common_form() {
    let text = graph(
        r#",{"type":"ai_AIPackage","spdxId":"urn:a","name":"a","software_packageUrl":"pkg:generic/a",
            "software_primaryPurpose":"operatingSystem","software_packageVersion":"NOASSERTION",
            "suppliedBy":"https://spdx.org/rdf/3.0.1/terms/Core/NoAssertionElement",
            "externalIdentifier":[{"externalIdentifierType":"cpe23","identifier":"cpe:2.3:a:a:a:1:*:*:*:*:*:*:*"},
                {"externalIdentifierType":"packageUrl","identifier":"pkg:npm/a"}],
            "verifiedUsing":[{"type":"Hash","algorithm":"sha3_256","hashValue":"1"},{"type":"PackageVerificationCode","algorithm":"sha1","hashValue":"2"}]},
        {"type":"software_Package","spdxId":"urn:b","name":"b","suppliedBy":"urn:elsewhere"},
        {"type":"Relationship","from":"urn:a","to":["https://spdx.org/licenses/MIT","https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense","urn:x"],"relationshipType":"hasConcludedLicense"},
        {"type":"Relationship","from":"urn:a","to":["https://spdx.org/rdf/3.0.1/terms/Core/NoneElement"],"relationshipType":"dependsOn"},
        {"type":"Relationship","from":"urn:a","to":["urn:b"],"relationshipType":"generates"}"#,
    );
    let (sbom, taken) = take(text.as_bytes());
    let sbom = sbom.unwrap();
    assert_eq!((sbom.dependencies, sbom.has_author), (0, false));
    let a = taken.0.first().unwrap();
    assert_eq!(a.kind, "operating-system");
    assert_eq!((&a.version, &a.supplier), (&None, &None));
    assert_eq!(a.purl.as_deref(), Some("pkg:generic/a"));
    assert_eq!(a.also, ["pkg:npm/a"]);
    assert!(a.cpe.is_some());
    assert_eq!(a.hashes, [("SHA3-256".to_owned(), "1".to_owned())]);
    assert_eq!(a.licences, ["MIT", "urn:x"]);
    let b = taken.0.last().unwrap();
    assert_eq!(b.supplier.as_deref(), Some("urn:elsewhere"));
}

#[test]
fn broken_graphs_are_refused_with_line_and_reason() {
    let cases = [
        (
            "{\"@context\":\"https://spdx.org/rdf/3.1/spdx-context.jsonld\",\"@graph\":[]}"
                .to_owned(),
            "\"@context\" is not that of SPDX 3.0",
        ),
        (
            "{\"@context\":\"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\"}".to_owned(),
            "without \"@graph\"",
        ),
        (
            "{\"@context\":\"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\",\"@graph\":[]}"
                .to_owned(),
            "\"CreationInfo\"",
        ),
        (graph(",{}"), "an element without \"type\""),
        (
            graph(",{\"type\":\"software_Package\"}"),
            "without \"spdxId\"",
        ),
        (
            graph(",{\"type\":\"software_Package\",\"spdxId\":\"a\"}"),
            "the package \"a\" has no \"name\"",
        ),
        (
            graph(
                ",{\"type\":\"software_Package\",\"spdxId\":\"a\",\"name\":\"a\",\"software_packageVersion\":1}",
            ),
            "is no text",
        ),
        (
            graph(&",{\"type\":\"software_Package\",\"spdxId\":\"a\",\"name\":\"a\"}".repeat(2)),
            "the element \"a\" is there twice",
        ),
        (
            graph(
                ",{\"type\":\"software_Package\",\"spdxId\":\"a\",\"name\":\"a\",\"suppliedBy\":[]}",
            ),
            "\"suppliedBy\" of \"a\" is not one party",
        ),
        (
            graph(",{\"type\":\"Relationship\",\"from\":\"a\"}"),
            "without \"relationshipType\"",
        ),
        (
            graph(",{\"type\":\"Relationship\",\"relationshipType\":\"contains\"}"),
            "without \"from\"",
        ),
        (
            graph(
                ",{\"type\":\"Relationship\",\"relationshipType\":\"contains\",\"from\":\"a\",\"to\":[{}]}",
            ),
            "something else than references",
        ),
        (
            graph(",{\"type\":\"CreationInfo\",\"specVersion\":\"3.1\"}"),
            "neither \"3.0.0\" nor \"3.0.1\"",
        ),
    ];
    for (text, reason) in cases {
        let error = take(text.as_bytes()).0.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert!(
            error.contains("SPDX 3 JSON-LD") && error.contains("line"),
            "{error}"
        );
    }
}

#[test]
fn collections_that_hold_one_another_end() {
    let text = graph(
        r#",{"type":"SpdxDocument","spdxId":"urn:d","rootElement":["urn:e","urn:e"]},
        {"type":"software_Sbom","spdxId":"urn:e","rootElement":["urn:d","urn:e","urn:a"]},
        {"type":"software_Package","spdxId":"urn:a","name":"a"}"#,
    );
    let sbom = take(text.as_bytes()).0.unwrap();
    assert_eq!(sbom.describes, ["urn:a"]);
    assert_eq!(sbom.subject.unwrap().name, "a");
}
