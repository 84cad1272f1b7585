//! Where the test data of the world is, and how to read it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests read their environment"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

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

/// The JSON files of a `.tar.xz` archive, unpacked by the system's `tar`.
pub fn unpack(archive: &Path) -> Vec<(String, Vec<u8>)> {
    let folder = std::env::temp_dir().join(format!(
        "entente-csaf-{}-{}",
        std::process::id(),
        std::thread::current()
            .name()
            .unwrap_or("test")
            .replace(':', "_")
    ));
    std::fs::create_dir_all(&folder).unwrap();
    let done = Command::new("tar")
        .arg("-xJf")
        .arg(archive)
        .arg("-C")
        .arg(&folder)
        .status()
        .unwrap();
    if !done.success() {
        panic!("tar cannot unpack {}", archive.display());
    }
    let mut found = Vec::new();
    walk(&folder, &mut found);
    std::fs::remove_dir_all(&folder).unwrap();
    found.sort();
    found
}

fn walk(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|e| e == "json") {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}
