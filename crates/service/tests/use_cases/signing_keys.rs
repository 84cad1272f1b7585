//! Keys that sign what is published: a new one signs, the old ones stay to be verified with.

use crate::support::World;
use entente_domain::access::{SystemViewer, Viewer};
use entente_service::{ServiceError, openpgp, signing_keys};

#[tokio::test]
async fn a_new_key_signs_and_the_old_one_still_verifies() {
    let w = World::new().await;
    let team = w.team().await;
    let operator = Viewer::System(SystemViewer::Operator);
    assert!(signing_keys::all(&w.app).await.unwrap().is_empty());
    let first = signing_keys::rotate(&w.app, &operator).await.unwrap();
    w.days(400);
    let second = signing_keys::rotate(&w.app, &operator).await.unwrap();
    let all = signing_keys::all(&w.app).await.unwrap();
    assert_eq!(all, [second.clone(), first.clone()]);
    assert!(second.ends_at > first.ends_at);

    // Exported, a key is the one that it says, and its signature holds by the published certificate.
    for (wanted, key) in [
        (None, &second),
        (Some(first.fingerprint.to_lowercase()), &first),
    ] {
        let (of, secret) = signing_keys::export(&w.app, &operator, wanted.as_deref())
            .await
            .unwrap();
        assert_eq!(of.fingerprint, key.fingerprint);
        assert!(secret.starts_with("-----BEGIN PGP PRIVATE KEY BLOCK-----"));
        let facts = openpgp::inspect_certificate(&key.certificate).unwrap();
        assert_eq!(facts.fingerprint, key.fingerprint);
        assert!(!key.certificate.contains("PRIVATE"));
    }
    let none = signing_keys::export(&w.app, &operator, Some("00")).await;
    assert!(matches!(none, Err(ServiceError::NotFound)));
    // An analyst decides about cases, not about keys.
    assert!(matches!(
        signing_keys::rotate(&w.app, &team.analyst).await,
        Err(ServiceError::NotFound)
    ));
    assert!(matches!(
        signing_keys::export(&w.app, &team.analyst, None).await,
        Err(ServiceError::NotFound)
    ));
}
