//! An instance whose every draw of randomness is PRF(seed, what is being done), so that two of them
//! stay alike whatever else happens in one of them (decision 23).

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderName, Method, Request, StatusCode, header};
use entente_domain::access::{Role, Viewer};
use entente_domain::checklist;
use entente_domain::command::{Command, ReportForm};
use entente_domain::coordination::room::{Need, ParticipantRole};
use entente_domain::ids::{
    AttachmentId, CaseId, ParticipantId, PartyId, ReportId, TermsId, UserId,
};
use entente_domain::kinds::{
    Affectedness, Audience, CaseRole, Channel, MessagePurpose, Source, Stage, Verdict,
};
use entente_domain::time::{SECOND_US, Timestamp};
use entente_service::clock::TestClock;
use entente_service::config::{Config, Limits, Organisation};
use entente_service::parties::{PartyContact, PartyForm};
use entente_service::reports::{Identity, Submission};
use entente_service::{
    App, ClientHint, accounts, attachments, cases, demo, jobs, mail, parties, reports, rooms,
};
use entente_store::{Db, Keyring, Location, OpenOptions, Random, ledger};
use entente_web::server::{WebConfig, router};
use http_body_util::BodyExt;
use rand::{CryptoRng, RngCore};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

/// 2026-11-16T09:12:00Z, a Monday.
const MONDAY: Timestamp = Timestamp(1_794_820_320 * SECOND_US);
/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery staple 7";

/// Randomness that begins anew with every named turn.
#[derive(Clone)]
pub struct Turns(Arc<Mutex<ChaCha20Rng>>);

impl Turns {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(ChaCha20Rng::from_seed([0; 32]))))
    }

    /// From here on draws follow from the seed and `what` alone.
    pub fn turn(&self, what: &str) {
        let seed = Sha256::new()
            .chain_update("one seed for all worlds:")
            .chain_update(what);
        *self.0.lock().unwrap() = ChaCha20Rng::from_seed(seed.finalize().into());
    }
}

impl RngCore for Turns {
    fn next_u32(&mut self) -> u32 {
        self.0.lock().unwrap().next_u32()
    }
    fn next_u64(&mut self) -> u64 {
        self.0.lock().unwrap().next_u64()
    }
    fn fill_bytes(&mut self, dst: &mut [u8]) {
        self.0.lock().unwrap().fill_bytes(dst);
    }
}

/// Only a cryptographic generator stands behind it.
impl CryptoRng for Turns {}

/// A member of staff with every credential that they have.
pub struct Person {
    /// The account.
    pub user: UserId,
    /// The viewer that their credentials give.
    pub viewer: Viewer,
    /// The token of a session.
    pub session: String,
    /// What the session's forms carry.
    pub csrf: String,
    /// A token of every scope.
    pub token: String,
}

/// A case with what one needs in order to ask for its parts.
pub struct Thing {
    /// The case.
    pub case: CaseId,
    /// Its number.
    pub number: i64,
    /// Its report.
    pub report: ReportId,
    /// A file in its thread.
    pub attachment: AttachmentId,
    /// The receipt code of its reporter.
    pub code: String,
}

/// Somebody of a party who came in.
pub struct Guest {
    /// The viewer that the visit gives.
    pub viewer: Viewer,
    /// The token of the visit.
    pub session: String,
    /// The party.
    pub party: PartyId,
}

/// The newest mail to an address.
fn newest_mail(folder: &std::path::Path, to: &str) -> String {
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path());
    let mut mails: Vec<(std::time::SystemTime, String)> = files
        .filter_map(|path| {
            let text = std::fs::read_to_string(&path).ok()?;
            let at = std::fs::metadata(&path).unwrap().modified().unwrap();
            text.contains(to).then_some((at, text))
        })
        .collect();
    mails.sort();
    // Long lines are folded with an equals sign at the end.
    mails
        .pop()
        .unwrap()
        .1
        .replace("=\r\n", "")
        .replace("=\n", "")
        .replace("=3D", "=")
}

/// The instance.
pub struct World {
    pub app: App,
    pub clock: Arc<TestClock>,
    pub turns: Turns,
    /// The root of the journal's log once the demonstration stands in it: salts and nonces are in
    /// it, so that it is the same in two worlds only if both drew the same in the same order.
    pub root: [u8; 32],
    router: axum::Router,
    folder: tempfile::TempDir,
}

/// What came back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// Its body as text, for messages.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header, or nothing.
    pub fn header(&self, name: HeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |v| v.to_str().unwrap_or_default())
    }
}

/// A request that can be sent to several worlds.
#[derive(Clone, Debug)]
pub struct Ask {
    pub method: Method,
    pub path: String,
    pub headers: Vec<(HeaderName, String)>,
    pub body: Vec<u8>,
    /// Where it comes from, as far as limits count.
    pub from: Ipv4Addr,
}

impl World {
    /// An instance with the demonstration's people, products, cases and advisories.
    pub async fn new(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let turns = Turns::new();
        turns.turn("open");
        let db = Db::open(OpenOptions {
            location: Location::Sqlite(folder.path().join("entente.db")),
            data_dir: folder.path().join("data"),
            keys: Keyring::from_instance_key([7; 32]),
            random: Random::new(turns.clone()),
            readers: 2,
            read_only: false,
        })
        .await
        .unwrap();
        let config = Config {
            base_url: "https://psirt.example".to_owned(),
            organisation: Organisation {
                name: "Alder Gateways".to_owned(),
                namespace: "https://alder.example".to_owned(),
                contact: "psirt@alder.example".to_owned(),
                advisory_prefix: "ALD".to_owned(),
                language: "en".to_owned(),
            },
            mail_from: "psirt@alder.example".to_owned(),
            demo: false,
            limits,
        };
        let clock = Arc::new(TestClock::at(MONDAY));
        let mail = Arc::new(mail::FolderTransport::new(folder.path().join("mail")).unwrap());
        let app = App::open(config, db, clock.clone(), mail).unwrap();
        turns.turn("demonstration");
        demo::fill(&app, &clock).await.unwrap();
        let root = app.db().read(|tx| {
            let size = ledger::size(tx)?;
            ledger::root(tx, size)
        });
        let root = root.await.unwrap();
        Self {
            root,
            router: router(app.clone(), WebConfig::default()),
            app,
            clock,
            turns,
            folder,
        }
    }

    /// The folder that mails go to.
    pub fn mails(&self) -> std::path::PathBuf {
        self.folder.path().join("mail")
    }

    pub fn hours(&self, hours: i64) {
        self.clock.set(self.app.now().plus_hours(hours));
    }

    /// An account with a session and a token.
    pub async fn person(&self, name: &str, roles: &[Role]) -> Person {
        self.turns.turn(&format!("person {name}"));
        let app = &self.app;
        let mail = format!("{name}@psirt.example");
        let user = accounts::create(app, name, &mail, PASSWORD, roles, false)
            .await
            .unwrap();
        let viewer = Viewer::Staff {
            user,
            roles: roles.to_vec(),
        };
        let session = accounts::begin_session(app, user).await.unwrap();
        let signed_in = accounts::session(app, &session).await.unwrap().unwrap();
        let token = accounts::create_token(app, &viewer, "all", &accounts::Scope::ALL, 30)
            .await
            .unwrap();
        Person {
            user,
            viewer,
            session,
            csrf: signed_in.csrf,
            token,
        }
    }

    /// A report from outside with a file, and the case that it opens.
    pub async fn thing(&self, name: &str, form: ReportForm, mail: &str) -> Thing {
        self.turns.turn(&format!("report {name}"));
        let app = &self.app;
        let mut staging = attachments::begin(app, &format!("{name}.txt")).unwrap();
        staging.push(name.as_bytes()).unwrap();
        let staged = staging.finish().unwrap();
        let attachment = staged.id;
        let submission = Submission {
            form,
            identity: Identity {
                name: format!("Reporter of {name}"),
                mail: mail.to_owned(),
                ..Identity::default()
            },
            source: Source::External,
            channel: Channel::Form,
            attachments: vec![staged],
            client: Some(ClientHint(Sha256::digest(name.as_bytes()).into())),
            ticket: None,
            idempotency_key: None,
        };
        let s = reports::submit(app, &Viewer::Public, submission)
            .await
            .unwrap();
        let system = Viewer::System(entente_domain::access::SystemViewer::Operator);
        let number = cases::open(app, &system, s.case).await.unwrap().case.number;
        Thing {
            case: s.case,
            number,
            report: s.report,
            attachment,
            code: s.receipt_code.unwrap().grouped().to_string(),
        }
    }

    /// Somebody does something in a case.
    pub async fn act(&self, who: &Person, case: CaseId, command: Command) {
        let kind = command.kind();
        let done = cases::act(&self.app, &who.viewer, case, None, command).await;
        assert!(done.is_ok(), "{kind}: {done:?}");
    }

    /// Gives the case an advisory in draft: confirmed, scored, affected, being remedied.
    pub async fn draft(&self, who: &Person, thing: &Thing, words: &str) {
        self.turns.turn(&format!("draft {}", thing.report));
        let product = entente_service::products::list(&self.app, &who.viewer)
            .await
            .unwrap()[0]
            .id;
        self.act(
            who,
            thing.case,
            Command::Acknowledge {
                report: thing.report,
                body: format!("Thank you. {words}"),
            },
        )
        .await;
        self.act(who, thing.case, Command::Assign { owner: who.user })
            .await;
        self.tick(who, thing.case, Stage::Receipt).await;
        let commands = [
            Command::StartVerification {},
            Command::RecordVerification {
                environment: format!("Lab {words}"),
                build: "4.2".to_owned(),
                steps: "As told.".to_owned(),
                verdict: Verdict::Confirmed,
                note: String::new(),
            },
            Command::Score {
                vector: "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".to_owned(),
            },
            Command::SetCve {
                cve: "CVE-2026-48151".to_owned(),
            },
            Command::AssessPriority {
                exploitation: "none".to_owned(),
                utility: "efficient".to_owned(),
                technical_impact: "total".to_owned(),
                public_safety: "minimal".to_owned(),
            },
            Command::SetAffected {
                product,
                versions: "vers:semver/<4.2.8".to_owned(),
                status: Affectedness::Affected,
                justification: None,
                fixed_versions: "4.2.8".to_owned(),
                note: String::new(),
            },
            Command::SendToReporter {
                report: thing.report,
                purpose: MessagePurpose::VerificationResult,
                body: format!("We see it too. {words}"),
            },
            Command::Comment {
                audience: Audience::Internal,
                body: format!("What we say among us: {words}"),
            },
        ];
        for command in commands {
            self.act(who, thing.case, command).await;
        }
        self.tick(who, thing.case, Stage::Verification).await;
        let commands = [
            Command::StartRemediation {},
            Command::DraftAdvisory {
                title: format!("Advisory {words}"),
                summary: format!("Summary {words}"),
                description: format!("Description {words}"),
                impact: String::new(),
                acknowledgement: String::new(),
                references: Vec::new(),
                change: String::new(),
            },
        ];
        for command in commands {
            self.act(who, thing.case, command).await;
        }
    }

    async fn tick(&self, who: &Person, case: CaseId, stage: Stage) {
        for item in checklist::of_stage(checklist::CURRENT_PROCESS, stage) {
            let tick = Command::TickChecklist {
                item: item.id.to_owned(),
                done: true,
                note: String::new(),
            };
            self.act(who, case, tick).await;
        }
    }

    /// Gives somebody a part in a case.
    pub async fn join(&self, lead: &Person, case: CaseId, user: UserId) {
        let member = Command::AddMember {
            user,
            role: CaseRole::Member,
            reason: "Needed".to_owned(),
        };
        self.act(lead, case, member).await;
    }

    /// Invites a party to a case, with an embargo proposed, and comes in by its link.
    pub async fn guest(&self, lead: &Person, case: CaseId) -> Guest {
        self.turns.turn(&format!("guest {case}"));
        let app = &self.app;
        let form = PartyForm {
            name: format!("Party {case}"),
            contacts: vec![PartyContact {
                name: "Gail Ost".to_owned(),
                mail: "gail@party.example".to_owned(),
            }],
            ..PartyForm::default()
        };
        let party = parties::save(app, &lead.viewer, None, form).await.unwrap();
        let (now, participant) = (app.now(), ParticipantId(app.random().id(app.now())));
        let propose = Command::ProposeEmbargo {
            terms: TermsId(app.random().id(now)),
            ends_at: now.plus_days(40),
            reason: "Others ship it, too".to_owned(),
            reply_by: now,
            revisions_allowed: 1,
            lead_rules: true,
            carve_outs: String::new(),
            signer: String::new(),
        };
        self.act(lead, case, propose).await;
        let invite = Command::InviteParty {
            participant,
            party,
            roles: vec![ParticipantRole::Vendor],
            need: Need::SharedComponent,
            reason: "Ships the same library".to_owned(),
            component: "EdgeGate".to_owned(),
            versions: "4.2".to_owned(),
            note: String::new(),
            reply_by: now,
        };
        self.act(lead, case, invite).await;
        jobs::run_due(app).await.unwrap();
        let mail = newest_mail(&self.mails(), "gail@party.example");
        let token = mail.split("/join?token=").nth(1).unwrap();
        let token: String = token.chars().take_while(|c| !c.is_whitespace()).collect();
        // Mails took draws, in each world its own.
        self.turns.turn(&format!("guest comes into {case}"));
        let hint = ClientHint([8; 32]);
        let session = rooms::enter(app, &token, hint).await.unwrap().token;
        let guest = rooms::guest(app, &session).await.unwrap().unwrap();
        Guest {
            viewer: guest.viewer,
            session,
            party,
        }
    }

    /// Asks the whole router.
    pub async fn send(&self, ask: &Ask) -> Answer {
        let mut request = Request::builder()
            .method(ask.method.clone())
            .uri(&ask.path)
            .header("sec-fetch-site", "same-origin");
        for (name, value) in &ask.headers {
            request = request.header(name, value);
        }
        let peer = SocketAddr::new(IpAddr::V4(ask.from), 40_000);
        let request = request
            .extension(ConnectInfo(peer))
            .body(Body::from(ask.body.clone()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }
}

/// A report of these words.
pub fn form(product: &str, words: &str) -> ReportForm {
    ReportForm {
        product: product.to_owned(),
        version: "4.2.7".to_owned(),
        title: format!("Title {words}"),
        description: format!("Description {words}\n\n1. Open it.\n2. See it."),
        impact: "Loss of control.".to_owned(),
        ..ReportForm::default()
    }
}

/// As forms are encoded.
pub fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// The cookie of a staff session.
pub fn staff_cookie(session: &str) -> (HeaderName, String) {
    (header::COOKIE, format!("__Host-entente-staff={session}"))
}

/// The cookie of a guest's visit.
pub fn guest_cookie(session: &str) -> (HeaderName, String) {
    (header::COOKIE, format!("__Host-entente-guest={session}"))
}

/// The cookie of a reporter's session.
pub fn reporter_cookie(session: &str) -> (HeaderName, String) {
    (header::COOKIE, format!("__Host-entente-reporter={session}"))
}
