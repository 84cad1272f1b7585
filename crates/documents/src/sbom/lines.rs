//! Lines of a text, one at a time, with their numbers and a bound on each.

use std::io::{BufRead, BufReader, Read};

use super::{Format, SbomError};

/// Longest line, in bytes.
const LONGEST: usize = 16 << 20;

pub(super) struct Lines<R> {
    inner: BufReader<R>,
    format: Format,
    /// The number of the line that was read last.
    pub(super) number: u64,
    bytes: Vec<u8>,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(source: R, format: Format) -> Self {
        Self {
            inner: BufReader::new(source),
            format,
            number: 0,
            bytes: Vec::new(),
        }
    }

    /// The next line without its end, if there is one.
    pub(super) fn next(&mut self) -> Result<Option<&str>, SbomError> {
        self.bytes.clear();
        let most = LONGEST as u64 + 1;
        let count = (&mut self.inner)
            .take(most)
            .read_until(b'\n', &mut self.bytes)?;
        if count == 0 {
            return Ok(None);
        }
        self.number += 1;
        if count > LONGEST {
            return Err(self.refused(format!("more than {LONGEST} bytes")));
        }
        match std::str::from_utf8(&self.bytes) {
            Ok(line) => Ok(Some(line.trim_end_matches(['\n', '\r']))),
            Err(error) => {
                Err(self.refused(format!("byte {} is no UTF-8", error.valid_up_to() + 1)))
            }
        }
    }

    /// A refusal at the line that was read last.
    pub(super) fn refused(&self, reason: impl Into<String>) -> SbomError {
        self.refused_at(self.number, reason)
    }

    /// A refusal at a line.
    pub(super) fn refused_at(&self, line: u64, reason: impl Into<String>) -> SbomError {
        SbomError::Text {
            format: self.format,
            line,
            reason: reason.into(),
        }
    }
}
