//! The receipt code: what an anonymous reporter keeps to come back to the report (decision 22).
//!
//! 100 random bits in five groups of four. It authenticates and encrypts nothing. It is shown
//! once and never stored: the store keeps its keyed hash, so that a stolen database does not
//! allow to try codes. It has no `Display`, and its `Debug` says nothing.

use crate::login::crockford::{self, CodeError};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Symbols of a code; five bits each.
const SYMBOLS: usize = 20;

/// Separates this use of the key from every other.
const PURPOSE: &[u8] = b"entente receipt code v1\0";

/// A receipt code in memory. Wiped when dropped.
#[derive(Clone)]
pub struct ReceiptCode(Zeroizing<[u8; SYMBOLS]>);

impl ReceiptCode {
    /// A new code.
    pub fn new(rng: &mut impl rand::CryptoRng) -> Self {
        Self(crockford::generate(rng))
    }

    /// Reads what a person typed: either case, spaces and dashes anywhere, `O` for 0, `I` and
    /// `L` for 1.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        crockford::parse(text).map(Self)
    }

    /// The code for the one page that shows it: `7K3M-9QXA-…`.
    pub fn grouped(&self) -> Zeroizing<String> {
        crockford::grouped(self.0.as_ref())
    }

    /// What the store looks the code up by.
    pub fn lookup(&self, key: &[u8; 32]) -> [u8; 32] {
        let mut mac = keyed(key);
        mac.update(PURPOSE);
        mac.update(self.0.as_ref());
        mac.finalize().into_bytes().into()
    }
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    // A block of SHA-256 is 64 bytes: a shorter key is padded with zeros, as RFC 2104 says.
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    <Hmac<Sha256> as hmac::digest::KeyInit>::new(&block)
}

impl std::fmt::Debug for ReceiptCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReceiptCode(…)")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;

    fn code(seed: u64) -> ReceiptCode {
        ReceiptCode::new(&mut rand_chacha::ChaCha20Rng::seed_from_u64(seed))
    }

    #[test]
    fn a_code_has_five_groups_of_four() {
        let text = code(1).grouped();
        assert_eq!(text.len(), 24);
        assert!(text.split('-').all(|group| group.len() == 4));
        assert_eq!(text.split('-').count(), 5);
    }

    #[test]
    fn every_symbol_can_occur() {
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..100 {
            seen.extend(code(seed).grouped().chars().filter(|c| *c != '-'));
        }
        assert_eq!(seen.len(), 32);
        assert!(!seen.contains(&'O') && !seen.contains(&'I') && !seen.contains(&'U'));
    }

    #[test]
    fn what_people_type_is_read() {
        let key = [7; 32];
        let canonical = ReceiptCode::parse("0123-4567-89AB-1111-00ZZ").unwrap();
        for typed in [
            "0123456789ab111100zz",
            " o123 4567 89ab iLl1 oOzZ\n",
            "O123\u{2013}4567\u{2011}89AB\u{a0}1I1L-00zz",
        ] {
            let parsed = ReceiptCode::parse(typed).unwrap();
            assert_eq!(parsed.lookup(&key), canonical.lookup(&key), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_refused_with_a_place() {
        assert_eq!(
            ReceiptCode::parse("0123").unwrap_err(),
            CodeError::Length { expected: 20 }
        );
        assert_eq!(
            ReceiptCode::parse(&"0".repeat(21)).unwrap_err(),
            CodeError::Length { expected: 20 }
        );
        assert_eq!(
            ReceiptCode::parse("012u").unwrap_err(),
            CodeError::Symbol { position: 4 }
        );
        assert!(ReceiptCode::parse(&" ".repeat(10_000_000)).is_err());
    }

    #[test]
    fn the_lookup_depends_on_the_key_and_is_plain_hmac() {
        let code = code(3);
        assert_ne!(code.lookup(&[1; 32]), code.lookup(&[2; 32]));
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&[1; 32]).unwrap();
        mac.update(PURPOSE);
        mac.update(code.0.as_ref());
        assert_eq!(code.lookup(&[1; 32])[..], mac.finalize().into_bytes()[..]);
    }

    #[test]
    fn debug_does_not_show_it() {
        let code = code(4);
        let shown = format!("{code:?} {:#?}", Some(&code));
        for group in code.grouped().split('-') {
            assert!(!shown.contains(group));
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_refusals_repeat_nothing(text in "\\PC{0,60}") {
            if let Err(error) = ReceiptCode::parse(&text) {
                let said = error.to_string();
                prop_assert!(text.chars().count() < 8 || !said.contains(text.trim()));
            }
        }

        #[test]
        fn what_is_shown_is_read_again(seed: u64, key: [u8; 32]) {
            let code = code(seed);
            let again = ReceiptCode::parse(&code.grouped().to_lowercase()).unwrap();
            prop_assert_eq!(again.lookup(&key), code.lookup(&key));
        }
    }
}
