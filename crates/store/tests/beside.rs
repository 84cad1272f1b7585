//! What is kept beside the database. The instance key: whatever instant the process dies at while
//! it is replaced, one key file opens the store at the next start, and the next rotation works. The
//! space in reserve: it is for reports, until it is back.
#![expect(clippy::unwrap_used, reason = "tests")]

mod both;

use entente_store::{Keyring, Location, OpenOptions, StoreError, counters, keys};
use std::path::Path;

fn options(folder: &Path, read_only: bool) -> impl Fn(Keyring) -> OpenOptions {
    let location = Location::Sqlite(folder.join("entente.sqlite"));
    let folder = folder.to_owned();
    move |keys| OpenOptions {
        keys,
        read_only,
        ..both::options(location.clone(), &folder)
    }
}

/// Everything that a key opens is still there.
async fn opens(folder: &Path, read_only: bool) -> Result<(), StoreError> {
    let db = keys::open(&folder.join("instance.key"), options(folder, read_only)).await?;
    assert!(db.has_keys());
    if !read_only {
        db.write(|tx| counters::next(tx, "case").map(drop)).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_broke_off_is_settled_at_the_next_start() {
    // How many of its four steps it came through.
    for steps in 1..=4 {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let file = path("instance.key");
        Keyring::create(&file, &both::seeded(3)).unwrap();
        opens(folder.path(), false).await.unwrap();
        let db = keys::open(&file, options(folder.path(), false))
            .await
            .unwrap();
        let new = Keyring::create(&path("instance.key.new"), &both::seeded(4)).unwrap();
        if steps > 1 {
            db.write(move |tx| keys::rotate(tx, &new)).await.unwrap();
        }
        drop(db);
        if steps > 2 {
            std::fs::rename(&file, path("instance.key.old")).unwrap();
        }
        if steps > 3 {
            std::fs::rename(path("instance.key.new"), &file).unwrap();
        }
        // Looking changes no file.
        opens(folder.path(), true).await.unwrap();
        assert_eq!(path("instance.key.new").exists(), steps < 4, "{steps}");
        opens(folder.path(), false).await.unwrap();
        assert!(!path("instance.key.new").exists(), "{steps}");
        assert_eq!(path("instance.key.old").exists(), steps > 1, "{steps}");
        // The next one works, and the key before it opens nothing.
        let db = keys::open(&file, options(folder.path(), false))
            .await
            .unwrap();
        let old = keys::rotate_file(&db, &file).await.unwrap();
        drop(db);
        opens(folder.path(), false).await.unwrap();
        let before = keys::open(&old, options(folder.path(), true)).await;
        assert!(matches!(before, Err(StoreError::WrongKey)), "{steps}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_new_key_is_undone() {
    let folder = tempfile::tempdir().unwrap();
    Keyring::create(&folder.path().join("instance.key"), &both::seeded(3)).unwrap();
    opens(folder.path(), false).await.unwrap();
    std::fs::write(folder.path().join("instance.key.new"), "entente-inst").unwrap();
    opens(folder.path(), false).await.unwrap();
    assert!(!folder.path().join("instance.key.new").exists());
}

both!(a_reserve_given_up_is_for_reports_until_it_is_back, |db| {
    db.keep_reserve(100_000);
    let ballast = db.data_dir().to_owned();
    let len = |name: &str| std::fs::metadata(ballast.join(name)).map(|m| m.len());
    assert_eq!(len("ballast").unwrap(), 100_000);
    let next = |tx: &mut entente_store::Tx<'_>| counters::next(tx, "case");
    // Full once, as a disk would say.
    let tries = std::sync::atomic::AtomicU32::new(0);
    let first = db
        .write_from_reserve(move |tx| {
            if tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
                return Err(StoreError::Full);
            }
            counters::next(tx, "case")
        })
        .await;
    assert_eq!(first.unwrap(), 1);
    assert!(db.reserve_is_given_up());
    assert_eq!(len("ballast").unwrap(), 0);
    assert!(matches!(db.write(next).await, Err(StoreError::Full)));
    assert_eq!(db.write_from_reserve(next).await.unwrap(), 2);
    db.take_reserve_back().unwrap();
    assert_eq!(len("ballast").unwrap(), 100_000);
    assert_eq!(db.write(next).await.unwrap(), 3);
    // What finds no room with the reserve given up finds none.
    let none: Result<(), _> = db.write_from_reserve(|_| Err(StoreError::Full)).await;
    assert!(matches!(none, Err(StoreError::Full)));
});
