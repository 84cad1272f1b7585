//! The bare things beside ours, in the same run: a server that says hello, and a loop of durable
//! commits. What we add to them is ours; what they take is the machine's.

use crate::client::{self, Latencies, Request};
use crate::process;
use anyhow::Context;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Figures of the bare things.
pub(crate) struct Peers {
    pub(crate) hello_cpu: Duration,
    pub(crate) hello: Latencies,
    pub(crate) hello_32: Latencies,
    /// One row of 1 KB a commit, on the file system of the run.
    pub(crate) commit: Latencies,
    pub(crate) commit_cpu: Duration,
}

/// Runs the bare server until the process is killed.
pub(crate) fn serve_hello() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let router = axum::Router::new().route("/", axum::routing::get(|| async { "hello" }));
        axum::serve(listener, router).await?;
        Ok(())
    })
}

/// Measures both.
pub(crate) fn measure(folder: &Path) -> anyhow::Result<Peers> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("--hello")
        .stdout(Stdio::piped())
        .spawn()
        .context("starting the bare server")?;
    let mut line = String::new();
    if let Some(out) = child.stdout.as_mut() {
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line)?;
    }
    let address: SocketAddr = line.trim().parse().context("the bare server's address")?;
    let many = 20_000;
    let before = process::cpu(child.id(), false);
    let hello = client::run(address, 1, many, |_| Request::get("/"))?;
    let hello_cpu = (process::cpu(child.id(), false) - before) / many;
    let hello_32 = client::run(address, 32, many, |_| Request::get("/"))?;
    child.kill()?;
    child.wait()?;

    let connection = rusqlite::Connection::open(folder.join("commits.sqlite"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)",
    )?;
    let body = vec![7_u8; 1_024];
    let commits = 500;
    let me = std::process::id();
    let before = process::cpu(me, false);
    let begun = Instant::now();
    let mut took = Vec::new();
    for _ in 0..commits {
        let one = Instant::now();
        connection.execute("INSERT INTO t (body) VALUES (?1)", [&body])?;
        took.push(one.elapsed());
    }
    Ok(Peers {
        hello_cpu,
        hello,
        hello_32,
        commit: Latencies::of(took, begun.elapsed()),
        commit_cpu: (process::cpu(me, false) - before) / commits,
    })
}
