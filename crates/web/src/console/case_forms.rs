//! The forms of a case page, filled with what the case has to choose from.

use super::Fields;
use super::forms::{self, Kind, Wrong};
use entente_domain::case::Case;
use entente_domain::checklist;
use entente_domain::command::CommandKind;
use entente_domain::ids::PartyId;
use entente_domain::kinds::{Affectedness, RemediationState};
use entente_service::cases::{ActionState, CaseFile};

/// A field as the template draws it.
#[derive(Clone, Debug)]
pub struct FieldView {
    /// Its name.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// How it is drawn: line, text, flag, select, instant, hidden.
    pub draw: &'static str,
    /// What is in it.
    pub value: String,
    /// What can be chosen: value, words, chosen.
    pub options: Vec<(String, String, bool)>,
    /// A hint.
    pub help: &'static str,
    /// What is wrong with what was typed.
    pub problem: Option<String>,
}

/// A form that came back: what was typed, and what is wrong with it.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The command.
    pub kind: CommandKind,
    /// What was typed.
    pub fields: &'a Fields,
    /// What is wrong, by field; without a field it is the whole form.
    pub wrong: &'a [Wrong],
}

/// A command with its form, or with the reason why it is closed.
#[derive(Clone, Debug)]
pub struct ActionView {
    /// The word of the command.
    pub word: &'static str,
    /// Its label.
    pub label: &'static str,
    /// Its fields.
    pub fields: Vec<FieldView>,
    /// Why it is closed: why, remedy, rule.
    pub closed: Option<(String, String, String)>,
    /// What was wrong with the form that was just sent.
    pub problem: Option<String>,
    /// The version of the case that the form was drawn from: on another one it asks to look again.
    pub seen: u64,
    /// The key that opens it.
    pub key: &'static str,
}

/// Commands by subject, in the order of the process.
const GROUPS: [(&str, &[CommandKind]); 7] = {
    use CommandKind as C;
    [
        (
            "Talk",
            &[
                C::Acknowledge,
                C::SendToReporter,
                C::Comment,
                C::RecordNoContact,
                C::SetCredit,
            ],
        ),
        (
            "Verify and assess",
            &[
                C::StartVerification,
                C::RecordVerification,
                C::Score,
                C::AssessPriority,
                C::SetPriority,
                C::SetWeakness,
                C::SetAffected,
                C::RecordRootCause,
                C::RecordVariant,
                C::SetCve,
                C::TickChecklist,
            ],
        ),
        (
            "Remediate",
            &[
                C::StartRemediation,
                C::DecideRemediation,
                C::ProduceRemediation,
                C::TestRemediation,
                C::MakeAvailable,
                C::DropRemediation,
            ],
        ),
        (
            "Release",
            &[
                C::PrepareRelease,
                C::DraftAdvisory,
                C::SubmitAdvisory,
                C::LegalReview,
                C::GiveGo,
                C::WithdrawGo,
                C::RecallAdvisory,
                C::Publish,
                C::ReviseAdvisory,
            ],
        ),
        (
            "After release",
            &[C::AddTask, C::CompleteTask, C::CancelTask, C::Complete],
        ),
        (
            "Facts and clocks",
            &[
                C::RecordPublicity,
                C::RecordExploitation,
                C::DecidePublicity,
                C::SetEmbargoDate,
                C::PauseClock,
                C::ResumeClock,
                C::ExplainBreach,
            ],
        ),
        (
            "The case itself",
            &[
                C::Assign,
                C::AddMember,
                C::RemoveMember,
                C::Restrict,
                C::Unrestrict,
                C::SetTitle,
                C::SetTlp,
                C::Exit,
                C::MergeInto,
                C::Reopen,
                C::EraseIdentity,
            ],
        ),
    ]
};

/// Commands of the room of a case: they stand on a page of their own.
const ROOM: [(&str, &[CommandKind]); 3] = {
    use CommandKind as C;
    [
        (
            "Parties",
            &[
                C::InviteParty,
                C::RenewInvitation,
                C::GiveGuestLink,
                C::RevokeGuestLink,
                C::RemoveParticipant,
                C::ReportStanding,
            ],
        ),
        (
            "Embargo",
            &[
                C::ProposeEmbargo,
                C::AgreeEmbargo,
                C::RejectEmbargo,
                C::WithdrawProposal,
                C::EndEmbargo,
            ],
        ),
        ("Talk", &[C::ShareBrief, C::WriteToParticipants]),
    ]
};

/// Whether a command stands on the page of the room.
pub fn of_room(kind: CommandKind) -> bool {
    ROOM.iter().any(|(_, kinds)| kinds.contains(&kind))
}

/// Every action of the case page by subject.
pub fn groups(file: &CaseFile, sent: Option<Sent<'_>>) -> Vec<(&'static str, Vec<ActionView>)> {
    listed(&GROUPS, file, sent)
}

/// Every action of the page of the room by subject.
pub fn room_groups(
    file: &CaseFile,
    sent: Option<Sent<'_>>,
) -> Vec<(&'static str, Vec<ActionView>)> {
    listed(&ROOM, file, sent)
}

fn listed(
    groups: &[(&'static str, &[CommandKind])],
    file: &CaseFile,
    sent: Option<Sent<'_>>,
) -> Vec<(&'static str, Vec<ActionView>)> {
    groups
        .iter()
        .map(|(name, kinds)| {
            (
                *name,
                kinds
                    .iter()
                    .filter_map(|k| action(file, *k, sent))
                    .collect(),
            )
        })
        .collect()
}

/// One action, if there is a form for it.
pub fn action(file: &CaseFile, kind: CommandKind, sent: Option<Sent<'_>>) -> Option<ActionView> {
    let fields = forms::fields(kind)?;
    let state: Option<&ActionState> = file.actions.iter().find(|a| a.kind == kind);
    let closed = state
        .and_then(|s| s.refusal.as_ref())
        .map(|r| (r.why.clone(), r.remedy.clone(), r.rule.to_string()));
    let typed = sent.filter(|s| s.kind == kind);
    let views: Vec<FieldView> = fields
        .iter()
        .map(|field| {
            let value = typed.map_or_else(
                || preset(&file.case, kind, field.name),
                |s| super::field(s.fields, field.name).to_owned(),
            );
            let wrong = typed
                .and_then(|s| s.wrong.iter().find(|(name, _)| name == field.name))
                .map(|(_, remedy)| remedy.clone());
            view(file, kind, field, value, wrong)
        })
        .collect();
    // What belongs to no field that is drawn is said above the form.
    let drawn = |name: &str| views.iter().any(|v| v.name == name && v.draw != "none");
    let problem = typed.map(|s| {
        let general: Vec<&str> = s
            .wrong
            .iter()
            .filter(|(name, _)| !drawn(name))
            .map(|(_, text)| text.as_str())
            .collect();
        if general.is_empty() {
            "Correct the fields that are marked.".to_owned()
        } else {
            general.join(" ")
        }
    });
    Some(ActionView {
        word: kind.as_str(),
        label: kind.label(),
        fields: views,
        closed,
        problem,
        seen: file.case.version,
        key: match kind {
            CommandKind::Assign => "a",
            CommandKind::Comment => "c",
            CommandKind::Exit => "e",
            CommandKind::SendToReporter => "r",
            _ => "",
        },
    })
}

/// What a form begins with: the case's own words, so that nothing is typed twice.
fn preset(case: &Case, kind: CommandKind, name: &str) -> String {
    use CommandKind as C;
    match (kind, name) {
        (C::ShareBrief, "text") => case.room.brief.clone(),
        (C::ProposeEmbargo, "revisions_allowed") => "1".to_owned(),
        (C::ProposeEmbargo, "carve_outs") => case
            .room
            .embargo
            .terms
            .as_ref()
            .map(|t| t.carve_outs.clone())
            .unwrap_or_default(),
        (C::InviteParty, "component") => case
            .room
            .participants
            .last()
            .map(|p| p.component.clone())
            .unwrap_or_default(),
        (C::InviteParty, "versions") => case
            .room
            .participants
            .last()
            .map(|p| p.versions.clone())
            .unwrap_or_default(),
        (C::SetTitle, "title") => case.title.clone(),
        (C::SetCve, "cve") => case.cve.clone().unwrap_or_default(),
        (C::SetWeakness, "cwe") => case.cwe.as_ref().map(|(id, _)| id.clone()).unwrap_or_default(),
        (C::RecordRootCause, "text") => case.root_cause.clone().unwrap_or_default(),
        (C::Acknowledge, "body") => "Thank you for your report. We have read it and are looking into it. We will write again when we know more, at the latest by the date that you see beside this thread.".to_owned(),
        (C::DraftAdvisory, field) => case.advisory.as_ref().map_or_else(
            || match field {
                "title" => case.title.clone(),
                "impact" => case.reports.first().map(|r| r.form.impact.clone()).unwrap_or_default(),
                "acknowledgement" => {
                    let names: Vec<&str> = case.reports.iter().filter_map(|r| r.credit.as_deref()).collect();
                    if names.is_empty() { String::new() } else { format!("We thank {}.", names.join(", ")) }
                }
                _ => String::new(),
            },
            |a| match field {
                "title" => a.title.clone(),
                "summary" => a.summary.clone(),
                "description" => a.description.clone(),
                "impact" => a.impact.clone(),
                "acknowledgement" => a.acknowledgement.clone(),
                "references" => a.references.join("\n"),
                _ => String::new(),
            },
        ),
        _ => String::new(),
    }
}

/// The participants that a command can be about.
fn participants(case: &Case, kind: CommandKind) -> Vec<(String, String)> {
    use entente_domain::coordination::room::Standing as S;
    let fits = |s: S| match kind {
        CommandKind::RenewInvitation => s != S::Joined,
        CommandKind::GiveGuestLink => matches!(s, S::Invited | S::Joined),
        CommandKind::RemoveParticipant => !matches!(s, S::Left | S::Removed),
        _ => s == S::Joined,
    };
    let all = case.room.participants.iter();
    all.filter(|p| fits(p.standing))
        .map(|p| (p.id.to_string(), p.name.clone()))
        .collect()
}

fn view(
    file: &CaseFile,
    kind: CommandKind,
    field: &forms::Field,
    value: String,
    problem: Option<String>,
) -> FieldView {
    let case = &file.case;
    let choose = |list: Vec<(String, String)>, empty: bool| -> Vec<(String, String, bool)> {
        let none = empty.then(|| (String::new(), "—".to_owned(), value.is_empty()));
        none.into_iter()
            .chain(list.into_iter().map(|(v, l)| {
                let chosen = v == value;
                (v, l, chosen)
            }))
            .collect()
    };
    let people = || {
        file.people
            .iter()
            .map(|p| (p.id.to_string(), p.name.clone()))
            .collect::<Vec<_>>()
    };
    let (draw, options) = match field.kind {
        Kind::Text | Kind::Addresses => ("text", Vec::new()),
        Kind::Flag => ("flag", Vec::new()),
        Kind::Instant | Kind::OptionalInstant => ("instant", Vec::new()),
        Kind::FreshId => ("none", Vec::new()),
        Kind::Words(list) => ("select", choose(list(), false)),
        Kind::OptionalWords(list) => ("select", choose(list(), true)),
        Kind::Person => ("select", choose(people(), false)),
        Kind::OptionalPerson => ("select", choose(people(), true)),
        Kind::Product => (
            "select",
            choose(
                file.products
                    .iter()
                    .map(|p| (p.id.to_string(), p.name.clone()))
                    .collect(),
                false,
            ),
        ),
        Kind::CaseProducts => {
            let affected: Vec<_> = case
                .affected
                .iter()
                .filter(|a| a.status != Affectedness::NotAffected)
                .collect();
            let mut list: Vec<(String, String)> = Vec::new();
            if affected.len() > 1 {
                let all: Vec<String> = affected.iter().map(|a| a.product.to_string()).collect();
                list.push((all.join(","), "All affected products".to_owned()));
            }
            list.extend(
                affected
                    .iter()
                    .map(|a| (a.product.to_string(), a.product_name.clone())),
            );
            ("select", choose(list, false))
        }
        Kind::Report => {
            let waiting = |r: &&entente_domain::case::Report| match kind {
                CommandKind::Acknowledge => r.acknowledged_at.is_none() && r.reachable(),
                CommandKind::SendToReporter | CommandKind::RecordNoContact => r.reachable(),
                _ => true,
            };
            let list = case
                .reports
                .iter()
                .filter(waiting)
                .map(|r| {
                    (
                        r.id.to_string(),
                        format!("R-{} ({})", r.number, r.source.label()),
                    )
                })
                .collect();
            ("select", choose(list, false))
        }
        Kind::Remediation => {
            let fits = |s: RemediationState| match kind {
                CommandKind::ProduceRemediation => s == RemediationState::Decided,
                CommandKind::TestRemediation => {
                    matches!(s, RemediationState::Produced | RemediationState::Tested)
                }
                CommandKind::MakeAvailable => s == RemediationState::Tested,
                _ => !matches!(s, RemediationState::Available | RemediationState::Dropped),
            };
            let list = case
                .remediations
                .iter()
                .filter(|r| fits(r.state))
                .map(|r| {
                    let short: String = r.description.chars().take(60).collect();
                    (r.id.to_string(), format!("{}: {short}", r.remedy.label()))
                })
                .collect();
            ("select", choose(list, false))
        }
        Kind::Task => {
            let list = case
                .tasks
                .iter()
                .filter(|t| t.ended.is_none())
                .map(|t| (t.id.to_string(), t.title.clone()))
                .collect();
            ("select", choose(list, false))
        }
        Kind::ChecklistItem => {
            let list = checklist::of_stage(case.process_version, case.stage)
                .map(|i| {
                    let done = case.checklist.iter().any(|(id, done)| id == i.id && *done);
                    let mark = if done { "✓ " } else { "" };
                    (i.id.to_owned(), format!("{mark}{}", i.text))
                })
                .collect();
            ("select", choose(list, false))
        }
        Kind::Line
        | Kind::OptionalLine
        | Kind::CaseNumber
        | Kind::OptionalCaseNumber
        | Kind::Number => ("line", Vec::new()),
        Kind::ReplyBy => ("instant", Vec::new()),
        Kind::Several(list) => ("select", choose(list(), false)),
        Kind::Party => {
            let invited = |id: &PartyId| case.room.participants.iter().any(|p| p.party == *id);
            let free = file.parties.iter().filter(|p| !invited(&p.id));
            let list = free.map(|p| (p.id.to_string(), p.name.clone())).collect();
            ("select", choose(list, false))
        }
        Kind::Participant => ("select", choose(participants(case, kind), false)),
        Kind::OptionalParticipant => {
            let mut list = choose(participants(case, kind), true);
            if let Some(first) = list.first_mut() {
                "All who may read".clone_into(&mut first.1);
            }
            ("select", list)
        }
        Kind::GuestLink => {
            let list = case
                .room
                .participants
                .iter()
                .flat_map(|p| p.links.iter().map(move |l| (p, l)))
                .filter(|(_, l)| l.until.is_none())
                .map(|(p, l)| (l.id.to_string(), format!("{} ({})", l.name, p.name)))
                .collect();
            ("select", choose(list, false))
        }
        Kind::Proposal => {
            let mut open: Vec<_> = case.room.embargo.open.iter().collect();
            open.sort_by_key(|o| o.terms.ends_at);
            let list = open
                .iter()
                .map(|o| {
                    let end = crate::time_text::utc(o.terms.ends_at);
                    (o.terms.id.to_string(), format!("Until {end}"))
                })
                .collect();
            ("select", choose(list, false))
        }
    };
    FieldView {
        name: field.name,
        label: field.label,
        draw,
        value,
        options,
        help: field.help,
        problem,
    }
}

/// The command that the next step asks for first.
pub fn next_command(case: &Case) -> Option<CommandKind> {
    use CommandKind as C;
    use entente_domain::kinds::Stage;
    use entente_domain::summary::{NextStep as N, next_step};
    Some(match next_step(case) {
        N::Acknowledge => C::Acknowledge,
        N::Reply | N::TellResult => C::SendToReporter,
        N::Verify if case.stage == Stage::Receipt => C::StartVerification,
        N::Verify => C::RecordVerification,
        N::Assess if case.scores.is_empty() => C::Score,
        N::Assess => C::AssessPriority,
        N::MapProducts => C::SetAffected,
        N::DecideRemediation if case.stage == Stage::Verification => {
            let open = checklist::of_stage(case.process_version, case.stage).any(|i| {
                i.required && !case.checklist.iter().any(|(id, done)| id == i.id && *done)
            });
            if open {
                C::TickChecklist
            } else {
                C::StartRemediation
            }
        }
        N::DecideRemediation => C::DecideRemediation,
        N::FinishRemediation => {
            if case
                .remediations
                .iter()
                .any(|r| r.state == RemediationState::Decided)
            {
                C::ProduceRemediation
            } else {
                C::TestRemediation
            }
        }
        N::DraftAdvisory if case.stage == Stage::RemediationDevelopment => C::PrepareRelease,
        N::DraftAdvisory => {
            if case.advisory.is_some() {
                C::SubmitAdvisory
            } else {
                C::DraftAdvisory
            }
        }
        N::ApproveAdvisory => C::GiveGo,
        N::Publish => C::Publish,
        N::FollowUp => C::Complete,
        N::DecidePublicity => C::DecidePublicity,
        N::AwaitAnswer | N::Nothing => return None,
    })
}
