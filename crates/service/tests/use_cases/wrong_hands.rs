//! A harness that looks for words in the wrong hands while a coordination lives at random.

use crate::rooms::{invite, participant, propose, sign, terms};
use crate::support::{Team, World};
use entente_domain::access::Viewer;
use entente_domain::command::{Command, ReportForm};
use entente_domain::coordination::room::{EndCause, ParticipantStep, Standing};
use entente_domain::ids::{CaseId, PartyId, TermsId};
use entente_domain::kinds::{Audience, Publicity};
use entente_domain::time::Timestamp;
use entente_service::{cases, jobs};
use rand::Rng;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::BTreeMap;

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
#[expect(clippy::disallowed_methods, reason = "a setting of this test alone")]
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
