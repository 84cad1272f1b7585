//! A stream of bytes sealed in chunks (the STREAM construction over XChaCha20-Poly1305): no chunk
//! can be changed, left out, doubled, moved or cut off, and memory does not follow the size.

use crate::error::StoreError;
use crate::random::Random;
use chacha20poly1305::aead::KeyInit;
use chacha20poly1305::aead::stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::{Key, XChaCha20Poly1305};
use std::io::{Error, ErrorKind, Read, Write};
use zeroize::Zeroizing;

/// Plain bytes of one chunk.
const CHUNK: usize = 64 * 1024;
/// What the cipher adds to a chunk.
const TAG: usize = 16;
/// Bytes of the stream's nonce.
const NONCE: usize = 19;

fn broken(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

/// Seals what is written to it.
pub(crate) struct SealedWriter<W: Write> {
    out: W,
    cipher: EncryptorBE32<XChaCha20Poly1305>,
    buffer: Zeroizing<Vec<u8>>,
}

impl<W: Write> SealedWriter<W> {
    pub(crate) fn new(mut out: W, key: &[u8; 32], random: &Random) -> Result<Self, StoreError> {
        let nonce = random.bytes::<NONCE>();
        out.write_all(&nonce)
            .map_err(|e| StoreError::file("writing a sealed file", e))?;
        let cipher = XChaCha20Poly1305::new(Key::from_slice(key));
        Ok(Self {
            out,
            cipher: EncryptorBE32::from_aead(cipher, (&nonce).into()),
            buffer: Zeroizing::new(Vec::with_capacity(CHUNK)),
        })
    }

    /// Writes the last chunk, which says that it is the last.
    pub(crate) fn finish(mut self) -> Result<W, StoreError> {
        let last = self
            .cipher
            .encrypt_last(self.buffer.as_slice())
            .map_err(|_| StoreError::Database("sealing failed".to_owned()))?;
        self.out
            .write_all(&last)
            .and_then(|()| self.out.flush())
            .map_err(|e| StoreError::file("writing a sealed file", e))?;
        Ok(self.out)
    }
}

impl<W: Write> Write for SealedWriter<W> {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        // A full chunk goes out when more follows, so that the last one is never empty by accident.
        if self.buffer.len() == CHUNK && !data.is_empty() {
            let sealed = self
                .cipher
                .encrypt_next(self.buffer.as_slice())
                .map_err(|_| broken("sealing failed"))?;
            self.buffer.clear();
            self.out.write_all(&sealed)?;
        }
        let take = (CHUNK - self.buffer.len()).min(data.len());
        self.buffer
            .extend_from_slice(data.get(..take).unwrap_or_default());
        Ok(take)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// Opens what [`SealedWriter`] made. Hands out nothing that does not authenticate, and an end only
/// where the writer ended.
pub(crate) struct SealedReader<R: Read> {
    input: R,
    cipher: Option<DecryptorBE32<XChaCha20Poly1305>>,
    /// Sealed bytes that were read ahead: one more than a chunk tells that it is not the last.
    ahead: Vec<u8>,
    plain: Zeroizing<Vec<u8>>,
    at: usize,
}

impl<R: Read> SealedReader<R> {
    pub(crate) fn new(mut input: R, key: &[u8; 32]) -> std::io::Result<Self> {
        let mut nonce = [0; NONCE];
        input.read_exact(&mut nonce)?;
        let cipher = XChaCha20Poly1305::new(Key::from_slice(key));
        Ok(Self {
            input,
            cipher: Some(DecryptorBE32::from_aead(cipher, (&nonce).into())),
            ahead: Vec::new(),
            plain: Zeroizing::new(Vec::new()),
            at: 0,
        })
    }

    fn next_chunk(&mut self) -> std::io::Result<()> {
        let wanted = CHUNK + TAG + 1;
        let missing = wanted.saturating_sub(self.ahead.len());
        self.input
            .by_ref()
            .take(u64::try_from(missing).unwrap_or(0))
            .read_to_end(&mut self.ahead)?;
        let refused = || broken("does not authenticate");
        let plain = if self.ahead.len() == wanted {
            let cipher = self.cipher.as_mut().ok_or_else(refused)?;
            let rest = self.ahead.split_off(CHUNK + TAG);
            let chunk = std::mem::replace(&mut self.ahead, rest);
            cipher.decrypt_next(chunk.as_slice())
        } else {
            let cipher = self.cipher.take().ok_or_else(refused)?;
            cipher.decrypt_last(std::mem::take(&mut self.ahead).as_slice())
        };
        self.plain = Zeroizing::new(plain.map_err(|_| refused())?);
        self.at = 0;
        Ok(())
    }
}

impl<R: Read> Read for SealedReader<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.at == self.plain.len() {
            if self.cipher.is_none() {
                return Ok(0);
            }
            self.next_chunk()?;
        }
        let rest = self.plain.get(self.at..).unwrap_or_default();
        let take = rest.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..take), rest.get(..take)) {
            to.copy_from_slice(from);
        }
        self.at += take;
        Ok(take)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use rand::SeedableRng;

    const KEY: [u8; 32] = [5; 32];

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let random = Random::new(rand_chacha::ChaCha20Rng::seed_from_u64(3));
        let mut writer = SealedWriter::new(Vec::new(), &KEY, &random).unwrap();
        writer.write_all(plain).unwrap();
        writer.finish().unwrap()
    }

    fn opened(sealed: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        SealedReader::new(sealed, &KEY)?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn what_was_sealed_opens_at_every_boundary() {
        for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7] {
            let plain: Vec<u8> = (0..len).map(|n| u8::try_from(n % 251).unwrap()).collect();
            assert_eq!(opened(&sealed(&plain)).unwrap(), plain, "{len}");
        }
    }

    #[test]
    fn cut_swapped_and_changed_streams_are_refused() {
        let whole = sealed(&vec![1; 3 * CHUNK]);
        let piece = CHUNK + TAG;
        for len in [
            0,
            NONCE,
            NONCE + 5,
            NONCE + piece,
            NONCE + 2 * piece,
            whole.len() - 1,
        ] {
            assert!(opened(&whole[..len]).is_err(), "cut at {len}");
        }
        let mut swapped = whole.clone();
        let (first, second) = swapped[NONCE..].split_at_mut(piece);
        first.swap_with_slice(&mut second[..piece]);
        assert!(opened(&swapped).is_err());
        for at in [0, NONCE, NONCE + piece, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(opened(&changed).is_err(), "byte {at}");
        }
        assert!(opened(&[whole.as_slice(), b"x"].concat()).is_err());
    }
}
