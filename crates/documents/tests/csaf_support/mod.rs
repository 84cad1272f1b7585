//! Where the test data of the world is, and how to read it.
#![expect(clippy::disallowed_methods, reason = "tests read their environment")]

use std::path::{Path, PathBuf};

/// A file or folder of the test data; without it the test is skipped by name,
/// unless this is CI.
pub fn data(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ENTENTE_TEST_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    let test = std::thread::current().name().unwrap_or("test").to_owned();
    assert!(
        std::env::var_os("CI").is_none(),
        "{test}: {} is missing",
        path.display()
    );
    println!("skipped {test}: {} is missing", path.display());
    None
}
