//! 6.1.63 length of hash values.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;

/// Algorithms and the number of hexadecimal digits they give.
const LENGTHS: [(&str, usize); 19] = [
    ("blake2b512", 128),
    ("blake2s256", 64),
    ("md4", 32),
    ("md5", 32),
    ("md5-sha1", 72),
    ("mdc2", 32),
    ("ripemd160", 40),
    ("sha1", 40),
    ("sha224", 56),
    ("sha256", 64),
    ("sha3-224", 56),
    ("sha3-256", 64),
    ("sha3-384", 96),
    ("sha3-512", 128),
    ("sha384", 96),
    ("sha512", 128),
    ("sha512-224", 56),
    ("sha512-256", 64),
    ("sm3", 64),
];

/// Whether an algorithm is one that the standard names; two of them give as
/// many digits as one asks for.
pub(in crate::csaf) fn is_known_algorithm(algorithm: &str) -> bool {
    matches!(algorithm, "shake128" | "shake256")
        || LENGTHS.iter().any(|(name, _)| *name == algorithm)
}

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_file_hashes(&mut |hashes, path| {
        for (index, hash) in hashes.iter().enumerate() {
            if let (Some(algorithm), Some(value)) = (hash.text("algorithm"), hash.text("value"))
                && let Some((_, length)) = LENGTHS.iter().find(|(name, _)| *name == algorithm)
                && value.len() != *length
            {
                findings.add(
                    "6.1.63",
                    &path.index(index).key("value"),
                    format!(
                        "a {algorithm} hash has {length} digits, this one {}",
                        value.len()
                    ),
                );
            }
        }
    });
}
