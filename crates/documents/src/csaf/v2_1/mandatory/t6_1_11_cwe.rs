//! 6.1.11 CWE: the weakness exists, with this name, in the catalogue named.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::cwe;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_in_vulnerabilities("cwes", &mut |given, path| {
        let (Some(id), Some(version)) = (given.text("id"), given.text("version")) else {
            return;
        };
        if !cwe::versions().contains(&version) {
            findings.add(
                "6.1.11",
                &path.key("version"),
                format!("there is no CWE catalogue {version}"),
            );
            return;
        }
        let Some(number) = cwe::number(id) else {
            return;
        };
        match cwe::weakness_in(number, version) {
            None => findings.add(
                "6.1.11",
                &path.key("id"),
                format!("the weakness {id} does not exist in version {version}"),
            ),
            Some(weakness) if given.text("name").is_some_and(|name| name != weakness.name) => {
                findings.add(
                    "6.1.11",
                    &path.key("name"),
                    format!(
                        "the name of {id} in version {version} is \"{}\"",
                        weakness.name
                    ),
                );
            }
            Some(_) => {}
        }
    });
}
