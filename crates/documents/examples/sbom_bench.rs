//! How fast SBOMs are read, on one core.
//!
//! `cargo run --release -p entente-documents --example sbom_bench -- PATH…`
//! takes files and folders of SBOMs of any format. The time is the CPU's,
//! beside that of parsing the JSON ones into a `serde_json::Value`.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::path::Path;
use std::time::Duration;

use entente_documents::sbom::{self, Component, Sink};

#[derive(Default)]
struct Count {
    components: u64,
    dependencies: u64,
    edges: u64,
}

impl Sink for Count {
    fn component(&mut self, component: Component) {
        std::hint::black_box(component);
        self.components += 1;
    }
    fn dependency(&mut self, from: String, on: Vec<String>) {
        self.dependencies += 1;
        self.edges += on.len() as u64;
        std::hint::black_box((from, on));
    }
}

fn main() -> std::io::Result<()> {
    let mut documents = Vec::new();
    for path in std::env::args().skip(1) {
        gather(Path::new(&path), &mut documents)?;
    }
    let mut count = Count::default();
    let mut refused = 0;
    for document in &documents {
        refused += u64::from(sbom::read(document.as_slice(), &mut count).is_err());
    }
    let bytes: usize = documents.iter().map(Vec::len).sum();
    println!(
        "{} documents of {:.1} MB, {refused} refused: {} components, {} dependencies, {} edges",
        documents.len(),
        bytes as f64 / 1e6,
        count.components,
        count.dependencies,
        count.edges,
    );
    let parsing = time(&documents, |document| {
        std::hint::black_box(serde_json::from_slice::<serde_json::Value>(document).is_ok());
    });
    let reading = time(&documents, |document| {
        let read = sbom::read(document, &mut Count::default());
        std::hint::black_box(read.is_ok());
    });
    println!(
        "{:.0} documents per CPU second, {:.1} MB/s, {:.2} x parsing",
        documents.len() as f64 / reading.as_secs_f64(),
        bytes as f64 / 1e6 / reading.as_secs_f64(),
        reading.as_secs_f64() / parsing.as_secs_f64(),
    );
    Ok(())
}

fn gather(path: &Path, documents: &mut Vec<Vec<u8>>) -> std::io::Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            gather(&entry?.path(), documents)?;
        }
    } else {
        documents.push(std::fs::read(path)?);
    }
    Ok(())
}

/// The time of one pass over all documents, from as many as fit in two seconds.
fn time(documents: &[Vec<u8>], mut work: impl FnMut(&[u8])) -> Duration {
    let start = cpu();
    let mut passes = 0;
    let mut spent = Duration::ZERO;
    while spent < Duration::from_secs(2) {
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
