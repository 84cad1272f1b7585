//! The requests that are measured, and the measurement of one instance.

use crate::Args;
use crate::client::{self, Latencies, Request};
use crate::instance::{Access, COMMON, Instance};
use crate::postgres::Cluster;
use crate::process;
use crate::server::Server;
use crate::statements;
use anyhow::Context;
use std::path::Path;
use std::time::{Duration, Instant};

/// One kind of request on one instance.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Processor time of server and database for one request.
    pub(crate) cpu: Duration,
    pub(crate) statements: u64,
    pub(crate) one: Latencies,
    pub(crate) many: Latencies,
    pub(crate) load: String,
}

/// One instance, measured.
pub(crate) struct Measured {
    pub(crate) cases: u64,
    pub(crate) rows: Vec<Row>,
    pub(crate) filled: Option<Duration>,
    /// Processor time of taking a report, without what follows its answer; that of the database
    /// server is not in it.
    pub(crate) report_answer: Duration,
    pub(crate) database_bytes: u64,
    pub(crate) tables: Vec<(String, u64)>,
    pub(crate) first_page: Duration,
    pub(crate) first_page_cpu: Duration,
    pub(crate) after_kill: Duration,
    pub(crate) idle_kib: u64,
    pub(crate) highest_kib: u64,
    /// `entente verify` over everything, where it was run: wall and processor time.
    pub(crate) verify: Option<(Duration, Duration)>,
}

fn requests(access: &Access) -> Vec<(&'static str, Request)> {
    let page = |path: String| {
        Request::get(path).with("cookie", format!("entente-staff={}", access.session))
    };
    let api =
        |path: String| Request::get(path).with("authorization", format!("Bearer {}", access.token));
    vec![
        ("P1 inbox, page", page("/console".to_owned())),
        ("P1 list of 25, page", page("/console/cases".to_owned())),
        (
            "P1 list of 25, API",
            api("/api/v1/cases?limit=25&open=true".to_owned()),
        ),
        (
            "P2 case, page",
            page(format!("/console/cases/{}", access.number)),
        ),
        (
            "P2 case, API",
            api(format!("/api/v1/cases/{}", access.case.0)),
        ),
        ("clock board, page", page("/console/board".to_owned())),
        (
            "P8 search, common word",
            page(format!("/console/cases?q={COMMON}")),
        ),
        (
            "P8 search, two words",
            page("/console/cases?q=bababa+cebaba".to_owned()),
        ),
        ("public start page", Request::get("/")),
        ("public report form", Request::get("/report")),
    ]
}

/// A report of 2 KB with 300 distinct words, another one each time.
fn report(n: u32) -> Request {
    let mut description = String::new();
    let mut x = u64::from(n) + 1;
    for _ in 0..300 {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        // Common words come often, rare ones seldom, as in any language.
        let word = x % (1 + x / 7 % 30_000);
        description.push_str(&format!("w{word:05} "));
    }
    let body = serde_json::json!({
        "form": { "product": "EdgeGate", "version": "4.2", "description": description }
    });
    Request {
        method: "POST",
        path: "/api/v1/reports".to_owned(),
        headers: vec![("content-type", "application/json".to_owned())],
        body: body.to_string(),
    }
}

/// Measures one engine at one size.
pub(crate) fn measure(
    args: &Args,
    engine: &str,
    cases: u64,
    folder: &Path,
) -> anyhow::Result<Measured> {
    let cluster = match engine {
        "sqlite" => None,
        "postgres" => Some(Cluster::start()?),
        other => anyhow::bail!("the engine `{other}` is not known; name sqlite or postgres"),
    };
    let name = format!("bench{cases}");
    let url = cluster.as_ref().map(|c| c.database(&name)).transpose()?;
    eprintln!("{engine}, {cases} cases");
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    let (instance, access, counts, report_answer) = runtime.block_on(async {
        let folder = folder.join(format!("{engine}-{cases}"));
        let instance = Instance::ready(folder, url, cases).await?;
        let app = instance.open().await?;
        let access = instance.access(&app).await?;
        let mut counts = Vec::new();
        for (_, request) in requests(&access) {
            counts.push(statements::of(&app, &request).await?);
        }
        counts.push(statements::of(&app, &report(4_000_000_000)).await?);
        let answer = |n| report(4_000_001_000 + n);
        let answer = statements::cpu_of_answers(&app, 500, answer).await?;
        Ok::<_, anyhow::Error>((instance, access, counts, answer))
    })?;
    drop(runtime);
    // The writer's thread may still hold the last handle, and with it the lock of the database.
    std::thread::sleep(Duration::from_millis(500));
    if let Some(c) = &cluster {
        c.sql(&name, "ANALYZE")?;
    }
    let probe = requests(&access)
        .into_iter()
        .next()
        .map(|(_, r)| r)
        .context("a request")?;
    let server = Server::start(&args.binary, &instance.folder, &probe)?;
    let (first_page, first_page_cpu) = (server.first_page, server.first_page_cpu);
    server.settle();
    let (idle_kib, _) = server.memory_kib();
    let cpu = || server.cpu() + cluster.as_ref().map_or(Duration::ZERO, Cluster::cpu);
    let mut rows = Vec::new();
    let mut counts = counts.into_iter();
    for (name, request) in requests(&access) {
        let ask = |_| request.clone();
        // The first ones fill caches.
        client::run(server.address, 2, 20, ask)?;
        let before = cpu();
        let one = client::run(server.address, 1, args.requests, ask)?;
        let used = (cpu() - before) / u32::try_from(one.count().max(1))?;
        let many = client::run(server.address, 32, args.requests * 2, ask)?;
        rows.push(Row {
            name,
            cpu: used,
            statements: counts.next().unwrap_or(0),
            one,
            many,
            load: process::load(),
        });
    }
    let salt = u32::try_from(instance.cases)?.wrapping_mul(1_000);
    let before = cpu();
    let one = client::run(server.address, 1, 300, |n| report(salt + n))?;
    let many = client::run(server.address, 32, 6_000, |n| report(salt + 1_000 + n))?;
    server.settle();
    let used = (cpu() - before) / u32::try_from(one.count() + many.count())?;
    rows.push(Row {
        name: "P4 report, durable, with all that follows",
        cpu: used,
        statements: counts.next().unwrap_or(0),
        one,
        many,
        load: process::load(),
    });
    let (_, highest_kib) = server.memory_kib();
    server.kill();
    let begun = Instant::now();
    let again = Server::start(&args.binary, &instance.folder, &probe)?;
    let after_kill = begun.elapsed();
    drop(again);
    let (database_bytes, tables) = match &cluster {
        Some(c) => (c.size(&name)?, Vec::new()),
        None => (instance.bytes(), instance.tables()?),
    };
    Ok(Measured {
        cases,
        rows,
        filled: instance.filled,
        report_answer,
        database_bytes,
        tables,
        first_page,
        first_page_cpu,
        after_kill,
        idle_kib,
        highest_kib,
        verify: verify(args, &instance)?,
    })
}

/// The verification that an operator runs.
fn verify(args: &Args, instance: &Instance) -> anyhow::Result<Option<(Duration, Duration)>> {
    let begun = Instant::now();
    let before = process::cpu(std::process::id(), true);
    let status = std::process::Command::new(&args.binary)
        .args(["verify", "--json", "--data"])
        .arg(&instance.folder)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .context("running verify")?;
    anyhow::ensure!(status.success(), "verify found something broken");
    let cpu = process::cpu(std::process::id(), true) - before;
    Ok(Some((begun.elapsed(), cpu)))
}
