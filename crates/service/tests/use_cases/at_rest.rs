//! At rest nothing of a case can be read: canaries in every field that people fill are searched
//! for in every file of the instance (reliability L3).

use crate::support::World;
use entente_domain::command::{Command, ReportForm};
use entente_domain::kinds::Audience;
use entente_service::{attachments, cases};
use std::path::Path;

fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack
        .windows(needle.len())
        .any(|w| w == needle.as_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_of_the_instance_holds_what_people_wrote() {
    let world = World::new().await;
    let team = world.team().await;
    let form = ReportForm {
        product: "CANARYPRODUCT".to_owned(),
        title: "CANARYTITLE".to_owned(),
        description: "CANARYBODY with CANARYWORD".to_owned(),
        tracking_ids: "CANARYTAG".to_owned(),
        ..ReportForm::default()
    };
    let mail = "canarymail@reporter.example";
    let submitted = world.submit(form, mail).await;
    let comment = Command::Comment {
        audience: Audience::Internal,
        body: "CANARYCOMMENT".to_owned(),
    };
    cases::act(&world.app, &team.analyst, submitted.case, None, comment)
        .await
        .unwrap();
    let mut staging = attachments::begin(&world.app, "CANARYFILE.txt").unwrap();
    staging.push(b"CANARYCONTENT").unwrap();
    attachments::add(
        &world.app,
        &team.analyst,
        submitted.case,
        None,
        staging.finish().unwrap(),
    )
    .await
    .unwrap();
    let code = submitted.receipt_code.unwrap().grouped().to_string();

    let mut found = Vec::new();
    files(world.folder.path(), &mut found);
    // Mails that left are files in this test; their own test says that they carry no content.
    found.retain(|(path, _)| !path.ends_with(".eml"));
    assert!(found.iter().any(|(_, bytes)| bytes.len() > 10_000));
    for canary in [
        "CANARYPRODUCT",
        "CANARYTITLE",
        "CANARYBODY",
        "CANARYWORD",
        "canaryword",
        "CANARYTAG",
        "CANARYCOMMENT",
        "CANARYFILE",
        "CANARYCONTENT",
        mail,
        code.as_str(),
        code.replace('-', "").as_str(),
    ] {
        for (path, bytes) in &found {
            assert!(!contains(bytes, canary), "{canary} stands in {path}");
        }
    }
    // The search itself works: what is not sealed is found.
    assert!(
        found
            .iter()
            .any(|(_, bytes)| contains(bytes, "case_opened"))
    );
}
