//! Every table with its columns, for what walks over all of them: verification and backup. A test
//! compares this list with the schema, so that a new table cannot be forgotten.

use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A UUID; SQLite gives it back as 16 bytes.
    Id,
    /// A whole number.
    Int,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}
use Kind::{Bytes, Id, Int, Text};

/// How the verification checks a row with keys.
#[derive(Clone, Copy)]
pub(crate) enum Check {
    /// By opening it.
    Row(fn(&mut Tx<'_>, &Row) -> Result<(), StoreError>),
    /// By opening it and its file.
    File,
    /// With the journal, the log or the case that it belongs to.
    Elsewhere,
    /// Not at all: it carries no content and nothing that could be compared.
    Clear,
}

/// One table.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
    /// How many of the first columns are the primary key.
    pub(crate) key: usize,
    pub(crate) check: Check,
}

/// Every table, in an order in which rows can be inserted.
#[rustfmt::skip]
pub(crate) const TABLES: &[Table] = &[
    Table { name: "meta", columns: &[("name", Text), ("value", Bytes)], key: 1, check: Check::Elsewhere },
    Table { name: "streams", columns: &[("id", Id), ("kind", Text), ("version", Int), ("head", Bytes), ("wrapped_key", Bytes), ("created_at", Int)], key: 1, check: Check::Elsewhere },
    Table { name: "journal", columns: &[("stream", Id), ("seq", Int), ("at", Int), ("actor", Text), ("kind", Text), ("payload", Bytes), ("prev", Bytes), ("hash", Bytes)], key: 2, check: Check::Elsewhere },
    Table { name: "unordered", columns: &[("stream", Id), ("seq", Int)], key: 2, check: Check::Elsewhere },
    Table { name: "leaves", columns: &[("n", Int), ("stream", Id), ("seq", Int), ("salt", Bytes), ("hash", Bytes)], key: 1, check: Check::Elsewhere },
    Table { name: "nodes", columns: &[("level", Int), ("n", Int), ("hash", Bytes)], key: 2, check: Check::Elsewhere },
    Table { name: "erasures", columns: &[("kind", Text), ("id", Id)], key: 2, check: Check::Clear },
    Table { name: "checkpoints", columns: &[("size", Int), ("at", Int), ("root", Bytes), ("note", Text)], key: 1, check: Check::Elsewhere },
    Table { name: "snapshots", columns: &[("stream", Id), ("version", Int), ("body", Bytes)], key: 1, check: Check::Row(crate::snapshots::check_row) },
    Table { name: "counters", columns: &[("name", Text), ("value", Int)], key: 1, check: Check::Clear },
    Table { name: "cases", columns: &[("id", Id), ("number", Int), ("version", Int), ("stage", Text), ("is_open", Int), ("priority", Text), ("source", Text), ("owner", Id), ("restricted", Int), ("next_step", Text), ("next_due", Int), ("opened_at", Int), ("updated_at", Int), ("body", Bytes)], key: 1, check: Check::Row(crate::cases::check_row) },
    Table { name: "case_members", columns: &[("account", Id), ("case_id", Id)], key: 2, check: Check::Elsewhere },
    Table { name: "clocks", columns: &[("case_id", Id), ("n", Int), ("due_at", Int), ("ours", Int), ("paused", Int), ("kind", Text), ("alarmed_at", Int)], key: 2, check: Check::Elsewhere },
    Table { name: "reports", columns: &[("id", Id), ("number", Int), ("case_id", Id), ("reference", Text), ("receipt", Bytes), ("received_at", Int), ("body", Bytes)], key: 1, check: Check::Row(crate::reports::check_row) },
    Table { name: "messages", columns: &[("id", Id), ("case_id", Id), ("thread", Id), ("audience", Text), ("at", Int), ("wrapped_key", Bytes), ("body", Bytes)], key: 1, check: Check::Row(crate::messages::check_row) },
    Table { name: "vault", columns: &[("report", Id), ("case_id", Id), ("wrapped_key", Bytes), ("body", Bytes)], key: 1, check: Check::Row(crate::vault::check_row) },
    Table { name: "attachments", columns: &[("id", Id), ("case_id", Id), ("at", Int), ("wrapped_key", Bytes), ("body", Bytes)], key: 1, check: Check::File },
    Table { name: "case_words", columns: &[("case_number", Int), ("waiting", Int), ("fresh", Bytes), ("merged", Bytes)], key: 1, check: Check::Clear },
    Table { name: "postings", columns: &[("token", Bytes), ("first_case", Int), ("cases", Bytes)], key: 2, check: Check::Clear },
    Table { name: "accounts", columns: &[("id", Id), ("login", Bytes), ("disabled", Int), ("roles", Text), ("created_at", Int), ("body", Bytes)], key: 1, check: Check::Row(crate::accounts::check_row) },
    Table { name: "sessions", columns: &[("token", Bytes), ("id", Id), ("account", Id), ("report", Id), ("created_at", Int), ("seen_at", Int), ("expires_at", Int), ("body", Bytes)], key: 1, check: Check::Row(crate::sessions::check_row) },
    Table { name: "api_tokens", columns: &[("token", Bytes), ("id", Id), ("account", Id), ("scopes", Text), ("created_at", Int), ("expires_at", Int), ("body", Bytes)], key: 1, check: Check::Row(crate::accounts::check_token_row) },
    Table { name: "links", columns: &[("token", Bytes), ("kind", Text), ("account", Id), ("expires_at", Int), ("used_at", Int), ("body", Bytes)], key: 1, check: Check::Row(crate::accounts::check_link_row) },
    Table { name: "registers", columns: &[("kind", Text), ("id", Id), ("version", Int), ("updated_at", Int), ("body", Bytes)], key: 2, check: Check::Row(crate::registers::check_row) },
    Table { name: "advisories", columns: &[("public_id", Text), ("revision", Int), ("is_current", Int), ("case_id", Id), ("file_name", Text), ("imported", Int), ("first_released_at", Int), ("released_at", Int), ("listing", Bytes), ("document", Bytes), ("signature", Bytes), ("mac", Bytes)], key: 2, check: Check::Row(crate::advisories::check_row) },
    Table { name: "subscriptions", columns: &[("id", Id), ("address", Bytes), ("confirmed_at", Int), ("token", Bytes), ("created_at", Int), ("body", Bytes)], key: 1, check: Check::Row(crate::subscriptions::check_row) },
    Table { name: "guest_links", columns: &[("token", Bytes), ("id", Id), ("case_id", Id), ("participant", Id), ("created_at", Int), ("expires_at", Int), ("revoked_at", Int), ("body", Bytes)], key: 1, check: Check::Row(crate::guest_links::check_row) },
    Table { name: "packages", columns: &[("n", Int), ("key", Text), ("name", Text)], key: 1, check: Check::Elsewhere },
    Table { name: "package_versions", columns: &[("n", Int), ("package", Int), ("version", Text), ("scope", Text)], key: 1, check: Check::Elsewhere },
    Table { name: "package_aliases", columns: &[("alias", Text), ("package_version", Int)], key: 2, check: Check::Clear },
    Table { name: "sboms", columns: &[("n", Int), ("id", Id), ("product", Id), ("taken_at", Int), ("body", Bytes), ("graph", Bytes)], key: 1, check: Check::Row(crate::inventory::check_row) },
    Table { name: "contains", columns: &[("package_version", Int), ("sbom", Int)], key: 2, check: Check::Elsewhere },
    Table { name: "product_users", columns: &[("id", Id), ("product", Id), ("body", Bytes)], key: 1, check: Check::Row(crate::product_users::check_row) },
    Table { name: "world_advisories", columns: &[("n", Int), ("id", Text), ("seen_at", Int), ("is_current", Int), ("body", Bytes)], key: 1, check: Check::Row(crate::watch::check_row) },
    Table { name: "world_packages", columns: &[("package", Text), ("advisory", Int)], key: 2, check: Check::Elsewhere },
    Table { name: "findings", columns: &[("id", Id), ("product", Id), ("state", Text), ("found_at", Int), ("changed_at", Int), ("body", Bytes)], key: 1, check: Check::Row(crate::watch::check_finding) },
    Table { name: "finding_names", columns: &[("name", Bytes), ("product", Id), ("finding", Id)], key: 2, check: Check::Elsewhere },
    Table { name: "signal_lists", columns: &[("kind", Text), ("day", Text), ("seen_at", Int), ("body", Bytes)], key: 2, check: Check::Row(crate::watch::check_list) },
    Table { name: "watch_sources", columns: &[("id", Id), ("next_at", Int), ("body", Bytes)], key: 1, check: Check::Row(crate::watch::check_source) },
    Table { name: "jobs", columns: &[("id", Id), ("kind", Text), ("dedupe", Text), ("state", Text), ("run_at", Int), ("lease_until", Int), ("attempts", Int), ("body", Bytes)], key: 1, check: Check::Row(crate::jobs::check_row) },
    Table { name: "idempotency", columns: &[("key", Bytes), ("request", Bytes), ("at", Int), ("body", Bytes)], key: 1, check: Check::Clear },
    Table { name: "limits", columns: &[("key", Bytes), ("tokens", Int), ("at", Int)], key: 1, check: Check::Clear },
];

impl Table {
    /// The columns as a list for a statement.
    pub(crate) fn column_list(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    /// A row's primary key in words, so that an operator finds it. Every one is an id or a hash.
    pub(crate) fn key_of(&self, row: &Row) -> String {
        let words = row.values().iter().take(self.key).map(|v| match v {
            Val::Null => "-".to_owned(),
            Val::Int(v) => v.to_string(),
            Val::Text(v) => v.clone(),
            Val::Bytes(v) => data_encoding::HEXLOWER.encode(v),
            Val::Id(v) => v.to_string(),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// A value in the form that is the same for both engines.
    fn canonical(kind: Kind, value: Val) -> Result<Val, StoreError> {
        match (kind, value) {
            (Id, Val::Bytes(b)) => uuid::Uuid::from_slice(&b)
                .map(Val::Id)
                .map_err(|_| StoreError::Damaged("an id has a wrong length".to_owned())),
            (Id, v @ Val::Id(_))
            | (Int, v @ Val::Int(_))
            | (Text, v @ Val::Text(_))
            | (Bytes, v @ Val::Bytes(_))
            | (_, v @ Val::Null) => Ok(v),
            _ => Err(StoreError::Damaged("a value has a wrong type".to_owned())),
        }
    }

    /// The rows after `last` in the order of the primary key, in canonical form.
    pub(crate) fn page(
        &self,
        tx: &mut Tx<'_>,
        last: Option<&Row>,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let key: Vec<&str> = self.columns.iter().take(self.key).map(|c| c.0).collect();
        let key = key.join(", ");
        let mut args: Vec<Val> = last
            .map(|r| r.values().iter().take(self.key).cloned().collect())
            .unwrap_or_default();
        let after = if args.is_empty() {
            String::new()
        } else {
            let places: Vec<String> = (1..=args.len()).map(|i| format!("${i}")).collect();
            format!("WHERE ({key}) > ({})", places.join(", "))
        };
        args.push(Val::from(limit));
        let sql = format!(
            "SELECT {} FROM {} {after} ORDER BY {key} LIMIT ${}",
            self.column_list(),
            self.name,
            args.len()
        );
        let damaged = |e| match e {
            StoreError::Damaged(what) => {
                StoreError::Damaged(format!("table {}: {what}", self.name))
            }
            e => e,
        };
        let rows = tx.all(&sql, &args).map_err(damaged)?;
        rows.into_iter()
            .map(|row| {
                let values = row
                    .0
                    .into_iter()
                    .zip(self.columns)
                    .map(|(value, (_, kind))| Self::canonical(*kind, value));
                values.collect::<Result<_, _>>().map(Row).map_err(damaged)
            })
            .collect()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::{Db, Keyring, Location, OpenOptions, Random};
    use rand_chacha::rand_core::SeedableRng;

    #[tokio::test]
    async fn every_table_and_column_of_the_schema_is_listed() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(OpenOptions {
            location: Location::Sqlite(folder.path().join("entente.sqlite")),
            data_dir: folder.path().to_owned(),
            keys: Keyring::from_instance_key([7; 32]),
            random: Random::new(rand_chacha::ChaCha20Rng::seed_from_u64(1)),
            readers: 1,
            read_only: false,
        })
        .await
        .unwrap();
        let rows = db
            .read(|tx| {
                tx.all(
                    "SELECT m.name, p.name, p.pk, p.type FROM sqlite_schema m, pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, p.cid",
                    &[],
                )
            })
            .await
            .unwrap();
        let mut schema: Vec<String> = rows
            .iter()
            .map(|r| {
                format!(
                    "{}.{} {} {}",
                    r.text(0).unwrap(),
                    r.text(1).unwrap(),
                    r.int(2).unwrap(),
                    r.text(3).unwrap()
                )
            })
            .collect();
        let mut listed = Vec::new();
        for table in TABLES {
            for (i, (column, kind)) in table.columns.iter().enumerate() {
                let place = if i < table.key { i + 1 } else { 0 };
                let kind = match kind {
                    Id | Bytes => "BLOB",
                    Int => "INTEGER",
                    Text => "TEXT",
                };
                listed.push(format!("{}.{column} {place} {kind}", table.name));
            }
        }
        schema.sort();
        listed.sort();
        assert_eq!(schema, listed);
    }
}
