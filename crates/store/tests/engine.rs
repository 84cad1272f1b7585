//! What the engine promises: answered means durable, a failure is its own, and a database that is
//! not ours, too new or half there is refused.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod both;

use entente_domain::time::Timestamp;
use entente_store::journal::{self, NewEntry};
use entente_store::{Db, Engine, Location, StoreError, counters, limits, snapshots};
use uuid::Uuid;

const T: Timestamp = Timestamp(1_794_820_320_000_000);

fn entry(payload: Vec<u8>) -> NewEntry {
    NewEntry {
        kind: "case_opened",
        actor: "system:intake".to_owned(),
        at: T,
        payload,
    }
}

both!(a_panic_and_a_failure_harm_no_neighbour, |db| {
    let mut tasks = Vec::new();
    for n in 0..60u32 {
        let db = db.clone();
        tasks.push(tokio::spawn(async move {
            db.write(move |tx| {
                let number = counters::next(tx, "case")?;
                match n % 3 {
                    0 => panic!("a job that panics, on purpose"),
                    1 => Err(StoreError::Rollback),
                    _ => Ok(number),
                }
            })
            .await
        }));
    }
    let mut numbers = Vec::new();
    for (n, task) in tasks.into_iter().enumerate() {
        match (n % 3, task.await.unwrap()) {
            (0, Err(StoreError::Panicked(_))) | (1, Err(StoreError::Rollback)) => {}
            (2, Ok(number)) => numbers.push(number),
            (_, other) => panic!("job {n}: {other:?}"),
        }
    }
    numbers.sort_unstable();
    // What failed gave its number back.
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
});

both!(a_reader_sees_one_snapshot, |db| {
    db.write(|tx| counters::next(tx, "case")).await.unwrap();
    let writer = db.clone();
    let runtime = tokio::runtime::Handle::current();
    let same = db
        .read(move |tx| {
            let value = |tx: &mut entente_store::Tx<'_>| {
                tx.one(
                    "SELECT value FROM counters WHERE name = $1",
                    &["case".into()],
                )
            };
            let before = value(tx)?;
            let other = writer.clone();
            runtime.block_on(async move { other.write(|tx| counters::next(tx, "case")).await })?;
            Ok(before == value(tx)?)
        })
        .await
        .unwrap();
    assert!(same);
});

both!(a_snapshot_newer_than_its_journal_is_damage, |db| {
    let stream = Uuid::from_u128(1);
    let found = db
        .write(move |tx| {
            journal::create_stream(tx, stream, "case", T)?;
            journal::append(tx, stream, 0, &[entry(b"one".to_vec())])?;
            snapshots::put(tx, stream, 1, b"fold")?;
            let loaded = snapshots::load(tx, stream)?.unwrap();
            assert_eq!(loaded.snapshot, Some((1, b"fold".to_vec())));
            snapshots::put(tx, stream, 2, b"fold")?;
            snapshots::load(tx, stream).map(drop)
        })
        .await;
    assert!(matches!(found, Err(StoreError::Damaged(_))), "{found:?}");
});

both!(the_journal_refuses_update_and_delete, |db| {
    let stream = Uuid::from_u128(1);
    db.write(move |tx| {
        journal::create_stream(tx, stream, "case", T)?;
        journal::append(tx, stream, 0, &[entry(b"one".to_vec())])
    })
    .await
    .unwrap();
    for sql in [
        "UPDATE journal SET actor = 'user:x' WHERE seq = $1",
        "DELETE FROM journal WHERE seq = $1",
    ] {
        let tried = db.write(move |tx| tx.execute(sql, &[1i64.into()])).await;
        assert!(matches!(tried, Err(StoreError::Database(_))), "{tried:?}");
    }
});

both!(an_entry_with_another_header_does_not_open, |db| {
    // As one who can write the database, but has no key, would do it: the chain computed anew.
    let stream = Uuid::from_u128(1);
    db.write(move |tx| {
        journal::create_stream(tx, stream, "case", T)?;
        journal::append(tx, stream, 0, &[entry(b"one".to_vec())])
    })
    .await
    .unwrap();
    let forged = db
        .write(move |tx| {
            let mut e = journal::raw(tx, stream, 0)?.remove(0);
            e.actor = "system:somebody".to_owned();
            e.hash = e.computed_hash(stream);
            let disarm = match tx.engine() {
                Engine::Sqlite => "DROP TRIGGER journal_is_append_only_update",
                Engine::Postgres => "DROP TRIGGER journal_is_append_only ON journal",
            };
            tx.execute(disarm, &[])?;
            tx.execute(
                "UPDATE journal SET actor = $1, hash = $2 WHERE seq = $3",
                &[e.actor.into(), e.hash.to_vec().into(), 1i64.into()],
            )?;
            journal::read(tx, stream, 0)
        })
        .await;
    assert!(matches!(forged, Err(StoreError::Damaged(_))), "{forged:?}");
});

both!(a_bucket_refills_evenly, |db| {
    let key = [1; 32];
    let take = |at: Timestamp| {
        let db = db.clone();
        async move {
            db.write(move |tx| limits::take(tx, &key, 2, at))
                .await
                .unwrap()
        }
    };
    assert_eq!(take(T).await, Ok(()));
    assert_eq!(take(T).await, Ok(()));
    let wait = take(T).await.unwrap_err();
    assert!((1_800..=1_801).contains(&wait), "{wait}");
    assert_eq!(
        take(Timestamp(T.0 + i64::from(wait) * 1_000_000)).await,
        Ok(())
    );
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_fails_writes_and_loses_nothing_that_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let db = both::sqlite(folder.path()).await;
    let limit = |pages: &'static str| {
        let db = db.clone();
        async move { db.write(move |tx| tx.all(pages, &[])).await.unwrap() }
    };
    limit("PRAGMA max_page_count = 300").await;
    let mut tasks = Vec::new();
    for n in 0..200u128 {
        let db = db.clone();
        tasks.push(tokio::spawn(async move {
            let stream = Uuid::from_u128(n);
            let done = db
                .write(move |tx| {
                    journal::create_stream(tx, stream, "case", T)?;
                    journal::append(tx, stream, 0, &[entry(vec![7; 8_000])])
                })
                .await;
            (stream, done)
        }));
    }
    let (mut kept, mut refused) = (0, 0);
    for task in tasks {
        let (stream, done) = task.await.unwrap();
        let there = db
            .read(move |tx| journal::version(tx, stream))
            .await
            .unwrap();
        match done {
            Ok(version) => {
                kept += 1;
                assert_eq!(there, Some(version), "{stream} was answered as done");
            }
            Err(StoreError::Full) => {
                refused += 1;
                assert_eq!(there, None, "{stream} was answered as failed");
            }
            Err(e) => panic!("{e:?}"),
        }
    }
    assert!(kept > 0 && refused > 0, "{kept} kept, {refused} refused");
    limit("PRAGMA max_page_count = 100000").await;
    db.write(|tx| journal::create_stream(tx, Uuid::from_u128(999), "case", T))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(both::sqlite(folder.path()).await);
    let file = folder.path().join("entente.sqlite");
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch("PRAGMA user_version = 99")
        .unwrap();
    for read_only in [false, true] {
        let mut options = both::options(Location::Sqlite(file.clone()), folder.path());
        options.read_only = read_only;
        let opened = Db::open(options).await.err();
        assert!(
            matches!(opened, Some(StoreError::Newer { found: 99, .. })),
            "{opened:?}"
        );
    }
}

#[tokio::test]
async fn an_older_database_is_copied_and_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let db = both::sqlite(folder.path()).await;
    db.write(|tx| counters::next(tx, "case")).await.unwrap();
    drop(db);
    let file = folder.path().join("entente.sqlite");
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch("DROP TABLE watch_sources; DROP TABLE signal_lists; DROP TABLE finding_names; DROP TABLE findings; DROP TABLE world_packages; DROP TABLE world_advisories; DROP TABLE product_users; DROP TABLE contains; DROP TABLE sboms; DROP TABLE package_aliases; DROP TABLE package_versions; DROP TABLE packages; DROP TABLE guest_links; ALTER TABLE messages RENAME COLUMN thread TO report; DROP TABLE erasures; DROP INDEX vault_by_case; DROP INDEX cases_by_due_of_all; DROP INDEX cases_by_update_of_open; PRAGMA user_version = 1")
        .unwrap();
    let db = both::sqlite(folder.path()).await;
    assert_eq!(db.write(|tx| counters::next(tx, "case")).await.unwrap(), 2);
    let copy = rusqlite::Connection::open(folder.path().join("before-schema-5.sqlite")).unwrap();
    let version: i64 = copy
        .query_row("PRAGMA user_version", [], |r| r.get(0))
        .unwrap();
    assert_eq!(version, 1);
}

#[tokio::test]
async fn what_is_not_ours_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("entente.sqlite");
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (x)")
        .unwrap();
    let options = both::options(Location::Sqlite(file.clone()), folder.path());
    assert!(matches!(
        Db::open(options).await.err(),
        Some(StoreError::Unavailable(_))
    ));
    std::fs::write(
        &file,
        "no database at all, but long enough to be read as one".repeat(99),
    )
    .unwrap();
    let options = both::options(Location::Sqlite(file), folder.path());
    assert!(matches!(
        Db::open(options).await.err(),
        Some(StoreError::Damaged(_))
    ));
}

#[tokio::test]
async fn reading_works_beside_a_server_and_makes_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("entente.sqlite");
    let read_only = || {
        let mut options = both::options(Location::Sqlite(file.clone()), folder.path());
        options.read_only = true;
        options
    };
    assert!(Db::open(read_only()).await.is_err());
    assert!(!file.exists());
    let server = both::sqlite(folder.path()).await;
    server.write(|tx| counters::next(tx, "case")).await.unwrap();
    let beside = Db::open(read_only()).await.unwrap();
    let known = beside
        .read(|tx| {
            tx.one(
                "SELECT value FROM counters WHERE name = $1",
                &["case".into()],
            )
        })
        .await
        .unwrap();
    assert!(known.is_some());
    assert!(beside.write(|tx| counters::next(tx, "case")).await.is_err());
}

#[tokio::test]
async fn the_files_are_their_owners_alone() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let db = both::sqlite(folder.path()).await;
    db.write(|tx| counters::next(tx, "case")).await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap().flatten() {
        let name = entry.file_name();
        if !name.to_string_lossy().ends_with(".lock") {
            assert_eq!(entry.metadata().unwrap().mode() & 0o077, 0, "{name:?}");
        }
    }
}
