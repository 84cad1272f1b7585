//! Claims on idempotency keys, on both engines: of many that come at once one gets in.
#![expect(clippy::unwrap_used, reason = "tests")]

mod both;

use entente_domain::time::{SECOND_US, Timestamp};
use entente_store::Db;
use entente_store::idempotency::{Claim, Ended, claim, end};

const T: Timestamp = Timestamp(1_794_820_320_000_000);

async fn ask(db: &Db, scope: &'static str, again: bool, now: Timestamp) -> Claim {
    db.write(move |tx| claim(tx, "a key", scope, again, now))
        .await
        .unwrap()
}

async fn close(db: &Db, ended: Ended<'static>, now: Timestamp) {
    db.write(move |tx| end(tx, "a key", "one", ended, now))
        .await
        .unwrap();
}

/// How many of twenty that come at once get in.
async fn let_in(db: &Db, again: bool, now: Timestamp) -> usize {
    let mut running = Vec::new();
    for _ in 0..20 {
        let db = db.clone();
        running.push(tokio::spawn(
            async move { ask(&db, "one", again, now).await },
        ));
    }
    let mut ours = 0;
    for task in running {
        match task.await.unwrap() {
            Claim::Ours => ours += 1,
            other => assert_eq!(other, Claim::Running),
        }
    }
    ours
}

both!(of_many_at_once_one_gets_in, |db| {
    assert_eq!(let_in(&db, false, T).await, 1);
    // Two minutes without a sign of life: nobody knows, and only who may try again takes it over.
    let later = Timestamp(T.0 + 121 * SECOND_US);
    assert_eq!(ask(&db, "one", false, later).await, Claim::Unknown);
    assert_eq!(let_in(&db, true, later).await, 1);
});

both!(an_answer_is_kept_for_a_day_and_a_scope, |db| {
    assert_eq!(ask(&db, "one", false, T).await, Claim::Ours);
    close(&db, Ended::Answered(&[3; 32], b"done"), T).await;
    let answered = Claim::Answered {
        request: [3; 32],
        answer: b"done".to_vec(),
    };
    assert_eq!(ask(&db, "one", false, T.plus_days(1)).await, answered);
    assert_eq!(ask(&db, "other", false, T).await, Claim::Ours);
    let after = Timestamp(T.plus_days(1).0 + 1);
    assert_eq!(ask(&db, "one", false, after).await, Claim::Ours);
    close(&db, Ended::Unknown, after).await;
    assert_eq!(ask(&db, "one", false, after).await, Claim::Unknown);
    close(&db, Ended::Free, after).await;
    assert_eq!(ask(&db, "one", false, after).await, Claim::Ours);
});
