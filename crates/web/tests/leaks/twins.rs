//! Two worlds of one seed, of which one holds secret cases: whatever somebody without a part in
//! them asks, both answer with the same bytes (L1).
//!
//! Long file: the two worlds together with every question that is put to both.

use crate::matrix::no_limits;
use crate::table::{ENTRIES, Entry, Gate, Names, Needs, nowhere};
use crate::world::{
    Answer, Ask, Person, Thing, World, escaped, form, guest_cookie, reporter_cookie, staff_cookie,
};
use axum::http::{HeaderName, Method, header};
use entente_domain::access::Role;
use entente_domain::command::Command;
use entente_domain::ids::{PartyId, PolicyId, ProductId};
use entente_domain::kinds::Audience;
use entente_service::config::Limits;
use entente_service::{ClientHint, jobs, products, reports};
use entente_store::counters;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Words that stand in the secret cases, and in their people's names and addresses.
const SECRETS: &[&str] = &[
    "Quillfeather",
    "Quillfeather 4.2.7",
    "CVE-2026-48151",
    "EdgeGate Quillfeather",
    "mallow@quill.example",
    "quill.example",
    "Reporter of secret 0",
    "secret 1",
    "qui",
    "4.2.7",
];
/// Where a secret reporter is reached.
const SECRET_MAIL: &str = "mallow@quill.example";
/// Secret cases.
const MANY: usize = 7;

/// One of the two.
struct Side {
    world: World,
    insider: Person,
    staff: Vec<(Role, Person)>,
    /// Cases that both worlds hold, before and after the secret ones came.
    common: Vec<Thing>,
    secret: Vec<Thing>,
    reporter: String,
    /// The visit of somebody of a party of a common case.
    guest: String,
    product: ProductId,
}

impl Side {
    /// `secret` says which of the two it is. With `numbers_alike` the world without secrets leaves out
    /// the same numbers of cases and reports: gaps in the numbering of staff are the one disclosure
    /// that is accepted (decision 12), and this is all that is set right for it.
    async fn new(limits: Limits, secret: bool, numbers_alike: bool) -> Self {
        let world = World::new(limits).await;
        let insider = world.person("insider", &[Role::Lead, Role::Analyst]).await;
        let mut staff = Vec::new();
        for role in Role::ALL.iter().copied() {
            staff.push((role, world.person(role.as_str(), &[role]).await));
        }
        let mut side = Self {
            product: products::list(&world.app, &insider.viewer).await.unwrap()[0].id,
            world,
            insider,
            staff,
            common: Vec::new(),
            secret: Vec::new(),
            reporter: String::new(),
            guest: String::new(),
        };
        side.common(0..2).await;
        for n in 0..MANY {
            if secret {
                side.hide(n).await;
            } else if numbers_alike {
                side.skip_numbers().await;
            }
        }
        side.common(2..4).await;
        // Whatever the secret reports took of the limits of this hour is given back.
        side.world.hours(2);
        side.world.turns.turn("the reporter comes back");
        let code = &side.common[0].code;
        side.reporter = reports::enter(&side.world.app, code, ClientHint([9; 32]))
            .await
            .unwrap()
            .token;
        let case = side.common[1].case;
        side.guest = side.world.guest(&side.insider, case).await.session;
        side
    }

    async fn common(&mut self, which: std::ops::Range<usize>) {
        for n in which {
            let name = format!("common {n}");
            // Half of them speak of what the secret ones speak of, too.
            let words = if n.is_multiple_of(2) {
                "Quillfeather again"
            } else {
                "something else"
            };
            let mail = format!("robin{n}@reporter.example");
            let thing = self
                .world
                .thing(&name, form("EdgeGate 4", words), &mail)
                .await;
            if n == 0 {
                self.world.draft(&self.insider, &thing, &name).await;
            }
            self.common.push(thing);
        }
    }

    /// A secret case, in a stage that depends on `n`.
    async fn hide(&mut self, n: usize) {
        let name = format!("secret {n}");
        let thing = self
            .world
            .thing(
                &name,
                form("EdgeGate Quillfeather", "Quillfeather bypass"),
                SECRET_MAIL,
            )
            .await;
        if n.is_multiple_of(2) {
            self.world
                .draft(&self.insider, &thing, "Quillfeather")
                .await;
        }
        let reason = "Need to know: Quillfeather".to_owned();
        self.world
            .act(&self.insider, thing.case, Command::Restrict { reason })
            .await;
        self.secret.push(thing);
        self.go_on(n).await;
    }

    /// Something happens in a secret case.
    async fn go_on(&self, n: usize) {
        let Some(thing) = self.secret.get(n % MANY) else {
            return;
        };
        let comment = Command::Comment {
            audience: Audience::Internal,
            body: format!("Quillfeather goes on, {n}"),
        };
        self.world.act(&self.insider, thing.case, comment).await;
        let reporter = entente_domain::access::Viewer::Reporter {
            report: thing.report,
        };
        reports::write(&self.world.app, &reporter, "What about Quillfeather?")
            .await
            .unwrap();
    }

    async fn skip_numbers(&self) {
        let skip = |tx: &mut entente_store::Tx<'_>| {
            counters::next(tx, "case")?;
            counters::next(tx, "report")?;
            Ok(())
        };
        self.world.app.db().write(skip).await.unwrap();
    }
}

/// Both worlds, and what was found.
struct Twins {
    without: Side,
    with: Side,
    asked: u32,
    leaks: Vec<String>,
}

impl Twins {
    async fn new(limits: Limits, numbers_alike: bool) -> Self {
        let twins = Self {
            without: Side::new(limits.clone(), false, numbers_alike).await,
            with: Side::new(limits, true, numbers_alike).await,
            asked: 0,
            leaks: Vec::new(),
        };
        let (a, b) = (&twins.without, &twins.with);
        assert_eq!(a.world.root, b.world.root, "the worlds draw alike");
        assert_eq!(a.reporter, b.reporter, "the worlds draw alike");
        assert_eq!(a.guest, b.guest, "the worlds draw alike");
        for ((_, a), (_, b)) in a.staff.iter().zip(&b.staff) {
            assert_eq!(a.session, b.session, "the worlds draw alike");
        }
        assert_eq!(a.common[3].case, b.common[3].case, "the worlds draw alike");
        assert_eq!(b.secret.len(), MANY);
        twins
    }

    /// Time goes by, and in one of the worlds something secret happens.
    async fn later(&self, n: usize) {
        for side in [&self.without, &self.with] {
            side.world.clock.set(entente_domain::time::Timestamp(
                side.world.app.now().0 + 5 * 60 * entente_domain::time::SECOND_US,
            ));
            side.world.turns.turn(&format!("later {n}"));
            side.go_on(n).await;
        }
    }

    fn somewhere(&self) -> Ipv4Addr {
        Ipv4Addr::from(0x0a00_0000 + self.asked)
    }

    /// Asks both; answers what the world without secrets says.
    async fn ask(&mut self, who: &str, ask: Ask) -> Answer {
        self.asked += 1;
        let turn = format!("request {}", self.asked);
        self.without.world.turns.turn(&turn);
        let a = self.without.world.send(&ask).await;
        self.with.world.turns.turn(&turn);
        let b = self.with.world.send(&ask).await;
        if a != b {
            self.leaks.push(format!(
                "{} {} by {who}: {} / {}; {}",
                ask.method,
                ask.path,
                a.status,
                b.status,
                difference(&a, &b)
            ));
        }
        a
    }

    async fn get(&mut self, who: &str, headers: &[(HeaderName, String)], path: &str) -> Answer {
        let ask = Ask {
            method: Method::GET,
            path: path.to_owned(),
            headers: headers.to_vec(),
            body: Vec::new(),
            from: self.somewhere(),
        };
        self.ask(who, ask).await
    }

    async fn post(
        &mut self,
        who: &str,
        headers: &[(HeaderName, String)],
        path: &str,
        kind: &str,
        body: &str,
    ) -> Answer {
        let mut headers = headers.to_vec();
        headers.push((header::CONTENT_TYPE, kind.to_owned()));
        let ask = Ask {
            method: Method::POST,
            path: path.to_owned(),
            headers,
            body: body.as_bytes().to_vec(),
            from: self.somewhere(),
        };
        self.ask(who, ask).await
    }

    /// A route, for each case in turn.
    async fn route(&mut self, who: &Outsider, entry: &Entry, methods: &[&str]) {
        let names = Names {
            spare: who.me,
            product: self.without.product,
            party: PartyId(uuid::Uuid::nil()),
            policy: PolicyId(uuid::Uuid::nil()),
        };
        let absent = nowhere(&self.without.common[0]);
        let things: Vec<Thing> = self
            .without
            .common
            .iter()
            .chain(self.with.secret.iter().take(3))
            .chain([&absent])
            .map(copy)
            .collect();
        let many = if entry.of_a_case() { things.len() } else { 1 };
        for thing in things.iter().take(many) {
            let (kind, body) = entry.sent(thing, who.me, who.csrf.as_deref());
            for method in methods {
                let mut headers = who.headers.clone();
                if !kind.is_empty() {
                    headers.push((header::CONTENT_TYPE, kind.to_owned()));
                }
                let mut path = entry.filled(&names, thing, who.me);
                if entry.body == "file" {
                    path.push_str("?name=a.txt");
                }
                let ask = Ask {
                    method: method.parse().unwrap(),
                    path,
                    headers,
                    body: body.clone(),
                    from: self.somewhere(),
                };
                self.ask(&who.name, ask).await;
            }
        }
    }

    /// A list of the API to its end, in pages of every size.
    async fn pages(&mut self, who: &str, headers: &[(HeaderName, String)], list: &str) {
        for limit in [1, 3, 50] {
            let mut path = format!("{list}limit={limit}");
            for _ in 0..6 {
                let answer = self.get(who, headers, &path).await;
                let next = serde_json::from_slice::<serde_json::Value>(&answer.body)
                    .ok()
                    .and_then(|v| v["next"].as_str().map(escaped));
                let Some(next) = next else { break };
                path = format!("{list}limit={limit}&cursor={next}");
            }
        }
    }

    /// The same comparison, asked by those who may know: without a difference here, none above would
    /// have been seen either.
    async fn those_who_may_notice_do(&mut self) {
        let bearer = |p: &Person| vec![(header::AUTHORIZATION, format!("Bearer {}", p.token))];
        let insider = bearer(&self.without.insider);
        let lead = vec![staff_cookie(&self.without.staff[0].1.session)];
        assert_eq!(self.without.staff[0].0, Role::Lead);
        for (headers, path) in [
            (&insider, "/api/v1/cases".to_owned()),
            (&insider, "/api/v1/search?q=Quillfeather".to_owned()),
            (
                &insider,
                format!("/api/v1/cases/{}", self.with.secret[0].case),
            ),
            (&lead, "/console/figures".to_owned()),
        ] {
            let before = self.leaks.len();
            self.get("somebody who may know", headers, &path).await;
            assert!(
                self.leaks.len() > before,
                "{path} is the same in both worlds"
            );
        }
    }

    fn none_leaked(&self, least: u32) {
        println!(
            "{} requests to each world, {} differ",
            self.asked,
            self.leaks.len()
        );
        assert!(
            self.leaks.is_empty(),
            "{} of {} answers tell of the secret cases:\n{}",
            self.leaks.len(),
            self.asked,
            self.leaks
                .iter()
                .take(40)
                .cloned()
                .collect::<Vec<_>>()
                .join("\n")
        );
        assert!(self.asked >= least, "{}", self.asked);
    }
}

fn copy(thing: &Thing) -> Thing {
    Thing {
        case: thing.case,
        number: thing.number,
        report: thing.report,
        attachment: thing.attachment,
        code: thing.code.clone(),
    }
}

/// Where two answers part.
fn difference(a: &Answer, b: &Answer) -> String {
    for (name, value) in &a.headers {
        if b.headers.get(name) != Some(value) {
            return format!("header {name}: {value:?} / {:?}", b.headers.get(name));
        }
    }
    let (a, b) = (a.text(), b.text());
    let at = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let around = |text: &str| -> String {
        let near = text
            .bytes()
            .skip(at.saturating_sub(60))
            .take(160)
            .collect::<Vec<_>>();
        String::from_utf8_lossy(&near).replace('\n', " ")
    };
    format!("at byte {at}: «{}» / «{}»", around(&a), around(&b))
}

/// Somebody without a part in the secret cases.
struct Outsider {
    name: String,
    me: entente_domain::ids::UserId,
    headers: Vec<(HeaderName, String)>,
    csrf: Option<String>,
    role: Option<Role>,
}

fn staff_of(twins: &Twins) -> Vec<(Outsider, Outsider)> {
    twins
        .without
        .staff
        .iter()
        .map(|(role, p)| {
            let outsider = |how: &str, headers| Outsider {
                name: format!("{role}, {how}"),
                me: p.user,
                headers,
                csrf: Some(p.csrf.clone()),
                role: Some(*role),
            };
            let token = (header::AUTHORIZATION, format!("Bearer {}", p.token));
            (
                outsider("session", vec![staff_cookie(&p.session)]),
                outsider("token", vec![token]),
            )
        })
        .collect()
}

/// What leads and auditors are shown on purpose: figures over all cases, without content
/// (`Viewer::counts_all_cases`), and the heads of the log of everything.
fn counts_on_purpose(who: &Outsider, entry: &Entry) -> bool {
    matches!(entry.needs, Needs::Figures | Needs::Journal)
        && matches!(who.role, Some(Role::Lead | Role::Auditor))
}

/// A form's fields and JSON that name what only the secret cases know.
fn pokes(twins: &Twins) -> (Vec<String>, Vec<String>) {
    let secret = &twins.with.secret[0];
    let (number, id) = (secret.number, secret.case);
    let forms = vec![
        format!(
            "do/exit?reason=duplicate&note=x&notice=x&duplicate_of={number}&siblings_checked=1"
        ),
        format!("do/merge_into?target={number}&reason=Same"),
        "do/set_cve?cve=CVE-2026-48151".to_owned(),
        "do/set_title?title=Quillfeather".to_owned(),
        "do/comment?audience=internal&body=Quillfeather".to_owned(),
    ];
    let commands = vec![
        format!(
            r#"{{"command":"exit","reason":"duplicate","note":"x","notice":"x","duplicate_of":"{id}"}}"#
        ),
        format!(r#"{{"command":"merge_into","target":"{id}","reason":"Same"}}"#),
        r#"{"command":"set_cve","cve":"CVE-2026-48151"}"#.to_owned(),
        format!(
            r#"{{"command":"read_identity","report":"{}","reason":"To call"}}"#,
            secret.report
        ),
        format!(
            r#"{{"command":"acknowledge","report":"{}","body":"Thanks"}}"#,
            secret.report
        ),
    ];
    (forms, commands)
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_without_a_part_learn_nothing() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let mut twins = Twins::new(no_limits(), true).await;
    for round in 0..3 {
        twins.later(round).await;
        for (browser, program) in staff_of(&twins) {
            for entry in ENTRIES {
                let who = if entry.path.starts_with("/api/") {
                    &program
                } else {
                    &browser
                };
                if !counts_on_purpose(who, entry) {
                    twins.route(who, entry, &[entry.method]).await;
                }
            }
            for words in SECRETS {
                let q = escaped(words);
                for list in ["/console?q=", "/console/cases?q="] {
                    twins
                        .get(&browser.name, &browser.headers, &format!("{list}{q}"))
                        .await;
                }
                let list = format!("/api/v1/search?q={q}&");
                twins.pages(&program.name, &program.headers, &list).await;
            }
            for list in ["cases", "register", "clocks", "products"] {
                let list = format!("/api/v1/{list}?");
                twins.pages(&program.name, &program.headers, &list).await;
            }
            let owner = twins.with.insider.user;
            for filter in [
                "open=true&".to_owned(),
                "open=false&".to_owned(),
                "sort=due&".to_owned(),
                "stage=remediation_development&".to_owned(),
                "source=external&".to_owned(),
                format!("owner={owner}&"),
                "mine=true&".to_owned(),
            ] {
                let list = format!("/api/v1/cases?{filter}");
                twins.pages(&program.name, &program.headers, &list).await;
            }
            let (forms, commands) = pokes(&twins);
            let (number, case) = (twins.with.common[1].number, twins.with.common[1].case);
            let csrf = browser.csrf.clone().unwrap_or_default();
            for poke in forms {
                let (path, fields) = poke.split_once('?').unwrap_or((&poke, ""));
                let path = format!("/console/cases/{number}/{path}");
                let body = format!("csrf={csrf}&{fields}");
                twins
                    .post(&browser.name, &browser.headers, &path, FORM, &body)
                    .await;
            }
            for body in commands {
                let path = format!("/api/v1/cases/{case}/commands");
                twins
                    .post(
                        &program.name,
                        &program.headers,
                        &path,
                        "application/json",
                        &body,
                    )
                    .await;
            }
            let secret = &twins.with.secret[1];
            let batch = format!(
                "csrf={csrf}&reason=junk&note=x&notice=x&case_{}=1&case_999999=1",
                secret.number
            );
            let exit = format!(
                r#"{{"cases":["{}"],"reason":"junk","note":"x","notice":"x"}}"#,
                secret.case
            );
            twins
                .post(
                    &browser.name,
                    &browser.headers,
                    "/console/batch",
                    FORM,
                    &batch,
                )
                .await;
            twins
                .post(
                    &program.name,
                    &program.headers,
                    "/api/v1/cases/exit",
                    "application/json",
                    &exit,
                )
                .await;
        }
    }
    twins.none_leaked(8_000);
    twins.those_who_may_notice_do().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_and_other_reporters_learn_nothing() {
    const FORM: &str = "application/x-www-form-urlencoded";
    const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    // The world without secrets numbers its cases without gaps: nobody outside may notice.
    let mut twins = Twins::new(Limits::default(), false).await;
    let session = twins.without.reporter.clone();
    let code = twins.without.common[0].code.clone();
    let outsider = |name: &str, headers, csrf| Outsider {
        name: name.to_owned(),
        me: crate::table::id_of(None),
        headers,
        csrf,
        role: None,
    };
    let token = twins.without.world.app.form_token(&session);
    let visit = twins.without.guest.clone();
    let visit_token = twins.without.world.app.form_token(&visit);
    let nobody = outsider("nobody", Vec::new(), None);
    let outsiders = [
        nobody,
        outsider(
            "somebody of a party",
            vec![guest_cookie(&visit)],
            Some(visit_token),
        ),
        outsider("a reporter", vec![reporter_cookie(&session)], Some(token)),
        outsider(
            "a receipt",
            vec![(header::AUTHORIZATION, format!("Receipt {code}"))],
            None,
        ),
    ];
    for (round, who) in outsiders.iter().enumerate() {
        twins.later(round).await;
        for entry in ENTRIES {
            let reaches = matches!(
                entry.gate,
                Gate::Open | Gate::OpenApi | Gate::Reporter | Gate::Receipt | Gate::Guest
            );
            let methods = if reaches { METHODS } else { &[entry.method] };
            twins.route(who, entry, methods).await;
        }
        for list in ["/api/v1/advisories?", "/advisories?"] {
            twins.pages(&who.name, &who.headers, list).await;
        }
        for n in 1..=12 {
            for path in [
                format!("/advisories/ALD-2026-{n:04}"),
                format!("/api/v1/advisories/ALD-2026-{n:04}"),
                format!("/.well-known/csaf/white/2026/ald-2026-{n:04}.json"),
            ] {
                twins.get(&who.name, &who.headers, &path).await;
            }
        }
        let since = "Mon, 16 Nov 2026 09:00:00 GMT";
        for path in [
            "/advisories/feed.atom",
            "/.well-known/csaf/white/changes.csv",
        ] {
            let first = twins.get(&who.name, &who.headers, path).await;
            let mut headers = who.headers.clone();
            headers.push((header::IF_MODIFIED_SINCE, since.to_owned()));
            headers.push((header::IF_NONE_MATCH, first.header(header::ETAG).to_owned()));
            twins.get(&who.name, &headers, path).await;
        }
        for words in SECRETS {
            let typed = escaped(words);
            for (path, body) in [
                ("/console/reset", format!("mail={typed}")),
                ("/subscribe", format!("mail={typed}")),
                ("/report/status", format!("code={typed}")),
                ("/console/welcome/x", format!("password={typed}")),
            ] {
                twins.post(&who.name, &who.headers, path, FORM, &body).await;
            }
            for path in ["/?q=", "/advisories?cursor=", "/report?product="] {
                let path = format!("{path}{typed}");
                twins.get(&who.name, &who.headers, &path).await;
            }
            let report = serde_json::json!({
                "form": {"product": words, "description": words, "tracking_ids": words},
                "identity": {"mail": SECRET_MAIL, "name": words},
            });
            let mut headers = who.headers.clone();
            headers.push((
                HeaderName::from_static("idempotency-key"),
                format!("key-of-{}-{typed}", round),
            ));
            for _ in 0..2 {
                twins
                    .post(
                        &who.name,
                        &headers,
                        "/api/v1/reports",
                        "application/json",
                        &report.to_string(),
                    )
                    .await;
            }
            let part = |name: &str| {
                format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{words}\r\n")
            };
            let body = format!("{}{}--b--\r\n", part("product"), part("description"));
            twins
                .post(
                    &who.name,
                    &who.headers,
                    "/report",
                    "multipart/form-data; boundary=b",
                    &body,
                )
                .await;
        }
    }
    // From one place until the limits are met: they are met at the same request.
    for (path, body, times) in [
        (
            "/console/sign-in",
            format!("name={}&password=wrong", escaped(SECRET_MAIL)),
            22,
        ),
        (
            "/console/reset",
            format!("mail={}", escaped(SECRET_MAIL)),
            22,
        ),
        ("/subscribe", format!("mail={}", escaped(SECRET_MAIL)), 12),
        ("/report/status", "code=AAAA".to_owned(), 32),
    ] {
        for _ in 0..times {
            let ask = Ask {
                method: Method::POST,
                path: path.to_owned(),
                headers: vec![(header::CONTENT_TYPE, FORM.to_owned())],
                body: body.as_bytes().to_vec(),
                from: Ipv4Addr::new(192, 0, 2, 1),
            };
            twins.ask("one place", ask).await;
        }
    }
    twins.none_leaked(2_000);
    let (without, with) = (mails(&twins.without).await, mails(&twins.with).await);
    assert!(
        without.len() >= 4,
        "the other reporters got mails: {}",
        without.len()
    );
    assert_eq!(without, with);
}

/// What is mailed to other reporters, by the name of its file, with every byte.
async fn mails(side: &Side) -> BTreeMap<String, String> {
    side.world.turns.turn("the mails leave");
    jobs::run_due(&side.world.app).await.unwrap();
    std::fs::read_dir(side.world.mails())
        .unwrap()
        .map(|file| {
            let file = file.unwrap();
            let text = std::fs::read_to_string(file.path()).unwrap();
            (file.file_name().to_string_lossy().into_owned(), text)
        })
        .filter(|(_, text)| {
            let to = text.lines().find(|l| l.starts_with("To: "));
            to.is_some_and(|l| l.contains("@reporter.example"))
        })
        .collect()
}
