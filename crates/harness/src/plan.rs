//! What a run does: which binary, how much, from which seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::path::{Path, PathBuf};

/// The release binary: named by `ENTENTE_HARNESS_BINARY`, or built beside this workspace; `None` where there is none.
#[must_use]
pub fn binary() -> Option<PathBuf> {
    let named = std::env::var_os("ENTENTE_HARNESS_BINARY").filter(|name| !name.is_empty());
    let path = named.map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/release/entente"),
        PathBuf::from,
    );
    path.is_file().then_some(path)
}

/// A number of this run: the variable `ENTENTE_HARNESS_` + `name`, or what every run does.
///
/// # Panics
///
/// Where the variable is set and is no number.
#[must_use]
pub fn number(name: &str, every_run: u64) -> u64 {
    let name = format!("ENTENTE_HARNESS_{name}");
    match std::env::var(&name) {
        Ok(value) if !value.is_empty() => value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is `{value}`; give a number")),
        _ => every_run,
    }
}

/// A source of randomness that repeats: by `ENTENTE_HARNESS_SEED` and by what it is for.
#[must_use]
pub fn seeded(purpose: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(number("SEED", 1));
    random.set_stream(purpose);
    random
}

/// A number below `end`; the slight favour for small ones does not matter here.
pub fn below(random: &mut ChaCha8Rng, end: u64) -> u64 {
    random.next_u64() % end.max(1)
}

/// That many bytes.
pub fn bytes(random: &mut ChaCha8Rng, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    random.fill_bytes(&mut bytes);
    bytes
}

/// Words that occur nowhere else, in letters and digits.
pub fn word(random: &mut ChaCha8Rng) -> String {
    data_encoding::HEXLOWER.encode(&bytes(random, 16))
}
