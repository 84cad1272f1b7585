//! What must hold of any versions, and in any order.

use super::*;
use entente_documents::record::{Order, Range};
use entente_documents::versions::{Comparison, Scheme, compare};
use proptest::prelude::*;
use record_support::cases;

fn version() -> impl Strategy<Value = String> {
    let number = 0_u8..4;
    let pre = prop_oneof![
        4 => Just(String::new()),
        1 => Just("-rc.1".to_owned()),
        1 => Just("-alpha".to_owned()),
    ];
    (number.clone(), number.clone(), number, pre)
        .prop_map(|(a, b, c, pre)| format!("{a}.{b}.{c}{pre}"))
}

fn kinds() -> impl Strategy<Value = (&'static str, Scheme)> {
    prop_oneof![
        Just(("cargo", Scheme::Cargo)),
        Just(("npm", Scheme::Npm)),
        Just(("pypi", Scheme::Pypi)),
        Just(("gem", Scheme::Gem)),
        Just(("nuget", Scheme::Nuget)),
        Just(("deb", Scheme::Deb)),
        Just(("maven", Scheme::Maven)),
    ]
}

fn of(ty: &str, scheme: Scheme, events: Vec<Event>) -> Advisory {
    let namespace = if ty == "maven" { "g/" } else { "" };
    let range = Range {
        order: Order::Scheme(scheme),
        repo: None,
        events,
    };
    let record = Record {
        id: "X-1".to_owned(),
        products: vec![Product {
            purl: Some(
                purl::parse_lenient(&format!("pkg:{ty}/{namespace}a"))
                    .unwrap()
                    .0,
            ),
            ranges: vec![range],
            ..Product::default()
        }],
        ..Record::default()
    };
    Advisory::of_record(&record)
}

fn row(advisory: &Advisory, version: &str) -> Verdict {
    let rule = &advisory.rules[0];
    let scope = rule.said().scope.clone();
    // The scope of both is unknown for packages of distributions; a table has it known.
    let scope = match scope {
        Scope::Unknown => Scope::of_release(rule.package(), "1"),
        other => other,
    };
    let mut said = rule.said().clone();
    said.scope = scope.clone();
    let rule = entente_documents::matching::Rule::new(said);
    let version = Some(version.to_owned());
    judge(
        &Candidate::new(rule.package().clone(), version, scope),
        &rule,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(256)))]

    // One interval is what comparison says it is.
    #[test]
    fn inside_of_a_range_is_what_the_scheme_compares(
        (ty, scheme) in kinds(), from in version(), to in version(), it in version(), last: bool,
    ) {
        prop_assume!(compare(scheme, &from, &to) == Comparison::Less);
        let end = if last { Event::LastAffected(to.clone()) } else { Event::Fixed(to.clone()) };
        let advisory = of(ty, scheme, vec![Event::Introduced(from.clone()), end]);
        let begun = compare(scheme, &it, &from) != Comparison::Less;
        let ended = match compare(scheme, &it, &to) {
            Comparison::Less => false,
            Comparison::Equal => !last,
            _ => true,
        };
        let verdict = row(&advisory, &it);
        prop_assert_eq!(matches!(verdict, Verdict::Affected(_)), begun && !ended, "{:?}", verdict);
        prop_assert!(!matches!(verdict, Verdict::Undecided(_)));
    }

    // The order in which pairs of events are published does not matter.
    #[test]
    fn events_may_be_published_in_any_order(
        mut points in proptest::collection::btree_set((0_u8..20, 0_u8..3), 2..9), at in 0_usize..8,
        it in (0_u8..20, 0_u8..3),
    ) {
        if points.len() % 2 == 1 {
            points.pop_last();
        }
        let text = |(major, minor): &(u8, u8)| format!("{major}.{minor}.0");
        let points: Vec<_> = points.iter().collect();
        let pairs: Vec<Vec<Event>> = points
            .chunks(2)
            .map(|pair| vec![Event::Introduced(text(pair[0])), Event::Fixed(text(pair[1]))])
            .collect();
        let mut turned = pairs.clone();
        let by = at % pairs.len();
        turned.rotate_left(by);
        let inside = points.chunks(2).any(|pair| *pair[0] <= it && it < *pair[1]);
        for events in [pairs.concat(), turned.concat()] {
            let advisory = of("cargo", Scheme::Cargo, events);
            let verdict = row(&advisory, &text(&it));
            prop_assert_eq!(matches!(verdict, Verdict::Affected(_)), inside);
        }
    }

    // Nor that in which advisories come, for findings and for groups; and both ways of asking
    // give the same pairs.
    #[test]
    fn advisories_may_come_in_any_order(
        seeds in proptest::collection::vec((0_u8..3, version(), version(), 0_u8..6), 1..8),
        versions in proptest::collection::vec((0_u8..3, version()), 1..6),
        by in 0_usize..8,
    ) {
        let all: Vec<Advisory> = seeds.iter().enumerate().map(|(at, (name, from, to, alias))| {
            osv(json!({
                "id": format!("X-{at}"), "modified": "2024-01-01T00:00:00Z",
                "aliases": [format!("CVE-2024-{alias}")],
                "affected": [{
                    "package": {"ecosystem": "npm", "name": format!("p{name}")},
                    "ranges": [{"type": "SEMVER", "events": [
                        {"introduced": from}, {"fixed": to},
                    ]}],
                }],
            }))
        }).collect();
        let mut turned = all.clone();
        turned.rotate_left(by % all.len());
        turned.reverse();
        let indexed = |all: &[Advisory]| {
            let mut index = Index::default();
            all.iter().for_each(|one| index.add(one.clone()));
            index
        };
        let (one, other) = (indexed(&all), indexed(&turned));
        prop_assert_eq!(one.groups().all(), other.groups().all());
        let mut inventory = Inventory::default();
        let mut forward = Vec::new();
        for (at, (name, version)) in versions.iter().enumerate() {
            let candidate = component(&format!("pkg:npm/p{name}@{version}"));
            let list = |index: &Index| -> Vec<_> {
                index.findings(std::slice::from_ref(&candidate)).into_iter()
                    .map(|found| (found.advisory.id.clone(), at, format!("{:?}", found.verdict)))
                    .collect()
            };
            prop_assert_eq!(list(&one), list(&other));
            forward.extend(list(&one));
            inventory.add(candidate, at);
        }
        let mut backward = Vec::new();
        for advisory in &all {
            for (_, places, verdict) in inventory.findings(advisory) {
                let pair = |at: &usize| (advisory.id.clone(), *at, format!("{verdict:?}"));
                backward.extend(places.iter().map(pair));
            }
        }
        forward.sort();
        backward.sort();
        prop_assert_eq!(forward, backward);
    }

    // Whatever is written, there is an answer.
    #[test]
    fn any_text_is_judged(version in ".{0,12}", fixed in ".{0,12}", ty in "[a-z]{1,8}") {
        let advisory = of(&ty, Scheme::Generic, vec![
            Event::Introduced("0".to_owned()), Event::Fixed(fixed),
        ]);
        let _ = row(&advisory, &version);
    }
}
