//! An instance with people, products and cases, and a browser of few words.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use entente_domain::access::{Role, Viewer};
use entente_domain::command::{Command, ReportForm};
use entente_domain::ids::{CaseId, UserId};
use entente_domain::kinds::{Affectedness, Channel, Source, Verdict};
use entente_domain::time::{SECOND_US, Timestamp};
use entente_service::clock::TestClock;
use entente_service::config::{Config, Limits, Organisation};
use entente_service::products::{ProductForm, ProductVersion};
use entente_service::reports::{Identity, Submission};
use entente_service::{App, ClientHint, accounts, cases, mail, products, reports};
use entente_store::{Db, Keyring, Location, OpenOptions, Random};
use entente_web::server::{WebConfig, router};
use http_body_util::BodyExt;
use rand_chacha::rand_core::SeedableRng;
use std::sync::Arc;
use tower::ServiceExt;

/// 2026-11-16T09:12:00Z, a Monday.
const MONDAY: Timestamp = Timestamp(1_794_820_320 * SECOND_US);
/// Where the instance is reached.
pub const BASE: &str = "https://psirt.example";

/// The instance.
pub struct World {
    pub app: App,
    pub clock: Arc<TestClock>,
    pub lead: (UserId, Viewer),
    pub analyst: (UserId, Viewer),
    pub administrator: (UserId, Viewer),
    folder: tempfile::TempDir,
}

/// What came back.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Page {
    /// Where it sends to.
    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |v| v.to_str().unwrap())
    }

    /// The token that its forms carry.
    pub fn token(&self) -> String {
        let at = self.text.find("name=\"csrf\" value=\"").unwrap() + 19;
        self.text[at..].split('"').next().unwrap().to_owned()
    }
}

async fn person(app: &App, name: &str, roles: &[Role]) -> (UserId, Viewer) {
    let mail = format!(
        "{}@psirt.example",
        name.split(' ').next().unwrap().to_lowercase()
    );
    let user = accounts::create(
        app,
        name,
        &mail,
        "correct horse battery staple 7",
        roles,
        false,
    )
    .await
    .unwrap();
    let viewer = Viewer::Staff {
        user,
        roles: roles.to_vec(),
    };
    (user, viewer)
}

impl World {
    /// Nobody and nothing yet.
    pub async fn bare() -> (App, Arc<TestClock>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(OpenOptions {
            location: Location::Sqlite(folder.path().join("entente.db")),
            data_dir: folder.path().join("data"),
            keys: Keyring::from_instance_key([7; 32]),
            random: Random::new(rand_chacha::ChaCha20Rng::seed_from_u64(11)),
            readers: 2,
            read_only: false,
        })
        .await
        .unwrap();
        let config = Config {
            base_url: BASE.to_owned(),
            organisation: Organisation {
                name: "Alder Gateways".to_owned(),
                namespace: "https://alder.example".to_owned(),
                contact: "psirt@alder.example".to_owned(),
                advisory_prefix: "ALD".to_owned(),
                language: "en".to_owned(),
            },
            mail_from: "psirt@alder.example".to_owned(),
            demo: false,
            limits: Limits::default(),
        };
        let clock = Arc::new(TestClock::at(MONDAY));
        let mail = Arc::new(mail::FolderTransport::new(folder.path().join("mail")).unwrap());
        let app = App::open(config, db, clock.clone(), mail).unwrap();
        (app, clock, folder)
    }

    /// People and a product.
    pub async fn new() -> Self {
        let (app, clock, folder) = Self::bare().await;
        let lead = person(&app, "Mara Lindqvist", &[Role::Lead]).await;
        let analyst = person(&app, "Jonas Weber", &[Role::Analyst]).await;
        let administrator = person(&app, "Ilse Brandt", &[Role::Administrator]).await;
        person(&app, "Priya Raman", &[Role::Legal]).await;
        for (name, kind, division) in [
            ("EdgeGate 4", "hardware", "Gateways"),
            ("FleetView Cloud", "service", "Cloud"),
            ("TimeBridge", "software", "Tools"),
        ] {
            let version = |name: &str, until: i64| ProductVersion {
                name: name.to_owned(),
                branch: String::new(),
                supported_from: Some(MONDAY.plus_days(-700)),
                supported_until: Some(MONDAY.plus_days(until)),
                platforms: Vec::new(),
            };
            let form = ProductForm {
                name: name.to_owned(),
                family: String::new(),
                kind: kind.to_owned(),
                division: division.to_owned(),
                contact: analyst.0,
                deputy: Some(lead.0),
                versions: vec![version("4.2", 400), version("4.1", -30)],
                fixed_copies: Vec::new(),
            };
            products::save(&app, &lead.1, None, form).await.unwrap();
        }
        Self {
            app,
            clock,
            lead,
            analyst,
            administrator,
            folder,
        }
    }

    pub fn hours(&self, hours: i64) {
        self.clock.set(self.app.now().plus_hours(hours));
    }

    /// A report from outside.
    pub async fn report(&self, form: ReportForm) -> reports::Submitted {
        let submission = Submission {
            form,
            identity: Identity {
                name: "Robin Ferreira".to_owned(),
                mail: "robin@reporter.example".to_owned(),
                ..Identity::default()
            },
            source: Source::External,
            channel: Channel::Form,
            attachments: Vec::new(),
            client: Some(ClientHint([3; 32])),
            ticket: None,
            idempotency_key: None,
        };
        reports::submit(&self.app, &Viewer::Public, submission)
            .await
            .unwrap()
    }

    pub async fn act(&self, case: CaseId, command: Command) {
        let kind = command.kind();
        if let Err(e) = cases::act(&self.app, &self.analyst.1, case, None, command).await {
            panic!("{kind}: {e}");
        }
    }

    /// Cases in several stages, some late.
    pub async fn busy(&self) {
        let stories = [
            (
                "EdgeGate 4",
                "Unauthenticated firmware rollback over the management port",
                "The update service on port 8443 accepts an older signed image without asking for the session. An attacker on the management network can install a version with known holes.\n\n1. Open a TLS connection to 8443.\n2. Send UPDATE with the image of 4.0.1.\n3. The device restarts with 4.0.1.",
            ),
            (
                "FleetView Cloud",
                "Tenant id in the export URL is not checked",
                "Changing the tenant number in /export?tenant= gives the inventory of another customer.",
            ),
            (
                "TimeBridge",
                "Heap overflow in the NTS extension parser",
                "A packet with two cookies of length 0xffff overruns the heap buffer by 12 bytes. Crash every time; code execution likely.",
            ),
            (
                "EdgeGate 4",
                "Stored script in the device name",
                "The name of a device is shown unescaped on the dashboard.",
            ),
            (
                "FleetView Cloud",
                "Password reset mail can be asked for without limit",
                "No rate limit on /reset.",
            ),
            (
                "EdgeGate 4",
                "Diagnostics archive holds the private key",
                "The archive under /diag contains /etc/ssl/private/device.key in clear.",
            ),
        ];
        for (n, (product, title, description)) in stories.into_iter().enumerate() {
            let form = ReportForm {
                product: product.to_owned(),
                version: "4.2.7".to_owned(),
                title: title.to_owned(),
                description: description.to_owned(),
                impact: "Loss of control over the device.".to_owned(),
                exploited: n == 2,
                exploited_evidence: if n == 2 {
                    "Crashes on two of our honeypots since Friday.".to_owned()
                } else {
                    String::new()
                },
                credit: true,
                credit_name: "Robin Ferreira".to_owned(),
                ..ReportForm::default()
            };
            let s = self.report(form).await;
            self.hours(5);
            if n % 3 != 1 {
                let body = "Thank you. We have read it and are looking into it.".to_owned();
                self.act(
                    s.case,
                    Command::Acknowledge {
                        report: s.report,
                        body,
                    },
                )
                .await;
                self.act(
                    s.case,
                    Command::Assign {
                        owner: self.analyst.0,
                    },
                )
                .await;
                self.act(s.case, Command::StartVerification {}).await;
            }
            if n == 0 || n == 5 {
                let verification = Command::RecordVerification {
                    environment: "Lab rack 2, EdgeGate 4 rev C".to_owned(),
                    build: "4.2.7-1183".to_owned(),
                    steps: "Followed the report; the device restarted with 4.0.1.".to_owned(),
                    verdict: Verdict::Confirmed,
                    note: String::new(),
                };
                self.act(s.case, verification).await;
                let vector = "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".to_owned();
                self.act(s.case, Command::Score { vector }).await;
                self.act(
                    s.case,
                    Command::SetWeakness {
                        cwe: "CWE-1328".to_owned(),
                    },
                )
                .await;
                let product = products::list(&self.app, &self.analyst.1).await.unwrap()[0].id;
                let affected = Command::SetAffected {
                    product,
                    versions: "vers:semver/<4.2.8".to_owned(),
                    status: Affectedness::Affected,
                    justification: None,
                    fixed_versions: "4.2.8".to_owned(),
                    note: String::new(),
                };
                self.act(s.case, affected).await;
                self.act(
                    s.case,
                    Command::Comment {
                        audience: entente_domain::kinds::Audience::Internal,
                        body: "The rollback counter exists in the hardware; the loader never reads it.".to_owned(),
                    },
                )
                .await;
            }
        }
        self.hours(24 * 3);
    }

    /// The newest mail to an address, its folded lines whole.
    pub fn mail_to(&self, to: &str) -> String {
        let files = std::fs::read_dir(self.folder.path().join("mail")).unwrap();
        let mails = files.map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap());
        let mail = mails.filter(|m| m.contains(to)).max().unwrap();
        mail.replace("=\r\n", "")
            .replace("=\n", "")
            .replace("=3D", "=")
    }

    /// The cookie of a fresh session.
    pub async fn cookie(&self, user: UserId) -> String {
        let token = accounts::begin_session(&self.app, user).await.unwrap();
        format!("__Host-entente-staff={token}")
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Page {
        let request = Request::get(path)
            .header(header::COOKIE, cookie)
            .body(Body::empty())
            .unwrap();
        send(&self.app, request).await
    }

    /// Sends a form as a browser on our own page would.
    pub async fn post(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Page {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(encoded(fields)))
            .unwrap();
        send(&self.app, request).await
    }
}

/// Asks the whole router.
pub async fn send(app: &App, request: Request<Body>) -> Page {
    let response = router(app.clone(), WebConfig::default())
        .oneshot(request)
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Page {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// As forms are encoded.
pub fn encoded(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect()
    };
    fields
        .iter()
        .map(|(k, v)| format!("{}={}", escape(k), escape(v)))
        .collect::<Vec<_>>()
        .join("&")
}
