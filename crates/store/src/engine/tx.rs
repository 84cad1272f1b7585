//! A transaction, the same for both engines.

use super::value::{Row, Val};
use super::{STATEMENTS, Shared};
use crate::error::StoreError;
use crate::keys::Keyring;
use crate::random::Random;
use entente_domain::access::{SystemViewer, Viewer};
use rusqlite::types::{ToSqlOutput, ValueRef};
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use uuid::Uuid;

/// Which engine a transaction runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// The server.
    Postgres,
}

/// Nobody's eyes.
const CLOSED: &str = "SET LOCAL entente.scope = 'none'";

/// A transaction. Every function of the registers takes one.
pub struct Tx<'a> {
    on: On<'a>,
    shared: &'a Shared,
    /// Whether it may write; such a transaction sees every row (see [`Tx::act_as`]).
    writes: bool,
    /// Whose eyes it has, for row-level security.
    acting: Option<String>,
}

pub(super) enum On<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(PgTx<'a>),
}

pub(super) struct PgTx<'a> {
    pub(super) runtime: &'a tokio::runtime::Handle,
    pub(super) client: &'a tokio_postgres::Client,
    pub(super) prepared: &'a mut HashMap<String, tokio_postgres::Statement>,
}

impl<'a> Tx<'a> {
    pub(super) fn new(on: On<'a>, shared: &'a Shared, writes: bool) -> Self {
        Self {
            on,
            shared,
            writes,
            acting: None,
        }
    }

    /// States for whom this transaction reads. On PostgreSQL, row-level security shows the rows
    /// of cases to nobody until this was called, and then only what the viewer may see: the
    /// second lock behind the scope of each query (decision 20).
    ///
    /// A transaction that writes decides over rows that its viewer does not see (numbers, merges,
    /// the membership that it takes away), so it has the eyes of the writer and this does nothing.
    pub fn act_as(&mut self, viewer: &Viewer) -> Result<(), StoreError> {
        let On::Postgres(pg) = &self.on else {
            return Ok(());
        };
        if self.writes {
            return Ok(());
        }
        // Words and ids only, so that nothing has to be quoted.
        let (scope, account, report, room) = match viewer {
            Viewer::System(_) => ("all", None, None, None),
            Viewer::Staff { user, .. } if viewer.sees_unrestricted_cases() => {
                ("office", Some(user.0), None, None)
            }
            Viewer::Staff { user, .. } => ("member", Some(user.0), None, None),
            Viewer::Reporter { report } => ("reporter", None, Some(report.0), None),
            Viewer::Guest { case, participant } => {
                ("guest", None, None, Some((case.0, participant.0)))
            }
            Viewer::Public => ("none", None, None, None),
        };
        let id = |id: Option<Uuid>| id.map_or(String::new(), |id| id.to_string());
        let sql = format!(
            "SET LOCAL entente.scope = '{scope}'; SET LOCAL entente.account = '{}'; SET LOCAL entente.report = '{}'; SET LOCAL entente.room = '{}'; SET LOCAL entente.thread = '{}'",
            id(account),
            id(report),
            id(room.map(|r| r.0)),
            id(room.map(|r| r.1)),
        );
        if self.acting.as_ref() != Some(&sql) {
            pg.runtime.block_on(pg.client.batch_execute(&sql))?;
            self.acting = Some(sql);
        }
        Ok(())
    }

    /// Runs a lookup that answers ids only with the eyes of named background work, and closes
    /// them again.
    pub(crate) fn as_system<T>(
        &mut self,
        name: SystemViewer,
        f: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let before = self.acting.clone();
        self.act_as(&Viewer::System(name))?;
        let found = f(self);
        if let On::Postgres(pg) = &self.on
            && !self.writes
            && before != self.acting
        {
            let sql = before.clone().unwrap_or_else(|| CLOSED.to_owned());
            pg.runtime.block_on(pg.client.batch_execute(&sql))?;
            self.acting = before;
        }
        found
    }

    /// Refuses to read rows of cases before [`Tx::act_as`], where row-level security would show
    /// an empty table instead: a forgotten viewer must be an error, not an empty page.
    pub(crate) fn needs_viewer(&self) -> Result<(), StoreError> {
        match &self.on {
            On::Postgres(_) if !self.writes && self.acting.is_none() => Err(StoreError::Database(
                "rows of a case were read before the viewer was stated; call act_as first"
                    .to_owned(),
            )),
            _ => Ok(()),
        }
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match self.on {
            On::Sqlite(_) => Engine::Sqlite,
            On::Postgres(_) => Engine::Postgres,
        }
    }

    /// Whether this transaction may write, so that what it reads may yet be rolled back.
    pub fn is_writing(&self) -> bool {
        self.writes
    }

    /// The instance's keys.
    pub fn keys(&self) -> &Keyring {
        self.shared.keys()
    }

    pub(crate) fn shared(&self) -> &Shared {
        self.shared
    }

    /// The source of randomness.
    pub fn random(&self) -> &Random {
        &self.shared.random
    }

    /// Executes a statement; answers how many rows it changed.
    pub fn execute(&mut self, sql: &str, args: &[Val]) -> Result<u64, StoreError> {
        STATEMENTS.fetch_add(1, Ordering::Relaxed);
        match &mut self.on {
            On::Sqlite(connection) => {
                still_open(connection)?;
                let mut statement = connection.prepare_cached(sql)?;
                bind(&mut statement, args)?;
                Ok(u64::try_from(statement.raw_execute()?).unwrap_or(0))
            }
            On::Postgres(pg) => {
                let statement = pg.prepare(sql)?;
                let args: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
                    args.iter().map(|a| a as _).collect();
                Ok(pg.runtime.block_on(pg.client.execute(&statement, &args))?)
            }
        }
    }

    /// All rows of an answer.
    pub fn all(&mut self, sql: &str, args: &[Val]) -> Result<Vec<Row>, StoreError> {
        STATEMENTS.fetch_add(1, Ordering::Relaxed);
        match &mut self.on {
            On::Sqlite(connection) => {
                still_open(connection)?;
                let mut statement = connection.prepare_cached(sql)?;
                bind(&mut statement, args)?;
                let columns = statement.column_count();
                let mut rows = statement.raw_query();
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    let mut values = Vec::with_capacity(columns);
                    for i in 0..columns {
                        values.push(match row.get_ref(i)? {
                            ValueRef::Null => Val::Null,
                            ValueRef::Integer(v) => Val::Int(v),
                            ValueRef::Real(_) => {
                                return Err(StoreError::Damaged(format!(
                                    "column {i} holds a fraction"
                                )));
                            }
                            ValueRef::Text(v) => {
                                Val::Text(String::from_utf8(v.to_vec()).map_err(|_| {
                                    StoreError::Damaged(format!("column {i} is not UTF-8"))
                                })?)
                            }
                            ValueRef::Blob(v) => Val::Bytes(v.to_vec()),
                        });
                    }
                    found.push(Row(values));
                }
                Ok(found)
            }
            On::Postgres(pg) => {
                let statement = pg.prepare(sql)?;
                let args: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
                    args.iter().map(|a| a as _).collect();
                let rows = pg.runtime.block_on(pg.client.query(&statement, &args))?;
                rows.iter().map(pg_row).collect()
            }
        }
    }

    /// The first row of an answer, if there is one.
    pub fn one(&mut self, sql: &str, args: &[Val]) -> Result<Option<Row>, StoreError> {
        Ok(self.all(sql, args)?.into_iter().next())
    }

    /// Prepares a statement without running it; answers its number of columns. For tests.
    pub fn prepare(&mut self, sql: &str) -> Result<usize, StoreError> {
        match &mut self.on {
            On::Sqlite(connection) => Ok(connection.prepare(sql)?.column_count()),
            On::Postgres(pg) => Ok(pg.prepare(sql)?.columns().len()),
        }
    }
}

impl PgTx<'_> {
    fn prepare(&mut self, sql: &str) -> Result<tokio_postgres::Statement, StoreError> {
        if let Some(known) = self.prepared.get(sql) {
            return Ok(known.clone());
        }
        let statement = self.runtime.block_on(self.client.prepare(sql))?;
        if self.prepared.len() < 500 {
            self.prepared.insert(sql.to_owned(), statement.clone());
        }
        Ok(statement)
    }
}

/// On a full disk SQLite ends the whole transaction by itself; what a job would do after that
/// would be committed statement by statement, so it does nothing any more.
fn still_open(connection: &rusqlite::Connection) -> Result<(), StoreError> {
    if connection.is_autocommit() {
        return Err(StoreError::Database(
            "the database has ended the transaction".to_owned(),
        ));
    }
    Ok(())
}

/// SQLite numbers `$3` by first appearance, so values are bound by name.
fn bind(statement: &mut rusqlite::Statement<'_>, args: &[Val]) -> Result<(), StoreError> {
    for (n, value) in args.iter().enumerate() {
        let name = format!("${}", n + 1);
        let Some(index) = statement.parameter_index(&name)? else {
            return Err(StoreError::Database(format!("the statement has no {name}")));
        };
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

impl rusqlite::ToSql for Val {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Val::Null => ValueRef::Null,
            Val::Int(v) => ValueRef::Integer(*v),
            Val::Text(v) => ValueRef::Text(v.as_bytes()),
            Val::Bytes(v) => ValueRef::Blob(v),
            Val::Id(v) => ValueRef::Blob(v.as_bytes()),
        }))
    }
}

impl tokio_postgres::types::ToSql for Val {
    fn to_sql(
        &self,
        ty: &tokio_postgres::types::Type,
        out: &mut tokio_postgres::types::private::BytesMut,
    ) -> Result<tokio_postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Val::Null => Ok(tokio_postgres::types::IsNull::Yes),
            Val::Int(v) => v.to_sql(ty, out),
            Val::Text(v) => v.to_sql(ty, out),
            Val::Bytes(v) => v.to_sql(ty, out),
            Val::Id(v) => v.to_sql(ty, out),
        }
    }

    fn accepts(_ty: &tokio_postgres::types::Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

fn pg_row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    use tokio_postgres::types::Type;
    let mut values = Vec::with_capacity(row.len());
    for (i, column) in row.columns().iter().enumerate() {
        let ty = column.type_();
        let value = if *ty == Type::INT8 {
            row.try_get::<_, Option<i64>>(i)?
                .map_or(Val::Null, Val::Int)
        } else if *ty == Type::TEXT {
            row.try_get::<_, Option<String>>(i)?
                .map_or(Val::Null, Val::Text)
        } else if *ty == Type::BYTEA {
            row.try_get::<_, Option<Vec<u8>>>(i)?
                .map_or(Val::Null, Val::Bytes)
        } else if *ty == Type::UUID {
            row.try_get::<_, Option<Uuid>>(i)?
                .map_or(Val::Null, Val::Id)
        } else {
            return Err(StoreError::Database(format!(
                "column {i} has the type {ty}"
            )));
        };
        values.push(value);
    }
    Ok(Row(values))
}
