//! Makes commands for the model: at random, sound and unsound, or the next useful one.
//!
//! Long file: one arm for each command, made at random or as the next useful one.

use super::world::*;
use crate::access::Viewer;
use crate::case::{AdvisoryState, Case};
use crate::clock::ClockKind;
use crate::command::{Command, CommandKind as K};
use crate::coordination::EmbargoState;
use crate::coordination::room::{EndCause, Need, ParticipantRole, ParticipantStep, Standing};
use crate::ids::*;
use crate::kinds::*;
use crate::time::Timestamp;

/// A small source of choices, made from one number, so that a failure shrinks.
pub struct Pick(pub u64);

impl Pick {
    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    fn yes(&mut self) -> bool {
        self.below(2) == 0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        let index = self.below(u64::try_from(all.len()).unwrap());
        all[usize::try_from(index).unwrap()]
    }

    /// A text; now and then an unsound one.
    fn text(&mut self) -> String {
        match self.below(20) {
            0 => String::new(),
            1 => "bell \u{7}".to_owned(),
            2 => "x".repeat(301),
            n => format!("Words {n}"),
        }
    }

    fn report(&mut self) -> ReportId {
        report(u128::from(self.of(&[1u64, 1, 1, 2, 2, 77])))
    }
    fn item(&mut self) -> RemediationId {
        item(u128::from(self.below(4)))
    }
    fn task(&mut self) -> TaskId {
        task(u128::from(self.below(4)))
    }
    fn product(&mut self) -> ProductId {
        product(u128::from(1 + self.below(4)))
    }
    fn user(&mut self) -> UserId {
        user(u128::from(1 + self.below(10)))
    }
    fn case(&mut self) -> CaseId {
        case_id(u128::from(self.of(&[1u64, 2, 1, 2, 3])))
    }
    fn instant(&mut self, now: Timestamp) -> Timestamp {
        let days = i64::try_from(self.below(120)).unwrap();
        now.plus_days(days - 10)
    }
    fn terms(&mut self) -> TermsId {
        terms(u128::from(self.below(5)))
    }
    fn participant(&mut self) -> ParticipantId {
        participant(u128::from(self.below(6)))
    }
    /// Mostly a clock that runs, so that pausing and resuming are reached.
    fn clock(&mut self, case: &Case) -> ClockKind {
        let running = case.clocks.iter().filter(|c| c.is_open());
        let open: Vec<ClockKind> = running.map(|c| c.kind).collect();
        if open.is_empty() || self.below(4) == 0 {
            self.of(ClockKind::ALL)
        } else {
            self.of(&open)
        }
    }
}

/// A command of a kind with random contents.
pub fn random(kind: K, p: &mut Pick, case: &Case, now: Timestamp) -> Command {
    match kind {
        K::Acknowledge => Command::Acknowledge {
            report: p.report(),
            body: p.text(),
        },
        K::SendToReporter => Command::SendToReporter {
            report: p.report(),
            purpose: p.of(MessagePurpose::ALL),
            body: p.text(),
        },
        K::ReporterWrites => Command::ReporterWrites {
            report: p.report(),
            body: p.text(),
        },
        K::SetCredit => Command::SetCredit {
            report: p.report(),
            credit: if p.yes() { Some(p.text()) } else { None },
        },
        K::RecordNoContact => Command::RecordNoContact {
            report: p.report(),
            reason: p.text(),
        },
        K::Comment => Command::Comment {
            audience: p.of(Audience::ALL),
            body: p.text(),
        },
        K::Assign => Command::Assign { owner: p.user() },
        K::AddMember => Command::AddMember {
            user: p.user(),
            role: p.of(CaseRole::ALL),
            reason: p.text(),
        },
        K::RemoveMember => Command::RemoveMember {
            user: p.user(),
            reason: p.text(),
        },
        K::Restrict => Command::Restrict { reason: p.text() },
        K::Unrestrict => Command::Unrestrict { reason: p.text() },
        K::SetTitle => Command::SetTitle { title: p.text() },
        K::SetTlp => Command::SetTlp {
            tlp: p.of(Tlp::ALL),
            reason: p.text(),
        },
        K::SetEmbargoDate => Command::SetEmbargoDate {
            until: if p.yes() { Some(p.instant(now)) } else { None },
            reason: p.text(),
        },
        K::StartVerification => Command::StartVerification {},
        K::RecordVerification => Command::RecordVerification {
            environment: p.text(),
            build: p.text(),
            steps: p.text(),
            verdict: p.of(Verdict::ALL),
            note: p.text(),
        },
        K::Score => Command::Score { vector: p.text() },
        K::AssessPriority => priority(),
        K::SetPriority => Command::SetPriority {
            priority: p.of(Priority::ALL),
            reason: p.text(),
        },
        K::SetWeakness => weakness(),
        K::RecordRootCause => Command::RecordRootCause { text: p.text() },
        K::RecordVariant => Command::RecordVariant {
            looked_at: p.text(),
            affected: p.yes(),
            note: p.text(),
        },
        K::SetAffected => Command::SetAffected {
            product: p.product(),
            versions: p.text(),
            status: p.of(Affectedness::ALL),
            justification: if p.yes() {
                Some(p.of(NotAffectedJustification::ALL))
            } else {
                None
            },
            fixed_versions: p.text(),
            note: p.text(),
        },
        K::SetCve => Command::SetCve {
            cve: p.of(&["CVE-2026-12345", "CVE-2026-1", "cve"]).to_owned(),
        },
        K::StartRemediation => Command::StartRemediation {},
        K::DecideRemediation => Command::DecideRemediation {
            remediation: p.item(),
            remedy: p.of(RemediationKind::ALL),
            products: (0..p.below(3)).map(|_| p.product()).collect(),
            interim: p.yes(),
            description: p.text(),
            rationale: p.text(),
            upgrade_path: p.text(),
        },
        K::ProduceRemediation => Command::ProduceRemediation {
            remediation: p.item(),
            artefact: p.text(),
        },
        K::TestRemediation => Command::TestRemediation {
            remediation: p.item(),
            platform: p.text(),
            passed: p.yes(),
            note: p.text(),
        },
        K::MakeAvailable => Command::MakeAvailable {
            remediation: p.item(),
            url: p
                .of(&["https://example.test/fix", "https://", "ftp://a", ""])
                .to_owned(),
        },
        K::DropRemediation => Command::DropRemediation {
            remediation: p.item(),
            reason: p.text(),
        },
        K::PrepareRelease => Command::PrepareRelease {
            path: p.of(ReleasePath::ALL),
            early_reason: if p.below(4) == 0 {
                p.text()
            } else {
                String::new()
            },
        },
        K::DraftAdvisory => Command::DraftAdvisory {
            title: p.text(),
            summary: p.text(),
            description: p.text(),
            impact: p.text(),
            acknowledgement: p.text(),
            references: vec!["https://example.test".to_owned()],
            change: p.text(),
        },
        K::SubmitAdvisory => Command::SubmitAdvisory {},
        K::RecallAdvisory => Command::RecallAdvisory { reason: p.text() },
        K::LegalReview => Command::LegalReview {
            approved: p.yes(),
            comment: p.text(),
        },
        K::GiveGo => Command::GiveGo {},
        K::WithdrawGo => Command::WithdrawGo { reason: p.text() },
        K::Publish => Command::Publish {},
        K::ReviseAdvisory => Command::ReviseAdvisory { reason: p.text() },
        K::AddTask => Command::AddTask {
            task: p.task(),
            kind: p.of(TaskKind::ALL),
            title: p.text(),
            owner: if p.yes() { Some(p.user()) } else { None },
            due: p.instant(now),
        },
        K::CompleteTask => Command::CompleteTask {
            task: p.task(),
            result: p.text(),
        },
        K::CancelTask => Command::CancelTask {
            task: p.task(),
            reason: p.text(),
        },
        K::TickChecklist => Command::TickChecklist {
            item: p
                .of(&["supported", "regression", "fix_reachable", "no such"])
                .to_owned(),
            done: p.yes(),
            note: p.text(),
        },
        K::RecordPublicity => Command::RecordPublicity {
            publicity: p.of(Publicity::ALL),
            evidence: p.text(),
        },
        K::RecordExploitation => Command::RecordExploitation { evidence: p.text() },
        K::DecidePublicity => Command::DecidePublicity {
            end_embargo: p.yes(),
            reason: p.text(),
        },
        K::PauseClock => Command::PauseClock {
            clock: p.clock(case),
            reason: p.text(),
        },
        K::ResumeClock => Command::ResumeClock {
            clock: p.clock(case),
        },
        K::ExplainBreach => Command::ExplainBreach {
            clock: p.clock(case),
            reason: p.text(),
        },
        K::ReadIdentity => Command::ReadIdentity {
            report: p.report(),
            reason: p.text(),
        },
        K::EraseIdentity => Command::EraseIdentity {
            report: p.report(),
            reason: p.text(),
        },
        K::AddAttachment => Command::AddAttachment {
            attachment: file(u128::from(p.below(9))),
            report: if p.yes() { Some(p.report()) } else { None },
            bytes: p.below(1 << 40),
        },
        K::Exit => Command::Exit {
            reason: p.of(ExitReason::ALL),
            note: p.text(),
            notice: p.text(),
            duplicate_of: if p.yes() { Some(p.case()) } else { None },
            siblings_checked: p.yes(),
            handed_to: p.text(),
        },
        K::MergeInto => Command::MergeInto {
            target: p.case(),
            reason: p.text(),
        },
        K::ProposeEmbargo => Command::ProposeEmbargo {
            terms: p.terms(),
            ends_at: p.instant(now),
            reason: p.text(),
            reply_by: p.instant(now),
            revisions_allowed: u32::try_from(p.below(7)).unwrap(),
            lead_rules: p.yes(),
            carve_outs: p.text(),
            signer: p.text(),
        },
        K::AgreeEmbargo => Command::AgreeEmbargo {
            terms: p.terms(),
            reason: p.text(),
        },
        K::RejectEmbargo => Command::RejectEmbargo {
            terms: p.terms(),
            reason: p.text(),
        },
        K::WithdrawProposal => Command::WithdrawProposal {
            terms: p.terms(),
            reason: p.text(),
        },
        K::EndEmbargo => Command::EndEmbargo {
            cause: p.of(EndCause::ALL),
            reason: p.text(),
        },
        K::InviteParty => {
            let n = u128::from(p.below(6));
            Command::InviteParty {
                participant: participant(n),
                party: party(n),
                roles: vec![p.of(ParticipantRole::ALL)],
                need: p.of(Need::ALL),
                reason: p.text(),
                component: p.of(&["Lattice", "libfoo overflow", ""]).to_owned(),
                versions: p.of(&["3.2", "handshake", ""]).to_owned(),
                note: p.of(&["Please answer.", "A buffer", ""]).to_owned(),
                reply_by: p.instant(now),
            }
        }
        K::RenewInvitation => Command::RenewInvitation {
            participant: p.participant(),
            reply_by: p.instant(now),
            reason: p.text(),
        },
        K::GiveGuestLink => Command::GiveGuestLink {
            participant: p.participant(),
            link: link(u128::from(p.below(50))),
            name: p.text(),
            mail: p.of(&["a@b.example", "nobody", ""]).to_owned(),
            reason: p.text(),
        },
        K::RevokeGuestLink => Command::RevokeGuestLink {
            link: some_link(case).unwrap_or(link(u128::from(p.below(50)))),
            reason: p.text(),
        },
        K::RemoveParticipant => Command::RemoveParticipant {
            participant: p.participant(),
            reason: p.text(),
        },
        K::SignTerms => Command::SignTerms {
            participant: p.participant(),
            terms: p.terms(),
            signer: p.text(),
        },
        K::DeclineTerms => Command::DeclineTerms {
            participant: p.participant(),
            terms: if p.yes() { Some(p.terms()) } else { None },
            reason: p.text(),
        },
        K::LeaveCase => Command::LeaveCase {
            participant: p.participant(),
            reason: p.text(),
        },
        K::ReportStanding => Command::ReportStanding {
            participant: p.participant(),
            step: p.of(ParticipantStep::ALL),
            note: p.text(),
        },
        K::ShareBrief => Command::ShareBrief { text: p.text() },
        K::WriteToParticipants => Command::WriteToParticipants {
            participant: if p.yes() { Some(p.participant()) } else { None },
            body: p.text(),
        },
        K::ParticipantWrites => Command::ParticipantWrites {
            participant: p.participant(),
            body: p.text(),
        },
        K::Reopen => Command::Reopen { reason: p.text() },
        K::Complete => Command::Complete { note: p.text() },
    }
}

fn some_link(case: &Case) -> Option<GuestLinkId> {
    let links = case.room.participants.iter().flat_map(|p| &p.links);
    let mut open = links.filter(|l| l.until.is_none());
    open.next().map(|l| l.id)
}

/// A turn of the coordination with others, sound on its face.
fn coordinate(case: &Case, p: &mut Pick, now: Timestamp) -> (Viewer, Command) {
    let stream = if case.id == case_id(1) { 1 } else { 2 };
    let k = u128::from(1 + p.below(4));
    // Mostly terms that are there, and somebody who was invited.
    let embargo = &case.room.embargo;
    let there = embargo.open.iter().map(|o| &o.terms).chain(&embargo.terms);
    let there: Vec<u128> = there.map(|t| t.id.0.as_u128() - 0xa00).collect();
    let t = if there.is_empty() || p.below(4) == 0 {
        u128::from(1 + p.below(9))
    } else {
        p.of(&there)
    };
    let invited = case.room.participants.len() as u64;
    let k = if invited > 0 && p.below(3) != 0 {
        case.room.participants[usize::try_from(p.below(invited)).unwrap()]
            .id
            .0
            .as_u128()
            - 0x900
    } else {
        k
    };
    let ends = now.plus_days(10 + i64::try_from(p.below(40)).unwrap());
    let me = guest_of(stream, k);
    // The straight way in: terms, an invitation, a signature.
    if p.yes() {
        if embargo.state == EmbargoState::None {
            return (lead(), propose(t, ends));
        }
        if invited == 0 {
            return (lead(), invite(k));
        }
        let current = embargo.in_force_at(now).map(|t| t.id);
        let asked = current.or(embargo.first_open().map(|o| o.terms.id));
        let mut waiting = case.room.participants.iter();
        let waiting = waiting.find(|p| p.standing == Standing::Invited);
        if let (Some(asked), Some(who)) = (asked, waiting) {
            let k = who.id.0.as_u128() - 0x900;
            return (guest_of(stream, k), sign(k, asked.0.as_u128() - 0xa00));
        }
    }
    // Turns that need somebody who takes part, or a revision that is asked for.
    let mut joined = case.room.participants.iter();
    let joined = joined.find(|p| p.standing == Standing::Joined);
    if let (Some(who), 0..=2) = (joined, p.below(8)) {
        let k = who.id.0.as_u128() - 0x900;
        let me = guest_of(stream, k);
        let first = embargo.first_open().map(|o| o.terms.id.0.as_u128() - 0xa00);
        return match (first, p.below(6)) {
            (Some(first), 0 | 1) => (lead(), agree(first)),
            (Some(first), 2 | 3) => (me, sign(k, first)),
            (Some(_), _) => (me, standing(k, p.of(ParticipantStep::ALL))),
            (None, 0) => (me, leave(k)),
            (None, 1 | 2) => (me, propose(t, ends)),
            (None, _) => (me, party_writes(k)),
        };
    }
    match p.below(20) {
        0 | 1 => (lead(), propose(t, ends)),
        2 => (me, propose(t, ends)),
        3..=5 => (lead(), invite(k)),
        6..=9 => (me, sign(k, t)),
        10 => (me, decline(k, p.yes().then_some(t))),
        11 | 17 => (lead(), agree(t)),
        12 => match p.below(3) {
            0 => (lead(), reject(t)),
            1 => (lead(), withdraw(t)),
            _ => (me, withdraw(t)),
        },
        13 => match p.below(3) {
            0 => (lead(), renew(k)),
            1 => (lead(), give_link(k, u128::from(p.below(100)))),
            _ => (lead(), revoke_link(some_link(case).unwrap_or(link(0)))),
        },
        14 => match p.below(5) {
            0 => (lead(), take_out(k)),
            4 => (me, leave(k)),
            1 => (me, leave(k)),
            2 => (lead(), end_embargo()),
            _ => (lead(), brief()),
        },
        15 => (lead(), tell(p.yes().then_some(k))),
        16 => (me, party_writes(k)),
        _ => (me, standing(k, p.of(ParticipantStep::ALL))),
    }
}

/// The next command that a diligent team would give, and who gives it.
pub fn useful(case: &Case, p: &mut Pick, now: Timestamp) -> (Viewer, Command) {
    let by = |c: Command| (lead(), c);
    let number = |id: ReportId| id.0.as_u128() - 0x200;
    let item_of = |id: RemediationId| id.0.as_u128() - 0x400;
    // Now and then a turn that a diligent team takes as well.
    let early = matches!(case.stage, Stage::Receipt | Stage::Verification);
    match p.below(36) {
        0 if early || case.stage == Stage::RemediationDevelopment => {
            return by(exit(p.of(ExitReason::ALL)));
        }
        1 => return by(remove(u128::from(1 + p.below(9)))),
        2 => return by(pause(p.clock(case))),
        3 if early => return by(verdict(p.of(Verdict::ALL))),
        4 => return by(write(1 + u128::from(p.below(2)), MessagePurpose::Question)),
        5 => return by(publicity(Publicity::Partial)),
        6 => return by(embargo(Some(now.plus_days(20)))),
        8 | 9 => return (analyst(), tlp(p.of(Tlp::ALL))),
        10 => return by(verdict(p.of(Verdict::ALL))),
        13..=19 => return coordinate(case, p, now),
        11 => {
            let path = p.of(ReleasePath::ALL);
            return by(prepare(path));
        }
        12 if early => {
            let mut silent = exit(ExitReason::Junk);
            if let Command::Exit { notice, .. } = &mut silent {
                notice.clear();
            }
            return by(silent);
        }
        7 if early && p.below(4) == 0 => {
            let target = if case.id == case_id(1) { 2 } else { 1 };
            return by(Command::MergeInto {
                target: case_id(target),
                reason: "The same flaw".into(),
            });
        }
        _ => {}
    }
    if case.publicity_pending && case.merged_into.is_none() {
        return by(decide_publicity(p.yes()));
    }
    if case.stage == Stage::Closed {
        return by(reopen());
    }
    let waiting = |f: fn(&crate::case::Report) -> bool| {
        let mut reports = case.reports.iter().filter(|r| r.reachable());
        reports.find(|r| f(r)).map(|r| number(r.id))
    };
    if let Some(n) = waiting(|r| r.acknowledged_at.is_none())
        && p.below(3) == 0
    {
        return by(acknowledge(n));
    }
    let open_item = |id: &str| !case.checklist.iter().any(|(i, done)| i == id && *done);
    let advance = || {
        case.remediations.iter().find_map(|r| match r.state {
            RemediationState::Decided => Some(produce(item_of(r.id))),
            RemediationState::Produced => Some(test(item_of(r.id), true)),
            RemediationState::Tested => Some(available(item_of(r.id))),
            RemediationState::Available | RemediationState::Dropped => None,
        })
    };
    let unanswered = || {
        let products = case.affected.iter();
        products
            .filter(|a| matches!(a.status, Affectedness::Affected))
            .map(|a| a.product)
            .find(|product| {
                !case
                    .remediations
                    .iter()
                    .any(|r| r.products.contains(product) && r.state != RemediationState::Dropped)
            })
    };
    let fresh = || (0..).find(|n| !case.remediations.iter().any(|r| r.id == item(*n)));
    let produce_advisory = |p: &mut Pick| match case.advisory.as_ref().map(|a| a.state) {
        Some(AdvisoryState::InReview) => {
            let has_legal = case.member_ids().contains(&user(4));
            match p.below(5) {
                0 if !has_legal => (lead(), add(4, CaseRole::Member)),
                0 => (legal(), legal_says(true)),
                1 => (analyst(), Command::GiveGo {}),
                2 => (lead(), Command::GiveGo {}),
                3 => (legal(), Command::GiveGo {}),
                _ => (lead(), Command::Publish {}),
            }
        }
        _ if case.scores.is_empty() => by(score()),
        _ if case.cwe.is_none() => by(weakness()),
        _ if advance().is_some() => by(advance().unwrap()),
        _ if unanswered().is_some() => by(decide_for(
            fresh().unwrap(),
            RemediationKind::Patch,
            false,
            vec![unanswered().unwrap()],
        )),
        Some(AdvisoryState::Draft) if p.yes() => by(Command::SubmitAdvisory {}),
        _ => by(draft("What changed", "Sound text")),
    };
    match case.stage {
        Stage::Receipt => by(Command::StartVerification {}),
        Stage::Verification | Stage::RemediationDevelopment
            if case.verdict() != Some(Verdict::Confirmed) =>
        {
            by(verdict(Verdict::Confirmed))
        }
        Stage::Verification if case.priority == Priority::Unset => by(priority()),
        Stage::Verification | Stage::RemediationDevelopment
            if waiting(|r| r.result_told_at.is_none()).is_some() =>
        {
            let n = waiting(|r| r.result_told_at.is_none()).unwrap();
            by(write(n, MessagePurpose::VerificationResult))
        }
        Stage::Verification if open_item("supported") => by(tick("supported")),
        Stage::Verification if open_item("other_vendors") => by(tick("other_vendors")),
        Stage::Verification if case.affected.is_empty() || p.below(4) == 0 => by(affected(1)),
        Stage::Verification => by(Command::StartRemediation {}),
        Stage::RemediationDevelopment => {
            if open_item("regression") {
                by(tick("regression"))
            } else if let Some(next) = advance() {
                let newest = case.remediations.last().map(|r| item_of(r.id));
                match newest {
                    Some(newest) if p.below(6) == 0 => by(drop_item(newest)),
                    _ => by(next),
                }
            } else if let Some(product) = unanswered() {
                let fresh = fresh().unwrap();
                by(decide_for(
                    fresh,
                    RemediationKind::Patch,
                    false,
                    vec![product],
                ))
            } else {
                by(prepare(p.of(ReleasePath::ALL)))
            }
        }
        Stage::Release if open_item("fix_reachable") => by(tick("fix_reachable")),
        Stage::Release
            if case.embargo_until.is_some_and(|until| until > now) && p.below(6) == 0 =>
        {
            if case.room.embargo.in_force_at(now).is_some() {
                by(end_embargo())
            } else {
                by(embargo(None))
            }
        }
        Stage::Release => produce_advisory(p),
        Stage::PostRelease => {
            let task = case.tasks.iter().find(|t| t.ended.is_none());
            if let Some(task) = task {
                by(Command::CompleteTask {
                    task: task.id,
                    result: "Done".into(),
                })
            } else if let Some(n) = waiting(|r| r.notice_at.is_none()) {
                by(write(n, MessagePurpose::ReleaseNotice))
            } else if case
                .advisory
                .as_ref()
                .is_some_and(|a| a.state != AdvisoryState::Published)
            {
                produce_advisory(p)
            } else if p.yes() {
                by(revise())
            } else {
                by(Command::Complete { note: "".into() })
            }
        }
        Stage::Closed => by(reopen()),
    }
}
