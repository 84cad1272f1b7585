//! What is watched: where advisories and lists come from, how often, and how it went.

use super::provider::Listed;
use crate::error::ServiceError;
use crate::{App, Fault, look, transact};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_domain::ids::WatchSourceId;
use entente_domain::time::{MINUTE_US, Timestamp};
use entente_store::Tx;
use entente_store::watch::{self as table, WatchSource};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The folder of the data directory in which files of sources lie.
pub const FOLDER: &str = "feeds";
/// Least and most minutes between two times.
const MINUTES: std::ops::RangeInclusive<u32> = 5..=10_080;

/// What people say of a source.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceForm {
    /// Its name.
    pub name: String,
    /// A URL, or a file or folder in the instance's folder of feeds.
    pub place: String,
    /// Minutes between two times.
    pub every_minutes: u32,
    /// Whether it is asked.
    pub enabled: bool,
}

/// Why a source could not be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trouble {
    /// Since when.
    pub since: Timestamp,
    /// How many times in a row.
    pub times: u32,
    /// What it is, with the remedy.
    pub what: String,
}

/// How a source does.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Health {
    /// When it was last asked.
    pub asked_at: Option<Timestamp>,
    /// When it last answered whole.
    pub answered_at: Option<Timestamp>,
    /// What is wrong, if something is.
    pub trouble: Option<Trouble>,
    /// Documents of the last time that it said something new: new, changed, known.
    pub last: [usize; 3],
    /// Documents of it that could not be read, by name with the reason; a few of them.
    pub unread: Vec<(String, String)>,
    /// How many could not be read.
    pub unread_count: usize,
    /// What the answer was known by: the entity tag and date of a server, or the size and date of
    /// a file.
    pub(super) mark: String,
    /// For each list of a provider, up to which change its documents are known.
    pub(super) since: BTreeMap<String, Timestamp>,
    /// Documents of a provider that could not be used, with their list; they are asked for again.
    pub(super) failed: Vec<(String, Listed)>,
    /// What the lists of a provider were known by.
    pub(super) marks: BTreeMap<String, String>,
    /// What is being read now is known by this, and so many of its documents are done: after a
    /// kill, the rest follows.
    pub(super) reading: Option<(String, u64)>,
}

/// A source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Its id.
    pub id: WatchSourceId,
    /// When it is asked next; the largest instant for never.
    pub next_at: Timestamp,
    /// What people say of it.
    pub form: SourceForm,
    /// How it does.
    pub health: Health,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    form: SourceForm,
    health: Health,
}

pub(super) fn opened(kept: &WatchSource) -> Result<Source, Fault> {
    let read: Kept = serde_json::from_slice(&kept.body)
        .map_err(|e| Fault::Service(ServiceError::internal(e)))?;
    Ok(Source {
        id: kept.id,
        next_at: kept.next_at,
        form: read.form,
        health: read.health,
    })
}

pub(super) fn put(tx: &mut Tx<'_>, source: &Source) -> Result<(), Fault> {
    let kept = Kept {
        form: source.form.clone(),
        health: source.health.clone(),
    };
    let kept = WatchSource {
        id: source.id,
        next_at: match source.form.enabled {
            true => source.next_at,
            false => Timestamp(i64::MAX),
        },
        body: serde_json::to_vec(&kept).map_err(|e| Fault::Service(ServiceError::internal(e)))?,
    };
    Ok(table::save_source(tx, &kept)?)
}

/// Where a place leads.
pub(super) enum Place {
    /// A server.
    Url(String),
    /// A file or folder below the folder of feeds.
    Feed(std::path::PathBuf),
}

/// Reads a place. A path may not lead out of the folder of feeds.
pub(super) fn place(text: &str) -> Result<Place, ServiceError> {
    let invalid = |why: &str, remedy: &str| Err(ServiceError::invalid("place", why, remedy));
    let text = text.trim();
    if text.is_empty() || text.len() > 1_000 || text.contains(char::is_control) {
        return invalid(
            "It is not said where the source is.",
            "Give a URL, or the name of a file or folder, of at most 1,000 bytes.",
        );
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        return match scheme {
            "https" if host.is_empty() => invalid("The URL names no server.", "Correct it."),
            // A password in a URL ends up in logs.
            "https" if host.contains('@') => {
                invalid("The URL carries credentials.", "Leave them out.")
            }
            "https" => Ok(Place::Url(text.to_owned())),
            _ => invalid(
                "Only https is asked.",
                "Give a URL that begins with https://, or fetch it by other means into the folder of feeds.",
            ),
        };
    }
    let path = std::path::Path::new(text);
    let inside = |c: std::path::Component<'_>| matches!(c, std::path::Component::Normal(_));
    match path.components().all(inside) {
        true => Ok(Place::Feed(path.to_owned())),
        false => invalid(
            "The path leads out of the folder of feeds.",
            "Name a file or folder inside of it.",
        ),
    }
}

fn checked(mut form: SourceForm) -> Result<SourceForm, ServiceError> {
    form.name = form.name.trim().to_owned();
    form.place = form.place.trim().to_owned();
    if form.name.is_empty() || form.name.len() > 200 || form.name.contains(char::is_control) {
        return Err(ServiceError::invalid(
            "name",
            "A name of one line and at most 200 bytes is needed.",
            "Say whose source it is.",
        ));
    }
    place(&form.place)?;
    if !MINUTES.contains(&form.every_minutes) {
        return Err(ServiceError::invalid(
            "every_minutes",
            "It is to be asked every 5 minutes to every 7 days.",
            "Give from 5 to 10,080 minutes.",
        ));
    }
    Ok(form)
}

fn may_configure(viewer: &Viewer) -> Result<(), ServiceError> {
    match may(viewer, Action::Write, Resource::Watch) {
        true => Ok(()),
        false => Err(ServiceError::NotFound),
    }
}

/// Every source, in the order in which they were added.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not read what the watch finds.
pub async fn sources(app: &App, viewer: &Viewer) -> Result<Vec<Source>, ServiceError> {
    if !may(viewer, Action::Read, Resource::Watch) {
        return Err(ServiceError::NotFound);
    }
    look(app, |tx| table::sources(tx)?.iter().map(opened).collect()).await
}

/// Adds a source, or changes one. It is asked as soon as possible.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not, or where there is no such source;
/// [`ServiceError::Invalid`] by its field.
pub async fn save_source(
    app: &App,
    viewer: &Viewer,
    id: Option<WatchSourceId>,
    form: SourceForm,
) -> Result<WatchSourceId, ServiceError> {
    may_configure(viewer)?;
    let form = checked(form)?;
    let now = app.now();
    let fresh = WatchSourceId(app.random().id(now));
    transact(app, move |tx| {
        let mut source = match id {
            None => Source {
                id: fresh,
                next_at: now,
                form: form.clone(),
                health: Health::default(),
            },
            Some(id) => {
                let kept = table::source(tx, id)?;
                opened(&kept.ok_or(Fault::Service(ServiceError::NotFound))?)?
            }
        };
        if source.form.place != form.place {
            source.health = Health::default();
        }
        source.form = form.clone();
        source.next_at = now;
        put(tx, &source)?;
        Ok(source.id)
    })
    .await
}

/// Removes a source; what came from it stays.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not, or where there is no such source.
pub async fn remove_source(
    app: &App,
    viewer: &Viewer,
    id: WatchSourceId,
) -> Result<(), ServiceError> {
    may_configure(viewer)?;
    transact(app, move |tx| match table::remove_source(tx, id)? {
        true => Ok(()),
        false => Err(Fault::Service(ServiceError::NotFound)),
    })
    .await
}

impl Source {
    /// Whether it answered whole the last time it was asked.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.health.trouble.is_none() && self.health.answered_at.is_some()
    }

    /// When it is asked again after it was asked now: by its own schedule, or sooner while
    /// something is wrong, ever more seldom.
    pub(super) fn next_after(&self, now: Timestamp) -> Timestamp {
        let every = i64::from(self.form.every_minutes);
        let minutes = match &self.health.trouble {
            None => every,
            Some(trouble) => {
                let doublings = trouble.times.min(10);
                (5_i64 << doublings).min(every.max(5))
            }
        };
        Timestamp(now.0 + minutes * MINUTE_US)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_url_of_https_or_inside_the_folder() {
        for good in [
            "https://osv.example/all.zip",
            "kev.json",
            "osv/pypi",
            "a.tar.gz",
        ] {
            assert!(place(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "http://osv.example/",
            "file:///etc/passwd",
            "https://",
            "https://u:p@osv.example/",
            "/etc/passwd",
            "../key",
            "osv/../../key",
            "https://osv.example/\nx",
        ] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn trouble_is_asked_again_ever_more_seldom() {
        let source = |times: u32| Source {
            id: WatchSourceId(uuid::Uuid::nil()),
            next_at: Timestamp(0),
            form: SourceForm {
                name: "OSV".to_owned(),
                place: "a".to_owned(),
                every_minutes: 60,
                enabled: true,
            },
            health: Health {
                trouble: (times > 0).then(|| Trouble {
                    since: Timestamp(0),
                    times,
                    what: String::new(),
                }),
                ..Health::default()
            },
        };
        let minutes = |times| source(times).next_after(Timestamp(0)).0 / MINUTE_US;
        assert_eq!(
            [minutes(0), minutes(1), minutes(2), minutes(9)],
            [60, 10, 20, 60]
        );
    }
}
