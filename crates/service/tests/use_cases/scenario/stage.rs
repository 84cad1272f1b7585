//! The stage of the scenario: its clock, its people and parties, and the short ways to ask on
//! their behalf.

use crate::rooms::{invite, participant};
use crate::support::{MONDAY, Team, World};
use entente_domain::access::Viewer;
use entente_domain::command::Command;
use entente_domain::coordination::room::{Closed, Need, ParticipantRole, Room};
use entente_domain::ids::{CaseId, ReportId};
use entente_domain::rule::RuleId;
use entente_domain::time::{HOUR_US, Timestamp};
use entente_service::{ServiceError, cases};

/// An instant: days after Monday, 16 November 2026, and a time of the day in UTC.
pub fn at(day: i64, hour: i64, minute: i64) -> Timestamp {
    let midnight = Timestamp(MONDAY.0 - 9 * HOUR_US - 12 * HOUR_US / 60);
    Timestamp(midnight.plus_days(day).0 + hour * HOUR_US + minute * HOUR_US / 60)
}

/// Lattice, Birch, Cedar, a tenth vendor: by the number of their participant.
pub const LATTICE: u128 = 1;
pub const BIRCH: u128 = 2;
pub const CEDAR: u128 = 3;
pub const TENTH: u128 = 4;
pub const NAMES: [&str; 4] = ["Lattice", "Birch", "Cedar", "Tenth"];
/// The terms until 31 December, 16 December and 13 January.
pub const YEAR_END: u128 = 1;
pub const MID_DECEMBER: u128 = 2;
pub const JANUARY: u128 = 3;

pub struct Play {
    pub w: World,
    pub team: Team,
    pub case: CaseId,
    pub report: ReportId,
    pub reporter: Viewer,
}

impl Play {
    pub fn to(&self, day: i64, hour: i64, minute: i64) {
        self.w.clock.set(at(day, hour, minute));
    }

    pub fn guest(&self, n: u128) -> Viewer {
        Viewer::Guest {
            case: self.case,
            participant: participant(n),
        }
    }

    pub async fn lead(&self, command: Command) {
        self.w.ok(&self.team.lead, self.case, command).await;
    }

    pub async fn analyst(&self, command: Command) {
        self.w.ok(&self.team.analyst, self.case, command).await;
    }

    pub async fn party(&self, n: u128, command: Command) {
        self.w.ok(&self.guest(n), self.case, command).await;
    }

    /// The rule that refuses a command.
    pub async fn refuses(&self, who: &Viewer, command: Command) -> RuleId {
        match self.w.refused(who, self.case, command).await {
            ServiceError::Refused(refusal) => {
                assert!(!refusal.why.is_empty() && !refusal.remedy.is_empty());
                refusal.rule
            }
            other => panic!("{other:?}"),
        }
    }

    pub async fn case(&self) -> entente_domain::case::Case {
        cases::open(&self.w.app, &self.team.lead, self.case)
            .await
            .unwrap()
            .case
    }

    pub async fn embargo(&self) -> Room {
        self.case().await.room
    }

    pub async fn reads(&self, n: u128) -> Result<String, Closed> {
        self.w.room(&self.guest(n)).await.content.map(|c| c.brief)
    }

    pub async fn sign_in_for(&self, n: u128) {
        let name = NAMES[usize::try_from(n - 1).unwrap()];
        let token = self.w.link(name).await;
        let guest = self.w.come_in(&token).await.unwrap();
        assert_eq!(guest, self.guest(n));
    }
}

pub fn tick(item: &str) -> Command {
    Command::TickChecklist {
        item: item.to_owned(),
        done: true,
        note: String::new(),
    }
}

pub fn invite_as(
    n: u128,
    play_party: entente_domain::ids::PartyId,
    need: Need,
    component: &str,
) -> Command {
    let mut command = invite(participant(n), play_party, "Has to know");
    if let Command::InviteParty {
        need: why,
        component: what,
        versions,
        roles,
        ..
    } = &mut command
    {
        *why = need;
        component.clone_into(what);
        "3.2 to 3.4".clone_into(versions);
        *roles = vec![ParticipantRole::Vendor];
    }
    command
}
