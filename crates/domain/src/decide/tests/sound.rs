//! Commands with sound payloads, for the tests.

use super::world::*;
use crate::command::Command;
use crate::coordination::room::{EndCause, Need, ParticipantRole, ParticipantStep};
use crate::ids::*;
use crate::kinds::*;
use crate::time::Timestamp;

pub fn acknowledge(n: u128) -> Command {
    Command::Acknowledge {
        report: report(n),
        body: "Thank you, we are on it.".into(),
    }
}
pub fn write(n: u128, purpose: MessagePurpose) -> Command {
    Command::SendToReporter {
        report: report(n),
        purpose,
        body: "Words.".into(),
    }
}
pub fn reporter_writes(n: u128) -> Command {
    Command::ReporterWrites {
        report: report(n),
        body: "More words.".into(),
    }
}
pub fn no_contact(n: u128) -> Command {
    Command::RecordNoContact {
        report: report(n),
        reason: "The mailbox is gone".into(),
    }
}
pub fn add(n: u128, role: CaseRole) -> Command {
    Command::AddMember {
        user: user(n),
        role,
        reason: "Needed here".into(),
    }
}
pub fn remove(n: u128) -> Command {
    Command::RemoveMember {
        user: user(n),
        reason: "Done here".into(),
    }
}
pub fn assign(n: u128) -> Command {
    Command::Assign { owner: user(n) }
}
pub fn restrict() -> Command {
    Command::Restrict {
        reason: "Sensitive".into(),
    }
}
pub fn verdict(verdict: Verdict) -> Command {
    Command::RecordVerification {
        environment: "Bench 3".into(),
        build: "4.2.1".into(),
        steps: "Send the header".into(),
        verdict,
        note: String::new(),
    }
}
pub fn priority() -> Command {
    Command::AssessPriority {
        exploitation: "poc".into(),
        utility: "efficient".into(),
        technical_impact: "total".into(),
        public_safety: "minimal".into(),
    }
}
pub fn affected(n: u128) -> Command {
    status(n, Affectedness::Affected)
}
pub fn status(n: u128, status: Affectedness) -> Command {
    Command::SetAffected {
        product: product(n),
        versions: "< 4.3".into(),
        status,
        justification: (status == Affectedness::NotAffected)
            .then_some(NotAffectedJustification::ComponentNotPresent),
        fixed_versions: "4.3".into(),
        note: String::new(),
    }
}
pub fn tick(item: &str) -> Command {
    Command::TickChecklist {
        item: item.into(),
        done: true,
        note: String::new(),
    }
}
pub fn decide_item(n: u128, remedy: RemediationKind, interim: bool) -> Command {
    decide_for(n, remedy, interim, vec![product(1)])
}
pub fn decide_for(
    n: u128,
    remedy: RemediationKind,
    interim: bool,
    products: Vec<ProductId>,
) -> Command {
    Command::DecideRemediation {
        remediation: item(n),
        remedy,
        products,
        interim,
        description: "Bound the copy".into(),
        rationale: "Smallest change".into(),
        upgrade_path: "Version 5".into(),
    }
}
pub fn produce(n: u128) -> Command {
    Command::ProduceRemediation {
        remediation: item(n),
        artefact: "commit 1234".into(),
    }
}
pub fn test(n: u128, passed: bool) -> Command {
    Command::TestRemediation {
        remediation: item(n),
        platform: "linux".into(),
        passed,
        note: "Seen".into(),
    }
}
pub fn available(n: u128) -> Command {
    Command::MakeAvailable {
        remediation: item(n),
        url: "https://example.test/4.3".into(),
    }
}
pub fn drop_item(n: u128) -> Command {
    Command::DropRemediation {
        remediation: item(n),
        reason: "Another one is better".into(),
    }
}
pub fn prepare(path: ReleasePath) -> Command {
    Command::PrepareRelease {
        path,
        early_reason: String::new(),
    }
}
pub fn score() -> Command {
    Command::Score {
        vector: "CVSS:4.0/AV:N".into(),
    }
}
pub fn weakness() -> Command {
    Command::SetWeakness {
        cwe: "CWE-787".into(),
    }
}
pub fn draft(change: &str, text: &str) -> Command {
    Command::DraftAdvisory {
        title: "Gateway: overflow".into(),
        summary: "An overflow.".into(),
        description: text.into(),
        impact: String::new(),
        acknowledgement: String::new(),
        references: vec!["https://example.test/ref".into()],
        change: change.into(),
    }
}
pub fn legal_says(approved: bool) -> Command {
    Command::LegalReview {
        approved,
        comment: "Read".into(),
    }
}
pub fn embargo(until: Option<Timestamp>) -> Command {
    Command::SetEmbargoDate {
        until,
        reason: "Agreed".into(),
    }
}
pub fn publicity(publicity: Publicity) -> Command {
    Command::RecordPublicity {
        publicity,
        evidence: "https://example.test/post".into(),
    }
}
pub fn exploited() -> Command {
    Command::RecordExploitation {
        evidence: "Honeypot".into(),
    }
}
pub fn decide_publicity(end_embargo: bool) -> Command {
    Command::DecidePublicity {
        end_embargo,
        reason: "Weighed".into(),
    }
}
pub fn tlp(tlp: Tlp) -> Command {
    Command::SetTlp {
        tlp,
        reason: "Agreed".into(),
    }
}
pub fn add_task(n: u128, kind: TaskKind, due: Timestamp) -> Command {
    Command::AddTask {
        task: task(n),
        kind,
        title: "Follow up".into(),
        owner: None,
        due,
    }
}
pub fn exit(reason: ExitReason) -> Command {
    Command::Exit {
        reason,
        note: "Looked at".into(),
        notice: "We close this, because …".into(),
        duplicate_of: (reason == ExitReason::Duplicate).then(|| case_id(2)),
        siblings_checked: reason == ExitReason::ObsoleteProduct,
        handed_to: if reason == ExitReason::OtherVendor {
            "Vendor B".into()
        } else {
            String::new()
        },
    }
}
pub fn reopen() -> Command {
    Command::Reopen {
        reason: "New facts".into(),
    }
}
pub fn merge() -> Command {
    Command::MergeInto {
        target: case_id(2),
        reason: "The same flaw".into(),
    }
}
pub fn revise() -> Command {
    Command::ReviseAdvisory {
        reason: "New versions".into(),
    }
}
pub fn pause(clock: crate::clock::ClockKind) -> Command {
    Command::PauseClock {
        clock,
        reason: "Waiting for parts".into(),
    }
}

/// Terms `n` until `ends_at`, which may be extended once and leave the last word to a lead.
pub fn propose(n: u128, ends_at: Timestamp) -> Command {
    Command::ProposeEmbargo {
        terms: terms(n),
        ends_at,
        reason: "Time for everybody's fix".into(),
        reply_by: MONDAY.plus_days(7),
        revisions_allowed: 1,
        lead_rules: true,
        carve_outs: String::new(),
        signer: "Q. Guest".into(),
    }
}
pub fn invite(n: u128) -> Command {
    Command::InviteParty {
        participant: participant(n),
        party: party(n),
        roles: vec![ParticipantRole::Vendor, ParticipantRole::Deployer],
        need: Need::SharedComponent,
        reason: "Ships the component".into(),
        component: "Lattice".into(),
        versions: "3.2 to 3.4".into(),
        note: "We ask for your answer.".into(),
        reply_by: MONDAY.plus_days(7),
    }
}
pub fn renew(n: u128) -> Command {
    Command::RenewInvitation {
        participant: participant(n),
        reply_by: MONDAY.plus_days(14),
        reason: "Asked again".into(),
    }
}
pub fn give_link(n: u128, l: u128) -> Command {
    Command::GiveGuestLink {
        participant: participant(n),
        link: link(l),
        name: "Pat Colleague".into(),
        mail: "pat@party.example".into(),
        reason: "Builds the patch".into(),
    }
}
pub fn revoke_link(link: GuestLinkId) -> Command {
    Command::RevokeGuestLink {
        link,
        reason: "Left the company".into(),
    }
}
pub fn take_out(n: u128) -> Command {
    Command::RemoveParticipant {
        participant: participant(n),
        reason: "Is not concerned".into(),
    }
}
pub fn sign(n: u128, t: u128) -> Command {
    Command::SignTerms {
        participant: participant(n),
        terms: terms(t),
        signer: "Q. Guest".into(),
    }
}
pub fn decline(n: u128, t: Option<u128>) -> Command {
    Command::DeclineTerms {
        participant: participant(n),
        terms: t.map(terms),
        reason: "Not with us".into(),
    }
}
pub fn leave(n: u128) -> Command {
    Command::LeaveCase {
        participant: participant(n),
        reason: "Is done".into(),
    }
}
pub fn agree(t: u128) -> Command {
    Command::AgreeEmbargo {
        terms: terms(t),
        reason: "Everybody was heard".into(),
    }
}
pub fn reject(t: u128) -> Command {
    Command::RejectEmbargo {
        terms: terms(t),
        reason: "Too long".into(),
    }
}
pub fn withdraw(t: u128) -> Command {
    Command::WithdrawProposal {
        terms: terms(t),
        reason: "Not needed".into(),
    }
}
pub fn end_embargo() -> Command {
    Command::EndEmbargo {
        cause: EndCause::FixReady,
        reason: "Every fix is out".into(),
    }
}
pub fn standing(n: u128, step: ParticipantStep) -> Command {
    Command::ReportStanding {
        participant: participant(n),
        step,
        note: String::new(),
    }
}
pub fn brief() -> Command {
    Command::ShareBrief {
        text: "A long header overflows a buffer.".into(),
    }
}
pub fn tell(n: Option<u128>) -> Command {
    Command::WriteToParticipants {
        participant: n.map(participant),
        body: "Here is the patch.".into(),
    }
}
pub fn party_writes(n: u128) -> Command {
    Command::ParticipantWrites {
        participant: participant(n),
        body: "We see it, too.".into(),
    }
}
