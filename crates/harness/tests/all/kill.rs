//! The server is killed while eight people write: what was acknowledged is there, and nothing is there by half.

use crate::check::Found;
use crate::writers::{Left, People};
use crate::{NO_LIMITS, binary};
use entente_harness::figures::{Latencies, Table};
use entente_harness::instance::{Instance, Server};
use entente_harness::plan::{below, number, seeded};
use entente_testkit::postgres;
use std::path::Path;
use std::time::{Duration, Instant};

/// Kills between two verifications.
const VERIFY_EVERY: u64 = 20;

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed_on_sqlite() {
    let Some(binary) = binary() else { return };
    rounds("SQLite", &binary, NO_LIMITS);
}

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed_on_postgresql() {
    let Some(binary) = binary() else { return };
    let Some(database) = postgres::fresh_database() else {
        return;
    };
    let settings = format!("postgres = \"{database}\"\n{NO_LIMITS}");
    rounds("PostgreSQL", &binary, &settings);
}

fn rounds(engine: &str, binary: &Path, settings: &str) {
    let kills = number("KILLS", 200);
    let instance = Instance::new(binary, settings);
    instance.account("Ann Analyst", "ann@example.org", "lead,analyst");
    let mut server = instance.start();
    let token = server.token("ann@example.org");
    let mut random = seeded(1);
    let mut found = Found::default();
    let (mut starts, mut writes) = (Latencies::default(), Latencies::default());
    let began = Instant::now();
    for round in 1..=kills {
        let moment = Duration::from_micros(below(&mut random, 500_001));
        let left = write_and_kill(&instance, server, &token, moment, round);
        let start = Instant::now();
        server = instance.start();
        starts.push(start.elapsed());
        found.check(&server, &token, &left);
        for one in left {
            writes.extend(one.took);
        }
        if round % VERIFY_EVERY == 0 || round == kills {
            instance.verify();
        }
    }
    let sound = instance.verify();
    found.everything_again(&server, &token);

    let mut table = Table::new(&format!("Killed while eight people write, {engine}"));
    table.row("kills", kills);
    table.row("acknowledged things", found.acknowledged);
    table.row("of them lost", found.lost.len());
    table.row("things by half", found.halves.len());
    table.row("unanswered reports sent again", found.repeated);
    table.row("of them there twice", found.doubled.len());
    table.row("writes", writes.told());
    table.row("restart until it listens", starts.told());
    table.row(
        "a kill with its check",
        format!("{:.2} s", began.elapsed().as_secs_f64() / kills as f64),
    );
    table.row("verify", sound);
    table.print();
    assert_eq!(found.lost, Vec::<String>::new(), "acknowledged and lost");
    assert_eq!(found.halves, Vec::<String>::new(), "there by half");
    assert_eq!(found.doubled, Vec::<String>::new(), "there twice");
    assert!(
        found.acknowledged > kills / 4,
        "the writers hardly wrote: {}",
        found.acknowledged
    );
}

/// Lets the writers loose, kills the server at the moment, and gives what each of them was told.
fn write_and_kill(
    instance: &Instance,
    server: Server,
    token: &str,
    moment: Duration,
    round: u64,
) -> Vec<Left> {
    let people = People {
        address: server.address,
        token,
        round,
        pause: Duration::ZERO,
    };
    people.write_while(instance, || {
        std::thread::sleep(moment);
        server.kill();
    })
}
