//! What an operator watches: queues, sizes and ages. Numbers of the instance only; nothing here
//! tells of one case or one person.

use crate::App;
use crate::error::ServiceError;
use entente_domain::time::Timestamp;
use entente_store::engine::Engine;
use entente_store::{backup, jobs, ledger, size};

/// The state of the instance in numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gauges {
    /// The database: `sqlite` or `postgres`.
    pub engine: &'static str,
    /// Jobs that wait, due or not.
    pub jobs_queued: i64,
    /// Jobs that were given up: a person has to look.
    pub jobs_dead: i64,
    /// Since when the job has waited that has been due longest.
    pub oldest_due_job: Option<Timestamp>,
    /// Mails that wait.
    pub mail_queued: i64,
    /// Bytes of the database, without attachments.
    pub database_bytes: i64,
    /// When the newest head of the log was signed.
    pub ledger_head: Option<Timestamp>,
    /// When the newest backup of this instance began.
    pub backup: Option<Timestamp>,
}

/// Reads them.
pub async fn read(app: &App) -> Result<Gauges, ServiceError> {
    let now = app.now();
    let made = backup::last(app.db().data_dir());
    let engine = match app.db().engine() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    Ok(app
        .db()
        .read(move |tx| {
            Ok(Gauges {
                engine,
                jobs_queued: jobs::count(tx, "queued")?,
                jobs_dead: jobs::count(tx, "dead")?,
                oldest_due_job: jobs::oldest_due(tx, now)?,
                mail_queued: jobs::count_of(tx, "queued", "mail")?,
                database_bytes: size::bytes(tx)?,
                ledger_head: ledger::latest(tx)?.map(|head| head.at),
                backup: made,
            })
        })
        .await?)
}
