//! Import of earlier advisories: whole or not at all, and the same again changes nothing.

use crate::support::World;
use entente_domain::access::{SystemViewer, Viewer};
use entente_domain::command::Command;
use entente_domain::kinds::Stage;
use entente_service::import::{self, ImportFile, ImportReport};
use entente_service::{ServiceError, advisories, cases};
use entente_testkit::data;

const IMPORTER: Viewer = Viewer::System(SystemViewer::Importer);

fn document(id: &str, title: &str, tlp: &str, date: &str) -> ImportFile {
    let value = serde_json::json!({
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "title": title,
            "distribution": { "tlp": { "label": tlp } },
            "publisher": { "category": "vendor", "name": "Example", "namespace": "https://example.com" },
            "notes": [{ "category": "summary", "text": "A flaw." }],
            "tracking": {
                "id": id, "status": "final", "version": "1",
                "initial_release_date": "2024-02-01T10:00:00.000Z", "current_release_date": date,
                "revision_history": [{ "date": "2024-02-01T10:00:00Z", "number": "1", "summary": "First" }],
            },
        },
        "vulnerabilities": [{
            "cve": "CVE-2024-990001",
            "scores": [{ "products": ["P"], "cvss_v3": {
                "version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                "baseScore": 9.8, "baseSeverity": "CRITICAL" } }],
        }],
    });
    ImportFile {
        name: format!("{id}.json"),
        bytes: serde_json::to_vec(&value).unwrap(),
        signature: None,
    }
}

async fn run(w: &World, files: Vec<ImportFile>) -> ImportReport {
    import::csaf(&w.app, &IMPORTER, files, &mut |_, _| {})
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_whole_idempotent_and_follows_revisions() {
    let w = World::new().await;
    let team = w.team().await;
    const DAY: &str = "2024-02-01T10:00:00Z";
    let one = document("OLD-1", "One", "WHITE", DAY);

    // Anything refused: nothing is in.
    let bad = run(
        &w,
        vec![
            one.clone(),
            document("OLD-2", "Two", "AMBER", DAY),
            document("old 1", "Another file of that name", "WHITE", "no date"),
            ImportFile {
                name: "x".to_owned(),
                bytes: b"{".to_vec(),
                signature: None,
            },
            ImportFile {
                name: "again".to_owned(),
                ..one.clone()
            },
        ],
    )
    .await;
    assert_eq!((bad.imported, bad.refused.len()), (0, 4), "{bad:?}");
    assert!(
        advisories::published(&w.app, None, 10)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert!(matches!(
        import::csaf(&w.app, &team.analyst, vec![one.clone()], &mut |_, _| {}).await,
        Err(ServiceError::NotFound)
    ));

    let mut heard = Vec::new();
    let report = import::csaf(&w.app, &team.lead, vec![one.clone()], &mut |done, total| {
        heard.push((done, total))
    })
    .await
    .unwrap();
    assert_eq!((report.imported, report.unchanged), (1, 0));
    assert_eq!(heard, [(1, 1)]);
    let page = advisories::page(&w.app, "OLD-1").await.unwrap();
    assert_eq!(
        (page.title.as_str(), page.score.as_deref(), page.imported),
        ("One", Some("9.8"), true)
    );
    assert_eq!(
        advisories::file(&w.app, "old-1.json").await.unwrap().bytes,
        one.bytes
    );

    let again = run(&w, vec![one.clone()]).await;
    assert_eq!((again.imported, again.unchanged), (0, 1));

    // Changed and newer: the next revision of the same advisory and the same case.
    let newer = document(
        "OLD-1",
        "One, more precise",
        "WHITE",
        "2024-03-01T10:00:00Z",
    );
    assert_eq!(run(&w, vec![newer]).await.imported, 1);
    let page = advisories::page(&w.app, "OLD-1").await.unwrap();
    assert_eq!(
        (page.revision, page.title.as_str()),
        (2, "One, more precise")
    );
    assert_eq!(run(&w, vec![one]).await.refused.len(), 1);
    let found = cases::search(&w.app, &team.analyst, "OLD-1", None, 10)
        .await
        .unwrap()
        .items;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].stage, found[0].title.as_str()),
        (Stage::PostRelease, "One, more precise")
    );
}

/// A closed case whose advisory changed outside is open again, with the change in its journal.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_advisory_opens_its_closed_case_again() {
    let w = World::new().await;
    let team = w.team().await;
    let old = document("OLD-1", "One", "WHITE", "2024-02-01T10:00:00Z");
    assert_eq!(run(&w, vec![old]).await.imported, 1);
    let found = cases::search(&w.app, &team.analyst, "OLD-1", None, 10);
    let case = found.await.unwrap().items[0].id;
    let complete = Command::Complete {
        note: String::new(),
    };
    w.ok(&team.lead, case, complete).await;
    let new = document("OLD-1", "Two", "WHITE", "2024-03-01T10:00:00Z");
    assert_eq!(run(&w, vec![new]).await.imported, 1);
    let file = cases::open(&w.app, &team.analyst, case).await.unwrap();
    assert_eq!(
        (file.case.stage, file.case.ending),
        (Stage::PostRelease, None)
    );
    assert!(file.case.stages.iter().any(|(s, _)| *s == Stage::Closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_of_the_world_comes_in() {
    let Some(archive) = data::path("corpus/cisa-csaf-sample.tar.xz") else {
        return;
    };
    let w = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let unpacked = std::process::Command::new("tar")
        .arg("-xJf")
        .arg(archive)
        .arg("-C")
        .arg(folder.path())
        .status()
        .unwrap();
    assert!(unpacked.success());
    let paths = data::files(&folder.path().to_string_lossy(), ".json").unwrap();
    let files: Vec<ImportFile> = paths
        .iter()
        .map(|p| ImportFile {
            name: p.display().to_string(),
            bytes: std::fs::read(p).unwrap(),
            signature: std::fs::read(format!("{}.asc", p.display())).ok(),
        })
        .collect();
    let total = files.len();
    assert!(total > 100, "{total}");
    let report = run(&w, files.clone()).await;
    assert_eq!(
        (report.imported, report.refused.clone()),
        (total, Vec::new())
    );
    let again = run(&w, files.clone()).await;
    assert_eq!((again.imported, again.unchanged), (0, total));
    let name = paths[0].file_name().unwrap().to_string_lossy().into_owned();
    let served = advisories::file(&w.app, &name).await.unwrap();
    assert_eq!(served.bytes, files[0].bytes);
}
