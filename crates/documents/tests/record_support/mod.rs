//! Records at random, the public data, and the scale on which formats are weighed.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use entente_documents::record::losses::{Fate, Format};
use entente_documents::record::{
    Credit, CreditKind, Dates, Event, Justification, Note, NoteKind, Order, Product, Publisher,
    Range, Record, Reference, ReferenceKind, Remediation, RemediationKind, Severity, Status, Text,
    Tlp, fields,
};
use entente_documents::versions::Scheme;
use entente_documents::{cvss, purl};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

pub fn data(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ENTENTE_TEST_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(path);
    if !path.exists() {
        // A run that may skip nothing says so (decision 29).
        assert!(
            std::env::var_os("CI").is_none(),
            "{} is not there",
            path.display()
        );
        eprintln!("SKIPPED: {} is not there", path.display());
        return None;
    }
    Some(path)
}

/// How many random cases a test takes: few at every run, many where the environment asks.
pub fn cases(few: u32) -> u32 {
    let asked = std::env::var("ENTENTE_DEEP").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(few)
}

/// Holds what came back to what the account of losses says.
pub fn hold(format: Format, before: &Record, after: &Record) -> Result<(), TestCaseError> {
    let (before, after) = (fields(before), fields(after));
    let nothing = fields(&Record::default());
    for (name, fate) in format.account() {
        let (was, is) = (&before[name], &after[name]);
        match fate {
            Fate::Whole { .. } => prop_assert_eq!(was, is, "{} is whole in {:?}", name, format),
            Fate::Part { .. } => prop_assert!(
                contained(is, was),
                "{name} is invented in {format:?}: {is:?} of {was:?}"
            ),
            Fate::Lost { .. } => {
                prop_assert_eq!(is, &nothing[name], "{} is lost in {:?}", name, format);
            }
            Fate::Changed { .. } => {}
        }
    }
    Ok(())
}

fn contained(part: &[String], all: &[String]) -> bool {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    all.iter()
        .for_each(|value| *counts.entry(value).or_default() += 1);
    part.iter()
        .for_each(|value| *counts.entry(value).or_default() -= 1);
    counts.values().all(|count| *count >= 0)
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[A-Za-z][A-Za-z0-9 .-]{0,12}[a-z]",
        1 => "[a-z\"\\\\/<&é€𝄞\n]{1,8}[a-z]",
    ]
}

fn url() -> impl Strategy<Value = String> {
    "https://[a-z]{1,9}\\.example/[a-z0-9/._~-]{0,12}"
}

fn instant() -> impl Strategy<Value = String> {
    "20[0-4][0-9]-0[1-9]-[0-2][1-8]T[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?Z"
}

fn texts() -> impl Strategy<Value = Vec<Text>> {
    prop::sample::subsequence(vec!["de", "en", "pt-BR"], 0..=3).prop_flat_map(|langs| {
        langs
            .into_iter()
            .map(|lang| {
                word().prop_map(move |text| Text {
                    lang: lang.to_owned(),
                    text,
                })
            })
            .collect::<Vec<_>>()
    })
}

fn text() -> impl Strategy<Value = Text> {
    (select(vec!["de", "en"]), word()).prop_map(|(lang, text)| Text {
        lang: lang.to_owned(),
        text,
    })
}

fn severity() -> impl Strategy<Value = Severity> {
    let vectors = vec![
        "AV:N/AC:L/Au:N/C:C/I:C/A:C",
        "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:L/AC:H/PR:L/UI:R/S:C/C:L/I:N/A:H/E:P",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
    ];
    (select(vectors), option::of(word())).prop_map(|(vector, source)| Severity {
        vector: cvss::parse(vector).unwrap(),
        source,
    })
}

// Ranges that are sound: versions rise from event to event.
fn range(order: Order) -> impl Strategy<Value = Range> {
    let git = order == Order::Git;
    let version = move |n: u32| {
        if git {
            format!("{n:040x}")
        } else {
            format!("{n}.0.1")
        }
    };
    let ends = vec((0..3u8, 0..3u8), 1..3);
    (ends, any::<bool>(), url(), option::of(0..3u8)).prop_map(
        move |(pairs, from_zero, url, last)| {
            let mut events = Vec::new();
            let mut at = 1;
            for (index, (end, extra)) in pairs.iter().enumerate() {
                let zero = index == 0 && from_zero;
                events.push(Event::Introduced(if zero {
                    "0".to_owned()
                } else {
                    version(at)
                }));
                let is_last = index + 1 == pairs.len();
                if is_last && last.is_none() {
                    break;
                }
                events.push(match end {
                    0 => Event::Fixed(version(at + 1)),
                    1 => Event::LastAffected(version(at + 1)),
                    _ => Event::Limit(version(at + 1)),
                });
                if *extra == 0 && *end == 0 {
                    events.push(Event::Fixed(version(at + 2)));
                }
                at += 4;
            }
            Range {
                order: order.clone(),
                repo: git.then_some(url),
                events,
            }
        },
    )
}

fn product() -> impl Strategy<Value = Product> {
    let package = prop_oneof![
        Just((None, None, Order::Other("ours".to_owned()))),
        Just((
            Some("npm"),
            Some("pkg:npm/%40scope/name"),
            Order::Scheme(Scheme::Npm)
        )),
        Just((
            Some("crates.io"),
            Some("pkg:cargo/tokio"),
            Order::Scheme(Scheme::Cargo)
        )),
        Just((Some("PyPI"), None, Order::Scheme(Scheme::Pypi))),
        Just((
            Some("Debian:12"),
            Some("pkg:deb/debian/curl"),
            Order::Scheme(Scheme::Deb)
        )),
        Just((
            None,
            Some("pkg:generic/box"),
            Order::Scheme(Scheme::Generic)
        )),
    ];
    package.prop_flat_map(|(ecosystem, package, order)| {
        let orders = vec![order, Order::Git, Order::Scheme(Scheme::Semver)];
        let said = (
            vec("[1-9]\\.[0-9]{1,3}", 0..3),
            vec(select(orders).prop_flat_map(range), 0..3),
            select(Status::ALL.to_vec()),
            option::of(select(Justification::ALL.to_vec())),
            option::of(word()),
            option::of(word()),
        );
        let cpe = option::of(Just("cpe:2.3:a:example:box:*:*:*:*:*:*:*:*".to_owned()));
        (option::of(word()), word(), cpe, said).prop_map(move |(vendor, name, cpe, said)| {
            let (mut versions, ranges, status, justification, impact, action) = said;
            versions.sort();
            versions.dedup();
            Product {
                vendor,
                name,
                ecosystem: ecosystem.map(str::to_owned),
                purl: package.map(|package| purl::parse(package).unwrap()),
                cpe,
                versions,
                ranges,
                status,
                justification,
                impact,
                action,
            }
        })
    })
}

fn credit() -> impl Strategy<Value = Credit> {
    let contact = prop_oneof![url(), "https://github\\.com/[a-z]{1,9}"];
    let kind = select(CreditKind::ALL.to_vec());
    (word(), vec(contact, 0..2), kind, any::<bool>()).prop_map(|(name, contacts, kind, consent)| {
        Credit {
            name,
            contacts,
            kind,
            consent,
        }
    })
}

fn remediation() -> impl Strategy<Value = Remediation> {
    (
        select(RemediationKind::ALL.to_vec()),
        text(),
        option::of(url()),
    )
        .prop_map(|(kind, text, url)| Remediation { kind, text, url })
}

fn reference() -> impl Strategy<Value = Reference> {
    (
        url(),
        select(ReferenceKind::ALL.to_vec()),
        option::of(word()),
    )
        .prop_map(|(url, kind, title)| Reference { url, kind, title })
}

fn unique(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids.dedup();
    ids
}

/// Records as authors might write them, and some as they should not.
pub fn record() -> impl Strategy<Value = Record> {
    let id = || "(CVE|GHSA|OSV)-20[0-2][0-9]-[1-9][0-9]{3}";
    let ids = move || vec(id(), 0..3).prop_map(unique);
    let dates = (
        option::of(instant()),
        instant(),
        option::of(instant()),
        option::of(instant()),
    )
        .prop_map(|(published, modified, disclosed, withdrawn)| Dates {
            published,
            modified,
            disclosed,
            withdrawn,
        });
    let cwes = prop::sample::subsequence(vec![20, 78, 79, 89, 787], 0..4);
    let note =
        (select(NoteKind::ALL.to_vec()), text()).prop_map(|(kind, text)| Note { kind, text });
    let publisher = (word(), option::of(url())).prop_map(|(name, url)| Publisher { name, url });
    let head = (id(), ids(), ids(), ids(), publisher, 1..50u32);
    let told = (
        texts(),
        texts(),
        vec(severity(), 0..3),
        cwes,
        option::of(select(Tlp::ALL.to_vec())),
    );
    let rest = (
        dates,
        vec(product(), 0..4),
        vec(remediation(), 0..3),
        vec(reference(), 0..4),
        vec(credit(), 0..3),
        vec(note, 0..3),
    );
    (head, told, rest).prop_map(|(head, told, rest)| {
        let (id, aliases, related, upstream, publisher, revision) = head;
        let (titles, descriptions, severities, cwes, tlp) = told;
        let (dates, products, remediations, references, credits, notes) = rest;
        // A rating is one rating however often it is said.
        let mut ratings: Vec<Severity> = Vec::new();
        for severity in severities {
            if !ratings.iter().any(|known| known.vector == severity.vector) {
                ratings.push(severity);
            }
        }
        Record {
            id,
            aliases,
            related,
            upstream,
            publisher,
            revision,
            tlp,
            dates,
            titles,
            descriptions,
            severities: ratings,
            cwes,
            products,
            remediations,
            references,
            credits,
            notes,
        }
    })
}

/// The same few records at every run.
pub fn samples() -> Vec<Record> {
    let mut runner = TestRunner::deterministic();
    let strategy = record();
    let sample = |_| strategy.new_tree(&mut runner).unwrap().current();
    (0..40).map(sample).collect()
}

/// Bytes like those of a document, with something broken.
pub fn mutated(bytes: &[u8], cuts: &[(usize, u8, u8)]) -> Vec<u8> {
    let tokens: [&[u8]; 12] = [
        b"null",
        b"[]",
        b"{}",
        b"-1",
        b"1e400",
        b"\"\"",
        b"[[[[",
        b"\"\\ud800\"",
        b"true",
        b"\xff",
        b"\"pkg:\"",
        b"\"CVSS:3.1/\"",
    ];
    let mut bytes = bytes.to_vec();
    for (at, kind, value) in cuts {
        if bytes.is_empty() {
            return bytes;
        }
        let at = at % bytes.len();
        match kind % 4 {
            0 => bytes[at] = *value,
            1 => bytes.truncate(at),
            2 => {
                // A whole value in place of another: wrong types where they were right.
                let from = bytes[at..]
                    .iter()
                    .position(|b| *b == b':')
                    .map_or(at, |p| at + p + 1);
                let to = bytes[from..]
                    .iter()
                    .position(|b| matches!(b, b',' | b'}' | b'\n'))
                    .map_or(bytes.len(), |p| from + p);
                let token = tokens[usize::from(*value) % tokens.len()];
                bytes.splice(from..to, token.iter().copied());
            }
            _ => {
                let to = (at + usize::from(*value)).min(bytes.len());
                let again: Vec<u8> = bytes[at..to].to_vec();
                bytes.splice(at..at, again);
            }
        }
    }
    bytes
}
