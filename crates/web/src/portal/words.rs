//! Words and marks of the portal's pages: times, promises, kinds of input. No content of its
//! own, no rule.

use super::form::Input;
use entente_domain::policy::InForce;
use entente_domain::time::{SECOND_US, Timestamp};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A day for people, in UTC.
pub fn day(at: &Timestamp) -> String {
    let (y, m, d) = at.ymd();
    let month = MONTHS
        .get(usize::from(m).saturating_sub(1))
        .copied()
        .unwrap_or_default();
    format!("{d} {month} {y}")
}

/// A minute for people, in UTC.
pub fn minute(at: &Timestamp) -> String {
    let s = at.0.div_euclid(SECOND_US).rem_euclid(86_400);
    format!("{}, {:02}:{:02} UTC", day(at), s / 3600, s / 60 % 60)
}

/// The `type` of an input.
pub fn input_type(input: &Input) -> &'static str {
    match input {
        Input::Url => "url",
        Input::Mail => "email",
        Input::Day => "date",
        Input::Check => "checkbox",
        Input::Line(_) | Input::Text(_) => "text",
    }
}

/// What the browser may fill in.
pub fn autocomplete(input: &Input) -> &'static str {
    match input {
        Input::Line(hint) => hint,
        Input::Mail => "email",
        _ => "off",
    }
}

/// The style class of a severity; unknown words get none.
pub fn severity_class(severity: &str) -> &'static str {
    match severity.to_ascii_lowercase().as_str() {
        "critical" => "critical",
        "high" => "high",
        "medium" => "medium",
        "low" => "low",
        _ => "none",
    }
}

/// Whether a text may stand in a link: only pages of the web, so that no other scheme runs.
pub fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// A size for people.
pub fn size(bytes: u64) -> String {
    if bytes >= 1024 * 1024 {
        format!("{} MiB", bytes / (1024 * 1024))
    } else {
        format!("{} KiB", bytes / 1024)
    }
}

/// A step that a reporter is owed: what, in words, and by when where the report has come in.
pub type Step = (&'static str, String, Option<Timestamp>);

/// What a reporter may expect, by the numbers in force (29147 9.3.4); with dates where the
/// report came in at `received`.
pub fn promises(in_force: &InForce, received: Option<Timestamp>) -> Vec<Step> {
    let n = &in_force.numbers;
    let due =
        |kind| received.map(|from| entente_domain::clock::due(kind, from, n, &in_force.calendar));
    use entente_domain::clock::ClockKind as C;
    vec![
        (
            "A receipt at once.",
            "You get a code; with it you come back, ask and answer, without an account.".to_owned(),
            None,
        ),
        (
            "A person answers.",
            format!(
                "Within {}; never later than 7 days",
                working_days(n.acknowledgement_working_days)
            ),
            due(C::AcknowledgementLimit),
        ),
        (
            "We verify it and tell you the result.",
            format!("Within {}", working_days(n.verification_working_days)),
            due(C::VerificationResult),
        ),
        (
            "You are kept informed.",
            format!(
                "At least every {} days, until it is resolved",
                n.update_days
            ),
            due(C::NextUpdate),
        ),
        (
            "We fix it and publish an advisory.",
            format!(
                "As a rule not later than {} days; you are credited if you wish",
                n.remediation_days_scheduled
            ),
            None,
        ),
    ]
}

fn working_days(n: u32) -> String {
    if n == 1 {
        "one working day".to_owned()
    } else {
        format!("{n} working days")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_for_people_and_in_utc() {
        assert_eq!(
            minute(&Timestamp(1_794_820_320 * SECOND_US)),
            "16 November 2026, 09:12 UTC"
        );
        assert_eq!(day(&Timestamp(0)), "1 January 1970");
    }

    #[test]
    fn only_pages_of_the_web_are_linked() {
        assert!(is_web("https://example.org/"));
        for no in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//example.org",
            " https://x",
        ] {
            assert!(!is_web(no), "{no}");
        }
    }

    #[test]
    fn promised_dates_are_the_clocks_dates() {
        let steps = promises(&InForce::default(), Some(Timestamp(0)));
        let last = steps.get(1).and_then(|s| s.2);
        assert_eq!(
            last.map(Timestamp::rfc3339).as_deref(),
            Some("1970-01-08T00:00:00Z")
        );
        assert!(
            promises(&InForce::default(), None)
                .iter()
                .all(|s| s.2.is_none())
        );
    }
}
