//! The source of keys, nonces and salts: handed in, so that tests repeat from their seed.

use rand::{CryptoRng, RngCore};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

trait Source: RngCore + Send {}
impl<T: CryptoRng + Send> Source for T {}

/// A shared source of randomness. Cheap to clone.
#[derive(Clone)]
pub struct Random(Arc<Mutex<Box<dyn Source>>>);

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Random")
    }
}

impl Random {
    /// Wraps a generator.
    pub fn new(source: impl CryptoRng + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(source))))
    }

    /// Fills `into`.
    pub fn fill(&self, into: &mut [u8]) {
        // A poisoned lock only means that another thread panicked between two draws.
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .fill_bytes(into);
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A UUID of version 7 for the instant, so that ids sort by time.
    pub fn id(&self, at: entente_domain::time::Timestamp) -> Uuid {
        let millis = u64::try_from(at.0.div_euclid(1_000)).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    /// A random reference for outsiders: 10 letters and digits that are hard to confuse.
    pub fn reference(&self) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHJKMNPQRSTVWXYZ0123456789";
        self.bytes::<10>()
            .iter()
            .filter_map(|b| ALPHABET.get(usize::from(b & 31)))
            .map(|b| char::from(*b))
            .collect()
    }
}

/// A [`Random`] is a generator itself, for code that asks for one.
impl RngCore for Random {
    fn next_u32(&mut self) -> u32 {
        u32::from_be_bytes(self.bytes())
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_be_bytes(self.bytes())
    }

    fn fill_bytes(&mut self, dst: &mut [u8]) {
        self.fill(dst);
    }
}

/// Only cryptographic generators can be wrapped.
impl CryptoRng for Random {}
