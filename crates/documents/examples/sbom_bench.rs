//! How quickly bills of materials are read: `cargo run --release --example sbom_bench -- FILE…`.
//! Prints documents and megabytes for each second, beside a bare parse of the
//! JSON among them in the same run.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for figures"
)]

use entente_documents::sbom;
use std::time::Instant;

fn main() {
    let documents: Vec<Vec<u8>> = std::env::args()
        .skip(1)
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    let bytes: usize = documents.iter().map(Vec::len).sum();
    let count = documents.len() as f64;
    let row = |what: &str, run: &dyn Fn(&[u8])| {
        let begun = Instant::now();
        for document in &documents {
            run(document);
        }
        let seconds = begun.elapsed().as_secs_f64();
        println!(
            "{what:24} {seconds:8.3} s  {:8.0} documents/s  {:6.1} MB/s",
            count / seconds,
            bytes as f64 / 1e6 / seconds
        );
    };
    for _ in 0..3 {
        row("read", &|document| {
            let _ = sbom::read(document, &mut ());
        });
        row("bare parse", &|document| {
            let _ = serde_json::from_slice::<serde_json::Value>(document);
        });
    }
}
