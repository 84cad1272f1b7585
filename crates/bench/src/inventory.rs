//! What the question "who is affected?" costs, and what it costs to take a bill of materials in:
//! many documents with realistic overlap, on SQLite, in this process.
//!
//! Packages are as popular as in the world: few stand in nearly every document, most in some. The
//! figures are processor time of this process by the kernel's accounting of its threads.

use crate::instance;
use crate::process;
use anyhow::Context;
use entente_domain::access::Viewer;
use entente_domain::ids::ProductId;
use entente_domain::kinds::UseKind;
use entente_service::App;
use entente_service::inventory::{self, ProductUserForm, Question, Target};
use entente_service::products::{self, ProductForm};
use entente_service::watch::{self, WorldDocument};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// Different packages.
const PACKAGES: u64 = 60_000;
/// Versions of a product.
const VERSIONS: u64 = 5;
/// Users of products.
const USERS: u64 = 5_000;
/// How often a question is asked for one figure.
const TIMES: u32 = 20;

/// Documents, components of each.
pub(crate) struct Scale {
    pub(crate) documents: u64,
    pub(crate) components: u64,
}

/// A small generator that gives the same documents in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.roll() % end.max(1)
    }

    /// A package by its rank: the density falls with the rank, as names in the world do.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank drawn from a smooth distribution"
    )]
    fn rank(&mut self) -> u64 {
        let u = (self.roll() >> 11) as f64 / (1_u64 << 53) as f64;
        ((PACKAGES as f64).powf(u.powf(0.75)) as u64).min(PACKAGES - 1)
    }
}

/// A document of so many components; each but the first few is needed by one before it.
fn document(dice: &mut Dice, components: u64) -> String {
    let mut text = String::from(
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"component":{"type":"application","bom-ref":"app","name":"P","version":"1"}},"components":["#,
    );
    let mut needs = String::new();
    let mut before: Vec<String> = vec!["app".to_owned()];
    for n in 0..components {
        let rank = dice.rank();
        // The popular ones have many versions in the field.
        let many = 300 / (1 + rank / 40) + 4;
        let version = dice.below(many);
        let purl = format!(
            "pkg:cargo/package-{rank}@1.{}.{}",
            version / 10,
            version % 10
        );
        let by = usize::try_from(dice.below(before.len() as u64)).unwrap_or(0);
        let comma = if n == 0 { "" } else { "," };
        let by = before.get(by).map_or("app", String::as_str);
        let _ = write!(
            text,
            r#"{comma}{{"type":"library","bom-ref":"{purl}","name":"package-{rank}","purl":"{purl}"}}"#
        );
        let _ = write!(needs, r#"{comma}{{"ref":"{by}","dependsOn":["{purl}"]}}"#);
        before.push(purl);
    }
    text.push_str(r#"],"dependencies":["#);
    text.push_str(&needs);
    text.push_str("]}");
    text
}

/// Fills an instance and prints what the questions cost.
pub(crate) fn measure(folder: &Path, scale: &Scale) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    runtime.block_on(async {
        let (app, lead) = instance::empty(folder).await?;
        fill(&app, &lead, scale).await?;
        let bytes = std::fs::metadata(folder.join("entente.sqlite")).map_or(0, |m| m.len());
        println!("\ndatabase: {:.0} MB", megabytes(bytes));
        println!(
            "memory at most: {} MB",
            process::memory_kib(std::process::id(), "VmHWM") / 1024
        );
        questions(&app, &lead).await?;
        watched(&app, &lead, scale).await
    })
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

async fn fill(app: &App, lead: &Viewer, scale: &Scale) -> anyhow::Result<()> {
    let mut dice = Dice(7);
    let contact = lead.user().context("the lead")?;
    let begun = Instant::now();
    let (mut read, mut taken) = (Duration::ZERO, Duration::ZERO);
    let mut product = None;
    let mut products = Vec::new();
    for n in 0..scale.documents {
        if n % VERSIONS == 0 {
            let form = ProductForm {
                name: format!("Product {n}"),
                family: String::new(),
                kind: String::new(),
                division: String::new(),
                contact,
                deputy: None,
                versions: Vec::new(),
                fixed_copies: Vec::new(),
            };
            let id = products::save(app, lead, None, form).await?;
            products.push(id);
            product = Some(id);
        }
        let text = document(&mut dice, scale.components);
        let before = process::threads();
        let document = inventory::read(text.as_bytes(), "bom.json")?;
        let between = process::threads();
        let target = Target {
            product: product.context("a product")?,
            version: format!("1.{}", n % VERSIONS),
            add_version: true,
        };
        inventory::take(app, lead, target, document).await?;
        let after = process::threads();
        read += between.saturating_sub(before);
        taken += after.saturating_sub(between);
        if (n + 1) % 1_000 == 0 {
            eprintln!(
                "  {} documents after {:.0} s",
                n + 1,
                begun.elapsed().as_secs_f64()
            );
        }
    }
    users(app, lead, &products).await?;
    let each = |whole: Duration| {
        1_000.0 * whole.as_secs_f64()
            / f64::from(u32::try_from(scale.documents).unwrap_or(u32::MAX))
    };
    println!(
        "\n{} documents of {} components: {:.2} ms of processor time to read each, {:.2} ms to take it in (limit 50)",
        scale.documents,
        scale.components,
        each(read),
        each(taken)
    );
    Ok(())
}

async fn users(app: &App, lead: &Viewer, products: &[ProductId]) -> anyhow::Result<()> {
    let mut dice = Dice(11);
    for n in 0..USERS {
        let at = usize::try_from(dice.below(products.len() as u64)).unwrap_or(0);
        let form = ProductUserForm {
            kind: if n % 10 == 0 {
                UseKind::Vendor
            } else {
                UseKind::Customer
            },
            name: format!("User {n}"),
            party: None,
            versions: if n % 2 == 0 {
                vec!["1.1".to_owned()]
            } else {
                Vec::new()
            },
            contact: String::new(),
            days_to_deploy: Some(30),
        };
        let product = *products.get(at).context("a product")?;
        inventory::add_user(app, lead, product, form).await?;
    }
    Ok(())
}

async fn questions(app: &App, lead: &Viewer) -> anyhow::Result<()> {
    println!(
        "\n| question, by rank of the package | p50 ms | p95 ms | p99 ms | limit | versions of products, p50 | at most | users, p50 |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let some = |from: u64, step: u64| (0..100).map(move |n| from + n * step);
    for (name, ranks, limit) in [
        ("1 to 100", some(1, 1).collect::<Vec<_>>(), "3"),
        ("1,000 to 5,000", some(1_000, 40).collect(), "0.5"),
        ("20,000 to 60,000", some(20_000, 399).collect(), "0.5"),
    ] {
        let (mut times, mut hits, mut reached) = (Vec::new(), Vec::new(), Vec::new());
        for rank in ranks {
            let question = || Question {
                component: format!("pkg:cargo/package-{rank}"),
                versions: "<1.9.9".to_owned(),
            };
            // Once for what is kept in memory.
            let answer = inventory::affected(app, lead, question()).await?;
            hits.push(
                answer
                    .products
                    .iter()
                    .map(|p| p.versions.len())
                    .sum::<usize>(),
            );
            reached.push(answer.products.iter().map(|p| p.users.len()).sum::<usize>());
            let before = process::threads();
            for _ in 0..TIMES {
                inventory::affected(app, lead, question()).await?;
            }
            times.push(process::threads().saturating_sub(before) / TIMES);
        }
        times.sort_unstable();
        hits.sort_unstable();
        reached.sort_unstable();
        let at = |p: usize| {
            let place = (times.len() * p / 100).min(times.len().saturating_sub(1));
            times.get(place).map_or(0.0, |t| 1_000.0 * t.as_secs_f64())
        };
        println!(
            "| {name} | {:.2} | {:.2} | {:.2} | {limit} | {} | {} | {} |",
            at(50),
            at(95),
            at(99),
            hits.get(50).copied().unwrap_or(0),
            hits.last().copied().unwrap_or(0),
            reached.get(50).copied().unwrap_or(0),
        );
    }
    Ok(())
}

/// Advisories about one package each, as databases of open source publish them.
fn advisory(n: usize, rank: u64) -> anyhow::Result<WorldDocument> {
    let text = format!(
        r#"{{"schema_version":"1.7.0","id":"GHSA-{n:08}","aliases":["CVE-2026-{n:06}"],"modified":"2026-11-01T00:00:00Z","summary":"A flaw in package-{rank}","details":"{}","severity":[{{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}],"affected":[{{"package":{{"ecosystem":"crates.io","name":"package-{rank}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"1.0.2"}}]}}]}}]}}"#,
        "What it is, at the usual length. ".repeat(20)
    );
    Ok(WorldDocument::read(text.as_bytes())?)
}

/// What an advisory costs from its publication to the findings, and what a bill of materials costs
/// beside them.
async fn watched(app: &App, lead: &Viewer, scale: &Scale) -> anyhow::Result<()> {
    println!(
        "\n| a new advisory, by rank of the package | p50 ms | p99 ms | limit | findings, p50 | at most |"
    );
    println!("|---|---|---|---|---|---|");
    let mut n = 0;
    for (name, from, step) in [
        ("1 to 100", 1, 1),
        ("1,000 to 5,000", 1_000, 40),
        ("20,000 to 60,000", 20_000, 399),
    ] {
        let (mut times, mut opened) = (Vec::new(), Vec::new());
        for rank in (0..100).map(|n| from + n * step) {
            n += 1;
            let document = advisory(n, rank)?;
            let before = process::threads();
            opened.push(watch::take(app, lead, vec![document]).await?.opened);
            times.push(process::threads().saturating_sub(before));
        }
        times.sort_unstable();
        opened.sort_unstable();
        let at = |p: usize| times.get(p).map_or(0.0, |t| 1_000.0 * t.as_secs_f64());
        println!(
            "| {name} | {:.2} | {:.2} | 10 | {} | {} |",
            at(50),
            at(99),
            opened.get(50).copied().unwrap_or(0),
            opened.last().copied().unwrap_or(0),
        );
    }
    let mut dice = Dice(13);
    for _ in 0..20 {
        let mut some = Vec::new();
        for _ in 0..100 {
            n += 1;
            some.push(advisory(n, dice.rank())?);
        }
        watch::take(app, lead, some).await?;
    }
    let product = products::list(app, lead).await?;
    let product = product.first().context("a product")?.id;
    let mut times = Vec::new();
    for round in 0..20 {
        let text = document(&mut dice, scale.components);
        let document = inventory::read(text.as_bytes(), "bom.json")?;
        let target = Target {
            product,
            version: format!("2.{round}"),
            add_version: true,
        };
        let before = process::threads();
        inventory::take(app, lead, target, document).await?;
        times.push(process::threads().saturating_sub(before));
    }
    times.sort_unstable();
    let p50 = times.get(10).map_or(0.0, |t| 1_000.0 * t.as_secs_f64());
    let most = times.last().map_or(0.0, |t| 1_000.0 * t.as_secs_f64());
    println!(
        "\na bill of materials of {} components stored and matched against {n} advisories: p50 {p50:.2} ms, at most {most:.2} ms (limit 50)",
        scale.components
    );
    Ok(())
}
