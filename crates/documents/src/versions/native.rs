//! Ranges as the ecosystems write them, turned into VERS.

use super::range_error::RangeError;
use super::vers::{Comparator, Range};
use super::{Scheme, Version};

type Bound = (Comparator, String);
type Bounds = Result<Vec<Bound>, &'static str>;

/// Turns a native range (`^1.2.3 || >=2.0.1`) into a VERS range.
///
/// npm, Cargo, Conan, PyPI, RubyGems, NuGet, Maven and nginx notations are known.
///
/// # Errors
/// The text is no range of the scheme, or the scheme has no known notation.
pub fn from_native(scheme: Scheme, text: &str) -> Result<Range, RangeError> {
    let failed = |reason| RangeError::Native {
        range: text.chars().take(100).collect(),
        scheme,
        reason,
    };
    if text.len() > 16_384 {
        return Err(failed("it is too long"));
    }
    let bounds = match scheme {
        Scheme::Npm | Scheme::Cargo => {
            let all = |part: &str| matches!(part.trim(), "*" | "x" | "X" | "latest");
            if text.split("||").any(all) || text.trim().is_empty() {
                return Ok(Range::any(scheme.name()));
            }
            text.split("||").map(npm).collect::<Result<Vec<_>, _>>()
        }
        Scheme::Conan => text.split("||").map(conan).collect(),
        Scheme::Pypi => python(text).map(|bounds| vec![bounds]),
        Scheme::Gem => text.split(',').map(gem).collect(),
        Scheme::Nuget | Scheme::Maven => brackets(text),
        Scheme::Nginx => text.split(',').map(nginx).collect(),
        _ => Err("no notation of ranges is known for this scheme"),
    };
    let mut bounds = bounds.map_err(failed)?.concat();
    // Where one interval ends and the next begins at the same version, the end comes first. The
    // range sorts the rest and keeps that order.
    let upper = |bound: &Bound| matches!(bound.0, Comparator::Less | Comparator::LessOrEqual);
    bounds.sort_by_key(|bound| !upper(bound));
    Ok(Range::new(scheme.name(), bounds))
}

// A comparator in front of a version, blanks between them allowed.
fn sign(text: &str) -> (Option<Comparator>, &str) {
    let signs = [
        (">=", Comparator::GreaterOrEqual),
        ("<=", Comparator::LessOrEqual),
        ("!=", Comparator::NotEqual),
        ("===", Comparator::Equal),
        ("==", Comparator::Equal),
        ("<", Comparator::Less),
        (">", Comparator::Greater),
        ("=", Comparator::Equal),
    ];
    for (sign, comparator) in signs {
        if let Some(rest) = text.strip_prefix(sign) {
            return (Some(comparator), rest.trim_start());
        }
    }
    (None, text)
}

// Words of a set of comparators; a comparator that stands alone belongs to the next word.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split([' ', ',', '\t']).filter(|word| !word.is_empty()) {
        match words.last_mut() {
            Some(last) if last.chars().all(|c| "<>=~^!".contains(c)) => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
    }
    words
}

// The numbers of a version up to a placeholder, and what follows them.
struct Partial {
    numbers: Vec<u64>,
    wildcard: bool,
    rest: String,
}

fn partial(text: &str) -> Option<Partial> {
    let text = text.trim_start_matches(['v', '=']);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (main, rest) = text.split_at(end);
    let mut numbers = Vec::new();
    let mut wildcard = false;
    for part in main.split('.') {
        if matches!(part, "x" | "X" | "*") {
            wildcard = true;
        } else if wildcard {
            return None;
        } else {
            numbers.push(part.parse().ok()?);
        }
    }
    Some(Partial {
        numbers,
        wildcard,
        rest: rest.to_owned(),
    })
}

impl Partial {
    // The first three numbers, missing ones as zero.
    fn full(&self) -> String {
        let number = |at: usize| self.numbers.get(at).copied().unwrap_or(0).to_string();
        let mut all = [number(0), number(1), number(2)].join(".");
        for more in self.numbers.iter().skip(3) {
            all.push('.');
            all.push_str(&more.to_string());
        }
        all + &self.rest
    }

    // The version after all that share the first `kept` numbers.
    fn after(&self, kept: usize) -> Option<Vec<u64>> {
        let mut numbers: Vec<u64> = self.numbers.iter().copied().take(kept).collect();
        let last = numbers.last_mut()?;
        *last = last.checked_add(1)?;
        Some(numbers)
    }

    // How many numbers a caret keeps: up to the first that is not zero.
    fn caret(&self) -> usize {
        let zeros = self
            .numbers
            .iter()
            .take_while(|number| **number == 0)
            .count();
        (zeros + 1).min(self.numbers.len())
    }
}

fn padded(numbers: &[u64]) -> String {
    let number = |at: usize| numbers.get(at).copied().unwrap_or(0).to_string();
    [number(0), number(1), number(2)].join(".")
}

fn npm(text: &str) -> Bounds {
    const WRONG: &str = "a version has other parts than numbers and placeholders";
    if let Some((low, high)) = text.split_once(" - ") {
        let low = partial(low.trim()).ok_or(WRONG)?;
        let high = partial(high.trim()).ok_or(WRONG)?;
        let upper = match high.numbers.len() {
            0..3 => (
                Comparator::Less,
                padded(&high.after(high.numbers.len()).ok_or(WRONG)?),
            ),
            _ => (Comparator::LessOrEqual, high.full()),
        };
        return Ok(vec![(Comparator::GreaterOrEqual, low.full()), upper]);
    }
    let mut bounds = Vec::new();
    for word in words(text) {
        let kept = |version: &Partial, tilde: bool| match tilde {
            true => version.numbers.len().min(2),
            false => version.caret(),
        };
        let mut interval = |version: &Partial, kept: usize| {
            let upper = version.after(kept).ok_or(WRONG)?;
            bounds.push((Comparator::GreaterOrEqual, version.full()));
            bounds.push((Comparator::Less, padded(&upper)));
            Ok::<_, &'static str>(())
        };
        if let Some(version) = word.strip_prefix('~') {
            let version = partial(version.trim_start_matches('>')).ok_or(WRONG)?;
            interval(&version, kept(&version, true))?;
        } else if let Some(version) = word.strip_prefix('^') {
            let version = partial(version).ok_or(WRONG)?;
            interval(&version, kept(&version, false))?;
        } else {
            let (comparator, version) = sign(&word);
            let version = partial(version).ok_or(WRONG)?;
            // The official tests give a placeholder its width after any comparator.
            if version.wildcard {
                interval(&version, version.numbers.len())?;
            } else {
                bounds.push((comparator.unwrap_or(Comparator::Equal), version.full()));
            }
        }
    }
    Ok(bounds)
}

fn conan(text: &str) -> Bounds {
    const WRONG: &str = "a version after ~ or ^ does not begin with numbers";
    let text = text.split(", ").next().unwrap_or_default().trim();
    if matches!(text, "*" | "*-") {
        return Ok(vec![(Comparator::GreaterOrEqual, "0.0.0".to_owned())]);
    }
    let mut bounds = Vec::new();
    for word in words(text) {
        // A hyphen at the end asks for pre-releases, which VERS always includes.
        let word = word.strip_suffix('-').unwrap_or(&word);
        let (tilde, version) = match (word.strip_prefix('~'), word.strip_prefix('^')) {
            (Some(version), _) => (true, version),
            (_, Some(version)) => (false, version),
            _ => {
                let (comparator, version) = sign(word);
                if version.is_empty() {
                    return Err("a comparator has no version");
                }
                bounds.push((comparator.unwrap_or(Comparator::Equal), version.to_owned()));
                continue;
            }
        };
        let numbers = partial(version).ok_or(WRONG)?;
        let kept = match tilde {
            true => numbers.numbers.len().min(2),
            false => numbers.caret(),
        };
        let upper = numbers.after(kept).ok_or(WRONG)?;
        let upper: Vec<String> = upper.iter().map(u64::to_string).collect();
        bounds.push((Comparator::GreaterOrEqual, version.to_owned()));
        // Pre-releases of the next version are out, too.
        bounds.push((Comparator::Less, format!("{}-", upper.join("."))));
    }
    Ok(bounds)
}

fn python(text: &str) -> Bounds {
    let mut bounds = Vec::new();
    for word in text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        if let Some(version) = word.strip_prefix("~=") {
            let version = version.trim();
            let numbers = partial(version).ok_or("a version after ~= is not plain numbers")?;
            let kept = numbers.numbers.len().saturating_sub(1);
            let upper = numbers.after(kept).ok_or("~= needs at least two numbers")?;
            let upper: Vec<String> = upper.iter().map(u64::to_string).collect();
            bounds.push((Comparator::GreaterOrEqual, version.to_owned()));
            bounds.push((Comparator::Less, upper.join(".")));
            continue;
        }
        let (comparator, version) = sign(word);
        let comparator = comparator.ok_or("a version has no comparator")?;
        let version = version.trim_start_matches('=').trim();
        let Some(prefix) = version.strip_suffix(".*") else {
            bounds.push((comparator, version.to_owned()));
            continue;
        };
        let numbers = partial(prefix).ok_or("a prefix is not plain numbers")?;
        let upper = numbers.after(numbers.numbers.len());
        let upper: Vec<String> = upper.into_iter().flatten().map(|n| n.to_string()).collect();
        let (low, high) = match comparator {
            Comparator::Equal => (Comparator::GreaterOrEqual, Comparator::Less),
            _ => return Err("a prefix with .* follows another comparator than =="),
        };
        bounds.push((low, prefix.to_owned()));
        bounds.push((high, upper.join(".")));
    }
    Ok(bounds)
}

fn gem(text: &str) -> Bounds {
    let text = text.trim();
    if let Some(version) = text.strip_prefix("~>") {
        let version = version.trim();
        let numbers: Vec<u64> = version
            .split('.')
            .map_while(|part| part.parse().ok())
            .collect();
        let wrong = "a version after ~> does not begin with numbers";
        let (_, kept) = numbers.split_last().ok_or(wrong)?;
        let kept = if kept.is_empty() { &numbers[..] } else { kept };
        let (last, first) = kept.split_last().ok_or(wrong)?;
        let mut upper: Vec<String> = first.iter().map(u64::to_string).collect();
        upper.push(last.checked_add(1).ok_or(wrong)?.to_string());
        return Ok(vec![
            (Comparator::GreaterOrEqual, version.to_owned()),
            (Comparator::Less, upper.join(".")),
        ]);
    }
    let (comparator, version) = sign(text);
    if version.is_empty() {
        return Err("a comparator has no version");
    }
    Ok(vec![(
        comparator.unwrap_or(Comparator::Equal),
        version.to_owned(),
    )])
}

// [1.0,2.0) as NuGet and Maven write it; a version alone is the least one that will do.
fn brackets(text: &str) -> Result<Vec<Vec<Bound>>, &'static str> {
    const WRONG: &str = "an interval is not closed: write [1.0,2.0)";
    let mut intervals = Vec::new();
    let mut rest = text.trim();
    if !rest.starts_with(['[', '(']) {
        return Ok(vec![vec![(Comparator::GreaterOrEqual, rest.to_owned())]]);
    }
    while !rest.is_empty() {
        let end = rest.find([']', ')']).ok_or(WRONG)?;
        let (interval, after) = rest.split_at(end);
        let closes_in = after.starts_with(']');
        let opens_in = interval.starts_with('[');
        let body = interval.strip_prefix(['[', '(']).ok_or(WRONG)?;
        let mut bounds = Vec::new();
        match body.split_once(',') {
            Some((low, high)) => {
                let (low, high) = (low.trim(), high.trim());
                if !low.is_empty() {
                    let comparator = match opens_in {
                        true => Comparator::GreaterOrEqual,
                        false => Comparator::Greater,
                    };
                    bounds.push((comparator, low.to_owned()));
                }
                if !high.is_empty() {
                    let comparator = match closes_in {
                        true => Comparator::LessOrEqual,
                        false => Comparator::Less,
                    };
                    bounds.push((comparator, high.to_owned()));
                }
            }
            None if opens_in && closes_in && !body.trim().is_empty() => {
                bounds.push((Comparator::Equal, body.trim().to_owned()));
            }
            None => return Err("a single version stands in square brackets: [1.0]"),
        }
        intervals.push(bounds);
        rest = after
            .get(1..)
            .unwrap_or_default()
            .trim_start_matches([',', ' ']);
    }
    Ok(intervals)
}

// 1.4.1+ is 1.4.1 and later in the 1.4 series; 0.7.52-0.8.39 is an interval.
fn nginx(text: &str) -> Bounds {
    let text = text.trim();
    if let Some(version) = text.strip_suffix('+') {
        let numbers = partial(version).ok_or("a version is not plain numbers")?;
        let stable = numbers.numbers.get(1).is_some_and(|minor| minor % 2 == 0);
        let mut bounds = vec![(Comparator::GreaterOrEqual, version.to_owned())];
        if stable {
            let upper = numbers.after(2).ok_or("a version has no series")?;
            bounds.push((Comparator::Less, padded(&upper)));
        }
        return Ok(bounds);
    }
    if let Some((low, high)) = text.split_once('-') {
        let bound = |comparator, version: &str| (comparator, version.trim().to_owned());
        return Ok(vec![
            bound(Comparator::GreaterOrEqual, low),
            bound(Comparator::LessOrEqual, high),
        ]);
    }
    match Version::parse(Scheme::Nginx, text) {
        Ok(_) => Ok(vec![(Comparator::Equal, text.to_owned())]),
        Err(error) => Err(error.reason),
    }
}
