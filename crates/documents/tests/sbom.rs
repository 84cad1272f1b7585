//! SBOM readers against the format's own documents and hostile ones.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests look for their data folder"
)]

use std::path::PathBuf;

use entente_documents::sbom::read_cyclonedx_json;
use entente_documents::sbom::{self, Component, Quality, Sbom, SbomError, Sink};
use serde_json::Value;

#[path = "sbom/cyclonedx_xml.rs"]
mod cyclonedx_xml;
#[path = "sbom/format.rs"]
mod format;
#[path = "sbom/hostile.rs"]
mod hostile;
#[path = "sbom/spdx2.rs"]
mod spdx2;
#[path = "sbom/spdx3.rs"]
mod spdx3;
#[path = "sbom/swid.rs"]
mod swid;

fn data() -> Option<PathBuf> {
    folder("cyclonedx-spec")
}

fn folder(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ENTENTE_TEST_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let folder = root.join("supplychain").join(name);
    if folder.exists() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "SBOM test data is absent");
    println!("skipped: test data {} is absent", folder.display());
    None
}

#[derive(Default)]
struct Taken(Vec<Component>, usize, Vec<(String, Vec<String>)>);

impl Sink for Taken {
    fn component(&mut self, component: Component) {
        self.0.push(component);
    }
    fn dependency(&mut self, from: String, on: Vec<String>) {
        self.1 += 1;
        self.2.push((from, on));
    }
}

fn read(bytes: &[u8]) -> (Result<Sbom, SbomError>, Taken) {
    let mut taken = Taken::default();
    (read_cyclonedx_json(bytes, &mut taken), taken)
}

/// Reads whatever it is.
fn take(bytes: &[u8]) -> (Result<Sbom, SbomError>, Taken) {
    let mut taken = Taken::default();
    (sbom::read(bytes, &mut taken), taken)
}

fn count(value: &Value) -> usize {
    let parts = value["components"].as_array();
    parts.map_or(0, |parts| {
        parts.len() + parts.iter().map(count).sum::<usize>()
    })
}

#[test]
fn official_valid_documents_are_read_with_every_component() {
    let Some(data) = data() else { return };
    let mut files = 0;
    for version in ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"] {
        let folder = data.join(version);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if !name.starts_with("valid") || !name.ends_with(".json") {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let (sbom, taken) = take(&bytes);
            let sbom = sbom.map_err(|e| format!("{name}: {e}")).unwrap();
            let whole: Value = serde_json::from_slice(&bytes).unwrap();
            let expected = count(&whole) + count(&whole["metadata"]["component"]);
            assert_eq!(taken.0.len(), expected, "{name}");
            assert_eq!(sbom.components, expected as u64, "{name}");
            let entries = whole["dependencies"].as_array().map_or(0, Vec::len);
            assert_eq!(taken.1, entries, "{name}");
            files += 1;
        }
    }
    assert_eq!(files, 92, "official valid JSON documents");
}

/// Official invalid documents that are refused, by what their names say; the others break rules
/// that say nothing about which component is where.
const REFUSED: &[&str] = &[
    "invalid-bomformat-1.3.json",
    "invalid-bomformat-1.5.json",
    "invalid-dependency-1.2.json",
    "invalid-dependency-1.3.json",
    "invalid-dependency-1.5.json",
    "invalid-dependency-1.6.json",
    "invalid-empty-component-1.7.json",
    "invalid-missing-component-type-1.3.json",
    "invalid-missing-component-type-1.4.json",
    "invalid-missing-component-type-1.6.json",
];

#[test]
fn official_invalid_documents_are_refused_with_their_line_or_read() {
    let Some(data) = data() else { return };
    let (mut files, mut refused) = (0, std::collections::BTreeSet::new());
    for version in ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"] {
        for entry in std::fs::read_dir(data.join(version)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if !name.starts_with("invalid") || !name.ends_with(".json") {
                continue;
            }
            if let Err(error) = take(&std::fs::read(&path).unwrap()).0 {
                let error = error.to_string();
                assert!(error.contains("line ") && error.contains("; "), "{error}");
                refused.insert(name);
            }
            files += 1;
        }
    }
    assert_eq!(files, 68, "official invalid JSON documents");
    let expected = REFUSED.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(refused, expected);
}

#[test]
fn broken_documents_are_refused_with_line_and_reason() {
    let deep = format!("{{\"x\":{}", "[".repeat(100_000));
    let long = format!("{{\"x\":\"{}\"}}", "a".repeat(17 << 20));
    for (text, reason) in [
        ("{\"bomFormat\":\"X\"}", "bomFormat"),
        (
            "{\"bomFormat\":\"CycloneDX\",\n\"specVersion\":\"9\"}",
            "line 2",
        ),
        ("{\"a\":1,\"a\":2}", "twice"),
        ("{\"components\":[{\"name\":\"a\"}]}", "\"type\""),
        (
            "{\"components\":[{\"type\":\"library\",\"name\":\"\"}]}",
            "\"name\"",
        ),
        (
            "{\"components\":[{\"type\":\"library\",\"name\":\"a\",\"purl\":5}]}",
            "\"purl\" is no text",
        ),
        ("{\"annotations\":[{\"a\":[{\"b\":1,\"b\":2}]}]}", "twice"),
        (deep.as_str(), "recursion"),
        (long.as_str(), "more than"),
    ] {
        let error = read(text.as_bytes()).0.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    assert!(read(b"{\"a\":\"\xff\"}").0.is_err());
}

#[test]
fn what_is_missing_is_counted() {
    let bare = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
        {"type":"library","name":"a"},
        {"type":"library","name":"b","version":"1","purl":"pkg:npm/b@1","supplier":{"name":"B"},
         "hashes":[{"alg":"SHA-256","content":"00"}],"licenses":[{"license":{"id":"MIT"}}]}]}"#;
    let mut quality = Quality::before(());
    let sbom = read_cyclonedx_json(bare.as_bytes(), &mut quality).unwrap();
    let gaps = quality.gaps(&sbom);
    assert_eq!(gaps.len(), 9, "{gaps:?}");
    assert!(gaps.iter().all(|gap| gap.times == 1), "{gaps:?}");
    let whole = r#"{"bomFormat":"CycloneDX","specVersion":"1.6",
        "metadata":{"timestamp":"2026-01-01T00:00:00Z","authors":[{"name":"M"}],"component":{"type":"application","name":"p"}},
        "components":[{"type":"library","name":"c","components":[
            {"type":"library","name":"b","version":"1","purl":"pkg:npm/b@1","supplier":{"name":"B"},
             "hashes":[{"alg":"SHA-256","content":"00"}],"licenses":[{"license":{"id":"MIT"}}]}]}],
        "dependencies":[{"ref":"c"}]}"#;
    let mut quality = Quality::before(());
    let sbom = read_cyclonedx_json(whole.as_bytes(), &mut quality).unwrap();
    assert_eq!(sbom.subject.as_ref().unwrap().name, "p");
    // What is left is missing of the outer component only.
    let gaps = quality.gaps(&sbom);
    assert_eq!(gaps.len(), 5, "{gaps:?}");
}
