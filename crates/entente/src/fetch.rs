//! How the sources of the watch are asked: through the one door for requests to the outside. What
//! a server answers lies in a file without a name until it is read.

use entente_outbound::{Answer, Limits, Mark, Outbound};
use entente_service::watch::{Fetch, Fetched};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::time::Duration;

/// How long one answer may take: the largest database of advisories has a little over a gigabyte.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// Asks servers of the internet.
pub(crate) struct Servers {
    client: Outbound,
    folder: PathBuf,
}

impl Servers {
    /// Answers wait in this folder, which must be on a disk of some size.
    pub(crate) fn new(folder: PathBuf) -> Self {
        let name = concat!("Entente/", env!("CARGO_PKG_VERSION"));
        Self {
            client: Outbound::new(name),
            folder,
        }
    }
}

/// A mark as the watch keeps it: two lines.
fn read(mark: &str) -> Mark {
    let mut lines = mark
        .lines()
        .map(|line| Some(line.to_owned()).filter(|l| !l.is_empty()));
    Mark {
        etag: lines.next().flatten(),
        last_modified: lines.next().flatten(),
    }
}

fn written(mark: &Mark) -> String {
    let line = |part: &Option<String>| part.clone().unwrap_or_default();
    format!("{}\n{}", line(&mark.etag), line(&mark.last_modified))
}

impl Fetch for Servers {
    fn fetch(&self, url: &str, mark: &str, most: u64) -> Result<Fetched, String> {
        let limits = Limits {
            bytes: most,
            time: LONGEST,
        };
        let kept = |e: std::io::Error| {
            let folder = self.folder.display();
            format!("the answer could not be kept in {folder}: {e}")
        };
        let file = tempfile::tempfile_in(&self.folder).map_err(kept)?;
        let mut into = BufWriter::new(file);
        let answer = self.client.get(url, &read(mark), limits, &mut into);
        match answer.map_err(|e| e.to_string())? {
            Answer::Same => Ok(Fetched::Same),
            Answer::Content { mark, .. } => {
                into.flush().map_err(kept)?;
                let mut file = into.into_inner().map_err(|e| kept(e.into_error()))?;
                file.seek(SeekFrom::Start(0)).map_err(kept)?;
                Ok(Fetched::File(file, written(&mark)))
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_mark_comes_back_as_it_was() {
        for (etag, date) in [
            (None, None),
            (Some("\"v1\""), None),
            (None, Some("Mon")),
            (Some("W/\"1\""), Some("Tue")),
        ] {
            let mark = Mark {
                etag: etag.map(str::to_owned),
                last_modified: date.map(str::to_owned),
            };
            assert_eq!(read(&written(&mark)), mark);
        }
        assert_eq!(read(""), Mark::default());
    }

    #[test]
    fn a_server_of_our_own_is_not_asked() {
        let servers = Servers::new(std::env::temp_dir());
        let refused = servers.fetch("https://127.0.0.1/all.zip", "", 1_000);
        let said = refused.map(|_| ()).unwrap_err();
        assert!(said.contains("private or local network"), "{said}");
    }
}
