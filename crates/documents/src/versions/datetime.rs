//! RFC 3339 timestamps as versions, ordered by the instant they name.

use super::Parsed;

/// Seconds since 1970 and the fraction's digits without trailing zeros.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(i64, String);

pub(super) fn parse(text: &str) -> Parsed<Key> {
    read(text).ok_or("it is no RFC 3339 timestamp such as 2024-01-01T00:00:00Z")
}

fn read(text: &str) -> Option<Key> {
    if !text.is_ascii() {
        return None;
    }
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        let all = digits.bytes().all(|b| b.is_ascii_digit());
        all.then(|| digits.parse::<i64>().ok()).flatten()
    };
    let sign =
        |at: usize, wanted: &str| text.get(at..=at).filter(|c| wanted.contains(*c)).map(drop);
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    for (at, wanted) in [(4, "-"), (7, "-"), (10, "Tt"), (13, ":"), (16, ":")] {
        sign(at, wanted)?;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut fraction = "";
    if let Some(after) = rest.strip_prefix('.') {
        let end = after.bytes().take_while(u8::is_ascii_digit).count();
        (fraction, rest) = after.split_at(end);
        if fraction.is_empty() {
            return None;
        }
    }
    let offset = if matches!(rest, "Z" | "z") {
        0
    } else {
        let direction = match rest.get(..1)? {
            "+" => 1,
            "-" => -1,
            _ => return None,
        };
        let (hours, minutes) = rest.get(1..)?.split_once(':')?;
        let two = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse::<i64>().ok()).flatten()
        };
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        if hours > 23 || minutes > 59 {
            return None;
        }
        direction * (hours * 3600 + minutes * 60)
    };
    // Days since 1970 by the civil calendar, years beginning in March.
    let years = year - i64::from(month <= 2);
    let era = years.div_euclid(400);
    let of_era = years.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some(Key(seconds, fraction.trim_end_matches('0').to_owned()))
}
