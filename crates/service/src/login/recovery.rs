//! Recovery codes: ten codes on paper for the day the second factor is lost. Each works once.
//!
//! 80 random bits each, so their hash needs no stretching. The account is hashed with the code:
//! a row copied to another account opens nothing.

use crate::login::crockford::{self, CodeError};
use entente_domain::ids::UserId;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

/// Codes of one set.
pub const CODES: usize = 10;

/// Symbols of a code; five bits each.
const SYMBOLS: usize = 16;

const PURPOSE: &[u8] = b"entente recovery code v1\0";

/// One code. Wiped when dropped.
#[derive(Clone)]
pub struct RecoveryCode(Zeroizing<[u8; SYMBOLS]>);

/// What the store keeps of a code.
pub type RecoveryHash = [u8; 32];

impl RecoveryCode {
    /// A new set of ten.
    pub fn new_set(rng: &mut impl rand::CryptoRng) -> Vec<Self> {
        (0..CODES).map(|_| Self(crockford::generate(rng))).collect()
    }

    /// Reads what a person typed, as forgiving as with receipt codes.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        crockford::parse(text).map(Self)
    }

    /// The code for the one page that shows it.
    pub fn grouped(&self) -> Zeroizing<String> {
        crockford::grouped(self.0.as_ref())
    }

    /// What the store keeps of it for this account.
    pub fn hash(&self, user: UserId) -> RecoveryHash {
        let mut hasher = Sha256::new();
        hasher.update(PURPOSE);
        hasher.update(user.0.as_bytes());
        hasher.update(self.0.as_ref());
        hasher.finalize().into()
    }

    /// Which of the stored hashes this code is, so that the caller strikes it out. Every hash is
    /// compared, whichever fits.
    pub fn find(&self, user: UserId, stored: &[RecoveryHash]) -> Option<usize> {
        let hash = self.hash(user);
        let (mut found, mut place) = (Choice::from(0), 0u64);
        for (at, candidate) in (0u64..).zip(stored) {
            let same = hash.ct_eq(candidate);
            place = u64::conditional_select(&place, &at, same);
            found |= same;
        }
        bool::from(found)
            .then(|| usize::try_from(place).ok())
            .flatten()
    }
}

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn user(n: u128) -> UserId {
        UserId(uuid::Uuid::from_u128(n))
    }

    fn set() -> Vec<RecoveryCode> {
        RecoveryCode::new_set(&mut rand_chacha::ChaCha20Rng::seed_from_u64(1))
    }

    #[test]
    fn each_code_is_found_at_its_place() {
        let codes = set();
        assert_eq!(codes.len(), CODES);
        let stored: Vec<_> = codes.iter().map(|code| code.hash(user(1))).collect();
        for (at, code) in codes.iter().enumerate() {
            let typed = RecoveryCode::parse(&code.grouped().to_lowercase()).unwrap();
            assert_eq!(typed.find(user(1), &stored), Some(at));
            assert_eq!(typed.find(user(2), &stored), None, "of another account");
        }
        let stranger = RecoveryCode::parse("0000-0000-0000-0000").unwrap();
        assert_eq!(stranger.find(user(1), &stored), None);
        assert_eq!(stranger.find(user(1), &[]), None);
    }

    #[test]
    fn codes_look_like_four_groups_and_debug_hides_them() {
        let codes = set();
        let code = &codes[0];
        assert_eq!(code.grouped().len(), 19);
        assert_eq!(format!("{code:?}"), "RecoveryCode(…)");
        assert!(RecoveryCode::parse("0000-0000-0000").is_err());
    }
}
