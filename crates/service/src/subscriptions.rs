//! Subscriptions to published advisories by mail: asked for, confirmed by a link, ended by a link.
//!
//! The answer is the same whether an address is known or not. An address is sealed; it is found by
//! a keyed hash.

use crate::error::ServiceError;
use crate::jobs::{self, KeptSubscription};
use crate::login::token::{self, Token, TokenKind};
use crate::mail::Address;
use crate::{App, ClientHint, Fault, transact};
use entente_store::{limits, subscriptions as table};

/// Confirmations an hour to one address, whoever asks: nobody's inbox is filled by us.
const CONFIRMATIONS_PER_ADDRESS_HOUR: u32 = 3;

/// Asks for a subscription. A mail with a link goes to the address, unless it is subscribed
/// already.
pub async fn subscribe(app: &App, mail: &str, client: ClientHint) -> Result<(), ServiceError> {
    let address = Address::parse(mail.trim())
        .map_err(|e| ServiceError::invalid("mail", "This is not a mail address.", e.to_string()))?;
    let now = app.now();
    let a = app.clone();
    let per_client = app.config().limits.reports_per_address_hour;
    let key = app
        .db()
        .keys()
        .lookup("subscriber", address.as_str().to_lowercase().as_bytes());
    let fresh = Token::new(TokenKind::Link, &mut app.random().clone());
    let (token, id) = (fresh.hash(), app.random().id(now));
    let base = &app.config().base_url;
    let confirm_link = format!("{base}/subscribe/confirm?token={}", fresh.reveal());
    let end_link = format!("{base}/subscribe/end?token={}", fresh.reveal());
    let body = serde_json::to_vec(&KeptSubscription {
        address: address.as_str().to_owned(),
        end_link,
    })
    .map_err(ServiceError::internal)?;
    transact(app, move |tx| {
        let by_client = tx.keys().lookup("subscriptions of a client", &client.0);
        if let Err(retry_after_s) = limits::take(tx, &by_client, per_client, now)? {
            return Err(Fault::Service(ServiceError::TooMany { retry_after_s }));
        }
        let by_address = tx.keys().lookup("confirmations to an address", &key);
        if limits::take(tx, &by_address, CONFIRMATIONS_PER_ADDRESS_HOUR, now)?.is_err() {
            // Silently: that somebody else asked for this address is not for the caller to know.
            return Ok(());
        }
        match table::by_address(tx, &key)? {
            Some(s) if s.confirmed_at.is_some() => return Ok(()),
            // It waits still: its link may be lost, so it gets another one.
            Some(s) => {
                table::end(tx, &s.token)?;
            }
            None => {}
        }
        table::insert(
            tx,
            &table::Subscription {
                id,
                address: key,
                confirmed_at: None,
                token,
                created_at: now,
                body: body.clone(),
            },
        )?;
        jobs::confirm_subscription(
            &a,
            tx,
            address.as_str().to_owned(),
            confirm_link.clone(),
            now,
        )
    })
    .await?;
    app.wake();
    Ok(())
}

/// Confirms by the token of the link. Confirming twice is no fault.
pub async fn confirm(app: &App, token: &str) -> Result<(), ServiceError> {
    let Some(hash) = token::hash(TokenKind::Link, token) else {
        return Err(ServiceError::NotFound);
    };
    let now = app.now();
    // What was confirmed before stays as it is; an unknown token says nothing either.
    app.db()
        .write(move |tx| table::confirm(tx, &hash, now))
        .await?;
    Ok(())
}

/// Ends by the token of the link, at once and without a question. Ending twice is no fault.
pub async fn unsubscribe(app: &App, token: &str) -> Result<(), ServiceError> {
    let Some(hash) = token::hash(TokenKind::Link, token) else {
        return Err(ServiceError::NotFound);
    };
    app.db().write(move |tx| table::end(tx, &hash)).await?;
    Ok(())
}
