//! Package URLs are built from their parts, however they come.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

fn build(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_entente"))
        .args(["purl", "build"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn parts_become_a_package_url_by_the_rules_of_the_type() {
    let flags = [
        "--type",
        "pypi",
        "--name",
        "Django_X",
        "--version",
        "1.0",
        "--qualifier",
        "a=b",
    ];
    let output = build(&flags, "");
    assert_eq!(output.stdout, b"pkg:pypi/django-x@1.0?a=b\n");
    let lines = "maven\tg\ta\t1\ttype=jar&classifier=x\tsub/path\n\
        {\"type\":\"npm\",\"namespace\":\"@angular\",\"name\":\"animation\",\"version\":\"12\"}\n\
        npm\n\
        maven\tg\ta\t1\ttype\n";
    let output = build(&["-"], lines);
    let said = String::from_utf8(output.stdout).unwrap();
    let said: Vec<&str> = said.lines().collect();
    assert_eq!(said.len(), 4);
    assert_eq!(said[0], "pkg:maven/g/a@1?classifier=x&type=jar#sub/path");
    assert_eq!(said[1], "pkg:npm/%40angular/animation@12");
    assert!(
        said[2].starts_with("error: ") && said[3].starts_with("error: "),
        "{said:?}"
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(build(&["--type", "npm"], "").status.code(), Some(2));
}
