//! Clear columns that decide who reads or receives something are bound to their rows: whoever can
//! write to the database and has no key can exchange none of them. Each is changed by raw SQL;
//! reading must refuse, and the verification must name the row.
#![expect(clippy::unwrap_used, reason = "tests")]

mod both;
mod world;

use entente_domain::access::{SystemViewer, Viewer};
use entente_domain::ids::{CaseId, ReportId};
use entente_store::verify::{VerifyOptions, verify};
use entente_store::{Db, StoreError, Val, accounts, advisories, reports, subscriptions, vault};
use std::sync::Arc;
use uuid::Uuid;
use world::{T, case_id, filled};

fn report_id(n: u64) -> ReportId {
    ReportId(Uuid::from_u128(u128::from(n) + 3_000))
}

async fn raw(db: &Db, sql: &'static str, args: &[Val]) {
    let args = args.to_vec();
    let changed = db.write(move |tx| tx.execute(sql, &args)).await.unwrap();
    assert!(changed > 0, "{sql}");
}

/// What the verification says is broken.
async fn broken(db: &Db) -> Option<String> {
    let options = VerifyOptions {
        with_keys: true,
        ..VerifyOptions::default()
    };
    let report = verify(db, options, Arc::new(|_, _| {})).await.unwrap();
    assert_eq!(report.ok, report.first_broken.is_none());
    report.first_broken.map(|b| b.reason)
}

#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T, StoreError>) {
    assert!(matches!(answer, Err(StoreError::Damaged(_))), "{answer:?}");
}

both!(exchanged_receipts_open_no_thread, |db| {
    filled(&db, 2).await;
    let by = |db: &Db, n: u8| {
        let db = db.clone();
        async move { db.write(move |tx| reports::by_receipt(tx, &[n; 32])).await }
    };
    let found = Some((report_id(1), case_id(1)));
    assert_eq!(by(&db, 1).await.unwrap(), found);
    let all = Viewer::System(SystemViewer::Operator);
    let register = all.clone();
    let line = db
        .read(move |tx| reports::register(tx, &register, None, 10))
        .await
        .unwrap()
        .items
        .pop()
        .unwrap();
    // An update that is ours keeps the code.
    let ours = line.clone();
    db.write(move |tx| reports::update(tx, &ours))
        .await
        .unwrap();
    assert_eq!(by(&db, 1).await.unwrap(), found);
    assert_eq!(broken(&db).await, None);
    let set = "UPDATE reports SET receipt = $2 WHERE id = $1";
    for (n, to) in [(1, vec![9; 32]), (2, vec![1; 32]), (1, vec![2; 32])] {
        raw(&db, set, &[report_id(n).into(), to.into()]).await;
    }
    refused(by(&db, 1).await);
    refused(by(&db, 2).await);
    refused(
        db.read(move |tx| reports::register(tx, &all, None, 10))
            .await,
    );
    // To seal the row anew would make the exchange good.
    refused(db.write(move |tx| reports::update(tx, &line)).await);
    let found = broken(&db).await.unwrap();
    assert!(
        found.contains(&format!("reports {}", report_id(1).0)),
        "{found}"
    );
});

both!(a_receipt_that_was_taken_away_is_found, |db| {
    filled(&db, 2).await;
    let none = "UPDATE reports SET receipt = NULL WHERE id = $1";
    raw(&db, none, &[report_id(2).into()]).await;
    let found = broken(&db).await.unwrap();
    assert!(
        found.contains(&format!("reports {}", report_id(2).0)),
        "{found}"
    );
});

both!(a_used_link_cannot_be_made_fresh, |db| {
    filled(&db, 1).await;
    let used = |db: &Db| {
        let db = db.clone();
        async move { db.write(|tx| accounts::use_link(tx, &[3; 32], T)).await }
    };
    assert!(used(&db).await.unwrap());
    assert!(!used(&db).await.unwrap());
    let kept = db.read(|tx| accounts::link(tx, &[3; 32])).await.unwrap();
    assert_eq!(kept.unwrap().used_at, Some(T));
    assert_eq!(broken(&db).await, None);
    raw(&db, "UPDATE links SET used_at = NULL", &[]).await;
    refused(used(&db).await);
    refused(db.read(|tx| accounts::link(tx, &[3; 32])).await);
    refused(db.read(|tx| accounts::open_links(tx, "invitation")).await);
    let found = broken(&db).await.unwrap();
    assert!(
        found.contains(&format!("links {}", "03".repeat(32))),
        "{found}"
    );
});

both!(a_subscription_is_confirmed_by_its_token_only, |db| {
    filled(&db, 1).await;
    let next = |db: &Db| {
        let db = db.clone();
        async move {
            db.read(|tx| subscriptions::confirmed(tx, Uuid::nil(), 10))
                .await
        }
    };
    let confirm = |db: &Db| {
        let db = db.clone();
        async move { db.write(|tx| subscriptions::confirm(tx, &[7; 32], T)).await }
    };
    assert!(next(&db).await.unwrap().is_empty());
    raw(&db, "UPDATE subscriptions SET confirmed_at = 1", &[]).await;
    refused(next(&db).await);
    refused(confirm(&db).await);
    let found = broken(&db).await.unwrap();
    let id = Uuid::from_u128(6);
    assert!(found.contains(&format!("subscriptions {id}")), "{found}");
    raw(&db, "UPDATE subscriptions SET confirmed_at = NULL", &[]).await;
    assert!(confirm(&db).await.unwrap());
    assert!(!confirm(&db).await.unwrap());
    assert_eq!(next(&db).await.unwrap().len(), 1);
    assert_eq!(broken(&db).await, None);
});

both!(an_identity_stays_with_its_case, |db| {
    filled(&db, 2).await;
    let open = |db: &Db| {
        let db = db.clone();
        async move { db.write(|tx| vault::open(tx, report_id(1))).await }
    };
    assert!(open(&db).await.unwrap().is_some());
    let moved = "UPDATE vault SET case_id = $2 WHERE report = $1";
    let to: CaseId = case_id(2);
    raw(&db, moved, &[report_id(1).into(), to.into()]).await;
    refused(open(&db).await);
    let found = broken(&db).await.unwrap();
    assert!(
        found.contains(&format!("vault {}", report_id(1).0)),
        "{found}"
    );
});

both!(an_older_revision_cannot_stand_for_the_newest, |db| {
    filled(&db, 1).await;
    let id = "EX-2026-0001";
    let newest = |db: &Db| {
        let db = db.clone();
        async move { db.read(move |tx| advisories::current(tx, id)).await }
    };
    let second = advisories::Published {
        revision: 2,
        document: b"{\"public\":2}".to_vec(),
        ..newest(&db).await.unwrap().unwrap()
    };
    db.write(move |tx| advisories::publish(tx, &second))
        .await
        .unwrap();
    assert_eq!(newest(&db).await.unwrap().unwrap().revision, 2);
    assert_eq!(broken(&db).await, None);
    let hidden = "UPDATE advisories SET is_current = 0";
    raw(&db, hidden, &[]).await;
    refused(newest(&db).await);
    let older = "UPDATE advisories SET is_current = 1 WHERE revision = 1";
    raw(&db, older, &[]).await;
    refused(newest(&db).await);
    refused(
        db.read(|tx| advisories::by_file(tx, "ex-2026-0001.json"))
            .await,
    );
    refused(db.read(|tx| advisories::page(tx, None, 10)).await);
    let found = broken(&db).await.unwrap();
    assert!(found.contains("advisories EX-2026-0001 1"), "{found}");
});
