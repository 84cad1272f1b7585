//! A CSAF provider as a source: its metadata, its ROLIE feeds or folders with `changes.csv`, and of
//! these only what changed since the last time (CSAF 2.0, 7.1 and 7.3).
//!
//! A document is used only if it has the hash that is published for it, and a signature that holds
//! by one of the provider's keys, where it names any. Blocking; everything that the provider names
//! goes through the same door as the provider itself.

use super::document::LARGEST;
use super::poll::{Fetch, Fetched, Item};
use crate::openpgp;
use crate::unpack::{UnpackError, Unpacked};
use entente_domain::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha512};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::time::Duration;

/// Longest list of documents, in bytes.
const LONGEST_LIST: u64 = 256 << 20;
/// Longest hash file or key, in bytes.
const LONGEST_SMALL: u64 = 512 * 1024;
/// Most documents of one time; the rest follows the next time.
const MOST: usize = 100_000;
/// Documents in a row that could not be fetched, after which the provider is in trouble.
const FAILURES: u32 = 5;
/// Between two documents, so that nobody is pressed.
const PAUSE: Duration = Duration::from_millis(20);

/// Where a provider's documents are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Provider {
    feeds: Vec<String>,
    folders: Vec<String>,
    keys: Vec<String>,
}

/// Reads a provider's metadata; none where the bytes are something else.
pub(super) fn metadata(bytes: &[u8]) -> Option<Provider> {
    let read: Value = serde_json::from_slice(bytes).ok()?;
    read.get("metadata_version")?;
    let distributions = read.get("distributions")?.as_array()?;
    let public = |feed: &&Value| {
        let label = feed.get("tlp_label").and_then(Value::as_str);
        matches!(label, None | Some("WHITE" | "CLEAR" | "UNLABELED"))
    };
    let url = |of: &Value, name: &str| of.get(name)?.as_str().map(str::to_owned);
    let feeds = distributions
        .iter()
        .filter_map(|d| d.pointer("/rolie/feeds")?.as_array());
    let feeds: Vec<String> = feeds
        .flatten()
        .filter(public)
        .filter_map(|feed| url(feed, "url"))
        .collect();
    // Both say the same; a feed says it with hashes.
    let folders = match feeds.is_empty() {
        true => distributions
            .iter()
            .filter_map(|d| url(d, "directory_url"))
            .collect(),
        false => Vec::new(),
    };
    let keys = read.get("public_openpgp_keys").and_then(Value::as_array);
    Some(Provider {
        feeds,
        folders,
        keys: keys
            .into_iter()
            .flatten()
            .filter_map(|key| url(key, "url"))
            .collect(),
    })
}

/// A document of a provider.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Listed {
    // As the provider writes it; instants in UTC sort by themselves.
    updated: String,
    url: String,
    hash: Option<String>,
    signature: Option<String>,
}

fn feed(bytes: &[u8]) -> Result<Vec<Listed>, String> {
    #[derive(Deserialize)]
    struct Document {
        feed: Feed,
    }
    #[derive(Deserialize)]
    struct Feed {
        #[serde(default)]
        entry: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        updated: String,
        #[serde(default)]
        link: Vec<Link>,
        content: Content,
    }
    #[derive(Deserialize)]
    struct Link {
        rel: String,
        href: String,
    }
    #[derive(Deserialize)]
    struct Content {
        src: String,
    }
    let read: Document =
        serde_json::from_slice(bytes).map_err(|e| format!("its feed is no ROLIE: {e}"))?;
    let listed = read.feed.entry.into_iter().map(|entry| {
        let links = |rel: &str| {
            let of = entry.link.iter().filter(|link| link.rel == rel);
            of.map(|link| link.href.clone()).collect::<Vec<_>>()
        };
        let hashes = links("hash");
        let strongest = hashes
            .iter()
            .find(|h| h.ends_with(".sha512"))
            .or(hashes.first());
        Listed {
            hash: strongest.cloned(),
            signature: links("signature").into_iter().next(),
            updated: utc(&entry.updated),
            url: entry.content.src,
        }
    });
    Ok(listed.collect())
}

fn changes(folder: &str, text: &str) -> Result<Vec<Listed>, String> {
    let folder = folder.trim_end_matches('/');
    let mut listed = Vec::new();
    for (n, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let mut cells = line.split(',').map(|cell| cell.trim().trim_matches('"'));
        let (Some(path), Some(date)) = (cells.next(), cells.next()) else {
            return Err(format!(
                "line {} of its changes.csv is no path and date",
                n + 1
            ));
        };
        let inside = !path.starts_with('/') && !path.contains("..") && !path.contains("://");
        if !inside {
            return Err(format!(
                "line {} of its changes.csv leads out of its folder",
                n + 1
            ));
        }
        let url = format!("{folder}/{path}");
        listed.push(Listed {
            updated: utc(date),
            hash: Some(format!("{url}.sha512")),
            signature: Some(format!("{url}.asc")),
            url,
        });
    }
    Ok(listed)
}

/// An instant in a form that sorts; what is none stays as it is.
fn utc(text: &str) -> String {
    match jiff::fmt::temporal::DateTimeParser::new().parse_timestamp(text) {
        Ok(at) => at.to_string(),
        Err(_) => text.to_owned(),
    }
}

/// What is read of a provider.
pub(super) struct Reading<'a> {
    pub(super) fetch: &'a dyn Fetch,
    /// Documents that were updated up to here are known.
    pub(super) since: Option<String>,
    /// What the lists were known by.
    pub(super) marks: BTreeMap<String, String>,
    pub(super) now: Timestamp,
}

impl Reading<'_> {
    fn small(&self, url: &str) -> Result<Vec<u8>, String> {
        match self.fetch.fetch(url, "")? {
            Fetched::Same => Err("it says that nothing changed, unasked".to_owned()),
            Fetched::File(file, _) => bounded(file, LONGEST_SMALL),
        }
    }

    /// The documents of a list, if it changed.
    fn list(
        &mut self,
        url: &str,
        read: impl Fn(&[u8]) -> Result<Vec<Listed>, String>,
    ) -> Result<Vec<Listed>, String> {
        let before = self.marks.get(url).cloned().unwrap_or_default();
        match self.fetch.fetch(url, &before)? {
            Fetched::Same => Ok(Vec::new()),
            Fetched::File(file, mark) => {
                let listed = read(&bounded(file, LONGEST_LIST)?)?;
                self.marks.insert(url.to_owned(), mark);
                Ok(listed)
            }
        }
    }

    /// Hands over every document that changed, the oldest change first, until nobody listens.
    ///
    /// # Errors
    /// The provider is in trouble; what was handed over counts.
    pub(super) fn each(
        &mut self,
        provider: &Provider,
        hand: &mut dyn FnMut(Item) -> bool,
    ) -> Result<(), String> {
        if provider.feeds.is_empty() && provider.folders.is_empty() {
            return Err(
                "its metadata names neither a public feed nor a folder; ask its operator"
                    .to_owned(),
            );
        }
        let mut listed = Vec::new();
        for url in &provider.feeds {
            listed.extend(self.list(url, feed)?);
        }
        for folder in &provider.folders {
            let url = format!("{}/changes.csv", folder.trim_end_matches('/'));
            let of = |bytes: &[u8]| {
                let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
                changes(folder, text)
            };
            listed.extend(self.list(&url, of)?);
        }
        listed.retain(|one| {
            self.since
                .as_ref()
                .is_none_or(|since| one.updated >= *since)
        });
        listed.sort();
        listed.dedup_by(|a, b| a.url == b.url);
        if listed.len() > MOST {
            // The lists are read again for the rest.
            listed.truncate(MOST);
            self.marks.clear();
        }
        let keys: Vec<String> = provider
            .keys
            .iter()
            .filter_map(|url| String::from_utf8(self.small(url).ok()?).ok())
            .filter(|key| openpgp::inspect_certificate(key).is_ok())
            .collect();
        let mut failures = 0;
        for one in &listed {
            let bytes = match self.fetch.fetch(&one.url, "") {
                Ok(Fetched::File(file, _)) => {
                    failures = 0;
                    bounded(file, LARGEST as u64).and_then(|bytes| {
                        self.checked(one, &bytes, &keys)?;
                        Ok(bytes)
                    })
                }
                Ok(Fetched::Same) => Err("it says that nothing changed, unasked".to_owned()),
                Err(why) => {
                    failures += 1;
                    if failures >= FAILURES {
                        return Err(format!("{failures} documents in a row: {why}"));
                    }
                    Err(why)
                }
            };
            let go_on = hand(Item {
                one: Unpacked {
                    name: one.url.clone(),
                    bytes: bytes.map_err(UnpackError::Broken),
                },
                since: Some(one.updated.clone()),
            });
            if !go_on {
                return Ok(());
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Whether a document is what the provider published.
    fn checked(&self, one: &Listed, bytes: &[u8], keys: &[String]) -> Result<(), String> {
        if let Some(url) = &one.hash {
            let text = self.small(url);
            // The folder's own hash may be of the other kind.
            let text = text.or_else(|why| match url.strip_suffix(".sha512") {
                Some(stem) => self.small(&format!("{stem}.sha256")),
                None => Err(why),
            })?;
            let text = String::from_utf8_lossy(&text).to_ascii_lowercase();
            let said = text
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned();
            let is = match said.len() {
                128 => data_encoding::HEXLOWER.encode(&Sha512::digest(bytes)),
                _ => data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)),
            };
            if said != is {
                return Err("it has another hash than the provider published".to_owned());
            }
        }
        if let Some(url) = &one.signature
            && !keys.is_empty()
        {
            let signature = String::from_utf8(self.small(url)?).map_err(|e| e.to_string())?;
            let holds =
                |key: &String| openpgp::verify_detached(key, bytes, &signature, self.now).is_ok();
            if !keys.iter().any(holds) {
                return Err("its signature holds by none of the provider's keys".to_owned());
            }
        }
        Ok(())
    }
}

fn bounded(file: std::fs::File, longest: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    file.take(longest + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| e.to_string())?;
    match bytes.len() as u64 > longest {
        true => Err(format!("it is longer than {longest} bytes")),
        false => Ok(bytes),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use entente_testkit::data;

    #[test]
    fn the_official_examples_are_read() {
        let example = |name: &str| {
            let path = format!("csaf/csaf_2.0/examples/{name}");
            data::read(&path)
        };
        let (Some(of_provider), Some(of_feed)) = (
            example("provider-metadata/example-01-provider-metadata.json"),
            example("ROLIE/example-01-feed-tlp-white.json"),
        ) else {
            return;
        };
        let provider = metadata(&of_provider).unwrap();
        assert_eq!(
            provider.feeds,
            ["https://www.example.com/.well-known/csaf/feed-tlp-white.json"]
        );
        assert_eq!(provider.keys.len(), 1);
        let listed = feed(&of_feed).unwrap();
        assert!(!listed.is_empty());
        assert!(
            listed
                .iter()
                .all(|one| one.url.starts_with("https://") && one.hash.is_some())
        );
        assert_eq!(metadata(b"{}"), None);
        assert_eq!(metadata(b"["), None);
    }

    #[test]
    fn a_list_of_changes_stays_in_its_folder() {
        let text =
            "\"2026/a.json\",\"2026-11-01T10:00:00+02:00\"\n2026/b.json,2026-11-01T09:00:00Z\n\n";
        let mut listed = changes("https://p.example/white/", text).unwrap();
        listed.sort();
        let urls: Vec<_> = listed.iter().map(|one| one.url.as_str()).collect();
        // Sorted by instant, not by text.
        assert_eq!(
            urls,
            [
                "https://p.example/white/2026/a.json",
                "https://p.example/white/2026/b.json"
            ]
        );
        for bad in [
            "/etc/passwd,2026-11-01T09:00:00Z",
            "../a.json,2026",
            "https://x.example/a,2026",
            "alone",
        ] {
            assert!(changes("https://p.example", bad).is_err(), "{bad}");
        }
    }
}
