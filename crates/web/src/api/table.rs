//! The route table of the API: one list feeds the router, the OpenAPI document and the tests that
//! try every route. To add an endpoint, add a line to [`endpoints`] and its handler.
//!
//! Long file: one list of every endpoint, to be read as one.

use super::shape::{Kind, Shape};
use super::shapes::*;
use super::{advisories, cases, inventory, people, registers, reports, rooms, watch};
use axum::http::Method;
use axum::routing::{MethodRouter, delete, get, post, put};
use entente_domain::kinds::*;
use entente_service::App;
use entente_service::accounts::Scope;

/// Who may call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Anyone.
    Public,
    /// The holder of a receipt code.
    Receipt,
    /// A token with this scope; what it reaches is decided by the roles behind it.
    Token(Scope),
}

/// What a request carries.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// Nothing.
    None,
    /// JSON of this kind.
    Json(Kind),
    /// JSON of this kind, or a form with it as `json` and files as `attachments`.
    Form(Kind),
    /// A file as it is.
    File,
}

/// What an answer carries.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// JSON of this kind.
    Json(u16, Kind),
    /// A page of these.
    Page(Kind),
    /// A file as it is.
    File,
    /// Nothing.
    Empty,
}

/// A parameter of the query.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub what: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// One endpoint.
#[derive(Debug)]
pub struct Endpoint {
    /// Its method.
    pub method: Method,
    /// Its path below `/api/v1`.
    pub path: &'static str,
    /// Its stable name.
    pub id: &'static str,
    /// What it does.
    pub what: &'static str,
    /// The group it belongs to.
    pub tag: &'static str,
    /// Who may call.
    pub access: Access,
    /// Parameters of the query, without those of pages.
    pub query: &'static [Parameter],
    /// What a request carries.
    pub body: Body,
    /// What an answer carries.
    pub answer: Answer,
    /// Whether the change keeps a record of `Idempotency-Key` in its own transaction.
    pub own_record: bool,
    /// Whether its answer is never kept, because it must be asked for, judged and recorded each time.
    pub never_kept: bool,
    /// Whether `If-Match` is understood.
    pub versioned: bool,
    /// Whether the ids in its path are texts rather than UUIDs.
    pub text_ids: bool,
    /// Its handler.
    pub handler: MethodRouter<App>,
}

impl Endpoint {
    fn new(
        access: Access,
        method: Method,
        path: &'static str,
        id: &'static str,
        what: &'static str,
        answer: Answer,
        handler: MethodRouter<App>,
    ) -> Self {
        let tag = path.split('/').nth(1).unwrap_or_default();
        Self {
            method,
            path,
            id,
            what,
            tag,
            access,
            query: &[],
            body: Body::None,
            answer,
            own_record: false,
            never_kept: false,
            versioned: false,
            text_ids: false,
            handler,
        }
    }

    fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    fn query(mut self, query: &'static [Parameter]) -> Self {
        self.query = query;
        self
    }

    fn own_record(mut self) -> Self {
        self.own_record = true;
        self
    }

    fn never_kept(mut self) -> Self {
        self.never_kept = true;
        self
    }

    /// Whether it changes something: then `Idempotency-Key` is understood, unless its answer is
    /// never kept.
    pub fn writes(&self) -> bool {
        self.method != Method::GET
    }

    fn versioned(mut self) -> Self {
        self.versioned = true;
        self
    }

    fn text_ids(mut self) -> Self {
        self.text_ids = true;
        self
    }

    /// The named shapes that it speaks of.
    pub fn shapes(&self, found: &mut Vec<&'static Shape>) {
        if let Body::Json(kind) | Body::Form(kind) = self.body {
            kind.shapes(found);
        }
        if let Answer::Json(_, kind) | Answer::Page(kind) = self.answer {
            kind.shapes(found);
        }
    }
}

/// A kind by the words of a closed list of the domain.
macro_rules! words {
    ($name:ident) => {
        Kind::Words(stringify!($name), || {
            $name::ALL.iter().map(|w| w.as_str()).collect()
        })
    };
}

const fn parameter(name: &'static str, kind: Kind, what: &'static str) -> Parameter {
    Parameter { name, what, kind }
}

const CASE_FILTER: &[Parameter] = &[
    parameter("stage", words!(Stage), "Only cases in this stage."),
    parameter("priority", words!(Priority), "Only cases of this priority."),
    parameter(
        "source",
        words!(Source),
        "Only cases whose first report came from there.",
    ),
    parameter("owner", Kind::Id, "Only cases of this owner."),
    parameter("mine", Kind::Truth, "Only cases of the caller."),
    parameter("open", Kind::Truth, "Only open, or only closed cases."),
    parameter(
        "sort",
        Kind::Words("CaseSort", || vec!["updated", "due"]),
        "Last changed first, or most urgent first.",
    ),
];
const NEW_FILE: &[Parameter] = &[
    parameter("name", Kind::Text, "The name of the file."),
    parameter(
        "report",
        Kind::Id,
        "The report to whose thread it belongs; without it, staff alone read it.",
    ),
];
const NEW_SBOM: &[Parameter] = &[
    parameter(
        "version",
        Kind::Text,
        "The version of the product that it is about.",
    ),
    parameter("name", Kind::Text, "The name of the file."),
    parameter(
        "add_version",
        Kind::Truth,
        "Whether a version that the registry does not have is added to it.",
    ),
];
const EXPORT: &[Parameter] = &[parameter(
    "format",
    Kind::Text,
    "`cyclonedx` (1.7) or `spdx` (2.3); without it, `cyclonedx`.",
)];
const FILE_NAME: &[Parameter] = &[parameter("name", Kind::Text, "The name of the file.")];
const COMPONENT: &[Parameter] = &[
    parameter(
        "component",
        Kind::Text,
        "A package URL, a CPE, a hash in hexadecimal, or a bare name.",
    ),
    parameter(
        "versions",
        Kind::Text,
        "The versions at fault: comparisons or a VERS range. Without it, the version of the package URL, or every version.",
    ),
];
const FINDINGS: &[Parameter] = &[
    parameter(
        "state",
        words!(FindingState),
        "The state; without it, open.",
    ),
    parameter("product", Kind::Id, "The product."),
];
const SEARCH: &[Parameter] = &[parameter("q", Kind::Text, "Words; all of them must occur.")];

/// Every endpoint, in the order of the document.
pub fn endpoints() -> Vec<Endpoint> {
    use Answer::{Empty, File, Json, Page};
    use Kind::Of;
    let public = |m, path, id, what, answer, handler| {
        Endpoint::new(Access::Public, m, path, id, what, answer, handler)
    };
    let receipt = |m, path, id, what, answer, handler| {
        Endpoint::new(Access::Receipt, m, path, id, what, answer, handler)
    };
    let read = |path, id, what, answer, handler| {
        Endpoint::new(
            Access::Token(Scope::Read),
            Method::GET,
            path,
            id,
            what,
            answer,
            handler,
        )
    };
    let write = |path, id, what, answer, handler| {
        Endpoint::new(
            Access::Token(Scope::Write),
            Method::POST,
            path,
            id,
            what,
            answer,
            handler,
        )
    };
    let admin = |m, path, id, what, answer, handler| {
        Endpoint::new(
            Access::Token(Scope::Admin),
            m,
            path,
            id,
            what,
            answer,
            handler,
        )
    };
    vec![
        public(
            Method::POST,
            "/reports",
            "send_report",
            "Send a report in. No token is needed; with one, the report is entered as staff.",
            Json(201, Of(&Submitted)),
            post(reports::send),
        )
        .body(Body::Form(Of(&NewReport)))
        .own_record(),
        public(
            Method::POST,
            "/reports/ticket",
            "waiting_ticket",
            "Get a waiting ticket after a 429.",
            Json(201, Of(&Ticket)),
            post(reports::ticket),
        ),
        receipt(
            Method::GET,
            "/reports/thread",
            "read_thread",
            "Read the thread of a report.",
            Json(200, Of(&Thread)),
            get(reports::thread),
        ),
        receipt(
            Method::POST,
            "/reports/thread",
            "write_thread",
            "Write to the organisation.",
            Empty,
            post(reports::write),
        )
        .body(Body::Form(Of(&NewMessage))),
        receipt(
            Method::GET,
            "/reports/thread/attachments",
            "list_thread_attachments",
            "The files of a report's thread, from both sides.",
            Json(200, Of(&Attachments)),
            get(reports::files),
        ),
        receipt(
            Method::GET,
            "/reports/thread/attachments/{attachment}",
            "read_thread_attachment",
            "A file of the thread, as it came in.",
            File,
            get(reports::file),
        ),
        read(
            "/register",
            "list_register",
            "The report register, newest first.",
            Page(Of(&ReportSummary)),
            get(reports::register),
        ),
        read(
            "/cases",
            "list_cases",
            "Cases that the caller may see.",
            Page(Of(&CaseSummary)),
            get(cases::list),
        )
        .query(CASE_FILTER),
        read(
            "/cases/{id}",
            "read_case",
            "A case with its messages, open commands and what belongs to it.",
            Json(200, Of(&CaseFile)),
            get(cases::open),
        ),
        write(
            "/cases/{id}/commands",
            "command_case",
            "Ask something of a case. The only way to change it.",
            Json(200, Of(&Acted)),
            post(cases::command),
        )
        .body(Body::Json(COMMAND))
        .versioned(),
        read(
            "/cases/{id}/messages",
            "list_messages",
            "Messages and comments of a case, oldest first.",
            Json(200, Of(&Messages)),
            get(cases::messages),
        ),
        read(
            "/cases/{id}/room",
            "read_room",
            "Who takes part from outside, and the embargo; changed by the commands of the case.",
            Json(200, Of(&Room)),
            get(rooms::room),
        ),
        read(
            "/cases/{id}/access-log",
            "read_access_log",
            "Who could see the case, from when to when, and why.",
            Json(200, Of(&AccessLog)),
            get(cases::access_log),
        ),
        write(
            "/cases/{id}/reports/{report}/identity",
            "read_identity",
            "Read the reporter's identity; the reason is recorded.",
            Json(200, Of(&Identity)),
            post(cases::identity),
        )
        .body(Body::Json(Of(&ReadIdentity)))
        .never_kept(),
        write(
            "/cases/{id}/attachments",
            "add_attachment",
            "Add a file to a case, or to the thread of a report, where the reporter can read it.",
            Json(201, Of(&Attached)),
            post(cases::attach),
        )
        .body(Body::File)
        .query(NEW_FILE),
        read(
            "/cases/{id}/attachments",
            "list_attachments",
            "The files of a case.",
            Json(200, Of(&Attachments)),
            get(cases::attachments),
        ),
        read(
            "/cases/{id}/attachments/{attachment}",
            "read_attachment",
            "A file of the case, as it came in. Treat it as hostile.",
            File,
            get(cases::attachment),
        ),
        read(
            "/cases/{id}/advisory",
            "preview_advisory",
            "The advisory as it would be published, and what stands in its way.",
            Json(200, Of(&Preview)),
            get(cases::preview),
        ),
        write(
            "/cases/exit",
            "exit_cases",
            "Close several cases with the same exit and notice.",
            Json(200, Of(&BatchExited)),
            post(cases::batch_exit),
        )
        .body(Body::Json(Of(&BatchExit))),
        read(
            "/search",
            "search_cases",
            "Search the cases that the caller may see.",
            Page(Of(&CaseSummary)),
            get(cases::search),
        )
        .query(SEARCH),
        read(
            "/clocks",
            "list_clocks",
            "What falls due, most urgent first.",
            Page(Of(&BoardRow)),
            get(cases::clocks),
        ),
        read(
            "/products",
            "list_products",
            "The registry of products.",
            Page(Of(&Product)),
            get(registers::list_products),
        ),
        read(
            "/products/orphans",
            "list_orphans",
            "Products without an active contact.",
            Page(Of(&Product)),
            get(registers::orphans),
        ),
        read(
            "/products/{id}",
            "read_product",
            "A product.",
            Json(200, Of(&Product)),
            get(registers::product),
        ),
        write(
            "/products",
            "add_product",
            "Add a product.",
            Json(201, Of(&Made)),
            post(registers::add_product),
        )
        .body(Body::Json(Of(&ProductForm))),
        Endpoint::new(
            Access::Token(Scope::Write),
            Method::PUT,
            "/products/{id}",
            "save_product",
            "Change a product; `If-Match` names the version that was looked at.",
            Json(200, Of(&Made)),
            put(registers::save_product),
        )
        .body(Body::Json(Of(&ProductForm)))
        .versioned(),
        read(
            "/products/{id}/sboms",
            "list_sboms",
            "The bills of materials of a product, newest first.",
            Page(Of(&Sbom)),
            get(inventory::list),
        ),
        write(
            "/products/{id}/sboms",
            "add_sbom",
            "Take a bill of materials in: CycloneDX, SPDX or SWID, told apart by content. An earlier one about the same version gives way; the same content twice is once.",
            Json(201, Of(&SbomTaken)),
            post(inventory::take),
        )
        .body(Body::File)
        .query(NEW_SBOM),
        read(
            "/products/{id}/sboms/{sbom}",
            "read_sbom",
            "What one bill of materials lists.",
            Json(200, Of(&Composition)),
            get(inventory::composition),
        ),
        read(
            "/products/{id}/sboms/{sbom}/document",
            "export_sbom",
            "What the inventory knows by one bill of materials, written anew: identities, versions, and what needs what.",
            File,
            get(inventory::export),
        )
        .query(EXPORT),
        Endpoint::new(
            Access::Token(Scope::Write),
            Method::DELETE,
            "/products/{id}/sboms/{sbom}",
            "remove_sbom",
            "Take a bill of materials out of the inventory.",
            Empty,
            delete(inventory::remove),
        ),
        read(
            "/products/{id}/users",
            "list_product_users",
            "Who uses a product: customers, segments, vendors that build it in.",
            Json(200, Of(&ProductUsers)),
            get(inventory::users),
        ),
        write(
            "/products/{id}/users",
            "add_product_user",
            "Enter somebody who uses a product.",
            Json(201, Of(&Made)),
            post(inventory::add_user),
        )
        .body(Body::Json(Of(&ProductUserForm))),
        Endpoint::new(
            Access::Token(Scope::Write),
            Method::DELETE,
            "/products/{id}/users/{user}",
            "remove_product_user",
            "Remove somebody who uses a product no more.",
            Empty,
            delete(inventory::remove_user),
        ),
        read(
            "/affected",
            "read_affected",
            "Which products have a component, in which versions, and by which way; and what is not known.",
            Json(200, Of(&WhoIsAffected)),
            get(inventory::affected),
        )
        .query(COMPONENT),
        Endpoint::new(
            Access::Token(Scope::Read),
            Method::POST,
            "/affected/sbom",
            "read_shared_components",
            "Which versions of products contain what a bill of materials contains. Nothing of it is kept.",
            Json(200, Of(&SharedComponents)),
            post(inventory::shared),
        )
        .body(Body::File)
        .query(FILE_NAME),
        read(
            "/watch/findings",
            "list_findings",
            "What the world published that touches our products, one for each product and vulnerability.",
            Page(Of(&WatchFinding)),
            get(watch::list),
        )
        .query(FINDINGS),
        read(
            "/watch/findings/{id}",
            "read_finding",
            "A finding with what was published, where it is, and what was decided.",
            Json(200, Of(&FindingDetail)),
            get(watch::read),
        ),
        write(
            "/watch/findings/{id}",
            "decide_finding",
            "Make a finding a report in the register, set it aside, or take it up again.",
            Json(200, Of(&FindingDecided)),
            post(watch::decide),
        )
        .body(Body::Json(Of(&FindingDecision))),
        read(
            "/watch/sources",
            "list_watch_sources",
            "Where advisories and lists come from, and how each source does.",
            Page(Of(&WatchSource)),
            get(watch::sources),
        ),
        write(
            "/watch/sources",
            "add_watch_source",
            "Add a source; it is asked as soon as possible.",
            Json(201, Of(&Made)),
            post(watch::add_source),
        )
        .body(Body::Json(Of(&SourceForm))),
        Endpoint::new(
            Access::Token(Scope::Write),
            Method::PUT,
            "/watch/sources/{id}",
            "change_watch_source",
            "Change a source, and ask it as soon as possible.",
            Json(200, Of(&Made)),
            put(watch::change_source),
        )
        .body(Body::Json(Of(&SourceForm))),
        Endpoint::new(
            Access::Token(Scope::Write),
            Method::DELETE,
            "/watch/sources/{id}",
            "remove_watch_source",
            "Remove a source; what came from it stays.",
            Empty,
            delete(watch::remove_source),
        ),
        write(
            "/watch/documents",
            "add_world_document",
            "Take in what somebody published: OSV, CSAF, a CVE record, a GitHub advisory, OpenVEX, CycloneDX VEX; or a list of what is exploited: CISA KEV, EU KEV, EPSS. The same again changes nothing.",
            Json(201, Of(&WorldTaken)),
            post(watch::take),
        )
        .body(Body::File),
        read(
            "/parties",
            "list_parties",
            "The register of parties.",
            Page(Of(&Party)),
            get(rooms::list_parties),
        ),
        read(
            "/parties/{id}",
            "read_party",
            "A party.",
            Json(200, Of(&Party)),
            get(rooms::party),
        ),
        write(
            "/parties",
            "add_party",
            "Add a party.",
            Json(201, Of(&Made)),
            post(rooms::add_party),
        )
        .body(Body::Json(Of(&PartyForm))),
        Endpoint::new(
            Access::Token(Scope::Write),
            Method::PUT,
            "/parties/{id}",
            "save_party",
            "Change a party; `If-Match` names the version that was looked at.",
            Json(200, Of(&Made)),
            put(rooms::save_party),
        )
        .body(Body::Json(Of(&PartyForm)))
        .versioned(),
        read(
            "/journal/heads",
            "list_heads",
            "Signed heads of the journal's log, newest first.",
            Page(Of(&Head)),
            get(registers::heads),
        ),
        read(
            "/policies",
            "list_policies",
            "Every version of the policies, newest first.",
            Json(200, Of(&Policies)),
            get(registers::list_policies),
        ),
        write(
            "/policies",
            "draft_policy",
            "Draft a policy. It has no force before it is approved.",
            Json(201, Of(&Made)),
            post(registers::draft_policy),
        )
        .body(Body::Json(Of(&NewPolicy))),
        write(
            "/policies/{id}/approve",
            "approve_policy",
            "Approve a draft.",
            Empty,
            post(registers::approve_policy),
        ),
        admin(
            Method::GET,
            "/people",
            "list_people",
            "Every account.",
            Json(200, Of(&People)),
            get(people::list),
        ),
        admin(
            Method::POST,
            "/people",
            "invite",
            "Invite somebody.",
            Json(201, Of(&Invited)),
            post(people::invite),
        )
        .body(Body::Json(Of(&Invitation))),
        admin(
            Method::PUT,
            "/people/{id}/roles",
            "set_roles",
            "Set the offices of an account.",
            Empty,
            put(people::set_roles),
        )
        .body(Body::Json(Of(&Roles))),
        admin(
            Method::PUT,
            "/people/{id}/disabled",
            "disable",
            "Close or open an account.",
            Empty,
            put(people::disable),
        )
        .body(Body::Json(Of(&Disabled))),
        admin(
            Method::GET,
            "/people/resets",
            "list_resets",
            "Who asked for a new password and waits for a second person.",
            Json(200, Of(&Resets)),
            get(people::resets),
        ),
        admin(
            Method::POST,
            "/people/{id}/reset",
            "approve_reset",
            "Let somebody set a new password.",
            Empty,
            post(people::approve_reset),
        ),
        admin(
            Method::GET,
            "/tokens",
            "list_tokens",
            "The caller's tokens.",
            Json(200, Of(&Tokens)),
            get(people::tokens),
        ),
        admin(
            Method::POST,
            "/tokens",
            "create_token",
            "Make a token.",
            Json(201, Of(&MadeToken)),
            post(people::create_token),
        )
        .body(Body::Json(Of(&NewToken))),
        admin(
            Method::DELETE,
            "/tokens/{id}",
            "end_token",
            "End a token.",
            Empty,
            delete(people::end_token),
        ),
        admin(
            Method::GET,
            "/sessions",
            "list_sessions",
            "The caller's sessions.",
            Json(200, Of(&Sessions)),
            get(people::sessions),
        ),
        admin(
            Method::DELETE,
            "/sessions/{id}",
            "end_session",
            "End one of the caller's sessions.",
            Empty,
            delete(people::end_session),
        ),
        public(
            Method::GET,
            "/advisories",
            "list_advisories",
            "Published advisories, newest first.",
            Page(Of(&PublicAdvisory)),
            get(advisories::list),
        ),
        public(
            Method::GET,
            "/advisories/{id}",
            "read_advisory",
            "A published advisory as CSAF.",
            Json(200, DOCUMENT),
            get(advisories::csaf),
        )
        .text_ids(),
        public(
            Method::GET,
            "/openapi.json",
            "openapi",
            "This document.",
            Json(200, DOCUMENT),
            get(super::document),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_routes_stand_once() {
        let endpoints = endpoints();
        for (i, a) in endpoints.iter().enumerate() {
            for b in endpoints.iter().skip(i + 1) {
                assert_ne!(a.id, b.id);
                assert!(a.path != b.path || a.method != b.method, "{}", a.path);
            }
        }
    }

    #[test]
    fn what_is_public_is_a_list_that_one_reads() {
        let public: Vec<&str> = endpoints()
            .iter()
            .filter(|e| e.access == Access::Public)
            .map(|e| e.id)
            .collect();
        assert_eq!(
            public,
            [
                "send_report",
                "waiting_ticket",
                "list_advisories",
                "read_advisory",
                "openapi"
            ]
        );
    }
}
