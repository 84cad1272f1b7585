//! Versions as people read them: ranges in the notation of machines become words, everything else
//! stays as it was typed.

use entente_documents::versions::Range;

/// What is meant by a field with versions.
pub fn words(typed: &str) -> String {
    if !typed.starts_with("vers:") {
        return typed.to_owned();
    }
    Range::parse_lenient(typed).map_or_else(|_| typed.to_owned(), |range| range.words())
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn only_ranges_become_words() {
        assert_eq!(words("vers:generic/<4.1.9"), "before 4.1.9");
        assert_eq!(words("4.1 and older"), "4.1 and older");
        assert_eq!(words("vers:what/<<"), "vers:what/<<");
    }
}
