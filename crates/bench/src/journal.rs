//! The journal by itself: what an entry costs to append and to prove (P9). The verification is
//! measured on the filled instances, by the command that an operator runs.

use crate::process;
use anyhow::Context;
use entente_domain::time::Timestamp;
use entente_store::journal::{self, NewEntry};
use entente_store::keys::Keyring;
use entente_store::{Db, Location, OpenOptions, Random, ledger};
use rand::rand_core::UnwrapErr;
use std::time::Duration;

/// Entries of one transaction.
const BATCH: u64 = 1_000;

/// Figures of the journal.
pub(crate) struct Journal {
    pub(crate) entries: u64,
    /// Processor time of one entry, appended alone in its transaction beside others.
    pub(crate) append: Duration,
    /// Processor time of giving one entry its place in the log.
    pub(crate) order: Duration,
    /// Processor time of one proof of inclusion.
    pub(crate) proof: Duration,
    /// Hashes in it.
    pub(crate) hashes: usize,
}

/// Appends, orders and proves.
pub(crate) fn measure(entries: u64) -> anyhow::Result<Journal> {
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    let folder = tempfile::tempdir()?;
    runtime.block_on(async {
        let db = Db::open(OpenOptions {
            location: Location::Sqlite(folder.path().join("journal.sqlite")),
            data_dir: folder.path().into(),
            keys: Keyring::from_instance_key([7; 32]),
            random: Random::new(UnwrapErr(rand::rngs::OsRng)),
            readers: 2,
            read_only: false,
        })
        .await?;
        let at = Timestamp(1_800_000_000_000_000);
        let stream = db.random().id(at);
        db.write(move |tx| journal::create_stream(tx, stream, "case", at))
            .await?;
        let me = std::process::id();
        let before = process::cpu(me, false);
        let mut done = 0;
        while done < entries {
            db.write(move |tx| {
                for n in 0..BATCH {
                    let entry = NewEntry {
                        kind: "commented",
                        actor: "user:0197f000-0000-7000-8000-000000000001".to_owned(),
                        at,
                        payload: vec![b'x'; 200],
                    };
                    journal::append(tx, stream, done + n, &[entry])?;
                }
                Ok(())
            })
            .await?;
            done += BATCH;
        }
        let append = (process::cpu(me, false) - before) / u32::try_from(done)?;
        let before = process::cpu(me, false);
        while db.write(|tx| ledger::order_new_entries(tx, 5_000)).await? > 0 {}
        let order = (process::cpu(me, false) - before) / u32::try_from(done)?;
        let head = db.write(move |tx| ledger::checkpoint(tx, at, 32)).await?;
        let before = process::cpu(me, false);
        let many = 2_000;
        let mut hashes = 0;
        for n in 0..many {
            let seq = 1 + n * 7_919 % done;
            let size = head.size;
            let proof = db
                .read(move |tx| ledger::inclusion(tx, stream, seq, size))
                .await?
                .context("an entry that is not in the log")?;
            anyhow::ensure!(proof.holds(&head.root), "the proof of entry {seq} fails");
            hashes = hashes.max(proof.hashes.len());
        }
        let proof = (process::cpu(me, false) - before) / u32::try_from(many)?;
        Ok(Journal {
            entries: done,
            append,
            order,
            proof,
            hashes,
        })
    })
}
