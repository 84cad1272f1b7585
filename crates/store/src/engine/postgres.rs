//! PostgreSQL: a pool of connections; closures run on blocking threads and again after a
//! serialisation failure.

use super::tx::{On, PgTx, Tx};
use super::{Shared, migrate};
use crate::error::StoreError;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;
use tokio_postgres::{Client, NoTls, Statement};

/// How often a closure is tried.
const TRIES: usize = 8;

struct Pooled {
    client: Client,
    prepared: HashMap<String, Statement>,
}

/// One PostgreSQL database.
pub(super) struct Postgres {
    url: String,
    pool: Arc<Mutex<Vec<Pooled>>>,
    permits: Arc<Semaphore>,
    read_only: bool,
}

async fn connect(url: &str) -> Result<Pooled, StoreError> {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .map_err(|_| StoreError::Unavailable("no connection".to_owned()))?;
    tokio::spawn(async move {
        if connection.await.is_err() {
            tracing::warn!("a database connection was lost");
        }
    });
    Ok(Pooled {
        client,
        prepared: HashMap::new(),
    })
}

impl Postgres {
    pub(super) async fn open(
        url: &str,
        connections: usize,
        read_only: bool,
        target: i64,
    ) -> Result<Self, StoreError> {
        let mut first = connect(url).await?;
        if read_only {
            let version = migrate::postgres_version(&first.client).await?;
            migrate::check_known(version)?;
        } else {
            migrate::postgres(&mut first.client, target).await?;
        }
        Ok(Self {
            url: url.to_owned(),
            pool: Arc::new(Mutex::new(vec![first])),
            permits: Arc::new(Semaphore::new(connections)),
            read_only,
        })
    }

    pub(super) async fn write<T, F>(&self, shared: &Arc<Shared>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        if self.read_only {
            return Err(StoreError::Unavailable(
                "it was opened for reading".to_owned(),
            ));
        }
        // See `Tx::act_as`: one who decides sees what is decided over.
        self.run(shared, work, "BEGIN; SET LOCAL entente.scope = 'all'", true)
            .await
    }

    pub(super) async fn read<T, F>(&self, shared: &Arc<Shared>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.run(
            shared,
            work,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            false,
        )
        .await
    }

    async fn run<T, F>(
        &self,
        shared: &Arc<Shared>,
        work: F,
        begin: &'static str,
        commit: bool,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Busy)?;
        let taken = self.pool.lock().ok().and_then(|mut p| p.pop());
        let mut pooled = match taken {
            Some(p) if !p.client.is_closed() => p,
            _ => connect(&self.url).await?,
        };
        let (pool, shared) = (Arc::clone(&self.pool), Arc::clone(shared));
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || {
            let mut result = Err(StoreError::Busy);
            for _ in 0..TRIES {
                result = attempt(&runtime, &mut pooled, &shared, &work, begin, commit);
                if !matches!(result, Err(StoreError::Busy)) {
                    break;
                }
            }
            if !pooled.client.is_closed()
                && let Ok(mut p) = pool.lock()
            {
                p.push(pooled);
            }
            drop(permit);
            result
        })
        .await
        .unwrap_or_else(|_| Err(StoreError::Panicked("database".to_owned())))
    }
}

fn attempt<T, F>(
    runtime: &tokio::runtime::Handle,
    pooled: &mut Pooled,
    shared: &Shared,
    work: &F,
    begin: &str,
    commit: bool,
) -> Result<T, StoreError>
where
    F: Fn(&mut Tx<'_>) -> Result<T, StoreError>,
{
    runtime.block_on(pooled.client.batch_execute(begin))?;
    let result = {
        let on = On::Postgres(PgTx {
            runtime,
            client: &pooled.client,
            prepared: &mut pooled.prepared,
        });
        let mut tx = Tx::new(on, shared, commit);
        std::panic::catch_unwind(AssertUnwindSafe(|| work(&mut tx)))
            .unwrap_or_else(|_| Err(StoreError::Panicked("database".to_owned())))
    };
    match result {
        Ok(value) => {
            let end = if commit { "COMMIT" } else { "ROLLBACK" };
            runtime.block_on(pooled.client.batch_execute(end))?;
            Ok(value)
        }
        Err(e) => {
            drop(runtime.block_on(pooled.client.batch_execute("ROLLBACK")));
            Err(e)
        }
    }
}
