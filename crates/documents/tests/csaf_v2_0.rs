//! CSAF 2.0 against the official test documents and real advisories.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "csaf_support/mod.rs"]
mod support;

#[path = "csaf_support/archive.rs"]
mod archive;

use std::collections::BTreeMap;

use entente_documents::csaf::v2_0::validate;
use entente_documents::csaf::{Preset, Severity};
use serde_json::Value;

/// Tests that ask the network or a dictionary.
const NOT_RUN: [&str; 3] = ["6.3.6", "6.3.7", "6.3.8"];

/// Documents that the suite calls valid although they repeat a hash algorithm,
/// which 6.1.25 forbids.
const VALID_BUT_FLAWED: [&str; 2] = [
    "optional/oasis_csaf_tc-csaf_2_0-2021-6-2-08-02.json",
    "optional/oasis_csaf_tc-csaf_2_0-2021-6-2-09-02.json",
];

#[test]
fn every_official_document_gets_its_verdict() {
    let Some(folder) = support::data("csaf/csaf_2.0") else {
        return;
    };
    let cases: Value =
        serde_json::from_slice(&std::fs::read(folder.join("testcases.json")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    let mut right = 0;
    let mut skipped = 0;
    for test in cases["tests"].as_array().unwrap() {
        let id = test["id"].as_str().unwrap();
        for (list, flagged) in [("failures", true), ("valid", false)] {
            for case in test[list].as_array().into_iter().flatten() {
                let name = case["name"].as_str().unwrap();
                if NOT_RUN.contains(&id) {
                    skipped += 1;
                    continue;
                }
                let report = validate(&std::fs::read(folder.join(name)).unwrap(), Preset::Full);
                let found: Vec<_> = report.of(id).collect();
                // `valid` of a case speaks of the schema and all mandatory tests.
                let valid = case["valid"].as_bool().unwrap() && !VALID_BUT_FLAWED.contains(&name);
                if found.is_empty() == flagged || report.valid != valid {
                    wrong.push(format!(
                        "{name}: {id} flagged {}, valid {} (expected {valid}): {:#?}",
                        !found.is_empty(),
                        report.valid,
                        report
                            .findings
                            .iter()
                            .filter(|f| f.severity == Severity::Error)
                            .collect::<Vec<_>>()
                    ));
                } else {
                    right += 1;
                }
            }
        }
    }
    println!(
        "{right} documents right, {} wrong, {skipped} not run ({NOT_RUN:?})",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(right > 80, "the cases were not read");
}

#[test]
fn every_real_advisory_is_read() {
    let Some(sample) = support::data("corpus/cisa-csaf-sample.tar.xz") else {
        return;
    };
    let mut count = BTreeMap::new();
    let mut documents = 0;
    for (name, bytes) in archive::unpack(&sample) {
        let report = validate(&bytes, Preset::Full);
        assert_eq!(report.of("json").count(), 0, "{name}");
        documents += 1;
        for finding in report.findings {
            *count.entry((finding.severity, finding.test)).or_insert(0) += 1;
        }
    }
    println!("{documents} documents: {count:#?}");
    assert!(documents > 50, "the archive was not read");
}
