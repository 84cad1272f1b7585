//! A CSAF provider as a source: its metadata, its ROLIE feeds or folders with `changes.csv`, and of
//! these only what changed since the last time (CSAF 2.0, 7.1 and 7.3).
//!
//! A document is used only if it has the hash that is published for it, and a signature that holds
//! by a key with a fingerprint that the metadata names: always of a trusted provider, of others
//! where they publish them. What could not be used is asked for again the next time. Blocking; everything that the provider names
//! goes through the same door as the provider itself.

use super::document::LARGEST;
use super::poll::{Fetch, Fetched, Item};
use crate::openpgp;
use crate::unpack::{UnpackError, Unpacked};
use entente_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
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

/// Where a provider's documents are, and how they are held to be its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Provider {
    feeds: Vec<String>,
    folders: Vec<String>,
    // Fingerprint, and where the key is.
    keys: Vec<(String, String)>,
    // Whether it says that every document has hash and signature (7.2.3).
    trusted: bool,
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
    let text = |of: &Value, name: &str| of.get(name)?.as_str().map(str::to_owned);
    let feeds = distributions
        .iter()
        .filter_map(|d| d.pointer("/rolie/feeds")?.as_array());
    let feeds = feeds.flatten().filter(public);
    let feeds: Vec<String> = feeds.filter_map(|feed| text(feed, "url")).collect();
    let folders = distributions
        .iter()
        .filter_map(|d| text(d, "directory_url"));
    let keys = read.get("public_openpgp_keys").and_then(Value::as_array);
    let keys = keys.into_iter().flatten().filter_map(|key| {
        let fingerprint = text(key, "fingerprint")?;
        Some((fingerprint, text(key, "url")?))
    });
    Some(Provider {
        // Both say the same; a feed says it with hashes.
        folders: match feeds.is_empty() {
            true => folders.collect(),
            false => Vec::new(),
        },
        feeds,
        keys: keys.collect(),
        trusted: text(&read, "role").as_deref() == Some("csaf_trusted_provider"),
    })
}

/// A document of a provider.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    /// When it changed, by the provider's word.
    updated: Timestamp,
    /// Where it is.
    pub(super) url: String,
    hash: Option<String>,
    signature: Option<String>,
    // Whether hash and signature are named by the provider, not guessed from its folder.
    named: bool,
}

/// How far a list of a provider is read with a document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Progress {
    /// The list.
    pub(super) list: String,
    /// What changed up to here is read.
    pub(super) since: Timestamp,
    /// The document.
    pub(super) listed: Listed,
}

/// Documents of a list, and lines of it that say nothing sensible.
type List = (Vec<Listed>, Vec<String>);

fn feed(bytes: &[u8]) -> Result<List, String> {
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
    let (mut listed, mut odd) = (Vec::new(), Vec::new());
    for entry in read.feed.entry {
        let links = |rel: &str| {
            let of = entry.link.iter().filter(|link| link.rel == rel);
            of.map(|link| link.href.clone()).collect::<Vec<_>>()
        };
        let hashes = links("hash");
        let strongest = hashes
            .iter()
            .find(|h| h.ends_with(".sha512"))
            .or(hashes.first());
        match instant(&entry.updated) {
            Some(updated) => listed.push(Listed {
                updated,
                hash: strongest.cloned(),
                signature: links("signature").into_iter().next(),
                url: entry.content.src,
                named: true,
            }),
            None => odd.push(entry.content.src),
        }
    }
    Ok((listed, odd))
}

fn changes(folder: &str, text: &str) -> Result<List, String> {
    let folder = folder.trim_end_matches('/');
    let (mut listed, mut odd) = (Vec::new(), Vec::new());
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
        match instant(date) {
            Some(updated) => listed.push(Listed {
                updated,
                hash: Some(format!("{url}.sha512")),
                signature: Some(format!("{url}.asc")),
                url,
                named: false,
            }),
            None => odd.push(url),
        }
    }
    Ok((listed, odd))
}

fn instant(text: &str) -> Option<Timestamp> {
    let at = jiff::fmt::temporal::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()?;
    Some(Timestamp(at.as_microsecond()))
}

/// What is read of a provider.
pub(super) struct Reading<'a> {
    pub(super) fetch: &'a dyn Fetch,
    /// For each list, up to which change its documents are known.
    pub(super) since: BTreeMap<String, Timestamp>,
    /// What the lists were known by.
    pub(super) marks: BTreeMap<String, String>,
    /// Documents that could not be used before; they are asked for again.
    pub(super) failed: Vec<(String, Listed)>,
    pub(super) now: Timestamp,
}

impl Reading<'_> {
    fn get(&self, url: &str, most: u64) -> Result<Vec<u8>, String> {
        match self.fetch.fetch(url, "", most)? {
            Fetched::Same => Err("it says that nothing changed, unasked".to_owned()),
            Fetched::File(file, _) => bounded(file, most),
        }
    }

    /// The documents of a list that changed since the last time, the oldest change first.
    fn list(
        &mut self,
        url: &str,
        read: &dyn Fn(&[u8]) -> Result<List, String>,
    ) -> Result<List, String> {
        let before = self.marks.get(url).cloned().unwrap_or_default();
        match self.fetch.fetch(url, &before, LONGEST_LIST)? {
            Fetched::Same => Ok((Vec::new(), Vec::new())),
            Fetched::File(file, mark) => {
                let (mut listed, odd) = read(&bounded(file, LONGEST_LIST)?)?;
                self.marks.insert(url.to_owned(), mark);
                let since = self.since.get(url).copied();
                listed.retain(|one| since.is_none_or(|since| one.updated >= since));
                listed.sort();
                if listed.len() > MOST {
                    // The list is read again for the rest.
                    listed.truncate(MOST);
                    self.marks.remove(url);
                }
                Ok((listed, odd))
            }
        }
    }

    /// The keys that the provider names, each with the fingerprint that it names.
    fn keys(&self, provider: &Provider) -> Result<Vec<String>, String> {
        let mut keys = Vec::new();
        for (fingerprint, url) in &provider.keys {
            let Some(key) = self.get(url, LONGEST_SMALL).ok() else {
                continue;
            };
            let Ok(key) = String::from_utf8(key) else {
                continue;
            };
            let is = openpgp::inspect_certificate(&key);
            if is.is_ok_and(|facts| facts.fingerprint.eq_ignore_ascii_case(fingerprint)) {
                keys.push(key);
            }
        }
        match keys.is_empty() && !provider.keys.is_empty() {
            // Without them nothing could be held against its signatures.
            true => Err("none of the keys that its metadata names is there with its fingerprint; ask its operator".to_owned()),
            false => Ok(keys),
        }
    }

    /// Hands over every document that changed, list by list, until nobody listens.
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
        let keys = self.keys(provider)?;
        let mut wanted: Vec<(String, Listed)> = std::mem::take(&mut self.failed);
        let mut odd = Vec::new();
        for url in &provider.feeds {
            let (listed, without_date) = self.list(url, &feed)?;
            wanted.extend(listed.into_iter().map(|one| (url.clone(), one)));
            odd.extend(without_date);
        }
        for folder in &provider.folders {
            let url = format!("{}/changes.csv", folder.trim_end_matches('/'));
            let of = |bytes: &[u8]| {
                let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
                changes(folder, text)
            };
            let (listed, without_date) = self.list(&url, &of)?;
            wanted.extend(listed.into_iter().map(|one| (url.clone(), one)));
            odd.extend(without_date);
        }
        for name in odd {
            let bytes = Err(UnpackError::Broken(
                "it is listed without a date".to_owned(),
            ));
            let one = Unpacked { name, bytes };
            if !hand(Item {
                one,
                progress: None,
            }) {
                return Ok(());
            }
        }
        let mut failures = 0;
        for (list, listed) in wanted {
            let bytes = self.get(&listed.url, LARGEST as u64);
            match &bytes {
                Ok(_) => failures = 0,
                Err(why) => {
                    failures += 1;
                    if failures >= FAILURES {
                        return Err(format!("{failures} documents in a row: {why}"));
                    }
                }
            }
            let bytes = bytes.and_then(|bytes| {
                self.checked(&listed, &bytes, &keys, provider.trusted)?;
                Ok(bytes)
            });
            let go_on = hand(Item {
                one: Unpacked {
                    name: listed.url.clone(),
                    bytes: bytes.map_err(UnpackError::Broken),
                },
                progress: Some(Progress {
                    list,
                    // A date in the future must not hide what comes until then.
                    since: listed.updated.min(self.now),
                    listed,
                }),
            });
            if !go_on {
                return Ok(());
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Whether a document is what the provider published. Of a trusted provider each has a hash and
    /// a signature; of others, what they name holds.
    fn checked(
        &self,
        one: &Listed,
        bytes: &[u8],
        keys: &[String],
        trusted: bool,
    ) -> Result<(), String> {
        let hash = match &one.hash {
            Some(url) => {
                let text = self.get(url, LONGEST_SMALL);
                // The folder's own hash may be of the other kind.
                text.or_else(|why| match url.strip_suffix(".sha512") {
                    Some(stem) => self.get(&format!("{stem}.sha256"), LONGEST_SMALL),
                    None => Err(why),
                })
            }
            None => Err("it has no hash".to_owned()),
        };
        match hash {
            Ok(text) => {
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
            Err(why) if trusted || one.named && one.hash.is_some() => {
                return Err(format!("its hash: {why}"));
            }
            Err(_) => {}
        }
        let signature = match &one.signature {
            Some(url) => self.get(url, LONGEST_SMALL),
            None => Err("it has no signature".to_owned()),
        };
        match signature {
            Ok(signature) => {
                let signature = String::from_utf8_lossy(&signature);
                let holds = |key: &String| {
                    openpgp::verify_detached(key, bytes, &signature, self.now).is_ok()
                };
                // Who names no key cannot have it held against one.
                if !keys.iter().any(holds) && (trusted || !keys.is_empty()) {
                    return Err("its signature holds by none of the provider's keys".to_owned());
                }
            }
            Err(why) if trusted || one.named && one.signature.is_some() => {
                return Err(format!("its signature: {why}"));
            }
            Err(_) => {}
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
        assert_eq!((provider.keys.len(), provider.trusted), (1, true));
        let (listed, odd) = feed(&of_feed).unwrap();
        assert!(!listed.is_empty() && odd.is_empty());
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
        let text = "\"2026/a.json\",\"2026-11-01T10:00:00+02:00\"\n2026/b.json,2026-11-01T09:00:00Z\n\n2026/c.json,soon\n";
        let (mut listed, odd) = changes("https://p.example/white/", text).unwrap();
        assert_eq!(odd, ["https://p.example/white/2026/c.json"]);
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
