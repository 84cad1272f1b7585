//! What a file holds: itself, or the files of an archive, one after the other. The kind is told by
//! the first bytes, not by the name.
//!
//! Nothing is written to disk, and names of the inside lead nowhere. What comes from strangers is
//! bounded: each file, all of them together, and how many there are.

use std::fs::File;
use std::io::{BufRead, BufReader, Chain, Cursor, Read, Seek, SeekFrom};

/// Most files of one archive.
const MOST_FILES: usize = 2_000_000;
/// Most bytes of one archive when it is unpacked.
const MOST_BYTES: u64 = 32 << 30;
/// Memory that unpacking one xz stream may take, in kibibytes.
const XZ_MEMORY_KIB: u32 = 128 * 1024;

/// Why a file or an archive was not read.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// Reading failed, or the archive is damaged.
    #[error("it cannot be read: {0}; give a whole file")]
    Broken(String),
    /// One file is too long.
    #[error("it is longer than {} MiB; split it", .0 >> 20)]
    TooLong(u64),
    /// All of it is too much.
    #[error("unpacked it is more than {MOST_FILES} files or {} GiB; split it", MOST_BYTES >> 30)]
    TooMuch,
}

/// One file, or why there is none.
#[derive(Debug)]
pub struct Unpacked {
    /// Its name; behind the archive's name and an exclamation mark, if it is in one.
    pub name: String,
    /// Its content.
    pub bytes: Result<Vec<u8>, UnpackError>,
}

fn broken(error: impl std::fmt::Display) -> UnpackError {
    // The reader repeats what it met, and that may steer a terminal.
    UnpackError::Broken(error.to_string().escape_debug().to_string())
}

/// A name from a stranger is shown, and must not steer a terminal.
fn plain(name: &[u8]) -> String {
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    String::from_utf8_lossy(name).chars().map(shown).collect()
}

struct Handing<'a> {
    archive: &'a str,
    longest: u64,
    wanted: &'a dyn Fn(&str) -> bool,
    take: &'a mut dyn FnMut(Unpacked) -> bool,
    files: usize,
    bytes: u64,
}

impl Handing<'_> {
    /// Hands one file of an archive over; false where no more is wanted.
    fn one(&mut self, inner: &str, size: u64, source: &mut dyn Read) -> Result<bool, UnpackError> {
        self.files += 1;
        if self.files > MOST_FILES {
            return Err(UnpackError::TooMuch);
        }
        if !(self.wanted)(inner) {
            return Ok(true);
        }
        let bytes = bounded(source, self.longest).and_then(|bytes| {
            // An archive that breaks off ends its last file too early, without a word.
            match bytes.len() as u64 == size {
                true => Ok(bytes),
                false => Err(broken("it is not as long as the archive says")),
            }
        });
        if let Ok(bytes) = &bytes {
            self.bytes += bytes.len() as u64;
        }
        if self.bytes > MOST_BYTES {
            return Err(UnpackError::TooMuch);
        }
        let name = format!("{}!{inner}", self.archive);
        Ok((self.take)(Unpacked { name, bytes }))
    }

    fn tar(&mut self, source: impl Read) -> Result<bool, UnpackError> {
        // What is not handed over counts as well: an archive may be long for nothing.
        let source = source.take(MOST_BYTES);
        for entry in tar::Archive::new(source).entries().map_err(broken)? {
            let mut entry = entry.map_err(broken)?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let inner = plain(&entry.path_bytes());
            let size = entry.size();
            if !self.one(&inner, size, &mut entry)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn zip(&mut self, file: File) -> Result<bool, UnpackError> {
        let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(broken)?;
        if archive.len() > MOST_FILES {
            return Err(UnpackError::TooMuch);
        }
        for place in 0..archive.len() {
            let mut entry = archive.by_index(place).map_err(broken)?;
            if !entry.is_file() {
                continue;
            }
            let inner = plain(entry.name().map_err(broken)?.as_bytes());
            let size = entry.size();
            if !self.one(&inner, size, &mut entry)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Reads to the end, but not beyond the limit.
fn bounded(source: &mut dyn Read, longest: u64) -> Result<Vec<u8>, UnpackError> {
    let mut bytes = Vec::new();
    source
        .take(longest + 1)
        .read_to_end(&mut bytes)
        .map_err(broken)?;
    if bytes.len() as u64 > longest {
        return Err(UnpackError::TooLong(longest));
    }
    Ok(bytes)
}

/// Whether these are the first bytes of a tar archive.
fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

type Peeked<R> = Chain<Cursor<Vec<u8>>, R>;

/// The first 512 bytes, and all of it.
fn peek<R: Read>(mut source: R) -> Result<(Vec<u8>, Peeked<R>), UnpackError> {
    let mut head = Vec::new();
    source
        .by_ref()
        .take(512)
        .read_to_end(&mut head)
        .map_err(broken)?;
    Ok((head.clone(), Cursor::new(head).chain(source)))
}

/// Hands over what a file holds, until `take` answers false; answers whether it never did. In an
/// archive only files with a wanted name are handed over. An archive that breaks off hands over
/// what came before, and why there is no more.
pub fn each(
    file: File,
    name: &str,
    longest: u64,
    wanted: &dyn Fn(&str) -> bool,
    take: &mut dyn FnMut(Unpacked) -> bool,
) -> bool {
    let mut handing = Handing {
        archive: name,
        longest,
        wanted,
        take,
        files: 0,
        bytes: 0,
    };
    match opened(file, &mut handing) {
        Ok(go_on) => go_on,
        Err(error) => take(Unpacked {
            name: name.to_owned(),
            bytes: Err(error),
        }),
    }
}

fn opened(mut file: File, handing: &mut Handing<'_>) -> Result<bool, UnpackError> {
    let mut head = Vec::new();
    (&mut file)
        .take(512)
        .read_to_end(&mut head)
        .map_err(broken)?;
    file.seek(SeekFrom::Start(0)).map_err(broken)?;
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return handing.zip(file);
    }
    let source = BufReader::with_capacity(1 << 16, file);
    if head.starts_with(&[0x1f, 0x8b]) {
        return packed(flate2::bufread::MultiGzDecoder::new(source), handing);
    }
    if head.starts_with(b"\xfd7zXZ\0") {
        let reader = lzma_rust2::XzReader::new_mem_limit(source, true, XZ_MEMORY_KIB);
        return packed(reader, handing);
    }
    if !is_tar(&head) {
        named_otherwise(handing.archive, &[".tar", ".gz", ".tgz", ".xz", ".zip"])?;
    }
    inside(&head, source, handing)
}

/// What is named like an archive and is none was damaged, or is something else.
fn named_otherwise(name: &str, endings: &[&str]) -> Result<(), UnpackError> {
    let name = name.to_ascii_lowercase();
    match endings.iter().any(|ending| name.ends_with(ending)) {
        true => Err(broken("it is no archive of the kind that its name says")),
        false => Ok(()),
    }
}

fn packed(reader: impl Read, handing: &mut Handing<'_>) -> Result<bool, UnpackError> {
    let (head, source) = peek(reader)?;
    if !is_tar(&head) {
        named_otherwise(handing.archive, &[".tar.gz", ".tgz", ".tar.xz"])?;
    }
    inside(&head, BufReader::new(source), handing)
}

/// A tar archive, or one file.
fn inside(
    head: &[u8],
    mut source: impl BufRead,
    handing: &mut Handing<'_>,
) -> Result<bool, UnpackError> {
    if is_tar(head) {
        return handing.tar(source);
    }
    let bytes = bounded(&mut source, handing.longest);
    Ok((handing.take)(Unpacked {
        name: handing.archive.to_owned(),
        bytes,
    }))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, bytes) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o600);
            tar.append_data(&mut header, name, *bytes).unwrap();
        }
        tar.into_inner().unwrap()
    }

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn unpacked(bytes: &[u8], longest: u64) -> Vec<(String, Result<Vec<u8>, String>)> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        let mut found = Vec::new();
        each(
            file,
            "a",
            longest,
            &|name| name.ends_with(".json"),
            &mut |one| {
                found.push((one.name, one.bytes.map_err(|e| e.to_string())));
                true
            },
        );
        found
    }

    #[test]
    fn every_kind_is_told_by_its_content() {
        let files: [(&str, &[u8]); 3] =
            [("x/1.json", b"{1}"), ("read.me", b"no"), ("2.json", b"{2}")];
        let both = [
            ("a!x/1.json".to_owned(), Ok(b"{1}".to_vec())),
            ("a!2.json".to_owned(), Ok(b"{2}".to_vec())),
        ];
        assert_eq!(unpacked(&tar_of(&files), 100), both);
        assert_eq!(unpacked(&gz(&tar_of(&files)), 100), both);
        assert_eq!(unpacked(&zip_of(&files), 100), both);
        let alone = [("a".to_owned(), Ok(b"{}".to_vec()))];
        assert_eq!(unpacked(b"{}", 100), alone);
        assert_eq!(unpacked(&gz(b"{}"), 100), alone);
        assert_eq!(unpacked(b"", 100), [("a".to_owned(), Ok(Vec::new()))]);
    }

    #[test]
    fn a_bomb_is_refused_and_what_breaks_off_says_so() {
        let zeros = vec![0; 1 << 20];
        for bytes in [
            gz(&zeros),
            gz(&tar_of(&[("1.json", &zeros)])),
            zip_of(&[("1.json", &zeros)]),
        ] {
            let found = unpacked(&bytes, 1_000);
            assert_eq!(found.len(), 1);
            assert!(
                found[0].1.as_ref().unwrap_err().contains("longer than"),
                "{}",
                found[0].0
            );
        }
        let random: Vec<u8> = (0..4_000_u32)
            .flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes())
            .collect();
        let whole = tar_of(&[("1.json", b"{1}"), ("2.json", &random)]);
        for bytes in [&whole[..whole.len() / 2], &gz(&whole)[..whole.len() / 3]] {
            let found = unpacked(bytes, 1 << 20);
            assert_eq!(found[0].1, Ok(b"{1}".to_vec()));
            assert!(found[1].1.is_err(), "{}", found[1].0);
        }
        let zip = zip_of(&[("1.json", b"{1}")]);
        assert!(unpacked(&zip[..zip.len() - 4], 100)[0].1.is_err());
    }
}
