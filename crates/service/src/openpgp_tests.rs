//! Tests of `openpgp.rs`, also against GnuPG.

#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use proptest::prelude::*;
use rand::SeedableRng;
use std::path::Path;
use std::process::{Command, Output};

/// 2026-11-16T09:12:00Z.
const NOW: Timestamp = Timestamp(1_794_820_320 * SECOND_US);
const USER: &str = "Example PSIRT <psirt@example.org>";
const DATA: &[u8] = b"{\"document\":{\"title\":\"M\xC3\xB6we\"}}\r\n\n \x00";

fn key(seed: u64) -> SigningKey {
    let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(seed);
    make_signing_key(USER, NOW, NOW.plus_days(730), &mut rng).unwrap()
}

#[test]
fn a_signature_holds_for_its_bytes_and_its_key_only() {
    let key = key(1);
    let public = key.public_armored().unwrap();
    let later = NOW.plus_hours(1);
    let signature = sign_detached_armored(&key, DATA, later).unwrap();
    assert!(signature.starts_with("-----BEGIN PGP SIGNATURE-----"));
    let verified = verify_detached(&public, DATA, &signature, later).unwrap();
    assert_eq!(verified.fingerprint, key.fingerprint());
    assert_eq!(verified.signed_at, later);

    let wrong =
        |public: &str, data: &[u8]| verify_detached(public, data, &signature, later).unwrap_err();
    let tampered = [DATA, b" "].concat();
    assert!(matches!(wrong(&public, &tampered), OpenPgpError::Wrong));
    let other = self::key(2).public_armored().unwrap();
    assert!(matches!(wrong(&other, DATA), OpenPgpError::Wrong));
    assert!(matches!(wrong("hello", DATA), OpenPgpError::Certificate));
    let not_a_signature = verify_detached(&public, DATA, &public, later).unwrap_err();
    assert!(matches!(not_a_signature, OpenPgpError::Signature));
}

#[test]
fn the_same_seed_and_time_give_the_same_key_and_signature() {
    let sign = || sign_detached_armored(&key(1), DATA, NOW).unwrap();
    assert_eq!(sign(), sign());
    assert_eq!(
        key(1).public_armored().unwrap(),
        key(1).public_armored().unwrap()
    );
    assert_ne!(key(1).fingerprint(), key(2).fingerprint());
}

#[test]
fn the_certificate_says_who_and_until_when() {
    let facts = inspect_certificate(&key(1).public_armored().unwrap()).unwrap();
    assert_eq!(facts, key(1).facts().unwrap());
    assert_eq!(facts.user_ids, [USER]);
    assert_eq!(facts.created_at, NOW);
    assert_eq!(facts.ends_at, Some(NOW.plus_days(730)));
    assert_eq!(facts.fingerprint.len(), 40);
}

#[test]
fn the_secret_key_survives_the_store() {
    let key = key(1);
    let bytes = key.to_bytes().unwrap();
    let again = SigningKey::from_bytes(&bytes).unwrap();
    assert_eq!(again.fingerprint(), key.fingerprint());
    assert_eq!(
        sign_detached_armored(&again, DATA, NOW).unwrap(),
        sign_detached_armored(&key, DATA, NOW).unwrap()
    );
    assert!(SigningKey::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    assert!(SigningKey::from_bytes(b"").is_err());
    let mut damaged = bytes.to_vec();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    assert!(SigningKey::from_bytes(&damaged).is_err());
}

#[test]
fn nothing_public_or_printed_holds_the_secret() {
    let key = key(1);
    assert_eq!(
        format!("{key:?}"),
        format!("SigningKey({})", key.fingerprint())
    );
    assert!(!key.public_armored().unwrap().contains("PRIVATE"));
}

#[test]
fn times_outside_of_the_validity_are_refused() {
    let key = key(1);
    let public = key.public_armored().unwrap();
    let end = NOW.plus_days(730);
    let expired = sign_detached_armored(&key, DATA, end).unwrap_err();
    assert!(matches!(expired, OpenPgpError::Expired(at) if at == end));

    let signature = sign_detached_armored(&key, DATA, NOW.plus_days(1)).unwrap();
    let early = verify_detached(&public, DATA, &signature, NOW).unwrap_err();
    assert!(matches!(early, OpenPgpError::Time(_)));
    // Within the validity when signed: it holds after the end, too.
    assert!(verify_detached(&public, DATA, &signature, end.plus_days(1)).is_ok());
    let before = sign_detached_armored(&key, DATA, NOW.plus_days(-1)).unwrap();
    let before = verify_detached(&public, DATA, &before, NOW).unwrap_err();
    assert!(matches!(before, OpenPgpError::Time(_)));
}

#[test]
fn bad_wishes_for_a_certificate_are_refused() {
    let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
    let mut make = |user: &str, from, to| make_signing_key(user, from, to, &mut rng);
    for user in ["", " ", "a\nb", &"x".repeat(257)] {
        let error = make(user, NOW, NOW.plus_days(1)).unwrap_err();
        assert!(matches!(error, OpenPgpError::UserId), "{user}");
    }
    for (from, to) in [
        (NOW, NOW),
        (NOW, NOW.plus_days(-1)),
        (NOW, NOW.plus_days(365 * 100)),
        (Timestamp(-SECOND_US), NOW),
    ] {
        let error = make(USER, from, to).unwrap_err();
        assert!(matches!(error, OpenPgpError::Validity));
    }
    let huge = "x".repeat(MOST_CERTIFICATE_BYTES + 1);
    let error = inspect_certificate(&huge).unwrap_err();
    assert!(matches!(error, OpenPgpError::TooLarge { .. }));
}

fn gpg(home: &Path, arguments: &[&str]) -> Option<Output> {
    // GnuPG compares with its own clock; the option sets it to the time of the test.
    Command::new("gpg")
        .args([
            "--batch",
            "--no-tty",
            "--no-autostart",
            "--faked-system-time",
            "20261117T000000",
        ])
        .arg("--homedir")
        .arg(home)
        .args(arguments)
        .output()
        .ok()
}

fn gpg_or_skip() -> bool {
    let present = Command::new("gpg").arg("--version").output().is_ok();
    if !present {
        entente_testkit::skip::missing("gpg", "apt-get install gpg");
    }
    present
}

#[test]
fn gnupg_accepts_our_certificate_and_signature() {
    if !gpg_or_skip() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, data: &[u8]| {
        let path = home.path().join(name);
        std::fs::write(&path, data).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let key = key(1);
    let public = file("key.asc", key.public_armored().unwrap().as_bytes());
    let data = file("advisory.json", DATA);
    let other = file("other.json", b"{}");
    let signature = sign_detached_armored(&key, DATA, NOW).unwrap();
    let signature = file("advisory.json.asc", signature.as_bytes());

    let imported = gpg(home.path(), &["--import", &public]).unwrap();
    assert!(imported.status.success(), "{}", text(&imported.stderr));
    let verified = gpg(
        home.path(),
        &["--status-fd", "1", "--verify", &signature, &data],
    )
    .unwrap();
    let said = text(&verified.stdout);
    assert!(verified.status.success(), "{}", text(&verified.stderr));
    assert!(
        said.contains(&format!("VALIDSIG {}", key.fingerprint())),
        "{said}"
    );
    let tampered = gpg(home.path(), &["--verify", &signature, &other]).unwrap();
    assert!(!tampered.status.success());
    let listed = gpg(home.path(), &["--with-colons", "--list-keys"]).unwrap();
    let listed = text(&listed.stdout);
    // Algorithm 22 is EdDSA; then creation and end in seconds.
    assert!(listed.contains(":22:"), "{listed}");
    assert!(listed.contains(":1794820320:1857892320:"), "{listed}");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn reading_anything_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..300), cut in 0usize..400, flip in 0usize..400) {
        let key = key(1);
        let signature = sign_detached_armored(&key, DATA, NOW).unwrap();
        let public = key.public_armored().unwrap();
        let body = data_encoding::BASE64.encode(&noise);
        for kind in ["PUBLIC KEY BLOCK", "SIGNATURE"] {
            let armored = format!("-----BEGIN PGP {kind}-----\n\n{body}\n-----END PGP {kind}-----\n");
            let _ = inspect_certificate(&armored);
            let _ = verify_detached(&public, DATA, &armored, NOW);
        }
        let _ = SigningKey::from_bytes(&noise);
        let mut bytes = key.to_bytes().unwrap().to_vec();
        bytes.truncate(cut);
        if let Some(byte) = bytes.get_mut(flip) { *byte ^= 0x10; }
        let _ = SigningKey::from_bytes(&bytes);
        let mut bent = signature.into_bytes();
        if let Some(byte) = bent.get_mut(flip) { *byte = b'A'; }
        let _ = verify_detached(&public, DATA, &String::from_utf8(bent).unwrap(), NOW);
    }
}
