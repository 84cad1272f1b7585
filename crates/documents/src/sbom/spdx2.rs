//! What SPDX 2 says alike in each of its serialisations: values that assert nothing, names of
//! algorithms, kinds of relationships, and which package a document describes.

use super::{Component, Format, Sbom, Sink};

pub(super) const VERSIONS: &[&str] = &["SPDX-2.2", "SPDX-2.3"];
/// How the document names itself.
pub(super) const DOCUMENT: &str = "SPDXRef-DOCUMENT";

/// Most packages that are remembered until it is known which one the document describes, and most
/// bytes of one. A package behind them is described by reference only.
const REMEMBERED: usize = 4096;
const LARGEST: usize = 4096;
/// Most references of described elements that are kept.
const DESCRIBED: usize = 64;

/// Hands on what is met, and finds the subject among it.
pub(super) struct Gathered<'s> {
    sink: &'s mut dyn Sink,
    pub(super) sbom: Sbom,
    remembered: Vec<Component>,
}

impl<'s> Gathered<'s> {
    pub(super) fn new(format: Format, sink: &'s mut dyn Sink) -> Self {
        Self {
            sink,
            sbom: Sbom::of(format),
            remembered: Vec::new(),
        }
    }

    pub(super) fn package(&mut self, package: Component) {
        self.sbom.components += 1;
        if self.remembered.len() < REMEMBERED && weight(&package) <= LARGEST {
            self.remembered.push(package.clone());
        } else if let Some(reference) = &package.reference
            && self.sbom.subject.is_none()
            && self.sbom.describes.contains(reference)
        {
            self.sbom.subject = Some(package.clone());
        }
        self.sink.component(package);
    }

    pub(super) fn describes(&mut self, reference: &str) {
        let known = self.sbom.describes.iter().any(|known| known == reference);
        if !known && self.sbom.describes.len() < DESCRIBED {
            self.sbom.describes.push(reference.to_owned());
        }
    }

    /// Takes a relationship. What neither depends nor holds is passed over.
    pub(super) fn related(&mut self, from: &str, kind: &str, to: &str) {
        match (kind, direction(kind)) {
            ("DESCRIBES", _) if from == DOCUMENT => self.describes(to),
            ("DESCRIBED_BY", _) if to == DOCUMENT => self.describes(from),
            (_, Some(Direction::Forward)) => self.depends(from, to),
            (_, Some(Direction::Inverse)) => self.depends(to, from),
            _ => {}
        }
    }

    fn depends(&mut self, from: &str, on: &str) {
        // NONE and NOASSERTION say that there is nothing, or that nobody looked.
        if asserted(on).is_some() && asserted(from).is_some() {
            self.sbom.dependencies += 1;
            self.sink.dependency(from.to_owned(), vec![on.to_owned()]);
        }
    }

    pub(super) fn done(mut self) -> Sbom {
        let remembered = &mut self.remembered;
        let first = self.sbom.describes.iter().find_map(|described| {
            remembered
                .iter()
                .position(|package| package.reference.as_ref() == Some(described))
        });
        if let Some(first) = first {
            self.sbom.subject = Some(remembered.swap_remove(first));
        }
        self.sbom
    }
}

enum Direction {
    Forward,
    Inverse,
}

/// Whether `A kind B` makes B a part of A, or A of B (SPDX 2.3, 11.1). Tools of the build and
/// what was made from what are not parts.
fn direction(kind: &str) -> Option<Direction> {
    match kind {
        "DEPENDS_ON" | "CONTAINS" | "DYNAMIC_LINK" | "STATIC_LINK" | "HAS_PREREQUISITE" => {
            Some(Direction::Forward)
        }
        "CONTAINED_BY" | "PREREQUISITE_FOR" | "OPTIONAL_COMPONENT_OF" | "PACKAGE_OF" => {
            Some(Direction::Inverse)
        }
        _ if kind == "DEPENDENCY_OF" || kind.ends_with("_DEPENDENCY_OF") => {
            Some(Direction::Inverse)
        }
        _ => None,
    }
}

/// How much of memory a component takes, roughly.
fn weight(c: &Component) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    c.name.len()
        + [&c.reference, &c.version, &c.purl, &c.cpe, &c.supplier]
            .into_iter()
            .map(length)
            .sum::<usize>()
        + c.hashes.iter().map(|h| 64 + h.1.len()).sum::<usize>()
        + c.licences
            .iter()
            .chain(&c.also)
            .map(|t| 24 + t.len())
            .sum::<usize>()
}

/// A value, unless it says that nothing is said.
pub(super) fn asserted(value: &str) -> Option<&str> {
    let value = value.trim();
    (!matches!(value, "" | "NOASSERTION" | "NONE")).then_some(value)
}

/// The name of a party that came as `Organization: Name (address)`.
pub(super) fn party(value: &str) -> Option<String> {
    let value = asserted(value)?;
    let name = ["Organization:", "Person:"]
        .iter()
        .find_map(|kind| value.strip_prefix(kind))
        .unwrap_or(value)
        .trim();
    let name = match name.rsplit_once('(') {
        Some((name, mail)) if mail.ends_with(')') && !name.trim().is_empty() => name.trim(),
        _ => name,
    };
    asserted(name).map(str::to_owned)
}

/// Whether a creator is somebody, and not only a tool.
pub(super) fn is_author(creator: &str) -> bool {
    !creator.trim_start().starts_with("Tool:") && party(creator).is_some()
}

/// CycloneDX's name for an algorithm: `SHA256` and `sha256` are both `SHA-256`.
pub(super) fn algorithm(name: &str) -> String {
    let upper = name.trim().to_ascii_uppercase().replace('_', "-");
    match upper.strip_prefix("SHA") {
        Some(bits @ ("1" | "224" | "256" | "384" | "512")) => format!("SHA-{bits}"),
        _ => upper
            .strip_prefix("BLAKE2B")
            .map_or_else(|| upper.clone(), |bits| format!("BLAKE2b{bits}")),
    }
}

/// Takes an external reference of a package, if it is an identifier.
pub(super) fn identifier(package: &mut Component, kind: &str, locator: &str) {
    let kind = kind.rsplit(['/', '#']).next().unwrap_or(kind);
    let place = match kind {
        "purl" => &mut package.purl,
        "cpe22Type" | "cpe23Type" => &mut package.cpe,
        _ => return,
    };
    let locator = locator.trim().to_owned();
    if place.is_none() {
        *place = Some(locator);
    } else if place.as_ref() != Some(&locator) {
        package.also.push(locator);
    }
}

/// Takes a licence, declared or concluded.
pub(super) fn licence(package: &mut Component, value: &str) {
    if let Some(value) = asserted(value)
        && !package.licences.iter().any(|known| known == value)
    {
        package.licences.push(value.to_owned());
    }
}

/// The word for the kind of a package: its purpose, or that it is a package.
pub(super) fn kind(purpose: Option<&str>) -> String {
    purpose.and_then(asserted).map_or_else(
        || "package".to_owned(),
        |purpose| {
            let mut word = String::new();
            let mut small = false;
            for letter in purpose.chars() {
                // SPDX 2 shouts OPERATING_SYSTEM, SPDX 3 writes operatingSystem.
                if small && letter.is_ascii_uppercase() {
                    word.push('-');
                }
                small = letter.is_ascii_lowercase();
                word.push(if letter == '_' {
                    '-'
                } else {
                    letter.to_ascii_lowercase()
                });
            }
            word
        },
    )
}
