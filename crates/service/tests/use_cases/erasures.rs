//! What was erased is on the list beside the key at once, not only after the next start: a backup
//! that is restored in between must not bring it back (decision 13).

use crate::support::World;
use entente_domain::command::{Command, ReportForm};
use entente_store::erasures::{self, Erasure};

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_is_kept_beside_the_key_at_once() {
    let w = World::new().await;
    let list = w.folder.path().join("instance.erased");
    w.app.db().keep_erasures(list.clone()).await.unwrap();
    assert!(erasures::load(&list).unwrap().is_empty());
    let team = w.team().await;
    let form = ReportForm {
        product: "EdgeGate".to_owned(),
        description: "The update service runs unsigned images.".to_owned(),
        ..ReportForm::default()
    };
    let sent = w.submit(form, "robin@reporter.example").await;
    let erase = Command::EraseIdentity {
        report: sent.report,
        reason: "The reporter asked for it.".to_owned(),
    };
    w.ok(&team.analyst, sent.case, erase).await;
    let kept = erasures::load(&list).unwrap();
    assert_eq!(
        kept.into_iter().collect::<Vec<_>>(),
        [Erasure::Identity(sent.report)]
    );
}
