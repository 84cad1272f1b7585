//! The links by which somebody of a party comes in. Each is bound to one person and one
//! participant, opens until it ends or is revoked, and is looked up by its hash.

use crate::error::ServiceError;
use crate::login::token::{self, Token, TokenKind};
use crate::parties::PartyContact;
use crate::{App, ClientHint, Fault, look, transact, transact_from_reserve};
use entente_domain::access::Viewer;
use entente_domain::ids::{CaseId, GuestLinkId, ParticipantId};
use entente_domain::time::Timestamp;
use entente_store::guest_links::{self, GuestLink};
use entente_store::{Tx, limits, sessions};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long a link opens without being renewed.
const LINK_DAYS: i64 = 400;
/// Hours after which somebody of a party opens the link again.
const SESSION_HOURS: i64 = 4;

/// What a link seals.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) contact: PartyContact,
    /// The whole link: later mails repeat it, because people lose mails.
    pub(super) link: String,
}

/// What a visit seals: which link it was opened by.
#[derive(Serialize, Deserialize)]
struct Visit {
    guest_link: Uuid,
}

/// A visit.
#[derive(Clone, PartialEq, Eq)]
pub struct GuestSession {
    /// Its token, for the cookie.
    pub token: String,
}

/// Somebody of a party.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guest {
    /// Who asks.
    pub viewer: Viewer,
    /// The name of the person.
    pub name: String,
}

fn kept(link: &GuestLink) -> Result<Kept, Fault> {
    serde_json::from_slice(&link.body).map_err(|e| Fault::Service(ServiceError::internal(e)))
}

/// Makes the link that an entry names.
pub(super) fn give(
    app: &App,
    tx: &mut Tx<'_>,
    case: CaseId,
    participant: ParticipantId,
    id: GuestLinkId,
    contact: PartyContact,
    now: Timestamp,
) -> Result<(), Fault> {
    let token = Token::new(TokenKind::Guest, &mut app.random().clone());
    let link = format!("{}/join?token={}", app.config().base_url, token.reveal());
    let body = serde_json::to_vec(&Kept { contact, link })
        .map_err(|e| Fault::Service(ServiceError::internal(e)))?;
    guest_links::insert(
        tx,
        &GuestLink {
            token: token.hash(),
            id: id.0,
            case,
            participant,
            created_at: now,
            expires_at: now.plus_days(LINK_DAYS),
            revoked_at: None,
            body,
        },
    )?;
    Ok(())
}

/// Takes the links of a case back that `which` names.
pub(super) fn take_back(
    tx: &mut Tx<'_>,
    case: CaseId,
    which: impl Fn(&GuestLink) -> bool,
    now: Timestamp,
) -> Result<(), Fault> {
    for link in guest_links::of_case(tx, case, now)? {
        if which(&link) {
            guest_links::revoke(tx, &link, now)?;
        }
    }
    Ok(())
}

/// The address and the link behind the id of one that still opens: for the mailer.
pub(crate) async fn reachable(
    app: &App,
    id: Uuid,
) -> Result<Option<(String, String)>, ServiceError> {
    let now = app.now();
    look(app, move |tx| {
        let Some(link) = guest_links::by_id(tx, id)?.filter(|l| l.holds(now)) else {
            return Ok(None);
        };
        let kept = kept(&link)?;
        Ok(Some((kept.contact.mail, kept.link)))
    })
    .await
}

/// The links into a room that still open, with whom they stand for.
pub(super) fn open_links(
    tx: &mut Tx<'_>,
    case: CaseId,
    now: Timestamp,
) -> Result<Vec<(ParticipantId, Uuid)>, Fault> {
    let links = guest_links::of_case(tx, case, now)?;
    let open = links.iter().filter(|l| l.holds(now));
    Ok(open.map(|l| (l.participant, l.id)).collect())
}

async fn found(app: &App, token: &str, client: ClientHint) -> Result<GuestLink, ServiceError> {
    let now = app.now();
    let per_hour = app.config().limits.codes_per_address_hour;
    let hash = token::hash(TokenKind::Guest, token).unwrap_or([0; 32]);
    transact_from_reserve(app, move |tx| {
        let key = tx.keys().lookup("guest links of a client", &client.0);
        if let Err(retry_after_s) = limits::take(tx, &key, per_hour, now)? {
            return Err(Fault::Service(ServiceError::TooMany { retry_after_s }));
        }
        Ok(guest_links::by_token(tx, &hash)?.filter(|l| l.holds(now)))
    })
    .await?
    .ok_or(ServiceError::NotFound)
}

/// Begins a visit with a link.
///
/// # Errors
/// Not found for a link that does not open; too many tries.
pub async fn enter(
    app: &App,
    token: &str,
    client: ClientHint,
) -> Result<GuestSession, ServiceError> {
    let link = found(app, token, client).await?;
    let now = app.now();
    let session = Token::new(TokenKind::GuestSession, &mut app.random().clone());
    let (hash, id) = (session.hash(), app.random().id(now));
    let body = serde_json::to_vec(&Visit {
        guest_link: link.id,
    })
    .map_err(ServiceError::internal)?;
    transact(app, move |tx| {
        sessions::insert(
            tx,
            &sessions::Session {
                token: hash,
                id,
                account: None,
                report: None,
                created_at: now,
                seen_at: now,
                expires_at: now.plus_hours(SESSION_HOURS),
                body: body.clone(),
            },
        )?;
        Ok(())
    })
    .await?;
    Ok(GuestSession {
        token: session.reveal().to_owned(),
    })
}

/// Who is behind a visit, as long as the link that it was opened by still opens.
///
/// # Errors
/// Of the store only.
pub async fn guest(app: &App, session: &str) -> Result<Option<Guest>, ServiceError> {
    let now = app.now();
    let Some(hash) = token::hash(TokenKind::GuestSession, session) else {
        return Ok(None);
    };
    look(app, move |tx| {
        let Some(session) = sessions::get(tx, &hash, now)? else {
            return Ok(None);
        };
        let Ok(visit) = serde_json::from_slice::<Visit>(&session.body) else {
            return Ok(None);
        };
        let link = guest_links::by_id(tx, visit.guest_link)?;
        let Some(link) = link.filter(|l| l.holds(now)) else {
            return Ok(None);
        };
        Ok(Some(Guest {
            viewer: Viewer::Guest {
                case: link.case,
                participant: link.participant,
            },
            name: kept(&link)?.contact.name,
        }))
    })
    .await
}

/// Ends a visit; the link opens another one.
///
/// # Errors
/// Of the store only.
pub async fn leave(app: &App, session: &str) -> Result<(), ServiceError> {
    let Some(hash) = token::hash(TokenKind::GuestSession, session) else {
        return Ok(());
    };
    Ok(app.db().write(move |tx| sessions::end(tx, &hash)).await?)
}
