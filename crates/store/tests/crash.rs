//! Killed in the middle of writing: what was answered is there, whole, and nothing half (R1).
//!
//! The test runs itself again as a child, which prints what was answered, and kills it.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod both;

use entente_domain::time::Timestamp;
use entente_store::journal::{self, NewEntry};
use entente_store::verify::{VerifyOptions, verify};
use entente_store::{Db, Engine, Location, jobs};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use uuid::Uuid;

const T: Timestamp = Timestamp(1_794_820_320_000_000);
const FOLDER: &str = "ENTENTE_CRASH_TEST_FOLDER";
const SERVER: &str = "ENTENTE_CRASH_TEST_SERVER";
const WRITERS: u128 = 8;
/// How often it is killed; the deep run asks for more by its own variable.
const KILLS: u64 = 10;

fn job_of(stream: Uuid, seq: u64) -> Uuid {
    Uuid::from_u128(stream.as_u128() * 1_000_000 + u128::from(seq))
}

async fn open(folder: &Path, server: Option<&str>) -> Db {
    match server {
        Some(url) => both::open(Location::Postgres(url.to_owned()), folder).await,
        None => both::sqlite(folder).await,
    }
}

/// The child: eight writers that append, enqueue a job with each entry, and say what was answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_writes_until_it_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let db = open(Path::new(&folder), std::env::var(SERVER).ok().as_deref()).await;
    let mut tasks = Vec::new();
    for n in 1..=WRITERS {
        let db = db.clone();
        tasks.push(tokio::spawn(async move {
            let stream = Uuid::from_u128(n);
            let mut at = db
                .write(move |tx| match journal::version(tx, stream)? {
                    Some(version) => Ok(version),
                    None => journal::create_stream(tx, stream, "case", T).map(|()| 0),
                })
                .await
                .unwrap();
            while at < u64::MAX {
                at = db
                    .write(move |tx| {
                        let entry = NewEntry {
                            kind: "case_opened",
                            actor: "system:intake".to_owned(),
                            at: T,
                            payload: vec![7; 300],
                        };
                        let seq = journal::append(tx, stream, at, &[entry])?;
                        jobs::enqueue(tx, job_of(stream, seq), "mail", None, T, b"body")?;
                        Ok(seq)
                    })
                    .await
                    .unwrap();
                let mut out = std::io::stdout().lock();
                writeln!(out, "answered {n} {at}").unwrap();
                out.flush().unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_being_killed_on_sqlite() {
    survives(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_being_killed_on_postgres() {
    let Some(database) = entente_testkit::postgres::fresh_database() else {
        return;
    };
    survives(Some(&database.url())).await;
}

async fn survives(server: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let kills = std::env::var("ENTENTE_TEST_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(KILLS);
    let mut answered = [0u64; 9];
    for round in 0..kills {
        let mut command = Command::new(std::env::current_exe().unwrap());
        if let Some(url) = server {
            command.env(SERVER, url);
        }
        let mut child = command
            .args([
                "--exact",
                "--nocapture",
                "child_that_writes_until_it_is_killed",
            ])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Another moment each time, from the first answer on.
        let mut left = 1 + round * 37 % 200;
        for line in lines {
            let Ok(line) = line else { break };
            // The harness may have written on the same line before.
            let Some((_, said)) = line.split_once("answered ") else {
                continue;
            };
            let (n, at) = said.split_once(' ').unwrap();
            let n: usize = n.parse().unwrap();
            answered[n] = answered[n].max(at.parse().unwrap());
            left = left.saturating_sub(1);
            if left == 0 {
                // Lines that it wrote before it died are still read and must hold as well.
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        let db = open(folder.path(), server).await;
        let known = answered;
        db.read(move |tx| {
            for n in 1..=WRITERS {
                let stream = Uuid::from_u128(n);
                let there = journal::version(tx, stream)?.unwrap_or(0);
                let said = known[usize::try_from(n).unwrap()];
                assert!(there >= said, "stream {n}: {said} answered, {there} there");
                for seq in 1..=there {
                    // An entry without its job would be half a change.
                    let row = tx.one(
                        "SELECT id FROM jobs WHERE id = $1",
                        &[job_of(stream, seq).into()],
                    )?;
                    assert!(row.is_some(), "stream {n}: entry {seq} has no job");
                }
            }
            if tx.engine() == Engine::Sqlite {
                let found = tx.one("PRAGMA integrity_check", &[])?.unwrap();
                assert_eq!(found.text(0)?, "ok");
            }
            Ok(())
        })
        .await
        .unwrap();
        let all = VerifyOptions {
            with_keys: true,
            ..VerifyOptions::default()
        };
        let report = verify(&db, all, Arc::new(|_, _| {})).await.unwrap();
        assert!(report.ok, "{report:?}");
    }
    assert!(answered.iter().skip(1).all(|n| *n > 0), "{answered:?}");
}
