//! What a check says: where, what is wrong, and what would settle it.

use std::fmt;

/// One broken rule at one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path from the project's root, with `/`.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What would settle it.
    pub remedy: String,
}

impl Finding {
    /// Puts a finding together.
    pub fn new(path: &str, line: usize, problem: impl Into<String>, remedy: &str) -> Self {
        Self {
            path: path.to_owned(),
            line,
            problem: problem.into(),
            remedy: remedy.to_owned(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}\n    {}",
            self.path, self.line, self.problem, self.remedy
        )
    }
}
