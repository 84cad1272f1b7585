//! `entente sbom import` and `entente affected`: what products are made of, and who has what.

use super::Outcome;
use crate::config::{Config, InstanceArgs};
use crate::{instance, progress};
use anyhow::Context;
use entente_domain::access::{SystemViewer, Viewer};
use entente_domain::ids::{ProductId, UserId};
use entente_service::inventory::{
    self, Answer, ComponentHit, Document, ExportFormat, Question, Taken, Target, Verdict,
};
use entente_service::products::{self, Product, ProductForm};
use entente_service::{App, ServiceError, accounts};
use serde_json::json;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a folder is searched for.
const ENDINGS: &[&str] = &["json", "xml", "spdx", "tag", "swidtag", "jsonld"];

/// Take documents into the inventory, each whole or not at all. What a document describes names
/// the product and its version, unless the flags do; a version that the registry does not have is
/// added. The server must not be running on the same embedded database.
///
/// Exit code 0: all were taken or known already; 1: some were refused; 2: something is unreadable.
#[derive(clap::Args)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    instance: InstanceArgs,
    /// The product that the documents are about, by name.
    #[arg(long)]
    product: Option<String>,
    /// The version of the product that the documents are about.
    #[arg(long)]
    product_version: Option<String>,
    /// Add products that the registry does not have, with this member of staff, by mail address,
    /// as the contact.
    #[arg(long)]
    contact: Option<String>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Files and folders.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

/// Write what the inventory knows of a version of a product to standard output: identities,
/// versions, and what needs what. Works beside a running server.
#[derive(clap::Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    instance: InstanceArgs,
    /// The product, by name.
    #[arg(long)]
    product: String,
    /// Its version.
    #[arg(long)]
    product_version: String,
    /// cyclonedx (1.7) or spdx (2.3), both in JSON.
    #[arg(long, default_value = "cyclonedx")]
    format: String,
}

/// Say which products have a component, in which of their versions, and by which way.
///
/// Works beside a running server. Exit code 0: no product is certainly affected; 1: some are; 2:
/// the question is not understood.
#[derive(clap::Args)]
pub(crate) struct AffectedArgs {
    #[command(flatten)]
    instance: InstanceArgs,
    /// A package URL, a CPE, a hash in hexadecimal, or a bare name.
    #[arg(required_unless_present = "sbom")]
    component: Option<String>,
    /// Instead of one component, everything that this bill of materials lists: which versions of
    /// products contain the same.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["component", "versions"])]
    sbom: Option<PathBuf>,
    /// The versions at fault, such as `>=3.0.0, <3.0.8` or a VERS range; otherwise the version of
    /// the package URL, or every version.
    #[arg(long, default_value = "")]
    versions: String,
    /// One JSON document.
    #[arg(long)]
    json: bool,
}

const OPERATOR: Viewer = Viewer::System(SystemViewer::Operator);

pub(crate) fn import(args: &ImportArgs) -> Outcome {
    let config = args.instance.read()?;
    let mut files = Vec::new();
    for path in &args.paths {
        collect(path, true, &mut files)?;
    }
    instance::block_on(async {
        let app = instance::open_now(&config).await?;
        let contact = match &args.contact {
            Some(mail) => Some(person(&app, mail).await?),
            None => None,
        };
        let mut products = products::list(&app, &OPERATOR).await?;
        let bar = progress::bar(u64::try_from(files.len()).unwrap_or(0), "Taking in");
        let (mut counts, mut refused) = ([0_u32; 3], Vec::new());
        for file in &files {
            match one(&app, args, contact, &mut products, file).await {
                Ok((taken, product, document)) => {
                    let (slot, word) = match taken {
                        Taken::New(_) => (0, "new"),
                        Taken::Replaced(_) => (1, "replaced"),
                        Taken::Known(_) => (2, "known"),
                    };
                    counts[slot] += 1;
                    if args.json {
                        let line = json!({
                            "file": file, "outcome": word, "id": taken.id(), "product": product,
                            "components": document.facts().components,
                            "unidentified": document.facts().unidentified,
                        });
                        bar.suspend(|| println!("{line}"));
                    }
                }
                Err(error) => {
                    if args.json {
                        let line = json!({ "file": file, "error": format!("{error:#}") });
                        bar.suspend(|| println!("{line}"));
                    }
                    refused.push((file.clone(), error));
                }
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        if !args.json {
            for (file, error) in &refused {
                eprintln!("{}: {error:#}", file.display());
            }
            println!(
                "{} new, {} in place of earlier ones, {} known already, {} refused.",
                counts[0],
                counts[1],
                counts[2],
                refused.len()
            );
        }
        Ok(if refused.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        })
    })
}

async fn person(app: &App, mail: &str) -> anyhow::Result<UserId> {
    let people = accounts::people(app, &OPERATOR).await?;
    people
        .into_iter()
        .find(|p| p.mail.eq_ignore_ascii_case(mail) && !p.disabled)
        .map(|p| p.person.id)
        .with_context(|| {
            format!("no active member of staff has the address {mail}; see `entente user`")
        })
}

async fn one(
    app: &App,
    args: &ImportArgs,
    contact: Option<UserId>,
    products: &mut Vec<Product>,
    path: &Path,
) -> anyhow::Result<(Taken, String, Document)> {
    let file = std::fs::File::open(path).context("opening it")?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let document = inventory::read(std::io::BufReader::with_capacity(1 << 16, file), &name)?;
    let described = document.facts().describes.clone();
    let (of_name, of_version) = described.unwrap_or_default();
    let wanted = args.product.clone().unwrap_or(of_name);
    anyhow::ensure!(
        !wanted.is_empty(),
        "the document does not say what it describes; name the product with --product"
    );
    let version = args.product_version.clone().unwrap_or(of_version);
    anyhow::ensure!(
        !version.is_empty(),
        "the document does not say which version of {wanted} it describes; name it with \
         --product-version"
    );
    let known = products
        .iter()
        .find(|p| p.form.name.eq_ignore_ascii_case(&wanted))
        .map(|p| p.id);
    let product = match (known, contact) {
        (Some(id), _) => id,
        (None, Some(contact)) => {
            let id = add(app, &wanted, contact).await?;
            *products = products::list(app, &OPERATOR).await?;
            id
        }
        (None, None) => anyhow::bail!(
            "the registry has no product {wanted:?}; name one with --product, or let it be added \
             with --contact"
        ),
    };
    let target = Target {
        product,
        version: version.clone(),
        add_version: true,
    };
    let taken = inventory::take(app, &OPERATOR, target, document.clone()).await?;
    Ok((taken, format!("{wanted} {version}"), document))
}

async fn add(app: &App, name: &str, contact: UserId) -> Result<ProductId, ServiceError> {
    let form = ProductForm {
        name: name.to_owned(),
        family: String::new(),
        kind: String::new(),
        division: String::new(),
        contact,
        deputy: None,
        versions: Vec::new(),
        fixed_copies: Vec::new(),
    };
    products::save(app, &OPERATOR, None, form).await
}

fn collect(path: &Path, named: bool, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
            .with_context(|| format!("reading the folder {}", path.display()))?
            .filter_map(|e| e.ok().map(|e| e.path()))
            .collect();
        entries.sort();
        for entry in entries {
            collect(&entry, false, files)?;
        }
    } else if named
        || path
            .extension()
            .is_some_and(|e| ENDINGS.iter().any(|k| e == *k))
    {
        files.push(path.to_owned());
    }
    Ok(())
}

pub(crate) fn export(args: &ExportArgs) -> Outcome {
    let config = args.instance.read()?;
    let format = ExportFormat::of(&args.format)
        .with_context(|| format!("{:?} is not written; use cyclonedx or spdx", args.format))?;
    let content = instance::block_on(async {
        let app = instance::open_beside(&config).await?;
        let products = products::list(&app, &OPERATOR).await?;
        let product = products
            .iter()
            .find(|p| p.form.name.eq_ignore_ascii_case(&args.product))
            .with_context(|| format!("the registry has no product {:?}", args.product))?;
        let documents = inventory::of_product(&app, &OPERATOR, product.id).await?;
        let document = documents
            .iter()
            .find(|d| d.facts.product_version == args.product_version)
            .with_context(|| {
                format!(
                    "it is not known what {} {} is made of; see `entente sbom import`",
                    args.product, args.product_version
                )
            })?;
        let id = document.id;
        Ok(inventory::export(&app, &OPERATOR, product.id, id, format).await?)
    })?;
    std::io::stdout().write_all(&content)?;
    println!();
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn affected(args: &AffectedArgs) -> Outcome {
    let config = args.instance.read()?;
    if let Some(path) = &args.sbom {
        return shared(&config, path, args.json);
    }
    let question = Question {
        component: args.component.clone().unwrap_or_default(),
        versions: args.versions.clone(),
    };
    let answer = instance::block_on(ask(&config, question))?;
    if args.json {
        println!("{}", as_json(&answer));
    } else {
        tell(&answer);
    }
    Ok(if answer.products.iter().any(|p| p.affected()) {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

fn shared(config: &Config, path: &Path, as_json: bool) -> Outcome {
    let file = std::fs::File::open(path).with_context(|| format!("opening {}", path.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let document = inventory::read(std::io::BufReader::with_capacity(1 << 16, file), &name)
        .with_context(|| path.display().to_string())?;
    let found = instance::block_on(async {
        let app = instance::open_beside(config).await?;
        Ok(inventory::shared(&app, &OPERATOR, document).await?)
    })?;
    if as_json {
        let by: Vec<_> = found
            .by
            .iter()
            .map(|s| {
                let other: Vec<_> = s
                    .other
                    .iter()
                    .map(|(theirs, ours)| json!({ "component": theirs, "has": ours }))
                    .collect();
                json!({
                    "product": s.name, "version": s.version, "sbom": s.sbom, "same": s.same,
                    "other_versions": other,
                })
            })
            .collect();
        println!(
            "{}",
            json!({ "components": found.components, "unknown": found.unknown, "by": by })
        );
    } else {
        println!(
            "{} different components, of which {} are in no product",
            found.components, found.unknown
        );
        for s in &found.by {
            println!(
                "{} {}: {} the same, {} in other versions",
                s.name,
                s.version,
                s.same.len(),
                s.other.len()
            );
        }
    }
    Ok(match found.by.iter().any(|s| !s.same.is_empty()) {
        true => ExitCode::from(1),
        false => ExitCode::SUCCESS,
    })
}

async fn ask(config: &Config, question: Question) -> anyhow::Result<Answer> {
    let app = instance::open_beside(config).await?;
    let answer = inventory::affected(&app, &OPERATOR, question).await?;
    let documents = answer.products.iter().map(|p| p.versions.len()).sum();
    Ok(inventory::draw_ways(&app, &OPERATOR, answer, documents).await?)
}

fn as_json(answer: &Answer) -> serde_json::Value {
    let component = |c: &ComponentHit| {
        let (affected, why) = match &c.verdict {
            Verdict::Affected => (Some(true), None),
            Verdict::Undecided(why) => (None, Some(why)),
        };
        json!({
            "package": c.is.key, "version": c.is.version, "distribution": c.is.scope,
            "affected": affected, "undecided": why, "fixed_copy": c.fixed_copy, "way": c.way,
        })
    };
    let products: Vec<_> = answer
        .products
        .iter()
        .flat_map(|p| {
            p.versions.iter().map(move |v| {
                json!({
                    "product": p.name, "version": v.version, "supported": v.supported,
                    "affected": v.affected(), "sbom": v.sbom, "users": p.users.iter().map(|u| &u.form).collect::<Vec<_>>(),
                    "components": v.components.iter().map(component).collect::<Vec<_>>(),
                })
            })
        })
        .collect();
    let packages: Vec<_> = answer
        .packages
        .iter()
        .map(|p| {
            json!({
                "package": p.key, "versions": p.versions, "at_fault": p.at_fault,
                "undecided": p.undecided,
            })
        })
        .collect();
    json!({
        "packages": packages, "products": products,
        "without_document": *answer.without_document, "vague_documents": answer.vague_documents,
    })
}

fn tell(answer: &Answer) {
    if answer.packages.is_empty() {
        println!("No document names this component.");
    }
    for p in &answer.packages {
        println!(
            "{}: {} versions known, {} at fault, {} undecided",
            p.key, p.versions, p.at_fault, p.undecided
        );
    }
    for product in &answer.products {
        for v in &product.versions {
            let word = match (v.affected(), v.supported) {
                (true, true) => "affected",
                (true, false) => "affected, out of support",
                (false, _) => "undecided",
            };
            println!("{} {}: {word}", product.name, v.version);
            for c in &v.components {
                let way = if c.way.is_empty() {
                    format!("{} {} (listed)", c.is.key, c.is.version)
                } else {
                    c.way.join(" → ")
                };
                let fixed = c.fixed_copy.map_or_else(String::new, |why| {
                    format!(" [cannot be replaced: {}]", why.label().to_lowercase())
                });
                let way = format!("{way}{fixed}");
                match &c.verdict {
                    Verdict::Affected => println!("  {way}"),
                    Verdict::Undecided(why) => println!("  {way}: {why}"),
                }
            }
        }
        for user in &product.users {
            let of = if user.form.versions.is_empty() {
                "all versions".to_owned()
            } else {
                user.form.versions.join(", ")
            };
            let soon = user
                .form
                .days_to_deploy
                .map_or_else(String::new, |days| format!(", {days} days to deploy"));
            println!(
                "  reaches {} ({}; {of}{soon})",
                user.form.name,
                user.form.kind.label().to_lowercase()
            );
        }
    }
    if !answer.without_document.is_empty() {
        println!(
            "Not known, for want of a document: {} versions of products.",
            answer.without_document.len()
        );
    }
    if answer.vague_documents > 0 {
        println!(
            "{} documents list components without an identity; it may be one of those.",
            answer.vague_documents
        );
    }
}
