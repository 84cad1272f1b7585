//! An instance with many cases: made once, kept where `--keep` says.

use anyhow::Context;
use entente_domain::access::{Role, Viewer};
use entente_domain::ids::{CaseId, UserId};
use entente_service::cases::{self, CaseFilter};
use entente_service::clock::SystemClock;
use entente_service::config::{Config, Limits, Organisation};
use entente_service::mail::FolderTransport;
use entente_service::products::{ProductForm, ProductVersion};
use entente_service::scale::{self, Plan};
use entente_service::{App, accounts, jobs, products};
use entente_store::{Db, Keyring, Location, OpenOptions, Random};
use rand::rand_core::UnwrapErr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A filled instance.
pub(crate) struct Instance {
    pub(crate) folder: PathBuf,
    location: Location,
    pub(crate) cases: u64,
    /// Where the server is expected, for the links in its pages.
    pub(crate) base_url: String,
    /// How long the filling took, and how many entries it wrote, where it was not kept.
    pub(crate) filled: Option<Duration>,
}

/// What the requests need.
pub(crate) struct Access {
    /// A session of a lead.
    pub(crate) session: String,
    /// A case with its number.
    pub(crate) case: CaseId,
    pub(crate) number: i64,
    /// An API token.
    pub(crate) token: String,
}

/// The words that a measurement searches for: a common one, and two of middling frequency.
pub(crate) const COMMON: &str = "thank";

impl Instance {
    /// Takes the kept instance, or makes it.
    pub(crate) async fn ready(
        folder: PathBuf,
        postgres: Option<String>,
        cases: u64,
    ) -> anyhow::Result<Self> {
        let location = match &postgres {
            Some(url) => Location::Postgres(url.clone()),
            None => Location::Sqlite(folder.join("entente.sqlite")),
        };
        let done = folder.join("filled");
        let mut instance = Self {
            folder,
            location,
            cases,
            base_url: "http://127.0.0.1:8080".to_owned(),
            filled: None,
        };
        if done.exists() && postgres.is_none() {
            return Ok(instance);
        }
        drop(std::fs::remove_dir_all(&instance.folder));
        std::fs::create_dir_all(&instance.folder)?;
        let mut config = format!(
            "base_url = \"{}\"\n[limits]\nreports_per_address_hour = 1000000\nreports_per_hour = 100000000\n",
            instance.base_url
        );
        if let Some(url) = &postgres {
            config = format!("postgres = \"{url}\"\n{config}");
        }
        std::fs::write(instance.folder.join("entente.toml"), config)?;
        Keyring::create(&instance.folder.join("instance.key"), &random())?;
        let begun = Instant::now();
        instance.fill().await?;
        instance.filled = Some(begun.elapsed());
        std::fs::write(done, "")?;
        Ok(instance)
    }

    /// The application on this instance, in this process. The store has one writer: drop it before
    /// a server is started.
    pub(crate) async fn open(&self) -> anyhow::Result<App> {
        let db = Db::open(OpenOptions {
            location: self.location.clone(),
            data_dir: self.folder.clone(),
            keys: Keyring::load(&self.folder.join("instance.key"))?,
            random: random(),
            readers: 4,
            read_only: false,
        })
        .await?;
        let mail = FolderTransport::new(self.folder.join("mail"))?;
        Ok(App::open(
            config(&self.base_url),
            db,
            Arc::new(SystemClock),
            Arc::new(mail),
        )?)
    }

    async fn fill(&self) -> anyhow::Result<()> {
        let app = self.open().await?;
        let password = "correct horse battery staple 7";
        let lead = accounts::set_up(&app, "Ada Lind", "ada@psirt.example", password).await?;
        let mut owners = vec![lead];
        for n in 0..8 {
            let name = format!("Analyst {n}");
            let mail = format!("analyst{n}@psirt.example");
            owners.push(
                accounts::create(&app, &name, &mail, password, &[Role::Analyst], false).await?,
            );
        }
        let viewer = viewer(lead);
        let mut product = None;
        for n in 0..50 {
            let id = products::save(
                &app,
                &viewer,
                None,
                ProductForm {
                    name: format!("EdgeGate {n}"),
                    family: "Gateways".to_owned(),
                    kind: "software".to_owned(),
                    division: "Network".to_owned(),
                    contact: lead,
                    deputy: None,
                    versions: vec![ProductVersion {
                        name: "4.2".to_owned(),
                        ..ProductVersion::default()
                    }],
                    fixed_copies: Vec::new(),
                },
            )
            .await?;
            product.get_or_insert(id);
        }
        let plan = Plan {
            cases: self.cases,
            seed: 7,
            owners,
            product: product.context("a product")?,
            product_name: "EdgeGate 0".to_owned(),
        };
        let begun = Instant::now();
        scale::fill(&app, &plan, |done| {
            if done % 5_000 == 0 {
                eprintln!(
                    "  {done} cases after {:.0} s",
                    begun.elapsed().as_secs_f64()
                );
            }
        })
        .await?;
        // The log catches up before anything is measured.
        jobs::run_due(&app).await?;
        Ok(())
    }

    /// A session, a token and a case to look at.
    pub(crate) async fn access(&self, app: &App) -> anyhow::Result<Access> {
        let lead = accounts::names(app)
            .await?
            .into_iter()
            .find(|p| p.name == "Ada Lind")
            .context("the lead")?;
        let viewer = viewer(lead.id);
        let page = cases::list(
            app,
            &viewer,
            &CaseFilter {
                open: Some(true),
                limit: 1,
                ..CaseFilter::default()
            },
        )
        .await?;
        let case = page.items.into_iter().next().context("an open case")?;
        let scopes = [accounts::Scope::Read, accounts::Scope::Write];
        Ok(Access {
            session: accounts::begin_session(app, lead.id).await?,
            case: case.id,
            number: case.number,
            token: accounts::create_token(app, &viewer, "bench", &scopes, 30).await?,
        })
    }

    /// Bytes of the database, where it is a file.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.location {
            Location::Sqlite(path) => size(path),
            Location::Postgres(_) => 0,
        }
    }

    /// Bytes of each table and index, the largest first.
    pub(crate) fn tables(&self) -> anyhow::Result<Vec<(String, u64)>> {
        let Location::Sqlite(path) = &self.location else {
            return Ok(Vec::new());
        };
        let connection = rusqlite::Connection::open(path)?;
        let mut statement = connection
            .prepare("SELECT name, SUM(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC")?;
        let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get::<_, i64>(1)?)))?;
        rows.map(|r| {
            let (name, bytes) = r?;
            Ok((name, u64::try_from(bytes).unwrap_or(0)))
        })
        .collect()
    }
}

/// An empty instance with its lead, in this process.
pub(crate) async fn empty(folder: &Path) -> anyhow::Result<(App, Viewer)> {
    let instance = Instance {
        folder: folder.to_owned(),
        location: Location::Sqlite(folder.join("entente.sqlite")),
        cases: 0,
        base_url: "http://127.0.0.1:8080".to_owned(),
        filled: None,
    };
    Keyring::create(&folder.join("instance.key"), &random())?;
    let app = instance.open().await?;
    let password = "correct horse battery staple 7";
    let lead = accounts::set_up(&app, "Ada Lind", "ada@psirt.example", password).await?;
    Ok((app, viewer(lead)))
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |m| m.len())
}

fn viewer(lead: UserId) -> Viewer {
    Viewer::Staff {
        user: lead,
        roles: vec![Role::Lead, Role::Administrator],
    }
}

fn random() -> Random {
    Random::new(UnwrapErr(rand::rngs::OsRng))
}

fn config(base_url: &str) -> Config {
    Config {
        base_url: base_url.to_owned(),
        organisation: Organisation {
            name: "Our organisation".to_owned(),
            namespace: "https://example.org".to_owned(),
            contact: "psirt@example.org".to_owned(),
            advisory_prefix: "ADV".to_owned(),
            language: "en".to_owned(),
        },
        mail_from: "psirt@example.org".to_owned(),
        demo: false,
        limits: Limits {
            reports_per_address_hour: 1_000_000,
            reports_per_hour: 100_000_000,
            ..Limits::default()
        },
    }
}
