//! Broken and mutated CSAF 2.1 documents: a report, never a panic, and the same
//! verdict on the schema as a general validator.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "csaf_support/mod.rs"]
mod support;

#[path = "csaf_support/effort.rs"]
mod effort;

use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use entente_documents::csaf::Preset;
use entente_documents::csaf::v2_1::{validate, validate_value};
use proptest::prelude::*;
use serde_json::{Value, json};

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("assets/csaf/2.1")
        .join(name);
    let mut schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    // The schemas name meta-schemas of their own, which only switch formats on.
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema
}

/// Texts without the line ends that `.` matches for the general validator, but
/// not in the regular expressions that JSON schema means (ECMA-262).
const TEXT: &str = "[^\r\u{2028}\u{2029}]{0,12}";

/// A general validator with the same schemas.
static PEER: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let mut registry = jsonschema::Registry::new();
    for (uri, file) in [
        (
            "https://www.first.org/cvss/cvss-v2.0.json",
            "referenced/cvss-v2.0_strict.json",
        ),
        (
            "https://www.first.org/cvss/cvss-v3.0.json",
            "referenced/cvss-v3.0_strict.json",
        ),
        (
            "https://www.first.org/cvss/cvss-v3.1.json",
            "referenced/cvss-v3.1_strict.json",
        ),
        (
            "https://www.first.org/cvss/cvss-v4.0.json",
            "referenced/cvss-v4.0.json",
        ),
        (
            "https://certcc.github.io/SSVC/data/schema/v2/SelectionList_2_0_0.schema.json",
            "referenced/SelectionList_2_0_0.schema.json",
        ),
        (
            "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/extension-content.json",
            "extension-content.json",
        ),
        (
            "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/extension-metaschema.json",
            "extension-metaschema.json",
        ),
    ] {
        registry = registry
            .add(uri, jsonschema::Resource::from_contents(schema(file)))
            .unwrap();
    }
    let registry = registry.prepare().unwrap();
    jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .build(&schema("csaf.json"))
        .unwrap()
});

fn seeds() -> &'static [Value] {
    static SEEDS: OnceLock<Vec<Value>> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let mut seeds = vec![json!({"document": {"distribution": {"tlp": {"label": "CLEAR"}}}})];
        for group in ["mandatory", "recommended", "informative"] {
            let Some(folder) = support::data(&format!("csaf/csaf_2.1-csd04/{group}")) else {
                continue;
            };
            let mut paths: Vec<_> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .filter(|path| !path.display().to_string().ends_with(".result.json"))
                .collect();
            paths.sort();
            for path in paths {
                seeds.push(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap());
            }
        }
        seeds
    })
}

#[test]
fn the_schema_verdict_is_that_of_a_general_validator() {
    for seed in seeds() {
        let report = validate_value(seed, Preset::Schema);
        assert_eq!(
            report.valid,
            PEER.is_valid(seed),
            "{seed} {:?}",
            report.findings
        );
    }
}

/// Puts `intruder` where `place` falls, or deletes what is there.
fn change(root: &mut Value, place: usize, intruder: Option<Value>) {
    fn pointers(value: &Value, at: &str, out: &mut Vec<String>) {
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    pointers(item, &format!("{at}/{index}"), out);
                }
            }
            Value::Object(members) => {
                for (key, item) in members {
                    pointers(item, &format!("{at}/{key}"), out);
                }
            }
            _ => {}
        }
        out.push(at.to_owned());
    }
    let mut all = Vec::new();
    pointers(root, "", &mut all);
    let Some(pointer) = all.get(place % all.len()) else {
        return;
    };
    match intruder {
        Some(intruder) => {
            if let Some(node) = root.pointer_mut(pointer) {
                *node = intruder;
            }
        }
        None => {
            if let Some((parent, key)) = pointer.rsplit_once('/') {
                match root.pointer_mut(parent) {
                    Some(Value::Object(members)) => {
                        members.remove(key);
                    }
                    Some(Value::Array(items)) => {
                        items.remove(key.parse().unwrap());
                    }
                    _ => {}
                }
            }
        }
    }
}

fn intruder() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        3 => Just(None),
        1 => Just(Some(Value::Null)),
        1 => Just(Some(json!([]))),
        1 => Just(Some(json!({}))),
        1 => Just(Some(json!([null, {}, [], "a", "a", 1]))),
        1 => Just(Some(json!("vers:npm/>=1|<<2|*"))),
        1 => Just(Some(json!("18446744073709551615.18446744073709551615.0"))),
        1 => Just(Some(json!("9999-12-31T23:59:59-23:59"))),
        1 => any::<i32>().prop_map(|n| Some(json!(n))),
        2 => TEXT.prop_map(|text| Some(Value::String(text))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: effort::cases(3_000), ..ProptestConfig::default() })]

    #[test]
    fn mutated_documents_get_a_report(
        seed in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<usize>(), intruder()), 1..5),
    ) {
        let mut document = seed.get(seeds()).clone();
        for (place, intruder) in changes {
            change(&mut document, place, intruder);
        }
        let report = validate(document.to_string().as_bytes(), Preset::Full);
        for finding in &report.findings {
            prop_assert!(finding.path.is_empty() || finding.path.starts_with('/'));
        }
        prop_assert_eq!(
            validate_value(&document, Preset::Schema).valid,
            PEER.is_valid(&document),
            "{}",
            document
        );
    }
}
