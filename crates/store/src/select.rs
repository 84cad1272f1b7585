//! Statements that are put together: values travel with their text, and every statement over
//! cases begins with the scope of its viewer.

use crate::args;
use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use entente_domain::access::Viewer;

/// Builds a statement whose values travel with their text.
pub(crate) struct Select {
    pub(crate) sql: String,
    pub(crate) args: Vec<Val>,
}

impl Select {
    pub(crate) fn new(sql: String) -> Self {
        Self {
            sql,
            args: Vec::new(),
        }
    }

    /// Adds a condition; each `?` becomes the next `$n`.
    pub(crate) fn and(&mut self, condition: &str, values: &[Val]) -> &mut Self {
        self.sql.push_str(" AND ");
        self.push(condition, values)
    }

    pub(crate) fn push(&mut self, text: &str, values: &[Val]) -> &mut Self {
        let mut values = values.iter();
        for (i, part) in text.split('?').enumerate() {
            if i > 0
                && let Some(value) = values.next()
            {
                self.next_value(value.clone());
            }
            self.sql.push_str(part);
        }
        self
    }

    pub(crate) fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<Row>, StoreError> {
        tx.all(&self.sql, &self.args)
    }

    /// A list of values, and the bracket that closes it.
    pub(crate) fn list(&mut self, values: impl IntoIterator<Item = Val>) -> &mut Self {
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self.sql.push_str(", ");
            }
            self.next_value(value);
        }
        self.sql.push(')');
        self
    }

    /// The next `$n` and its value.
    fn next_value(&mut self, value: Val) {
        self.args.push(value);
        self.sql.push('$');
        self.sql.push_str(&self.args.len().to_string());
    }
}

/// Values or rows of one statement: as many as both engines plan quickly.
pub(crate) const AT_ONCE: usize = 64;

/// The rows of a statement that ends in `… IN (`, for however many values.
pub(crate) fn rows_in(
    tx: &mut Tx<'_>,
    until: &str,
    values: &[Val],
) -> Result<Vec<Row>, StoreError> {
    let mut rows = Vec::with_capacity(values.len());
    for some in values.chunks(AT_ONCE) {
        let mut q = Select::new(until.to_owned());
        q.list(some.iter().cloned());
        rows.extend(q.all(tx)?);
    }
    Ok(rows)
}

/// Inserts however many rows; `into` is the table with its columns, `then` what ends the statement.
pub(crate) fn insert_rows<const N: usize>(
    tx: &mut Tx<'_>,
    into: &str,
    rows: &[[Val; N]],
    then: &str,
) -> Result<(), StoreError> {
    for some in rows.chunks(AT_ONCE) {
        let mut q = Select::new(format!("INSERT INTO {into} VALUES "));
        for (i, row) in some.iter().enumerate() {
            q.push(if i == 0 { "(" } else { ", (" }, &[])
                .list(row.iter().cloned());
        }
        q.push(then, &[]);
        tx.execute(&q.sql, &q.args)?;
    }
    Ok(())
}

/// Reads everything by pages of so many: `page` gives those after the last one that is known.
pub(crate) fn every<T>(
    size: u32,
    mut page: impl FnMut(Option<&T>) -> Result<Vec<T>, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let full = usize::try_from(size).unwrap_or(usize::MAX);
    let mut found: Vec<T> = Vec::new();
    loop {
        let some = page(found.last())?;
        let last = some.len() < full;
        found.extend(some);
        if last {
            return Ok(found);
        }
    }
}

/// Begins a statement over the cases `c` that the viewer may see, their streams `s`, and further
/// tables with the condition that joins each. Deny by default.
///
/// Who sees cases by membership alone is led from few memberships to their cases, never from all
/// cases to the memberships: `CROSS JOIN` keeps SQLite to the order in which it is written.
pub(crate) fn visible(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    columns: &str,
    further: &[(&str, &str)],
) -> Result<Select, StoreError> {
    tx.act_as(viewer)?;
    let office = viewer.sees_unrestricted_cases();
    let between = if office { ", " } else { " CROSS JOIN " };
    let mut q = Select::new(format!("SELECT {columns} FROM "));
    if !office {
        q.push("case_members m", &[]).push(between, &[]);
    }
    q.push("cases c", &[])
        .push(between, &[])
        .push("streams s", &[]);
    for (table, _) in further {
        q.push(between, &[]).push(table, &[]);
    }
    q.push(" WHERE s.id = c.id", &[]);
    for (_, joined) in further {
        q.and(joined, &[]);
    }
    match viewer {
        Viewer::System(_) => {}
        Viewer::Staff { user, .. } if office => {
            q.and(
                "(c.restricted = 0 OR EXISTS (SELECT 1 FROM case_members m WHERE m.account = ? AND m.case_id = c.id))",
                args![*user],
            );
        }
        Viewer::Staff { user, .. } => {
            q.and("c.id = m.case_id AND m.account = ?", args![*user]);
        }
        Viewer::Reporter { .. } | Viewer::Guest { .. } | Viewer::Public => {
            q.and("1 = 0", args![]);
        }
    }
    Ok(q)
}

/// A keyset cursor: the sort value and the id of the last row.
pub(crate) fn parse_cursor(cursor: &str) -> Option<(i64, uuid::Uuid)> {
    let (value, id) = cursor.split_once('.')?;
    Some((value.parse().ok()?, id.parse().ok()?))
}
