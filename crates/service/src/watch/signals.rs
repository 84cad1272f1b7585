//! What is known of exploitation: CISA's catalogue, ENISA's list of exploited vulnerabilities, and
//! the EPSS scores, each as it was on a day. Entries vanish from such lists without a mark, so that
//! every day's list is kept; the newest of each kind counts.

use crate::error::ServiceError;
use crate::{App, Fault, transact};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_store::Tx;
use entente_store::watch::{self as table, SignalList};
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::io::Read as _;

/// Longest list that is taken, in bytes; EPSS has about 10 MB.
const LARGEST: u64 = 128 << 20;
/// Most entries of a list.
const MOST: usize = 2_000_000;

const KINDS: [(&str, &str); 3] = [("kev", "CISA KEV"), ("eu-kev", "EU KEV"), ("epss", "EPSS")];

/// A vulnerability of a list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Entry {
    cve: String,
    /// Since when it is listed, where the list says so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    since: String,
    /// Whether ransomware is known to use it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ransomware: bool,
    /// Probability of exploitation in the next 30 days, and its percentile, in millionths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    epss: Option<(u32, u32)>,
}

/// A list that was read.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct List {
    kind: String,
    day: String,
    entries: Vec<Entry>,
}

/// That a vulnerability is known to be exploited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exploited {
    /// Who says so.
    pub by: &'static str,
    /// Since when it is listed, as it came; may be empty.
    pub since: String,
    /// Whether ransomware is known to use it.
    pub ransomware: bool,
}

/// The newest lists.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    exploited: HashMap<String, Vec<Exploited>>,
    epss: HashMap<String, (u32, u32)>,
    /// The lists that are there, for people, with their day.
    pub lists: Vec<(&'static str, String)>,
}

impl Signals {
    /// Who lists one of these names as exploited.
    #[must_use]
    pub fn exploited(&self, names: &BTreeSet<String>) -> Vec<&Exploited> {
        names
            .iter()
            .filter_map(|name| self.exploited.get(name))
            .flatten()
            .collect()
    }

    /// The highest EPSS probability of these names and its percentile, in millionths.
    #[must_use]
    pub fn epss(&self, names: &BTreeSet<String>) -> Option<(u32, u32)> {
        names
            .iter()
            .filter_map(|name| self.epss.get(name))
            .max()
            .copied()
    }
}

/// What became of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignalsTaken {
    /// Which list, for people.
    pub list: &'static str,
    /// Its day.
    pub day: String,
    /// How many vulnerabilities it names.
    pub entries: usize,
}

fn invalid(why: impl Into<String>) -> ServiceError {
    ServiceError::invalid(
        "document",
        why,
        "Take CISA's catalogue as JSON, ENISA's exploited vulnerabilities as JSON, or the EPSS scores as CSV.",
    )
}

/// Reads and keeps a list of what is exploited; none where the bytes are no such list.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not; [`ServiceError::Invalid`] for a list that is broken.
pub async fn take_signals(
    app: &App,
    viewer: &Viewer,
    bytes: &[u8],
) -> Result<Option<SignalsTaken>, ServiceError> {
    if !may(viewer, Action::Write, Resource::Watch) {
        return Err(ServiceError::NotFound);
    }
    let now = app.now();
    let Some(list) = read(bytes, &now.rfc3339())? else {
        return Ok(None);
    };
    let label = KINDS.iter().find(|(kind, _)| *kind == list.kind);
    let taken = SignalsTaken {
        list: label.map_or("", |(_, label)| label),
        day: list.day.clone(),
        entries: list.entries.len(),
    };
    let text = serde_json::to_vec(&list).map_err(ServiceError::internal)?;
    let mut body = Vec::new();
    DeflateEncoder::new(&*text, Compression::fast())
        .read_to_end(&mut body)
        .map_err(ServiceError::internal)?;
    let kept = SignalList {
        kind: list.kind,
        day: list.day,
        seen_at: now,
        body,
    };
    transact(app, move |tx| Ok(table::put_list(tx, &kept)?)).await?;
    Ok(Some(taken))
}

fn read(bytes: &[u8], now: &str) -> Result<Option<List>, ServiceError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').trim_start(),
        Err(_) => return Ok(None),
    };
    let list = if text.starts_with("#model_version") || text.starts_with("cve,epss") {
        epss(text, now)?
    } else if text.starts_with('{') && text.contains("\"catalogVersion\"") {
        kev(text)?
    } else if text.starts_with('[') && text.contains("\"exploitedSince\"") {
        eu_kev(text, now)?
    } else {
        return Ok(None);
    };
    if list.entries.len() > MOST {
        return Err(invalid(format!("The list has more than {MOST} entries.")));
    }
    Ok(Some(list))
}

fn day(text: &str) -> Option<String> {
    let day: String = text
        .chars()
        .take(10)
        .map(|c| if c == '.' { '-' } else { c })
        .collect();
    let well_formed = day.len() == 10
        && day.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    well_formed.then_some(day)
}

fn kev(text: &str) -> Result<List, ServiceError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Catalogue {
        date_released: Option<String>,
        catalog_version: String,
        vulnerabilities: Vec<Listed>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Listed {
        #[serde(rename = "cveID")]
        cve_id: String,
        #[serde(default)]
        date_added: String,
        #[serde(default)]
        known_ransomware_campaign_use: String,
    }
    let read: Catalogue = serde_json::from_str(text)
        .map_err(|e| invalid(format!("CISA's catalogue is not as expected: {e}.")))?;
    let released = read.date_released.as_deref().and_then(day);
    let day = released.or_else(|| day(&read.catalog_version));
    let entries = read.vulnerabilities.into_iter().map(|listed| Entry {
        cve: listed.cve_id.trim().to_owned(),
        since: listed.date_added,
        ransomware: listed.known_ransomware_campaign_use == "Known",
        epss: None,
    });
    Ok(List {
        kind: "kev".to_owned(),
        day: day.ok_or_else(|| invalid("CISA's catalogue does not say of which day it is."))?,
        entries: entries.collect(),
    })
}

fn eu_kev(text: &str, now: &str) -> Result<List, ServiceError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Listed {
        id: String,
        #[serde(default)]
        aliases: String,
        #[serde(default)]
        exploited_since: Option<String>,
    }
    let read: Vec<Listed> = serde_json::from_str(text)
        .map_err(|e| invalid(format!("ENISA's list is not as expected: {e}.")))?;
    let mut entries = Vec::with_capacity(read.len());
    for listed in &read {
        let names = listed
            .aliases
            .split_whitespace()
            .chain([listed.id.as_str()]);
        entries.extend(names.map(|name| Entry {
            cve: name.to_owned(),
            since: listed.exploited_since.clone().unwrap_or_default(),
            ransomware: false,
            epss: None,
        }));
    }
    Ok(List {
        kind: "eu-kev".to_owned(),
        // The list bears no date: it is of the day on which it was fetched.
        day: day(now).unwrap_or_default(),
        entries,
    })
}

fn epss(text: &str, now: &str) -> Result<List, ServiceError> {
    let mut of = None;
    let mut entries = Vec::new();
    for (i, row) in text.lines().enumerate() {
        if let Some(head) = row.strip_prefix('#') {
            let date = head
                .split(',')
                .find_map(|part| part.trim().strip_prefix("score_date:"));
            of = date.and_then(day);
            continue;
        }
        if row.starts_with("cve,") || row.trim().is_empty() {
            continue;
        }
        let mut cells = row.split(',').map(str::trim);
        let mut next = || cells.next().unwrap_or_default();
        let (cve, score, percentile) = (next(), millionths(next()), millionths(next()));
        match (score, percentile) {
            (Some(score), Some(percentile)) if cve.starts_with("CVE-") => entries.push(Entry {
                cve: cve.to_owned(),
                since: String::new(),
                ransomware: false,
                epss: Some((score, percentile)),
            }),
            _ => {
                return Err(invalid(format!(
                    "Line {} of the EPSS scores is not a CVE id, a probability and a percentile.",
                    i + 1
                )));
            }
        }
    }
    Ok(List {
        kind: "epss".to_owned(),
        day: of.or_else(|| day(now)).unwrap_or_default(),
        entries,
    })
}

/// A number between 0 and 1 in millionths, without the detour over binary fractions.
fn millionths(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: u32 = whole.parse().ok().filter(|w| *w <= 1)?;
    let digits = fraction.bytes().all(|b| b.is_ascii_digit());
    let six: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let millionths = whole * 1_000_000 + six.parse::<u32>().ok()?;
    (digits && millionths <= 1_000_000).then_some(millionths)
}

/// The newest list of each kind.
pub(crate) fn newest(tx: &mut Tx<'_>) -> Result<Signals, Fault> {
    let mut signals = Signals::default();
    for (kind, label) in KINDS {
        let Some(kept) = table::newest_list(tx, kind)? else {
            continue;
        };
        let mut text = Vec::new();
        let internal = |e| Fault::Service(ServiceError::internal(e));
        let mut decoder = DeflateDecoder::new(&*kept.body).take(LARGEST * 4);
        decoder.read_to_end(&mut text).map_err(internal)?;
        let list: List =
            serde_json::from_slice(&text).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
        for entry in list.entries {
            if let Some(epss) = entry.epss {
                signals.epss.insert(entry.cve, epss);
                continue;
            }
            signals
                .exploited
                .entry(entry.cve)
                .or_default()
                .push(Exploited {
                    by: label,
                    since: entry.since,
                    ransomware: entry.ransomware,
                });
        }
        signals.lists.push((label, kept.day));
    }
    Ok(signals)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-23T10:00:00Z";

    #[test]
    fn scores_are_read_line_by_line_and_a_broken_one_is_named() {
        let text = "#model_version:v2025.03.14,score_date:2026-11-22T00:00:00+0000\ncve,epss,percentile\nCVE-2021-44228,0.97546,1.0\nCVE-2020-1,0.00042,0.1\n";
        let list = read(text.as_bytes(), NOW).unwrap().unwrap();
        assert_eq!(
            (list.kind.as_str(), list.day.as_str()),
            ("epss", "2026-11-22")
        );
        assert_eq!(list.entries[0].epss, Some((975_460, 1_000_000)));
        assert_eq!(list.entries[1].epss, Some((420, 100_000)));
        let broken = format!("{text}CVE-2020-2,much,0.1\n");
        let error = read(broken.as_bytes(), NOW).unwrap_err().to_string();
        assert!(error.contains("Line 5"), "{error}");
    }

    #[test]
    fn both_catalogues_are_read_and_anything_else_is_none() {
        let kev = r#"{"catalogVersion":"2025.08.25","dateReleased":"2025-08-25T17:04:19Z","vulnerabilities":[{"cveID":"CVE-2025-48384","dateAdded":"2025-08-25","knownRansomwareCampaignUse":"Known"}]}"#;
        let list = read(kev.as_bytes(), NOW).unwrap().unwrap();
        assert_eq!(list.day, "2025-08-25");
        assert!(list.entries[0].ransomware);
        let eu = r#"[{"id":"EUVD-2025-1","aliases":"CVE-2025-1\nGHSA-a\n","exploitedSince":"Oct 1, 2025"}]"#;
        let list = read(eu.as_bytes(), NOW).unwrap().unwrap();
        let names: Vec<_> = list.entries.iter().map(|e| e.cve.as_str()).collect();
        assert_eq!(names, ["CVE-2025-1", "GHSA-a", "EUVD-2025-1"]);
        assert_eq!(read(br#"{"id":"GHSA-a"}"#, NOW).unwrap(), None);
        assert_eq!(read(&[0xff, 0xfe], NOW).unwrap(), None);
    }
}
