//! Who may give a command at all: offices, parts in the case, and the closed list of what
//! background work may do. What must have happened before stands in `gate.rs`.

use crate::access::{Action, Resource, Role, SystemViewer, Viewer, may};
use crate::case::Case;
use crate::command::CommandKind as C;
use crate::entry::Contact;
use crate::kinds::CaseRole;
use crate::rule::{Refusal, RuleId as R};

/// Who may give the command at all.
pub(super) fn allowed(case: &Case, actor: &Viewer, kind: C) -> Result<(), Refusal> {
    let members = case.member_ids();
    let resource = Resource::Case {
        restricted: case.restricted,
        members: &members,
    };
    let need_to_know = || {
        Refusal::new(
            R::NeedToKnow,
            "You have no part in this case.",
            "Ask a PSIRT lead to add you, with a reason.",
        )
    };
    match (kind, actor) {
        (C::ReporterWrites, Viewer::Reporter { report })
            if case
                .report(*report)
                .is_some_and(|r| r.contact != Contact::None) =>
        {
            Ok(())
        }
        (C::ReporterWrites, _) => Err(Refusal::new(
            R::NeedToKnow,
            "Only the reporter writes here.",
            "Use the receipt code.",
        )),
        (C::SetCredit | C::AddAttachment, Viewer::Reporter { report })
            if case.report(*report).is_some() =>
        {
            Ok(())
        }
        (
            C::SignTerms
            | C::DeclineTerms
            | C::LeaveCase
            | C::ReportStanding
            | C::ParticipantWrites
            | C::ProposeEmbargo
            | C::WithdrawProposal,
            Viewer::Guest {
                case: of,
                participant,
            },
        ) if *of == case.id && case.room.participant(*participant).is_some() => Ok(()),
        (_, Viewer::Reporter { .. } | Viewer::Guest { .. } | Viewer::Public) => Err(need_to_know()),
        (C::SignTerms | C::DeclineTerms | C::LeaveCase | C::ParticipantWrites, _) => {
            Err(Refusal::new(
                R::SpeaksForItself,
                "A participant speaks for itself.",
                "Give the party its link; it signs, writes and leaves there.",
            ))
        }
        (C::ReadIdentity | C::EraseIdentity, _) => {
            let vault = Resource::Identity {
                restricted: case.restricted,
                members: &members,
            };
            let action = if kind == C::ReadIdentity {
                Action::Read
            } else {
                Action::Write
            };
            if may(actor, action, vault) {
                Ok(())
            } else {
                Err(Refusal::new(
                    R::IdentityVault,
                    "The identity vault is closed to you.",
                    "Ask an analyst or a lead of this case.",
                ))
            }
        }
        (C::Acknowledge, Viewer::System(_)) => Err(Refusal::new(
            R::HumanAcknowledgement,
            "A person acknowledges.",
            "Sign in and acknowledge the report yourself.",
        )),
        (C::AddMember | C::RemoveMember | C::Unrestrict, _) if !actor.has(Role::Lead) => {
            Err(Refusal::new(
                R::RolesFromLead,
                "A part in a case is given or taken by a PSIRT lead.",
                "Ask a lead.",
            ))
        }
        (
            C::InviteParty
            | C::RenewInvitation
            | C::GiveGuestLink
            | C::RemoveParticipant
            | C::AgreeEmbargo
            | C::RejectEmbargo,
            Viewer::Staff { .. },
        ) if !actor.has(Role::Lead) => Err(Refusal::new(
            R::InvitedByLead,
            "Who is told, and until when it is kept, is a PSIRT lead's decision.",
            "Ask a lead.",
        )),
        (C::EndEmbargo, Viewer::Staff { .. }) if !actor.has(Role::Lead) => Err(Refusal::new(
            R::EndedWithReason,
            "An embargo is ended by a PSIRT lead.",
            "Ask a lead.",
        )),
        (C::LegalReview, _) if !actor.has(Role::Legal) => Err(Refusal::new(
            R::LegalGate,
            "The legal review is legal's word.",
            "Ask someone with the role Legal who is a member of this case.",
        )),
        // The publisher acts for nobody: it only publishes what people approved (INV-4).
        (C::Publish, Viewer::System(SystemViewer::Publisher)) => Ok(()),
        (C::GiveGo | C::WithdrawGo, Viewer::System(_)) => Err(Refusal::new(
            R::TwoPersonGo,
            "A go is given by a person.",
            "Sign in and give it yourself.",
        )),
        // Background work takes files in; whatever else changes a case is asked for by somebody.
        (C::AddAttachment, Viewer::System(SystemViewer::Intake | SystemViewer::Importer)) => Ok(()),
        (_, Viewer::System(_)) => Err(Refusal::new(
            R::NeedToKnow,
            "Background work takes no part in a case.",
            "Sign in and do it yourself.",
        )),
        _ if !may(actor, Action::Write, resource) => Err(need_to_know()),
        _ if observes_only(case, actor) => Err(Refusal::new(
            R::NeedToKnow,
            "You read this case and do not work on it.",
            "Ask a PSIRT lead to make you a member, with a reason.",
        )),
        (C::GiveGo, _) if !may(actor, Action::Approve, resource) => Err(Refusal::new(
            R::TwoPersonGo,
            "A go is given by a lead, an analyst or legal.",
            "Ask one of them.",
        )),
        _ => Ok(()),
    }
}

/// Whether the actor's only way into the case is the part of an observer.
pub(super) fn observes_only(case: &Case, actor: &Viewer) -> bool {
    let by_office = !case.restricted && actor.sees_unrestricted_cases();
    !by_office
        && actor
            .user()
            .is_some_and(|u| case.part(u) == Some(CaseRole::Observer))
}
