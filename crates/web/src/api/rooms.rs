//! Parties, and the room of a case, by the API. A room is changed by the commands of its case.

use super::fault::Fault;
use super::gate::Caller;
use super::input::{Ids, Json, Paging, answer, page, value};
use super::shape::Kind;
use super::shapes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use entente_domain::coordination::room::{Closed, Participant, Proposal, Room, Terms};
use entente_domain::ids::{CaseId, ParticipantId, PartyId};
use entente_domain::time::Timestamp;
use entente_service::parties::{self, Party, PartyForm};
use entente_service::{App, cases};
use serde_json::{Value, json};

fn party_value(party: Party) -> Result<Value, Fault> {
    Ok(json!({
        "id": party.id,
        "version": party.version,
        "updated_at": party.updated_at,
        "form": value(party.form)?,
    }))
}

/// The register of parties.
pub async fn list_parties(
    State(app): State<App>,
    caller: Caller,
    paging: Paging,
) -> Result<Response, Fault> {
    let parties = parties::list(&app, &caller.viewer).await?;
    let (parties, next) = paging.cut(parties, |p| p.id)?;
    let items = parties
        .into_iter()
        .map(party_value)
        .collect::<Result<Vec<Value>, Fault>>()?;
    Ok(page(Kind::Of(&shapes::Party), items, next))
}

/// One party.
pub async fn party(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(PartyId,)>,
) -> Result<Response, Fault> {
    let party = parties::get(&app, &caller.viewer, id).await?;
    let value = party_value(party)?;
    Ok(answer(StatusCode::OK, Kind::Of(&shapes::Party), value))
}

/// Adds a party.
pub async fn add_party(
    State(app): State<App>,
    caller: Caller,
    body: Json,
) -> Result<Response, Fault> {
    let form: PartyForm = body.into(&shapes::PartyForm)?;
    let id = parties::save(&app, &caller.viewer, None, form).await?;
    let made = json!({ "id": id });
    Ok(answer(StatusCode::CREATED, Kind::Of(&shapes::Made), made))
}

/// Changes a party that was seen at a version.
pub async fn save_party(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(PartyId,)>,
    headers: HeaderMap,
    body: Json,
) -> Result<Response, Fault> {
    let form: PartyForm = body.into(&shapes::PartyForm)?;
    let Some(version) = super::cases::expected(&headers)? else {
        return Err(Fault::bad(
            "If-Match",
            "It is not said which version was looked at.",
            "Send the party's `version`.",
        ));
    };
    let id = parties::save(&app, &caller.viewer, Some((id, version)), form)
        .await
        .map_err(|error| super::cases::moved_on(error, Some(version)))?;
    let made = json!({ "id": id });
    Ok(answer(StatusCode::OK, Kind::Of(&shapes::Made), made))
}

/// The room of a case.
pub async fn room(
    State(app): State<App>,
    caller: Caller,
    Ids((id,)): Ids<(CaseId,)>,
) -> Result<Response, Fault> {
    let file = cases::open(&app, &caller.viewer, id).await?;
    let room = &file.case.room;
    let now = app.now();
    let embargo = &room.embargo;
    let participants: Vec<Value> = room
        .participants
        .iter()
        .map(|p| participant_value(room, p, now))
        .collect();
    let proposals: Vec<Value> = embargo
        .open
        .iter()
        .map(|o| proposal_value(room, o))
        .collect();
    let value = json!({
        "state": embargo.state_at(now),
        "in_force": embargo.in_force_at(now).map(terms_value),
        "revisions": embargo.revisions,
        "ended": embargo.ended.as_ref().map(|e| json!({ "at": e.at, "cause": e.cause, "reason": e.reason })),
        "proposals": proposals,
        "participants": participants,
        "brief": room.brief,
        "version": file.case.version,
    });
    Ok(answer(StatusCode::OK, Kind::Of(&shapes::Room), value))
}

fn terms_value(terms: &Terms) -> Value {
    json!({
        "id": terms.id, "ends_at": terms.ends_at, "revisions_allowed": terms.revisions_allowed,
        "lead_rules": terms.lead_rules, "carve_outs": terms.carve_outs,
    })
}

fn proposal_value(room: &Room, o: &Proposal) -> Value {
    let votes: Vec<Value> = o
        .votes
        .iter()
        .map(|(who, v)| {
            json!({ "participant": who, "yes": v.yes, "signer": v.signer, "reason": v.reason })
        })
        .collect();
    let unanswered: Vec<ParticipantId> = room.unanswered(o).map(|p| p.id).collect();
    json!({
        "terms": terms_value(&o.terms), "by": o.by, "at": o.at, "reason": o.reason,
        "reply_by": o.reply_by, "votes": votes, "unanswered": unanswered,
    })
}

fn participant_value(room: &Room, p: &Participant, now: Timestamp) -> Value {
    let opens = room.opens(p.id, now);
    let closed = opens.err().map(|closed| match closed {
        Closed::NotInvited => "not_invited",
        Closed::NotSigned => "not_signed",
        Closed::Declined => "declined",
        Closed::Gone => "gone",
        Closed::SignatureEnded => "signature_ended",
    });
    let signatures: Vec<Value> = p
        .signatures
        .iter()
        .map(|s| json!({ "terms": s.terms, "ends_at": s.ends_at, "at": s.at, "signer": s.signer }))
        .collect();
    let links: Vec<Value> = p
        .links
        .iter()
        .map(|l| {
            json!({
                "id": l.id, "name": l.name, "mail": l.mail, "since": l.since, "until": l.until,
            })
        })
        .collect();
    json!({
        "id": p.id, "party": p.party, "name": p.name, "reference": p.reference(), "roles": p.roles,
        "need": p.need, "standing": p.standing, "silent": p.silent(now), "may_read": opens.is_ok(),
        "closed": closed, "still_bound": room.still_bound(p, now), "invited_at": p.invited_at,
        "reply_by": p.reply_by, "report": p.report, "vendor": p.vendor_letters(),
        "signatures": signatures, "links": links,
    })
}
