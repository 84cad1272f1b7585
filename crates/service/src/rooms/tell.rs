//! Who is told what after a change in a room. A mail never says more than that there is news, and
//! carries the link of the person it goes to.

use super::links;
use crate::error::ServiceError;
use crate::mail::Address;
use crate::parties::PartyContact;
use crate::{App, Fault, jobs};
use entente_domain::access::Viewer;
use entente_domain::case::Case;
use entente_domain::coordination::room::{Participant, Standing};
use entente_domain::entry::{Decided, Entry};
use entente_domain::ids::ParticipantId;
use entente_domain::time::Timestamp;
use entente_store::Tx;
use entente_store::guest_links::GuestLink;

/// Gives links, and queues the mails that follow from what was decided.
pub(crate) fn tell(
    app: &App,
    tx: &mut Tx<'_>,
    case: &Case,
    viewer: &Viewer,
    decided: &[Decided],
    now: Timestamp,
) -> Result<(), Fault> {
    let own = match viewer {
        Viewer::Guest { participant, .. } => Some(*participant),
        _ => None,
    };
    let mut teller = Teller {
        app,
        tx,
        case,
        now,
        cause: format!("{} {}", case.id, case.version),
    };
    for d in decided {
        teller.one(&d.what, own)?;
    }
    Ok(())
}

struct Teller<'a, 'tx> {
    app: &'a App,
    tx: &'a mut Tx<'tx>,
    case: &'a Case,
    now: Timestamp,
    /// Names the change, so that nobody is mailed twice for it.
    cause: String,
}

impl Teller<'_, '_> {
    fn one(&mut self, entry: &Entry, own: Option<ParticipantId>) -> Result<(), Fault> {
        let now = self.now;
        let takes_part = |p: &Participant| p.standing == Standing::Joined && Some(p.id) != own;
        match entry {
            Entry::InvitationRenewed { participant, .. } => {
                let theirs = |l: &GuestLink| l.participant == *participant;
                links::take_back(self.tx, self.case.id, theirs, now)
            }
            Entry::GuestLinkRevoked { link, .. } => {
                links::take_back(self.tx, self.case.id, |l| l.id == link.0, now)
            }
            Entry::GuestLinkGiven {
                participant,
                link,
                name,
                mail,
            } => {
                if Address::parse(mail).is_err() {
                    return Err(Fault::Service(ServiceError::invalid(
                        "mail",
                        "This is no mail address.",
                        "Write one as in name@example.org.",
                    )));
                }
                let contact = PartyContact {
                    name: name.clone(),
                    mail: mail.clone(),
                };
                let (app, case) = (self.app, self.case.id);
                links::give(app, self.tx, case, *participant, *link, contact, now)?;
                jobs::room_invitation(app, self.tx, link.0, now)
            }
            Entry::EmbargoProposed { .. } => {
                let asked = |p: &Participant| p.standing == Standing::Invited || takes_part(p);
                self.news(asked, "Terms of the embargo were proposed")?;
                self.staff(own, "A participant proposed terms")
            }
            Entry::EmbargoAgreed { .. } => {
                self.news(takes_part, "Terms of the embargo were agreed")
            }
            Entry::EmbargoEnded { .. } => {
                let asked = |p: &Participant| p.standing == Standing::Invited || takes_part(p);
                self.news(asked, "The embargo ended")
            }
            Entry::BriefShared { .. } => {
                let room = &self.case.room;
                self.news(|p| room.opens(p.id, now).is_ok(), "The description changed")
            }
            Entry::MessageToParticipants { participant, .. } => {
                let room = &self.case.room;
                let reads = |p: &Participant| {
                    room.opens(p.id, now).is_ok() && participant.is_none_or(|one| one == p.id)
                };
                self.news(reads, "There is a message")
            }
            Entry::MessageFromParticipant { .. } => self.staff(own, "A participant wrote"),
            Entry::TermsSigned { .. } => self.staff(own, "A participant signed terms"),
            Entry::TermsDeclined { .. } => self.staff(own, "A participant said no"),
            Entry::ParticipantLeft { .. } => self.staff(own, "A participant left"),
            Entry::StandingReported { .. } => self.staff(own, "A participant reported a step"),
            _ => Ok(()),
        }
    }

    fn news(&mut self, which: impl Fn(&Participant) -> bool, what: &str) -> Result<(), Fault> {
        for (participant, link) in links::open_links(self.tx, self.case.id, self.now)? {
            if self.case.room.participant(participant).is_some_and(&which) {
                jobs::room_news(self.app, self.tx, link, what, &self.cause, self.now)?;
            }
        }
        Ok(())
    }

    /// Tells staff of what a participant did; of what staff did, they know.
    fn staff(&mut self, own: Option<ParticipantId>, what: &str) -> Result<(), Fault> {
        if own.is_none() {
            return Ok(());
        }
        jobs::staff_of_case(self.app, self.tx, self.case, what, &self.cause, self.now)
    }
}
