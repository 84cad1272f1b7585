//! Sources of the watch: asked when they are due, read on after a kill, and honest about trouble.

use crate::support::{Team, World};
use entente_domain::ids::WatchSourceId;
use entente_domain::kinds::FindingState;
use entente_service::inventory::{self, Target};
use entente_service::watch::{self, Fetch, Fetched, Source, SourceForm};
use entente_service::{ServiceError, watch::poll_due};
use serde_json::json;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Content with its entity tag, or what is wrong.
type Answer = Result<(Vec<u8>, &'static str), &'static str>;

/// A server that answers what it is told to.
#[derive(Default)]
struct Server {
    answer: Mutex<Option<Answer>>,
    asked: AtomicUsize,
}

impl Fetch for Server {
    fn fetch(&self, _url: &str, mark: &str, _most: u64) -> Result<Fetched, String> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match &*self.answer.lock().unwrap() {
            None => Err("it does not answer; ask its operator".to_owned()),
            Some(Err(what)) => Err((*what).to_owned()),
            Some(Ok((_, tag))) if *tag == mark => Ok(Fetched::Same),
            Some(Ok((bytes, tag))) => {
                let mut file = tempfile::tempfile().unwrap();
                file.write_all(bytes).unwrap();
                file.seek(SeekFrom::Start(0)).unwrap();
                Ok(Fetched::File(file, (*tag).to_owned()))
            }
        }
    }
}

fn advisory(n: usize) -> Vec<u8> {
    let document = json!({
        "schema_version": "1.7.0", "id": format!("RUSTSEC-2026-{n:04}"), "modified": "2026-11-01T00:00:00Z",
        "summary": "A flaw",
        "affected": [{
            "package": { "ecosystem": "crates.io", "name": format!("part{n}") },
            "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": "2.0.0" }] }],
        }],
    });
    document.to_string().into_bytes()
}

fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        tar.append_data(&mut header, name, bytes.as_slice())
            .unwrap();
    }
    tar.into_inner().unwrap()
}

/// A product that has parts 0 to 4.
async fn made_of(w: &World, team: &Team) {
    let parts: Vec<_> = (0..5)
        .map(|n| json!({ "type": "library", "name": format!("part{n}"), "purl": format!("pkg:cargo/part{n}@1.0.0") }))
        .collect();
    let document = json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "components": parts });
    let read = inventory::read(document.to_string().as_bytes(), "bom.json").unwrap();
    let target = Target {
        product: team.product,
        version: "4.2".to_owned(),
        add_version: true,
    };
    inventory::take(&w.app, &team.analyst, target, read)
        .await
        .unwrap();
}

async fn add(w: &World, team: &Team, place: &str) -> WatchSourceId {
    let form = SourceForm {
        name: "OSV".to_owned(),
        place: place.to_owned(),
        every_minutes: 60,
        enabled: true,
    };
    watch::save_source(&w.app, &team.analyst, None, form)
        .await
        .unwrap()
}

async fn the_source(w: &World, team: &Team) -> Source {
    watch::sources(&w.app, &team.analyst)
        .await
        .unwrap()
        .remove(0)
}

async fn open(w: &World, team: &Team) -> usize {
    watch::list(&w.app, &team.analyst, FindingState::Open, None)
        .await
        .unwrap()
        .0
        .len()
}

#[tokio::test]
async fn a_server_is_asked_when_it_is_due_and_only_what_is_new_is_read() {
    let w = World::new().await;
    let team = w.team().await;
    made_of(&w, &team).await;
    add(&w, &team, "https://osv.example/all.tar").await;
    let server = Arc::new(Server::default());
    let fetch: Arc<dyn Fetch> = server.clone();
    let files: Vec<_> = (0..5).map(|n| (format!("{n}.json"), advisory(n))).collect();
    *server.answer.lock().unwrap() = Some(Ok((archive(&files), "v1")));
    assert!(poll_due(&w.app, &fetch).await.unwrap());
    assert_eq!(open(&w, &team).await, 5);
    let source = the_source(&w, &team).await;
    assert!(source.is_well());
    assert_eq!(source.health.last, [5, 0, 0]);
    // Not before its time.
    assert!(!poll_due(&w.app, &fetch).await.unwrap());
    w.days(1);
    assert!(poll_due(&w.app, &fetch).await.unwrap());
    assert_eq!(server.asked.load(Ordering::Relaxed), 2);
    assert_eq!(
        the_source(&w, &team).await.health.last,
        [5, 0, 0],
        "nothing was new"
    );
    // Something new, with something broken in between.
    let mut files = files;
    files.push(("bad.json".to_owned(), b"{".to_vec()));
    files.push(("5.json".to_owned(), advisory(5)));
    *server.answer.lock().unwrap() = Some(Ok((archive(&files), "v2")));
    w.days(1);
    poll_due(&w.app, &fetch).await.unwrap();
    let source = the_source(&w, &team).await;
    assert_eq!(source.health.last, [1, 0, 5]);
    assert_eq!(
        (
            source.health.unread_count,
            source.health.unread[0].0.as_str()
        ),
        (1, "OSV!bad.json")
    );
    assert_eq!(open(&w, &team).await, 5);
}

#[tokio::test]
async fn trouble_is_told_since_when_and_how_often_and_ends() {
    let w = World::new().await;
    let team = w.team().await;
    add(&w, &team, "https://osv.example/all.tar").await;
    let server = Arc::new(Server::default());
    let fetch: Arc<dyn Fetch> = server.clone();
    *server.answer.lock().unwrap() =
        Some(Err("it redirects to a loopback address; tell its operator"));
    let began = w.app.now();
    poll_due(&w.app, &fetch).await.unwrap();
    w.days(1);
    poll_due(&w.app, &fetch).await.unwrap();
    let trouble = the_source(&w, &team).await.health.trouble.unwrap();
    assert_eq!((trouble.since, trouble.times), (began, 2));
    assert!(trouble.what.contains("loopback"));
    // Nothing that could be read is trouble as well.
    *server.answer.lock().unwrap() = Some(Ok((b"<html>".to_vec(), "v1")));
    w.days(1);
    poll_due(&w.app, &fetch).await.unwrap();
    let trouble = the_source(&w, &team).await.health.trouble.unwrap();
    assert_eq!((trouble.since, trouble.times), (began, 3));
    *server.answer.lock().unwrap() = Some(Ok((advisory(1), "v2")));
    w.days(1);
    poll_due(&w.app, &fetch).await.unwrap();
    assert!(the_source(&w, &team).await.is_well());
}

#[tokio::test]
async fn what_broke_off_is_read_on_and_nothing_is_found_twice() {
    let w = World::new().await;
    let team = w.team().await;
    made_of(&w, &team).await;
    add(&w, &team, "https://osv.example/all.tar").await;
    let server = Arc::new(Server::default());
    let fetch: Arc<dyn Fetch> = server.clone();
    let files: Vec<_> = (0..1_000)
        .map(|n| (format!("{n:04}.json"), advisory(n)))
        .collect();
    *server.answer.lock().unwrap() = Some(Ok((archive(&files), "v1")));
    // Ended in the middle, as by a kill: what is dropped at any point stays as it was committed.
    let mut rounds = 0;
    loop {
        rounds += 1;
        let millis = 20 * rounds;
        let polled = tokio::time::timeout(
            std::time::Duration::from_millis(millis),
            poll_due(&w.app, &fetch),
        )
        .await;
        if matches!(polled, Ok(Ok(true))) {
            break;
        }
        // The lease ends.
        w.clock.set(w.app.now().plus_hours(1));
        assert!(rounds < 500, "it does not get on");
    }
    let kept = watch::documents_kept(&w.app, &team.analyst).await.unwrap();
    assert_eq!(kept, 1_000, "after {rounds} rounds");
    assert_eq!(open(&w, &team).await, 5);
    let source = the_source(&w, &team).await;
    assert!(source.is_well());
    if rounds > 4 {
        // It began where it was, not at the beginning.
        assert!(
            source.health.last.iter().sum::<usize>() < 1_000,
            "{:?}",
            source.health.last
        );
    }
}

#[tokio::test]
async fn files_are_read_from_the_folder_of_feeds_and_from_nowhere_else() {
    let w = World::new().await;
    let team = w.team().await;
    made_of(&w, &team).await;
    let folder = w.folder.path().join(watch::FOLDER).join("osv");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("1.json"), advisory(1)).unwrap();
    // A link that leads out is not followed.
    let outside = w.folder.path().join("outside.json");
    std::fs::write(&outside, advisory(2)).unwrap();
    std::os::unix::fs::symlink(&outside, folder.join("2.json")).unwrap();
    let id = add(&w, &team, "osv").await;
    let fetch: Arc<dyn Fetch> = Arc::new(Server::default());
    poll_due(&w.app, &fetch).await.unwrap();
    assert_eq!(open(&w, &team).await, 1);
    for place in ["../entente.db", "/etc/passwd", "http://osv.example/x"] {
        let form = SourceForm {
            name: "OSV".to_owned(),
            place: place.to_owned(),
            every_minutes: 60,
            enabled: true,
        };
        let refused = watch::save_source(&w.app, &team.analyst, Some(id), form).await;
        assert!(matches!(refused, Err(ServiceError::Invalid { field, .. }) if field == "place"));
    }
    // Lists lie there as well; what is not there is trouble.
    let kev = br#"{"catalogVersion":"2026.11.01","vulnerabilities":[{"cveID":"RUSTSEC-2026-0001","dateAdded":"2026-11-01"}]}"#;
    std::fs::write(folder.join("kev.json"), kev).unwrap();
    w.days(1);
    poll_due(&w.app, &fetch).await.unwrap();
    let found = watch::list(&w.app, &team.analyst, FindingState::Open, None)
        .await
        .unwrap()
        .0;
    assert_eq!(found[0].exploited[0].by, "CISA KEV");
    watch::remove_source(&w.app, &team.analyst, id)
        .await
        .unwrap();
    add(&w, &team, "nowhere").await;
    poll_due(&w.app, &fetch).await.unwrap();
    assert!(the_source(&w, &team).await.health.trouble.is_some());
}
