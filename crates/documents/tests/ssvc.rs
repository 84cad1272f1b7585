//! Every row of every published SSVC table, and what is said about wrong answers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests look for their data folder"
)]

use std::path::{Path, PathBuf};

use entente_documents::ssvc::{self, SelectionList, SsvcError};
use proptest::prelude::*;
use serde_json::Value;

fn data() -> Option<PathBuf> {
    let root = std::env::var_os("ENTENTE_TEST_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let folder = root.join("ssvc");
    if folder.exists() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "SSVC test data is absent");
    println!("skipped: test data {} is absent", folder.display());
    None
}

fn json_files(folder: &Path) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for namespace in std::fs::read_dir(folder).unwrap() {
        for file in std::fs::read_dir(namespace.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            found.push((stem, serde_json::from_str(&text).unwrap()));
        }
    }
    found
}

#[test]
fn every_row_of_every_published_table_is_decided_as_published() {
    let Some(folder) = data() else { return };
    let files = json_files(&folder.join("decision_tables"));
    assert_eq!(files.len(), ssvc::tables().len());
    let mut rows = 0;
    for (name, published) in files {
        let table = ssvc::table(&name).unwrap();
        let outcome_id = published["outcome"].as_str().unwrap();
        assert_eq!(table.outcome.id(), outcome_id);
        let mapping = published["mapping"].as_array().unwrap();
        assert_eq!(mapping.len(), table.rows().count(), "{name}");
        for row in mapping {
            let row = row.as_object().unwrap();
            let answers = row
                .iter()
                .filter(|(point, _)| *point != outcome_id)
                .map(|(point, value)| (point.as_str(), value.as_str().unwrap()))
                .collect::<Vec<_>>();
            let outcome = table.evaluate(&answers).unwrap();
            assert_eq!(outcome.value.key, row[outcome_id], "{name} {row:?}");
            rows += 1;
        }
    }
    assert!(rows > 1_500, "{rows}");
}

#[test]
fn every_published_decision_point_is_known_with_its_values() {
    let Some(folder) = data() else { return };
    let files = json_files(&folder.join("decision_points"));
    assert_eq!(files.len(), ssvc::points().len());
    for (name, published) in files {
        let text = |field: &str| published[field].as_str().unwrap();
        let point = ssvc::point(text("namespace"), text("key"), text("version")).unwrap();
        assert_eq!(point.name, text("name"), "{name}");
        assert_eq!(point.definition, text("definition"), "{name}");
        let values = published["values"].as_array().unwrap();
        assert_eq!(values.len(), point.values.len());
        for (theirs, ours) in values.iter().zip(&point.values) {
            assert_eq!(theirs["key"], ours.key);
            assert_eq!(theirs["name"], ours.name);
            assert_eq!(theirs["definition"], ours.definition.as_str());
        }
    }
}

const ANSWERS: [(&str, &str); 4] = [("E", "A"), ("U", "S"), ("TI", "T"), ("PSI", "S")];

#[test]
fn a_table_is_found_by_any_of_its_names() {
    for name in [
        "supplier",
        "supplier_patch_development_priority",
        "supplier_patch_development_priority_1_0_0",
        "supplier-patch-development-priority",
        "DT_SP",
        "ssvc:DT_SP",
        "ssvc:DT_SP:1.0.0",
        "Supplier Patch Development Priority",
    ] {
        let table = ssvc::table(name).unwrap();
        assert_eq!(table.key, "DT_SP", "{name}");
        assert_eq!(table.evaluate(&ANSWERS).unwrap().value.name, "Immediate");
    }
    let error = ssvc::table("suplier").unwrap_err().to_string();
    assert!(
        error.contains("supplier_patch_development_priority"),
        "{error}"
    );
}

#[test]
fn points_and_values_go_by_key_identifier_or_name() {
    let table = ssvc::table("supplier").unwrap();
    let answers = [
        ("ssvc:E:1.1.0", "public poc"),
        ("ssvc:U", "Super Effective"),
        ("technical impact", "total"),
        ("psi", "m"),
    ];
    let outcome = table.evaluate(&answers).unwrap();
    assert_eq!(outcome.inputs.len(), 4);
    assert_eq!(outcome.inputs[0].1.key, "P");
    let cisa = ssvc::table("cisa").unwrap();
    let answers = [("E", "A"), ("A", "Y"), ("TI", "T"), ("MWI", "H")];
    assert_eq!(cisa.evaluate(&answers).unwrap().value.name, "Act");
}

#[test]
fn wrong_answers_name_the_decision_point_and_what_is_allowed() {
    let table = ssvc::table("supplier").unwrap();
    let without = |skip: &str| {
        let mut answers = ANSWERS.to_vec();
        answers.retain(|(key, _)| *key != skip);
        answers
    };
    let error = table.evaluate(&without("TI")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "decision point ssvc:TI:1.0.0 (Technical Impact) has no answer: choose one of P (Partial), T (Total)"
    );
    let with = |key, value| {
        let mut answers = without("TI");
        answers.push((key, value));
        table.evaluate(&answers).unwrap_err()
    };
    assert!(matches!(with("TI", "Z"), SsvcError::UnknownValue { .. }));
    assert!(matches!(with("XX", "Z"), SsvcError::UnknownPoint { .. }));
    assert!(matches!(with("E", "A"), SsvcError::Duplicate { .. }));
    assert!(matches!(
        with("ssvc:TI:0.9.0", "T"),
        SsvcError::WrongVersion { .. }
    ));
    // The outcome is decided, not answered.
    assert!(matches!(with("DSOI", "I"), SsvcError::UnknownPoint { .. }));
}

#[test]
fn selection_lists_come_out_and_go_in_again() {
    let table = ssvc::table("supplier").unwrap();
    let outcome = table.evaluate(&ANSWERS).unwrap();
    let list = outcome.selection_list("2026-01-02T03:04:05Z", &["CVE-1900-1234".to_owned()]);
    let text = serde_json::to_string(&list).unwrap();
    let read: SelectionList = serde_json::from_str(&text).unwrap();
    assert_eq!(read, list);
    assert_eq!(table.evaluate_list(&read).unwrap(), outcome);
    let mut open = read.clone();
    let second = open.selections[1].values[0].clone();
    open.selections[0].values.push(second);
    assert!(matches!(
        table.evaluate_list(&open),
        Err(SsvcError::NotOneValue { count: 2, .. })
    ));
    let Some(folder) = data() else { return };
    let schema = std::fs::read_to_string(folder.join("schema/v2/SelectionList_2_0_0.schema.json"));
    let schema: Value = serde_json::from_str(&schema.unwrap()).unwrap();
    let instance: Value = serde_json::from_str(&text).unwrap();
    assert!(
        jsonschema::validator_for(&schema)
            .unwrap()
            .is_valid(&instance)
    );
    let example = folder.join("examples/CVE-1900-1234-Decision_Point_Value_Selection-2-0-0.json");
    let example: SelectionList =
        serde_json::from_str(&std::fs::read_to_string(example).unwrap()).unwrap();
    assert_eq!(example.selections.len(), 3);
}

proptest! {
    #[test]
    fn no_answer_panics(key in ".{0,20}", value in ".{0,20}", name in ".{0,20}") {
        let _ = ssvc::table(&name);
        for table in ssvc::tables() {
            if table.evaluate(&[(&key, &value)]).is_ok() {
                panic!("one random answer decided {}", table.id);
            }
        }
    }
}
