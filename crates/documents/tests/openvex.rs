//! OpenVEX: the canonical id, the way from the record and back, and hostile input.

#![expect(clippy::unwrap_used, reason = "tests")]

#[expect(dead_code, reason = "shared; not every test reads the world's data")]
mod record_support;

use entente_documents::openvex::{self, Document, NotWritable};
use entente_documents::purl;
use entente_documents::record::losses::Format;
use entente_documents::record::{
    Event, Justification, Order, Product, Range, Record, Remediation, RemediationKind, Status, Text,
};
use entente_documents::versions::Scheme;
use proptest::prelude::*;
use proptest::test_runner::Config;
use record_support::{cases, hold, mutated, record, samples};
use serde_json::{Value, json};

// The document and the hashes are those by which the format's own library is tested.
fn golden() -> Value {
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "any",
        "author": "John Doe",
        "role": "VEX Writer Extraordinaire",
        "timestamp": "2022-12-22T16:36:43-05:00",
        "version": 1,
        "statements": [{
            "vulnerability": {"name": "CVE-1234-5678", "aliases": ["some vulnerability alias"]},
            "products": [{
                "@id": "pkg:oci/example@sha256:47fed8868b46b060efb8699dc40e981a0c785650223e03602d8c4493fc75b68c",
                "subcomponents": [{"@id": "pkg:apk/wolfi/bash@1.0.0"}],
            }],
            "status": "under_investigation",
        }],
    })
}

fn hash(value: Value) -> String {
    Document::from_value(value)
        .unwrap()
        .canonical_hash()
        .unwrap()
}

#[test]
fn the_canonical_hash_is_that_of_the_format_s_own_tools() {
    const GOLDEN: &str = "8ed99017785c3b43219018c7c50353c031cdaaf1c7efc146c683b0ce57123cf6";
    assert_eq!(hash(golden()), GOLDEN);
    let mut same = golden();
    same["tooling"] = json!("abc");
    same["statements"][0]["status_notes"] = json!("Let's note something here");
    same["statements"][0]["timestamp"] = json!("2022-12-22T21:36:43Z");
    assert_eq!(hash(same), GOLDEN);
    let mut more = golden();
    more["statements"].as_array_mut().unwrap().push(json!({
        "vulnerability": {"name": "CVE-2010-543231"},
        "products": [{"@id": "pkg:apk/wolfi/git@2.0.0"}],
        "status": "affected",
    }));
    assert_eq!(
        hash(more),
        "cbfbba00d118572164b5b934e3ced71c1b02e171f942abfe66d42775dba703cf"
    );
    let mut other = golden();
    other["statements"][0]["products"][0]["@id"] = json!("cool router, bro");
    assert_eq!(
        hash(other),
        "010aaeb3d6bf69c486e199a48ec40038ca347d2603142dd48d97937d8477fe37"
    );
    let mut later = golden();
    later["timestamp"] = json!("2019-01-22T16:36:43-05:00");
    assert_eq!(
        hash(later),
        "d585979c1cc06797d2486382b3fd5e95d3a9b416525c95c9fefcef9863a595c8"
    );
}

fn box_of(status: Status) -> Product {
    Product {
        name: "box".to_owned(),
        purl: Some(purl::parse("pkg:npm/box").unwrap()),
        versions: vec!["1.0".to_owned(), "1.1".to_owned()],
        status,
        ..Product::default()
    }
}

#[test]
fn statements_say_what_the_format_requires() {
    let mut record = Record {
        id: "CVE-2026-1234".to_owned(),
        products: vec![
            Product {
                justification: Some(Justification::ComponentNotPresent),
                ..box_of(Status::NotAffected)
            },
            box_of(Status::NotAffected),
            box_of(Status::Affected),
            Product {
                action: Some("Switch it off.".to_owned()),
                ..box_of(Status::Affected)
            },
        ],
        ..Record::default()
    };
    record.dates.modified = "2026-01-01T00:00:00Z".to_owned();
    let document = openvex::write(&record).unwrap();
    let statements = document.value()["statements"].as_array().unwrap();
    assert_eq!(statements[0]["products"][1]["@id"], "pkg:npm/box@1.1");
    assert_eq!(statements[0].get("impact_statement"), None);
    assert_eq!(statements[1]["impact_statement"], "No reason was given.");
    assert_eq!(statements[2]["action_statement"], "No action is known yet.");
    assert_eq!(statements[3]["action_statement"], "Switch it off.");
    assert_eq!(document.value()["@id"], json!(document.canonical_id()));
    let (records, left) = document.records();
    assert_eq!(left, []);
    assert_eq!(records[0].products, record.products);

    record.remediations.push(Remediation {
        kind: RemediationKind::Fix,
        text: Text::en("Update to 1.2."),
        url: None,
    });
    let document = openvex::write(&record).unwrap();
    assert_eq!(
        document.value()["statements"][2]["action_statement"],
        "Update to 1.2."
    );
}

#[test]
fn what_cannot_be_named_is_refused_with_a_remedy() {
    let range = Range {
        order: Order::Scheme(Scheme::Npm),
        repo: None,
        events: vec![Event::Introduced("0".to_owned())],
    };
    let product = Product {
        versions: Vec::new(),
        ranges: vec![range],
        ..box_of(Status::Affected)
    };
    let mut record = Record {
        products: vec![product],
        ..Record::default()
    };
    assert_eq!(openvex::write(&record), Err(NotWritable::NoProduct));
    record.products = vec![box_of(Status::Fixed)];
    assert_eq!(openvex::write(&record), Err(NotWritable::NoInstant));
}

#[test]
fn only_what_the_account_says_is_lost() {
    proptest!(Config::with_cases(cases(500)), |(record in record())| {
        let Ok(document) = openvex::write(&record) else { return Ok(()) };
        let again = Document::read(document.to_json().as_bytes()).unwrap();
        prop_assert_eq!(again.canonical_id(), document.canonical_id());
        let (records, left) = again.records();
        prop_assert!(left.is_empty(), "{left:?}");
        prop_assert_eq!(records.len(), 1);
        hold(Format::OpenVex, &record, &records[0])?;
    });
}

#[test]
fn outputs_pass_the_official_schema() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/schemas/openvex/schema.json"
    );
    let path = std::path::Path::new(path);
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    proptest!(Config::with_cases(cases(300)), |(record in record())| {
        let Ok(document) = openvex::write(&record) else { return Ok(()) };
        let errors: Vec<String> = validator
            .iter_errors(document.value())
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        prop_assert!(errors.is_empty(), "{errors:?}");
    });
}

#[test]
fn hostile_input_is_refused_or_read() {
    let written = samples()
        .into_iter()
        .filter_map(|record| openvex::write(&record).ok());
    let mut seeds: Vec<Vec<u8>> = written
        .map(|document| document.to_json().into_bytes())
        .collect();
    seeds.push(golden().to_string().into_bytes());
    let cuts = prop::collection::vec(any::<(usize, u8, u8)>(), 1..5);
    proptest!(Config::with_cases(cases(10_000)), |(seed in 0..seeds.len(), cuts in cuts)| {
        if let Ok(document) = Document::read(&mutated(&seeds[seed], &cuts)) {
            prop_assert!(document.canonical_id().is_some());
            for record in document.records().0 {
                let _ = openvex::write(&record);
            }
        }
    });
}

#[test]
fn many_products_of_one_statement_cost_no_more_than_each() {
    let mut many = golden();
    many["statements"][0]["products"] = (0..60_000)
        .map(|n| json!({"@id": format!("pkg:npm/box{}@{n}", n % 30_000)}))
        .collect();
    let (records, _) = Document::from_value(many).unwrap().records();
    assert_eq!(records[0].products.len(), 30_000);
    assert_eq!(records[0].products[7].versions, ["7", "30007"]);
}
