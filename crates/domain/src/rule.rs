//! Rules by number: what a refusal names and what a journal entry was made under (INV-7).

use std::fmt;

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $source:literal, $text:literal;)*) => {
        /// A rule of the process. The id is stable: entries and clients keep it.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum RuleId { $($(#[$doc])* $name,)* }

        impl RuleId {
            /// Every rule.
            pub const ALL: &'static [RuleId] = &[$(RuleId::$name),*];
            /// The stable id.
            pub fn as_str(self) -> &'static str { match self { $(RuleId::$name => $id,)* } }
            /// The clause, law or decision it comes from.
            pub fn source(self) -> &'static str { match self { $(RuleId::$name => $source,)* } }
            /// The rule in one sentence.
            pub fn text(self) -> &'static str { match self { $(RuleId::$name => $text,)* } }
        }
    };
}

rules! {
    /// Access is needed.
    NeedToKnow = "ACC-1", "30111 6.5.3.4, 7.3", "A case is handled by those who need to know it.";
    /// Case roles come from a lead.
    RolesFromLead = "ACC-2", "decision 19", "A part in a case is given by a PSIRT lead, with a reason.";
    /// Identity through the vault.
    IdentityVault = "ACC-3", "INV-5, 30111 7.3", "The reporter's identity is read through the vault only, with a reason, and every reading is recorded.";
    /// Reports are registered.
    Registered = "REP-1", "30111 7.1.3, 29147 6.2.4", "Every report is recorded in the register, whatever its source.";
    /// A person acknowledges.
    HumanAcknowledgement = "REP-2", "29147 6.2.5", "A person acknowledges each report within seven calendar days; an automatic receipt does not count.";
    /// Two mandatory fields.
    MinimalReport = "REP-3", "29147 6.2.2", "A report needs a product and a description, and nothing else.";
    /// The reporter is kept informed.
    KeepInformed = "COM-1", "29147 6.5", "The reporter is kept informed until the case is resolved.";
    /// The result is told.
    TellResult = "COM-2", "30111 7.1.4 f, INV-8", "The reporter is told the result of verification, or the reason why that is impossible is recorded.";
    /// An exit is told.
    TellExit = "COM-3", "INV-8", "Whoever reported is told when a case ends and why, or the reason why that is impossible is recorded.";
    /// Stages in order.
    StageOrder = "PRO-1", "30111 7.1", "A step belongs to a stage of the process.";
    /// The checklist of the stage.
    Checklist = "PRO-2", "30111 6.1", "Required items of a stage's checklist are done before the stage is left.";
    /// A closed case is reopened first.
    ClosedCase = "PRO-3", "30111 7.1.3", "A closed case changes only after it was reopened.";
    /// Every change has a reason where it needs one.
    ReasonGiven = "PRO-4", "INV-7", "A decision names its reason.";
    /// Input is bounded.
    Bounds = "PRO-5", "ASVS 2.2", "Every field has a size and a form.";
    /// A verdict needs its record.
    VerificationRecord = "VER-1", "30111 7.1.4", "A verdict rests on a record of environment, build and steps.";
    /// Ask before giving up.
    AskFirst = "VER-2", "30111 7.1.4 b", "What could not be reproduced is an exit only after the reporter was asked and the time to answer ran out.";
    /// Duplicates are linked.
    DuplicateLinked = "VER-3", "30111 7.1.4 b", "A duplicate names the case that it repeats.";
    /// Supported siblings first.
    SupportedSiblings = "VER-4", "30111 7.1.4 a", "An obsolete product is an exit only after supported siblings were checked.";
    /// Non-security is rechecked.
    Recheck = "VER-5", "30111 7.1.4 b", "What is no security matter today gets a date on which it is looked at again.";
    /// Another vendor is told.
    HandOver = "VER-6", "30111 7.1.4 b, c", "A report on another vendor's product is an exit only after it was handed to them.";
    /// Scores follow a method.
    ScoredByMethod = "VER-7", "29147 7.4.11", "Severity is given by a vector of a named method.";
    /// Priority is assessed.
    Prioritised = "VER-8", "30111 7.1.4 e", "A vulnerability is prioritised before its remediation is developed.";
    /// Products are mapped.
    ProductsMapped = "VER-9", "30111 7.1.4 c", "Affected products are recorded before remediation is developed.";
    /// Not affected is justified.
    Justified = "VER-10", "VEX justifications", "Not affected needs a justification.";
    /// Confirmed first.
    Confirmed = "VER-11", "30111 7.1.5", "Remediation is developed for a confirmed vulnerability.";
    /// Decide, produce, test.
    RemediationOrder = "REM-1", "30111 7.1.5", "A remediation is decided, then produced, then tested.";
    /// Upgrade path.
    UpgradePath = "REM-2", "30111 7.1.5 a", "Where no fix is planned, users are shown a reasonable upgrade path.";
    /// Each affected product has an answer.
    EveryProductAnswered = "REM-3", "30111 7.1.5, 7.1.6", "Each affected product has a tested remediation, or an early release is decided with a reason.";
    /// Interim is followed.
    InterimFollowed = "REM-4", "30111 7.2 b", "An interim remediation is followed by a complete one.";
    /// Path is chosen.
    PathChosen = "REL-1", "30111 7.1.6", "The release takes the service path, the product path, or both.";
    /// Advisory is complete.
    AdvisoryComplete = "REL-2", "29147 7.4", "An advisory has its identifiers, dates, affected products, severity and remediation.";
    /// Legal gate.
    LegalGate = "REL-3", "30111 6.8", "Legal looks at what leaves the house, where the policy asks for it.";
    /// Two people.
    TwoPersonGo = "REL-4", "INV-4", "Publishing takes the go of two different people.";
    /// Approved text does not change.
    ApprovedText = "REL-5", "INV-13", "An approved text is published as approved; a published one changes only by a revision.";
    /// Embargo date.
    NotBeforeDate = "REL-6", "29147 7.3", "Nothing is published before the embargo date while nothing is public.";
    /// TLP.
    LabelledClear = "REL-7", "TLP 2.0", "What is published carries TLP:CLEAR, and nothing carries it before.";
    /// Post-release tasks.
    PostRelease = "POST-1", "30111 7.1.7", "A case ends after its post-release tasks are done or cancelled with a reason.";
    /// Facts are recorded.
    FactsRecorded = "FACT-1", "29147 7.3, TR 5895 9.6", "What becomes public or is exploited is recorded when it is seen.";
    /// Publicity forces a decision.
    PublicityDecision = "FACT-2", "decision 3", "Partial publicity or an attack forces a decision within two hours.";
    /// TLP falls only by the originator.
    TlpRises = "TLP-1", "INV-12", "A label rises freely and falls only by a lead's decision with a reason.";
    /// Clocks pause with reasons.
    PauseWithReason = "CLK-1", "30111 7.2", "A clock is paused, and a breach explained, with a reason; the seven-day acknowledgement is never paused.";
    /// Merging leaves a trace.
    MergeTrace = "REP-4", "30111 7.1.3, INV-11", "Merging keeps every report and its number and leaves a trace in both cases.";
    /// The gate for content.
    ConsentGate = "EMB-1", "INV-1, VP-08-001, decision 1", "While an embargo is in force, content reaches only participants who signed its terms.";
    /// No embargo on what is known.
    EmbargoViable = "EMB-2", "VP-06-001, VP-06-002", "No embargo begins, or is revised, once the flaw is public, an exploit is public, or attacks are seen.";
    /// One embargo, ended once.
    OneEmbargo = "EMB-3", "VP-04-002, INV-2", "A case has one embargo; when it has ended none begins anew.";
    /// An exact end within the cap.
    ExactEnd = "EMB-4", "VP-04-001, VP-05-001, decision 4", "An embargo ends at an exact instant in the future, within the policy's cap.";
    /// The cap on revisions.
    RevisionCap = "EMB-5", "decision 4, INV-2", "An embargo is extended no more often than its terms allow, and never after its end.";
    /// How proposals are decided.
    ProposalOrder = "EMB-6", "VP-07-008, VP-07-009", "Of several proposals the one that ends first is decided first.";
    /// Everybody agrees.
    SignatoriesAgree = "EMB-7", "VP-06-004, VP-07-001", "A later end takes the yes of each signatory, or a lead's ruling where the terms allow one.";
    /// Ended with a reason.
    EndedWithReason = "EMB-8", "EMB-14, VP-05-005", "An embargo is ended by a PSIRT lead, with its cause and a reason; ending it publishes nothing.";
    /// Dates follow the terms.
    TermsHoldTheDate = "EMB-9", "INV-2", "Where an embargo with others is proposed or in force, its terms set the date.";
    /// Invited with a reason.
    InvitedByLead = "PTY-1", "30111 clause 8, TR 5895 4.2.3", "A party is invited by a PSIRT lead, with the reason why it has to know.";
    /// Links of persons.
    LinkOfOne = "PTY-8", "TR 5895 clause 10, VP-08", "A link into a room is given to one person, can be taken back at once, and who had one when stands in the journal.";
    /// Terms first.
    TermsFirst = "PTY-2", "VP-08-001, VP-08-006", "A party is invited to the terms of an embargo; nothing is shared before it signed.";
    /// The wording of an invitation.
    TeaserWords = "PTY-3", "decision 5", "An invitation names component and versions and says nothing of the flaw.";
    /// Time to answer.
    ReplyBy = "PTY-4", "EP-07, EMB-17", "An answer is asked for by a date at least 72 hours ahead; a late yes to the terms in force is welcome.";
    /// A party speaks for itself.
    SpeaksForItself = "PTY-5", "VP-18, TR 5895 4.2.1", "A participant signs, declines and leaves for itself alone.";
    /// Legal steps only.
    ParticipantSteps = "PTY-6", "RMB-15-001, CSB-15", "A participant's report and fix move by the steps of the model.";
    /// Leaving frees of nothing.
    StillBound = "PTY-7", "VP-05-012, VP-13-009", "Whoever leaves stays bound by what they signed.";
    /// Policy in force.
    PolicyInForce = "POL-1", "30111 6.3", "Cases run under an approved internal policy; without one the instance is in trial mode.";
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for RuleId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for RuleId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let id = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
        Self::ALL
            .iter()
            .copied()
            .find(|r| r.as_str() == id)
            .ok_or_else(|| serde::de::Error::custom("unknown rule id"))
    }
}

/// Why a command was refused, and what would satisfy the rule.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{why} {remedy} [{rule}]")]
pub struct Refusal {
    /// The rule that refused.
    pub rule: RuleId,
    /// What is wrong, as a sentence. Never content of a case.
    pub why: String,
    /// What would satisfy the rule, as a sentence.
    pub remedy: String,
    /// The field of the command, where one is to blame.
    pub field: Option<&'static str>,
}

impl Refusal {
    /// A refusal under `rule`.
    pub fn new(rule: RuleId, why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            rule,
            why: why.into(),
            remedy: remedy.into(),
            field: None,
        }
    }

    /// The same, naming the field.
    pub fn at(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }
}
