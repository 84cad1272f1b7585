//! A CSAF provider as a source: only what changed, and nothing without its hash and signature.

use crate::support::World;
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
    fn fetch(&self, url: &str, mark: &str) -> Result<Fetched, String> {
        self.asked
            .lock()
            .unwrap()
            .push(url.trim_start_matches(BASE).to_owned());
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

#[tokio::test]
async fn a_provider_is_followed_and_only_what_it_signed_is_used() {
    let w = World::new().await;
    let team = w.team().await;
    let part = json!({ "type": "library", "name": "tls", "purl": "pkg:cargo/tls@3.0.7" });
    let document = json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [part] });
    let read = inventory::read(document.to_string().as_bytes(), "bom.json").unwrap();
    let target = Target {
        product: team.product,
        version: "4.2".to_owned(),
        add_version: true,
    };
    inventory::take(&w.app, &team.analyst, target, read)
        .await
        .unwrap();

    let key = |seed| {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let now = w.app.now();
        make_signing_key(
            "Vendor <psirt@vendor.example>",
            now,
            now.plus_days(900),
            &mut rng,
        )
        .unwrap()
    };
    let (theirs, foreign) = (key(1), key(2));
    let server = Arc::new(Server::default());
    let fetch: Arc<dyn Fetch> = server.clone();
    server.put("key.asc", theirs.public_armored().unwrap());
    let metadata = json!({
        "metadata_version": "2.0", "role": "csaf_trusted_provider",
        "public_openpgp_keys": [{ "fingerprint": theirs.fingerprint(), "url": format!("{BASE}/key.asc") }],
        "distributions": [
            { "rolie": { "feeds": [
                { "tlp_label": "WHITE", "url": format!("{BASE}/feed.json") },
                { "tlp_label": "RED", "url": format!("{BASE}/red.json") },
            ] } },
            { "directory_url": format!("{BASE}/white/") },
        ],
    });
    server.put("provider-metadata.json", metadata.to_string());
    publish(&server, &w, &theirs, "one", "CVE-2026-990001");
    publish(&server, &w, &foreign, "two", "CVE-2026-990002");
    publish(&server, &w, &theirs, "three", "CVE-2026-990003");
    // Changed on its way: neither hash nor signature holds.
    server.put("white/three.json", advisory("three", "CVE-2026-990009"));
    feed(
        &server,
        &[
            ("two", "2026-11-02T10:00:00Z"),
            ("one", "2026-11-01T10:00:00Z"),
            ("three", "2026-11-03T10:00:00Z"),
        ],
    );
    let form = SourceForm {
        name: "Vendor".to_owned(),
        place: format!("{BASE}/provider-metadata.json"),
        every_minutes: 60,
        enabled: true,
    };
    watch::save_source(&w.app, &team.analyst, None, form)
        .await
        .unwrap();
    assert!(poll_due(&w.app, &fetch).await.unwrap());
    let open = async || {
        let found = watch::list(&w.app, &team.analyst, FindingState::Open, None)
            .await
            .unwrap()
            .0;
        let mut names: Vec<_> = found
            .iter()
            .map(|f| f.content.vulnerability().to_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(open().await, ["CVE-2026-990001"]);
    let health = watch::sources(&w.app, &team.analyst)
        .await
        .unwrap()
        .remove(0)
        .health;
    assert_eq!(
        (health.last, health.unread_count, health.trouble),
        ([1, 0, 0], 2, None)
    );
    assert!(
        health.unread[0].1.contains("signature") && health.unread[1].1.contains("hash"),
        "{:?}",
        health.unread
    );
    let asked = server.asked();
    assert!(
        !asked
            .iter()
            .any(|url| url.contains("red.json") || url.contains("changes.csv")),
        "{asked:?}"
    );

    // Nothing new: the metadata and the feed are asked, no document is.
    w.days(1);
    poll_due(&w.app, &fetch).await.unwrap();
    let asked = server.asked();
    assert!(
        !asked.iter().any(|url| url.starts_with("/white/")),
        "{asked:?}"
    );
    let source = watch::sources(&w.app, &team.analyst)
        .await
        .unwrap()
        .remove(0);
    assert!(source.is_well());

    // What changed since is read, and nothing before it.
    publish(&server, &w, &theirs, "four", "CVE-2026-990004");
    feed(
        &server,
        &[
            ("one", "2026-11-01T10:00:00Z"),
            ("four", "2026-11-04T10:00:00Z"),
        ],
    );
    w.days(1);
    poll_due(&w.app, &fetch).await.unwrap();
    assert_eq!(open().await, ["CVE-2026-990001", "CVE-2026-990004"]);
    let asked = server.asked();
    assert!(
        !asked.iter().any(|url| url.contains("one.json")),
        "{asked:?}"
    );

    // A feed that is none is trouble, and what is known stays.
    server.put("feed.json", "<html>");
    w.days(1);
    poll_due(&w.app, &fetch).await.unwrap();
    let health = watch::sources(&w.app, &team.analyst)
        .await
        .unwrap()
        .remove(0)
        .health;
    assert!(health.trouble.unwrap().what.contains("no ROLIE"));
    assert_eq!(open().await.len(), 2);
}
