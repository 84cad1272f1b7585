//! GitHub's advisories: from the record and back, the words of its database, hostile input.

#![expect(clippy::unwrap_used, reason = "tests")]

#[expect(dead_code, reason = "shared; not every test reads the world's data")]
mod record_support;

use entente_documents::ghsa::{self, Document};
use entente_documents::osv;
use entente_documents::record::losses::Format;
use entente_documents::record::{Event, Order, Product, Range, Record, Text};
use entente_documents::versions::Scheme;
use proptest::prelude::*;
use proptest::test_runner::Config;
use record_support::{cases, hold, mutated, record, samples};
use serde_json::json;

#[test]
fn only_what_the_account_says_is_lost() {
    proptest!(Config::with_cases(cases(500)), |(record in record())| {
        let document = ghsa::write(&record);
        let again = Document::read(document.to_json().as_bytes()).unwrap();
        let (mut after, left) = again.record();
        prop_assert!(left.is_empty(), "{left:?}");
        // An advisory needs a summary: without a title it is the id.
        after.titles.retain(|title| title.text != record.id);
        hold(Format::Ghsa, &record, &after)?;
    });
}

#[test]
fn an_advisory_is_as_the_interface_takes_it() {
    let record = Record {
        id: "ACME-1".to_owned(),
        aliases: vec!["CVE-2026-1234".to_owned()],
        titles: vec![Text::en("Box opens by itself")],
        cwes: vec![284],
        products: vec![Product {
            name: "box".to_owned(),
            ecosystem: Some("crates.io".to_owned()),
            ranges: vec![Range {
                order: Order::Scheme(Scheme::Cargo),
                repo: None,
                events: vec![
                    Event::Introduced("0".to_owned()),
                    Event::Fixed("1.2.0".to_owned()),
                    Event::Introduced("2.0.0".to_owned()),
                ],
            }],
            ..Product::default()
        }],
        ..Record::default()
    };
    assert_eq!(
        ghsa::write(&record).value(),
        &json!({
            "summary": "Box opens by itself",
            "description": "",
            "cve_id": "CVE-2026-1234",
            "cwe_ids": ["CWE-284"],
            "vulnerabilities": [
                {
                    "package": {"ecosystem": "rust", "name": "box"},
                    "vulnerable_version_range": "< 1.2.0",
                    "patched_versions": "1.2.0",
                },
                {
                    "package": {"ecosystem": "rust", "name": "box"},
                    "vulnerable_version_range": ">= 2.0.0",
                },
            ],
        })
    );
}

#[test]
fn the_last_affected_version_of_the_database_is_taken() {
    let document = osv::Document::from_value(json!({
        "id": "GHSA-2222-3333-4444",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [{
            "package": {"ecosystem": "npm", "name": "box"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
            "database_specific": {"last_known_affected_version_range": "<= 1.4.0"},
        }],
        "database_specific": {"cwe_ids": ["CWE-79", "NVD-CWE-Other"], "severity": "HIGH"},
    }));
    let (record, left) = ghsa::record(&document.unwrap());
    assert_eq!(
        record.products[0].ranges[0].events,
        [
            Event::Introduced("0".to_owned()),
            Event::LastAffected("1.4.0".to_owned())
        ]
    );
    assert_eq!(record.cwes, [79]);
    assert_eq!(left[0].path, "/database_specific/cwe_ids/1");
}

#[test]
fn hostile_input_is_refused_or_read() {
    let written = samples()
        .into_iter()
        .map(|record| ghsa::write(&record).to_json());
    let seeds: Vec<Vec<u8>> = written.map(String::into_bytes).collect();
    let cuts = prop::collection::vec(any::<(usize, u8, u8)>(), 1..5);
    proptest!(Config::with_cases(cases(10_000)), |(seed in 0..seeds.len(), cuts in cuts)| {
        let bytes = mutated(&seeds[seed], &cuts);
        if let Ok(document) = Document::read(&bytes) {
            prop_assert!(ghsa::write(&document.record().0).value().is_object());
        }
        if let Ok(document) = osv::Document::read(&bytes) {
            let _ = ghsa::record(&document);
        }
    });
}
