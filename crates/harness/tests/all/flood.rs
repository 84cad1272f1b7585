//! Whoever floods the form keeps nobody else from reporting, and fills neither memory nor disk.

use crate::binary;
use entente_harness::figures::{Latencies, Table};
use entente_harness::form::{self, Form};
use entente_harness::http::Client;
use entente_harness::instance::{Instance, Server};
use entente_harness::plan::{number, seeded, word};
use serde_json::Value;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Reports an hour that everybody together may send without waiting.
const PER_HOUR: u64 = 100;
/// What one address may.
const PER_ADDRESS: u64 = 10;
/// Every file of the flood.
const JUNK: usize = 64 * 1024;
const MIB: u64 = 1024 * 1024;

/// What the flood did.
#[derive(Default)]
struct Flood {
    stop: AtomicBool,
    sent: AtomicU64,
    stored: AtomicU64,
}

#[test]
fn a_flood_keeps_nobody_from_reporting() {
    let Some(binary) = binary() else { return };
    let seconds = number("SECONDS", 15);
    // Everybody here comes from one proxy, which says for whom.
    let settings = format!(
        "trusted_proxies = [\"127.0.0.1\"]\n[limits]\nreports_per_address_hour = {PER_ADDRESS}\nreports_per_hour = {PER_HOUR}\nticket_wait_seconds = 2\n"
    );
    let instance = Instance::new(&binary, &settings);
    instance.account("Ann Analyst", "ann@example.org", "lead,analyst");
    let server = instance.start();
    let flood = Flood::default();
    let mut legitimate = Vec::new();
    std::thread::scope(|scope| {
        // Two at full speed from one address, two that go through a thousand addresses, one with files.
        scope.spawn(|| flood.send(&server, &|_| "127.9.9.9".to_owned(), 0));
        scope.spawn(|| flood.send(&server, &|_| "127.9.9.9".to_owned(), 0));
        scope.spawn(|| {
            flood.send(
                &server,
                &|n| format!("127.1.{}.{}", n / 250 % 4, n % 250),
                0,
            )
        });
        scope.spawn(|| {
            flood.send(
                &server,
                &|n| format!("127.2.{}.{}", n / 250 % 4, n % 250),
                0,
            )
        });
        scope.spawn(|| flood.send(&server, &|_| "127.9.9.8".to_owned(), JUNK));
        std::thread::sleep(Duration::from_secs(1));
        let reporters: Vec<_> = (0..4)
            .map(|n| {
                let server = &server;
                scope.spawn(move || report(server, n, Duration::from_secs(seconds)))
            })
            .collect();
        for reporter in reporters {
            legitimate.push(reporter.join().unwrap());
        }
        flood.stop.store(true, Ordering::Relaxed);
    });
    let memory = server.memory();
    let (sent, stored) = (flood.sent.into_inner(), flood.stored.into_inner());
    let taken = all_of_form(&server, &server.token("ann@example.org"));

    let (mut all, mut waited, mut lost) = (Latencies::default(), 0, Vec::new());
    for one in legitimate {
        all.extend(one.took);
        waited += one.waited;
        lost.extend(one.lost);
    }
    let disk = size(&instance.data().join("attachments"));
    let mut table = Table::new(&format!("The form under a flood of {seconds} s"));
    table.row("reports of the flood", sent);
    table.row("of them stored", stored);
    table.row("legitimate reports", all.count());
    table.row("of them with a waiting ticket", waited);
    table.row("of them refused", lost.len());
    table.row("answers to the legitimate", all.told());
    table.row("reports in the register", taken);
    table.row("memory at most", format!("{} MiB", memory.peak / 1024));
    table.row("files on the disk", format!("{} KiB", disk / 1024));
    table.print();
    assert_eq!(
        lost,
        Vec::<String>::new(),
        "legitimate reports were refused"
    );
    assert!(all.count() > 4, "hardly anybody reported");
    assert!(memory.peak < 256 * 1024, "{} KiB", memory.peak);
    // A bucket refills while the test runs, by less than a tenth.
    assert!(
        stored <= PER_HOUR * 11 / 10,
        "{stored} junk reports were stored"
    );
    assert!(
        disk <= (PER_ADDRESS + 1) * JUNK as u64 + MIB,
        "{disk} bytes of files"
    );
}

impl Flood {
    /// Sends reports as fast as it can, from the addresses that `from` gives.
    fn send(&self, server: &Server, from: &dyn Fn(u64) -> String, file: usize) {
        let content_type = form::content_type();
        let junk = vec![0x61; file];
        let mut client = server.client();
        for n in 0.. {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let mut form = Form::new()
                .text("product", "Junk")
                .text("description", "Junk.");
            if file > 0 {
                form = form.file("junk.bin", &junk);
            }
            let address = from(n);
            let headers = [
                ("content-type", content_type.as_str()),
                ("x-forwarded-for", address.as_str()),
            ];
            match client.send("POST", "/report", &headers, &form.body()) {
                Ok(answer) if answer.status == 201 => {
                    self.stored.fetch_add(1, Ordering::Relaxed);
                }
                Ok(_) => {}
                Err(_) => client.hang_up(),
            }
            self.sent.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What a reporter met.
#[derive(Default)]
struct Met {
    took: Latencies,
    waited: u64,
    lost: Vec<String>,
}

/// A person at an address of their own sends one report; where the form asks to wait, it is sent again after that,
/// with the ticket, as the page says. Then the next person.
fn report(server: &Server, n: u64, seconds: Duration) -> Met {
    let mut random = seeded(1_000 + n);
    let mut met = Met::default();
    let began = Instant::now();
    for person in 0.. {
        if began.elapsed() > seconds {
            break;
        }
        let address = format!("127.3.{n}.{}", person % 250);
        let mut client = server.client().with("x-forwarded-for", &address);
        let (description, once) = (word(&mut random), word(&mut random));
        let form = Form::new()
            .text("product", "Router 7")
            .text("description", &description)
            .text("once", &once);
        let mut answer = send(&mut client, &form.clone().body(), &mut met);
        if answer.as_ref().is_some_and(|answer| answer.0 == 429) {
            met.waited += 1;
            let page = answer.map(|answer| answer.1).unwrap_or_default();
            let ticket = form::between(&page, "name=\"ticket\" value=\"", "\"").unwrap_or_default();
            std::thread::sleep(Duration::from_millis(2_200));
            answer = send(&mut client, &form.text("ticket", ticket).body(), &mut met);
        }
        match answer {
            Some((201, _)) => {}
            other => met
                .lost
                .push(format!("{address}: {:?}", other.map(|(status, _)| status))),
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    met
}

fn send(client: &mut Client, body: &[u8], met: &mut Met) -> Option<(u16, String)> {
    let began = Instant::now();
    let answer = client.post("/report", &form::content_type(), body).ok()?;
    met.took.push(began.elapsed());
    Some((answer.status, answer.text()))
}

/// How many reports came by the form.
fn all_of_form(server: &Server, token: &str) -> usize {
    let mut staff = server
        .client()
        .with("authorization", &format!("Bearer {token}"));
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let page: Value = staff
            .get(&format!("/api/v1/register?limit=100{cursor}"))
            .unwrap()
            .json();
        count += page["items"].as_array().unwrap().len();
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return count,
        }
    }
}

/// Bytes of the files in a folder.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    entries
        .filter_map(|entry| entry.metadata().ok())
        .map(|m| m.len())
        .sum()
}
