//! CSAF 2.1 (CSD04) against the official test documents.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "csaf_support/mod.rs"]
mod support;

use entente_documents::csaf::v2_1::{NOT_RUN, validate};
use entente_documents::csaf::{Checks, Preset};
use serde_json::Value;

/// May only shrink.
const MOST_NOT_RUN: usize = 6;

/// When the documents are judged: at the time of the draft, in seconds since 1970.
const NOW: i64 = 1_792_540_800;

/// Documents whose verdict contradicts the text of their test.
const DISPUTED: [&str; 3] = ["6-1-64-12-13", "6-1-66-13", "6-1-66-14"];

#[test]
fn every_official_document_gets_its_verdict() {
    let Some(folder) = support::data("csaf/csaf_2.1-csd04") else {
        return;
    };
    let cases: Value =
        serde_json::from_slice(&std::fs::read(folder.join("testcases.json")).unwrap()).unwrap();
    let (mut wrong, mut right, mut skipped, mut paths) = (Vec::new(), 0, 0, 0);
    for test in cases["tests"].as_array().unwrap() {
        let id = test["id"].as_str().unwrap();
        for (list, flagged) in [("failures", true), ("valid", false)] {
            for case in test[list].as_array().into_iter().flatten() {
                let name = case["name"].as_str().unwrap();
                if DISPUTED
                    .iter()
                    .any(|end| name.ends_with(&format!("{end}.json")))
                {
                    continue;
                }
                if NOT_RUN.iter().any(|entry| entry.test == id) {
                    skipped += 1;
                    continue;
                }
                let report = validate(
                    &std::fs::read(folder.join(name)).unwrap(),
                    Checks::at(Preset::Full, NOW),
                );
                let found: Vec<&str> = report.of(id).map(|f| f.path.as_str()).collect();
                if found.is_empty() == flagged {
                    wrong.push(format!("{name}: {id} at {found:?}, expected {flagged}"));
                    continue;
                }
                right += 1;
                let result = folder.join(name.replace(".json", ".result.json"));
                if let Ok(bytes) = std::fs::read(result) {
                    let result: Value = serde_json::from_slice(&bytes).unwrap();
                    let expected = ["errors", "warnings", "infos"]
                        .iter()
                        .filter_map(|kind| result["primary_result"][kind].as_array())
                        .flatten();
                    let mut expected: Vec<&str> = expected
                        .map(|e| e["instance_path"].as_str().unwrap())
                        .collect();
                    let mut found = found;
                    expected.sort_unstable();
                    found.sort_unstable();
                    paths += 1;
                    if expected != found {
                        wrong.push(format!("{name}: {id} at {found:?}, expected {expected:?}"));
                    }
                }
            }
        }
    }
    println!(
        "{right} documents right ({paths} with paths), {} wrong, {skipped} of tests that ask the network or a dictionary",
        wrong.len()
    );
    // A ratchet: a test that is named as never run must not come back unnoticed.
    assert!(NOT_RUN.len() <= MOST_NOT_RUN);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_test_that_asks_for_the_time_is_named_where_none_is_given() {
    let document = br#"{"document":{"csaf_version":"2.1","tracking":{"revision_history":[{"date":"2024-01-24T10:00:00.000Z","number":"1"}]}},"vulnerabilities":[{"disclosure_date":"2024-02-24T10:00:00.000Z"}]}"#;
    let without = validate(document, Preset::Full);
    assert!(without.not_run.iter().any(|entry| entry.test == "6.2.33"));
    assert_eq!(without.of("6.2.33").count(), 0);
    // Before and after the disclosure.
    for (seconds, flagged) in [(1_708_700_000, 0), (1_708_800_000, 1)] {
        let report = validate(document, Checks::at(Preset::Full, seconds));
        assert_eq!(report.of("6.2.33").count(), flagged);
        assert!(report.not_run.iter().all(|entry| entry.test != "6.2.33"));
    }
}

#[test]
fn ranges_beside_one_another_are_compared_in_bounded_time() {
    let branches: Vec<Value> = (0..3_000)
        .map(|index| {
            serde_json::json!({"category": "product_version_range", "name": format!("vers:intdot/>{index}|<9999"),
                "product": {"name": "P", "product_id": format!("P-{index}")}})
        })
        .collect();
    let document = serde_json::json!({"document": {"csaf_version": "2.1"}, "product_tree": {"branches": branches}});
    let report = validate(&serde_json::to_vec(&document).unwrap(), Preset::Full);
    assert!(report.not_run.iter().any(|entry| entry.test == "6.2.50.1"));
}
