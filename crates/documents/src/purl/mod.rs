//! Package URLs (ECMA-427): parsing, building, canonical form and comparison.
//!
//! A [`Purl`] is always normalised by the rules of its type, so that equality is equality of
//! packages as the specification means it. [`parse`] is strict; [`parse_lenient`] is for documents
//! of others: it takes what can be understood and says what was wrong.

mod encoding;
mod error;
mod types;

pub use error::PurlError;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use encoding::{decode, encode};

/// Longest purl that is read, in bytes.
pub const MAX_PURL_LENGTH: usize = 8192;

/// A package URL in canonical form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purl {
    ty: String,
    namespace: Option<String>,
    name: String,
    version: Option<String>,
    qualifiers: BTreeMap<String, String>,
    subpath: Option<String>,
}

/// The components from which a purl is built, none of them percent-encoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// Package type, for example `npm`.
    pub ty: String,
    /// Namespace; segments are separated by slashes.
    pub namespace: Option<String>,
    /// Name of the package.
    pub name: String,
    /// Version of the package.
    pub version: Option<String>,
    /// Qualifiers by key; empty values count as absent.
    pub qualifiers: Vec<(String, String)>,
    /// Path within the package.
    pub subpath: Option<String>,
}

/// How two purls relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The same in every component.
    Same,
    /// Type, namespace, name and version agree; qualifiers or subpath do not.
    SameVersion,
    /// Type, namespace and name agree; the version does not.
    SamePackage,
    /// Different packages.
    Different,
}

/// Reads a purl; what its type requires or prohibits is checked.
///
/// # Errors
/// Names the component that is wrong and the remedy.
pub fn parse(text: &str) -> Result<Purl, PurlError> {
    let (purl, mut issues) = parse_lenient(text)?;
    if issues.is_empty() {
        Ok(purl)
    } else {
        Err(issues.swap_remove(0))
    }
}

/// Reads a purl and returns, beside it, where it breaks the rules of its type.
///
/// # Errors
/// The text cannot be understood as a purl at all.
pub fn parse_lenient(text: &str) -> Result<(Purl, Vec<PurlError>), PurlError> {
    if text.len() > MAX_PURL_LENGTH {
        return Err(PurlError::TooLong { length: text.len() });
    }
    let (rest, subpath) = match text.rsplit_once('#') {
        Some((rest, subpath)) => (rest, Some(subpath)),
        None => (text, None),
    };
    let (rest, query) = match rest.rsplit_once('?') {
        Some((rest, query)) => (rest, Some(query)),
        None => (rest, None),
    };
    let Some((scheme, rest)) = rest.split_once(':') else {
        return Err(PurlError::NoScheme);
    };
    if !scheme.eq_ignore_ascii_case("pkg") {
        return Err(PurlError::NoScheme);
    }
    let rest = rest.trim_start_matches('/');
    let Some((ty, rest)) = rest.split_once('/') else {
        return Err(PurlError::NoType);
    };
    // An at sign that begins a segment before others is a scope, as in pkg:npm/@scope/name; any
    // other one is followed by the version, which may have slashes.
    let (path, version) = match rest.rsplit_once('@') {
        Some((path, version))
            if !version.contains('/') || !(path.is_empty() || path.ends_with('/')) =>
        {
            (path, Some(version))
        }
        _ => (rest, None),
    };
    // The name is what follows the last slash: if that is nothing, it is missing, and must not be
    // taken from the namespace.
    let (namespace, name) = match path.rsplit_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, path),
    };
    let mut parts = Parts {
        ty: ty.to_owned(),
        namespace: None,
        name: decode("name", name)?,
        version: version.map(|v| decode("version", v)).transpose()?,
        qualifiers: Vec::new(),
        subpath: None,
    };
    if let Some(namespace) = namespace {
        parts.namespace = Some(segments("namespace", namespace, |segment| {
            !segment.is_empty()
        })?);
    }
    if let Some(subpath) = subpath {
        let kept = |segment: &str| !matches!(segment, "" | "." | "..");
        parts.subpath = Some(segments("subpath", subpath, kept)?);
    }
    for pair in query.into_iter().flat_map(|query| query.split('&')) {
        if pair.is_empty() {
            continue;
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        parts
            .qualifiers
            .push((key.to_owned(), decode("qualifier", value)?));
    }
    assemble(parts, true)
}

/// Builds a purl from its components.
///
/// # Errors
/// Names the component that is wrong and the remedy.
pub fn build(parts: Parts) -> Result<Purl, PurlError> {
    let (purl, mut issues) = assemble(parts, false)?;
    if issues.is_empty() {
        Ok(purl)
    } else {
        Err(issues.swap_remove(0))
    }
}

/// Builds a purl and returns, beside it, where it breaks the rules of its type.
///
/// # Errors
/// The components cannot be a purl at all.
pub fn build_lenient(parts: Parts) -> Result<(Purl, Vec<PurlError>), PurlError> {
    assemble(parts, false)
}

fn segments(
    component: &'static str,
    text: &str,
    kept: impl Fn(&str) -> bool,
) -> Result<String, PurlError> {
    let mut joined = String::new();
    for segment in text.split('/').filter(|segment| kept(segment)) {
        let decoded = decode(component, segment)?;
        // The subpath a/%2E%2E/b must not climb either.
        if !kept(&decoded) || decoded.contains('/') {
            return Err(PurlError::Segment {
                component,
                segment: segment.to_owned(),
            });
        }
        if !joined.is_empty() {
            joined.push('/');
        }
        joined.push_str(&decoded);
    }
    Ok(joined)
}

fn assemble(parts: Parts, parsed: bool) -> Result<(Purl, Vec<PurlError>), PurlError> {
    let valid_type = parts.ty.starts_with(|c: char| c.is_ascii_alphabetic())
        && parts
            .ty
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    if parts.ty.is_empty() {
        return Err(PurlError::NoType);
    }
    if !valid_type {
        return Err(PurlError::Type { ty: parts.ty });
    }
    let filled = |text: Option<String>| {
        let text = text?;
        let trimmed = text.trim_matches('/');
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    };
    let name = parts.name.trim_matches('/');
    if name.is_empty() {
        return Err(PurlError::NoName);
    }
    let mut purl = Purl {
        ty: parts.ty.to_ascii_lowercase(),
        namespace: filled(parts.namespace),
        name: name.to_owned(),
        version: parts.version.filter(|version| !version.is_empty()),
        qualifiers: BTreeMap::new(),
        subpath: filled(parts.subpath).map(|subpath| {
            let kept = |segment: &&str| !matches!(*segment, "" | "." | "..");
            subpath
                .split('/')
                .filter(kept)
                .collect::<Vec<_>>()
                .join("/")
        }),
    };
    purl.subpath = purl.subpath.filter(|subpath| !subpath.is_empty());
    if purl
        .namespace
        .as_ref()
        .is_some_and(|namespace| namespace.contains("//"))
    {
        return Err(PurlError::Segment {
            component: "namespace",
            segment: String::new(),
        });
    }
    let mut issues = Vec::new();
    for (key, value) in parts.qualifiers {
        let valid_key = key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if !valid_key {
            return Err(PurlError::Key { key });
        }
        let lower = key.to_ascii_lowercase();
        // Common qualifiers may come in any case; those a type defines itself may not.
        if parsed && lower != key && types::defines_qualifier(&purl.ty, &lower) {
            issues.push(PurlError::KeyCase {
                key: key.clone(),
                right: lower.clone(),
            });
        }
        if value.is_empty() {
            continue;
        }
        if purl.qualifiers.insert(lower, value).is_some() {
            return Err(PurlError::DuplicateKey { key });
        }
    }
    types::normalise(&mut purl);
    issues.extend(types::check(&purl));
    Ok((purl, issues))
}

impl Purl {
    /// The package type in lower case.
    #[must_use]
    pub fn ty(&self) -> &str {
        &self.ty
    }

    /// The namespace, decoded, segments separated by slashes.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The name, decoded.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version, decoded.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The qualifiers, decoded, by key.
    #[must_use]
    pub fn qualifiers(&self) -> &BTreeMap<String, String> {
        &self.qualifiers
    }

    /// The path within the package, decoded.
    #[must_use]
    pub fn subpath(&self) -> Option<&str> {
        self.subpath.as_deref()
    }

    /// The canonical string.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.to_string()
    }

    /// Type, namespace and name: the package, whatever its version.
    #[must_use]
    pub fn package(&self) -> (&str, Option<&str>, &str) {
        (&self.ty, self.namespace.as_deref(), &self.name)
    }

    /// The same purl without version, as CVE records want it.
    #[must_use]
    pub fn without_version(&self) -> Self {
        Self {
            version: None,
            ..self.clone()
        }
    }

    /// Whether versions of a type are the same whatever their case: purls have them in small
    /// letters, other documents as they are.
    #[must_use]
    pub fn version_ignores_case(ty: &str) -> bool {
        types::version_ignores_case(ty)
    }

    /// The same purl with this version.
    #[must_use]
    pub fn with_version(&self, version: &str) -> Self {
        let mut purl = Self {
            version: Some(version.to_owned()).filter(|version| !version.is_empty()),
            ..self.clone()
        };
        types::normalise(&mut purl);
        purl
    }

    /// How this purl relates to another.
    #[must_use]
    pub fn relation(&self, other: &Self) -> Relation {
        if self == other {
            Relation::Same
        } else if self.package() != other.package() {
            Relation::Different
        } else if self.version == other.version {
            Relation::SameVersion
        } else {
            Relation::SamePackage
        }
    }
}

impl FromStr for Purl {
    type Err = PurlError;

    fn from_str(text: &str) -> Result<Self, PurlError> {
        parse(text)
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}/", self.ty)?;
        for segment in self.namespace.iter().flat_map(|n| n.split('/')) {
            write!(f, "{}/", encode(segment))?;
        }
        if types::name_has_segments(&self.ty) {
            let segments = self.name.split('/').map(encode).collect::<Vec<_>>();
            f.write_str(&segments.join("/"))?;
        } else {
            f.write_str(&encode(&self.name))?;
        }
        if let Some(version) = &self.version {
            write!(f, "@{}", encode(version))?;
        }
        let mut sign = '?';
        for (key, value) in &self.qualifiers {
            write!(f, "{sign}{key}={}", encode(value))?;
            sign = '&';
        }
        let mut sign = '#';
        for segment in self.subpath.iter().flat_map(|s| s.split('/')) {
            write!(f, "{sign}{}", encode(segment))?;
            sign = '/';
        }
        Ok(())
    }
}
