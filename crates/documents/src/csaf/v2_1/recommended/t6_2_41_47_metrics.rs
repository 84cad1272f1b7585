//! 6.2.41 old EPSS timestamp, 6.2.47 qualitative severity rating by the issuing
//! party.

use std::collections::HashSet;

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
    let name = facts.tracking.text("id").map(file_name);
    // The document's own canonical URLs.
    let own: HashSet<&str> = facts
        .document
        .list("references")
        .iter()
        .filter(|reference| reference.text("category") == Some("self"))
        .filter_map(|reference| reference.text("url"))
        .filter(|url| url.starts_with("https://") && url.rsplit('/').next() == name.as_deref())
        .collect();
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
            let by_issuer = item.text("source").is_none_or(|source| own.contains(source));
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
