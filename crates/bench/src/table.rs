//! The printed tables.

use crate::journal::Journal;
use crate::peers::Peers;
use crate::workload::Measured;
use std::time::Duration;

fn ms(d: Duration) -> String {
    format!("{:.2}", d.as_secs_f64() * 1_000.0)
}

fn mb(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}

/// The bare things.
pub(crate) fn peers(p: &Peers) {
    println!("\n## Bare things of the same run\n");
    println!("| what | CPU ms | p50 ms | p99 ms | /s | /s at 32 |");
    println!("|---|---|---|---|---|---|");
    println!(
        "| axum, hello | {:.3} | {} | {} | {:.0} | {:.0} |",
        p.hello_cpu.as_secs_f64() * 1_000.0,
        ms(p.hello.percentile(50)),
        ms(p.hello.percentile(99)),
        p.hello.rate(),
        p.hello_32.rate()
    );
    println!(
        "| SQLite, one durable row | {} | {} | {} | {:.0} | |",
        ms(p.commit_cpu),
        ms(p.commit.percentile(50)),
        ms(p.commit.percentile(99)),
        p.commit.rate()
    );
}

/// The journal.
pub(crate) fn journal(j: &Journal) {
    println!("\n## P9 the journal, {} entries\n", j.entries);
    println!("| what | CPU us | limit |");
    println!("|---|---|---|");
    println!("| append an entry | {} | 50 |", j.append.as_micros());
    println!(
        "| give it its place in the log | {} | |",
        j.order.as_micros()
    );
    println!(
        "| proof of inclusion, {} hashes at most | {} | 1000 |",
        j.hashes,
        j.proof.as_micros()
    );
}

/// What the issue of speed asks for, by the name of the row: CPU ms on SQLite, on PostgreSQL,
/// statements.
fn limit(name: &str, engine: &str) -> (f64, Option<u64>) {
    let p5 = if engine == "postgres" { 3.0 } else { 1.0 };
    match name.get(..2) {
        Some("P1") => (p5, Some(4)),
        Some("P2") => (p5, Some(6)),
        Some("P4") => (p5, None),
        Some("P8") => (20.0, None),
        _ => (f64::NAN, None),
    }
}

/// One engine at every size.
pub(crate) fn workload(engine: &str, measured: &[Measured]) {
    println!("\n## {engine}\n");
    println!(
        "CPU is that of the server and its database for one request; the load of the machine stands beside it.\n"
    );
    println!(
        "| request | cases | CPU ms | limit | statements | limit | bytes | p50 ms | p99 ms | /s at 32 | p99 at 32 | load |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    let rows = measured.first().map_or(0, |m| m.rows.len());
    for n in 0..rows {
        for m in measured {
            let Some(r) = m.rows.get(n) else { continue };
            let (cpu, statements) = limit(r.name, engine);
            println!(
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.0} | {} | {} |",
                r.name,
                m.cases,
                ms(r.cpu),
                if cpu.is_nan() {
                    String::new()
                } else {
                    format!("{cpu:.0}")
                },
                r.statements,
                statements.map_or(String::new(), |s| s.to_string()),
                r.one.bytes,
                ms(r.one.percentile(50)),
                ms(r.one.percentile(99)),
                r.many.rate(),
                ms(r.many.percentile(99)),
                r.load
            );
        }
        if let (Some(small), Some(large)) = (measured.first(), measured.last())
            && measured.len() > 1
            && let (Some(s), Some(l)) = (small.rows.get(n), large.rows.get(n))
        {
            let ratio = l.cpu.as_secs_f64() / s.cpu.as_secs_f64().max(1e-9);
            println!("| | × | {ratio:.2} | 1.3 (P1) | | | | | | | | |");
        }
    }
    println!(
        "\n| figure | {} |",
        names(measured, |m| format!("{} cases", m.cases))
    );
    println!("|---|{}", "---|".repeat(measured.len()));
    println!(
        "| P4 a report without what follows, CPU ms (limit 1) | {} |",
        names(measured, |m| ms(m.report_answer))
    );
    println!(
        "| P6 memory idle, MB (limit 64) | {} |",
        names(measured, |m| mb(m.idle_kib * 1_024))
    );
    println!(
        "| P6 memory at most, MB (limit 256) | {} |",
        names(measured, |m| mb(m.highest_kib * 1_024))
    );
    println!(
        "| P7 start to first page, ms (limit 1000) | {} |",
        names(measured, |m| ms(m.first_page))
    );
    println!(
        "| P7 its CPU, ms (limit 300) | {} |",
        names(measured, |m| ms(m.first_page_cpu))
    );
    println!(
        "| P7 after kill -9, ms (limit 2000) | {} |",
        names(measured, |m| ms(m.after_kill))
    );
    println!(
        "| P11 database, bytes a case | {} |",
        names(measured, |m| (m.database_bytes / (m.cases + 6_300))
            .to_string())
    );
    println!(
        "| `verify`, s (CPU s) | {} |",
        names(measured, |m| m.verify.map_or_else(
            String::new,
            |(t, c)| format!("{:.1} ({:.1})", t.as_secs_f64(), c.as_secs_f64())
        ))
    );
    println!(
        "| filled in, s | {} |",
        names(measured, |m| m.filled.map_or_else(
            || "kept".to_owned(),
            |f| format!("{:.0}", f.as_secs_f64())
        ))
    );
    if let Some(m) = measured.last()
        && !m.tables.is_empty()
    {
        println!(
            "\nP11, by table at {} cases (and 6,300 reports of the measurement), bytes a case:\n",
            m.cases
        );
        println!("| table or index | bytes a case |");
        println!("|---|---|");
        for (name, bytes) in m.tables.iter().take(12) {
            println!("| {name} | {} |", bytes / (m.cases + 6_300));
        }
    }
}

fn names(measured: &[Measured], f: impl Fn(&Measured) -> String) -> String {
    measured.iter().map(f).collect::<Vec<_>>().join(" | ")
}
