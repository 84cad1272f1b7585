//! The shapes of the API: what the domain's records look like outside. Only data; the way it is
//! applied stands in [`super::shape`].

use super::shape::{Field, Kind, Shape, f, opt};
use entente_domain::access::Role;
use entente_domain::clock::ClockKind;
use entente_domain::command::CommandKind;
use entente_domain::coordination::room::{EndCause, Need, ParticipantRole, Standing};
use entente_domain::coordination::{EmbargoState, ReportState};
use entente_domain::kinds::*;
use entente_domain::policy::PolicyKind;
use entente_domain::rule::RuleId;
use entente_domain::summary::NextStep;

/// A kind that holds the words of a closed list of the domain.
macro_rules! words {
    ($name:ident) => {
        Kind::Words(stringify!($name), || {
            $name::ALL.iter().map(|w| w.as_str()).collect()
        })
    };
}

/// Declares a shape: name, what it is, fields.
macro_rules! shape {
    ($($name:ident = $what:literal { $($field:expr),* $(,)? })*) => {$(
        #[doc = $what]
        pub const $name: Shape = Shape {
            name: stringify!($name),
            what: $what,
            fields: &[$($field),*],
        };
    )*};
}

use Kind::{Command, Count, Id, Json, List, Maybe, Of, Pair, Text, Time, Truth, Whole};

const NULL_TEXT: Kind = Maybe(&Text);
const NULL_TIME: Kind = Maybe(&Time);
const NULL_ID: Kind = Maybe(&Id);
const CONTACT: Kind = Kind::Words("Contact", || vec!["receipt_code", "mail", "none"]);
const SCOPE: Kind = Kind::Words("Scope", || {
    entente_service::accounts::Scope::ALL
        .iter()
        .map(|s| s.as_str())
        .collect()
});
const ADVISORY_STATE: Kind =
    Kind::Words("AdvisoryState", || vec!["draft", "in_review", "published"]);
const REPORT_FIELDS: &[Field] = &[
    f("product", Text),
    opt("version", Text),
    f("description", Text),
    opt("title", Text),
    opt("impact", Text),
    opt("exploitation", Text),
    opt("how_found", Text),
    opt("found_when", Text),
    opt("already_reported_to", Text),
    opt("already_public", Truth),
    opt("public_url", Text),
    opt("exploited", Truth),
    opt("exploited_evidence", Text),
    opt("disclosure_date", NULL_TIME),
    opt("disclosure_plan", Text),
    opt("safety_impact", Truth),
    opt("several_vendors", Truth),
    opt("tracking_ids", Text),
    opt("credit", Truth),
    opt("credit_name", Text),
    opt("share_identity", Truth),
    opt("language", Text),
];

/// What a reporter sends: see [`entente_domain::command::ReportForm`].
#[expect(non_upper_case_globals, reason = "named as in the schema")]
pub const ReportForm: Shape = Shape {
    name: "ReportForm",
    what: "A report. Only product and description are mandatory.",
    fields: REPORT_FIELDS,
};

#[expect(non_upper_case_globals, reason = "named as in the schema")]
mod records {
    use super::*;

    shape! {
        Identity = "Who reports. Every field may be left out; it is kept in a vault apart from the case." {
            opt("name", Text), opt("mail", Text), opt("organisation", Text), opt("phone", Text),
            opt("openpgp_key", Text),
        }
        NewReport = "A report to be sent in. An id of a waiting ticket lets it through where a limit was hit." {
            f("form", Of(&ReportForm)), opt("identity", Of(&Identity)), opt("ticket", Text),
            opt("source", words!(Source)),
        }
        Submitted = "The receipt. The code is shown once: it opens the thread and nobody can restore it." {
            f("reference", Text), f("receipt_code", NULL_TEXT), opt("number", Whole), opt("case", Id),
            opt("files_left_out", Truth),
        }
        Ticket = "A waiting ticket: send the report again with it after `ready_at`." {
            f("token", Text), f("ready_at", Time),
        }
        NewMessage = "A message." { f("body", Text) }
        ThreadMessage = "A message between the reporter and the organisation." {
            f("from_reporter", Truth), f("at", Time), f("purpose", Maybe(&words!(MessagePurpose))), f("body", Text),
        }
        ThreadStep = "A step that the reporter is owed, with its date." { f("label", Text), f("at", NULL_TIME) }
        Thread = "What the holder of a receipt code sees." {
            f("reference", Text), f("received_at", Time), f("acknowledged_at", NULL_TIME), f("stage", Text),
            f("next_update", NULL_TIME), f("disclosure_date", NULL_TIME), f("embargo_until", NULL_TIME),
            f("credit", NULL_TEXT), f("messages", List(&Of(&ThreadMessage))), f("closed", NULL_TEXT),
            f("advisory", NULL_TEXT), f("steps", List(&Of(&ThreadStep))),
        }
        Pause = "Why a clock stands still." { f("since", Time), f("reason", Text) }
        Clock = "What is owed, since when, until when." {
            f("kind", words!(ClockKind)), f("report", NULL_ID), f("started_at", Time), f("due_at", Time),
            f("stopped_at", NULL_TIME), f("paused", Maybe(&Of(&Pause))), f("breach_reason", NULL_TEXT),
        }
        CaseSummary = "A case as lists show it." {
            f("id", Id), f("number", Whole), f("version", Count), f("stage", words!(Stage)),
            f("priority", words!(Priority)), f("owner", NULL_ID), f("restricted", Truth), f("tlp", words!(Tlp)),
            f("source", words!(Source)), f("publicity", words!(Publicity)), f("exploited", Truth),
            f("reporter_waits", Truth), f("next_step", words!(NextStep)), f("next_due", NULL_TIME),
            f("opened_at", Time), f("updated_at", Time), f("clocks", List(&Of(&Clock))), f("title", Text),
            f("products", List(&Text)), f("cve", NULL_TEXT), f("score_tenths", Maybe(&Count)),
        }
        Report = "A report of a case." {
            f("id", Id), f("number", Whole), f("reference", Text), f("source", words!(Source)),
            f("channel", words!(Channel)), f("contact", CONTACT), f("received_at", Time), f("receipt_at", NULL_TIME),
            f("acknowledged_at", NULL_TIME), f("result_told_at", NULL_TIME), f("notice_at", NULL_TIME),
            f("question_open_since", NULL_TIME), f("no_contact", NULL_TEXT), f("credit", NULL_TEXT),
            f("reporter_waits", Truth), f("form", Of(&ReportForm)), f("absorbed_from", NULL_ID),
            f("identity_erased", Truth),
        }
        Membership = "A part in a case." {
            f("user", Id), f("role", words!(CaseRole)), f("since", Time), f("reason", Text), f("until", NULL_TIME),
        }
        Verification = "A recorded verification." {
            f("at", Time), f("by", Text), f("environment", Text), f("build", Text), f("steps", Text),
            f("verdict", words!(Verdict)), f("note", Text),
        }
        Score = "A computed score." {
            f("method", Text), f("vector", Text), f("tenths", Count), f("severity", Text),
        }
        Affected = "Whether a product is affected." {
            f("product", Id), f("product_name", Text), f("versions", Text), f("status", words!(Affectedness)),
            f("justification", Maybe(&words!(NotAffectedJustification))), f("fixed_versions", Text), f("note", Text),
        }
        RemediationTest = "A test of a remediation." {
            f("platform", Text), f("passed", Truth), f("note", Text), f("at", Time),
        }
        Remediation = "A remediation item." {
            f("id", Id), f("remedy", words!(RemediationKind)), f("products", List(&Id)), f("interim", Truth),
            f("description", Text), f("rationale", Text), f("upgrade_path", Text),
            f("state", words!(RemediationState)), f("artefact", NULL_TEXT), f("tests", List(&Of(&RemediationTest))),
            f("url", NULL_TEXT), f("decided_at", Time), f("available_at", NULL_TIME),
        }
        Revision = "A published revision." { f("number", Count), f("at", Time), f("change", Text) }
        Advisory = "The advisory's own words and approvals." {
            f("state", ADVISORY_STATE), f("title", Text), f("summary", Text), f("description", Text),
            f("impact", Text), f("acknowledgement", Text), f("references", List(&Text)), f("change", Text),
            f("legal_approved", Maybe(&Truth)), f("legal_comment", Text), f("goes", List(&Id)),
            f("public_id", NULL_TEXT), f("revisions", List(&Of(&Revision))),
        }
        Task = "A task of a case." {
            f("id", Id), f("kind", words!(TaskKind)), f("title", Text), f("owner", NULL_ID), f("due", Time),
            f("ended", NULL_TIME), f("done", Truth), f("result", Text),
        }
        Ending = "How a case ended." {
            f("exit", words!(ExitReason)), f("note", Text), f("duplicate_of", NULL_ID), f("handed_to", Text),
            f("at", Time),
        }
        Moment = "A line of the time line: who did what, when, under which rule, why." {
            f("seq", Count), f("at", Time), f("actor", Text), f("rule", words!(RuleId)), f("reason", NULL_TEXT),
            f("text", Text),
        }
        Case = "A case, as its journal tells it." {
            f("id", Id), f("number", Whole), f("version", Count), f("process_version", Count),
            f("policy_version", Maybe(&Count)), f("title", Text), f("stage", words!(Stage)),
            f("stages", List(&Pair(&[f("stage", words!(Stage)), f("since", Time)]))),
            f("opened_at", Time), f("updated_at", Time), f("reports", List(&Of(&Report))), f("owner", NULL_ID),
            f("members", List(&Of(&Membership))), f("restricted", Truth), f("tlp", words!(Tlp)),
            f("embargo_since", NULL_TIME), f("embargo_until", NULL_TIME), f("publicity", words!(Publicity)), f("exploited", Truth),
            f("publicity_pending", Truth), f("verifications", List(&Of(&Verification))),
            f("scores", List(&Of(&Score))), f("priority", words!(Priority)), f("priority_table", NULL_TEXT),
            f("cwe", Maybe(&Pair(&[f("id", Text), f("name", Text)]))), f("cve", NULL_TEXT),
            f("root_cause", NULL_TEXT),
            f("variants", List(&Pair(&[f("looked_at", Text), f("affected", Truth), f("note", Text)]))),
            f("affected", List(&Of(&Affected))), f("remediations", List(&Of(&Remediation))),
            f("release_path", Maybe(&words!(ReleasePath))), f("early_release", Truth),
            f("advisory", Maybe(&Of(&Advisory))), f("tasks", List(&Of(&Task))),
            f("checklist", List(&Pair(&[f("item", Text), f("done", Truth)]))), f("clocks", List(&Of(&Clock))),
            f("ending", Maybe(&Of(&Ending))), f("merged_into", NULL_ID), f("imported", Truth),
            f("timeline", List(&Of(&Moment))),
        }
        Message = "A message or comment of a case." {
            f("id", Id), f("report", NULL_ID), f("participant", NULL_ID), f("audience", words!(Audience)),
            f("purpose", Maybe(&words!(MessagePurpose))), f("author", Text), f("from_reporter", Truth), f("at", Time),
            f("body", Text),
        }
        Refusal = "The rule that refuses, why, and what would satisfy it." {
            f("rule", words!(RuleId)), f("why", Text), f("remedy", Text), f("field", NULL_TEXT),
        }
        ActionState = "A command, and why it would be refused now; null where it is open." {
            f("command", words!(CommandKind)), f("label", Text), f("refusal", Maybe(&Of(&Refusal))),
        }
        Person = "A member of staff." { f("id", Id), f("name", Text), f("roles", List(&words!(Role))) }
        ProductChoice = "A product by name." { f("id", Id), f("name", Text) }
        Attachment = "An attachment: quarantined, never rendered." {
            f("id", Id), f("name", Text), f("bytes", Count), f("sha256", Text), f("at", Time),
            f("report", NULL_ID),
        }
        Attachments = "Files, oldest first." { f("items", List(&Of(&Attachment))) }
        Attached = "The file's id, and the version of the case after it was added." { f("id", Id), f("version", Count) }
        DuplicateHint = "A case that may be about the same thing, and why." {
            f("case", Id), f("number", Whole), f("title", Text), f("reason", Text),
        }
        CaseFile = "Everything that the case page shows." {
            f("case", Of(&Case)), f("messages", List(&Of(&Message))), f("actions", List(&Of(&ActionState))),
            f("people", List(&Of(&Person))), f("products", List(&Of(&ProductChoice))),
            f("attachments", List(&Of(&Attachment))), f("duplicates", List(&Of(&DuplicateHint))), f("trial", Truth),
        }
        Acted = "The version of the case after the change." { f("version", Count) }
        AccessSpan = "Who could see a case, from when to when, and why." {
            f("name", Text), f("role", Text), f("from", Time), f("until", NULL_TIME), f("reason", Text),
        }
        AccessLog = "Who could see the case." { f("items", List(&Of(&AccessSpan))) }
        Head = "A signed head of the journal's log; `note` is what `entente verify --head` reads." {
            f("size", Count), f("at", Time), f("root", Text), f("note", Text),
        }
        Messages = "The messages of a case." { f("items", List(&Of(&Message))) }
        BoardRow = "A clock with its case." {
            f("case", Id), f("number", Whole), f("title", Text), f("clock", Of(&Clock)), f("breached", Truth),
            f("owner", NULL_TEXT),
        }
        ReportSummary = "A line of the report register." {
            f("id", Id), f("number", Whole), f("case", Id), f("reference", Text), f("source", words!(Source)),
            f("channel", words!(Channel)), f("received_at", Time), f("acknowledged_at", NULL_TIME),
            f("closed_as", Maybe(&words!(ExitReason))), f("title", Text),
        }
        PublicAdvisory = "A published advisory." {
            f("public_id", Text), f("title", Text), f("revision", Count), f("published_at", Time),
            f("updated_at", Time), f("severity", Text), f("cves", List(&Text)), f("imported", Truth),
        }
        BatchExit = "Junk and the like, closed together with one humane text." {
            f("cases", List(&Id)), f("reason", words!(ExitReason)), f("note", Text), f("notice", Text),
        }
        BatchOutcome = "What came of one case of the batch." { f("case", Id), f("problem", NULL_TEXT) }
        BatchExited = "What came of each case." { f("items", List(&Of(&BatchOutcome))) }
        ReadIdentity = "The reason why an identity is read; it is recorded." { f("reason", Text) }
        Preview = "The advisory as it would be published." { f("csaf", Text), f("findings", List(&Text)) }
        Numbers = "The numbers of a policy: the settings of clocks and gates." {
            f("acknowledgement_working_days", Count), f("verification_working_days", Count),
            f("dispatch_working_days", Count), f("reply_working_days", Count), f("update_days", Count),
            f("reporter_answer_days", Count), f("remediation_days_immediate", Count),
            f("remediation_days_out_of_cycle", Count), f("remediation_days_scheduled", Count),
            f("remediation_days_defer", Count), f("remediation_days_unset", Count),
            f("complete_remediation_days", Count), f("legal_working_days", Count),
            f("publicity_decision_hours", Count), f("recheck_days", Count), f("stability_watch_days", Count),
            f("embargo_days", Count), f("embargo_cap_days", Count), f("legal_gate", Truth),
            f("release_approvals", Count), f("policy_review_months", Count),
        }
        Calendar = "Working days: days off (Monday = 0), holidays (days since 1970-01-01), offset from UTC." {
            opt("holidays", List(&Whole)), opt("days_off", List(&Count)), opt("utc_offset_minutes", Whole),
        }
        PolicyDocument = "A version of a policy." {
            f("id", Id), f("kind", words!(PolicyKind)), f("version", Count),
            f("sections", List(&Pair(&[f("heading", Text), f("text", Text)]))), f("numbers", Of(&Numbers)),
            f("calendar", Of(&Calendar)), f("drafted_by", Id), f("drafted_at", Time),
            f("approved", Maybe(&Pair(&[f("by", Id), f("at", Time)]))), f("review_due", NULL_TIME),
        }
        NewPolicy = "A draft of a policy." {
            f("kind", words!(PolicyKind)), f("sections", List(&Pair(&[f("heading", Text), f("text", Text)]))),
            f("numbers", Of(&Numbers)), opt("calendar", Of(&Calendar)),
        }
        Policies = "The versions of the policies, newest first, and where they contradict each other." {
            f("items", List(&Of(&PolicyDocument))), f("contradictions", List(&Text)),
        }
        Made = "What was made." { f("id", Id) }
        ProductVersion = "A version or branch of a product." {
            f("name", Text), opt("branch", Text), opt("supported_from", NULL_TIME), opt("supported_until", NULL_TIME),
            opt("platforms", List(&Text)),
        }
        ProductForm = "What is said of a product." {
            f("name", Text), opt("family", Text), opt("kind", Text), opt("division", Text), f("contact", Id),
            opt("deputy", NULL_ID), opt("versions", List(&Of(&ProductVersion))),
            opt("fixed_copies", List(&Of(&FixedCopy))),
        }
        FixedCopy = "A copy of a component that cannot be replaced in the field." {
            f("component", Text), opt("version", Text), f("why", words!(Unpatchable)),
        }
        ProductUserForm = "Who uses a product; without `versions`, all of them." {
            f("kind", words!(UseKind)), f("name", Text), opt("party", NULL_ID), opt("versions", List(&Text)),
            opt("contact", Text), opt("days_to_deploy", Maybe(&Count)),
        }
        ProductUser = "Somebody who uses a product." { f("id", Id), f("form", Of(&ProductUserForm)) }
        ProductUsers = "Who uses a product." { f("items", List(&Of(&ProductUser))) }
        Product = "A product of the registry." {
            f("id", Id), f("version", Count), f("updated_at", Time), f("form", Of(&ProductForm)),
        }
        SbomMissing = "Something that a bill of materials leaves out of what is expected of it." {
            f("what", Text), f("source", Text), f("times", Count),
        }
        SbomFacts = "What is known of a bill of materials." {
            f("product_version", Text), f("format", Text), f("spec_version", Text), f("serial", Maybe(&Text)),
            f("made", Maybe(&Text)), f("sha256", Text), f("bytes", Count), f("file_name", Text),
            f("describes", Maybe(&List(&Text))), f("components", Count), f("distinct", Count),
            f("unidentified", Count), f("relations", Count), f("missing", List(&Of(&SbomMissing))), f("by", NULL_ID),
        }
        Sbom = "A bill of materials of one version of a product." {
            f("id", Id), f("product", Id), f("taken_at", Time), f("facts", Of(&SbomFacts)),
        }
        SbomTaken = "What became of it: `new`, `replaced` an earlier one about the same version, or `known` already." {
            f("id", Id), f("outcome", Text),
        }
        SbomLine = "A component; `steps` from the product, or null where the document does not say what needs it." {
            f("package", Text), f("version", Text), f("distribution", Text), f("steps", Maybe(&Count)), f("needed_by", Count),
        }
        Composition = "What a version of a product is made of." {
            f("sbom", Of(&Sbom)), f("components", List(&Of(&SbomLine))),
        }
        PackageSeen = "A package that the question names." {
            f("package", Text), f("versions", Count), f("at_fault", Count), f("undecided", Count),
        }
        AffectedComponent = "A component that was asked for; `undecided` says why it is not certain." {
            f("package", Text), f("version", Text), f("distribution", Text), f("affected", Truth),
            f("undecided", Maybe(&Text)), f("fixed_copy", Maybe(&words!(Unpatchable))), f("way", List(&Text)),
        }
        AffectedVersion = "A version of a product that has it." {
            f("version", Text), f("supported", Truth), f("supported_until", Maybe(&Time)), f("affected", Truth),
            f("sbom", Id), f("components", List(&Of(&AffectedComponent))),
        }
        AffectedProduct = "A product that has it." {
            f("id", Id), f("name", Text), f("division", Text), f("contact", Id), f("affected", Truth),
            f("versions", List(&Of(&AffectedVersion))), f("users", List(&Of(&ProductUser))),
        }
        UnknownVersion = "A version of a product of which it is not known what it is made of." {
            f("product", Text), f("version", Text),
        }
        WhoIsAffected = "Who has a component." {
            f("packages", List(&Of(&PackageSeen))), f("products", List(&Of(&AffectedProduct))),
            f("without_document", List(&Of(&UnknownVersion))), f("vague_documents", Count),
        }
        ExploitedBy = "That a list names the vulnerability as exploited." {
            f("by", Text), f("since", Text), f("ransomware", Truth),
        }
        Epss = "Probability of exploitation in the next 30 days, and its percentile, each from 0 to 1." {
            f("probability", Json), f("percentile", Json),
        }
        WatchFinding = "That something the world published touches a product: one for each product and vulnerability." {
            f("id", Id), f("product", Id), f("product_name", Text), f("state", words!(FindingState)),
            f("found_at", Time), f("changed_at", Time), f("vulnerability", Text), f("names", List(&Text)),
            f("title", Text), f("score", Json), f("affected_versions", List(&Text)), f("supported", Truth),
            f("exploited", List(&Of(&ExploitedBy))), f("epss", Maybe(&Of(&Epss))),
        }
        FindingDenial = "That upstream says a component is not affected." { f("document", Text), f("why", Text) }
        FindingLine = "A component of a version of the product, and what a document says of it; not affected and not denied: it cannot be decided." {
            f("product_version", Text), f("package", Text), f("version", Text), f("distribution", Text),
            f("document", Text), f("affected", Truth), f("why", Text), f("score", Json),
            f("fixed_in", Maybe(&Text)), f("denied", Maybe(&Of(&FindingDenial))),
        }
        FindingStep = "What somebody decided: reported, set_aside or taken_up." {
            f("at", Time), f("by", NULL_ID), f("did", Text), f("why", Maybe(&Text)),
        }
        FindingDocument = "A document that it rests on, and when it was seen." {
            f("id", Text), f("form", Text), f("modified", Text), f("seen_at", Time),
        }
        FindingWay = "By which way a version of the product has a component." {
            f("product_version", Text), f("way", List(&Text)),
        }
        FindingDetail = "A finding with what was published. `case` is the number of the case that it became, where the caller may see it." {
            f("finding", Of(&WatchFinding)), f("lines", List(&Of(&FindingLine))), f("steps", List(&Of(&FindingStep))),
            f("details", Text), f("references", List(&Text)), f("documents", List(&Of(&FindingDocument))),
            f("ways", List(&Of(&FindingWay))), f("case", Maybe(&Whole)),
        }
        FindingDecision = "What is to be done: report, set_aside (with a reason) or take_up." {
            f("act", Text), opt("why", Text),
        }
        FindingDecided = "The number of the case where there is one now." { f("case", Maybe(&Whole)) }
        SourceForm = "What is said of a source: `place` is an https address, or a file or folder in the instance's folder of feeds." {
            f("name", Text), f("place", Text), f("every_minutes", Count), f("enabled", Truth),
        }
        SourceTrouble = "Why a source could not be read, since when, and how many times in a row." {
            f("since", Time), f("times", Count), f("what", Text),
        }
        UnreadDocument = "A document of a source that could not be read." { f("name", Text), f("why", Text) }
        WatchSource = "A source of the watch. `new`, `changed` and `known` count the documents of the last answer that said something new." {
            f("id", Id), f("form", Of(&SourceForm)), f("next_at", Maybe(&Time)), f("well", Truth),
            f("asked_at", Maybe(&Time)), f("answered_at", Maybe(&Time)), f("trouble", Maybe(&Of(&SourceTrouble))),
            f("new", Count), f("changed", Count), f("known", Count),
            f("unread", List(&Of(&UnreadDocument))), f("unread_count", Count),
        }
        WorldTaken = "What became of a document: new, changed, known, or list for a list of what is exploited; and how many findings it opened." {
            f("outcome", Text), f("id", Text), f("opened", Count),
        }
        OtherVersion = "A component that the product has in other versions." { f("component", Text), f("has", List(&Text)) }
        SharedBy = "A version of a product that contains some of it." {
            f("product", Id), f("name", Text), f("version", Text), f("sbom", Id), f("same", List(&Text)),
            f("other_versions", List(&Of(&OtherVersion))),
        }
        SharedComponents = "Which versions of products contain what a bill of materials contains, those that share most first; `unknown` components are in no product." {
            f("components", Count), f("unknown", Count), f("by", List(&Of(&SharedBy))),
        }
        PartyContact = "Somebody, or a group, of a party." { f("name", Text), f("mail", Text) }
        PartyForm = "What is said of a party." {
            f("name", Text), opt("contacts", List(&Of(&PartyContact))), opt("policy_url", Text),
            opt("preferred_days", Maybe(&Count)), opt("longest_days", Maybe(&Count)), opt("notes", Text),
        }
        Party = "A party of the register." {
            f("id", Id), f("version", Count), f("updated_at", Time), f("form", Of(&PartyForm)),
        }
        Terms = "One version of an embargo's terms." {
            f("id", Id), f("ends_at", Time), f("revisions_allowed", Count), f("lead_rules", Truth), f("carve_outs", Text),
        }
        Vote = "The word of a participant on a proposal." {
            f("participant", Id), f("yes", Truth), f("signer", Text), f("reason", Text),
        }
        EmbargoProposal = "Proposed terms that nobody decided on yet; without `by` they are the host's." {
            f("terms", Of(&Terms)), f("by", NULL_ID), f("at", Time), f("reason", Text), f("reply_by", Time),
            f("votes", List(&Of(&Vote))), f("unanswered", List(&Id)),
        }
        EmbargoEnd = "When and by what an embargo ended before its instant." {
            f("at", Time), f("cause", words!(EndCause)), f("reason", Text),
        }
        Signature = "A signed record of consent." {
            f("terms", Id), f("ends_at", Time), f("at", Time), f("signer", Text),
        }
        GuestLink = "Who of a party was given a link, from when to when." {
            f("id", Id), f("name", Text), f("mail", Text), f("since", Time), f("until", NULL_TIME),
        }
        Participant = "A party's part in a case: `may_read` says whether content reaches it now, `closed` why not." {
            f("id", Id), f("party", Id), f("name", Text), f("reference", Text), f("roles", List(&words!(ParticipantRole))),
            f("need", words!(Need)), f("standing", words!(Standing)), f("silent", Truth), f("may_read", Truth),
            f("closed", NULL_TEXT), f("still_bound", Truth), f("invited_at", Time), f("reply_by", Time),
            f("report", words!(ReportState)), f("vendor", NULL_TEXT), f("signatures", List(&Of(&Signature))),
            f("links", List(&Of(&GuestLink))),
        }
        Room = "Who takes part in a case from outside, and the embargo that binds them." {
            f("state", words!(EmbargoState)), f("in_force", Maybe(&Of(&Terms))), f("revisions", Count),
            f("ended", Maybe(&Of(&EmbargoEnd))), f("proposals", List(&Of(&EmbargoProposal))),
            f("participants", List(&Of(&Participant))), f("brief", Text), f("version", Count),
        }
        PersonRow = "An account." {
            f("id", Id), f("name", Text), f("roles", List(&words!(Role))), f("mail", Text), f("disabled", Truth),
            f("second_factor", Truth), f("active", Truth),
        }
        People = "Every account." { f("items", List(&Of(&PersonRow))) }
        Invitation = "Who is invited, with which offices." {
            f("name", Text), f("mail", Text), f("roles", List(&words!(Role))),
        }
        Invited = "The link of the invitation." { f("link", Text) }
        Roles = "The offices of an account." { f("roles", List(&words!(Role))) }
        Disabled = "Whether an account is closed." { f("disabled", Truth) }
        Reset = "Somebody who asked for a new password." { f("user", Id), f("name", Text), f("at", Time) }
        Resets = "Who waits for a second person." { f("items", List(&Of(&Reset))) }
        Token = "An API token." {
            f("id", Id), f("name", Text), f("scopes", List(&SCOPE)), f("created_at", Time), f("expires_at", Time),
        }
        Tokens = "The caller's tokens." { f("items", List(&Of(&Token))) }
        NewToken = "A token to be made; it counts for 1 to 366 days." {
            f("name", Text), f("scopes", List(&SCOPE)), f("days", Count),
        }
        MadeToken = "The token, shown this once." { f("token", Text) }
        Session = "A session." { f("id", Id), f("created_at", Time), f("seen_at", Time), f("expires_at", Time) }
        Sessions = "The caller's sessions." { f("items", List(&Of(&Session))) }
        Problem = "What went wrong (RFC 9457), with the rule that refused and what would satisfy it." {
            f("type", Text), f("title", Text), f("status", Count), opt("detail", Text), opt("rule", Text),
            opt("remedy", Text), opt("field", Text), opt("incident", Text),
        }
    }
}
pub use records::*;

/// The body of a command.
pub const COMMAND: Kind = Command;
/// A document of another format.
pub const DOCUMENT: Kind = Json;

#[cfg(test)]
mod tests {
    use super::*;
    use entente_domain::case;
    use entente_domain::ids::CaseId;
    use serde_json::{Value, json};

    fn keys(value: &Value) -> Vec<&str> {
        let mut keys: Vec<&str> = value
            .as_object()
            .map(|o| o.keys().map(String::as_str).collect())
            .unwrap_or_default();
        keys.sort_unstable();
        keys
    }

    fn declared(shape: &Shape) -> Vec<&'static str> {
        let mut names: Vec<&str> = shape.fields.iter().map(|f| f.name).collect();
        names.sort_unstable();
        names
    }

    /// A field that the domain gained must be shown or be left out on purpose.
    #[test]
    fn the_shapes_follow_the_domain() -> Result<(), serde_json::Error> {
        let case = serde_json::to_value(case::Case::empty(CaseId(uuid::Uuid::nil())))?;
        let mut inside = keys(&case);
        // Attachments stand beside the case, with their names.
        inside.retain(|k| *k != "attachments");
        assert_eq!(inside, declared(&Case));

        let form = serde_json::to_value(entente_domain::command::ReportForm::default())?;
        assert_eq!(keys(&form), declared(&ReportForm));
        let numbers = serde_json::to_value(entente_domain::policy::Numbers::default())?;
        assert_eq!(keys(&numbers), declared(&Numbers));
        Ok(())
    }

    #[test]
    fn the_form_of_the_api_is_the_form_of_the_domain() -> Result<(), Box<dyn std::error::Error>> {
        let sent =
            json!({"product": "p", "description": "d", "disclosure_date": "2026-12-01T00:00:00Z"});
        let read: entente_domain::command::ReportForm =
            serde_json::from_value(ReportForm.read(sent)?)?;
        assert_eq!(
            read.disclosure_date.map(|t| t.rfc3339()).as_deref(),
            Some("2026-12-01T00:00:00Z")
        );
        assert!(ReportForm.read(json!({"product": "p"})).is_err());
        Ok(())
    }
}
