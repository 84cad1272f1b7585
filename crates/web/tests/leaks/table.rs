//! Every route of the server with who may use it, for the tests that try them all. A route that is
//! not here fails the test.
//!
//! Long file: one line or few for each route, and nothing else.

use crate::world::{Person, Thing};
use entente_domain::access::Action;
use entente_domain::ids::{PartyId, PolicyId, ProductId, UserId};
use entente_domain::policy::Numbers;
use entente_service::accounts::Scope;

/// By what one is let in, before anything is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    /// Nothing.
    Open,
    /// Nothing; a token that is sent nevertheless has to be able to report.
    OpenApi,
    /// A session of staff.
    Session,
    /// A token with this scope.
    Token(Scope),
    /// The session of a reporter; without it one is sent to the page for the code.
    Reporter,
    /// A receipt code.
    Receipt,
    /// The visit of somebody of a party; without it one is asked to come in by the link.
    Guest,
}

/// What is asked for, in the words of the domain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needs {
    /// Whoever passed the gate gets this status, always.
    Status(u16),
    /// Whoever passed the gate gets an answer.
    Nothing,
    /// This part of a case.
    Case(Action),
    /// The identity behind a case's report.
    Identity,
    /// A file of the own thread.
    OwnFile,
    /// The registry of products.
    Products(Action),
    /// What the watch finds.
    Watch(Action),
    /// The register of parties.
    Parties(Action),
    /// The policies.
    Policies(Action),
    /// The accounts.
    Accounts(Action),
    /// The figures.
    Figures,
    /// The heads of the journal's log.
    Journal,
}

/// One route.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub method: &'static str,
    pub path: &'static str,
    pub gate: Gate,
    pub needs: Needs,
    /// What is sent: JSON, a file, a form with files, or the fields of a form.
    pub body: &'static str,
}

const fn e(
    method: &'static str,
    path: &'static str,
    gate: Gate,
    needs: Needs,
    body: &'static str,
) -> Entry {
    Entry {
        method,
        path,
        gate,
        needs,
        body,
    }
}

use Action::{Approve, Read, Write};
use Gate::{Guest, Open, OpenApi, Receipt, Reporter, Session, Token};
use Needs::{
    Accounts, Case, Figures, Identity, Journal, Nothing, OwnFile, Parties, Policies, Products,
    Status, Watch,
};

const R: Gate = Token(Scope::Read);
const W: Gate = Token(Scope::Write);
const A: Gate = Token(Scope::Admin);
const GET: &str = "GET";
const POST: &str = "POST";
const PUT: &str = "PUT";
const DELETE: &str = "DELETE";
const COMMENT: &str = r#"{"command":"comment","audience":"internal","body":"Seen."}"#;
const PARTY: &str = r#"{"name":""}"#;
const PRODUCT: &str = r#"{"name":"","contact":"$me"}"#;

/// Every route.
pub const ENTRIES: &[Entry] = &[
    // The portal.
    e(GET, "/", Open, Status(200), ""),
    e(GET, "/policy", Open, Status(200), ""),
    e(GET, "/advisories", Open, Status(200), ""),
    e(GET, "/advisories/feed.atom", Open, Status(200), ""),
    e(GET, "/advisories/{id}", Open, Status(404), ""),
    e(
        GET,
        "/advisories/{id}/cyclonedx.json",
        Open,
        Status(404),
        "",
    ),
    e(GET, "/report", Open, Status(200), ""),
    e(POST, "/report", Open, Nothing, "--b"),
    e(GET, "/report/status", Open, Status(200), ""),
    e(POST, "/report/status", Open, Status(404), "code=AAAA"),
    e(GET, "/report/status/thread", Reporter, Status(200), ""),
    e(
        POST,
        "/report/status/message",
        Reporter,
        Status(422),
        "body=",
    ),
    e(
        POST,
        "/report/status/credit",
        Reporter,
        Status(422),
        "credit=1",
    ),
    // Another session's form: nobody is signed out by somebody else's page.
    e(
        POST,
        "/report/status/leave",
        Reporter,
        Status(403),
        "csrf=other",
    ),
    e(GET, "/join", Open, Status(200), ""),
    e(POST, "/join", Open, Status(404), "token=none"),
    e(GET, "/room", Guest, Status(200), ""),
    // No command of a participant's.
    e(POST, "/room/do/{command}", Guest, Status(422), "body=x"),
    // Another visit's form.
    e(POST, "/room/leave", Guest, Status(403), "csrf=other"),
    e(GET, "/subscribe", Open, Status(200), ""),
    e(POST, "/subscribe", Open, Status(422), "mail=nobody"),
    e(GET, "/subscribe/confirm", Open, Nothing, ""),
    e(POST, "/subscribe/confirm", Open, Status(404), "token=none"),
    e(GET, "/subscribe/end", Open, Nothing, ""),
    e(POST, "/subscribe/end", Open, Status(404), "token=none"),
    e(GET, "/robots.txt", Open, Status(200), ""),
    e(GET, "/.well-known/security.txt", Open, Status(200), ""),
    e(
        GET,
        "/.well-known/csaf/provider-metadata.json",
        Open,
        Status(200),
        "",
    ),
    e(
        GET,
        "/.well-known/csaf/white/index.txt",
        Open,
        Status(200),
        "",
    ),
    e(
        GET,
        "/.well-known/csaf/white/changes.csv",
        Open,
        Status(200),
        "",
    ),
    e(
        GET,
        "/.well-known/csaf/openpgp-key.asc",
        Open,
        Status(200),
        "",
    ),
    e(GET, "/.well-known/csaf/service.json", Open, Status(200), ""),
    e(
        GET,
        "/.well-known/csaf/white/feed-tlp-white.json",
        Open,
        Status(200),
        "",
    ),
    e(
        GET,
        "/.well-known/csaf/openpgp/{name}",
        Open,
        Status(404),
        "",
    ),
    e(
        GET,
        "/.well-known/csaf/white/{year}/{name}",
        Open,
        Status(404),
        "",
    ),
    e(GET, "/assets/{name}", Open, Status(404), ""),
    // The console.
    e(GET, "/console", Session, Status(200), ""),
    e(GET, "/console/setup", Open, Status(404), ""),
    e(
        POST,
        "/console/setup",
        Open,
        Status(404),
        "name=X&mail=x%40x.example&password=correct+horse+battery+staple+9",
    ),
    e(GET, "/console/sign-in", Open, Status(200), ""),
    e(
        POST,
        "/console/sign-in",
        Open,
        Status(401),
        "name=x%40x.example&password=wrong",
    ),
    e(POST, "/console/persona", Open, Status(404), "persona=$me"),
    e(
        POST,
        "/console/sign-out",
        Session,
        Status(403),
        "csrf=other",
    ),
    e(GET, "/console/welcome/{token}", Open, Status(200), ""),
    e(
        POST,
        "/console/welcome/{token}",
        Open,
        Status(404),
        "password=correct+horse+battery+staple+9",
    ),
    e(GET, "/console/reset", Open, Status(200), ""),
    e(
        POST,
        "/console/reset",
        Open,
        Status(200),
        "mail=x%40x.example",
    ),
    e(GET, "/console/cases", Session, Status(200), ""),
    e(GET, "/console/new", Session, Status(200), ""),
    e(
        POST,
        "/console/new",
        Session,
        Status(422),
        "product=&description=",
    ),
    e(GET, "/console/cases/{number}", Session, Case(Read), ""),
    e(
        GET,
        "/console/cases/{number}/access",
        Session,
        Case(Read),
        "",
    ),
    e(
        GET,
        "/console/cases/{number}/advisory",
        Session,
        Case(Read),
        "",
    ),
    e(GET, "/console/cases/{number}/room", Session, Case(Read), ""),
    e(
        POST,
        "/console/cases/{number}/attachments",
        Session,
        Case(Write),
        "--f",
    ),
    e(
        GET,
        "/console/cases/{number}/attachments/{id}",
        Session,
        Case(Read),
        "",
    ),
    e(
        POST,
        "/console/cases/{number}/identity",
        Session,
        Identity,
        "report=$report&reason=To+call",
    ),
    e(
        POST,
        "/console/cases/{number}/do/{command}",
        Session,
        Case(Write),
        "audience=internal&body=Seen.",
    ),
    e(
        POST,
        "/console/batch",
        Session,
        Status(422),
        "reason=junk&note=x&notice=x",
    ),
    e(GET, "/console/figures", Session, Figures, ""),
    e(GET, "/console/journal", Session, Journal, ""),
    e(GET, "/console/journal/{size}", Session, Status(404), ""),
    e(GET, "/console/figures.csv", Session, Figures, ""),
    e(GET, "/console/board", Session, Status(200), ""),
    e(GET, "/console/register", Session, Status(200), ""),
    e(GET, "/console/products", Session, Products(Read), ""),
    e(
        POST,
        "/console/products",
        Session,
        Products(Write),
        "name=&contact=$me&kind=software&division=x&versions=",
    ),
    e(GET, "/console/products/{id}", Session, Products(Read), ""),
    e(
        POST,
        "/console/products/{id}/sboms",
        Session,
        Products(Write),
        "--f",
    ),
    e(
        GET,
        "/console/products/{id}/sboms/{sbom}",
        Session,
        Status(404),
        "",
    ),
    e(
        GET,
        "/console/products/{id}/sboms/{sbom}/{format}",
        Session,
        Status(404),
        "",
    ),
    e(
        POST,
        "/console/products/{id}/sboms/{sbom}/remove",
        Session,
        Status(404),
        "",
    ),
    e(
        POST,
        "/console/products/{id}/users",
        Session,
        Products(Write),
        "kind=customer&name=",
    ),
    e(
        POST,
        "/console/products/{id}/users/{user}/remove",
        Session,
        Status(404),
        "",
    ),
    e(GET, "/console/affected", Session, Products(Read), ""),
    e(
        POST,
        "/console/affected",
        Session,
        Products(Read),
        "component=tls&case=1",
    ),
    e(
        POST,
        "/console/affected/document",
        Session,
        Products(Read),
        "--f",
    ),
    e(GET, "/console/watch", Session, Watch(Read), ""),
    e(GET, "/console/watch/sources", Session, Watch(Read), ""),
    e(
        POST,
        "/console/watch/sources",
        Session,
        Watch(Write),
        "name=&place=x&every_minutes=60",
    ),
    e(
        POST,
        "/console/watch/sources/{id}/remove",
        Session,
        Status(404),
        "",
    ),
    e(GET, "/console/watch/{id}", Session, Status(404), ""),
    e(
        POST,
        "/console/watch/{id}",
        Session,
        Status(404),
        "act=report",
    ),
    e(GET, "/console/parties", Session, Parties(Read), ""),
    e(
        POST,
        "/console/parties",
        Session,
        Parties(Write),
        "name=&contacts=",
    ),
    e(GET, "/console/policies", Session, Policies(Read), ""),
    e(
        POST,
        "/console/policies",
        Session,
        Policies(Write),
        "kind=internal&sections=&$fields",
    ),
    e(
        POST,
        "/console/policies/{id}/approve",
        Session,
        Policies(Approve),
        "",
    ),
    e(GET, "/console/people", Session, Accounts(Read), ""),
    e(
        POST,
        "/console/people",
        Session,
        Accounts(Write),
        "mail=none&name=N&role_support=1",
    ),
    e(
        POST,
        "/console/people/{id}/roles",
        Session,
        Accounts(Write),
        "role_support=1",
    ),
    e(
        POST,
        "/console/people/{id}/state",
        Session,
        Accounts(Write),
        "disabled=0",
    ),
    e(
        POST,
        "/console/people/{id}/reset",
        Session,
        Accounts(Approve),
        "",
    ),
    e(GET, "/console/profile", Session, Status(200), ""),
    e(
        POST,
        "/console/profile/password",
        Session,
        Status(422),
        "old=wrong&new=wrong",
    ),
    e(
        POST,
        "/console/profile/second-factor",
        Session,
        Status(200),
        "",
    ),
    e(
        POST,
        "/console/profile/second-factor/confirm",
        Session,
        Status(422),
        "code=1",
    ),
    e(
        POST,
        "/console/profile/sessions/{id}",
        Session,
        Status(404),
        "",
    ),
    e(
        POST,
        "/console/profile/tokens",
        Session,
        Status(422),
        "name=x&days=3",
    ),
    e(
        POST,
        "/console/profile/tokens/{id}",
        Session,
        Status(404),
        "",
    ),
    // The API.
    e(
        POST,
        "/api/v1/reports",
        OpenApi,
        Status(422),
        r#"{"form":{"product":"","description":""}}"#,
    ),
    e(POST, "/api/v1/reports/ticket", OpenApi, Status(201), ""),
    e(GET, "/api/v1/reports/thread", Receipt, Status(200), ""),
    e(
        POST,
        "/api/v1/reports/thread",
        Receipt,
        Status(422),
        r#"{"body":""}"#,
    ),
    e(
        GET,
        "/api/v1/reports/thread/attachments",
        Receipt,
        Status(200),
        "",
    ),
    e(
        GET,
        "/api/v1/reports/thread/attachments/{attachment}",
        Receipt,
        OwnFile,
        "",
    ),
    e(GET, "/api/v1/register", R, Status(200), ""),
    e(GET, "/api/v1/cases", R, Status(200), ""),
    e(GET, "/api/v1/cases/{id}", R, Case(Read), ""),
    e(POST, "/api/v1/cases/{id}/commands", W, Case(Write), COMMENT),
    e(GET, "/api/v1/cases/{id}/messages", R, Case(Read), ""),
    e(GET, "/api/v1/cases/{id}/access-log", R, Case(Read), ""),
    e(GET, "/api/v1/cases/{id}/room", R, Case(Read), ""),
    e(
        POST,
        "/api/v1/cases/{id}/reports/{report}/identity",
        W,
        Identity,
        r#"{"reason":"To call"}"#,
    ),
    e(
        POST,
        "/api/v1/cases/{id}/attachments",
        W,
        Case(Write),
        "file",
    ),
    e(GET, "/api/v1/cases/{id}/attachments", R, Case(Read), ""),
    e(
        GET,
        "/api/v1/cases/{id}/attachments/{attachment}",
        R,
        Case(Read),
        "",
    ),
    e(GET, "/api/v1/cases/{id}/advisory", R, Case(Read), ""),
    e(
        POST,
        "/api/v1/cases/exit",
        W,
        Status(200),
        r#"{"cases":["00000000-0000-7000-8000-000000000000"],"reason":"junk","note":"x","notice":"x"}"#,
    ),
    e(GET, "/api/v1/search", R, Status(400), ""),
    e(GET, "/api/v1/clocks", R, Status(200), ""),
    e(GET, "/api/v1/products", R, Products(Read), ""),
    e(GET, "/api/v1/products/orphans", R, Products(Read), ""),
    e(GET, "/api/v1/products/{id}", R, Products(Read), ""),
    e(POST, "/api/v1/products", W, Products(Write), PRODUCT),
    e(PUT, "/api/v1/products/{id}", W, Products(Write), PRODUCT),
    e(GET, "/api/v1/products/{id}/sboms", R, Products(Read), ""),
    e(
        POST,
        "/api/v1/products/{id}/sboms",
        W,
        Products(Write),
        "file",
    ),
    e(
        GET,
        "/api/v1/products/{id}/sboms/{sbom}",
        R,
        Status(404),
        "",
    ),
    e(
        GET,
        "/api/v1/products/{id}/sboms/{sbom}/document",
        R,
        Status(404),
        "",
    ),
    e(
        DELETE,
        "/api/v1/products/{id}/sboms/{sbom}",
        W,
        Status(404),
        "",
    ),
    e(GET, "/api/v1/products/{id}/users", R, Products(Read), ""),
    e(
        POST,
        "/api/v1/products/{id}/users",
        W,
        Products(Write),
        r#"{"kind":"customer","name":""}"#,
    ),
    e(
        DELETE,
        "/api/v1/products/{id}/users/{user}",
        W,
        Status(404),
        "",
    ),
    e(GET, "/api/v1/affected", R, Products(Read), ""),
    e(POST, "/api/v1/affected/sbom", R, Products(Read), "file"),
    e(GET, "/api/v1/watch/findings", R, Watch(Read), ""),
    e(GET, "/api/v1/watch/findings/{id}", R, Status(404), ""),
    e(
        POST,
        "/api/v1/watch/findings/{id}",
        W,
        Status(404),
        r#"{"act":"report"}"#,
    ),
    e(GET, "/api/v1/watch/sources", R, Watch(Read), ""),
    e(
        POST,
        "/api/v1/watch/sources",
        W,
        Watch(Write),
        r#"{"name":"","place":"x","every_minutes":60,"enabled":true}"#,
    ),
    e(
        PUT,
        "/api/v1/watch/sources/{id}",
        W,
        Status(404),
        r#"{"name":"x","place":"x","every_minutes":60,"enabled":true}"#,
    ),
    e(DELETE, "/api/v1/watch/sources/{id}", W, Status(404), ""),
    e(POST, "/api/v1/watch/documents", W, Watch(Write), "{}"),
    e(GET, "/api/v1/parties", R, Parties(Read), ""),
    e(GET, "/api/v1/parties/{id}", R, Parties(Read), ""),
    e(POST, "/api/v1/parties", W, Parties(Write), PARTY),
    e(PUT, "/api/v1/parties/{id}", W, Parties(Write), PARTY),
    e(GET, "/api/v1/journal/heads", R, Journal, ""),
    e(GET, "/api/v1/policies", R, Policies(Read), ""),
    e(
        POST,
        "/api/v1/policies",
        W,
        Policies(Write),
        r#"{"kind":"internal","sections":[],"numbers":$numbers}"#,
    ),
    e(
        POST,
        "/api/v1/policies/{id}/approve",
        W,
        Policies(Approve),
        "",
    ),
    e(GET, "/api/v1/people", A, Accounts(Read), ""),
    e(
        POST,
        "/api/v1/people",
        A,
        Accounts(Write),
        r#"{"mail":"none","name":"N","roles":["support"]}"#,
    ),
    e(
        PUT,
        "/api/v1/people/{id}/roles",
        A,
        Accounts(Write),
        r#"{"roles":["support"]}"#,
    ),
    e(
        PUT,
        "/api/v1/people/{id}/disabled",
        A,
        Accounts(Write),
        r#"{"disabled":false}"#,
    ),
    e(GET, "/api/v1/people/resets", A, Accounts(Read), ""),
    e(POST, "/api/v1/people/{id}/reset", A, Accounts(Approve), ""),
    e(GET, "/api/v1/tokens", A, Status(200), ""),
    e(
        POST,
        "/api/v1/tokens",
        A,
        Status(422),
        r#"{"name":"x","scopes":[],"days":3}"#,
    ),
    e(DELETE, "/api/v1/tokens/{id}", A, Status(404), ""),
    e(GET, "/api/v1/sessions", A, Status(200), ""),
    e(DELETE, "/api/v1/sessions/{id}", A, Status(404), ""),
    e(GET, "/api/v1/advisories", OpenApi, Status(200), ""),
    e(GET, "/api/v1/advisories/{id}", OpenApi, Status(404), ""),
    e(GET, "/api/v1/openapi.json", OpenApi, Status(200), ""),
];

/// What stands for the names in paths and bodies besides the case.
pub struct Names {
    /// Somebody whose account may be changed.
    pub spare: UserId,
    /// A party of the register.
    pub party: PartyId,
    /// A product.
    pub product: ProductId,
    /// A policy in draft.
    pub policy: PolicyId,
}

/// An id that nothing has.
const NOTHING: &str = "00000000-0000-7000-8000-00000000dead";

impl Entry {
    /// Whether a case stands in the path.
    pub fn of_a_case(&self) -> bool {
        matches!(self.needs, Case(_) | Identity | OwnFile)
    }

    /// The path for this case, asked by `me`.
    pub fn filled(&self, names: &Names, thing: &Thing, me: UserId) -> String {
        let case = format!("/cases/{}", thing.case);
        self.path
            .replace("{number}", &thing.number.to_string())
            .replace(
                "attachments/{id}",
                &format!("attachments/{}", thing.attachment),
            )
            .replace("{attachment}", &thing.attachment.to_string())
            .replace("/api/v1/cases/{id}", &format!("/api/v1{case}"))
            .replace("{report}", &thing.report.to_string())
            .replace("{command}", "comment")
            .replace("people/{id}/reset", &format!("people/{me}/reset"))
            .replace("people/{id}", &format!("people/{}", names.spare))
            .replace("products/{id}", &format!("products/{}", names.product))
            .replace("parties/{id}", &format!("parties/{}", names.party))
            .replace("policies/{id}", &format!("policies/{}", names.policy))
            .replace("advisories/{id}", "advisories/ALD-2026-9999")
            .replace("{year}/{name}", "2026/ald-2026-9999.json")
            .replace("{sbom}", NOTHING)
            .replace("{user}", NOTHING)
            .replace("{format}", "spdx")
            .replace("{size}", "1")
            .replace("{token}", "none")
            .replace("{name}", "none")
            .replace("{id}", NOTHING)
    }

    /// The content type and the body for this case, with the token of the form where one is needed.
    pub fn sent(&self, thing: &Thing, me: UserId, csrf: Option<&str>) -> (&'static str, Vec<u8>) {
        if self.body == "--b" {
            let text =
                "--b\r\nContent-Disposition: form-data; name=\"product\"\r\n\r\n\r\n--b--\r\n";
            return ("multipart/form-data; boundary=b", text.into());
        }
        if self.body == "--f" {
            let part = |head: &str, value: &str| {
                format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n")
            };
            let text = [
                part("name=\"csrf\"", csrf.unwrap_or_default()),
                part("name=\"file\"; filename=\"a.txt\"", "content"),
                "--b--\r\n".to_owned(),
            ];
            return ("multipart/form-data; boundary=b", text.concat().into());
        }
        if self.body == "file" {
            return ("application/octet-stream", b"content".to_vec());
        }
        let numbers = serde_json::to_value(Numbers::default()).unwrap_or_default();
        let text = self
            .body
            .replace("$report", &thing.report.to_string())
            .replace("$me", &me.to_string())
            .replace("$numbers", &numbers.to_string());
        if self.path.starts_with("/api/") {
            let kind = if text.is_empty() {
                ""
            } else {
                "application/json"
            };
            return (kind, text.into_bytes());
        }
        if self.method == GET {
            return ("", Vec::new());
        }
        let fields: Vec<String> = numbers
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut text = text.replace("$fields", &fields.join("&"));
        if matches!(self.gate, Session | Reporter | Guest) && !text.contains("csrf=") {
            let csrf = csrf.unwrap_or_default();
            text = format!("csrf={csrf}&{text}");
        }
        let text = text.trim_end_matches('&').to_owned();
        ("application/x-www-form-urlencoded", text.into_bytes())
    }
}

/// A case that is not there.
pub fn nowhere(like: &Thing) -> Thing {
    let other = |id: uuid::Uuid| uuid::Uuid::from_u128(id.as_u128() ^ 0xdead);
    Thing {
        case: entente_domain::ids::CaseId(other(like.case.0)),
        number: 999_999,
        report: entente_domain::ids::ReportId(other(like.report.0)),
        attachment: entente_domain::ids::AttachmentId(other(like.attachment.0)),
        code: String::new(),
    }
}

/// The member of staff, or nobody.
pub fn id_of(person: Option<&Person>) -> UserId {
    person.map_or(UserId(uuid::Uuid::nil()), |p| p.user)
}
