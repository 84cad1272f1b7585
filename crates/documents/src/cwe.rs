//! The Common Weakness Enumeration: names, status and mapping advice of every
//! weakness in every published catalogue.
//!
//! Categories and views are no weaknesses and are not in the table. The table
//! is `assets/cwe/cwe.tsv`; `assets/README.md` names its source and licence.

use std::collections::HashMap;
use std::sync::LazyLock;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::read(include_str!("../assets/cwe/cwe.tsv")));

struct Catalogue {
    versions: Vec<&'static str>,
    /// When each version was published, as `2026-04-30`.
    published: Vec<&'static str>,
    weaknesses: HashMap<u32, Vec<Entry>>,
}

/// What the catalogues from `first` to `last` say.
struct Entry {
    first: usize,
    last: usize,
    weakness: Weakness,
}

/// How finished the catalogue holds an entry to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Important parts are missing.
    Incomplete,
    /// Under review.
    Draft,
    /// Reviewed, may still change.
    Usable,
    /// Not expected to change.
    Stable,
    /// Must not be used any more.
    Deprecated,
}

/// Whether vulnerabilities should be mapped to a weakness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MappingUsage {
    /// Yes.
    Allowed,
    /// After a look at the notes.
    AllowedWithReview,
    /// There is nearly always something better.
    Discouraged,
    /// No.
    Prohibited,
}

/// A weakness as one catalogue has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Weakness {
    /// The number after `CWE-`.
    pub id: u32,
    /// Its name.
    pub name: &'static str,
    /// Its status.
    pub status: Status,
    /// Mapping advice; catalogues before 4.11 give none.
    pub usage: Option<MappingUsage>,
}

impl Catalogue {
    fn read(text: &'static str) -> Self {
        let mut lines = text.lines();
        let (versions, published) = lines
            .next()
            .unwrap_or_default()
            .split(' ')
            .filter_map(|version| version.split_once('@'))
            .unzip();
        let mut weaknesses: HashMap<u32, Vec<Entry>> = HashMap::new();
        let mut last_name = "";
        for line in lines {
            let mut fields = line.split('\t');
            let mut next = || fields.next().unwrap_or_default();
            let (Ok(id), Ok(first), Ok(last)) = (next().parse(), next().parse(), next().parse())
            else {
                continue;
            };
            let status = match next() {
                "D" => Status::Draft,
                "S" => Status::Stable,
                "U" => Status::Usable,
                "X" => Status::Deprecated,
                _ => Status::Incomplete,
            };
            let usage = match next() {
                "A" => Some(MappingUsage::Allowed),
                "R" => Some(MappingUsage::AllowedWithReview),
                "C" => Some(MappingUsage::Discouraged),
                "P" => Some(MappingUsage::Prohibited),
                _ => None,
            };
            let name = match next() {
                "" => last_name,
                name => name,
            };
            last_name = name;
            weaknesses.entry(id).or_default().push(Entry {
                first,
                last,
                weakness: Weakness {
                    id,
                    name,
                    status,
                    usage,
                },
            });
        }
        Catalogue {
            versions,
            published,
            weaknesses,
        }
    }

    fn entries(&self, id: u32) -> &[Entry] {
        self.weaknesses.get(&id).map_or(&[], Vec::as_slice)
    }
}

/// The number of an id like `CWE-79`.
pub fn number(id: &str) -> Option<u32> {
    let digits = id.strip_prefix("CWE-")?;
    if digits.starts_with('0') || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// The published catalogue versions, oldest first.
pub fn versions() -> &'static [&'static str] {
    &CATALOGUE.versions
}

/// The newest catalogue version that was published on a day (`2026-01-31`) or
/// before; `None` before the first.
pub fn newest_on(day: &str) -> Option<&'static str> {
    let known = CATALOGUE
        .published
        .partition_point(|published| *published <= day);
    CATALOGUE.versions.get(known.checked_sub(1)?).copied()
}

/// A weakness as the newest catalogue that has it says.
pub fn weakness(id: u32) -> Option<&'static Weakness> {
    CATALOGUE.entries(id).last().map(|entry| &entry.weakness)
}

/// A weakness as one catalogue version says; `None` if that catalogue, or the
/// weakness in it, does not exist.
pub fn weakness_in(id: u32, version: &str) -> Option<&'static Weakness> {
    let index = CATALOGUE.versions.iter().position(|v| *v == version)?;
    CATALOGUE
        .entries(id)
        .iter()
        .find(|entry| (entry.first..=entry.last).contains(&index))
        .map(|entry| &entry.weakness)
}

/// Whether a catalogue of the 4.x line, the one in use since CSAF 2.0 exists,
/// has or had the weakness under this name.
pub fn is_name_since_4_0(id: u32, name: &str) -> bool {
    let Some(first) = CATALOGUE.versions.iter().position(|v| *v == "4.0") else {
        return false;
    };
    CATALOGUE
        .entries(id)
        .iter()
        .any(|entry| entry.last >= first && entry.weakness.name == name)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_whole() {
        assert_eq!(versions().first(), Some(&"1.0"));
        assert!(versions().contains(&"4.20"));
        assert!(CATALOGUE.weaknesses.len() > 950);
        assert_eq!(
            weakness(79).unwrap().name,
            "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')"
        );
        assert_eq!(weakness(16), None, "a category");
        assert_eq!(
            weakness_in(1023, "4.13").unwrap().usage,
            Some(MappingUsage::AllowedWithReview)
        );
        assert_eq!(weakness_in(79, "9.9"), None);
        assert_eq!(weakness_in(1023, "1.0"), None);
    }

    #[test]
    fn catalogues_have_their_day() {
        assert!(CATALOGUE.published.is_sorted());
        assert_eq!(newest_on("2024-01-21"), Some("4.13"));
        assert_eq!(newest_on("2026-04-29"), Some("4.19.1"));
        assert_eq!(newest_on("2026-04-30"), Some("4.20"));
        assert_eq!(newest_on("2000-01-01"), None);
    }

    #[test]
    fn ids_are_strict() {
        assert_eq!(number("CWE-79"), Some(79));
        for id in [
            "CWE-",
            "CWE-079",
            "cwe-79",
            "79",
            "CWE-+7",
            "CWE-99999999999",
        ] {
            assert_eq!(number(id), None, "{id}");
        }
    }
}
