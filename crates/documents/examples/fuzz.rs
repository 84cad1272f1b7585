//! Changed documents through every reader and validator.
//!
//! `cargo run --release -p entente-documents --example fuzz -- SECONDS SEED PATH…`
//! takes files and folders of real documents, changes them (bytes, pieces, ends,
//! values of another type, members said twice) and prints for each target how
//! often it ran, how often it panicked, and the CPU time of its longest run. The
//! document of a panic, and of a run over a second, is written to the folder it
//! is started in. It exits with 1 if there was either.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use entente_documents::csaf::{self, Checks, Choices, Preset, Profile};
use entente_documents::matching::{Advisory, Candidate, Index};
use entente_documents::sbom::{self, Component, Quality, Sink};
use entente_documents::versions::{self, Range, Scheme};
use entente_documents::{cve, cvss, cyclonedx_vex, ghsa, openvex, osv, purl};
use serde_json::{Value, json};

/// Longer documents are left out: they would take the time of many short ones.
const LONGEST: usize = 256 << 10;
/// Most texts that are kept of one kind.
const TEXTS: usize = 20_000;
/// A run may take no longer, on the CPU.
const ALLOWED: Duration = Duration::from_secs(1);

/// Runs on some bytes; whether they were taken for what the target reads.
type Run = fn(&[u8]) -> bool;

const TARGETS: &[(&str, Run)] = &[
    ("csaf validate", |bytes| {
        csaf::validate(
            bytes,
            Profile::Auto,
            Checks::at(Preset::Full, 1_800_000_000),
        )
        .findings
        .iter()
        .all(|finding| finding.test != "json")
            && looks(bytes, "csaf_version")
    }),
    ("csaf validate as 2.1", |bytes| {
        csaf::validate(bytes, Profile::V2_1, Preset::Full).valid
    }),
    ("csaf convert", |bytes| {
        csaf::convert(bytes, Choices::default()).is_ok()
    }),
    ("csaf records", |bytes| {
        csaf::records(bytes, Choices::default()).is_ok()
    }),
    ("csaf lines", |bytes| {
        let places = ["/document", "/document/title", "/vulnerabilities/0/cve"];
        csaf::lines(bytes, &places).iter().any(|line| *line > 1)
    }),
    ("csaf read", |bytes| csaf::v2_0::read(bytes).is_ok()),
    ("sbom read", |bytes| {
        let mut taken = Taken::default();
        sbom::read(bytes, &mut taken).is_ok()
    }),
    ("sbom quality", |bytes| {
        let mut quality = Quality::before(());
        sbom::read(bytes, &mut quality).is_ok_and(|sbom| !quality.gaps(&sbom).is_empty())
    }),
    ("sbom cyclonedx json", |bytes| {
        sbom::read_cyclonedx_json(bytes, &mut Taken::default()).is_ok()
    }),
    ("sbom cyclonedx xml", |bytes| {
        sbom::read_cyclonedx_xml(bytes, &mut Taken::default()).is_ok()
    }),
    ("sbom spdx 2 json", |bytes| {
        sbom::read_spdx2_json(bytes, &mut Taken::default()).is_ok()
    }),
    ("sbom spdx 2 tags", |bytes| {
        sbom::read_spdx2_tag_value(bytes, &mut Taken::default()).is_ok()
    }),
    ("sbom spdx 3", |bytes| {
        sbom::read_spdx3_json(bytes, &mut Taken::default()).is_ok()
    }),
    ("sbom swid", |bytes| {
        sbom::read_swid(bytes, &mut Taken::default()).is_ok()
    }),
    ("osv and matching", |bytes| {
        osv::Document::read(bytes).is_ok_and(|document| {
            let _ = document.record();
            let advisory = Advisory::of_osv(&document);
            let mut index = Index::default();
            index.add(advisory);
            for purl in ["pkg:cargo/time@0.2.7", "pkg:pypi/django@1.0", "pkg:deb/a@1"] {
                if let Ok((purl, _)) = purl::parse_lenient(purl) {
                    let candidates = Candidate::of_component(&purl, None, None);
                    std::hint::black_box(index.findings(&candidates).len());
                }
            }
            true
        })
    }),
    ("ghsa", |bytes| {
        ghsa::Document::read(bytes).is_ok_and(|document| {
            let _ = document.record();
            true
        })
    }),
    ("cve", |bytes| {
        cve::validate(bytes).is_ok()
            && cve::Document::read(bytes).is_ok_and(|document| {
                let _ = document.record();
                true
            })
    }),
    ("openvex", |bytes| {
        openvex::Document::read(bytes).is_ok_and(|document| {
            let _ = document.records();
            true
        })
    }),
    ("cyclonedx vex", |bytes| {
        cyclonedx_vex::Document::read(bytes).is_ok_and(|document| {
            let _ = document.records();
            true
        })
    }),
    ("purl", |bytes| {
        text(bytes, |text| {
            purl::parse(text).is_ok() | purl::parse_lenient(text).is_ok()
        })
    }),
    ("cvss", |bytes| {
        text(bytes, |text| {
            cvss::parse(text).is_ok_and(|vector| {
                let _ = (vector.scores(), vector.canonical());
                true
            })
        })
    }),
    ("vers", |bytes| {
        text(bytes, |text| {
            Range::parse(text)
                .is_ok_and(|range| range.problems().is_empty() | true_of(range.contains("1.2.3")))
                | Range::parse_lenient(text).is_ok()
        })
    }),
    ("version of every scheme", |bytes| {
        text(bytes, |text| {
            let (a, b) = text.split_at(text.floor_char_boundary(text.len() / 2));
            for scheme in Scheme::all() {
                std::hint::black_box(versions::compare(scheme, a, b));
                std::hint::black_box(versions::from_native(scheme, text).is_ok());
            }
            text.starts_with(|c: char| c.is_ascii_digit()) && text.len() < 24
        })
    }),
];

fn true_of<T>(value: T) -> bool {
    std::hint::black_box(value);
    true
}

fn text(bytes: &[u8], run: impl Fn(&str) -> bool) -> bool {
    run(&String::from_utf8_lossy(bytes))
}

fn looks(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|w| w == word.as_bytes())
}

#[derive(Default)]
struct Taken(u64);

impl Sink for Taken {
    fn component(&mut self, component: Component) {
        if let Some(purl) = &component.purl {
            std::hint::black_box(purl::parse_lenient(purl).is_ok());
        }
        self.0 += 1;
    }
    fn dependency(&mut self, _: String, on: Vec<String>) {
        self.0 += on.len() as u64;
    }
}

/// What a target did.
#[derive(Default)]
struct Score {
    runs: u64,
    taken: u64,
    panics: u64,
    slow: u64,
    longest: Duration,
}

fn main() -> std::io::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let mut number = || arguments.next().and_then(|text| text.parse::<u64>().ok());
    let (Some(seconds), Some(seed)) = (number(), number()) else {
        return Err(std::io::Error::other("say SECONDS SEED PATH…"));
    };
    let mut seeds = Vec::new();
    for path in arguments {
        gather(Path::new(&path), &mut seeds)?;
    }
    let mut texts = Vec::new();
    for seed in &seeds {
        if let Ok(value) = serde_json::from_slice::<Value>(seed) {
            gather_texts(&value, &mut texts);
        }
    }
    println!("{} documents, {} texts", seeds.len(), texts.len());
    // Formats of which there are few documents about, written from others.
    let records = seeds
        .iter()
        .filter_map(|seed| Some(osv::Document::read(seed).ok()?.record().0));
    let written: Vec<String> = records
        .take(500)
        .flat_map(|record| {
            let vex = openvex::write(&record).ok();
            [
                Some(ghsa::write(&record).to_json()),
                vex.map(|vex| vex.to_json()),
            ]
        })
        .flatten()
        .collect();
    seeds.extend(written.into_iter().map(String::into_bytes));
    seeds.append(&mut texts);
    std::panic::set_hook(Box::new(|_| {}));
    let mut scores: Vec<Score> = TARGETS.iter().map(|_| Score::default()).collect();
    // What each target takes unchanged it gets most often.
    let own: Vec<Vec<usize>> = TARGETS
        .iter()
        .zip(&mut scores)
        .map(|((name, run), score)| {
            let fits = |(_, seed): &(usize, &Vec<u8>)| attempt(name, *run, seed, score);
            let own = seeds.iter().enumerate().filter(fits);
            let own = own.map(|(index, _)| index).collect();
            // What is counted below is changed documents.
            score.runs = 0;
            own
        })
        .collect();
    let mut dice = Dice(seed | 1);
    let begun = cpu();
    while cpu().saturating_sub(begun) < Duration::from_secs(seconds) {
        for (((name, run), score), own) in TARGETS.iter().zip(&mut scores).zip(&own) {
            let any = dice.below(seeds.len());
            let one = match own.get(dice.below(own.len())) {
                Some(one) if dice.below(8) > 0 => *one,
                _ => any,
            };
            let (Some(seed), Some(other)) = (seeds.get(one), seeds.get(any)) else {
                continue;
            };
            let document = changed(seed, other, &mut dice);
            score.taken += u64::from(attempt(name, *run, &document, score));
        }
    }
    println!("target                         runs      read  panics  over 1 s  longest");
    for ((name, _), score) in TARGETS.iter().zip(&scores) {
        println!(
            "{name:24} {:>10} {:>9} {:>7} {:>9} {:>6} ms",
            score.runs,
            score.taken,
            score.panics,
            score.slow,
            score.longest.as_millis()
        );
    }
    let sound = scores.iter().all(|score| score.panics + score.slow == 0);
    let total: u64 = scores.iter().map(|score| score.runs).sum();
    println!("{total} runs in {seconds} s");
    Ok(ExitCode::from(u8::from(!sound)))
}

/// Runs a target once and notes how it went.
fn attempt(name: &str, run: Run, document: &[u8], score: &mut Score) -> bool {
    let begun = cpu();
    let outcome = catch_unwind(AssertUnwindSafe(|| run(document)));
    let took = cpu().saturating_sub(begun);
    score.runs += 1;
    score.longest = score.longest.max(took);
    let (is_panic, is_slow) = (outcome.is_err(), took > ALLOWED);
    score.panics += u64::from(is_panic);
    score.slow += u64::from(is_slow);
    if is_panic || is_slow {
        let what = if is_panic { "panic" } else { "slow" };
        let file = format!("fuzz-{what}-{}-{}", name.replace(' ', "-"), score.runs);
        let kept = std::fs::write(&file, document);
        println!("{name}: {what} after {took:?}, see {file} ({kept:?})");
    }
    outcome.unwrap_or_default()
}

/// A document with up to four changes.
fn changed(seed: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    // Half of the documents stay JSON, so that what reads their values is met too.
    let kinds = if dice.below(2) == 0 { 10 } else { 0 };
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        match 9 - dice.below(kinds) {
            0 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
            1 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = *dice
                        .pick(b"\"\\{}[],:0-9.eE<>&;/@|!*\n\0\xff\xc3 ")
                        .unwrap_or(&0);
                }
            }
            2 => bytes.truncate(at),
            3 | 4 => {
                // A piece of itself or of another document, at any place.
                let from = if dice.below(2) == 0 { seed } else { other };
                let start = dice.below(from.len());
                let length = dice.below(from.len() - start).min(4096);
                let piece = from.get(start..start + length).unwrap_or_default().to_vec();
                let end = (at + dice.below(64)).min(bytes.len());
                bytes.splice(at..end, piece);
            }
            5 => {
                let end = (at + dice.below(256)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                if let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) {
                    let mut place = dice.below(count(&value));
                    swap(&mut value, &mut place, dice);
                    bytes = serde_json::to_vec(&value).unwrap_or_default();
                } else if let Some(byte) = bytes.get_mut(at) {
                    *byte = u8::try_from(dice.below(256)).unwrap_or_default();
                }
            }
        }
        bytes.truncate(2 * LONGEST);
    }
    bytes
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// Puts something else in the place of the value at a position.
fn swap(value: &mut Value, place: &mut usize, dice: &mut Dice) -> bool {
    if *place == 0 {
        *value = instead(value, dice);
        return true;
    }
    *place -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| swap(item, place, dice)),
        Value::Object(members) => members.values_mut().any(|item| swap(item, place, dice)),
        _ => false,
    }
}

fn instead(value: &Value, dice: &mut Dice) -> Value {
    match (dice.below(14), value) {
        (0, _) => Value::Null,
        (1, _) => json!(true),
        (2, _) => json!(-1),
        (3, _) => json!(1e300),
        (4, _) => json!(""),
        (5, _) => json!([]),
        (6, _) => json!({}),
        (7, _) => json!("\u{0}é\u{202e}𐀀".repeat(dice.below(200))),
        (8, _) => json!([value, value]),
        (9, _) => json!({ "name": value, "": [null] }),
        (10, Value::Array(items)) => {
            let times = 1 + 2000 / (1 + items.len());
            Value::Array(items.iter().cloned().cycle().take(times).collect())
        }
        (11, Value::Array(items)) => Value::Array(items.iter().rev().cloned().collect()),
        (12, Value::Object(members)) => {
            let kept = members.iter().filter(|_| dice.below(3) > 0);
            Value::Object(kept.map(|(k, v)| (k.clone(), v.clone())).collect())
        }
        (_, Value::String(text)) => {
            let cut = text.floor_char_boundary(dice.below(text.len() + 1));
            let (begin, end) = text.split_at(cut);
            json!(format!("{end}{begin}"))
        }
        (_, Value::Number(number)) => json!(number.as_f64().unwrap_or_default() * -1e9),
        _ => (0..dice.below(140)).fold(value.clone(), |inner, _| json!([inner])),
    }
}

/// Numbers that look random, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let high = self.0 >> 16;
        usize::try_from(high)
            .unwrap_or_default()
            .checked_rem(most)
            .unwrap_or_default()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
}

fn gather(path: &Path, documents: &mut Vec<Vec<u8>>) -> std::io::Result<()> {
    if path.is_dir() {
        let mut entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(std::fs::DirEntry::path);
        for entry in entries {
            gather(&entry.path(), documents)?;
        }
    } else if std::fs::metadata(path)?.len() <= LONGEST as u64 {
        documents.push(std::fs::read(path)?);
    }
    Ok(())
}

/// The texts of a document that are short.
fn gather_texts(value: &Value, texts: &mut Vec<Vec<u8>>) {
    match value {
        _ if texts.len() >= TEXTS => {}
        Value::String(text) if text.len() < 200 => {
            let is_known = ["CVSS:", "pkg:", "vers:"]
                .iter()
                .any(|word| text.starts_with(word));
            if is_known || text.len() < 24 && texts.len() < TEXTS / 2 {
                texts.push(text.as_bytes().to_vec());
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather_texts(item, texts)),
        Value::Object(members) => members.values().for_each(|item| gather_texts(item, texts)),
        _ => {}
    }
}

/// What this thread has spent on the CPU.
fn cpu() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    spent.try_into().unwrap_or_default()
}
