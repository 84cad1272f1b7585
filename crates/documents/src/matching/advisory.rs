//! An advisory as matching needs it: its names, and one rule for each package it affects.

use super::package::Package;
use super::rule::{Rule, Statement};
use super::scope::Scope;
use crate::osv;
use crate::record::{Product, Record, Status};

/// An advisory.
#[derive(Debug, Clone)]
pub struct Advisory {
    /// Its identifier.
    pub id: String,
    /// Other identifiers of the same vulnerability.
    pub aliases: Vec<String>,
    /// When it was last changed, as it was written.
    pub modified: String,
    /// Whether it was taken back. It has no rules then: it holds for nothing.
    pub withdrawn: bool,
    /// What it says of which package.
    pub rules: Vec<Rule>,
    /// Affected products without a package that a component could be: the place in the record.
    pub without_package: Vec<usize>,
}

impl Advisory {
    /// The advisory of a record. A product without versions and ranges is affected in every
    /// version, as the record has it.
    #[must_use]
    pub fn of_record(record: &Record) -> Self {
        Self::of(record, |_, said| {
            said.every_version = said.ranges.is_empty() && said.versions.is_empty();
        })
    }

    /// The advisory of an OSV document. Where that names no version, none is affected by its rules
    /// of evaluation; that is taken for an omission and said to be undecided.
    #[must_use]
    pub fn of_osv(document: &osv::Document) -> Self {
        let (record, problems) = document.record();
        Self::of(&record, |product, said| {
            let path = format!("/affected/{product}/ranges/");
            let unread = problems.iter().filter(|p| p.path.starts_with(&path));
            said.unread_ranges = unread.count();
        })
    }

    fn of(record: &Record, complete: impl Fn(usize, &mut Statement)) -> Self {
        let withdrawn = record.dates.withdrawn.is_some();
        let mut advisory = Self {
            id: record.id.clone(),
            aliases: record.aliases.clone(),
            modified: record.dates.modified.clone(),
            withdrawn,
            rules: Vec::new(),
            without_package: Vec::new(),
        };
        let affected = |(_, product): &(usize, &Product)| product.status == Status::Affected;
        for (at, product) in record.products.iter().enumerate().filter(affected) {
            if withdrawn {
                break;
            }
            match statement(product) {
                Some(mut said) => {
                    complete(at, &mut said);
                    advisory.rules.push(Rule::new(said));
                }
                None => advisory.without_package.push(at),
            }
        }
        advisory
    }
}

fn statement(product: &Product) -> Option<Statement> {
    let ecosystem = product.ecosystem.as_deref();
    let package = match (&product.purl, ecosystem) {
        (Some(purl), _) => Package::of(purl),
        (None, Some(ecosystem)) => Package::of_ecosystem(ecosystem, &product.name)?,
        (None, None) => return None,
    };
    let of_purl = || {
        let purl = product.purl.as_ref();
        purl.map(|purl| Scope::of_component(&package, purl, None))
    };
    let scope = match ecosystem.map(|ecosystem| Scope::of_ecosystem(&package, ecosystem)) {
        Some(Scope::Unknown) | None => of_purl().unwrap_or(Scope::Unknown),
        Some(scope) => scope,
    };
    Some(Statement {
        package,
        scope,
        ranges: product.ranges.clone(),
        versions: product.versions.clone(),
        every_version: false,
        unread_ranges: 0,
    })
}
