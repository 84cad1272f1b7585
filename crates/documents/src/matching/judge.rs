//! Whether a rule holds for a version: the evaluation of OSV (schema 1.7, "Evaluation"), with a
//! third answer where nothing can be said.

use super::candidate::Candidate;
use super::rule::{Point, Ready, Rule, is_listed};
use super::scope::{Meeting, Scope};
use crate::record::{Event, Range};
use crate::versions::{Undecidable, Version};

/// Fixes that turn out to be affected again before none is told.
const MAX_FIXES: usize = 16;

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The version is affected.
    Affected(Affected),
    /// The version is not affected.
    NotAffected(NotAffected),
    /// It cannot be said.
    Undecided(Reason),
}

/// What makes a version affected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// By which part of the rule.
    pub by: By,
    /// The version in which it is fixed and which the rule does not call affected again.
    pub fixed_in: Option<String>,
}

/// The part of a rule that makes a version affected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A range.
    Range {
        /// Its place among the ranges of the rule.
        range: usize,
        /// The event that opened it before the version.
        from: Event,
        /// The event that closes it after the version; none: it stays open.
        until: Option<Event>,
    },
    /// The version is listed, as written here.
    Listed(String),
    /// Every version is affected.
    Every,
}

impl std::fmt::Display for By {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (from, until) = match self {
            Self::Range { from, until, .. } => (from.version(), until),
            Self::Listed(version) => return write!(f, "{version} is listed"),
            Self::Every => return f.write_str("every version"),
        };
        let first = from == "0";
        if !first {
            write!(f, "from {from}")?;
        }
        let comma = if first { "" } else { ", " };
        match until {
            Some(Event::LastAffected(last)) => write!(f, "{comma}up to {last}"),
            Some(end) => write!(f, "{comma}before {}", end.version()),
            None if first => f.write_str("every version"),
            None => Ok(()),
        }
    }
}

/// Why a version is not affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAffected {
    /// It is in no range and not listed.
    Outside,
    /// The advisory is about another release of the distribution.
    OtherScope,
    /// The advisory is about another package.
    OtherPackage,
}

/// Why nothing can be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The component has no version.
    #[error("the component has no version")]
    VersionMissing,
    /// The component's version is none of the order of the advisory.
    #[error("the component's version {0}")]
    VersionUnreadable(Undecidable),
    /// A version of the advisory is none of its order.
    #[error("the advisory's version {0}")]
    AdvisoryUnreadable(Undecidable),
    /// The order says nothing of these two.
    #[error("the versions {0}")]
    NotComparable(Undecidable),
    /// The order of the advisory's versions is not known.
    #[error("no order is known for versions of {0:?}")]
    NoOrder(String),
    /// The advisory names commits only.
    #[error("the advisory names commits, no versions")]
    GitOnly,
    /// The advisory names the package, and no version of it.
    #[error("the advisory names no version")]
    NoVersionNamed,
    /// A range of the advisory could not be read.
    #[error("a range of the advisory could not be read")]
    RangeUnread,
    /// The release of the distribution is not known.
    #[error("{}", scope_unknown(*component, *advisory))]
    ScopeUnknown {
        /// Of the component.
        component: bool,
        /// Of the advisory.
        advisory: bool,
    },
    /// The advisory is for a channel of the release, and whether the component comes from it is
    /// not known.
    #[error("the advisory is for the channel {0:?} of the release")]
    Channel(String),
}

fn scope_unknown(component: bool, advisory: bool) -> &'static str {
    match (component, advisory) {
        (true, false) => "the component does not say of which release it is",
        (false, true) => "the advisory does not say of which release it is",
        _ => "neither side says of which release it is",
    }
}

impl Reason {
    /// One word for it, by which reasons are counted.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::VersionMissing => "version-missing",
            Self::VersionUnreadable(_) => "version-unreadable",
            Self::AdvisoryUnreadable(_) => "advisory-unreadable",
            Self::NotComparable(_) => "not-comparable",
            Self::NoOrder(_) => "no-order",
            Self::GitOnly => "git-only",
            Self::NoVersionNamed => "no-version-named",
            Self::RangeUnread => "range-unread",
            Self::ScopeUnknown { .. } => "scope-unknown",
            Self::Channel(_) => "channel-unknown",
        }
    }
}

impl Verdict {
    /// The stronger of two about one component and one advisory, in this order: affected,
    /// undecided, not affected. Of two alike the first stays.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Affected(_), _) => self,
            (_, Self::Affected(_)) => other,
            (Self::Undecided(_), _) => self,
            (_, Self::Undecided(_)) => other,
            _ => self,
        }
    }
}

/// Judges a version of a package by a rule.
#[must_use]
pub fn judge(candidate: &Candidate, rule: &Rule) -> Verdict {
    let said = rule.said();
    if candidate.package() != &said.package {
        return Verdict::NotAffected(NotAffected::OtherPackage);
    }
    let uncertain = match candidate.scope().meets(&said.scope) {
        Meeting::Different => return Verdict::NotAffected(NotAffected::OtherScope),
        Meeting::Same => None,
        Meeting::Unknown {
            component,
            advisory,
        } => Some(Reason::ScopeUnknown {
            component,
            advisory,
        }),
        Meeting::Channel(channel) => Some(Reason::Channel(channel)),
    };
    match (by_versions(candidate, rule), uncertain) {
        // Wherever it belongs, the version is outside of what was named.
        (verdict, None) => verdict,
        (Verdict::NotAffected(why), Some(_)) => Verdict::NotAffected(why),
        (_, Some(reason)) => Verdict::Undecided(reason),
    }
}

fn by_versions(candidate: &Candidate, rule: &Rule) -> Verdict {
    match inside(candidate, rule) {
        Ok(Some(by)) => {
            let fixed_in = fix(candidate, rule, &by);
            Verdict::Affected(Affected { by, fixed_in })
        }
        Ok(None) => Verdict::NotAffected(NotAffected::Outside),
        Err(reason) => Verdict::Undecided(reason),
    }
}

// The version that ends the range, unless it is affected again: by another range that begins
// there, or by being listed. Then it is the end of that one, or there is none.
fn fix(candidate: &Candidate, rule: &Rule, by: &By) -> Option<String> {
    let mut by = by.clone();
    for _ in 0..MAX_FIXES {
        let By::Range {
            until: Some(Event::Fixed(version)),
            ..
        } = by
        else {
            return None;
        };
        let package = candidate.package().clone();
        let fixed = Candidate::new(package, Some(version.clone()), Scope::Everywhere);
        match inside(&fixed, rule) {
            Ok(None) => return Some(version),
            Ok(Some(again)) => by = again,
            Err(_) => return None,
        }
    }
    None
}

// By which part of the rule the version is affected, if it is; scopes have been compared.
fn inside(candidate: &Candidate, rule: &Rule) -> Result<Option<By>, Reason> {
    let said = rule.said();
    if said.every_version {
        return Ok(Some(By::Every));
    }
    let mut undecided = None;
    let mut compared = false;
    for (at, (range, ready)) in said.ranges.iter().zip(rule.ready()).enumerate() {
        if matches!(ready, Ready::Git) {
            continue;
        }
        compared = true;
        match in_range(candidate, range, ready) {
            Ok(Some((from, until))) => {
                return Ok(Some(By::Range {
                    range: at,
                    from,
                    until,
                }));
            }
            Ok(None) => {}
            Err(reason) => {
                undecided.get_or_insert(reason);
            }
        }
    }
    if !said.versions.is_empty() {
        compared = true;
        let text = candidate.version().ok_or(Reason::VersionMissing)?;
        let read = rule.listed().and_then(|(scheme, _)| candidate.read(scheme));
        let read = read.as_ref().and_then(|read| read.as_ref().as_ref().ok());
        if let Some(listed) = is_listed(rule, text, read) {
            return Ok(Some(By::Listed(listed)));
        }
    }
    if said.unread_ranges > 0 {
        undecided.get_or_insert(Reason::RangeUnread);
    }
    match undecided {
        Some(reason) => Err(reason),
        None if compared => Ok(None),
        // Nothing but commits, or nothing at all.
        None if !said.ranges.is_empty() => Err(Reason::GitOnly),
        None => Err(Reason::NoVersionNamed),
    }
}

type Ends = Option<(Event, Option<Event>)>;

// Where the version is inside of a range: the events around it.
fn in_range(candidate: &Candidate, range: &Range, ready: &Ready) -> Result<Ends, Reason> {
    let (scheme, points, limits) = match ready {
        Ready::Git => return Ok(None),
        Ready::NoOrder(name) => return Err(Reason::NoOrder(name.clone())),
        Ready::Unreadable(undecidable) => {
            return Err(Reason::AdvisoryUnreadable(undecidable.clone()));
        }
        Ready::Events {
            scheme,
            points,
            limits,
        } => (*scheme, points, limits),
    };
    let read = candidate.read(scheme).ok_or(Reason::VersionMissing)?;
    let version = match read.as_ref() {
        Ok(version) => version,
        Err(undecidable) => return Err(Reason::VersionUnreadable(undecidable.clone())),
    };
    if !before_limits(version, limits).map_err(Reason::NotComparable)? {
        return Ok(None);
    }
    let (opened, closes) = around(version, range, points).map_err(Reason::NotComparable)?;
    let event = |point: &Point| range.events.get(point.event).cloned();
    let from = opened.and_then(event);
    Ok(from.map(|from| (from, closes.and_then(event))))
}

fn before_limits(version: &Version, limits: &[Version]) -> Result<bool, Undecidable> {
    for limit in limits {
        if version.compare(limit)?.is_lt() {
            return Ok(true);
        }
    }
    Ok(limits.is_empty())
}

type Around<'a> = (Option<&'a Point>, Option<&'a Point>);

fn around<'a>(
    version: &Version,
    range: &Range,
    points: &'a [Point],
) -> Result<Around<'a>, Undecidable> {
    let (mut opened, mut closes) = (None, None);
    for point in points {
        let order = match &point.version {
            Some(at) => version.compare(at)?,
            None => std::cmp::Ordering::Greater,
        };
        match range.events.get(point.event) {
            Some(Event::Introduced(_)) if order.is_ge() => (opened, closes) = (Some(point), None),
            Some(Event::Fixed(_)) if order.is_ge() => (opened, closes) = (None, None),
            Some(Event::LastAffected(_)) if order.is_gt() => (opened, closes) = (None, None),
            Some(Event::Fixed(_) | Event::LastAffected(_)) if closes.is_none() => {
                closes = Some(point);
            }
            _ => {}
        }
    }
    Ok((opened, closes))
}
