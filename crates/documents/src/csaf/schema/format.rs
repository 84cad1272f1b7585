//! The string formats that the advisory schemas name.

/// A point in time: seconds since 1970 in UTC and nanoseconds. A leap second
/// counts as the second after it would without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Instant {
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
}

/// Reads an RFC 3339 date and time; `None` for anything else.
pub(crate) fn instant(text: &str) -> Option<Instant> {
    let bytes = text.as_bytes();
    let digits = |from: usize, count: usize| -> Option<i64> {
        bytes
            .get(from..from + count)?
            .iter()
            .try_fold(0_i64, |sum, b| {
                b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0'))
            })
    };
    let expect = |at: usize, allowed: &[u8]| -> Option<()> {
        allowed.contains(bytes.get(at)?).then_some(())
    };
    let (year, month, day) = (digits(0, 4)?, digits(5, 2)?, digits(8, 2)?);
    let (hour, minute, second) = (digits(11, 2)?, digits(14, 2)?, digits(17, 2)?);
    expect(4, b"-")?;
    expect(7, b"-")?;
    expect(10, b"Tt")?;
    expect(13, b":")?;
    expect(16, b":")?;
    let mut at = 19;
    let mut nanos = 0_u32;
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        let start = at;
        let mut scale = 100_000_000_u32;
        while let Some(b) = bytes.get(at)
            && b.is_ascii_digit()
        {
            nanos += u32::from(b - b'0') * scale;
            scale /= 10;
            at += 1;
        }
        if at == start {
            return None;
        }
    }
    let offset = match bytes.get(at)? {
        b'Z' | b'z' => {
            at += 1;
            0
        }
        sign @ (b'+' | b'-') => {
            let (hours, minutes) = (digits(at + 1, 2)?, digits(at + 4, 2)?);
            expect(at + 3, b":")?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            at += 6;
            (hours * 3600 + minutes * 60) * if *sign == b'-' { -1 } else { 1 }
        }
        _ => return None,
    };
    if at != bytes.len() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    if day < 1 || day > days_in(year, month)? {
        return None;
    }
    let seconds =
        days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    if second == 60 && seconds.rem_euclid(86_400) != 0 {
        return None;
    }
    Some(Instant { seconds, nanos })
}

impl Instant {
    /// The day in UTC, as `2026-01-31`.
    pub(crate) fn day(self) -> String {
        // The days of a 400-year era, in years that begin in March.
        let days = self.seconds.div_euclid(86_400) + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        format!("{year:04}-{month:02}-{day:02}")
    }
}

fn days_in(year: i64, month: i64) -> Option<i64> {
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return None,
    })
}

/// Days from civil date, counted in years that begin in March.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = (month + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Whether a text is an absolute URI of RFC 3986.
pub(crate) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        || !scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    {
        return false;
    }
    let (rest, fragment) = match rest.split_once('#') {
        Some((rest, fragment)) => (rest, fragment),
        None => (rest, ""),
    };
    let (hierarchy, query) = match rest.split_once('?') {
        Some((hierarchy, query)) => (hierarchy, query),
        None => (rest, ""),
    };
    if !legal(fragment, b"/?:@") || !legal(query, b"/?:@") {
        return false;
    }
    match hierarchy.strip_prefix("//") {
        None => legal(hierarchy, b"/:@"),
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            is_authority(authority) && legal(path, b"/:@")
        }
    }
}

fn is_authority(authority: &str) -> bool {
    let host = match authority.rsplit_once('@') {
        Some((user, host)) => {
            if !legal(user, b":") {
                return false;
            }
            host
        }
        None => authority,
    };
    let (host, port) = if let Some(rest) = host.strip_prefix('[') {
        let Some((literal, port)) = rest.split_once(']') else {
            return false;
        };
        let future = literal
            .strip_prefix(['v', 'V'])
            .and_then(|rest| rest.split_once('.'))
            .is_some_and(|(version, address)| {
                !version.is_empty()
                    && version.bytes().all(|b| b.is_ascii_hexdigit())
                    && !address.is_empty()
                    && !address.contains('%')
                    && legal(address, b":")
            });
        if !future && literal.parse::<std::net::Ipv6Addr>().is_err() {
            return false;
        }
        match port.strip_prefix(':') {
            Some(port) => ("", port),
            None if port.is_empty() => ("", ""),
            None => return false,
        }
    } else {
        host.split_once(':').unwrap_or((host, ""))
    };
    legal(host, b"") && port.bytes().all(|b| b.is_ascii_digit())
}

/// Unreserved characters, sub-delimiters, percent triplets and `more`.
fn legal(part: &str, more: &[u8]) -> bool {
    let mut bytes = part.bytes();
    while let Some(b) = bytes.next() {
        let fine = match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => true,
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+'
            | b',' | b';' | b'=' => true,
            b'%' => {
                bytes.next().is_some_and(|b| b.is_ascii_hexdigit())
                    && bytes.next().is_some_and(|b| b.is_ascii_hexdigit())
            }
            other => more.contains(&other),
        };
        if !fine {
            return false;
        }
    }
    true
}

/// Whether a text is an email address (RFC 5321): a local part of atoms or a
/// quoted string, and a domain of labels or an address literal.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let local_fine = match local.strip_prefix('"').and_then(|l| l.strip_suffix('"')) {
        Some(quoted) => {
            !quoted.is_empty() && !quoted.contains(|c: char| c == '"' || c.is_control())
        }
        None => local.split('.').all(|atom| {
            !atom.is_empty()
                && atom
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
        }),
    };
    let domain_fine = match domain.strip_prefix('[').and_then(|d| d.strip_suffix(']')) {
        Some(literal) => match literal.strip_prefix("IPv6:") {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => literal.parse::<std::net::Ipv4Addr>().is_ok(),
        },
        None => {
            domain.len() <= 253
                && domain.split('.').all(|label| {
                    !label.is_empty()
                        && label.len() <= 63
                        && !label.starts_with('-')
                        && !label.ends_with('-')
                        && label
                            .bytes()
                            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
                })
        }
    };
    local.len() <= 64 && local_fine && domain_fine
}

/// Whether a text is a UUID with dashes (RFC 9562).
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, b)| match index {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_compare_across_zones() {
        assert_eq!(
            instant("2021-01-01T00:00:00+02:00"),
            instant("2020-12-31T22:00:00.000Z")
        );
        assert_eq!(
            instant("1970-01-02T00:00:00Z").map(|i| i.seconds),
            Some(86_400)
        );
        assert!(instant("2024-02-29T00:00:00Z").is_some());
    }

    #[test]
    fn days_come_back() {
        for day in [
            "1970-01-01",
            "2000-02-29",
            "2024-12-31",
            "2026-03-01",
            "1600-01-01",
        ] {
            let instant = instant(&format!("{day}T23:30:00Z"));
            assert_eq!(instant.map(Instant::day).as_deref(), Some(day));
        }
    }

    #[test]
    fn malformed_instants_are_refused() {
        for text in [
            "",
            "2021-01-01",
            "2021-01-01T00:00:00",
            "2021-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2021-01-01T24:00:00Z",
            "2021-01-01T00:00:00.Z",
            "2021-01-01T00:00:00Z ",
            "2021-01-01 00:00:00Z",
            "2021-01-01T00:00:60Z",
            "٢٠٢١-01-01T00:00:00Z",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
        assert!(instant("2016-12-31T23:59:60Z").is_some());
    }

    #[test]
    fn uris_are_absolute_and_clean() {
        for text in [
            "https://example.com/a?b=c#d",
            "urn:uuid:1",
            "https://[::1]:80/",
            "mailto:a@b",
            "pkg:npm/%40a/b@1",
        ] {
            assert!(is_uri(text), "{text}");
        }
        for text in [
            "",
            "example.com",
            "/a",
            "https://a b",
            "https://a/%zz",
            "1a:b",
            "https://ä/",
            "https://a:b/",
            "https://a[/",
            "a:b#c#d",
        ] {
            assert!(!is_uri(text), "{text}");
        }
    }
}
