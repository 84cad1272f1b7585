//! Intake and the reporter's side: submitting, the receipt code, the two-way thread.
//!
//! Long file: intake and the way back of a reporter, which share the receipt code.

use crate::cases::{MessageBody, Page, act};
use crate::error::ServiceError;
use crate::login::token::{self, Token, TokenKind};
use crate::receipt_code::ReceiptCode;
use crate::{
    App, ClientHint, Fault, attachments, facts, fold, jobs, look, project, transact,
    transact_from_reserve,
};
use entente_domain::access::{SystemViewer, Viewer};
use entente_domain::case::Case;
use entente_domain::clock::ClockKind;
use entente_domain::command::{Command, ReportForm};
use entente_domain::decide::{self, Intake};
use entente_domain::entry::Contact;
use entente_domain::ids::{CaseId, MessageId, ReportId};
use entente_domain::kinds::{Channel, MessagePurpose, Publicity, Source, Stage};
use entente_domain::summary::{CaseSummary, ReportSummary};
use entente_domain::time::Timestamp;
use entente_store::{
    Tx, attachments as files, counters, idempotency, journal, limits, messages, reports, sessions,
    vault,
};
use serde::{Deserialize, Serialize};

pub use crate::attachments::StagedAttachment;

/// Who reports; every field may be empty. Goes to the vault and nowhere else.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// Name.
    pub name: String,
    /// Mail address.
    pub mail: String,
    /// Organisation.
    pub organisation: String,
    /// Telephone.
    pub phone: String,
    /// OpenPGP certificate, armoured.
    pub openpgp_key: String,
}

impl Identity {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A report on its way in.
#[derive(Debug)]
pub struct Submission {
    /// What is reported.
    pub form: ReportForm,
    /// Who reports.
    pub identity: Identity,
    /// Where it comes from.
    pub source: Source,
    /// How it arrives.
    pub channel: Channel,
    /// Files that were sealed before.
    pub attachments: Vec<StagedAttachment>,
    /// The client, for the limits; `None` for staff.
    pub client: Option<ClientHint>,
    /// A waiting ticket that has matured.
    pub ticket: Option<String>,
    /// The caller's own key for this request: a retry gets the first answer (decision 21).
    pub idempotency_key: Option<String>,
}

/// What a submission answers.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The case.
    pub case: CaseId,
    /// The report.
    pub report: ReportId,
    /// Its number in the register.
    pub number: i64,
    /// The reference that outsiders use.
    pub reference: String,
    /// The receipt code; `None` where no reporter stands behind the report.
    pub receipt_code: Option<ReceiptCode>,
    /// Whether the disk was full and its files were left out; they can be sent later.
    pub files_left_out: bool,
}

#[derive(Serialize, Deserialize)]
struct KeptAnswer {
    case: CaseId,
    report: ReportId,
    number: i64,
    reference: String,
    code: Option<String>,
    #[serde(default)]
    files_left_out: bool,
}

/// A ticket that matures by waiting: what a flood meets instead of a refusal (decision 22).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ticket {
    /// What to hand in again.
    pub token: String,
    /// When it counts.
    pub ready_at: Timestamp,
}

/// One message of the reporter's thread.
#[derive(Clone, PartialEq, Debug)]
pub struct ThreadMessage {
    /// Whether the reporter wrote it.
    pub from_reporter: bool,
    /// When.
    pub at: Timestamp,
    /// What it counts as.
    pub purpose: Option<MessagePurpose>,
    /// Its text.
    pub body: String,
}

/// What the holder of a receipt code sees.
#[derive(Clone, PartialEq, Debug)]
pub struct ThreadView {
    /// The report.
    pub report: ReportId,
    /// Its reference.
    pub reference: String,
    /// When it arrived.
    pub received_at: Timestamp,
    /// When a person acknowledged it.
    pub acknowledged_at: Option<Timestamp>,
    /// The stage, in the reporter's words.
    pub stage: String,
    /// When the next update is promised.
    pub next_update: Option<Timestamp>,
    /// The reporter's own disclosure date.
    pub disclosure_date: Option<Timestamp>,
    /// The embargo date of the case.
    pub embargo_until: Option<Timestamp>,
    /// The name to credit.
    pub credit: Option<String>,
    /// The thread, oldest first.
    pub messages: Vec<ThreadMessage>,
    /// How it ended, where it ended.
    pub closed: Option<String>,
    /// The public id of the advisory, once published.
    pub advisory: Option<String>,
    /// The steps that the reporter is owed, with when they were taken.
    pub steps: Vec<(String, Option<Timestamp>)>,
}

/// The key under which receipt codes are looked up.
fn receipt_key(app: &App) -> zeroize::Zeroizing<[u8; 32]> {
    app.db().keys().derive("entente receipt codes")
}

fn limited(
    tx: &mut Tx<'_>,
    purpose: &str,
    client: ClientHint,
    per_hour: u32,
    now: Timestamp,
) -> Result<(), Fault> {
    let key = tx.keys().lookup(purpose, &client.0);
    match limits::take(tx, &key, per_hour, now)? {
        Ok(()) => Ok(()),
        Err(retry_after_s) => Err(Fault::Service(ServiceError::TooMany { retry_after_s })),
    }
}

/// A waiting ticket for a client that met a limit.
pub fn ticket(app: &App, client: ClientHint) -> Ticket {
    let ready_at = Timestamp(
        app.now().0
            + i64::from(app.config().limits.ticket_wait_seconds) * entente_domain::time::SECOND_US,
    );
    Ticket {
        token: format!("{}.{}", ready_at.0, ticket_mac(app, client, ready_at)),
        ready_at,
    }
}

fn ticket_mac(app: &App, client: ClientHint, ready_at: Timestamp) -> String {
    let mut data = client.0.to_vec();
    data.extend_from_slice(&ready_at.0.to_be_bytes());
    data_encoding::HEXLOWER.encode(&app.db().keys().lookup("waiting ticket", &data))
}

/// Whether a ticket is ours, for this client, matured and not older than an hour.
fn ticket_counts(app: &App, client: ClientHint, token: &str, now: Timestamp) -> bool {
    use subtle::ConstantTimeEq;
    let Some((at, mac)) = token.split_once('.') else {
        return false;
    };
    let Ok(at) = at.parse().map(Timestamp) else {
        return false;
    };
    let good: bool = ticket_mac(app, client, at)
        .as_bytes()
        .ct_eq(mac.as_bytes())
        .into();
    good && at <= now && now <= at.plus_hours(1)
}

/// Takes a report in. The answer goes out after it is durable; mail follows after that.
pub async fn submit(
    app: &App,
    viewer: &Viewer,
    submission: Submission,
) -> Result<Submitted, ServiceError> {
    decide::check_form(&submission.form)?;
    check_identity(&submission.identity)?;
    let now = app.now();
    let staff = matches!(viewer, Viewer::Staff { .. });
    // Staff may hand a report in for themselves or for a customer; a reporter stands behind every
    // other one.
    let source = if staff {
        submission.source
    } else {
        Source::External
    };
    let actor = match viewer {
        Viewer::Staff { .. } => viewer.clone(),
        _ => Viewer::System(SystemViewer::Intake),
    };
    let contact = if staff && matches!(source, Source::Internal | Source::Public) {
        Contact::None
    } else if submission.identity.mail.trim().is_empty() {
        Contact::ReceiptCode
    } else {
        Contact::Mail
    };
    let code = (contact != Contact::None).then(|| ReceiptCode::new(&mut app.random().clone()));
    let request = request_hash(&submission);
    let (case_id, report_id) = (CaseId(app.random().id(now)), ReportId(app.random().id(now)));
    let reference = app.random().reference();
    let arriving = std::sync::Arc::new(Arriving {
        app: app.clone(),
        submission,
        request,
        now,
        case: case_id,
        report: report_id,
        reference,
        code,
        contact,
        source,
        actor,
    });
    let whole = std::sync::Arc::clone(&arriving);
    let submitted = match transact(app, move |tx| whole.take_in(tx, true)).await {
        Err(ServiceError::Full) => {
            let text = std::sync::Arc::clone(&arriving);
            let taken = transact_from_reserve(app, move |tx| text.take_in(tx, false)).await?;
            let files = &arriving.submission.attachments;
            attachments::discard(app, files.iter().map(|f| f.id).collect()).await;
            taken
        }
        other => other?,
    };
    if submitted.report != report_id {
        // A repetition: the first request brought the files.
        let files = &arriving.submission.attachments;
        attachments::discard(app, files.iter().map(|f| f.id).collect()).await;
    }
    app.wake();
    Ok(submitted)
}

/// A report that is decided over and written in one transaction, or in a second one without its
/// files where the disk is full.
struct Arriving {
    app: App,
    submission: Submission,
    request: [u8; 32],
    now: Timestamp,
    case: CaseId,
    report: ReportId,
    reference: String,
    code: Option<ReceiptCode>,
    contact: Contact,
    source: Source,
    actor: Viewer,
}

impl Arriving {
    fn take_in(&self, tx: &mut Tx<'_>, with_files: bool) -> Result<Submitted, Fault> {
        let Self {
            app: a,
            submission,
            request,
            reference,
            code,
            actor,
            ..
        } = self;
        let (now, case_id, report_id) = (self.now, self.case, self.report);
        let (contact, source) = (self.contact, self.source);
        let files_left_out = !with_files && !submission.attachments.is_empty();
        if let Some(key) = &submission.idempotency_key {
            match idempotency::get(tx, key, "report", request)? {
                idempotency::Known::Nothing => {}
                idempotency::Known::Answered(body) => {
                    let kept: KeptAnswer = serde_json::from_slice(&body)
                        .map_err(|e| Fault::Service(ServiceError::internal(e)))?;
                    return Ok(Submitted {
                        case: kept.case,
                        report: kept.report,
                        number: kept.number,
                        reference: kept.reference,
                        receipt_code: kept
                            .code
                            .as_deref()
                            .and_then(|c| ReceiptCode::parse(c).ok()),
                        files_left_out: kept.files_left_out,
                    });
                }
                idempotency::Known::Other => {
                    return Err(Fault::Service(ServiceError::invalid(
                        "idempotency_key",
                        "This key came with another request before.",
                        "Use a fresh key for a new report.",
                    )));
                }
            }
        }
        if let Some(client) = submission.client {
            let limits_of = &a.config().limits;
            let ticket = submission
                .ticket
                .as_deref()
                .filter(|t| ticket_counts(a, client, t, now));
            // Whoever waited has a bucket of their own: those who do not wait cannot use it up.
            let in_all = match ticket {
                Some(ticket) => {
                    let once = ClientHint(tx.keys().lookup("used ticket", ticket.as_bytes()));
                    limited(tx, "used tickets", once, 1, now)?;
                    "reports in all after waiting"
                }
                None => {
                    let per_hour = limits_of.reports_per_address_hour;
                    limited(tx, "reports of a client", client, per_hour, now)?;
                    "reports in all"
                }
            };
            let nobody = ClientHint([0; 32]);
            limited(tx, in_all, nobody, limits_of.reports_per_hour, now)?;
        }
        let policy = facts::policy(a, tx)?;
        let facts = facts::basic(policy, MessageId(uuid::Uuid::nil()));
        let intake = Intake {
            case: case_id,
            case_number: counters::next(tx, "case")?,
            report: report_id,
            report_number: counters::next(tx, "report")?,
            reference: reference.clone(),
            source,
            channel: submission.channel,
            contact,
            form: submission.form.clone(),
        };
        let decided = decide::open_case(&facts, &intake, now)?;
        journal::create_stream(tx, case_id.0, "case", now)?;
        let mut case = Case::empty(case_id);
        // The row of a case is there before its reports, because they point at it.
        let mut first = Case::empty(case_id);
        first.number = intake.case_number;
        entente_store::cases::save(tx, &CaseSummary::of(&first))?;
        let line = ReportSummary {
            id: report_id,
            number: intake.report_number,
            case: case_id,
            reference: reference.clone(),
            source,
            channel: submission.channel,
            received_at: now,
            acknowledged_at: None,
            closed_as: None,
            title: String::new(),
        };
        reports::insert(tx, &line, code.as_ref().map(|c| c.lookup(&receipt_key(a))))?;
        project::append(tx, &mut case, &decided, actor, now)?;
        if !submission.identity.is_empty() {
            let body = serde_json::to_vec(&submission.identity)
                .map_err(|e| Fault::Service(ServiceError::internal(e)))?;
            vault::put(tx, report_id, case_id, &body)?;
        }
        for staged in submission.attachments.iter().filter(|_| with_files) {
            files::insert(tx, &staged.row(case_id, Some(report_id), now))?;
            let command = Command::AddAttachment {
                attachment: staged.id,
                report: Some(report_id),
                bytes: staged.bytes,
            };
            let decided = decide::decide(
                &case,
                &facts,
                &Viewer::Reporter { report: report_id },
                &command,
                now,
            )?;
            project::append(tx, &mut case, &decided, actor, now)?;
        }
        if contact == Contact::Mail {
            jobs::receipt(a, tx, report_id, now)?;
        }
        jobs::notify_staff_of_report(a, tx, &case, now)?;
        if let Some(key) = &submission.idempotency_key {
            let kept = KeptAnswer {
                case: case_id,
                report: report_id,
                number: intake.report_number,
                reference: reference.clone(),
                code: code.as_ref().map(|c| c.grouped().to_string()),
                files_left_out,
            };
            let body =
                serde_json::to_vec(&kept).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
            idempotency::put(tx, key, "report", request, &body, now)?;
        }
        Ok(Submitted {
            case: case_id,
            report: report_id,
            number: intake.report_number,
            reference: reference.clone(),
            receipt_code: code.clone(),
            files_left_out,
        })
    }
}

fn request_hash(submission: &Submission) -> [u8; 32] {
    use sha2::Digest;
    let form = serde_json::to_vec(&submission.form).unwrap_or_default();
    let identity = serde_json::to_vec(&submission.identity).unwrap_or_default();
    let mut hash = sha2::Sha256::new()
        .chain_update(form)
        .chain_update(identity);
    for a in &submission.attachments {
        hash.update(a.sha256.as_bytes());
    }
    hash.finalize().into()
}

fn check_identity(identity: &Identity) -> Result<(), ServiceError> {
    for (field, value, longest) in [
        ("name", &identity.name, 300),
        ("mail", &identity.mail, 254),
        ("organisation", &identity.organisation, 300),
        ("phone", &identity.phone, 60),
        ("openpgp_key", &identity.openpgp_key, 100_000),
    ] {
        if value.len() > longest {
            return Err(ServiceError::invalid(
                field,
                "It is too long.",
                format!("Keep it under {longest} bytes."),
            ));
        }
        if field != "openpgp_key" && value.chars().any(char::is_control) {
            return Err(ServiceError::invalid(
                field,
                "It holds control characters.",
                "Keep it on one line.",
            ));
        }
    }
    if !identity.mail.trim().is_empty() && crate::mail::Address::parse(&identity.mail).is_err() {
        return Err(ServiceError::invalid(
            "mail",
            "This is not a mail address.",
            "Correct it, or leave it empty and use the receipt code.",
        ));
    }
    Ok(())
}

/// The register of reports, newest first.
pub async fn register(
    app: &App,
    viewer: &Viewer,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<ReportSummary>, ServiceError> {
    let (v, cursor) = (viewer.clone(), cursor.map(str::to_owned));
    Ok(app
        .db()
        .read(move |tx| reports::register(tx, &v, cursor.as_deref(), limit))
        .await?)
}

/// A reporter's session.
#[derive(Clone, PartialEq, Eq)]
pub struct ReporterSession {
    /// The session's token, for the cookie.
    pub token: String,
}

/// Hours after which a reporter enters the code again.
const REPORTER_SESSION_HOURS: i64 = 1;

/// Enters with a receipt code. Limited, and the same time for every wrong code: one keyed hash
/// and one look-up.
pub async fn enter(
    app: &App,
    code: &str,
    client: ClientHint,
) -> Result<ReporterSession, ServiceError> {
    let now = app.now();
    let per_hour = app.config().limits.codes_per_address_hour;
    transact_from_reserve(app, move |tx| {
        limited(tx, "receipt codes of a client", client, per_hour, now)
    })
    .await?;
    let lookup = ReceiptCode::parse(code).map_or([0; 32], |c| c.lookup(&receipt_key(app)));
    let token = Token::new(TokenKind::ReporterSession, &mut app.random().clone());
    let (hash, id) = (token.hash(), app.random().id(now));
    transact_from_reserve(app, move |tx| {
        let Some((report, _)) = reports::by_receipt(tx, &lookup)? else {
            return Err(Fault::Service(ServiceError::NotFound));
        };
        sessions::insert(
            tx,
            &sessions::Session {
                token: hash,
                id,
                account: None,
                report: Some(report),
                created_at: now,
                seen_at: now,
                expires_at: now.plus_hours(REPORTER_SESSION_HOURS),
                body: Vec::new(),
            },
        )?;
        Ok(())
    })
    .await?;
    Ok(ReporterSession {
        token: token.reveal().to_owned(),
    })
}

/// Proves a receipt code without a session, for the API.
pub async fn by_code(app: &App, code: &str, client: ClientHint) -> Result<Viewer, ServiceError> {
    let now = app.now();
    let per_hour = app.config().limits.codes_per_address_hour;
    let lookup = ReceiptCode::parse(code).map_or([0; 32], |c| c.lookup(&receipt_key(app)));
    let found = transact_from_reserve(app, move |tx| {
        limited(tx, "receipt codes of a client", client, per_hour, now)?;
        Ok(reports::by_receipt(tx, &lookup)?)
    })
    .await?;
    found
        .map(|(report, _)| Viewer::Reporter { report })
        .ok_or(ServiceError::NotFound)
}

/// The reporter behind a session token.
pub async fn reporter(app: &App, token: &str) -> Result<Option<Viewer>, ServiceError> {
    let now = app.now();
    let Some(hash) = token::hash(TokenKind::ReporterSession, token) else {
        return Ok(None);
    };
    Ok(app
        .db()
        .read(move |tx| sessions::get(tx, &hash, now))
        .await?
        .and_then(|s| s.report)
        .map(|report| Viewer::Reporter { report }))
}

/// Ends a reporter's session.
pub async fn leave(app: &App, token: &str) -> Result<(), ServiceError> {
    let Some(hash) = token::hash(TokenKind::ReporterSession, token) else {
        return Ok(());
    };
    Ok(app.db().write(move |tx| sessions::end(tx, &hash)).await?)
}

pub(crate) async fn own_case(
    app: &App,
    viewer: &Viewer,
) -> Result<(CaseId, ReportId), ServiceError> {
    let Viewer::Reporter { report } = viewer else {
        return Err(ServiceError::NotFound);
    };
    let report = *report;
    let reader = viewer.clone();
    let case = app
        .db()
        .read(move |tx| {
            tx.act_as(&reader)?;
            reports::case_of(tx, report)
        })
        .await?
        .ok_or(ServiceError::NotFound)?;
    Ok((case, report))
}

/// The reporter writes.
pub async fn write(app: &App, viewer: &Viewer, body: &str) -> Result<(), ServiceError> {
    let (case, report) = own_case(app, viewer).await?;
    let command = Command::ReporterWrites {
        report,
        body: body.to_owned(),
    };
    act(app, viewer, case, None, command).await.map(|_| ())
}

/// The reporter settles credit.
pub async fn set_credit(
    app: &App,
    viewer: &Viewer,
    credit: Option<String>,
) -> Result<(), ServiceError> {
    let (case, report) = own_case(app, viewer).await?;
    act(
        app,
        viewer,
        case,
        None,
        Command::SetCredit { report, credit },
    )
    .await
    .map(|_| ())
}

/// What the holder of the code sees: their own report and thread, the steps they are owed, and
/// nothing else of the case.
pub async fn thread(app: &App, viewer: &Viewer) -> Result<ThreadView, ServiceError> {
    let (case_id, report_id) = own_case(app, viewer).await?;
    let v = viewer.clone();
    look(app, move |tx| {
        tx.act_as(&v)?;
        let case = fold::case(tx, case_id)?.ok_or(Fault::Service(ServiceError::NotFound))?;
        let report = case
            .report(report_id)
            .ok_or(Fault::Service(ServiceError::NotFound))?;
        let messages = messages::of_report(tx, report_id)?
            .into_iter()
            .map(|m| {
                let body: MessageBody = serde_json::from_slice(&m.body)
                    .map_err(|e| Fault::Service(ServiceError::internal(e)))?;
                Ok(ThreadMessage {
                    from_reporter: body.actor.starts_with("reporter:"),
                    at: m.at,
                    purpose: body.purpose,
                    body: body.text,
                })
            })
            .collect::<Result<Vec<_>, Fault>>()?;
        let entered = |stage: Stage| {
            case.stages
                .iter()
                .rfind(|(s, _)| *s == stage)
                .map(|(_, at)| *at)
        };
        let advisory = case
            .advisory
            .as_ref()
            .filter(|a| !a.revisions.is_empty() && case.publicity == Publicity::Full);
        let steps = vec![
            ("Received".to_owned(), Some(report.received_at)),
            (
                "Acknowledged by a person".to_owned(),
                report.acknowledged_at,
            ),
            ("Result of verification".to_owned(), report.result_told_at),
            (
                "Remediation in development".to_owned(),
                entered(Stage::RemediationDevelopment),
            ),
            (
                "Advisory published".to_owned(),
                advisory.and_then(|a| a.revisions.first()).map(|r| r.at),
            ),
        ];
        Ok(ThreadView {
            report: report_id,
            reference: report.reference.clone(),
            received_at: report.received_at,
            acknowledged_at: report.acknowledged_at,
            stage: stage_for_reporter(&case).to_owned(),
            next_update: case
                .open_clock(ClockKind::NextUpdate, Some(report_id))
                .map(|c| c.due_at),
            disclosure_date: report.form.disclosure_date,
            embargo_until: case.embargo_until,
            credit: report.credit.clone(),
            messages,
            closed: case.ending.as_ref().map(|e| e.exit.label().to_owned()),
            advisory: advisory.and_then(|a| a.public_id.clone()),
            steps,
        })
    })
    .await
}

/// The stage in words for somebody outside.
fn stage_for_reporter(case: &Case) -> &'static str {
    match case.stage {
        Stage::Receipt => "Received; a person will look at it",
        Stage::Verification => "Being verified",
        Stage::RemediationDevelopment => "A remediation is being developed",
        Stage::Release => "The release is being prepared",
        Stage::PostRelease => "Published",
        Stage::Closed => "Closed",
    }
}
