//! What the writer makes is valid, complete and always the same bytes.
#![expect(clippy::unwrap_used, reason = "tests")]

use entente_documents::csaf::v2_0::model::*;
use entente_documents::csaf::v2_0::{read, validate};
use entente_documents::csaf::{Preset, Severity};
use entente_documents::cvss;

fn product(name: &str, id: &str, purl: &str) -> FullProductName {
    FullProductName {
        name: name.into(),
        product_id: id.into(),
        product_identification_helper: Helper {
            purl: Some(purl.into()),
            ..Helper::default()
        }
        .if_any(),
    }
}

fn vex() -> Document {
    let vector = cvss::parse("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P").unwrap();
    Document {
        document: DocumentMeta {
            acknowledgments: vec![Acknowledgment {
                names: vec!["A. Finder".into()],
                summary: Some("reported it".into()),
                ..Acknowledgment::default()
            }],
            aggregate_severity: None,
            category: Category::Vex,
            csaf_version: CsafVersion::V2_0,
            distribution: Some(Distribution {
                text: None,
                tlp: Some(Tlp {
                    label: TlpLabel::White,
                    url: None,
                }),
            }),
            lang: Some("en".into()),
            notes: vec![Note {
                audience: None,
                category: NoteCategory::Summary,
                text: "A short text with \"quotes\" and ünïcode.".into(),
                title: Some("Summary".into()),
            }],
            publisher: Publisher {
                category: PublisherCategory::Coordinator,
                contact_details: None,
                issuing_authority: None,
                name: "Example CERT".into(),
                namespace: "https://cert.example".into(),
            },
            references: vec![Reference {
                category: ReferenceCategory::Itself,
                summary: "This document".into(),
                url: "https://cert.example/csaf/white/2026/cert-2026-0001.json".into(),
            }],
            source_lang: None,
            title: "Code execution in Example".into(),
            tracking: Tracking {
                aliases: vec![],
                current_release_date: "2026-02-03T10:00:00Z".into(),
                generator: Some(Generator {
                    date: None,
                    engine: Engine {
                        name: "Entente".into(),
                        version: Some("0.1.0".into()),
                    },
                }),
                id: "CERT-2026-0001".into(),
                initial_release_date: "2026-02-03T10:00:00Z".into(),
                revision_history: vec![Revision {
                    date: "2026-02-03T10:00:00Z".into(),
                    legacy_version: None,
                    number: "1".into(),
                    summary: "Published".into(),
                }],
                status: TrackingStatus::Final,
                version: "1".into(),
            },
        },
        product_tree: Some(ProductTree {
            branches: vec![Branch::inner(
                BranchCategory::Vendor,
                "Example",
                vec![Branch::inner(
                    BranchCategory::ProductName,
                    "Server",
                    vec![
                        Branch::leaf(
                            BranchCategory::ProductVersion,
                            "1.0",
                            product("Server 1.0", "S-1.0", "pkg:generic/server@1.0"),
                        ),
                        Branch::leaf(
                            BranchCategory::ProductVersion,
                            "1.1",
                            product("Server 1.1", "S-1.1", "pkg:generic/server@1.1"),
                        ),
                        Branch::leaf(
                            BranchCategory::ProductVersion,
                            "2.0",
                            product("Server 2.0", "S-2.0", "pkg:generic/server@2.0"),
                        ),
                    ],
                )],
            )],
            ..ProductTree::default()
        }),
        vulnerabilities: vec![Vulnerability {
            cve: Some("CVE-2026-0001".into()),
            cwe: Cwe::of(79),
            flags: vec![Flag {
                date: None,
                group_ids: vec![],
                label: FlagLabel::VulnerableCodeNotPresent,
                product_ids: vec!["S-2.0".into()],
            }],
            notes: vec![Note {
                audience: None,
                category: NoteCategory::Description,
                text: "What happens.".into(),
                title: None,
            }],
            product_status: ProductStatus {
                fixed: vec!["S-1.1".into()],
                known_affected: vec!["S-1.0".into()],
                known_not_affected: vec!["S-2.0".into()],
                ..ProductStatus::default()
            }
            .if_any(),
            remediations: vec![Remediation {
                category: RemediationCategory::VendorFix,
                date: None,
                details: "Update to 1.1.".into(),
                entitlements: vec![],
                group_ids: vec![],
                product_ids: vec!["S-1.0".into()],
                restart_required: Some(RestartRequired {
                    category: RestartCategory::Service,
                    details: None,
                }),
                url: Some("https://example.com/1.1".into()),
            }],
            scores: vec![Score::of(&vector, vec!["S-1.0".into()]).unwrap()],
            ..Vulnerability::default()
        }],
    }
}

#[test]
fn a_written_advisory_passes_every_test() {
    let document = vex();
    let json = document.to_json().unwrap();
    let report = validate(json.as_bytes(), Preset::Full);
    assert_eq!(report.findings, [], "{json}");
    assert!(report.valid);
    assert_eq!(document.file_name(), "cert-2026-0001.json");
}

#[test]
fn the_same_content_gives_the_same_bytes_with_sorted_keys() {
    let json = vex().to_json().unwrap();
    assert_eq!(json, vex().to_json().unwrap());
    assert!(json.starts_with("{\n  \"document\": {\n    \"acknowledgments\": [\n"));
    assert!(json.ends_with("}\n"));
    assert!(json.contains("\"temporalScore\": 9.3"), "{json}");
    assert!(!json.contains("null"));
}

#[test]
fn the_reader_finds_what_the_writer_wrote() {
    let summary = read(vex().to_json().unwrap().as_bytes()).unwrap();
    assert_eq!(summary.tracking_id, "CERT-2026-0001");
    assert_eq!(summary.tlp.as_deref(), Some("WHITE"));
    assert_eq!(summary.products, ["Server 1.0", "Server 1.1", "Server 2.0"]);
    let vulnerability = summary.vulnerabilities.first().unwrap();
    assert_eq!(vulnerability.cwe.as_deref(), Some("CWE-79"));
    assert_eq!(
        vulnerability.products.get("known_affected").unwrap(),
        &["Server 1.0"]
    );
}

#[test]
fn a_contradiction_in_the_model_is_found() {
    let mut document = vex();
    let status = document
        .vulnerabilities
        .first_mut()
        .and_then(|v| v.product_status.as_mut())
        .unwrap();
    status.fixed.push("S-1.0".into());
    let report = validate(document.to_json().unwrap().as_bytes(), Preset::Basic);
    assert!(!report.valid);
    let finding = report.of("6.1.6").next().unwrap();
    assert_eq!(finding.severity, Severity::Error);
    assert_eq!(
        finding.path,
        "/vulnerabilities/0/product_status/known_affected/0"
    );
}

#[test]
fn cvss_v4_is_not_written() {
    let vector =
        cvss::parse("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N").unwrap();
    assert_eq!(Score::of(&vector, vec![]), None);
}
