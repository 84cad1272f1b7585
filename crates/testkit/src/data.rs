//! Test data of the world: real advisories, records and bills of materials that are not in the project.
//!
//! Found through `ENTENTE_TEST_DATA`; the default is the folder `shared/data` beside the project's root.

use std::path::{Path, PathBuf};

use crate::skip;

/// The file or folder `relative` of the test data, such as `csaf` or `cve/2024/CVE-2024-3094.json`.
///
/// `None` when it is absent: the test has been named as skipped and returns.
///
/// # Panics
///
/// Where it is absent and `CI` is set.
#[must_use]
#[track_caller]
pub fn path(relative: &str) -> Option<PathBuf> {
    let path = root().join(relative);
    if path.exists() {
        return Some(path);
    }
    skip::missing(
        &format!("test data {}", path.display()),
        "set ENTENTE_TEST_DATA to the folder that holds it",
    );
    None
}

/// The content of the file `relative` of the test data; `None` as for [`path`].
///
/// # Panics
///
/// Where it cannot be read, or is absent and `CI` is set.
#[must_use]
#[track_caller]
pub fn read(relative: &str) -> Option<Vec<u8>> {
    let path = path(relative)?;
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) => panic!("cannot read {}: {error}", path.display()),
    }
}

/// All files under the folder `relative` whose name ends with `ending`, in the order of their paths, so that a
/// failure is met at the same file each time; `None` as for [`path`].
///
/// # Panics
///
/// Where a folder cannot be read, or is absent and `CI` is set.
#[must_use]
#[track_caller]
pub fn files(relative: &str, ending: &str) -> Option<Vec<PathBuf>> {
    let mut folders = vec![path(relative)?];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => panic!("cannot list {}: {error}", folder.display()),
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                files.push(path);
            }
        }
    }
    files.sort();
    Some(files)
}

fn root() -> PathBuf {
    match std::env::var_os("ENTENTE_TEST_DATA") {
        Some(root) if !root.is_empty() => PathBuf::from(root),
        _ => project_root().join("../shared/data"),
    }
}

/// The root of the project, where `Cargo.lock` is.
#[must_use]
pub fn project_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_root_holds_the_lock_file() {
        assert!(project_root().join("Cargo.lock").exists());
    }

    #[test]
    fn files_are_found_by_ending_and_in_order() {
        // Any folder will do: the data's own root is joined, and an absolute path replaces it.
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let found = files(&here.to_string_lossy(), ".rs").expect("the folder exists");
        assert!(found.iter().any(|path| path.ends_with("src/data.rs")));
        assert!(found.is_sorted());
        assert_eq!(files(&here.to_string_lossy(), ".none"), Some(Vec::new()));
    }
}
