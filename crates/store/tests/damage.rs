//! R4: a damaged file never gives a wrong content. L7: tampering with the journal is found with the
//! last head that a witness kept. A tenth of the figures; `ENTENTE_DEEP=1` does all of them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod both;
mod world;

use entente_domain::access::{SystemViewer, Viewer};
use entente_domain::ids::{AttachmentId, ReportId, UserId};
use entente_domain::time::Timestamp;
use entente_store::cases::{self, CaseFilter};
use entente_store::journal::{self, RawEntry};
use entente_store::verify::{VerifyOptions, verify};
use entente_store::{
    Db, Location, StoreError, accounts, advisories, attachments, ledger, messages, registers,
    reports, vault,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;
use world::{case_id, entry, filled};

const CASES: u64 = 4;

#[expect(clippy::disallowed_methods, reason = "the switch for the full figures")]
fn times(few: u64) -> u64 {
    if std::env::var_os("ENTENTE_DEEP").is_some() {
        few * 10
    } else {
        few
    }
}

fn below(rng: &mut ChaCha20Rng, n: u64) -> u64 {
    rng.next_u64() % n
}

async fn reading(folder: &Path) -> Result<Db, StoreError> {
    let mut options = both::options(Location::Sqlite(folder.join("entente.sqlite")), folder);
    options.read_only = true;
    options.readers = 1;
    Db::open(options).await
}

/// Whether the verification finds nothing.
async fn sound(db: &Db, head: &str, with_keys: bool) -> Result<bool, StoreError> {
    let options = VerifyOptions {
        head: Some(head.as_bytes().to_vec()),
        with_keys,
        refold: None,
    };
    Ok(verify(db, options, Arc::new(|_, _| {})).await?.ok)
}

type Content = BTreeMap<String, Result<String, StoreError>>;

/// Everything that can be read, each under its name. What is not there has no name.
async fn contents(db: &Db) -> Content {
    let mut found = Content::new();
    for n in 1..=CASES {
        let case = case_id(n);
        let report = ReportId(Uuid::from_u128(u128::from(n) + 3_000));
        let entries = db.read(move |tx| journal::read(tx, case.0, 0)).await;
        match entries {
            Ok(list) => found.extend(
                list.into_iter()
                    .map(|e| (format!("entry {n}.{}", e.seq), Ok(format!("{e:?}")))),
            ),
            Err(e) => drop(found.insert(format!("entries {n}"), Err(e))),
        }
        let read = db
            .read(move |tx| {
                tx.act_as(&Viewer::System(SystemViewer::Operator))?;
                messages::of_case(tx, case)
            })
            .await;
        match read {
            Ok(list) => found.extend(
                list.into_iter()
                    .map(|m| (format!("message {}", m.id.0), Ok(format!("{m:?}")))),
            ),
            Err(e) => drop(found.insert(format!("messages {n}"), Err(e))),
        }
        let file = AttachmentId(Uuid::from_u128(u128::from(n) + 2_000));
        let data_dir = db.data_dir().to_owned();
        let read = db
            .read(move |tx| {
                let blobs = attachments::FolderBlobs::new(&data_dir)?;
                attachments::get(tx, file)?
                    .map(|a| Ok((attachments::read_all(&blobs, &a)?, a)))
                    .transpose()
            })
            .await;
        if let Some(read) = read.transpose() {
            found.insert(format!("file {n}"), read.map(|f| format!("{f:?}")));
        }
        let read = db.read(move |tx| vault::open(tx, report)).await;
        if let Some(read) = read.transpose() {
            found.insert(format!("identity {n}"), read.map(|i| format!("{i:?}")));
        }
    }
    let all = Viewer::System(SystemViewer::Operator);
    let viewer = all.clone();
    let read = db
        .read(move |tx| {
            let filter = CaseFilter {
                limit: 100,
                ..CaseFilter::default()
            };
            cases::list(tx, &viewer, &filter)
        })
        .await;
    match read {
        Ok(page) => found.extend(
            page.items
                .into_iter()
                .map(|c| (format!("case {}", c.number), Ok(format!("{c:?}")))),
        ),
        Err(e) => drop(found.insert("cases".to_owned(), Err(e))),
    }
    let read = db
        .read(move |tx| reports::register(tx, &all, None, 100))
        .await;
    match read {
        Ok(page) => found.extend(
            page.items
                .into_iter()
                .map(|c| (format!("report {}", c.number), Ok(format!("{c:?}")))),
        ),
        Err(e) => drop(found.insert("reports".to_owned(), Err(e))),
    }
    let read = db
        .read(|tx| accounts::get(tx, UserId(Uuid::from_u128(1))))
        .await;
    found.extend(
        read.transpose()
            .map(|a| ("account".to_owned(), a.map(|a| format!("{a:?}")))),
    );
    let read = db
        .read(|tx| registers::get(tx, "product", Uuid::from_u128(5)))
        .await;
    found.extend(
        read.transpose()
            .map(|a| ("product".to_owned(), a.map(|a| format!("{a:?}")))),
    );
    let read = db.read(|tx| advisories::current(tx, "EX-2026-0001")).await;
    found.extend(
        read.transpose()
            .map(|a| ("advisory".to_owned(), a.map(|a| format!("{a:?}")))),
    );
    found
}

/// Copies a store with its log of changes and its files.
fn copy(from: &Path, to: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    std::fs::create_dir_all(to.join("attachments")).unwrap();
    for name in ["entente.sqlite", "entente.sqlite-wal"] {
        if std::fs::copy(from.join(name), to.join(name)).is_ok() {
            files.push(to.join(name));
        }
    }
    if let Ok(list) = std::fs::read_dir(from.join("attachments")) {
        for file in list {
            let name = file.unwrap().file_name();
            let target = to.join("attachments").join(&name);
            std::fs::copy(from.join("attachments").join(&name), &target).unwrap();
            files.push(target);
        }
    }
    files
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_never_gives_a_wrong_content() {
    let original = tempfile::tempdir().unwrap();
    let db = both::sqlite(original.path()).await;
    let head = filled(&db, CASES).await;
    let good = contents(&db).await;
    assert_eq!(good.len(), 3 * 4 + 4 * 5 + 3);
    assert!(good.values().all(Result::is_ok));
    // One copy while everything stands in the log of changes, one after it was taken over.
    let folder = tempfile::tempdir().unwrap();
    let (fresh, settled) = (folder.path().join("fresh"), folder.path().join("settled"));
    copy(original.path(), &fresh);
    drop(db);
    copy(original.path(), &settled);
    let mut rng = ChaCha20Rng::seed_from_u64(20_261_123);
    let (flips, cuts) = (times(100), times(20));
    let (mut refused, mut hidden, mut untouched) = (0, 0, 0);
    for round in 0..flips + cuts {
        let place = folder.path().join(format!("round {round}"));
        let from = if round % 2 == 0 { &fresh } else { &settled };
        let files = copy(from, &place);
        let large: Vec<_> = files
            .iter()
            .filter(|f| std::fs::metadata(f).unwrap().len() > 0)
            .collect();
        // Database and log of changes are met as often as all attachments together.
        let n = usize::try_from(below(&mut rng, 2)).unwrap();
        let file = large
            .get(n)
            .filter(|_| below(&mut rng, 4) > 0)
            .or_else(|| large.get(usize::try_from(rng.next_u64()).unwrap() % large.len()))
            .unwrap();
        let mut bytes = std::fs::read(file).unwrap();
        let at = usize::try_from(below(&mut rng, bytes.len() as u64)).unwrap();
        if round < flips {
            bytes[at] ^= 1 << below(&mut rng, 8);
        } else {
            bytes.truncate(at);
        }
        std::fs::write(file, bytes).unwrap();
        let context = format!("round {round}: {} at {at}", file.display());
        match reading(&place).await {
            Err(_) => refused += 1,
            Ok(db) => {
                let now = contents(&db).await;
                let mut complete = true;
                for (name, read) in &now {
                    match (read, good.get(name)) {
                        (Ok(read), Some(Ok(right))) => assert_eq!(read, right, "{context}: {name}"),
                        (Ok(_), _) => panic!("{context}: {name} came from nowhere"),
                        (Err(_), _) => complete = false,
                    }
                }
                complete &= now.len() == good.len();
                if complete {
                    untouched += 1;
                } else {
                    hidden += 1;
                    // What is missing or refused is found by the verification.
                    let verified = sound(&db, &head.note, true).await;
                    assert!(!matches!(verified, Ok(true)), "{context}");
                }
            }
        }
        std::fs::remove_dir_all(&place).unwrap();
    }
    println!("{refused} refused at once, {hidden} refused in part, {untouched} without effect");
    assert!(refused > 0 && hidden > 0, "the damage did no damage");
}

/// The entries of a stream as they lie in the table.
fn entries(c: &Connection, stream: Uuid) -> Vec<RawEntry> {
    let mut read = c
        .prepare("SELECT seq, at, actor, kind, payload, prev, hash FROM journal WHERE stream = ?1 ORDER BY seq")
        .unwrap();
    let rows = read
        .query_map([stream.as_bytes().as_slice()], |r| {
            Ok(RawEntry {
                seq: r.get::<_, u32>(0)?.into(),
                at: Timestamp(r.get(1)?),
                actor: r.get(2)?,
                kind: r.get(3)?,
                sealed: r.get(4)?,
                prev: r.get(5)?,
                hash: r.get(6)?,
            })
        })
        .unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Writes a stream anew with a chain and a head that hold.
fn rewrite(c: &Connection, stream: Uuid, mut list: Vec<RawEntry>) {
    let id = stream.as_bytes().as_slice();
    c.execute("DELETE FROM journal WHERE stream = ?1", [id])
        .unwrap();
    let mut prev = journal::genesis(stream);
    for (i, e) in list.iter_mut().enumerate() {
        e.seq = i as u64 + 1;
        e.prev = prev;
        e.hash = e.computed_hash(stream);
        prev = e.hash;
        c.execute(
            "INSERT INTO journal (stream, seq, at, actor, kind, payload, prev, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![id, e.seq as i64, e.at.0, e.actor, e.kind, e.sealed, e.prev, e.hash],
        )
        .unwrap();
    }
    c.execute(
        "UPDATE streams SET version = ?2, head = ?3 WHERE id = ?1",
        params![id, list.len() as i64, prev],
    )
    .unwrap();
}

/// Throws the log away, so that it can be made anew over what the journal now says.
fn forget_log(c: &Connection, from: u64) {
    c.execute_batch(&format!(
        "INSERT OR IGNORE INTO unordered SELECT j.stream, j.seq FROM journal j LEFT JOIN leaves l ON l.stream = j.stream AND l.seq = j.seq WHERE l.n IS NULL OR l.n >= {from};
         DELETE FROM leaves WHERE n >= {from};
         DELETE FROM nodes WHERE (n + 1) << level > {from};
         DELETE FROM checkpoints WHERE size > {from};"
    ))
    .unwrap();
}

/// What was done, and whether the keys are needed to see it before the next head.
struct Done {
    what: &'static str,
    with_keys: bool,
    /// Whether the log is then made anew and signed with its real key.
    sign: bool,
}

fn tamper(c: &Connection, rng: &mut ChaCha20Rng, kind: u64) -> Done {
    let stream = case_id(below(rng, CASES) + 1).0;
    let id = stream.as_bytes().as_slice();
    let seq = below(rng, 3) + 1;
    let at = usize::try_from(seq - 1).unwrap();
    let mut list = entries(c, stream);
    let done = |what| Done {
        what,
        with_keys: false,
        sign: false,
    };
    match kind {
        0 => {
            let set = [
                "at = at + 1",
                "actor = 'user:other'",
                "kind = 'case_closed'",
                "payload = zeroblob(64)",
                "prev = zeroblob(32)",
                "hash = zeroblob(32)",
                "seq = seq + 10",
            ];
            let set = set[usize::try_from(below(rng, 7)).unwrap()];
            let sql = format!("UPDATE journal SET {set} WHERE stream = ?1 AND seq = ?2");
            c.execute(&sql, params![id, seq as i64]).unwrap();
            done("edit one column")
        }
        1 => {
            list[at].actor = "user:other".to_owned();
            rewrite(c, stream, list);
            done("edit and chain anew")
        }
        2 => {
            c.execute(
                "DELETE FROM journal WHERE stream = ?1 AND seq = ?2",
                params![id, seq as i64],
            )
            .unwrap();
            done("delete an entry")
        }
        3 => {
            list.remove(at);
            rewrite(c, stream, list);
            c.execute("DELETE FROM leaves WHERE stream = ?1 AND seq = 3", [id])
                .unwrap();
            done("delete an entry with its leaf and chain anew")
        }
        4 => {
            let mut new = list[at].clone();
            new.sealed.reverse();
            list.push(new);
            rewrite(c, stream, list);
            c.execute("INSERT INTO unordered VALUES (?1, 4)", [id])
                .unwrap();
            Done {
                with_keys: true,
                ..done("add an entry at the end")
            }
        }
        5 => {
            list.swap(at, (at + 1) % 3);
            rewrite(c, stream, list);
            done("reorder and chain anew")
        }
        6 => {
            let n = below(rng, 20);
            forget_log(c, n);
            done("cut the log")
        }
        7 => {
            let sql = [
                "UPDATE leaves SET salt = zeroblob(16) WHERE n = ?1",
                "UPDATE leaves SET hash = zeroblob(32) WHERE n = ?1",
                "UPDATE leaves SET seq = seq + 1000 WHERE n = ?1",
                "UPDATE leaves SET n = n + 100 WHERE n = ?1",
                "UPDATE nodes SET hash = zeroblob(32) WHERE level = 1 AND n = ?1 / 2",
                "DELETE FROM nodes WHERE level = 1 AND n = ?1 / 2",
                "DELETE FROM leaves WHERE n = ?1",
            ];
            let sql = sql[usize::try_from(below(rng, 7)).unwrap()];
            assert_eq!(c.execute(sql, [below(rng, 16) as i64]).unwrap(), 1, "{sql}");
            done("edit the log")
        }
        8 => {
            let sql = [
                "UPDATE checkpoints SET root = zeroblob(32)",
                "UPDATE checkpoints SET note = replace(note, 'at 2', 'at 3')",
                "UPDATE checkpoints SET size = size + 1",
                "UPDATE meta SET value = zeroblob(32) WHERE name = 'log_public'",
                "DELETE FROM meta WHERE name = 'log_public'",
            ];
            let sql = sql[usize::try_from(below(rng, 5)).unwrap()];
            assert!(c.execute(sql, []).unwrap() > 0, "{sql}");
            done("edit the heads")
        }
        9 => {
            for table in ["journal", "leaves", "unordered", "cases", "streams"] {
                let key = if table == "cases" || table == "streams" {
                    "id"
                } else {
                    "stream"
                };
                c.execute(&format!("DELETE FROM {table} WHERE {key} = ?1"), [id])
                    .unwrap();
            }
            done("delete a stream")
        }
        10 => {
            list[at].at.0 += 1;
            rewrite(c, stream, list);
            forget_log(c, 0);
            Done {
                sign: true,
                ..done("edit, and sign all anew with the log's key")
            }
        }
        _ => {
            list.truncate(at);
            rewrite(c, stream, list);
            c.execute_batch("DELETE FROM leaves WHERE NOT stream = zeroblob(16) AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.stream = leaves.stream AND j.seq = leaves.seq)")
                .unwrap();
            forget_log(c, 0);
            Done {
                sign: true,
                ..done("cut a stream, and sign all anew with the log's key")
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tampering_with_the_journal_is_found_with_the_last_head() {
    let original = tempfile::tempdir().unwrap();
    let db = both::sqlite(original.path()).await;
    filled(&db, CASES).await;
    let older = tempfile::tempdir().unwrap();
    drop(db);
    copy(original.path(), older.path());
    let db = both::sqlite(original.path()).await;
    db.write(|tx| journal::append(tx, case_id(1).0, 3, &[entry("later")]))
        .await
        .unwrap();
    let head = world::head(&db).await;
    assert!(sound(&db, &head.note, true).await.unwrap());
    drop(db);
    let folder = tempfile::tempdir().unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    for round in 0..times(1_000) {
        let place = folder.path().join(format!("round {round}"));
        std::fs::create_dir_all(&place).unwrap();
        let kind = below(&mut rng, 14);
        let from = if kind < 12 {
            original.path()
        } else {
            older.path()
        };
        std::fs::copy(from.join("entente.sqlite"), place.join("entente.sqlite")).unwrap();
        let done = if kind < 12 {
            let c = Connection::open(place.join("entente.sqlite")).unwrap();
            c.execute_batch("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; DROP TRIGGER journal_is_append_only_update; DROP TRIGGER journal_is_append_only_delete; BEGIN")
                .unwrap();
            let done = tamper(&c, &mut rng, kind);
            c.execute_batch("COMMIT").unwrap();
            done
        } else {
            Done {
                what: "go back to an older copy",
                with_keys: false,
                sign: kind == 13,
            }
        };
        if done.sign {
            let db = both::sqlite(&place).await;
            if kind == 13 {
                let other = case_id(below(&mut rng, CASES) + 1).0;
                db.write(move |tx| journal::append(tx, other, 3, &[entry("another history")]))
                    .await
                    .unwrap();
            }
            db.write(|tx| {
                while ledger::order_new_entries(tx, 100)? > 0 {}
                ledger::checkpoint(tx, world::T, 4)
            })
            .await
            .unwrap();
        }
        let db = reading(&place).await.unwrap();
        let verified = sound(&db, &head.note, done.with_keys).await;
        assert!(
            !matches!(verified, Ok(true)),
            "round {round}: {}",
            done.what
        );
        drop(db);
        std::fs::remove_dir_all(&place).unwrap();
    }
}

both!(a_log_that_lost_its_end_is_found, |db| {
    let head = filled(&db, CASES).await;
    assert!(sound(&db, &head.note, false).await.unwrap());
    db.write(|tx| {
        // As one would who has the database and not the keys: the entries wait for the log again.
        tx.execute("INSERT INTO unordered (stream, seq) SELECT l.stream, l.seq FROM leaves l JOIN journal j ON j.stream = l.stream AND j.seq = l.seq WHERE l.n >= 8", &[])?;
        tx.execute("DELETE FROM leaves WHERE n >= 8", &[])?;
        tx.execute("DELETE FROM nodes WHERE (n + 1) * (CASE level WHEN 1 THEN 2 WHEN 2 THEN 4 WHEN 3 THEN 8 ELSE 16 END) > 8", &[])?;
        tx.execute("DELETE FROM checkpoints WHERE size > 8", &[])
    })
    .await
    .unwrap();
    // Alone it is a sound, shorter log: only the witness knows better.
    let options = VerifyOptions::default();
    let alone = verify(&db, options, Arc::new(|_, _| {})).await.unwrap();
    assert!(alone.ok, "{:?}", alone.first_broken);
    assert!(!sound(&db, &head.note, false).await.unwrap());
});
