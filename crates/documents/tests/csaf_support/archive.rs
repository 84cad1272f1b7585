//! Reads the JSON files of an archive.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::Command;

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
    assert!(done.success(), "tar cannot unpack {}", archive.display());
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
