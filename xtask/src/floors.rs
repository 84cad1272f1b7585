//! The floors, read from the manifests: a crate depends only on floors below it, and the lower ones not on what
//! does IO.

use crate::finding::Finding;
use crate::sources::Source;

/// A crate of the project and what it may depend on.
struct Floor {
    path: &'static str,
    may: &'static [&'static str],
    never: &'static [&'static str],
}

const IO: &[&str] = &[
    "axum",
    "getrandom",
    "lettre",
    "pgp",
    "rand",
    "reqwest",
    "rusqlite",
    "tokio",
    "tokio-postgres",
    "ureq",
];

const FLOORS: &[Floor] = &[
    Floor {
        path: "crates/domain",
        may: &[],
        never: IO,
    },
    Floor {
        path: "crates/documents",
        may: &[],
        never: IO,
    },
    Floor {
        path: "crates/outbound",
        may: &[],
        never: &["axum", "rusqlite", "tokio-postgres"],
    },
    Floor {
        path: "crates/store",
        may: &["entente-domain"],
        never: &["askama", "axum", "lettre", "pgp", "ureq"],
    },
    Floor {
        path: "crates/service",
        may: &["entente-domain", "entente-documents", "entente-store"],
        never: &["askama", "axum", "rusqlite", "tokio-postgres"],
    },
    Floor {
        path: "crates/web",
        may: &["entente-domain", "entente-service"],
        never: &["lettre", "pgp", "rusqlite", "tokio-postgres"],
    },
    Floor {
        path: "crates/entente",
        may: &[
            "entente-domain",
            "entente-documents",
            "entente-outbound",
            "entente-store",
            "entente-service",
            "entente-web",
        ],
        never: &["pgp", "rusqlite", "tokio-postgres"],
    },
    Floor {
        path: "crates/bench",
        may: &[
            "entente-domain",
            "entente-service",
            "entente-store",
            "entente-web",
        ],
        never: &["pgp", "tokio-postgres"],
    },
    Floor {
        path: "crates/harness",
        may: &[],
        never: &[],
    },
    Floor {
        path: "crates/testkit",
        may: &[],
        never: &[],
    },
    Floor {
        path: "xtask",
        may: &[],
        never: &[],
    },
];

/// Checks the manifest of every crate.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    let manifests = sources.iter().filter(|source| {
        source.path == "xtask/Cargo.toml"
            || (source.path.starts_with("crates/") && source.path.ends_with("/Cargo.toml"))
    });
    manifests.flat_map(manifest).collect()
}

fn manifest(source: &Source) -> Vec<Finding> {
    let folder = source.path.trim_end_matches("/Cargo.toml");
    let Some(floor) = FLOORS.iter().find(|floor| floor.path == folder) else {
        return vec![Finding::new(
            &source.path,
            1,
            "this crate stands on no floor",
            "add it to FLOORS in xtask/src/floors.rs and to the code map, with what it may depend on",
        )];
    };
    let table: toml::Table = match toml::from_str(&source.text) {
        Ok(table) => table,
        Err(error) => {
            return vec![Finding::new(
                &source.path,
                1,
                error.to_string(),
                "correct the manifest",
            )];
        }
    };
    const BELOW_WEB: [&str; 2] = ["entente-documents", "entente-store"];
    let mut findings = Vec::new();
    for (kind, name, value) in dependencies(&table) {
        let line = line_of(&source.text, name);
        let mut add = |problem: String, remedy: &str| {
            findings.push(Finding::new(&source.path, line, problem, remedy));
        };
        let is_test = kind == "dev-dependencies";
        if name == "entente-testkit" {
            if !is_test {
                add(
                    "entente-testkit outside the tests".to_owned(),
                    "move it to [dev-dependencies]",
                );
            }
        } else if name.starts_with("entente-")
            && !floor.may.contains(&name)
            // A test of a screen may build a real store under it.
            && !(is_test && BELOW_WEB.contains(&name) && folder == "crates/web")
        {
            add(
                format!("{name} is on no floor below {folder}"),
                "turn the dependency round: pass in what the lower floor needs, or move the code up",
            );
        } else if floor.never.contains(&name) && !is_test {
            add(
                format!("{name} does not belong on this floor"),
                "see the table of floors in the architecture page for where it belongs",
            );
        }
        let from_workspace = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
        if !from_workspace {
            add(
                format!("{name} has a version of its own"),
                "put the version into [workspace.dependencies] and write `workspace = true` here",
            );
        }
    }
    findings
}

/// Kind, name and value of each dependency, those of single platforms among them.
fn dependencies(table: &toml::Table) -> Vec<(&str, &str, &toml::Value)> {
    let platforms = table.get("target").and_then(toml::Value::as_table);
    let platforms = platforms.into_iter().flat_map(toml::Table::values);
    let mut found = Vec::new();
    for table in std::iter::once(table).chain(platforms.filter_map(toml::Value::as_table)) {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let named = table.get(kind).and_then(toml::Value::as_table);
            for (name, value) in named.into_iter().flatten() {
                found.push((kind, name.as_str(), value));
            }
        }
    }
    found
}

fn line_of(text: &str, name: &str) -> usize {
    let names = |line: &str| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with([' ', '.', '=']))
    };
    text.lines().position(names).map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let source = Source {
            path: format!("{path}/Cargo.toml"),
            text: text.to_owned(),
        };
        check(&[source])
            .into_iter()
            .map(|finding| format!("{}: {}", finding.line, finding.problem))
            .collect()
    }

    #[test]
    fn a_floor_below_is_allowed_and_one_above_is_not() {
        let store =
            "[dependencies]\nentente-domain.workspace = true\nentente-service.workspace = true\n";
        assert_eq!(
            found("crates/store", store),
            ["3: entente-service is on no floor below crates/store"]
        );
        let web = "[dependencies]\nentente-store.workspace = true\n";
        assert_eq!(
            found("crates/web", web),
            ["2: entente-store is on no floor below crates/web"]
        );
        let tests = "[dev-dependencies]\nentente-store.workspace = true\n";
        assert!(found("crates/web", tests).is_empty());
    }

    #[test]
    fn the_rules_do_no_io() {
        let text = "[target.'cfg(unix)'.dependencies]\ntokio = { workspace = true }\n";
        assert_eq!(
            found("crates/domain", text),
            ["2: tokio does not belong on this floor"]
        );
        let tests = "[dev-dependencies]\ntokio = { workspace = true }\n";
        assert!(found("crates/domain", tests).is_empty());
    }

    #[test]
    fn the_testkit_is_for_tests() {
        let text = "[dependencies]\nentente-testkit.workspace = true\n";
        assert_eq!(
            found("crates/web", text),
            ["2: entente-testkit outside the tests"]
        );
        assert!(found("crates/web", &text.replace("dep", "dev-dep")).is_empty());
    }

    #[test]
    fn versions_stand_in_the_workspace() {
        let text = "[dependencies]\nserde = \"1\"\n";
        assert_eq!(
            found("crates/web", text),
            ["2: serde has a version of its own"]
        );
    }

    #[test]
    fn an_unknown_crate_is_found() {
        assert_eq!(
            found("crates/utils", ""),
            ["1: this crate stands on no floor"]
        );
    }
}
