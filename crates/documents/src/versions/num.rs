//! Numbers of any length, as they occur in versions.

/// A decimal number. Values that fit 64 bits are kept as such, longer ones as their digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Num {
    Small(u64),
    // Length before digits: a longer number is a bigger one.
    Big(usize, String),
}

impl Num {
    pub(super) const ZERO: Self = Self::Small(0);

    /// The number, if the text is ASCII digits only.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Some(match text.parse() {
            Ok(small) => Self::Small(small),
            Err(_) => {
                let digits = text.trim_start_matches('0');
                match digits.parse() {
                    Ok(small) => Self::Small(small),
                    Err(_) => Self::Big(digits.len(), digits.to_owned()),
                }
            }
        })
    }

    pub(super) fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

/// Splits off the leading digits.
pub(super) fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at(end)
}
