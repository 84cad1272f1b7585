//! The acceptance scenario on a test clock, in one instance: a flaw of a TLS library, four vendors
//! and a coordinator. Each step shows what it has to show and refuses what it has to refuse; what
//! the software cannot do yet is named in [`PENDING`].

mod stage;

use self::stage::*;
use crate::rooms::{participant, propose, sign, terms};
use crate::support::{CLIENT, World};
use entente_domain::access::Role;
use entente_domain::clock::ClockKind;
use entente_domain::command::{Command, ReportForm};
use entente_domain::coordination::EmbargoState;
use entente_domain::coordination::room::{Closed, Need, ParticipantStep, Standing};
use entente_domain::ids::{ParticipantId, RemediationId};
use entente_domain::kinds::*;
use entente_domain::rule::RuleId;
use entente_service::{ServiceError, advisories, cases, jobs, reports};

/// Steps, or parts of steps, that wait for something else, by name.
const PENDING: &[&str] = &[
    "3: confidentiality training",
    "4: products by SBOM, a copy in ROM as its own kind",
    "5: disclosure plan with constraints and fallback text",
    "8: the reporter's own consent",
    "9: another organisation takes the lead; exchange between instances",
    "10: blinded inquiry",
    "11: signed mail as a way in",
    "12: CVE reserved and published at CVE Services",
    "13: files of the room, watermarked for each recipient",
    "14: grid of status by vendor, with a second person for not affected",
    "15: hardware revisions; what a further party gains and costs",
    "17: planned notices to lists",
    "18: drafts of advisories exchanged",
    "19: drills",
    "20: monitor and snapshot of a sighting",
    "21: canaries and the leak room",
    "22: readiness, quorum, holding statements",
    "23: one instant over several channels of several organisations",
    "24 to 30: legal duties, later revisions of several parties, evaluation",
];

async fn step_1_report() -> Play {
    let w = World::new().await;
    let team = w.team().await;
    let form = ReportForm {
        product: "EdgeGate".to_owned(),
        description: "A record of length 0x4001 writes past the end.".to_owned(),
        ..ReportForm::default()
    };
    // No name, no address.
    let submitted = w.submit(form, "").await;
    let code = submitted.receipt_code.clone().unwrap();
    let session = reports::enter(&w.app, &code.grouped(), CLIENT)
        .await
        .unwrap();
    let reporter = reports::reporter(&w.app, &session.token).await.unwrap();
    let play = Play {
        case: submitted.case,
        report: submitted.report,
        reporter: reporter.unwrap(),
        w,
        team,
    };
    let case = play.case().await;
    for kind in [
        ClockKind::AcknowledgementTarget,
        ClockKind::AcknowledgementLimit,
    ] {
        assert!(case.open_clock(kind, Some(play.report)).is_some(), "{kind}");
    }
    // What goes out by itself is no acknowledgement.
    jobs::run_due(&play.w.app).await.unwrap();
    assert!(play.case().await.reports[0].acknowledged_at.is_none());
    play
}

async fn steps_2_to_4_handling(play: &Play) {
    play.to(0, 10, 5);
    let report = play.report;
    let body = "Thank you. We are looking into it.".to_owned();
    play.analyst(Command::Acknowledge { report, body }).await;
    let thread = reports::thread(&play.w.app, &play.reporter).await.unwrap();
    assert!(thread.acknowledged_at.is_some() && thread.next_update.is_some());

    play.to(1, 9, 0);
    let owner = play.team.analyst.user().unwrap();
    play.analyst(Command::Assign { owner }).await;
    play.analyst(Command::StartVerification {}).await;
    play.analyst(Command::RecordVerification {
        environment: "Lab 2, EdgeGate revision B".to_owned(),
        build: "4.2.7".to_owned(),
        steps: "As reported.".to_owned(),
        verdict: Verdict::Confirmed,
        note: String::new(),
    })
    .await;
    let vector = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
    play.analyst(Command::Score {
        vector: vector.to_owned(),
    })
    .await;
    play.analyst(Command::AssessPriority {
        exploitation: "none".to_owned(),
        utility: "efficient".to_owned(),
        technical_impact: "total".to_owned(),
        public_safety: "minimal".to_owned(),
    })
    .await;
    // Who has no part in the case does not find it, and the vault is for those who handle it.
    let outsider = crate::support::staff(
        entente_domain::ids::UserId(uuid::Uuid::from_u128(77)),
        &[Role::ProductContact],
    );
    assert!(matches!(
        cases::open(&play.w.app, &outsider, play.case).await,
        Err(ServiceError::NotFound)
    ));
    let vault =
        cases::read_identity(&play.w.app, &play.team.legal, play.case, report, "To call").await;
    assert!(vault.is_err());

    play.to(2, 9, 0);
    play.analyst(Command::SetWeakness {
        cwe: "CWE-787".to_owned(),
    })
    .await;
    play.analyst(Command::RecordRootCause {
        text: "The record parser of the library trusts the length.".to_owned(),
    })
    .await;
    let exit = |handed_to: &str, notice: &str| Command::Exit {
        reason: ExitReason::OtherVendor,
        note: "It is the library's".to_owned(),
        notice: notice.to_owned(),
        duplicate_of: None,
        siblings_checked: true,
        handed_to: handed_to.to_owned(),
    };
    let analyst = &play.team.analyst;
    play.refuses(analyst, exit("", "It is another vendor's."))
        .await;
    play.refuses(analyst, exit("Lattice", "")).await;
}

async fn steps_5_to_7_terms(play: &Play) {
    let lead = play.team.lead.clone();
    // No embargo without an end ahead, nor beyond what the policy allows.
    let past = propose(YEAR_END, at(1, 0, 0), "", "Others ship it");
    assert_eq!(play.refuses(&lead, past).await, RuleId::ExactEnd);
    let beyond = propose(YEAR_END, at(700, 0, 0), "", "Others ship it");
    assert_eq!(play.refuses(&lead, beyond).await, RuleId::ExactEnd);
    let mut first = propose(YEAR_END, at(45, 12, 0), "", "Others ship it");
    if let Command::ProposeEmbargo {
        revisions_allowed, ..
    } = &mut first
    {
        *revisions_allowed = 1;
    }
    play.lead(first).await;

    play.to(3, 9, 0);
    let lattice = play.w.party(&lead, NAMES[0]).await;
    // A component's name passes; a word that tells of the flaw does not.
    let telling = invite_as(LATTICE, lattice, Need::Upstream, "Lattice overflow");
    assert_eq!(play.refuses(&lead, telling).await, RuleId::TeaserWords);
    play.lead(invite_as(LATTICE, lattice, Need::Upstream, "Lattice"))
        .await;
    let brief = "The parser trusts the length of a record.";
    play.lead(Command::ShareBrief {
        text: brief.to_owned(),
    })
    .await;
    play.sign_in_for(LATTICE).await;
    let room = play.w.room(&play.guest(LATTICE)).await;
    assert_eq!(room.content, Err(Closed::NotSigned));
    assert_eq!(room.own.component, "Lattice");
    assert!(room.to_sign.is_some() && room.own.reply_by >= at(6, 9, 0));

    // Shortest wins: Lattice's end is in force, ours is the wish for a revision.
    play.to(4, 9, 0);
    let theirs = propose(
        MID_DECEMBER,
        at(30, 12, 0),
        "Lattice's steward",
        "Our policy says 30 days",
    );
    play.party(LATTICE, theirs).await;
    let room = play.embargo().await;
    let now = play.w.app.now();
    assert_eq!(
        room.embargo.in_force_at(now).unwrap().id,
        terms(MID_DECEMBER)
    );
    assert_eq!(room.embargo.state_at(now), EmbargoState::Revise);
    let open: Vec<_> = room.embargo.open.iter().map(|o| o.terms.id).collect();
    assert_eq!(open, [terms(YEAR_END)]);
    assert_eq!(play.reads(LATTICE).await.as_deref(), Ok(brief));
    assert_eq!(play.case().await.embargo_until, Some(at(30, 12, 0)));
}

async fn step_11_others(play: &Play) {
    play.to(7, 9, 0);
    let lead = play.team.lead.clone();
    for n in [BIRCH, CEDAR, TENTH] {
        let party = play
            .w
            .party(&lead, NAMES[usize::try_from(n - 1).unwrap()])
            .await;
        play.lead(invite_as(n, party, Need::SharedComponent, "Lattice"))
            .await;
        play.sign_in_for(n).await;
    }
    for n in [BIRCH, CEDAR] {
        assert_eq!(play.reads(n).await, Err(Closed::NotSigned));
        play.party(n, sign(n, MID_DECEMBER)).await;
        assert!(play.reads(n).await.is_ok());
        play.party(
            n,
            Command::ReportStanding {
                participant: participant(n),
                step: ParticipantStep::Validate,
                note: String::new(),
            },
        )
        .await;
    }
    play.party(
        TENTH,
        Command::DeclineTerms {
            participant: participant(TENTH),
            terms: None,
            reason: "We publish in 7 days".to_owned(),
        },
    )
    .await;
    assert_eq!(play.reads(TENTH).await, Err(Closed::Declined));
    let guest = play.guest(TENTH);
    let write = Command::ParticipantWrites {
        participant: participant(TENTH),
        body: "What is it?".to_owned(),
    };
    assert_eq!(play.refuses(&guest, write).await, RuleId::ConsentGate);
    let to_tenth = Command::WriteToParticipants {
        participant: Some(participant(TENTH)),
        body: "It is".to_owned(),
    };
    assert_eq!(play.refuses(&lead, to_tenth).await, RuleId::ConsentGate);
}

async fn step_16_revision(play: &Play) {
    play.to(15, 9, 0);
    let lead = play.team.lead.clone();
    play.lead(Command::WithdrawProposal {
        terms: terms(YEAR_END),
        reason: "A freeze lies on it".to_owned(),
    })
    .await;
    let mut january = propose(
        JANUARY,
        at(58, 12, 0),
        "",
        "Revision B is ready on 8 January",
    );
    if let Command::ProposeEmbargo { reply_by, .. } = &mut january {
        // Asked for tomorrow, and moved: nobody is given less than 72 hours.
        *reply_by = at(16, 9, 0);
    }
    play.lead(january).await;
    let room = play.embargo().await;
    assert_eq!(room.embargo.open[0].reply_by, at(18, 9, 0));
    play.party(LATTICE, sign(LATTICE, JANUARY)).await;
    play.party(BIRCH, sign(BIRCH, JANUARY)).await;
    // Cedar stays silent: that is no yes, and while its time runs nobody rules.
    let rule = Command::AgreeEmbargo {
        terms: terms(JANUARY),
        reason: "Cedar was asked twice".to_owned(),
    };
    assert_eq!(
        play.refuses(&lead, rule.clone()).await,
        RuleId::SignatoriesAgree
    );
    let missing: Vec<_> = {
        let room = play.embargo().await;
        room.unanswered(&room.embargo.open[0])
            .map(|p| p.name.clone())
            .collect()
    };
    assert_eq!(missing, ["Cedar"]);
    // What was signed binds meanwhile, and opens.
    assert!(play.reads(CEDAR).await.is_ok());

    play.to(18, 9, 0);
    assert_eq!(
        play.refuses(&play.team.analyst, rule.clone()).await,
        RuleId::InvitedByLead
    );
    play.lead(rule).await;
    let room = play.embargo().await;
    assert_eq!(room.embargo.terms.as_ref().unwrap().id, terms(JANUARY));
    assert_eq!(room.embargo.revisions, 1);
    // Once, as was agreed.
    let again = propose(4, at(70, 12, 0), "", "Some more time");
    assert_eq!(play.refuses(&lead, again).await, RuleId::RevisionCap);
    // Cedar reads until the end that it signed, and not a second longer.
    play.to(30, 11, 59);
    assert!(play.reads(CEDAR).await.is_ok());
    play.to(30, 12, 0);
    assert_eq!(play.reads(CEDAR).await, Err(Closed::SignatureEnded));
    assert!(play.reads(BIRCH).await.is_ok());
    // A late yes is welcome.
    play.party(CEDAR, sign(CEDAR, JANUARY)).await;
    assert!(play.reads(CEDAR).await.is_ok());
}

async fn prepare_release(play: &Play) {
    let product = play.team.product;
    let remediation = RemediationId(uuid::Uuid::from_u128(1));
    let before = [
        Command::SetAffected {
            product,
            versions: "vers:semver/<4.2.8".to_owned(),
            status: Affectedness::Affected,
            justification: None,
            fixed_versions: "4.2.8".to_owned(),
            note: String::new(),
        },
        Command::SendToReporter {
            report: play.report,
            purpose: MessagePurpose::VerificationResult,
            body: "We can confirm it.".to_owned(),
        },
        tick("supported"),
        tick("other_vendors"),
        Command::StartRemediation {},
        Command::DecideRemediation {
            remediation,
            remedy: RemediationKind::Patch,
            products: vec![product],
            interim: false,
            description: "Update to 4.2.8.".to_owned(),
            rationale: "A small change.".to_owned(),
            upgrade_path: String::new(),
        },
        Command::ProduceRemediation {
            remediation,
            artefact: "build 4.2.8-1".to_owned(),
        },
        Command::TestRemediation {
            remediation,
            platform: "Revision B".to_owned(),
            passed: true,
            note: String::new(),
        },
        tick("regression"),
        Command::PrepareRelease {
            path: ReleasePath::Product,
            early_reason: String::new(),
        },
        Command::MakeAvailable {
            remediation,
            url: "https://alder.example/download".to_owned(),
        },
        Command::DraftAdvisory {
            title: "Record parser of a bundled library".to_owned(),
            summary: "A long record stops the gateway or runs code.".to_owned(),
            description: "The parser trusts the length of a record.".to_owned(),
            impact: "Code runs as the gateway.".to_owned(),
            acknowledgement: "We thank heron.".to_owned(),
            references: vec!["https://alder.example/kb/1".to_owned()],
            change: String::new(),
        },
        tick("fix_reachable"),
        Command::SubmitAdvisory {},
    ];
    for command in before {
        play.analyst(command).await;
    }
    play.lead(Command::AddMember {
        user: play.team.legal.user().unwrap(),
        role: CaseRole::Member,
        reason: "Legal review".to_owned(),
    })
    .await;
    let legal = Command::LegalReview {
        approved: true,
        comment: String::new(),
    };
    play.w.ok(&play.team.legal, play.case, legal).await;
    // Two people, and the date that was agreed.
    play.analyst(Command::GiveGo {}).await;
    let lead = &play.team.lead;
    assert_eq!(
        play.refuses(lead, Command::Publish {}).await,
        RuleId::TwoPersonGo
    );
    play.lead(Command::GiveGo {}).await;
    assert_eq!(
        play.refuses(lead, Command::Publish {}).await,
        RuleId::NotBeforeDate
    );
    assert!(
        advisories::published(&play.w.app, None, 10)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

async fn steps_20_and_21_leak(play: &Play) {
    play.to(44, 18, 40);
    let public = |publicity, evidence: &str| Command::RecordPublicity {
        publicity,
        evidence: evidence.to_owned(),
    };
    play.lead(public(
        Publicity::Partial,
        "A post with part of the trigger",
    ))
    .await;
    let case = play.case().await;
    let clock = case.open_clock(ClockKind::PublicityDecision, None).unwrap();
    assert_eq!(clock.due_at, at(44, 20, 40), "a decision within two hours");
    assert!(case.room.embargo.in_force_at(play.w.app.now()).is_some());
    play.lead(Command::DecidePublicity {
        end_embargo: false,
        reason: "No trigger that works".to_owned(),
    })
    .await;

    play.to(44, 20, 30);
    play.lead(public(Publicity::Full, "The whole of it")).await;
    let room = play.embargo().await;
    let now = play.w.app.now();
    assert_eq!(room.embargo.state_at(now), EmbargoState::Exited);
    assert!(room.embargo.in_force_at(now).is_none() && room.embargo.open.is_empty());
    // None begins anew, and nobody loses what they had.
    let anew = propose(5, at(70, 12, 0), "", "Once more");
    assert_eq!(
        play.refuses(&play.team.lead, anew).await,
        RuleId::OneEmbargo
    );
    for n in [LATTICE, BIRCH, CEDAR] {
        assert!(
            play.reads(n).await.is_ok(),
            "{}",
            NAMES[usize::try_from(n - 1).unwrap()]
        );
    }
    assert_eq!(play.reads(TENTH).await, Err(Closed::Declined));
}

async fn step_23_publication(play: &Play) {
    play.to(44, 22, 0);
    play.lead(Command::Publish {}).await;
    let published = advisories::published(&play.w.app, None, 10).await.unwrap();
    assert_eq!(published.items.len(), 1);
    let page = advisories::page(&play.w.app, &published.items[0].public_id)
        .await
        .unwrap();
    assert!(page.signed);
    for n in [LATTICE, BIRCH, CEDAR] {
        let content = play.w.room(&play.guest(n)).await.content.unwrap();
        assert_eq!(
            content.advisory.as_ref(),
            Some(&published.items[0].public_id)
        );
    }
    // Who declined reads of it what everybody reads.
    assert!(play.w.room(&play.guest(TENTH)).await.content.is_err());
    let room = play.embargo().await;
    let standing = |n: u128| {
        room.participant(ParticipantId(participant(n).0))
            .unwrap()
            .standing
    };
    assert_eq!(standing(TENTH), Standing::Declined);
    // No mail of the whole way said what it was about.
    jobs::run_due(&play.w.app).await.unwrap();
    for (name, mail) in play.w.mails() {
        for word in ["parser", "0x4001", "CWE", "heron", "overflow"] {
            assert!(!mail.contains(word), "{}: {word}\n{mail}", name.display());
        }
    }
}

#[tokio::test]
async fn the_scenario_runs_as_far_as_the_software_goes() {
    let play = step_1_report().await;
    steps_2_to_4_handling(&play).await;
    steps_5_to_7_terms(&play).await;
    step_11_others(&play).await;
    step_16_revision(&play).await;
    prepare_release(&play).await;
    steps_20_and_21_leak(&play).await;
    step_23_publication(&play).await;
    println!("shown: steps 1 to 7, 11, 16, 20, 21 and 23 as far as one instance goes; pending:");
    for step in PENDING {
        println!("  {step}");
    }
}
