//! Times in words: UTC always, the distance beside it.

use entente_domain::time::{DAY_US, HOUR_US, Timestamp};

/// `2026-11-16 09:12 UTC`.
pub fn utc(at: Timestamp) -> String {
    let text = at.rfc3339();
    match (text.get(..10), text.get(11..16)) {
        (Some(date), Some(time)) => format!("{date} {time} UTC"),
        _ => text,
    }
}

/// `in 3 days`, `2 hours ago`.
pub fn distance(at: Timestamp, now: Timestamp) -> String {
    let us = at.0.saturating_sub(now.0);
    let abs = us.saturating_abs();
    let (n, unit) = if abs >= 2 * DAY_US {
        (abs / DAY_US, "days")
    } else if abs >= 2 * HOUR_US {
        (abs / HOUR_US, "hours")
    } else {
        (abs / 60_000_000, "minutes")
    };
    if us >= 0 {
        format!("in {n} {unit}")
    } else {
        format!("{n} {unit} ago")
    }
}

/// Reads `2026-11-16T09:12` (or with a blank, or a date alone) as UTC.
pub fn parse_utc(text: &str) -> Option<Timestamp> {
    let text = text.trim().replace(' ', "T");
    let full = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        16 => format!("{text}:00Z"),
        19 => format!("{text}Z"),
        _ => text,
    };
    let parsed = full.parse::<jiff::Timestamp>().ok()?;
    Some(Timestamp(parsed.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_like_times() {
        let at = Timestamp(1_794_820_320_000_000);
        assert_eq!(utc(at), "2026-11-16 09:12 UTC");
        assert_eq!(distance(at.plus_days(3), at), "in 3 days");
        assert_eq!(distance(at.plus_hours(-5), at), "5 hours ago");
    }

    #[test]
    fn what_is_typed_is_utc() {
        let at = Some(Timestamp(1_794_820_320_000_000));
        assert_eq!(parse_utc("2026-11-16 09:12"), at);
        assert_eq!(parse_utc("2026-11-16T09:12:00"), at);
        assert_eq!(parse_utc("tomorrow"), None);
    }
}
