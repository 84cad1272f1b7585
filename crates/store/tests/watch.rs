//! What the world says and where it touches our products, on both engines.
#![expect(clippy::unwrap_used, reason = "tests")]

mod both;

use entente_domain::ids::{FindingId, ProductId, WatchSourceId};
use entente_domain::time::Timestamp;
use entente_store::Db;
use entente_store::verify::{VerifyOptions, verify};
use entente_store::watch::{self, Finding, SignalList, WatchSource};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

const T: Timestamp = Timestamp(1_794_820_320_000_000);

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|w| (*w).to_owned()).collect()
}

async fn put(db: &Db, id: &'static str, at: Timestamp, packages: &'static [&'static str]) -> i64 {
    db.write(move |tx| watch::put(tx, id, at, b"canary-advisory".to_vec(), &set(packages)))
        .await
        .unwrap()
}

async fn about(db: &Db, packages: &'static [&'static str]) -> Vec<i64> {
    db.read(move |tx| watch::about(tx, &packages.iter().copied().collect()))
        .await
        .unwrap()
}

both!(
    an_advisory_is_found_by_its_packages_and_keeps_its_history,
    |db| {
        let first = put(&db, "GHSA-1", T, &["pkg:npm/a", "pkg:npm/b"]).await;
        let other = put(&db, "GHSA-2", T, &["pkg:npm/b"]).await;
        assert_eq!(about(&db, &["pkg:npm/a"]).await, [first]);
        assert_eq!(about(&db, &["pkg:npm/b", "pkg:npm/c"]).await.len(), 2);
        // It changed: it is about something else now, and what it said before is still known.
        let second = put(&db, "GHSA-1", T.plus_hours(1), &["pkg:npm/c"]).await;
        assert!(about(&db, &["pkg:npm/a"]).await.is_empty());
        assert_eq!(about(&db, &["pkg:npm/b"]).await, [other]);
        assert_eq!(about(&db, &["pkg:npm/c"]).await, [second]);
        let (current, history, size) = db
            .read(|tx| {
                Ok((
                    watch::current(tx, "GHSA-1")?.unwrap(),
                    watch::history(tx, "GHSA-1")?,
                    watch::size(tx)?,
                ))
            })
            .await
            .unwrap();
        assert_eq!((current.n, current.is_current), (second, true));
        let seen: Vec<_> = history.iter().map(|s| (s.n, s.is_current)).collect();
        assert_eq!(seen, [(first, false), (second, true)]);
        assert_eq!(size, 2);
    }
);

fn finding(id: u128, product: u128, state: &str) -> Finding {
    Finding {
        id: FindingId(Uuid::from_u128(id)),
        product: ProductId(Uuid::from_u128(product)),
        state: state.to_owned(),
        found_at: T,
        changed_at: T,
        body: b"canary-finding".to_vec(),
    }
}

async fn save(db: &Db, f: Finding, names: &'static [&'static str], absorbed: Vec<FindingId>) {
    db.write(move |tx| watch::save(tx, &f, &set(names), true, &absorbed))
        .await
        .unwrap();
}

async fn named(db: &Db, names: &'static [&'static str]) -> Vec<Uuid> {
    db.read(move |tx| watch::named(tx, &set(names)))
        .await
        .unwrap()
        .into_iter()
        .map(|f| f.id.0)
        .collect()
}

both!(
    a_finding_is_found_by_every_name_and_two_that_are_one_become_one,
    |db| {
        save(&db, finding(1, 10, "open"), &["CVE-1", "GHSA-1"], vec![]).await;
        save(&db, finding(2, 20, "open"), &["CVE-1"], vec![]).await;
        save(&db, finding(3, 10, "open"), &["RUSTSEC-1"], vec![]).await;
        let id = Uuid::from_u128;
        assert_eq!(named(&db, &["CVE-1"]).await, [id(1), id(2)]);
        assert_eq!(named(&db, &["GHSA-1", "RUSTSEC-1"]).await, [id(1), id(3)]);
        assert!(named(&db, &["CVE-2"]).await.is_empty());
        // The third turns out to be the first.
        let absorbed = vec![FindingId(id(3))];
        let names = &["CVE-1", "GHSA-1", "RUSTSEC-1"];
        save(&db, finding(1, 10, "reported"), names, absorbed).await;
        assert_eq!(named(&db, &["RUSTSEC-1"]).await, [id(1)]);
        let (of_product, all) = db
            .read(|tx| {
                let product = ProductId(Uuid::from_u128(10));
                Ok((
                    watch::findings_of_product(tx, product)?,
                    watch::all_findings(tx)?,
                ))
            })
            .await
            .unwrap();
        assert_eq!(of_product, [finding(1, 10, "reported")]);
        assert_eq!(all.len(), 2);
    }
);

both!(lists_and_sources_are_kept_by_day_and_by_turn, |db| {
    let list = |day: &str, body: &[u8]| SignalList {
        kind: "kev".to_owned(),
        day: day.to_owned(),
        seen_at: T,
        body: body.to_vec(),
    };
    for one in [
        list("2026-11-02", b"b"),
        list("2026-11-01", b"a"),
        list("2026-11-02", b"c"),
    ] {
        db.write(move |tx| watch::put_list(tx, &one)).await.unwrap();
    }
    let newest = db.read(|tx| watch::newest_list(tx, "kev")).await.unwrap();
    assert_eq!(newest.unwrap(), list("2026-11-02", b"c"));
    assert_eq!(
        db.read(|tx| watch::newest_list(tx, "epss")).await.unwrap(),
        None
    );

    let source = |id: u128, next_at: Timestamp| WatchSource {
        id: WatchSourceId(Uuid::from_u128(id)),
        next_at,
        body: b"canary-source".to_vec(),
    };
    for one in [
        source(1, T.plus_hours(2)),
        source(2, T),
        source(1, T.plus_hours(1)),
    ] {
        db.write(move |tx| watch::save_source(tx, &one))
            .await
            .unwrap();
    }
    let due = db.read(|tx| watch::due_source(tx, T)).await.unwrap();
    assert_eq!(due.unwrap().id, source(2, T).id);
    let gone = db
        .write(|tx| watch::remove_source(tx, WatchSourceId(Uuid::from_u128(2))))
        .await;
    assert!(gone.unwrap());
    assert_eq!(db.read(|tx| watch::due_source(tx, T)).await.unwrap(), None);
    assert_eq!(
        db.read(watch::sources).await.unwrap(),
        [source(1, T.plus_hours(1))]
    );
});

both!(a_changed_list_of_packages_or_names_is_found, |db| {
    put(&db, "GHSA-1", T, &["pkg:npm/a"]).await;
    save(&db, finding(1, 10, "open"), &["CVE-1", "GHSA-1"], vec![]).await;
    let check = async || {
        let options = VerifyOptions {
            with_keys: true,
            refold: None,
            head: None,
        };
        verify(&db, options, Arc::new(|_, _| {})).await.unwrap()
    };
    assert!(check().await.ok);
    for (change, back) in [
        (
            "UPDATE world_packages SET package = 'pkg:npm/b' WHERE package = 'pkg:npm/a'",
            "UPDATE world_packages SET package = 'pkg:npm/a' WHERE package = 'pkg:npm/b'",
        ),
        (
            "UPDATE findings SET state = 'set_aside' WHERE state = 'open'",
            "UPDATE findings SET state = 'open' WHERE state = 'set_aside'",
        ),
    ] {
        db.write(move |tx| tx.execute(change, &[])).await.unwrap();
        assert!(!check().await.ok, "{change}");
        db.write(move |tx| tx.execute(back, &[])).await.unwrap();
        assert!(check().await.ok, "{back}");
    }
    let change = "DELETE FROM finding_names WHERE name IN (SELECT name FROM finding_names ORDER BY name LIMIT 1)";
    db.write(move |tx| tx.execute(change, &[])).await.unwrap();
    assert!(!check().await.ok, "{change}");
});
