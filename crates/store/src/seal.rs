//! Sealing: XChaCha20-Poly1305 with random nonces. What a row says in clear is bound to what it
//! seals, so a changed column is as visible as a changed body (decision 18).

use crate::engine::Val;
use crate::error::StoreError;
use crate::random::Random;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

/// A key that seals content.
pub type ContentKey = Zeroizing<[u8; 32]>;

/// Seals `plain` under `key`, bound to `context`. The nonce stands before the sealed bytes.
pub fn seal(
    key: &[u8; 32],
    context: &[u8],
    plain: &[u8],
    random: &Random,
) -> Result<Vec<u8>, StoreError> {
    let nonce: [u8; 24] = random.bytes();
    let cipher = XChaCha20Poly1305::new(Key::from_slice(key));
    let sealed = cipher
        .encrypt(
            XNonce::from_slice(&nonce),
            Payload {
                msg: plain,
                aad: context,
            },
        )
        .map_err(|_| StoreError::Database("sealing failed".to_owned()))?;
    let mut out = Vec::with_capacity(24 + sealed.len());
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    Ok(out)
}

/// Opens what [`seal`] made; `None` if the key, the context or a byte is not the same.
pub fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.split_at_checked(24)?;
    XChaCha20Poly1305::new(Key::from_slice(key))
        .decrypt(
            XNonce::from_slice(nonce),
            Payload {
                msg: body,
                aad: context,
            },
        )
        .ok()
}

/// The context of a row: its table and its clear values, each with its type and length.
pub fn row_context(table: &str, clear: &[Val]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    let part = |out: &mut Vec<u8>, tag: u8, bytes: &[u8]| {
        out.push(tag);
        out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(bytes);
    };
    part(&mut out, b't', table.as_bytes());
    for value in clear {
        match value {
            Val::Null => part(&mut out, b'n', &[]),
            Val::Int(v) => part(&mut out, b'i', &v.to_be_bytes()),
            Val::Text(v) => part(&mut out, b's', v.as_bytes()),
            // SQLite gives ids back as bytes; both count as the same.
            Val::Bytes(v) => part(&mut out, b'b', v),
            Val::Id(v) => part(&mut out, b'b', v.as_bytes()),
        }
    }
    out
}

/// Seals a row's body together with its clear values.
pub fn seal_row(
    key: &[u8; 32],
    table: &str,
    clear: &[Val],
    body: &[u8],
    random: &Random,
) -> Result<Vec<u8>, StoreError> {
    seal(key, &row_context(table, clear), body, random)
}

/// Opens a row's body, or says which row is damaged.
pub fn open_row(
    key: &[u8; 32],
    table: &str,
    clear: &[Val],
    sealed: &[u8],
) -> Result<Vec<u8>, StoreError> {
    open(key, &row_context(table, clear), sealed)
        .ok_or_else(|| StoreError::Damaged(format!("a row of {table} does not authenticate")))
}

/// Wraps a content key for storage.
pub fn wrap_key(
    wrap: &[u8; 32],
    id: &[u8],
    key: &[u8; 32],
    random: &Random,
) -> Result<Vec<u8>, StoreError> {
    seal(wrap, id, key, random)
}

/// Unwraps a content key.
pub fn unwrap_key(wrap: &[u8; 32], id: &[u8], wrapped: &[u8]) -> Result<ContentKey, StoreError> {
    let plain =
        Zeroizing::new(open(wrap, id, wrapped).ok_or_else(|| {
            StoreError::Damaged("a wrapped key does not authenticate".to_owned())
        })?);
    <[u8; 32]>::try_from(plain.as_slice())
        .map(Zeroizing::new)
        .map_err(|_| StoreError::Damaged("a wrapped key has the wrong length".to_owned()))
}
