//! Reserving ids without losing any.
//!
//! The service reserves again when it is asked again. So the organisation's reserved ids are listed
//! before; when an answer is lost they are listed again, and what the user has now and had not then
//! is what the lost answer held. Only what is still missing is reserved anew.

use std::collections::BTreeSet;

use serde_json::Value;

use super::answer::{Refused, page, reserved};
use super::request::{Request, list_ids, reserve};

/// Lost answers after which a person has to look.
const MAX_LOST: u32 = 3;
/// Pages of a list beyond which it is no list of one organisation and year.
const MAX_PAGES: u64 = 10_000;

/// What comes next in a reservation.
#[derive(Debug, Clone, PartialEq)]
pub enum ReservationStep {
    /// Send this, and tell what became of it.
    Send(Request),
    /// These ids are reserved; fewer than were asked for if the service gave fewer.
    Done(Vec<String>),
    /// The service refused; what was reserved before is still there.
    Refused(Refused, Vec<String>),
    /// Answers were lost time and again. What is known to be reserved is here; the rest a person
    /// finds in the list of the organisation's ids.
    GivenUp(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    ListingBefore,
    Reserving,
    ListingAfter,
}

/// A reservation under way.
#[derive(Debug, Clone)]
pub struct Reservation {
    org: String,
    user: String,
    year: u16,
    amount: usize,
    state: State,
    next_page: Option<u64>,
    before: BTreeSet<String>,
    after: BTreeSet<String>,
    got: Vec<String>,
    lost: u32,
}

impl Reservation {
    /// Begins a reservation in the name of a user of an organisation.
    #[must_use]
    pub fn new(org: &str, user: &str, year: u16, amount: u32) -> Self {
        Self {
            org: org.to_owned(),
            user: user.to_owned(),
            year,
            amount: usize::try_from(amount).unwrap_or(usize::MAX),
            state: State::ListingBefore,
            next_page: None,
            before: BTreeSet::new(),
            after: BTreeSet::new(),
            got: Vec::new(),
            lost: 0,
        }
    }

    /// The first request.
    #[must_use]
    pub fn begin(&self) -> ReservationStep {
        ReservationStep::Send(self.request())
    }

    fn request(&self) -> Request {
        match self.state {
            State::ListingBefore | State::ListingAfter => {
                list_ids("RESERVED", Some(self.year), self.next_page)
            }
            State::Reserving => {
                let missing = self.amount.saturating_sub(self.got.len());
                reserve(
                    &self.org,
                    self.year,
                    u32::try_from(missing).unwrap_or(u32::MAX),
                )
            }
        }
    }

    /// Takes what became of the last request: the answer, a refusal, or `None` if it is not known
    /// whether the service saw the request.
    #[must_use]
    pub fn told(&mut self, outcome: Option<Result<Value, Refused>>) -> ReservationStep {
        let answer = match outcome {
            Some(Ok(answer)) => answer,
            // A service that failed may have reserved before it did.
            Some(Err(refused)) if !refused.refusal.is_passing() => {
                return ReservationStep::Refused(refused, self.got.clone());
            }
            Some(Err(_)) | None => return self.lost(),
        };
        match self.state {
            State::Reserving => {
                self.got
                    .extend(reserved(&answer).into_iter().map(|entry| entry.id));
                ReservationStep::Done(self.got.clone())
            }
            State::ListingBefore | State::ListingAfter => self.listed(&answer),
        }
    }

    fn lost(&mut self) -> ReservationStep {
        self.lost += 1;
        if self.lost > MAX_LOST {
            return ReservationStep::GivenUp(self.got.clone());
        }
        if self.state == State::Reserving {
            self.state = State::ListingAfter;
            self.after.clear();
            self.next_page = None;
        }
        self.begin()
    }

    fn listed(&mut self, answer: &Value) -> ReservationStep {
        let ours = reserved(answer).into_iter().filter(|entry| {
            entry.state == "RESERVED"
                && entry
                    .requested_by
                    .as_ref()
                    .is_none_or(|user| *user == self.user)
        });
        let ids = ours.map(|entry| entry.id);
        if self.state == State::ListingBefore {
            self.before.extend(ids);
        } else {
            self.after.extend(ids);
        }
        // A page that names itself or one before would never end.
        let current = self.next_page.unwrap_or(1);
        self.next_page = page(answer).filter(|next| *next > current && *next < MAX_PAGES);
        if self.next_page.is_some() {
            return self.begin();
        }
        if self.state == State::ListingAfter {
            let fresh = self.after.difference(&self.before).cloned();
            self.got = fresh.collect();
        }
        if self.got.len() >= self.amount {
            return ReservationStep::Done(self.got.clone());
        }
        self.state = State::Reserving;
        self.begin()
    }
}
