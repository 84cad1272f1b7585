//! The whole way through the use cases: from a report by the public form to a published, signed
//! advisory, with the reporter's thread, the mails and the journal at the end.

use crate::support::{self, CLIENT, World};
use entente_documents::csaf::{Preset, Severity, v2_0};
use entente_domain::access::{Role, Viewer};
use entente_domain::command::{Command, ReportForm};
use entente_domain::ids::RemediationId;
use entente_domain::kinds::*;
use entente_service::{
    ServiceError, accounts, advisories, cases, jobs, openpgp, reports, signing_keys,
};

/// A word that may stand in no mail.
const CANARY: &str = "xylophone-canary";

#[tokio::test(flavor = "multi_thread")]
async fn from_report_to_published_advisory() {
    let w = World::new().await;
    let t = w.team().await;
    let app = &w.app;
    let Some(analyst_id) = t.analyst.user() else {
        panic!("staff")
    };
    let Some(legal_id) = t.legal.user() else {
        panic!("staff")
    };

    // The report, by somebody outside.
    let submitted = w
        .submit(
            ReportForm {
                product: format!("EdgeGate {CANARY}"),
                version: "4.2".to_owned(),
                title: format!("Crash by {CANARY}"),
                description: format!("A long header overruns a buffer: {CANARY}."),
                ..ReportForm::default()
            },
            "robin@reporter.example",
        )
        .await;
    let (case, report) = (submitted.case, submitted.report);
    let code = submitted.receipt_code.clone().unwrap();
    assert!(matches!(
        reports::enter(app, "AAAA-AAAA-AAAA-AAAA-AAAA", CLIENT).await,
        Err(ServiceError::NotFound)
    ));
    let session = reports::enter(app, &code.grouped(), CLIENT).await.unwrap();
    let reporter = reports::reporter(app, &session.token)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        reports::thread(app, &reporter)
            .await
            .unwrap()
            .steps
            .iter()
            .filter(|s| s.1.is_some())
            .count(),
        1
    );
    jobs::run_due(app).await.unwrap();

    // Who has no part in it cannot know that it exists.
    let outsider = accounts::create(
        app,
        "Gus Weber",
        "gus@psirt.example",
        "correct horse battery staple 7",
        &[Role::Auditor],
        false,
    )
    .await
    .unwrap();
    let outsider = support::staff(outsider, &[Role::Auditor]);
    assert!(matches!(
        cases::open(app, &outsider, case).await,
        Err(ServiceError::NotFound)
    ));
    assert!(matches!(
        cases::open(app, &Viewer::Public, case).await,
        Err(ServiceError::NotFound)
    ));

    // Receipt and verification.
    let a = &t.analyst;
    w.days(1);
    w.ok(
        a,
        case,
        Command::Acknowledge {
            report,
            body: "Thank you, we look at it.".to_owned(),
        },
    )
    .await;
    w.ok(a, case, Command::Assign { owner: analyst_id }).await;
    reports::write(app, &reporter, &format!("It also happens with {CANARY}."))
        .await
        .unwrap();
    w.ok(a, case, Command::StartVerification {}).await;
    w.ok(
        a,
        case,
        Command::RecordVerification {
            environment: "Lab 2".to_owned(),
            build: "4.2.7".to_owned(),
            steps: "Send the header.".to_owned(),
            verdict: Verdict::Confirmed,
            note: String::new(),
        },
    )
    .await;
    w.ok(
        a,
        case,
        Command::Score {
            vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".to_owned(),
        },
    )
    .await;
    w.ok(
        a,
        case,
        Command::AssessPriority {
            exploitation: "P".to_owned(),
            utility: "E".to_owned(),
            technical_impact: "T".to_owned(),
            public_safety: "M".to_owned(),
        },
    )
    .await;
    w.ok(
        a,
        case,
        Command::SetWeakness {
            cwe: "CWE-787".to_owned(),
        },
    )
    .await;
    let affected = Command::SetAffected {
        product: t.product,
        versions: "vers:semver/<4.2.8".to_owned(),
        status: Affectedness::Affected,
        justification: None,
        fixed_versions: "4.2.8".to_owned(),
        note: String::new(),
    };
    w.ok(a, case, affected).await;
    w.refused(a, case, Command::StartRemediation {}).await;
    w.ok(
        a,
        case,
        Command::SendToReporter {
            report,
            purpose: MessagePurpose::VerificationResult,
            body: "We can confirm it.".to_owned(),
        },
    )
    .await;
    for item in ["supported", "other_vendors"] {
        w.ok(a, case, tick(item)).await;
    }
    w.ok(a, case, Command::StartRemediation {}).await;

    // Remediation.
    let remediation = RemediationId(uuid::Uuid::from_u128(1));
    w.days(5);
    w.ok(
        a,
        case,
        Command::DecideRemediation {
            remediation,
            remedy: RemediationKind::Patch,
            products: vec![t.product],
            interim: false,
            description: "Update to 4.2.8.".to_owned(),
            rationale: "A small change.".to_owned(),
            upgrade_path: String::new(),
        },
    )
    .await;
    w.ok(
        a,
        case,
        Command::ProduceRemediation {
            remediation,
            artefact: "build 4.2.8-1".to_owned(),
        },
    )
    .await;
    w.ok(
        a,
        case,
        Command::TestRemediation {
            remediation,
            platform: "x86-64".to_owned(),
            passed: true,
            note: String::new(),
        },
    )
    .await;
    w.ok(a, case, tick("regression")).await;
    w.ok(
        a,
        case,
        Command::PrepareRelease {
            path: ReleasePath::Product,
            early_reason: String::new(),
        },
    )
    .await;

    // Release.
    w.ok(
        a,
        case,
        Command::MakeAvailable {
            remediation,
            url: "https://example.com/download".to_owned(),
        },
    )
    .await;
    w.ok(
        a,
        case,
        Command::DraftAdvisory {
            title: "Buffer overrun in the header parser".to_owned(),
            summary: "A long header stops the gateway or runs code.".to_owned(),
            description: "The parser copies a header without looking at its length.".to_owned(),
            impact: "Code runs as the gateway.".to_owned(),
            acknowledgement: String::new(),
            references: vec!["https://example.com/kb/1".to_owned()],
            change: String::new(),
        },
    )
    .await;
    let preview = advisories::preview(app, a, case).await.unwrap();
    assert_eq!(preview.findings, Vec::<String>::new());
    w.ok(a, case, tick("fix_reachable")).await;
    w.ok(a, case, Command::SubmitAdvisory {}).await;
    w.ok(
        &t.lead,
        case,
        Command::AddMember {
            user: legal_id,
            role: CaseRole::Member,
            reason: "Legal review".to_owned(),
        },
    )
    .await;
    w.refused(&t.lead, case, Command::Publish {}).await;
    w.ok(
        &t.legal,
        case,
        Command::LegalReview {
            approved: true,
            comment: String::new(),
        },
    )
    .await;
    w.ok(a, case, Command::GiveGo {}).await;
    w.refused(&t.lead, case, Command::Publish {}).await;
    w.ok(&t.lead, case, Command::GiveGo {}).await;
    let before = app.now();
    w.ok(&t.lead, case, Command::Publish {}).await;

    // The document is valid, signed, and says what the page says.
    let published = advisories::published(app, None, 10).await.unwrap();
    assert_eq!(published.items.len(), 1);
    let public_id = published.items[0].public_id.clone();
    assert_eq!(public_id, "EX-2026-0001");
    let page = advisories::page(app, &public_id).await.unwrap();
    assert_eq!(
        (page.revision, page.score.as_deref(), page.signed),
        (1, Some("9.8"), true)
    );
    let file = advisories::file(app, "ex-2026-0001.json").await.unwrap();
    let judged = v2_0::validate(&file.bytes, Preset::Full);
    let errors: Vec<_> = judged
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .collect();
    assert!(judged.valid && errors.is_empty(), "{errors:?}");
    let signature = advisories::file(app, "ex-2026-0001.json.asc")
        .await
        .unwrap();
    let signature = String::from_utf8(signature.bytes).unwrap();
    let newest = signing_keys::all(app).await.unwrap().remove(0);
    let (fingerprint, key) = (newest.fingerprint, newest.certificate);
    let verified = openpgp::verify_detached(&key, &file.bytes, &signature, app.now()).unwrap();
    assert_eq!(verified.fingerprint, fingerprint);
    let mut changed = file.bytes.clone();
    changed.push(b' ');
    assert!(openpgp::verify_detached(&key, &changed, &signature, app.now()).is_err());

    // The reporter sees every step, and the advisory.
    w.clock.set(before);
    let session = reports::enter(app, &code.grouped(), CLIENT).await.unwrap();
    let reporter = reports::reporter(app, &session.token)
        .await
        .unwrap()
        .unwrap();
    let thread = reports::thread(app, &reporter).await.unwrap();
    assert_eq!(thread.advisory, Some(public_id));
    assert!(
        thread.steps.iter().all(|(_, at)| at.is_some()),
        "{:?}",
        thread.steps
    );
    assert_eq!(thread.messages.len(), 3, "{:?}", thread.messages);

    // Mails: each once, none with content.
    jobs::run_due(app).await.unwrap();
    let mails = w.mails();
    assert_eq!(jobs::run_due(app).await.unwrap(), 0);
    assert_eq!(w.mails().len(), mails.len());
    let to = |address: &str| mails.iter().filter(|(_, m)| m.contains(address)).count();
    // Receipt, acknowledgement, result.
    assert_eq!(to("To: robin@reporter.example"), 3);
    // The report while nobody owned the case; afterwards only its owner.
    assert_eq!(to("To: ada@psirt.example"), 1);
    assert_eq!(to("To: ben@psirt.example"), 2);
    for (name, mail) in &mails {
        for secret in [CANARY, "EdgeGate", "Crash", "header"] {
            assert!(
                !mail.contains(secret),
                "{}: {secret}\n{mail}",
                name.display()
            );
        }
    }

    // The journal recomputes.
    let entries = app
        .db()
        .read(move |tx| entente_store::journal::raw(tx, case.0, 0))
        .await
        .unwrap();
    assert!(entries.len() > 30, "{}", entries.len());
    let mut prev = entente_store::journal::genesis(case.0);
    for entry in &entries {
        assert_eq!(
            (entry.prev, entry.hash),
            (prev, entry.computed_hash(case.0)),
            "{}",
            entry.seq
        );
        prev = entry.hash;
    }

    // The end of the stability watch is told to whoever works on the case, once.
    w.days(31);
    jobs::run_due(app).await.unwrap();
    jobs::run_due(app).await.unwrap();
    let ended = w.mails();
    let ended = ended.iter().filter(|(_, m)| m.contains("Stability watch"));
    let ended: Vec<_> = ended.map(|(_, m)| m).collect();
    // The owner and the other member, each once.
    assert_eq!(ended.len(), 2, "{ended:?}");
    for to in ["To: ben@psirt.example", "To: chiara@psirt.example"] {
        assert_eq!(ended.iter().filter(|m| m.contains(to)).count(), 1, "{to}");
    }
}

fn tick(item: &str) -> Command {
    Command::TickChecklist {
        item: item.to_owned(),
        done: true,
        note: String::new(),
    }
}
