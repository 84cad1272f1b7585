//! `entente purl`: reads and builds package URLs.

use super::{Outcome, each_line};
use entente_documents::purl::{self, Parts, Purl};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

/// Package URLs.
#[derive(clap::Subcommand)]
pub(crate) enum Args {
    /// Read package URLs and print their parts.
    Parse {
        /// A JSON object a line.
        #[arg(long)]
        json: bool,
        /// Package URLs; `-` reads one a line from standard input.
        #[arg(required = true)]
        purls: Vec<String>,
    },
    /// Build package URLs from their parts.
    Build(BuildArgs),
}

/// Build package URLs from their parts, none of them percent-encoded, by the rules of the type.
///
/// Parts come by flags, as a JSON object as `parse --json` prints it, or as a line of type,
/// namespace, name, version, qualifiers (key=value&key=value) and subpath, parted by tabs.
#[derive(clap::Args)]
pub(crate) struct BuildArgs {
    /// A JSON object a line.
    #[arg(long)]
    json: bool,
    /// The type, such as npm.
    #[arg(
        long = "type",
        value_name = "TYPE",
        requires = "name",
        conflicts_with = "lines"
    )]
    ty: Option<String>,
    /// The namespace.
    #[arg(long, requires = "ty")]
    namespace: Option<String>,
    /// The name.
    #[arg(long, requires = "ty")]
    name: Option<String>,
    /// The version.
    #[arg(long, requires = "ty")]
    version: Option<String>,
    /// A qualifier; may be given several times.
    #[arg(long = "qualifier", value_name = "KEY=VALUE", requires = "ty")]
    qualifiers: Vec<String>,
    /// The subpath.
    #[arg(long, requires = "ty")]
    subpath: Option<String>,
    /// Parts, each in one argument; `-` reads one a line from standard input.
    #[arg(required_unless_present = "ty")]
    lines: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut all = true;
    match args {
        Args::Parse { json, purls } => each_line(purls, |line, out| {
            let read = purl::parse(line.trim()).map_err(|e| e.to_string());
            all &= read.is_ok();
            tell(line, read, *json, out)
        })?,
        Args::Build(args) if args.ty.is_some() => {
            let built = parts_of_flags(args).and_then(build);
            all = built.is_ok();
            tell("", built, args.json, &mut std::io::stdout().lock())?;
        }
        Args::Build(args) => each_line(&args.lines, |line, out| {
            let built = parts_of_line(line).and_then(build);
            all &= built.is_ok();
            tell(line, built, args.json, out)
        })?,
    }
    Ok(if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn tell(
    asked: &str,
    answer: Result<Purl, String>,
    as_json: bool,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    match answer {
        Ok(p) if as_json => writeln!(
            out,
            "{}",
            json!({ "purl": p.canonical(), "type": p.ty(), "namespace": p.namespace(), "name": p.name(),
                    "version": p.version(), "qualifiers": p.qualifiers(), "subpath": p.subpath() })
        ),
        Ok(p) => writeln!(out, "{}", p.canonical()),
        Err(e) if as_json => writeln!(out, "{}", json!({ "purl": asked, "error": e })),
        Err(e) => writeln!(out, "error: {e}"),
    }
}

fn build(parts: Parts) -> Result<Purl, String> {
    purl::build(parts).map_err(|e| e.to_string())
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| format!("the qualifier {text:?} is no key=value"))?;
    Ok((key.to_owned(), value.to_owned()))
}

fn parts_of_flags(args: &BuildArgs) -> Result<Parts, String> {
    let qualifiers = args.qualifiers.iter().map(|q| pair(q));
    Ok(Parts {
        ty: args.ty.clone().unwrap_or_default(),
        namespace: args.namespace.clone(),
        name: args.name.clone().unwrap_or_default(),
        version: args.version.clone(),
        qualifiers: qualifiers.collect::<Result<_, _>>()?,
        subpath: args.subpath.clone(),
    })
}

fn parts_of_line(line: &str) -> Result<Parts, String> {
    if line.trim_start().starts_with('{') {
        return parts_of_json(line);
    }
    let mut cells = line.split('\t');
    let mut next = || cells.next().unwrap_or_default();
    let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let ty = next().to_owned();
    let (namespace, name, version) = (filled(next()), next().to_owned(), filled(next()));
    let qualifiers = next().split('&').filter(|q| !q.is_empty()).map(pair);
    let parts = Parts {
        ty,
        namespace,
        name,
        version,
        qualifiers: qualifiers.collect::<Result<_, _>>()?,
        subpath: filled(next()),
    };
    match cells.next() {
        None => Ok(parts),
        Some(_) => Err("more than six parts".to_owned()),
    }
}

fn parts_of_json(line: &str) -> Result<Parts, String> {
    #[derive(serde::Deserialize)]
    struct Given {
        #[serde(rename = "type", default)]
        ty: Option<String>,
        #[serde(default)]
        namespace: Option<String>,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        version: Option<String>,
        #[serde(default)]
        qualifiers: Option<BTreeMap<String, String>>,
        #[serde(default)]
        subpath: Option<String>,
    }
    let given: Given = serde_json::from_str(line).map_err(|e| e.to_string())?;
    Ok(Parts {
        ty: given.ty.unwrap_or_default(),
        namespace: given.namespace,
        name: given.name.unwrap_or_default(),
        version: given.version,
        qualifiers: given.qualifiers.unwrap_or_default().into_iter().collect(),
        subpath: given.subpath,
    })
}
