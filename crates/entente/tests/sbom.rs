//! `entente sbom` as its users call it.
#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn check(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_entente"))
        .current_dir(folder)
        .args(["sbom", "check"])
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn documents_are_read_and_what_they_lack_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "bare.json",
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"a"}]}"#,
    );
    write(
        "whole.json",
        r#"{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"timestamp":"2026-01-01T00:00:00Z","authors":[{"name":"M"}],"component":{"type":"application","name":"p","version":"2"}},"components":[],"dependencies":[]}"#,
    );
    write("broken.json", "{\n\"bomFormat\":");
    // The name lies, the content counts.
    write(
        "bom.xml",
        r#"{"spdxVersion":"SPDX-2.3","packages":[{"SPDXID":"SPDXRef-a","name":"a"}]}"#,
    );
    write("page.json", "<html></html>");
    for (file, code, out, err) in [
        ("bare.json", 1, "missing: the version of a component", ""),
        (
            "whole.json",
            0,
            "CycloneDX 1.5 in JSON of \"p 2\", 0 components",
            "",
        ),
        ("broken.json", 2, "", "line 2"),
        ("bom.xml", 1, "SPDX 2.3 in JSON, 1 components", ""),
        ("page.json", 2, "", "a page in HTML"),
        ("absent.json", 2, "", "absent.json"),
    ] {
        let output = check(folder.path(), &[file]);
        assert_eq!(output.status.code(), Some(code), "{file}: {output:?}");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text(&output.stdout).contains(out), "{file}: {output:?}");
        assert!(text(&output.stderr).contains(err), "{file}: {output:?}");
    }
    let output = check(
        folder.path(),
        &["--json", "bare.json", "broken.json", "whole.json"],
    );
    assert_eq!(output.status.code(), Some(2));
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3, "one that is broken does not end the others");
    assert_eq!(lines[0]["components"], 1);
    assert_eq!(lines[0]["format"], "CycloneDX");
    assert_eq!(lines[0]["serialisation"], "JSON");
    assert!(lines[1]["error"].as_str().unwrap().contains("line 2"));
    assert_eq!(lines[2]["missing"], Value::Array(Vec::new()));
}

fn run_match(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_entente"))
        .current_dir(folder)
        .args(["sbom", "match"])
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn components_are_held_against_advisories() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("osv")).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let advisory = |id: &str, aliases: &str, fixed: &str| {
        let text = format!(
            r#"{{"id":"{id}","modified":"2026-01-01T00:00:00Z","aliases":[{aliases}],"affected":[
            {{"package":{{"ecosystem":"PyPI","name":"Zope.Interface"}},"ranges":[
            {{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"{fixed}"}}]}}]}}]}}"#
        );
        write(&format!("osv/{id}.json"), &text);
    };
    advisory("PYSEC-2026-1", r#""CVE-2026-1""#, "2.0");
    advisory("GHSA-aaaa-bbbb-cccc", r#""CVE-2026-1""#, "2.0.0");
    advisory("PYSEC-2026-2", "", "1.0");
    let sbom = |name: &str, version: &str| {
        let text = format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
            {{"type":"library","name":"zope","purl":"pkg:pypi/zope-interface@{version}"}},
            {{"type":"library","name":"own"}}]}}"#
        );
        write(name, &text);
    };
    sbom("old.json", "1.5");
    sbom("new.json", "2.0");
    sbom("odd.json", "1.0,<2.0;");
    write("broken.json", "{");

    let (code, out, err) = run_match(folder.path(), &["--advisories", "osv", "old.json"]);
    assert_eq!((code, err.as_str()), (Some(1), ""), "{out}");
    assert!(
        out.starts_with(
            "old.json: pkg:pypi/zope-interface@1.5: CVE-2026-1 (GHSA-aaaa-bbbb-cccc, \
             PYSEC-2026-1): GHSA-aaaa-bbbb-cccc: before 2.0.0; fixed in 2.0.0 | \
             PYSEC-2026-1: before 2.0; fixed in 2.0\n"
        ),
        "{out}"
    );
    let counts = "old.json: 2 components, 1 of them without a package URL; 1 times affected";
    assert!(out.contains(counts), "{out}");

    let (code, out, _) = run_match(folder.path(), &["--advisories", "osv", "new.json"]);
    assert_eq!(code, Some(0), "{out}");

    // What cannot be decided is neither found nor silent.
    let (code, out, _) = run_match(folder.path(), &["--advisories", "osv", "odd.json"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(
        out.contains("undecided: version-unreadable, 2 times"),
        "{out}"
    );

    let one = "osv/PYSEC-2026-1.json";
    let arguments = [
        "--json",
        "--advisories",
        one,
        "broken.json",
        "old.json",
        "odd.json",
    ];
    let (code, out, _) = run_match(folder.path(), &arguments);
    assert_eq!(code, Some(2));
    let lines: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 5, "{out}");
    assert!(lines[0]["error"].is_string());
    assert_eq!(lines[1]["vulnerability"], "CVE-2026-1");
    assert_eq!(lines[1]["advisories"][0]["fixed_in"], "2.0");
    assert_eq!(lines[2]["affected"], 1);
    assert_eq!(lines[3]["verdict"], "undecided");
    assert_eq!(lines[4]["undecided"]["version-unreadable"], 1);

    // Advisories that cannot be read are named, and the others still count.
    write("osv/none.json", "[]");
    let (code, out, err) = run_match(folder.path(), &["--advisories", "osv", "old.json"]);
    assert_eq!(code, Some(2));
    assert!(
        out.contains("CVE-2026-1") && err.contains("none.json"),
        "{out}{err}"
    );
}
