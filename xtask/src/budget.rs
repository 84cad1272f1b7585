//! The number of crates in the lock file against the committed limit: the one cost of a build that does not depend
//! on the machine.

use std::path::Path;

use anyhow::{Context, Result};

use crate::finding::Finding;

/// Crates in Cargo.lock, the project's own among them. Raise it in the commit that needs it, and say there why.
const LIMIT: usize = 460;

/// Prints the count; a finding when it is over the limit.
pub fn check(root: &Path) -> Result<Vec<Finding>> {
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).context("reading Cargo.lock")?;
    let count = lock.lines().filter(|line| *line == "[[package]]").count();
    println!("budget: {count} crates in Cargo.lock, at most {LIMIT}");
    Ok(over(count))
}

fn over(count: usize) -> Vec<Finding> {
    if count <= LIMIT {
        return Vec::new();
    }
    vec![Finding::new(
        "Cargo.lock",
        1,
        format!("{count} crates are over the limit of {LIMIT}"),
        "find what `cargo tree --edges normal --duplicates` and default features brought; or raise LIMIT in \
         xtask/src/budget.rs and say why",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_within_it() {
        assert!(over(LIMIT).is_empty());
        assert_eq!(over(LIMIT + 1).len(), 1);
    }
}
