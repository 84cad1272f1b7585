//! 6.2.7 missing date in involvements, 6.2.17 CVE in field IDs.

use crate::csaf::facts::Facts;
use crate::csaf::plain_text::without_blanks;
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_in_vulnerabilities("involvements", &mut |item, path| {
        if item.get("date").is_none() {
            findings.add("6.2.7", path, "has no date; add the `date` it speaks of");
        }
    });
    facts.each_in_vulnerabilities("ids", &mut |item, path| {
        if let Some(text) = item.text("text")
            && is_cve(&without_blanks(text))
        {
            findings.add(
                "6.2.17",
                &path.key("text"),
                format!("`{text}` is a CVE ID; use the property `cve`"),
            );
        }
    });
}

fn is_cve(text: &str) -> bool {
    let Some((year, number)) = text
        .strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'))
    else {
        return false;
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    year.len() == 4 && number.len() >= 4 && digits(year) && digits(number)
}
