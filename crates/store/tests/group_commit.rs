//! Group commit: nobody is told that something was done before it is durable, and a full queue
//! says so.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod both;

use entente_domain::time::Timestamp;
use entente_store::{StoreError, counters, journal};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

const T: Timestamp = Timestamp(1_794_820_320_000_000);

/// A job that holds the writer until the other end is dropped.
fn hold(db: &entente_store::Db) -> (mpsc::Sender<()>, tokio::task::JoinHandle<()>) {
    let (release, held) = mpsc::channel::<()>();
    let held = Arc::new(Mutex::new(held));
    let db = db.clone();
    let task = tokio::spawn(async move {
        db.write(move |_| {
            held.lock().unwrap().recv().ok();
            Ok(())
        })
        .await
        .ok();
    });
    (release, task)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_commit_tells_nobody_that_it_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let db = both::sqlite(folder.path()).await;
    let (release, holder) = hold(&db);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let mut neighbours = Vec::new();
    for n in 0..10u128 {
        let db = db.clone();
        neighbours.push(tokio::spawn(async move {
            db.write(move |tx| journal::create_stream(tx, Uuid::from_u128(n + 1), "case", T))
                .await
        }));
    }
    let poison = {
        let db = db.clone();
        tokio::spawn(async move {
            db.write(|tx| {
                // The constraint is looked at when the group commits, and not before.
                tx.execute("PRAGMA defer_foreign_keys = ON", &[])?;
                tx.execute(
                    "INSERT INTO case_members (account, case_id) VALUES (zeroblob(16), zeroblob(16))",
                    &[],
                )
            })
            .await
        })
    };
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    drop(release);
    holder.await.unwrap();
    assert!(poison.await.unwrap().is_err());
    let mut failed = 0;
    for (n, neighbour) in (0u128..).zip(neighbours) {
        let told = neighbour.await.unwrap().is_ok();
        let there = db
            .read(move |tx| journal::version(tx, Uuid::from_u128(n + 1)))
            .await
            .unwrap()
            .is_some();
        assert_eq!(told, there, "neighbour {n}");
        failed += i32::from(!told);
    }
    assert!(failed > 0, "the group was not one group");
    // The next group is untouched by the one that failed.
    db.write(|tx| counters::next(tx, "case")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_is_busy_and_loses_nothing_that_it_took() {
    let folder = tempfile::tempdir().unwrap();
    let db = both::sqlite(folder.path()).await;
    let (release, holder) = hold(&db);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let mut tasks = Vec::new();
    for _ in 0..1_200 {
        let db = db.clone();
        tasks.push(tokio::spawn(async move {
            db.write(|tx| counters::next(tx, "case")).await
        }));
    }
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    drop(release);
    holder.await.unwrap();
    let (mut done, mut busy) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => done += 1,
            Err(StoreError::Busy) => busy += 1,
            Err(e) => panic!("{e}"),
        }
    }
    assert_eq!(done + busy, 1_200);
    assert!(busy > 0 && done > 0, "{done} done, {busy} busy");
    let next = db.write(|tx| counters::next(tx, "case")).await.unwrap();
    assert_eq!(next, done + 1);
}

both!(a_panic_in_a_job_rolls_that_job_back, |db| {
    let panicked = db
        .write(|tx| {
            counters::next(tx, "case")?;
            std::hint::black_box(None::<()>).expect("a bug");
            Ok(())
        })
        .await;
    assert!(matches!(panicked, Err(StoreError::Panicked(_))));
    let next = db.write(|tx| counters::next(tx, "case")).await.unwrap();
    assert_eq!(next, 1);
});
