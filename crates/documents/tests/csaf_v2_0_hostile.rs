//! Broken, hostile and mutated documents: an answer with a place, in bounded
//! time, and the same verdict on the schema as a general validator.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "csaf_support/mod.rs"]
mod support;

#[path = "csaf_support/effort.rs"]
mod effort;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{LazyLock, OnceLock};
use std::time::{Duration, Instant};

use entente_documents::csaf::Preset;
use entente_documents::csaf::v2_0::{read, validate, validate_value};
use entente_documents::csaf::{Choices, convert, lines};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("assets/csaf/2.0")
        .join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Texts without the line ends that `.` matches for the general validator, but
/// not in the regular expressions that JSON schema means (ECMA-262).
const TEXT: &str = "[^\r\u{2028}\u{2029}]{0,12}";

/// A general validator with the same schemas.
static PEER: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let mut registry = jsonschema::Registry::new();
    for version in ["2.0", "3.0", "3.1"] {
        registry = registry
            .add(
                format!("https://www.first.org/cvss/cvss-v{version}.json"),
                jsonschema::Resource::from_contents(schema(&format!("first/cvss-v{version}.json"))),
            )
            .unwrap();
    }
    let registry = registry.prepare().unwrap();
    jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .build(&schema("csaf_json_schema.json"))
        .unwrap()
});

/// Official documents to mutate; a small one where there are none.
fn seeds() -> &'static [Value] {
    static SEEDS: OnceLock<Vec<Value>> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let mut seeds = vec![json!({"document": {"category": "csaf_base", "csaf_version": "2.0",
            "title": "T", "publisher": {"category": "vendor", "name": "N", "namespace": "https://n.example"},
            "tracking": {"id": "1", "status": "final", "version": "1",
                "current_release_date": "2026-01-01T00:00:00Z",
                "initial_release_date": "2026-01-01T00:00:00Z",
                "revision_history": [{"date": "2026-01-01T00:00:00Z", "number": "1", "summary": "S"}]}}})];
        for group in ["mandatory", "optional", "informative", "examples/csaf"] {
            let Some(folder) = support::data(&format!("csaf/csaf_2.0/{group}")) else {
                continue;
            };
            let mut paths: Vec<_> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|e| e == "json"))
                .collect();
            paths.sort();
            for path in paths {
                let bytes = std::fs::read(path).unwrap();
                if bytes.len() < 50_000 {
                    seeds.push(serde_json::from_slice(&bytes).unwrap());
                }
            }
        }
        seeds
    })
}

fn schema_holds(value: &Value) -> bool {
    validate_value(value, Preset::Schema).valid
}

#[test]
fn the_schema_verdict_is_that_of_a_general_validator() {
    for seed in seeds() {
        assert_eq!(schema_holds(seed), PEER.is_valid(seed), "{seed}");
    }
}

/// Values to put where they do not belong.
fn intruder() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!(true)),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[]])),
        Just(json!([null, 1, "a", "a"])),
        Just(json!("")),
        Just(json!("CSAFPID-9080700")),
        Just(json!("csaf_vex")),
        Just(json!("99999999999999999999999999.0.0-a+b")),
        Just(json!("2026-01-01T00:00:00Z")),
        Just(json!("CVSS:3.1/AV:N")),
        any::<f64>().prop_map(|n| json!(n)),
        any::<i64>().prop_map(|n| json!(n)),
        TEXT.prop_map(Value::String),
    ]
}

#[derive(Debug, Clone)]
enum Mutation {
    Delete,
    Replace(Value),
    Wrap,
    Double,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        Just(Mutation::Delete),
        intruder().prop_map(Mutation::Replace),
        Just(Mutation::Wrap),
        Just(Mutation::Double),
    ]
}

/// Changes the node that `place` falls on.
fn mutate(root: &mut Value, place: usize, mutation: Mutation) {
    fn pointers(value: &Value, at: String, out: &mut Vec<String>) {
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    pointers(item, format!("{at}/{index}"), out);
                }
            }
            Value::Object(members) => {
                for (key, item) in members {
                    pointers(
                        item,
                        format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                        out,
                    );
                }
            }
            _ => {}
        }
        out.push(at);
    }
    let mut all = Vec::new();
    pointers(root, String::new(), &mut all);
    let Some(pointer) = all.get(place % all.len()) else {
        return;
    };
    match mutation {
        Mutation::Delete => {
            let Some((parent, key)) = pointer.rsplit_once('/') else {
                return;
            };
            match root.pointer_mut(parent) {
                Some(Value::Object(members)) => {
                    members.remove(&key.replace("~1", "/").replace("~0", "~"));
                }
                Some(Value::Array(items)) => {
                    items.remove(key.parse().unwrap());
                }
                _ => {}
            }
        }
        Mutation::Replace(new) => *root.pointer_mut(pointer).unwrap() = new,
        Mutation::Wrap => {
            let node = root.pointer_mut(pointer).unwrap();
            *node = match node.take() {
                Value::Array(mut items) if !items.is_empty() => items.remove(0),
                other => json!([other]),
            };
        }
        Mutation::Double => match root.pointer_mut(pointer) {
            Some(Value::Array(items)) => {
                if let Some(first) = items.first().cloned() {
                    items.push(first);
                }
            }
            Some(Value::Object(members)) => {
                let mut more = Map::new();
                for (key, item) in members.iter() {
                    more.insert(format!("{key}2"), item.clone());
                }
                members.extend(more);
            }
            Some(Value::String(text)) => text.push_str(&text.clone()),
            _ => {}
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: effort::cases(3_000), ..ProptestConfig::default() })]

    #[test]
    fn mutated_documents_get_a_report(
        seed in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<usize>(), mutation()), 1..5),
    ) {
        let mut document = seed.get(seeds()).clone();
        for (place, change) in changes {
            mutate(&mut document, place, change);
        }
        let report = validate(document.to_string().as_bytes(), Preset::Full);
        for finding in &report.findings {
            prop_assert!(finding.path.is_empty() || finding.path.starts_with('/'));
            prop_assert!(!finding.message.is_empty());
        }
        prop_assert_eq!(schema_holds(&document), PEER.is_valid(&document), "{}", document);
        let _ = read(document.to_string().as_bytes());
        if let Ok(converted) = convert(document.to_string().as_bytes(), Choices::default()) {
            prop_assert!(converted.notices.iter().all(|n| n.path.is_empty() || n.path.starts_with('/')));
            prop_assert_eq!(converted.document.pointer("/document/csaf_version"), Some(&json!("2.1")));
        }
    }

    #[test]
    fn any_bytes_get_a_report(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = validate(&bytes, Preset::Full);
        let _ = read(&bytes);
        let _ = convert(&bytes, Choices::default());
        let _ = lines(&bytes, &["/a/0", ""]);
    }
}

#[test]
fn what_is_no_json_is_refused_with_a_reason() {
    for bytes in [
        &b""[..],
        b"{",
        b"\xef\xbb\xbf{}",
        b"\xff\xfe",
        b"{\"a\": \"\\ud800\"}",
        b"{} {}",
        b"nan",
        b"[1e999]",
    ] {
        let report = validate(bytes, Preset::Full);
        assert!(!report.valid);
        assert_eq!(report.of("json").count(), 1, "{bytes:?}");
    }
    let deep = "[".repeat(1_000_000);
    assert!(!validate(deep.as_bytes(), Preset::Full).valid);
    let mut nested = json!(1);
    for _ in 0..500 {
        nested = json!([nested]);
    }
    assert_eq!(validate_value(&nested, Preset::Full).of("json").count(), 1);
}

#[test]
fn a_key_given_twice_is_named() {
    let report = validate(
        br#"{"document":{"title":"a","x":1,"title":"b"}}"#,
        Preset::Basic,
    );
    let paths: Vec<_> = report.of("json").map(|f| f.path.as_str()).collect();
    assert_eq!(paths, ["/document/title"]);
}

/// A document that grows a thousandfold costs about a thousand times as much,
/// whatever grows.
#[test]
#[expect(clippy::disallowed_methods, reason = "measures a duration")]
fn cost_grows_with_the_document() {
    let groups = |n: usize| {
        let mut text = String::from(
            r#"{"document":{"category":"csaf_vex"},"product_tree":{"product_groups":[{"group_id":"g","product_ids":["#,
        );
        for i in 0..n {
            let _ = write!(text, "{}\"p{i}\"", if i == 0 { "" } else { "," });
        }
        text.push_str(r#"]}]},"vulnerabilities":["#);
        for i in 0..n {
            let _ = write!(
                text,
                "{}{{\"flags\":[{{\"label\":\"component_not_present\",\"group_ids\":[\"g\"]}},{{\"label\":\"component_not_present\",\"product_ids\":[\"p1\"]}}],\"product_status\":{{\"known_not_affected\":[\"p2\"]}}}}",
                if i == 0 { "" } else { "," }
            );
        }
        text.push_str("]}");
        text
    };
    let keys = |n: usize| {
        let mut text = String::from("{");
        for i in 0..n {
            let _ = write!(text, "{}\"k{}\":1", if i == 0 { "" } else { "," }, n - i);
        }
        text.push('}');
        text
    };
    for text in [groups(20_000), keys(500_000)] {
        let start = Instant::now();
        let report = validate(text.as_bytes(), Preset::Full);
        assert!(!report.valid);
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{:?} for {} bytes",
            start.elapsed(),
            text.len()
        );
    }
}
