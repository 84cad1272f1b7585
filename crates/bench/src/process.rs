//! What the operating system accounts: processor time, memory, load. Reads `/proc`.

use std::time::Duration;

/// Microseconds of one tick of `/proc/PID/stat`; 100 a second on every Linux there is.
const TICK_US: u64 = 10_000;

/// Processor time of a process so far, user and system; what its ended children used is added
/// where `children` says so.
pub(crate) fn cpu(pid: u32, children: bool) -> Duration {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return Duration::ZERO;
    };
    // The name in brackets may hold spaces; what follows it does not.
    let fields: Vec<u64> = stat
        .rsplit_once(')')
        .map_or("", |(_, rest)| rest)
        .split_whitespace()
        .map(|f| f.parse().unwrap_or(0))
        .collect();
    let field = |n: usize| fields.get(n).copied().unwrap_or(0);
    let own = field(11) + field(12);
    let ended = if children { field(13) + field(14) } else { 0 };
    Duration::from_micros((own + ended) * TICK_US)
}

/// Processor time of this process's threads so far, to the nanosecond. Threads that ended in
/// between are missing.
pub(crate) fn threads() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let spent = tasks.flatten().map(|task| {
        let stat = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        let nanoseconds = stat.split_whitespace().next().map(str::parse::<u64>);
        nanoseconds.and_then(Result::ok).unwrap_or(0)
    });
    Duration::from_nanos(spent.sum())
}

/// Processor time of a process and everything below it, ended or not.
pub(crate) fn cpu_of_family(pid: u32) -> Duration {
    let mut sum = cpu(pid, true);
    let list = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    for child in list.unwrap_or_default().split_whitespace() {
        sum += child.parse().map_or(Duration::ZERO, cpu_of_family);
    }
    sum
}

/// A line of `/proc/PID/status` in KiB.
pub(crate) fn memory_kib(pid: u32, what: &str) -> u64 {
    std::fs::read_to_string(format!("/proc/{pid}/status"))
        .unwrap_or_default()
        .lines()
        .find_map(|l| l.strip_prefix(what)?.strip_prefix(':'))
        .and_then(|l| l.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// The load of the machine, as `/proc/loadavg` says it.
pub(crate) fn load() -> String {
    std::fs::read_to_string("/proc/loadavg")
        .unwrap_or_default()
        .split_whitespace()
        .take(2)
        .collect::<Vec<_>>()
        .join(" ")
}
