//! The registry of vulnerability ID systems (RVISC): systems and the form of
//! their ids.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

static SYSTEMS: LazyLock<Vec<System>> =
    LazyLock::new(|| read(include_str!("../../../assets/csaf/2.1/id_systems.json")));

/// A registered system.
pub(in crate::csaf) struct System {
    name: String,
    /// What its ids look like.
    pub(in crate::csaf) pattern: Regex,
}

/// The system of a name.
pub(in crate::csaf) fn registered(name: &str) -> Option<&'static System> {
    SYSTEMS.iter().find(|system| system.name == name)
}

fn read(text: &str) -> Vec<System> {
    #[derive(Deserialize)]
    struct Registry {
        entries: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        system_name: String,
        text_pattern: String,
    }
    serde_json::from_str::<Registry>(text)
        .map(|registry| registry.entries)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|entry| {
            Some(System {
                name: entry.system_name,
                pattern: Regex::new(&entry.text_pattern.replace("\\d", "[0-9]")).ok()?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_reads_whole() {
        assert_eq!(SYSTEMS.len(), 2);
        assert!(
            registered("https://euvd.enisa.europa.eu")
                .is_some_and(|s| s.pattern.is_match("EUVD-2026-4660"))
        );
        assert!(registered("https://example.com").is_none());
    }
}
