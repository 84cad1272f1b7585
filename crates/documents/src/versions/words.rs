//! A version range in words, for people who never saw the notation.

use super::{Comparator, Range};

impl Range {
    /// The range in English: `before 4.1.9`, `from 1.0, before 2.0`, `all versions`.
    #[must_use]
    pub fn words(&self) -> String {
        if self.is_any() {
            return "all versions".to_owned();
        }
        // A beginning and the end that follows it are one part.
        let mut parts: Vec<String> = Vec::new();
        let mut begun = false;
        for constraint in self.constraints() {
            let version = &constraint.version;
            let (word, begins) = match constraint.comparator {
                Comparator::Equal => ("", false),
                Comparator::NotEqual => ("except ", false),
                Comparator::Less => ("before ", false),
                Comparator::LessOrEqual => ("up to ", false),
                Comparator::Greater => ("after ", true),
                Comparator::GreaterOrEqual => ("from ", true),
            };
            let ends = matches!(
                constraint.comparator,
                Comparator::Less | Comparator::LessOrEqual | Comparator::NotEqual
            );
            match parts.last_mut().filter(|_| begun && ends) {
                Some(part) => part.push_str(&format!(", {word}{version}")),
                None => parts.push(format!("{word}{version}")),
            }
            begun = begins || (begun && constraint.comparator == Comparator::NotEqual);
        }
        parts.join(" or ")
    }
}

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn ranges_are_said_in_words() {
        for (range, words) in [
            ("vers:generic/*", "all versions"),
            ("vers:generic/<4.1.9", "before 4.1.9"),
            ("vers:semver/<=4.1.9", "up to 4.1.9"),
            ("vers:semver/>=1.0.0", "from 1.0.0"),
            ("vers:semver/>1.0.0", "after 1.0.0"),
            ("vers:semver/1.2.3", "1.2.3"),
            ("vers:semver/1.2.3|1.2.5", "1.2.3 or 1.2.5"),
            ("vers:semver/>=1.0.0|<2.0.0", "from 1.0.0, before 2.0.0"),
            (
                "vers:semver/<1.0.0|>=2.0.0|!=2.0.5|<=2.1.0|3.0.0",
                "before 1.0.0 or from 2.0.0, except 2.0.5, up to 2.1.0 or 3.0.0",
            ),
            ("vers:semver/!=1.0.0", "except 1.0.0"),
        ] {
            let words_of = Range::parse(range).map(|r| r.words());
            assert_eq!(words_of.as_deref(), Ok(words), "{range}");
        }
    }
}
