//! Background work: jobs that are enqueued in the transaction of the change and run after it.
//!
//! A job is idempotent: it may run twice after a kill. Mail carries the job's id as its
//! Message-ID; the queue names each mail once (`dedupe`), so nobody is mailed twice for one cause.
//!
//! Long file: one worker and everything that it does.

use crate::error::ServiceError;
use crate::mail::{Address, Envelope, MailError, templates};
use crate::{App, Fault, accounts, fold, transact};
use entente_domain::access::{Role, SystemViewer, Viewer};
use entente_domain::case::Case;
use entente_domain::entry::{Decided, Entry};
use entente_domain::ids::{MessageId, ReportId, UserId};
use entente_domain::rule::RuleId;
use entente_domain::time::{SECOND_US, Timestamp};
use entente_store::jobs as queue;
use entente_store::{Tx, cases, idempotency, limits, reports, sessions, subscriptions, vault};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Seconds for which a job is leased to a runner.
const LEASE_S: i64 = 120;
/// Jobs that are taken together.
const AT_ONCE: u32 = 8;

/// A mail to send.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "mail", rename_all = "snake_case")]
enum MailJob {
    /// The automatic receipt, to the reporter.
    Receipt { report: ReportId },
    /// A message waits for the reporter.
    MessageWaiting { report: ReportId },
    /// Something waits for a member of staff.
    Staff {
        user: UserId,
        case_number: i64,
        what: String,
    },
    /// To an address of our own: invitations, resets.
    Account {
        user: UserId,
        link: String,
        reset: bool,
    },
    /// An invitation to coordinate, by a guest's link.
    RoomInvitation { guest_link: Uuid },
    /// There is news in a room, for who holds a guest's link.
    RoomNews { guest_link: Uuid, what: String },
    /// Something that the world published touches a product.
    FindingsWait { user: UserId },
    /// A subscription waits for its confirmation.
    Confirm { address: String, link: String },
    /// A published advisory, to one subscriber.
    Advisory {
        address: String,
        public_id: String,
        title: String,
        revision: u32,
        end_link: String,
    },
}

/// An advisory was published: fan out to the subscribers.
#[derive(Serialize, Deserialize)]
struct FanOut {
    public_id: String,
    title: String,
    revision: u32,
}

fn enqueue<T: Serialize>(
    app: &App,
    tx: &mut Tx<'_>,
    kind: &str,
    dedupe: Option<&str>,
    at: Timestamp,
    body: &T,
) -> Result<(), Fault> {
    let body = serde_json::to_vec(body).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
    queue::enqueue(tx, app.random().id(at), kind, dedupe, at, &body)?;
    Ok(())
}

pub(crate) fn receipt(
    app: &App,
    tx: &mut Tx<'_>,
    report: ReportId,
    now: Timestamp,
) -> Result<(), Fault> {
    enqueue(
        app,
        tx,
        "mail",
        Some(&format!("receipt {report}")),
        now,
        &MailJob::Receipt { report },
    )
}

pub(crate) fn notify_reporter(
    app: &App,
    tx: &mut Tx<'_>,
    report: ReportId,
    message: MessageId,
    now: Timestamp,
) -> Result<(), Fault> {
    enqueue(
        app,
        tx,
        "mail",
        Some(&format!("message {message}")),
        now,
        &MailJob::MessageWaiting { report },
    )
}

fn staff_mail(
    app: &App,
    tx: &mut Tx<'_>,
    users: &[UserId],
    case_number: i64,
    what: &str,
    cause: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    for user in users {
        enqueue(
            app,
            tx,
            "mail",
            Some(&format!("{cause} {user}")),
            now,
            &MailJob::Staff {
                user: *user,
                case_number,
                what: what.to_owned(),
            },
        )?;
    }
    Ok(())
}

/// Who is told about a case: its owner and members; without any, analysts and leads.
fn who(tx: &mut Tx<'_>, case: &Case) -> Result<Vec<UserId>, Fault> {
    let members = case.member_ids();
    if !members.is_empty() {
        return Ok(members);
    }
    Ok(accounts::active_people(tx)?
        .into_iter()
        .filter(|p| {
            p.roles
                .iter()
                .any(|r| matches!(r, Role::Analyst | Role::Lead))
        })
        .map(|p| p.id)
        .collect())
}

pub(crate) fn notify_staff_of_report(
    app: &App,
    tx: &mut Tx<'_>,
    case: &Case,
    now: Timestamp,
) -> Result<(), Fault> {
    let users = who(tx, case)?;
    staff_mail(
        app,
        tx,
        &users,
        case.number,
        "A new report came in",
        &format!("report {}", case.id),
        now,
    )
}

pub(crate) fn notify_staff(
    app: &App,
    tx: &mut Tx<'_>,
    case: &Case,
    message: MessageId,
    now: Timestamp,
) -> Result<(), Fault> {
    let users = who(tx, case)?;
    staff_mail(
        app,
        tx,
        &users,
        case.number,
        "The reporter wrote",
        &format!("reply {message}"),
        now,
    )
}

/// Something happened in a case: tells whoever is told about it.
pub(crate) fn staff_of_case(
    app: &App,
    tx: &mut Tx<'_>,
    case: &Case,
    what: &str,
    cause: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let users = who(tx, case)?;
    staff_mail(
        app,
        tx,
        &users,
        case.number,
        what,
        &format!("{what} {cause}"),
        now,
    )
}

/// Findings wait for a decision: tells analysts and leads, once an hour however many there are.
pub(crate) fn findings_wait(app: &App, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Fault> {
    let hour = now.0.div_euclid(entente_domain::time::HOUR_US);
    for person in accounts::active_people(tx)? {
        let decides = |r: &Role| matches!(r, Role::Analyst | Role::Lead);
        if person.roles.iter().any(decides) {
            let user = person.id;
            let dedupe = format!("findings {hour} {user}");
            let mail = MailJob::FindingsWait { user };
            enqueue(app, tx, "mail", Some(&dedupe), now, &mail)?;
        }
    }
    Ok(())
}

pub(crate) fn room_invitation(
    app: &App,
    tx: &mut Tx<'_>,
    guest_link: Uuid,
    now: Timestamp,
) -> Result<(), Fault> {
    enqueue(
        app,
        tx,
        "mail",
        Some(&format!("room {guest_link}")),
        now,
        &MailJob::RoomInvitation { guest_link },
    )
}

pub(crate) fn room_news(
    app: &App,
    tx: &mut Tx<'_>,
    guest_link: Uuid,
    what: &str,
    cause: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    enqueue(
        app,
        tx,
        "mail",
        Some(&format!("{what} {cause} {guest_link}")),
        now,
        &MailJob::RoomNews {
            guest_link,
            what: what.to_owned(),
        },
    )
}

pub(crate) fn account_link(
    app: &App,
    tx: &mut Tx<'_>,
    user: UserId,
    link: String,
    reset: bool,
    now: Timestamp,
) -> Result<(), Fault> {
    enqueue(
        app,
        tx,
        "mail",
        None,
        now,
        &MailJob::Account { user, link, reset },
    )
}

pub(crate) fn confirm_subscription(
    app: &App,
    tx: &mut Tx<'_>,
    address: String,
    link: String,
    now: Timestamp,
) -> Result<(), Fault> {
    enqueue(
        app,
        tx,
        "mail",
        None,
        now,
        &MailJob::Confirm { address, link },
    )
}

pub(crate) fn advisory_published(
    app: &App,
    tx: &mut Tx<'_>,
    public_id: &str,
    title: &str,
    revision: u32,
    now: Timestamp,
) -> Result<(), Fault> {
    enqueue(
        app,
        tx,
        "fan-out",
        Some(&format!("fan-out {public_id} {revision}")),
        now,
        &FanOut {
            public_id: public_id.to_owned(),
            title: title.to_owned(),
            revision,
        },
    )
}

/// Runs until the task is dropped: jobs as they come, the clocks every half minute, sweeping
/// every hour.
pub async fn run(app: App) {
    let mut last_sweep = Timestamp(0);
    loop {
        if !space_is_back(&app).await {
            // Nothing could be written; reports do not wait for us.
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            continue;
        }
        if let Err(e) = run_due(&app).await {
            tracing::error!(error = %e, "background work failed");
        }
        if let Err(e) = entente_store::postings::merge(app.db(), MERGE_FROM).await {
            tracing::error!(error = %e, "merging the words of cases failed");
        }
        let now = app.now();
        if now.0.saturating_sub(last_sweep.0) > entente_domain::time::HOUR_US {
            last_sweep = now;
            if let Err(e) = sweep(&app).await {
                tracing::error!(error = %e, "sweeping failed");
            }
        }
        let pause = tokio::time::sleep(std::time::Duration::from_secs(30));
        tokio::select! {
            () = app.woken() => {}
            () = pause => {}
        }
    }
}

/// Takes the space in reserve back where it was given up; `false` while the disk is full.
async fn space_is_back(app: &App) -> bool {
    if !app.db().reserve_is_given_up() {
        return true;
    }
    let db = app.db().clone();
    let taken = tokio::task::spawn_blocking(move || db.take_reserve_back()).await;
    let back = matches!(taken, Ok(Ok(())));
    if back {
        tracing::info!("there is space again; it is kept in reserve");
    }
    back
}

/// Runs everything that is due now; answers how many jobs ran.
pub async fn run_due(app: &App) -> Result<u32, ServiceError> {
    // What is wrong with one of these must not keep the queue, and with it all mail, waiting.
    if let Err(error) = raise_alarms(app).await {
        tracing::error!(%error, "raising alarms failed");
    }
    if let Err(error) = order_journal(app).await {
        tracing::error!(%error, "ordering the journal failed");
    }
    let mut ran = 0;
    loop {
        let now = app.now();
        let lease = Timestamp(now.0 + LEASE_S * SECOND_US);
        let jobs = app
            .db()
            .write(move |tx| queue::take(tx, now, lease, AT_ONCE))
            .await?;
        if jobs.is_empty() {
            return Ok(ran);
        }
        let mut jobs = jobs.into_iter();
        while let Some(job) = jobs.next() {
            // What cannot be begun well within the lease goes back, and no attempt is counted.
            if app.now().0 > now.0 + LEASE_S * SECOND_US / 2 {
                let rest: Vec<_> = std::iter::once(job).chain(jobs).map(|j| j.id).collect();
                app.db()
                    .write(move |tx| rest.iter().try_for_each(|id| queue::give_back(tx, *id)))
                    .await?;
                break;
            }
            ran += 1;
            let outcome = perform(app, &job).await;
            let again = Timestamp(app.now().0 + backoff_s(job.attempts) * SECOND_US);
            // Each by itself, so that a kill repeats one mail at most.
            app.db()
                .write(move |tx| match &outcome {
                    Ok(()) => queue::done(tx, job.id),
                    Err(_) => queue::failed(tx, &job, again),
                })
                .await?;
        }
    }
}

/// So many cases wait before the log of words takes theirs up: a search reads those that wait one
/// by one.
const MERGE_FROM: u64 = 1_000;

/// Seconds until the next attempt: doubling from half a minute up to six hours.
fn backoff_s(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(0, 10)).unwrap_or(10);
    (30_i64 << doublings).min(6 * 3_600)
}

async fn perform(app: &App, job: &queue::Job) -> Result<(), ServiceError> {
    match job.kind.as_str() {
        "mail" => {
            let mail: MailJob =
                serde_json::from_slice(&job.body).map_err(ServiceError::internal)?;
            send(app, job.id, mail).await
        }
        "fan-out" => {
            let fan: FanOut = serde_json::from_slice(&job.body).map_err(ServiceError::internal)?;
            fan_out(app, fan).await
        }
        other => Err(ServiceError::internal(format!("no such job: {other}"))),
    }
}

async fn send(app: &App, id: Uuid, mail: MailJob) -> Result<(), ServiceError> {
    let config = app.config();
    let (to, mail) = match mail {
        MailJob::Receipt { report } => (
            reporter_address(app, report, id).await?,
            templates::receipt(config),
        ),
        MailJob::MessageWaiting { report } => (
            reporter_address(app, report, id).await?,
            templates::message_waiting(config),
        ),
        MailJob::Staff {
            user,
            case_number,
            what,
        } => (
            staff_address(app, user).await?,
            templates::staff_notice(config, case_number, &what),
        ),
        MailJob::Account { user, link, reset } => (
            staff_address(app, user).await?,
            if reset {
                templates::reset(config, &link)
            } else {
                templates::invitation(config, &link)
            },
        ),
        MailJob::RoomInvitation { guest_link } => {
            match crate::rooms::reachable(app, guest_link).await? {
                Some((address, link)) => (
                    Address::parse(&address).ok(),
                    templates::room_invitation(config, &link),
                ),
                // The link was revoked meanwhile: nobody is to come in by it.
                None => return Ok(()),
            }
        }
        MailJob::RoomNews { guest_link, what } => {
            match crate::rooms::reachable(app, guest_link).await? {
                Some((address, link)) => (
                    Address::parse(&address).ok(),
                    templates::room_news(config, &what, &link),
                ),
                None => return Ok(()),
            }
        }
        MailJob::FindingsWait { user } => (
            staff_address(app, user).await?,
            templates::findings_wait(config),
        ),
        MailJob::Confirm { address, link } => (
            Address::parse(&address).ok(),
            templates::subscription(config, &link),
        ),
        MailJob::Advisory {
            address,
            public_id,
            title,
            revision,
            end_link,
        } => (
            Address::parse(&address).ok(),
            templates::advisory(config, &public_id, &title, revision, &end_link),
        ),
    };
    // Nobody to write to is an end, not a fault: the thread behind the receipt code has it.
    let (Some(to), Ok(from)) = (to, Address::parse(&config.mail_from)) else {
        return Ok(());
    };
    match app.mail().send(&Envelope { from, to, mail, id }).await {
        Ok(()) => Ok(()),
        Err(MailError::Permanent(what)) => {
            tracing::warn!(job = %id, what, "a mail was refused for good");
            Ok(())
        }
        Err(e @ MailError::Transient(_)) => Err(ServiceError::internal(e)),
    }
}

/// A reporter's address: the mailer opens the vault as a named viewer, with the message id as the
/// reason, and journals it (decision 16).
async fn reporter_address(
    app: &App,
    report: ReportId,
    message: Uuid,
) -> Result<Option<Address>, ServiceError> {
    let now = app.now();
    transact(app, move |tx| {
        let Some(body) = vault::open(tx, report)? else {
            return Ok(None);
        };
        let identity: crate::reports::Identity =
            serde_json::from_slice(&body).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
        let Ok(address) = Address::parse(&identity.mail) else {
            return Ok(None);
        };
        let Some(case_id) = reports::case_of(tx, report)? else {
            return Ok(None);
        };
        let Some(mut case) = fold::case(tx, case_id)? else {
            return Ok(None);
        };
        let decided = Decided {
            what: Entry::IdentityRead { report },
            rule: RuleId::IdentityVault,
            reason: Some(format!("To address the mail {message}")),
        };
        crate::project::append(
            tx,
            &mut case,
            &[decided],
            &Viewer::System(SystemViewer::Mailer),
            now,
        )?;
        Ok(Some(address))
    })
    .await
}

async fn staff_address(app: &App, user: UserId) -> Result<Option<Address>, ServiceError> {
    let profile = crate::look(app, move |tx| accounts::profile(tx, user)).await?;
    Ok(profile
        .filter(|(account, _)| !account.disabled)
        .and_then(|(_, p)| Address::parse(&p.mail).ok()))
}

async fn fan_out(app: &App, fan: FanOut) -> Result<(), ServiceError> {
    let mut after = Uuid::nil();
    loop {
        let page = app
            .db()
            .read(move |tx| subscriptions::confirmed(tx, after, 200))
            .await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.id;
        let now = app.now();
        let a = app.clone();
        let fan = (fan.public_id.clone(), fan.title.clone(), fan.revision);
        transact(app, move |tx| {
            for s in &page {
                let Ok(kept) = serde_json::from_slice::<KeptSubscription>(&s.body) else {
                    continue;
                };
                let dedupe = format!("advisory {} {} {}", fan.0, fan.2, s.id);
                enqueue(
                    &a,
                    tx,
                    "mail",
                    Some(&dedupe),
                    now,
                    &MailJob::Advisory {
                        address: kept.address,
                        public_id: fan.0.clone(),
                        title: fan.1.clone(),
                        revision: fan.2,
                        end_link: kept.end_link,
                    },
                )?;
            }
            Ok(())
        })
        .await?;
    }
}

/// What a subscription seals.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeptSubscription {
    pub(crate) address: String,
    pub(crate) end_link: String,
}

/// Entries that are ordered in one transaction.
const ORDER_AT_ONCE: u32 = 500;
/// Hours between signed heads: a fixed schedule tells nothing (decision 8).
const HEAD_EVERY_HOURS: i64 = 1;

/// Gives new journal entries their place in the log, and signs a head when one is due.
async fn order_journal(app: &App) -> Result<(), ServiceError> {
    while app
        .db()
        .write(|tx| entente_store::ledger::order_new_entries(tx, ORDER_AT_ONCE))
        .await?
        > 0
    {}
    let now = app.now();
    app.db()
        .write(move |tx| {
            let due = entente_store::ledger::latest(tx)?
                .is_none_or(|c| c.at.plus_hours(HEAD_EVERY_HOURS) <= now);
            if due {
                entente_store::ledger::checkpoint(tx, now, entente_store::ledger::PADDING)?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// Raises an alarm for each clock of ours that ran out, and tells of each stability watch that
/// ended, once.
async fn raise_alarms(app: &App) -> Result<(), ServiceError> {
    let now = app.now();
    let due = app
        .db()
        .read(move |tx| cases::due_clocks(tx, now, 200))
        .await?;
    if due.is_empty() {
        return Ok(());
    }
    let a = app.clone();
    transact(app, move |tx| {
        for clock in &due {
            let case = match fold::case(tx, clock.case) {
                Ok(Some(case)) => case,
                Ok(None) => continue,
                // One case that does not open must not keep the others' alarms waiting.
                Err(Fault::Store(entente_store::StoreError::Damaged(what))) => {
                    tracing::error!(case = %clock.case, what, "a case does not open");
                    continue;
                }
                Err(other) => return Err(other),
            };
            let users = who(tx, &case)?;
            let cause = format!("alarm {} {} {}", case.id, clock.kind, clock.due_at.0);
            // The end of a watch is no breach: somebody is asked to look (30111 7.1.7 c).
            let what = if clock.kind.waits_for_others() {
                format!("Ended, please look at the result: {}", clock.kind.label())
            } else {
                format!("A clock ran out: {}", clock.kind.label())
            };
            staff_mail(&a, tx, &users, case.number, &what, &cause, now)?;
            cases::alarm_raised(tx, clock, now)?;
        }
        Ok(())
    })
    .await
}

/// Removes what is no longer needed: ended sessions, old answers, full buckets, finished jobs,
/// files without a case.
pub async fn sweep(app: &App) -> Result<(), ServiceError> {
    let now = app.now();
    let day_ago = now.plus_days(-1);
    app.db()
        .write(move |tx| {
            sessions::sweep(tx, now)?;
            idempotency::sweep(tx, day_ago)?;
            limits::sweep(tx, day_ago)?;
            subscriptions::sweep(tx, now.plus_days(-7))?;
            queue::sweep(tx, now.plus_days(-30))?;
            Ok(())
        })
        .await?;
    // Done after each erasure; once more where that could not be written.
    app.db().erasures_kept().await?;
    // A reserve that found no room at the start.
    let db = app.db().clone();
    if let Ok(Err(error)) = tokio::task::spawn_blocking(move || db.take_reserve_back()).await {
        tracing::warn!(%error, "no space is kept in reserve");
    }
    let blobs = std::sync::Arc::clone(app.blobs());
    let files = tokio::task::spawn_blocking(move || blobs.list())
        .await
        .map_err(ServiceError::internal)??;
    for (id, changed) in files {
        if changed > day_ago {
            continue;
        }
        let known = app
            .db()
            .read(move |tx| entente_store::attachments::exists(tx, id))
            .await?;
        if !known {
            app.blobs().remove(id)?;
        }
    }
    Ok(())
}
