//! A private PostgreSQL server that keeps what it commits, unlike the one of the tests.

use crate::process;
use anyhow::{Context, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A cluster of this run.
pub(crate) struct Cluster {
    folder: PathBuf,
    pid: u32,
}

impl Cluster {
    /// Starts one through the project's script and makes it durable.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let folder = output(&["start", &std::process::id().to_string()])?;
        let folder = PathBuf::from(folder);
        let pid = std::fs::read_to_string(folder.join("data/postmaster.pid"))
            .context("reading the server's process number")?
            .lines()
            .next()
            .and_then(|l| l.trim().parse().ok())
            .context("the server's process number")?;
        let cluster = Self { folder, pid };
        for setting in [
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "autovacuum",
        ] {
            cluster.sql("postgres", &format!("ALTER SYSTEM SET {setting} = on"))?;
        }
        cluster.sql("postgres", "SELECT pg_reload_conf()")?;
        Ok(cluster)
    }

    /// Makes a database with an owner who is no superuser; answers its connection string.
    pub(crate) fn database(&self, name: &str) -> anyhow::Result<String> {
        self.sql(
            "postgres",
            &format!("CREATE ROLE {name} LOGIN CREATEROLE PASSWORD '{name}'"),
        )?;
        self.sql("postgres", &format!("CREATE DATABASE {name} OWNER {name}"))?;
        Ok(format!(
            "host={} user={name} password={name} dbname={name}",
            self.folder.display()
        ))
    }

    /// Processor time of the server and all its processes so far.
    pub(crate) fn cpu(&self) -> Duration {
        process::cpu_of_family(self.pid)
    }

    /// Bytes of a database.
    pub(crate) fn size(&self, name: &str) -> anyhow::Result<u64> {
        let text = self.sql("postgres", &format!("SELECT pg_database_size('{name}')"))?;
        text.trim().parse().context("the size of the database")
    }

    /// Runs one statement as the superuser.
    pub(crate) fn sql(&self, database: &str, sql: &str) -> anyhow::Result<String> {
        let bin = output(&["bindir"])?;
        let out = Command::new(Path::new(&bin).join("psql"))
            .args(["-h"])
            .arg(&self.folder)
            .args(["-U", "postgres", "-d", database, "-AtXq", "-c", sql])
            .output()
            .context("running psql")?;
        if !out.status.success() {
            bail!("{sql}: {}", String::from_utf8_lossy(&out.stderr));
        }
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(output(&["stop", &self.folder.display().to_string()]));
    }
}

fn output(words: &[&str]) -> anyhow::Result<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.config/postgres");
    let out = Command::new(script)
        .args(words)
        .output()
        .context("running .config/postgres")?;
    if !out.status.success() {
        bail!("{}", String::from_utf8_lossy(&out.stderr));
    }
    Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}
