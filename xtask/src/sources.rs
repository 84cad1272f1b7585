//! The text files of the project, as git knows them: committed, or new and not ignored.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// One text file.
#[derive(Debug)]
pub struct Source {
    /// Path from the project's root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Source {
    /// Whether the name ends so.
    pub fn is(&self, extension: &str) -> bool {
        self.path
            .rsplit_once('.')
            .is_some_and(|(_, own)| own == extension)
    }

    /// Taken from others or made by a tool: not ours to word.
    pub fn is_foreign(&self) -> bool {
        const FOLDERS: [&str; 4] = ["/vendor/", "/tests/data/", "/assets/schema", "/snapshots/"];
        FOLDERS.iter().any(|folder| self.path.contains(folder))
            || self.path.ends_with(".json")
            || self.path.ends_with(".min.js")
            || self.path == "Cargo.lock"
            || self.path == "LICENSE"
    }
}

/// Reads them all; files that are not text are left out.
pub fn read(root: &Path) -> Result<Vec<Source>> {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output()
        .context("git lists the files to check, and did not start")?;
    ensure!(
        listed.status.success(),
        "git could not list the files: {}",
        String::from_utf8_lossy(&listed.stderr).trim()
    );
    let mut sources = Vec::new();
    for path in listed.stdout.split(|byte| *byte == 0) {
        let path = String::from_utf8_lossy(path).into_owned();
        // Deleted in the work tree and not yet in the index: nothing to check.
        let Ok(bytes) = std::fs::read(root.join(&path)) else {
            continue;
        };
        if let Ok(text) = String::from_utf8(bytes) {
            sources.push(Source { path, text });
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources.dedup_by(|a, b| a.path == b.path);
    Ok(sources)
}
