//! The register of parties: other organisations, whom to reach there, and what their published
//! policies say of an embargo (30111 clause 8). Notes are our own and go to nobody.

use crate::cases::PartyChoice;
use crate::error::ServiceError;
use crate::mail::Address;
use crate::{App, Fault, look, transact};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_domain::decide::PartyFact;
use entente_domain::ids::{GuestLinkId, PartyId};
use entente_domain::time::Timestamp;
use entente_store::{Tx, registers};
use serde::{Deserialize, Serialize};

const REGISTER: &str = "party";
/// People of one party at most.
const MOST_CONTACTS: usize = 20;
/// The longest embargo that a policy may name, in days.
const LONGEST_DAYS: u32 = 3_650;

/// Somebody, or a group, of a party.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyContact {
    /// The name of the person or group.
    pub name: String,
    /// Where mail reaches them.
    pub mail: String,
}

/// What people say of a party.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyForm {
    /// Its name.
    pub name: String,
    /// Whom to reach there; each of them gets a link of their own.
    #[serde(default)]
    pub contacts: Vec<PartyContact>,
    /// Where its policy is published.
    #[serde(default)]
    pub policy_url: String,
    /// The embargo that its policy prefers, in days.
    #[serde(default)]
    pub preferred_days: Option<u32>,
    /// The longest that its policy accepts, in days.
    #[serde(default)]
    pub longest_days: Option<u32>,
    /// Our own notes.
    #[serde(default)]
    pub notes: String,
}

/// A party of the register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Party {
    /// Its id.
    pub id: PartyId,
    /// The version of its entry.
    pub version: u64,
    /// When the entry changed.
    pub updated_at: Timestamp,
    /// What it says.
    pub form: PartyForm,
}

fn read_one(d: &registers::Document) -> Result<Party, Fault> {
    Ok(Party {
        id: PartyId(d.id),
        version: d.version,
        updated_at: d.updated_at,
        form: serde_json::from_slice(&d.body)
            .map_err(|e| Fault::Service(ServiceError::internal(e)))?,
    })
}

fn read(tx: &mut Tx<'_>) -> Result<Vec<Party>, Fault> {
    let documents = registers::list(tx, REGISTER)?;
    let mut parties = documents
        .iter()
        .map(read_one)
        .collect::<Result<Vec<_>, Fault>>()?;
    parties.sort_by_cached_key(|p| p.form.name.to_lowercase());
    Ok(parties)
}

/// Parties to choose from.
pub(crate) fn choices(tx: &mut Tx<'_>) -> Result<Vec<PartyChoice>, Fault> {
    let reachable = read(tx)?
        .into_iter()
        .filter(|p| !p.form.contacts.is_empty());
    Ok(reachable
        .map(|p| PartyChoice {
            id: p.id,
            name: p.form.name,
        })
        .collect())
}

/// The party of that id, for one who decides over a case.
pub(crate) fn known(tx: &mut Tx<'_>, id: PartyId) -> Result<Option<Party>, Fault> {
    registers::get(tx, REGISTER, id.0)?
        .map(|d| read_one(&d))
        .transpose()
}

/// The fact about a party that can be invited: it is known, and somebody can be reached there.
pub(crate) fn fact(app: &App, tx: &mut Tx<'_>, id: PartyId) -> Result<Option<PartyFact>, Fault> {
    let now = app.now();
    Ok(known(tx, id)?
        .filter(|p| !p.form.contacts.is_empty())
        .map(|p| PartyFact {
            id: p.id,
            name: p.form.name,
            contacts: p
                .form
                .contacts
                .into_iter()
                .map(|c| (GuestLinkId(app.random().id(now)), c.name, c.mail))
                .collect(),
        }))
}

/// Every party, by name.
///
/// # Errors
/// Not found for whom the register is not there.
pub async fn list(app: &App, viewer: &Viewer) -> Result<Vec<Party>, ServiceError> {
    if !may(viewer, Action::Read, Resource::Parties) {
        return Err(ServiceError::NotFound);
    }
    look(app, read).await
}

/// One party.
///
/// # Errors
/// Not found.
pub async fn get(app: &App, viewer: &Viewer, id: PartyId) -> Result<Party, ServiceError> {
    list(app, viewer)
        .await?
        .into_iter()
        .find(|p| p.id == id)
        .ok_or(ServiceError::NotFound)
}

fn one_line(field: &'static str, value: &str, longest: usize) -> Result<(), ServiceError> {
    if value.len() > longest || value.chars().any(char::is_control) {
        return Err(ServiceError::invalid(
            field,
            "It is no line of text, or too long.",
            format!("Keep it on one line of at most {longest} bytes."),
        ));
    }
    Ok(())
}

fn check(form: &PartyForm) -> Result<(), ServiceError> {
    one_line("name", &form.name, 200)?;
    one_line("policy_url", &form.policy_url, 500)?;
    if form.name.is_empty() {
        return Err(ServiceError::invalid(
            "name",
            "A party needs a name.",
            "Give it the name of the organisation.",
        ));
    }
    let url = &form.policy_url;
    if !url.is_empty() && !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(ServiceError::invalid(
            "policy_url",
            "This is no address of a page.",
            "Begin it with https://, or leave it empty.",
        ));
    }
    if form.contacts.len() > MOST_CONTACTS {
        return Err(ServiceError::invalid(
            "contacts",
            "More than 20 contacts.",
            "Name a group address instead.",
        ));
    }
    for contact in &form.contacts {
        one_line("contacts", &contact.name, 200)?;
        if contact.name.is_empty() {
            return Err(ServiceError::invalid(
                "contacts",
                format!("The contact {} has no name.", contact.mail),
                "Write the name of the person or group, then the address.",
            ));
        }
        if Address::parse(&contact.mail).is_err() {
            return Err(ServiceError::invalid(
                "contacts",
                format!("{} has no mail address.", contact.name),
                "Write one as in: Name <name@example.org>.",
            ));
        }
    }
    for (field, days) in [
        ("preferred_days", form.preferred_days),
        ("longest_days", form.longest_days),
    ] {
        if days.is_some_and(|d| d > LONGEST_DAYS) {
            return Err(ServiceError::invalid(
                field,
                "No policy keeps anything for so long.",
                format!("Name at most {LONGEST_DAYS} days."),
            ));
        }
    }
    if let (Some(preferred), Some(longest)) = (form.preferred_days, form.longest_days)
        && preferred > longest
    {
        return Err(ServiceError::invalid(
            "preferred_days",
            "The preferred time is longer than the longest.",
            "Correct one of the two.",
        ));
    }
    if form.notes.len() > 10_000 {
        return Err(ServiceError::invalid(
            "notes",
            "The notes are too long.",
            "Keep them under 10,000 bytes.",
        ));
    }
    Ok(())
}

/// Saves a party: a new one without `id`, otherwise the version that was seen is named.
///
/// # Errors
/// What is wrong with the form, and where; a conflict where somebody else changed it meanwhile.
pub async fn save(
    app: &App,
    viewer: &Viewer,
    id: Option<(PartyId, u64)>,
    mut form: PartyForm,
) -> Result<PartyId, ServiceError> {
    if !may(viewer, Action::Write, Resource::Parties) {
        return Err(ServiceError::NotFound);
    }
    form.name = form.name.trim().to_owned();
    form.policy_url = form.policy_url.trim().to_owned();
    check(&form)?;
    let now = app.now();
    let (id, version) = match id {
        Some((id, seen)) => (id, seen + 1),
        None => (PartyId(app.random().id(now)), 1),
    };
    transact(app, move |tx| {
        let same = |p: &Party| p.id != id && p.form.name.eq_ignore_ascii_case(&form.name);
        if read(tx)?.iter().any(same) {
            return Err(Fault::Service(ServiceError::invalid(
                "name",
                "Another party has this name.",
                "Choose another name, or edit that party.",
            )));
        }
        let body =
            serde_json::to_vec(&form).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
        registers::save(
            tx,
            REGISTER,
            &registers::Document {
                id: id.0,
                version,
                updated_at: now,
                body,
            },
        )?;
        Ok(id)
    })
    .await
}
