//! Whatever is done to a document, it is read or refused with a place or a name, and nobody panics.

use super::take;
use entente_documents::sbom::Format;
use proptest::prelude::*;

/// One document of each format.
const SEEDS: &[&str] = &[
    include_str!("seed.cdx.json"),
    include_str!("seed.spdx.json"),
    include_str!("seed.spdx"),
    include_str!("seed.cdx.xml"),
    include_str!("seed.spdx3.json"),
    include_str!("seed.swidtag"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_and_cut_documents_are_read_or_refused_with_a_place(
        seed in 0..SEEDS.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        swaps in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..2),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = SEEDS[seed].as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        // Pieces that are sound in themselves at the wrong place.
        for (a, b) in swaps {
            let (a, b) = (a.index(bytes.len()), b.index(bytes.len()));
            let piece = bytes[a.min(b)..a.max(b)].to_vec();
            bytes.splice(a..a, piece);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let (Err(error), _) = take(&bytes) {
            let error = error.to_string();
            prop_assert!(error.contains("line ") || error.contains("looks like"), "{error}");
            prop_assert!(error.contains("; "), "no remedy: {error}");
        }
    }
}

#[test]
fn seeds_say_the_same_and_every_shorter_one_is_refused() {
    for seed in SEEDS {
        let seed = seed.trim_end();
        let (sbom, taken) = take(seed.as_bytes());
        let sbom = sbom.unwrap();
        assert!(sbom.subject.is_some() && sbom.has_author, "{sbom:?}");
        assert_eq!(sbom.dependencies, 1, "{sbom:?}");
        let part = taken.0.iter().find(|part| part.name == "leftpad").unwrap();
        assert_eq!(part.version.as_deref(), Some("1.3.0"));
        assert_eq!(part.supplier.as_deref(), Some("Pad & Co"));
        // A tag knows no package URL, and hashes of files only.
        if sbom.format != Format::Swid {
            assert_eq!(part.purl.as_deref(), Some("pkg:npm/leftpad@1.3.0"));
            assert_eq!(part.hashes, [("SHA-256".to_owned(), "00ff".to_owned())]);
            assert_eq!(part.licences, ["MIT"]);
        }
        // What is made of lines may end after any of them.
        if !seed.starts_with(['{', '<']) {
            continue;
        }
        for end in 0..seed.len() {
            let result = take(&seed.as_bytes()[..end]).0;
            assert!(result.is_err(), "cut at {end}");
        }
    }
}

/// A short document is held while it is read, a long one is not; what is said of it is the same.
#[test]
fn long_documents_say_what_short_ones_say() {
    let blanks = " ".repeat(9 << 20);
    let seed = SEEDS[0].trim_end();
    let (short, taken) = take(seed.as_bytes());
    let (long, also_taken) = take(format!("{seed}{blanks}").as_bytes());
    assert_eq!(short.unwrap(), long.unwrap());
    assert_eq!(taken.0, also_taken.0);
    assert_eq!(taken.2, also_taken.2);

    let twice = seed.replacen("\"name\"", "\"name\":\"\\u0061\",\n\"name\"", 1);
    let short = take(twice.as_bytes()).0.unwrap_err().to_string();
    let long = take(format!("{twice}{blanks}").as_bytes()).0;
    assert!(short.contains("\"name\" is there twice"), "{short}");
    let line = |error: &str| error.split(" column ").next().map(str::to_owned);
    assert_eq!(line(&short), line(&long.unwrap_err().to_string()));
}
