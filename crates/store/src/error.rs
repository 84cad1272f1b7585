//! What the store can answer instead of a result: facts about storage, never a rule.

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed the stream in between; decide again.
    #[error("the stream was changed in between")]
    Conflict,
    /// A value that must be unique exists already.
    #[error("{0} exists already")]
    Unique(String),
    /// No space is left; reads go on.
    #[error("the disk is full")]
    Full,
    /// The write queue is full; try again shortly.
    #[error("the store is busy")]
    Busy,
    /// The database cannot be reached or was lost.
    #[error("the database is not available: {0}; check that it runs and that the address is right")]
    Unavailable(String),
    /// The database was made by a newer version of the software.
    #[error(
        "the database has schema version {found}, this version knows up to {known}; install the newer version"
    )]
    Newer {
        /// In the database.
        found: i64,
        /// In this version.
        known: i64,
    },
    /// Another process writes on this database.
    #[error("another process has this database open for writing ({0}); stop it first")]
    Locked(String),
    /// Stored bytes do not authenticate; they are never served.
    #[error("damaged: {0}; run the verification and restore from a backup")]
    Damaged(String),
    /// The content was erased.
    #[error("the content was erased")]
    Erased,
    /// The key file is missing, readable by others, or not a key.
    #[error("key file {path}: {problem}")]
    KeyFile {
        /// The file.
        path: String,
        /// What is wrong and what mends it.
        problem: String,
    },
    /// The key does not open this database.
    #[error("the instance key does not belong to this database; use the key that it was made with")]
    WrongKey,
    /// A statement failed.
    #[error("database: {0}")]
    Database(String),
    /// A file could not be read or written.
    #[error("{doing}: {source}")]
    File {
        /// What was tried.
        doing: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// What the caller's closure wants to hand through the transaction, which is rolled back.
    #[error("rolled back")]
    Rollback,
    /// A job panicked; the transaction was rolled back.
    #[error("a store job panicked: {0}")]
    Panicked(String),
}

impl StoreError {
    /// A file error that says what was tried; a full disk is its own answer.
    pub fn file(doing: impl Into<String>, source: std::io::Error) -> Self {
        if source.kind() == std::io::ErrorKind::StorageFull
            || source.kind() == std::io::ErrorKind::QuotaExceeded
        {
            return Self::Full;
        }
        Self::File {
            doing: doing.into(),
            source,
        }
    }
}
