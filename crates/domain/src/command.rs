//! What people ask of a case. A command is a request: [`crate::decide`] turns it into entries
//! or refuses it. Ids and computed facts come in from outside.

use crate::clock::ClockKind;
use crate::coordination::room::{EndCause, Need, ParticipantRole, ParticipantStep};
use crate::ids::{
    AttachmentId, CaseId, GuestLinkId, MessageId, ParticipantId, PartyId, ProductId, RemediationId,
    ReportId, TaskId, TermsId, UserId,
};
use crate::kinds::*;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Declares [`Command`] together with [`CommandKind`], so that neither can miss a variant.
macro_rules! commands {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $label:literal { $($(#[$fmeta:meta])* $field:ident : $ty:ty),* $(,)? })*) => {
        /// A request to change a case.
        #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
        #[serde(tag = "command", deny_unknown_fields)]
        pub enum Command {
            $($(#[$doc])* #[serde(rename = $word)] $variant { $($(#[$fmeta])* #[doc = "Field."] $field: $ty),* },)*
        }

        text_enum! {
            /// The kinds of [`Command`]: what the console offers or explains.
            pub enum CommandKind { $($(#[$doc])* $variant = $word, $label,)* }
        }

        impl Command {
            /// Its kind.
            pub fn kind(&self) -> CommandKind {
                match self { $(Command::$variant { .. } => CommandKind::$variant,)* }
            }
        }
    };
}

commands! {
    /// A person confirms receipt (29147 6.2.5).
    Acknowledge = "acknowledge", "Acknowledge" { report: ReportId, body: String }
    /// Writes to the reporter.
    SendToReporter = "send_to_reporter", "Write to reporter" { report: ReportId, purpose: MessagePurpose, body: String }
    /// The reporter writes, by receipt code.
    ReporterWrites = "reporter_writes", "Reporter writes" { report: ReportId, body: String }
    /// The reporter says whether and how to be credited.
    SetCredit = "set_credit", "Set credit" { report: ReportId, credit: Option<String> }
    /// Records that the reporter cannot be reached, and why (INV-8).
    RecordNoContact = "record_no_contact", "Record: no contact possible" { report: ReportId, reason: String }
    /// Writes a comment that the reporter does not see.
    Comment = "comment", "Comment" { audience: Audience, body: String }
    /// Gives the case an owner.
    Assign = "assign", "Assign owner" { owner: UserId }
    /// Adds somebody who needs to know.
    AddMember = "add_member", "Add member" { user: UserId, role: CaseRole, reason: String }
    /// Takes somebody's part away.
    RemoveMember = "remove_member", "Remove member" { user: UserId, reason: String }
    /// Limits the case to its members.
    Restrict = "restrict", "Restrict to members" { reason: String }
    /// Opens it to the analysts again.
    Unrestrict = "unrestrict", "Lift restriction" { reason: String }
    /// Changes the working title.
    SetTitle = "set_title", "Rename" { title: String }
    /// Changes the label.
    SetTlp = "set_tlp", "Set TLP" { tlp: Tlp, #[serde(default)] reason: String }
    /// Sets or clears the embargo date of this case.
    SetEmbargoDate = "set_embargo_date", "Set embargo date" { until: Option<Timestamp>, reason: String }
    /// Begins verification.
    StartVerification = "start_verification", "Start verification" {}
    /// Records what was tried and what came of it (7.1.4).
    RecordVerification = "record_verification", "Record verification" { environment: String, build: String, steps: String, verdict: Verdict, #[serde(default)] note: String }
    /// Scores by a vector.
    Score = "score", "Score (CVSS)" { vector: String }
    /// Prioritises by the SSVC supplier tree.
    AssessPriority = "assess_priority", "Assess priority (SSVC)" { exploitation: String, utility: String, technical_impact: String, public_safety: String }
    /// Sets the priority by decision.
    SetPriority = "set_priority", "Set priority" { priority: Priority, reason: String }
    /// Names the weakness.
    SetWeakness = "set_weakness", "Set weakness (CWE)" { cwe: String }
    /// Records the root cause.
    RecordRootCause = "record_root_cause", "Record root cause" { text: String }
    /// Records a variant or sibling that was looked at (7.1.4 d).
    RecordVariant = "record_variant", "Record variant" { looked_at: String, affected: bool, note: String }
    /// Says whether a product is affected, and in which versions.
    SetAffected = "set_affected", "Set affected product" { product: ProductId, versions: String, status: Affectedness, #[serde(default)] justification: Option<NotAffectedJustification>, #[serde(default)] fixed_versions: String, #[serde(default)] note: String }
    /// Enters the CVE id by hand.
    SetCve = "set_cve", "Set CVE id" { cve: String }
    /// Goes on to remediation development.
    StartRemediation = "start_remediation", "Start remediation development" {}
    /// Decides on a remediation (7.1.5 a).
    DecideRemediation = "decide_remediation", "Decide remediation" { remediation: RemediationId, remedy: RemediationKind, products: Vec<ProductId>, interim: bool, description: String, rationale: String, #[serde(default)] upgrade_path: String }
    /// Records its production (7.1.5 b).
    ProduceRemediation = "produce_remediation", "Record production" { remediation: RemediationId, artefact: String }
    /// Records a test (7.1.5 c); a failed one sends it back.
    TestRemediation = "test_remediation", "Record test" { remediation: RemediationId, platform: String, passed: bool, #[serde(default)] note: String }
    /// Records that users can get it.
    MakeAvailable = "make_available", "Make available" { remediation: RemediationId, url: String }
    /// Gives it up.
    DropRemediation = "drop_remediation", "Drop remediation" { remediation: RemediationId, reason: String }
    /// Goes on to release (7.1.6), early where a reason is given.
    PrepareRelease = "prepare_release", "Prepare release" { path: ReleasePath, #[serde(default)] early_reason: String }
    /// Writes the advisory's own words; everything else comes from the case.
    DraftAdvisory = "draft_advisory", "Draft advisory" { title: String, summary: String, description: String, #[serde(default)] impact: String, #[serde(default)] acknowledgement: String, #[serde(default)] references: Vec<String>, #[serde(default)] change: String }
    /// Hands the draft to review; from here its text is fixed.
    SubmitAdvisory = "submit_advisory", "Submit advisory for review" {}
    /// Takes it back to draft, which takes back every approval.
    RecallAdvisory = "recall_advisory", "Recall advisory to draft" { reason: String }
    /// Legal's word (6.8).
    LegalReview = "legal_review", "Legal review" { approved: bool, #[serde(default)] comment: String }
    /// One person's go (INV-4).
    GiveGo = "give_go", "Give go" {}
    /// Takes one's own go back.
    WithdrawGo = "withdraw_go", "Withdraw go" { reason: String }
    /// Publishes what was approved.
    Publish = "publish", "Publish advisory" {}
    /// Opens a revision of a published advisory (INV-13).
    ReviseAdvisory = "revise_advisory", "Revise advisory" { reason: String }
    /// Adds a task.
    AddTask = "add_task", "Add task" { task: TaskId, kind: TaskKind, title: String, #[serde(default)] owner: Option<UserId>, due: Timestamp }
    /// Finishes a task.
    CompleteTask = "complete_task", "Complete task" { task: TaskId, result: String }
    /// Cancels a task.
    CancelTask = "cancel_task", "Cancel task" { task: TaskId, reason: String }
    /// Ticks or unticks an item of the stage's checklist.
    TickChecklist = "tick_checklist", "Tick checklist" { item: String, done: bool, #[serde(default)] note: String }
    /// Records how much is public.
    RecordPublicity = "record_publicity", "Record publicity" { publicity: Publicity, evidence: String }
    /// Records that exploitation was seen.
    RecordExploitation = "record_exploitation", "Record exploitation" { evidence: String }
    /// Decides what a public sighting or an attack means.
    DecidePublicity = "decide_publicity", "Decide after publicity" { end_embargo: bool, reason: String }
    /// Pauses a clock.
    PauseClock = "pause_clock", "Pause clock" { clock: ClockKind, reason: String }
    /// Lets it run on; the time it stood still is added.
    ResumeClock = "resume_clock", "Resume clock" { clock: ClockKind }
    /// Writes down why a clock ran over.
    ExplainBreach = "explain_breach", "Explain breach" { clock: ClockKind, reason: String }
    /// Reads the reporter's identity in the vault.
    ReadIdentity = "read_identity", "Read identity" { report: ReportId, reason: String }
    /// Erases the reporter's identity.
    EraseIdentity = "erase_identity", "Erase identity" { report: ReportId, reason: String }
    /// Adds an attachment that was sealed and checked before.
    AddAttachment = "add_attachment", "Add attachment" { attachment: AttachmentId, #[serde(default)] report: Option<ReportId>, bytes: u64 }
    /// Leaves the process by a typed exit (7.1.4 b).
    Exit = "exit", "Close with exit" { reason: ExitReason, note: String, #[serde(default)] notice: String, #[serde(default)] duplicate_of: Option<CaseId>, #[serde(default)] siblings_checked: bool, #[serde(default)] handed_to: String }
    /// Moves this case's reports into another case.
    MergeInto = "merge_into", "Merge into another case" { target: CaseId, reason: String }
    /// Opens a closed case again.
    Reopen = "reopen", "Reopen" { reason: String }
    /// Proposes an embargo to whoever is, or will be, invited; while one is in force, a revision of it.
    ProposeEmbargo = "propose_embargo", "Propose embargo terms" { terms: TermsId, ends_at: Timestamp, reason: String, reply_by: Timestamp, #[serde(default)] revisions_allowed: u32, #[serde(default)] lead_rules: bool, #[serde(default)] carve_outs: String, #[serde(default)] signer: String }
    /// Agrees to proposed terms for the host.
    AgreeEmbargo = "agree_embargo", "Agree to proposed terms" { terms: TermsId, #[serde(default)] reason: String }
    /// Rejects proposed terms for the host.
    RejectEmbargo = "reject_embargo", "Reject proposed terms" { terms: TermsId, reason: String }
    /// Takes one's own proposal back.
    WithdrawProposal = "withdraw_proposal", "Withdraw proposed terms" { terms: TermsId, reason: String }
    /// Ends the embargo before its instant.
    EndEmbargo = "end_embargo", "End the embargo" { cause: EndCause, reason: String }
    /// Invites a party: it sees the terms and these three lines, and nothing else (VP-08).
    InviteParty = "invite_party", "Invite a party" { participant: ParticipantId, party: PartyId, roles: Vec<ParticipantRole>, need: Need, reason: String, component: String, #[serde(default)] versions: String, #[serde(default)] note: String, reply_by: Timestamp }
    /// Asks a party again that declined, stayed silent, or left.
    RenewInvitation = "renew_invitation", "Renew invitation" { participant: ParticipantId, reply_by: Timestamp, reason: String }
    /// Gives one more person of a party a link of their own.
    GiveGuestLink = "give_guest_link", "Give somebody a link" { participant: ParticipantId, link: GuestLinkId, name: String, mail: String, reason: String }
    /// Takes a link back: it opens nothing from then on, nor do the visits that it opened.
    RevokeGuestLink = "revoke_guest_link", "Take a link back" { link: GuestLinkId, reason: String }
    /// Takes a party out of the case.
    RemoveParticipant = "remove_participant", "Take a party out" { participant: ParticipantId, reason: String }
    /// A participant signs terms: of its invitation, of a revision, or those in force by now.
    SignTerms = "sign_terms", "Sign terms" { participant: ParticipantId, terms: TermsId, signer: String }
    /// A participant says no: to its invitation, or to a revision where its terms are named.
    DeclineTerms = "decline_terms", "Decline terms" { participant: ParticipantId, #[serde(default)] terms: Option<TermsId>, reason: String }
    /// A participant leaves. It stays bound by what it signed (VP-05-012).
    LeaveCase = "leave_case", "Leave the case" { participant: ParticipantId, reason: String }
    /// A participant says how far it is; staff may write down what it said elsewhere.
    ReportStanding = "report_standing", "Report standing" { participant: ParticipantId, step: ParticipantStep, #[serde(default)] note: String }
    /// Writes what participants may read of the flaw.
    ShareBrief = "share_brief", "Share with participants" { text: String }
    /// Writes to one participant, or to all who may read content.
    WriteToParticipants = "write_to_participants", "Write to participants" { #[serde(default)] participant: Option<ParticipantId>, body: String }
    /// A participant writes to the host.
    ParticipantWrites = "participant_writes", "Participant writes" { participant: ParticipantId, body: String }
    /// Closes a case whose work is done.
    Complete = "complete", "Close as completed" { #[serde(default)] note: String }
}

/// A report as it comes in. Only product and description are mandatory (29147 6.2.2).
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReportForm {
    /// The product, in the reporter's words.
    pub product: String,
    /// Its version, in the reporter's words.
    pub version: String,
    /// What is wrong and how to see it.
    pub description: String,
    /// A short title; made from the product where it is empty.
    pub title: String,
    /// What an attacker gains.
    pub impact: String,
    /// How to exploit it, or a proof of concept.
    pub exploitation: String,
    /// How it was found.
    pub how_found: String,
    /// When it was found, in the reporter's words.
    pub found_when: String,
    /// Who else was told.
    pub already_reported_to: String,
    /// Whether it is public already.
    pub already_public: bool,
    /// Where it is public.
    pub public_url: String,
    /// Whether it is being exploited.
    pub exploited: bool,
    /// What shows the exploitation.
    pub exploited_evidence: String,
    /// When the reporter means to disclose.
    pub disclosure_date: Option<Timestamp>,
    /// The reporter's plans, such as a talk.
    pub disclosure_plan: String,
    /// Whether safety or industrial control is at stake.
    pub safety_impact: bool,
    /// Whether several vendors are affected.
    pub several_vendors: bool,
    /// Identifiers that others gave.
    pub tracking_ids: String,
    /// Whether the reporter wants to be named.
    pub credit: bool,
    /// The name to be credited by.
    pub credit_name: String,
    /// Whether the identity may be shared with other vendors.
    pub share_identity: bool,
    /// The reporter's language.
    pub language: String,
}

/// Ids of the message that a command writes, made outside and handed in with the facts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FreshIds {
    /// For the message that the command writes, where it writes one.
    pub message: MessageId,
}
