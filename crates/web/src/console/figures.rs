//! The figures of 30111 7.2: time in each stage as percentiles, the trend, promises kept. No
//! content, so that they can be carried upward.

use super::Answer;
use super::charts::{self, Bar};
use super::view::{Frame, render};
use crate::session::Staff;
use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use entente_service::App;
use entente_service::figures::{self, Figures, Promise};

struct Kept {
    label: &'static str,
    promise: Promise,
    words: String,
    tone: &'static str,
}

struct PhaseLine {
    stage: &'static str,
    severity: String,
    count: usize,
    p50: String,
    p90: String,
    bar: Bar,
}

struct MonthLine {
    month: String,
    short: String,
    opened: usize,
    closed: usize,
    published: usize,
    x: i64,
    bars: [Bar; 3],
}

#[derive(Template)]
#[template(path = "console/figures.html")]
struct FiguresPage {
    frame: Frame,
    figures: Figures,
    kept: Vec<Kept>,
    phases: Vec<PhaseLine>,
    months: Vec<MonthLine>,
}

fn kept(label: &'static str, promise: Promise) -> Kept {
    let (words, tone) = match promise.percent() {
        None => ("Nothing was due yet".to_owned(), "quiet"),
        Some(percent) => (
            format!("{percent} %"),
            match percent {
                95.. => "ok",
                80..95 => "warn",
                _ => "bad",
            },
        ),
    };
    Kept {
        label,
        promise,
        words,
        tone,
    }
}

/// Hours as a person says them.
fn hours(hours: i64) -> String {
    if hours < 48 {
        format!("{hours} h")
    } else {
        format!("{} d", hours / 24)
    }
}

/// The page.
pub async fn show(State(app): State<App>, staff: Staff) -> Answer {
    let figures = figures::page(&app, staff.viewer()).await?;
    let longest = figures
        .phases
        .iter()
        .map(|p| p.p90_hours)
        .max()
        .unwrap_or(0);
    let phases = figures
        .phases
        .iter()
        .map(|p| PhaseLine {
            stage: p.stage.label(),
            severity: p.severity.clone(),
            count: p.count,
            p50: hours(p.p50_hours),
            p90: hours(p.p90_hours),
            bar: Bar {
                short: charts::share(p.p50_hours, longest, 300),
                long: charts::share(p.p90_hours, longest, 300),
            },
        })
        .collect();
    let months: Vec<_> = figures.trend.iter().rev().take(24).rev().collect();
    let most = months
        .iter()
        .flat_map(|m| [m.opened, m.closed, m.published])
        .max()
        .unwrap_or(0);
    let months = months
        .into_iter()
        .zip(0_i64..)
        .map(|(m, n)| {
            let bar = |count: usize| {
                let long = charts::share(
                    i64::try_from(count).unwrap_or(i64::MAX),
                    i64::try_from(most).unwrap_or(i64::MAX),
                    120,
                );
                Bar { short: 0, long }
            };
            MonthLine {
                short: m.month.chars().skip(2).collect(),
                month: m.month.clone(),
                opened: m.opened,
                closed: m.closed,
                published: m.published,
                x: 10 + n * 41,
                bars: [bar(m.opened), bar(m.closed), bar(m.published)],
            }
        })
        .collect();
    let view = FiguresPage {
        frame: Frame::of(&app, &staff, "figures").await?,
        kept: vec![
            kept(
                "Acknowledged by a person within 7 days",
                figures.acknowledged_in_limit,
            ),
            kept(
                "Acknowledged within our own target",
                figures.acknowledged_in_target,
            ),
            kept("Updates sent when promised", figures.updates),
        ],
        phases,
        months,
        figures,
    };
    render(&view, StatusCode::OK)
}

/// The same as a table for a spreadsheet.
pub async fn csv(State(app): State<App>, staff: Staff) -> Answer {
    let figures = figures::page(&app, staff.viewer()).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"figures.csv\"",
        ),
    ];
    Ok((headers, figures::csv(&figures)).into_response())
}
