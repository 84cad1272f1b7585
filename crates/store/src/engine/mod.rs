//! The engine: one SQL text for SQLite and PostgreSQL, synchronous closures, group commit.
//!
//! Knows SQL and the two drivers, nothing of the domain's rules. The only folder that may name
//! `rusqlite` or `tokio_postgres` (with `error.rs`).

mod faults;
mod migrate;
mod postgres;
mod sqlite;
mod tx;
mod value;

pub use tx::{Engine, Tx};
pub use value::{Row, Val};

use crate::ballast::Ballast;
use crate::error::StoreError;
use crate::keys::Keyring;
use crate::random::Random;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// Statements executed by this process so far, without transaction control: for the figures.
static STATEMENTS: AtomicU64 = AtomicU64::new(0);

/// Statements executed by this process so far.
pub fn statements_executed() -> u64 {
    STATEMENTS.load(Ordering::Relaxed)
}

/// The schema that this version of the software writes.
pub(crate) fn schema_version() -> i64 {
    migrate::KNOWN
}

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file beside us.
    Sqlite(PathBuf),
    /// A server, by connection string.
    Postgres(String),
}

/// How to open a store.
pub struct OpenOptions {
    /// Where the database is.
    pub location: Location,
    /// The folder for attachments and backups before migrations.
    pub data_dir: PathBuf,
    /// The instance's keys.
    pub keys: Keyring,
    /// The source of keys, nonces and salts.
    pub random: Random,
    /// Connections for reading.
    pub readers: usize,
    /// Whether nothing may be written: for `verify`, `backup` and `doctor` beside a server.
    pub read_only: bool,
}

/// The opened store. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    backend: Backend,
    shared: Arc<Shared>,
    data_dir: PathBuf,
    /// The space in reserve, where there is one.
    reserve: OnceLock<Ballast>,
    /// Whether it was given up: then what is left is for reports alone.
    given_up: AtomicBool,
    /// Where the list of erasures is kept a second time.
    erasures: OnceLock<PathBuf>,
    /// One at a time brings that list up to date, or the later one would lose what the other knew.
    keeping: tokio::sync::Mutex<()>,
}

/// What every transaction carries.
pub(crate) struct Shared {
    /// Derived from the key file; opens the root key and nothing else.
    pub(crate) instance: Keyring,
    /// Derived from the root key; everything else. Set as soon as the database is open.
    pub(crate) root: OnceLock<Keyring>,
    pub(crate) random: Random,
}

impl Shared {
    pub(crate) fn keys(&self) -> &Keyring {
        self.root.get().unwrap_or(&self.instance)
    }
}

enum Backend {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Db {
    /// Opens the store, migrating an older one after a copy. Refuses a newer one, a foreign key,
    /// a second writer and one whose restore broke off.
    pub async fn open(options: OpenOptions) -> Result<Self, StoreError> {
        let read_only = options.read_only;
        let db = Self::open_bare(options, migrate::KNOWN).await?;
        db.unlock(!read_only).await?;
        Ok(db)
    }

    /// Opens a store for [`crate::verify`] without its keys: only to read, and nothing that is
    /// sealed opens.
    pub async fn open_without_keys(
        location: Location,
        data_dir: PathBuf,
        random: Random,
    ) -> Result<Self, StoreError> {
        let options = OpenOptions {
            location,
            data_dir,
            keys: Keyring::from_instance_key(random.bytes()),
            random,
            readers: 2,
            read_only: true,
        };
        Self::open_bare(options, migrate::KNOWN).await
    }

    /// Opens a database with the schema `target`, before its root key is known.
    pub(crate) async fn open_bare(options: OpenOptions, target: i64) -> Result<Self, StoreError> {
        create_private_folder(&options.data_dir)?;
        let shared = Arc::new(Shared {
            instance: options.keys,
            root: OnceLock::new(),
            random: options.random,
        });
        let backend = match &options.location {
            Location::Sqlite(path) => Backend::Sqlite(sqlite::Sqlite::open(
                path,
                &options.data_dir,
                options.readers,
                options.read_only,
                target,
                &shared,
            )?),
            Location::Postgres(url) => Backend::Postgres(
                postgres::Postgres::open(url, options.readers.max(2), options.read_only, target)
                    .await?,
            ),
        };
        Ok(Self(Arc::new(Inner {
            backend,
            shared,
            data_dir: options.data_dir,
            reserve: OnceLock::new(),
            given_up: AtomicBool::new(false),
            erasures: OnceLock::new(),
            keeping: tokio::sync::Mutex::new(()),
        })))
    }

    /// Keeps `bytes` of the data folder's disk in reserve from now on; 0 keeps none. Where there
    /// is no room for them the store works without, and [`Db::take_reserve_back`] tries again.
    pub fn keep_reserve(&self, bytes: u64) {
        let ballast = Ballast::new(self.data_dir(), bytes);
        self.0
            .given_up
            .store(ballast.is_given_up(), Ordering::Release);
        // Set once, when the store is opened; a second call is of no effect.
        drop(self.0.reserve.set(ballast));
        if let Err(error) = self.take_reserve_back() {
            tracing::warn!(%error, "no space is kept in reserve");
        }
    }

    /// Whether the space in reserve was given up, and every write but a report's is refused.
    pub fn reserve_is_given_up(&self) -> bool {
        self.0.given_up.load(Ordering::Acquire)
    }

    /// Takes the space in reserve, if it is not there; every write goes on when it is.
    pub fn take_reserve_back(&self) -> Result<(), StoreError> {
        if let Some(ballast) = self.0.reserve.get() {
            ballast.take(self.random())?;
        }
        self.0.given_up.store(false, Ordering::Release);
        Ok(())
    }

    /// [`Db::write`] for what has to land on a full disk too: a report and what its reporter
    /// writes (decision 25). Gives the space in reserve up where nothing else helps.
    pub async fn write_from_reserve<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
    {
        let f = Arc::new(f);
        let first = Arc::clone(&f);
        let written = self.write_now(move |tx| first(tx)).await;
        let Some(ballast) = self.0.reserve.get() else {
            return written;
        };
        if !matches!(written, Err(StoreError::Full)) {
            return written;
        }
        // Before the space is there, so that nobody else takes it.
        self.0.given_up.store(true, Ordering::Release);
        if ballast.give_up()? {
            tracing::warn!("the disk is full; the space in reserve was given up for reports");
        }
        if !ballast.is_given_up() {
            self.0.given_up.store(false, Ordering::Release);
            return written;
        }
        // Also where another report gave it up in the meantime.
        self.write_now(move |tx| f(tx)).await
    }

    /// Keeps the list of erasures in this file too, apart from the database and its backups.
    pub async fn keep_erasures(&self, path: PathBuf) -> Result<(), StoreError> {
        drop(self.0.erasures.set(path));
        self.erasures_kept().await
    }

    /// Brings that file up to date: to be called right after an erasure.
    pub async fn erasures_kept(&self) -> Result<(), StoreError> {
        let _alone = self.0.keeping.lock().await;
        match self.0.erasures.get() {
            Some(path) => crate::erasures::keep(self, path).await,
            None => Ok(()),
        }
    }

    /// Reads the root key with the instance key; a fresh database gets one if `create`.
    pub(crate) async fn unlock(&self, create: bool) -> Result<(), StoreError> {
        let root = move |tx: &mut Tx<'_>| {
            let instance = tx.shared().instance.clone();
            crate::keys::root(tx, &instance, create)
        };
        let root = if create {
            self.write(root).await?
        } else {
            self.read(root).await?
        };
        if let Some(root) = root {
            // Set once, here; a second set would mean a second open of the same value.
            drop(self.0.shared.root.set(root));
        }
        Ok(())
    }

    /// Whether the keys are there, so that sealed content opens.
    pub fn has_keys(&self) -> bool {
        self.0.shared.root.get().is_some()
    }

    /// The folder beside the database.
    pub fn data_dir(&self) -> &std::path::Path {
        &self.0.data_dir
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match self.0.backend {
            Backend::Sqlite(_) => Engine::Sqlite,
            Backend::Postgres(_) => Engine::Postgres,
        }
    }

    /// The source of randomness.
    pub fn random(&self) -> &Random {
        &self.0.shared.random
    }

    /// The keys.
    pub fn keys(&self) -> &Keyring {
        self.0.shared.keys()
    }

    /// Runs `f` in a transaction and answers after it is durable. `f` may run again after a
    /// serialisation failure, so it must have no effects outside the transaction. Refused while
    /// the space in reserve is given up: what is left then is for reports.
    pub async fn write<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        if self.reserve_is_given_up() {
            return Err(StoreError::Full);
        }
        self.write_now(f).await
    }

    async fn write_now<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        match &self.0.backend {
            Backend::Sqlite(s) => s.write(f).await,
            Backend::Postgres(p) => p.write(&self.0.shared, f).await,
        }
    }

    /// Runs `f` on one snapshot.
    pub async fn read<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        match &self.0.backend {
            Backend::Sqlite(s) => s.read(&self.0.shared, f).await,
            Backend::Postgres(p) => p.read(&self.0.shared, f).await,
        }
    }
}

fn create_private_folder(folder: &std::path::Path) -> Result<(), StoreError> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| StoreError::file("creating the data folder", e))
}

/// Declares statements as named constants and lists them, so that a test can prepare each one on
/// both engines.
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $sql:literal;)*) => {
        $($(#[$meta])* const $name: &str = $sql;)*
        /// Every fixed statement of this file.
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}
