//! Advisories against components: every verdict and reason, the evaluation of OSV, order and
//! aliases, and the public advisories against real bills of materials.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "csaf_support/archive.rs"]
mod archive;
#[expect(dead_code, reason = "shared; records at random are not needed here")]
mod record_support;

#[path = "matching/corpus.rs"]
mod corpus;
#[path = "matching/identity.rs"]
mod identity;
#[path = "matching/properties.rs"]
mod properties;

use entente_documents::matching::{
    Advisory, Affected, By, Candidate, Index, Inventory, NotAffected, Package, Reason, Scope,
    Verdict, judge,
};
use entente_documents::osv::Document;
use entente_documents::purl;
use entente_documents::record::{Dates, Event, Product, Record, Status};
use serde_json::{Value, json};

fn osv(value: Value) -> Advisory {
    Advisory::of_osv(&Document::from_value(value).unwrap())
}

/// An advisory with one affected entry.
fn advisory(id: &str, affected: Value) -> Advisory {
    osv(json!({"id": id, "modified": "2024-01-01T00:00:00Z", "affected": [affected]}))
}

/// An advisory for a crate with one range.
fn crate_range(events: Value) -> Advisory {
    ranged("crates.io", "a", "SEMVER", events)
}

fn ranged(ecosystem: &str, name: &str, kind: &str, events: Value) -> Advisory {
    advisory(
        "X-1",
        json!({
            "package": {"ecosystem": ecosystem, "name": name},
            "ranges": [{"type": kind, "events": events}],
        }),
    )
}

fn component(purl: &str) -> Candidate {
    let (purl, _) = purl::parse_lenient(purl).unwrap();
    Candidate::of_component(&purl, None, None).swap_remove(0)
}

fn verdict(purl: &str, advisory: &Advisory) -> Verdict {
    judge(&component(purl), &advisory.rules[0])
}

fn is_affected(purl: &str, advisory: &Advisory) -> bool {
    match verdict(purl, advisory) {
        Verdict::Affected(_) => true,
        Verdict::NotAffected(_) => false,
        Verdict::Undecided(reason) => panic!("{purl}: {reason}"),
    }
}

fn undecided(purl: &str, advisory: &Advisory) -> Reason {
    match verdict(purl, advisory) {
        Verdict::Undecided(reason) => reason,
        other => panic!("{purl}: {other:?}"),
    }
}

const OUTSIDE: Verdict = Verdict::NotAffected(NotAffected::Outside);

#[test]
fn a_version_inside_of_a_range_is_affected_and_told_by_what_and_until_when() {
    let both = crate_range(json!([
        {"introduced": "0"}, {"fixed": "1.0.0"}, {"introduced": "2.0.0"}, {"fixed": "2.1.0"}
    ]));
    let by = |from: &str, until: &str| {
        Verdict::Affected(Affected {
            by: By::Range {
                range: 0,
                from: Event::Introduced(from.to_owned()),
                until: Some(Event::Fixed(until.to_owned())),
            },
            fixed_in: Some(until.to_owned()),
        })
    };
    assert_eq!(verdict("pkg:cargo/a@0.9.9", &both), by("0", "1.0.0"));
    assert_eq!(verdict("pkg:cargo/a@0.0.0-alpha", &both), by("0", "1.0.0"));
    assert_eq!(verdict("pkg:cargo/a@2.0.0", &both), by("2.0.0", "2.1.0"));
    for outside in ["1.0.0", "1.9.9", "2.0.0-rc.1", "2.1.0", "3.0.0"] {
        assert_eq!(verdict(&format!("pkg:cargo/a@{outside}"), &both), OUTSIDE);
    }
}

#[test]
fn last_affected_is_in_the_range_and_tells_no_fix() {
    let last = crate_range(json!([{"introduced": "1.0.0"}, {"last_affected": "1.2.0"}]));
    let expected = Verdict::Affected(Affected {
        by: By::Range {
            range: 0,
            from: Event::Introduced("1.0.0".to_owned()),
            until: Some(Event::LastAffected("1.2.0".to_owned())),
        },
        fixed_in: None,
    });
    assert_eq!(verdict("pkg:cargo/a@1.2.0", &last), expected);
    assert_eq!(verdict("pkg:cargo/a@1.2.1", &last), OUTSIDE);
    let open = crate_range(json!([{"introduced": "1.0.0"}]));
    let Verdict::Affected(affected) = verdict("pkg:cargo/a@99.0.0", &open) else {
        panic!("an open range has no end");
    };
    assert_eq!(affected.fixed_in, None);
}

// PYSEC-2022-236 and PYSEC-2023-177: the fix of one range is where the next begins, or is listed.
#[test]
fn a_fix_that_is_affected_again_is_not_told_as_one() {
    let of = |ranges: Value, versions: Value| {
        let package = json!({"ecosystem": "npm", "name": "a"});
        let ranges: Vec<_> = ranges
            .as_array()
            .unwrap()
            .iter()
            .map(|events| json!({"type": "SEMVER", "events": events}))
            .collect();
        let advisory = advisory(
            "X-1",
            json!({"package": package, "ranges": ranges, "versions": versions}),
        );
        match verdict("pkg:npm/a@1.0.0", &advisory) {
            Verdict::Affected(affected) => affected.fixed_in,
            other => panic!("{other:?}"),
        }
    };
    let first = json!([{"introduced": "0"}, {"fixed": "2.0.0"}]);
    let second = json!([{"introduced": "2.0.0"}, {"fixed": "3.0.0"}]);
    let fix = |version: &str| Some(version.to_owned());
    assert_eq!(of(json!([first]), json!([])), fix("2.0.0"));
    assert_eq!(of(json!([first, second]), json!([])), fix("3.0.0"));
    assert_eq!(of(json!([first]), json!(["2.0.0"])), None);
    let open = json!([{"introduced": "2.0.0"}]);
    assert_eq!(of(json!([first, open]), json!([])), None);
}

#[test]
fn a_limit_ends_what_was_looked_at() {
    let limited = crate_range(json!([{"introduced": "0"}, {"limit": "2.0.0"}]));
    assert!(is_affected("pkg:cargo/a@1.9.0", &limited));
    assert!(!is_affected("pkg:cargo/a@2.0.0", &limited));
    let any = crate_range(json!([{"introduced": "0"}, {"limit": "2.0.0"}, {"limit": "*"}]));
    assert!(is_affected("pkg:cargo/a@2.0.0", &any));
}

// The events of OSV are evaluated by version, wherever they stand.
#[test]
fn events_that_are_not_in_the_order_of_versions_are_read_by_it() {
    let mixed = crate_range(json!([
        {"introduced": "5.0.0"}, {"fixed": "6.0.0"}, {"introduced": "1.0.0"}, {"fixed": "2.0.0"}
    ]));
    for (version, affected) in [
        ("0.9.0", false),
        ("1.5.0", true),
        ("2.0.0", false),
        ("5.5.0", true),
        ("6.0.0", false),
    ] {
        let purl = format!("pkg:cargo/a@{version}");
        assert_eq!(is_affected(&purl, &mixed), affected, "{version}");
    }
    // As published: nothing was moved.
    let Event::Introduced(first) = &mixed.rules[0].said().ranges[0].events[0] else {
        panic!("it begins with an introduction");
    };
    assert_eq!(first, "5.0.0");
}

// The examples of the OSV schema, "Evaluation" and "affected[].ranges[].events fields".
#[test]
fn the_documented_examples_of_osv_hold() {
    let affected = |ranges: Value, versions: Value| {
        let package = json!({"ecosystem": "npm", "name": "a"});
        advisory(
            "X-1",
            json!({"package": package, "ranges": ranges, "versions": versions}),
        )
    };
    let semver = |events: Value| json!({"type": "SEMVER", "events": events});
    let no_fix = affected(json!([semver(json!([{"introduced": "1.0.0"}]))]), json!([]));
    assert!(is_affected("pkg:npm/a@1.0.0", &no_fix));
    assert!(is_affected("pkg:npm/a@2.0.0", &no_fix));
    assert!(!is_affected("pkg:npm/a@0.9.0", &no_fix));
    // Two ranges are two objects, and stay two.
    let two = affected(
        json!([
            semver(json!([{"introduced": "1.0.0"}, {"fixed": "1.0.2"}])),
            semver(json!([{"introduced": "3.0.0"}, {"fixed": "3.2.5"}])),
        ]),
        json!([]),
    );
    assert_eq!(two.rules[0].said().ranges.len(), 2);
    for (version, is) in [
        ("1.0.1", true),
        ("1.0.2", false),
        ("2.0.0", false),
        ("3.2.4", true),
    ] {
        assert_eq!(is_affected(&format!("pkg:npm/a@{version}"), &two), is);
    }
    let Verdict::Affected(by) = verdict("pkg:npm/a@3.0.0", &two) else {
        panic!("3.0.0 is affected");
    };
    assert!(matches!(by.by, By::Range { range: 1, .. }));
    // A version is affected when it is listed or in a range.
    let either = affected(
        json!([semver(json!([{"introduced": "1.0.0"}, {"fixed": "1.0.2"}]))]),
        json!(["7.0.0"]),
    );
    let listed = Verdict::Affected(Affected {
        by: By::Listed("7.0.0".to_owned()),
        fixed_in: None,
    });
    assert_eq!(verdict("pkg:npm/a@7.0.0", &either), listed);
    assert_eq!(verdict("pkg:npm/a@7.0.1", &either), OUTSIDE);
}

#[test]
fn a_listed_version_is_met_by_its_text_or_by_being_the_same_version() {
    let listed = advisory(
        "X-1",
        json!({
            "package": {"ecosystem": "PyPI", "name": "a"},
            "versions": ["2020.4.5", "1.0.RC1", "no version", "2013-02-01T20:50:46"],
        }),
    );
    assert!(is_affected("pkg:pypi/a@2020.4.5", &listed));
    assert!(is_affected("pkg:pypi/a@2020.04.05", &listed));
    // The purl has its version in lower case.
    assert!(is_affected("pkg:pypi/a@1.0.rc1", &listed));
    assert!(is_affected("pkg:pypi/a@no%20version", &listed));
    assert!(is_affected("pkg:pypi/a@2013-02-01T20:50:46", &listed));
    assert!(!is_affected("pkg:pypi/a@2020.4.6", &listed));
    assert!(!is_affected("pkg:pypi/a@also%20none", &listed));
}

#[test]
fn what_cannot_be_decided_is_said_with_its_reason() {
    let range = crate_range(json!([{"introduced": "1.0.0"}, {"fixed": "2.0.0"}]));
    assert_eq!(undecided("pkg:cargo/a", &range), Reason::VersionMissing);
    let reason = undecided("pkg:cargo/a@main", &range);
    assert_eq!(reason.word(), "version-unreadable");
    assert!(reason.to_string().contains("\"main\""), "{reason}");

    // Real documents have requirements where the version belongs; an order of old would have put
    // them before every version.
    let python = ranged(
        "PyPI",
        "a",
        "ECOSYSTEM",
        json!([{"introduced": "0"}, {"fixed": "2"}]),
    );
    for text in ["1.14.3,<1.20;", "'3.7'"] {
        let reason = undecided(&format!("pkg:pypi/a@{text}"), &python);
        assert_eq!(reason.word(), "version-unreadable");
    }

    let broken = crate_range(json!([{"introduced": "0"}, {"fixed": "soon"}]));
    let reason = undecided("pkg:cargo/a@1.0.0", &broken);
    assert_eq!(reason.word(), "advisory-unreadable");

    // The order of events cannot be seen, so that the reader gave the range up.
    let lost = crate_range(json!([{"fixed": "soon"}, {"introduced": "later"}]));
    assert_eq!(undecided("pkg:cargo/a@1.0.0", &lost), Reason::RangeUnread);

    let unordered = advisory(
        "X-1",
        json!({
            "package": {"ecosystem": "Nowhere", "name": "a", "purl": "pkg:nowhere/a"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1"}]}],
        }),
    );
    let no_order = Reason::NoOrder("Nowhere".to_owned());
    assert_eq!(undecided("pkg:nowhere/a@1", &unordered), no_order);

    let git = advisory(
        "X-1",
        json!({
            "package": {"ecosystem": "PyPI", "name": "a"},
            "ranges": [{"type": "GIT", "repo": "https://e.org", "events": [{"introduced": "0"}]}],
        }),
    );
    assert_eq!(undecided("pkg:pypi/a@1", &git), Reason::GitOnly);

    let nothing = advisory("X-1", json!({"package": {"ecosystem": "npm", "name": "a"}}));
    assert_eq!(undecided("pkg:npm/a@1", &nothing), Reason::NoVersionNamed);
}

#[test]
fn an_order_that_leaves_two_versions_open_is_said() {
    // Nothing but what every scheme agrees on is known of generic versions.
    let record = Record {
        id: "X-1".to_owned(),
        products: vec![Product {
            purl: Some(purl::parse("pkg:generic/a").unwrap()),
            ranges: vec![entente_documents::record::Range {
                order: entente_documents::record::Order::from_name("generic"),
                repo: None,
                events: vec![
                    Event::Introduced("0".to_owned()),
                    Event::Fixed("1.0-fun".to_owned()),
                ],
            }],
            ..Product::default()
        }],
        ..Record::default()
    };
    let advisory = Advisory::of_record(&record);
    let reason = undecided("pkg:generic/a@1.0-alpha", &advisory);
    assert_eq!(reason.word(), "not-comparable");
}

#[test]
fn commits_beside_versions_leave_the_versions_to_decide() {
    let both = advisory(
        "X-1",
        json!({
            "package": {"ecosystem": "PyPI", "name": "a"},
            "ranges": [
                {"type": "GIT", "repo": "https://e.org", "events": [{"introduced": "0"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "1"}, {"fixed": "2"}]},
            ],
        }),
    );
    assert!(is_affected("pkg:pypi/a@1.5", &both));
    assert!(!is_affected("pkg:pypi/a@2.0", &both));
}

#[test]
fn one_range_that_cannot_be_read_does_not_hide_another_that_can() {
    let both = advisory(
        "X-1",
        json!({
            "package": {"ecosystem": "npm", "name": "a"},
            "ranges": [
                {"type": "SEMVER", "events": [{"introduced": "soon"}]},
                {"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"fixed": "2.0.0"}]},
            ],
        }),
    );
    assert!(is_affected("pkg:npm/a@1.5.0", &both));
    let reason = undecided("pkg:npm/a@2.5.0", &both);
    assert_eq!(reason.word(), "advisory-unreadable");
}

#[test]
fn withdrawn_advisories_hold_for_nothing() {
    let mut value = json!({
        "id": "X-1", "modified": "2024-01-01T00:00:00Z", "aliases": ["CVE-2024-1"],
        "affected": [{
            "package": {"ecosystem": "npm", "name": "a"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
        }],
    });
    let mut index = Index::default();
    index.add(osv(value.clone()));
    let one = [component("pkg:npm/a@1.0.0")];
    assert_eq!(index.findings(&one).len(), 1);

    value["modified"] = json!("2024-02-01T00:00:00Z");
    value["withdrawn"] = json!("2024-02-01T00:00:00Z");
    index.add(osv(value.clone()));
    assert_eq!(index.findings(&one).len(), 0);
    assert!(index.advisory("X-1").unwrap().withdrawn);
    assert_eq!(index.groups().of_id("CVE-2024-1"), None);

    // What was known before does not come back.
    value["modified"] = json!("2024-01-15T00:00:00Z");
    value.as_object_mut().unwrap().remove("withdrawn");
    index.add(osv(value));
    assert_eq!(index.findings(&one).len(), 0);
}

#[test]
fn only_what_is_affected_is_matched_and_a_record_without_versions_means_all() {
    let product = |status| Product {
        purl: Some(purl::parse("pkg:npm/a").unwrap()),
        status,
        ..Product::default()
    };
    let record = Record {
        id: "X-1".to_owned(),
        products: vec![product(Status::Affected), product(Status::NotAffected)],
        dates: Dates::default(),
        ..Record::default()
    };
    let advisory = Advisory::of_record(&record);
    assert_eq!(advisory.rules.len(), 1);
    let every = Verdict::Affected(Affected {
        by: By::Every,
        fixed_in: None,
    });
    assert_eq!(verdict("pkg:npm/a", &advisory), every);
    let other = verdict("pkg:npm/b@1", &advisory);
    assert_eq!(other, Verdict::NotAffected(NotAffected::OtherPackage));
}

#[test]
fn aliases_make_one_vulnerability_and_keep_who_said_so() {
    let named = |id: &str, aliases: Value| {
        osv(json!({"id": id, "modified": "2024-01-01T00:00:00Z", "aliases": aliases}))
    };
    let all = [
        named("GHSA-1", json!(["CVE-2024-1"])),
        named("PYSEC-1", json!(["CVE-2024-1"])),
        named("RUSTSEC-1", json!(["GHSA-1", "RUSTSEC-1"])),
        named("CVE-2024-2", json!([])),
    ];
    let groups = entente_documents::matching::Groups::of(&all);
    let group = groups.of_id("PYSEC-1").unwrap();
    assert_eq!(group.ids, ["CVE-2024-1", "GHSA-1", "PYSEC-1", "RUSTSEC-1"]);
    assert_eq!(group.advisories, ["GHSA-1", "PYSEC-1", "RUSTSEC-1"]);
    assert_eq!(group.name(), "CVE-2024-1");
    assert_eq!(group.cves().count(), 1);
    let link = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(
        group.links,
        [
            link("GHSA-1", "CVE-2024-1"),
            link("PYSEC-1", "CVE-2024-1"),
            link("RUSTSEC-1", "GHSA-1"),
        ]
    );
    assert_eq!(groups.of_id("CVE-2024-1").unwrap(), group);
    assert_eq!(groups.all().len(), 2);
    assert_eq!(groups.of_id("CVE-1999-1"), None);
}

#[test]
fn a_new_advisory_finds_the_components_it_is_about() {
    let mut inventory = Inventory::default();
    for (purl, product) in [
        ("pkg:cargo/a@1.0.0", "gate"),
        ("pkg:cargo/a@1.0.0", "door"),
        ("pkg:cargo/a@3.0.0", "wall"),
        ("pkg:cargo/a", "roof"),
        ("pkg:cargo/b@1.0.0", "well"),
    ] {
        inventory.add(component(purl), product);
    }
    assert_eq!(inventory.len(), 4);
    let range = crate_range(json!([{"introduced": "0"}, {"fixed": "2.0.0"}]));
    let found = inventory.findings(&range);
    let [(none, roof, undecided), (one, both, affected)] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!((none.version(), *roof), (None, &["roof"][..]));
    assert_eq!(*undecided, Verdict::Undecided(Reason::VersionMissing));
    assert_eq!(
        (one.version(), *both),
        (Some("1.0.0"), &["gate", "door"][..])
    );
    assert!(matches!(affected, Verdict::Affected(_)));
}

#[test]
fn a_package_that_is_affected_twice_is_found_once_and_the_stronger_word_counts() {
    let package = json!({"ecosystem": "npm", "name": "a"});
    let twice = osv(json!({
        "id": "X-1", "modified": "2024-01-01T00:00:00Z",
        "affected": [
            {"package": package, "ranges": [{"type": "SEMVER", "events": [{"introduced": "soon"}]}]},
            {"package": package, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}]},
        ],
    }));
    let mut index = Index::default();
    index.add(twice);
    let findings = index.findings(&[component("pkg:npm/a@1.0.0")]);
    assert_eq!(findings.len(), 1);
    assert!(matches!(findings[0].verdict, Verdict::Affected(_)));
    assert!(index.remove("X-1").is_some());
    assert!(index.remove("X-1").is_none());
    assert!(index.findings(&[component("pkg:npm/a@1.0.0")]).is_empty());
}

#[test]
fn what_makes_a_version_affected_is_said_in_words() {
    let by = |events: Value| match verdict("pkg:cargo/a@1.0.0", &crate_range(events)) {
        Verdict::Affected(affected) => affected.by.to_string(),
        other => panic!("{other:?}"),
    };
    let (from, first) = (json!({"introduced": "1.0.0"}), json!({"introduced": "0"}));
    let (fixed, last) = (json!({"fixed": "2.0.0"}), json!({"last_affected": "1.9.0"}));
    assert_eq!(by(json!([first, fixed])), "before 2.0.0");
    assert_eq!(by(json!([from, fixed])), "from 1.0.0, before 2.0.0");
    assert_eq!(by(json!([from, last])), "from 1.0.0, up to 1.9.0");
    assert_eq!(by(json!([from])), "from 1.0.0");
    assert_eq!(by(json!([first])), "every version");
    assert_eq!(By::Listed("1".to_owned()).to_string(), "1 is listed");
}

#[test]
fn rows_of_a_table_are_judged_as_components_are() {
    let range = crate_range(json!([{"introduced": "0"}, {"fixed": "2.0.0"}]));
    let package = Package::from_parts("cargo", None, "a");
    let row = |version: &str| {
        let version = Some(version.to_owned());
        judge(
            &Candidate::new(package.clone(), version, Scope::Everywhere),
            &range.rules[0],
        )
    };
    assert!(matches!(row("1.0.0"), Verdict::Affected(_)));
    assert_eq!(row("2.0.0"), OUTSIDE);
    assert_eq!(row(" "), Verdict::Undecided(Reason::VersionMissing));
}
