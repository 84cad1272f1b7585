//! Documents from files, folders, archives and standard input, one after the
//! other: nothing is kept.

use anyhow::{Context, bail};
use entente_service::unpack;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Larger documents are refused: the standard asks readers for less.
const LARGEST: u64 = 256 << 20;

/// A document, or why there is none.
pub(in crate::commands) struct Document {
    pub(in crate::commands) name: String,
    pub(in crate::commands) bytes: anyhow::Result<Vec<u8>>,
}

/// Hands every document to `take`, until it answers false.
pub(in crate::commands) fn each(paths: &[PathBuf], take: &mut dyn FnMut(Document) -> bool) {
    for path in paths {
        let name = path.display().to_string();
        let done = if path == Path::new("-") {
            let bytes = bounded(&mut std::io::stdin().lock()).context("reading standard input");
            take(Document { name, bytes })
        } else if path.is_dir() {
            folder(path, take)
        } else {
            opened(path, take)
        };
        if !done {
            return;
        }
    }
}

/// Does something with every document and tells the outcome: 0 if all went well, 1 if `one`
/// answered false for some, 2 if some could not be read or written.
pub(super) fn outcome(
    paths: &[PathBuf],
    mut one: impl FnMut(&str, anyhow::Result<Vec<u8>>) -> anyhow::Result<bool>,
) -> ExitCode {
    let (mut refused, mut unreadable) = (false, false);
    each(paths, &mut |document| {
        match one(&document.name, document.bytes) {
            Ok(well) => refused |= !well,
            Err(error) => {
                unreadable = true;
                eprintln!("entente: {error:#}");
            }
        }
        true
    });
    match (unreadable, refused) {
        (true, _) => ExitCode::from(2),
        (_, true) => ExitCode::from(1),
        _ => ExitCode::SUCCESS,
    }
}

fn is_json(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("json"))
}

/// The files of a folder by name; links to folders are not followed.
fn folder(path: &Path, take: &mut dyn FnMut(Document) -> bool) -> bool {
    let mut entries = Vec::new();
    let read = std::fs::read_dir(path).and_then(|list| {
        for entry in list {
            let entry = entry?;
            entries.push((entry.path(), entry.file_type()?.is_dir()));
        }
        Ok(())
    });
    if let Err(error) = read {
        return take(Document {
            name: path.display().to_string(),
            bytes: Err(
                anyhow::Error::new(error).context(format!("reading the folder {}", path.display()))
            ),
        });
    }
    entries.sort();
    entries.into_iter().all(|(entry, is_folder)| {
        if is_folder {
            folder(&entry, take)
        } else if is_json(&entry) && !entry.is_dir() {
            take(Document {
                name: entry.display().to_string(),
                bytes: file(&entry),
            })
        } else {
            true
        }
    })
}

fn file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let context = || format!("reading {}", path.display());
    let mut file = std::fs::File::open(path).with_context(context)?;
    bounded(&mut file).with_context(context)
}

fn bounded(reader: &mut dyn Read) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        bail!(
            "the document is larger than {} MiB; split it",
            LARGEST >> 20
        );
    }
    Ok(bytes)
}

/// A file, or the JSON files of an archive in its order, as it is unpacked.
fn opened(path: &Path, take: &mut dyn FnMut(Document) -> bool) -> bool {
    let name = path.display().to_string();
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) => {
            let error = anyhow::Error::new(error).context(format!("reading {name}"));
            let bytes = Err(error);
            return take(Document { name, bytes });
        }
    };
    let wanted = |inner: &str| is_json(Path::new(inner));
    unpack::each(file, &name, LARGEST, &wanted, &mut |one| {
        let context = format!("reading {}", one.name);
        take(Document {
            name: one.name,
            bytes: one.bytes.context(context),
        })
    })
}
