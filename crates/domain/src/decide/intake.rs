//! Opening a case by its first report (30111 7.1.3).

use super::{Decision, Facts, Out, optional, optional_line, text};
use crate::case::Case;
use crate::checklist::CURRENT_PROCESS;
use crate::clock::ClockKind;
use crate::command::ReportForm;
use crate::entry::{Contact, Entry};
use crate::ids::{CaseId, ReportId};
use crate::kinds::{Channel, Publicity, Source};
use crate::rule::{Refusal, RuleId};
use crate::time::Timestamp;

/// A report that arrives, with the ids and numbers that were made for it.
#[derive(Clone, PartialEq, Debug)]
pub struct Intake {
    /// The new case.
    pub case: CaseId,
    /// Its number.
    pub case_number: i64,
    /// The new report.
    pub report: ReportId,
    /// Its number.
    pub report_number: i64,
    /// Its random reference.
    pub reference: String,
    /// Where it comes from.
    pub source: Source,
    /// How it arrives.
    pub channel: Channel,
    /// How the reporter is reached.
    pub contact: Contact,
    /// What is reported.
    pub form: ReportForm,
}

/// Checks the fields of a report: only product and description are mandatory.
pub fn check_form(form: &ReportForm) -> Result<(), Refusal> {
    let minimal = |field: &'static str, value: &str| {
        if value.trim().is_empty() {
            Err(Refusal::new(
                RuleId::MinimalReport,
                format!("The field “{field}” is empty."),
                "Name the product and describe what is wrong; nothing else is needed.",
            )
            .at(field))
        } else {
            Ok(())
        }
    };
    minimal("product", &form.product)?;
    minimal("description", &form.description)?;
    text("description", &form.description)?;
    for (field, value) in [
        ("product", &form.product),
        ("version", &form.version),
        ("title", &form.title),
        ("public_url", &form.public_url),
        ("credit_name", &form.credit_name),
        ("language", &form.language),
        ("found_when", &form.found_when),
    ] {
        optional_line(field, value)?;
    }
    for (field, value) in [
        ("impact", &form.impact),
        ("exploitation", &form.exploitation),
        ("how_found", &form.how_found),
        ("already_reported_to", &form.already_reported_to),
        ("exploited_evidence", &form.exploited_evidence),
        ("disclosure_plan", &form.disclosure_plan),
        ("tracking_ids", &form.tracking_ids),
    ] {
        optional(field, value)?;
    }
    Ok(())
}

/// Opens a case. The reporter's own dates become clocks; signs of publicity or exploitation
/// force a decision.
pub fn open_case(facts: &Facts, intake: &Intake, now: Timestamp) -> Decision {
    check_form(&intake.form)?;
    let case = Case::empty(intake.case);
    let mut out = Out::new(&case, facts, now);
    let form = &intake.form;
    let title = if form.title.trim().is_empty() {
        let mut title = form.product.trim().to_owned();
        if !form.version.trim().is_empty() {
            title.push(' ');
            title.push_str(form.version.trim());
        }
        title
    } else {
        form.title.trim().to_owned()
    };
    out.push(
        RuleId::Registered,
        Entry::CaseOpened {
            case: intake.case,
            number: intake.case_number,
            title,
            process_version: CURRENT_PROCESS,
            policy_version: facts.policy.internal_version,
        },
    );
    out.push(
        RuleId::Registered,
        Entry::ReportReceived {
            report: intake.report,
            number: intake.report_number,
            reference: intake.reference.clone(),
            source: intake.source,
            channel: intake.channel,
            contact: intake.contact,
            form: Box::new(form.clone()),
        },
    );
    let report = Some(intake.report);
    if intake.contact == Contact::None {
        out.push_because(
            RuleId::TellResult,
            Entry::NoContact {
                report: intake.report,
            },
            "No reporter stands behind this report",
        );
    } else {
        out.push(
            RuleId::Registered,
            Entry::ReceiptIssued {
                report: intake.report,
            },
        );
        let rule = RuleId::HumanAcknowledgement;
        out.start(rule, ClockKind::AcknowledgementTarget, report);
        out.start(rule, ClockKind::AcknowledgementLimit, report);
        out.start(RuleId::TellResult, ClockKind::VerificationResult, report);
    }
    out.start(RuleId::Prioritised, ClockKind::Remediation, None);
    if let Some(date) = form.disclosure_date {
        out.start_until(
            RuleId::FactsRecorded,
            ClockKind::ReporterDisclosure,
            report,
            date,
        );
    }
    let disclosed = intake.source == Source::Public;
    if disclosed || form.already_public {
        out.push(
            RuleId::FactsRecorded,
            Entry::PublicityRecorded {
                // What we saw in public ourselves is public (7.1.3). What a reporter claims is
                // partial until a person has decided what it means.
                publicity: if disclosed {
                    Publicity::Full
                } else {
                    Publicity::Partial
                },
                evidence: form.public_url.clone(),
            },
        );
    }
    if form.exploited {
        out.push(
            RuleId::FactsRecorded,
            Entry::ExploitationRecorded {
                evidence: form.exploited_evidence.clone(),
            },
        );
    }
    if form.exploited || (form.already_public && !disclosed) {
        out.start(
            RuleId::PublicityDecision,
            ClockKind::PublicityDecision,
            None,
        );
    }
    Ok(out.entries)
}

/// Takes in a changed advisory of the past. A closed case is opened again first: whoever watches
/// over published advisories looks at the change and closes the case (30111 7.1.7 a).
pub fn renew_history(
    case: &Case,
    tracking_id: &str,
    title: &str,
    first_released_at: Timestamp,
    cves: Vec<String>,
    products: Vec<String>,
) -> Vec<crate::entry::Decided> {
    let mut entries = open_history(
        case.id,
        case.number,
        tracking_id,
        title,
        first_released_at,
        cves,
        products,
    );
    // The case is there; only what was imported is new.
    entries.retain(|d| !matches!(d.what, Entry::CaseOpened { .. }));
    if case.stage == crate::kinds::Stage::Closed {
        let reopened = crate::entry::Decided {
            what: Entry::Reopened {},
            rule: RuleId::PostRelease,
            reason: Some("The advisory was imported anew and had changed".to_owned()),
        };
        entries.insert(0, reopened);
    }
    entries
}

/// Opens a case for an advisory of the past. Nothing is owed for it.
pub fn open_history(
    case: CaseId,
    number: i64,
    tracking_id: &str,
    title: &str,
    first_released_at: Timestamp,
    cves: Vec<String>,
    products: Vec<String>,
) -> Vec<crate::entry::Decided> {
    let decided = |what| crate::entry::Decided {
        what,
        rule: RuleId::Registered,
        reason: Some("History of published advisories".to_owned()),
    };
    vec![
        decided(Entry::CaseOpened {
            case,
            number,
            title: title.to_owned(),
            process_version: CURRENT_PROCESS,
            policy_version: None,
        }),
        decided(Entry::HistoryImported {
            tracking_id: tracking_id.to_owned(),
            title: title.to_owned(),
            first_released_at,
            cves,
            products,
        }),
    ]
}
