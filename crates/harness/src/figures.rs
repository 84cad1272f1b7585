//! Figures of a run, printed with the load of the machine beside them: latencies are told, never asserted.

use std::time::Duration;

/// How long things took.
#[derive(Clone, Debug, Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// One more.
    pub fn push(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// All of another.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The value that `percent` of them do not exceed.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(rank).copied().unwrap_or_default()
    }

    /// Count, median, 99th percentile and maximum, in words.
    #[must_use]
    pub fn told(&self) -> String {
        format!(
            "{} times: p50 {}, p99 {}, max {}",
            self.count(),
            ms(self.percentile(50)),
            ms(self.percentile(99)),
            ms(self.percentile(100))
        )
    }
}

/// Milliseconds, with a digit behind the point.
#[must_use]
pub fn ms(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}

/// A table of figures under a title.
#[derive(Debug)]
pub struct Table {
    title: String,
    rows: Vec<(String, String)>,
}

impl Table {
    /// An empty table.
    #[must_use]
    pub fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            rows: Vec::new(),
        }
    }

    /// One more line.
    pub fn row(&mut self, what: &str, figure: impl std::fmt::Display) {
        self.rows.push((what.to_owned(), figure.to_string()));
    }

    /// Prints it, with the load of the machine as it is now.
    pub fn print(mut self) {
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load: Vec<&str> = load.split(' ').take(3).collect();
        self.row("load of the machine (1, 5, 15 min)", load.join(" "));
        let width = self.rows.iter().map(|(what, _)| what.chars().count()).max();
        let width = width.unwrap_or_default();
        println!("\n{}", self.title);
        for (what, figure) in &self.rows {
            println!("  {what:width$}  {figure}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut latencies = Latencies::default();
        for n in 1..=200 {
            latencies.push(Duration::from_millis(n));
        }
        assert_eq!(latencies.percentile(50), Duration::from_millis(100));
        assert_eq!(latencies.percentile(99), Duration::from_millis(198));
        assert_eq!(latencies.percentile(100), Duration::from_millis(200));
        assert_eq!(Latencies::default().percentile(99), Duration::ZERO);
    }
}
