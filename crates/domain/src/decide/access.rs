//! Who has a part in the case, and the identity vault.

use super::{Out, report_of, text};
use crate::access::{Role, Viewer};
use crate::clock::ClockKind;
use crate::command::Command;
use crate::entry::Entry;
use crate::ids::UserId;
use crate::kinds::CaseRole;
use crate::rule::{Refusal, RuleId};

pub(super) fn decide(out: &mut Out<'_>, actor: &Viewer, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::Assign { owner } => {
            known(out, *owner, "owner")?;
            // An owner sees the case: taking it oneself, or handing it to a member, opens it to
            // nobody new.
            let inside = actor.user() == Some(*owner) || out.case.member_ids().contains(owner);
            if !inside && !actor.has(Role::Lead) {
                return Err(Refusal::new(
                    RuleId::RolesFromLead,
                    "Somebody without a part in the case gets one from a PSIRT lead.",
                    "Take the case yourself, hand it to a member, or ask a lead.",
                )
                .at("owner"));
            }
            out.push(RuleId::NeedToKnow, Entry::Assigned { owner: *owner });
            out.stop(RuleId::NeedToKnow, ClockKind::Dispatch, None);
        }
        Command::AddMember { user, role, reason } => {
            text("reason", reason)?;
            known(out, *user, "user")?;
            // Whoever has a part may become the owner; the part stays beside it.
            let owns = *role == CaseRole::Owner;
            let has = out.case.members.iter().any(|m| {
                m.user == *user && m.until.is_none() && (m.role == CaseRole::Owner) == owns
            });
            if has {
                return Err(Refusal::new(
                    RuleId::RolesFromLead,
                    "This person has a part already.",
                    "End it first to give another one.",
                )
                .at("user"));
            }
            out.push_because(
                RuleId::RolesFromLead,
                Entry::MemberAdded {
                    user: *user,
                    role: *role,
                },
                reason,
            );
            if owns {
                out.stop(RuleId::NeedToKnow, ClockKind::Dispatch, None);
            }
        }
        Command::RemoveMember { user, reason } => {
            text("reason", reason)?;
            if !out.case.member_ids().contains(user) {
                return Err(Refusal::new(
                    RuleId::NeedToKnow,
                    "This person has no part in the case.",
                    "Name a member.",
                )
                .at("user"));
            }
            let somebody_left = out
                .case
                .member_ids()
                .iter()
                .any(|m| m != user && out.case.part(*m) != Some(CaseRole::Observer));
            if out.case.restricted && !somebody_left {
                return Err(Refusal::new(
                    RuleId::NeedToKnow,
                    "Nobody would be left to work on this restricted case.",
                    "Add another member first, or lift the restriction.",
                )
                .at("user"));
            }
            out.push_because(
                RuleId::RolesFromLead,
                Entry::MemberRemoved { user: *user },
                reason,
            );
        }
        Command::Restrict { reason } => {
            text("reason", reason)?;
            // Whoever restricts must not lock everybody out.
            if let Some(user) = actor.user()
                && matches!(out.case.part(user), None | Some(CaseRole::Observer))
            {
                if out.case.part(user).is_some() {
                    out.push_because(RuleId::NeedToKnow, Entry::MemberRemoved { user }, reason);
                }
                out.push_because(
                    RuleId::NeedToKnow,
                    Entry::MemberAdded {
                        user,
                        role: CaseRole::Member,
                    },
                    reason,
                );
            }
            out.push_because(
                RuleId::NeedToKnow,
                Entry::Restricted { restricted: true },
                reason,
            );
        }
        Command::Unrestrict { reason } => {
            text("reason", reason)?;
            out.push_because(
                RuleId::RolesFromLead,
                Entry::Restricted { restricted: false },
                reason,
            );
        }
        Command::ReadIdentity { report, reason } => {
            text("reason", reason)?;
            if report_of(out.case, *report)?.identity_erased {
                return Err(erased());
            }
            out.push_because(
                RuleId::IdentityVault,
                Entry::IdentityRead { report: *report },
                reason,
            );
        }
        Command::EraseIdentity { report, reason } => {
            text("reason", reason)?;
            if report_of(out.case, *report)?.identity_erased {
                return Err(erased());
            }
            out.push_because(
                RuleId::IdentityVault,
                Entry::IdentityErased { report: *report },
                reason,
            );
        }
        _ => {}
    }
    Ok(())
}

fn erased() -> Refusal {
    Refusal::new(
        RuleId::IdentityVault,
        "This identity was erased.",
        "Nothing is to be done.",
    )
    .at("report")
}

fn known(out: &Out<'_>, user: UserId, field: &'static str) -> Result<(), Refusal> {
    if out.facts.known_users.contains(&user) {
        return Ok(());
    }
    Err(Refusal::new(
        RuleId::NeedToKnow,
        "There is no active account of that id.",
        "Choose an active member of staff.",
    )
    .at(field))
}
