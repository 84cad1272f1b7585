//! 6.1.11 CWE: the weakness exists and has this name.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::cwe;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        let Some(given) = vulnerability.get("cwe") else {
            return;
        };
        let path = path.key("cwe");
        let Some(id) = given.text("id") else { return };
        let Some(number) = cwe::number(id) else {
            return;
        };
        let Some(weakness) = cwe::weakness(number) else {
            findings.add(
                "6.1.11",
                &path.key("id"),
                format!("{id} is no weakness of any CWE catalogue (categories and views are none)"),
            );
            return;
        };
        if let Some(name) = given.text("name")
            && !cwe::is_name_since_4_0(number, name)
        {
            findings.add(
                "6.1.11",
                &path.key("name"),
                format!("the name of {id} is \"{}\"", weakness.name),
            );
        }
    });
}
