//! The case: the fold of its journal. [`Case::apply`] is total; it never refuses, because what
//! is in the journal has happened.
//!
//! Long file: the case and its fold; one arm for each entry, and splitting it would hide which entry does what.

use crate::clock::{Clock, Pause};
use crate::command::ReportForm;
use crate::coordination::room::Room;
use crate::entry::{ComputedScore, Contact, Entry, Recorded};
use crate::ids::*;
use crate::kinds::*;
use crate::rule::RuleId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A report of the case.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// Its number for ever.
    pub number: i64,
    /// The reference that outsiders see.
    pub reference: String,
    /// Where it came from.
    pub source: Source,
    /// How it arrived.
    pub channel: Channel,
    /// How the reporter is reached.
    pub contact: Contact,
    /// When it arrived.
    pub received_at: Timestamp,
    /// When the automatic receipt went out.
    pub receipt_at: Option<Timestamp>,
    /// When a person acknowledged it.
    pub acknowledged_at: Option<Timestamp>,
    /// When the result of verification was told.
    pub result_told_at: Option<Timestamp>,
    /// When an exit or release notice was sent.
    pub notice_at: Option<Timestamp>,
    /// When a question was last asked, if no answer came since.
    pub question_open_since: Option<Timestamp>,
    /// When a question was last answered.
    #[serde(default)]
    pub answered_at: Option<Timestamp>,
    /// Why no contact is possible, where that was recorded.
    pub no_contact: Option<String>,
    /// The name to credit, where credit is wanted.
    pub credit: Option<String>,
    /// Whether the reporter wrote last.
    pub reporter_waits: bool,
    /// What was reported.
    pub form: ReportForm,
    /// Where it came from when cases were merged.
    pub absorbed_from: Option<CaseId>,
    /// Whether its identity was erased.
    pub identity_erased: bool,
}

impl Report {
    /// Whether there is a way to tell the reporter something.
    pub fn reachable(&self) -> bool {
        self.contact != Contact::None && self.no_contact.is_none()
    }
}

/// A part in the case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Membership {
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: CaseRole,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: String,
    /// Until when; ended parts stay, so that "who could see what when" has an answer.
    pub until: Option<Timestamp>,
}

/// A recorded verification.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the command")]
pub struct Verification {
    pub at: Timestamp,
    pub by: String,
    pub environment: String,
    pub build: String,
    pub steps: String,
    pub verdict: Verdict,
    pub note: String,
}

/// A product's affectedness.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the command")]
pub struct Affected {
    pub product: ProductId,
    pub product_name: String,
    pub versions: String,
    pub status: Affectedness,
    pub justification: Option<NotAffectedJustification>,
    pub fixed_versions: String,
    pub note: String,
}

/// One remediation item.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the commands")]
pub struct Remediation {
    pub id: RemediationId,
    pub remedy: RemediationKind,
    pub products: Vec<ProductId>,
    pub interim: bool,
    pub description: String,
    pub rationale: String,
    pub upgrade_path: String,
    pub state: RemediationState,
    pub artefact: Option<String>,
    pub tests: Vec<RemediationTest>,
    pub url: Option<String>,
    pub decided_at: Timestamp,
    pub available_at: Option<Timestamp>,
}

/// One test of a remediation.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the command")]
pub struct RemediationTest {
    pub platform: String,
    pub passed: bool,
    pub note: String,
    pub at: Timestamp,
}

/// Where the advisory of the case stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdvisoryState {
    /// Words may change.
    Draft,
    /// Words are fixed; reviews and goes are collected.
    InReview,
    /// Published; words change only by a revision.
    Published,
}

/// The advisory's own words and approvals. Everything else in the document comes from the case.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the command")]
pub struct Advisory {
    pub state: AdvisoryState,
    pub title: String,
    pub summary: String,
    pub description: String,
    pub impact: String,
    pub acknowledgement: String,
    pub references: Vec<String>,
    pub change: String,
    pub legal_approved: Option<bool>,
    pub legal_comment: String,
    pub goes: Vec<UserId>,
    pub public_id: Option<String>,
    pub revisions: Vec<Revision>,
}

/// One published revision.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Revision {
    /// From 1.
    pub number: u32,
    /// When it was published.
    pub at: Timestamp,
    /// What changed.
    pub change: String,
}

/// A task of the case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the commands")]
pub struct Task {
    pub id: TaskId,
    pub kind: TaskKind,
    pub title: String,
    pub owner: Option<UserId>,
    pub due: Timestamp,
    pub ended: Option<Timestamp>,
    pub done: bool,
    pub result: String,
}

/// How the case ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the command")]
pub struct Ending {
    pub exit: ExitReason,
    pub note: String,
    pub duplicate_of: Option<CaseId>,
    pub handed_to: String,
    pub at: Timestamp,
}

/// One line of the time line.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Moment {
    /// Its place in the journal.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Under which rule.
    pub rule: RuleId,
    /// Why.
    pub reason: Option<String>,
    /// What, in words.
    pub text: String,
}

/// The case as its journal tells it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named as the kinds and records that they hold")]
pub struct Case {
    pub id: CaseId,
    pub number: i64,
    pub version: u64,
    pub process_version: u32,
    pub policy_version: Option<u32>,
    pub title: String,
    pub stage: Stage,
    pub stages: Vec<(Stage, Timestamp)>,
    pub opened_at: Timestamp,
    pub updated_at: Timestamp,
    pub reports: Vec<Report>,
    pub owner: Option<UserId>,
    pub members: Vec<Membership>,
    pub restricted: bool,
    pub tlp: Tlp,
    pub embargo_until: Option<Timestamp>,
    /// When an embargo date was first set: the cap counts from here (decision 4).
    #[serde(default)]
    pub embargo_since: Option<Timestamp>,
    pub publicity: Publicity,
    pub exploited: bool,
    pub publicity_pending: bool,
    pub verifications: Vec<Verification>,
    pub scores: Vec<ComputedScore>,
    pub priority: Priority,
    pub priority_table: Option<String>,
    pub cwe: Option<(String, String)>,
    pub cve: Option<String>,
    pub root_cause: Option<String>,
    pub variants: Vec<(String, bool, String)>,
    pub affected: Vec<Affected>,
    pub remediations: Vec<Remediation>,
    pub release_path: Option<ReleasePath>,
    pub early_release: bool,
    pub advisory: Option<Advisory>,
    pub tasks: Vec<Task>,
    pub checklist: Vec<(String, bool)>,
    pub clocks: Vec<Clock>,
    pub attachments: Vec<(AttachmentId, u64)>,
    pub ending: Option<Ending>,
    pub merged_into: Option<CaseId>,
    pub imported: bool,
    /// Who takes part from outside, and what binds them.
    #[serde(default, skip_serializing_if = "Room::is_untouched")]
    pub room: Room,
    pub timeline: Vec<Moment>,
}

impl Case {
    /// An empty case, before its first entry.
    pub fn empty(id: CaseId) -> Self {
        Self {
            id,
            number: 0,
            version: 0,
            process_version: 0,
            policy_version: None,
            title: String::new(),
            stage: Stage::Receipt,
            stages: Vec::new(),
            opened_at: Timestamp(0),
            updated_at: Timestamp(0),
            reports: Vec::new(),
            owner: None,
            members: Vec::new(),
            restricted: false,
            tlp: Tlp::Amber,
            embargo_until: None,
            embargo_since: None,
            publicity: Publicity::None,
            exploited: false,
            publicity_pending: false,
            verifications: Vec::new(),
            scores: Vec::new(),
            priority: Priority::Unset,
            priority_table: None,
            cwe: None,
            cve: None,
            root_cause: None,
            variants: Vec::new(),
            affected: Vec::new(),
            remediations: Vec::new(),
            release_path: None,
            early_release: false,
            advisory: None,
            tasks: Vec::new(),
            checklist: Vec::new(),
            clocks: Vec::new(),
            attachments: Vec::new(),
            ending: None,
            merged_into: None,
            imported: false,
            room: Room::default(),
            timeline: Vec::new(),
        }
    }

    /// Folds entries, oldest first.
    pub fn fold<'a>(id: CaseId, entries: impl IntoIterator<Item = &'a Recorded>) -> Self {
        let mut case = Self::empty(id);
        for entry in entries {
            case.apply(entry);
        }
        case
    }

    /// The report with this id.
    pub fn report(&self, id: ReportId) -> Option<&Report> {
        self.reports.iter().find(|r| r.id == id)
    }

    /// Users who have a part now.
    pub fn member_ids(&self) -> Vec<UserId> {
        let mut ids: Vec<UserId> = self
            .members
            .iter()
            .filter(|m| m.until.is_none())
            .map(|m| m.user)
            .collect();
        ids.extend(self.owner);
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The part that somebody has now, where it was given as one.
    pub fn part(&self, user: UserId) -> Option<CaseRole> {
        if self.owner == Some(user) {
            return Some(CaseRole::Owner);
        }
        self.members
            .iter()
            .find(|m| m.user == user && m.until.is_none())
            .map(|m| m.role)
    }

    /// The stage that reopening leads to: a completed case goes back to after its release
    /// (7.1.7 a), another one to where its work stopped.
    pub fn reopens_into(&self) -> Stage {
        if self
            .ending
            .as_ref()
            .is_some_and(|e| e.exit == ExitReason::Completed)
        {
            Stage::PostRelease
        } else if self.verifications.is_empty() {
            Stage::Receipt
        } else {
            Stage::Verification
        }
    }

    /// The last verification, if there is one.
    pub fn verdict(&self) -> Option<Verdict> {
        self.verifications.last().map(|v| v.verdict)
    }

    /// The highest score in tenths.
    pub fn highest_score(&self) -> Option<&ComputedScore> {
        self.scores.iter().max_by_key(|s| s.tenths)
    }

    /// The open clock of a kind (and report, where one is named).
    pub fn open_clock(
        &self,
        kind: crate::clock::ClockKind,
        report: Option<ReportId>,
    ) -> Option<&Clock> {
        self.clocks
            .iter()
            .find(|c| c.kind == kind && c.is_open() && (report.is_none() || c.report == report))
    }

    /// Folds one more entry.
    pub fn apply(&mut self, recorded: &Recorded) {
        let at = recorded.at;
        self.version = recorded.seq;
        self.updated_at = at;
        self.room.apply(recorded);
        self.apply_what(recorded);
        if let Some(text) = crate::timeline::words(self, &recorded.decided.what) {
            self.timeline.push(Moment {
                seq: recorded.seq,
                at,
                actor: recorded.actor.clone(),
                rule: recorded.decided.rule,
                reason: recorded.decided.reason.clone(),
                text,
            });
        }
    }

    /// Makes `owner` the owner. The former one's part ends with its date, so that access over
    /// time can be told (decision 16); a part beside it stays.
    fn hand_over(&mut self, owner: UserId, at: Timestamp, reason: String) {
        for m in &mut self.members {
            if m.role == CaseRole::Owner && m.until.is_none() {
                m.until = Some(at);
            }
        }
        self.owner = Some(owner);
        self.members.push(Membership {
            user: owner,
            role: CaseRole::Owner,
            since: at,
            reason,
            until: None,
        });
    }

    fn report_mut(&mut self, id: ReportId) -> Option<&mut Report> {
        self.reports.iter_mut().find(|r| r.id == id)
    }

    fn remediation_mut(&mut self, id: RemediationId) -> Option<&mut Remediation> {
        self.remediations.iter_mut().find(|r| r.id == id)
    }

    // One arm for each entry; splitting it would only hide which entry does what.
    #[expect(clippy::too_many_lines, reason = "one arm for each entry")]
    fn apply_what(&mut self, recorded: &Recorded) {
        let at = recorded.at;
        let reason = || recorded.decided.reason.clone().unwrap_or_default();
        match &recorded.decided.what {
            Entry::CaseOpened {
                number,
                title,
                process_version,
                policy_version,
                ..
            } => {
                self.number = *number;
                self.title.clone_from(title);
                self.process_version = *process_version;
                self.policy_version = *policy_version;
                self.opened_at = at;
                self.stages.push((Stage::Receipt, at));
            }
            Entry::ReportReceived {
                report,
                number,
                reference,
                source,
                channel,
                contact,
                form,
            } => {
                self.reports.push(Report {
                    id: *report,
                    number: *number,
                    reference: reference.clone(),
                    source: *source,
                    channel: *channel,
                    contact: *contact,
                    received_at: at,
                    receipt_at: None,
                    acknowledged_at: None,
                    result_told_at: None,
                    notice_at: None,
                    question_open_since: None,
                    answered_at: None,
                    no_contact: None,
                    credit: form
                        .credit
                        .then(|| form.credit_name.clone())
                        .filter(|n| !n.is_empty()),
                    reporter_waits: false,
                    form: (**form).clone(),
                    absorbed_from: None,
                    identity_erased: false,
                });
            }
            Entry::ReceiptIssued { report } => {
                if let Some(r) = self.report_mut(*report) {
                    r.receipt_at = Some(at);
                }
            }
            Entry::Acknowledged { report, .. } => {
                if let Some(r) = self.report_mut(*report) {
                    r.acknowledged_at.get_or_insert(at);
                    r.reporter_waits = false;
                }
            }
            Entry::MessageToReporter {
                report, purpose, ..
            } => {
                if let Some(r) = self.report_mut(*report) {
                    r.reporter_waits = false;
                    match purpose {
                        MessagePurpose::Question => {
                            r.question_open_since.get_or_insert(at);
                        }
                        MessagePurpose::VerificationResult => r.result_told_at = Some(at),
                        MessagePurpose::ExitNotice | MessagePurpose::ReleaseNotice => {
                            r.notice_at = Some(at);
                        }
                        _ => {}
                    }
                }
            }
            Entry::MessageFromReporter { report, .. } => {
                if let Some(r) = self.report_mut(*report) {
                    r.reporter_waits = true;
                    if r.question_open_since.take().is_some() {
                        r.answered_at = Some(at);
                    }
                    if r.contact != Contact::None {
                        // Whoever writes can be reached, whatever was recorded before.
                        r.no_contact = None;
                    }
                }
            }
            Entry::Commented { .. } | Entry::IdentityRead { .. } => {}
            Entry::CreditSet { report, credit } => {
                if let Some(r) = self.report_mut(*report) {
                    r.credit.clone_from(credit);
                }
            }
            Entry::NoContact { report } => {
                let why = reason();
                if let Some(r) = self.report_mut(*report) {
                    r.no_contact = Some(why);
                }
            }
            Entry::Assigned { owner } => {
                if self.owner != Some(*owner) {
                    self.hand_over(*owner, at, "Owner of the case".to_owned());
                }
            }
            Entry::MemberAdded {
                user,
                role: CaseRole::Owner,
            } => self.hand_over(*user, at, reason()),
            Entry::MemberAdded { user, role } => {
                let why = reason();
                self.members.push(Membership {
                    user: *user,
                    role: *role,
                    since: at,
                    reason: why,
                    until: None,
                });
            }
            Entry::MemberRemoved { user } => {
                for m in &mut self.members {
                    if m.user == *user && m.until.is_none() {
                        m.until = Some(at);
                    }
                }
                if self.owner == Some(*user) {
                    self.owner = None;
                }
            }
            Entry::Restricted { restricted } => self.restricted = *restricted,
            Entry::TitleSet { title } => self.title.clone_from(title),
            Entry::TlpSet { tlp } => self.tlp = *tlp,
            Entry::EmbargoDateSet { until } => {
                self.embargo_until = *until;
                if until.is_some() {
                    self.embargo_since.get_or_insert(at);
                }
            }
            Entry::StageEntered { stage } => {
                self.stage = *stage;
                self.stages.push((*stage, at));
            }
            Entry::Verified {
                environment,
                build,
                steps,
                verdict,
                note,
            } => {
                if self.verdict().is_some_and(|last| last != *verdict) {
                    // The reporter was told another verdict (INV-8).
                    for r in &mut self.reports {
                        r.result_told_at = None;
                    }
                }
                self.verifications.push(Verification {
                    at,
                    by: recorded.actor.clone(),
                    environment: environment.clone(),
                    build: build.clone(),
                    steps: steps.clone(),
                    verdict: *verdict,
                    note: note.clone(),
                });
            }
            Entry::Scored { score } => {
                self.scores.retain(|s| s.method != score.method);
                self.scores.push(score.clone());
            }
            Entry::Prioritised {
                priority, table, ..
            } => {
                self.priority = *priority;
                self.priority_table.clone_from(table);
            }
            Entry::WeaknessSet { cwe, name } => self.cwe = Some((cwe.clone(), name.clone())),
            Entry::RootCauseRecorded { text } => self.root_cause = Some(text.clone()),
            Entry::VariantRecorded {
                looked_at,
                affected,
                note,
            } => {
                self.variants
                    .push((looked_at.clone(), *affected, note.clone()));
            }
            Entry::AffectedSet {
                product,
                product_name,
                versions,
                status,
                justification,
                fixed_versions,
                note,
            } => {
                self.affected.retain(|a| a.product != *product);
                self.affected.push(Affected {
                    product: *product,
                    product_name: product_name.clone(),
                    versions: versions.clone(),
                    status: *status,
                    justification: *justification,
                    fixed_versions: fixed_versions.clone(),
                    note: note.clone(),
                });
            }
            Entry::CveSet { cve } => self.cve = Some(cve.clone()),
            Entry::RemediationDecided {
                remediation,
                remedy,
                products,
                interim,
                description,
                rationale,
                upgrade_path,
            } => {
                self.remediations.push(Remediation {
                    id: *remediation,
                    remedy: *remedy,
                    products: products.clone(),
                    interim: *interim,
                    description: description.clone(),
                    rationale: rationale.clone(),
                    upgrade_path: upgrade_path.clone(),
                    state: RemediationState::Decided,
                    artefact: None,
                    tests: Vec::new(),
                    url: None,
                    decided_at: at,
                    available_at: None,
                });
            }
            Entry::RemediationProduced {
                remediation,
                artefact,
            } => {
                if let Some(r) = self.remediation_mut(*remediation) {
                    r.state = RemediationState::Produced;
                    r.artefact = Some(artefact.clone());
                }
            }
            Entry::RemediationTested {
                remediation,
                platform,
                passed,
                note,
            } => {
                if let Some(r) = self.remediation_mut(*remediation) {
                    // A failed test reopens the fix (7.1.5 c).
                    r.state = if *passed {
                        RemediationState::Tested
                    } else {
                        RemediationState::Decided
                    };
                    r.tests.push(RemediationTest {
                        platform: platform.clone(),
                        passed: *passed,
                        note: note.clone(),
                        at,
                    });
                }
            }
            Entry::RemediationAvailable { remediation, url } => {
                if let Some(r) = self.remediation_mut(*remediation) {
                    r.state = RemediationState::Available;
                    r.url = Some(url.clone());
                    r.available_at = Some(at);
                }
            }
            Entry::RemediationDropped { remediation } => {
                if let Some(r) = self.remediation_mut(*remediation) {
                    r.state = RemediationState::Dropped;
                }
            }
            Entry::ReleasePathChosen { path, early } => {
                self.release_path = Some(*path);
                self.early_release = *early;
            }
            Entry::AdvisoryDrafted {
                title,
                summary,
                description,
                impact,
                acknowledgement,
                references,
                change,
            } => {
                let old = self.advisory.take();
                self.advisory = Some(Advisory {
                    state: AdvisoryState::Draft,
                    title: title.clone(),
                    summary: summary.clone(),
                    description: description.clone(),
                    impact: impact.clone(),
                    acknowledgement: acknowledgement.clone(),
                    references: references.clone(),
                    change: change.clone(),
                    legal_approved: None,
                    legal_comment: String::new(),
                    goes: Vec::new(),
                    public_id: old.as_ref().and_then(|a| a.public_id.clone()),
                    revisions: old.map(|a| a.revisions).unwrap_or_default(),
                });
            }
            Entry::AdvisorySubmitted {} => {
                if let Some(a) = &mut self.advisory {
                    a.state = AdvisoryState::InReview;
                    a.legal_approved = None;
                    a.goes.clear();
                }
            }
            Entry::AdvisoryRecalled {} | Entry::RevisionOpened {} => {
                if let Some(a) = &mut self.advisory {
                    if a.state == AdvisoryState::Published {
                        // A revision writes its own line of history (29147 7.4.16).
                        a.change.clear();
                    }
                    a.state = AdvisoryState::Draft;
                    a.legal_approved = None;
                    a.goes.clear();
                }
            }
            Entry::LegalReviewed { approved, comment } => {
                if let Some(a) = &mut self.advisory {
                    a.legal_approved = Some(*approved);
                    a.legal_comment.clone_from(comment);
                }
            }
            Entry::GoGiven { user } => {
                if let Some(a) = &mut self.advisory
                    && !a.goes.contains(user)
                {
                    a.goes.push(*user);
                }
            }
            Entry::GoWithdrawn { user } => {
                if let Some(a) = &mut self.advisory {
                    a.goes.retain(|u| u != user);
                }
            }
            Entry::AdvisoryPublished {
                public_id,
                revision,
            } => {
                if let Some(a) = &mut self.advisory {
                    a.state = AdvisoryState::Published;
                    a.public_id = Some(public_id.clone());
                    let change = if a.change.is_empty() {
                        "Initial release".to_owned()
                    } else {
                        a.change.clone()
                    };
                    a.revisions.push(Revision {
                        number: *revision,
                        at,
                        change,
                    });
                }
                self.publicity = Publicity::Full;
                self.publicity_pending = false;
                self.embargo_until = None;
                self.tlp = Tlp::Clear;
            }
            Entry::TaskAdded {
                task,
                task_kind,
                title,
                owner,
                due,
            } => self.tasks.push(Task {
                id: *task,
                kind: *task_kind,
                title: title.clone(),
                owner: *owner,
                due: *due,
                ended: None,
                done: false,
                result: String::new(),
            }),
            Entry::TaskEnded { task, done, result } => {
                if let Some(t) = self.tasks.iter_mut().find(|t| t.id == *task) {
                    t.ended = Some(at);
                    t.done = *done;
                    t.result.clone_from(result);
                }
            }
            Entry::ChecklistTicked { item, done, .. } => {
                self.checklist.retain(|(i, _)| i != item);
                self.checklist.push((item.clone(), *done));
            }
            Entry::PublicityRecorded { publicity, .. } => {
                self.publicity = *publicity;
                match publicity {
                    Publicity::Partial => self.publicity_pending = true,
                    // Full publicity ends the embargo at once (decision 3).
                    Publicity::Full => {
                        self.publicity_pending = false;
                        self.embargo_until = None;
                    }
                    Publicity::None => {}
                }
            }
            Entry::ExploitationRecorded { .. } => {
                self.exploited = true;
                self.publicity_pending = true;
            }
            Entry::PublicityDecided { end_embargo } => {
                self.publicity_pending = false;
                if *end_embargo {
                    self.embargo_until = None;
                }
            }
            Entry::ClockStarted { clock } => {
                // A clock that starts anew replaces the open one of its kind: what it waited for
                // was put off by a rule. One that ran over already stays on record as late.
                let same =
                    |c: &Clock| c.is_open() && c.kind == clock.kind && c.report == clock.report;
                self.clocks.retain(|c| !same(c) || c.is_breached(at));
                for c in self.clocks.iter_mut().filter(|c| same(c)) {
                    c.stop(at);
                }
                self.clocks.push(clock.clone());
            }
            Entry::ClockStopped { clock, report } => {
                for c in &mut self.clocks {
                    if c.kind == *clock && c.is_open() && (report.is_none() || c.report == *report)
                    {
                        c.stop(at);
                    }
                }
            }
            Entry::ClockPaused { clock } => {
                let why = reason();
                for c in &mut self.clocks {
                    if c.kind == *clock && c.is_open() && c.paused.is_none() {
                        c.paused = Some(Pause {
                            since: at,
                            reason: why.clone(),
                        });
                    }
                }
            }
            Entry::ClockResumed {
                clock,
                report,
                due_at,
            } => {
                for c in &mut self.clocks {
                    if c.kind == *clock && c.report == *report && c.is_open() && c.paused.is_some()
                    {
                        c.paused = None;
                        c.due_at = *due_at;
                    }
                }
            }
            Entry::BreachExplained { clock } => {
                let why = reason();
                for c in &mut self.clocks {
                    if c.kind == *clock && c.is_breached(at) && c.breach_reason.is_none() {
                        c.breach_reason = Some(why.clone());
                    }
                }
            }
            Entry::IdentityErased { report } => {
                if let Some(r) = self.report_mut(*report) {
                    r.identity_erased = true;
                    r.credit = None;
                    r.form.credit_name.clear();
                }
            }
            Entry::AttachmentAdded {
                attachment, bytes, ..
            } => self.attachments.push((*attachment, *bytes)),
            Entry::Closed {
                exit,
                note,
                duplicate_of,
                handed_to,
            } => {
                self.stage = Stage::Closed;
                self.stages.push((Stage::Closed, at));
                self.ending = Some(Ending {
                    exit: *exit,
                    note: note.clone(),
                    duplicate_of: *duplicate_of,
                    handed_to: handed_to.clone(),
                    at,
                });
                for c in &mut self.clocks {
                    // What an attack or a sighting asks for outlives the end of the case.
                    let outlives = matches!(
                        c.kind,
                        crate::clock::ClockKind::Recheck
                            | crate::clock::ClockKind::PublicityDecision
                    );
                    if c.is_open() && !outlives {
                        c.stop(at);
                    }
                }
            }
            Entry::Reopened {} => {
                self.stage = self.reopens_into();
                if self.stage != Stage::PostRelease {
                    // The exit notice that went out says nothing about a release (INV-8).
                    for r in &mut self.reports {
                        r.notice_at = None;
                    }
                }
                self.ending = None;
                self.merged_into = None;
                self.stages.push((self.stage, at));
            }
            Entry::MergedInto { target } => {
                self.merged_into = Some(*target);
                self.reports.clear();
            }
            Entry::Absorbed { source, reports } => {
                for r in reports {
                    self.reports.push(Report {
                        id: r.report,
                        number: r.number,
                        reference: r.reference.clone(),
                        source: r.source,
                        channel: r.channel,
                        contact: r.contact,
                        received_at: r.received_at,
                        receipt_at: r.receipt_at,
                        acknowledged_at: r.acknowledged_at,
                        // What they were told was the other case's verdict.
                        result_told_at: None,
                        notice_at: None,
                        question_open_since: r.question_open_since,
                        answered_at: None,
                        no_contact: r.no_contact.clone(),
                        credit: r.credit.clone(),
                        reporter_waits: r.reporter_waits,
                        form: (*r.form).clone(),
                        absorbed_from: Some(*source),
                        identity_erased: r.identity_erased,
                    });
                }
            }
            Entry::EmbargoAgreed { .. } => {
                // The room took the terms over before: dates and gates of the case follow them.
                self.embargo_until = self.room.embargo.terms.as_ref().map(|t| t.ends_at);
                self.embargo_since.get_or_insert(at);
            }
            Entry::EmbargoEnded { .. } => self.embargo_until = None,
            Entry::EmbargoProposed { .. }
            | Entry::ProposalRejected { .. }
            | Entry::ProposalWithdrawn { .. }
            | Entry::PartyInvited { .. }
            | Entry::GuestLinkGiven { .. }
            | Entry::GuestLinkRevoked { .. }
            | Entry::InvitationRenewed { .. }
            | Entry::TermsSigned { .. }
            | Entry::TermsDeclined { .. }
            | Entry::ParticipantLeft { .. }
            | Entry::StandingReported { .. }
            | Entry::BriefShared { .. }
            | Entry::MessageToParticipants { .. }
            | Entry::MessageFromParticipant { .. } => {}
            Entry::HistoryImported {
                tracking_id,
                title,
                first_released_at,
                cves,
                ..
            } => {
                self.imported = true;
                self.title.clone_from(title);
                self.cve = cves.first().cloned();
                self.publicity = Publicity::Full;
                self.tlp = Tlp::Clear;
                self.stage = Stage::PostRelease;
                self.ending = None;
                self.stages.push((Stage::PostRelease, at));
                self.advisory = Some(Advisory {
                    state: AdvisoryState::Published,
                    title: title.clone(),
                    summary: String::new(),
                    description: String::new(),
                    impact: String::new(),
                    acknowledgement: String::new(),
                    references: Vec::new(),
                    change: String::new(),
                    legal_approved: None,
                    legal_comment: String::new(),
                    goes: Vec::new(),
                    public_id: Some(tracking_id.clone()),
                    revisions: vec![Revision {
                        number: 1,
                        at: *first_released_at,
                        change: "Imported".to_owned(),
                    }],
                });
            }
        }
    }
}
