//! Language tags (BCP 47) against the registry of subtags.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::LazyLock;

/// The registry, one kind a line; the source is named in `assets/README.md`.
static REGISTRY: LazyLock<Registry> =
    LazyLock::new(|| Registry::read(include_str!("../../assets/csaf/language/subtags.txt")));

#[derive(Default)]
struct Registry {
    languages: HashSet<&'static str>,
    /// The language that an extended language subtag must follow.
    extended: HashMap<&'static str, &'static str>,
    scripts: HashSet<&'static str>,
    regions: HashSet<&'static str>,
    variants: HashSet<&'static str>,
    grandfathered: HashSet<&'static str>,
}

impl Registry {
    fn read(text: &'static str) -> Self {
        let mut registry = Registry::default();
        for line in text.lines() {
            let mut words = line.split(' ');
            match words.next() {
                Some("language") => registry.languages = words.collect(),
                Some("extlang") => {
                    registry.extended = words.filter_map(|word| word.split_once(':')).collect();
                }
                Some("script") => registry.scripts = words.collect(),
                Some("region") => registry.regions = words.collect(),
                Some("variant") => registry.variants = words.collect(),
                Some("grandfathered") => registry.grandfathered = words.collect(),
                _ => {}
            }
        }
        registry
    }
}

/// What a language tag is made of, as far as tests ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Subtags that the registry does not have, with what they stand for.
    pub(crate) unknown: Vec<(&'static str, String)>,
    /// A subtag reserved for private use.
    pub(crate) private: Option<String>,
}

/// Takes a tag apart. Private-use codes exist, by definition.
pub(crate) fn inspect(tag: &str) -> Tag {
    let registry = &*REGISTRY;
    let lower = tag.to_ascii_lowercase();
    let mut found = Tag::default();
    if registry.grandfathered.contains(lower.as_str()) {
        return found;
    }
    let mut subtags = lower.split('-').peekable();
    let language = subtags.next().unwrap_or_default();
    if language == "x" {
        found.private = Some(lower.clone());
        return found;
    }
    if is_private_language(language) {
        found.private = Some(language.to_owned());
    } else if !registry.languages.contains(language) {
        found.unknown.push(("language", language.to_owned()));
    }
    while let Some(subtag) =
        subtags.next_if(|s| s.len() == 3 && s.bytes().all(|b| b.is_ascii_alphabetic()))
    {
        if registry.extended.get(subtag) != Some(&language) {
            found.unknown.push(("extended language", subtag.to_owned()));
        }
    }
    if let Some(script) =
        subtags.next_if(|s| s.len() == 4 && s.bytes().all(|b| b.is_ascii_alphabetic()))
    {
        if ("qaaa"..="qabx").contains(&script) {
            found.private.get_or_insert_with(|| script.to_owned());
        } else if !registry.scripts.contains(script) {
            found.unknown.push(("script", script.to_owned()));
        }
    }
    if let Some(region) = subtags.next_if(|s| {
        s.len() == 2 && s.bytes().all(|b| b.is_ascii_alphabetic())
            || s.len() == 3 && s.bytes().all(|b| b.is_ascii_digit())
    }) {
        if region == "aa"
            || region == "zz"
            || ("qm"..="qz").contains(&region)
            || ("xa"..="xz").contains(&region)
        {
            found.private.get_or_insert_with(|| region.to_owned());
        } else if !registry.regions.contains(region) {
            found.unknown.push(("region", region.to_owned()));
        }
    }
    while let Some(variant) = subtags.next_if(|s| s.len() >= 4) {
        if !registry.variants.contains(variant) {
            found.unknown.push(("variant", variant.to_owned()));
        }
    }
    // Extensions are not in the registry; what follows `x` is private.
    if subtags.any(|subtag| subtag == "x") {
        found.private.get_or_insert_with(|| "x".to_owned());
    }
    found
}

fn is_private_language(language: &str) -> bool {
    language.len() == 3 && ("qaa"..="qtz").contains(&language)
}

#[cfg(test)]
mod tests {
    use super::inspect;

    #[test]
    fn known_tags_have_nothing_unknown() {
        for tag in [
            "en",
            "de-DE",
            "zh-Hant-TW",
            "zh-yue-HK",
            "sl-rozaj-biske",
            "i-default",
            "i-mingo",
            "es-419",
            "de-CH-1996",
            "en-a-myext-b-another",
        ] {
            assert_eq!(inspect(tag).unknown, [], "{tag}");
            assert_eq!(inspect(tag).private, None, "{tag}");
        }
    }

    #[test]
    fn unknown_and_private_subtags_are_named() {
        assert_eq!(inspect("EZ").unknown, [("language", "ez".to_owned())]);
        assert_eq!(inspect("en-YY").unknown, [("region", "yy".to_owned())]);
        assert_eq!(inspect("de-yue").unknown.len(), 1);
        for tag in ["qtx", "x-klingon", "en-QM", "de-Qaaa", "en-x-b"] {
            assert!(inspect(tag).private.is_some(), "{tag}");
            assert_eq!(inspect(tag).unknown, [], "{tag}");
        }
    }
}
