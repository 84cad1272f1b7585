//! SQLite: one writer thread that groups commits, a few readers, one process.

use super::Shared;
use super::migrate;
use super::tx::{On, Tx};
use crate::error::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use tokio::sync::{Semaphore, oneshot};

/// How many jobs share a commit at most.
const GROUP: usize = 64;
/// How many jobs may wait; more are answered "busy".
const WAITING: usize = 1_024;

/// A job of the writer: runs inside its savepoint, and says afterwards whether it is committed.
trait Job: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Whether it failed because no space was left.
    fn was_full(&self) -> bool;
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

struct TypedJob<T, F> {
    work: F,
    result: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for TypedJob<T, F>
where
    T: Send,
    F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let ran = std::panic::catch_unwind(AssertUnwindSafe(|| (self.work)(tx)));
        let result = ran.unwrap_or_else(|_| Err(StoreError::Panicked("write".to_owned())));
        let good = result.is_ok();
        self.result = Some(result);
        good
    }

    fn was_full(&self) -> bool {
        matches!(self.result, Some(Err(StoreError::Full)))
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match (committed, self.result) {
            // Its own failure is its own, whatever became of the group.
            (_, Some(Err(own))) => Err(own),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Err(e), _) => Err(e),
            (Ok(()), None) => Err(StoreError::Busy),
        };
        // The caller may have gone; the change is durable all the same.
        drop(self.answer.send(result));
    }
}

/// One SQLite database.
pub(super) struct Sqlite {
    writer: Option<mpsc::SyncSender<Box<dyn Job>>>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
    readers: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
    path: PathBuf,
    // Held as long as we write; the operating system lets go of it when the process ends.
    _lock: Option<File>,
}

impl Sqlite {
    pub(super) fn open(
        path: &Path,
        data_dir: &Path,
        readers: usize,
        read_only: bool,
        target: i64,
        shared: &Arc<Shared>,
    ) -> Result<Self, StoreError> {
        let lock = if read_only { None } else { Some(lock(path)?) };
        let mut writer = None;
        let mut thread = None;
        if !read_only {
            create_private(path)?;
            let connection = connect(path, Mode::Writer)?;
            migrate::sqlite(&connection, path, data_dir, target)?;
            let (sender, receiver) = mpsc::sync_channel::<Box<dyn Job>>(WAITING);
            let shared = Arc::clone(shared);
            thread = Some(
                std::thread::Builder::new()
                    .name("store-writer".to_owned())
                    .spawn(move || write_loop(&connection, &receiver, &shared))
                    .map_err(|e| StoreError::file("starting the writer", e))?,
            );
            writer = Some(sender);
        }
        let readers = readers.max(1);
        let connections: Vec<Connection> = (0..readers)
            .map(|_| connect(path, Mode::Reader))
            .collect::<Result<_, _>>()?;
        if let Some(c) = connections.first() {
            migrate::check_known(migrate::sqlite_version(c)?)?;
        }
        Ok(Self {
            writer,
            thread: Mutex::new(thread),
            readers: Arc::new(Mutex::new(connections)),
            permits: Arc::new(Semaphore::new(readers)),
            path: path.to_owned(),
            _lock: lock,
        })
    }

    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let Some(writer) = &self.writer else {
            return Err(StoreError::Unavailable(
                "it was opened for reading".to_owned(),
            ));
        };
        let (answer, answered) = oneshot::channel();
        let job: Box<dyn Job> = Box::new(TypedJob {
            work,
            result: None,
            answer,
        });
        writer.try_send(job).map_err(|e| match e {
            mpsc::TrySendError::Full(_) => StoreError::Busy,
            mpsc::TrySendError::Disconnected(_) => {
                StoreError::Unavailable("the writer has stopped".to_owned())
            }
        })?;
        answered
            .await
            .unwrap_or_else(|_| Err(StoreError::Unavailable("the writer has stopped".to_owned())))
    }

    pub(super) async fn read<T, F>(&self, shared: &Arc<Shared>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Busy)?;
        let (pool, shared, path) = (
            Arc::clone(&self.readers),
            Arc::clone(shared),
            self.path.clone(),
        );
        tokio::task::spawn_blocking(move || {
            let taken = pool.lock().ok().and_then(|mut p| p.pop());
            let connection = match taken {
                Some(c) => c,
                None => connect(&path, Mode::Reader)?,
            };
            let result = std::panic::catch_unwind(AssertUnwindSafe(|| {
                // One snapshot for all statements of the request.
                connection.execute_batch("BEGIN")?;
                work(&mut Tx::new(On::Sqlite(&connection), &shared, false))
            }))
            .unwrap_or_else(|_| Err(StoreError::Panicked("read".to_owned())));
            let clean = connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok();
            if clean && let Ok(mut p) = pool.lock() {
                p.push(connection);
            }
            drop(permit);
            result
        })
        .await
        .unwrap_or_else(|_| Err(StoreError::Panicked("read".to_owned())))
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        // Closing the channel ends the writer after what waits is done.
        self.writer = None;
        if let Ok(mut thread) = self.thread.lock()
            && let Some(thread) = thread.take()
            // The last handle may die inside a job, on the writer itself.
            && thread.thread().id() != std::thread::current().id()
        {
            drop(thread.join());
        }
    }
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(PathBuf::from(name))
        .map_err(|e| StoreError::file("opening the lock file", e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(StoreError::Locked(path.display().to_string()))
        }
        Err(std::fs::TryLockError::Error(e)) => Err(StoreError::file("locking the database", e)),
    }
}

/// The file is made readable by its owner only; SQLite gives its companions the same rights.
fn create_private(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    match File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(StoreError::file("creating the database", e)),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Writer,
    Reader,
}

fn connect(path: &Path, mode: Mode) -> Result<Connection, StoreError> {
    // Never SQLITE_OPEN_CREATE: a reader must not bring an empty database into being.
    let writable = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, writable);
    let connection = match (opened, mode) {
        (Ok(c), _) => c,
        // On a medium that cannot be written, a reader reads all the same.
        (Err(_), Mode::Reader) => Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?,
        (Err(e), Mode::Writer) => return Err(e.into()),
    };
    connection.execute_batch(
        "PRAGMA busy_timeout = 5000;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA temp_store = MEMORY;",
    )?;
    connection.execute_batch(match mode {
        Mode::Writer => {
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA secure_delete = ON;
             -- Indexes are written all over the place; with less, pages are read again and again.
             PRAGMA cache_size = -32768;"
        }
        Mode::Reader => "PRAGMA query_only = ON",
    })?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}

fn write_loop(connection: &Connection, jobs: &mpsc::Receiver<Box<dyn Job>>, shared: &Shared) {
    while let Ok(first) = jobs.recv() {
        if let Err(e) = connection.execute_batch("BEGIN IMMEDIATE") {
            first.finish(Err(e.into()));
            continue;
        }
        let mut done: Vec<Box<dyn Job>> = Vec::new();
        let mut next = Some(first);
        let mut whole = true;
        while let Some(mut job) = next.take() {
            whole = run_one(connection, &mut *job, shared);
            done.push(job);
            if whole && done.len() < GROUP {
                next = jobs.try_recv().ok();
            }
        }
        // Only after this line is anybody told that something was done.
        let committed = if whole {
            connection.execute_batch("COMMIT").map_err(StoreError::from)
        } else if done.iter().any(|j| j.was_full()) {
            Err(StoreError::Full)
        } else {
            Err(StoreError::Database(
                "the database rolled the transaction back".to_owned(),
            ))
        };
        if committed.is_err() && !connection.is_autocommit() {
            drop(connection.execute_batch("ROLLBACK"));
        }
        let failed = committed.err();
        for job in done {
            job.finish(match &failed {
                None => Ok(()),
                Some(StoreError::Full) => Err(StoreError::Full),
                Some(StoreError::Busy) => Err(StoreError::Busy),
                Some(e) => Err(StoreError::Database(e.to_string())),
            });
        }
    }
    drop(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
}

/// Runs one job in its own savepoint, so that its failure harms no neighbour. `false` if the
/// group is lost: on a full disk SQLite rolls back the whole transaction, not the savepoint, and
/// whatever ran before in the group is undone with it.
fn run_one(connection: &Connection, job: &mut dyn Job, shared: &Shared) -> bool {
    if connection.execute_batch("SAVEPOINT job").is_err() {
        return false;
    }
    let mut tx = Tx::new(On::Sqlite(connection), shared, true);
    let good = job.run(&mut tx);
    if connection.is_autocommit() {
        return false;
    }
    let end = if good {
        "RELEASE job"
    } else {
        "ROLLBACK TO job; RELEASE job"
    };
    connection.execute_batch(end).is_ok() && !connection.is_autocommit()
}
