//! The time line in words: one short sentence for each entry that people should see.

use crate::case::Case;
use crate::entry::Entry;

/// The words for an entry, or `None` for entries that only move clocks.
pub(crate) fn words(case: &Case, what: &Entry) -> Option<String> {
    let number = |id: &crate::ids::ReportId| {
        case.report(*id)
            .map_or_else(|| "report".to_owned(), |r| format!("report R-{}", r.number))
    };
    let party = |id: &crate::ids::ParticipantId| {
        case.room
            .participant(*id)
            .map_or_else(|| "a participant".to_owned(), |p| p.name.clone())
    };
    Some(match what {
        Entry::CaseOpened { number, .. } => format!("Case {number} opened"),
        Entry::ReportReceived {
            number,
            source,
            channel,
            ..
        } => {
            format!(
                "Report R-{number} received ({}, {})",
                source.label(),
                channel.label()
            )
        }
        Entry::ReceiptIssued { report } => {
            format!("Automatic receipt issued for {}", number(report))
        }
        Entry::Acknowledged { report, .. } => {
            format!("Acknowledged {} to its reporter", number(report))
        }
        Entry::MessageToReporter {
            report, purpose, ..
        } => {
            format!(
                "{} sent to the reporter of {}",
                purpose.label(),
                number(report)
            )
        }
        Entry::MessageFromReporter { report, .. } => {
            format!("The reporter of {} wrote", number(report))
        }
        Entry::Commented { audience, .. } => format!("{} comment", audience.label()),
        Entry::CreditSet {
            credit: Some(name), ..
        } => format!("Credit: {name}"),
        Entry::CreditSet { credit: None, .. } => "No credit wanted".to_owned(),
        Entry::NoContact { report } => format!("No contact possible for {}", number(report)),
        Entry::Assigned { .. } => "Owner assigned".to_owned(),
        Entry::MemberAdded { role, .. } => format!("{} added", role.label()),
        Entry::MemberRemoved { .. } => "Member removed".to_owned(),
        Entry::Restricted { restricted: true } => "Restricted to members".to_owned(),
        Entry::Restricted { restricted: false } => "Restriction lifted".to_owned(),
        Entry::TitleSet { .. } => "Renamed".to_owned(),
        Entry::TlpSet { tlp } => format!("Label set to {}", tlp.label()),
        Entry::EmbargoDateSet { until: Some(until) } => format!("Embargo date set to {until}"),
        Entry::EmbargoDateSet { until: None } => "Embargo date cleared".to_owned(),
        Entry::StageEntered { stage } => format!("Stage: {}", stage.label()),
        Entry::Verified { verdict, .. } => format!("Verification: {}", verdict.label()),
        Entry::Scored { score } => format!(
            "{} {}.{} ({})",
            score.method,
            score.tenths / 10,
            score.tenths % 10,
            score.severity
        ),
        Entry::Prioritised { priority, .. } => format!("Priority: {}", priority.label()),
        Entry::WeaknessSet { cwe, name } => format!("Weakness: {cwe} {name}"),
        Entry::RootCauseRecorded { .. } => "Root cause recorded".to_owned(),
        Entry::VariantRecorded { affected, .. } => {
            format!(
                "Variant looked at: {}",
                if *affected {
                    "affected"
                } else {
                    "not affected"
                }
            )
        }
        Entry::AffectedSet {
            product_name,
            status,
            ..
        } => format!("{product_name}: {}", status.label()),
        Entry::CveSet { cve } => format!("CVE id: {cve}"),
        Entry::RemediationDecided {
            remedy, interim, ..
        } => {
            format!(
                "Remediation decided: {}{}",
                remedy.label(),
                if *interim { " (interim)" } else { "" }
            )
        }
        Entry::RemediationProduced { .. } => "Remediation produced".to_owned(),
        Entry::RemediationTested {
            platform, passed, ..
        } => {
            format!(
                "Test on {platform}: {}",
                if *passed { "passed" } else { "failed" }
            )
        }
        Entry::RemediationAvailable { .. } => "Remediation available".to_owned(),
        Entry::RemediationDropped { .. } => "Remediation dropped".to_owned(),
        Entry::ReleasePathChosen { path, early } => {
            format!(
                "Release path: {}{}",
                path.label(),
                if *early { " (early release)" } else { "" }
            )
        }
        Entry::AdvisoryDrafted { .. } => "Advisory drafted".to_owned(),
        Entry::AdvisorySubmitted {} => "Advisory submitted for review".to_owned(),
        Entry::AdvisoryRecalled {} => "Advisory recalled to draft".to_owned(),
        Entry::LegalReviewed { approved, .. } => {
            format!(
                "Legal review: {}",
                if *approved { "approved" } else { "rejected" }
            )
        }
        Entry::GoGiven { .. } => "Go given".to_owned(),
        Entry::GoWithdrawn { .. } => "Go withdrawn".to_owned(),
        Entry::AdvisoryPublished {
            public_id,
            revision,
        } => {
            format!("Advisory {public_id} published, revision {revision}")
        }
        Entry::RevisionOpened {} => "Revision of the advisory opened".to_owned(),
        Entry::TaskAdded { title, .. } => format!("Task: {title}"),
        Entry::TaskEnded { done, .. } => {
            format!("Task {}", if *done { "completed" } else { "cancelled" })
        }
        Entry::PublicityRecorded { publicity, .. } => format!("Publicity: {}", publicity.label()),
        Entry::ExploitationRecorded { .. } => "Exploitation recorded".to_owned(),
        Entry::PublicityDecided { end_embargo } => {
            format!(
                "Decided: embargo {}",
                if *end_embargo { "ended" } else { "kept" }
            )
        }
        Entry::ClockPaused { clock } => format!("Clock paused: {}", clock.label()),
        Entry::ClockResumed { clock, .. } => format!("Clock resumed: {}", clock.label()),
        Entry::BreachExplained { clock } => format!("Breach explained: {}", clock.label()),
        Entry::IdentityRead { report } => format!("Identity read: {}", number(report)),
        Entry::IdentityErased { report } => format!("Identity erased: {}", number(report)),
        Entry::AttachmentAdded { .. } => "Attachment added".to_owned(),
        Entry::Closed { exit, .. } => format!("Closed: {}", exit.label()),
        Entry::Reopened {} => "Reopened".to_owned(),
        Entry::MergedInto { .. } => "Merged into another case".to_owned(),
        Entry::Absorbed { reports, .. } => {
            format!("Took over {} report(s) of a merged case", reports.len())
        }
        Entry::EmbargoProposed { terms, by, .. } => format!(
            "Embargo until {} proposed by {}",
            terms.ends_at,
            by.as_ref().map_or_else(|| "us".to_owned(), party)
        ),
        Entry::EmbargoAgreed { signatories, .. } => format!(
            "Embargo agreed until {} ({} signatures)",
            case.embargo_until.unwrap_or_default(),
            signatories.len()
        ),
        Entry::ProposalRejected { .. } => "Proposed embargo terms rejected".to_owned(),
        Entry::ProposalWithdrawn { .. } => "Proposed embargo terms withdrawn".to_owned(),
        Entry::EmbargoEnded { cause } => format!("Embargo ended: {}", cause.label()),
        Entry::PartyInvited { name, need, .. } => format!("{name} invited ({})", need.label()),
        Entry::InvitationRenewed { participant, .. } => {
            format!("{} invited again", party(participant))
        }
        Entry::GuestLinkGiven {
            participant, name, ..
        } => format!("{name} of {} was given a link", party(participant)),
        Entry::GuestLinkRevoked { participant, link } => {
            let room = case.room.participant(*participant);
            let given = room.and_then(|p| p.links.iter().find(|l| l.id == *link));
            let name = given.map_or("somebody", |l| l.name.as_str());
            format!(
                "The link of {name} of {} was taken back",
                party(participant)
            )
        }
        Entry::TermsSigned {
            participant,
            signer,
            ..
        } => format!("{} signed embargo terms ({signer})", party(participant)),
        Entry::TermsDeclined {
            participant,
            terms: None,
        } => format!("{} declined the invitation", party(participant)),
        Entry::TermsDeclined {
            participant,
            terms: Some(_),
        } => format!("{} said no to a revision", party(participant)),
        Entry::ParticipantLeft {
            participant,
            removed: false,
        } => format!("{} left the case", party(participant)),
        Entry::ParticipantLeft {
            participant,
            removed: true,
        } => format!("{} was taken out of the case", party(participant)),
        Entry::StandingReported {
            participant, step, ..
        } => format!("{}: {}", party(participant), step.label()),
        Entry::BriefShared { .. } => "Shared with participants".to_owned(),
        Entry::MessageToParticipants {
            participant: Some(p),
            ..
        } => format!("Message to {}", party(p)),
        Entry::MessageToParticipants {
            participant: None, ..
        } => "Message to all participants".to_owned(),
        Entry::MessageFromParticipant { participant, .. } => {
            format!("{} wrote", party(participant))
        }
        Entry::HistoryImported { tracking_id, .. } => format!("Advisory {tracking_id} imported"),
        Entry::ChecklistTicked { .. } | Entry::ClockStarted { .. } | Entry::ClockStopped { .. } => {
            return None;
        }
    })
}
