//! A bound on what a reader of JSON must hold at once. Knows JSON's strings and nothing more.

use std::io::{Error, ErrorKind, Read, Result};

/// Longest text of a document, in bytes.
const LONGEST: usize = 16 << 20;

/// Hands bytes on until a text is too long.
pub(super) struct Bounded<R> {
    inner: R,
    quoted: bool,
    escaped: bool,
    length: usize,
}

impl<R> Bounded<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            quoted: false,
            escaped: false,
            length: 0,
        }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.inner.read(buffer)?;
        for byte in buffer.iter().take(count) {
            // Numbers are held as text too; a token ends at whitespace or punctuation.
            let inside = self.quoted || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b',');
            self.length = if inside { self.length + 1 } else { 0 };
            if self.escaped {
                self.escaped = false;
            } else if *byte == b'"' {
                self.quoted = !self.quoted;
                self.length = 0;
            } else {
                self.escaped = self.quoted && *byte == b'\\';
            }
            if self.length > LONGEST {
                return Err(Error::new(
                    ErrorKind::InvalidData,
                    format!("a text of more than {LONGEST} bytes"),
                ));
            }
        }
        Ok(count)
    }
}
