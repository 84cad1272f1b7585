//! A small store with a row in every table that seals something, for verification, backup and
//! damage. What it answers is every secret that stands in it.

use entente_domain::access::Role;
use entente_domain::clock::{Clock, ClockKind};
use entente_domain::ids::{AttachmentId, CaseId, MessageId, ReportId, UserId};
use entente_domain::kinds::{Audience, Channel, Priority, Publicity, Source, Stage, Tlp};
use entente_domain::summary::{CaseSummary, NextStep, ReportSummary};
use entente_domain::time::Timestamp;
use entente_store::journal::{self, NewEntry};
use entente_store::{
    Db, accounts, advisories, attachments, cases, counters, idempotency, jobs, ledger, limits,
    messages, registers, reports, search, sessions, snapshots, subscriptions, vault,
};
use uuid::Uuid;

pub const T: Timestamp = Timestamp(1_794_820_320_000_000);
/// Stands in every sealed field.
pub const CANARY: &str = "canary-7f3a9c";

pub fn case_id(n: u64) -> CaseId {
    CaseId(Uuid::from_u128(u128::from(n) + 1_000))
}

pub fn entry(text: &str) -> NewEntry {
    NewEntry {
        kind: "case_opened",
        actor: "system:intake".to_owned(),
        at: T,
        payload: text.as_bytes().to_vec(),
    }
}

fn summary(n: u64) -> CaseSummary {
    CaseSummary {
        id: case_id(n),
        number: i64::try_from(n).unwrap(),
        version: 3,
        stage: Stage::Receipt,
        priority: Priority::Unset,
        owner: None,
        restricted: n.is_multiple_of(2),
        tlp: Tlp::Amber,
        source: Source::External,
        publicity: Publicity::None,
        exploited: false,
        reporter_waits: false,
        next_step: NextStep::Acknowledge,
        next_due: Some(T.plus_days(1)),
        opened_at: T,
        updated_at: T,
        members: vec![UserId(Uuid::from_u128(1))],
        clocks: vec![Clock {
            kind: ClockKind::AcknowledgementLimit,
            report: None,
            started_at: T,
            due_at: T.plus_days(7),
            stopped_at: None,
            paused: None,
            breach_reason: None,
        }],
        title: format!("{CANARY} title {n}"),
        products: vec!["EdgeGate".to_owned()],
        cve: None,
        score_tenths: None,
    }
}

/// A case with everything that hangs on it.
pub async fn case(db: &Db, n: u64) {
    let blobs = attachments::FolderBlobs::new(db.data_dir()).unwrap();
    let file = AttachmentId(Uuid::from_u128(u128::from(n) + 2_000));
    let mut sealer = attachments::Sealer::begin(&blobs, file, db.random()).unwrap();
    let content = format!("{CANARY} file {n} ").repeat(20);
    sealer.push(content.as_bytes()).unwrap();
    let (bytes, hash, key) = sealer.finish().unwrap();
    db.write(move |tx| {
        let s = summary(n);
        journal::create_stream(tx, s.id.0, "case", T)?;
        let entries: Vec<NewEntry> = (1..=3).map(|i| entry(&format!("{CANARY} {i}"))).collect();
        journal::append(tx, s.id.0, 0, &entries)?;
        cases::save(tx, &s)?;
        snapshots::put(tx, s.id.0, 3, CANARY.as_bytes())?;
        search::index(tx, s.number, &search::words(&s.title))?;
        let report = ReportId(Uuid::from_u128(u128::from(n) + 3_000));
        reports::insert(
            tx,
            &ReportSummary {
                id: report,
                number: s.number,
                case: s.id,
                reference: format!("REF{n:07}"),
                source: Source::External,
                channel: Channel::Form,
                received_at: T,
                acknowledged_at: None,
                closed_as: None,
                title: s.title.clone(),
            },
            Some([u8::try_from(n % 256).unwrap(); 32]),
        )?;
        vault::put(tx, report, s.id, CANARY.as_bytes())?;
        messages::insert(
            tx,
            &messages::Message {
                id: MessageId(Uuid::from_u128(u128::from(n) + 4_000)),
                case: s.id,
                thread: Some(report.0),
                audience: Audience::Reporter,
                at: T,
                body: CANARY.as_bytes().to_vec(),
            },
        )?;
        attachments::insert(
            tx,
            &attachments::Attachment {
                id: file,
                case: s.id,
                at: T,
                facts: attachments::Facts {
                    name: format!("{CANARY}.txt"),
                    bytes,
                    sha256: data_encoding::HEXLOWER.encode(&hash),
                    report: Some(report),
                },
                key: key.clone(),
            },
        )
    })
    .await
    .unwrap();
}

/// Signs a head over everything so far.
pub async fn head(db: &Db) -> ledger::Checkpoint {
    db.write(|tx| {
        while ledger::order_new_entries(tx, 100)? > 0 {}
        ledger::checkpoint(tx, T, 4)
    })
    .await
    .unwrap()
}

/// A store with `n` cases, a row in every other table, and a head over all.
pub async fn filled(db: &Db, n: u64) -> ledger::Checkpoint {
    for i in 1..=n {
        case(db, i).await;
        if i == n / 2 {
            head(db).await;
        }
    }
    db.write(|tx| {
        let body = CANARY.as_bytes().to_vec();
        let account = UserId(Uuid::from_u128(1));
        counters::next(tx, "case")?;
        accounts::save(
            tx,
            &accounts::Account {
                id: account,
                login: [1; 32],
                disabled: false,
                roles: vec![Role::Analyst, Role::Lead],
                created_at: T,
                body: body.clone(),
            },
        )?;
        accounts::add_token(
            tx,
            &accounts::ApiToken {
                token: [2; 32],
                id: Uuid::from_u128(2),
                account,
                scopes: "read".to_owned(),
                created_at: T,
                expires_at: T.plus_days(1),
                body: body.clone(),
            },
        )?;
        accounts::add_link(
            tx,
            &accounts::Link {
                token: [3; 32],
                kind: "invitation".to_owned(),
                account,
                expires_at: T.plus_days(1),
                used_at: None,
                body: body.clone(),
            },
        )?;
        sessions::insert(
            tx,
            &sessions::Session {
                token: [4; 32],
                id: Uuid::from_u128(4),
                account: Some(account),
                report: None,
                created_at: T,
                seen_at: T,
                expires_at: T.plus_days(1),
                body: body.clone(),
            },
        )?;
        registers::save(
            tx,
            "product",
            &registers::Document {
                id: Uuid::from_u128(5),
                version: 1,
                updated_at: T,
                body: body.clone(),
            },
        )?;
        advisories::publish(
            tx,
            &advisories::Published {
                public_id: "EX-2026-0001".to_owned(),
                revision: 1,
                current: true,
                case: case_id(1),
                file_name: "ex-2026-0001.json".to_owned(),
                imported: false,
                first_released_at: T,
                released_at: T,
                listing: b"{}".to_vec(),
                document: b"{\"public\":true}".to_vec(),
                signature: Vec::new(),
            },
        )?;
        subscriptions::insert(
            tx,
            &subscriptions::Subscription {
                id: Uuid::from_u128(6),
                address: [6; 32],
                confirmed_at: None,
                token: [7; 32],
                created_at: T,
                body: body.clone(),
            },
        )?;
        jobs::enqueue(tx, Uuid::from_u128(7), "mail", None, T, &body)?;
        idempotency::put(tx, "key", "scope", &[1; 32], &body, T)?;
        limits::take(tx, &[1; 32], 10, T).map(drop)
    })
    .await
    .unwrap();
    head(db).await
}
