//! A small world for the tests: people of every role, three products, two cases, a clock.

use crate::access::{Role, Viewer};
use crate::case::Case;
use crate::command::{Command, ReportForm};
use crate::decide::{
    Decision, Facts, Intake, PartyFact, PriorityOutcome, ProductFact, absorb, decide, open_case,
};
use crate::entry::{ComputedScore, Contact, Decided, Entry, Recorded};
use crate::ids::*;
use crate::kinds::*;
use crate::policy::InForce;
use crate::rule::{Refusal, RuleId};
use crate::time::Timestamp;
use uuid::Uuid;

pub use super::sound::*;

/// 2026-11-16T09:12:00Z, a Monday.
pub const MONDAY: Timestamp = Timestamp(1_794_820_320_000_000);

pub fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}
pub fn case_id(n: u128) -> CaseId {
    CaseId(Uuid::from_u128(0x100 + n))
}
pub fn report(n: u128) -> ReportId {
    ReportId(Uuid::from_u128(0x200 + n))
}
pub fn product(n: u128) -> ProductId {
    ProductId(Uuid::from_u128(0x300 + n))
}
pub fn item(n: u128) -> RemediationId {
    RemediationId(Uuid::from_u128(0x400 + n))
}
pub fn task(n: u128) -> TaskId {
    TaskId(Uuid::from_u128(0x500 + n))
}
pub fn file(n: u128) -> AttachmentId {
    AttachmentId(Uuid::from_u128(0x600 + n))
}

pub fn party(n: u128) -> PartyId {
    PartyId(Uuid::from_u128(0x800 + n))
}
pub fn participant(n: u128) -> ParticipantId {
    ParticipantId(Uuid::from_u128(0x900 + n))
}
pub fn link(n: u128) -> GuestLinkId {
    GuestLinkId(Uuid::from_u128(0xb000_0000 + n))
}
pub fn terms(n: u128) -> TermsId {
    TermsId(Uuid::from_u128(0xa00 + n))
}

fn staff(n: u128, role: Role) -> Viewer {
    Viewer::Staff {
        user: user(n),
        roles: vec![role],
    }
}
pub fn lead() -> Viewer {
    staff(1, Role::Lead)
}
pub fn analyst() -> Viewer {
    staff(2, Role::Analyst)
}
pub fn analyst2() -> Viewer {
    staff(3, Role::Analyst)
}
pub fn legal() -> Viewer {
    staff(4, Role::Legal)
}
pub fn contact() -> Viewer {
    staff(5, Role::ProductContact)
}
pub fn auditor() -> Viewer {
    staff(6, Role::Auditor)
}
pub fn administrator() -> Viewer {
    staff(7, Role::Administrator)
}
pub fn support() -> Viewer {
    staff(8, Role::Support)
}
pub fn press() -> Viewer {
    staff(9, Role::PublicRelations)
}
pub fn reporter(n: u128) -> Viewer {
    Viewer::Reporter { report: report(n) }
}

/// Somebody of party `n`, with the link of case 1.
pub fn guest(n: u128) -> Viewer {
    guest_of(1, n)
}
pub fn guest_of(case: u128, n: u128) -> Viewer {
    Viewer::Guest {
        case: case_id(case),
        participant: participant(n),
    }
}

pub fn form() -> ReportForm {
    ReportForm {
        product: "Gateway".into(),
        version: "4.2".into(),
        description: "A long header overflows a buffer.".into(),
        ..ReportForm::default()
    }
}

pub fn intake(n: u128, source: Source, contact: Contact, form: ReportForm) -> Intake {
    Intake {
        case: case_id(n),
        case_number: i64::try_from(n).unwrap(),
        report: report(n),
        report_number: 100 + i64::try_from(n).unwrap(),
        reference: format!("ref-{n}"),
        source,
        channel: Channel::Form,
        contact,
        form,
    }
}

/// Facts in which everything that a command could name is known.
pub fn facts(policy: &InForce) -> Facts {
    let mut facts = Facts::new(policy.clone(), MessageId(Uuid::from_u128(0x700)));
    facts.products = (1..=3)
        .map(|n| ProductFact {
            id: product(n),
            name: format!("Product {n}"),
            supported: n != 3,
            contacts: vec![user(5)],
        })
        .collect();
    facts.score = Some(Ok(ComputedScore {
        method: "CVSS 4.0".into(),
        vector: "CVSS:4.0/AV:N".into(),
        tenths: 87,
        severity: "High".into(),
    }));
    facts.priority = Some(Ok(PriorityOutcome {
        priority: Priority::OutOfCycle,
        table: "ssvc supplier 1.0".into(),
    }));
    facts.weakness = Some("Out-of-bounds Write".into());
    facts.public_id = Some("EX-2026-0001".into());
    facts.known_users = (1..=9).map(user).collect();
    facts.known_cases = vec![case_id(1), case_id(2)];
    facts
}

/// One journal and its fold.
#[derive(Clone)]
pub struct Stream {
    pub case: Case,
    pub log: Vec<Recorded>,
}

impl Stream {
    pub fn append(&mut self, actor: &Viewer, at: Timestamp, entries: Vec<Decided>) {
        for decided in entries {
            let recorded = Recorded {
                seq: self.case.version + 1,
                at,
                actor: actor.actor(),
                decided,
            };
            self.case.apply(&recorded);
            self.log.push(recorded);
        }
    }
}

/// Two cases (1 and 2) under one policy, and a clock.
#[derive(Clone)]
pub struct World {
    pub policy: InForce,
    pub streams: [Stream; 2],
    pub now: Timestamp,
}

impl World {
    pub fn new() -> Self {
        let one = intake(1, Source::External, Contact::ReceiptCode, form());
        let two = intake(2, Source::External, Contact::Mail, form());
        Self::of(InForce::default(), [one, two])
    }

    /// A world whose first case came in as `intake`.
    pub fn from(intake_1: Intake) -> Self {
        let two = intake(2, Source::External, Contact::Mail, form());
        Self::of(InForce::default(), [intake_1, two])
    }

    pub fn of(policy: InForce, intakes: [Intake; 2]) -> Self {
        let public = Viewer::Public;
        let streams = intakes.map(|intake| {
            let mut stream = Stream {
                case: Case::empty(intake.case),
                log: Vec::new(),
            };
            let entries = open_case(&facts(&policy), &intake, MONDAY).unwrap();
            stream.append(&public, MONDAY, entries);
            stream
        });
        Self {
            policy,
            streams,
            now: MONDAY,
        }
    }

    pub fn case(&self) -> &Case {
        &self.streams[0].case
    }

    pub fn facts(&self) -> Facts {
        facts(&self.policy)
    }

    /// The facts for one command: of the parties, the register knows the first nine.
    pub fn facts_for(&self, command: &Command) -> Facts {
        let mut facts = self.facts();
        let asked = match command {
            Command::InviteParty { party, .. } => Some(*party),
            Command::RenewInvitation { participant, .. } => {
                let mut all = self.streams.iter().map(|s| &s.case.room);
                all.find_map(|room| Some(room.participant(*participant)?.party))
            }
            _ => None,
        };
        facts.party = (1..=9).find(|n| Some(party(*n)) == asked).map(|n| {
            let versions = self.streams.iter().map(|s| u128::from(s.case.version));
            let fresh = n * 1_000_000 + versions.sum::<u128>();
            let mail = format!("gail@party{n}.example");
            PartyFact {
                id: party(n),
                name: format!("Party {n}"),
                contacts: vec![(link(fresh), format!("Gail {n}"), mail)],
            }
        });
        facts
    }

    pub fn days(&mut self, days: i64) -> &mut Self {
        self.now = self.now.plus_days(days);
        self
    }

    /// Decides and appends; a merge appends to both streams or to none.
    pub fn give_to(&mut self, n: usize, facts: &Facts, actor: &Viewer, c: &Command) -> Decision {
        let entries = decide(&self.streams[n].case, facts, actor, c, self.now)?;
        if let Command::MergeInto { reason, .. } = c {
            let other = absorb(
                &self.streams[1 - n].case,
                &self.streams[n].case,
                actor,
                reason,
            )?;
            self.streams[1 - n].append(actor, self.now, other);
        }
        self.streams[n].append(actor, self.now, entries.clone());
        Ok(entries)
    }

    /// Gives a command to case 1.
    pub fn give(&mut self, actor: &Viewer, command: Command) -> Decision {
        let facts = self.facts_for(&command);
        self.give_to(0, &facts, actor, &command)
    }

    /// Gives a command that must be accepted.
    #[track_caller]
    pub fn ok(&mut self, actor: &Viewer, command: Command) -> &mut Self {
        let kind = command.kind();
        if let Err(refusal) = self.give(actor, command) {
            panic!("{kind}: {refusal}");
        }
        self
    }

    /// Gives a command that must be refused, and returns the refusal.
    #[track_caller]
    pub fn refused(&mut self, actor: &Viewer, command: Command) -> Refusal {
        let kind = command.kind();
        match self.give(actor, command) {
            Ok(entries) => panic!("{kind} was accepted: {entries:?}"),
            Err(refusal) => refusal,
        }
    }

    /// The rule under which a command is refused.
    #[track_caller]
    pub fn rule(&mut self, actor: &Viewer, command: Command) -> RuleId {
        self.refused(actor, command).rule
    }

    /// Whether the last entries hold one that fits.
    pub fn recorded(&self, fits: impl Fn(&Entry) -> bool) -> bool {
        self.streams[0].log.iter().any(|r| fits(&r.decided.what))
    }

    /// An embargo of 30 days that parties 1 to `n` signed.
    pub fn embargoed(&mut self, n: u128) -> &mut Self {
        self.ok(&analyst(), propose(1, self.now.plus_days(30)));
        for n in 1..=n {
            self.ok(&lead(), invite(n)).ok(&guest(n), sign(n, 1));
        }
        self
    }

    // The stages of the way, each on the shortest path.

    pub fn verifying(&mut self) -> &mut Self {
        self.ok(&analyst(), acknowledge(1))
            .ok(&analyst(), Command::StartVerification {})
    }

    pub fn confirmed(&mut self) -> &mut Self {
        self.verifying().ok(&analyst(), verdict(Verdict::Confirmed))
    }

    pub fn developing(&mut self) -> &mut Self {
        self.confirmed()
            .ok(&analyst(), priority())
            .ok(&analyst(), affected(1))
            .ok(&analyst(), write(1, MessagePurpose::VerificationResult))
            .ok(&analyst(), tick("supported"))
            .ok(&analyst(), tick("other_vendors"))
            .ok(&analyst(), Command::StartRemediation {})
    }

    pub fn fixed(&mut self) -> &mut Self {
        self.developing()
            .ok(&analyst(), decide_item(1, RemediationKind::Patch, false))
            .ok(&analyst(), produce(1))
            .ok(&analyst(), test(1, true))
            .ok(&analyst(), available(1))
    }

    pub fn releasing(&mut self) -> &mut Self {
        self.fixed()
            .ok(&analyst(), tick("regression"))
            .ok(&analyst(), prepare(ReleasePath::Product))
    }

    pub fn submitted(&mut self) -> &mut Self {
        self.releasing()
            .ok(&analyst(), score())
            .ok(&analyst(), weakness())
            .ok(&analyst(), draft("", "First text"))
            .ok(&analyst(), Command::SubmitAdvisory {})
    }

    /// Makes legal a member, which takes a lead and a reason.
    pub fn with_legal(&mut self) -> &mut Self {
        self.ok(&lead(), add(4, CaseRole::Member))
    }

    pub fn approved(&mut self) -> &mut Self {
        self.submitted()
            .with_legal()
            .ok(&legal(), legal_says(true))
            .ok(&analyst(), Command::GiveGo {})
            .ok(&lead(), Command::GiveGo {})
            .ok(&analyst(), tick("fix_reachable"))
    }

    pub fn published(&mut self) -> &mut Self {
        self.approved().ok(&lead(), Command::Publish {})
    }

    pub fn completed(&mut self) -> &mut Self {
        self.published()
            .ok(&analyst(), write(1, MessagePurpose::ReleaseNotice))
            .ok(&lead(), Command::Complete { note: "".into() })
    }
}
