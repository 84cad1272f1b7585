//! Text that may stand in a header of a mail: one line, nothing that steers.

/// Longest text of a header, in characters.
const LONGEST: usize = 200;

/// One line of text without control characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeaderText(String);

/// Why a text cannot stand in a header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HeaderError {
    /// A line break or another control character.
    #[error("character {position} is a line break or control character; a header is one line")]
    Control {
        /// Place of the character, from 1.
        position: usize,
    },
    /// Too long.
    #[error("the text is longer than {LONGEST} characters")]
    TooLong,
}

impl HeaderText {
    /// The text as it is, or a refusal.
    pub fn new(text: impl Into<String>) -> Result<Self, HeaderError> {
        let text = text.into();
        for (at, c) in text.chars().enumerate() {
            if at >= LONGEST {
                return Err(HeaderError::TooLong);
            }
            if steers(c) {
                return Err(HeaderError::Control { position: at + 1 });
            }
        }
        Ok(Self(text))
    }

    /// The text made fit: control characters become spaces, the end is cut. For what is public
    /// anyway, such as the title of an advisory, which must not stop a mail.
    pub fn clean(text: &str) -> Self {
        Self(clean(text, LONGEST))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One line out of any text, at most `longest` characters.
pub(super) fn clean(text: &str, longest: usize) -> String {
    let spaced = text.chars().map(|c| if steers(c) { ' ' } else { c });
    let cut: String = spaced.take(longest).collect();
    cut.split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Control characters of every kind, line and paragraph separators, and the marks that change
/// the direction of what follows.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
}

impl std::fmt::Display for HeaderText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_header_is_one_line() {
        for c in [
            '\r', '\n', '\0', '\u{b}', '\u{7f}', '\u{85}', '\u{2028}', '\u{202e}',
        ] {
            let error = HeaderText::new(format!("ab{c}Bcc: x@example.org")).unwrap_err();
            assert_eq!(error, HeaderError::Control { position: 3 });
        }
        assert_eq!(HeaderText::new("Möwe 🐦").unwrap().as_str(), "Möwe 🐦");
        assert_eq!(HeaderText::new("x".repeat(201)), Err(HeaderError::TooLong));
        assert_eq!(HeaderText::clean(" a\r\nBcc:  b ").as_str(), "a Bcc: b");
    }

    proptest! {
        #[test]
        fn what_is_cleaned_is_accepted(text: String) {
            let clean = HeaderText::clean(&text);
            prop_assert_eq!(HeaderText::new(clean.as_str()), Ok(clean));
        }
    }
}
