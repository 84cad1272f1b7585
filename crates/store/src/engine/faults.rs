//! What the two drivers say, in the words of the store.

use crate::error::StoreError;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as C;
        match &error {
            rusqlite::Error::SqliteFailure(e, text) => match e.code {
                C::DiskFull => Self::Full,
                // The log's index could not grow.
                C::SystemIoFailure if e.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => {
                    Self::Full
                }
                C::SystemIoFailure if text.as_deref().is_some_and(|t| t.contains("full")) => {
                    Self::Full
                }
                C::DatabaseBusy | C::DatabaseLocked => Self::Busy,
                C::DatabaseCorrupt | C::NotADatabase => {
                    Self::Damaged("the database file".to_owned())
                }
                C::ConstraintViolation
                    if matches!(
                        e.extended_code,
                        rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
                            | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                    ) =>
                {
                    Self::Unique(text.clone().unwrap_or_default())
                }
                _ => Self::Database(error.to_string()),
            },
            _ => Self::Database(error.to_string()),
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState as S;
        match error.code() {
            Some(&S::UNIQUE_VIOLATION) => Self::Unique(
                error
                    .as_db_error()
                    .and_then(|e| e.constraint())
                    .unwrap_or_default()
                    .to_owned(),
            ),
            Some(&S::DISK_FULL) => Self::Full,
            Some(&S::T_R_SERIALIZATION_FAILURE | &S::T_R_DEADLOCK_DETECTED) => Self::Busy,
            // Parameters and rows never stand in the text that we keep (reliability L4).
            Some(state) => Self::Database(format!("SQLSTATE {}", state.code())),
            None => Self::Unavailable("the connection was lost".to_owned()),
        }
    }
}
