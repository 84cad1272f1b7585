//! The house rules that hold for the text of single files.

use crate::finding::Finding;
use crate::lexer::{Split, split};
use crate::sources::Source;

/// Longer files say in their head why they are.
const LONGEST: usize = 600;

/// The committed list of templates that print without escaping.
const UNESCAPED_LIST: &str = "xtask/unescaped.txt";

/// Marks of unfinished work, put together so that this file does not hold them.
const MARKS: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
];

/// Folders of somebody's machine, which mean nothing elsewhere.
const PLACES: [&str; 1] = [concat!("/wo", "rk/")];

/// Checks every file.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        if !source.is_foreign() {
            findings.extend(marks(source));
            findings.extend(places(source));
        }
        if source.is("rs") {
            let split = split(&source.text);
            findings.extend(head(source));
            findings.extend(length(source));
            findings.extend(drivers(source, &split));
            findings.extend(openpgp(source, &split));
            findings.extend(sql(source, &split));
        }
    }
    findings.extend(unescaped(sources));
    findings
}

fn head(source: &Source) -> Option<Finding> {
    let in_crate = source.path.starts_with("crates/") || source.path.starts_with("xtask/");
    if !in_crate || !source.path.contains("/src/") {
        return None;
    }
    let first = source.text.lines().find(|line| !line.trim().is_empty());
    if first.is_some_and(|line| line.starts_with("//!")) {
        return None;
    }
    Some(Finding::new(
        &source.path,
        1,
        "the file has no head",
        "start it with `//!`: what it is for, and what it may not touch",
    ))
}

fn length(source: &Source) -> Option<Finding> {
    let lines = source.text.lines().count();
    let mut head = source
        .text
        .lines()
        .take_while(|line| line.starts_with("//!"));
    let reason = head.any(|line| {
        line.split_once("Long file:")
            .is_some_and(|(_, reason)| !reason.trim().is_empty())
    });
    if lines <= LONGEST || reason {
        return None;
    }
    Some(Finding::new(
        &source.path,
        lines,
        format!("{lines} lines are over {LONGEST}"),
        "split it by subject, or say in its head `Long file:` and why",
    ))
}

fn drivers(source: &Source, split: &Split) -> Vec<Finding> {
    let home = [
        "crates/store/src/engine/",
        "crates/store/src/engine.rs",
        // Tests of the store damage its files on purpose, behind its back.
        "crates/store/tests/",
        "crates/testkit/",
        // The benchmark measures the bare database beside ours.
        "crates/bench/",
    ];
    if home.iter().any(|home| source.path.starts_with(home)) {
        return Vec::new();
    }
    let words = ["rusqlite", "tokio_postgres"];
    in_code(split, |line| {
        words.iter().find(|word| has_word(line, word)).copied()
    })
    .map(|(line, word)| {
        Finding::new(
            &source.path,
            line,
            format!("{word} outside the store's engine"),
            "use what crates/store/src/engine offers, or add what is missing there",
        )
    })
    .collect()
}

fn openpgp(source: &Source, split: &Split) -> Vec<Finding> {
    // Tests play the other side and may speak OpenPGP themselves.
    let home = [
        "crates/service/src/openpgp.rs",
        "crates/service/src/openpgp/",
    ];
    if !source.path.contains("/src/") || home.iter().any(|home| source.path.starts_with(home)) {
        return Vec::new();
    }
    in_code(split, |line| {
        (has_word(line, "pgp") && line.contains("pgp::")).then_some(())
    })
    .map(|(line, ())| {
        Finding::new(
            &source.path,
            line,
            "the pgp crate outside openpgp.rs",
            "call crates/service/src/openpgp.rs: one file decides what is accepted and how it is signed",
        )
    })
    .collect()
}

fn sql(source: &Source, split: &Split) -> Vec<Finding> {
    let home = [
        "crates/store/",
        "crates/testkit/",
        "xtask/",
        "crates/bench/",
    ];
    if home.iter().any(|home| source.path.starts_with(home)) {
        return Vec::new();
    }
    let statements = [
        "SELECT",
        "INSERT INTO",
        "UPDATE",
        "DELETE FROM",
        "CREATE TABLE",
        "ALTER TABLE",
        "DROP TABLE",
        "PRAGMA",
    ];
    let is_sql = |text: &str| {
        let text = text.trim_start();
        statements.iter().any(|word| {
            text.strip_prefix(word)
                .is_some_and(|rest| rest.starts_with(char::is_whitespace))
        })
    };
    split
        .strings
        .iter()
        .filter(|(_, text)| is_sql(text))
        .map(|(line, _)| {
            Finding::new(
                &source.path,
                *line,
                "an SQL statement outside the store",
                "put a function into crates/store, where every statement is prepared on both databases by a test",
            )
        })
        .collect()
}

fn marks(source: &Source) -> Vec<Finding> {
    // The lint of that name is set there.
    if source.path.ends_with("Cargo.toml") {
        return Vec::new();
    }
    let lines = source.text.lines().enumerate();
    lines
        .filter(|(_, line)| {
            let upper = line.replace("clippy::", "clippy_").to_ascii_uppercase();
            let at_hand = if source.is("rs") {
                upper.as_str()
            } else {
                line
            };
            MARKS.iter().any(|mark| has_word(at_hand, mark))
        })
        .map(|(at, _)| {
            Finding::new(
                &source.path,
                at + 1,
                "a mark of unfinished work",
                "finish it, or file an issue and remove the mark",
            )
        })
        .collect()
}

fn places(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().enumerate();
    let names_place = |line: &str, place: &str| {
        line.match_indices(place).any(|(at, _)| {
            // The end of an address is no folder of a machine.
            let before = line.get(..at).and_then(|text| text.chars().next_back());
            !before.is_some_and(|c| c.is_alphanumeric() || "._-".contains(c))
        })
    };
    lines
        .filter(|(_, line)| PLACES.iter().any(|place| names_place(line, place)))
        .map(|(at, _)| {
            Finding::new(
                &source.path,
                at + 1,
                "a path of one machine",
                "name it relative to the project, or by a setting",
            )
        })
        .collect()
}

/// Every use of the filter that prints without escaping stands in a list with its reason.
fn unescaped(sources: &[Source]) -> Vec<Finding> {
    let list = sources.iter().find(|source| source.path == UNESCAPED_LIST);
    let list = list.map_or("", |source| source.text.as_str());
    let mut findings = Vec::new();
    let mut used = Vec::new();
    for source in sources
        .iter()
        .filter(|source| source.path.contains("/templates/"))
    {
        for (at, line) in source.text.lines().enumerate() {
            if !has_safe_filter(line) {
                continue;
            }
            let entry = format!("{}: {}", source.path, line.trim());
            if !list.lines().any(|listed| listed == entry) {
                findings.push(Finding::new(
                    &source.path,
                    at + 1,
                    "a template prints without escaping",
                    "let the escaping stand, or pass a type that only the Markdown or icon code can make and list \
                     `path: line` with a reason in xtask/unescaped.txt",
                ));
            }
            used.push(entry);
        }
    }
    let mut reason = false;
    for (at, line) in list.lines().enumerate() {
        if line.starts_with('#') || line.is_empty() {
            reason = !line.is_empty();
            continue;
        }
        if !used.iter().any(|entry| entry == line) {
            findings.push(Finding::new(
                UNESCAPED_LIST,
                at + 1,
                "no template has this line",
                "remove the entry",
            ));
        }
        if !reason {
            findings.push(Finding::new(
                UNESCAPED_LIST,
                at + 1,
                "the entry has no reason",
                "put a line above it: `# why this cannot hold what somebody typed`",
            ));
        }
    }
    findings
}

fn has_safe_filter(line: &str) -> bool {
    line.split('|').skip(1).any(|after| {
        after
            .trim_start()
            .strip_prefix("safe")
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

/// The lines of code for which `test` answers, with their numbers.
fn in_code<T>(split: &Split, test: impl Fn(&str) -> Option<T>) -> impl Iterator<Item = (usize, T)> {
    let lines = split.code.lines().enumerate();
    lines.filter_map(move |(at, line)| test(line).map(|found| (at + 1, found)))
}

/// Whether the word stands in the line and is not a part of another.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default();
        let after = line.get(at + word.len()..).unwrap_or_default();
        !before.ends_with(part) && !after.starts_with(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let source = Source {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        check(&[source])
            .into_iter()
            .map(|finding| format!("{}: {}", finding.line, finding.problem))
            .collect()
    }

    #[test]
    fn a_file_without_a_head_is_found() {
        assert_eq!(
            found("crates/web/src/a.rs", "fn a() {}\n"),
            ["1: the file has no head"]
        );
        assert!(found("crates/web/tests/a.rs", "fn a() {}\n").is_empty());
    }

    #[test]
    fn a_long_file_needs_a_reason() {
        let body = "fn a() {}\n".repeat(600);
        let path = "crates/web/src/a.rs";
        assert_eq!(
            found(path, &format!("//! A.\n{body}")),
            ["601: 601 lines are over 600"]
        );
        assert!(found(path, &format!("//! A. Long file: a table.\n{body}")).is_empty());
        assert_eq!(found(path, &format!("//! A. Long file:\n{body}")).len(), 1);
    }

    #[test]
    fn drivers_stay_in_the_engine() {
        let text = "//! Head.\nuse rusqlite::Connection;\n// rusqlite in a comment\n";
        assert_eq!(
            found("crates/store/src/a.rs", text),
            ["2: rusqlite outside the store's engine"]
        );
        assert!(found("crates/store/src/engine/a.rs", text).is_empty());
        assert!(found("crates/store/src/a.rs", "//! Head.\nlet my_rusqlite = 1;\n").is_empty());
    }

    #[test]
    fn openpgp_has_one_home() {
        let text = "//! Head.\nuse pgp::composed::Message;\n";
        assert_eq!(
            found("crates/service/src/mail.rs", text),
            ["2: the pgp crate outside openpgp.rs"]
        );
        assert!(found("crates/service/src/openpgp.rs", text).is_empty());
        assert!(
            found(
                "crates/service/src/mail.rs",
                "//! Head.\nuse crate::openpgp::sign;\n"
            )
            .is_empty()
        );
    }

    #[test]
    fn statements_stay_in_the_store() {
        let text = "//! Head.\nconst A: &str = \"\n  SELECT a FROM b\";\n";
        assert_eq!(
            found("crates/service/src/a.rs", text),
            ["2: an SQL statement outside the store"]
        );
        assert!(found("crates/store/src/a.rs", text).is_empty());
        assert!(
            found(
                "crates/service/src/a.rs",
                "//! Head.\nf(\"SELECTED, UPDATED\");\n"
            )
            .is_empty()
        );
    }

    #[test]
    fn marks_of_unfinished_work_are_found() {
        for mark in MARKS {
            assert_eq!(
                found("docs/a.md", &format!("one\n{mark}: two\n")),
                ["2: a mark of unfinished work"]
            );
        }
        let lower = format!("//! Head.\n{}!()\n", MARKS[0].to_lowercase());
        assert_eq!(
            found("crates/web/src/a.rs", &lower),
            ["2: a mark of unfinished work"]
        );
        assert!(found("docs/a.md", "a método, XXXL\n").is_empty());
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        let place = PLACES[0];
        assert_eq!(
            found("docs/a.md", &format!("see {place}data\n")),
            ["1: a path of one machine"]
        );
        assert!(found("docs/a.md", &format!("https://example.org{place}a\n")).is_empty());
    }

    #[test]
    fn printing_without_escaping_needs_a_listed_reason() {
        let template = |text: &str| Source {
            path: "crates/web/templates/a.html".to_owned(),
            text: text.to_owned(),
        };
        let list = |text: &str| Source {
            path: UNESCAPED_LIST.to_owned(),
            text: text.to_owned(),
        };
        let line = "<p>{{ body | safe }}</p>";
        let entry = format!("crates/web/templates/a.html: {line}\n");
        let listed = format!("# made by markdown.rs\n{entry}");
        assert_eq!(check(&[template(line)]).len(), 1);
        assert_eq!(check(&[template(line), list(&listed)]), []);
        assert_eq!(check(&[template(line), list(&entry)]).len(), 1, "no reason");
        assert_eq!(
            check(&[template("{{ a }}"), list(&listed)]).len(),
            1,
            "stale"
        );
        assert_eq!(check(&[template("{{ a|safely }} {{ is_safe }}")]), []);
    }
}
