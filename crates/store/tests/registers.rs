//! The store's promises, on both engines.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod both;

use entente_domain::access::{Role, Viewer};
use entente_domain::ids::{CaseId, UserId};
use entente_domain::kinds::{Priority, Publicity, Source, Stage, Tlp};
use entente_domain::summary::{CaseSummary, NextStep};
use entente_domain::time::Timestamp;
use entente_store::cases::{self, CaseFilter};
use entente_store::journal::{self, NewEntry};
use entente_store::{StoreError, counters, jobs, postings, search};
use uuid::Uuid;

const T: Timestamp = Timestamp(1_794_820_320_000_000);

fn entry(text: &str) -> NewEntry {
    NewEntry {
        kind: "case_opened",
        actor: "system:intake".to_owned(),
        at: T,
        payload: text.as_bytes().to_vec(),
    }
}

fn summary(n: u128, restricted: bool, members: &[UserId]) -> CaseSummary {
    CaseSummary {
        id: CaseId(Uuid::from_u128(n)),
        number: i64::try_from(n).unwrap(),
        version: 1,
        stage: Stage::Receipt,
        priority: Priority::Unset,
        owner: None,
        restricted,
        tlp: Tlp::Amber,
        source: Source::External,
        publicity: Publicity::None,
        exploited: false,
        reporter_waits: false,
        next_step: NextStep::Acknowledge,
        next_due: Some(T.plus_days(i64::try_from(n).unwrap())),
        opened_at: T,
        updated_at: T,
        members: members.to_vec(),
        clocks: Vec::new(),
        title: format!("Secret title {n}"),
        products: vec!["EdgeGate".to_owned()],
        cve: None,
        score_tenths: None,
    }
}

fn analyst() -> Viewer {
    Viewer::Staff {
        user: UserId(Uuid::from_u128(900)),
        roles: vec![Role::Analyst],
    }
}

both!(every_statement_is_understood, |db| {
    for (file, name, sql) in entente_store::all_statements() {
        // SKIP LOCKED is PostgreSQL's alone.
        if sql.contains("SKIP LOCKED") && db.engine() == entente_store::Engine::Sqlite {
            continue;
        }
        let prepared = db.read(move |tx| tx.prepare(sql)).await;
        assert!(prepared.is_ok(), "{file}::{name}: {prepared:?}");
    }
});

both!(a_stream_is_chained_and_sealed, |db| {
    let stream = Uuid::from_u128(1);
    let version = db
        .write(move |tx| {
            journal::create_stream(tx, stream, "case", T)?;
            journal::append(tx, stream, 0, &[entry("one"), entry("two")])
        })
        .await
        .unwrap();
    assert_eq!(version, 2);
    let (raw, open) = db
        .read(move |tx| Ok((journal::raw(tx, stream, 0)?, journal::read(tx, stream, 0)?)))
        .await
        .unwrap();
    assert_eq!(open[0].payload.as_deref(), Some(&b"one"[..]));
    assert_eq!(raw[1].prev, raw[0].hash);
    assert!(raw.iter().all(|e| e.hash == e.computed_hash(stream)));
    assert!(!raw[0].sealed.windows(3).any(|w| w == b"one"));
});

both!(a_stale_version_is_a_conflict_and_harms_nobody, |db| {
    let stream = Uuid::from_u128(1);
    db.write(move |tx| {
        journal::create_stream(tx, stream, "case", T)?;
        journal::append(tx, stream, 0, &[entry("one")])
    })
    .await
    .unwrap();
    let late = db
        .write(move |tx| journal::append(tx, stream, 0, &[entry("late")]))
        .await;
    assert!(matches!(late, Err(StoreError::Conflict)));
    assert_eq!(
        db.read(move |tx| journal::version(tx, stream))
            .await
            .unwrap(),
        Some(1)
    );
});

both!(racing_writers_lose_nothing, |db| {
    let stream = Uuid::from_u128(1);
    db.write(move |tx| journal::create_stream(tx, stream, "case", T))
        .await
        .unwrap();
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let db = db.clone();
        tasks.push(tokio::spawn(async move {
            let mut done = 0;
            while done < 10 {
                let at = db
                    .read(move |tx| journal::version(tx, stream))
                    .await
                    .unwrap()
                    .unwrap();
                match db
                    .write(move |tx| journal::append(tx, stream, at, &[entry("x")]))
                    .await
                {
                    Ok(_) => done += 1,
                    Err(StoreError::Conflict | StoreError::Busy) => {}
                    // Above all no "unique": the head is taken before entries are written.
                    Err(e) => unreachable!("{e}"),
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(
        db.read(move |tx| journal::version(tx, stream))
            .await
            .unwrap(),
        Some(80)
    );
});

both!(erasing_a_key_erases_content_and_keeps_the_chain, |db| {
    let stream = Uuid::from_u128(1);
    db.write(move |tx| {
        journal::create_stream(tx, stream, "case", T)?;
        journal::append(tx, stream, 0, &[entry("one")])?;
        journal::erase(tx, stream)
    })
    .await
    .unwrap();
    let (raw, open) = db
        .read(move |tx| Ok((journal::raw(tx, stream, 0)?, journal::read(tx, stream, 0)?)))
        .await
        .unwrap();
    assert_eq!(open[0].payload, None);
    assert_eq!(raw[0].hash, raw[0].computed_hash(stream));
});

async fn three_cases(db: &entente_store::Db, member: UserId) {
    db.write(move |tx| {
        for (n, restricted) in [(1u128, false), (2, true), (3, false)] {
            let s = summary(n, restricted, &[]);
            let s = if restricted {
                CaseSummary {
                    members: vec![member],
                    ..s
                }
            } else {
                s
            };
            journal::create_stream(tx, s.id.0, "case", T)?;
            cases::save(tx, &s)?;
            search::index(tx, s.number, &search::words(&s.title))?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

/// What a search for `text` finds.
async fn found(db: &entente_store::Db, viewer: Viewer, text: &'static str) -> Vec<i64> {
    db.read(move |tx| search::search(tx, &viewer, text, None, 100))
        .await
        .unwrap()
        .items
        .iter()
        .map(|s| s.number)
        .collect()
}

both!(a_word_is_found_before_and_after_it_is_merged, |db| {
    let member = UserId(Uuid::from_u128(901));
    let contact = Viewer::Staff {
        user: member,
        roles: vec![Role::ProductContact],
    };
    db.write(move |tx| {
        for n in 1..=600 {
            let members = if n == 7 { vec![member] } else { Vec::new() };
            let s = summary(n, n % 5 == 0, &members);
            journal::create_stream(tx, s.id.0, "case", T)?;
            cases::save(tx, &s)?;
            let text = format!(
                "kernel overflow {}",
                if n % 2 == 0 { "even" } else { "odd" }
            );
            search::index(tx, s.number, &search::words(&text))?;
        }
        Ok(())
    })
    .await
    .unwrap();
    // Restricted cases are found by nobody who is no member.
    let visible = |n: &i64| n % 5 != 0;
    let even: Vec<i64> = (1..=600)
        .rev()
        .filter(|n| n % 2 == 0)
        .filter(visible)
        .take(100)
        .collect();
    assert_eq!(found(&db, analyst(), "kernel even").await, even);
    assert_eq!(postings::merge(&db, 1_000).await.unwrap(), 0);
    assert_eq!(found(&db, analyst(), "kernel even").await, even);
    assert_eq!(postings::merge(&db, 1).await.unwrap(), 600);
    assert_eq!(found(&db, analyst(), "kernel even").await, even);
    assert_eq!(
        found(&db, analyst(), "kernel even odd").await,
        Vec::<i64>::new()
    );
    assert_eq!(found(&db, contact.clone(), "KERNEL").await, vec![7]);
    // An old case gets a new word, which is merged into the middle.
    db.write(|tx| {
        for n in [2, 300, 598] {
            search::index(tx, n, &search::words("even kernel late"))?;
        }
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(found(&db, analyst(), "late kernel").await, vec![598, 2]);
    assert_eq!(postings::merge(&db, 1).await.unwrap(), 3);
    assert_eq!(postings::merge(&db, 1).await.unwrap(), 0);
    assert_eq!(found(&db, analyst(), "late kernel").await, vec![598, 2]);
    // What is forgotten is found by none of its words, and its neighbours still are.
    db.write(|tx| search::forget(tx, 598)).await.unwrap();
    assert_eq!(found(&db, analyst(), "late").await, vec![2]);
    let rest: Vec<i64> = (1..598)
        .rev()
        .filter(|n| n % 2 == 0)
        .filter(visible)
        .take(100)
        .collect();
    assert_eq!(found(&db, analyst(), "even").await, rest);
    let left = db
        .read(|tx| {
            tx.all(
                "SELECT case_number FROM case_words WHERE case_number = 598",
                &[],
            )
        })
        .await
        .unwrap();
    assert!(left.is_empty());
});

both!(lists_and_searches_show_what_the_viewer_may_see, |db| {
    let member = UserId(Uuid::from_u128(5));
    three_cases(&db, member).await;
    let seen_by = |viewer: Viewer| {
        let db = db.clone();
        async move {
            db.read(move |tx| {
                let filter = CaseFilter {
                    limit: 10,
                    ..CaseFilter::default()
                };
                let listed: Vec<i64> = cases::list(tx, &viewer, &filter)?
                    .items
                    .iter()
                    .map(|c| c.number)
                    .collect();
                let mut found: Vec<i64> = search::search(tx, &viewer, "secret TITLE", None, 10)?
                    .items
                    .iter()
                    .map(|c| c.number)
                    .collect();
                found.reverse();
                assert_eq!(listed, found);
                Ok(listed)
            })
            .await
            .unwrap()
        }
    };
    assert_eq!(seen_by(analyst()).await, [1, 3]);
    assert_eq!(seen_by(Viewer::Public).await, [0i64; 0]);
    let me = Viewer::Staff {
        user: member,
        roles: vec![Role::ProductContact],
    };
    assert_eq!(seen_by(me).await, [2]);
    let admin = Viewer::Staff {
        user: UserId(Uuid::from_u128(6)),
        roles: vec![Role::Administrator],
    };
    assert_eq!(seen_by(admin).await, [0i64; 0]);
});

both!(pages_meet_without_gap_or_overlap, |db| {
    db.write(|tx| {
        for n in 1..=25u128 {
            let s = summary(n, false, &[]);
            journal::create_stream(tx, s.id.0, "case", T)?;
            cases::save(tx, &s)?;
        }
        Ok(())
    })
    .await
    .unwrap();
    for sort in [cases::Sort::Due, cases::Sort::Updated] {
        let mut cursor = None;
        let mut seen = Vec::new();
        loop {
            let filter = CaseFilter {
                limit: 10,
                cursor: cursor.clone(),
                sort,
                ..CaseFilter::default()
            };
            let page = db
                .read(move |tx| cases::list(tx, &analyst(), &filter))
                .await
                .unwrap();
            seen.extend(page.items.iter().map(|c| c.number));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let mut sorted = seen.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!((seen.len(), sorted.len()), (25, 25), "{sort:?}");
    }
});

both!(numbers_have_no_gap_and_no_double, |db| {
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let db = db.clone();
        tasks.push(tokio::spawn(async move {
            db.write(|tx| counters::next(tx, "case")).await.unwrap()
        }));
    }
    let mut numbers = Vec::new();
    for task in tasks {
        numbers.push(task.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
});

both!(a_job_is_taken_once_and_enqueued_once, |db| {
    db.write(|tx| {
        jobs::enqueue(
            tx,
            Uuid::from_u128(1),
            "mail",
            Some("receipt-1"),
            T,
            b"secret",
        )?;
        jobs::enqueue(
            tx,
            Uuid::from_u128(2),
            "mail",
            Some("receipt-1"),
            T,
            b"again",
        )
    })
    .await
    .unwrap();
    let take = || {
        let db = db.clone();
        async move {
            db.write(|tx| jobs::take(tx, T, T.plus_hours(1), 8))
                .await
                .unwrap()
        }
    };
    let mut taken = take().await;
    assert_eq!(taken.len(), 1);
    let job = taken.remove(0);
    assert_eq!(
        (job.id, job.body.as_slice()),
        (Uuid::from_u128(1), &b"secret"[..])
    );
    assert_eq!((job.attempts, take().await), (1, Vec::new()));
    // Given back unbegun, it is as if nobody had taken it.
    db.write(move |tx| jobs::give_back(tx, job.id))
        .await
        .unwrap();
    assert_eq!(take().await[0].attempts, 1);
    db.write(move |tx| jobs::done(tx, job.id)).await.unwrap();
    assert_eq!(db.read(|tx| jobs::count(tx, "done")).await.unwrap(), 1);
});

#[tokio::test]
async fn a_second_writer_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _first = both::sqlite(folder.path()).await;
    let location = entente_store::Location::Sqlite(folder.path().join("entente.sqlite"));
    let second = entente_store::Db::open(both::options(location, folder.path())).await;
    assert!(matches!(second.err(), Some(StoreError::Locked(_))));
}

#[tokio::test]
async fn a_foreign_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(both::sqlite(folder.path()).await);
    let location = entente_store::Location::Sqlite(folder.path().join("entente.sqlite"));
    let mut options = both::options(location, folder.path());
    options.keys = entente_store::Keyring::from_instance_key([8; 32]);
    assert!(matches!(
        entente_store::Db::open(options).await.err(),
        Some(StoreError::WrongKey)
    ));
}

#[tokio::test]
async fn after_rotation_only_the_new_key_opens() {
    let folder = tempfile::tempdir().unwrap();
    let db = both::sqlite(folder.path()).await;
    let new = entente_store::Keyring::from_instance_key([9; 32]);
    let n = new.clone();
    db.write(move |tx| entente_store::keys::rotate(tx, &n))
        .await
        .unwrap();
    drop(db);
    let location = entente_store::Location::Sqlite(folder.path().join("entente.sqlite"));
    let old = entente_store::Db::open(both::options(location.clone(), folder.path())).await;
    assert!(matches!(old.err(), Some(StoreError::WrongKey)));
    let mut options = both::options(location, folder.path());
    options.keys = new;
    entente_store::Db::open(options)
        .await
        .expect("the new key opens it");
}

both!(the_database_has_a_size, |db| {
    let bytes = db.read(entente_store::size::bytes).await.unwrap();
    assert!(bytes > 50_000, "{bytes}");
});
