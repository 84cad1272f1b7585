//! A database of its own for each test, on a PostgreSQL cluster that belongs to the test run.
//!
//! The cluster comes from `ENTENTE_TEST_POSTGRES` (set by `./test` and by nextest's setup script). Where that is not
//! set, the process starts one through `.config/postgres`, which ends with the process.

use std::fmt;
use std::process::Command;
use std::sync::OnceLock;

use crate::data::project_root;
use crate::skip;

/// A database that nobody else uses, with an owner of its own; both are dropped with this value.
///
/// The owner is what an operator would create: it may log in and create roles, and is no superuser, so row-level
/// security that is forced binds it too.
#[derive(Debug)]
pub struct Database {
    name: String,
    cluster: String,
}

/// Creates an empty database; its name is unique among all processes of the cluster.
///
/// May be called inside an async runtime. `None` when the machine has no PostgreSQL server: the test has been named
/// as skipped and returns.
///
/// # Panics
///
/// Where the cluster does not answer, or there is none and `CI` is set.
#[must_use]
#[track_caller]
pub fn fresh_database() -> Option<Database> {
    let Some(cluster) = cluster() else {
        skip::missing(
            "a PostgreSQL server",
            "install it with ./test --install, or name one by ENTENTE_TEST_POSTGRES",
        );
        return None;
    };
    let name = format!("t_{}", uuid::Uuid::new_v4().simple());
    let created = run(
        cluster,
        vec![
            format!("CREATE ROLE {name} LOGIN CREATEROLE PASSWORD '{name}'"),
            format!("CREATE DATABASE {name} OWNER {name}"),
        ],
    );
    if let Err(error) = created {
        panic!("no test database on `{cluster}`: {error}");
    }
    Some(Database {
        name,
        cluster: cluster.to_owned(),
    })
}

impl Database {
    /// The connection string of the owner, as tokio-postgres reads it.
    #[must_use]
    pub fn url(&self) -> String {
        // In a connection string the later word wins.
        let name = &self.name;
        format!("{} user={name} password={name} dbname={name}", self.cluster)
    }

    /// The connection string of the cluster's superuser, to this database: for looking at what the owner may not see.
    #[must_use]
    pub fn admin_url(&self) -> String {
        format!("{} dbname={}", self.cluster, self.name)
    }

    /// The name of the database and of its owner.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The connection string of the owner.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = &self.name;
        // A test that failed must show its own failure; what stays behind goes with the cluster. The owner stays
        // when the test made roles that depend on it.
        let _ = run(
            &self.cluster,
            vec![
                format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
                format!("DROP ROLE IF EXISTS {name}"),
            ],
        );
    }
}

/// The connection string of the cluster, started at first use; `None` without the server's programs.
fn cluster() -> Option<&'static str> {
    static CLUSTER: OnceLock<Option<String>> = OnceLock::new();
    CLUSTER
        .get_or_init(|| match std::env::var("ENTENTE_TEST_POSTGRES") {
            Ok(connection) if !connection.is_empty() => Some(connection),
            _ => start(),
        })
        .as_deref()
}

fn start() -> Option<String> {
    let script = project_root().join(".config/postgres");
    let call = |arguments: &[&str]| {
        let output = Command::new(&script).args(arguments).output();
        let output =
            output.unwrap_or_else(|error| panic!("cannot run {}: {error}", script.display()));
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
            .ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())
    };
    call(&["bindir"]).ok()?;
    let folder = match call(&["start", &std::process::id().to_string()]) {
        Ok(folder) => folder,
        Err(error) => panic!("the test cluster did not start: {error}"),
    };
    call(&["connection", &folder]).ok()
}

/// Runs each statement in a transaction of its own, on a thread of its own: the caller may be inside a runtime.
fn run(cluster: &str, statements: Vec<String>) -> Result<(), String> {
    let cluster = cluster.to_owned();
    let work = move || -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&cluster, tokio_postgres::NoTls)
                .await
                .map_err(|error| explain(&error))?;
            let driver = tokio::spawn(connection);
            for statement in &statements {
                client
                    .batch_execute(statement)
                    .await
                    .map_err(|error| explain(&error))?;
            }
            drop(client);
            let _ = driver.await;
            Ok(())
        })
    };
    std::thread::spawn(work)
        .join()
        .unwrap_or_else(|_| Err("the thread of the statement panicked".to_owned()))
}

/// The driver's own text stops at "db error".
fn explain(error: &tokio_postgres::Error) -> String {
    error
        .as_db_error()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_databases_are_two_and_the_owner_is_no_superuser() {
        let (Some(one), Some(two)) = (fresh_database(), fresh_database()) else {
            return;
        };
        assert_ne!(one.name(), two.name());
        let table = vec!["CREATE TABLE apart (id BIGINT)".to_owned()];
        run(&one.url(), table.clone()).expect("the owner may create a table");
        run(&two.url(), table).expect("the other database does not have it yet");
        let refused = run(&one.url(), vec!["CREATE ROLE more SUPERUSER".to_owned()]);
        assert!(refused.is_err_and(|error| error.contains("superuser")));
    }

    #[test]
    fn a_dropped_database_is_gone() {
        let Some(database) = fresh_database() else {
            return;
        };
        let (url, cluster) = (database.url(), database.cluster.clone());
        run(&url, Vec::new()).expect("it answers");
        drop(database);
        run(&cluster, Vec::new()).expect("the cluster still answers");
        assert!(run(&url, Vec::new()).is_err());
    }

    #[tokio::test]
    async fn it_may_be_called_inside_a_runtime() {
        let Some(database) = fresh_database() else {
            return;
        };
        assert!(
            tokio_postgres::connect(&database.url(), tokio_postgres::NoTls)
                .await
                .is_ok()
        );
    }
}
