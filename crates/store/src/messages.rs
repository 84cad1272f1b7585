//! Messages and comments: bodies beside the journal, each under a key of its own, so that one can
//! be erased without the others (decision 13).

use crate::args;
use crate::engine::{Tx, Val};
use crate::erasures::{self, Erasure};
use crate::error::StoreError;
use crate::{journal, seal};
use entente_domain::ids::{CaseId, MessageId, ParticipantId, ReportId};
use entente_domain::kinds::Audience;
use entente_domain::time::Timestamp;
use uuid::Uuid;

/// A message as stored.
#[derive(Clone, PartialEq, Debug)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The case at whose time it was written.
    pub case: CaseId,
    /// The report or the participant whose thread it stands in; the audience says which.
    pub thread: Option<Uuid>,
    /// Who may read it.
    pub audience: Audience,
    /// When.
    pub at: Timestamp,
    /// Sealed: author, purpose and text as the service wrote them.
    pub body: Vec<u8>,
}

crate::statements! {
    INSERT = "INSERT INTO messages (id, case_id, thread, audience, at, wrapped_key, body) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    BY_CASE = "SELECT m.id, m.case_id, m.thread, m.audience, m.at, m.wrapped_key, m.body, s.wrapped_key FROM messages m JOIN streams s ON s.id = m.case_id WHERE m.case_id = $1 ORDER BY m.at, m.id LIMIT 2000";
    BY_REPORT = "SELECT m.id, m.case_id, m.thread, m.audience, m.at, m.wrapped_key, m.body, s.wrapped_key FROM messages m JOIN streams s ON s.id = m.case_id WHERE m.thread = $1 AND m.audience = 'reporter' ORDER BY m.at, m.id LIMIT 2000";
    OF_ROOM = "SELECT m.id, m.case_id, m.thread, m.audience, m.at, m.wrapped_key, m.body, s.wrapped_key FROM messages m JOIN streams s ON s.id = m.case_id WHERE m.case_id = $1 AND (m.audience = 'participants' OR (m.audience = 'participant' AND m.thread = $2)) ORDER BY m.at, m.id LIMIT 2000";
    ERASE = "UPDATE messages SET wrapped_key = NULL WHERE id = $1";
}

fn clear(m: &Message) -> [Val; 5] {
    [
        m.id.into(),
        m.case.into(),
        m.thread.into(),
        m.audience.as_str().into(),
        m.at.into(),
    ]
}

/// Stores a message.
pub fn insert(tx: &mut Tx<'_>, m: &Message) -> Result<(), StoreError> {
    let case_key = journal::stream_key(tx, m.case.0)?;
    let item = zeroize::Zeroizing::new(tx.random().bytes::<32>());
    let wrapped = seal::wrap_key(&case_key, m.id.0.as_bytes(), &item, tx.random())?;
    let mut values = clear(m).to_vec();
    let sealed = seal::seal_row(&item, "messages", &values, &m.body, tx.random())?;
    values.push(wrapped.into());
    values.push(sealed.into());
    tx.execute(INSERT, &values)?;
    Ok(())
}

fn opened(tx: &mut Tx<'_>, rows: &[crate::Row]) -> Result<Vec<Message>, StoreError> {
    let mut found = Vec::with_capacity(rows.len());
    let mut keys: Vec<(Uuid, seal::ContentKey)> = Vec::new();
    for row in rows {
        let Some(wrapped) = row.opt_bytes(5)? else {
            continue;
        };
        let case = row.id(1)?;
        if !keys.iter().any(|(c, _)| *c == case) {
            let wrapped = row.opt_bytes(7)?.ok_or(StoreError::Erased)?;
            let key = seal::unwrap_key(tx.keys().wrap(), case.as_bytes(), wrapped)?;
            keys.push((case, key));
        }
        let Some((_, case_key)) = keys.iter().find(|(c, _)| *c == case) else {
            continue;
        };
        let item = seal::unwrap_key(case_key, row.id(0)?.as_bytes(), wrapped)?;
        let clear_values = row.values().get(..5).unwrap_or_default();
        found.push(Message {
            id: MessageId(row.id(0)?),
            case: CaseId(case),
            thread: row.opt_id(2)?,
            audience: row.word(3)?,
            at: row.time(4)?,
            body: seal::open_row(&item, "messages", clear_values, row.bytes(6)?)?,
        });
    }
    Ok(found)
}

/// The messages of a case, oldest first. The caller has asked the door for the case.
pub fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Message>, StoreError> {
    tx.needs_viewer()?;
    let rows = tx.all(BY_CASE, args![case])?;
    opened(tx, &rows)
}

/// The thread of a report: what its reporter may read, oldest first.
pub fn of_report(tx: &mut Tx<'_>, report: ReportId) -> Result<Vec<Message>, StoreError> {
    tx.needs_viewer()?;
    let rows = tx.all(BY_REPORT, args![report])?;
    opened(tx, &rows)
}

/// What a participant of a case may read once the gate of its room is open, oldest first: what
/// went to all of them, and its own thread.
pub fn of_room(
    tx: &mut Tx<'_>,
    case: CaseId,
    participant: ParticipantId,
) -> Result<Vec<Message>, StoreError> {
    tx.needs_viewer()?;
    let rows = tx.all(OF_ROOM, args![case, participant.0])?;
    opened(tx, &rows)
}

/// Erases one message.
pub fn erase(tx: &mut Tx<'_>, id: MessageId) -> Result<(), StoreError> {
    tx.execute(ERASE, args![id])?;
    erasures::note(tx, Erasure::Message(id))
}

/// For the verification: whether a row of the table opens, unless it was erased.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &crate::Row) -> Result<(), StoreError> {
    let row = journal::with_wrapped_key(tx, row, row.id(1)?)?;
    match opened(tx, &[row]) {
        Ok(_) | Err(StoreError::Erased) => Ok(()),
        Err(e) => Err(e),
    }
}
