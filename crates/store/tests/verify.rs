//! The verification finds what was changed, on both engines, and finds nothing in a sound store.
#![expect(clippy::unwrap_used, reason = "tests")]

mod both;
mod world;

use entente_store::verify::{Progress, Refold, VerifyOptions, VerifyReport, verify};
use entente_store::{Db, Keyring, StoreError, Val, attachments, journal};
use std::sync::Arc;
use world::{case_id, filled};

fn quiet() -> Progress {
    Arc::new(|_, _| {})
}

async fn check(db: &Db, with_keys: bool, head: Option<&str>) -> VerifyReport {
    let options = VerifyOptions {
        head: head.map(|h| h.as_bytes().to_vec()),
        with_keys,
        refold: None,
    };
    verify(db, options, quiet()).await.unwrap()
}

both!(a_sound_store_verifies_with_and_without_keys, |db| {
    let head = filled(&db, 6).await;
    for with_keys in [false, true] {
        let report = check(&db, with_keys, Some(&head.note)).await;
        assert_eq!(report.first_broken, None);
        assert!(report.ok);
        assert_eq!(
            (report.streams, report.entries, report.checkpoints),
            (6, 18, 2)
        );
        // Six cases with report, message, identity, file and snapshot; eight rows beside them.
        assert_eq!(report.rows, if with_keys { 6 * 6 + 8 } else { 0 });
    }
});

both!(every_changed_column_of_a_sealed_row_is_found, |db| {
    filled(&db, 2).await;
    // Table, a column that it authenticates, and another value for it.
    let changes: [(&str, &str, Val); 22] = [
        ("cases", "restricted", Val::Int(1)),
        ("cases", "next_due", Val::Int(5)),
        ("cases", "priority", Val::Text("urgent".to_owned())),
        ("clocks", "due_at", Val::Int(5)),
        ("case_members", "account", Val::Id(uuid::Uuid::from_u128(9))),
        ("reports", "reference", Val::Text("OTHER".to_owned())),
        ("messages", "audience", Val::Text("internal".to_owned())),
        ("messages", "at", Val::Int(1)),
        ("attachments", "at", Val::Int(1)),
        ("vault", "body", Val::Bytes(vec![1; 60])),
        ("snapshots", "version", Val::Int(2)),
        ("accounts", "roles", Val::Text("administrator".to_owned())),
        ("accounts", "disabled", Val::Int(1)),
        ("accounts", "login", Val::Bytes(vec![9; 32])),
        ("api_tokens", "scopes", Val::Text("write".to_owned())),
        ("links", "expires_at", Val::Int(i64::MAX)),
        ("sessions", "expires_at", Val::Int(i64::MAX)),
        ("registers", "updated_at", Val::Int(1)),
        ("advisories", "document", Val::Bytes(b"{}".to_vec())),
        ("subscriptions", "address", Val::Bytes(vec![9; 32])),
        ("jobs", "kind", Val::Text("other".to_owned())),
        ("advisories", "released_at", Val::Int(1)),
    ];
    for (table, column, value) in changes {
        let key = match table {
            "sessions" | "api_tokens" | "links" => "token",
            "snapshots" => "stream",
            "vault" => "report",
            "clocks" | "case_members" => "case_id",
            "advisories" => "public_id",
            _ => "id",
        };
        let set = format!(
            "UPDATE {table} SET {column} = $1 WHERE {key} = (SELECT MIN(x.{key}) FROM {table} x)"
        );
        let set = if db.engine() == entente_store::Engine::Postgres {
            // PostgreSQL has no smallest UUID.
            set.replace(
                &format!("(SELECT MIN(x.{key}) FROM {table} x)"),
                &format!("(SELECT x.{key} FROM {table} x ORDER BY x.{key} LIMIT 1)"),
            )
        } else {
            set
        };
        let get = format!("SELECT {column} FROM {table} ORDER BY {key} LIMIT 1");
        let before = db
            .write(move |tx| {
                let before = tx.one(&get, &[])?.unwrap().values()[0].clone();
                tx.execute(&set, std::slice::from_ref(&value))?;
                Ok((before, set.clone()))
            })
            .await
            .unwrap();
        let report = check(&db, true, None).await;
        assert!(!report.ok, "{table}.{column}");
        let (value, set) = before;
        db.write(move |tx| tx.execute(&set, std::slice::from_ref(&value)))
            .await
            .unwrap();
        let report = check(&db, true, None).await;
        assert!(report.ok, "{table}.{column}: {:?}", report.first_broken);
    }
});

both!(a_missing_or_changed_file_is_found, |db| {
    filled(&db, 2).await;
    let folder = db.data_dir().join("attachments");
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap();
    let good = std::fs::read(file.path()).unwrap();
    let mut bad = good.clone();
    let last = bad.len() - 1;
    bad[last] ^= 1;
    std::fs::write(file.path(), bad).unwrap();
    assert!(!check(&db, true, None).await.ok);
    assert!(check(&db, false, None).await.ok);
    std::fs::remove_file(file.path()).unwrap();
    assert!(!check(&db, true, None).await.ok);
    std::fs::write(file.path(), good).unwrap();
    assert!(check(&db, true, None).await.ok);
    drop(attachments::FolderBlobs::new(db.data_dir()).unwrap());
});

both!(erasing_breaks_nothing, |db| {
    let head = filled(&db, 2).await;
    db.write(|tx| journal::erase(tx, case_id(1).0))
        .await
        .unwrap();
    for with_keys in [false, true] {
        let report = check(&db, with_keys, Some(&head.note)).await;
        assert!(report.ok, "{:?}", report.first_broken);
    }
});

both!(every_stream_is_folded_anew, |db| {
    filled(&db, 3).await;
    let refold: Refold = Arc::new(|_, stream, entries| {
        assert_eq!(entries.len(), 3);
        if stream.id == case_id(2).0 {
            return Err("the row is not what the entries say".to_owned());
        }
        Ok(())
    });
    let options = VerifyOptions {
        with_keys: true,
        refold: Some(refold),
        head: None,
    };
    let found = verify(&db, options, quiet()).await.unwrap();
    let broken = found.first_broken.unwrap();
    assert_eq!((broken.stream, broken.seq), (Some(case_id(2).0), Some(3)));
});

#[tokio::test]
async fn it_runs_beside_a_writer_and_without_keys() {
    let folder = tempfile::tempdir().unwrap();
    let db = both::sqlite(folder.path()).await;
    let head = filled(&db, 3).await;
    let location = || entente_store::Location::Sqlite(folder.path().join("entente.sqlite"));
    let mut options = both::options(location(), folder.path());
    options.read_only = true;
    let beside = Db::open(options).await.unwrap();
    assert!(check(&beside, true, Some(&head.note)).await.ok);
    assert!(matches!(
        beside.write(|_| Ok(())).await,
        Err(StoreError::Unavailable(_))
    ));
    let none = Db::open_without_keys(location(), folder.path().to_owned(), both::seeded(3))
        .await
        .unwrap();
    assert!(check(&none, false, Some(&head.note)).await.ok);
    let mut foreign = both::options(location(), folder.path());
    (foreign.read_only, foreign.keys) = (true, Keyring::from_instance_key([1; 32]));
    assert!(matches!(
        Db::open(foreign).await.err(),
        Some(StoreError::WrongKey)
    ));
    world::case(&db, 9).await;
    assert!(check(&beside, true, Some(&head.note)).await.ok);
}
