//! Use cases: load, decide, append, tell. Background work, mail, publication, imports.
//!
//! A use case is a free function that takes the [`App`] and the [`Viewer`]; the viewer decides
//! what exists. **Invariant:** no HTML and no SQL here; no rule that `entente-domain` could hold.
//!
//! The way of a change: [`cases::act`] loads the fold, gathers facts, asks `decide`, and in one
//! transaction appends the entries, projects the rows, stores the messages and enqueues the jobs.

pub mod accounts;
pub mod advisories;
pub mod attachments;
mod case_file;
pub mod cases;
pub mod clock;
pub mod config;
pub mod demo;
pub mod document;
pub mod error;
mod facts;
pub mod figures;
mod fold;
pub mod gauges;
pub mod heads;
pub mod import;
pub mod inventory;
pub mod jobs;
mod known;
pub mod login;
pub mod mail;
pub mod openpgp;
pub mod parties;
pub mod policies;
pub mod products;
mod project;
pub mod receipt_code;
pub mod repeat;
pub mod reports;
pub mod rooms;
pub mod scale;
pub mod signing_keys;
pub mod standing;
pub mod subscriptions;
pub mod unpack;
pub mod versions_text;
pub mod vex;
pub mod watch;

pub use error::ServiceError;

use crate::clock::Clock;
use crate::config::Config;
use crate::login::password::HashingRoom;
use crate::mail::Transport;
use entente_domain::time::Timestamp;
use entente_store::attachments::{BlobStore, FolderBlobs};
use entente_store::{Db, Random};
use std::sync::Arc;

/// The application: settings, store, clock, randomness, mail. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    config: Config,
    db: Db,
    clock: Arc<dyn Clock>,
    mail: Arc<dyn Transport>,
    blobs: Arc<dyn BlobStore>,
    hashing: HashingRoom,
    wake: tokio::sync::Notify,
    known: known::Known,
    world: watch::World,
}

/// A keyed hash of a client's address: enough to count by, useless to find somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClientHint(pub [u8; 32]);

impl App {
    /// Puts the parts together.
    pub fn open(
        config: Config,
        db: Db,
        clock: Arc<dyn Clock>,
        mail: Arc<dyn Transport>,
    ) -> Result<Self, ServiceError> {
        let blobs: Arc<dyn BlobStore> = Arc::new(FolderBlobs::new(db.data_dir())?);
        Ok(Self(Arc::new(Inner {
            config,
            db,
            clock,
            mail,
            blobs,
            hashing: HashingRoom::default(),
            wake: tokio::sync::Notify::new(),
            known: known::Known::default(),
            world: watch::World::default(),
        })))
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The store.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The source of randomness.
    pub fn random(&self) -> &Random {
        self.0.db.random()
    }

    /// The keyed hash of a client's address. The address itself is never kept or logged.
    pub fn client_hint(&self, address: std::net::IpAddr) -> ClientHint {
        ClientHint(
            self.db()
                .keys()
                .lookup("client", address.to_string().as_bytes()),
        )
    }

    /// What a session's forms carry, so that no other page can send them.
    pub fn form_token(&self, session_token: &str) -> String {
        data_encoding::HEXLOWER.encode(
            &self
                .db()
                .keys()
                .lookup("form token of a session", session_token.as_bytes()),
        )
    }

    pub(crate) fn world(&self) -> &watch::World {
        &self.0.world
    }

    pub(crate) fn mail(&self) -> &Arc<dyn Transport> {
        &self.0.mail
    }

    pub(crate) fn blobs(&self) -> &Arc<dyn BlobStore> {
        &self.0.blobs
    }

    pub(crate) fn hashing(&self) -> &HashingRoom {
        &self.0.hashing
    }

    /// Wakes the job runner: something was enqueued.
    pub(crate) fn wake(&self) {
        self.0.wake.notify_one();
    }

    pub(crate) fn woken(&self) -> tokio::sync::futures::Notified<'_> {
        self.0.wake.notified()
    }

    pub(crate) fn known(&self) -> &known::Known {
        &self.0.known
    }
}

/// What the verification folds anew: every case against its projected row.
pub fn refold() -> entente_store::verify::Refold {
    Arc::new(fold::compare)
}

/// Runs store work whose own refusals must come through the transaction unharmed.
pub(crate) async fn transact<T, F>(app: &App, work: F) -> Result<T, ServiceError>
where
    T: Send + 'static,
    F: Fn(&mut entente_store::Tx<'_>) -> Result<T, Fault> + Send + 'static,
{
    let carried: Arc<std::sync::Mutex<Option<ServiceError>>> = Arc::default();
    let carry = Arc::clone(&carried);
    let result = app
        .db()
        .write(move |tx| work(tx).map_err(|fault| fault.into_store(&carry)))
        .await;
    unpack(result, &carried)
}

/// [`transact`] for a reporter: on a full disk with the space in reserve (decision 25).
pub(crate) async fn transact_from_reserve<T, F>(app: &App, work: F) -> Result<T, ServiceError>
where
    T: Send + 'static,
    F: Fn(&mut entente_store::Tx<'_>) -> Result<T, Fault> + Send + Sync + 'static,
{
    let carried: Arc<std::sync::Mutex<Option<ServiceError>>> = Arc::default();
    let carry = Arc::clone(&carried);
    let result = app
        .db()
        .write_from_reserve(move |tx| work(tx).map_err(|fault| fault.into_store(&carry)))
        .await;
    unpack(result, &carried)
}

/// The same on a snapshot for reading.
pub(crate) async fn look<T, F>(app: &App, work: F) -> Result<T, ServiceError>
where
    T: Send + 'static,
    F: Fn(&mut entente_store::Tx<'_>) -> Result<T, Fault> + Send + 'static,
{
    let carried: Arc<std::sync::Mutex<Option<ServiceError>>> = Arc::default();
    let carry = Arc::clone(&carried);
    let result = app
        .db()
        .read(move |tx| work(tx).map_err(|fault| fault.into_store(&carry)))
        .await;
    unpack(result, &carried)
}

fn unpack<T>(
    result: Result<T, entente_store::StoreError>,
    carried: &std::sync::Mutex<Option<ServiceError>>,
) -> Result<T, ServiceError> {
    result.map_err(|e| match e {
        entente_store::StoreError::Rollback => carried
            .lock()
            .ok()
            .and_then(|mut c| c.take())
            .unwrap_or(ServiceError::Conflict),
        other => other.into(),
    })
}

/// A fault inside a transaction: the store's, or one of ours that rolls it back.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The store's.
    Store(entente_store::StoreError),
    /// Ours.
    Service(ServiceError),
}

impl Fault {
    fn into_store(
        self,
        carry: &std::sync::Mutex<Option<ServiceError>>,
    ) -> entente_store::StoreError {
        match self {
            Fault::Store(e) => e,
            Fault::Service(e) => {
                if let Ok(mut c) = carry.lock() {
                    *c = Some(e);
                }
                entente_store::StoreError::Rollback
            }
        }
    }
}

impl From<entente_store::StoreError> for Fault {
    fn from(e: entente_store::StoreError) -> Self {
        Self::Store(e)
    }
}

impl From<ServiceError> for Fault {
    fn from(e: ServiceError) -> Self {
        Self::Service(e)
    }
}

impl From<entente_domain::rule::Refusal> for Fault {
    fn from(e: entente_domain::rule::Refusal) -> Self {
        Self::Service(ServiceError::Refused(e))
    }
}
