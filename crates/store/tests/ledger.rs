//! The log on both engines: order, proofs, heads. The tree itself is tested in `merkle.rs`.
#![expect(clippy::unwrap_used, reason = "tests")]

mod both;

use entente_domain::time::Timestamp;
use entente_store::journal::{self, NewEntry};
use entente_store::{Db, ledger, merkle, note};
use uuid::Uuid;

const T: Timestamp = Timestamp(1_794_820_320_000_000);

async fn append(db: &Db, stream: u128, entries: usize) {
    let stream = Uuid::from_u128(stream);
    db.write(move |tx| {
        let at = match journal::version(tx, stream)? {
            Some(v) => v,
            None => {
                journal::create_stream(tx, stream, "case", T)?;
                0
            }
        };
        let entry = NewEntry {
            kind: "case_opened",
            actor: "system:intake".to_owned(),
            at: T,
            payload: b"payload".to_vec(),
        };
        journal::append(tx, stream, at, &vec![entry; entries])
    })
    .await
    .unwrap();
}

async fn head(db: &Db) -> ledger::Checkpoint {
    db.write(|tx| {
        while ledger::order_new_entries(tx, 7)? > 0 {}
        ledger::checkpoint(tx, T, ledger::PADDING)
    })
    .await
    .unwrap()
}

both!(entries_are_ordered_once_and_proved, |db| {
    append(&db, 1, 5).await;
    append(&db, 2, 8).await;
    let first = head(&db).await;
    append(&db, 1, 30).await;
    let second = head(&db).await;
    let (a, b) = (first.clone(), second.clone());
    db.read(move |tx| {
        assert_eq!(ledger::size(tx)?, b.size);
        assert_eq!(ledger::root(tx, a.size)?, a.root);
        let proof = ledger::consistency(tx, a.size, b.size)?;
        assert!(merkle::consistent(a.size, b.size, &a.root, &b.root, &proof));
        let mut places = std::collections::BTreeSet::new();
        for (stream, last) in [(1, 35), (2, 8)] {
            for seq in 1..=last {
                let stream = Uuid::from_u128(stream);
                let proof = ledger::inclusion(tx, stream, seq, b.size)?.unwrap();
                assert!(proof.holds(&b.root));
                assert!(!proof.holds(&a.root));
                assert!(proof.hashes.len() <= 7);
                assert!(places.insert(proof.index), "two entries have one place");
            }
        }
        assert!(ledger::root(tx, b.size + 1).is_err());
        let later = ledger::inclusion(tx, Uuid::from_u128(1), 35, a.size)?;
        assert_eq!(later, None);
        Ok(())
    })
    .await
    .unwrap();
});

both!(a_head_is_signed_and_its_size_tells_nothing, |db| {
    append(&db, 1, 3).await;
    let busy = head(&db).await;
    let idle = head(&db).await;
    append(&db, 1, 20).await;
    let busier = head(&db).await;
    assert_eq!(busier.size - idle.size, idle.size - busy.size);
    assert_ne!(busy.root, idle.root, "an idle period must not show");
    let keys = db.read(ledger::public_keys).await.unwrap();
    for c in [&busy, &idle, &busier] {
        let head = note::read(&c.note, &keys).unwrap();
        assert_eq!((head.size, head.root), (c.size, c.root));
    }
    // A new key signs what follows; what was signed before stays valid.
    db.write(|tx| ledger::rotate_signing_key(tx).map(drop))
        .await
        .unwrap();
    let after = head(&db).await;
    let both = db.read(ledger::public_keys).await.unwrap();
    assert_eq!((keys.len(), both.len()), (1, 2));
    assert!(note::read(&busy.note, &both).is_ok() && note::read(&after.note, &both).is_ok());
    assert!(note::read(&after.note, &keys).is_err());
});

both!(two_who_order_at_once_give_each_entry_one_place, |db| {
    append(&db, 1, 40).await;
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let db = db.clone();
        tasks.push(tokio::spawn(async move {
            for _ in 0..20 {
                // One of two fails and changes nothing; it is the lease that avoids it.
                drop(db.write(|tx| ledger::order_new_entries(tx, 3)).await);
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let size = db
        .write(|tx| {
            while ledger::order_new_entries(tx, 100)? > 0 {}
            ledger::size(tx)
        })
        .await
        .unwrap();
    assert_eq!(size, 40);
});
