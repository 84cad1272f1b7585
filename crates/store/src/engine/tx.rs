//! A transaction, the same for both engines.

use super::value::{Row, Val};
use super::{STATEMENTS, Shared};
use crate::error::StoreError;
use crate::keys::Keyring;
use crate::random::Random;
use rusqlite::types::{ToSqlOutput, ValueRef};
use std::collections::HashMap;
use std::sync::atomic::Ordering;

/// Which engine a transaction runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// The server.
    Postgres,
}

/// A transaction. Every function of the registers takes one.
pub struct Tx<'a> {
    pub(super) on: On<'a>,
    pub(super) shared: &'a Shared,
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

impl Tx<'_> {
    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match self.on {
            On::Sqlite(_) => Engine::Sqlite,
            On::Postgres(_) => Engine::Postgres,
        }
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
            row.try_get::<_, Option<uuid::Uuid>>(i)?
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
