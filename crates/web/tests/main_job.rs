//! The main job on real input: a vendor's history is imported, then one real vulnerability comes
//! in as a report and goes through the API to a published CSAF document. Several people work on
//! it, each with the rights of their office; the reporter follows it by receipt code.
//!
//! Long file: one way from its beginning to its end.
#![expect(clippy::unwrap_used, reason = "tests")]

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use entente_documents::csaf::{Preset, v2_0};
use entente_documents::cyclonedx_vex;
use entente_domain::access::{Role, SystemViewer, Viewer};
use entente_domain::ids::UserId;
use entente_domain::time::{SECOND_US, Timestamp};
use entente_service::accounts::{self, Scope};
use entente_service::clock::TestClock;
use entente_service::config::{Config, Limits, Organisation};
use entente_service::import::{self, ImportFile};
use entente_service::{App, mail, openpgp};
use entente_store::{Db, Keyring, Location, OpenOptions, Random};
use entente_testkit::data;
use entente_web::server::{WebConfig, router};
use http_body_util::BodyExt;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tower::ServiceExt;

/// 2026-11-16T09:12:00Z, a Monday.
const MONDAY: Timestamp = Timestamp(1_794_820_320 * SECOND_US);
/// A buffer overflow in a real library, with its CVE id, vector and version ranges.
const VULNERABILITY: &str = "RUSTSEC-2021-0003";
const FIX: &str = "00000000-0000-7000-8000-0000000000f1";

struct Vendor {
    app: App,
    clock: Arc<TestClock>,
    _folder: tempfile::TempDir,
}

struct Member {
    user: UserId,
    authorization: String,
}

/// The case as the team drives it through the API.
struct Work<'a> {
    vendor: &'a Vendor,
    case: String,
    version: u64,
}

impl Vendor {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(OpenOptions {
            location: Location::Sqlite(folder.path().join("entente.db")),
            data_dir: folder.path().join("data"),
            keys: Keyring::from_instance_key([7; 32]),
            random: Random::new(rand_chacha::ChaCha20Rng::seed_from_u64(7)),
            readers: 2,
            read_only: false,
        })
        .await
        .unwrap();
        let config = Config {
            base_url: "https://psirt.example".to_owned(),
            organisation: Organisation {
                name: "Example".to_owned(),
                namespace: "https://example.org".to_owned(),
                contact: "psirt@example.org".to_owned(),
                advisory_prefix: "EX".to_owned(),
                language: "en".to_owned(),
            },
            mail_from: "psirt@example.org".to_owned(),
            demo: false,
            limits: Limits::default(),
        };
        let clock = Arc::new(TestClock::at(MONDAY));
        let mail = Arc::new(mail::FolderTransport::new(folder.path().join("mail")).unwrap());
        let app = App::open(config, db, clock.clone(), mail).unwrap();
        Self {
            app,
            clock,
            _folder: folder,
        }
    }

    fn days(&self, days: i64) {
        self.clock.set(self.app.now().plus_days(days));
    }

    async fn member(&self, name: &str, role: Role) -> Member {
        let mail = format!("{name}@example.org");
        let password = "correct horse battery staple 7";
        let user = accounts::create(&self.app, name, &mail, password, &[role], false)
            .await
            .unwrap();
        let viewer = Viewer::Staff {
            user,
            roles: vec![role],
        };
        let scopes = [Scope::Read, Scope::Write];
        let token = accounts::create_token(&self.app, &viewer, "test", &scopes, 30)
            .await
            .unwrap();
        Member {
            user,
            authorization: format!("Bearer {token}"),
        }
    }

    async fn ask(
        &self,
        method: &str,
        path: &str,
        authorization: &str,
        if_match: Option<u64>,
        body: Option<Value>,
    ) -> (StatusCode, Vec<u8>) {
        let mut request = Request::builder().method(method).uri(path);
        if !authorization.is_empty() {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if let Some(version) = if_match {
            request = request.header(header::IF_MATCH, format!("\"{version}\""));
        }
        let body = match body {
            Some(value) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(value.to_string())
            }
            None => Body::empty(),
        };
        let response = router(self.app.clone(), WebConfig::default())
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, bytes.to_vec())
    }

    #[track_caller]
    fn api<'a>(
        &'a self,
        method: &'a str,
        path: &'a str,
        authorization: &'a str,
        body: Option<Value>,
    ) -> impl Future<Output = Value> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let path = format!("/api/v1{path}");
            let (status, bytes) = self.ask(method, &path, authorization, None, body).await;
            let text = String::from_utf8_lossy(&bytes);
            assert!(status.is_success(), "{caller} {path} {status} {text}");
            serde_json::from_slice(&bytes).unwrap_or(Value::Null)
        }
    }

    /// The labels of the steps that were taken, as the reporter reads them.
    async fn steps(&self, code: &str) -> Vec<String> {
        let thread = self.api("GET", "/reports/thread", code, None).await;
        let steps = thread["steps"].as_array().unwrap();
        let taken = steps.iter().filter(|s| !s["at"].is_null());
        taken
            .map(|s| s["label"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Work<'_> {
    async fn give(&self, who: &Member, command: Value) -> (StatusCode, Value) {
        let path = format!("/api/v1/cases/{}/commands", self.case);
        let (status, bytes) = self
            .vendor
            .ask(
                "POST",
                &path,
                &who.authorization,
                Some(self.version),
                Some(command),
            )
            .await;
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    async fn ok(&mut self, who: &Member, command: Value) {
        let (status, answer) = self.give(who, command.clone()).await;
        assert_eq!(status, StatusCode::OK, "{command} {answer}");
        self.version = answer["version"].as_u64().unwrap();
    }

    async fn tick(&mut self, who: &Member, item: &str) {
        let command = json!({"command": "tick_checklist", "item": item, "done": true});
        self.ok(who, command).await;
    }

    /// The rule under which a command is refused.
    async fn refused(&self, who: &Member, command: Value) -> String {
        let (status, answer) = self.give(who, command.clone()).await;
        assert!(status.is_client_error(), "{command} {status}");
        answer["rule"].as_str().unwrap_or_default().to_owned()
    }
}

fn unpack(archive: &Path, into: &Path, member: Option<&str>) -> Vec<PathBuf> {
    let mut tar = std::process::Command::new("tar");
    tar.arg("-xJf").arg(archive).arg("-C").arg(into);
    if let Some(member) = member {
        tar.arg(member);
    }
    assert!(tar.status().unwrap().success());
    data::files(&into.to_string_lossy(), ".json").unwrap()
}

/// What a document has against the official schema.
fn against_the_official_schema(document: &Value) -> Vec<String> {
    let schema = |name: &str| -> Value {
        let bytes = data::read(&format!("csaf/csaf_2.0/schema/{name}")).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let mut registry = jsonschema::Registry::new();
    for version in ["2.0", "3.0", "3.1"] {
        let resource =
            jsonschema::Resource::from_contents(schema(&format!("first/cvss-v{version}.json")));
        let uri = format!("https://www.first.org/cvss/cvss-v{version}.json");
        registry = registry.add(uri, resource).unwrap();
    }
    let registry = registry.prepare().unwrap();
    let validator = jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .build(&schema("csaf_json_schema.json"))
        .unwrap();
    let errors = validator.iter_errors(document);
    errors
        .map(|e| format!("{} {e}", e.instance_path()))
        .collect()
}

/// The ranges of an OSV record as the pairs of introduced and fixed.
fn ranges(osv: &Value) -> Vec<(String, String)> {
    let events = osv.pointer("/affected/0/ranges/0/events").unwrap();
    let events = events.as_array().unwrap();
    let word = |e: &Value, key: &str| e[key].as_str().unwrap().to_owned();
    events
        .chunks(2)
        .map(|pair| (word(&pair[0], "introduced"), word(&pair[1], "fixed")))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one way, told in its order")]
async fn a_real_vulnerability_becomes_a_published_advisory() {
    let (Some(history), Some(osv), Some(_)) = (
        data::path("corpus/cisa-csaf-sample.tar.xz"),
        data::path("corpus/osv/rustsec-osv.tar.xz"),
        data::path("csaf/csaf_2.0/schema/csaf_json_schema.json"),
    ) else {
        return;
    };
    let vendor = Vendor::new().await;
    let v = &vendor;
    let unpacked = tempfile::tempdir().unwrap();

    // The vendor's history.
    let old = unpacked.path().join("history");
    std::fs::create_dir(&old).unwrap();
    let files: Vec<ImportFile> = unpack(&history, &old, None)
        .iter()
        .map(|p| ImportFile {
            name: p.display().to_string(),
            bytes: std::fs::read(p).unwrap(),
            signature: None,
        })
        .collect();
    let total = files.len();
    let importer = Viewer::System(SystemViewer::Importer);
    let imported = import::csaf(&v.app, &importer, files, &mut |_, _| {})
        .await
        .unwrap();
    assert_eq!((imported.imported, imported.refused), (total, Vec::new()));

    // The people and the product.
    let lead = v.member("ada", Role::Lead).await;
    let analyst = v.member("ben", Role::Analyst).await;
    let legal = v.member("chiara", Role::Legal).await;
    let contact = v.member("dora", Role::ProductContact).await;
    let new = unpacked.path().join("new");
    std::fs::create_dir(&new).unwrap();
    let record = unpack(&osv, &new, Some(&format!("crates/{VULNERABILITY}.json")));
    let osv: Value = serde_json::from_slice(&std::fs::read(&record[0]).unwrap()).unwrap();
    let text = |pointer: &str| osv.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let (summary, details) = (text("/summary"), text("/details"));
    let (package, vector, cve) = (
        text("/affected/0/package/name"),
        text("/severity/0/score"),
        text("/aliases/0"),
    );
    let ranges = ranges(&osv);
    let product = v
        .api(
            "POST",
            "/products",
            &lead.authorization,
            Some(json!({
                "name": package, "division": "Libraries", "contact": contact.user,
                "versions": [{"name": "0.6"}, {"name": "1"}],
            })),
        )
        .await["id"]
        .clone();

    // The report, without an account.
    let form = json!({
        "product": package, "title": summary, "description": details,
        "version": ranges[0].0, "tracking_ids": VULNERABILITY,
    });
    let sent = v
        .api("POST", "/reports", "", Some(json!({"form": form})))
        .await;
    let code = format!("Receipt {}", sent["receipt_code"].as_str().unwrap());
    assert_eq!(v.steps(&code).await, ["Received"]);

    // Receipt. It stands in the register, and the case has one report.
    let register = v
        .api("GET", "/register", &analyst.authorization, None)
        .await;
    let row = &register["items"][0];
    let report = row["id"].clone();
    let case = row["case"].as_str().unwrap().to_owned();
    let found = v
        .api(
            "GET",
            &format!("/cases/{case}"),
            &analyst.authorization,
            None,
        )
        .await;
    let version = found["case"]["version"].as_u64().unwrap();
    let mut w = Work {
        vendor: v,
        case,
        version,
    };
    let path = format!("/api/v1/cases/{}", w.case);
    let (hidden, _) = v.ask("GET", &path, &legal.authorization, None, None).await;
    assert_eq!(hidden, StatusCode::NOT_FOUND, "legal has no part yet");
    v.days(1);
    w.ok(
        &analyst,
        json!({"command": "assign", "owner": analyst.user}),
    )
    .await;
    let thanks = json!({"command": "acknowledge", "report": report, "body": "Thank you."});
    w.ok(&analyst, thanks).await;
    v.days(1);
    assert_eq!(
        v.steps(&code).await,
        ["Received", "Acknowledged by a person"]
    );

    // Verification.
    w.ok(&analyst, json!({"command": "start_verification"}))
        .await;
    w.ok(
        &analyst,
        json!({
            "command": "record_verification", "environment": "x86-64, address sanitizer",
            "build": "1.6.0", "steps": "Insert from an iterator whose lower bound is too low.",
            "verdict": "confirmed",
        }),
    )
    .await;
    w.ok(&analyst, json!({"command": "score", "vector": vector}))
        .await;
    w.ok(
        &analyst,
        json!({"command": "set_weakness", "cwe": "CWE-787"}),
    )
    .await;
    w.ok(&analyst, json!({"command": "set_cve", "cve": cve}))
        .await;
    w.ok(
        &analyst,
        json!({
            "command": "assess_priority", "exploitation": "P", "utility": "E",
            "technical_impact": "T", "public_safety": "M",
        }),
    )
    .await;
    let affected: Vec<String> = ranges
        .iter()
        .map(|(from, to)| format!(">={from}|<{to}"))
        .collect();
    let (_, fixed) = ranges.last().unwrap();
    w.ok(
        &analyst,
        json!({
            "command": "set_affected", "product": product, "status": "affected",
            "versions": format!("vers:cargo/{}", affected.join("|")), "fixed_versions": fixed,
        }),
    )
    .await;
    for item in ["supported", "other_vendors"] {
        w.tick(&analyst, item).await;
    }
    let start = json!({"command": "start_remediation"});
    assert_eq!(
        w.refused(&analyst, start.clone()).await,
        entente_domain::rule::RuleId::TellResult.as_str(),
        "the reporter is owed the result first"
    );
    w.ok(
        &analyst,
        json!({
            "command": "send_to_reporter", "report": report,
            "purpose": "verification_result", "body": "We can confirm it.",
        }),
    )
    .await;
    w.ok(&analyst, start).await;

    // Remediation, by the product's contact, whom a lead lets in.
    let decide = json!({
        "command": "decide_remediation", "remediation": FIX, "remedy": "upgrade",
        "products": [product], "interim": false,
        "description": format!("Update to {fixed}."), "rationale": "It reserves the space.",
    });
    let (status, _) = w.give(&contact, decide.clone()).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "the contact has no part yet");
    for (member, reason) in [(&contact, "Product division"), (&legal, "Legal review")] {
        let add = json!({
            "command": "add_member", "user": member.user, "role": "member", "reason": reason,
        });
        assert_ne!(w.refused(&analyst, add.clone()).await, "");
        w.ok(&lead, add).await;
    }
    v.days(5);
    w.ok(&contact, decide).await;
    w.ok(
        &contact,
        json!({"command": "produce_remediation", "remediation": FIX, "artefact": fixed}),
    )
    .await;
    w.ok(
        &contact,
        json!({
            "command": "test_remediation", "remediation": FIX, "platform": "x86-64", "passed": true,
        }),
    )
    .await;
    w.tick(&contact, "regression").await;
    w.ok(
        &analyst,
        json!({"command": "prepare_release", "path": "product"}),
    )
    .await;
    let url = format!("https://crates.io/crates/{package}/{fixed}");
    w.ok(
        &contact,
        json!({"command": "make_available", "remediation": FIX, "url": url}),
    )
    .await;

    // Release: draft, legal, two people.
    let publish = json!({"command": "publish"});
    w.ok(
        &analyst,
        json!({
            "command": "draft_advisory", "title": summary, "summary": summary,
            "description": details, "impact": "Memory beyond a buffer is overwritten.",
            "references": [text("/references/1/url")],
        }),
    )
    .await;
    let preview = format!("/cases/{}/advisory", w.case);
    let preview = v.api("GET", &preview, &analyst.authorization, None).await;
    assert_eq!(preview["findings"], json!([]));
    w.tick(&analyst, "fix_reachable").await;
    w.ok(&analyst, json!({"command": "submit_advisory"})).await;
    assert_ne!(w.refused(&lead, publish.clone()).await, "");
    let approve = json!({"command": "legal_review", "approved": true});
    assert_ne!(w.refused(&analyst, approve.clone()).await, "");
    w.ok(&legal, approve).await;
    let go = json!({"command": "give_go"});
    w.ok(&analyst, go.clone()).await;
    assert_ne!(w.refused(&analyst, go.clone()).await, "", "one go each");
    assert_ne!(w.refused(&lead, publish.clone()).await, "", "two people");
    assert!(
        !v.steps(&code)
            .await
            .contains(&"Advisory published".to_owned())
    );
    w.ok(&lead, go).await;
    w.ok(&lead, publish).await;

    // The document that the public gets.
    let list = v.api("GET", "/advisories?limit=100", "", None).await;
    let ours = list["items"].as_array().unwrap().iter();
    let ours: Vec<&Value> = ours.filter(|a| a["imported"] == json!(false)).collect();
    assert_eq!(ours.len(), 1);
    let id = ours[0]["public_id"].as_str().unwrap();
    let document = v.api("GET", &format!("/advisories/{id}"), "", None).await;
    assert_eq!(against_the_official_schema(&document), Vec::<String>::new());
    let judged = v2_0::validate_value(&document, Preset::Mandatory);
    assert!(judged.findings.is_empty(), "{:?}", judged.findings);
    assert_eq!(
        document.pointer("/vulnerabilities/0/cve"),
        Some(&json!(cve))
    );
    let scored = "/vulnerabilities/0/scores/0/cvss_v3/vectorString";
    assert_eq!(document.pointer(scored), Some(&json!(vector)));
    assert_eq!(
        document.pointer("/vulnerabilities/0/cwe/id"),
        Some(&json!("CWE-787"))
    );
    let (page, bytes) = v
        .ask("GET", &format!("/advisories/{id}"), "", None, None)
        .await;
    assert_eq!(page, StatusCode::OK);
    assert!(String::from_utf8_lossy(&bytes).contains(&cve));

    // The same for tools that match it against an SBOM, linked from the page.
    let vex = format!("/advisories/{id}/cyclonedx.json");
    assert!(String::from_utf8_lossy(&bytes).contains(&vex));
    let (status, bytes) = v.ask("GET", &vex, "", None, None).await;
    assert_eq!(status, StatusCode::OK);
    let (records, left) = cyclonedx_vex::Document::read(&bytes).unwrap().records();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(records[0].cve(), Some(cve.as_str()));
    let products: usize = document["vulnerabilities"][0]["product_status"]
        .as_object()
        .unwrap()
        .values()
        .map(|ids| ids.as_array().unwrap().len())
        .sum();
    assert_eq!(
        records[0].products.len(),
        products,
        "every product is spoken of"
    );
    let missing = "/advisories/ALD-2026-9999/cyclonedx.json";
    let (status, _) = v.ask("GET", missing, "", None, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);

    // A retriever finds it by the provider's metadata and feed, with a hash and a signature that
    // hold by a key of the fingerprint that is named.
    let get = async |url: &str| {
        let path = url.find("/.well-known/").map_or("", |at| &url[at..]);
        let (status, bytes) = v.ask("GET", path, "", None, None).await;
        assert_eq!(status, StatusCode::OK, "{url}");
        bytes
    };
    let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    let provider = json(&get("/.well-known/csaf/provider-metadata.json").await);
    // What was imported has no signature of ours.
    assert_eq!(provider["role"], "csaf_provider");
    let key = &provider["public_openpgp_keys"][0];
    let certificate = String::from_utf8(get(key["url"].as_str().unwrap()).await).unwrap();
    let facts = openpgp::inspect_certificate(&certificate).unwrap();
    assert_eq!(key["fingerprint"], facts.fingerprint.as_str());
    let feeds = &provider["distributions"][0]["rolie"]["feeds"];
    let feed = json(&get(feeds[0]["url"].as_str().unwrap()).await);
    let entries = feed["feed"]["entry"].as_array().unwrap();
    assert!(entries.len() > 1);
    let entry = entries.iter().find(|e| e["id"] == *id).unwrap();
    let document = get(entry["content"]["src"].as_str().unwrap()).await;
    let link = |rel: &str, ending: &str| {
        let links = entry["link"].as_array().unwrap().iter();
        let mut hrefs = links
            .filter(|l| l["rel"] == rel)
            .filter_map(|l| l["href"].as_str());
        hrefs
            .find(|href| href.ends_with(ending))
            .unwrap()
            .to_owned()
    };
    let hash = String::from_utf8(get(&link("hash", ".sha512")).await).unwrap();
    let is = data_encoding::HEXLOWER.encode(&Sha512::digest(&document));
    assert_eq!(hash.split_whitespace().next(), Some(is.as_str()));
    let signature = String::from_utf8(get(&link("signature", ".asc")).await).unwrap();
    let at = v.app.now();
    openpgp::verify_detached(&certificate, &document, &signature, at).unwrap();
    let service = json(&get("/.well-known/csaf/service.json").await);
    let listed = &service["service"]["workspace"][0]["collection"][0]["href"];
    assert_eq!(*listed, feeds[0]["url"]);

    // The reporter heard of every step, and sees nothing else of the case.
    w.ok(
        &analyst,
        json!({
            "command": "send_to_reporter", "report": report,
            "purpose": "release_notice", "body": "It is published. Thank you.",
        }),
    )
    .await;
    assert_eq!(
        v.steps(&code).await,
        [
            "Received",
            "Acknowledged by a person",
            "Result of verification",
            "Remediation in development",
            "Advisory published",
        ]
    );
    let thread = v.api("GET", "/reports/thread", &code, None).await;
    let purposes: Vec<&str> = thread["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|m| m["purpose"].as_str())
        .collect();
    assert_eq!(
        purposes,
        ["acknowledgement", "verification_result", "release_notice"]
    );
}
