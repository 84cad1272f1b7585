//! Links by which somebody of a party comes in: bound to one person and one participant, revocable
//! at once. Only the hash of a token is kept; name and address are sealed.

use crate::args;
use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use crate::seal;
use entente_domain::access::SystemViewer;
use entente_domain::ids::{CaseId, ParticipantId};
use entente_domain::time::Timestamp;
use uuid::Uuid;

/// A link.
#[derive(Clone, PartialEq, Debug)]
pub struct GuestLink {
    /// Hash of the token.
    pub token: [u8; 32],
    /// Its id: what a visit keeps of it.
    pub id: Uuid,
    /// The case.
    pub case: CaseId,
    /// The participant that its holder speaks for.
    pub participant: ParticipantId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Sealed: whom it was given to.
    pub body: Vec<u8>,
}

impl GuestLink {
    /// Whether it opens at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Never: so that no column of an instant is null.
const NEVER: i64 = i64::MAX;

crate::statements! {
    INSERT = "INSERT INTO guest_links (token, id, case_id, participant, created_at, expires_at, revoked_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    BY_TOKEN = "SELECT token, id, case_id, participant, created_at, expires_at, revoked_at, body FROM guest_links WHERE token = $1";
    BY_ID = "SELECT token, id, case_id, participant, created_at, expires_at, revoked_at, body FROM guest_links WHERE id = $1";
    OF_CASE = "SELECT token, id, case_id, participant, created_at, expires_at, revoked_at, body FROM guest_links WHERE case_id = $1 AND revoked_at > $2 ORDER BY created_at, id LIMIT 10000";
    REVOKE = "UPDATE guest_links SET revoked_at = $2, body = $3 WHERE token = $1";
}

fn clear(link: &GuestLink) -> [Val; 7] {
    [
        link.token.to_vec().into(),
        link.id.into(),
        link.case.into(),
        link.participant.0.into(),
        link.created_at.into(),
        link.expires_at.into(),
        link.revoked_at.map_or(NEVER, |t| t.0).into(),
    ]
}

fn sealed(tx: &Tx<'_>, link: &GuestLink) -> Result<Vec<u8>, StoreError> {
    seal::seal_row(
        tx.keys().registers(),
        "guest_links",
        &clear(link),
        &link.body,
        tx.random(),
    )
}

/// Keeps a new link.
pub fn insert(tx: &mut Tx<'_>, link: &GuestLink) -> Result<(), StoreError> {
    let mut values = clear(link).to_vec();
    values.push(sealed(tx, link)?.into());
    tx.execute(INSERT, &values)?;
    Ok(())
}

fn opened(tx: &Tx<'_>, row: &Row) -> Result<GuestLink, StoreError> {
    let revoked = row.int(6)?;
    let mut link = GuestLink {
        token: row.hash(0)?,
        id: row.id(1)?,
        case: CaseId(row.id(2)?),
        participant: ParticipantId(row.id(3)?),
        created_at: row.time(4)?,
        expires_at: row.time(5)?,
        revoked_at: (revoked != NEVER).then_some(Timestamp(revoked)),
        body: Vec::new(),
    };
    let key = tx.keys().registers();
    link.body = seal::open_row(key, "guest_links", &clear(&link), row.bytes(7)?)?;
    Ok(link)
}

/// The link with the hash of this token, whether or not it still opens.
pub fn by_token(tx: &mut Tx<'_>, token: &[u8; 32]) -> Result<Option<GuestLink>, StoreError> {
    tx.needs_viewer()?;
    let row = tx.one(BY_TOKEN, args![token.to_vec()])?;
    row.map(|r| opened(tx, &r)).transpose()
}

/// The link of this id, whether or not it still opens: for a visit that it opened, and for the
/// mailer. Neither sees the case by it.
pub fn by_id(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<GuestLink>, StoreError> {
    tx.as_system(SystemViewer::Intake, |tx| {
        let row = tx.one(BY_ID, args![id])?;
        row.map(|r| opened(tx, &r)).transpose()
    })
}

/// The links into the room of a case that are not revoked at `now`, oldest first.
pub fn of_case(
    tx: &mut Tx<'_>,
    case: CaseId,
    now: Timestamp,
) -> Result<Vec<GuestLink>, StoreError> {
    tx.needs_viewer()?;
    let rows = tx.all(OF_CASE, args![case, now])?;
    rows.iter().map(|r| opened(tx, r)).collect()
}

/// Revokes a link. One that was revoked before keeps its instant.
pub fn revoke(tx: &mut Tx<'_>, link: &GuestLink, now: Timestamp) -> Result<(), StoreError> {
    if link.revoked_at.is_some() {
        return Ok(());
    }
    let link = GuestLink {
        revoked_at: Some(now),
        ..link.clone()
    };
    let body = sealed(tx, &link)?;
    tx.execute(REVOKE, args![link.token.to_vec(), now, body])?;
    Ok(())
}

/// For the verification: whether a row of the table opens.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    opened(tx, row).map(drop)
}
