//! Pictures as numbers: where things lie on a line or a scale. The templates draw them as SVG, so
//! that they print, need no script, and every word in them is escaped like any other.

use entente_domain::case::Case;
use entente_domain::kinds::Stage;
use entente_domain::time::{DAY_US, Timestamp};

/// Width of a drawing in its own units.
pub const WIDTH: i64 = 1000;

/// A bar with a marked part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bar {
    /// How long the marked part is.
    pub short: i64,
    /// How long all of it is.
    pub long: i64,
}

/// How long a part of `most` is on a scale of `length`; 0 where there is nothing to compare.
pub fn share(part: i64, most: i64, length: i64) -> i64 {
    if most <= 0 {
        return 0;
    }
    let scaled = i128::from(part.max(0)) * i128::from(length) / i128::from(most);
    i64::try_from(scaled).unwrap_or(length).min(length)
}

/// A stretch of time in one stage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Band {
    /// Where it begins.
    pub x: i64,
    /// How wide it is.
    pub width: i64,
    /// The stage.
    pub label: &'static str,
    /// Whether the label fits into it.
    pub fits: bool,
}

/// A point in time with its words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// Where it lies.
    pub x: i64,
    /// What it is.
    pub words: String,
}

/// The life of a case from its opening to its last due date.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TimeLine {
    /// Stages.
    pub bands: Vec<Band>,
    /// What happened.
    pub marks: Vec<Mark>,
    /// What is due.
    pub dues: Vec<Mark>,
    /// Where now is.
    pub now: i64,
    /// What the picture shows, in words.
    pub summary: String,
}

impl TimeLine {
    /// The line of a case. It reaches at most a year past now: a far date would press
    /// everything else into a corner.
    pub fn of(case: &Case, now: Timestamp) -> Self {
        let begin = case.opened_at;
        let open = || {
            case.clocks
                .iter()
                .filter(|c| c.is_open() && c.paused.is_none())
        };
        let last = open()
            .map(|c| c.due_at.0)
            .chain([now.0, case.updated_at.0])
            .max()
            .unwrap_or(now.0)
            .min(now.plus_days(365).0);
        let span = last.saturating_sub(begin.0).max(DAY_US);
        let place = |at: Timestamp| {
            let offset = i128::from(at.0.saturating_sub(begin.0)) * i128::from(WIDTH - 10)
                / i128::from(span);
            i64::try_from(offset).unwrap_or(WIDTH).clamp(0, WIDTH - 10) + 5
        };
        let mut bands: Vec<Band> = Vec::new();
        for (n, (stage, from)) in case.stages.iter().enumerate() {
            let until = case.stages.get(n + 1).map_or(now, |(_, at)| *at);
            let (x, end) = (place(*from), place(until));
            let width = (end - x).max(2);
            let letters = i64::try_from(stage.label().len()).unwrap_or(WIDTH);
            bands.push(Band {
                x,
                width,
                label: stage.label(),
                fits: letters * 7 < width,
            });
        }
        let marks = case
            .timeline
            .iter()
            .map(|m| Mark {
                x: place(m.at),
                words: format!("{}: {}", crate::time_text::utc(m.at), m.text),
            })
            .collect();
        let dues: Vec<Mark> = open()
            .map(|c| Mark {
                x: place(c.due_at),
                words: format!("{} due {}", c.kind.label(), crate::time_text::utc(c.due_at)),
            })
            .collect();
        let stage = if case.stage == Stage::Closed {
            "closed"
        } else {
            case.stage.label()
        };
        let summary = format!(
            "From {} until now in {} stages, now {stage}; {} dates lie ahead or have passed.",
            crate::time_text::utc(begin),
            bands.len(),
            dues.len(),
        );
        Self {
            bands,
            marks,
            dues,
            now: place(now),
            summary,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use entente_domain::clock::{Clock, ClockKind};
    use entente_domain::ids::CaseId;

    fn case(days: i64) -> Case {
        let mut case = Case::empty(CaseId(uuid::Uuid::from_u128(1)));
        case.stages = vec![
            (Stage::Receipt, Timestamp(0)),
            (Stage::Verification, Timestamp(0).plus_days(5)),
        ];
        case.clocks = vec![Clock {
            kind: ClockKind::VerificationResult,
            report: None,
            started_at: Timestamp(0),
            due_at: Timestamp(0).plus_days(days),
            stopped_at: None,
            paused: None,
            breach_reason: None,
        }];
        case
    }

    #[test]
    fn time_runs_from_left_to_right() {
        let line = TimeLine::of(&case(20), Timestamp(0).plus_days(10));
        assert_eq!(line.bands.iter().map(|b| b.x).collect::<Vec<_>>(), [5, 252]);
        assert_eq!(line.now, 500);
        assert_eq!(line.dues.first().map(|d| d.x), Some(995));
    }

    #[test]
    fn shares_stay_on_the_scale() {
        assert_eq!(share(5, 10, 300), 150);
        assert_eq!(
            (share(5, 0, 300), share(-5, 10, 300), share(50, 10, 300)),
            (0, 0, 300)
        );
        assert_eq!(share(i64::MAX, i64::MAX, 300), 300);
    }

    #[test]
    fn far_dates_and_the_ends_of_time_stay_in_the_picture() {
        for days in [-400, 0, 90_000, i64::MAX / DAY_US] {
            for now in [Timestamp(0), Timestamp(i64::MAX), Timestamp(i64::MIN)] {
                let line = TimeLine::of(&case(days), now);
                let xs = line
                    .dues
                    .iter()
                    .map(|d| d.x)
                    .chain([line.now])
                    .chain(line.bands.iter().map(|b| b.x));
                for x in xs {
                    assert!((0..=WIDTH).contains(&x), "{days} {now:?} {x}");
                }
            }
        }
    }
}
