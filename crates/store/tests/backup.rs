//! Backup and restore, from each engine to each engine.
//!
//! Long file: one archive, tried in every way in which it can be wrong.
#![expect(clippy::unwrap_used, reason = "tests")]

mod both;

use entente_domain::access::{Role, SystemViewer, Viewer};
use entente_domain::ids::{
    AttachmentId, CaseId, MessageId, ProductId, ProductUserId, ReportId, SbomId, UserId,
};
use entente_domain::kinds::{Audience, Channel, Priority, Publicity, Source, Stage, Tlp};
use entente_domain::summary::{CaseSummary, NextStep, ReportSummary};
use entente_domain::time::Timestamp;
use entente_store::attachments::{Attachment, BlobStore, Facts, FolderBlobs, Sealer};
use entente_store::backup::{self, BackupSummary};
use entente_store::erasures::{self, Erasure};
use entente_store::journal::{self, NewEntry};
use entente_store::messages::{self, Message};
use entente_store::verify::{Progress, VerifyOptions, verify};
use entente_store::{
    Db, Keyring, Location, OpenOptions, StoreError, Val, accounts, advisories, attachments, cases,
    counters, idempotency, inventory, jobs, keys, ledger, limits, product_users, registers,
    reports, search, sessions, snapshots, subscriptions, vault,
};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

const T: Timestamp = Timestamp(1_794_820_320_000_000);
const CANARY: &str = "canary-5d1f9c";
const TABLES: [&str; 34] = [
    "meta",
    "streams",
    "journal",
    "unordered",
    "leaves",
    "nodes",
    "checkpoints",
    "snapshots",
    "counters",
    "cases",
    "case_members",
    "clocks",
    "reports",
    "messages",
    "vault",
    "attachments",
    "case_words",
    "postings",
    "accounts",
    "sessions",
    "api_tokens",
    "links",
    "registers",
    "advisories",
    "subscriptions",
    "jobs",
    "idempotency",
    "limits",
    "packages",
    "package_versions",
    "package_aliases",
    "sboms",
    "contains",
    "product_users",
];

fn quiet() -> Progress {
    Arc::new(|_, _| {})
}

fn blobs(db: &Db) -> Arc<dyn BlobStore> {
    Arc::new(FolderBlobs::new(db.data_dir()).unwrap())
}

fn entry(n: u64) -> NewEntry {
    NewEntry {
        kind: "case_opened",
        actor: "system:intake".to_owned(),
        at: T,
        payload: format!("{CANARY} {n}").into_bytes(),
    }
}

/// Something in every table.
async fn fill(db: &Db) {
    let attachment = AttachmentId(Uuid::from_u128(41));
    let mut sealer = Sealer::begin(&*blobs(db), attachment, db.random()).unwrap();
    sealer.push(&CANARY.repeat(20_000).into_bytes()).unwrap();
    let (bytes, hash, key) = sealer.finish().unwrap();
    let body = || CANARY.as_bytes().to_vec();
    db.write(move |tx| {
        let case = CaseId(Uuid::from_u128(1));
        let report = ReportId(Uuid::from_u128(11));
        let user = UserId(Uuid::from_u128(5));
        journal::create_stream(tx, case.0, "case", T)?;
        journal::append(tx, case.0, 0, &[entry(1), entry(2)])?;
        snapshots::put(tx, case.0, 2, &body())?;
        let made_of = inventory::PackageVersion {
            key: "pkg:cargo/rustls".to_owned(),
            name: "rustls".to_owned(),
            version: "0.23.1".to_owned(),
            scope: String::new(),
        };
        let held = inventory::intern(tx, std::slice::from_ref(&made_of))?;
        inventory::also_known_as(tx, &[("cpe:rustls:rustls".to_owned(), held[0])])?;
        let sbom = inventory::Sbom {
            n: inventory::next_number(tx)?,
            id: SbomId(Uuid::from_u128(77)),
            product: ProductId(Uuid::from_u128(78)),
            taken_at: T,
            body: body(),
        };
        let graph = inventory::Graph::new(held.clone(), [(0, 1)]);
        inventory::insert(tx, &sbom, &[(held[0], made_of)].into(), &graph)?;
        let uses = product_users::ProductUser {
            id: ProductUserId(Uuid::from_u128(79)),
            product: sbom.product,
            body: body(),
        };
        product_users::insert(tx, &uses)?;
        let number = counters::next(tx, "case")?;
        cases::save(
            tx,
            &CaseSummary {
                id: case,
                number,
                version: 2,
                stage: Stage::Receipt,
                priority: Priority::Unset,
                owner: None,
                restricted: false,
                tlp: Tlp::Amber,
                source: Source::External,
                publicity: Publicity::None,
                exploited: false,
                reporter_waits: false,
                next_step: NextStep::Acknowledge,
                next_due: None,
                opened_at: T,
                updated_at: T,
                members: vec![user],
                clocks: vec![entente_domain::clock::Clock {
                    kind: entente_domain::clock::ClockKind::Task,
                    report: None,
                    started_at: T,
                    due_at: T.plus_days(1),
                    stopped_at: None,
                    paused: None,
                    breach_reason: None,
                }],
                title: CANARY.to_owned(),
                products: vec![CANARY.to_owned()],
                cve: None,
                score_tenths: None,
            },
        )?;
        reports::insert(
            tx,
            &ReportSummary {
                id: report,
                number: 1,
                case,
                reference: "ABCDEFGHJK".to_owned(),
                source: Source::External,
                channel: Channel::Form,
                received_at: T,
                acknowledged_at: None,
                closed_as: None,
                title: CANARY.to_owned(),
            },
            Some([3; 32]),
        )?;
        vault::put(tx, report, case, &body())?;
        messages::insert(
            tx,
            &Message {
                id: MessageId(Uuid::from_u128(31)),
                case,
                thread: Some(report.0),
                audience: Audience::Reporter,
                at: T,
                body: body(),
            },
        )?;
        attachments::insert(
            tx,
            &Attachment {
                id: attachment,
                case,
                at: T,
                facts: Facts {
                    name: CANARY.to_owned(),
                    bytes,
                    sha256: data_encoding::HEXLOWER.encode(&hash),
                    report: None,
                },
                key: key.clone(),
            },
        )?;
        search::index(tx, 1, &search::words(CANARY))?;
        accounts::save(
            tx,
            &accounts::Account {
                id: user,
                login: [1; 32],
                disabled: false,
                roles: vec![Role::Lead],
                created_at: T,
                body: body(),
            },
        )?;
        accounts::add_token(
            tx,
            &accounts::ApiToken {
                token: [2; 32],
                id: Uuid::from_u128(61),
                account: user,
                scopes: "read".to_owned(),
                created_at: T,
                expires_at: T.plus_days(9),
                body: body(),
            },
        )?;
        accounts::add_link(
            tx,
            &accounts::Link {
                token: [3; 32],
                kind: "invitation".to_owned(),
                account: user,
                expires_at: T,
                used_at: None,
                body: body(),
            },
        )?;
        sessions::insert(
            tx,
            &sessions::Session {
                token: [4; 32],
                id: Uuid::from_u128(62),
                account: Some(user),
                report: None,
                created_at: T,
                seen_at: T,
                expires_at: T,
                body: body(),
            },
        )?;
        registers::save(
            tx,
            "product",
            &registers::Document {
                id: Uuid::from_u128(71),
                version: 1,
                updated_at: T,
                body: body(),
            },
        )?;
        advisories::publish(
            tx,
            &advisories::Published {
                public_id: "EX-2026-1".to_owned(),
                revision: 1,
                current: true,
                case,
                file_name: "ex-2026-1.json".to_owned(),
                imported: false,
                first_released_at: T,
                released_at: T,
                listing: b"{}".to_vec(),
                document: b"{}".to_vec(),
                signature: Vec::new(),
            },
        )?;
        subscriptions::insert(
            tx,
            &subscriptions::Subscription {
                id: Uuid::from_u128(81),
                address: [5; 32],
                confirmed_at: None,
                token: [6; 32],
                created_at: T,
                body: body(),
            },
        )?;
        jobs::enqueue(tx, Uuid::from_u128(91), "mail", Some("once"), T, &body())?;
        idempotency::put(tx, "key", "scope", &[7; 32], &body(), T)?;
        limits::take(tx, &[8; 32], 5, T)?.unwrap();
        while ledger::order_new_entries(tx, 100)? > 0 {}
        ledger::checkpoint(tx, T, 4)?;
        // One entry that the log does not know yet.
        journal::append(tx, case.0, 2, &[entry(3)])?;
        let mut row = cases::get(tx, &Viewer::System(SystemViewer::Intake), case)?.unwrap();
        row.version = 3;
        cases::save(tx, &row)?;
        Ok(())
    })
    .await
    .unwrap();
    entente_store::postings::merge(db, 1).await.unwrap();
}

/// All rows of all tables, ids as bytes as SQLite gives them.
async fn everything(db: &Db) -> Vec<(&'static str, Vec<Vec<Val>>)> {
    db.read(|tx| {
        tx.act_as(&Viewer::System(SystemViewer::Operator))?;
        TABLES
            .iter()
            .map(|table| {
                let rows = tx.all(&format!("SELECT * FROM {table} ORDER BY 1, 2"), &[])?;
                let plain = |v: &Val| match v {
                    Val::Id(id) => Val::Bytes(id.as_bytes().to_vec()),
                    other => other.clone(),
                };
                let rows = rows.iter().map(|r| r.values().iter().map(plain).collect());
                Ok((*table, rows.collect()))
            })
            .collect()
    })
    .await
    .unwrap()
}

async fn archive_of(db: &Db) -> (Vec<u8>, BackupSummary) {
    backup::backup(db, &blobs(db), Vec::new(), T, quiet())
        .await
        .unwrap()
}

async fn restored(
    archive: &[u8],
    location: Location,
    folder: &Path,
    erased: BTreeSet<Erasure>,
) -> Result<(Db, BackupSummary), StoreError> {
    backup::restore(archive, both::options(location, folder), &erased, quiet()).await
}

fn in_folder(folder: &Path) -> Location {
    Location::Sqlite(folder.join("entente.sqlite"))
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|w| w == text.as_bytes())
}

both!(a_backup_restores_every_row_and_file_on_both_engines, |db| {
    fill(&db).await;
    let before = everything(&db).await;
    for (table, rows) in &before {
        assert!(
            !rows.is_empty(),
            "{table} is empty: the test proves nothing of it"
        );
    }
    let (archive, summary) = archive_of(&db).await;
    assert_eq!((summary.files, summary.missing_files.len()), (1, 0));
    assert!(!contains(&archive, CANARY) && !contains(&archive, "receipt"));

    let database = entente_testkit::postgres::fresh_database();
    let mut targets = vec![None];
    targets.extend(database.as_ref().map(|d| Some(Location::Postgres(d.url()))));
    for target in targets {
        let folder = tempfile::tempdir().unwrap();
        let location = target.unwrap_or_else(|| in_folder(folder.path()));
        let (again, same) = restored(&archive, location, folder.path(), BTreeSet::new())
            .await
            .unwrap();
        assert_eq!(same, summary);
        assert_eq!(everything(&again).await, before);
        let content = again
            .read(|tx| {
                tx.act_as(&Viewer::System(SystemViewer::Operator))?;
                attachments::get(tx, AttachmentId(Uuid::from_u128(41)))
            })
            .await
            .unwrap()
            .unwrap();
        let plain = attachments::read_all(&*blobs(&again), &content).unwrap();
        assert_eq!(plain, CANARY.repeat(20_000).into_bytes());
        let all = VerifyOptions {
            with_keys: true,
            ..VerifyOptions::default()
        };
        let report = verify(&again, all, quiet()).await.unwrap();
        assert!(report.ok, "{report:?}");
    }
});

both!(a_backup_beside_writers_is_one_snapshot, |db| {
    fill(&db).await;
    let stop = Arc::new(AtomicBool::new(false));
    let stream = Uuid::from_u128(1_000);
    db.write(move |tx| journal::create_stream(tx, stream, "instance", T))
        .await
        .unwrap();
    let (writer, ended) = (db.clone(), Arc::clone(&stop));
    let writing = tokio::spawn(async move {
        let mut n = 0;
        while !ended.load(Ordering::Relaxed) {
            n = writer
                .write(move |tx| journal::append(tx, stream, n, &[entry(n)]))
                .await
                .unwrap();
        }
    });
    let acknowledged = loop {
        let at = db
            .read(move |tx| journal::version(tx, stream))
            .await
            .unwrap();
        if at > Some(20) {
            break at;
        }
        tokio::task::yield_now().await;
    };
    let (archive, _) = archive_of(&db).await;
    stop.store(true, Ordering::Relaxed);
    writing.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (again, _) = restored(
        &archive,
        in_folder(folder.path()),
        folder.path(),
        BTreeSet::new(),
    )
    .await
    .unwrap();
    let there = again
        .read(move |tx| journal::version(tx, stream))
        .await
        .unwrap();
    assert!(there >= acknowledged);
    let all = VerifyOptions {
        with_keys: true,
        ..VerifyOptions::default()
    };
    let report = verify(&again, all, quiet()).await.unwrap();
    assert!(report.ok, "{report:?}");
});

both!(what_was_erased_stays_erased_after_a_restore, |db| {
    fill(&db).await;
    let (archive, _) = archive_of(&db).await;
    let (message, case) = (MessageId(Uuid::from_u128(31)), CaseId(Uuid::from_u128(1)));
    let file = db.data_dir().join("erasures");
    db.write(move |tx| messages::erase(tx, message))
        .await
        .unwrap();
    erasures::keep(&db, &file).await.unwrap();
    let one = erasures::load(&file).unwrap();
    assert_eq!(one, BTreeSet::from([Erasure::Message(message)]));
    let open = |erased: BTreeSet<Erasure>| {
        let archive = archive.clone();
        async move {
            let folder = tempfile::tempdir().unwrap();
            let location = in_folder(folder.path());
            let (again, _) = restored(&archive, location, folder.path(), erased)
                .await
                .unwrap();
            again
                .read(move |tx| {
                    let viewer = Viewer::System(SystemViewer::Operator);
                    tx.act_as(&viewer)?;
                    let entries = journal::read(tx, case.0, 0)?;
                    let found = search::search(tx, &viewer, CANARY, None, 10)?.items.len();
                    let identity = vault::open(tx, ReportId(Uuid::from_u128(11)))?;
                    let texts = match messages::of_case(tx, case) {
                        Ok(messages) => messages.len(),
                        Err(StoreError::Erased) => 0,
                        Err(e) => return Err(e),
                    };
                    let payloads = entries.iter().filter(|e| e.payload.is_some()).count();
                    Ok((payloads, texts, found, identity.is_some()))
                })
                .await
                .unwrap()
        }
    };
    assert_eq!(open(BTreeSet::new()).await, (3, 1, 1, true));
    assert_eq!(open(one).await, (3, 0, 1, true));
    db.write(move |tx| cases::erase(tx, case)).await.unwrap();
    erasures::keep(&db, &file).await.unwrap();
    let all = erasures::load(&file).unwrap();
    assert!(all.contains(&Erasure::Case(case)) && all.contains(&Erasure::Message(message)));
    assert_eq!(open(all).await, (0, 0, 0, false));
    // The chain of what was erased still verifies.
    let report = verify(&db, VerifyOptions::default(), quiet())
        .await
        .unwrap();
    assert!(report.ok, "{report:?}");
});

both!(
    a_restore_that_broke_off_brings_nothing_back_after_a_start,
    |db| {
        fill(&db).await;
        let (archive, _) = archive_of(&db).await;
        let (message, case) = (MessageId(Uuid::from_u128(31)), CaseId(Uuid::from_u128(1)));
        let file = db.data_dir().join("erasures");
        db.write(move |tx| messages::erase(tx, message))
            .await
            .unwrap();
        erasures::keep(&db, &file).await.unwrap();
        // Everything is there, and the list was not gone through.
        let folder = tempfile::tempdir().unwrap();
        let location = in_folder(folder.path());
        let (again, _) = restored(&archive, location, folder.path(), BTreeSet::new())
            .await
            .unwrap();
        // A start brings the list up to date, and the database with it.
        erasures::keep(&again, &file).await.unwrap();
        let texts = again
            .read(move |tx| {
                tx.act_as(&Viewer::System(SystemViewer::Operator))?;
                messages::of_case(tx, case).map(|messages| messages.len())
            })
            .await;
        assert!(
            matches!(texts, Err(StoreError::Erased) | Ok(0)),
            "{texts:?}"
        );
    }
);

#[tokio::test]
async fn a_wrong_key_or_a_damaged_archive_fails_and_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let db = both::sqlite(home.path()).await;
    fill(&db).await;
    let (archive, _) = archive_of(&db).await;
    let nothing_left = |folder: &Path| {
        let left: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .flatten()
            .map(|e| e.file_name())
            .collect();
        assert!(left.is_empty(), "{left:?}");
    };
    let folder = tempfile::tempdir().unwrap();
    let options = OpenOptions {
        keys: Keyring::from_instance_key([8; 32]),
        ..both::options(in_folder(folder.path()), folder.path())
    };
    let refused = backup::restore(archive.as_slice(), options, &BTreeSet::new(), quiet()).await;
    assert!(matches!(refused.err(), Some(StoreError::WrongKey)));
    nothing_left(folder.path());

    let lengths = (0..archive.len()).step_by(archive.len() / 23);
    for cut in lengths.chain([archive.len() - 1]) {
        let place = restored(
            &archive[..cut],
            in_folder(folder.path()),
            folder.path(),
            BTreeSet::new(),
        );
        assert!(place.await.is_err(), "cut at {cut}");
        nothing_left(folder.path());
    }
    for at in (0..archive.len()).step_by(archive.len() / 29) {
        let mut changed = archive.clone();
        changed[at] ^= 4;
        let place = restored(
            &changed,
            in_folder(folder.path()),
            folder.path(),
            BTreeSet::new(),
        );
        assert!(place.await.is_err(), "byte {at}");
        nothing_left(folder.path());
    }
}

#[tokio::test]
async fn a_restore_wants_an_empty_place_and_one_that_broke_off_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let db = both::sqlite(home.path()).await;
    fill(&db).await;
    let (archive, _) = archive_of(&db).await;
    let onto = restored(
        &archive,
        in_folder(home.path()),
        home.path(),
        BTreeSet::new(),
    )
    .await;
    assert!(matches!(onto.err(), Some(StoreError::Unavailable(_))));
    assert!(home.path().join("entente.sqlite").exists());
    db.write(|tx| {
        tx.execute(
            "INSERT INTO meta (name, value) VALUES ('restoring', $1)",
            &[vec![1u8].into()],
        )
    })
    .await
    .unwrap();
    drop(db);
    let opened = Db::open(both::options(in_folder(home.path()), home.path())).await;
    assert!(matches!(opened.err(), Some(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn the_restore_test_verifies_and_cleans_up() {
    let home = tempfile::tempdir().unwrap();
    let db = both::sqlite(home.path()).await;
    fill(&db).await;
    let path = home.path().join("today.backup");
    let summary = backup::backup_to(&db, &blobs(&db), &path, T, quiet())
        .await
        .unwrap();
    let scratch = home.path().join("scratch");
    let file = std::fs::File::open(&path).unwrap();
    let (same, report) = backup::test(file, both::key(), both::seeded(2), &scratch, quiet())
        .await
        .unwrap();
    assert_eq!(same, summary);
    assert!(report.ok && report.entries == 3, "{report:?}");
    assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0);
}

#[tokio::test]
async fn a_missing_file_is_named_and_the_rest_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let db = both::sqlite(home.path()).await;
    fill(&db).await;
    let id = AttachmentId(Uuid::from_u128(41));
    blobs(&db).remove(id).unwrap();
    let (_, summary) = archive_of(&db).await;
    assert_eq!((summary.files, summary.missing_files), (0, vec![id]));
}

#[tokio::test]
async fn with_a_replaced_key_no_archive_is_made() {
    let home = tempfile::tempdir().unwrap();
    let db = both::sqlite(home.path()).await;
    let new = Keyring::from_instance_key([9; 32]);
    db.write(move |tx| keys::rotate(tx, &new)).await.unwrap();
    let made = backup::backup(&db, &blobs(&db), Vec::new(), T, quiet()).await;
    assert!(matches!(made.err(), Some(StoreError::WrongKey)));
}

both!(nothing_of_the_content_stands_in_clear, |db| {
    fill(&db).await;
    for (table, rows) in everything(&db).await {
        for value in rows.iter().flatten() {
            let clear = match value {
                Val::Text(text) => text.contains(CANARY),
                Val::Bytes(bytes) => contains(bytes, CANARY),
                _ => false,
            };
            assert!(!clear, "{table}: {value:?}");
        }
    }
    // The database of SQLite, its log, and the files of attachments.
    let mut folders = vec![db.data_dir().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                let bytes = std::fs::read(entry.path()).unwrap();
                assert!(!contains(&bytes, CANARY), "{:?}", entry.path());
            }
        }
    }
});
