//! 6.2.41 old EPSS timestamp, 6.2.47 qualitative severity rating by the issuing
//! party.

use crate::csaf::facts::Facts;
use crate::csaf::file_name;
use crate::csaf::report::Findings;
use crate::csaf::schema::format::instant;

/// How much older than the newest revision a probability may be, in seconds.
const FIFTEEN_DAYS: i64 = 15 * 86_400;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let newest = facts
        .revisions
        .iter()
        .filter_map(|revision| revision.date)
        .max()
        .filter(|_| matches!(facts.status, "final" | "interim"));
    let own = facts.tracking.text("id").map(file_name);
    facts.each_vulnerability(&mut |vulnerability, path| {
        let mut youngest = None;
        facts.each_score(vulnerability, path, &mut |item, content, _, path| {
            if let Some(date) = content
                .get("epss")
                .and_then(|epss| epss.text("timestamp"))
                .and_then(instant)
                && youngest.as_ref().is_none_or(|(known, _)| *known < date)
            {
                youngest = Some((date, path.key("epss").key("timestamp").to_string()));
            }
            let by_issuer = match item.text("source") {
                None => true,
                Some(source) => facts.document.list("references").iter().any(|reference| {
                    reference.text("category") == Some("self")
                        && reference.text("url") == Some(source)
                        && source.starts_with("https://")
                        && source.rsplit('/').next() == own.as_deref()
                }),
            };
            if by_issuer && content.get("qualitative_severity_rating").is_some() {
                findings.add(
                    "6.2.47",
                    &path.key("qualitative_severity_rating"),
                    "the issuer of a document should give a CVSS score, which shows what it rests on",
                );
            }
        });
        if let (Some((date, path)), Some(newest)) = (youngest, newest)
            && newest.seconds - date.seconds > FIFTEEN_DAYS
        {
            findings.add_at(
                "6.2.41",
                path,
                "is more than 15 days older than the newest revision; get a current probability",
            );
        }
    });
}
