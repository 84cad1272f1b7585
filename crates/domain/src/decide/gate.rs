//! The gate of each command: who may give it, in which stage, and what must have happened.
//! It looks at the kind of the command only, so that the console can ask it beforehand.
//!
//! Long file: one gate for each command, in the order of the process.

use super::{Facts, who};
use crate::access::Viewer;
use crate::case::{AdvisoryState, Case};
use crate::checklist;
use crate::clock::ClockKind;
use crate::command::CommandKind as C;
use crate::kinds::{
    Affectedness, Priority, Publicity, ReleasePath, RemediationState, Stage, TaskKind, Verdict,
};
use crate::rule::{Refusal, RuleId as R};
use crate::time::Timestamp;

/// Whether a command of this kind is open to `actor` now.
pub fn gate(
    case: &Case,
    facts: &Facts,
    actor: &Viewer,
    kind: C,
    now: Timestamp,
) -> Result<(), Refusal> {
    who::allowed(case, actor, kind)?;
    if case.merged_into.is_some() {
        return Err(Refusal::new(
            R::MergeTrace,
            "This case was merged into another one.",
            "Work on the case that it was merged into.",
        ));
    }
    let closed = case.stage == Stage::Closed;
    if closed
        && !matches!(
            kind,
            C::Reopen
                | C::Comment
                | C::ReporterWrites
                | C::SendToReporter
                | C::ReadIdentity
                | C::EraseIdentity
                | C::ExplainBreach
                | C::SetCredit
                | C::RecordPublicity
                | C::RecordExploitation
                | C::DecidePublicity
                | C::AddMember
                | C::RemoveMember
                | C::AddAttachment
                | C::EndEmbargo
                | C::RemoveParticipant
                | C::RevokeGuestLink
                | C::DeclineTerms
                | C::LeaveCase
                | C::WriteToParticipants
                | C::ParticipantWrites
        )
    {
        return Err(Refusal::new(
            R::ClosedCase,
            "This case is closed.",
            "Reopen it first.",
        ));
    }
    steps(case, facts, actor, kind, now)
}

fn in_stage(case: &Case, stages: &[Stage], what: &str) -> Result<(), Refusal> {
    if stages.contains(&case.stage) {
        return Ok(());
    }
    let names: Vec<&str> = stages.iter().map(|s| s.label()).collect();
    Err(Refusal::new(
        R::StageOrder,
        format!("{what} belongs to the stage {}.", names.join(" or ")),
        format!(
            "The case is in the stage {}; finish it first.",
            case.stage.label()
        ),
    ))
}

fn checklist_done(case: &Case) -> Result<(), Refusal> {
    let missing: Vec<&str> = checklist::of_stage(case.process_version, case.stage)
        .filter(|i| i.required && !case.checklist.iter().any(|(id, done)| id == i.id && *done))
        .map(|i| i.text)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(
        R::Checklist,
        "Required items of the checklist are open.",
        format!("Tick: {}.", missing.join("; ")),
    ))
}

fn confirmed(case: &Case) -> Result<(), Refusal> {
    if case.verdict() == Some(Verdict::Confirmed) {
        return Ok(());
    }
    Err(Refusal::new(
        R::Confirmed,
        "The vulnerability is not confirmed.",
        "Record a verification with the verdict Confirmed.",
    ))
}

/// Whether each reporter heard the verdict as it stands (INV-8).
fn result_told(case: &Case) -> Result<(), Refusal> {
    if case
        .reports
        .iter()
        .any(|r| r.reachable() && r.result_told_at.is_none())
    {
        return Err(Refusal::new(
            R::TellResult,
            "A reporter has not been told the result.",
            "Send the verification result, or record why no contact is possible.",
        ));
    }
    Ok(())
}

/// What must have happened before.
#[expect(
    clippy::too_many_lines,
    reason = "one arm for each command, in the order of the process"
)]
fn steps(
    case: &Case,
    facts: &Facts,
    actor: &Viewer,
    kind: C,
    now: Timestamp,
) -> Result<(), Refusal> {
    use Stage as S;
    let advisory_state = case.advisory.as_ref().map(|a| a.state);
    let shown = matches!(
        kind,
        C::Score
            | C::SetWeakness
            | C::SetCve
            | C::SetAffected
            | C::DecideRemediation
            | C::MakeAvailable
            | C::DropRemediation
    );
    if shown && advisory_state == Some(AdvisoryState::InReview) {
        return Err(Refusal::new(
            R::ApprovedText,
            "The advisory that shows this is in review.",
            "Recall it to draft, which takes back every approval.",
        ));
    }
    match kind {
        C::Acknowledge => {
            if case
                .reports
                .iter()
                .any(|r| r.acknowledged_at.is_none() && r.reachable())
            {
                Ok(())
            } else {
                Err(Refusal::new(
                    R::HumanAcknowledgement,
                    "No report of this case waits for an acknowledgement.",
                    "Write a status update instead.",
                ))
            }
        }
        C::SendToReporter => {
            if case.reports.iter().any(crate::case::Report::reachable) {
                Ok(())
            } else {
                Err(Refusal::new(
                    R::KeepInformed,
                    "No reporter of this case can be reached.",
                    "Nothing is owed; the reason is on record.",
                ))
            }
        }
        C::StartVerification => in_stage(case, &[S::Receipt], "Starting verification")
            .and_then(|()| checklist_done(case)),
        // Until something is published it may turn out to be nothing.
        C::RecordVerification => in_stage(
            case,
            &[S::Verification, S::RemediationDevelopment, S::Release],
            "Recording a verification",
        ),
        C::StartRemediation => {
            in_stage(case, &[S::Verification], "Starting remediation development")?;
            confirmed(case)?;
            if case.priority == Priority::Unset {
                return Err(Refusal::new(
                    R::Prioritised,
                    "The priority is not assessed.",
                    "Assess the priority by the SSVC supplier tree.",
                ));
            }
            if !case
                .affected
                .iter()
                .any(|a| matches!(a.status, Affectedness::Affected | Affectedness::Fixed))
            {
                return Err(Refusal::new(
                    R::ProductsMapped,
                    "No affected product is recorded.",
                    "Record at least one affected product with its versions.",
                ));
            }
            result_told(case)?;
            checklist_done(case)
        }
        C::DecideRemediation | C::ProduceRemediation | C::TestRemediation | C::DropRemediation => {
            in_stage(
                case,
                &[S::RemediationDevelopment, S::Release, S::PostRelease],
                "Work on remediations",
            )?;
            if kind != C::DecideRemediation && case.remediations.is_empty() {
                return Err(Refusal::new(
                    R::RemediationOrder,
                    "No remediation was decided.",
                    "Decide on one first.",
                ));
            }
            let needed = match kind {
                C::ProduceRemediation => Some((
                    RemediationState::Decided,
                    "decided and waits for its production",
                )),
                C::TestRemediation => Some((
                    RemediationState::Produced,
                    "produced and waits for its test",
                )),
                _ => None,
            };
            if let Some((state, words)) = needed
                && !case.remediations.iter().any(|r| r.state == state)
            {
                return Err(Refusal::new(
                    R::RemediationOrder,
                    format!("No remediation is {words}."),
                    "Decide, produce and test, in that order.",
                ));
            }
            Ok(())
        }
        C::MakeAvailable => {
            in_stage(
                case,
                &[S::RemediationDevelopment, S::Release, S::PostRelease],
                "Making a remediation available",
            )?;
            if case
                .remediations
                .iter()
                .any(|r| r.state == RemediationState::Tested)
            {
                Ok(())
            } else {
                Err(Refusal::new(
                    R::RemediationOrder,
                    "No tested remediation waits to be made available.",
                    "Record a passed test first.",
                ))
            }
        }
        C::PrepareRelease => {
            in_stage(case, &[S::RemediationDevelopment], "Preparing the release")?;
            // A later verification may have said otherwise.
            confirmed(case)?;
            result_told(case)?;
            checklist_done(case)
        }
        C::DraftAdvisory => {
            in_stage(
                case,
                &[S::RemediationDevelopment, S::Release, S::PostRelease],
                "Drafting the advisory",
            )?;
            if case.imported {
                return Err(Refusal::new(
                    R::ApprovedText,
                    "An imported advisory keeps its original text.",
                    "Revise it where it was written, and import it again.",
                ));
            }
            match advisory_state {
                None | Some(AdvisoryState::Draft) => Ok(()),
                Some(AdvisoryState::InReview) => Err(Refusal::new(
                    R::ApprovedText,
                    "The advisory is in review and its text is fixed.",
                    "Recall it to draft, which takes back every approval.",
                )),
                Some(AdvisoryState::Published) => Err(Refusal::new(
                    R::ApprovedText,
                    "The advisory is published.",
                    "Open a revision first.",
                )),
            }
        }
        C::SubmitAdvisory => {
            in_stage(
                case,
                &[S::Release, S::PostRelease],
                "Submitting the advisory",
            )?;
            if advisory_state == Some(AdvisoryState::Draft) {
                Ok(())
            } else {
                Err(Refusal::new(
                    R::AdvisoryComplete,
                    "There is no draft to submit.",
                    "Draft the advisory first.",
                ))
            }
        }
        C::RecallAdvisory | C::LegalReview | C::GiveGo => {
            if advisory_state != Some(AdvisoryState::InReview) {
                return Err(Refusal::new(
                    R::ApprovedText,
                    "No advisory is in review.",
                    "Submit the draft for review first.",
                ));
            }
            if kind == C::GiveGo
                && let (Some(user), Some(a)) = (actor.user(), &case.advisory)
                && a.goes.contains(&user)
            {
                return Err(Refusal::new(
                    R::TwoPersonGo,
                    "You gave your go already.",
                    "A different person gives the next one.",
                ));
            }
            Ok(())
        }
        C::WithdrawGo => {
            let mine = actor.user().is_some_and(|u| {
                case.advisory
                    .as_ref()
                    .is_some_and(|a| a.state == AdvisoryState::InReview && a.goes.contains(&u))
            });
            if mine {
                Ok(())
            } else {
                Err(Refusal::new(
                    R::TwoPersonGo,
                    "You gave no go that could be taken back.",
                    "Nothing is to be done.",
                ))
            }
        }
        C::Publish => publish(case, facts, now),
        C::ReviseAdvisory => {
            if advisory_state == Some(AdvisoryState::Published) && !case.imported {
                Ok(())
            } else {
                Err(Refusal::new(
                    R::ApprovedText,
                    "No advisory of ours is published that could be revised.",
                    "Publish first.",
                ))
            }
        }
        C::DecidePublicity => {
            if case.publicity_pending {
                Ok(())
            } else {
                Err(Refusal::new(
                    R::PublicityDecision,
                    "No sighting waits for a decision.",
                    "Record publicity or exploitation first.",
                ))
            }
        }
        C::CompleteTask | C::CancelTask => {
            if case.tasks.iter().any(|t| t.ended.is_none()) {
                Ok(())
            } else {
                Err(Refusal::new(
                    R::PostRelease,
                    "No task is open.",
                    "Add one first.",
                ))
            }
        }
        C::PauseClock => {
            if case
                .clocks
                .iter()
                .any(|c| c.is_open() && c.paused.is_none())
            {
                Ok(())
            } else {
                Err(Refusal::new(
                    R::PauseWithReason,
                    "No clock is running.",
                    "Nothing is to be done.",
                ))
            }
        }
        C::ResumeClock => {
            if case
                .clocks
                .iter()
                .any(|c| c.is_open() && c.paused.is_some())
            {
                Ok(())
            } else {
                Err(Refusal::new(
                    R::PauseWithReason,
                    "No clock stands still.",
                    "Nothing is to be done.",
                ))
            }
        }
        C::ExplainBreach => {
            if case
                .clocks
                .iter()
                .any(|c| c.is_breached(now) && c.breach_reason.is_none())
            {
                Ok(())
            } else {
                Err(Refusal::new(
                    R::PauseWithReason,
                    "No clock ran over unexplained.",
                    "Nothing is to be done.",
                ))
            }
        }
        // What is published is maintained and completed; it has no other end.
        C::Exit => in_stage(
            case,
            &[
                S::Receipt,
                S::Verification,
                S::RemediationDevelopment,
                S::Release,
            ],
            "A typed exit",
        ),
        C::MergeInto => {
            in_stage(case, &[S::Receipt, S::Verification], "Merging")?;
            if !case.room.is_untouched() {
                return Err(Refusal::new(
                    R::MergeTrace,
                    "An embargo with other parties was proposed in this case.",
                    "Merge the other case into this one.",
                ));
            }
            if case.publicity_pending {
                return Err(Refusal::new(
                    R::PublicityDecision,
                    "A sighting waits for a decision.",
                    "Decide what it means first; the other case then takes it as decided.",
                ));
            }
            Ok(())
        }
        C::Complete => complete(case, now),
        C::Reopen => {
            if case.stage == S::Closed {
                Ok(())
            } else {
                Err(Refusal::new(
                    R::StageOrder,
                    "The case is open.",
                    "Nothing is to be done.",
                ))
            }
        }
        C::ProposeEmbargo => super::embargo::proposable(case, now),
        C::SetEmbargoDate
            if case.room.embargo.state_at(now) != crate::coordination::EmbargoState::None =>
        {
            Err(Refusal::new(
                R::TermsHoldTheDate,
                "An embargo with other parties holds the date.",
                "Propose other terms, or end the embargo with a reason.",
            ))
        }
        C::AgreeEmbargo | C::RejectEmbargo | C::WithdrawProposal => proposal_open(case, kind, now),
        C::EndEmbargo if case.room.embargo.in_force_at(now).is_none() => Err(Refusal::new(
            R::OneEmbargo,
            "No embargo is in force.",
            "Nothing is to be done.",
        )),
        C::InviteParty | C::SignTerms => terms_there(case, now),
        C::RenewInvitation
        | C::RemoveParticipant
        | C::GiveGuestLink
        | C::RevokeGuestLink
        | C::ShareBrief
            if case.room.is_empty() =>
        {
            Err(Refusal::new(
                R::TermsFirst,
                "Nobody was invited.",
                "Invite a party first.",
            ))
        }
        C::RenewInvitation => terms_there(case, now),
        C::WriteToParticipants
            if !case
                .room
                .participants
                .iter()
                .any(|p| case.room.opens(p.id, now).is_ok()) =>
        {
            Err(Refusal::new(
                R::ConsentGate,
                "No participant has signed the terms in force.",
                "Content is shared once one of them has.",
            ))
        }
        C::Unrestrict if !case.restricted => Err(Refusal::new(
            R::NeedToKnow,
            "The case is not restricted.",
            "Nothing is to be done.",
        )),
        C::Restrict if case.restricted => Err(Refusal::new(
            R::NeedToKnow,
            "The case is restricted already.",
            "Nothing is to be done.",
        )),
        C::RemoveMember if case.member_ids().is_empty() => Err(Refusal::new(
            R::NeedToKnow,
            "Nobody has a part that could end.",
            "Nothing is to be done.",
        )),
        C::TickChecklist
            if checklist::of_stage(case.process_version, case.stage)
                .next()
                .is_none() =>
        {
            Err(Refusal::new(
                R::Checklist,
                "This stage has no checklist.",
                "Nothing is to be done.",
            ))
        }
        _ => Ok(()),
    }
}

/// Whether there are terms that could be signed (VP-08-001).
fn terms_there(case: &Case, now: Timestamp) -> Result<(), Refusal> {
    use crate::coordination::EmbargoState as E;
    let (why, remedy) = match case.room.embargo.state_at(now) {
        E::Proposed | E::Active | E::Revise => return Ok(()),
        E::None => (
            "No embargo is proposed.",
            "Propose its terms first: they are what a party sees and signs.",
        ),
        E::Exited => (
            "The embargo has ended.",
            "Tell others of what is published, or write to them outside this case.",
        ),
    };
    Err(Refusal::new(R::TermsFirst, why, remedy))
}

/// Whether a proposal could be decided on. A new end is agreed before the old one has come
/// (INV-2), and not any more when there is nothing left to keep.
fn proposal_open(case: &Case, kind: C, now: Timestamp) -> Result<(), Refusal> {
    use crate::coordination::EmbargoState as E;
    if case.room.embargo.open.is_empty() {
        return Err(Refusal::new(
            R::ProposalOrder,
            "No proposal is open.",
            "Nothing is to be done.",
        ));
    }
    if case.room.embargo.state_at(now) == E::Exited {
        return Err(Refusal::new(
            R::RevisionCap,
            "The embargo has ended.",
            "What ended is not extended.",
        ));
    }
    if kind == C::AgreeEmbargo {
        super::embargo::proposable(case, now)?;
    }
    Ok(())
}

/// The gates of publication (30111 7.1.6, 29147 7.4, INV-4, INV-13).
fn publish(case: &Case, facts: &Facts, now: Timestamp) -> Result<(), Refusal> {
    in_stage(case, &[Stage::Release, Stage::PostRelease], "Publishing")?;
    let Some(advisory) = case
        .advisory
        .as_ref()
        .filter(|a| a.state == AdvisoryState::InReview)
    else {
        return Err(Refusal::new(
            R::ApprovedText,
            "No advisory is in review.",
            "Submit the draft for review and collect the approvals.",
        ));
    };
    if facts.policy.numbers.legal_gate && advisory.legal_approved != Some(true) {
        return Err(Refusal::new(
            R::LegalGate,
            "Legal has not approved the advisory.",
            "Ask legal for a review.",
        ));
    }
    let needed = usize::try_from(facts.policy.numbers.release_approvals.max(2)).unwrap_or(2);
    if advisory.goes.len() < needed {
        return Err(Refusal::new(
            R::TwoPersonGo,
            format!("{} of {needed} people gave their go.", advisory.goes.len()),
            "A different person gives the next go.",
        ));
    }
    if let Some(until) = case.embargo_until
        && until > now
        && case.publicity != Publicity::Full
    {
        return Err(Refusal::new(
            R::NotBeforeDate,
            format!("The embargo date is {until}."),
            "Wait for it, or end it by a decision with a reason.",
        ));
    }
    if case.publicity_pending {
        return Err(Refusal::new(
            R::PublicityDecision,
            "A sighting waits for a decision.",
            "Decide what it means first.",
        ));
    }
    if case.stage == Stage::Release {
        // A verification during release may have said otherwise.
        confirmed(case)?;
        result_told(case)?;
        checklist_done(case)?;
    }
    if let Some(first) = facts.document_findings.first() {
        return Err(Refusal::new(
            R::AdvisoryComplete,
            format!("The document does not pass its checks: {first}"),
            "Mend the case's data and submit the advisory again.",
        ));
    }
    Ok(())
}

fn complete(case: &Case, now: Timestamp) -> Result<(), Refusal> {
    in_stage(case, &[Stage::PostRelease], "Closing as completed")?;
    if case.tasks.iter().any(|t| t.ended.is_none()) {
        return Err(Refusal::new(
            R::PostRelease,
            "Tasks are open.",
            "Complete them, or cancel them with a reason.",
        ));
    }
    // 7.1.7 c: what runs as a service is watched after its change.
    let service = matches!(
        case.release_path,
        Some(ReleasePath::Service | ReleasePath::Both)
    );
    let watch = case
        .open_clock(ClockKind::StabilityWatch, None)
        .filter(|c| service && (c.paused.is_some() || c.due_at > now));
    let watched = case
        .tasks
        .iter()
        .any(|t| t.kind == TaskKind::Watch && watch.is_some_and(|w| t.ended >= Some(w.started_at)));
    if let Some(watch) = watch
        && !watched
    {
        return Err(Refusal::new(
            R::PostRelease,
            format!("The stability watch runs until {}.", watch.due_at),
            "Wait for its end, or end a task of the kind Stability watch with its result.",
        ));
    }
    if !case.imported
        && case
            .advisory
            .as_ref()
            .is_some_and(|a| a.state != AdvisoryState::Published)
    {
        return Err(Refusal::new(
            R::ApprovedText,
            "A revision of the advisory is open.",
            "Publish it first.",
        ));
    }
    if super::remediation::interim_open(case, None, None) {
        return Err(Refusal::new(
            R::InterimFollowed,
            "An interim remediation has no complete one yet.",
            "Make the complete remediation available, or drop the interim one with a reason.",
        ));
    }
    if case
        .reports
        .iter()
        .any(|r| r.reachable() && r.notice_at.is_none())
        && !case.imported
    {
        return Err(Refusal::new(
            R::KeepInformed,
            "A reporter has not been told of the release.",
            "Send the release notice, or record why no contact is possible.",
        ));
    }
    checklist_done(case)
}
