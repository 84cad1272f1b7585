//! Reads the embedded decision points and tables. A row that does not hold together is left out;
//! a test compares everything with the publication.

use std::sync::LazyLock;

use super::{DecisionPoint, PointValue, Table};

static POINTS: &str = include_str!("../../assets/ssvc/decision-points.tsv");
static TABLES: &str = include_str!("../../assets/ssvc/decision-tables.tsv");

pub(super) fn points() -> &'static [DecisionPoint] {
    static READ: LazyLock<Vec<DecisionPoint>> = LazyLock::new(|| {
        let mut points: Vec<DecisionPoint> = Vec::new();
        for line in POINTS.lines() {
            let columns = line.split('\t').collect::<Vec<_>>();
            match columns.as_slice() {
                ["P", namespace, key, version, name, definition] => points.push(DecisionPoint {
                    namespace,
                    key,
                    version,
                    name,
                    definition: unescaped(definition),
                    values: Vec::new(),
                }),
                ["V", key, name, definition] => {
                    if let Some(point) = points.last_mut() {
                        point.values.push(PointValue {
                            key,
                            name,
                            definition: unescaped(definition),
                        });
                    }
                }
                _ => {}
            }
        }
        points
    });
    &READ
}

pub(super) fn tables() -> &'static [Table] {
    static READ: LazyLock<Vec<Table>> =
        LazyLock::new(|| TABLES.lines().filter_map(table).collect());
    &READ
}

fn table(line: &'static str) -> Option<Table> {
    let columns = line.split('\t').collect::<Vec<_>>();
    let &[
        id,
        namespace,
        key,
        version,
        name,
        definition,
        outcome,
        inputs,
        digits,
    ] = columns.as_slice()
    else {
        return None;
    };
    let inputs = inputs.split(' ').map(point).collect::<Option<Vec<_>>>()?;
    let outcome = point(outcome)?;
    let rows: usize = inputs.iter().map(|point| point.values.len()).product();
    let digits = digits.as_bytes();
    let known = |digit: &u8| {
        let index = digit.checked_sub(b'0').map(usize::from);
        index.is_some_and(|index| index < outcome.values.len())
    };
    (digits.len() == rows && digits.iter().all(known)).then(|| Table {
        id,
        namespace,
        key,
        version,
        name,
        definition: unescaped(definition),
        outcome,
        inputs,
        digits,
    })
}

fn point(id: &str) -> Option<&'static DecisionPoint> {
    points().iter().find(|point| point.id() == id)
}

fn unescaped(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\\\", "\\")
}

/// Whether two names are the same when case, spaces, dashes and underscores do not matter.
pub(super) fn same(a: &str, b: &str) -> bool {
    let plain = |text: &str| {
        text.chars()
            .map(|c| match c {
                ' ' | '_' | '-' => '_',
                other => other.to_ascii_lowercase(),
            })
            .collect::<String>()
    };
    plain(a) == plain(b)
}
