//! Instants as people and programs write them.

use entente_domain::time::{DAY_US, SECOND_US, Timestamp};

/// Parses an RFC 3339 instant with its offset.
pub fn parse(text: &str) -> Option<Timestamp> {
    if text.len() > 40 {
        return None;
    }
    let instant: jiff::Timestamp = text.trim().parse().ok()?;
    Some(Timestamp(instant.as_microsecond()))
}

/// Parses a calendar date, or a date with a time of day, at an offset from UTC in minutes. A
/// date alone is the start of that day.
pub fn parse_local(text: &str, offset_minutes: i64) -> Option<Timestamp> {
    if text.len() > 40 {
        return None;
    }
    let text = text.trim();
    let (date, clock) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let date: jiff::civil::Date = date.parse().ok()?;
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    if !(0..24).contains(&hours)
        || !(0..60).contains(&minutes)
        || !(1970..=9000).contains(&date.year())
    {
        return None;
    }
    let epoch = jiff::civil::Date::ZERO.with().year(1970).build().ok()?;
    let days = i64::from(date.since(epoch).ok()?.get_days());
    let minutes = hours * 60 + minutes - offset_minutes;
    Some(Timestamp(days * DAY_US + minutes * 60 * SECOND_US))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_keep_their_offset() {
        assert_eq!(parse("1970-01-01T01:00:00+01:00"), Some(Timestamp(0)));
        assert_eq!(
            parse("2026-11-16T09:12:00Z")
                .map(Timestamp::rfc3339)
                .as_deref(),
            Some("2026-11-16T09:12:00Z")
        );
        assert_eq!(parse("2026-11-16"), None);
        assert_eq!(parse("2026-13-16T09:12:00Z"), None);
    }

    #[test]
    fn a_date_is_the_start_of_the_day_at_its_offset() {
        let at = |t, o| parse_local(t, o).map(Timestamp::rfc3339);
        assert_eq!(at("2026-11-16", 0).as_deref(), Some("2026-11-16T00:00:00Z"));
        assert_eq!(
            at("2026-11-16", 60).as_deref(),
            Some("2026-11-15T23:00:00Z")
        );
        assert_eq!(
            at("2026-11-16T09:30", -300).as_deref(),
            Some("2026-11-16T14:30:00Z")
        );
        for wrong in [
            "",
            "2026-02-30",
            "2026-11-16T24:00",
            "16.11.2026",
            "2026-11-16T9",
            "99999-01-01",
        ] {
            assert_eq!(at(wrong, 0), None, "{wrong}");
        }
    }
}
