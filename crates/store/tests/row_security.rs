//! The second lock: what PostgreSQL itself shows of cases, whatever a query asks for.
#![expect(clippy::unwrap_used, reason = "tests")]

mod both;

use entente_domain::access::{Role, SystemViewer, Viewer};
use entente_domain::ids::{CaseId, MessageId, ParticipantId, ReportId, UserId};
use entente_domain::kinds::Audience;
use entente_domain::time::Timestamp;
use entente_store::messages::{self, Message};
use entente_store::{Db, Location, StoreError, journal, vault};
use uuid::Uuid;

const T: Timestamp = Timestamp(1_794_820_320_000_000);
const MEMBER: u128 = 5;
const TABLES: [&str; 7] = [
    "cases",
    "case_members",
    "clocks",
    "reports",
    "messages",
    "attachments",
    "vault",
];

/// Case 1 is open, case 2 restricted to its member. Each has a row in every table.
async fn two_cases(db: &Db) {
    db.write(|tx| {
        for n in [1u128, 2] {
            let case = CaseId(Uuid::from_u128(n));
            journal::create_stream(tx, case.0, "case", T)?;
            let restricted = i64::from(n == 2);
            tx.execute(
                "INSERT INTO cases (id, number, version, stage, is_open, priority, source, restricted, next_step, next_due, opened_at, updated_at, body) VALUES ($1, $2, 1, 'receipt', 1, 'unset', 'external', $2, 'nothing', 0, 0, 0, $3)",
                &[case.into(), restricted.into(), vec![0u8].into()],
            )?;
            tx.execute(
                "INSERT INTO case_members (account, case_id) VALUES ($1, $2)",
                &[Uuid::from_u128(if n == 2 { MEMBER } else { 77 }).into(), case.into()],
            )?;
            tx.execute(
                "INSERT INTO clocks (case_id, n, due_at, ours, paused, kind) VALUES ($1, 0, 0, 1, 0, 'task')",
                &[case.into()],
            )?;
            tx.execute(
                "INSERT INTO reports (id, number, case_id, reference, received_at, body) VALUES ($1, $2, $3, $4, 0, $5)",
                &[
                    Uuid::from_u128(10 + n).into(),
                    restricted.into(),
                    case.into(),
                    format!("ref-{n}").into(),
                    vec![0u8].into(),
                ],
            )?;
            tx.execute(
                "INSERT INTO attachments (id, case_id, at, body) VALUES ($1, $2, 0, $3)",
                &[Uuid::from_u128(20 + n).into(), case.into(), vec![0u8].into()],
            )?;
            let report = ReportId(Uuid::from_u128(10 + n));
            vault::put(tx, report, case, b"who")?;
            let room = [
                (50, Audience::Participants, None),
                (60, Audience::Participant, Some(Uuid::from_u128(80 + n))),
                (70, Audience::Participant, Some(Uuid::from_u128(90 + n))),
            ];
            let talk = [Audience::Reporter, Audience::Internal];
            let talk = talk.iter().zip([30, 40]).map(|(a, k)| (k, *a, Some(report.0)));
            for (k, audience, thread) in talk.chain(room) {
                messages::insert(
                    tx,
                    &Message {
                        id: MessageId(Uuid::from_u128(k + n)),
                        case,
                        thread,
                        audience,
                        at: T,
                        body: b"text".to_vec(),
                    },
                )?;
            }
        }
        Ok(())
    })
    .await
    .unwrap();
}

fn staff(user: u128, role: Role) -> Viewer {
    Viewer::Staff {
        user: UserId(Uuid::from_u128(user)),
        roles: vec![role],
    }
}

/// How many rows of each table the viewer finds by asking for all of them.
async fn rows(db: &Db, viewer: Option<Viewer>) -> Vec<i64> {
    db.read(move |tx| {
        if let Some(viewer) = &viewer {
            tx.act_as(viewer)?;
        }
        TABLES
            .iter()
            .map(|t| {
                tx.one(&format!("SELECT COUNT(*) FROM {t}"), &[])?
                    .unwrap()
                    .int(0)
            })
            .collect()
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_shows_only_what_the_viewer_may_see() {
    let Some(database) = entente_testkit::postgres::fresh_database() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let db = both::open(Location::Postgres(database.url()), folder.path()).await;
    two_cases(&db).await;
    for (viewer, expected) in [
        (None, [0; 7]),
        (Some(Viewer::Public), [0; 7]),
        (Some(staff(6, Role::Administrator)), [0; 7]),
        (Some(staff(6, Role::Analyst)), [1, 0, 1, 1, 5, 1, 1]),
        (
            Some(staff(MEMBER, Role::ProductContact)),
            [1, 1, 1, 1, 5, 1, 1],
        ),
        (Some(staff(MEMBER, Role::Lead)), [2, 1, 2, 2, 10, 2, 2]),
        (
            Some(Viewer::Reporter {
                report: ReportId(Uuid::from_u128(12)),
            }),
            [0, 0, 0, 1, 1, 0, 0],
        ),
        // What went to all participants of the case, and its own thread.
        (
            Some(Viewer::Guest {
                case: CaseId(Uuid::from_u128(2)),
                participant: ParticipantId(Uuid::from_u128(82)),
            }),
            [0, 0, 0, 0, 2, 0, 0],
        ),
        (
            Some(Viewer::Guest {
                case: CaseId(Uuid::from_u128(1)),
                participant: ParticipantId(Uuid::from_u128(82)),
            }),
            [0, 0, 0, 0, 1, 0, 0],
        ),
        (
            Some(Viewer::System(SystemViewer::Operator)),
            [2, 2, 2, 2, 10, 2, 2],
        ),
    ] {
        assert_eq!(rows(&db, viewer.clone()).await, expected, "{viewer:?}");
    }
    // A transaction leaves its eyes to nobody.
    assert_eq!(rows(&db, None).await, [0; 7]);
    let forgotten = db
        .read(|tx| messages::of_case(tx, CaseId(Uuid::from_u128(1))))
        .await;
    assert!(matches!(forgotten, Err(StoreError::Database(_))));
    let stated = db
        .read(|tx| {
            tx.act_as(&staff(6, Role::Analyst))?;
            messages::of_case(tx, CaseId(Uuid::from_u128(1)))
        })
        .await
        .unwrap();
    assert_eq!(stated.len(), 5);
}

both!(one_who_decides_sees_what_is_decided_over, |db| {
    two_cases(&db).await;
    let seen = db
        .write(|tx| {
            tx.act_as(&Viewer::Public)?;
            tx.one("SELECT COUNT(*) FROM cases", &[])?.unwrap().int(0)
        })
        .await
        .unwrap();
    assert_eq!(seen, 2);
});
