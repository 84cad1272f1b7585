//! An application in one process for tests: a store in a temporary folder, a clock that stands
//! still, a generator with a seed, and mails as files.

use entente_domain::access::{Role, Viewer};
use entente_domain::command::{Command, ReportForm};
use entente_domain::ids::{CaseId, ProductId, UserId};
use entente_domain::kinds::{Channel, Source};
use entente_domain::policy::{Numbers, PolicyKind};
use entente_domain::time::{SECOND_US, Timestamp, WorkingCalendar};
use entente_service::clock::TestClock;
use entente_service::config::{Config, Limits, Organisation};
use entente_service::mail::FolderTransport;
use entente_service::products::{ProductForm, ProductVersion};
use entente_service::reports::{Identity, Submission, Submitted};
use entente_service::{
    App, ClientHint, ServiceError, accounts, cases, policies, products, reports,
};
use entente_store::keys::Keyring;
use entente_store::{Db, Location, OpenOptions, Random};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::path::PathBuf;
use std::sync::Arc;

/// 2026-11-16T09:12:00Z, a Monday.
pub const MONDAY: Timestamp = Timestamp(1_794_820_320 * SECOND_US);
/// Where requests come from.
pub const CLIENT: ClientHint = ClientHint([7; 32]);

/// The application with what surrounds it.
pub struct World {
    pub app: App,
    pub clock: Arc<TestClock>,
    pub folder: tempfile::TempDir,
}

/// The people of a small PSIRT.
pub struct Team {
    pub lead: Viewer,
    pub analyst: Viewer,
    pub legal: Viewer,
    pub product: ProductId,
}

pub fn staff(user: UserId, roles: &[Role]) -> Viewer {
    Viewer::Staff {
        user,
        roles: roles.to_vec(),
    }
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(OpenOptions {
            location: Location::Sqlite(folder.path().join("entente.db")),
            data_dir: folder.path().to_owned(),
            keys: Keyring::from_instance_key([3; 32]),
            random: Random::new(ChaCha20Rng::seed_from_u64(1)),
            readers: 2,
            read_only: false,
        })
        .await
        .unwrap();
        let clock = Arc::new(TestClock::at(MONDAY));
        let mail = FolderTransport::new(folder.path().join("mail")).unwrap();
        let app = App::open(config(), db, clock.clone(), Arc::new(mail)).unwrap();
        Self { app, clock, folder }
    }

    pub fn days(&self, days: i64) {
        self.clock.set(self.app.now().plus_days(days));
    }

    /// Lead, analyst, legal, an internal policy in force and one product.
    pub async fn team(&self) -> Team {
        let app = &self.app;
        let password = "correct horse battery staple 7";
        let lead = accounts::set_up(app, "Ada Lind", "ada@psirt.example", password)
            .await
            .unwrap();
        let analyst = accounts::create(
            app,
            "Ben Osei",
            "ben@psirt.example",
            password,
            &[Role::Analyst],
            false,
        )
        .await
        .unwrap();
        let legal = accounts::create(
            app,
            "Chiara Neri",
            "chiara@psirt.example",
            password,
            &[Role::Legal],
            false,
        )
        .await
        .unwrap();
        let lead = staff(lead, &[Role::Lead, Role::Administrator]);
        let contact = analyst;
        let (analyst, legal) = (
            staff(analyst, &[Role::Analyst]),
            staff(legal, &[Role::Legal]),
        );
        let policy = policies::draft(
            app,
            &lead,
            PolicyKind::Internal,
            vec![("Scope".to_owned(), "All our products.".to_owned())],
            Numbers::default(),
            WorkingCalendar::default(),
        )
        .await
        .unwrap();
        assert!(policies::approve(app, &lead, policy).await.is_err());
        policies::approve(app, &legal, policy).await.unwrap();
        let product = products::save(
            app,
            &lead,
            None,
            ProductForm {
                name: "EdgeGate".to_owned(),
                family: "Gateways".to_owned(),
                kind: "software".to_owned(),
                division: "Network".to_owned(),
                contact,
                deputy: None,
                versions: vec![ProductVersion {
                    name: "4.2".to_owned(),
                    ..ProductVersion::default()
                }],
                fixed_copies: Vec::new(),
            },
        )
        .await
        .unwrap();
        Team {
            lead,
            analyst,
            legal,
            product,
        }
    }

    pub async fn submit(&self, form: ReportForm, mail: &str) -> Submitted {
        reports::submit(
            &self.app,
            &Viewer::Public,
            Submission {
                form,
                identity: Identity {
                    name: "Robin Reporter".to_owned(),
                    mail: mail.to_owned(),
                    ..Identity::default()
                },
                source: Source::External,
                channel: Channel::Form,
                attachments: Vec::new(),
                client: Some(CLIENT),
                ticket: None,
                idempotency_key: None,
            },
        )
        .await
        .unwrap()
    }

    /// Gives a command that has to go through.
    #[track_caller]
    pub fn ok<'a>(
        &'a self,
        viewer: &'a Viewer,
        case: CaseId,
        command: Command,
    ) -> impl Future<Output = ()> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let kind = command.kind();
            if let Err(e) = cases::act(&self.app, viewer, case, None, command).await {
                panic!("{kind} at {caller}: {e:?}");
            }
        }
    }

    /// Gives a command that has to be refused.
    pub async fn refused(&self, viewer: &Viewer, case: CaseId, command: Command) -> ServiceError {
        let kind = command.kind();
        match cases::act(&self.app, viewer, case, None, command).await {
            Ok(_) => panic!("{kind} went through"),
            Err(e) => e,
        }
    }

    /// The mails that went out: file names with content.
    pub fn mails(&self) -> Vec<(PathBuf, String)> {
        let mut mails: Vec<_> = std::fs::read_dir(self.folder.path().join("mail"))
            .unwrap()
            .map(|e| e.unwrap().path())
            .map(|p| (p.clone(), std::fs::read_to_string(p).unwrap()))
            .collect();
        mails.sort();
        mails
    }
}

pub fn config() -> Config {
    Config {
        base_url: "https://psirt.example".to_owned(),
        organisation: Organisation {
            name: "Example PSIRT".to_owned(),
            namespace: "https://example.com".to_owned(),
            contact: "psirt@example.com".to_owned(),
            advisory_prefix: "EX".to_owned(),
            language: "en".to_owned(),
        },
        mail_from: "psirt@example.com".to_owned(),
        demo: false,
        limits: Limits::default(),
    }
}
