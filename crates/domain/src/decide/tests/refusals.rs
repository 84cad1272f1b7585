//! Each rule that `decide` refuses under, in one scenario that shows its id.
//!
//! A rule without a scenario must be in [`MADE_ELSEWHERE`] with the reason; the test fails for
//! a rule that is in neither list.

use super::world::*;
use crate::access::Viewer;
use crate::clock::ClockKind;
use crate::command::{Command, ReportForm};
use crate::coordination::room::ParticipantStep;
use crate::decide::open_case;
use crate::entry::Contact;
use crate::kinds::*;
use crate::rule::{Refusal, RuleId};

type Scenario = fn() -> Refusal;

/// A scenario for each rule under which `decide` refuses.
const REFUSED: &[(RuleId, &str, Scenario)] = &[
    (RuleId::NeedToKnow, "ACC-1", || {
        World::new().refused(&administrator(), acknowledge(1))
    }),
    (RuleId::RolesFromLead, "ACC-2", || {
        World::new().refused(&analyst(), add(5, CaseRole::Member))
    }),
    (RuleId::IdentityVault, "ACC-3", || {
        let read = Command::ReadIdentity {
            report: report(1),
            reason: "Curious".into(),
        };
        World::new().refused(&support(), read)
    }),
    (RuleId::Registered, "REP-1", || {
        World::new().refused(&analyst(), no_contact(77))
    }),
    (RuleId::HumanAcknowledgement, "REP-2", || {
        World::new()
            .ok(&analyst(), acknowledge(1))
            .refused(&analyst(), acknowledge(1))
    }),
    (RuleId::MinimalReport, "REP-3", || {
        let one = intake(1, Source::External, Contact::Mail, ReportForm::default());
        open_case(&World::new().facts(), &one, MONDAY).unwrap_err()
    }),
    (RuleId::MergeTrace, "REP-4", || {
        let itself = Command::MergeInto {
            target: case_id(1),
            reason: "Same".into(),
        };
        World::new().refused(&lead(), itself)
    }),
    (RuleId::KeepInformed, "COM-1", || {
        World::new()
            .ok(&analyst(), no_contact(1))
            .refused(&analyst(), write(1, MessagePurpose::Update))
    }),
    (RuleId::TellResult, "COM-2", || {
        World::new()
            .confirmed()
            .ok(&analyst(), priority())
            .ok(&analyst(), affected(1))
            .refused(&analyst(), Command::StartRemediation {})
    }),
    (RuleId::TellExit, "COM-3", || {
        let mut silent = exit(ExitReason::Junk);
        if let Command::Exit { notice, .. } = &mut silent {
            notice.clear();
        }
        World::new().refused(&analyst(), silent)
    }),
    (RuleId::StageOrder, "PRO-1", || {
        World::new().refused(&analyst(), Command::StartRemediation {})
    }),
    (RuleId::Checklist, "PRO-2", || {
        World::new()
            .confirmed()
            .ok(&analyst(), priority())
            .ok(&analyst(), affected(1))
            .ok(&analyst(), write(1, MessagePurpose::VerificationResult))
            .refused(&analyst(), Command::StartRemediation {})
    }),
    (RuleId::ClosedCase, "PRO-3", || {
        World::new()
            .ok(&analyst(), exit(ExitReason::Junk))
            .refused(&analyst(), score())
    }),
    (RuleId::ReasonGiven, "PRO-4", || {
        let silent = Command::Restrict { reason: " ".into() };
        World::new().refused(&lead(), silent)
    }),
    (RuleId::Bounds, "PRO-5", || {
        let long = Command::SetTitle {
            title: "x".repeat(301),
        };
        World::new().refused(&analyst(), long)
    }),
    (RuleId::VerificationRecord, "VER-1", || {
        World::new()
            .verifying()
            .refused(&analyst(), exit(ExitReason::NonSecurity))
    }),
    (RuleId::AskFirst, "VER-2", || {
        World::new()
            .verifying()
            .ok(&analyst(), verdict(Verdict::NotReproduced))
            .ok(&analyst(), write(1, MessagePurpose::Question))
            .days(13)
            .refused(&analyst(), exit(ExitReason::Unverified))
    }),
    (RuleId::DuplicateLinked, "VER-3", || {
        let mut of_itself = exit(ExitReason::Duplicate);
        if let Command::Exit { duplicate_of, .. } = &mut of_itself {
            *duplicate_of = Some(case_id(1));
        }
        World::new().refused(&analyst(), of_itself)
    }),
    (RuleId::SupportedSiblings, "VER-4", || {
        let mut unchecked = exit(ExitReason::ObsoleteProduct);
        if let Command::Exit {
            siblings_checked, ..
        } = &mut unchecked
        {
            *siblings_checked = false;
        }
        World::new().refused(&analyst(), unchecked)
    }),
    (RuleId::HandOver, "VER-6", || {
        let mut kept = exit(ExitReason::OtherVendor);
        if let Command::Exit { handed_to, .. } = &mut kept {
            handed_to.clear();
        }
        World::new().refused(&analyst(), kept)
    }),
    (RuleId::ScoredByMethod, "VER-7", || {
        let mut w = World::new();
        let mut facts = w.facts();
        facts.score = Some(Err("The metric AV is missing.".into()));
        w.give_to(0, &facts, &analyst(), &score()).unwrap_err()
    }),
    (RuleId::Prioritised, "VER-8", || {
        World::new()
            .confirmed()
            .refused(&analyst(), Command::StartRemediation {})
    }),
    (RuleId::ProductsMapped, "VER-9", || {
        World::new()
            .confirmed()
            .ok(&analyst(), priority())
            .refused(&analyst(), Command::StartRemediation {})
    }),
    (RuleId::Justified, "VER-10", || {
        let mut bare = status(1, Affectedness::NotAffected);
        if let Command::SetAffected { justification, .. } = &mut bare {
            *justification = None;
        }
        World::new().refused(&analyst(), bare)
    }),
    (RuleId::Confirmed, "VER-11", || {
        World::new()
            .verifying()
            .refused(&analyst(), Command::StartRemediation {})
    }),
    (RuleId::RemediationOrder, "REM-1", || {
        World::new()
            .developing()
            .ok(&analyst(), decide_item(1, RemediationKind::Patch, false))
            .refused(&analyst(), test(1, true))
    }),
    (RuleId::UpgradePath, "REM-2", || {
        let mut stranded = decide_item(1, RemediationKind::NoneAvailable, false);
        if let Command::DecideRemediation { upgrade_path, .. } = &mut stranded {
            upgrade_path.clear();
        }
        World::new().developing().refused(&analyst(), stranded)
    }),
    (RuleId::EveryProductAnswered, "REM-3", || {
        World::new()
            .developing()
            .ok(&analyst(), tick("regression"))
            .refused(&analyst(), prepare(ReleasePath::Product))
    }),
    (RuleId::InterimFollowed, "REM-4", || {
        World::new()
            .developing()
            .ok(
                &analyst(),
                decide_item(1, RemediationKind::Workaround, true),
            )
            .ok(&analyst(), produce(1))
            .ok(&analyst(), test(1, true))
            .ok(&analyst(), available(1))
            .ok(&analyst(), tick("regression"))
            .ok(&analyst(), prepare(ReleasePath::Product))
            .ok(&analyst(), score())
            .ok(&analyst(), weakness())
            .ok(&analyst(), draft("", "Text"))
            .ok(&analyst(), Command::SubmitAdvisory {})
            .with_legal()
            .ok(&legal(), legal_says(true))
            .ok(&analyst(), Command::GiveGo {})
            .ok(&lead(), Command::GiveGo {})
            .ok(&analyst(), tick("fix_reachable"))
            .ok(&lead(), Command::Publish {})
            .refused(&lead(), Command::Complete { note: "".into() })
    }),
    (RuleId::AdvisoryComplete, "REL-2", || {
        World::new()
            .releasing()
            .ok(&analyst(), draft("", "Text"))
            .refused(&analyst(), Command::SubmitAdvisory {})
    }),
    (RuleId::LegalGate, "REL-3", || {
        World::new()
            .submitted()
            .refused(&lead(), Command::Publish {})
    }),
    (RuleId::TwoPersonGo, "REL-4", || {
        World::new()
            .submitted()
            .with_legal()
            .ok(&legal(), legal_says(true))
            .ok(&lead(), Command::GiveGo {})
            .refused(&lead(), Command::GiveGo {})
    }),
    (RuleId::ApprovedText, "REL-5", || {
        World::new()
            .submitted()
            .refused(&analyst(), draft("", "Other words"))
    }),
    (RuleId::NotBeforeDate, "REL-6", || {
        World::new()
            .approved()
            .ok(&analyst(), embargo(Some(MONDAY.plus_days(9))))
            .refused(&lead(), Command::Publish {})
    }),
    (RuleId::LabelledClear, "REL-7", || {
        World::new().refused(&lead(), tlp(Tlp::Clear))
    }),
    (RuleId::PostRelease, "POST-1", || {
        World::new()
            .published()
            .ok(
                &analyst(),
                add_task(1, TaskKind::Lesson, MONDAY.plus_days(9)),
            )
            .refused(&lead(), Command::Complete { note: "".into() })
    }),
    (RuleId::FactsRecorded, "FACT-1", || {
        World::new()
            .published()
            .refused(&lead(), publicity(Publicity::None))
    }),
    (RuleId::PublicityDecision, "FACT-2", || {
        World::new()
            .approved()
            .ok(&analyst(), exploited())
            .refused(&lead(), Command::Publish {})
    }),
    (RuleId::TlpRises, "TLP-1", || {
        World::new().refused(&analyst(), tlp(Tlp::Green))
    }),
    (RuleId::PauseWithReason, "CLK-1", || {
        World::new().refused(&lead(), pause(ClockKind::AcknowledgementLimit))
    }),
    (RuleId::ConsentGate, "EMB-1", || {
        World::new()
            .embargoed(1)
            .ok(&lead(), invite(2))
            .refused(&lead(), tell(Some(2)))
    }),
    (RuleId::EmbargoViable, "EMB-2", || {
        World::new()
            .ok(&lead(), publicity(Publicity::Full))
            .refused(&lead(), propose(1, MONDAY.plus_days(30)))
    }),
    (RuleId::OneEmbargo, "EMB-3", || {
        World::new()
            .embargoed(1)
            .ok(&lead(), end_embargo())
            .refused(&lead(), propose(2, MONDAY.plus_days(30)))
    }),
    (RuleId::ExactEnd, "EMB-4", || {
        World::new().refused(&lead(), propose(1, MONDAY.plus_days(91)))
    }),
    (RuleId::RevisionCap, "EMB-5", || {
        World::new()
            .embargoed(1)
            .ok(&lead(), propose(2, MONDAY.plus_days(40)))
            .days(30)
            .refused(&lead(), agree(2))
    }),
    (RuleId::ProposalOrder, "EMB-6", || {
        World::new()
            .embargoed(1)
            .ok(&lead(), propose(2, MONDAY.plus_days(40)))
            .ok(&guest(1), propose(3, MONDAY.plus_days(35)))
            .refused(&lead(), agree(2))
    }),
    (RuleId::SignatoriesAgree, "EMB-7", || {
        World::new()
            .embargoed(2)
            .ok(&lead(), propose(2, MONDAY.plus_days(40)))
            .ok(&guest(1), sign(1, 2))
            .refused(&lead(), agree(2))
    }),
    (RuleId::EndedWithReason, "EMB-8", || {
        World::new().embargoed(1).refused(&analyst(), end_embargo())
    }),
    (RuleId::TermsHoldTheDate, "EMB-9", || {
        World::new()
            .embargoed(1)
            .refused(&lead(), embargo(Some(MONDAY.plus_days(9))))
    }),
    (RuleId::InvitedByLead, "PTY-1", || {
        World::new()
            .ok(&lead(), propose(1, MONDAY.plus_days(30)))
            .refused(&analyst(), invite(1))
    }),
    (RuleId::LinkOfOne, "PTY-8", || {
        World::new()
            .embargoed(1)
            .ok(&lead(), give_link(1, 7))
            .ok(&lead(), revoke_link(link(7)))
            .refused(&lead(), revoke_link(link(7)))
    }),
    (RuleId::TermsFirst, "PTY-2", || {
        World::new().refused(&lead(), invite(1))
    }),
    (RuleId::TeaserWords, "PTY-3", || {
        let mut telling = invite(1);
        if let Command::InviteParty { note, .. } = &mut telling {
            "A long header overflows a buffer.".clone_into(note);
        }
        World::new()
            .ok(&lead(), propose(1, MONDAY.plus_days(30)))
            .refused(&lead(), telling)
    }),
    (RuleId::ReplyBy, "PTY-4", || {
        World::new()
            .embargoed(1)
            .ok(&lead(), invite(2))
            .ok(&guest(2), decline(2, None))
            .refused(&guest(2), sign(2, 1))
    }),
    (RuleId::SpeaksForItself, "PTY-5", || {
        World::new().embargoed(2).refused(&guest(1), leave(2))
    }),
    (RuleId::ParticipantSteps, "PTY-6", || {
        World::new()
            .embargoed(1)
            .refused(&guest(1), standing(1, ParticipantStep::FixDeployed))
    }),
    (RuleId::StillBound, "PTY-7", || {
        World::new()
            .embargoed(1)
            .ok(&guest(1), leave(1))
            .refused(&guest(1), leave(1))
    }),
];

/// Rules that entries are made under, and that refuse somewhere else or nowhere.
const MADE_ELSEWHERE: &[(RuleId, &str)] = &[
    (
        RuleId::Recheck,
        "the exit itself sets the date on which the report is looked at again",
    ),
    (
        RuleId::PathChosen,
        "the command cannot be written without a path: its type refuses",
    ),
    (
        RuleId::PolicyInForce,
        "without a policy the instance is in trial mode, which the service shows; no case is refused",
    ),
];

#[test]
fn every_rule_has_its_refusal_or_a_reason_why_not() {
    for rule in RuleId::ALL {
        let refused = REFUSED.iter().filter(|(r, ..)| r == rule).count();
        let elsewhere = MADE_ELSEWHERE.iter().filter(|(r, _)| r == rule).count();
        assert_eq!(refused + elsewhere, 1, "{rule} {rule:?}");
    }
}

#[test]
fn every_refusal_shows_its_rule() {
    for (rule, id, scenario) in REFUSED {
        let refusal = scenario();
        assert_eq!(refusal.rule, *rule, "{id}: {refusal}");
        assert_eq!(refusal.rule.as_str(), *id);
        assert!(refusal.to_string().ends_with(&format!("[{id}]")));
        assert!(!refusal.why.is_empty() && !refusal.remedy.is_empty());
    }
}

#[test]
fn ids_of_rules_are_unique_and_read_back() {
    let mut ids: Vec<&str> = RuleId::ALL.iter().map(|r| r.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RuleId::ALL.len());
    for rule in RuleId::ALL {
        let json = serde_json::to_string(rule).unwrap();
        assert_eq!(serde_json::from_str::<RuleId>(&json).unwrap(), *rule);
        assert!(!rule.source().is_empty() && rule.text().ends_with('.'));
    }
    assert!(serde_json::from_str::<RuleId>("\"NONE-1\"").is_err());
}

/// A refusal that concerns one field names it, so that a form can show it there.
#[test]
fn a_refused_field_is_named() {
    let mut w = World::new();
    let bad = |c: char| format!("a{c}b");
    let cases = [
        (Command::SetTitle { title: bad('\n') }, "title"),
        (
            Command::SetTitle {
                title: bad('\u{7}'),
            },
            "title",
        ),
        (
            Command::SetTitle {
                title: String::new(),
            },
            "title",
        ),
        (
            Command::SetCve {
                cve: "CVE-26-1".into(),
            },
            "cve",
        ),
        (embargo(Some(MONDAY)), "until"),
        (embargo(Some(MONDAY.plus_days(91))), "until"),
        (write(1, MessagePurpose::Acknowledgement), "purpose"),
        (write(1, MessagePurpose::ReleaseNotice), "purpose"),
        (assign(99), "owner"),
        (tick("no such item"), "item"),
        (add_task(1, TaskKind::Other, MONDAY.plus_days(-1)), "due"),
        (exit(ExitReason::Completed), "reason"),
    ];
    for (command, field) in cases {
        let kind = command.kind();
        assert_eq!(w.refused(&lead(), command).field, Some(field), "{kind}");
    }
    let comment = |audience| Command::Comment {
        audience,
        body: "Words".into(),
    };
    assert_eq!(
        w.rule(&lead(), comment(Audience::Reporter)),
        RuleId::KeepInformed
    );
    assert_eq!(
        w.rule(&analyst(), comment(Audience::Legal)),
        RuleId::LegalGate
    );
    assert_eq!(
        w.rule(&Viewer::Public, comment(Audience::Internal)),
        RuleId::NeedToKnow
    );
    assert_eq!(
        w.rule(&auditor(), comment(Audience::Internal)),
        RuleId::NeedToKnow
    );
}

/// Every exit, with what it asks for given, is open; and closes with a notice.
#[test]
fn every_exit_opens_when_its_precondition_is_met() {
    use ExitReason as E;
    for reason in [
        E::Duplicate,
        E::ObsoleteProduct,
        E::OtherVendor,
        E::Withdrawn,
        E::Junk,
    ] {
        let mut w = World::new();
        w.ok(&analyst(), exit(reason));
        assert_eq!(w.case().ending.as_ref().unwrap().exit, reason);
        assert!(w.case().reports[0].notice_at.is_some());
    }
    let mut w = World::new();
    w.verifying()
        .ok(&analyst(), verdict(Verdict::NotASecurityMatter))
        .ok(&analyst(), exit(E::NonSecurity));
    let recheck = w.case().open_clock(ClockKind::Recheck, None);
    assert_eq!(recheck.unwrap().due_at, MONDAY.plus_days(180));

    let mut w = World::new();
    w.verifying()
        .ok(&analyst(), verdict(Verdict::NotReproduced))
        .ok(&analyst(), write(1, MessagePurpose::Question))
        .days(14)
        .ok(&analyst(), exit(E::Unverified));
}
