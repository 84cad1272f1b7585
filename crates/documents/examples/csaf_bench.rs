//! How fast advisories are judged, on one core.
//!
//! `cargo run --release -p entente-documents --example csaf_bench -- PATH…`
//! takes files and folders; without any it makes its own documents, in both
//! versions, the last of them as big as advisories get. The time is the CPU's,
//! beside that of parsing the same bytes into a `serde_json::Value`; the memory
//! is the most that a process holds which validates just that document, its
//! bytes included (from Linux's `/proc`).
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use entente_documents::csaf::{Choices, Preset, Profile, convert, validate};

/// Makes the program a process that measures its own memory.
const MEMORY: &str = "--memory-of-stdin";

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    if let (Some(MEMORY), Some(preset)) = (arguments.next().as_deref(), arguments.next()) {
        return hold(&preset);
    }
    let mut documents = Vec::new();
    for path in std::env::args().skip(1) {
        gather(Path::new(&path), &mut documents)?;
    }
    if documents.is_empty() {
        for (products, vulnerabilities) in [(2, 1), (200, 5), (2_000, 50), (8_000, 50)] {
            let document = advisory(products, vulnerabilities);
            let newer = convert(&document, Choices::default())
                .map_err(std::io::Error::other)
                .and_then(|converted| Ok(serde_json::to_vec(&converted.document)?))?;
            for (version, document) in [("2.0", document), ("2.1", newer)] {
                let name = format!("{version} {:>9} bytes", document.len());
                measure(&name, &[&document])?;
            }
        }
        return Ok(());
    }
    let all: Vec<&Vec<u8>> = documents.iter().collect();
    measure(&format!("{} documents", all.len()), &all)
}

fn gather(path: &Path, documents: &mut Vec<Vec<u8>>) -> std::io::Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            gather(&entry?.path(), documents)?;
        }
    } else if path
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        documents.push(std::fs::read(path)?);
    }
    Ok(())
}

fn measure(name: &str, documents: &[&Vec<u8>]) -> std::io::Result<()> {
    let bytes: usize = documents.iter().map(|document| document.len()).sum();
    let parse = time(documents, |document| {
        std::hint::black_box(serde_json::from_slice::<serde_json::Value>(document).is_ok());
    });
    for (label, preset) in [
        ("schema", Preset::Schema),
        ("basic", Preset::Basic),
        ("full", Preset::Full),
    ] {
        let took = time(documents, |document| {
            std::hint::black_box(validate(document, Profile::Auto, preset).valid);
        });
        println!(
            "{name} {label:>6}: {:>9.1} documents/s {:>7.1} MB/s {:>5.2} x parsing {}",
            documents.len() as f64 / took.as_secs_f64(),
            bytes as f64 / 1e6 / took.as_secs_f64(),
            took.as_secs_f64() / parse.as_secs_f64(),
            match documents {
                [document] => format!("{:>5.0} MB held", peak(document, label)?),
                _ => String::new(),
            },
        );
    }
    Ok(())
}

/// The time of one pass over all documents, from as many as fit in a second.
fn time(documents: &[&Vec<u8>], mut work: impl FnMut(&[u8])) -> Duration {
    for document in documents {
        work(document);
    }
    let start = cpu();
    let mut passes = 0;
    let mut spent = Duration::ZERO;
    while spent < Duration::from_secs(1) {
        for document in documents {
            work(document);
        }
        passes += 1;
        spent = cpu().saturating_sub(start);
    }
    spent / passes
}

/// What this process has spent on the CPU.
fn cpu() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    spent.try_into().unwrap_or_default()
}

/// The most that a process of its own holds, in MB, when it validates one document.
fn peak(document: &[u8], preset: &str) -> std::io::Result<f64> {
    let mut child = Command::new(std::env::current_exe()?)
        .args([MEMORY, preset])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(document)?;
    }
    let output = child.wait_with_output()?.stdout;
    let kibibytes = String::from_utf8_lossy(&output).trim().parse::<f64>();
    Ok(kibibytes.map_err(std::io::Error::other)? * 1024.0 / 1e6)
}

/// What that process does.
fn hold(preset: &str) -> std::io::Result<()> {
    let mut document = Vec::new();
    std::io::stdin().read_to_end(&mut document)?;
    let preset: Preset = preset.parse().map_err(std::io::Error::other)?;
    std::hint::black_box(validate(&document, Profile::Auto, preset).valid);
    let status = std::fs::read_to_string("/proc/self/status")?;
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!("{}", most.unwrap_or_default().trim_end_matches("kB").trim());
    Ok(())
}

/// A security advisory of `products` products and `vulnerabilities`
/// vulnerabilities that each name every product.
fn advisory(products: usize, vulnerabilities: usize) -> Vec<u8> {
    let ids = |range: std::ops::Range<usize>| {
        let mut list = String::new();
        for index in range {
            let _ = write!(
                list,
                "{}\"CSAFPID-{index:07}\"",
                if list.is_empty() { "" } else { "," }
            );
        }
        list
    };
    let mut text = String::from(
        r#"{"document":{"category":"csaf_security_advisory","csaf_version":"2.0","distribution":{"tlp":{"label":"WHITE"}},"lang":"en","publisher":{"category":"vendor","name":"Example","namespace":"https://example.com"},"title":"Many products","tracking":{"current_release_date":"2026-01-01T10:00:00.000Z","id":"EX-1","initial_release_date":"2026-01-01T10:00:00.000Z","revision_history":[{"date":"2026-01-01T10:00:00.000Z","number":"1","summary":"First"}],"status":"final","version":"1"}},"product_tree":{"branches":[{"branches":["#,
    );
    for index in 0..products {
        let _ = write!(
            text,
            r#"{}{{"branches":[{{"category":"product_version","name":"{index}.0","product":{{"name":"Product {index}","product_id":"CSAFPID-{index:07}","product_identification_helper":{{"cpe":"cpe:2.3:a:example:product:{index}:*:*:*:*:*:*:*","purl":"pkg:generic/product@{index}"}}}}}}],"category":"product_name","name":"Product {index}"}}"#,
            if index == 0 { "" } else { "," }
        );
    }
    text.push_str(r#"],"category":"vendor","name":"Example"}]},"vulnerabilities":["#);
    let (affected, fixed) = (ids(0..products / 2), ids(products / 2..products));
    for index in 0..vulnerabilities {
        let _ = write!(
            text,
            r#"{}{{"cve":"CVE-2026-{index:05}","cwe":{{"id":"CWE-22","name":"Improper Limitation of a Pathname to a Restricted Directory ('Path Traversal')"}},"notes":[{{"category":"description","text":"Text."}}],"product_status":{{"fixed":[{fixed}],"known_affected":[{affected}]}},"remediations":[{{"category":"vendor_fix","details":"Update.","product_ids":[{affected}]}}],"scores":[{{"cvss_v3":{{"baseScore":9.8,"baseSeverity":"CRITICAL","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","version":"3.1"}},"products":[{affected}]}}]}}"#,
            if index == 0 { "" } else { "," }
        );
    }
    text.push_str("]}");
    text.into_bytes()
}
