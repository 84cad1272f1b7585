//! Migrations: one text for both engines, with words for types and parts for one engine only.
//! A newer database is refused; an older one is copied before it is changed.

use crate::error::StoreError;
use rusqlite::Connection;
use std::path::Path;

/// Every migration in order: number and text.
pub(super) const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../../migrations/0001_spine.sql")),
    (2, include_str!("../../migrations/0002_locks.sql")),
    (3, include_str!("../../migrations/0003_rooms.sql")),
    (4, include_str!("../../migrations/0004_inventory.sql")),
    (5, include_str!("../../migrations/0005_watch.sql")),
];

/// The schema version that this software knows.
pub(super) const KNOWN: i64 = 5;

/// The application id of our SQLite files: "Ente".
const APPLICATION_ID: i64 = 0x456e_7465;

pub(super) fn check_known(found: i64) -> Result<(), StoreError> {
    if found > KNOWN {
        return Err(StoreError::Newer {
            found,
            known: KNOWN,
        });
    }
    Ok(())
}

/// The statements of a migration for one engine. Statements are divided by lines of `--;`;
/// a part whose comment says `-- only: ENGINE` is for that engine alone.
fn statements(text: &str, postgres: bool) -> Vec<String> {
    let words: &[(&str, &str)] = if postgres {
        &[
            ("{ID}", "UUID"),
            ("{BYTES}", "BYTEA"),
            ("{INT}", "BIGINT"),
            ("{TEXT}", "TEXT COLLATE \"C\""),
            ("{STRICT}", ""),
            ("{COMPACT}", ""),
        ]
    } else {
        &[
            ("{ID}", "BLOB"),
            ("{BYTES}", "BLOB"),
            ("{INT}", "INTEGER"),
            ("{TEXT}", "TEXT"),
            ("{STRICT}", "STRICT"),
            ("{COMPACT}", "STRICT, WITHOUT ROWID"),
        ]
    };
    let ours = if postgres {
        "-- only: postgres"
    } else {
        "-- only: sqlite"
    };
    text.split("\n--;")
        .map(str::trim)
        .filter(|s| {
            let sql = s.lines().any(|l| !l.is_empty() && !l.starts_with("--"));
            sql && s
                .lines()
                .filter(|l| l.starts_with("-- only:"))
                .all(|l| l == ours)
        })
        .map(|s| {
            words
                .iter()
                .fold(s.to_owned(), |s, (from, to)| s.replace(from, to))
        })
        .collect()
}

pub(super) fn sqlite_version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA user_version", [], |r| r.get(0))?)
}

pub(super) fn sqlite(
    connection: &Connection,
    path: &Path,
    data_dir: &Path,
    target: i64,
) -> Result<(), StoreError> {
    let found = sqlite_version(connection)?;
    check_known(found)?;
    let foreign: i64 = connection.query_row(
        "SELECT (SELECT COUNT(*) FROM sqlite_schema) > 0 AND (SELECT application_id FROM pragma_application_id) <> ?1",
        [APPLICATION_ID],
        |r| r.get(0),
    )?;
    if foreign != 0 {
        return Err(StoreError::Unavailable(format!(
            "{} is the database of another program",
            path.display()
        )));
    }
    if found > 0 && found < target {
        let copy = data_dir.join(format!("before-schema-{target}.sqlite"));
        if !copy.exists() {
            connection
                .execute("VACUUM INTO ?1", [copy.display().to_string()])
                .map_err(StoreError::from)?;
        }
        tracing::info!(database = %path.display(), "copied the database before migrating it");
    }
    for (number, text) in MIGRATIONS
        .iter()
        .filter(|(n, _)| *n > found && *n <= target)
    {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let run = || -> Result<(), StoreError> {
            for statement in statements(text, false) {
                connection.execute_batch(&statement)?;
            }
            connection.execute_batch(&format!(
                "PRAGMA user_version = {number}; PRAGMA application_id = {APPLICATION_ID};"
            ))?;
            connection.execute_batch("COMMIT")?;
            Ok(())
        };
        if let Err(e) = run() {
            drop(connection.execute_batch("ROLLBACK"));
            return Err(e);
        }
    }
    Ok(())
}

pub(super) async fn postgres_version(client: &tokio_postgres::Client) -> Result<i64, StoreError> {
    let there = client
        .query_one("SELECT to_regclass('schema_version') IS NOT NULL", &[])
        .await?
        .get::<_, bool>(0);
    if !there {
        return Ok(0);
    }
    Ok(client
        .query_one("SELECT COALESCE(MAX(version), 0) FROM schema_version", &[])
        .await?
        .get(0))
}

pub(super) async fn postgres(
    client: &mut tokio_postgres::Client,
    target: i64,
) -> Result<(), StoreError> {
    let tx = client.transaction().await?;
    // Replicas that start together take turns.
    tx.execute("SELECT pg_advisory_xact_lock(4996721)", &[])
        .await?;
    tx.batch_execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)")
        .await?;
    let found: i64 = tx
        .query_one("SELECT COALESCE(MAX(version), 0) FROM schema_version", &[])
        .await?
        .get(0);
    check_known(found)?;
    for (number, text) in MIGRATIONS
        .iter()
        .filter(|(n, _)| *n > found && *n <= target)
    {
        for statement in statements(text, true) {
            tx.batch_execute(&statement).await?;
        }
        tx.execute(
            "INSERT INTO schema_version (version) VALUES ($1)",
            &[number],
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}
