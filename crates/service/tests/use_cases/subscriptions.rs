//! Subscriptions: opt-in by a link, one mail for an advisory, and an end by a link.

use crate::support::{CLIENT, World};
use entente_service::{ClientHint, ServiceError, jobs, subscriptions};

/// The token in the link of a mail whose body is quoted-printable or plain.
fn token(mail: &str, action: &str) -> String {
    let flat = mail.replace("=\r\n", "").replace("=3D", "=");
    let begin = flat.find(&format!("/subscribe/{action}?token=")).unwrap();
    flat[begin..]
        .split('=')
        .nth(1)
        .unwrap()
        .chars()
        .take(43)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_confirmed_and_ended_by_its_links() {
    let w = World::new().await;
    let app = &w.app;
    subscriptions::subscribe(app, "Reader@news.example", CLIENT)
        .await
        .unwrap();
    jobs::run_due(app).await.unwrap();
    let mails = w.mails();
    assert_eq!(mails.len(), 1);
    let link = token(&mails[0].1, "confirm");
    let confirmed = || async {
        app.db()
            .read(|tx| entente_store::subscriptions::confirmed(tx, uuid::Uuid::nil(), 10))
            .await
            .unwrap()
            .len()
    };
    assert_eq!(confirmed().await, 0);

    // Asked again before it is confirmed: another link, and the first one is worth nothing.
    subscriptions::subscribe(app, "reader@news.example", CLIENT)
        .await
        .unwrap();
    jobs::run_due(app).await.unwrap();
    subscriptions::confirm(app, &link).await.unwrap();
    assert_eq!(confirmed().await, 0);
    let second = w.mails().into_iter().find(|m| !mails.contains(m)).unwrap();
    let link = token(&second.1, "confirm");
    subscriptions::confirm(app, &link).await.unwrap();
    subscriptions::confirm(app, &link).await.unwrap();
    assert_eq!(confirmed().await, 1);

    // Asked again afterwards: the same answer and no mail.
    subscriptions::subscribe(app, "reader@news.example", CLIENT)
        .await
        .unwrap();
    jobs::run_due(app).await.unwrap();
    assert_eq!(w.mails().len(), 2);
    subscriptions::unsubscribe(app, &link).await.unwrap();
    subscriptions::unsubscribe(app, &link).await.unwrap();
    assert_eq!(confirmed().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribing_is_limited_and_bad_input_is_refused() {
    let w = World::new().await;
    let app = &w.app;
    assert!(matches!(
        subscriptions::subscribe(app, "no address", CLIENT).await,
        Err(ServiceError::Invalid { .. })
    ));
    assert!(matches!(
        subscriptions::confirm(app, "short").await,
        Err(ServiceError::NotFound)
    ));
    // One address is mailed three times an hour at most, whoever asks.
    for n in 0..6 {
        subscriptions::subscribe(app, "reader@news.example", ClientHint([n; 32]))
            .await
            .unwrap();
    }
    jobs::run_due(app).await.unwrap();
    assert_eq!(w.mails().len(), 3);
    // One client asks so often and no more.
    let mut refused = 0;
    for n in 0..12 {
        let address = format!("reader{n}@news.example");
        refused += usize::from(
            subscriptions::subscribe(app, &address, CLIENT)
                .await
                .is_err(),
        );
    }
    assert_eq!(refused, 2);
}
