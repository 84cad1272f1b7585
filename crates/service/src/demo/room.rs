//! The one story of the demonstration that others have a part in: four parties under an embargo.

use super::Cast;
use crate::error::ServiceError;
use crate::parties::{self, PartyContact, PartyForm};
use crate::{App, cases, rooms};
use entente_domain::access::Viewer;
use entente_domain::command::Command;
use entente_domain::coordination::room::{Need, ParticipantRole as R, ParticipantStep};
use entente_domain::ids::{CaseId, ParticipantId, PartyId, TermsId};
use entente_domain::time::Timestamp;

/// When each part happens, in hours after the beginning of the story. One more follows, two days
/// before now.
pub(super) const HOURS: [i64; 8] = [100, 101, 124, 130, 150, 190, 194, 260];

/// One party of the register.
struct Known {
    name: &'static str,
    contact: (&'static str, &'static str),
    days: Option<u32>,
    notes: &'static str,
}

const PARTIES: [Known; 5] = [
    Known {
        name: "Nordwind Routers",
        contact: ("Nordwind PSIRT", "psirt@nordwind.example"),
        days: Some(90),
        notes: "Ships our library in every router since 2021.",
    },
    Known {
        name: "Kestrel Networks",
        contact: ("Lio Marsh", "lio.marsh@kestrel.example"),
        days: Some(45),
        notes: "Patch day is the second Tuesday.",
    },
    Known {
        name: "Firn Coordination Centre",
        contact: ("Firn, desk", "desk@firn.example"),
        days: None,
        notes: "Tells the utilities of three countries.",
    },
    Known {
        name: "Quill maintainers",
        contact: ("Sol Ito", "sol@quill.example"),
        days: Some(14),
        notes: "Two volunteers; write early.",
    },
    Known {
        name: "Harbour Linux",
        contact: ("Harbour security", "security@harbour.example"),
        days: Some(14),
        notes: "A distribution: never more than two weeks.",
    },
];

/// Fills the register of parties.
pub(super) async fn register(app: &App, cast: &Cast) -> Result<Vec<PartyId>, ServiceError> {
    let mut ids = Vec::new();
    for p in &PARTIES {
        let form = PartyForm {
            name: p.name.to_owned(),
            contacts: vec![PartyContact {
                name: p.contact.0.to_owned(),
                mail: p.contact.1.to_owned(),
            }],
            policy_url: String::new(),
            preferred_days: p.days,
            longest_days: p.days.map(|d| d * 2),
            notes: p.notes.to_owned(),
        };
        ids.push(parties::save(app, &cast.lead, None, form).await?);
    }
    Ok(ids)
}

/// A part of the story: who does what.
pub(super) async fn play(
    app: &App,
    cast: &Cast,
    parties: &[PartyId],
    case: CaseId,
    n: usize,
) -> Result<(), ServiceError> {
    let now = app.now();
    let room = cases::open(app, &cast.lead, case).await?.case.room;
    let first = room.embargo.terms.as_ref().map(|t| t.id);
    let terms = first.or(room.embargo.first_open().map(|o| o.terms.id));
    let participant = |n: usize| room.participants.get(n).map(|p| p.id);
    let mut turns: Vec<(Viewer, Command)> = Vec::new();
    let lead = || cast.lead.clone();
    let mut by_guest = |n: usize, make: &dyn Fn(ParticipantId) -> Option<Command>| {
        if let Some(id) = participant(n)
            && let Some(command) = make(id)
        {
            let guest = Viewer::Guest {
                case,
                participant: id,
            };
            turns.push((guest, command));
        }
    };
    let sign = |signer: &'static str| {
        move |participant| {
            Some(Command::SignTerms {
                participant,
                terms: terms?,
                signer: signer.to_owned(),
            })
        }
    };
    let step = |step: ParticipantStep| {
        move |participant| {
            Some(Command::ReportStanding {
                participant,
                step,
                note: String::new(),
            })
        }
    };
    match n {
        0 => turns.push((lead(), propose(app, now))),
        1 => {
            for (n, (roles, need)) in [
                (vec![R::Vendor, R::Deployer], Need::SharedComponent),
                (vec![R::Vendor], Need::SharedComponent),
                (vec![R::Coordinator], Need::Downstream),
                (vec![R::Vendor], Need::Upstream),
            ]
            .into_iter()
            .enumerate()
            {
                let Some(party) = parties.get(n) else {
                    continue;
                };
                turns.push((lead(), invite(app, *party, roles, need, now)));
            }
        }
        2 => by_guest(0, &sign("Ragna Moe, Nordwind PSIRT")),
        3 => {
            let text = "Dropping a connection inside its own callback frees it twice. Reached before authentication wherever the callback is set; all versions since 6.0. The fix is one check in conn_drop; a patch for 6 and 7 follows by message.";
            turns.push((
                lead(),
                Command::ShareBrief {
                    text: text.to_owned(),
                },
            ));
        }
        4 => {
            by_guest(1, &sign("Lio Marsh"));
            by_guest(2, &sign("Duty officer, Firn"));
        }
        5 => {
            by_guest(0, &step(ParticipantStep::Validate));
            by_guest(0, &step(ParticipantStep::Accept));
            by_guest(1, &step(ParticipantStep::Validate));
            by_guest(1, &|participant| {
                Some(Command::ParticipantWrites {
                    participant,
                    body: "We see it on two of our product lines. Is there a test that shows that the patch holds?".to_owned(),
                })
            });
        }
        6 => {
            turns.push((
                lead(),
                Command::WriteToParticipants {
                    participant: None,
                    body: "A regression test follows tomorrow. Please tell us by Friday which of your versions need it.".to_owned(),
                },
            ));
        }
        7 => {
            by_guest(0, &step(ParticipantStep::FixReady));
            by_guest(1, &step(ParticipantStep::Accept));
        }
        _ => by_guest(1, &|_| {
            Some(Command::ProposeEmbargo {
                terms: TermsId(app.random().id(now)),
                ends_at: room.embargo.terms.as_ref()?.ends_at.plus_days(14),
                reason: "Our patch day is a week after the agreed end; customers cannot take two releases in a month.".to_owned(),
                reply_by: now.plus_days(5),
                revisions_allowed: 0,
                lead_rules: false,
                carve_outs: String::new(),
                signer: "Lio Marsh".to_owned(),
            })
        }),
    }
    for (viewer, command) in turns {
        cases::act(app, &viewer, case, None, command).await?;
    }
    Ok(())
}

fn propose(app: &App, now: Timestamp) -> Command {
    // A whole hour, so that nobody has to read seconds.
    let hour = 3_600_000_000;
    let ends_at = Timestamp(now.plus_days(60).0 / hour * hour);
    Command::ProposeEmbargo {
        terms: TermsId(app.random().id(now)),
        ends_at,
        reason: "Four others ship the library; all of them publish together.".to_owned(),
        reply_by: now.plus_days(5),
        revisions_allowed: 2,
        lead_rules: true,
        carve_outs: "Duties under law. Warnings where life is at stake, after a call to us."
            .to_owned(),
        signer: String::new(),
    }
}

fn invite(app: &App, party: PartyId, roles: Vec<R>, need: Need, now: Timestamp) -> Command {
    Command::InviteParty {
        participant: ParticipantId(app.random().id(now)),
        party,
        roles,
        need,
        reason: "Ships or feeds the library.".to_owned(),
        component: "Alder SDK".to_owned(),
        versions: "6 and 7".to_owned(),
        note: "Please sign the terms, then we talk.".to_owned(),
        reply_by: now.plus_days(5),
    }
}

/// The links that the parties were mailed: whoever looks around can be one of them.
pub(super) async fn links(
    app: &App,
    cast: &Cast,
    case: Option<CaseId>,
) -> Result<Vec<(String, String)>, ServiceError> {
    let Some(case) = case else {
        return Ok(Vec::new());
    };
    let room = cases::open(app, &cast.lead, case).await?.case.room;
    let mut all = Vec::new();
    for p in &room.participants {
        for link in &p.links {
            if let Some((_, url)) = rooms::reachable(app, link.id.0).await? {
                all.push((p.name.clone(), url));
            }
        }
    }
    Ok(all)
}
