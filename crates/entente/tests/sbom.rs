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
