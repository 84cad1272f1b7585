//! What comes from the machine: randomness. The only file that asks for it.

use entente_store::Random;
use rand::rand_core::UnwrapErr;

/// Randomness of the operating system.
pub(crate) fn random() -> Random {
    Random::new(UnwrapErr(rand::rngs::OsRng))
}
