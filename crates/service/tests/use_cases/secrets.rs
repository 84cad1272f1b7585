//! What others may not notice of a restricted case, and what the team must be told.

use crate::support::{World, staff};
use entente_domain::access::Role;
use entente_domain::command::{Command, ReportForm};
use entente_domain::entry::Entry;
use entente_domain::kinds::ExitReason;
use entente_service::{accounts, cases, figures};

fn form(product: &str) -> ReportForm {
    ReportForm {
        product: product.to_owned(),
        description: "It breaks when poked.".to_owned(),
        ..ReportForm::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restricted_case_moves_no_figure_of_who_may_not_read_it() {
    let w = World::new().await;
    let t = w.team().await;
    let password = "correct horse battery staple 7";
    let (name, mail) = ("Gus Weber", "gus@psirt.example");
    let auditor = accounts::create(&w.app, name, mail, password, &[Role::Auditor], false)
        .await
        .unwrap();
    let auditor = staff(auditor, &[Role::Auditor]);
    let (name, mail) = ("Hal Ito", "hal@psirt.example");
    let other = accounts::create(&w.app, name, mail, password, &[Role::Analyst], false)
        .await
        .unwrap();
    let other = staff(other, &[Role::Analyst]);
    w.submit(form("EdgeGate"), "one@reporter.example").await;
    let secret = w.submit(form("Core"), "two@reporter.example").await.case;
    let restrict = Command::Restrict {
        reason: "Named customer".to_owned(),
    };
    w.ok(&t.analyst, secret, restrict).await;
    // Who answers for the process or audits it counts all; the others what they may read.
    for (viewer, cases) in [(&auditor, 2), (&t.lead, 2), (&t.analyst, 2), (&other, 1)] {
        let seen = figures::page(&w.app, viewer).await.unwrap();
        assert_eq!((seen.cases, seen.open), (cases, cases));
    }
}

/// The entry of a notice names the message that the reporter reads.
#[tokio::test(flavor = "multi_thread")]
async fn an_exit_notice_is_the_message_that_the_journal_names() {
    let w = World::new().await;
    let t = w.team().await;
    let case = w
        .submit(form("EdgeGate"), "one@reporter.example")
        .await
        .case;
    let exit = Command::Exit {
        reason: ExitReason::Junk,
        note: "Advertising".to_owned(),
        notice: "We found no report in it.".to_owned(),
        duplicate_of: None,
        siblings_checked: false,
        handed_to: String::new(),
    };
    w.ok(&t.analyst, case, exit).await;
    let stored = cases::open(&w.app, &t.analyst, case)
        .await
        .unwrap()
        .messages;
    assert_eq!(stored.len(), 1);
    let payloads = w
        .app
        .db()
        .read(move |tx| entente_store::journal::read(tx, case.0, 0))
        .await
        .unwrap();
    let named: Vec<_> = payloads
        .iter()
        .filter_map(|e| e.payload.as_ref())
        .filter_map(|p| serde_json::from_slice(p).ok())
        .filter_map(|d: entente_domain::entry::Decided| match d.what {
            Entry::MessageToReporter { message, .. } | Entry::Acknowledged { message, .. } => {
                Some(message)
            }
            _ => None,
        })
        .collect();
    assert_eq!(named, [stored[0].id, stored[0].id]);
}
