//! From CSAF to records, and from there to every other format.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "csaf_support/archive.rs"]
mod archive;
#[path = "csaf_support/mod.rs"]
mod support;

use entente_documents::csaf::{Choices, ConvertError, convert, records};
use entente_documents::record::{Event, Justification, Record, RemediationKind, Status, Tlp};
use entente_documents::{cyclonedx_vex, openvex, osv};
use proptest::prelude::*;
use serde_json::{Value, json};

/// 2026-10-21, in seconds since 1970.
const CHOICES: Choices = Choices {
    tlp_from_text: false,
    drop_none_available: true,
    now: 1_792_540_800,
};

fn read(document: &Value) -> (Vec<Record>, Vec<String>) {
    let (records, left) = records(document.to_string().as_bytes(), CHOICES).unwrap();
    (records, left.iter().map(ToString::to_string).collect())
}

fn sample() -> Value {
    json!({
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "distribution": {"tlp": {"label": "WHITE"}},
            "lang": "en",
            "acknowledgments": [{"names": ["Robin"], "organization": "Lab", "urls": ["https://lab.example"]}, {"summary": "All who helped"}],
            "notes": [{"category": "legal_disclaimer", "text": "As it is."}],
            "publisher": {"category": "vendor", "name": "Example", "namespace": "https://example.com"},
            "references": [{"category": "self", "summary": "This", "url": "https://example.com/EX-1"}],
            "title": "EX-1: Engine stops",
            "tracking": {
                "current_release_date": "2024-01-24T11:30:00.000+01:30", "id": "EX-1",
                "initial_release_date": "2024-01-23T10:00:00.000Z", "status": "final", "version": "2",
                "revision_history": [
                    {"date": "2024-01-23T10:00:00.000Z", "number": "1", "summary": "First"},
                    {"date": "2024-01-24T11:30:00.000+01:30", "number": "2", "summary": "Second"}
                ]
            }
        },
        "product_tree": {
            "branches": [{"category": "vendor", "name": "Example", "branches": [
                {"category": "product_name", "name": "Engine", "branches": [
                    {"category": "product_version_range", "name": "vers:semver/>=1.0.0|<2.0.0", "product": {"name": "Engine 1", "product_id": "A",
                        "product_identification_helper": {"purl": "pkg:generic/engine"}}},
                    {"category": "product_version", "name": "2.0.0", "product": {"name": "Engine 2.0.0", "product_id": "B",
                        "product_identification_helper": {"purl": "pkg:generic/engine@2.0.0"}}},
                    {"category": "product_version", "name": "2.0.1", "product": {"name": "Engine 2.0.1", "product_id": "C",
                        "product_identification_helper": {"purl": "pkg:generic/engine@2.0.1"}}},
                    {"category": "product_version_range", "name": "vers:semver/!=1.2.0", "product": {"name": "Engine old", "product_id": "D"}}
                ]},
                {"category": "product_name", "name": "Carriage", "product": {"name": "Carriage", "product_id": "E",
                    "product_identification_helper": {"cpe": "cpe:2.3:a:example:carriage:*:*:*:*:*:*:*:*"}}}
            ]}]
        },
        "vulnerabilities": [{
            "cve": "CVE-2024-0001",
            "cwe": {"id": "CWE-79", "name": "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')"},
            "ids": [{"system_name": "Tracker", "text": "T-12"}],
            "flags": [{"label": "component_not_present", "product_ids": ["E"]}],
            "notes": [{"category": "description", "text": "It stops."}, {"category": "general", "text": "Only when hot."}],
            "product_status": {"known_affected": ["A", "D", "nowhere"], "fixed": ["B", "C"], "known_not_affected": ["E"]},
            "release_date": "2024-01-20T10:00:00.000Z",
            "remediations": [
                {"category": "vendor_fix", "details": "Take 2.0.0.", "product_ids": ["A"], "url": "https://example.com/2"},
                {"category": "mitigation", "details": "Keep it cool.", "product_ids": ["A", "D"]},
                {"category": "none_available", "details": "Wait.", "product_ids": ["D"]}
            ],
            "scores": [{"cvss_v3": {"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "baseScore": 7.5, "baseSeverity": "HIGH"}, "products": ["A"]}],
            "threats": [{"category": "impact", "details": "It has no engine.", "product_ids": ["E"]}]
        }]
    })
}

#[test]
fn an_advisory_becomes_a_record() {
    let (all, left) = read(&sample());
    assert_eq!(all.len(), 1);
    let r = &all[0];
    assert_eq!(
        (r.id.as_str(), r.aliases.as_slice()),
        ("CVE-2024-0001", ["T-12".to_owned()].as_slice())
    );
    assert_eq!((r.revision, r.tlp), (2, Some(Tlp::Clear)));
    assert_eq!(r.publisher.url.as_deref(), Some("https://example.com"));
    assert_eq!(
        r.dates.published.as_deref(),
        Some("2024-01-23T10:00:00.000Z")
    );
    assert_eq!(r.dates.modified, "2024-01-24T10:00:00Z", "in UTC");
    assert_eq!(
        r.dates.disclosed.as_deref(),
        Some("2024-01-20T10:00:00.000Z")
    );
    assert_eq!(
        r.titles[0].text, "Engine stops",
        "2.1 keeps the id out of titles"
    );
    assert_eq!(r.descriptions[0].text, "It stops.");
    assert_eq!(r.cwes, [79]);
    assert_eq!(
        r.severities[0].vector.canonical(),
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
    );
    let names: Vec<&str> = r.credits.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["Robin"], "a thank-you without a name names nobody");
    assert_eq!(r.notes.len(), 1);
    let kinds: Vec<RemediationKind> = r.remediations.iter().map(|r| r.kind).collect();
    assert_eq!(kinds, [RemediationKind::Fix, RemediationKind::Workaround]);

    let said: Vec<(&str, Status, usize, &[String])> = r
        .products
        .iter()
        .map(|p| {
            (
                p.name.as_str(),
                p.status,
                p.ranges.len(),
                p.versions.as_slice(),
            )
        })
        .collect();
    let fixed = ["2.0.0".to_owned(), "2.0.1".to_owned()];
    assert_eq!(
        said,
        [
            ("Engine", Status::Affected, 1, [].as_slice()),
            ("Carriage", Status::NotAffected, 0, [].as_slice()),
            ("Engine", Status::Fixed, 0, fixed.as_slice()),
        ]
    );
    assert_eq!(
        r.products[0].ranges[0].events,
        [
            Event::Introduced("1.0.0".to_owned()),
            Event::Fixed("2.0.0".to_owned())
        ]
    );
    assert_eq!(
        r.products[0].purl.as_ref().unwrap().canonical(),
        "pkg:generic/engine"
    );
    assert_eq!(
        r.products[0].action.as_deref(),
        Some("Take 2.0.0.\nKeep it cool.")
    );
    assert_eq!(
        r.products[1].justification,
        Some(Justification::ComponentNotPresent)
    );
    assert_eq!(r.products[1].impact.as_deref(), Some("It has no engine."));
    assert_eq!(r.products[1].vendor.as_deref(), Some("Example"));

    // What was not understood is left out and told, never taken as every version.
    assert!(
        left.iter().any(|p| p.contains("known_affected/1")),
        "{left:?}"
    );
    assert!(
        left.iter().any(|p| p.contains("known_affected/2")),
        "{left:?}"
    );
}

#[test]
fn a_vulnerability_among_several_gets_only_what_is_its_own() {
    let mut document = sample();
    document["document"]["references"]
        .as_array_mut()
        .unwrap()
        .push(json!({"summary": "Of the other", "url": "https://cve.example/2"}));
    let mut other = document["vulnerabilities"][0].clone();
    other["cve"] = json!("CVE-2024-0002");
    other["references"] = json!([{"summary": "Its own", "url": "https://cve.example/2"}]);
    document["vulnerabilities"]
        .as_array_mut()
        .unwrap()
        .push(other);
    let (all, _) = read(&document);
    let urls = |r: &Record| -> Vec<String> { r.references.iter().map(|r| r.url.clone()).collect() };
    assert_eq!(urls(&all[0]), ["https://example.com/EX-1"]);
    assert_eq!(
        urls(&all[1]),
        ["https://cve.example/2", "https://example.com/EX-1"]
    );
    assert!(
        all.iter()
            .all(|r| r.titles.is_empty() && r.credits.is_empty())
    );
}

#[test]
fn both_versions_say_the_same() {
    let mut old = sample();
    old["vulnerabilities"][0]["product_status"]["known_affected"] = json!(["A"]);
    let new = convert(old.to_string().as_bytes(), CHOICES)
        .unwrap()
        .document;
    assert_eq!(new["document"]["csaf_version"], "2.1");
    assert_eq!(read(&old).0, read(&new).0);
}

#[test]
fn what_is_no_csaf_is_refused() {
    for (bytes, not_json) in [(b"{".as_slice(), true), (b"{}", false), (b"[]", false)] {
        let error = records(bytes, CHOICES).unwrap_err();
        assert_eq!(
            matches!(error, ConvertError::NotJson(_)),
            not_json,
            "{error}"
        );
    }
}

#[test]
fn a_key_given_twice_is_refused_in_both_versions() {
    for version in ["2.0", "2.1"] {
        let bytes =
            format!(r#"{{"document":{{"csaf_version":"{version}","title":"one","title":"two"}}}}"#);
        let error = records(bytes.as_bytes(), CHOICES).unwrap_err();
        assert!(
            matches!(&error, ConvertError::DuplicateKey(place) if place == "/document/title"),
            "{version}: {error}"
        );
    }
}

#[test]
fn real_advisories_become_valid_documents() {
    let Some(sample) = support::data("corpus/cisa-csaf-sample.tar.xz") else {
        return;
    };
    let schema = |name: &str| {
        let path = format!("{}/tests/schemas/{name}", env!("CARGO_MANIFEST_DIR"));
        let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap()
    };
    let (for_osv, for_openvex) = (schema("osv/schema.json"), schema("openvex/schema.json"));
    let (mut advisories, mut count, mut statements, mut left_out, mut vex) = (0, 0, 0, 0, 0);
    for (name, bytes) in archive::unpack(&sample) {
        let original: Value = serde_json::from_slice(&bytes).unwrap();
        let (all, left) = records(&bytes, CHOICES).unwrap();
        advisories += 1;
        assert_eq!(
            all.len(),
            original["vulnerabilities"].as_array().map_or(0, Vec::len),
            "{name}"
        );
        left_out += left
            .iter()
            .filter(|p| p.path.contains("/product_status/"))
            .count();
        for record in all {
            count += 1;
            statements += record.products.len();
            let written = osv::write(&record);
            assert!(for_osv.is_valid(written.value()), "{name} {}", record.id);
            let bom = cyclonedx_vex::write(&record);
            let (again, _) = cyclonedx_vex::Document::read(bom.to_json().as_bytes())
                .unwrap()
                .records();
            assert_eq!(again[0].id, record.id, "{name}");
            let status = |r: &Record| -> Vec<Status> {
                let mut all: Vec<Status> = r.products.iter().map(|p| p.status).collect();
                all.sort_by_key(|s| format!("{s:?}"));
                all.dedup();
                all
            };
            assert_eq!(status(&again[0]), status(&record), "{name} {}", record.id);
            if let Ok(written) = openvex::write(&record) {
                vex += 1;
                assert!(
                    for_openvex.is_valid(written.value()),
                    "{name} {}",
                    record.id
                );
            }
        }
    }
    println!(
        "{advisories} advisories, {count} records, {statements} statements on products, {left_out} left out and told, {vex} as OpenVEX"
    );
    assert!(
        count > 100 && statements > count,
        "{count} records, {statements} statements"
    );
}

#[test]
fn hostile_input_is_refused_or_read() {
    let seed = sample().to_string().into_bytes();
    let cuts = prop::collection::vec((any::<usize>(), any::<u8>()), 1..6);
    proptest!(ProptestConfig::with_cases(2_000), |(cuts in cuts)| {
        let mut bytes = seed.clone();
        for (at, byte) in cuts {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let _ = records(&bytes, CHOICES);
    });
    // Wrong types everywhere.
    for wrong in [json!(1), json!([]), json!({}), json!("x"), json!([[{}]])] {
        for place in ["document", "product_tree", "vulnerabilities"] {
            let mut document = sample();
            document[place] = wrong.clone();
            document["document"] = if place == "document" {
                wrong.clone()
            } else {
                document["document"].clone()
            };
            let _ = records(document.to_string().as_bytes(), CHOICES);
        }
    }
}
