//! The account of losses: for every format and every field of the record, where the field goes, or
//! that it cannot.
//!
//! Data, so that a screen can tell an author what a document will not say before it is published,
//! and so that a test can hold each writer to it: what is [`Fate::Whole`] comes back equal, what is
//! [`Fate::Part`] comes back without additions, what is [`Fate::Lost`] does not come back.

/// What becomes of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// All of it is in the document.
    Whole {
        /// Where.
        at: &'static str,
    },
    /// Some of it is in the document, and what is there is as it was.
    Part {
        /// Where.
        at: &'static str,
        /// What is left out.
        without: &'static str,
    },
    /// It is in the document in other words, from which a reader can not always tell the original.
    Changed {
        /// Where.
        at: &'static str,
        /// How.
        how: &'static str,
    },
    /// The format has no place for it.
    Lost {
        /// Why, or what serves instead.
        why: &'static str,
    },
}

/// A field, and what becomes of it.
pub type Entry = (&'static str, Fate);

/// The formats that are written from the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// The Open Source Vulnerability format.
    Osv,
    /// The CVE Record Format.
    Cve,
    /// OpenVEX.
    OpenVex,
    /// CycloneDX, its vulnerabilities.
    CycloneDx,
    /// GitHub's repository advisories.
    Ghsa,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[
        Self::Osv,
        Self::Cve,
        Self::OpenVex,
        Self::CycloneDx,
        Self::Ghsa,
    ];

    /// Its name with the version that is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Osv => "OSV 1.7",
            Self::Cve => "CVE record 5.2",
            Self::OpenVex => "OpenVEX 0.2",
            Self::CycloneDx => "CycloneDX 1.7",
            Self::Ghsa => "GitHub repository advisory",
        }
    }

    /// What becomes of every field of a record.
    #[must_use]
    pub fn account(self) -> &'static [Entry] {
        match self {
            Self::Osv => crate::osv::LOSSES,
            Self::Cve => crate::cve::LOSSES,
            Self::OpenVex => crate::openvex::LOSSES,
            Self::CycloneDx => crate::cyclonedx_vex::LOSSES,
            Self::Ghsa => crate::ghsa::LOSSES,
        }
    }

    /// What becomes of one field; `None` if no record has such a field.
    #[must_use]
    pub fn fate(self, field: &str) -> Option<Fate> {
        let mut entries = self.account().iter();
        entries
            .find(|(name, _)| *name == field)
            .map(|(_, fate)| *fate)
    }
}

pub(crate) const fn whole(at: &'static str) -> Fate {
    Fate::Whole { at }
}

pub(crate) const fn part(at: &'static str, without: &'static str) -> Fate {
    Fate::Part { at, without }
}

pub(crate) const fn changed(at: &'static str, how: &'static str) -> Fate {
    Fate::Changed { at, how }
}

pub(crate) const fn lost(why: &'static str) -> Fate {
    Fate::Lost { why }
}
