//! A CSAF provider as a source: only what changed, and nothing without its hash and signature.

use crate::support::{Team, World};
use entente_domain::kinds::FindingState;
use entente_service::inventory::{self, Target};
use entente_service::openpgp::{SigningKey, make_signing_key, sign_detached_armored};
use entente_service::watch::{self, Fetch, Fetched, SourceForm, poll_due};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::json;
use sha2::{Digest, Sha512};
use std::collections::HashMap;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::sync::{Arc, Mutex};

const BASE: &str = "https://vendor.example/.well-known/csaf";

#[derive(Default)]
struct Server {
    files: Mutex<HashMap<String, Vec<u8>>>,
    asked: Mutex<Vec<String>>,
    // The most that was ever asked for at an address.
    most: Mutex<HashMap<String, u64>>,
}

impl Server {
    fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.files
            .lock()
            .unwrap()
            .insert(format!("{BASE}/{path}"), bytes.into());
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

impl Fetch for Server {
    fn fetch(&self, url: &str, mark: &str, most: u64) -> Result<Fetched, String> {
        self.asked
            .lock()
            .unwrap()
            .push(url.trim_start_matches(BASE).to_owned());
        self.most
            .lock()
            .unwrap()
            .insert(url.trim_start_matches(BASE).to_owned(), most);
        let files = self.files.lock().unwrap();
        let bytes = files
            .get(url)
            .ok_or("the server answers 404; correct the address")?;
        let tag = data_encoding::HEXLOWER.encode(&Sha512::digest(bytes));
        if tag == mark {
            return Ok(Fetched::Same);
        }
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        Ok(Fetched::File(file, tag))
    }
}

fn advisory(id: &str, cve: &str) -> String {
    let at = "2026-11-01T10:00:00.000Z";
    json!({
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "title": "A flaw in tls",
            "distribution": { "tlp": { "label": "WHITE" } },
            "publisher": { "category": "vendor", "name": "Vendor", "namespace": "https://vendor.example" },
            "tracking": {
                "id": id, "current_release_date": at, "initial_release_date": at, "status": "final", "version": "1",
                "revision_history": [{ "date": at, "number": "1", "summary": "First" }],
            },
        },
        "product_tree": { "full_product_names": [{
            "name": "tls 3.0.7", "product_id": "A",
            "product_identification_helper": { "purl": "pkg:cargo/tls@3.0.7" },
        }] },
        "vulnerabilities": [{
            "cve": cve, "notes": [{ "category": "description", "text": "It overruns." }],
            "product_status": { "known_affected": ["A"] },
        }],
    })
    .to_string()
}

/// Publishes an advisory with its hash and signature.
fn publish(server: &Server, w: &World, key: &SigningKey, name: &str, cve: &str) {
    let text = advisory(name, cve);
    let signature = sign_detached_armored(key, text.as_bytes(), w.app.now()).unwrap();
    let hash = data_encoding::HEXLOWER.encode(&Sha512::digest(&text));
    server.put(
        &format!("white/{name}.json.sha512"),
        format!("{hash}  {name}.json\n"),
    );
    server.put(&format!("white/{name}.json.asc"), signature);
    server.put(&format!("white/{name}.json"), text);
}

fn feed(server: &Server, entries: &[(&str, &str)]) {
    let entries: Vec<_> = entries
        .iter()
        .map(|(name, updated)| {
            let url = format!("{BASE}/white/{name}.json");
            json!({
                "id": name, "updated": updated, "content": { "src": url },
                "link": [
                    { "rel": "self", "href": url }, { "rel": "hash", "href": format!("{url}.sha512") },
                    { "rel": "signature", "href": format!("{url}.asc") },
                ],
            })
        })
        .collect();
    server.put(
        "feed.json",
        json!({ "feed": { "entry": entries } }).to_string(),
    );
}

/// A provider with its key, its feed, and a product that has what its advisories are about.
struct Following {
    w: World,
    team: Team,
    server: Arc<Server>,
    fetch: Arc<dyn Fetch>,
    key: SigningKey,
}

fn key(seed: u64, w: &World) -> SigningKey {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let now = w.app.now();
    make_signing_key(
        "Vendor <psirt@vendor.example>",
        now,
        now.plus_days(900),
        &mut rng,
    )
    .unwrap()
}

impl Following {
    async fn new(role: &str, by_feed: bool) -> Self {
        let w = World::new().await;
        let team = w.team().await;
        let part = json!({ "type": "library", "name": "tls", "purl": "pkg:cargo/tls@3.0.7" });
        let document =
            json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [part] });
        let read = inventory::read(document.to_string().as_bytes(), "bom.json").unwrap();
        let target = Target {
            product: team.product,
            version: "4.2".to_owned(),
            add_version: true,
        };
        inventory::take(&w.app, &team.analyst, target, read)
            .await
            .unwrap();
        let key = key(1, &w);
        let server = Arc::new(Server::default());
        server.put("key.asc", key.public_armored().unwrap());
        let mut distributions = vec![json!({ "directory_url": format!("{BASE}/white/") })];
        if by_feed {
            distributions.push(json!({ "rolie": { "feeds": [
                { "tlp_label": "WHITE", "url": format!("{BASE}/feed.json") },
                { "tlp_label": "RED", "url": format!("{BASE}/red.json") },
            ] } }));
        }
        let metadata = json!({
            "metadata_version": "2.0", "role": role, "distributions": distributions,
            "public_openpgp_keys": [{ "fingerprint": key.fingerprint(), "url": format!("{BASE}/key.asc") }],
        });
        server.put("provider-metadata.json", metadata.to_string());
        let form = SourceForm {
            name: "Vendor".to_owned(),
            place: format!("{BASE}/provider-metadata.json"),
            every_minutes: 60,
            enabled: true,
        };
        watch::save_source(&w.app, &team.analyst, None, form)
            .await
            .unwrap();
        let fetch: Arc<dyn Fetch> = server.clone();
        Self {
            w,
            team,
            server,
            fetch,
            key,
        }
    }

    fn publish(&self, name: &str, cve: &str) {
        publish(&self.server, &self.w, &self.key, name, cve);
    }

    /// Asks it once more, a day later.
    async fn poll(&self) -> watch::Health {
        self.w.days(1);
        assert!(poll_due(&self.w.app, &self.fetch).await.unwrap());
        watch::sources(&self.w.app, &self.team.analyst)
            .await
            .unwrap()
            .remove(0)
            .health
    }

    async fn open(&self) -> Vec<String> {
        let found = watch::list(&self.w.app, &self.team.analyst, FindingState::Open, None).await;
        let mut names: Vec<_> = found
            .unwrap()
            .0
            .iter()
            .map(|f| f.content.vulnerability().to_owned())
            .collect();
        names.sort();
        names
    }
}

const TRUSTED: &str = "csaf_trusted_provider";

#[tokio::test]
async fn a_provider_is_followed_and_only_what_it_signed_is_used() {
    let f = Following::new(TRUSTED, true).await;
    f.publish("one", "CVE-2026-990001");
    publish(&f.server, &f.w, &key(2, &f.w), "two", "CVE-2026-990002");
    f.publish("three", "CVE-2026-990003");
    // Changed on its way: neither hash nor signature holds.
    f.server
        .put("white/three.json", advisory("three", "CVE-2026-990009"));
    feed(
        &f.server,
        &[
            ("two", "2026-11-02T10:00:00Z"),
            ("one", "2026-11-01T10:00:00Z"),
            ("three", "2026-11-03T10:00:00Z"),
        ],
    );
    let health = f.poll().await;
    assert_eq!(f.open().await, ["CVE-2026-990001"]);
    assert_eq!(
        (health.last, health.unread_count, health.trouble),
        ([1, 0, 0], 2, None)
    );
    assert!(
        health.unread[0].1.contains("signature") && health.unread[1].1.contains("hash"),
        "{:?}",
        health.unread
    );
    let asked = f.server.asked();
    assert!(
        !asked
            .iter()
            .any(|url| url.contains("red.json") || url.contains("changes.csv")),
        "{asked:?}"
    );
    // What is small is not fetched at any length.
    let most = f.server.most.lock().unwrap().clone();
    for small in ["/key.asc", "/white/one.json.asc", "/white/one.json.sha512"] {
        assert!(most[small] <= 1 << 20, "{small}: {}", most[small]);
    }

    // Nothing new in the feed: what could not be used is asked for again, nothing else; it is
    // mended meanwhile, with the same date.
    f.publish("three", "CVE-2026-990003");
    f.poll().await;
    let asked = f.server.asked();
    assert!(
        !asked.iter().any(|url| url.contains("one.json")),
        "{asked:?}"
    );
    assert_eq!(f.open().await, ["CVE-2026-990001", "CVE-2026-990003"]);

    // What changed since is read, and nothing before it.
    f.publish("four", "CVE-2026-990004");
    feed(
        &f.server,
        &[
            ("one", "2026-11-01T10:00:00Z"),
            ("four", "2026-11-04T10:00:00Z"),
        ],
    );
    f.poll().await;
    assert_eq!(f.open().await.len(), 3);
    let asked = f.server.asked();
    assert!(
        !asked.iter().any(|url| url.contains("one.json")),
        "{asked:?}"
    );

    // A feed that is none is trouble, and what is known stays.
    f.server.put("feed.json", "<html>");
    let health = f.poll().await;
    assert!(health.trouble.unwrap().what.contains("no ROLIE"));
    assert_eq!(f.open().await.len(), 3);
}

#[tokio::test]
async fn without_the_keys_that_it_names_nothing_is_taken() {
    let f = Following::new(TRUSTED, true).await;
    f.publish("one", "CVE-2026-990001");
    feed(&f.server, &[("one", "2026-11-01T10:00:00Z")]);
    // Somebody else's key in its place, and what that one signed.
    let foreign = key(2, &f.w);
    f.server.put("key.asc", foreign.public_armored().unwrap());
    publish(&f.server, &f.w, &foreign, "one", "CVE-2026-990001");
    let health = f.poll().await;
    assert!(health.trouble.unwrap().what.contains("fingerprint"));
    // None at all.
    f.server
        .files
        .lock()
        .unwrap()
        .remove(&format!("{BASE}/key.asc"));
    let health = f.poll().await;
    assert_eq!(health.trouble.unwrap().times, 2);
    assert!(f.open().await.is_empty());
    f.server.put("key.asc", f.key.public_armored().unwrap());
    f.publish("one", "CVE-2026-990001");
    assert_eq!(f.poll().await.trouble, None);
    assert_eq!(f.open().await, ["CVE-2026-990001"]);
}

#[tokio::test]
async fn a_trusted_provider_signs_everything_and_another_need_not() {
    let bare = |f: &Following| {
        f.server
            .put("white/one.json", advisory("one", "CVE-2026-990001"));
        f.server.put(
            "white/changes.csv",
            "\"one.json\",\"2026-11-01T10:00:00Z\"\n",
        );
    };
    let f = Following::new("csaf_provider", false).await;
    bare(&f);
    let health = f.poll().await;
    assert_eq!((health.trouble, health.unread_count), (None, 0));
    assert_eq!(f.open().await, ["CVE-2026-990001"]);
    let f = Following::new(TRUSTED, false).await;
    bare(&f);
    f.publish("two", "CVE-2026-990002");
    f.server.put(
        "white/changes.csv",
        "\"two.json\",\"2026-11-02T10:00:00Z\"\n\"one.json\",\"2026-11-01T10:00:00Z\"\n",
    );
    let health = f.poll().await;
    assert_eq!(health.unread_count, 1);
    assert_eq!(f.open().await, ["CVE-2026-990002"]);
}

#[tokio::test]
async fn a_date_in_the_future_hides_nothing() {
    let f = Following::new(TRUSTED, true).await;
    f.publish("one", "CVE-2026-990001");
    f.publish("two", "CVE-2026-990002");
    feed(
        &f.server,
        &[("one", "9999-01-01T00:00:00Z"), ("two", "soon")],
    );
    let health = f.poll().await;
    assert_eq!(f.open().await, ["CVE-2026-990001"]);
    assert!(
        health.unread[0].1.contains("without a date"),
        "{:?}",
        health.unread
    );
    let later = f.w.app.now().plus_days(1).rfc3339();
    feed(
        &f.server,
        &[("one", "9999-01-01T00:00:00Z"), ("two", &later)],
    );
    f.poll().await;
    assert_eq!(f.open().await, ["CVE-2026-990001", "CVE-2026-990002"]);
}
