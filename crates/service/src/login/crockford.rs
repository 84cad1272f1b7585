//! Symbols of five bits that people can read out and type: Crockford's base 32. Used for codes
//! that a person keeps on paper. Knows nothing of what a code opens.

use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Longest text that is looked at; a code with any sensible separators is far shorter.
const LONGEST: usize = 256;

/// Why a typed code cannot be one. It never repeats what was typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CodeError {
    /// Too few or too many symbols.
    #[error("the code has {expected} letters and digits; check that all groups are there")]
    Length {
        /// How many there must be.
        expected: usize,
    },
    /// A character that no code has.
    #[error(
        "character {position} cannot be part of a code; a code has digits and letters without U"
    )]
    Symbol {
        /// Place in the typed text, from 1.
        position: usize,
    },
}

/// `N` random symbols: 5 bits each.
pub(crate) fn generate<const N: usize>(rng: &mut impl rand::CryptoRng) -> Zeroizing<[u8; N]> {
    let mut symbols = Zeroizing::new([0u8; N]);
    rng.fill_bytes(symbols.as_mut());
    for symbol in symbols.iter_mut() {
        *symbol &= 31;
    }
    symbols
}

/// The symbols in groups of four with dashes.
pub(crate) fn grouped(symbols: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(symbols.len() + symbols.len() / 4));
    for (at, symbol) in symbols.iter().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(
            *ALPHABET.get(usize::from(*symbol)).unwrap_or(&b'0'),
        ));
    }
    text
}

/// Reads what a person typed: either case, spaces and dashes anywhere, `O` for 0, `I` and `L`
/// for 1.
pub(crate) fn parse<const N: usize>(text: &str) -> Result<Zeroizing<[u8; N]>, CodeError> {
    let mut symbols = Zeroizing::new([0u8; N]);
    let mut found = 0;
    let wrong_length = CodeError::Length { expected: N };
    for (at, c) in text.chars().enumerate() {
        if at >= LONGEST {
            return Err(wrong_length);
        }
        if is_separator(c) {
            continue;
        }
        let value = value(c).ok_or(CodeError::Symbol { position: at + 1 })?;
        *symbols.get_mut(found).ok_or(wrong_length)? = value;
        found += 1;
    }
    if found == N {
        Ok(symbols)
    } else {
        Err(wrong_length)
    }
}

/// Spaces, and the dashes that word processors make out of a hyphen.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '_' | '.' | '\u{2010}'
                ..='\u{2015}' | '\u{2212}' | '\u{00ad}' | '\u{200b}' | '\u{feff}'
        )
}

fn value(c: char) -> Option<u8> {
    let upper = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let byte = u8::try_from(upper).ok()?;
    let at = ALPHABET.iter().position(|symbol| *symbol == byte)?;
    u8::try_from(at).ok()
}
