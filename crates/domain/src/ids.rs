//! Typed identifiers. Made by callers from their clock and random source, never here.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map($name)
            }
        }
    )*};
}

ids! {
    /// A case; also the id of its journal stream.
    CaseId,
    /// A report in the register.
    ReportId,
    /// A member of staff.
    UserId,
    /// A product in the registry; also the id of its journal stream.
    ProductId,
    /// A message of a case's threads.
    MessageId,
    /// A quarantined attachment.
    AttachmentId,
    /// A remediation item.
    RemediationId,
    /// A task of a case.
    TaskId,
    /// A version of a policy document.
    PolicyId,
    /// An organisation or person outside, in the register of parties.
    PartyId,
    /// A party's part in one case.
    ParticipantId,
    /// One version of an embargo's terms.
    TermsId,
    /// The link by which one person of a party comes in.
    GuestLinkId,
    /// A software bill of materials of one version of a product.
    SbomId,
    /// Somebody who uses a product.
    ProductUserId,
    /// That something the world published touches a product.
    FindingId,
    /// Something outside that is watched.
    WatchSourceId,
}
