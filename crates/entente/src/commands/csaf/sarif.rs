//! Findings as a SARIF 2.1.0 log, written as they come.

use entente_documents::csaf::{Report, Severity};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{Result, Write};

/// A log that is being written.
#[derive(Default)]
pub(super) struct Sarif {
    any: bool,
    rules: BTreeSet<&'static str>,
}

impl Sarif {
    pub(super) fn begin(&self, out: &mut impl Write) -> Result<()> {
        write!(
            out,
            r#"{{"$schema":"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json","version":"2.1.0","runs":[{{"results":["#
        )
    }

    /// Adds the findings of a document; `lines` are theirs.
    pub(super) fn add(
        &mut self,
        out: &mut impl Write,
        name: &str,
        report: &Report,
        lines: &[usize],
    ) -> Result<()> {
        let uri = uri(name);
        for (finding, line) in report.findings.iter().zip(lines) {
            let level = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "note",
            };
            let result = json!({
                "ruleId": finding.test,
                "level": level,
                "message": { "text": finding.message },
                "locations": [{
                    "physicalLocation": {
                        "artifactLocation": { "uri": uri },
                        "region": { "startLine": line },
                    },
                    "logicalLocations": [{ "fullyQualifiedName": finding.path, "kind": "member" }],
                }],
            });
            if self.any {
                writeln!(out, ",")?;
            }
            self.any = true;
            self.rules.insert(finding.test);
            write!(out, "{result}")?;
        }
        Ok(())
    }

    pub(super) fn end(&self, out: &mut impl Write) -> Result<()> {
        let rules: Vec<_> = self
            .rules
            .iter()
            .map(|id| json!({ "id": id, "shortDescription": { "text": description(id) } }))
            .collect();
        let tool = json!({ "driver": {
            "name": "entente csaf validate",
            "version": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        }});
        writeln!(out, r#"],"tool":{tool}}}]}}"#)
    }
}

fn description(test: &str) -> String {
    match test {
        "json" => "The document can be read as JSON.".to_owned(),
        "schema" => "The document is valid by the CSAF JSON schema.".to_owned(),
        test => format!("Test {test} of the CSAF standard."),
    }
}

/// A path as a relative or absolute URI reference.
fn uri(name: &str) -> String {
    let mut uri = String::new();
    for byte in name.bytes() {
        match byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => uri.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'~' | b'/' | b'!' => uri.push(char::from(byte)),
            byte => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use entente_documents::csaf::{Preset, Profile, lines, validate};

    #[test]
    fn a_log_is_json_with_a_line_for_each_finding() {
        let mut out = Vec::new();
        let mut sarif = Sarif::default();
        sarif.begin(&mut out).unwrap();
        for bytes in [&b"{\n\"document\": {}\n}"[..], b"{"] {
            let report = validate(bytes, Profile::V2_0, Preset::Basic);
            let places: Vec<_> = report.findings.iter().map(|f| f.path.as_str()).collect();
            let lines = lines(bytes, &places);
            sarif.add(&mut out, "a b.json", &report, &lines).unwrap();
        }
        sarif.end(&mut out).unwrap();
        let log: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        assert!(results.len() > 2);
        let place = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b.json");
        assert!(
            results
                .iter()
                .any(|r| r["locations"][0]["physicalLocation"]["region"]["startLine"] == 2)
        );
        let rules = log["runs"][0]["tool"]["driver"]["rules"]
            .as_array()
            .unwrap();
        for result in results {
            assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]));
        }
    }
}
