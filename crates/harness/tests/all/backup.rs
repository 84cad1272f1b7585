//! A backup that is made while people write holds everything that was acknowledged before it began, and no word of it.

use crate::check::Found;
use crate::writers::{Left, People};
use crate::{NO_LIMITS, binary};
use entente_harness::figures::{Latencies, Table};
use entente_harness::instance::Instance;
use entente_harness::plan::number;
use entente_testkit::postgres::{self, Database};
use std::path::Path;
use std::time::{Duration, Instant};

/// What every report has in it: see [`crate::writers`].
const CANARIES: [&str; 3] = ["Rita Reporter", "Router 7", "Ann Analyst"];
/// Between two writes of one of eight people: 200 writes a second.
const PAUSE: Duration = Duration::from_millis(40);

#[test]
fn a_backup_during_writes_restores_all_that_was_acknowledged_on_sqlite() {
    let Some(binary) = binary() else { return };
    cycles("SQLite", &binary, &mut || Some(None));
}

#[test]
fn a_backup_during_writes_restores_all_that_was_acknowledged_on_postgresql() {
    let Some(binary) = binary() else { return };
    cycles("PostgreSQL", &binary, &mut || {
        postgres::fresh_database().map(Some)
    });
}

/// `place` gives each instance its own database; `None` where there is none to be had.
fn cycles(engine: &str, binary: &Path, place: &mut dyn FnMut() -> Option<Option<Database>>) {
    let line = |database: &Option<Database>| match database {
        Some(database) => format!("postgres = \"{database}\"\n"),
        None => String::new(),
    };
    let Some(database) = place() else { return };
    let instance = Instance::new(binary, &format!("{}{NO_LIMITS}", line(&database)));
    instance.account("Ann Analyst", "ann@example.org", "lead,analyst");
    let server = instance.start();
    let token = server.token("ann@example.org");
    let stranger = Instance::new(binary, "");
    stranger.account("Somebody Else", "else@example.org", "lead");

    let rounds = number("CYCLES", 3);
    let (mut backups, mut restores) = (Latencies::default(), Latencies::default());
    let (mut writes, mut rate, mut compared, mut size) = (Latencies::default(), 0.0, 0, 0);
    let mut before: Vec<Left> = Vec::new();
    for round in 1..=rounds {
        let archive = instance.beside(&format!("archive-{round}"));
        let archive_name = archive.to_str().unwrap();
        let mut began = Instant::now();
        let people = People {
            address: server.address,
            token: &token,
            round,
            pause: PAUSE,
        };
        let start = Instant::now();
        let left = people.write_while(&instance, || {
            std::thread::sleep(Duration::from_secs(2));
            began = Instant::now();
            instance.succeed(&["backup", archive_name], "");
            backups.push(began.elapsed());
        });
        let seconds = start.elapsed().as_secs_f64();
        rate = left.iter().map(|one| one.entries.len()).sum::<usize>() as f64 / seconds;
        for mut one in left {
            writes.extend(one.took.clone());
            one.entries.retain(|(at, _)| *at < began);
            before.push(one);
        }

        let bytes = std::fs::read(&archive).unwrap();
        size = bytes.len();
        for canary in CANARIES {
            let found = bytes.windows(canary.len()).any(|w| w == canary.as_bytes());
            assert!(!found, "`{canary}` stands in the archive");
        }

        // With the key of somebody else: a plain refusal, and nothing in the place.
        let refused = Restored::new(binary, &stranger, "");
        let output = refused.0.run(&["restore", archive_name], "");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "a foreign key restored it");
        assert!(!said.contains("panicked") && said.contains("key"), "{said}");
        assert_eq!(refused.files(), ["entente.toml"], "left behind: {said}");

        // With its own key: everything.
        let Some(place) = place() else { return };
        let restored = Restored::new(binary, &instance, &line(&place));
        let start = Instant::now();
        restored.0.succeed(&["restore", archive_name], "");
        restores.push(start.elapsed());
        restored.0.verify();
        let again = restored.0.start();
        let mut found = Found::default();
        found.check(&again, &token, &before);
        assert_eq!(
            found.lost,
            Vec::<String>::new(),
            "acknowledged and not restored"
        );
        assert_eq!(found.halves, Vec::<String>::new(), "restored by half");
        compared = found.acknowledged;
    }
    drop(server);

    let mut table = Table::new(&format!("Backup while eight people write, {engine}"));
    table.row("cycles", rounds);
    table.row("writes a second", format!("{rate:.0}"));
    table.row("acknowledged before, and restored", compared);
    table.row("writes", writes.told());
    table.row("backup", backups.told());
    table.row("restore", restores.told());
    table.row("archive", format!("{} KiB", size / 1024));
    table.print();
    assert!(
        compared > rounds * 10,
        "the writers hardly wrote: {compared}"
    );
}

/// An empty place with the key of an instance.
struct Restored(Instance);

impl Restored {
    fn new(binary: &Path, key_of: &Instance, settings: &str) -> Self {
        let key = key_of.data().join("instance.key");
        let settings = format!("key_file = \"{}\"\n{settings}{NO_LIMITS}", key.display());
        Self(Instance::new(binary, &settings))
    }

    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.data()).unwrap().flatten();
        entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    }
}
