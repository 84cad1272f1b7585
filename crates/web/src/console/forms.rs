//! The form of each command: data, so that the console offers exactly what the domain has.
//!
//! A command without a form here is one that staff cannot give from a form (the reporter's own,
//! the identity vault, uploads); a test holds the list against `CommandKind::ALL`.
//!
//! Long file: one table of forms, held against the domain by its tests.

use entente_domain::clock::ClockKind;
use entente_domain::command::{Command, CommandKind};
use entente_domain::coordination::room::{EndCause, Need, ParticipantRole, ParticipantStep};
use entente_domain::kinds::*;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// What kind of field it is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One line.
    Line,
    /// Several lines.
    Text,
    /// Yes or no.
    Flag,
    /// An instant in UTC.
    Instant,
    /// An instant in UTC, or none.
    OptionalInstant,
    /// One of a list of words.
    Words(fn() -> Vec<(String, String)>),
    /// One of a list of words, or none.
    OptionalWords(fn() -> Vec<(String, String)>),
    /// A report of the case.
    Report,
    /// An active member of staff.
    Person,
    /// An active member of staff, or nobody.
    OptionalPerson,
    /// A product of the registry.
    Product,
    /// An affected product of the case.
    CaseProducts,
    /// A remediation of the case.
    Remediation,
    /// An open task of the case.
    Task,
    /// An item of the stage's checklist.
    ChecklistItem,
    /// The number of another case.
    CaseNumber,
    /// The number of another case, or none.
    OptionalCaseNumber,
    /// Web addresses, one a line.
    Addresses,
    /// An id that is made when the form is sent.
    FreshId,
    /// A line, or nothing at all.
    OptionalLine,
    /// A whole number.
    Number,
    /// A party of the register.
    Party,
    /// A participant of the case.
    Participant,
    /// A participant of the case, or all of them.
    OptionalParticipant,
    /// A link that somebody of a party holds.
    GuestLink,
    /// Proposed terms that are open.
    Proposal,
    /// One or several words of a list, with commas between them.
    Several(fn() -> Vec<(String, String)>),
    /// Until when an answer is asked for; empty is the least that anybody is given.
    ReplyBy,
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in the command.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// A hint.
    pub help: &'static str,
}

const fn f(name: &'static str, label: &'static str, kind: Kind) -> Field {
    Field {
        name,
        label,
        kind,
        help: "",
    }
}

const fn h(name: &'static str, label: &'static str, kind: Kind, help: &'static str) -> Field {
    Field {
        name,
        label,
        kind,
        help,
    }
}

macro_rules! words {
    ($name:ident, $list:expr) => {
        fn $name() -> Vec<(String, String)> {
            $list
                .iter()
                .map(|v| (v.as_str().to_owned(), v.label().to_owned()))
                .collect()
        }
    };
}

words!(verdicts, Verdict::ALL);
words!(affectednesses, Affectedness::ALL);
words!(justifications, NotAffectedJustification::ALL);
words!(tlps, Tlp::ALL);
words!(remedies, RemediationKind::ALL);
words!(paths, ReleasePath::ALL);
words!(task_kinds, TaskKind::ALL);
words!(publicities, [Publicity::Partial, Publicity::Full]);
words!(clocks, ClockKind::ALL);
words!(case_roles, CaseRole::ALL);
words!(audiences, [Audience::Internal, Audience::Legal]);
words!(
    priorities,
    [
        Priority::Immediate,
        Priority::OutOfCycle,
        Priority::Scheduled,
        Priority::Defer
    ]
);
words!(
    exits,
    [
        ExitReason::Unverified,
        ExitReason::Duplicate,
        ExitReason::ObsoleteProduct,
        ExitReason::NonSecurity,
        ExitReason::OtherVendor,
        ExitReason::Withdrawn,
        ExitReason::Junk
    ]
);
words!(
    purposes,
    [
        MessagePurpose::Update,
        MessagePurpose::Question,
        MessagePurpose::VerificationResult,
        MessagePurpose::ReleaseNotice,
        MessagePurpose::Note
    ]
);

words!(needs, Need::ALL);
words!(end_causes, EndCause::ALL);
words!(participant_steps, ParticipantStep::ALL);

/// Roles of a participant, the usual pairs among them.
fn participant_roles() -> Vec<(String, String)> {
    let one = ParticipantRole::ALL.iter();
    let mut all: Vec<_> = one
        .map(|r| (r.as_str().to_owned(), r.label().to_owned()))
        .collect();
    all.insert(
        1,
        (
            "vendor,deployer".to_owned(),
            "Vendor that also deploys".to_owned(),
        ),
    );
    all
}

fn plain(list: &[&str]) -> Vec<(String, String)> {
    list.iter()
        .map(|w| ((*w).to_owned(), (*w).to_owned()))
        .collect()
}

fn exploitations() -> Vec<(String, String)> {
    plain(&["none", "public poc", "active"])
}

fn utilities() -> Vec<(String, String)> {
    plain(&["laborious", "efficient", "super effective"])
}

fn technical_impacts() -> Vec<(String, String)> {
    plain(&["partial", "total"])
}

fn public_safety() -> Vec<(String, String)> {
    plain(&["minimal", "significant"])
}

/// The fields of a command's form; `None` where staff have no form for it.
pub fn fields(kind: CommandKind) -> Option<&'static [Field]> {
    use CommandKind as C;
    use Kind::{
        Addresses, CaseNumber, CaseProducts, ChecklistItem, Flag, FreshId, GuestLink, Instant,
        Line, Number, OptionalCaseNumber, OptionalInstant, OptionalLine, OptionalParticipant,
        OptionalPerson, OptionalWords, Participant, Party, Person, Product, Proposal, Remediation,
        ReplyBy, Report, Several, Task, Text, Words,
    };
    const REASON: Field = f("reason", "Reason", Line);
    const REPLY_BY: Field = h(
        "reply_by",
        "Answer asked for until",
        ReplyBy,
        "UTC. Empty: in 72 hours, the least that anybody is given.",
    );
    Some(match kind {
        C::ReporterWrites | C::ReadIdentity | C::AddAttachment => return None,
        // What a participant does for itself.
        C::SignTerms | C::DeclineTerms | C::LeaveCase | C::ParticipantWrites => return None,
        C::ProposeEmbargo => {
            const {
                &[
                    f("terms", "Terms", FreshId),
                    h(
                        "ends_at",
                        "Embargo ends at",
                        Instant,
                        "UTC, to the minute. It ends then by itself.",
                    ),
                    REASON,
                    REPLY_BY,
                    h(
                        "revisions_allowed",
                        "Extensions at most",
                        Number,
                        "0 to 5; asked for the first terms only.",
                    ),
                    f(
                        "lead_rules",
                        "A lead may rule on an extension when answers stay out",
                        Flag,
                    ),
                    h(
                        "carve_outs",
                        "What stays allowed",
                        Text,
                        "Read by invited parties before they sign: say nothing of the flaw.",
                    ),
                ]
            }
        }
        C::AgreeEmbargo => {
            const {
                &[
                    f("terms", "Terms", Proposal),
                    h(
                        "reason",
                        "Reason",
                        Line,
                        "Needed where you rule over a missing answer.",
                    ),
                ]
            }
        }
        C::RejectEmbargo | C::WithdrawProposal => {
            const { &[f("terms", "Terms", Proposal), REASON] }
        }
        C::EndEmbargo => const { &[f("cause", "Cause", Words(end_causes)), REASON] },
        C::InviteParty => {
            const {
                &[
                    f("participant", "Participant", FreshId),
                    f("party", "Party", Party),
                    f("roles", "Takes part as", Several(participant_roles)),
                    f("need", "Why it has to know", Words(needs)),
                    h(
                        "reason",
                        "Reason in words",
                        Line,
                        "For our record; the party does not see it.",
                    ),
                    h(
                        "component",
                        "Component",
                        Line,
                        "The party reads this line and the next two before it signs.",
                    ),
                    f("versions", "Versions", Line),
                    h(
                        "note",
                        "Note",
                        Line,
                        "In common words; nothing that tells of the flaw.",
                    ),
                    REPLY_BY,
                ]
            }
        }
        C::RenewInvitation => {
            const {
                &[
                    f("participant", "Participant", Participant),
                    REPLY_BY,
                    REASON,
                ]
            }
        }
        C::GiveGuestLink => {
            const {
                &[
                    f("participant", "Participant", Participant),
                    f("link", "Link", FreshId),
                    f("name", "Name of the person", Line),
                    h("mail", "Mail address", Line, "The link goes there at once."),
                    REASON,
                ]
            }
        }
        C::RevokeGuestLink => const { &[f("link", "Whose link", GuestLink), REASON] },
        C::RemoveParticipant => const { &[f("participant", "Participant", Participant), REASON] },
        C::ReportStanding => {
            const {
                &[
                    f("participant", "Participant", Participant),
                    f("step", "It says", Words(participant_steps)),
                    f("note", "Note", Line),
                ]
            }
        }
        C::ShareBrief => {
            const {
                &[h(
                    "text",
                    "What participants read",
                    Text,
                    "Shown to whoever signed the terms in force, and to nobody else.",
                )]
            }
        }
        C::WriteToParticipants => {
            const {
                &[
                    f("participant", "To", OptionalParticipant),
                    f("body", "Message", Text),
                ]
            }
        }
        C::Acknowledge => {
            const {
                &[
                    f("report", "Report", Report),
                    h(
                        "body",
                        "Message to the reporter",
                        Text,
                        "Only this stops the seven-day clock.",
                    ),
                ]
            }
        }
        C::SendToReporter => {
            const {
                &[
                    f("report", "Report", Report),
                    f("purpose", "It is", Words(purposes)),
                    f("body", "Message to the reporter", Text),
                ]
            }
        }
        C::SetCredit => {
            const {
                &[
                    f("report", "Report", Report),
                    h(
                        "credit",
                        "Name to credit",
                        OptionalLine,
                        "Empty: no credit.",
                    ),
                ]
            }
        }
        C::RecordNoContact => const { &[f("report", "Report", Report), REASON] },
        C::Comment => {
            const {
                &[
                    f("audience", "For", Words(audiences)),
                    f("body", "Comment", Text),
                ]
            }
        }
        C::Assign => const { &[f("owner", "Owner", Person)] },
        C::AddMember => {
            const {
                &[
                    f("user", "Person", Person),
                    f("role", "As", Words(case_roles)),
                    REASON,
                ]
            }
        }
        C::RemoveMember => const { &[f("user", "Person", Person), REASON] },
        C::Restrict
        | C::Unrestrict
        | C::RecallAdvisory
        | C::WithdrawGo
        | C::ReviseAdvisory
        | C::Reopen => const { &[REASON] },
        C::SetTitle => const { &[f("title", "Title", Line)] },
        C::SetTlp => {
            const {
                &[
                    f("tlp", "Label", Words(tlps)),
                    h("reason", "Reason", Line, "Needed to lower the label."),
                ]
            }
        }
        C::SetEmbargoDate => {
            const {
                &[
                    h(
                        "until",
                        "Until (UTC)",
                        OptionalInstant,
                        "Empty clears the date.",
                    ),
                    REASON,
                ]
            }
        }
        C::StartVerification | C::StartRemediation | C::SubmitAdvisory | C::GiveGo | C::Publish => {
            const { &[] }
        }
        C::RecordVerification => {
            const {
                &[
                    h(
                        "environment",
                        "Environment",
                        Line,
                        "Hardware, system, settings",
                    ),
                    f("build", "Build", Line),
                    f("steps", "Steps and what happened", Text),
                    f("verdict", "Verdict", Words(verdicts)),
                    f("note", "Note", Text),
                ]
            }
        }
        C::Score => const { &[h("vector", "CVSS vector", Line, "CVSS:4.0/… or CVSS:3.1/…")] },
        C::AssessPriority => {
            const {
                &[
                    f("exploitation", "Exploitation", Words(exploitations)),
                    f("utility", "Utility", Words(utilities)),
                    f(
                        "technical_impact",
                        "Technical impact",
                        Words(technical_impacts),
                    ),
                    f(
                        "public_safety",
                        "Public safety impact",
                        Words(public_safety),
                    ),
                ]
            }
        }
        C::SetPriority => const { &[f("priority", "Priority", Words(priorities)), REASON] },
        C::SetWeakness => const { &[h("cwe", "CWE id", Line, "Such as CWE-787")] },
        C::RecordRootCause => const { &[f("text", "Root cause", Text)] },
        C::RecordVariant => {
            const {
                &[
                    f("looked_at", "What was looked at", Line),
                    f("affected", "It is affected", Flag),
                    f("note", "Note", Text),
                ]
            }
        }
        C::SetAffected => {
            const {
                &[
                    f("product", "Product", Product),
                    f("versions", "Versions", Line),
                    f("status", "Status", Words(affectednesses)),
                    f("fixed_versions", "Fixed versions", Line),
                    f(
                        "justification",
                        "Justification, if not affected",
                        OptionalWords(justifications),
                    ),
                    f("note", "Note", Text),
                ]
            }
        }
        C::SetCve => const { &[h("cve", "CVE id", Line, "CVE-2026-12345")] },
        C::DecideRemediation => {
            const {
                &[
                    f("remediation", "", FreshId),
                    f("remedy", "Kind", Words(remedies)),
                    f("products", "For", CaseProducts),
                    f("description", "What users will do or get", Text),
                    f("rationale", "Why this one", Text),
                    f("interim", "It is interim; a complete one follows", Flag),
                    h(
                        "upgrade_path",
                        "Upgrade path",
                        Text,
                        "Needed where no fix is planned.",
                    ),
                ]
            }
        }
        C::ProduceRemediation => {
            const {
                &[
                    f("remediation", "Remediation", Remediation),
                    h("artefact", "Commit, build or document", Line, ""),
                ]
            }
        }
        C::TestRemediation => {
            const {
                &[
                    f("remediation", "Remediation", Remediation),
                    f("platform", "Platform", Line),
                    f("passed", "It passed", Flag),
                    h("note", "Note", Text, "Needed for a failed test."),
                ]
            }
        }
        C::MakeAvailable => {
            const {
                &[
                    f("remediation", "Remediation", Remediation),
                    f("url", "Where users get it", Line),
                ]
            }
        }
        C::DropRemediation => const { &[f("remediation", "Remediation", Remediation), REASON] },
        C::PrepareRelease => {
            const {
                &[
                    f("path", "Path", Words(paths)),
                    h(
                        "early_reason",
                        "Reason for an early release",
                        Line,
                        "Empty: every product has its tested remediation.",
                    ),
                ]
            }
        }
        C::DraftAdvisory => {
            const {
                &[
                    f("title", "Title", Line),
                    f("summary", "Summary", Text),
                    f("description", "Description", Text),
                    f("impact", "Impact", Text),
                    f("acknowledgement", "Acknowledgement", Line),
                    h("references", "References", Addresses, "One address a line"),
                    h("change", "What changed", Line, "For revisions"),
                ]
            }
        }
        C::LegalReview => {
            const {
                &[
                    f("approved", "Approved", Flag),
                    h("comment", "Comment", Text, "Needed to reject."),
                ]
            }
        }
        C::AddTask => {
            const {
                &[
                    f("task", "", FreshId),
                    f("kind", "Kind", Words(task_kinds)),
                    f("title", "Task", Line),
                    f("owner", "Owner", OptionalPerson),
                    f("due", "Due (UTC)", Instant),
                ]
            }
        }
        C::CompleteTask => const { &[f("task", "Task", Task), f("result", "Result", Line)] },
        C::CancelTask => const { &[f("task", "Task", Task), REASON] },
        C::TickChecklist => {
            const {
                &[
                    f("item", "Item", ChecklistItem),
                    f("done", "Done", Flag),
                    f("note", "Note", Line),
                ]
            }
        }
        C::RecordPublicity => {
            const {
                &[
                    f("publicity", "It is", Words(publicities)),
                    h("evidence", "Where it was seen", Line, ""),
                ]
            }
        }
        C::RecordExploitation => const { &[f("evidence", "What shows it", Text)] },
        C::DecidePublicity => const { &[f("end_embargo", "End the embargo date", Flag), REASON] },
        C::PauseClock => const { &[f("clock", "Clock", Words(clocks)), REASON] },
        C::ResumeClock => const { &[f("clock", "Clock", Words(clocks))] },
        C::ExplainBreach => const { &[f("clock", "Clock", Words(clocks)), REASON] },
        C::EraseIdentity => const { &[f("report", "Report", Report), REASON] },
        C::Exit => {
            const {
                &[
                    f("reason", "Exit", Words(exits)),
                    f("note", "Why, for the record", Text),
                    h(
                        "notice",
                        "Notice to the reporter",
                        Text,
                        "Kind and clear; it is sent.",
                    ),
                    h(
                        "duplicate_of",
                        "Duplicate of case number",
                        OptionalCaseNumber,
                        "",
                    ),
                    f("siblings_checked", "Supported siblings were checked", Flag),
                    f("handed_to", "Handed to vendor", Line),
                ]
            }
        }
        C::MergeInto => const { &[f("target", "Case number", CaseNumber), REASON] },
        C::Complete => const { &[f("note", "Note", Text)] },
    })
}

/// An instant in UTC as the command wants it.
fn instant(text: &str) -> Option<i64> {
    crate::time_text::parse_utc(text).map(|t| t.0)
}

/// What is wrong with a form: the field, or nothing where it is the whole form, and the remedy.
pub type Wrong = (String, String);

/// Makes the command of a form that was sent, or names everything that is wrong with it at once.
/// `cases` answers the ids behind case numbers, and `fresh` is the id for a thing that the command
/// makes.
pub fn parse(
    kind: CommandKind,
    sent: &HashMap<String, String>,
    cases: &HashMap<String, uuid::Uuid>,
    fresh: uuid::Uuid,
) -> Result<Command, Vec<Wrong>> {
    let Some(fields) = fields(kind) else {
        return Err(vec![(
            String::new(),
            "There is no form for this.".to_owned(),
        )]);
    };
    let mut body = Map::new();
    body.insert("command".to_owned(), json!(kind.as_str()));
    let mut wrong = Vec::new();
    for field in fields {
        let text = sent.get(field.name).map_or("", |s| s.as_str());
        match value(field, text, cases, fresh) {
            Ok(value) => {
                body.insert(field.name.to_owned(), value);
            }
            Err(remedy) => wrong.push((field.name.to_owned(), remedy.to_owned())),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    serde_json::from_value(Value::Object(body)).map_err(|e| vec![(String::new(), e.to_string())])
}

/// The value of one field, or what to do about it.
fn value(
    field: &Field,
    text: &str,
    cases: &HashMap<String, uuid::Uuid>,
    fresh: uuid::Uuid,
) -> Result<Value, &'static str> {
    let list = |pieces: std::str::Split<'_, char>| -> Vec<String> {
        pieces
            .map(|s| s.trim().to_owned())
            .filter(|s| !s.is_empty())
            .collect()
    };
    let case = || cases.get(field.name).ok_or("There is no such case.");
    Ok(match field.kind {
        Kind::Flag => json!(text == "1"),
        Kind::Instant => {
            json!(instant(text).ok_or("Give a date and time, such as 2026-11-16 09:12.")?)
        }
        Kind::OptionalInstant
        | Kind::OptionalWords(_)
        | Kind::OptionalPerson
        | Kind::OptionalLine
        | Kind::OptionalCaseNumber
        | Kind::OptionalParticipant
            if text.trim().is_empty() =>
        {
            Value::Null
        }
        Kind::OptionalInstant => json!(
            instant(text).ok_or("Give a date and time, such as 2026-11-16 09:12, or nothing.")?
        ),
        Kind::CaseNumber | Kind::OptionalCaseNumber => json!(case()?),
        Kind::Addresses => json!(list(text.split('\n'))),
        Kind::CaseProducts => json!(list(text.split(','))),
        Kind::FreshId => json!(fresh),
        Kind::Number if text.trim().is_empty() => json!(0),
        Kind::Number => json!(
            text.trim()
                .parse::<u32>()
                .map_err(|_| "Give a whole number.")?
        ),
        Kind::ReplyBy if text.trim().is_empty() => json!(0),
        Kind::ReplyBy => json!(
            instant(text).ok_or("Give a date and time, such as 2026-11-16 09:12, or nothing.")?
        ),
        Kind::Several(_) => json!(list(text.split(','))),
        Kind::Report
        | Kind::Person
        | Kind::Product
        | Kind::Remediation
        | Kind::Task
        | Kind::Words(_)
        | Kind::ChecklistItem
        | Kind::Party
        | Kind::Participant
        | Kind::GuestLink
        | Kind::Proposal
            if text.is_empty() =>
        {
            return Err("Choose one.");
        }
        _ => json!(text),
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn sample(kind: Kind) -> String {
        match kind {
            Kind::Flag => "1".to_owned(),
            Kind::Instant | Kind::OptionalInstant | Kind::ReplyBy => "2026-11-16 09:12".to_owned(),
            Kind::Words(list) | Kind::OptionalWords(list) => list().first().unwrap().0.clone(),
            Kind::Report
            | Kind::Person
            | Kind::OptionalPerson
            | Kind::Product
            | Kind::CaseProducts
            | Kind::Remediation
            | Kind::Party
            | Kind::Participant
            | Kind::OptionalParticipant
            | Kind::GuestLink
            | Kind::Proposal
            | Kind::Task => uuid::Uuid::from_u128(1).to_string(),
            Kind::Several(list) => list().first().unwrap().0.clone(),
            Kind::Number => "2".to_owned(),
            Kind::Addresses => "https://a.example\nhttps://b.example".to_owned(),
            _ => "17".to_owned(),
        }
    }

    #[test]
    fn every_form_makes_its_command() {
        for kind in CommandKind::ALL {
            let Some(fields) = fields(*kind) else {
                continue;
            };
            let sent: HashMap<String, String> = fields
                .iter()
                .map(|f| (f.name.to_owned(), sample(f.kind)))
                .collect();
            let cases: HashMap<String, uuid::Uuid> = fields
                .iter()
                .map(|f| (f.name.to_owned(), uuid::Uuid::from_u128(2)))
                .collect();
            let command = parse(*kind, &sent, &cases, uuid::Uuid::from_u128(3));
            assert_eq!(
                command.as_ref().map(Command::kind),
                Ok(*kind),
                "{command:?}"
            );
        }
    }

    #[test]
    fn staff_have_a_form_for_all_but_what_others_do() {
        let without: Vec<&str> = CommandKind::ALL
            .iter()
            .filter(|k| fields(**k).is_none())
            .map(|k| k.as_str())
            .collect();
        assert_eq!(
            without,
            [
                "reporter_writes",
                "read_identity",
                "add_attachment",
                "sign_terms",
                "decline_terms",
                "leave_case",
                "participant_writes"
            ]
        );
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = parse(
            CommandKind::AddTask,
            &HashMap::new(),
            &HashMap::new(),
            uuid::Uuid::from_u128(3),
        )
        .unwrap_err();
        let fields: Vec<&str> = wrong.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["kind", "due"]);
    }
}
