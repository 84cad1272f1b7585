//! Figures over cases, without content: how long stages take, whether promises were kept
//! (30111 7.2). Computed by folding the cases in pages; nothing is counted twice or kept.
//!
//! A case merged into another one counts as opened and closed; its reports count where they are
//! now. Imported history counts nowhere, and a restricted case only for who may read it.

use crate::error::ServiceError;
use crate::{App, fold, look};
use entente_domain::access::{Action, Resource, SystemViewer, Viewer, may};
use entente_domain::case::Case;
use entente_domain::clock::{Clock, ClockKind};
use entente_domain::entry::Contact;
use entente_domain::ids::ReportId;
use entente_domain::kinds::{RemediationState, Stage};
use entente_domain::time::{DAY_US, HOUR_US, Timestamp};
use entente_store::cases::{self, CaseFilter, Sort};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Cases that are folded at once.
const PAGE: u32 = 100;
/// Days within which a person acknowledges (29147 6.2.5).
const ACKNOWLEDGE_DAYS: i64 = 7;
/// The word for a case without a score.
const UNSCORED: &str = "Not scored";

/// How long cases of one severity stayed in one stage, for stays that have ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhaseRow {
    /// The stage.
    pub stage: Stage,
    /// The severity by the highest score.
    pub severity: String,
    /// Stays that have ended.
    pub count: usize,
    /// Half of them took at most so many hours.
    pub p50_hours: i64,
    /// Nine of ten took at most so many hours.
    pub p90_hours: i64,
}

/// What happened in one month.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MonthRow {
    /// The month, as `2026-11`.
    pub month: String,
    /// Cases that were opened.
    pub opened: usize,
    /// Cases that were closed.
    pub closed: usize,
    /// Advisories whose first revision was published.
    pub published: usize,
}

/// A promise: how often it was kept. What is not due yet does not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Promise {
    /// Kept.
    pub kept: usize,
    /// Of so many.
    pub of: usize,
}

impl Promise {
    fn count(&mut self, kept: bool) {
        self.kept += usize::from(kept);
        self.of += 1;
    }

    /// Counts a clock that was stopped or has run out.
    fn clock(&mut self, clock: &Clock, now: Timestamp) {
        let breached = clock.is_breached(now);
        if breached || !clock.is_open() {
            self.count(!breached);
        }
    }

    /// The part that was kept, in percent; `None` where nothing was due.
    pub fn percent(&self) -> Option<usize> {
        (self.kept * 100).checked_div(self.of)
    }
}

/// All figures.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// Cases that were counted.
    pub cases: usize,
    /// Of these, open ones.
    pub open: usize,
    /// Time in each stage by severity.
    pub phases: Vec<PhaseRow>,
    /// The months, oldest first; months without anything are there too.
    pub trend: Vec<MonthRow>,
    /// Acknowledged by a person within seven days.
    pub acknowledged_in_limit: Promise,
    /// Acknowledged by a person within the organisation's own target.
    pub acknowledged_in_target: Promise,
    /// Updates to reporters sent when they were promised.
    pub updates: Promise,
    /// Interim remediations that users can get.
    pub interim_remediations: usize,
    /// Complete remediations that users can get.
    pub complete_remediations: usize,
}

/// The figures as they stand.
pub async fn page(app: &App, viewer: &Viewer) -> Result<Figures, ServiceError> {
    if !may(viewer, Action::Read, Resource::Figures) {
        return Err(ServiceError::NotFound);
    }
    let now = app.now();
    let over = if viewer.counts_all_cases() {
        Viewer::System(SystemViewer::Operator)
    } else {
        viewer.clone()
    };
    let mut count = Count::default();
    let mut cursor: Option<String> = None;
    loop {
        let (after, over) = (cursor.clone(), over.clone());
        let (folded, next) = look(app, move |tx| {
            let filter = CaseFilter {
                sort: Sort::Updated,
                cursor: after.clone(),
                limit: PAGE,
                ..CaseFilter::default()
            };
            let page = cases::list(tx, &over, &filter)?;
            let mut folded = Vec::with_capacity(page.items.len());
            for line in &page.items {
                folded.extend(fold::case(tx, line.id)?);
            }
            Ok((folded, page.next))
        })
        .await?;
        for case in &folded {
            count.case(case, now);
        }
        cursor = next;
        if cursor.is_none() {
            return Ok(count.figures());
        }
    }
}

/// What has been counted so far.
#[derive(Default)]
struct Count {
    figures: Figures,
    seen: BTreeSet<entente_domain::ids::CaseId>,
    reports: BTreeSet<ReportId>,
    stays: BTreeMap<(Stage, String), Vec<i64>>,
    months: BTreeMap<(i64, u8), [usize; 3]>,
}

impl Count {
    fn case(&mut self, case: &Case, now: Timestamp) {
        // A case that changes between two pages can come again.
        if case.imported || !self.seen.insert(case.id) {
            return;
        }
        self.figures.cases += 1;
        self.figures.open += usize::from(case.stage != Stage::Closed);
        let severity = case
            .highest_score()
            .map_or_else(|| UNSCORED.to_owned(), |s| s.severity.clone());
        for pair in case.stages.windows(2) {
            if let [(stage, from), (_, until)] = pair
                && *stage != Stage::Closed
            {
                self.stays
                    .entry((*stage, severity.clone()))
                    .or_default()
                    .push((until.0 - from.0) / HOUR_US);
            }
        }
        self.happened(case.opened_at, 0);
        if let Some(ending) = &case.ending {
            self.happened(ending.at, 1);
        }
        if let Some(first) = case.advisory.as_ref().and_then(|a| a.revisions.first()) {
            self.happened(first.at, 2);
        }
        for r in &case.remediations {
            if r.state == RemediationState::Available {
                if r.interim {
                    self.figures.interim_remediations += 1;
                } else {
                    self.figures.complete_remediations += 1;
                }
            }
        }
        if case.merged_into.is_none() {
            self.promises(case, now);
        }
    }

    fn promises(&mut self, case: &Case, now: Timestamp) {
        for r in case.reports.iter().filter(|r| r.contact != Contact::None) {
            if !self.reports.insert(r.id) {
                continue;
            }
            let limit = Timestamp(r.received_at.0.saturating_add(ACKNOWLEDGE_DAYS * DAY_US));
            match r.acknowledged_at {
                Some(at) => self.figures.acknowledged_in_limit.count(at <= limit),
                // Who cannot be reached is owed nothing.
                None if now > limit && r.reachable() => {
                    self.figures.acknowledged_in_limit.count(false);
                }
                None => {}
            }
        }
        for clock in &case.clocks {
            match clock.kind {
                ClockKind::AcknowledgementTarget => {
                    self.figures.acknowledged_in_target.clock(clock, now);
                }
                ClockKind::NextUpdate => self.figures.updates.clock(clock, now),
                _ => {}
            }
        }
    }

    fn happened(&mut self, at: Timestamp, what: usize) {
        let (year, month, _) = at.ymd();
        if let Some(n) = self.months.entry((year, month)).or_default().get_mut(what) {
            *n += 1;
        }
    }

    fn figures(self) -> Figures {
        let mut figures = self.figures;
        figures.phases = self
            .stays
            .into_iter()
            .map(|((stage, severity), mut hours)| {
                hours.sort_unstable();
                PhaseRow {
                    stage,
                    severity,
                    count: hours.len(),
                    p50_hours: percentile(&hours, 50),
                    p90_hours: percentile(&hours, 90),
                }
            })
            .collect();
        let (first, last) = (self.months.keys().next(), self.months.keys().next_back());
        if let (Some(first), Some(last)) = (first, last) {
            let mut month = *first;
            while month <= *last {
                let [opened, closed, published] =
                    self.months.get(&month).copied().unwrap_or_default();
                figures.trend.push(MonthRow {
                    month: format!("{:04}-{:02}", month.0, month.1),
                    opened,
                    closed,
                    published,
                });
                month = if month.1 == 12 {
                    (month.0 + 1, 1)
                } else {
                    (month.0, month.1 + 1)
                };
            }
        }
        figures
    }
}

/// The nearest rank of sorted values.
fn percentile(sorted: &[i64], percent: usize) -> i64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

/// The figures as a table of lines: what, for which, number.
pub fn csv(figures: &Figures) -> String {
    let mut text = "figure,of,count,p50_hours,p90_hours\r\n".to_owned();
    let mut line = |what: &str, of: &str, cells: [String; 3]| {
        // Words here are ours: no separators, quotes or formulas among them.
        let _ = write!(text, "{what},{of},{}\r\n", cells.join(","));
    };
    let one = |n: usize| [n.to_string(), String::new(), String::new()];
    line("cases", "all", one(figures.cases));
    line("cases", "open", one(figures.open));
    for p in &figures.phases {
        line(
            &format!("stage {}", p.stage),
            &p.severity,
            [
                p.count.to_string(),
                p.p50_hours.to_string(),
                p.p90_hours.to_string(),
            ],
        );
    }
    for m in &figures.trend {
        line("opened", &m.month, one(m.opened));
        line("closed", &m.month, one(m.closed));
        line("published", &m.month, one(m.published));
    }
    for (what, promise) in [
        ("acknowledged within 7 days", figures.acknowledged_in_limit),
        ("acknowledged within target", figures.acknowledged_in_target),
        ("updates", figures.updates),
    ] {
        line(what, "kept", one(promise.kept));
        line(what, "due", one(promise.of));
    }
    line(
        "remediations available",
        "interim",
        one(figures.interim_remediations),
    );
    line(
        "remediations available",
        "complete",
        one(figures.complete_remediations),
    );
    text
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_nearest_ranks() {
        assert_eq!(percentile(&[], 50), 0);
        assert_eq!(percentile(&[7], 90), 7);
        let ten: Vec<i64> = (1..=10).collect();
        assert_eq!((percentile(&ten, 50), percentile(&ten, 90)), (5, 9));
    }
}
