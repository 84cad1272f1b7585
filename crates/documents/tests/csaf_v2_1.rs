//! CSAF 2.1 (CSD04) against the official test documents.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "csaf_support/mod.rs"]
mod support;

use entente_documents::csaf::Preset;
use entente_documents::csaf::v2_1::{NOT_YET, validate};
use serde_json::Value;

/// May only shrink.
const MOST_NOT_YET: usize = 34;

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
                if NOT_YET.iter().any(|entry| entry.test == id) {
                    skipped += 1;
                    continue;
                }
                let report = validate(&std::fs::read(folder.join(name)).unwrap(), Preset::Full);
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
        "{right} documents right ({paths} with paths), {} wrong, {skipped} of tests that do not exist yet",
        wrong.len()
    );
    // A ratchet: a test that is named as missing must not come back unnoticed.
    assert!(NOT_YET.len() <= MOST_NOT_YET);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
