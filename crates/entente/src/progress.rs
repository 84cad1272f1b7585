//! Progress bars for long work; silent where nobody looks.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `length` items, on standard error.
pub(crate) fn bar(length: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {eta}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(what.to_owned());
    bar
}

/// A counter where nobody knows how many there will be, on standard error.
pub(crate) fn count(what: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{msg} {pos} {per_sec}") {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar
}
