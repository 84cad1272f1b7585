//! What an advisory says of one package, as it was published, and ready to be compared with.

use super::package::Package;
use super::scope::Scope;
use crate::purl::Purl;
use crate::record::{Event, Order, Range};
use crate::versions::{Comparison, Scheme, Undecidable, Version, sorted};

/// Events of one range that are brought into order where they are not; real ranges have tens.
const MAX_UNORDERED: usize = 1_000;

/// What an advisory says of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The package.
    pub package: Package,
    /// Where it holds.
    pub scope: Scope,
    /// The affected ranges, one for each that was published, their events in the published order.
    pub ranges: Vec<Range>,
    /// Single affected versions.
    pub versions: Vec<String>,
    /// Whether every version is affected, without any being named.
    pub every_version: bool,
    /// Ranges that were published and could not be read.
    pub unread_ranges: usize,
}

/// A [`Statement`] whose versions have been read. It is read once and asked often.
#[derive(Debug, Clone)]
pub struct Rule {
    said: Statement,
    ready: Vec<Ready>,
    // The order by which listed versions are the same.
    scheme: Option<Scheme>,
    listed: Vec<Version>,
}

/// A range whose versions have been read.
#[derive(Debug, Clone)]
pub(super) enum Ready {
    // Commits, of which a version says nothing.
    Git,
    // An order of this name, which is not known.
    NoOrder(String),
    // An event whose version is none of its order.
    Unreadable(Undecidable),
    // The events by their versions, and the limits.
    Events {
        scheme: Scheme,
        points: Vec<Point>,
        limits: Vec<Version>,
    },
}

/// An event of a range.
#[derive(Debug, Clone)]
pub(super) struct Point {
    // Its place in the range as published.
    pub(super) event: usize,
    // None is before every version.
    pub(super) version: Option<Version>,
}

impl Rule {
    /// Reads the versions of a statement. What cannot be read is kept, and said when asked.
    #[must_use]
    pub fn new(said: Statement) -> Self {
        let of_type = Scheme::from_name(said.package.ty());
        let ready = said
            .ranges
            .iter()
            .map(|range| made_ready(range, of_type))
            .collect();
        let listed = of_type.map_or_else(Vec::new, |scheme| {
            let read = |version: &String| read(scheme, version).ok();
            said.versions.iter().filter_map(read).collect()
        });
        Self {
            said,
            ready,
            scheme: of_type,
            listed,
        }
    }

    /// What was said.
    #[must_use]
    pub fn said(&self) -> &Statement {
        &self.said
    }

    /// The package it is about.
    #[must_use]
    pub fn package(&self) -> &Package {
        &self.said.package
    }

    pub(super) fn ready(&self) -> &[Ready] {
        &self.ready
    }

    pub(super) fn listed(&self) -> Option<(Scheme, &[Version])> {
        Some((self.scheme?, &self.listed))
    }
}

/// Reads a version, of a component or of an advisory. What only an order that was given up would
/// take for a version is none: a requirement in its place must not be placed before everything.
pub(super) fn read(scheme: Scheme, text: &str) -> Result<Version, Undecidable> {
    let version = Version::parse(scheme, text)?;
    match version.is_legacy() {
        false => Ok(version),
        true => Err(Undecidable {
            scheme,
            version: text.chars().take(100).collect(),
            reason: "it is no version by PEP 440",
        }),
    }
}

fn made_ready(range: &Range, of_type: Option<Scheme>) -> Ready {
    if range.order == Order::Git {
        return Ready::Git;
    }
    // An ecosystem that is not known by name still has the order of its purl type.
    let Some(scheme) = range.order.scheme().or(of_type) else {
        return Ready::NoOrder(range.order.name().to_owned());
    };
    match by_version(&range.events, scheme) {
        Ok((points, limits)) => Ready::Events {
            scheme,
            points,
            limits,
        },
        Err(undecidable) => Ready::Unreadable(undecidable),
    }
}

// The evaluation of OSV wants the events sorted by version.
fn by_version(events: &[Event], scheme: Scheme) -> Result<(Vec<Point>, Vec<Version>), Undecidable> {
    let (mut first, mut rest, mut limits) = (Vec::new(), Vec::new(), Vec::new());
    for (event, what) in events.iter().enumerate() {
        match what {
            Event::Introduced(version) if version == "0" => first.push(Point {
                event,
                version: None,
            }),
            // Without limit.
            Event::Limit(version) if version == "*" => {}
            Event::Limit(version) => limits.push(read(scheme, version)?),
            what => rest.push((event, read(scheme, what.version())?)),
        }
    }
    let unlimited = |event: &Event| matches!(event, Event::Limit(version) if version == "*");
    if events.iter().any(unlimited) {
        limits.clear();
    }
    let point = |(event, version)| Point {
        event,
        version: Some(version),
    };
    if !ascending(&rest)? {
        rest = arranged(rest, scheme)?;
    }
    first.extend(rest.into_iter().map(point));
    Ok((first, limits))
}

fn ascending(events: &[(usize, Version)]) -> Result<bool, Undecidable> {
    for pair in events.windows(2) {
        if let [(_, a), (_, b)] = pair
            && a.compare(b)?.is_gt()
        {
            return Ok(false);
        }
    }
    Ok(true)
}

fn arranged(
    mut events: Vec<(usize, Version)>,
    scheme: Scheme,
) -> Result<Vec<(usize, Version)>, Undecidable> {
    if events.len() > MAX_UNORDERED {
        return Err(Undecidable {
            scheme,
            version: format!("{} events", events.len()),
            reason: "they are not in order, and too many to be brought into one",
        });
    }
    let versions: Vec<Version> = events.iter().map(|(_, version)| version.clone()).collect();
    let mut all = Vec::with_capacity(events.len());
    for version in sorted(&versions)? {
        let is_it = |(_, event): &(usize, Version)| event.text() == version.text();
        if let Some(at) = events.iter().position(is_it) {
            all.push(events.remove(at));
        }
    }
    Ok(all)
}

/// Whether a listed version is this one: the same text, or the same by the scheme.
pub(super) fn is_listed(rule: &Rule, text: &str, read: Option<&Version>) -> Option<String> {
    let said = rule.said();
    let any_case = Purl::version_ignores_case(said.package.ty());
    let same_text =
        |listed: &&String| *listed == text || any_case && listed.eq_ignore_ascii_case(text);
    if let Some(listed) = said.versions.iter().find(same_text) {
        return Some(listed.clone());
    }
    let read = read?;
    let same = |listed: &&Version| {
        let comparison: Comparison = read.compare(listed).into();
        comparison == Comparison::Equal
    };
    let (_, listed) = rule.listed()?;
    listed
        .iter()
        .find(same)
        .map(|listed| listed.text().to_owned())
}
