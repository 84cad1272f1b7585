//! OSV: the public corpus, the way from the record and back, and hostile input.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "csaf_support/archive.rs"]
mod archive;
mod record_support;

use entente_documents::osv::{self, Document};
use entente_documents::record::losses::Format;
use entente_documents::record::{Event, Order, Record};
use proptest::prelude::*;
use proptest::test_runner::Config;
use record_support::{cases, data, hold, mutated, record, samples};
use serde_json::{Value, json};

const ARCHIVES: [&str; 2] = [
    "corpus/osv/rustsec-osv.tar.xz",
    "corpus/osv/pypa-osv.tar.xz",
];

// What the record has no place for, taken out of a document before it is compared with what was
// written from the record. Everything else must come back as it was.
fn without_what_the_record_leaves(document: &Value) -> Value {
    let mut document = document.clone();
    let root = document.as_object_mut().unwrap();
    // The version of the format is the writer's.
    root.insert("schema_version".to_owned(), json!(osv::SCHEMA_VERSION));
    // What a database says in its own words: all but the CWE ids.
    let ids = root.remove("database_specific").and_then(|mut own| {
        let ids = own.get_mut("cwe_ids")?.take();
        ids.as_array()
            .is_some_and(|ids| !ids.is_empty())
            .then_some(ids)
    });
    if let Some(ids) = ids {
        root.insert("database_specific".to_owned(), json!({"cwe_ids": ids}));
    }
    // A null or empty list says as much as none.
    for key in [
        "aliases",
        "related",
        "upstream",
        "severity",
        "affected",
        "references",
        "credits",
    ] {
        let says = root
            .get(key)
            .and_then(Value::as_array)
            .is_some_and(|list| !list.is_empty());
        if !says {
            root.remove(key);
        }
    }
    for affected in root
        .get_mut("affected")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        let affected = affected.as_object_mut().unwrap();
        affected.remove("ecosystem_specific");
        affected.remove("database_specific");
        for key in ["versions", "ranges", "severity"] {
            if affected
                .get(key)
                .and_then(Value::as_array)
                .is_some_and(Vec::is_empty)
            {
                affected.remove(key);
            }
        }
        for range in affected
            .get_mut("ranges")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            range.as_object_mut().unwrap().remove("database_specific");
        }
    }
    document
}

#[test]
fn the_corpus_reads_and_rewrites() {
    let mut seen = 0;
    for archive in ARCHIVES {
        let Some(path) = data(archive) else { return };
        for (_, bytes) in archive::unpack(&path) {
            let original: Value = serde_json::from_slice(&bytes).unwrap();
            let document = Document::read(&bytes).unwrap();
            assert_eq!(document.value(), &original);
            let again = Document::read(document.to_json().as_bytes()).unwrap();
            assert_eq!(again, document, "writing keeps everything");

            let (record, left) = document.record();
            assert!(left.is_empty(), "{}: {left:?}", record.id);
            let written = osv::write(&record);
            assert_eq!(
                written.value(),
                &without_what_the_record_leaves(&original),
                "by way of the record"
            );
            seen += 1;
        }
    }
    assert_eq!(seen, 3867);
}

#[test]
fn only_what_the_account_says_is_lost() {
    proptest!(Config::with_cases(cases(500)), |(record in record())| {
        let document = osv::write(&record);
        let again = Document::read(document.to_json().as_bytes()).unwrap();
        let (after, left) = again.record();
        prop_assert!(left.is_empty(), "{left:?}");
        prop_assert_eq!(&record.id, &after.id);
        hold(Format::Osv, &record, &after)?;
    });
}

#[test]
fn outputs_pass_the_official_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas/osv/schema.json");
    let path = std::path::Path::new(path);
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    proptest!(Config::with_cases(cases(500)), |(record in record())| {
        let document = osv::write(&record);
        let errors: Vec<String> = validator
            .iter_errors(document.value())
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        prop_assert!(errors.is_empty(), "{errors:?}");
    });
}

#[test]
fn places_are_named() {
    let wrong = json!({
        "id": "OSV-1",
        "modified": "yesterday",
        "affected": [{"package": {"name": 3, "ecosystem": "npm"}, "ranges": [{"type": "git"}]}],
        "references": {},
    });
    let error = Document::read(wrong.to_string().as_bytes())
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "not a document of OSV: /modified: \"yesterday\" where an instant like \
         2026-01-31T12:00:00Z is wanted (and 4 more)"
    );
    let entente_documents::record::ReadError::Shape { problems, .. } =
        Document::from_value(wrong).unwrap_err()
    else {
        unreachable!("it is JSON")
    };
    let paths: Vec<_> = problems
        .iter()
        .map(|problem| problem.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "/modified",
            "/affected/0/package/name",
            "/affected/0/ranges/0/type",
            "/affected/0/ranges/0",
            "/references"
        ]
    );
}

#[test]
fn unknown_members_are_kept() {
    let text = br#"{"id":"OSV-1","modified":"2026-01-01T00:00:00Z","tomorrow":[{"x":null}]}"#;
    let document = Document::read(text).unwrap();
    assert_eq!(document.value()["tomorrow"], json!([{"x": null}]));
    assert!(document.to_json().contains("tomorrow"));
}

#[test]
fn an_id_without_a_registered_prefix_is_marked() {
    let named = |id: &str| {
        let record = Record {
            id: id.to_owned(),
            ..Record::default()
        };
        osv::write(&record).value()["id"].clone()
    };
    assert_eq!(named("ACME-2026-1"), "x_ACME-2026-1");
    assert_eq!(named("x_ACME-2026-1"), "x_ACME-2026-1");
    assert_eq!(named("CVE-2026-1234"), "CVE-2026-1234");
}

#[test]
fn events_out_of_order_are_ordered_or_named() {
    let read = |ecosystem: &str, events: Value| {
        let document = Document::from_value(json!({
            "id": "OSV-1",
            "modified": "2026-01-01T00:00:00Z",
            "affected": [{
                "package": {"ecosystem": ecosystem, "name": "a"},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }],
        }));
        document.unwrap().record()
    };
    let events = json!([{"fixed": "1.10.0"}, {"introduced": "1.9.0"}, {"introduced": "0"}, {"fixed": "1.2.0"}]);
    let (record, left) = read("npm", events.clone());
    assert_eq!(left, []);
    let range = &record.products[0].ranges[0];
    assert_eq!(
        range.events,
        [
            Event::Introduced("0".to_owned()),
            Event::Fixed("1.2.0".to_owned()),
            Event::Introduced("1.9.0".to_owned()),
            Event::Fixed("1.10.0".to_owned()),
        ]
    );
    assert_ne!(range.order, Order::Git);
    let (record, left) = read("Unheard-of", events);
    assert!(record.products[0].ranges.is_empty());
    assert_eq!(left[0].path, "/affected/0/ranges/0/events");
}

#[test]
fn hostile_input_is_refused_or_read() {
    let written = samples()
        .into_iter()
        .map(|record| osv::write(&record).to_json());
    let seeds: Vec<Vec<u8>> = written.map(String::into_bytes).collect();
    let cuts = prop::collection::vec(any::<(usize, u8, u8)>(), 1..5);
    proptest!(Config::with_cases(cases(10_000)), |(seed in 0..seeds.len(), cuts in cuts)| {
        if let Ok(document) = Document::read(&mutated(&seeds[seed], &cuts)) {
            prop_assert!(osv::write(&document.record().0).value().is_object());
        }
    });
    proptest!(Config::with_cases(cases(10_000)), |(bytes in prop::collection::vec(any::<u8>(), 0..200))| {
        if let Ok(document) = Document::read(&bytes) {
            prop_assert!(document.value().is_object());
        }
    });
    for depth in [100, 127, 128, 129, 100_000] {
        let deep = format!("{}{}", "{\"id\":".repeat(depth), "[".repeat(depth));
        assert!(Document::read(deep.as_bytes()).is_err());
    }
}
