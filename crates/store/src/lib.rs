//! Persistence: journal, sealed content, registers, search, job queue; SQLite and PostgreSQL.
//!
//! **Invariant:** no rule of the process. A function here may say conflict, never refuse. It
//! never reads the clock; instants and ids come in. Plaintext of a case never reaches a column.
//!
//! To add a register: a table in a new migration, a file here with its statements in
//! [`statements!`], its line in [`all_statements`], and its test in `tests/` for both engines.

pub mod accounts;
pub mod advisories;
pub mod attachments;
pub mod backup;
pub mod ballast;
pub mod cases;
pub mod counters;
pub mod engine;
pub mod erasures;
mod error;
pub mod guest_links;
pub mod idempotency;
pub mod inventory;
pub mod jobs;
pub mod journal;
pub mod keys;
pub mod ledger;
pub mod limits;
pub mod merkle;
pub mod messages;
pub mod note;
pub mod postings;
pub mod product_users;
mod random;
pub mod registers;
pub mod reports;
pub mod seal;
mod sealed_stream;
pub mod search;
mod select;
pub mod sessions;
pub mod size;
pub mod snapshots;
pub mod subscriptions;
mod tables;
pub mod vault;
pub mod verify;
pub mod watch;

pub use engine::{Db, Engine, Location, OpenOptions, Row, Tx, Val, statements_executed};
pub use error::StoreError;
pub use keys::Keyring;
pub use random::Random;

/// Every fixed statement with its file and name, for the test that prepares each on both engines.
pub fn all_statements() -> Vec<(&'static str, &'static str, &'static str)> {
    let files: [(&str, &[(&str, &str)]); 24] = [
        ("accounts", accounts::STATEMENTS),
        ("advisories", advisories::STATEMENTS),
        ("attachments", attachments::STATEMENTS),
        ("backup", backup::STATEMENTS),
        ("cases", cases::STATEMENTS),
        ("counters", counters::STATEMENTS),
        ("erasures", erasures::STATEMENTS),
        ("guest_links", guest_links::STATEMENTS),
        ("idempotency", idempotency::STATEMENTS),
        ("inventory", inventory::STATEMENTS),
        ("jobs", jobs::STATEMENTS),
        ("journal", journal::STATEMENTS),
        ("keys", keys::STATEMENTS),
        ("ledger", ledger::STATEMENTS),
        ("limits", limits::STATEMENTS),
        ("messages", messages::STATEMENTS),
        ("postings", postings::STATEMENTS),
        ("product_users", product_users::STATEMENTS),
        ("registers", registers::STATEMENTS),
        ("reports", reports::STATEMENTS),
        ("search", search::STATEMENTS),
        ("sessions", sessions::STATEMENTS),
        ("snapshots", snapshots::STATEMENTS),
        ("subscriptions", subscriptions::STATEMENTS),
    ];
    files
        .into_iter()
        .chain([
            ("vault", vault::STATEMENTS),
            ("verify", verify::STATEMENTS),
            ("watch", watch::STATEMENTS),
            ("watch/findings", watch::FINDING_STATEMENTS),
            ("watch/lists", watch::LIST_STATEMENTS),
        ])
        .flat_map(|(file, list)| list.iter().map(move |(name, sql)| (file, *name, *sql)))
        .collect()
}
