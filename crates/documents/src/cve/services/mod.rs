//! Talking to CVE Services, without the talking: what to ask, what the answer means, and in which
//! order, so that a lost answer loses no id and an update undoes nobody's work.
//!
//! Whoever does the I/O sends a [`Request`] with the credentials in its headers and hands the
//! status and body to [`answer`]. No I/O, no clock, no secret.

mod answer;
mod request;
mod reserve;
mod update;

pub use answer::{Quota, Refusal, Refused, ReservedId, answer, page, quota, reserved};
pub use request::{
    Method, Request, get_id, get_record, list_ids, publish, quota_of, reject, reject_again,
    replace, reserve, set_state, transfer,
};
pub use reserve::{Reservation, ReservationStep};
pub use update::{Conflict, Update, dated, merged, owned_by_us};
