//! Bearer secrets of 256 bits: session tokens, API tokens, links that work once.
//!
//! The store keeps only the hash. Such a secret cannot be guessed, so a plain SHA-256 is enough
//! and costs the writer nothing; the kind is hashed with it, so that one kind never passes as
//! another.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const BYTES: usize = 32;
/// Base64 without padding of 32 bytes.
const ENCODED: usize = 43;
/// Begins every API token, so that scanners for leaked secrets can find one.
const API_PREFIX: &str = "ent_";

/// What a token opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    /// A signed-in browser.
    Session,
    /// A reporter's visit, opened by a receipt code.
    ReporterSession,
    /// Somebody of a party who was invited: the link that they keep.
    Guest,
    /// Their visit, opened by the link.
    GuestSession,
    /// A program that calls the API.
    Api,
    /// A link that works once: an invitation, a reset, a confirmation.
    Link,
}

impl TokenKind {
    fn purpose(self) -> &'static [u8] {
        match self {
            Self::Session => b"entente session token v1\0",
            Self::ReporterSession => b"entente reporter session token v1\0",
            Self::Guest => b"entente guest link token v1\0",
            Self::GuestSession => b"entente guest session token v1\0",
            Self::Api => b"entente api token v1\0",
            Self::Link => b"entente link token v1\0",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Api => API_PREFIX,
            _ => "",
        }
    }
}

/// A new token, to be handed out once. Wiped when dropped.
pub struct Token {
    kind: TokenKind,
    text: Zeroizing<String>,
}

impl Token {
    /// A new token of this kind.
    pub fn new(kind: TokenKind, rng: &mut impl rand::CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0u8; BYTES]);
        rng.fill_bytes(bytes.as_mut());
        let mut text = Zeroizing::new(String::with_capacity(API_PREFIX.len() + ENCODED));
        text.push_str(kind.prefix());
        data_encoding::BASE64URL_NOPAD.encode_append(bytes.as_ref(), &mut text);
        Self { kind, text }
    }

    /// The text for the one place that gets it.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What the store keeps and looks it up by.
    pub fn hash(&self) -> TokenHash {
        digest(self.kind, &self.text)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token({:?}, …)", self.kind)
    }
}

/// What the store keeps of a token.
pub type TokenHash = [u8; 32];

/// The hash of what a client presents; `None` when it cannot be a token of this kind.
pub fn hash(kind: TokenKind, presented: &str) -> Option<TokenHash> {
    let body = presented.strip_prefix(kind.prefix())?;
    let plausible = body.len() == ENCODED
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    plausible.then(|| digest(kind, presented))
}

/// Whether two hashes are the same, in constant time; for those not found by an index.
pub fn same(a: &TokenHash, b: &TokenHash) -> bool {
    a.ct_eq(b).into()
}

fn digest(kind: TokenKind, text: &str) -> TokenHash {
    let mut hasher = Sha256::new();
    hasher.update(kind.purpose());
    hasher.update(text.as_bytes());
    hasher.finalize().into()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;

    const KINDS: [TokenKind; 6] = [
        TokenKind::Session,
        TokenKind::ReporterSession,
        TokenKind::Guest,
        TokenKind::GuestSession,
        TokenKind::Api,
        TokenKind::Link,
    ];

    fn token(kind: TokenKind, seed: u64) -> Token {
        Token::new(kind, &mut rand_chacha::ChaCha20Rng::seed_from_u64(seed))
    }

    #[test]
    fn a_presented_token_is_found_by_its_hash() {
        for kind in KINDS {
            let token = token(kind, 1);
            let found = hash(kind, token.reveal()).unwrap();
            assert!(same(&found, &token.hash()));
            let other = self::token(kind, 2);
            assert!(!same(&found, &other.hash()));
        }
    }

    #[test]
    fn no_kind_passes_as_another() {
        let hashes: Vec<_> = KINDS.map(|kind| token(kind, 1).hash()).into();
        let different: std::collections::BTreeSet<_> = hashes.iter().collect();
        assert_eq!(different.len(), KINDS.len());
        let api = token(TokenKind::Api, 1);
        assert!(api.reveal().starts_with("ent_"));
        assert!(hash(TokenKind::Session, api.reveal()).is_none());
    }

    #[test]
    fn what_cannot_be_a_token_is_not_hashed() {
        for text in ["", "ent_", "x", &"a".repeat(44), &"é".repeat(43)] {
            for kind in KINDS {
                assert!(hash(kind, text).is_none(), "{text}");
            }
        }
    }

    #[test]
    fn debug_does_not_show_it() {
        let token = token(TokenKind::Api, 5);
        assert!(!format!("{token:?}").contains(&token.reveal()[4..12]));
    }

    proptest! {
        #[test]
        fn presenting_anything_never_panics(text in "\\PC{0,80}") {
            for kind in KINDS {
                let _ = hash(kind, &text);
            }
        }
    }
}
