//! The place of a value in a document, as a JSON pointer (RFC 6901).
//!
//! A path is a chain on the call stack: walking costs nothing, and text is
//! made only for findings.

use std::fmt;

/// A place, as seen from the place above it.
#[derive(Clone, Copy)]
pub(crate) enum Path<'p> {
    Root,
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Path<'_> {
    /// The place of a member.
    pub(crate) fn key<'q>(&'q self, key: &'q str) -> Path<'q> {
        Path::Key(self, key)
    }

    /// The second key on the way from the root, if the way begins with keys.
    pub(crate) fn second_key(&self) -> Option<&str> {
        match self {
            Path::Root => None,
            Path::Key(Path::Key(Path::Root, _), key) => Some(key),
            Path::Key(above, _) | Path::Index(above, _) => above.second_key(),
        }
    }

    /// The place of an item.
    pub(crate) fn index(&self, index: usize) -> Path<'_> {
        Path::Index(self, index)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Index(above, index) => write!(f, "{above}/{index}"),
            Path::Key(above, key) => {
                write!(f, "{above}/")?;
                for c in key.chars() {
                    match c {
                        '~' => f.write_str("~0")?,
                        '/' => f.write_str("~1")?,
                        c => write!(f, "{c}")?,
                    }
                }
                Ok(())
            }
        }
    }
}
