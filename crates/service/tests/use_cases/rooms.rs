//! Coordination with others through the use cases: links, the gate, threads, mails.

use crate::support::{CLIENT, World};
use entente_domain::access::Viewer;
use entente_domain::command::{Command, ReportForm};
use entente_domain::coordination::EmbargoState;
use entente_domain::coordination::room::{Closed, Need, ParticipantRole, Standing};
use entente_domain::ids::{CaseId, GuestLinkId, ParticipantId, PartyId, TermsId};
use entente_domain::kinds::Audience;
use entente_domain::time::Timestamp;
use entente_service::parties::{self, PartyContact, PartyForm};
use entente_service::rooms::{self, RoomView};
use entente_service::{ServiceError, cases, jobs};
use uuid::Uuid;

pub fn terms(n: u128) -> TermsId {
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

pub fn invite(participant: ParticipantId, party: PartyId, reason: &str) -> Command {
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
    pub async fn party(&self, lead: &Viewer, name: &str) -> PartyId {
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
    pub async fn link(&self, name: &str) -> String {
        let name = name.to_lowercase().replace(' ', "-");
        self.token_to(&format!("gail@{name}.example")).await
    }

    /// The newest link that was mailed to an address.
    async fn token_to(&self, to: &str) -> String {
        jobs::run_due(&self.app).await.unwrap();
        let mut mails = self.mails().into_iter().filter(|(_, m)| m.contains(to));
        let mail = mails
            .next_back()
            .unwrap()
            .1
            .replace("=\r\n", "")
            .replace("=\n", "");
        let token = mail.replace("=3D", "=");
        let token = token.split("/join?token=").nth(1).unwrap();
        token.chars().take_while(|c| !c.is_whitespace()).collect()
    }

    pub async fn come_in(&self, token: &str) -> Result<Viewer, ServiceError> {
        let session = rooms::enter(&self.app, token, CLIENT).await?;
        let guest = rooms::guest(&self.app, &session.token).await?;
        Ok(guest.unwrap().viewer)
    }

    pub async fn room(&self, guest: &Viewer) -> RoomView {
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

pub fn participant(n: u128) -> ParticipantId {
    ParticipantId(Uuid::from_u128(0x900 + n))
}

pub fn sign(n: u128, t: u128) -> Command {
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
    // Somebody else of the party gets a link of their own, and loses it alone.
    let pat = GuestLinkId(Uuid::from_u128(0xB0));
    w.clock.set(w.app.now().plus_hours(1));
    let give = |mail: &str| Command::GiveGuestLink {
        participant: participant(1),
        link: pat,
        name: "Pat".to_owned(),
        mail: mail.to_owned(),
        reason: "Builds the patch".to_owned(),
    };
    w.refused(&team.analyst, case, give("pat@nord.example"))
        .await;
    let wrong = w.refused(&team.lead, case, give("pat@@nord")).await;
    assert!(matches!(&wrong, ServiceError::Invalid { field, .. } if field == "mail"));
    w.ok(&team.lead, case, give("pat@nord.example")).await;
    let theirs = w.token_to("pat@nord.example").await;
    let visit = rooms::enter(&w.app, &theirs, CLIENT).await.unwrap();
    assert_eq!(
        rooms::guest(&w.app, &visit.token)
            .await
            .unwrap()
            .unwrap()
            .name,
        "Pat"
    );
    let take_back = Command::RevokeGuestLink {
        link: pat,
        reason: "Left the company".to_owned(),
    };
    // Whoever sees that a link is in the wrong hands takes it back, lead or not.
    w.ok(&team.analyst, case, take_back).await;
    assert_eq!(rooms::guest(&w.app, &visit.token).await.unwrap(), None);
    assert!(w.come_in(&theirs).await.is_err() && w.come_in(&second).await.is_ok());
    let file = cases::open(&w.app, &team.lead, case).await.unwrap();
    let held: Vec<(&str, bool)> = file.case.room.participants[0]
        .links
        .iter()
        .map(|l| (l.name.as_str(), l.until.is_none()))
        .collect();
    assert_eq!(
        held,
        [
            ("Gail of Nord", false),
            ("Gail of Nord", true),
            ("Pat", false)
        ]
    );
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

/// A large coordination: how many statements its pages take does not grow with the parties.
/// `ENTENTE_ROOM_MESSAGES` makes it as large as the goal says (121 parties, 1,000 messages).
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a setting of this test alone")]
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
                let file = cases::open_room(&w.app, &team.lead, number).await.unwrap();
                assert_eq!(file.case.room.participants.len() as u128, parties);
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
