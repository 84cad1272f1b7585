//! Conversion of CSAF 2.0 documents to 2.1.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "csaf_support/mod.rs"]
mod support;

#[path = "csaf_support/archive.rs"]
mod archive;

use entente_documents::csaf::{Choices, ConvertError, Converted, Preset, convert, v2_0, v2_1};
use serde_json::{Value, json};

/// 2026-10-21, in seconds since 1970.
const CHOICES: Choices = Choices {
    tlp_from_text: false,
    drop_none_available: true,
    now: 1_792_540_800,
};

/// Documents that cannot be converted, and why.
const UNCONVERTIBLE: [(&str, &str); 5] = [
    (
        "6-2-04-01.json",
        "6.1.66 asks for the date of version 1, this is 1.0.0 with build metadata",
    ),
    (
        "icsa-21-103-05.json",
        "`Versions including affected …` names a condition, no range",
    ),
    (
        "icsa-23-285-07.json",
        "`All versions with … before V22.6.2` speaks of another product",
    ),
    (
        "icsma-21-322-02.json",
        "`A.01 <= C.0x | 4.0` is no range that could be read",
    ),
    (
        "icsa-22-167-06.json",
        "`All versions when …` names a condition, no range",
    ),
];

/// Converts documents that are valid by 2.0; returns how many, and those whose
/// result is not valid by 2.1.
fn convert_all(documents: Vec<(String, Vec<u8>)>) -> (usize, Vec<String>) {
    let (mut count, mut invalid) = (0, Vec::new());
    for (name, bytes) in documents {
        if !v2_0::validate(&bytes, Preset::Basic).valid {
            continue;
        }
        count += 1;
        let converted = convert(&bytes, CHOICES).unwrap();
        let written = serde_json::to_vec(&converted.document).unwrap();
        let report = v2_1::validate(&written, Preset::Basic);
        assert_eq!(report.valid, converted.report.valid, "{name}");
        let expected = UNCONVERTIBLE.iter().any(|(end, _)| name.ends_with(end));
        assert!(
            !(expected && report.valid),
            "{name} can be converted after all"
        );
        if !report.valid && !expected {
            let list: Vec<_> = report
                .findings
                .iter()
                .map(|f| format!("  {} {} {}", f.test, f.path, f.message))
                .collect();
            invalid.push(format!("{name}\n{}", list.join("\n")));
        }
    }
    (count, invalid)
}

#[test]
fn valid_official_documents_stay_valid() {
    let Some(folder) = support::data("csaf/csaf_2.0") else {
        return;
    };
    let cases: Value =
        serde_json::from_slice(&std::fs::read(folder.join("testcases.json")).unwrap()).unwrap();
    let mut documents = Vec::new();
    for test in cases["tests"].as_array().unwrap() {
        for list in ["failures", "valid"] {
            for case in test[list].as_array().into_iter().flatten() {
                let name = case["name"].as_str().unwrap();
                documents.push((name.to_owned(), std::fs::read(folder.join(name)).unwrap()));
            }
        }
    }
    let (count, invalid) = convert_all(documents);
    println!("{count} converted");
    assert!(count > 50, "the cases were not read");
    assert!(invalid.is_empty(), "{}", invalid.join("\n"));
}

#[test]
fn real_advisories_stay_valid() {
    let Some(sample) = support::data("corpus/cisa-csaf-sample.tar.xz") else {
        return;
    };
    let (count, invalid) = convert_all(archive::unpack(&sample));
    println!("{count} converted");
    assert!(count > 50, "the archive was not read");
    assert!(invalid.is_empty(), "{}", invalid.join("\n"));
}

/// A document that holds what has to be told.
fn sample() -> Value {
    json!({
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "distribution": {"text": "TLP v2.0: TLP:AMBER+STRICT", "tlp": {"label": "RED"}},
            "notes": [
                {"category": "legal_disclaimer", "text": "SPDX-License-Identifier: CC-BY-4.0"},
                {"category": "description", "title": "Product Description for Engine", "text": "It runs."}
            ],
            "publisher": {"category": "vendor", "name": "Example", "namespace": "https://example.com", "contact_details": "psirt@example.com"},
            "title": "EX-1: Engine stops",
            "tracking": {
                "current_release_date": "2024-01-24T10:00:00.000Z", "id": "EX-1",
                "initial_release_date": "2024-01-23T10:00:00.000Z", "status": "final", "version": "1",
                "revision_history": [{"date": "2024-01-24T10:00:00.000Z", "number": "1", "summary": "First"}]
            },
            "x_own": 1
        },
        "product_tree": {
            "branches": [{"category": "vendor", "name": "Example", "branches": [
                {"category": "legacy", "name": "Engine", "branches": [
                    {"category": "product_version_range", "name": "< 2.0", "product": {"name": "Engine < 2.0", "product_id": "A",
                        "product_identification_helper": {"purl": "pkg:generic/engine", "skus": ["1*2*3", "4"],
                            "hashes": [{"filename": "e", "file_hashes": [{"algorithm": "SHA-256", "value": "AB".repeat(32)}]}]}}},
                    {"category": "product_version", "name": "2.0", "product": {"name": "Engine 2.0", "product_id": "B"}}
                ]}
            ]}],
            "relationships": [{"category": "installed_on", "product_reference": "A", "relates_to_product_reference": "B",
                "full_product_name": {"name": "A on B", "product_id": "C"}}]
        },
        "vulnerabilities": [{
            "cve": "CVE-2024-0001",
            "cwe": {"id": "CWE-79", "name": "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')"},
            "ids": [{"system_name": "OASIS Open CSAF TC GitHub Issues", "text": "Issue #0012"}],
            "involvements": [
                {"party": "other", "status": "open"},
                {"party": "vendor", "status": "contact_attempted", "date": "2024-01-02T10:00:00.000Z", "summary": "Example did not answer."}
            ],
            "notes": [{"category": "summary", "text": "It stops."}],
            "product_status": {"known_affected": ["A"], "fixed": ["B"]},
            "references": [{"summary": "Score", "url": "https://www.first.org/cvss/calculator/4.0#CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N"}],
            "release_date": "2024-01-20T23:59:60.000Z",
            "remediations": [{"category": "vendor_fix", "details": "Update.", "product_ids": ["A", "B"]}],
            "scores": [{"cvss_v3": {"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "baseScore": 7.5, "baseSeverity": "HIGH"}, "products": ["A"]}]
        }]
    })
}

fn converted(choices: Choices) -> Converted {
    convert(&serde_json::to_vec(&sample()).unwrap(), choices).unwrap()
}

#[test]
fn each_rule_is_followed_and_told() {
    let all = converted(CHOICES);
    assert!(all.report.valid, "{:#?}", all.report.findings);
    let at = |pointer: &str| all.document.pointer(pointer).cloned().unwrap_or_default();
    for (pointer, expected) in [
        ("/document/csaf_version", json!("2.1")),
        ("/document/category", json!("csaf_security_advisory")),
        ("/document/distribution/tlp/label", json!("RED")),
        ("/document/license_expression", json!("CC-BY-4.0")),
        ("/document/notes/1/product_ids", json!(["A", "B"])),
        (
            "/document/publisher/contact/details",
            json!("psirt@example.com"),
        ),
        ("/document/title", json!("Engine stops")),
        (
            "/document/tracking/initial_release_date",
            json!("2024-01-24T10:00:00.000Z"),
        ),
        ("/document/x_own", Value::Null),
        (
            "/document/involvement/actions/0/category",
            json!("notification"),
        ),
        (
            "/product_tree/branches/0/branches/0/category",
            json!("product_name"),
        ),
        (
            "/product_tree/branches/0/branches/0/branches/0/name",
            json!("<2.0"),
        ),
        (
            "/product_tree/branches/0/branches/0/branches/0/product/product_identification_helper",
            json!({"hashes": [{"file_hashes": [{"algorithm": "sha256", "value": "ab".repeat(32)}], "filename": "e"}],
                "purls": ["pkg:generic/engine"], "skus": ["4*"]}),
        ),
        (
            "/product_tree/product_paths/0/subpaths",
            json!([{"category": "installed_on", "next_product_reference": "B"}]),
        ),
        ("/vulnerabilities/0/cwes/0/version", json!("4.13")),
        (
            "/vulnerabilities/0/disclosure_date",
            json!("2024-01-20T23:59:59.999999Z"),
        ),
        (
            "/vulnerabilities/0/ids/0",
            json!({"system_name": "https://github.com/oasis-tcs/csaf", "text": "#12"}),
        ),
        (
            "/vulnerabilities/0/metrics/1/content/cvss_v4/baseScore",
            json!(8.7),
        ),
        (
            "/vulnerabilities/0/references/0/category",
            json!("external"),
        ),
        (
            "/vulnerabilities/0/remediations/1/category",
            json!("optional_patch"),
        ),
        (
            "/vulnerabilities/0/remediations/1/product_ids",
            json!(["B"]),
        ),
    ] {
        assert_eq!(at(pointer), expected, "{pointer}");
    }
    let told: Vec<&str> = all.notices.iter().map(|n| n.path.as_str()).collect();
    for path in [
        "/document/x_own",
        "/document/distribution/tlp/label",
        "/document/title",
        "/document/tracking/initial_release_date",
        "/product_tree/branches/0/branches/0",
        "/product_tree/branches/0/branches/0/branches/0/name",
        "/product_tree/branches/0/branches/0/branches/0/product/product_identification_helper/skus/0",
        "/vulnerabilities/0/involvements/0",
        "/vulnerabilities/0/release_date",
        "/vulnerabilities/0/remediations/0",
    ] {
        assert!(told.contains(&path), "{path} not in {told:#?}");
    }
    let strict = converted(Choices {
        tlp_from_text: true,
        ..CHOICES
    });
    let label = strict.document.pointer("/document/distribution/tlp/label");
    assert_eq!(label, Some(&json!("AMBER+STRICT")));
}

#[test]
fn what_is_no_csaf_2_0_is_refused() {
    let refused = |bytes: &[u8]| convert(bytes, CHOICES).unwrap_err();
    assert!(matches!(refused(b"{"), ConvertError::NotJson(_)));
    assert!(
        matches!(refused(b"{\"a\":1,\"a\":2}"), ConvertError::DuplicateKey(place) if place == "/a")
    );
    for document in [&b"[]"[..], b"{\"document\":{\"csaf_version\":\"2.1\"}}"] {
        assert!(matches!(refused(document), ConvertError::NotCsaf20(_)));
    }
}
