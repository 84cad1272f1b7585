//! Requests that a caller may repeat: a key is claimed before the change, and the first answer is
//! kept for a day beside it (decision 21).
//!
//! A claim whose holder went down is *unknown* and stays so: nothing is carried out twice by guess.

use crate::error::ServiceError;
use crate::{App, transact};
use entente_store::idempotency::{self, Ended};

pub use entente_store::idempotency::Claim;

/// A caller's own key, and where it counts: actor and route.
#[derive(Clone, PartialEq, Eq)]
pub struct Repeat {
    /// The key that the caller made up.
    pub key: String,
    /// Actor and route.
    pub scope: String,
}

impl std::fmt::Debug for Repeat {
    /// Whoever has the key may read the answer, so it is not printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Repeat")
    }
}

/// Claims the key. With `again`, one whose end is unknown is taken over: for a change that keeps
/// its own record in its own transaction.
pub async fn claim(app: &App, repeat: &Repeat, again: bool) -> Result<Claim, ServiceError> {
    let (r, now) = (repeat.clone(), app.now());
    transact(app, move |tx| {
        Ok(idempotency::claim(tx, &r.key, &r.scope, again, now)?)
    })
    .await
}

/// Says that the request is still being carried out.
pub async fn alive(app: &App, repeat: &Repeat) -> Result<(), ServiceError> {
    let (r, now) = (repeat.clone(), app.now());
    transact(app, move |tx| {
        Ok(idempotency::alive(tx, &r.key, &r.scope, now)?)
    })
    .await
}

/// Keeps the answer to the request with this hash.
pub async fn answered(
    app: &App,
    repeat: &Repeat,
    request: [u8; 32],
    answer: Vec<u8>,
) -> Result<(), ServiceError> {
    let (r, now) = (repeat.clone(), app.now());
    transact(app, move |tx| {
        let ended = Ended::Answered(&request, &answer);
        Ok(idempotency::end(tx, &r.key, &r.scope, ended, now)?)
    })
    .await
}

/// Frees the key: nothing was changed.
pub async fn free(app: &App, repeat: &Repeat) -> Result<(), ServiceError> {
    let (r, now) = (repeat.clone(), app.now());
    transact(app, move |tx| {
        Ok(idempotency::end(tx, &r.key, &r.scope, Ended::Free, now)?)
    })
    .await
}

/// Notes that nobody knows how it ended.
pub async fn unknown(app: &App, repeat: &Repeat) -> Result<(), ServiceError> {
    let (r, now) = (repeat.clone(), app.now());
    transact(app, move |tx| {
        Ok(idempotency::end(tx, &r.key, &r.scope, Ended::Unknown, now)?)
    })
    .await
}
