//! Coordination with others through the use cases: links, the gate, threads, mails; and a harness
//! that looks for words in the wrong hands while many commands run.

use crate::support::{CLIENT, Team, World};
use entente_domain::access::Viewer;
use entente_domain::command::{Command, ReportForm};
use entente_domain::coordination::EmbargoState;
use entente_domain::coordination::room::{
    Closed, EndCause, Need, ParticipantRole, ParticipantStep, Standing,
};
use entente_domain::ids::{CaseId, ParticipantId, PartyId, TermsId};
use entente_domain::kinds::{Audience, Publicity};
use entente_domain::time::Timestamp;
use entente_service::parties::{self, PartyContact, PartyForm};
use entente_service::rooms::{self, RoomView};
use entente_service::{ServiceError, cases, jobs};
use rand::Rng;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::BTreeMap;
use uuid::Uuid;

fn terms(n: u128) -> TermsId {
    TermsId(Uuid::from_u128(0xA00 + n))
}

pub fn propose(n: u128, ends_at: Timestamp, signer: &str, reason: &str) -> Command {
    Command::ProposeEmbargo {
        terms: terms(n),
        ends_at,
        reason: reason.to_owned(),
        reply_by: Timestamp(0),
        revisions_allowed: 3,
        lead_rules: true,
        carve_outs: String::new(),
        signer: signer.to_owned(),
    }
}

fn invite(participant: ParticipantId, party: PartyId, reason: &str) -> Command {
    Command::InviteParty {
        participant,
        party,
        roles: vec![ParticipantRole::Vendor, ParticipantRole::Deployer],
        need: Need::SharedComponent,
        reason: reason.to_owned(),
        component: "EdgeGate".to_owned(),
        versions: "4.2".to_owned(),
        note: "Please answer".to_owned(),
        reply_by: Timestamp(0),
    }
}

impl World {
    async fn party(&self, lead: &Viewer, name: &str) -> PartyId {
        let form = PartyForm {
            name: name.to_owned(),
            contacts: vec![PartyContact {
                name: format!("Gail of {name}"),
                mail: format!("gail@{}.example", name.to_lowercase().replace(' ', "-")),
            }],
            ..PartyForm::default()
        };
        parties::save(&self.app, lead, None, form).await.unwrap()
    }

    /// The newest link that was mailed to a party.
    async fn link(&self, name: &str) -> String {
        jobs::run_due(&self.app).await.unwrap();
        let to = format!("gail@{}.example", name.to_lowercase().replace(' ', "-"));
        let mails = self.mails().into_iter().filter(|(_, m)| m.contains(&to));
        let mail = mails
            .last()
            .unwrap()
            .1
            .replace("=\r\n", "")
            .replace("=\n", "");
        let token = mail.replace("=3D", "=");
        let token = token.split("/join?token=").nth(1).unwrap();
        token.chars().take_while(|c| !c.is_whitespace()).collect()
    }

    async fn come_in(&self, token: &str) -> Result<Viewer, ServiceError> {
        let session = rooms::enter(&self.app, token, CLIENT).await?;
        let guest = rooms::guest(&self.app, &session.token).await?;
        Ok(guest.unwrap().viewer)
    }

    async fn room(&self, guest: &Viewer) -> RoomView {
        rooms::view(&self.app, guest).await.unwrap()
    }

    async fn case_of(&self, n: usize) -> CaseId {
        let form = ReportForm {
            product: "EdgeGate".to_owned(),
            description: format!("A word kept secret {n}"),
            ..ReportForm::default()
        };
        self.submit(form, &format!("r{n}@reporter.example"))
            .await
            .case
    }
}

fn participant(n: u128) -> ParticipantId {
    ParticipantId(Uuid::from_u128(0x900 + n))
}

fn sign(n: u128, t: u128) -> Command {
    Command::SignTerms {
        participant: participant(n),
        terms: terms(t),
        signer: "Gail Ost".to_owned(),
    }
}

#[tokio::test]
async fn a_party_reads_the_terms_first_and_the_matter_after_its_signature() {
    let w = World::new().await;
    let team = w.team().await;
    let case = w.case_of(1).await;
    let (one, two) = (
        w.party(&team.lead, "Nord").await,
        w.party(&team.lead, "Sued").await,
    );
    // Nobody is invited without terms, nor by one who is no lead.
    w.refused(&team.lead, case, invite(participant(1), one, "Ships it"))
        .await;
    let end = w.app.now().plus_days(30);
    w.ok(&team.lead, case, propose(1, end, "", "Others ship it"))
        .await;
    w.refused(&team.analyst, case, invite(participant(1), one, "Ships it"))
        .await;
    w.ok(&team.lead, case, invite(participant(1), one, "Ships it"))
        .await;
    w.ok(&team.lead, case, invite(participant(2), two, "Ships it"))
        .await;
    w.ok(
        &team.lead,
        case,
        Command::ShareBrief {
            text: "Reading past the end of a frame".to_owned(),
        },
    )
    .await;
    let (first, second) = (w.link("Nord").await, w.link("Sued").await);
    assert_ne!(first, second);
    let (nord, sued) = (
        w.come_in(&first).await.unwrap(),
        w.come_in(&second).await.unwrap(),
    );
    let room = w.room(&nord).await;
    assert_eq!(room.content, Err(Closed::NotSigned));
    assert_eq!(room.state, EmbargoState::Proposed);
    assert_eq!(room.own.component, "EdgeGate");
    assert_eq!(room.to_sign.as_ref().map(|t| t.ends_at), Some(end));
    // The host's reason for the terms is not told before.
    assert!(room.proposals.iter().all(|p| p.reason.is_none()));
    // Nobody signs for somebody else.
    w.refused(&sued, case, sign(1, 1)).await;
    w.ok(&nord, case, sign(1, 1)).await;
    let room = w.room(&nord).await;
    let content = room.content.unwrap();
    assert_eq!(content.brief, "Reading past the end of a frame");
    assert_eq!(room.own.standing, Standing::Joined);
    assert_eq!(w.room(&sued).await.content, Err(Closed::NotSigned));

    // Each has a thread of its own; what goes to all reaches whoever signed.
    w.ok(&sued, case, sign(2, 1)).await;
    let write = |to: Option<u128>, body: &str| Command::WriteToParticipants {
        participant: to.map(participant),
        body: body.to_owned(),
    };
    w.ok(&team.lead, case, write(Some(1), "For Nord alone"))
        .await;
    w.ok(&team.lead, case, write(None, "For both")).await;
    w.ok(
        &nord,
        case,
        Command::ParticipantWrites {
            participant: participant(1),
            body: "We are affected".to_owned(),
        },
    )
    .await;
    let bodies = |room: RoomView| -> Vec<String> {
        let messages = room.content.unwrap().messages;
        messages.into_iter().map(|m| m.body).collect()
    };
    assert_eq!(
        bodies(w.room(&nord).await),
        ["For Nord alone", "For both", "We are affected"]
    );
    assert_eq!(bodies(w.room(&sued).await), ["For both"]);
    let file = cases::open(&w.app, &team.analyst, case).await.unwrap();
    let authors: Vec<&str> = file
        .messages
        .iter()
        .filter(|m| matches!(m.audience, Audience::Participant | Audience::Participants))
        .map(|m| m.author.as_str())
        .collect();
    assert_eq!(authors, ["Ada Lind", "Ada Lind", "Nord"]);

    // Leaving closes, and binds on.
    let leave = Command::LeaveCase {
        participant: participant(1),
        reason: "Not affected after all".to_owned(),
    };
    w.ok(&nord, case, leave).await;
    let room = w.room(&nord).await;
    assert_eq!(room.content, Err(Closed::Gone));
    assert!(room.bound);

    // Mails say that there is news, and never which.
    jobs::run_due(&w.app).await.unwrap();
    for (_, mail) in w.mails() {
        for word in [
            "For Nord",
            "For both",
            "affected",
            "frame",
            "EdgeGate",
            "Sued GmbH",
        ] {
            assert!(!mail.contains(word), "{word} in\n{mail}");
        }
    }
}

#[tokio::test]
async fn a_link_is_bound_to_one_person_and_ends_when_it_is_replaced() {
    let w = World::new().await;
    let team = w.team().await;
    let case = w.case_of(1).await;
    let party = w.party(&team.lead, "Nord").await;
    let end = w.app.now().plus_days(30);
    w.ok(&team.lead, case, propose(1, end, "", "Others ship it"))
        .await;
    w.ok(&team.lead, case, invite(participant(1), party, "Ships it"))
        .await;
    let first = w.link("Nord").await;
    let session = rooms::enter(&w.app, &first, CLIENT).await.unwrap();
    let nord = rooms::guest(&w.app, &session.token).await.unwrap().unwrap();
    assert_eq!(nord.name, "Gail of Nord");
    let no = Command::DeclineTerms {
        participant: participant(1),
        terms: None,
        reason: "No time".to_owned(),
    };
    w.ok(&nord.viewer, case, no).await;
    // A late yes is welcome: the invitation is renewed, and the old link opens nothing any more,
    // nor does the visit that it opened.
    let renew = Command::RenewInvitation {
        participant: participant(1),
        reply_by: Timestamp(0),
        reason: "They called".to_owned(),
    };
    // Mails sort by their instants.
    w.clock.set(w.app.now().plus_hours(1));
    w.ok(&team.lead, case, renew).await;
    assert_eq!(rooms::guest(&w.app, &session.token).await.unwrap(), None);
    assert!(matches!(
        w.come_in(&first).await,
        Err(ServiceError::NotFound)
    ));
    let second = w.link("Nord").await;
    assert_ne!(first, second);
    let nord = w.come_in(&second).await.unwrap();
    w.ok(&nord, case, sign(1, 1)).await;
    assert!(w.room(&nord).await.content.is_ok());
    // One case's guest is nobody in another.
    let other = w.case_of(2).await;
    w.refused(&nord, other, sign(1, 1)).await;
    let (Err(staff), Err(missing)) = (
        cases::open(&w.app, &nord, case).await,
        cases::open(&w.app, &nord, CaseId(Uuid::from_u128(5))).await,
    ) else {
        panic!("a guest saw a case");
    };
    assert_eq!(format!("{staff:?}"), format!("{missing:?}"));
    assert!(rooms::view(&w.app, &team.lead).await.is_err());
}

/// A word that nobody outside may read, or only some.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum For {
    /// Staff.
    Staff,
    /// Whoever the gate is open to.
    Open,
    /// This participant, if the gate is open to it; what it wrote itself it may know anyhow.
    One(u128),
}

/// What the harness itself noted of the agreements: no code of the gate is used for it.
#[derive(Default)]
struct Noted {
    /// The ends of terms, by number.
    ends: BTreeMap<u128, Timestamp>,
    /// The terms agreed last.
    current: Option<u128>,
    /// When they were ended before their instant.
    ended_at: Option<Timestamp>,
    /// The terms signed last, by participant.
    signed: BTreeMap<u128, u128>,
    joined: BTreeMap<u128, bool>,
}

impl Noted {
    /// Decisions 1 and 2, in other words than the domain's.
    fn may_read(&self, n: u128, now: Timestamp) -> bool {
        let (Some(current), Some(signed)) = (self.current, self.signed.get(&n)) else {
            return false;
        };
        if !self.joined.get(&n).copied().unwrap_or_default() {
            return false;
        }
        let end = self.ends[&current];
        let end = self.ended_at.map_or(end, |at| at.min(end));
        let at = now.min(end);
        *signed == current || at < self.ends[signed]
    }
}

struct Walk<'a> {
    w: &'a World,
    team: &'a Team,
    rng: ChaCha20Rng,
    parties: Vec<PartyId>,
    case: CaseId,
    guests: BTreeMap<u128, Viewer>,
    noted: Noted,
    words: Vec<(String, For)>,
    made: usize,
    next_terms: u128,
    accepted: BTreeMap<&'static str, u32>,
    read: usize,
}

impl Walk<'_> {
    fn word(&mut self, whom: For) -> String {
        self.made += 1;
        let word = format!("canary{}q", self.made);
        self.words.push((word.clone(), whom));
        word
    }

    fn below(&mut self, n: u128) -> u128 {
        self.rng.random_range(0..n)
    }

    /// A turn: who does what, at random. `n` is the participant that it is about.
    fn turn(&mut self) -> (Viewer, Command, u128) {
        let now = self.w.app.now();
        let n = 1 + self.below(self.parties.len() as u128);
        let lead = self.team.lead.clone();
        let me = self.guests.get(&n).cloned().unwrap_or(Viewer::Public);
        // Mostly terms of late, which may be open still.
        let back = self.below(3).min(self.next_terms.saturating_sub(1));
        let t = (self.next_terms - back.min(self.next_terms)).max(1);
        // The straight way in: terms, an invitation, a signature.
        let straight = self.below(3) == 0;
        if straight && self.next_terms > 0 {
            let waits =
                |n: &u128| self.guests.contains_key(n) && !self.noted.signed.contains_key(n);
            let all = 1..=self.parties.len() as u128;
            if let Some(n) = all.clone().find(waits) {
                return (
                    self.guests[&n].clone(),
                    sign(n, self.noted.current.unwrap_or(t)),
                    n,
                );
            }
            if let Some(n) = all.into_iter().find(|n| !self.guests.contains_key(n)) {
                let party = self.parties[usize::try_from(n - 1).unwrap()];
                let word = self.word(For::Staff);
                return (lead, invite(participant(n), party, &word), n);
            }
        }
        let reason = |walk: &mut Self| walk.word(For::Staff);
        let id = participant(n);
        let days = i64::try_from(1 + self.below(50)).unwrap();
        let command = match self.below(26) {
            0 | 1 => {
                self.next_terms += 1;
                let word = self.word(For::Open);
                let end = now.plus_days(days);
                self.noted.ends.insert(self.next_terms, end);
                if self.below(2) == 0 {
                    return (lead, propose(self.next_terms, end, "", &word), n);
                }
                return (me, propose(self.next_terms, end, "Gail", &word), n);
            }
            2..=4 => {
                let party = self.parties[usize::try_from(n - 1).unwrap()];
                let reason = reason(self);
                return (lead, invite(id, party, &reason), n);
            }
            5..=8 => return (me, sign(n, t), n),
            9 => {
                let reason = self.word(For::One(n));
                let terms = (self.below(2) == 0).then(|| terms(t));
                return (
                    me,
                    Command::DeclineTerms {
                        participant: id,
                        terms,
                        reason,
                    },
                    n,
                );
            }
            10 => {
                let reason = self.word(For::One(n));
                return (
                    me,
                    Command::LeaveCase {
                        participant: id,
                        reason,
                    },
                    n,
                );
            }
            11 | 12 => Command::AgreeEmbargo {
                terms: terms(t),
                reason: reason(self),
            },
            13 => Command::RejectEmbargo {
                terms: terms(t),
                reason: reason(self),
            },
            14 => Command::RenewInvitation {
                participant: id,
                reply_by: Timestamp(0),
                reason: reason(self),
            },
            15 if self.below(4) == 0 => Command::RemoveParticipant {
                participant: id,
                reason: reason(self),
            },
            16 if self.below(12) == 0 => Command::EndEmbargo {
                cause: EndCause::Other,
                reason: reason(self),
            },
            16 if self.below(20) == 0 => Command::RecordPublicity {
                publicity: Publicity::Full,
                evidence: reason(self),
            },
            17 | 18 => Command::ShareBrief {
                text: self.word(For::Open),
            },
            19 => Command::WriteToParticipants {
                participant: None,
                body: self.word(For::Open),
            },
            20 => Command::WriteToParticipants {
                participant: Some(id),
                body: self.word(For::One(n)),
            },
            21 => {
                let body = self.word(For::One(n));
                return (
                    me,
                    Command::ParticipantWrites {
                        participant: id,
                        body,
                    },
                    n,
                );
            }
            22 => {
                let note = self.word(For::One(n));
                let all = ParticipantStep::ALL;
                let step = all[usize::try_from(self.below(all.len() as u128)).unwrap()];
                return (
                    me,
                    Command::ReportStanding {
                        participant: id,
                        step,
                        note,
                    },
                    n,
                );
            }
            23 => Command::Comment {
                audience: Audience::Internal,
                body: reason(self),
            },
            24 => Command::SetTitle {
                title: reason(self),
            },
            _ => Command::SetTlp {
                tlp: entente_domain::kinds::Tlp::Red,
                reason: reason(self),
            },
        };
        (lead, command, n)
    }

    /// Notes what was agreed, from the journal's entries as staff read them.
    async fn note(&mut self) {
        let file = cases::open(&self.w.app, &self.team.lead, self.case)
            .await
            .unwrap();
        let room = &file.case.room;
        let number = |id: TermsId| id.0.as_u128() - 0xA00;
        self.noted.current = room.embargo.terms.as_ref().map(|t| number(t.id));
        self.noted.ended_at = room.embargo.ended.as_ref().map(|e| e.at);
        for p in &room.participants {
            let n = p.id.0.as_u128() - 0x900;
            if let Some(s) = p.signatures.last() {
                self.noted.signed.insert(n, number(s.terms));
            }
            let joined = p.standing == Standing::Joined;
            self.noted.joined.insert(n, joined);
        }
    }

    /// Nobody holds a word that is not theirs.
    async fn look(&mut self) {
        let now = self.w.app.now();
        let guests: Vec<(u128, Viewer)> =
            self.guests.iter().map(|(n, v)| (*n, v.clone())).collect();
        for (n, guest) in guests {
            let shown = format!("{:?}", self.w.room(&guest).await);
            let open = self.noted.may_read(n, now);
            for (word, whom) in &self.words {
                if !shown.contains(word.as_str()) {
                    continue;
                }
                self.read += 1;
                let theirs = match whom {
                    For::Staff => false,
                    For::Open => open,
                    For::One(m) => *m == n,
                };
                assert!(
                    theirs,
                    "{word} ({whom:?}) reached participant {n} in\n{shown}"
                );
            }
        }
    }

    async fn step(&mut self) {
        let hours = i64::try_from(self.below(30)).unwrap();
        self.w.clock.set(self.w.app.now().plus_hours(hours));
        let (actor, command, n) = self.turn();
        let kind = command.kind();
        let invites = matches!(
            command,
            Command::InviteParty { .. } | Command::RenewInvitation { .. }
        );
        let own = !matches!(actor, Viewer::Staff { .. });
        match cases::act(&self.w.app, &actor, self.case, None, command).await {
            Ok(_) => {
                *self.accepted.entry(kind.as_str()).or_default() += 1;
                if invites {
                    self.guests.insert(
                        n,
                        Viewer::Guest {
                            case: self.case,
                            participant: participant(n),
                        },
                    );
                }
                self.note().await;
            }
            Err(e) if own => {
                let said = format!("{e:?} {e}");
                let told = self.words.iter().find(|(w, _)| said.contains(w.as_str()));
                assert!(told.is_none(), "{told:?} in {said}");
            }
            Err(_) => {}
        }
        self.look().await;
    }
}

/// Random lives of a coordination: after each step every page of every participant is read, and at
/// the end every mail, for words that are not theirs. `ENTENTE_GATE_STEPS` makes it longer.
#[tokio::test]
async fn no_word_is_in_the_wrong_hands() {
    let steps: usize = std::env::var("ENTENTE_GATE_STEPS")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(500);
    let w = World::new().await;
    let team = w.team().await;
    let mut parties = Vec::new();
    for n in 1..=4 {
        parties.push(w.party(&team.lead, &format!("Party{n}")).await);
    }
    let (mut done, mut read, mut life) = (0, 0, 0);
    let mut accepted: BTreeMap<&'static str, u32> = BTreeMap::new();
    while done < steps {
        life += 1;
        let secret = format!("canary{life}report");
        let form = ReportForm {
            product: "EdgeGate".to_owned(),
            description: secret.clone(),
            ..ReportForm::default()
        };
        let mail = format!("r{life}@reporter.example");
        w.clock.set(w.app.now().plus_hours(2));
        let case = w.submit(form, &mail).await.case;
        let mut walk = Walk {
            w: &w,
            team: &team,
            rng: ChaCha20Rng::seed_from_u64(life),
            parties: parties.clone(),
            case,
            guests: BTreeMap::new(),
            noted: Noted::default(),
            words: vec![(secret, For::Staff)],
            made: usize::try_from(life).unwrap() * 1_000,
            next_terms: 0,
            accepted: BTreeMap::new(),
            read: 0,
        };
        for _ in 0..125.min(steps - done) {
            walk.step().await;
            done += 1;
        }
        jobs::run_due(&w.app).await.unwrap();
        for (path, mail) in w.mails() {
            for (word, _) in &walk.words {
                assert!(!mail.contains(word.as_str()), "{word} in\n{mail}");
            }
            std::fs::remove_file(path).unwrap();
        }
        read += walk.read;
        for (kind, n) in walk.accepted {
            *accepted.entry(kind).or_default() += n;
        }
    }
    println!("{done} steps in {life} cases, {read} words read by whom they are for: {accepted:?}");
    // A harness in which nobody may read anything would find nothing.
    assert!(read > steps / 4, "{read}");
    for kind in ["sign_terms", "agree_embargo", "leave_case", "share_brief"] {
        assert!(accepted.contains_key(kind), "{kind} was never accepted");
    }
}

/// A large coordination: how many statements its pages take does not grow with the parties.
/// `ENTENTE_ROOM_MESSAGES` makes it as large as the goal says (121 parties, 1,000 messages).
#[tokio::test]
async fn a_large_room_is_read_in_few_statements() {
    let asked = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|s| s.parse::<u128>().ok())
    };
    let (parties, messages) = match asked("ENTENTE_ROOM_MESSAGES") {
        Some(messages) => (121, messages),
        None => (25, 40),
    };
    let w = World::new().await;
    let team = w.team().await;
    let case = w.case_of(1).await;
    let end = w.app.now().plus_days(60);
    w.ok(&team.lead, case, propose(1, end, "", "Many ship it"))
        .await;
    for n in 1..=parties {
        let party = w.party(&team.lead, &format!("Party{n}")).await;
        w.ok(&team.lead, case, invite(participant(n), party, "Ships it"))
            .await;
        let guest = Viewer::Guest {
            case,
            participant: participant(n),
        };
        w.ok(&guest, case, sign(n, 1)).await;
    }
    for n in 0..messages {
        let write = Command::WriteToParticipants {
            participant: (n % 3 == 0).then(|| participant(1 + n % parties)),
            body: format!("Message {n}"),
        };
        w.ok(&team.lead, case, write).await;
    }
    let number = cases::open(&w.app, &team.lead, case)
        .await
        .unwrap()
        .case
        .number;
    let guest = Viewer::Guest {
        case,
        participant: participant(1),
    };
    // Once, so that what is known to the process is known.
    cases::open_room(&w.app, &team.lead, number).await.unwrap();
    let mut lines = Vec::new();
    for page in ["room", "guest"] {
        let (rounds, began) = (20, cpu_ms());
        let before = entente_store::statements_executed();
        for _ in 0..rounds {
            if page == "room" {
                let (file, links) = cases::open_room(&w.app, &team.lead, number).await.unwrap();
                assert_eq!(links.len() as u128, parties);
                assert_eq!(file.messages.len() as u128, messages.min(2_000));
            } else {
                assert!(w.room(&guest).await.content.is_ok());
            }
        }
        let statements = (entente_store::statements_executed() - before) / rounds;
        let cpu = (cpu_ms() - began) / f64::from(u32::try_from(rounds).unwrap());
        lines.push(format!(
            "{page}: {statements} statements, {cpu:.2} ms of CPU"
        ));
        assert!(statements <= 12, "{page}: {statements}");
    }
    println!("{parties} parties, {messages} messages: {lines:?}");
}

/// CPU time of the process so far, in milliseconds.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|t| t.parse::<f64>().ok())
        .sum();
    ticks * 10.0
}
