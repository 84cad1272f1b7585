//! `entente csaf` as its users call it.
#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const VALID: &str = r#"{"document":{"category":"csaf_base","csaf_version":"2.0","publisher":{"category":"vendor","name":"Example","namespace":"https://example.com"},"title":"Engine","tracking":{"current_release_date":"2024-01-24T10:00:00.000Z","id":"EX/1","initial_release_date":"2024-01-24T10:00:00.000Z","revision_history":[{"date":"2024-01-24T10:00:00.000Z","number":"1","summary":"First"}],"status":"final","version":"1"}}}"#;

fn entente(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_entente"))
        .current_dir(folder)
        .arg("csaf")
        .args(arguments)
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn tar(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, text) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder
            .append_data(&mut header, name, text.as_bytes())
            .unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn folders_and_archives_are_judged_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("all")).unwrap();
    for number in 0..300 {
        let text = if number == 7 { "{}" } else { VALID };
        std::fs::write(at("all").join(format!("{number:03}.json")), text).unwrap();
    }
    std::fs::write(at("all").join("note.txt"), "no document").unwrap();
    let archive = tar(&[("a/x.json", VALID), ("a/y.txt", "no"), ("b.json", "[")]);
    std::fs::write(at("some.tar"), &archive).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &archive).unwrap();
    std::fs::write(at("some.tar.gz"), packed.finish().unwrap()).unwrap();

    let output = entente(
        folder.path(),
        &["validate", "--json", "all", "some.tar", "some.tar.gz"],
    );
    assert_eq!(output.status.code(), Some(1));
    let lines = lines(&output);
    assert_eq!(lines.len(), 304);
    for (number, line) in lines.iter().take(300).enumerate() {
        assert_eq!(line["file"], format!("all/{number:03}.json"));
        assert_eq!(line["valid"], number != 7);
        assert_eq!(line.as_object().unwrap().len(), 3);
    }
    let finding = lines[7]["findings"][0].as_object().unwrap();
    let keys: Vec<_> = finding.keys().map(String::as_str).collect();
    assert_eq!(keys, ["message", "path", "severity", "test"]);
    let ends: Vec<_> = lines[300..]
        .iter()
        .map(|line| (line["file"].as_str().unwrap(), line["valid"] == true))
        .collect();
    assert_eq!(
        ends,
        [
            ("some.tar!a/x.json", true),
            ("some.tar!b.json", false),
            ("some.tar.gz!a/x.json", true),
            ("some.tar.gz!b.json", false)
        ]
    );
}

#[test]
fn the_exit_code_says_how_it_went() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("valid.json"), VALID).unwrap();
    std::fs::write(
        folder.path().join("cut.tar"),
        &tar(&[("a.json", VALID)])[..700],
    )
    .unwrap();
    std::fs::write(folder.path().join("what.zip"), "PK").unwrap();
    for (path, code) in [
        ("valid.json", 0),
        ("absent.json", 2),
        ("cut.tar", 2),
        ("what.zip", 2),
    ] {
        let output = entente(folder.path(), &["validate", path]);
        assert_eq!(output.status.code(), Some(code), "{path}: {output:?}");
        assert_eq!(code == 2, !output.stderr.is_empty(), "{path}");
    }
    let output = entente(folder.path(), &["validate", "--sarif", "valid.json"]);
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"][0]["results"], Value::Array(Vec::new()));
}

#[test]
fn a_document_is_converted_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("valid.json"), VALID).unwrap();
    let output = entente(folder.path(), &["convert", "valid.json"]);
    assert_eq!(output.status.code(), Some(0));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["document"]["csaf_version"], "2.1");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("/document/distribution/tlp/label"), "{told}");

    let arguments = ["convert", "--out", "new", "valid.json"];
    assert_eq!(entente(folder.path(), &arguments).status.code(), Some(0));
    let written = folder.path().join("new").join("ex_1.json");
    let text = std::fs::read(&written).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&text).unwrap(), document);
    // What is there is not written over.
    assert_eq!(entente(folder.path(), &arguments).status.code(), Some(2));
    let output = entente(folder.path(), &["convert", "new/ex_1.json"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

/// What stands in a broken archive does not reach the terminal as it is.
#[test]
fn a_broken_archive_steers_no_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let mut garbage = vec![0x1b; 1_024];
    garbage[100..200].fill(b'[');
    std::fs::write(folder.path().join("broken.tar"), garbage).unwrap();
    let output = entente(folder.path(), &["validate", "broken.tar"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("broken.tar") && said.contains("give a whole file"),
        "{said}"
    );
    assert!(
        !said.chars().any(|c| c.is_control() && c != '\n'),
        "{said:?}"
    );
}

const ADVISORY: &str = r#"{"document":{"category":"csaf_security_advisory","csaf_version":"2.0","distribution":{"tlp":{"label":"WHITE"}},"publisher":{"category":"vendor","name":"Example","namespace":"https://example.com"},"title":"Engine","tracking":{"current_release_date":"2024-01-24T10:00:00.000Z","id":"EX/1","initial_release_date":"2024-01-24T10:00:00.000Z","revision_history":[{"date":"2024-01-24T10:00:00.000Z","number":"1","summary":"First"}],"status":"final","version":"1"}},"product_tree":{"full_product_names":[{"name":"Engine","product_id":"A","product_identification_helper":{"purl":"pkg:npm/engine@1.0.0"}}]},"vulnerabilities":[{"cve":"CVE-2024-0001","notes":[{"category":"description","text":"It stops."}],"product_status":{"known_affected":["A"]}}]}"#;

#[test]
fn an_advisory_is_written_in_other_formats() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.json"), ADVISORY).unwrap();
    let restricted = ADVISORY.replace("WHITE", "AMBER");
    std::fs::write(folder.path().join("amber.json"), restricted).unwrap();
    std::fs::write(folder.path().join("valid.json"), VALID).unwrap();
    for (to, id) in [
        ("osv", "/id"),
        ("cyclonedx", "/vulnerabilities/0/id"),
        ("openvex", "/statements/0/vulnerability/name"),
    ] {
        let output = entente(folder.path(), &["export", "--to", to, "a.json"]);
        assert_eq!(output.status.code(), Some(0), "{to}: {output:?}");
        let [document] = lines(&output).try_into().unwrap();
        assert_eq!(document.pointer(id).unwrap(), "CVE-2024-0001", "{document}");
    }
    let arguments = ["export", "--to", "openvex", "--out", "new", "a.json"];
    assert_eq!(entente(folder.path(), &arguments).status.code(), Some(0));
    assert!(folder.path().join("new/a-cve-2024-0001.json").exists());
    assert_eq!(entente(folder.path(), &arguments).status.code(), Some(2));
    for (to, file, code, words) in [
        // A format without a place for the label must not make the content look free.
        ("osv", "amber.json", 1, "TLP"),
        ("cyclonedx", "amber.json", 0, ""),
        ("osv", "valid.json", 1, "no vulnerability"),
        ("osv", "absent.json", 2, "absent.json"),
    ] {
        let output = entente(folder.path(), &["export", "--to", to, file]);
        assert_eq!(output.status.code(), Some(code), "{to} {file}: {output:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(words), "{to} {file}: {told}");
    }
}
