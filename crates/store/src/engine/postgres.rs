//! PostgreSQL: a pool of connections; closures run on blocking threads and again after a
//! serialisation failure.

use super::tx::{On, PgTx, Tx};
use super::{Shared, migrate};
use crate::error::StoreError;
use std::collections::HashMap;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls, Statement};

/// How often a closure is tried.
const TRIES: usize = 8;

struct Pooled {
    client: Client,
    prepared: HashMap<String, Statement>,
}

/// One PostgreSQL database.
pub(super) struct Postgres {
    config: Config,
    pool: Arc<Mutex<Vec<Pooled>>>,
    permits: Arc<Semaphore>,
    read_only: bool,
}

/// Reads the connection string. This build speaks to the server without TLS, so a server on
/// another machine is refused unless the operator states that the way to it is protected.
fn config(url: &str) -> Result<Config, StoreError> {
    let config: Config = url
        .parse()
        .map_err(|_| StoreError::Unavailable("its connection string cannot be read".to_owned()))?;
    let here = config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
    }) && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
    if here || config.get_ssl_mode() == SslMode::Disable {
        return Ok(config);
    }
    Err(StoreError::Unavailable(
        "it is on another machine and this connection has no TLS; lead it through a protected \
         tunnel or network and say so with sslmode=disable"
            .to_owned(),
    ))
}

async fn connect(config: &Config) -> Result<Pooled, StoreError> {
    let (client, connection) = config.connect(NoTls).await.map_err(|e| {
        StoreError::Unavailable(match e.code() {
            // The driver's own text may repeat what was sent.
            Some(state) => format!("the server refused with SQLSTATE {}", state.code()),
            None => "no connection".to_owned(),
        })
    })?;
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
        let config = config(url)?;
        let mut first = connect(&config).await?;
        if read_only {
            let version = migrate::postgres_version(&first.client).await?;
            migrate::check_known(version)?;
        } else {
            migrate::postgres(&mut first.client, target).await?;
        }
        let bypasses: bool = first
            .client
            .query_one(
                "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user",
                &[],
            )
            .await?
            .get(0);
        if bypasses {
            tracing::warn!(
                "the database role bypasses row-level security, the second lock on cases; \
                 use a role that is no superuser"
            );
        }
        Ok(Self {
            config,
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
            _ => connect(&self.config).await?,
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

#[cfg(test)]
mod tests {
    use super::config;

    #[test]
    fn another_machine_without_tls_is_refused_unless_stated() {
        for (url, good) in [
            ("host=/run/postgresql dbname=e", true),
            ("postgres://e@localhost/e", true),
            ("postgres://e@127.0.0.1/e", true),
            ("postgres://e@[::1]/e", true),
            ("postgres://e@db.example.org/e", false),
            ("host=localhost hostaddr=192.0.2.7 dbname=e", false),
            ("postgres://e@localhost,db.example.org/e", false),
            ("postgres://e@db.example.org/e?sslmode=require", false),
            ("postgres://e@db.example.org/e?sslmode=disable", true),
            ("no connection string", false),
        ] {
            assert_eq!(config(url).is_ok(), good, "{url}");
        }
    }
}
