//! CVSS vectors of the world against the published scores, and every way to write a wrong one.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests look for their data folder"
)]

use std::path::PathBuf;

use entente_documents::cvss::{
    self, Group, Nomenclature, Severity, VectorError, Version, parse, specs,
};
use proptest::prelude::*;

/// The folder of the shared test data, or none when it is absent (an error under CI).
fn data(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ENTENTE_TEST_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let folder = root.join(part);
    if folder.exists() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "test data {} is absent",
        folder.display()
    );
    println!("skipped: test data {} is absent", folder.display());
    None
}

fn table(name: &str) -> Option<Vec<(String, Vec<Option<f64>>)>> {
    let text = std::fs::read_to_string(data("cvss")?.join(name)).unwrap();
    let rows = text.lines().filter(|line| !line.trim().is_empty());
    Some(
        rows.map(|line| {
            let (vector, scores) = line.split_once(" - ").unwrap();
            let scores = scores
                .trim_matches(|c| c == '(' || c == ')')
                .split(',')
                .map(str::trim)
                .filter(|score| !score.is_empty())
                .map(|score| (score != "None").then(|| score.parse::<f64>().unwrap().abs()))
                .collect();
            (vector.to_owned(), scores)
        })
        .collect(),
    )
}

fn check_table(name: &str, version: Version) {
    let Some(rows) = table(name) else { return };
    assert!(rows.len() > 700);
    let mut wrong = Vec::new();
    for (text, expected) in &rows {
        let vector = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(vector.version(), version);
        let scores = vector.scores();
        let ours = if version == Version::V4_0 {
            vec![Some(scores.overall.as_f64())]
        } else {
            vec![
                Some(scores.base.as_f64()),
                scores.temporal.map(f64::from),
                scores.environmental.map(f64::from),
            ]
        };
        if &ours != expected {
            wrong.push(format!("{text}: {ours:?} instead of {expected:?}"));
        }
        assert_eq!(parse(&vector.canonical()), Ok(vector));
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
}

#[test]
fn every_published_v2_vector_has_its_scores() {
    check_table("vectors_simple2", Version::V2);
}

#[test]
fn every_published_v30_vector_has_its_scores() {
    check_table("vectors_simple3", Version::V3_0);
}

#[test]
fn every_published_v31_vector_has_its_scores() {
    check_table("vectors_simple31", Version::V3_1);
}

#[test]
fn every_published_v40_vector_has_its_scores() {
    check_table("vectors_simple4", Version::V4_0);
}

// Expected scores from an independent implementation in exact decimal arithmetic.
const OPTIONAL: &[(&str, [Option<f64>; 3])] = &include!("cvss_optional_metrics.in");

#[test]
fn temporal_and_environmental_metrics_count() {
    let mut wrong = Vec::new();
    for (text, expected) in OPTIONAL {
        let vector = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let scores = vector.scores();
        let ours = if vector.version() == Version::V4_0 {
            [Some(scores.overall.as_f64()), None, None]
        } else {
            [
                Some(scores.base.as_f64()),
                scores.temporal.map(f64::from),
                scores.environmental.map(f64::from),
            ]
        };
        if ours != *expected {
            wrong.push(format!("{text}: {ours:?} instead of {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
}

const V31: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
const V40: &str = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";

fn refusal(text: &str) -> VectorError {
    match parse(text) {
        Ok(_) => panic!("{text:?} was accepted"),
        Err(error) => error,
    }
}

#[test]
fn malformed_vectors_are_refused_with_the_metric() {
    let named = |text: &str| refusal(text).metric().map(str::to_owned);
    for version in ["CVSS:3.0", "CVSS:3.1"] {
        let good = V31.replace("CVSS:3.1", version);
        assert_eq!(named(&format!("{good}/AV:N")).as_deref(), Some("AV"));
        assert_eq!(named(&format!("{good}/XX:N")).as_deref(), Some("XX"));
        assert_eq!(named(&format!("{good}/E:Z")).as_deref(), Some("E"));
        assert_eq!(named(&good.replace("/AV:N", "")).as_deref(), Some("AV"));
        assert_eq!(named(&good.replace("AV:N", "AV:X")).as_deref(), Some("AV"));
        assert_eq!(named(&good.replace("AV:N", "av:n")).as_deref(), Some("av"));
        assert_eq!(named(&good.replace("AV:N", "AV:n")).as_deref(), Some("AV"));
        assert_eq!(named(&good.replace("AV:N", "AV")).as_deref(), Some("AV"));
        assert_eq!(named(&good.replace("AV:N", "AV:")).as_deref(), Some("AV"));
        assert_eq!(
            named(&good.replace("AV:N", "AV:N:N")).as_deref(),
            Some("AV")
        );
        assert_eq!(named(&good.replace("/A:H", "")).as_deref(), Some("A"));
        assert_eq!(refusal(&format!("{good}/")), VectorError::TrailingSlash);
        assert_eq!(
            refusal(&good.replace("/AC", "//AC")),
            VectorError::EmptyField { position: 1 }
        );
        assert_eq!(refusal(&format!("{version}/")), VectorError::NoMetrics);
    }
    for (text, metric) in [
        (V40.replace("/AT:N", ""), "AT"),
        (format!("{V40}/U:clear"), "U"),
        (format!("{V40}/E:F"), "E"),
        (format!("{V40}/E:A/E:A"), "E"),
        (format!("{V40}/S:P/E:A"), "E"),
        (V40.replace("AV:N/AC:L", "AC:L/AV:N"), "AV"),
        (V40.replace("VC:H", "C:H"), "C"),
        (V40.replace("SI:N", "SI:S"), "SI"),
        ("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".to_owned(), "PR"),
        ("AV:N/AC:L/Au:N/C:C/I:C".to_owned(), "A"),
        ("AV:N/AC:L/AU:N/C:C/I:C/A:C".to_owned(), "AU"),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C/A:C".to_owned(), "A"),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:X".to_owned(), "A"),
        ("(AV:N/AC:L/Au:N/C:C/I:C/A:C)".to_owned(), "(AV"),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C ".to_owned(), "A"),
    ] {
        assert_eq!(named(&text).as_deref(), Some(metric), "{text}");
    }
    assert_eq!(refusal(""), VectorError::Empty);
    for prefix in [
        "CVSS:3.2/",
        "CVSS:2.0/",
        "cvss:3.1/",
        "CVSS3.1/",
        " CVSS:3.1/",
        "CVSS:4.0",
    ] {
        let text = V31.replace("CVSS:3.1/", prefix);
        assert!(
            matches!(refusal(&text), VectorError::WrongPrefix { .. }),
            "{text}"
        );
    }
    assert_eq!(
        refusal(&"A".repeat(10_000)),
        VectorError::TooLong { length: 10_000 }
    );
}

#[test]
fn a_metric_in_wrong_case_is_told_its_right_spelling() {
    let error = refusal("CVSS:3.1/av:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
    assert_eq!(
        error.to_string(),
        "CVSS 3.1 has no metric \"av\": capitals matter, write AV"
    );
}

#[test]
fn canonical_form_has_the_specifications_order_and_no_undefined_metrics() {
    let vector = parse("CVSS:3.1/E:X/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:N/RL:O").unwrap();
    assert_eq!(vector.canonical(), format!("{V31}/RL:O"));
    let v2 = parse("A:P/I:P/C:P/Au:N/AC:L/AV:N/E:ND").unwrap();
    assert_eq!(v2.canonical(), "AV:N/AC:L/Au:N/C:P/I:P/A:P");
    assert_eq!(v2.severity(), Severity::High);
}

#[test]
fn v4_nomenclature_and_partial_scores() {
    for (tail, name) in [
        ("", Nomenclature::B),
        ("/E:X", Nomenclature::B),
        ("/E:U", Nomenclature::BT),
        ("/CR:L", Nomenclature::BE),
        ("/E:P/MAV:P", Nomenclature::BTE),
        ("/S:P/AU:Y/R:I/V:C/RE:H/U:Red", Nomenclature::B),
    ] {
        assert_eq!(parse(&format!("{V40}{tail}")).unwrap().nomenclature(), name);
    }
    let scores = parse(&format!("{V40}/E:U/MAV:P")).unwrap().scores();
    assert_eq!(scores.base.to_string(), "9.3");
    assert_eq!(
        scores.temporal,
        Some(parse(&format!("{V40}/E:U")).unwrap().scores().overall)
    );
    assert_eq!(scores.environmental, Some(scores.overall));
    assert!(scores.overall < scores.base);
}

#[test]
fn overall_is_the_score_of_the_most_specific_group_that_is_defined() {
    let base = parse(V31).unwrap();
    assert_eq!(base.scores().overall, base.scores().base);
    let temporal = parse(&format!("{V31}/E:U")).unwrap();
    assert_eq!(Some(temporal.scores().overall), temporal.scores().temporal);
    assert!(temporal.scores().overall < temporal.scores().base);
    let environmental = parse(&format!("{V31}/MAV:P")).unwrap();
    assert_eq!(
        Some(environmental.scores().overall),
        environmental.scores().environmental
    );
}

#[test]
fn metrics_carry_names_and_json_properties() {
    let vector = parse(&format!("{V31}/E:P")).unwrap();
    let first = vector.metrics().next().unwrap();
    assert_eq!(
        (first.spec.name, first.value.name),
        ("Attack Vector", "Network")
    );
    let json = vector.json_properties().collect::<Vec<_>>();
    assert_eq!(json.len(), 22);
    assert!(json.contains(&("attackVector", "NETWORK")));
    assert!(json.contains(&("exploitCodeMaturity", "PROOF_OF_CONCEPT")));
    assert!(json.contains(&("modifiedScope", "NOT_DEFINED")));
}

#[test]
fn vocabulary_is_that_of_the_json_schemas() {
    let Some(root) = data("csaf") else { return };
    for (version, file, definitions) in [
        (
            Version::V2,
            "csaf_2.0/schema/first/cvss-v2.0.json",
            "definitions",
        ),
        (
            Version::V3_0,
            "csaf_2.0/schema/first/cvss-v3.0.json",
            "definitions",
        ),
        (
            Version::V3_1,
            "csaf_2.0/schema/first/cvss-v3.1.json",
            "definitions",
        ),
        (
            Version::V4_0,
            "csaf_2.1-csd04/schema/referenced/cvss-v4.0.json",
            "$defs",
        ),
    ] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
        for spec in specs(version) {
            let reference = schema["properties"][spec.json]["$ref"].as_str().unwrap();
            let kind = reference.rsplit('/').next().unwrap();
            let mut theirs = schema[definitions][kind]["enum"]
                .as_array()
                .unwrap()
                .iter()
                .map(|value| value.as_str().unwrap())
                .collect::<Vec<_>>();
            let mut ours = spec.values.iter().map(|v| v.json).collect::<Vec<_>>();
            theirs.sort_unstable();
            ours.sort_unstable();
            assert_eq!(ours, theirs, "{version} {}", spec.json);
        }
    }
}

fn any_vector() -> impl Strategy<Value = String> {
    let version = prop_oneof![
        Just(Version::V2),
        Just(Version::V3_0),
        Just(Version::V3_1),
        Just(Version::V4_0)
    ];
    (version, prop::collection::vec(any::<u8>(), 32)).prop_map(|(version, choices)| {
        let fields = specs(version)
            .iter()
            .zip(choices)
            .filter(|(spec, choice)| spec.mandatory() || choice % 3 == 0)
            .map(|(spec, choice)| {
                let value = &spec.values[usize::from(choice) / 3 % spec.values.len()];
                format!("{}:{}", spec.short, value.short)
            })
            .collect::<Vec<_>>();
        format!("{}{}", version.prefix(), fields.join("/"))
    })
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,80}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_vector_like_text_panics(text in "(CVSS:[2-4].[01]/)?([A-Za-z]{1,3}:[A-Z]{1,2}/?){0,14}") {
        if let Ok(vector) = parse(&text) {
            let _ = vector.scores();
        }
    }

    #[test]
    fn every_well_formed_vector_round_trips_and_has_scores_in_range(text in any_vector()) {
        let vector = parse(&text).unwrap();
        let scores = vector.scores();
        prop_assert!(scores.overall <= cvss::Score::MAX);
        let canonical = parse(&vector.canonical()).unwrap();
        prop_assert_eq!(canonical.scores(), scores);
        prop_assert_eq!(canonical.canonical(), vector.canonical());
        prop_assert_eq!(vector.without(&[Group::Supplemental]).scores(), scores);
    }

    #[test]
    fn a_vector_with_one_metric_twice_is_refused(text in any_vector(), which in 0usize..40) {
        let fields = text.split('/').filter(|f| !f.starts_with("CVSS")).collect::<Vec<_>>();
        let doubled = fields[which % fields.len()];
        let text = format!("{text}/{doubled}");
        prop_assert!(matches!(parse(&text), Err(VectorError::Duplicate { .. })), "{}", text);
    }
}
