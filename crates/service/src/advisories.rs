//! Advisories: preview, publication, and what the public reads.
//!
//! Publication is one transaction: the entry, the row with document and signature, and the job
//! that tells the subscribers. The document is checked before; nothing invalid goes out.

use crate::cases::{Acted, Page, load};
use crate::error::ServiceError;
use crate::{
    App, Fault, document, facts, jobs, look, openpgp, project, signing_keys, transact, vex,
};
use entente_documents::csaf;
use entente_domain::access::Viewer;
use entente_domain::case::Case;
use entente_domain::command::Command;
use entente_domain::decide;
use entente_domain::ids::CaseId;
use entente_domain::kinds::RemediationState;
use entente_domain::time::Timestamp;
use entente_store::advisories::{self as table, Published};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha512};

/// A line of the public list.
#[derive(Clone, PartialEq, Debug)]
pub struct PublicAdvisory {
    /// Its public id.
    pub public_id: String,
    /// Its title.
    pub title: String,
    /// Its newest revision.
    pub revision: u32,
    /// When the first revision was released.
    pub published_at: Timestamp,
    /// When the newest was.
    pub updated_at: Timestamp,
    /// Its rating.
    pub severity: String,
    /// Its CVE ids.
    pub cves: Vec<String>,
    /// Whether it was imported.
    pub imported: bool,
}

/// A product of an advisory.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProductRow {
    /// Its name.
    pub name: String,
    /// The versions meant.
    pub versions: String,
    /// Its status, in words.
    pub status: String,
    /// The fixed versions.
    pub fixed_versions: String,
    /// A note.
    pub note: String,
}

/// What the advisory's page shows; made from the same data as the document.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct AdvisoryPage {
    /// Its public id.
    pub public_id: String,
    /// Its title.
    pub title: String,
    /// Its revision.
    pub revision: u32,
    /// When the first revision was released.
    pub initial_release: Timestamp,
    /// When this one was.
    pub current_release: Timestamp,
    /// The summary.
    pub summary: String,
    /// The description.
    pub description: String,
    /// The impact.
    pub impact: String,
    /// The rating.
    pub severity: String,
    /// The score, such as `9.8`.
    pub score: Option<String>,
    /// The vectors.
    pub vectors: Vec<String>,
    /// The weakness, id and name.
    pub cwe: Option<(String, String)>,
    /// The CVE ids.
    pub cves: Vec<String>,
    /// The products.
    pub products: Vec<ProductRow>,
    /// The remediations: kind, text, address.
    pub remediations: Vec<(String, String, Option<String>)>,
    /// References.
    pub references: Vec<String>,
    /// Who is thanked.
    pub acknowledgement: String,
    /// The revisions: number, when, what changed.
    pub history: Vec<(u32, Timestamp, String)>,
    /// The path of the document under `/.well-known/csaf/`.
    pub csaf_path: String,
    /// SHA-256 of the document, hex.
    pub sha256: String,
    /// SHA-512 of the document, hex.
    pub sha512: String,
    /// Whether there is a detached signature.
    pub signed: bool,
    /// Whether it was imported.
    pub imported: bool,
    /// Whether it can be had as VEX.
    #[serde(skip)]
    pub vex: bool,
}

/// What would be published.
#[derive(Clone, PartialEq, Debug)]
pub struct Preview {
    /// The document.
    pub csaf: String,
    /// What its checks find.
    pub findings: Vec<String>,
    /// The page.
    pub page: AdvisoryPage,
}

/// A published file.
#[derive(Clone, PartialEq, Debug)]
pub struct PublishedFile {
    /// Its type.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

fn page_of(case: &Case, public_id: &str, now: Timestamp) -> AdvisoryPage {
    let Some(a) = &case.advisory else {
        return AdvisoryPage::default();
    };
    let history = document::history(a, now);
    let highest = case.highest_score();
    AdvisoryPage {
        public_id: public_id.to_owned(),
        title: a.title.clone(),
        revision: history.last().map_or(0, |r| r.number),
        initial_release: history.first().map_or(now, |r| r.at),
        current_release: history.last().map_or(now, |r| r.at),
        summary: a.summary.clone(),
        description: a.description.clone(),
        impact: a.impact.clone(),
        severity: highest.map(|s| s.severity.clone()).unwrap_or_default(),
        score: highest.map(|s| format!("{}.{}", s.tenths / 10, s.tenths % 10)),
        vectors: case.scores.iter().map(|s| s.vector.clone()).collect(),
        cwe: case.cwe.clone(),
        cves: case.cve.iter().cloned().collect(),
        products: case
            .affected
            .iter()
            .map(|p| ProductRow {
                name: p.product_name.clone(),
                versions: p.versions.clone(),
                status: p.status.label().to_owned(),
                fixed_versions: p.fixed_versions.clone(),
                note: p.note.clone(),
            })
            .collect(),
        remediations: case
            .remediations
            .iter()
            .filter(|r| r.state != RemediationState::Dropped)
            .map(|r| {
                let mut text = r.description.clone();
                if !r.upgrade_path.is_empty() {
                    text.push_str("\n\nUpgrade path: ");
                    text.push_str(&r.upgrade_path);
                }
                (r.remedy.label().to_owned(), text, r.url.clone())
            })
            .collect(),
        references: a.references.clone(),
        acknowledgement: a.acknowledgement.clone(),
        history: history
            .iter()
            .map(|r| (r.number, r.at, r.change.clone()))
            .collect(),
        ..AdvisoryPage::default()
    }
}

/// Completes a page with what is known only of the finished document.
fn with_document(mut page: AdvisoryPage, p: &Published) -> AdvisoryPage {
    let (year, _, _) = p.first_released_at.ymd();
    page.csaf_path = format!("white/{year}/{}", p.file_name);
    page.sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(&p.document));
    page.sha512 = data_encoding::HEXLOWER.encode(&Sha512::digest(&p.document));
    page.signed = !p.signature.is_empty();
    page.imported = p.imported;
    page
}

/// What would be published now, with the findings of its checks.
pub async fn preview(app: &App, viewer: &Viewer, id: CaseId) -> Result<Preview, ServiceError> {
    let (a, v) = (app.clone(), viewer.clone());
    let now = app.now();
    look(app, move |tx| {
        let case = load(tx, &v, id)?;
        let public_id = case
            .advisory
            .as_ref()
            .and_then(|x| x.public_id.clone())
            .unwrap_or_else(|| "PENDING".to_owned());
        let value = document::csaf(&case, &a.config().organisation, &public_id, now)
            .ok_or(Fault::Service(ServiceError::NotFound))?;
        Ok(Preview {
            csaf: pretty(&value)?,
            findings: facts::findings(&a, &case, &public_id, now),
            page: page_of(&case, &public_id, now),
        })
    })
    .await
}

fn pretty(value: &serde_json::Value) -> Result<String, Fault> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|e| Fault::Service(ServiceError::internal(e)))?;
    text.push('\n');
    Ok(text)
}

/// Publishes the advisory of a case: the gates of the domain, then document, signature, row and
/// mail in one transaction.
pub(crate) async fn publish(
    app: &App,
    viewer: &Viewer,
    id: CaseId,
    expected: Option<u64>,
) -> Result<Acted, ServiceError> {
    let (a, v) = (app.clone(), viewer.clone());
    let now = app.now();
    let secret = signing_keys::newest(app).await?;
    let acted = transact(app, move |tx| {
        let mut case = load(tx, &v, id)?;
        if expected.is_some_and(|e| e != case.version) {
            return Err(Fault::Service(ServiceError::Conflict));
        }
        let policy = facts::policy(&a, tx)?;
        let command = Command::Publish {};
        let facts = facts::for_command(&a, tx, &v, &case, &command, policy, now)?;
        let decided = decide::decide(&case, &facts, &v, &command, now)?;
        let public_id = facts
            .public_id
            .clone()
            .ok_or(Fault::Service(ServiceError::internal("no public id")))?;
        // Before the entries: the document shows the revision that is being published.
        let value = document::csaf(&case, &a.config().organisation, &public_id, now)
            .ok_or(Fault::Service(ServiceError::NotFound))?;
        let bytes = pretty(&value)?.into_bytes();
        let key = openpgp::SigningKey::from_bytes(&secret)
            .map_err(|e| Fault::Service(ServiceError::internal(e)))?;
        let signature = openpgp::sign_detached_armored(&key, &bytes, now)
            .map_err(|e| Fault::Service(ServiceError::internal(e)))?;
        let page = page_of(&case, &public_id, now);
        project::append(tx, &mut case, &decided, &v, now)?;
        let listing =
            serde_json::to_vec(&page).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
        table::publish(
            tx,
            &Published {
                public_id: public_id.clone(),
                revision: page.revision,
                current: true,
                case: id,
                file_name: csaf::file_name(&public_id),
                imported: false,
                first_released_at: page.initial_release,
                released_at: now,
                listing,
                document: bytes,
                signature: signature.into_bytes(),
            },
        )?;
        jobs::advisory_published(&a, tx, &public_id, &page.title, page.revision, now)?;
        Ok(Acted {
            version: case.version,
        })
    })
    .await?;
    app.wake();
    Ok(acted)
}

fn kept_page(p: &Published) -> Result<AdvisoryPage, ServiceError> {
    let page = serde_json::from_slice(&p.listing).map_err(ServiceError::internal)?;
    Ok(with_document(page, p))
}

/// Published advisories, newest first.
pub async fn published(
    app: &App,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<PublicAdvisory>, ServiceError> {
    let cursor = cursor.map(str::to_owned);
    let page = app
        .db()
        .read(move |tx| table::page(tx, cursor.as_deref(), limit))
        .await?;
    let items = page
        .items
        .iter()
        .map(|p| {
            let x = kept_page(p)?;
            Ok(PublicAdvisory {
                public_id: x.public_id,
                title: x.title,
                revision: x.revision,
                published_at: p.first_released_at,
                updated_at: p.released_at,
                severity: x.severity,
                cves: x.cves,
                imported: p.imported,
            })
        })
        .collect::<Result<Vec<_>, ServiceError>>()?;
    Ok(Page {
        items,
        next: page.next,
    })
}

/// The newest revision of a published advisory.
pub(crate) async fn current(app: &App, public_id: &str) -> Result<Published, ServiceError> {
    let id = public_id.to_owned();
    app.db()
        .read(move |tx| table::current(tx, &id))
        .await?
        .ok_or(ServiceError::NotFound)
}

/// The page of a published advisory.
pub async fn page(app: &App, public_id: &str) -> Result<AdvisoryPage, ServiceError> {
    let p = current(app, public_id).await?;
    Ok(AdvisoryPage {
        vex: vex::of(&p).is_some(),
        ..kept_page(&p)?
    })
}

/// A published file: the document, its hashes or its signature. `name` is the document's name
/// with `.sha256`, `.sha512` or `.asc` behind it, or bare.
pub async fn file(app: &App, name: &str) -> Result<PublishedFile, ServiceError> {
    let (base, suffix) = [".sha256", ".sha512", ".asc"]
        .into_iter()
        .find_map(|s| name.strip_suffix(s).map(|b| (b, s)))
        .unwrap_or((name, ""));
    let key = base.to_owned();
    let p = app
        .db()
        .read(move |tx| table::by_file(tx, &key))
        .await?
        .ok_or(ServiceError::NotFound)?;
    let line =
        |hash: &[u8]| format!("{}  {base}\n", data_encoding::HEXLOWER.encode(hash)).into_bytes();
    let (content_type, bytes) = match suffix {
        ".sha256" => (
            "text/plain; charset=utf-8",
            line(&Sha256::digest(&p.document)),
        ),
        ".sha512" => (
            "text/plain; charset=utf-8",
            line(&Sha512::digest(&p.document)),
        ),
        ".asc" if p.signature.is_empty() => return Err(ServiceError::NotFound),
        ".asc" => ("application/pgp-signature", p.signature),
        _ => ("application/json", p.document),
    };
    Ok(PublishedFile {
        content_type,
        bytes,
        updated_at: p.released_at,
    })
}

/// A file of the provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProvidedFile {
    /// The public id of the advisory.
    pub public_id: String,
    /// Path under the folder of TLP:WHITE documents.
    pub path: String,
    /// When the first revision was released.
    pub published_at: Timestamp,
    /// When the newest was.
    pub updated_at: Timestamp,
    /// Whether it has a signature; one that was imported may have none.
    pub signed: bool,
}

/// Every file of the provider, newest first.
pub async fn index(app: &App) -> Result<Vec<ProvidedFile>, ServiceError> {
    Ok(app
        .db()
        .read(table::index)
        .await?
        .into_iter()
        .map(|l| {
            let (year, _, _) = l.first_released_at.ymd();
            ProvidedFile {
                path: format!("{year}/{}", l.file_name),
                public_id: l.public_id,
                published_at: l.first_released_at,
                updated_at: l.released_at,
                signed: l.signed,
            }
        })
        .collect())
}

/// `security.txt` (RFC 9116). Computed at each request, so it cannot expire while the instance
/// runs.
pub async fn security_txt(app: &App) -> Result<String, ServiceError> {
    let base = &app.config().base_url;
    // No Encryption field: the key that is published signs, and nothing can be encrypted to it.
    Ok(format!(
        "Contact: {base}/report\nExpires: {}\nPreferred-Languages: {}\nCanonical: {base}/.well-known/security.txt\nPolicy: {base}/policy\nCSAF: {base}/.well-known/csaf/provider-metadata.json\n",
        app.now().plus_days(180).rfc3339(),
        app.config().organisation.language,
    ))
}
