//! Fixed phrases of the standard and their recorded translations, from the
//! technical committee's list of language specific translations.

/// What a phrase is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phrase {
    CveDescription,
    License,
    ProductDescription,
    ReasoningForSupersession,
    ReasoningForWithdrawal,
    SupersedingDocument,
    VulnerabilitySummary,
}

/// Whether phrases are English: the language is, or none is given.
pub(super) fn is_english(lang: Option<&str>) -> bool {
    lang.is_none_or(|lang| primary(lang) == "en")
}

/// The phrase in a language that is not English; `None` if no translation is
/// recorded.
pub(super) fn translated(lang: &str, phrase: Phrase) -> Option<&'static str> {
    (primary(lang) == "de").then_some(match phrase {
        Phrase::CveDescription => "CVE Beschreibung",
        Phrase::License => "Lizenz",
        Phrase::ProductDescription => "Produktbeschreibung",
        Phrase::ReasoningForSupersession => "Begründung für die Ersetzung",
        Phrase::ReasoningForWithdrawal => "Begründung für die Zurückziehung",
        Phrase::SupersedingDocument => "Ersetzendes Dokument",
        Phrase::VulnerabilitySummary => "Schwachstellenzusammenfassung",
    })
}

fn primary(lang: &str) -> String {
    lang.split('-')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase()
}
