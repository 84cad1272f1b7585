//! The purl specification's own tests, and what real documents do wrong.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests look for their data folder"
)]

use std::path::PathBuf;

use entente_documents::purl::{self, Parts, Purl, PurlError, Relation, parse, parse_lenient};
use proptest::prelude::*;
use serde_json::Value;

fn data() -> Option<PathBuf> {
    let root = std::env::var_os("ENTENTE_TEST_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let folder = root.join("supplychain/purl-spec");
    if folder.exists() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "purl test data is absent");
    println!("skipped: test data {} is absent", folder.display());
    None
}

fn json_files(folder: PathBuf) -> Vec<(String, Value)> {
    let mut files = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        files.push((name, serde_json::from_str(&text).unwrap()));
    }
    files
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn parts(value: &Value) -> Parts {
    let qualifiers = value["qualifiers"].as_object().into_iter().flatten();
    Parts {
        ty: text(&value["type"]).unwrap_or_default(),
        namespace: text(&value["namespace"]),
        name: text(&value["name"]).unwrap_or_default(),
        version: text(&value["version"]),
        qualifiers: qualifiers
            .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
            .collect(),
        subpath: text(&value["subpath"]),
    }
}

fn components(purl: &Purl) -> Value {
    serde_json::json!({
        "type": purl.ty(),
        "namespace": purl.namespace(),
        "name": purl.name(),
        "version": purl.version(),
        "qualifiers": if purl.qualifiers().is_empty() {
            Value::Null
        } else {
            serde_json::to_value(purl.qualifiers()).unwrap()
        },
        "subpath": purl.subpath(),
    })
}

#[test]
fn official_tests_of_the_specification_pass() {
    let Some(folder) = data() else { return };
    let mut files = json_files(folder.join("tests/spec"));
    files.extend(json_files(folder.join("tests/types")));
    let mut passed = 0;
    let mut wrong = Vec::new();
    for (name, file) in &files {
        for case in file["tests"].as_array().unwrap() {
            let input = &case["input"];
            let outcome = match case["test_type"].as_str().unwrap() {
                "parse" => parse(input.as_str().unwrap()).map(|purl| components(&purl)),
                "build" => purl::build(parts(input)).map(|purl| purl.canonical().into()),
                // Canonical form is asked of inputs that are not canonical, too.
                "validate" => {
                    parse_lenient(input.as_str().unwrap()).map(|(purl, _)| purl.canonical().into())
                }
                other => panic!("unknown kind of test {other}"),
            };
            let failure = case["expected_failure"].as_bool().unwrap_or(false);
            let right = match &outcome {
                Ok(value) => !failure && *value == case["expected_output"],
                Err(_) => failure,
            };
            if right {
                passed += 1;
            } else {
                wrong.push(format!("{name}: {case} gave {outcome:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
    assert!(passed > 200, "{passed}");
}

#[test]
fn examples_of_the_type_definitions_are_accepted() {
    let Some(folder) = data() else { return };
    for (name, definition) in json_files(folder.join("types")) {
        for example in definition["examples"].as_array().into_iter().flatten() {
            let example = example.as_str().unwrap();
            let purl = parse(example).unwrap_or_else(|error| panic!("{name} {example}: {error}"));
            assert_eq!(parse(&purl.canonical()), Ok(purl));
        }
    }
}

#[test]
fn type_rules_are_applied() {
    let canonical = |text: &str| parse(text).unwrap().canonical();
    for (given, expected) in [
        ("pkg:PyPI/Django_Rest@1.0", "pkg:pypi/django-rest@1.0"),
        ("pkg:GitHub/Foo/Bar@AbC", "pkg:github/foo/bar@AbC"),
        (
            "pkg:npm/%40angular/animation@12",
            "pkg:npm/%40angular/animation@12",
        ),
        (
            "pkg:npm/@angular/animation@12",
            "pkg:npm/%40angular/animation@12",
        ),
        ("pkg:npm/@angular/animation", "pkg:npm/%40angular/animation"),
        (
            "pkg:brew/Postgresql%4012@12.17",
            "pkg:brew/postgresql%4012@12.17",
        ),
        (
            "pkg:cpan/drolsky/DateTime@1.55",
            "pkg:cpan/DROLSKY/DateTime@1.55",
        ),
        ("pkg:cargo/Rand@0.7.2", "pkg:cargo/Rand@0.7.2"),
        ("pkg:oci/Debian@sha256%3AAB", "pkg:oci/debian@sha256:ab"),
        ("pkg:generic/a?b=&c=d", "pkg:generic/a?c=d"),
        (
            "pkg:generic/a@1?z=1&a=2#/x//./y/../z/",
            "pkg:generic/a@1?a=2&z=1#x/y/z",
        ),
    ] {
        assert_eq!(canonical(given), expected);
    }
}

#[test]
fn what_a_type_requires_or_prohibits_is_checked_and_tolerated_on_request() {
    for (given, expected) in [
        (
            "pkg:swift/Alamofire@1",
            PurlError::NamespaceRequired {
                ty: "swift".to_owned(),
            },
        ),
        (
            "pkg:cargo/x/rand@1",
            PurlError::NamespaceProhibited {
                ty: "cargo".to_owned(),
                namespace: "x".to_owned(),
            },
        ),
        (
            "pkg:julia/Dates",
            PurlError::QualifierRequired {
                ty: "julia".to_owned(),
                key: "uuid",
            },
        ),
    ] {
        assert_eq!(parse(given), Err(expected.clone()));
        let (purl, issues) = parse_lenient(given).unwrap();
        assert_eq!(purl.canonical(), given);
        assert_eq!(issues, [expected]);
    }
    let module = parse("pkg:cpan/URI::PackageURL");
    assert!(matches!(module, Err(PurlError::NotPermitted { .. })));
}

#[test]
fn malformed_purls_are_refused_with_the_component() {
    let error = |text: &str| parse_lenient(text).unwrap_err();
    assert_eq!(error(""), PurlError::NoScheme);
    assert_eq!(error("npm/foo"), PurlError::NoScheme);
    assert_eq!(error("pkg:npm"), PurlError::NoType);
    assert_eq!(error("pkg:npm/"), PurlError::NoName);
    assert_eq!(error("pkg:npm/@1.0"), PurlError::NoName);
    assert!(matches!(error("pkg:n+pm/foo"), PurlError::Type { .. }));
    assert!(matches!(error("pkg:npm/foo%2"), PurlError::Encoding { .. }));
    assert!(matches!(
        error("pkg:npm/foo%FF"),
        PurlError::Encoding { .. }
    ));
    assert!(matches!(
        error("pkg:npm/a%2Fb/c"),
        PurlError::Segment { .. }
    ));
    assert!(matches!(
        error("pkg:npm/a#x/%2E%2E/y"),
        PurlError::Segment { .. }
    ));
    assert!(matches!(error("pkg:npm/a?1k=v"), PurlError::Key { .. }));
    assert!(matches!(
        error("pkg:npm/a?k=v&K=w"),
        PurlError::DuplicateKey { .. }
    ));
    let long = format!("pkg:npm/{}", "a".repeat(9000));
    assert!(matches!(error(&long), PurlError::TooLong { .. }));
}

#[test]
fn purls_are_compared_by_component() {
    let purl = |text: &str| parse(text).unwrap();
    let deb = purl("pkg:deb/debian/curl@7.50.3-1?arch=i386");
    assert_eq!(
        deb.relation(&purl("pkg:deb/Debian/CURL@7.50.3-1?arch=i386")),
        Relation::Same
    );
    assert_eq!(
        deb.relation(&purl("pkg:deb/debian/curl@7.50.3-1")),
        Relation::SameVersion
    );
    assert_eq!(
        deb.relation(&purl("pkg:deb/debian/curl@8")),
        Relation::SamePackage
    );
    assert_eq!(
        deb.relation(&purl("pkg:deb/ubuntu/curl@7.50.3-1")),
        Relation::Different
    );
    assert_eq!(
        deb.without_version().canonical(),
        "pkg:deb/debian/curl?arch=i386"
    );
    assert_eq!(deb.without_version().with_version("7.50.3-1"), deb);
}

proptest! {
    #[test]
    fn no_text_panics_and_what_is_read_round_trips(
        text in prop_oneof![".{0,60}", "pkg:/{0,2}[a-z]{1,8}(/[A-Za-z@%0-9.]{1,6}){1,3}(@[^/]{1,5})?(\\?[a-z]=[^#&]{1,4}(&[A-Z]=.{0,3})?)?(#.{0,9})?"]
    ) {
        if let Ok((purl, _)) = parse_lenient(&text) {
            let (again, _) = parse_lenient(&purl.canonical()).unwrap();
            prop_assert_eq!(again.canonical(), purl.canonical());
            prop_assert_eq!(again, purl);
        }
    }

    #[test]
    fn what_is_built_is_read_back(
        ty in prop::sample::select(vec!["npm", "git", "golang", "generic", "rpm", "x.y"]),
        namespace in prop::option::of("[^/]{1,8}(/[^/]{1,8})?"),
        name in "[^/]{1,12}",
        version in prop::option::of(".{1,8}"),
        value in ".{1,8}",
        subpath in prop::option::of("[^/]{1,8}/[^/]{1,8}"),
    ) {
        let qualifiers = vec![("key".to_owned(), value)];
        let parts = Parts { ty: ty.to_owned(), namespace, name, version, qualifiers, subpath };
        if let Ok(purl) = purl::build(parts) {
            prop_assert_eq!(parse(&purl.canonical()), Ok(purl));
        }
    }
}
