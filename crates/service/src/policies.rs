//! Policies: versioned documents whose numbers are the settings of clocks and gates.

use crate::error::ServiceError;
use crate::{App, Fault, look, transact};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_domain::ids::PolicyId;
use entente_domain::policy::{
    InForce, Numbers, PolicyDocument, PolicyKind, contradictions as compare,
};
use entente_domain::time::WorkingCalendar;
use entente_store::{Tx, registers};

const REGISTER: &str = "policy";

fn read(tx: &mut Tx<'_>) -> Result<Vec<PolicyDocument>, Fault> {
    registers::list(tx, REGISTER)?
        .into_iter()
        .map(|d| {
            serde_json::from_slice(&d.body).map_err(|e| Fault::Service(ServiceError::internal(e)))
        })
        .collect()
}

fn newest_approved(documents: &[PolicyDocument], kind: PolicyKind) -> Option<&PolicyDocument> {
    documents
        .iter()
        .filter(|d| d.kind == kind && d.approved.is_some())
        .max_by_key(|d| d.version)
}

pub(crate) fn load_in_force(tx: &mut Tx<'_>) -> Result<InForce, Fault> {
    let documents = read(tx)?;
    Ok(
        newest_approved(&documents, PolicyKind::Internal).map_or_else(InForce::default, |d| {
            InForce {
                internal_version: Some(d.version),
                numbers: d.numbers.clone(),
                calendar: d.calendar.clone(),
            }
        }),
    )
}

/// The policy that clocks and gates run on.
pub async fn in_force(app: &App) -> Result<InForce, ServiceError> {
    let a = app.clone();
    look(app, move |tx| crate::facts::policy(&a, tx)).await
}

/// Every version of every policy, newest first.
pub async fn list(app: &App, viewer: &Viewer) -> Result<Vec<PolicyDocument>, ServiceError> {
    if !may(viewer, Action::Read, Resource::Policies) {
        return Err(ServiceError::NotFound);
    }
    let mut documents = look(app, read).await?;
    documents.reverse();
    Ok(documents)
}

/// One version.
pub async fn get(app: &App, viewer: &Viewer, id: PolicyId) -> Result<PolicyDocument, ServiceError> {
    list(app, viewer)
        .await?
        .into_iter()
        .find(|d| d.id == id)
        .ok_or(ServiceError::NotFound)
}

/// The public disclosure policy in force (29147 clause 9), for everybody.
pub async fn public_page(app: &App) -> Result<Option<PolicyDocument>, ServiceError> {
    let documents = look(app, read).await?;
    Ok(newest_approved(&documents, PolicyKind::Public).cloned())
}

/// Where the newest internal and public policies contradict each other.
pub async fn contradictions(app: &App, viewer: &Viewer) -> Result<Vec<String>, ServiceError> {
    let documents = list(app, viewer).await?;
    let newest = |kind| {
        documents
            .iter()
            .filter(|d| d.kind == kind)
            .max_by_key(|d| d.version)
    };
    Ok(
        match (newest(PolicyKind::Internal), newest(PolicyKind::Public)) {
            (Some(internal), Some(public)) => compare(&internal.numbers, &public.numbers),
            _ => Vec::new(),
        },
    )
}

/// Drafts a new version.
pub async fn draft(
    app: &App,
    viewer: &Viewer,
    kind: PolicyKind,
    sections: Vec<(String, String)>,
    numbers: Numbers,
    calendar: WorkingCalendar,
) -> Result<PolicyId, ServiceError> {
    let Some(user) = viewer
        .user()
        .filter(|_| may(viewer, Action::Write, Resource::Policies))
    else {
        return Err(ServiceError::NotFound);
    };
    numbers
        .check()
        .map_err(|e| ServiceError::invalid(e.field, "This number is not possible.", e.remedy))?;
    if sections.is_empty()
        || sections
            .iter()
            .any(|(h, t)| h.trim().is_empty() || t.trim().is_empty())
    {
        return Err(ServiceError::invalid(
            "sections",
            "A section is empty.",
            "Give each section a heading and a text.",
        ));
    }
    if sections
        .iter()
        .map(|(h, t)| h.len() + t.len())
        .sum::<usize>()
        > 256 * 1024
    {
        return Err(ServiceError::invalid(
            "sections",
            "The policy is too long.",
            "Keep it under 256 KiB.",
        ));
    }
    let now = app.now();
    let id = PolicyId(app.random().id(now));
    transact(app, move |tx| {
        let version = read(tx)?
            .iter()
            .filter(|d| d.kind == kind)
            .map(|d| d.version)
            .max()
            .unwrap_or(0)
            + 1;
        let document = PolicyDocument {
            id,
            kind,
            version,
            sections: sections.clone(),
            numbers: numbers.clone(),
            calendar: calendar.clone(),
            drafted_by: user,
            drafted_at: now,
            approved: None,
            review_due: None,
        };
        save(tx, &document, 1, now)?;
        Ok(id)
    })
    .await
}

fn save(
    tx: &mut Tx<'_>,
    document: &PolicyDocument,
    version: u64,
    now: entente_domain::time::Timestamp,
) -> Result<(), Fault> {
    let body =
        serde_json::to_vec(document).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
    registers::save(
        tx,
        REGISTER,
        &registers::Document {
            id: document.id.0,
            version,
            updated_at: now,
            body,
        },
    )?;
    Ok(())
}

/// Approves a draft; from then on its numbers hold for new clocks. A second person approves.
pub async fn approve(app: &App, viewer: &Viewer, id: PolicyId) -> Result<(), ServiceError> {
    let Some(user) = viewer
        .user()
        .filter(|_| may(viewer, Action::Approve, Resource::Policies))
    else {
        return Err(ServiceError::NotFound);
    };
    let now = app.now();
    transact(app, move |tx| {
        let mut document = read(tx)?
            .into_iter()
            .find(|d| d.id == id)
            .ok_or(Fault::Service(ServiceError::NotFound))?;
        if document.approved.is_some() {
            return Err(Fault::Service(ServiceError::Conflict));
        }
        if document.drafted_by == user {
            return Err(Fault::Service(ServiceError::invalid(
                "policy",
                "You wrote this version yourself.",
                "Another lead, or legal, approves it.",
            )));
        }
        document.approved = Some((user, now));
        document.review_due =
            Some(now.plus_days(i64::from(document.numbers.policy_review_months) * 30));
        save(tx, &document, 2, now)
    })
    .await
}
