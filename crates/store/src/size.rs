//! How much room the database takes. The one question that each engine is asked in its own words.

use crate::args;
use crate::engine::{Engine, Tx};
use crate::error::StoreError;

const SQLITE: &str = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
const POSTGRES: &str = "SELECT pg_database_size(current_database())";

/// Bytes of the database, without attachments.
pub fn bytes(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let sql = match tx.engine() {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    tx.one(sql, args![])?.map_or(Ok(0), |r| r.int(0))
}
