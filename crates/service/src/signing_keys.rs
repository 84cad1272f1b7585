//! The OpenPGP keys that sign what is published. The newest signs; those before it stay, because
//! what they signed is still out there and has to be verified.
//!
//! The secret keys lie sealed in a register, so that every backup has them. Exported, they are as
//! precious as the instance key.

use crate::error::ServiceError;
use crate::{App, Fault, look, openpgp, transact};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_domain::time::Timestamp;
use entente_store::{Tx, registers};
use serde::{Deserialize, Serialize};

const KEY_REGISTER: &str = "signing-key";
/// Days for which a signing key counts.
const SIGNING_KEY_DAYS: i64 = 3 * 365;

#[derive(Serialize, Deserialize)]
struct KeptKey {
    secret: Vec<u8>,
    made_at: Timestamp,
}

/// A signing key, without its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SigningKeyFacts {
    /// Its fingerprint in upper-case hexadecimal.
    pub fingerprint: String,
    /// The certificate, armoured.
    pub certificate: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
}

fn kept(tx: &mut Tx<'_>) -> Result<Vec<KeptKey>, Fault> {
    let documents = registers::list(tx, KEY_REGISTER)?;
    let read = |d: &registers::Document| {
        serde_json::from_slice(&d.body).map_err(|e| Fault::Service(ServiceError::internal(e)))
    };
    documents.iter().map(read).collect()
}

fn opened(key: &KeptKey) -> Result<openpgp::SigningKey, ServiceError> {
    openpgp::SigningKey::from_bytes(&key.secret).map_err(ServiceError::internal)
}

/// The secret key that signs; the first one is made when it is needed.
pub(crate) async fn newest(app: &App) -> Result<Vec<u8>, ServiceError> {
    match look(app, kept).await?.pop() {
        Some(key) => Ok(key.secret),
        None => make(app).await,
    }
}

async fn make(app: &App) -> Result<Vec<u8>, ServiceError> {
    let now = app.now();
    let organisation = &app.config().organisation;
    let user_id = format!("{} <{}>", organisation.name, app.config().mail_from);
    let secret = openpgp::make_signing_key(
        &user_id,
        now,
        now.plus_days(SIGNING_KEY_DAYS),
        &mut app.random().clone(),
    )
    .and_then(|k| k.to_bytes())
    .map_err(ServiceError::internal)?
    .to_vec();
    let id = app.random().id(now);
    let body = serde_json::to_vec(&KeptKey {
        secret: secret.clone(),
        made_at: now,
    })
    .map_err(ServiceError::internal)?;
    transact(app, move |tx| {
        let document = registers::Document {
            id,
            version: 1,
            updated_at: now,
            body: body.clone(),
        };
        Ok(registers::save(tx, KEY_REGISTER, &document)?)
    })
    .await?;
    Ok(secret)
}

fn facts(key: &KeptKey) -> Result<SigningKeyFacts, ServiceError> {
    let opened = opened(key)?;
    let facts = opened.facts().map_err(ServiceError::internal)?;
    Ok(SigningKeyFacts {
        fingerprint: opened.fingerprint(),
        certificate: opened.public_armored().map_err(ServiceError::internal)?,
        made_at: key.made_at,
        ends_at: facts.ends_at,
    })
}

/// Every signing key that there ever was, the newest first. They are public.
///
/// # Errors
/// The database.
pub async fn all(app: &App) -> Result<Vec<SigningKeyFacts>, ServiceError> {
    let kept = look(app, kept).await?;
    kept.iter().rev().map(facts).collect()
}

fn may_handle(viewer: &Viewer) -> Result<(), ServiceError> {
    match may(viewer, Action::Write, Resource::Accounts) {
        true => Ok(()),
        false => Err(ServiceError::NotFound),
    }
}

/// Makes a new signing key, which signs from now on.
///
/// # Errors
/// [`ServiceError::NotFound`] for who does not run the instance.
pub async fn rotate(app: &App, viewer: &Viewer) -> Result<SigningKeyFacts, ServiceError> {
    may_handle(viewer)?;
    make(app).await?;
    let mut all = all(app).await?;
    match all.is_empty() {
        true => Err(ServiceError::internal("the new signing key is not there")),
        false => Ok(all.remove(0)),
    }
}

/// A secret signing key, armoured and without a passphrase: the newest, or one by its fingerprint.
///
/// # Errors
/// [`ServiceError::NotFound`] for who does not run the instance, or where there is no such key.
pub async fn export(
    app: &App,
    viewer: &Viewer,
    fingerprint: Option<&str>,
) -> Result<(SigningKeyFacts, zeroize::Zeroizing<String>), ServiceError> {
    may_handle(viewer)?;
    let kept = look(app, kept).await?;
    for key in kept.iter().rev() {
        let facts = facts(key)?;
        let wanted = fingerprint.is_none_or(|f| f.eq_ignore_ascii_case(&facts.fingerprint));
        if wanted {
            let secret = opened(key)?
                .secret_armored()
                .map_err(ServiceError::internal)?;
            return Ok((facts, secret));
        }
    }
    Err(ServiceError::NotFound)
}
