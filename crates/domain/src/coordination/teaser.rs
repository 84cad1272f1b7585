//! What an invitation may say before its terms are signed: which component, which versions, that
//! there is something to talk about. Decision 5: an allow-list. Names that the inviter gives as
//! the component pass, and so do versions and the common words below; everything else does not,
//! because a word that describes the flaw is not in a list of harmless ones.

use crate::kinds::text_enum;

text_enum! {
    /// A line of an invitation.
    pub enum TeaserLine {
        /// The component's name.
        Component = "component", "component",
        /// Its versions.
        Versions = "versions", "versions",
        /// A note in common words.
        Note = "note", "note",
    }
}

/// A word that an invitation may not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Telling {
    /// In which line.
    pub line: TeaserLine,
    /// The word, in lower case.
    pub word: String,
}

/// Words that say nothing of a flaw.
const COMMON: &str = "a about above account add address after again all also am an and another \
    answer answers any anything are as ask asked asks at available be because been before below between both but by call can case \
    choose colleague colleagues come common component components confidential contact coordinate coordinated \
    coordinating coordination could date dates day days dear decide decline did discuss discussion do does done each earlier \
    either embargo end ends every few find first follow following follows for from full further get give \
    given gives go good had has have he hear hello help here his how however if in inform information into invitation \
    invite invited invites involve involved is it its join kind know known later latest learn least let library like line link list long look \
    made make makes many may maybe me meet meeting message might more most much must my name need needed needs \
    new next no none nor not note now of offer often on once one only open or order organisation other others our out \
    over own page part parties party people person phone please policy possible product products protocol public question \
    questions read ready reason receive regards release released releases reply request same say see send sent several share \
    shared ship shipped ships should sign signed since so some somebody something soon speak standard still such talk team tell \
    terms than thank thanks that the their them then there these they thing this those through time to today together \
    tomorrow two under until up upon us use used users uses using vendor vendors version versions very via wait want was we week weeks well were \
    what when where whether which while who whole whom whose why will with within without work works would write \
    year yes yet you your yours";

/// Words that tell of a flaw even as part of a name.
const TELLING: &[&str] = &[
    "bypass",
    "corruption",
    "cve",
    "cwe",
    "denial",
    "disclosure",
    "escalation",
    "execution",
    "exploit",
    "flaw",
    "injection",
    "leak",
    "overflow",
    "overread",
    "overwrite",
    "poc",
    "rce",
    "traversal",
    "trigger",
    "uaf",
    "underflow",
    "vulnerability",
    "vulnerable",
    "xss",
    "xxe",
];

/// The longest line of an invitation, in bytes.
pub const LONGEST: usize = 300;

/// The first word of an invitation that says more than it may.
///
/// # Errors
/// The word and its line.
pub fn check(component: &str, versions: &str, note: &str, names: &[&str]) -> Result<(), Telling> {
    let telling = |line, word: &str| Telling {
        line,
        word: word.to_owned(),
    };
    for word in words(component) {
        if is_telling(&word) {
            return Err(telling(TeaserLine::Component, &word));
        }
    }
    for word in words(versions) {
        let plain = matches!(
            word.as_str(),
            "and"
                | "to"
                | "up"
                | "before"
                | "after"
                | "from"
                | "all"
                | "versions"
                | "version"
                | "or"
                | "until"
                | "v"
        );
        if !plain && !is_version(&word) {
            return Err(telling(TeaserLine::Versions, &word));
        }
    }
    let mut named: Vec<String> = words(component).collect();
    named.extend(names.iter().flat_map(|n| words(n)));
    for word in words(note) {
        let known = COMMON.split_ascii_whitespace().any(|c| c == word)
            || named.contains(&word)
            || is_version(&word);
        if !known || is_telling(&word) {
            return Err(telling(TeaserLine::Note, &word));
        }
    }
    Ok(())
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '\''))
        .map(|w| w.trim_matches(['.', '\'']).to_lowercase())
        .filter(|w| !w.is_empty())
}

fn is_telling(word: &str) -> bool {
    TELLING
        .iter()
        .any(|t| word.contains(t) && (t.len() > 4 || word == *t))
}

/// Numbers with dots, and short suffixes such as `3.2rc1` or `1.1.1w`; years and weeks pass as well.
fn is_version(word: &str) -> bool {
    let word = word.strip_prefix('v').unwrap_or(word);
    let suffix = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let head = word.len() - suffix.len();
    // Four digits and more without a dot could be the number of a record.
    let number = word.get(..head).unwrap_or_default();
    let longest = number.split('.').map(str::len).max().unwrap_or_default();
    head > 0
        && longest <= 4
        && suffix.len() <= 4
        && suffix.chars().all(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn component_versions_and_common_words_pass() {
        let note = "We would like to talk with you about Lattice 3.2, which your products ship.";
        assert_eq!(
            check("Lattice TLS", "3.2 to 3.4, 1.1.1w", note, &[]),
            Ok(())
        );
        assert_eq!(check("zlib", "all versions before 1.3", "", &[]), Ok(()));
        assert_eq!(
            check("libfoo", "", "Alder asks for your answer.", &["Alder"]),
            Ok(())
        );
    }

    #[test]
    fn whatever_tells_of_the_flaw_is_named() {
        let word = |c: &str, v: &str, n: &str| check(c, v, n, &[]).unwrap_err().word;
        assert_eq!(
            word("Lattice", "3.2", "A buffer is read too far."),
            "buffer"
        );
        assert_eq!(word("Lattice", "3.2", "This is CVE-2026-12345."), "cve");
        assert_eq!(word("Lattice", "3.2", "See CWE-787."), "cwe");
        assert_eq!(word("Lattice overflow", "3.2", ""), "overflow");
        assert_eq!(word("Lattice", "3.2 handshake", ""), "handshake");
        assert_eq!(word("Lattice CVE-2026-1", "3.2", ""), "cve");
        assert_eq!(word("Lattice", "3.2", "remote parser"), "remote");
        assert_eq!(word("Lattice", "12345", ""), "12345");
    }
}
