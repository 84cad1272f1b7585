//! Judges documents on all cores, and prints in the order in which they came.

use super::super::Outcome;
use super::files::{self, Document};
use super::sarif::Sarif;
use crate::progress;
use entente_documents::csaf::{self, Checks, Preset, Profile, Report};
use indicatif::ProgressBar;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Condvar, Mutex, PoisonError};

/// How results are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    JsonLines,
    Sarif,
}

/// From so many documents on there is a progress bar.
const MANY: u64 = 20;

/// Documents that were read and not yet printed: how many, and how many bytes.
const MOST_OPEN: usize = 256;
const MOST_BYTES: usize = 64 << 20;

struct Judged {
    name: String,
    size: usize,
    result: anyhow::Result<Verdict>,
}

struct Verdict {
    report: Report,
    /// The line of each finding; for SARIF alone.
    lines: Vec<usize>,
}

pub(super) fn run(
    paths: &[PathBuf],
    profile: Profile,
    preset: Preset,
    form: Form,
    now: i64,
) -> Outcome {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let window = Window::default();
    let (to_workers, jobs) = sync_channel::<(usize, Document)>(workers);
    let jobs = Mutex::new(jobs);
    let (to_printer, judged) = sync_channel::<(usize, Judged)>(workers);
    let (window, jobs) = (&window, &jobs);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut number = 0;
            files::each(paths, &mut |document| {
                number += 1;
                window.enter(document.bytes.as_ref().map_or(0, Vec::len))
                    && to_workers.send((number - 1, document)).is_ok()
            });
        });
        for _ in 0..workers {
            let to_printer = to_printer.clone();
            scope.spawn(move || {
                while let Some((number, document)) = next(jobs) {
                    let size = document.bytes.as_ref().map_or(0, Vec::len);
                    let checks = Checks::at(preset, now);
                    let result = document.bytes.map(|bytes| {
                        let report = csaf::validate(&bytes, profile, checks);
                        let places: Vec<_> = match form {
                            Form::Sarif => {
                                report.findings.iter().map(|f| f.path.as_str()).collect()
                            }
                            _ => Vec::new(),
                        };
                        let lines = csaf::lines(&bytes, &places);
                        Verdict { report, lines }
                    });
                    let judged = Judged {
                        name: document.name,
                        size,
                        result,
                    };
                    // Where nobody prints any more, the rest is taken and dropped:
                    // the reader must not wait for a free place.
                    to_printer.send((number, judged)).ok();
                }
            });
        }
        drop(to_printer);
        let outcome = print(judged, form, window);
        // Whoever waits for room must see that nobody prints any more.
        window.close();
        outcome
    })
}

fn next(jobs: &Mutex<Receiver<(usize, Document)>>) -> Option<(usize, Document)> {
    jobs.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .recv()
        .ok()
}

fn print(judged: Receiver<(usize, Judged)>, form: Form, window: &Window) -> Outcome {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut sarif = Sarif::default();
    let (mut invalid, mut unreadable) = (false, false);
    let mut waiting = BTreeMap::new();
    let mut due = 0;
    let mut bar: Option<ProgressBar> = None;
    if form == Form::Sarif {
        sarif.begin(&mut out)?;
    }
    for (number, judged) in judged {
        waiting.insert(number, judged);
        while let Some(judged) = waiting.remove(&due) {
            due += 1;
            window.leave(judged.size);
            match judged.result {
                Ok(verdict) => {
                    invalid |= !verdict.report.valid;
                    match form {
                        Form::Text => text(&mut out, &judged.name, &verdict.report)?,
                        Form::JsonLines => line(&mut out, &judged.name, &verdict.report)?,
                        Form::Sarif => {
                            sarif.add(&mut out, &judged.name, &verdict.report, &verdict.lines)?;
                        }
                    }
                }
                Err(error) => {
                    unreadable = true;
                    eprintln!("entente: {error:#}");
                }
            }
            if due as u64 > MANY && bar.is_none() && std::io::stderr().is_terminal() {
                bar = Some(progress::bar(0, "Validating"));
            }
            if let Some(bar) = &bar {
                bar.set_length(window.entered());
                bar.set_position(due as u64);
            }
        }
    }
    if form == Form::Sarif {
        sarif.end(&mut out)?;
    }
    out.flush()?;
    Ok(match (unreadable, invalid) {
        (true, _) => ExitCode::from(2),
        (_, true) => ExitCode::from(1),
        _ => ExitCode::SUCCESS,
    })
}

fn line(out: &mut impl Write, name: &str, report: &Report) -> std::io::Result<()> {
    let line = json!({ "file": name, "valid": report.valid, "findings": report.findings });
    writeln!(out, "{line}")
}

fn text(out: &mut impl Write, name: &str, report: &Report) -> std::io::Result<()> {
    let verdict = if report.valid { "valid" } else { "invalid" };
    writeln!(out, "{name}: {verdict}")?;
    for f in &report.findings {
        writeln!(out, "  {} {} {} {}", f.severity, f.test, f.path, f.message)?;
    }
    if report.truncated {
        writeln!(out, "  more findings were left out")?;
    }
    for test in &report.not_run {
        writeln!(out, "  not run {}: {}", test.test, test.reason)?;
    }
    Ok(())
}

/// How much may be read and not yet printed.
#[derive(Default)]
struct Window {
    state: Mutex<State>,
    room: Condvar,
}

#[derive(Default)]
struct State {
    entered: u64,
    open: usize,
    bytes: usize,
    closed: bool,
}

impl Window {
    /// Waits for room; false if nobody prints any more.
    fn enter(&self, size: usize) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // One document has room, however large.
        while state.open > 0
            && !state.closed
            && (state.open >= MOST_OPEN || state.bytes + size > MOST_BYTES)
        {
            state = self
                .room
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.entered += 1;
        state.open += 1;
        state.bytes += size;
        !state.closed
    }

    fn leave(&self, size: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.open = state.open.saturating_sub(1);
        state.bytes = state.bytes.saturating_sub(size);
        self.room.notify_all();
    }

    fn close(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed = true;
        self.room.notify_all();
    }

    fn entered(&self) -> u64 {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entered
    }
}
