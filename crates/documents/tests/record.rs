//! The account of losses covers the record, and every writer keeps to it.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use entente_documents::record::losses::Format;
use entente_documents::record::{Record, fields};

#[test]
fn every_field_is_in_every_account_once() {
    let names: BTreeSet<&str> = fields(&Record::default()).into_keys().collect();
    assert_eq!(names.len(), 41, "{names:?}");
    for format in Format::ALL {
        let account = format.account();
        let told: BTreeSet<&str> = account.iter().map(|(name, _)| *name).collect();
        assert_eq!(told, names, "{}", format.name());
        assert_eq!(account.len(), names.len(), "{}: twice", format.name());
    }
    assert_eq!(Format::Osv.fate("nothing"), None);
    Format::Osv.fate("credits.consent").unwrap();
}
