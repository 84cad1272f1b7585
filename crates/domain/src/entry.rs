//! What happened: the entries of a case's journal. Entries are facts and are never refused;
//! bodies of messages and reports are referenced, not contained (decision 10).

use crate::clock::{Clock, ClockKind};
use crate::command::ReportForm;
use crate::coordination::room::{EndCause, Need, ParticipantRole, ParticipantStep, Terms};
use crate::ids::*;
use crate::kinds::*;
use crate::rule::RuleId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A score as computed from a vector by the documents floor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ComputedScore {
    /// Method and version, such as `CVSS 4.0`.
    pub method: String,
    /// The canonical vector.
    pub vector: String,
    /// The overall score in tenths (0–100).
    pub tenths: u8,
    /// The qualitative rating.
    pub severity: String,
}

/// How a reporter can be reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// By the thread behind the receipt code.
    ReceiptCode,
    /// By the thread, and by a mail that says that there is something to read.
    Mail,
    /// Not at all: an internal, public or imported report without a person behind it.
    None,
}

/// One entry. The tag is the kind that stands in the journal's clear header.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "fields carry the names of the commands that make them"
)]
pub enum Entry {
    /// A case was opened by its first report.
    CaseOpened {
        case: CaseId,
        number: i64,
        title: String,
        process_version: u32,
        policy_version: Option<u32>,
    },
    /// A report was received; its text is in the register.
    ReportReceived {
        report: ReportId,
        number: i64,
        reference: String,
        source: Source,
        channel: Channel,
        contact: Contact,
        form: Box<ReportForm>,
    },
    /// The automatic receipt went out. Never an acknowledgement.
    ReceiptIssued { report: ReportId },
    /// A person acknowledged.
    Acknowledged {
        report: ReportId,
        message: MessageId,
    },
    /// A message was written to the reporter.
    MessageToReporter {
        report: ReportId,
        message: MessageId,
        purpose: MessagePurpose,
    },
    /// The reporter wrote.
    MessageFromReporter {
        report: ReportId,
        message: MessageId,
    },
    /// A comment was written.
    Commented {
        message: MessageId,
        audience: Audience,
    },
    /// Credit was settled.
    CreditSet {
        report: ReportId,
        credit: Option<String>,
    },
    /// No contact is possible.
    NoContact { report: ReportId },
    /// The owner changed.
    Assigned { owner: UserId },
    /// Somebody got a part.
    MemberAdded { user: UserId, role: CaseRole },
    /// Somebody's part ended.
    MemberRemoved { user: UserId },
    /// The case was limited to its members, or opened again.
    Restricted { restricted: bool },
    /// The title changed.
    TitleSet { title: String },
    /// The label changed.
    TlpSet { tlp: Tlp },
    /// The embargo date changed.
    EmbargoDateSet { until: Option<Timestamp> },
    /// The stage changed.
    StageEntered { stage: Stage },
    /// A verification was recorded.
    Verified {
        environment: String,
        build: String,
        steps: String,
        verdict: Verdict,
        note: String,
    },
    /// A score was given.
    Scored { score: ComputedScore },
    /// The priority was set; the table's version says by what it was judged (INV-14).
    Prioritised {
        priority: Priority,
        table: Option<String>,
        inputs: Vec<(String, String)>,
    },
    /// The weakness was named.
    WeaknessSet { cwe: String, name: String },
    /// The root cause was recorded.
    RootCauseRecorded { text: String },
    /// A variant was looked at.
    VariantRecorded {
        looked_at: String,
        affected: bool,
        note: String,
    },
    /// A product's affectedness was recorded.
    AffectedSet {
        product: ProductId,
        product_name: String,
        versions: String,
        status: Affectedness,
        justification: Option<NotAffectedJustification>,
        fixed_versions: String,
        note: String,
    },
    /// The CVE id was entered.
    CveSet { cve: String },
    /// A remediation was decided.
    RemediationDecided {
        remediation: RemediationId,
        remedy: RemediationKind,
        products: Vec<ProductId>,
        interim: bool,
        description: String,
        rationale: String,
        upgrade_path: String,
    },
    /// A remediation was produced.
    RemediationProduced {
        remediation: RemediationId,
        artefact: String,
    },
    /// A remediation was tested.
    RemediationTested {
        remediation: RemediationId,
        platform: String,
        passed: bool,
        note: String,
    },
    /// A remediation became available.
    RemediationAvailable {
        remediation: RemediationId,
        url: String,
    },
    /// A remediation was dropped.
    RemediationDropped { remediation: RemediationId },
    /// The release path was chosen.
    ReleasePathChosen { path: ReleasePath, early: bool },
    /// The advisory's words were written.
    AdvisoryDrafted {
        title: String,
        summary: String,
        description: String,
        impact: String,
        acknowledgement: String,
        references: Vec<String>,
        change: String,
    },
    /// The draft went to review.
    AdvisorySubmitted {},
    /// The draft was taken back.
    AdvisoryRecalled {},
    /// Legal said its word.
    LegalReviewed { approved: bool, comment: String },
    /// A go was given.
    GoGiven { user: UserId },
    /// A go was taken back.
    GoWithdrawn { user: UserId },
    /// The advisory was published under its public id.
    AdvisoryPublished { public_id: String, revision: u32 },
    /// A revision was opened.
    RevisionOpened {},
    /// A task was added.
    TaskAdded {
        task: TaskId,
        task_kind: TaskKind,
        title: String,
        owner: Option<UserId>,
        due: Timestamp,
    },
    /// A task ended.
    TaskEnded {
        task: TaskId,
        done: bool,
        result: String,
    },
    /// A checklist item was ticked or unticked.
    ChecklistTicked {
        item: String,
        done: bool,
        note: String,
    },
    /// How much is public.
    PublicityRecorded {
        publicity: Publicity,
        evidence: String,
    },
    /// Exploitation was seen.
    ExploitationRecorded { evidence: String },
    /// A decision after publicity.
    PublicityDecided { end_embargo: bool },
    /// A clock started, or started anew.
    ClockStarted { clock: Clock },
    /// A clock stopped.
    ClockStopped {
        clock: ClockKind,
        report: Option<ReportId>,
    },
    /// A clock stands still.
    ClockPaused { clock: ClockKind },
    /// A clock runs on, with a new due instant.
    ClockResumed {
        clock: ClockKind,
        #[serde(default)]
        report: Option<ReportId>,
        due_at: Timestamp,
    },
    /// A breach was explained.
    BreachExplained { clock: ClockKind },
    /// The identity vault was read.
    IdentityRead { report: ReportId },
    /// The identity was erased.
    IdentityErased { report: ReportId },
    /// An attachment was added.
    AttachmentAdded {
        attachment: AttachmentId,
        report: Option<ReportId>,
        bytes: u64,
    },
    /// The case ended.
    Closed {
        exit: ExitReason,
        note: String,
        duplicate_of: Option<CaseId>,
        handed_to: String,
    },
    /// The case was opened again.
    Reopened {},
    /// The case was merged into another one.
    MergedInto { target: CaseId },
    /// Another case was merged into this one; its reports are here now.
    Absorbed {
        source: CaseId,
        reports: Vec<AbsorbedReport>,
    },
    /// Terms of an embargo were proposed, or other ones than those in force.
    EmbargoProposed {
        terms: Terms,
        by: Option<ParticipantId>,
        signer: String,
        reply_by: Timestamp,
    },
    /// Proposed terms were agreed on and are in force; the signatories are bound by them.
    EmbargoAgreed {
        terms: TermsId,
        signatories: Vec<ParticipantId>,
    },
    /// Proposed terms were rejected.
    ProposalRejected { terms: TermsId },
    /// Whoever proposed them took them back.
    ProposalWithdrawn { terms: TermsId },
    /// The embargo was ended before its instant.
    EmbargoEnded { cause: EndCause },
    /// A party was invited: component, versions and note are all that it is told.
    PartyInvited {
        participant: ParticipantId,
        party: PartyId,
        name: String,
        roles: Vec<ParticipantRole>,
        need: Need,
        component: String,
        versions: String,
        note: String,
        reply_by: Timestamp,
    },
    /// A party was asked again.
    InvitationRenewed {
        participant: ParticipantId,
        reply_by: Timestamp,
    },
    /// Somebody of a party was given a link.
    GuestLinkGiven {
        participant: ParticipantId,
        link: GuestLinkId,
        name: String,
        mail: String,
    },
    /// A link was taken back.
    GuestLinkRevoked {
        participant: ParticipantId,
        link: GuestLinkId,
    },
    /// A participant signed terms.
    TermsSigned {
        participant: ParticipantId,
        terms: TermsId,
        signer: String,
    },
    /// A participant said no: to the invitation, or to a revision.
    TermsDeclined {
        participant: ParticipantId,
        terms: Option<TermsId>,
    },
    /// A participant left, or was taken out. What it signed binds on.
    ParticipantLeft {
        participant: ParticipantId,
        removed: bool,
    },
    /// A participant said how far it is.
    StandingReported {
        participant: ParticipantId,
        step: ParticipantStep,
        note: String,
    },
    /// What participants may read of the flaw was written.
    BriefShared { text: String },
    /// A message to one participant, or to all who may read content.
    MessageToParticipants {
        participant: Option<ParticipantId>,
        message: MessageId,
    },
    /// A participant wrote.
    MessageFromParticipant {
        participant: ParticipantId,
        message: MessageId,
    },
    /// An advisory of the past was brought in.
    HistoryImported {
        tracking_id: String,
        title: String,
        first_released_at: Timestamp,
        cves: Vec<String>,
        products: Vec<String>,
    },
}

/// A report that moved from another case.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the report as it stood")]
pub struct AbsorbedReport {
    pub report: ReportId,
    pub number: i64,
    pub reference: String,
    pub source: Source,
    pub channel: Channel,
    pub contact: Contact,
    pub received_at: Timestamp,
    #[serde(default)]
    pub receipt_at: Option<Timestamp>,
    pub acknowledged_at: Option<Timestamp>,
    #[serde(default)]
    pub question_open_since: Option<Timestamp>,
    #[serde(default)]
    pub no_contact: Option<String>,
    #[serde(default)]
    pub reporter_waits: bool,
    #[serde(default)]
    pub identity_erased: bool,
    pub credit: Option<String>,
    pub form: Box<ReportForm>,
}

impl Entry {
    /// The kind that stands in the clear header: the serde tag.
    pub fn kind(&self) -> &'static str {
        match self {
            Entry::CaseOpened { .. } => "case_opened",
            Entry::ReportReceived { .. } => "report_received",
            Entry::ReceiptIssued { .. } => "receipt_issued",
            Entry::Acknowledged { .. } => "acknowledged",
            Entry::MessageToReporter { .. } => "message_to_reporter",
            Entry::MessageFromReporter { .. } => "message_from_reporter",
            Entry::Commented { .. } => "commented",
            Entry::CreditSet { .. } => "credit_set",
            Entry::NoContact { .. } => "no_contact",
            Entry::Assigned { .. } => "assigned",
            Entry::MemberAdded { .. } => "member_added",
            Entry::MemberRemoved { .. } => "member_removed",
            Entry::Restricted { .. } => "restricted",
            Entry::TitleSet { .. } => "title_set",
            Entry::TlpSet { .. } => "tlp_set",
            Entry::EmbargoDateSet { .. } => "embargo_date_set",
            Entry::StageEntered { .. } => "stage_entered",
            Entry::Verified { .. } => "verified",
            Entry::Scored { .. } => "scored",
            Entry::Prioritised { .. } => "prioritised",
            Entry::WeaknessSet { .. } => "weakness_set",
            Entry::RootCauseRecorded { .. } => "root_cause_recorded",
            Entry::VariantRecorded { .. } => "variant_recorded",
            Entry::AffectedSet { .. } => "affected_set",
            Entry::CveSet { .. } => "cve_set",
            Entry::RemediationDecided { .. } => "remediation_decided",
            Entry::RemediationProduced { .. } => "remediation_produced",
            Entry::RemediationTested { .. } => "remediation_tested",
            Entry::RemediationAvailable { .. } => "remediation_available",
            Entry::RemediationDropped { .. } => "remediation_dropped",
            Entry::ReleasePathChosen { .. } => "release_path_chosen",
            Entry::AdvisoryDrafted { .. } => "advisory_drafted",
            Entry::AdvisorySubmitted {} => "advisory_submitted",
            Entry::AdvisoryRecalled {} => "advisory_recalled",
            Entry::LegalReviewed { .. } => "legal_reviewed",
            Entry::GoGiven { .. } => "go_given",
            Entry::GoWithdrawn { .. } => "go_withdrawn",
            Entry::AdvisoryPublished { .. } => "advisory_published",
            Entry::RevisionOpened {} => "revision_opened",
            Entry::TaskAdded { .. } => "task_added",
            Entry::TaskEnded { .. } => "task_ended",
            Entry::ChecklistTicked { .. } => "checklist_ticked",
            Entry::PublicityRecorded { .. } => "publicity_recorded",
            Entry::ExploitationRecorded { .. } => "exploitation_recorded",
            Entry::PublicityDecided { .. } => "publicity_decided",
            Entry::ClockStarted { .. } => "clock_started",
            Entry::ClockStopped { .. } => "clock_stopped",
            Entry::ClockPaused { .. } => "clock_paused",
            Entry::ClockResumed { .. } => "clock_resumed",
            Entry::BreachExplained { .. } => "breach_explained",
            Entry::IdentityRead { .. } => "identity_read",
            Entry::IdentityErased { .. } => "identity_erased",
            Entry::AttachmentAdded { .. } => "attachment_added",
            Entry::Closed { .. } => "closed",
            Entry::Reopened {} => "reopened",
            Entry::MergedInto { .. } => "merged_into",
            Entry::Absorbed { .. } => "absorbed",
            Entry::EmbargoProposed { .. } => "embargo_proposed",
            Entry::EmbargoAgreed { .. } => "embargo_agreed",
            Entry::ProposalRejected { .. } => "proposal_rejected",
            Entry::ProposalWithdrawn { .. } => "proposal_withdrawn",
            Entry::EmbargoEnded { .. } => "embargo_ended",
            Entry::PartyInvited { .. } => "party_invited",
            Entry::InvitationRenewed { .. } => "invitation_renewed",
            Entry::GuestLinkGiven { .. } => "guest_link_given",
            Entry::GuestLinkRevoked { .. } => "guest_link_revoked",
            Entry::TermsSigned { .. } => "terms_signed",
            Entry::TermsDeclined { .. } => "terms_declined",
            Entry::ParticipantLeft { .. } => "participant_left",
            Entry::StandingReported { .. } => "standing_reported",
            Entry::BriefShared { .. } => "brief_shared",
            Entry::MessageToParticipants { .. } => "message_to_participants",
            Entry::MessageFromParticipant { .. } => "message_from_participant",
            Entry::HistoryImported { .. } => "history_imported",
        }
    }
}

/// An entry as decided: with the rule that it was made under and the reason given (INV-7).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Decided {
    /// What happened.
    #[serde(flatten)]
    pub what: Entry,
    /// Under which rule.
    pub rule: RuleId,
    /// Why, in the actor's words, where a reason was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An entry as read back from the journal.
#[derive(Clone, PartialEq, Debug)]
pub struct Recorded {
    /// Its place in the stream, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who, in the clear form of [`crate::access::Viewer::actor`].
    pub actor: String,
    /// What.
    pub decided: Decided,
}
