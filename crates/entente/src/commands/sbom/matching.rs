//! `entente sbom match`: holds the components of documents against advisories.

use super::super::Outcome;
use super::super::csaf::files;
use anyhow::Context;
use entente_documents::matching::{
    Advisory, Affected, Candidate, Finding, Groups, Index, Reason, System, Verdict,
};
use entente_documents::sbom::{self, Component, Format, Sink};
use entente_documents::{osv, purl};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Hold the components of documents against advisories, without any network.
///
/// One line for each component and vulnerability: the package, the identifiers, the affected
/// versions, and in which it is fixed; then what could not be decided, counted by reason. A
/// component is known by its package URL. Packages of a distribution are held against advisories
/// for their own release only. Exit code 0: nothing was found; 1: something was; 2: a document or
/// an advisory is unreadable.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Advisories in OSV format: a file, a folder, or an archive (tar, also packed by gzip or xz, or zip). May be
    /// given several times.
    #[arg(long, required = true, value_name = "PATH")]
    advisories: Vec<PathBuf>,
    /// One JSON object a line: first what was found in a document, then its counts.
    #[arg(long)]
    json: bool,
    /// SBOMs, or `-` for standard input.
    #[arg(required = true, value_name = "SBOM")]
    paths: Vec<PathBuf>,
}

pub(super) fn run(args: &Args) -> Outcome {
    let mut unreadable = false;
    let mut refuse = |file: &str, error: anyhow::Error| {
        unreadable = true;
        if args.json {
            println!("{}", json!({ "file": file, "error": format!("{error:#}") }));
        } else {
            eprintln!("entente: {}", plain(&format!("{error:#}")));
        }
    };
    let mut index = Index::default();
    files::each(&args.advisories, &mut |document| {
        let read = |bytes: Vec<u8>| {
            let read = osv::Document::read(&bytes).with_context(|| document.name.clone());
            read.map(|read| Advisory::of_osv(&read))
        };
        match document.bytes.and_then(read) {
            Ok(advisory) => index.add(advisory),
            Err(error) => refuse(&document.name, error),
        }
        true
    });
    let groups = index.groups();
    let mut found = false;
    for path in &args.paths {
        match read(path) {
            Ok(taken) => {
                let result = matched(&taken, &index, &groups);
                found |= result.hits.iter().any(Hit::is_affected);
                tell(path, &result, args.json);
            }
            Err(error) => refuse(&path.display().to_string(), error),
        }
    }
    let withdrawn = index.advisories().filter(|one| one.withdrawn).count();
    let nowhere = index.advisories().filter(|a| !a.without_package.is_empty());
    if !args.json {
        println!(
            "{} advisories, of which {withdrawn} are withdrawn and {} are about something that is \
             no package",
            index.advisories().count(),
            nowhere.count()
        );
    }
    Ok(match (unreadable, found) {
        (true, _) => ExitCode::from(2),
        (_, true) => ExitCode::from(1),
        _ => ExitCode::SUCCESS,
    })
}

/// What a document lists, as far as it matters here.
#[derive(Default)]
struct Taken {
    components: u64,
    without_package: u64,
    // Package URL as it came, and the version beside it; each once.
    packages: BTreeSet<(String, Option<String>)>,
    system: Option<System>,
}

impl Sink for Taken {
    fn component(&mut self, component: Component) {
        self.components += 1;
        let kind = component.kind.to_ascii_lowercase().replace('_', "-");
        if kind == "operating-system" && self.system.is_none() {
            self.system = Some(System {
                name: component.name,
                version: component.version.unwrap_or_default(),
            });
            return;
        }
        let mut purls = component.purl.into_iter().chain(component.also);
        match purls.find(|text| text.starts_with("pkg:")) {
            Some(purl) => {
                self.packages.insert((purl, component.version));
            }
            None => self.without_package += 1,
        }
    }

    fn dependency(&mut self, _from: String, _on: Vec<String>) {}
}

fn read(path: &Path) -> anyhow::Result<Taken> {
    let mut taken = Taken::default();
    let document = if path == Path::new("-") {
        sbom::read(std::io::stdin().lock(), &mut taken).context("standard input")
    } else {
        let file =
            std::fs::File::open(path).with_context(|| format!("opening {}", path.display()))?;
        sbom::read(file, &mut taken).with_context(|| path.display().to_string())
    }?;
    // In the other formats it is one of the components.
    let apart = matches!(
        document.format,
        Format::CycloneDxJson | Format::CycloneDxXml
    );
    if let Some(subject) = document.subject.filter(|_| apart) {
        taken.component(subject);
    }
    Ok(taken)
}

/// A vulnerability that a component has, or may have.
struct Hit<'a> {
    component: String,
    vulnerability: String,
    aliases: Vec<String>,
    findings: Vec<Finding<'a>>,
}

impl Hit<'_> {
    fn affected(&self) -> impl Iterator<Item = (&str, &Affected)> {
        self.findings
            .iter()
            .filter_map(|found| match &found.verdict {
                Verdict::Affected(affected) => Some((found.advisory.id.as_str(), affected)),
                _ => None,
            })
    }

    fn is_affected(&self) -> bool {
        self.affected().next().is_some()
    }

    // Why it could not be decided by any advisory.
    fn undecided(&self) -> Option<&Reason> {
        if self.is_affected() {
            return None;
        }
        self.findings.iter().find_map(|found| match &found.verdict {
            Verdict::Undecided(reason) => Some(reason),
            _ => None,
        })
    }
}

struct Matched<'a> {
    components: u64,
    without_package: u64,
    hits: Vec<Hit<'a>>,
}

fn matched<'a>(taken: &Taken, index: &'a Index, groups: &Groups) -> Matched<'a> {
    let mut result = Matched {
        components: taken.components,
        without_package: taken.without_package,
        hits: Vec::new(),
    };
    for (text, version) in &taken.packages {
        let Ok((purl, _)) = purl::parse_lenient(text) else {
            result.without_package += 1;
            continue;
        };
        let system = taken.system.as_ref();
        let candidates = Candidate::of_component(&purl, version.as_deref(), system);
        let mut by_group: BTreeMap<String, Hit<'a>> = BTreeMap::new();
        for found in index.findings(&candidates) {
            let Some(group) = groups.of_id(&found.advisory.id) else {
                continue;
            };
            let name = group.name().to_owned();
            let hit = by_group.entry(name.clone()).or_insert_with(|| Hit {
                component: named(&purl, version.as_deref()),
                aliases: group.ids.into_iter().filter(|id| *id != name).collect(),
                vulnerability: name,
                findings: Vec::new(),
            });
            hit.findings.push(found);
        }
        result.hits.extend(by_group.into_values());
    }
    result
}

fn named(purl: &purl::Purl, version: Option<&str>) -> String {
    match (purl.version(), version) {
        (None, Some(version)) => purl.with_version(version).canonical(),
        _ => purl.canonical(),
    }
}

fn tell(path: &Path, result: &Matched<'_>, as_json: bool) {
    let mut undecided: BTreeMap<&str, usize> = BTreeMap::new();
    let mut affected = 0;
    for hit in &result.hits {
        match hit.undecided() {
            Some(reason) => *undecided.entry(reason.word()).or_default() += 1,
            None => affected += 1,
        }
        if as_json {
            println!("{}", as_object(path, hit));
        } else if hit.is_affected() {
            println!("{}", plain(&line(path, hit)));
        }
    }
    if as_json {
        let counts = json!({
            "file": path, "components": result.components,
            "without_package": result.without_package, "affected": affected,
            "undecided": undecided,
        });
        println!("{counts}");
        return;
    }
    println!(
        "{}: {} components, {} of them without a package URL; {affected} times affected",
        path.display(),
        result.components,
        result.without_package
    );
    for (reason, times) in undecided {
        let first = result.hits.iter().find_map(|hit| {
            let why = hit.undecided().filter(|why| why.word() == reason)?;
            Some(format!("{}, {}: {why}", hit.component, hit.vulnerability))
        });
        let first = first.unwrap_or_default();
        println!(
            "  undecided: {reason}, {times} times, as of {}",
            plain(&first)
        );
    }
}

fn line(path: &Path, hit: &Hit<'_>) -> String {
    let aliases = match hit.aliases.is_empty() {
        true => String::new(),
        false => format!(" ({})", hit.aliases.join(", ")),
    };
    let said: Vec<String> = hit
        .affected()
        .map(|(id, affected)| {
            let fixed = match &affected.fixed_in {
                Some(version) => format!("fixed in {version}"),
                None => "no fixed version known".to_owned(),
            };
            format!("{id}: {}; {fixed}", affected.by)
        })
        .collect();
    format!(
        "{}: {}: {}{aliases}: {}",
        path.display(),
        hit.component,
        hit.vulnerability,
        said.join(" | ")
    )
}

fn as_object(path: &Path, hit: &Hit<'_>) -> Value {
    let findings = hit.findings.iter().map(|found| match &found.verdict {
        Verdict::Affected(affected) => json!({
            "id": found.advisory.id, "verdict": "affected",
            "versions": affected.by.to_string(), "fixed_in": affected.fixed_in,
        }),
        Verdict::Undecided(reason) => json!({
            "id": found.advisory.id, "verdict": "undecided",
            "reason": reason.word(), "detail": reason.to_string(),
        }),
        Verdict::NotAffected(_) => json!({
            "id": found.advisory.id, "verdict": "not_affected",
        }),
    });
    let verdict = if hit.is_affected() {
        "affected"
    } else {
        "undecided"
    };
    json!({
        "file": path, "component": hit.component, "vulnerability": hit.vulnerability,
        "aliases": hit.aliases, "verdict": verdict, "advisories": findings.collect::<Vec<_>>(),
    })
}

// What strangers wrote is shown, and must not steer a terminal.
fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}
