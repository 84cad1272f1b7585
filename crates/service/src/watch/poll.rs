//! Asking the sources: one after the other as they fall due, each in small transactions. What is
//! done is done if it breaks off, and the rest follows; nothing is found twice, because the same
//! document twice is one.

use super::document::{LARGEST, WorldDocument};
use super::provider::{self, Listed, Progress, Provider};
use super::sources::{Place, Source, Trouble, opened, place, put};
use super::{Taken, sources, take, take_signals};
use crate::error::ServiceError;
use crate::unpack::{self, Unpacked};
use crate::{App, look, transact};
use entente_domain::access::{SystemViewer, Viewer};
use entente_domain::time::{MINUTE_US, Timestamp};
use entente_store::watch as table;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Documents of one transaction: reports and whoever else writes wait for its end.
const AT_ONCE: usize = 25;
/// Minutes for which a source is ours while it is read; each batch begins them anew.
const LEASE_MINUTES: i64 = 5;
/// The longest metadata of a CSAF provider, in bytes.
const PROVIDER_BYTES: u64 = 1 << 20;
/// Documents of a provider that could not be used and are asked for again.
const MOST_FAILED: usize = 500;
/// Most bytes of one answer: the largest database of advisories has a little over a gigabyte.
const MOST_BYTES: u64 = 4 << 30;
/// Documents that could not be read and are named.
const NAMED: usize = 10;

/// What a server answered.
#[derive(Debug)]
pub enum Fetched {
    /// Nothing new since the mark.
    Same,
    /// The content, and what it is known by.
    File(File, String),
}

/// How servers are asked. Blocking: called on a thread of its own.
pub trait Fetch: Send + Sync + 'static {
    /// Asks a server for what is new since the mark, which is empty the first time; for no more than
    /// so many bytes.
    ///
    /// # Errors
    /// What is wrong, with the remedy, in one sentence for the source's health.
    fn fetch(&self, url: &str, mark: &str, most: u64) -> Result<Fetched, String>;
}

/// A document on its way, and how far its provider is read with it.
pub(super) struct Item {
    pub(super) one: Unpacked,
    pub(super) progress: Option<Progress>,
}

/// How far the lists of a provider are read, and what of them could not be used.
#[derive(Default)]
struct Followed {
    since: BTreeMap<String, Timestamp>,
    failed: Vec<(String, Listed)>,
    moved: bool,
}

impl Followed {
    fn note(&mut self, progress: Progress, used: bool) {
        self.moved = true;
        self.failed
            .retain(|(_, one)| one.url != progress.listed.url);
        if !used && self.failed.len() < MOST_FAILED {
            self.failed.push((progress.list.clone(), progress.listed));
        }
        let since = self.since.entry(progress.list).or_insert(progress.since);
        *since = progress.since.max(*since);
    }
}

const IMPORTER: Viewer = Viewer::System(SystemViewer::Importer);

/// Runs until the task is dropped: asks each source when it is due.
pub async fn run(app: App, fetch: Arc<dyn Fetch>) {
    loop {
        match poll_due(&app, &fetch).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(e) => tracing::error!(error = %e, "the watch failed"),
        }
        tokio::time::sleep(std::time::Duration::from_secs(20)).await;
    }
}

/// Asks the source that has been due longest; answers whether there was one.
///
/// # Errors
/// The database. What is wrong with a source is in its health.
pub async fn poll_due(app: &App, fetch: &Arc<dyn Fetch>) -> Result<bool, ServiceError> {
    let now = app.now();
    let Some(source) = claim(app, now).await? else {
        return Ok(false);
    };
    let done = read(app, fetch, &source).await;
    // What people changed meanwhile counts.
    transact(app, move |tx| {
        let Some(kept) = table::source(tx, source.id)? else {
            return Ok(());
        };
        let mut now_kept = opened(&kept)?;
        if now_kept.form.place != source.form.place {
            return Ok(());
        }
        let health = &mut now_kept.health;
        health.asked_at = Some(now);
        match &done {
            Ok(Read::Same) => {
                health.answered_at = Some(now);
                health.trouble = None;
            }
            Ok(Read::All {
                taken,
                mark,
                marks,
                unread,
                unread_count,
            }) => {
                health.answered_at = Some(now);
                health.trouble = None;
                health.last = [taken.new, taken.changed, taken.known];
                health.mark.clone_from(mark);
                health.marks.clone_from(marks);
                health.reading = None;
                health.unread.clone_from(unread);
                health.unread_count = *unread_count;
            }
            Err(what) => {
                let before = health.trouble.take();
                health.trouble = Some(Trouble {
                    since: before.as_ref().map_or(now, |t| t.since),
                    times: before.map_or(1, |t| t.times.saturating_add(1)),
                    what: what.chars().take(500).collect(),
                });
            }
        }
        now_kept.next_at = now_kept.next_after(now);
        put(tx, &now_kept)
    })
    .await?;
    Ok(true)
}

/// Takes the source that is due for a while, so that no other replica reads it as well.
async fn claim(app: &App, now: Timestamp) -> Result<Option<Source>, ServiceError> {
    let waits = look(app, move |tx| Ok(table::due_source(tx, now)?.is_some())).await?;
    if !waits {
        return Ok(None);
    }
    transact(app, move |tx| {
        let Some(kept) = table::due_source(tx, now)? else {
            return Ok(None);
        };
        let mut source = opened(&kept)?;
        source.next_at = lease(now);
        put(tx, &source)?;
        Ok(Some(source))
    })
    .await
}

fn lease(now: Timestamp) -> Timestamp {
    Timestamp(now.0 + LEASE_MINUTES * MINUTE_US)
}

/// How reading went.
enum Read {
    /// There is nothing new.
    Same,
    /// Everything was read.
    All {
        taken: Taken,
        mark: String,
        marks: BTreeMap<String, String>,
        unread: Vec<(String, String)>,
        unread_count: usize,
    },
}

async fn read(app: &App, fetch: &Arc<dyn Fetch>, source: &Source) -> Result<Read, String> {
    let place = place(&source.form.place).map_err(|e| e.to_string())?;
    let before = source.health.mark.clone();
    let (files, mark) = match place {
        Place::Url(url) => {
            let (door, name) = (Arc::clone(fetch), source.form.name.clone());
            let asked = move || asked(&*door, &url, &before, name);
            let fetched = tokio::task::spawn_blocking(asked).await;
            match fetched.map_err(|e| e.to_string())?? {
                Some(found) => found,
                None => return Ok(Read::Same),
            }
        }
        Place::Feed(path) => {
            let path = app.db().data_dir().join(sources::FOLDER).join(path);
            let listed = tokio::task::spawn_blocking(move || listed(&path)).await;
            let (paths, mark) = listed.map_err(|e| e.to_string())??;
            if mark == before {
                return Ok(Read::Same);
            }
            (Files::Paths(paths), mark)
        }
    };
    let skip = match &source.health.reading {
        Some((reading, done)) if *reading == mark && !mark.is_empty() => *done,
        _ => 0,
    };
    let (send, receive) = mpsc::channel(8);
    let (door, now) = (Arc::clone(fetch), app.now());
    let health = &source.health;
    let (since, marks) = (health.since.clone(), health.marks.clone());
    let failed = health.failed.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let mut reading = provider::Reading {
            fetch: &*door,
            since,
            marks,
            failed,
            now,
        };
        let done = files.each(&send, &mut reading);
        done.map(|()| reading.marks)
    });
    let taken = all(app, source, receive, &mark, skip).await;
    // What the provider itself was in trouble with is said before what it could not give.
    let marks = reading.await.map_err(|e| e.to_string())??;
    match taken? {
        Read::All {
            taken,
            mark,
            unread,
            unread_count,
            ..
        } => Ok(Read::All {
            taken,
            mark,
            marks,
            unread,
            unread_count,
        }),
        Read::Same => Ok(Read::Same),
    }
}

/// Asks a server: what it gave, and what that is known by; none if nothing is new. The metadata of
/// a CSAF provider is asked anew each time, because what it leads to changes without it.
fn asked(
    fetch: &dyn Fetch,
    url: &str,
    before: &str,
    name: String,
) -> Result<Option<(Files, String)>, String> {
    let (mut file, mark) = match fetch.fetch(url, before, MOST_BYTES)? {
        Fetched::Same => return Ok(None),
        Fetched::File(file, mark) => (file, mark),
    };
    let mut head = Vec::new();
    let kept = |e: std::io::Error| e.to_string();
    file.by_ref()
        .take(PROVIDER_BYTES)
        .read_to_end(&mut head)
        .map_err(kept)?;
    file.seek(SeekFrom::Start(0)).map_err(kept)?;
    Ok(Some(match provider::metadata(&head) {
        Some(provider) => (Files::Provider(provider), String::new()),
        None => (Files::One(file, name), mark),
    }))
}

/// Files to read.
enum Files {
    One(File, String),
    Paths(Vec<PathBuf>),
    Provider(Provider),
}

fn wanted(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".json") || name.ends_with(".csv")
}

impl Files {
    /// Hands over every document, until nobody listens.
    fn each(
        self,
        send: &mpsc::Sender<Item>,
        reading: &mut provider::Reading<'_>,
    ) -> Result<(), String> {
        let mut hand = |one: Unpacked| {
            send.blocking_send(Item {
                one,
                progress: None,
            })
            .is_ok()
        };
        let longest = LARGEST as u64;
        match self {
            Self::One(file, name) => {
                unpack::each(file, &name, longest, &wanted, &mut hand);
            }
            Self::Paths(paths) => {
                for path in paths {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    let go_on = match File::open(&path) {
                        Ok(file) => unpack::each(file, &name, longest, &wanted, &mut hand),
                        Err(error) => hand(Unpacked {
                            name: name.into_owned(),
                            bytes: Err(unpack::UnpackError::Broken(error.to_string())),
                        }),
                    };
                    if !go_on {
                        break;
                    }
                }
            }
            Self::Provider(provider) => {
                return reading.each(&provider, &mut |item| send.blocking_send(item).is_ok());
            }
        }
        Ok(())
    }
}

/// The files of a path, and what they are known by. Links are not followed.
fn listed(path: &Path) -> Result<(Vec<PathBuf>, String), String> {
    use std::fmt::Write as _;
    use std::os::unix::fs::MetadataExt as _;
    let problem = |e: std::io::Error| {
        format!(
            "it cannot be read: {e}; put it into the folder {} of the data directory",
            sources::FOLDER
        )
    };
    let mut waiting = vec![path.to_owned()];
    let mut found = Vec::new();
    let mut mark = String::new();
    while let Some(path) = waiting.pop() {
        let meta = std::fs::symlink_metadata(&path).map_err(problem)?;
        if meta.is_dir() {
            for entry in std::fs::read_dir(&path).map_err(problem)? {
                waiting.push(entry.map_err(problem)?.path());
            }
        } else if meta.is_file() {
            found.push((path, meta.len(), meta.mtime(), meta.mtime_nsec()));
        }
        if found.len() + waiting.len() > 2_000_000 {
            return Err("the folder holds more than 2,000,000 files; split it".to_owned());
        }
    }
    found.sort();
    let mut hash = <sha2::Sha256 as sha2::Digest>::new();
    for (path, length, seconds, nanoseconds) in &found {
        let mut line = String::new();
        let _ = writeln!(line, "{} {length} {seconds} {nanoseconds}", path.display());
        sha2::Digest::update(&mut hash, line);
    }
    mark.push_str(&data_encoding::HEXLOWER.encode(&sha2::Digest::finalize(hash)));
    Ok((found.into_iter().map(|(path, ..)| path).collect(), mark))
}

async fn all(
    app: &App,
    source: &Source,
    mut receive: mpsc::Receiver<Item>,
    mark: &str,
    skip: u64,
) -> Result<Read, String> {
    let (mut taken, mut unread, mut unread_count) = (Taken::default(), Vec::new(), 0);
    let (mut waiting, mut done, mut read_any) = (Vec::new(), 0_u64, skip > 0);
    let mut refuse = |name: String, why: String| {
        unread_count += 1;
        if unread.len() < NAMED {
            unread.push((
                name.chars().take(200).collect(),
                why.chars().take(300).collect(),
            ));
        }
    };
    let mut followed = Followed {
        since: source.health.since.clone(),
        failed: source.health.failed.clone(),
        moved: false,
    };
    while let Some(Item { one, progress }) = receive.recv().await {
        done += 1;
        if done <= skip {
            continue;
        }
        let read = match one.bytes {
            Err(error) => Err(error.to_string()),
            Ok(bytes) => documents(app, bytes).await.map_err(|e| e.to_string()),
        };
        if let Some(progress) = progress {
            followed.note(progress, read.is_ok());
        }
        match read {
            Err(why) => refuse(one.name, why),
            Ok(documents) => {
                read_any = true;
                waiting.extend(documents);
            }
        }
        if waiting.len() >= AT_ONCE {
            taken += flush(app, source, &mut waiting, mark, done, &mut followed)
                .await
                .map_err(|e| e.to_string())?;
        }
    }
    taken += flush(app, source, &mut waiting, mark, done, &mut followed)
        .await
        .map_err(|e| e.to_string())?;
    if let (false, Some((name, why))) = (read_any, unread.first()) {
        return Err(format!("nothing of it could be read; first, {name}: {why}"));
    }
    // A provider without anything new has nothing to give.
    if done == 0 && !mark.is_empty() {
        return Err(
            "there is no document in it; expected are files that end in .json or .csv".to_owned(),
        );
    }
    Ok(Read::All {
        taken,
        mark: mark.to_owned(),
        marks: BTreeMap::new(),
        unread,
        unread_count,
    })
}

/// The documents that some bytes are: a list of what is exploited is kept at once; one document, or
/// an array of them.
async fn documents(app: &App, bytes: Vec<u8>) -> Result<Vec<WorldDocument>, ServiceError> {
    if take_signals(app, &IMPORTER, &bytes).await?.is_some() {
        return Ok(Vec::new());
    }
    let read = tokio::task::spawn_blocking(move || {
        let first = bytes.iter().find(|b| !b.is_ascii_whitespace());
        if first != Some(&b'[') {
            return WorldDocument::read(&bytes).map(|one| vec![one]);
        }
        let all: Vec<Value> = serde_json::from_slice(&bytes).map_err(|e| {
            ServiceError::invalid("document", format!("This is no JSON: {e}."), "Correct it.")
        })?;
        all.iter()
            .map(|one| WorldDocument::read(one.to_string().as_bytes()))
            .collect()
    });
    read.await.map_err(ServiceError::internal)?
}

/// Takes what waits, and notes how far the source is read.
async fn flush(
    app: &App,
    source: &Source,
    waiting: &mut Vec<WorldDocument>,
    mark: &str,
    done: u64,
    followed: &mut Followed,
) -> Result<Taken, ServiceError> {
    let documents = std::mem::take(waiting);
    if documents.is_empty() && !followed.moved {
        return Ok(Taken::default());
    }
    let taken = match documents.is_empty() {
        true => Taken::default(),
        false => take(app, &IMPORTER, documents).await?,
    };
    let (id, now, reading) = (source.id, app.now(), (mark.to_owned(), done));
    let (since, failed) = (followed.since.clone(), followed.failed.clone());
    followed.moved = false;
    transact(app, move |tx| {
        let Some(kept) = table::source(tx, id)? else {
            return Ok(());
        };
        let mut source = opened(&kept)?;
        source.health.reading = Some(reading.clone());
        source.health.since.clone_from(&since);
        source.health.failed.clone_from(&failed);
        if source.next_at > now {
            source.next_at = lease(now);
        }
        put(tx, &source)
    })
    .await?;
    Ok::<_, ServiceError>(taken)
}
