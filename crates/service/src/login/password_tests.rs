//! Tests of `password.rs`.

#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

const CONTEXT: [&str; 3] = ["Mia Jansen", "mia.jansen@example.org", "Entente"];

#[test]
fn passphrases_and_random_texts_are_accepted() {
    for password in [
        "correct horse battery staple",
        "vier Möwen am Kai",
        "x9$Kq2!mVw7z",
        "monkey dragon baseball shadow",
        "パスワードは長い文にする方がよい",
        "jansen likes 14 quiet herons",
        "8402957163820475",
    ] {
        assert_eq!(check(password, &CONTEXT), Ok(()), "{password}");
    }
}

#[test]
fn bad_ones_are_refused_with_their_reason() {
    use PasswordProblem::{Common, Context, Control, Pattern, TooLong, TooShort};
    for (password, problem) in [
        ("", TooShort),
        ("11charsLong", TooShort),
        ("ééééééééééé", TooShort),
        (&*"a b c d e f ".repeat(11), TooLong),
        ("good long pass\u{0}word", Control),
        ("qwertyuiop123", Common),
        ("Password2026!", Common),
        ("!!PASSWORD!!1", Common),
        ("passwordpassword", Common),
        ("dragon-dragon-dragon", Common),
        ("aaaaaaaaaaaaaaaa", Pattern),
        ("xkcdxkcdxkcdxkcd", Pattern),
        ("123456789012", Pattern),
        ("abcdefghijkl", Pattern),
        ("mia.jansen@example.org", Context),
        ("Jansen2026!!", Context),
        ("entente-2026", Context),
    ] {
        assert_eq!(check(password, &CONTEXT), Err(problem), "{password}");
    }
}

#[test]
fn the_list_holds_the_first_three_thousand_and_those_long_enough() {
    assert!(COMMON_SET.len() > 5_000);
    let long = COMMON_SET
        .iter()
        .filter(|p| p.chars().count() >= SHORTEST)
        .count();
    assert!(long >= 200, "{long}");
    assert!(
        COMMON
            .lines()
            .all(|p| p == p.to_lowercase() && p.is_ascii())
    );
}

#[test]
fn a_hash_is_verified_and_tells_its_costs() {
    let stored = hash("correct horse battery staple", &[7; 16]).unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(verify("correct horse battery staple", &stored).unwrap());
    assert!(!verify("correct horse battery stapl", &stored).unwrap());
    assert_ne!(
        stored,
        hash("correct horse battery staple", &[8; 16]).unwrap()
    );
    assert!(!needs_rehash(&stored));
    assert!(needs_rehash(&stored.replace("t=2", "t=1")));
    assert!(needs_rehash(&stored.replace("m=19456", "m=9728")));
    assert!(needs_rehash(&stored.replace("argon2id", "argon2i")));
    assert!(needs_rehash("no hash"));
}

#[test]
fn what_we_did_not_store_is_not_computed() {
    let stored = hash("correct horse battery staple", &[7; 16]).unwrap();
    for bad in [
        String::new(),
        "$argon2id$".to_owned(),
        stored.replace("m=19456", "m=4000000"),
        stored.replace("t=2", "t=100000"),
        stored.replace("argon2id", "argon2d"),
    ] {
        let result = verify("correct horse battery staple", &bad);
        assert!(matches!(result, Err(HashingError::Unreadable)), "{bad}");
    }
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

#[tokio::test]
async fn the_room_hashes_and_verifies() {
    let room = HashingRoom::default();
    let stored = room
        .hash(secret("correct horse battery staple"), [1; 16])
        .await
        .unwrap();
    let right = room.verify(secret("correct horse battery staple"), Some(stored.clone()));
    assert!(right.await.unwrap());
    assert!(!room.verify(secret("wrong"), Some(stored)).await.unwrap());
    assert!(!room.verify(secret("anything"), None).await.unwrap());
    let huge = room.verify(secret(&"x".repeat(1_000_000)), None);
    assert!(!huge.await.unwrap());
}

/// Two work, 32 wait, the next is refused at once; when all have left, the room is open again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_room_refuses_and_opens_again() {
    let room = HashingRoom::default();
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let gate = Arc::new(std::sync::Mutex::new(gate));
    let (working, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut tasks = Vec::new();
    for _ in 0..DESKS + WAITING {
        let (room, gate) = (room.clone(), Arc::clone(&gate));
        let (working, most) = (Arc::clone(&working), Arc::clone(&most));
        tasks.push(tokio::spawn(async move {
            room.run(move || {
                most.fetch_max(working.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let _ = gate.lock().unwrap().recv();
                working.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            })
            .await
        }));
    }
    while room.inside.available_permits() > 0 || room.desks.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    let refused = room.verify(secret("anything"), None).await;
    assert!(matches!(
        refused,
        Err(HashingError::Busy { retry_after_s: 1.. })
    ));
    // Callers that hang up: those waiting leave, those at the desks keep them until done.
    for task in tasks.drain(..10) {
        task.abort();
        let _ = task.await;
    }
    assert_eq!(room.desks.available_permits(), 0);
    drop(release);
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert!(most.load(Ordering::SeqCst) <= DESKS);
    assert!(!room.verify(secret("anything"), None).await.unwrap());
    assert_eq!(room.inside.available_permits(), DESKS + WAITING);
}

proptest! {
    #[test]
    fn checking_never_panics(password in "\\PC{0,140}", word in "\\PC{0,12}") {
        let _ = check(&password, &[&word]);
    }
}
