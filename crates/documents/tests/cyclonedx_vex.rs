//! CycloneDX: VEX from the record and back, real bills of materials, and hostile input.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "csaf_support/archive.rs"]
mod archive;
mod record_support;

use entente_documents::cyclonedx_vex::{self, Document};
use entente_documents::record::losses::Format;
use entente_documents::record::{Event, Justification, Order, Product, Range, Record, Status};
use entente_documents::versions::Scheme;
use proptest::prelude::*;
use proptest::test_runner::Config;
use record_support::{cases, data, hold, mutated, record, samples};
use serde_json::{Value, json};

#[test]
fn only_what_the_account_says_is_lost() {
    proptest!(Config::with_cases(cases(500)), |(record in record())| {
        let document = cyclonedx_vex::write(&record);
        let again = Document::read(document.to_json().as_bytes()).unwrap();
        let (records, left) = again.records();
        prop_assert!(left.is_empty(), "{left:?}");
        prop_assert_eq!(records.len(), 1);
        hold(Format::CycloneDx, &record, &records[0])?;
    });
}

#[test]
fn outputs_pass_the_official_schema() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/schemas/cyclonedx/bom-1.7.schema.json"
    );
    let path = std::path::Path::new(path);
    let read = |path: &std::path::Path| -> Value {
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    let mut registry = jsonschema::Registry::new();
    for other in ["spdx", "jsf-0.82", "cryptography-defs"] {
        let file = format!("{other}.schema.json");
        let schema = read(&path.with_file_name(&file));
        let uri = format!("http://cyclonedx.org/schema/{file}");
        registry = registry
            .add(uri, jsonschema::Resource::from_contents(schema))
            .unwrap();
    }
    let registry = registry.prepare().unwrap();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .with_registry(&registry)
        .build(&read(path))
        .unwrap();
    proptest!(Config::with_cases(cases(200)), |(record in record())| {
        let document = cyclonedx_vex::write(&record);
        let errors: Vec<String> = validator
            .iter_errors(document.value())
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        prop_assert!(errors.is_empty(), "{errors:?}");
    });
}

#[test]
fn real_bills_of_materials_read() {
    let Some(path) = data("corpus/sbom/cyclonedx-real-161.tar.xz") else {
        return;
    };
    let (mut read, mut vulnerabilities) = (0, 0);
    for (name, bytes) in archive::unpack(&path) {
        let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
            continue;
        };
        if value["bomFormat"] != "CycloneDX" {
            continue;
        }
        let document =
            Document::read(&bytes).unwrap_or_else(|error| unreachable!("{name}: {error}"));
        assert_eq!(document.value(), &value, "{name}");
        vulnerabilities += document.records().0.len();
        read += 1;
    }
    println!("{read} documents, {vulnerabilities} vulnerabilities");
    assert!(read > 50, "{read}");
}

fn product(name: &str, status: Status) -> Product {
    Product {
        name: name.to_owned(),
        status,
        ..Product::default()
    }
}

#[test]
fn products_share_an_analysis_only_if_the_same_is_said_of_them() {
    let record = Record {
        id: "CVE-2026-1".to_owned(),
        products: vec![
            product("a", Status::Affected),
            product("b", Status::Affected),
            Product {
                justification: Some(Justification::VulnerableCodeNotInExecutePath),
                ..product("c", Status::NotAffected)
            },
        ],
        ..Record::default()
    };
    let document = cyclonedx_vex::write(&record);
    let entries = document.value()["vulnerabilities"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(
        entries[0]["affects"],
        json!([{"ref": "product-1"}, {"ref": "product-2"}])
    );
    assert_eq!(
        entries[1]["analysis"],
        json!({"state": "not_affected", "justification": "code_not_reachable"})
    );
    assert_eq!(document.records().0[0].products, record.products);
}

#[test]
fn ranges_are_vers_and_what_is_none_is_not_said() {
    let range = |order, events| Range {
        order,
        repo: None,
        events,
    };
    let events = vec![
        Event::Introduced("0".to_owned()),
        Event::Fixed("1.2.0".to_owned()),
        Event::Introduced("2.0.0".to_owned()),
        Event::LastAffected("2.1.0".to_owned()),
    ];
    let record = Record {
        products: vec![
            Product {
                ranges: vec![range(Order::Scheme(Scheme::Npm), events.clone())],
                ..product("a", Status::Affected)
            },
            Product {
                ranges: vec![range(Order::Git, events)],
                ..product("b", Status::Affected)
            },
        ],
        ..Record::default()
    };
    let document = cyclonedx_vex::write(&record);
    assert_eq!(
        document.value()["vulnerabilities"][0]["affects"],
        json!([{"ref": "product-1", "versions": [
            {"range": "vers:npm/<1.2.0", "status": "affected"},
            {"range": "vers:npm/>=2.0.0|<=2.1.0", "status": "affected"},
        ]}])
    );
    assert_eq!(document.records().0[0].products, record.products[..1]);
}

#[test]
fn hostile_input_is_refused_or_read() {
    let written = samples()
        .into_iter()
        .map(|record| cyclonedx_vex::write(&record).to_json());
    let seeds: Vec<Vec<u8>> = written.map(String::into_bytes).collect();
    let cuts = prop::collection::vec(any::<(usize, u8, u8)>(), 1..5);
    proptest!(Config::with_cases(cases(10_000)), |(seed in 0..seeds.len(), cuts in cuts)| {
        if let Ok(document) = Document::read(&mutated(&seeds[seed], &cuts)) {
            for record in document.records().0 {
                prop_assert!(cyclonedx_vex::write(&record).value().is_object());
            }
        }
    });
}
