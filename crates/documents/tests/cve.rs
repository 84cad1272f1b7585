//! CVE records: the official examples, the rules beyond the schema, the way from the record and
//! back, and hostile input.

#![expect(clippy::unwrap_used, reason = "tests")]

mod record_support;

use entente_documents::cve::{self, Document, Finding, Provider, Rule};
use entente_documents::record::losses::Format;
use entente_documents::record::{Record, Text};
use proptest::prelude::*;
use proptest::test_runner::Config;
use record_support::{cases, data, hold, mutated, record, samples};
use serde_json::{Value, json};

fn provider() -> Provider {
    Provider {
        org_id: "b3476cb9-2e3d-41a6-98d0-0f47421a65b6".to_owned(),
        short_name: Some("example".to_owned()),
    }
}

fn written(record: &Record) -> Document {
    cve::document(record, cve::published(record, &provider()), &provider())
}

fn findings(value: &Value) -> Vec<(Rule, String)> {
    let found = cve::validate(value.to_string().as_bytes()).unwrap();
    found
        .into_iter()
        .map(|Finding { rule, path, .. }| (rule, path))
        .collect()
}

#[test]
fn the_official_records_are_judged_as_the_schema_judges() {
    let Some(index) = data("cve/records.json") else {
        return;
    };
    let index: Value = serde_json::from_slice(&std::fs::read(index).unwrap()).unwrap();
    let mut judged = 0;
    for case in index["records"].as_array().unwrap() {
        let file = case["file"].as_str().unwrap();
        let bytes = std::fs::read(data(&format!("cve/{file}")).unwrap()).unwrap();
        let found = cve::validate(&bytes).unwrap();
        let valid = !found.iter().any(|finding| finding.rule == Rule::Schema);
        assert_eq!(
            valid,
            case["valid_5.2.0-derived"].as_bool().unwrap(),
            "{file}: {found:#?}"
        );
        if valid {
            let document = Document::read(&bytes).unwrap();
            let original: Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(document.value(), &original);
            let _ = document.record();
        }
        judged += 1;
    }
    assert!(judged > 20, "{judged}");
}

#[test]
fn the_example_of_the_program_comes_through() {
    let Some(path) = data("cve/records/advanced.json") else {
        return;
    };
    let document = Document::read(&std::fs::read(path).unwrap()).unwrap();
    let (record, left) = document.record();
    assert_eq!(left, []);
    assert_eq!(record.cwes, [78]);
    assert_eq!(record.descriptions.len(), 2);
    assert_eq!(record.severities.len(), 3);
    assert_eq!(
        record.products.len(),
        2,
        "what is affected, and what is not"
    );
    let again = written(&record);
    assert_eq!(findings(again.value()), []);
}

#[test]
fn only_what_the_account_says_is_lost() {
    proptest!(Config::with_cases(cases(500)), |(record in record())| {
        let document = written(&record);
        let again = Document::read(document.to_json().as_bytes()).unwrap();
        let (after, left) = again.record();
        prop_assert!(left.is_empty(), "{left:?}");
        hold(Format::Cve, &record, &after)?;
    });
}

#[test]
fn outputs_pass_the_official_schema() {
    proptest!(Config::with_cases(cases(300)), |(mut record in record())| {
        // What the schema requires, the author has to say.
        "CVE-2026-1234".clone_into(&mut record.id);
        record.descriptions.retain(|text| text.lang != "en");
        record.descriptions.push(Text::en("What it is."));
        let document = written(&record);
        let found = cve::validate(document.to_json().as_bytes()).unwrap();
        for finding in found {
            let missing = record.products.is_empty() || record.references.is_empty();
            let told = matches!(finding.rule, Rule::Dates | Rule::Affected | Rule::Reference);
            let twice = finding.rule == Rule::Range && finding.message.contains("judged before");
            prop_assert!(missing || told || twice, "{finding:?}");
        }
    });
    let reasons = [Text::en("Not a vulnerability.")];
    let container = cve::rejected(&reasons, &["CVE-2026-9999".to_owned()], &provider());
    let record = Record {
        id: "CVE-2026-1234".to_owned(),
        ..Record::default()
    };
    let document = cve::document(&record, container, &provider());
    assert_eq!(findings(document.value()), []);
    assert_eq!(document.record().0.descriptions, reasons);
}

fn sound() -> Value {
    json!({
        "dataType": "CVE_RECORD",
        "dataVersion": "5.2",
        "cveMetadata": {
            "cveId": "CVE-2026-1234",
            "assignerOrgId": "b3476cb9-2e3d-41a6-98d0-0f47421a65b6",
            "state": "PUBLISHED",
            "dateReserved": "2026-01-01T00:00:00",
            "datePublished": "2026-02-01T00:00:00.000Z",
            "dateUpdated": "2026-03-01T00:00:00.000Z",
        },
        "containers": {"cna": {
            "providerMetadata": {"orgId": "b3476cb9-2e3d-41a6-98d0-0f47421a65b6"},
            "datePublic": "2026-02-01T00:00:00Z",
            "descriptions": [{"lang": "en", "value": "It breaks."}],
            "affected": [{
                "vendor": "Example", "product": "Box", "packageURL": "pkg:npm/box",
                "defaultStatus": "unaffected",
                "versions": [
                    {"version": "1.0.0", "lessThan": "1.10.0", "status": "affected",
                     "versionType": "semver",
                     "changes": [{"at": "1.9.0", "status": "unaffected"}]},
                    {"version": "0.9.0", "status": "unaffected"},
                ],
            }],
            "problemTypes": [{"descriptions": [
                {"lang": "en", "description": "CWE-79", "cweId": "CWE-79", "type": "CWE"},
            ]}],
            "metrics": [{"format": "CVSS", "cvssV3_1": {
                "version": "3.1",
                "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                "attackVector": "NETWORK",
                "baseScore": 9.8, "baseSeverity": "CRITICAL",
            }}],
            "references": [{"url": "https://example.org/a"}],
        }},
    })
}

#[test]
fn every_rule_finds_what_it_is_for() {
    assert_eq!(findings(&sound()), []);
    let cna = "/containers/cna";
    let vector = format!("{cna}/metrics/0/cvssV3_1");
    let versions = format!("{cna}/affected/0/versions");
    let cases = [
        (Rule::Score, format!("{vector}/baseScore"), json!(9.7)),
        (Rule::Score, format!("{vector}/baseSeverity"), json!("HIGH")),
        (
            Rule::Score,
            format!("{vector}/attackVector"),
            json!("LOCAL"),
        ),
        (
            Rule::Dates,
            "/cveMetadata/datePublished".to_owned(),
            json!("2025-12-31T00:00:00Z"),
        ),
        (
            Rule::Dates,
            "/cveMetadata/dateUpdated".to_owned(),
            json!("2026-01-31T23:59:59Z"),
        ),
        (
            Rule::Dates,
            format!("{cna}/datePublic"),
            json!("2026-02-01T00:00:00.001Z"),
        ),
        (
            Rule::Range,
            format!("{versions}/0/lessThan"),
            json!("0.99.0"),
        ),
        (
            Rule::Range,
            format!("{versions}/0/changes/0/at"),
            json!("1.11.0"),
        ),
        (
            Rule::Range,
            format!("{versions}/0/changes/0/at"),
            json!("0.1.0"),
        ),
        (
            Rule::Range,
            format!("{versions}/0/changes/0/status"),
            json!("affected"),
        ),
        (
            Rule::PackageUrl,
            format!("{cna}/affected/0/packageURL"),
            json!("pkg:npm/box@1.0.0"),
        ),
        (
            Rule::PackageUrl,
            format!("{cna}/affected/0/packageURL"),
            json!("npm:box"),
        ),
        (
            Rule::Weakness,
            format!("{cna}/problemTypes/0/descriptions/0/cweId"),
            json!("CWE-99999"),
        ),
        (
            Rule::Description,
            format!("{cna}/descriptions/0/value"),
            json!(" "),
        ),
    ];
    for (rule, path, value) in cases {
        let mut document = sound();
        *document.pointer_mut(&path).unwrap() = value.clone();
        let found = findings(&document);
        assert!(
            found.contains(&(rule, path.clone())),
            "{path} = {value}: {found:?}"
        );
    }
    let mut document = sound();
    document["containers"]["cna"]["metrics"][0]["cvssV3_1"]["vectorString"] =
        json!("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H");
    assert!(findings(&document).contains(&(Rule::Vector, format!("{vector}/vectorString"))));

    let mut document = sound();
    let url = json!({"url": "https://example.org/a", "tags": ["patch"]});
    document["containers"]["cna"]["references"]
        .as_array_mut()
        .unwrap()
        .push(url);
    assert_eq!(
        findings(&document),
        [(Rule::Reference, format!("{cna}/references/1/url"))]
    );

    let mut document = sound();
    document["containers"]["cna"]["affected"][0]["versions"] =
        json!([{"version": "1.0", "status": "unaffected"}]);
    assert_eq!(
        findings(&document),
        [(Rule::Affected, format!("{cna}/affected"))]
    );

    let mut document = sound();
    document["containers"]["cna"]["affected"][0]["versions"] = json!([
        {"version": "1.0", "status": "affected"},
        {"version": "1.0", "status": "unaffected"},
    ]);
    assert_eq!(
        findings(&document),
        [(Rule::Range, format!("{versions}/1/version"))]
    );

    let container = cve::rejected(
        &[Text::en("No.")],
        &["CVE-2026-1234".to_owned()],
        &provider(),
    );
    let record = Record {
        id: "CVE-2026-1234".to_owned(),
        ..Record::default()
    };
    let document = cve::document(&record, container, &provider());
    let expected = [(Rule::Replacement, format!("{cna}/replacedBy/0"))];
    assert_eq!(findings(document.value()), expected);
}

#[test]
fn a_schema_error_hides_nothing_else() {
    let mut document = sound();
    document["containers"]["cna"]["surprise"] = json!(1);
    document["containers"]["cna"]["metrics"][0]["cvssV3_1"]["baseScore"] = json!(9.7);
    let found = findings(&document);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0], (Rule::Schema, "/containers/cna".to_owned()));
    assert_eq!(found[1].0, Rule::Score);
}

#[test]
fn hostile_input_is_refused_or_read() {
    let written = samples()
        .into_iter()
        .map(|record| written(&record).to_json());
    let mut seeds: Vec<Vec<u8>> = written.map(String::into_bytes).collect();
    seeds.push(sound().to_string().into_bytes());
    let cuts = prop::collection::vec(any::<(usize, u8, u8)>(), 1..5);
    proptest!(Config::with_cases(cases(10_000)), |(seed in 0..seeds.len(), cuts in cuts)| {
        let bytes = mutated(&seeds[seed], &cuts);
        if let Ok(document) = Document::read(&bytes) {
            let (record, _) = document.record();
            prop_assert!(cve::published(&record, &provider()).is_object());
        }
    });
    // The schema is slow: fewer.
    let cuts = prop::collection::vec(any::<(usize, u8, u8)>(), 1..5);
    proptest!(Config::with_cases(cases(500)), |(seed in 0..seeds.len(), cuts in cuts)| {
        let _ = cve::validate(&mutated(&seeds[seed], &cuts));
    });
}
