//! Signed notes: the text form of a head, as transparency logs exchange it. Origin, size and root
//! each on a line, then our line with the instant, an empty line, and the signature. Pure.

use crate::merkle::Hash;
use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use entente_domain::time::Timestamp;
use sha2::{Digest, Sha256};

pub use ed25519_dalek::SigningKey;

/// What a head says, once its signature was checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// How many leaves it covers.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Why a head is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoteError {
    /// The text has another form.
    #[error("this is no signed head; give the file as the log wrote it")]
    Form,
    /// No key of the log made the signature.
    #[error("no key of this log signed the head")]
    Signature,
}

/// The name of a log: from its key, so that it says nothing of the organisation.
fn origin(key: &VerifyingKey) -> String {
    let hash = Sha256::digest(key.as_bytes());
    let short = hash.first_chunk::<6>().copied().unwrap_or_default();
    format!("entente-log-{}", HEXLOWER.encode(&short))
}

/// The id of a key in the signature's line: 1 stands for Ed25519.
fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name.as_bytes())
        .chain_update(b"\n\x01")
        .chain_update(key.as_bytes())
        .finalize();
    hash.first_chunk::<4>().copied().unwrap_or_default()
}

/// Signs a head.
pub fn sign(key: &SigningKey, size: u64, root: &Hash, at: Timestamp) -> String {
    let name = origin(&key.verifying_key());
    let text = format!(
        "{name}\n{size}\n{}\nat {}\n",
        BASE64.encode(root),
        at.rfc3339()
    );
    let mut signature = key_id(&name, &key.verifying_key()).to_vec();
    signature.extend_from_slice(&key.sign(text.as_bytes()).to_bytes());
    format!("{text}\n\u{2014} {name} {}\n", BASE64.encode(&signature))
}

/// Reads a head and checks that one of `keys` signed it.
pub fn read(note: &str, keys: &[[u8; 32]]) -> Result<Head, NoteError> {
    let (text, signatures) = note.split_once("\n\n").ok_or(NoteError::Form)?;
    let text = format!("{text}\n");
    let mut lines = text.lines();
    let (name, size, root) = (lines.next(), lines.next(), lines.next());
    let head = Head {
        size: size.and_then(|s| s.parse().ok()).ok_or(NoteError::Form)?,
        root: root
            .and_then(|r| BASE64.decode(r.as_bytes()).ok())
            .and_then(|r| r.try_into().ok())
            .ok_or(NoteError::Form)?,
    };
    let name = name.ok_or(NoteError::Form)?;
    let signed = signatures.lines().any(|line| {
        let Some((who, signature)) = line
            .strip_prefix("\u{2014} ")
            .and_then(|l| l.split_once(' '))
        else {
            return false;
        };
        let Ok(bytes) = BASE64.decode(signature.as_bytes()) else {
            return false;
        };
        let Some((id, signature)) = bytes.split_first_chunk::<4>() else {
            return false;
        };
        let Ok(signature) = Signature::from_slice(signature) else {
            return false;
        };
        who == name
            && keys.iter().any(|k| {
                VerifyingKey::from_bytes(k).is_ok_and(|k| {
                    origin(&k) == name
                        && key_id(name, &k) == *id
                        && k.verify_strict(text.as_bytes(), &signature).is_ok()
                })
            })
    });
    if signed {
        Ok(head)
    } else {
        Err(NoteError::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_back_and_every_changed_byte_is_noticed() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let public = [key.verifying_key().to_bytes()];
        let head = Head {
            size: 4_711,
            root: [9; 32],
        };
        let note = sign(&key, head.size, &head.root, Timestamp(0));
        assert_eq!(read(&note, &public), Ok(head.clone()));
        let other = [SigningKey::from_bytes(&[4; 32]).verifying_key().to_bytes()];
        assert_eq!(read(&note, &other), Err(NoteError::Signature));
        for at in 0..note.len() {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1;
            // The last line break is the only byte that says nothing.
            if let Ok(text) = String::from_utf8(bytes)
                && at + 1 < note.len()
            {
                assert!(read(&text, &public).is_err(), "byte {at}");
            }
        }
        assert_eq!(read("", &public), Err(NoteError::Form));
    }
}
