//! Instants and spans. The domain never reads a clock; it is told what time it is.

use serde::{Deserialize, Serialize};

/// An instant: microseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Microseconds in one second.
pub const SECOND_US: i64 = 1_000_000;
/// Microseconds in one minute.
pub const MINUTE_US: i64 = 60 * SECOND_US;
/// Microseconds in one hour.
pub const HOUR_US: i64 = 60 * MINUTE_US;
/// Microseconds in one day of 24 hours.
pub const DAY_US: i64 = 24 * HOUR_US;

impl Timestamp {
    /// This instant moved by whole hours; saturates at the ends of the range.
    pub fn plus_hours(self, hours: i64) -> Self {
        Self(self.0.saturating_add(hours.saturating_mul(HOUR_US)))
    }

    /// This instant moved by days of 24 hours; saturates at the ends of the range.
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(DAY_US)))
    }

    /// Days since 1970-01-01, rounded towards the past.
    pub fn day_number(self) -> i64 {
        self.0.div_euclid(DAY_US)
    }

    /// Day of the week, Monday = 0 (1970-01-01 was a Thursday).
    pub fn weekday(self) -> u8 {
        // rem_euclid(7) is always in 0..7
        u8::try_from((self.day_number() + 3).rem_euclid(7)).unwrap_or(0)
    }

    /// Calendar date in UTC as (year, month 1-12, day 1-31).
    pub fn ymd(self) -> (i64, u8, u8) {
        // Civil-from-days: era of 400 years, March-based year.
        let z = self.day_number() + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let d = doy - (153 * mp + 2) / 5 + 1;
        let m = if mp < 10 { mp + 3 } else { mp - 9 };
        let y = yoe + era * 400 + i64::from(m <= 2);
        (
            y,
            u8::try_from(m).unwrap_or(1),
            u8::try_from(d).unwrap_or(1),
        )
    }

    /// RFC 3339 in UTC with whole seconds, for people and documents.
    pub fn rfc3339(self) -> String {
        let (y, mo, d) = self.ymd();
        let s = self.0.div_euclid(SECOND_US).rem_euclid(86_400);
        format!(
            "{y:04}-{mo:02}-{d:02}T{:02}:{:02}:{:02}Z",
            s / 3600,
            s / 60 % 60,
            s % 60
        )
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// The organisation's working days: weekends and listed holidays are skipped.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WorkingCalendar {
    /// Days that do not count, as days since 1970-01-01.
    #[serde(default)]
    pub holidays: Vec<i64>,
    /// Weekdays that do not count, Monday = 0.
    #[serde(default = "weekend")]
    pub days_off: Vec<u8>,
    /// The organisation's offset from UTC in minutes, which decides where a day begins.
    #[serde(default)]
    pub utc_offset_minutes: i64,
}

fn weekend() -> Vec<u8> {
    vec![5, 6]
}

impl Default for WorkingCalendar {
    fn default() -> Self {
        Self {
            holidays: Vec::new(),
            days_off: weekend(),
            utc_offset_minutes: 0,
        }
    }
}

impl WorkingCalendar {
    fn local(&self, t: Timestamp) -> Timestamp {
        Timestamp(t.0.saturating_add(self.utc_offset_minutes.saturating_mul(60 * SECOND_US)))
    }

    /// Whether the day of `t` counts as a working day here.
    pub fn is_working_day(&self, t: Timestamp) -> bool {
        let t = self.local(t);
        !self.days_off.contains(&t.weekday()) && !self.holidays.contains(&t.day_number())
    }

    /// `days` working days after `from`, at the same time of day. A start on a day off counts
    /// from the next working day. Stops after ten years, so that a calendar without working
    /// days cannot loop for ever.
    pub fn plus_working_days(&self, from: Timestamp, days: u32) -> Timestamp {
        let mut at = from;
        let mut left = days;
        for _ in 0..3_660 {
            if left == 0 {
                break;
            }
            at = at.plus_days(1);
            if self.is_working_day(at) {
                left -= 1;
            }
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // 2026-11-16T09:12:00Z, a Monday.
    const MONDAY: Timestamp = Timestamp(1_794_820_320 * SECOND_US);

    #[test]
    fn dates_are_civil() {
        assert_eq!(MONDAY.rfc3339(), "2026-11-16T09:12:00Z");
        assert_eq!(MONDAY.weekday(), 0);
        assert_eq!(Timestamp(0).rfc3339(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp(-1).rfc3339(), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn working_days_skip_the_weekend_and_holidays() {
        let c = WorkingCalendar::default();
        assert_eq!(
            c.plus_working_days(MONDAY.plus_days(4), 2).rfc3339(),
            "2026-11-24T09:12:00Z"
        );
        let c = WorkingCalendar {
            holidays: vec![MONDAY.plus_days(1).day_number()],
            ..WorkingCalendar::default()
        };
        assert_eq!(
            c.plus_working_days(MONDAY, 1).rfc3339(),
            "2026-11-18T09:12:00Z"
        );
    }

    #[test]
    fn a_calendar_without_working_days_ends() {
        let c = WorkingCalendar {
            days_off: (0..7).collect(),
            ..WorkingCalendar::default()
        };
        assert!(c.plus_working_days(MONDAY, 1) > MONDAY);
    }
}
