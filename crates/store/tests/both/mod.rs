//! One test, both engines: `both!(name, |db| async move { … })` makes a module with a test for
//! SQLite and one for PostgreSQL against a real server.

use entente_store::{Db, Keyring, Location, OpenOptions, Random};
use rand_chacha::rand_core::SeedableRng;
use std::path::Path;

pub fn seeded(seed: u64) -> Random {
    Random::new(rand_chacha::ChaCha20Rng::seed_from_u64(seed))
}

pub fn key() -> Keyring {
    Keyring::from_instance_key([7; 32])
}

pub fn options(location: Location, folder: &Path) -> OpenOptions {
    OpenOptions {
        location,
        data_dir: folder.to_owned(),
        keys: key(),
        random: seeded(1),
        readers: 2,
        read_only: false,
    }
}

pub async fn open(location: Location, folder: &Path) -> Db {
    Db::open(options(location, folder)).await.unwrap()
}

pub async fn sqlite(folder: &Path) -> Db {
    open(Location::Sqlite(folder.join("entente.sqlite")), folder).await
}

/// Makes the two tests.
#[macro_export]
macro_rules! both {
    ($name:ident, |$db:ident| $body:expr) => {
        async fn $name($db: entente_store::Db) {
            $body
        }

        mod $name {
            use super::$name as run;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let folder = tempfile::tempdir().unwrap();
                run($crate::both::sqlite(folder.path()).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let Some(database) = entente_testkit::postgres::fresh_database() else {
                    return;
                };
                let folder = tempfile::tempdir().unwrap();
                let location = entente_store::Location::Postgres(database.url());
                run($crate::both::open(location, folder.path()).await).await;
            }
        }
    };
}
